//! A series that a group of another city holds, as its meetings carry it: read with care, and laid out like one of ours.

use std::{collections::BTreeMap, time::Duration};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    federation::reading,
    meetings::meeting::{self, Meeting},
    series::{rule::Rule, series::Series, wire::EXCEPTIONS},
    text,
};

/// No longer document is kept, in bytes.
pub const MAX_LENGTH: usize = 64 * 1_024;
/// Days that are read as left out.
const MAX_EXCEPT: usize = 400;

/// A series of another city.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    pub uri: Url,
    /// Who meets.
    pub actor: Url,
    /// Where people read it.
    pub url: Url,
    /// Under no id of ours, and of no group of ours.
    pub series: Series,
    /// Meetings that are not as the rule has them, by the moment at which they were to begin.
    exceptions: BTreeMap<Timestamp, Date>,
}

/// One meeting of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date {
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// Where it differs.
    pub title: Option<String>,
    pub place: Option<String>,
    pub cancelled: bool,
    /// When it was to begin, if it was moved.
    pub moved_from: Option<Timestamp>,
}

impl Rhythm {
    /// What a `Schedule` says that belongs to `actor`; nothing where it does not say enough, or lives on another server.
    pub fn read(schedule: &Value, actor: &Url) -> Option<Self> {
        let uri = reading::id(schedule).filter(|uri| uri.origin() == actor.origin())?;
        let word = |field: &str, max: usize| reading::text(schedule, field, max);
        let zone: Tz = word("scheduleTimezone", 64)?.parse().ok()?;
        let day: NaiveDate = word("startDate", 10)?.parse().ok()?;
        let time = word("startTime", 8)?.parse().ok()?;
        let first: NaiveDateTime = day.and_time(time);
        let minutes = word("duration", 12)?.strip_prefix("PT")?.strip_suffix('M')?.parse().ok()?;
        let rule = Rule::parse(&word("rrule", 500)?, first, zone).ok()?;
        let except = list(schedule, "exceptDate").take(MAX_EXCEPT).filter_map(|day| day.as_str()?.parse().ok()).collect();
        let blank = Meeting::blank(Uuid::nil(), "", Timestamp::default());
        let pattern = Meeting {
            title: word("name", 200).map(|name| text::plain_of_html(&name)).unwrap_or_default(),
            ends: blank.starts + meeting::length(minutes).ok()?,
            zone,
            ..blank
        };
        let exceptions = list(schedule, "exceptions").take(EXCEPTIONS).filter_map(exception).collect();
        Some(Self {
            url: schedule.get("url").and_then(reading::link).filter(|url| url.origin() == uri.origin()).unwrap_or(uri.clone()),
            series: Series::new(pattern, first, rule, except, Timestamp::default()),
            exceptions,
            actor: actor.clone(),
            uri,
        })
    }

    /// Its meetings that are not over at `from` and begin before `until`, in order; at most `limit`.
    pub fn ahead(&self, from: Timestamp, until: Timestamp, limit: usize) -> Vec<Date> {
        let as_ruled = |starts: Timestamp| Date {
            starts,
            ends: starts + self.series.length(),
            title: None,
            place: None,
            cancelled: false,
            moved_from: None,
        };
        let ruled = self.series.starts(from - self.series.length(), until).into_iter();
        let others = self.exceptions.values().filter(|date| date.starts < until).cloned();
        let mut dates: Vec<Date> =
            ruled.filter(|starts| !self.exceptions.contains_key(starts)).map(as_ruled).chain(others).collect();
        dates.retain(|date| date.ends > from);
        dates.sort_by_key(|date| date.starts);
        dates.truncate(limit);
        dates
    }
}

