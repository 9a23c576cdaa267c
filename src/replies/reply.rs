//! What a reply is, where it stands, and what we refuse.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{clock::Timestamp, media::Kept};

/// What somebody on another server answered in public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub id: Uuid,
    pub uri: String,
    /// Handle of the group that was answered.
    pub group: String,
    /// Path of the post on whose page it stands; empty for what answers nothing and only names the group.
    pub root: String,
    /// What it answers: a path of ours, or the id of another reply.
    pub parent: String,
    /// 1 for an answer to the post itself.
    pub depth: i64,
    pub actor: String,
    /// `name@host`, as people write it after an @.
    pub handle: String,
    pub host: String,
    /// Sanitised HTML without pictures.
    pub content: String,
    /// What its author warns of; plain text.
    pub warning: Option<String>,
    pub language: Option<String>,
    /// Where people read it.
    pub url: String,
    /// How many pictures it has where it was said.
    pub pictures: i64,
    /// Those that are brought here when somebody lets it through; nothing of one that shows without that.
    pub attached: Vec<Attached>,
    /// Those that were brought here.
    pub kept: Vec<Kept>,
    pub state: State,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    pub received: Timestamp,
}

impl Reply {
    /// It answers nothing, but names the group: it stands on no page, and is for those who speak for the group.
    pub fn is_mention(&self) -> bool {
        self.root.is_empty()
    }
}

/// A picture on another server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub url: String,
    /// What it shows, as its author says.
    pub alt: String,
}

/// Who sees a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Whoever speaks for the group, until they let it through.
    Waiting,
    Shown,
    /// Nobody any more.
    Hidden,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Shown => "shown",
            Self::Hidden => "hidden",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Shown, Self::Hidden].into_iter().find(|state| state.name() == name)
    }
}

/// What a group thinks of somebody who replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Was let through once: what they reply shows at once.
    Known,
    /// Was turned away: what they reply is dropped.
    Refused,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Refused => "refused",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Known, Self::Refused].into_iter().find(|standing| standing.name() == name)
    }
}

/// Where a reply stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub group: String,
    pub root: String,
    pub parent: String,
    pub depth: i64,
    /// Everyone sees what it answers.
    pub open: bool,
}

/// Why something is not done with a reply. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this reply was hidden: let it through before answering it")]
    Hidden,
    #[error("nothing more is known of {0}: look at the reply on its own server")]
    AuthorGone(String),
    #[error("{0} is blocked here")]
    Blocked(String),
    #[error("this answers nothing of ours, and stands on no page: answer it, or put it away")]
    Mention,
    #[error("{0} lets only others answer this, or wants to be asked first")]
    NotLet(String),
}
