//! How a member wants to be told, and what we refuse.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
};

/// Nobody is told more often.
pub const PAUSE: Duration = Duration::from_secs(3_600);
/// A code is good for so long,
pub const GOOD: Duration = Duration::from_secs(24 * 3_600);
/// and for so many tries.
pub const TRIES: i64 = 5;

/// What one member chose. Nothing of it is on unless they said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    pub member: Uuid,
    /// Hash of the key in the address of their feed.
    pub feed: Option<String>,
    /// Id of their own account on another server.
    pub account: Option<String>,
    /// Hash of what was sent to it; until they have typed that in here, nothing else is.
    pub code: Option<String>,
    pub tries: i64,
    /// When the code was sent; the hour.
    pub asked: Option<Timestamp>,
    /// When the latest thing came of which they were told.
    pub told: Timestamp,
    /// When they were told last; the hour.
    pub heard: Timestamp,
}

/// Why somebody is not told that way. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nobody was found under {0}")]
    Unknown(String),
    #[error("{0} cannot be written to from here")]
    Unreachable(String),
    #[error("a code was sent a moment ago: wait an hour before asking for another one")]
    TooSoon,
    #[error("this is not the code that was sent")]
    Wrong,
    #[error("no code waits to be typed in: ask for a new one")]
    NoCode,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Unknown(handle) => Said::new("notices-refused-unknown").with("handle", handle).about("account"),
            Refusal::Unreachable(handle) => Said::new("notices-refused-unreachable").with("handle", handle).about("account"),
            Refusal::TooSoon => Said::new("notices-refused-soon").about("account"),
            Refusal::Wrong => Said::new("notices-refused-wrong").about("code"),
            Refusal::NoCode => Said::new("notices-refused-none").about("code"),
        };
        Error::refused_in_words(refusal, said)
    }
}

impl Notices {
    /// Nothing is on.
    pub fn none(member: Uuid) -> Self {
        let (told, heard) = (Timestamp::default(), Timestamp::default());
        Self { member, feed: None, account: None, code: None, tries: 0, asked: None, told, heard }
    }

    /// Where they are to be told, if they confirmed that it is theirs.
    pub fn confirmed(&self) -> Option<&str> {
        self.account.as_deref().filter(|_| self.code.is_none())
    }

    /// Is it time to say that something waits, which came at `latest`?
    pub fn is_due(&self, latest: Timestamp, now: Timestamp) -> bool {
        latest > self.told && now >= self.heard + PAUSE
    }
}

/// The beginning of the hour.
pub fn hour(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds() - time.seconds().rem_euclid(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_twice_of_the_same_or_twice_within_an_hour() {
        let at = |minutes: i64| Timestamp::from_seconds(1_795_521_600 + minutes * 60);
        let never = Notices::none(Uuid::nil());
        assert!(never.is_due(at(0), at(1)));
        let told = Notices { told: at(0), heard: hour(at(1)), ..never };
        assert!(!told.is_due(at(0), at(600)), "of the same");
        assert!(!told.is_due(at(2), at(59)) && told.is_due(at(2), at(60)), "too soon");
    }
}
