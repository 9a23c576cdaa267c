//! The four ways something can fail, and the HTTP status of each.

use std::fmt;

/// Four kinds: what is not there, what a rule refused, what makes no sense, and what broke on our side.
#[derive(Debug)]
pub enum Error {
    /// Nothing of that name (404).
    NotFound(String),
    /// A rule said no; the sentence is for people (403 on the web, exit status 1 on the command line).
    Refused(Sentence),
    /// What came in makes no sense; the sentence says what would (400).
    Invalid(String),
    /// Our fault (500), so that senders try again. The text goes to the log, never to a stranger.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// What a rule says, in English and, where pages show it, by the name of its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    pub said: Option<Said>,
}

/// A message that says why not, in every language there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub message: &'static str,
    pub blanks: Vec<(&'static str, String)>,
    /// Which field of a form it is about, where it is about one.
    pub field: Option<&'static str>,
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Said {
    pub fn new(message: &'static str) -> Self {
        Self { message, ..Self::default() }
    }
    pub fn with(mut self, blank: &'static str, value: impl fmt::Display) -> Self {
        self.blanks.push((blank, value.to_string()));
        self
    }
    /// About this field of the form.
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::NotFound(what.to_string())
    }
    pub fn refused(why: impl fmt::Display) -> Self {
        Self::Refused(Sentence { text: why.to_string(), said: None })
    }
    /// A rule said no, in words that are there in every language: `said` is the message and its blanks.
    pub fn refused_in_words(why: impl fmt::Display, said: Said) -> Self {
        Self::Refused(Sentence { text: why.to_string(), said: Some(said) })
    }
    pub fn invalid(why: impl fmt::Display) -> Self {
        Self::Invalid(why.to_string())
    }
    pub fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(why.into())
    }
    /// May this sentence be shown to whoever asked?
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Broken(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(text) | Self::Invalid(text) => f.write_str(text),
            Self::Refused(sentence) => sentence.fmt(f),
            Self::Broken(cause) => write!(f, "something broke: {cause}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(cause) => Some(cause.as_ref()),
            _ => None,
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Broken(error.into())
    }
}
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}
impl From<serde_json::Error> for Error {
    /// Only for documents of our own making; what strangers send is read with its own errors.
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.into())
    }
}
impl From<activitypub_federation::error::Error> for Error {
    fn from(error: activitypub_federation::error::Error) -> Self {
        Self::Invalid(error.to_string())
    }
}
