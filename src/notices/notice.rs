//! How a member wants to be told, and what we refuse.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
};

/// Group and kind of what waits: how many, and when the latest came, in microseconds, where that is kept.
pub type Waiting = BTreeMap<String, (i64, i64)>;

/// Nobody is told more often.
pub const PAUSE: Duration = Duration::from_secs(3_600);
/// A code is good for so long,
pub const GOOD: Duration = Duration::from_secs(24 * 3_600);
/// and for so many tries.
pub const TRIES: i64 = 5;

/// In place of the hash of a code that is good for nothing any more. That one was sent is kept as long as it would have been good: or
/// several members together, who think better of it again and again, write to somebody as often as they like.
pub const DEAD: &str = "";

/// What one member chose. Nothing of it is on unless they said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    pub member: Uuid,
    /// Hash of the key in the address of their feed.
    pub feed: Option<String>,
    /// Id of their own account on another server.
    pub account: Option<String>,
    /// Hash of what was sent to it, or [`DEAD`]; until they have typed that in here, nothing else is.
    pub code: Option<String>,
    pub tries: i64,
    /// When the code was sent; the minute.
    pub asked: Option<Timestamp>,
    /// What waited when they were told last, less what was done since.
    pub told: Waiting,
    /// When they were told last; the minute.
    pub heard: Timestamp,
}

/// Why somebody is not told that way. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("write the name of your account there, such as @ana@mastodon.example")]
    Nameless,
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
            Refusal::Nameless => Said::new("notices-refused-nameless").about("account"),
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
        let (told, heard) = (Waiting::new(), Timestamp::default());
        Self { member, feed: None, account: None, code: None, tries: 0, asked: None, told, heard }
    }

    /// A code was sent that can still be typed in.
    pub fn awaits_code(&self) -> bool {
        self.account.is_some() && self.code.as_deref().is_some_and(|code| code != DEAD)
    }

    /// The account that they named, until they thought better of it or guessed too often.
    pub fn named(&self) -> Option<&str> {
        self.account.as_deref().filter(|_| self.code.as_deref() != Some(DEAD))
    }

    /// Nothing is sent to their account any more. Where a code waits there, it is dead from now on.
    pub fn without_account(self) -> Self {
        let waits = self.code.is_some();
        Self { account: self.account.filter(|_| waits), code: waits.then(|| DEAD.to_owned()), tries: 0, ..self }
    }

    /// Where they are to be told, if they confirmed that it is theirs.
    pub fn confirmed(&self) -> Option<&str> {
        self.account.as_deref().filter(|_| self.code.is_none())
    }

    /// Does anything wait of which they were not told?
    pub fn has_news(&self, waiting: &Waiting) -> bool {
        waiting.iter().any(|(what, (count, latest))| match self.told.get(what) {
            Some((told, when)) => count > told || latest > when,
            None => true,
        })
    }

    /// Is it time to tell them so?
    pub fn is_due(&self, waiting: &Waiting, now: Timestamp) -> bool {
        self.has_news(waiting) && !self.rests(now)
    }

    /// Were they told so lately that they are told nothing now?
    fn rests(&self, now: Timestamp) -> bool {
        now < self.heard + PAUSE
    }

    /// Need anybody look what waits for them? Not while they rest; but where it is not kept when the latest came, as many that come
    /// anew can only be told from those of before by having looked in between.
    pub fn is_to_be_looked_at(&self, now: Timestamp) -> bool {
        !self.rests(now) || self.told.values().any(|(_, latest)| *latest == 0)
    }
}

/// The beginning of the minute after: nobody need know it closer, and no pause gets shorter.
pub fn minute(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds() + 60 - time.seconds().rem_euclid(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_twice_of_the_same_or_twice_within_an_hour() {
        let at = |minutes: i64| Timestamp::from_seconds(1_795_521_600 + minutes * 60);
        let waiting = |count, latest| Waiting::from([("kitchen replies".to_owned(), (count, latest))]);
        let never = Notices::none(Uuid::nil());
        assert!(never.is_due(&waiting(1, 5), at(1)) && !never.is_due(&Waiting::new(), at(1)));
        let told = Notices { told: waiting(2, 5), heard: minute(at(1)), ..never };
        for same in [waiting(2, 5), waiting(1, 5), Waiting::new()] {
            assert!(!told.is_due(&same, at(600)), "of the same, or of less");
        }
        for more in [waiting(3, 5), waiting(2, 6)] {
            assert!(!told.is_due(&more, at(61)) && told.is_due(&more, at(62)), "too soon");
        }
        assert!(!told.is_to_be_looked_at(at(61)) && told.is_to_be_looked_at(at(62)));
        let timeless = Notices { told: waiting(2, 0), ..told };
        assert!(timeless.is_to_be_looked_at(at(5)), "two others may come after these two were done");
    }
}
