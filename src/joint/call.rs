//! What a group that calls a meeting with others is to it, and what we refuse.

use uuid::Uuid;

use crate::clock::Timestamp;

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Invited,
    Accepted,
    Declined,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Invited, Self::Accepted, Self::Declined].into_iter().find(|state| state.name() == name)
    }
}

/// A group that was asked to call one of our meetings with the group that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub meeting: Uuid,
    /// The id of a group elsewhere, or the path of one of ours.
    pub actor: String,
    pub state: State,
    /// Path of our Offer; empty for a group of ours.
    pub offer: String,
}

/// That a group of ours was asked to call a meeting which a group elsewhere holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the meeting there.
    pub event: String,
    /// Handle of our group.
    pub group: String,
    /// The id of the group that holds it.
    pub holder: String,
    /// The id of its Offer.
    pub offer: String,
    /// The meeting as its holder described it last, as JSON.
    pub document: String,
    pub state: State,
    /// How it stands in our own agenda, once that was accepted.
    pub meeting: Option<Uuid>,
    /// Paths of our Accept, and of the Announce by which our followers heard of it.
    pub accept: Option<String>,
    pub announce: Option<String>,
    /// When the holder said it so.
    pub said: Timestamp,
    pub received: Timestamp,
}

/// Why a meeting is not called together. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is no group: only groups call meetings")]
    NoGroup(String),
    #[error("{0} holds this meeting already")]
    Holds(String),
    #[error("at most {MOST} groups are asked to call one meeting")]
    TooMany,
    #[error("other cities have not heard of this meeting yet: invite them once it is near")]
    Unsaid,
    #[error("another group holds this meeting: it invites")]
    NotOurs,
    #[error("{0} is blocked here")]
    Blocked(String),
    #[error("your group was not asked to call this meeting")]
    NotInvited,
    #[error("another group holds this meeting: it says how often there are more of them")]
    Recurs,
}

/// So many groups may be asked to call one meeting.
pub const MOST: i64 = 20;
/// Invitations that wait for a group; those that come later are dropped, and so are those of a server that sent so many.
pub const WAITING: i64 = 50;
pub const WAITING_OF_ONE: i64 = 10;
