//! How big the type of a poster can be so that its meetings fit on one page. Reckons with widths that most typefaces keep.

/// Sizes in points, the biggest first; poster.css has a class `t0`, `t1` … for each.
const SIZES: [f64; 11] = [34.0, 30.0, 26.5, 23.5, 21.0, 19.0, 17.0, 15.5, 14.0, 12.5, 11.5];
/// So big a title stands whole, or is made smaller.
const WHOLE: f64 = 19.0;
const MM_PER_POINT: f64 = 25.4 / 72.0;

// As in poster.css, in the size of the type.
const DAY_COLUMN: f64 = 5.0;
const TIME_COLUMN: f64 = 3.7;
const TITLE_LINE: f64 = 1.18;
const DETAILS_LINE: f64 = 1.0;
const AFTER_ROW: f64 = 0.45;
const AFTER_DAY: f64 = 0.35;
/// How wide a letter is, at most, as a mean of what people write.
const LETTER: f64 = 0.62;
const TITLE_LINES: f64 = 2.0;

/// Paper less its margins, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    pub width: f64,
    pub height: f64,
}

/// One meeting, as far as its size goes.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Of the title, in letters.
    pub letters: usize,
    pub has_details: bool,
    pub begins_day: bool,
}

/// The class of the size, and how many of the rows there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    pub size: usize,
    pub rows: usize,
}

impl Row {
    pub fn new(title: &str, has_details: bool, begins_day: bool) -> Self {
        Self { letters: width(title), has_details, begins_day }
    }

    fn height(&self, size: f64, room: Room) -> f64 {
        let em = size * MM_PER_POINT;
        let in_line = ((room.width / em - DAY_COLUMN - TIME_COLUMN) / LETTER).max(1.0);
        // a word that does not fit goes to the next line whole
        let lines = (self.letters as f64 * 1.08 / in_line).ceil().max(1.0);
        if lines > TITLE_LINES && size >= WHOLE {
            return f64::INFINITY;
        }
        let lines = lines.min(TITLE_LINES);
        let details = if self.has_details { DETAILS_LINE } else { 0.0 };
        let day = if self.begins_day { AFTER_DAY } else { 0.0 };
        (lines * TITLE_LINE + details + AFTER_ROW + day) * em
    }
}

/// In letters; those of Chinese, Japanese and Korean are twice as wide.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'..) { 2 } else { 1 }).sum()
}

/// All rows as big as they can be; where they do not fit at all, as many as do.
pub fn fit(rows: &[Row], room: Room) -> Fit {
    let height = |size: f64, rows: &[Row]| rows.iter().map(|row| row.height(size, room)).sum::<f64>();
    if let Some(size) = SIZES.iter().position(|size| height(*size, rows) <= room.height) {
        return Fit { size, rows: rows.len() };
    }
    let smallest = SIZES.len() - 1;
    let size = SIZES.last().copied().unwrap_or_default();
    let room_less_a_line = room.height - 2.0 * TITLE_LINE * size * MM_PER_POINT;
    let fitting = (0..rows.len()).rev().find(|count| height(size, rows.get(..*count).unwrap_or(&[])) <= room_less_a_line);
    Fit { size: smallest, rows: fitting.unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { width: 186.0, height: 181.0 };

    fn rows(count: usize, title: &str) -> Vec<Row> {
        (0..count).map(|number| Row::new(title, true, number % 2 == 0)).collect()
    }

    #[test]
    fn few_meetings_are_big_and_many_small() {
        let size = |count| fit(&rows(count, "Weekly meeting of the kitchen"), ROOM);
        assert_eq!(size(0), Fit { size: 0, rows: 0 });
        assert!(size(2).size <= 2 && size(2).rows == 2);
        assert!(size(8).size <= 6, "a normal week is read from three steps away: {:?}", size(8));
        assert!((1..=14).all(|count| size(count).rows == count), "none is left out of a busy week");
        assert!((1..40).all(|count| size(count).size <= size(count + 1).size));
        let crowd = size(300);
        assert!(crowd.size == SIZES.len() - 1 && (14..40).contains(&crowd.rows), "{crowd:?}");
    }

    #[test]
    fn long_titles_take_two_lines_and_no_more() {
        let long = fit(&rows(6, &"long ".repeat(40)), ROOM);
        let two = fit(&rows(6, &"long ".repeat(12)), ROOM);
        assert!(long.size >= two.size && long.rows == 6);
        let lone = |letters| fit(&rows(1, &"x".repeat(letters)), ROOM).size;
        assert!(lone(10) < lone(50) && lone(50) < lone(90), "a long title is smaller rather than cut");
        assert_eq!(width("会議 ok"), 7);
        assert_eq!(fit(&rows(1, "x"), Room { width: 1.0, height: 1.0 }).rows, 0);
    }
}
