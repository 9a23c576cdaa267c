//! Whether the meetings of a series take place: somebody who was there says so, once in a while. Where nobody did for a while, people
//! are told before they walk to a meeting that is none.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
};

/// A series is unconfirmed when nobody said of so many of its meetings, one after the other, that they took place.
pub const TIMES: usize = 3;

/// So long a group is asked whether a meeting took place.
pub const ASKED: Duration = Duration::from_secs(14 * 24 * 3_600);

/// A meeting of a series that is over, and was not called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    pub starts: Timestamp,
    /// Somebody said that it took place, or something shows it: [`took_place`](super::actions::took_place).
    pub confirmed: bool,
}

/// Did nobody confirm any of the last ones? Counted from when the group itself last changed the series: who changes it means it.
pub fn is_doubtful(last_first: &[Over], since: Timestamp) -> bool {
    let counted = last_first.iter().take(TIMES).filter(|over| over.starts >= since && !over.confirmed);
    counted.count() == TIMES
}

/// Why it is not noted whether a meeting took place. The text is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this meeting is not over yet")]
    NotOver,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = Said::new(match refusal {
            Refusal::NotOver => "met-refused-not-over",
        });
        Error::refused_in_words(refusal, said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_doubtful_when_its_last_three_meetings_were_confirmed_by_nobody() {
        let day = |day: i64| Timestamp::from_seconds(day * 24 * 3_600);
        let (yes, no) = (true, false);
        let table: [(&[(i64, bool)], i64, bool); 9] = [
            (&[], 0, false),
            (&[(9, no), (8, no)], 0, false),
            (&[(9, no), (8, no), (7, no)], 0, true),
            (&[(9, no), (8, no), (7, no), (6, yes)], 0, true),
            (&[(9, yes), (8, no), (7, no), (6, no)], 0, false),
            (&[(9, no), (8, yes), (7, no), (6, no)], 0, false),
            (&[(9, no), (8, no), (7, yes), (6, no)], 0, false),
            (&[(9, no), (8, no), (7, no)], 7, true),
            (&[(9, no), (8, no), (7, no)], 8, false),
        ];
        for (over, since, expected) in table {
            let last: Vec<Over> = over.iter().map(|(on, confirmed)| Over { starts: day(*on), confirmed: *confirmed }).collect();
            assert_eq!(is_doubtful(&last, day(since)), expected, "{over:?} since {since}");
        }
    }
}
