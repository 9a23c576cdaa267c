//! One thing that was looked at: how it is, and what to do about it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::phrase::Phrase;
use crate::words::Words;

/// How something is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    Ok,
    Warn,
    Bad,
}

impl Grade {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// Shown as one line. As JSON its sentences are in English, whatever the place speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub what: &'static str,
    pub grade: Grade,
    #[serde(serialize_with = "in_english")]
    pub found: Phrase,
    /// What to do about it.
    #[serde(serialize_with = "maybe_in_english")]
    pub advice: Option<Phrase>,
}

fn in_english<S: Serializer>(phrase: &Phrase, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(phrase)
}

fn maybe_in_english<S: Serializer>(phrase: &Option<Phrase>, serializer: S) -> Result<S::Ok, S::Error> {
    phrase.as_ref().map(ToString::to_string).serialize(serializer)
}

impl Finding {
    pub fn ok(what: &'static str, found: Phrase) -> Self {
        Self { what, grade: Grade::Ok, found, advice: None }
    }

    pub fn warn(what: &'static str, found: Phrase, advice: &'static str) -> Self {
        Self { what, grade: Grade::Warn, found, advice: Some(Phrase::new(advice)) }
    }

    pub fn bad(what: &'static str, found: Phrase, advice: &'static str) -> Self {
        Self { what, grade: Grade::Bad, found, advice: Some(Phrase::new(advice)) }
    }

    /// For what could not be looked at, which says nothing about how it is.
    pub fn unchecked(what: &'static str, why: Phrase) -> Self {
        Self::ok(what, Phrase::new("doctor-unchecked").with_phrase("why", why))
    }

    /// One line for a terminal.
    pub fn line(&self, words: &Words) -> String {
        let advice = self.advice.as_ref().map(|advice| format!(" -> {}", advice.said(words))).unwrap_or_default();
        let (grade, what) = (
            words.say(&format!("doctor-grade-{}", self.grade.name()), &[]),
            words.say(&format!("doctor-what-{}", self.what), &[]),
        );
        // what others answered stands in it, too
        let said = format!("{}{advice}", self.found.said(words));
        let said: String = said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        format!("{grade:<5}{what:<12}{said}")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(&Words::of("en")))
    }
}
