//! What an announcement is, and what we refuse.

use url::Url;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::Said,
    groups::group,
    media::{self, Kept},
    text,
};

/// One announcement of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    pub id: Uuid,
    /// Handle of the group that speaks.
    pub group: String,
    /// The meeting that this note accompanies: it was moved or cancelled.
    pub meeting: Option<Uuid>,
    /// Id of the reply from another server that this note answers.
    pub answers: Option<Url>,
    pub title: Option<String>,
    /// Markdown.
    pub text: String,
    /// BCP 47.
    pub language: String,
    pub urgent: bool,
    /// For whoever follows the group, and nobody else: on no page, in no list, and passed on by nobody.
    pub followers_only: bool,
    pub mentions: Vec<text::Mention>,
    /// In the order they are shown in.
    pub pictures: Vec<Kept>,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    /// Nothing but id and times is left of a deleted one.
    pub deleted: Option<Timestamp>,
}

/// Why an announcement is not made or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("an announcement has 1 to 20,000 characters")]
    Text,
    #[error("a title has at most 200 characters on one line")]
    Title,
    #[error(transparent)]
    Language(group::Refusal),
    #[error(transparent)]
    Pictures(media::Refusal),
    #[error("this announcement was deleted")]
    Deleted,
    #[error("this note accompanies a meeting: change the meeting, and it follows")]
    Companion,
}

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Text => Said::new("refused-news-text").about("text"),
            Self::Title => Said::new("refused-news-title").about("title"),
            Self::Language(refusal) => refusal.said(),
            Self::Pictures(refusal) => refusal.said(),
            Self::Deleted => Said::new("refused-news-deleted"),
            Self::Companion => Said::new("refused-news-companion"),
        }
    }
}

impl Announcement {
    /// Hashtags of the text, lower-case.
    pub fn tags(&self) -> Vec<String> {
        text::tags_in(&self.text)
    }

    /// Takes away everything but that it was there.
    pub fn erase(&mut self, now: Timestamp) {
        self.deleted = Some(now);
        self.title = None;
        self.text.clear();
        self.mentions.clear();
        self.pictures.clear();
    }

    pub fn check(&self) -> Result<(), Refusal> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that does not hold.
    pub fn faults(&self) -> Vec<Refusal> {
        let checks = [
            text::is_prose(&self.text, 20_000).then_some(()).ok_or(Refusal::Text),
            self.title.as_ref().is_none_or(|title| text::is_line(title, 200)).then_some(()).ok_or(Refusal::Title),
            media::check(&self.pictures).map_err(Refusal::Pictures),
            group::check_language(&self.language).map_err(Refusal::Language),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }
}
