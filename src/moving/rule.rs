//! When a group may move and where to, and what we refuse.

use std::time::Duration;

use crate::error::{Error, Said};

const DAY: u64 = 24 * 3_600;
/// Nobody moves twice within this time; Mastodon and GoToSocial hear of no second move before either.
pub const BETWEEN_MOVES: Duration = Duration::from_secs(7 * DAY);
/// A group moves so long after those who speak for it said so; until then each of them can call it off.
pub const NOTICE: Duration = Duration::from_secs(7 * DAY);
/// After so long it is no longer tried: the other one never said that it is this group.
pub const TRIED: Duration = Duration::from_secs(7 * DAY);
/// Other names of one group.
pub const MOST_NAMES: usize = 10;

/// Why a group does not move, or is not known under another name. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is of this city: a group moves to another one")]
    OfThisCity(String),
    #[error("{0} is blocked here")]
    Blocked(String),
    #[error("{new} does not say yet that it is {old}: whoever keeps it has to name {old} there first (alsoKnownAs)")]
    NotNamed { new: String, old: String },
    #[error("{0} is no group or account that people follow")]
    NobodyToFollow(String),
    #[error("{0} cannot be found")]
    Unknown(String),
    #[error("this group is about to move already")]
    Moving,
    #[error("this group is not about to move")]
    NotMoving,
    #[error("a group has at most {MOST_NAMES} other names")]
    TooManyNames,
    #[error("this group does not say that it was {0}")]
    NoSuchName(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::OfThisCity(handle) => Said::new("moving-refused-here").with("handle", handle),
            Refusal::Blocked(handle) => Said::new("moving-refused-blocked").with("handle", handle),
            Refusal::NotNamed { new, old } => Said::new("moving-refused-not-named").with("handle", new).with("ours", old),
            Refusal::NobodyToFollow(handle) => Said::new("moving-refused-nobody").with("handle", handle),
            Refusal::Unknown(handle) => Said::new("moving-refused-unknown").with("handle", handle),
            Refusal::Moving => Said::new("moving-refused-moving"),
            Refusal::NotMoving => Said::new("moving-refused-not-moving"),
            Refusal::TooManyNames => Said::new("moving-refused-names").with("most", MOST_NAMES),
            Refusal::NoSuchName(handle) => Said::new("moving-refused-no-name").with("handle", handle),
        };
        Error::refused_in_words(refusal, said.about("handle"))
    }
}
