//! Which meetings are wanted: group, topic, place, kind, online, day or month; as it stands in an address.

use chrono::{Datelike, Months, NaiveDate, TimeZone};
use chrono_tz::Tz;
use url::form_urlencoded;

use super::meeting::{Kind, MAX_LENGTH, Meeting, YEARS};
use crate::{clock::Timestamp, text};

/// Empty, it lets every meeting through that is not over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Handle of the group that meets.
    pub group: Option<String>,
    /// A hashtag of the meeting, or a topic of its group; lower-case.
    pub tag: Option<String>,
    /// Words that name and address of the place have, in any order.
    pub place: Option<String>,
    pub kind: Option<Kind>,
    /// Can one take part from afar (`true`), or in a room (`false`)?
    pub online: Option<bool>,
    /// Are meetings of other cities wanted? Where nobody says, pages show them and calendars do not.
    pub elsewhere: Option<bool>,
    pub when: When,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// What is not over.
    #[default]
    Coming,
    /// What begins on that day, by the city's clock.
    Day(NaiveDate),
    /// What begins in the month of that first day, by the city's clock.
    Month(NaiveDate),
}

/// The time in which meetings are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// They begin then or later.
    pub from: Timestamp,
    /// They begin earlier than that.
    pub until: Timestamp,
    /// They end later than that.
    pub lasts: Timestamp,
}

/// Why a filter is not understood. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0:?} is not the name of a group, such as kitchen")]
    Group(String),
    #[error("{0:?} is not a topic: letters, digits and underscores, without #")]
    Tag(String),
    #[error("a place is looked for by 1 to 10 words of its name or address")]
    Place,
    #[error("{0:?} is no kind of meeting: say meeting, assembly, action, workday, workshop or social")]
    Kind(String),
    #[error("online is yes or no, not {0:?}")]
    Online(String),
    #[error("elsewhere is yes or no, not {0:?}")]
    Elsewhere(String),
    #[error("{0:?} is not a day such as 2026-12-01")]
    Day(String),
    #[error("{0:?} is not a month such as 2026-12")]
    Month(String),
}

/// How many words of a place are looked for.
const MAX_WORDS: usize = 10;

