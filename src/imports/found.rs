//! What a calendar holds, as far as it was understood: meetings, series, and remarks on the rest. No names of people are in it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    error::Said,
    meetings::meeting::{Kind, Position},
    words::Words,
};

/// A whole calendar, read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What it calls itself.
    pub name: Option<String>,
    pub found: Vec<Found>,
    pub remarks: Vec<Remark>,
    /// Events that were over long before.
    pub past: usize,
    /// Events further away than anything is laid out here.
    pub far: usize,
    /// Of those, the first ones: what is known here already was moved there.
    #[serde(default)]
    pub distant: Vec<Found>,
    /// The UIDs of everything in it, understood or not: what is not among them is gone from there.
    pub uids: BTreeSet<String>,
}

/// A meeting or a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub uid: String,
    /// Which one of those with this UID: nothing for the first, else the start (in its zone) that it stood at in the series.
    pub part: Option<NaiveDateTime>,
    /// Where it begins in the file, counted from 1.
    pub line: usize,
    /// How often it was changed there (RFC 5545, SEQUENCE).
    pub sequence: i64,
    #[serde(with = "zone")]
    pub zone: Tz,
    pub once: Once,
    pub rhythm: Option<Rhythm>,
}

/// What is said of one meeting, and when it is on the wall of its zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Once {
    pub start: NaiveDateTime,
    pub minutes: i64,
    pub title: String,
    #[serde(with = "kind")]
    pub kind: Kind,
    pub place: Option<String>,
    pub address: Option<String>,
    pub position: Option<(f64, f64)>,
    pub online: Option<Url>,
    /// Markdown.
    pub agenda: Option<String>,
    /// BCP 47, where it is said.
    pub language: Option<String>,
    pub cancelled: bool,
    /// Not sure yet that it takes place.
    pub tentative: bool,
}

impl Once {
    pub fn position(&self) -> Option<Position> {
        self.position.map(|(latitude, longitude)| Position { latitude, longitude })
    }
}

/// How a series goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    /// As it is stored here.
    pub rule: String,
    /// Starts at which there is none.
    pub except: Vec<NaiveDateTime>,
    pub differing: Vec<Differing>,
}

/// One meeting of a series that is not as the others are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Differing {
    /// Where it stood in the series.
    pub at: NaiveDateTime,
    pub line: usize,
    pub once: Once,
}

/// Every blank of the sentences that remarks are made of.
const BLANKS: [&str; 21] = [
    "zone", "name", "line", "text", "part", "value", "most", "day", "first", "last", "time", "before", "after", "kind", "handle",
    "tag", "width", "height", "why", "address", "hours",
];

/// Something that was not understood, or not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Counted from 1.
    pub line: usize,
    /// Of the event that it is about.
    pub title: Option<String>,
    message: String,
    blanks: Vec<(String, String)>,
    /// Is the whole event left out, or a part of what it says?
    pub left_out: bool,
}

impl Remark {
    /// The event is not taken in.
    pub fn left_out(line: usize, title: Option<&str>, said: Said) -> Self {
        Self::new(line, title, said, true)
    }

    /// The event is taken in, and this of it is not as it was there.
    pub fn detail(line: usize, title: Option<&str>, said: Said) -> Self {
        Self::new(line, title, said, false)
    }

    fn new(line: usize, title: Option<&str>, said: Said, left_out: bool) -> Self {
        let blanks = said.blanks.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { line, title: title.map(str::to_owned), message: said.message.to_owned(), blanks, left_out }
    }

    /// Why, in these words.
    pub fn why(&self, words: &Words) -> String {
        let known = |name: &str| BLANKS.iter().copied().find(|known| *known == name);
        let blanks: Vec<(&'static str, &str)> =
            self.blanks.iter().filter_map(|(name, value)| Some((known(name)?, value.as_str()))).collect();
        words.say(&self.message, &blanks)
    }

    /// The name of its sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A zone by its name.
mod zone {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(zone: &Tz, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Tz, D::Error> {
        String::deserialize(from)?.parse().map_err(|_| Error::custom("no zone"))
    }
}

/// A kind by its name.
mod kind {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::meetings::meeting::Kind;

    pub fn serialize<S: Serializer>(kind: &Kind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        Kind::by_name(&String::deserialize(from)?).ok_or_else(|| Error::custom("no kind"))
    }
}
