//! What came from a calendar kept elsewhere, which addresses are looked at again, and what came of it.

use std::{collections::BTreeSet, time::Duration};

use chrono::{NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::found::{Found, Reading, Remark};
use crate::{
    clock::Timestamp,
    error::{Error, Said},
    words::Words,
};

/// What something became here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Meeting(Uuid),
    Series(Uuid),
}

/// Something that came in, and what was said of it last.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub group: String,
    pub thing: Thing,
    pub said: Found,
    /// What of it was called off here because it was called off or gone there, by its place in the series (its start, where it is
    /// alone): that is put up again when it comes back. What people here called off is not.
    pub called_off: BTreeSet<NaiveDateTime>,
    /// The address that is looked at, where it came from one.
    pub source: Option<Uuid>,
    /// Since when it is not there any more.
    pub missed: Option<Timestamp>,
}

/// An address that is looked at by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    pub id: Uuid,
    pub group: String,
    pub url: Url,
    /// When events without a time of day begin and end: `10:00-18:00`.
    pub hours: Option<String>,
    pub etag: Option<String>,
    pub modified: Option<String>,
    pub looked: Option<Timestamp>,
    /// `NEVER` once it failed so often that nobody looks any more.
    pub next_look: Timestamp,
    /// In a row.
    pub failures: i64,
    pub report: Option<Report>,
    pub created: Timestamp,
}

/// What an organizer is shown before it is taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub id: Uuid,
    pub group: String,
    pub url: Option<Url>,
    /// Is the address to be looked at again?
    pub watch: bool,
    pub hours: Option<String>,
    pub reading: Reading,
    /// What came of it, once it was taken in.
    pub report: Option<Report>,
    pub made: Timestamp,
}

/// What came of taking a calendar in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub meetings: usize,
    pub series: usize,
    pub changed: usize,
    pub cancelled: usize,
    /// Known, and as they were.
    pub same: usize,
    /// Our own, come back.
    pub own: usize,
    pub past: usize,
    pub far: usize,
    pub remarks: Vec<Remark>,
    /// Why there was nothing to take in.
    pub failure: Option<Remark>,
}

impl Report {
    pub fn of(reading: &Reading) -> Self {
        Self { past: reading.past, far: reading.far, remarks: reading.remarks.clone(), ..Self::default() }
    }

    /// How many events are left out for a reason.
    pub fn left_out(&self) -> usize {
        self.remarks.iter().filter(|remark| remark.left_out).count()
    }

    /// What there is to say, a sentence for each number that is not nothing.
    pub fn sentences(&self, words: &Words, done: bool) -> Vec<String> {
        let done = if done { "done" } else { "plan" };
        let counts = [
            (format!("import-{done}-meetings"), self.meetings),
            (format!("import-{done}-series"), self.series),
            (format!("import-{done}-changed"), self.changed),
            (format!("import-{done}-cancelled"), self.cancelled),
            ("import-same".into(), self.same),
            ("import-own".into(), self.own),
            ("import-past".into(), self.past),
            ("import-far".into(), self.far),
            ("import-left-out".into(), self.left_out()),
        ];
        let said = |(message, count): (String, usize)| {
            let one = if count == 1 { "-one" } else { "" };
            words.say(&format!("{message}{one}"), &[("count", &count.to_string())])
        };
        let said: Vec<String> = counts.into_iter().filter(|(_, count)| *count > 0).map(said).collect();
        if said.is_empty() { vec![words.say("import-nothing", &[])] } else { said }
    }
}

/// Why a calendar is not taken in or looked at. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0:?} is not an address such as https://calendar.example/kitchen.ics")]
    Address(String),
    #[error("the calendar cannot be fetched: {0}")]
    Fetch(String),
    #[error("choose a file or give an address")]
    Nothing,
    #[error("{0:?} are no hours such as 10:00-18:00")]
    Hours(String),
    #[error("a group looks at no more than {MOST_WATCHED} addresses: stop one of them first")]
    TooManyWatched,
    #[error("this place looks at as many addresses as it can: ask whoever looks after it")]
    Full,
    #[error("only an address can be looked at again")]
    NoAddress,
}

/// Addresses that a group may have looked at, and the whole place.
pub const MOST_WATCHED: usize = 5;
pub const MOST_OF_ALL: i64 = 200;

impl Refusal {
    pub fn said(&self) -> Said {
        match self {
            Self::Address(address) => Said::new("refused-import-address").with("address", address).about("address"),
            Self::Fetch(why) => Said::new("refused-import-fetch").with("why", why).about("address"),
            Self::Nothing => Said::new("refused-import-nothing").about("file"),
            Self::Hours(hours) => Said::new("refused-import-hours").with("hours", hours).about("from"),
            Self::TooManyWatched => Said::new("refused-import-watched-most").with("most", MOST_WATCHED).about("address"),
            Self::Full => Said::new("refused-import-full").about("address"),
            Self::NoAddress => Said::new("refused-import-no-address").about("address"),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::refused_in_words(&refusal, refusal.said())
    }
}

/// Reads `10:00-18:00`.
pub fn hours(text: &str) -> Result<(NaiveTime, NaiveTime), Refusal> {
    let wrong = || Refusal::Hours(text.to_owned());
    let (from, until) = text.split_once(['-', '–']).ok_or_else(wrong)?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
    let (from, until) = (time(from)?, time(until)?);
    if from < until { Ok((from, until)) } else { Err(wrong()) }
}

/// Between two looks at an address; after each failure twice as long, up to a day.
const EACH: Duration = Duration::from_secs(4 * 3_600);
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// After so many failures in a row, some three weeks, nobody looks any more.
const MOST_FAILURES: i64 = 24;

impl Watched {
    pub fn new(id: Uuid, group: &str, url: Url, hours: Option<String>, now: Timestamp) -> Self {
        Self {
            id,
            group: group.to_owned(),
            url,
            hours,
            etag: None,
            modified: None,
            looked: None,
            next_look: now,
            failures: 0,
            report: None,
            created: now,
        }
    }

    /// When to look again after this look. Not all at the same minute: the id says how much later.
    pub fn after_a_look(&self, now: Timestamp, failed: bool) -> Self {
        let failures = if failed { self.failures + 1 } else { 0 };
        let doubled = EACH * 2u32.saturating_pow(u32::try_from(failures).unwrap_or(0).min(4));
        let later = Duration::from_secs(u64::from(self.id.as_bytes().last().copied().unwrap_or(0)) * 5);
        let next_look = if failures >= MOST_FAILURES { Timestamp::NEVER } else { now + doubled.min(LONGEST) + later };
        Self { looked: Some(now), next_look, failures, ..self.clone() }
    }

    /// Did it fail so often that nobody looks any more?
    pub fn is_given_up(&self) -> bool {
        self.next_look == Timestamp::NEVER
    }
}