fn list<'a>(schedule: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    schedule.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn exception(exception: &Value) -> Option<(Timestamp, Date)> {
    let time = |field: &str| reading::time(exception, field);
    let (planned, starts, ends) = (time("recurrenceId")?, time("startTime")?, time("endTime")?);
    let fits = starts < ends && ends.since(starts) <= meeting::MAX_LENGTH && apart(planned, starts) <= YEAR;
    fits.then(|| {
        let date = Date {
            starts,
            ends,
            title: reading::text(exception, "name", 200).map(|name| text::plain_of_html(&name)),
            place: reading::place(exception),
            cancelled: reading::is_cancelled(exception),
            moved_from: (starts != planned).then_some(planned),
        };
        (planned, date)
    })
}

/// No meeting is moved farther.
const YEAR: Duration = Duration::from_secs(366 * 24 * 3_600);

fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schedule() -> Value {
        json!({
            "id": "https://far.example/ap/series/1", "type": "Schedule", "name": "Soup", "url": "https://far.example/series/1",
            "startDate": "2026-12-01", "startTime": "18:00:00", "duration": "PT120M", "scheduleTimezone": "America/New_York",
            "rrule": "FREQ=WEEKLY;BYDAY=TU", "exceptDate": ["2026-12-29"],
            "exceptions": [
                { "recurrenceId": "2026-12-08T18:00:00-05:00", "startTime": "2026-12-09T19:00:00-05:00",
                  "endTime": "2026-12-09T21:00:00-05:00", "status": "CONFIRMED", "location": { "type": "Place", "name": "Library" } },
                { "recurrenceId": "2026-12-15T18:00:00-05:00", "startTime": "2026-12-15T18:00:00-05:00",
                  "endTime": "2026-12-15T20:00:00-05:00", "status": "CANCELLED" },
            ],
        })
    }

    fn time(text: &str) -> Timestamp {
        reading::time(&json!({ "at": text }), "at").unwrap()
    }

    #[test]
    fn a_series_of_another_city_is_laid_out_with_what_was_moved_and_called_off() {
        let actor = Url::parse("https://far.example/ap/groups/kitchen").unwrap();
        let rhythm = Rhythm::read(&schedule(), &actor).unwrap();
        let dates = rhythm.ahead(time("2026-12-02T12:00:00Z"), time("2027-01-10T00:00:00Z"), 10);
        let shown: Vec<_> = dates
            .iter()
            .map(|date| (date.starts.rfc3339(), date.cancelled, date.moved_from.is_some(), date.place.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [
                ("2026-12-10T00:00:00Z".into(), false, true, Some("Library")),
                ("2026-12-15T23:00:00Z".into(), true, false, None),
                ("2026-12-22T23:00:00Z".into(), false, false, None),
                ("2027-01-05T23:00:00Z".into(), false, false, None),
            ]
        );
    }

    #[test]
    fn what_makes_no_sense_or_belongs_to_others_is_no_series() {
        let actor = Url::parse("https://far.example/ap/groups/kitchen").unwrap();
        let with = |field: &str, value: Value| {
            let mut schedule = schedule();
            schedule[field] = value;
            Rhythm::read(&schedule, &actor)
        };
        assert!(with("name", json!("Bread")).is_some());
        for (field, value) in [
            ("id", json!("https://evil.example/s")),
            ("scheduleTimezone", json!("Moon/Base")),
            ("startDate", json!("0000-13-01")),
            ("duration", json!("PT99999999999M")),
            ("rrule", json!("FREQ=SECONDLY")),
            ("rrule", json!(7)),
        ] {
            assert_eq!(with(field, value.clone()), None, "{field} {value}");
        }
        let swarm: Vec<Value> = (0..10_000).map(|_| json!({ "recurrenceId": "x" })).collect();
        assert!(with("exceptions", json!(swarm)).is_some_and(|rhythm| rhythm.exceptions.is_empty()));
        let never = json!([{ "recurrenceId": "2026-12-08T18:00:00-05:00", "startTime": "2199-12-09T19:00:00-05:00", "endTime": "2199-12-09T21:00:00-05:00" }]);
        assert!(with("exceptions", never).is_some_and(|rhythm| rhythm.exceptions.is_empty()));
    }
}