impl Filter {
    /// Reads the part of an address after the question mark. Empty values and names of other things are passed over.
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if !value.is_empty() {
                filter.take(&name, value)?;
            }
        }
        Ok(filter)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "group" => self.group = Some(group(value)?),
            "tag" => self.tag = Some(tag(value)?),
            "place" => self.place = Some(place(value)?),
            "kind" => self.kind = Some(Kind::by_name(value).ok_or_else(|| Refusal::Kind(value.into()))?),
            "online" => self.online = Some(yes_or_no(value).ok_or_else(|| Refusal::Online(value.into()))?),
            "elsewhere" => self.elsewhere = Some(yes_or_no(value).ok_or_else(|| Refusal::Elsewhere(value.into()))?),
            "day" => self.when = When::Day(day(value).ok_or_else(|| Refusal::Day(value.into()))?),
            "month" => self.when = When::Month(day(&format!("{value}-01")).ok_or_else(|| Refusal::Month(value.into()))?),
            _ => {}
        }
        Ok(())
    }

    /// The one way to write this filter in an address; without question mark, empty where nothing is filtered.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("group", &self.group), ("tag", &self.tag), ("place", &self.place)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if let Some(kind) = self.kind {
            query.append_pair("kind", kind.name());
        }
        if let Some(online) = self.online {
            query.append_pair("online", if online { "yes" } else { "no" });
        }
        if let Some(elsewhere) = self.elsewhere {
            query.append_pair("elsewhere", if elsewhere { "yes" } else { "no" });
        }
        match self.when {
            When::Coming => {}
            When::Day(day) => _ = query.append_pair("day", &day.to_string()),
            When::Month(first) => _ = query.append_pair("month", &first.format("%Y-%m").to_string()),
        }
        query.finish()
    }

    /// `path` with this filter behind it.
    pub fn address(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    pub fn at(&self, when: When) -> Self {
        Self { when, ..self.clone() }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Does it let meetings of other cities through? Of these nothing is known by which it could choose; `by_itself` where nobody
    /// says.
    pub fn looks_elsewhere(&self, by_itself: bool) -> bool {
        let whole = Self { elsewhere: None, when: When::Coming, ..self.clone() };
        whole.is_empty() && self.elsewhere.unwrap_or(by_itself)
    }

    pub fn span(&self, now: Timestamp, zone: Tz) -> Span {
        match self.when {
            When::Coming => Span::coming(now),
            When::Day(day) => Span::days(day, day.succ_opt().unwrap_or(day), zone),
            When::Month(first) => Span::days(first, first.checked_add_months(Months::new(1)).unwrap_or(first), zone),
        }
    }

    /// The words of [`Filter::place`].
    pub fn place_words(&self) -> Vec<String> {
        self.place.as_deref().map(words_of).unwrap_or_default()
    }
}

impl Span {
    /// Everything that is not over at `now`.
    pub fn coming(now: Timestamp) -> Self {
        Self { from: now - MAX_LENGTH, until: Timestamp::NEVER, lasts: now }
    }

    /// Does this meeting lie within it?
    pub fn has(&self, meeting: &Meeting) -> bool {
        (self.from..self.until).contains(&meeting.starts) && meeting.ends > self.lasts
    }

    /// Everything that begins then or later, over or not.
    pub fn since(from: Timestamp) -> Self {
        Self { from, until: Timestamp::NEVER, lasts: Timestamp::from_micros(i64::MIN) }
    }

    /// Everything that begins on these days; the second one is the first day that is not wanted.
    fn days(first: NaiveDate, end: NaiveDate, zone: Tz) -> Self {
        Self { from: midnight(first, zone), until: midnight(end, zone), lasts: Timestamp::from_micros(i64::MIN) }
    }
}

/// When a day begins; where the clock jumps over midnight, an hour later.
pub fn midnight(day: NaiveDate, zone: Tz) -> Timestamp {
    let local = |hour| day.and_hms_opt(hour, 0, 0);
    let begin = (0..24).filter_map(local).find_map(|local| zone.from_local_datetime(&local).earliest());
    // a day that a zone left out altogether (Samoa, 2011)
    begin.map(|begin| begin.to_utc()).unwrap_or_else(|| day.and_time(chrono::NaiveTime::MIN).and_utc()).into()
}

/// The words of a place, lower-case, each once: what it can be found by.
pub fn words_of(place: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in place.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

fn group(value: &str) -> Result<String, Refusal> {
    let handle = value.trim_start_matches('@').to_ascii_lowercase();
    let well_formed =
        (1..=30).contains(&handle.len()) && handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if well_formed { Ok(handle) } else { Err(Refusal::Group(value.into())) }
}

fn tag(value: &str) -> Result<String, Refusal> {
    let tag = value.trim_start_matches('#').to_lowercase();
    if text::is_tag(&tag) { Ok(tag) } else { Err(Refusal::Tag(value.into())) }
}

fn place(value: &str) -> Result<String, Refusal> {
    let words = words_of(value).len();
    let fits = text::is_line(value, 200) && (1..=MAX_WORDS).contains(&words);
    if fits { Ok(value.into()) } else { Err(Refusal::Place) }
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn day(value: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
    // one way to write it
    (YEARS.contains(&day.year()) && day.to_string() == value).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_one_way_to_be_written() {
        let table = [
            ("", ""),
            ("utm_source=x&group=&tag=%20", ""),
            ("month=2026-12&group=@Kitchen", "group=kitchen&month=2026-12"),
            ("online=no&kind=assembly&place=Dewey+Square&tag=%23Soup", "tag=soup&place=Dewey+Square&kind=assembly&online=no"),
            ("elsewhere=yes&month=2026-12", "elsewhere=yes&month=2026-12"),
            ("day=2026-12-01&tag=%D8%AE%D8%A8%D8%B2", "tag=%D8%AE%D8%A8%D8%B2&day=2026-12-01"),
        ];
        for (given, canonical) in table {
            let filter = Filter::read(given).unwrap();
            assert_eq!(filter.query(), canonical);
            assert_eq!(Filter::read(canonical), Ok(filter));
        }
        assert_eq!(Filter::read("tag=soup").unwrap().address("/meetings"), "/meetings?tag=soup");
    }

    #[test]
    fn what_is_no_filter_is_refused_with_a_sentence() {
        for wrong in [
            "group=a/b",
            "group=%00",
            "tag=2026",
            "tag=a%25",
            "place=---",
            "place=a%0Ab",
            "kind=party",
            "online=perhaps",
            "elsewhere=perhaps",
            "day=2026-02-30",
            "day=2026-2-3",
            "day=today",
            "month=2026-13",
            "month=1999-12",
            "month=99999-01",
            "month=2026-12-01",
        ] {
            assert!(Filter::read(wrong).is_err(), "{wrong}");
        }
        assert!(Filter::read("place=a+b+c+d+e+f+g+h+i+j+k").is_err());
    }

    #[test]
    fn days_and_months_are_the_citys() {
        let span = |query: &str, zone| Filter::read(query).unwrap().span(Timestamp::from_seconds(0), zone);
        let day = span("day=2026-11-01", Tz::America__New_York);
        assert_eq!((day.from.rfc3339(), day.until.rfc3339()), ("2026-11-01T04:00:00Z".into(), "2026-11-02T05:00:00Z".into()));
        let month = span("month=2026-12", Tz::Europe__Madrid);
        assert_eq!((month.from.rfc3339(), month.until.rfc3339()), ("2026-11-30T23:00:00Z".into(), "2026-12-31T23:00:00Z".into()));
        // the clock jumps over midnight
        assert_eq!(
            midnight(NaiveDate::from_ymd_opt(2026, 9, 6).unwrap(), Tz::America__Santiago).rfc3339(),
            "2026-09-06T04:00:00Z"
        );
        let coming = span("", Tz::UTC);
        assert!(coming.from < coming.lasts && coming.until == Timestamp::NEVER);
    }

    #[test]
    fn a_place_is_found_by_its_words() {
        assert_eq!(words_of("Dewey Square, Summer St. (Dewey)"), ["dewey", "square", "summer", "st"]);
        assert_eq!(words_of("Ágora 15-M"), ["ágora", "15", "m"]);
    }
}
