//! Long lists, a page at a time: where a page begins is said by the row before it, so that deep pages cost what the first one does.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::clock::Timestamp;

/// A row's place in a list that is ordered by time, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub time: Timestamp,
    pub id: Uuid,
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    #[default]
    First,
    /// What follows this row.
    After(Mark),
    /// What leads up to this row.
    Before(Mark),
}

impl Turn {
    /// Of rows in the list's order, of which one more was asked for than a page holds: those of this page, and whether there
    /// are others before and after it.
    pub fn cut<T>(self, mut rows: Vec<T>, page: usize) -> (Vec<T>, bool, bool) {
        let more = rows.len() > page;
        match self {
            Self::Before(_) => {
                rows.drain(..rows.len().saturating_sub(page));
                (rows, more, true)
            }
            _ => {
                rows.truncate(page);
                (rows, self != Self::First, more)
            }
        }
    }
}

/// As it stands in an address: microseconds and id.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.time.micros(), self.id.simple())
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (time, id) = text.split_once('.').ok_or(())?;
        let time = Timestamp::from_micros(time.parse().map_err(|_| ())?);
        Ok(Self { time, id: Uuid::try_parse(id).map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_others_are_before_and_after_it() {
        let mark = Mark { time: Timestamp::from_seconds(1), id: Uuid::from_u128(1) };
        let table = [
            (Turn::First, 2, (vec![0, 1], false, false)),
            (Turn::First, 3, (vec![0, 1], false, true)),
            (Turn::After(mark), 1, (vec![0], true, false)),
            (Turn::After(mark), 3, (vec![0, 1], true, true)),
            (Turn::Before(mark), 2, (vec![0, 1], false, true)),
            (Turn::Before(mark), 3, (vec![1, 2], true, true)),
        ];
        for (turn, found, expected) in table {
            assert_eq!(turn.cut((0..found).collect(), 2), expected, "{turn:?} {found}");
        }
    }

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = Mark { time: Timestamp::from_micros(-5), id: Uuid::from_u128(7) };
        assert_eq!(mark.to_string().parse(), Ok(mark));
        for wrong in ["", ".", "1", "x.00000000000000000000000000000007", "1.x", "99999999999999999999.7", "1.%00"] {
            assert_eq!(wrong.parse::<Mark>(), Err(()), "{wrong}");
        }
    }
}
