//! What a sister group is to ours, and what one said.

use crate::clock::Timestamp;

/// An actor of another server that a group of ours asked to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sister {
    /// Handle of our group.
    pub group: String,
    /// Id of the other one.
    pub actor: String,
    /// Path of our Follow.
    pub follow: String,
    pub state: State,
    pub created: Timestamp,
}

/// What became of our asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Asked,
    Accepted,
    Refused,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Asked, Self::Accepted, Self::Refused].into_iter().find(|state| state.name() == name)
    }
}

/// Something that a sister said, in its latest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub uri: String,
    /// Who said it.
    pub actor: String,
    /// The type on the wire: Note, Event, …
    pub kind: String,
    pub title: Option<String>,
    /// Sanitised HTML.
    pub content: String,
    /// Where people read it.
    pub url: String,
    pub in_reply_to: Option<String>,
    pub language: Option<String>,
    /// Of an Event.
    pub starts: Option<Timestamp>,
    pub ends: Option<Timestamp>,
    pub zone: Option<String>,
    pub place: Option<String>,
    pub cancelled: bool,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    pub received: Timestamp,
}

/// Why a sister is not added. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is of this city already: a sister group is of another one")]
    OfThisCity(String),
    #[error("{0} is blocked here")]
    Blocked(String),
}
