//! What the doctor says, by the name of its message and with what fills its blanks: kept as it is, and said in the language of
//! whoever reads it.

use std::{fmt, time::Duration};

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::{clock::Timestamp, words::Words};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    message: String,
    blanks: Vec<(String, Blank)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Blank {
    /// A name, a number, or what others said; the same in every language.
    Text(String),
    /// In bytes.
    Size(u64),
    /// In seconds.
    Span(u64),
    /// A day, in microseconds since 1970.
    Day(i64),
    Phrase(Box<Phrase>),
}

impl Phrase {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), blanks: Vec::new() }
    }

    fn and(mut self, blank: &str, value: Blank) -> Self {
        self.blanks.push((blank.to_owned(), value));
        self
    }

    pub fn with(self, blank: &str, value: impl fmt::Display) -> Self {
        self.and(blank, Blank::Text(value.to_string()))
    }

    /// Bytes, in a unit that people read.
    pub fn with_size(self, blank: &str, bytes: u64) -> Self {
        self.and(blank, Blank::Size(bytes))
    }

    /// A span in its largest unit, rounded down.
    pub fn with_span(self, blank: &str, span: Duration) -> Self {
        self.and(blank, Blank::Span(span.as_secs()))
    }

    pub fn with_day(self, blank: &str, day: Timestamp) -> Self {
        self.and(blank, Blank::Day(day.micros()))
    }

    pub fn with_phrase(self, blank: &str, phrase: Self) -> Self {
        self.and(blank, Blank::Phrase(Box::new(phrase)))
    }

    pub fn said(&self, words: &Words) -> String {
        let blanks = self.blanks.iter().map(|(name, value)| (name.clone(), value.said(words)));
        words.say_with(&self.message, blanks)
    }
}

/// In English.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(&Words::of("en")))
    }
}

impl Blank {
    fn said(&self, words: &Words) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Size(bytes) => size(words, *bytes),
            Self::Span(seconds) => span(words, *seconds),
            Self::Day(micros) => day(words, Timestamp::from_micros(*micros)),
            Self::Phrase(phrase) => phrase.said(words),
        }
    }
}

fn size(words: &Words, bytes: u64) -> String {
    let (kib, mib, gib) = (1 << 10, 1 << 20, 1 << 30);
    match bytes {
        large if large >= gib => {
            let (whole, tenth) = ((large / gib).to_string(), (large % gib * 10 / gib).to_string());
            words.say("doctor-gib", &[("whole", &whole), ("tenth", &tenth)])
        }
        large if large >= mib => format!("{} MiB", large / mib),
        small => format!("{} KiB", small.div_ceil(kib)),
    }
}

fn span(words: &Words, seconds: u64) -> String {
    match seconds {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => words.say("doctor-days", &[("number", &(seconds / 86_400).to_string())]),
    }
}

fn day(words: &Words, day: Timestamp) -> String {
    let date = day.utc().date_naive();
    let month = words.say(&format!("month-long-{}", date.month()), &[]);
    let (day, year) = (date.day().to_string(), date.year().to_string());
    words.say("doctor-day", &[("day", &day), ("month", &month), ("year", &year)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_kept_and_said_in_each_language() {
        let phrase = Phrase::new("doctor-backup-age").with_span("age", Duration::from_secs(3 * 86_400));
        let kept: Phrase = serde_json::from_str(&serde_json::to_string(&phrase).unwrap()).unwrap();
        assert_eq!(kept, phrase);
        assert_eq!(kept.to_string(), "the last one is 3 days old");
        assert_eq!(kept.said(&Words::of("es")), "la última tiene 3 días");
        let size = Phrase::new("doctor-memory").with_size("available", (3 << 30) + (1 << 29));
        assert_eq!(size.to_string(), "3.5 GiB available");
        assert_eq!(size.said(&Words::of("es")), "3,5 GiB libres");
    }
}
