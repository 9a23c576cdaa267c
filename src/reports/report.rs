//! What a report is.

use uuid::Uuid;

use crate::{clock::Timestamp, words::Words};

/// Somebody says that something is not as it should be. Who they are is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub id: Uuid,
    /// The path of something of ours, or the id of a reply or an actor.
    pub about: String,
    /// The server it came from; empty for people here.
    pub host: String,
    /// All it names, in the same form.
    pub objects: Vec<String>,
    /// In their words; plain text. What each of them said is a paragraph, the newest last; what somebody here chose of [`KINDS`] is its
    /// first line, see [`line_of`].
    pub reason: String,
    /// How often the same was reported from there.
    pub times: i64,
    pub received: Timestamp,
    /// When the caretakers were done with it.
    pub closed: Option<Timestamp>,
}

/// Why something is not reported. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("say in 1 to 5,000 characters what is wrong")]
    Reason,
    #[error("choose what is wrong")]
    Kind,
    #[error("say in at most 2,000 characters what is wrong")]
    Words,
    #[error("somebody reported the same again meanwhile: read what they say first")]
    Grew,
    #[error("very many reports wait already: tell whoever looks after this place directly")]
    Full,
    /// With how to reach them, in their own words.
    #[error("very many reports wait already: tell whoever looks after this place directly, {0}")]
    FullBut(String),
    #[error("{0} is of this city: nobody elsewhere needs to look at it")]
    OfThisCity(String),
    #[error("{0} is not on the server of whom you report")]
    Elsewhere(String),
}

/// What people may say is wrong, as it is sent.
pub const KINDS: [&str; 6] = ["danger", "attack", "pretending", "wrong", "spam", "other"];
/// Of what they write beside it, in characters.
pub const WORDS: usize = 2_000;

/// How a kind is kept, so that whoever reads it later reads it in their own language.
pub fn line_of(kind: &str) -> String {
    format!("[{kind}]")
}

impl Report {
    /// The reason, in these words as far as it was chosen of a list. Reports from elsewhere and old ones have it in whole sentences.
    pub fn said(&self, words: &Words) -> String {
        let said = |line: &str| {
            let kind = KINDS.into_iter().find(|kind| self.host.is_empty() && line == line_of(kind));
            kind.map_or_else(|| line.to_owned(), |kind| words.say(&format!("report-kind-{kind}"), &[]))
        };
        self.reason.lines().map(said).collect::<Vec<_>>().join("\n")
    }
}
