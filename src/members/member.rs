//! Who has an account here: pseudonymous, without e-mail.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
    text,
};

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Random (version 4): tells nothing of when it was made, and is shown nowhere.
    pub id: Uuid,
    /// With which they sign in; plain ASCII, and no group's.
    pub handle: String,
    /// What they want to be called.
    pub name: String,
    /// BCP 47; in which we speak to them.
    pub language: String,
    /// Looks after the instance.
    pub caretaker: bool,
    /// The day on which a group of theirs was welcomed, since when they are no stranger.
    pub welcomed: Option<Timestamp>,
    /// The day.
    pub created: Timestamp,
}

/// One who may speak for a group. All are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organizer {
    pub group: String,
    pub member: Uuid,
    pub since: Timestamp,
    pub founder: bool,
    /// Whether their name stands on the group's page.
    pub shown: bool,
    /// Since when their powers rest.
    pub paused: Option<Timestamp>,
}

/// A browser in which a member is signed in. Times are days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session to its own member, who may end it.
    pub id: Uuid,
    pub member: Member,
    pub begun: Timestamp,
    pub seen: Timestamp,
    /// Whether a caretaker asked for a way into this account.
    pub is_sought: bool,
}

/// A session that nobody uses ends after this time,
pub const IDLE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// and any session after this.
pub const LONGEST: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Why something is not done for somebody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a name has 1 to 60 characters on one line")]
    Name,
    #[error("you are signed out")]
    SignedOut,
    #[error("you do not speak for this group")]
    NotOrganizer,
    #[error("your powers in this group rest, because somebody said that your telephone was taken")]
    Paused,
    #[error("only those who look after this place may do that")]
    NotCaretaker,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match refusal {
            Refusal::Name => Said::new("members-refused-name").about("name"),
            Refusal::SignedOut => Said::new("members-refused-signed-out"),
            Refusal::NotOrganizer => Said::new("members-refused-not-organizer"),
            Refusal::Paused => Said::new("members-refused-paused"),
            Refusal::NotCaretaker => Said::new("members-refused-not-caretaker"),
        };
        Error::refused_in_words(refusal, said)
    }
}

impl Member {
    pub fn check(&self) -> Result<(), Refusal> {
        if text::is_line(&self.name, 60) { Ok(()) } else { Err(Refusal::Name) }
    }
}
