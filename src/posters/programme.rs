//! What is on in some days of the city, as everything that leaves the screen shows it: on the city's clock.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::{
    app::App,
    clock::Timestamp,
    error::Result,
    groups,
    meetings::{
        meeting::Meeting,
        store::{Only, within},
    },
    origin::Local,
    text,
    web::{Day, Shell},
    words::{Words, zone_abbreviation},
};

/// More meetings than this are counted, at most, in the days that are asked for.
const READ: i64 = 300;
/// How far away the days may lie that somebody asks for.
const REACH: u64 = 366;

/// Some days in a row, in the city's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: NaiveDate,
    pub last: NaiveDate,
    zone: Tz,
}

impl Span {
    pub fn today(now: Timestamp, zone: Tz) -> Self {
        let today = now.utc().with_timezone(&zone).date_naive();
        Self { first: today, last: today, zone }
    }

    /// Seven days, beginning with `from` (`2026-11-30`), else with today.
    pub fn week(now: Timestamp, zone: Tz, from: Option<&str>) -> Self {
        let today = Self::today(now, zone).first;
        let asked = from.and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok());
        let first = asked.filter(|date| date.signed_duration_since(today).num_days().unsigned_abs() <= REACH).unwrap_or(today);
        Self { first, last: first.checked_add_days(Days::new(6)).unwrap_or(first), zone }
    }

    pub fn begins(self) -> Timestamp {
        midnight(self.first, self.zone)
    }

    /// The first moment after it.
    pub fn ends(self) -> Timestamp {
        self.last.succ_opt().map_or(Timestamp::NEVER, |next| midnight(next, self.zone))
    }

    /// `24–30 November`.
    pub fn said(self, words: &Words) -> String {
        let month = |date: NaiveDate| words.say(&format!("month-long-{}", date.format("%-m")), &[]);
        let (from, to) = (self.first.format("%-d").to_string(), self.last.format("%-d").to_string());
        let (month_from, month_to) = (month(self.first), month(self.last));
        if month_from == month_to {
            return words.say("span-one-month", &[("from", &from), ("to", &to), ("month", &month_to)]);
        }
        let days = [("from", from.as_str()), ("month_from", &month_from), ("to", &to), ("month_to", &month_to)];
        words.say("span-two-months", &days)
    }
}

/// When a day begins; where the clock is set forward at midnight, that is later.
fn midnight(date: NaiveDate, zone: Tz) -> Timestamp {
    let start = date.and_time(NaiveTime::MIN);
    let hours = (0..=24).map(|hour| start + TimeDelta::hours(hour));
    let first = hours.filter_map(|time| zone.from_local_datetime(&time).earliest()).next();
    first.map_or_else(|| start.and_utc().into(), |time| time.to_utc().into())
}

/// A meeting as it is written on something that leaves the screen.
#[derive(Clone, Debug)]
pub struct Line {
    /// The day under which it stands.
    pub date: NaiveDate,
    /// For machines, with its offset.
    pub starts: String,
    /// `18:00`.
    pub from: String,
    /// `EST`, where nobody could guess it.
    pub zone: Option<String>,
    /// `18:00–20:00`, or until when, if it began before or ends another day.
    pub hours: String,
    pub title: String,
    /// BCP 47.
    pub language: String,
    pub group: String,
    pub group_language: String,
    pub place: Option<String>,
    /// Where there is one: place and address.
    pub whole_place: Option<String>,
    pub online: Option<String>,
    /// Absolute.
    pub page: String,
    pub cancelled: bool,
    pub unconfirmed: bool,
    pub moved: bool,
    /// It has begun.
    pub on: bool,
}

/// What the groups of a city are called: handle, then name and language.
pub type Names = HashMap<String, (String, String)>;

/// The meetings of these days that are not over, the first one first.
pub async fn read(app: &App, shell: &Shell, span: Span, only: Only) -> Result<Vec<Line>> {
    let now = app.here().now;
    let from = span.begins().max(now);
    let (meetings, names) = load(app, from, span.ends(), only, READ).await?;
    Ok(meetings.iter().map(|meeting| line(app, shell, now, span.first, meeting, &names)).collect())
}

/// The next meetings, whenever they are.
pub async fn next(app: &App, shell: &Shell, only: Only, limit: i64) -> Result<Vec<Line>> {
    let now = app.here().now;
    let today = Span::today(now, shell.zone).first;
    let (meetings, names) = load(app, now, Timestamp::NEVER, only, limit).await?;
    Ok(meetings.iter().map(|meeting| line(app, shell, now, today, meeting, &names)).collect())
}

/// What begins after these days.
pub async fn after(app: &App, shell: &Shell, span: Span, limit: usize) -> Result<Vec<Line>> {
    let (now, end) = (app.here().now, span.ends());
    // what is still on then stands under these days
    let (meetings, names) = load(app, end, Timestamp::NEVER, Only::default(), READ).await?;
    let later = meetings.iter().filter(|meeting| meeting.starts >= end).take(limit);
    Ok(later.map(|meeting| line(app, shell, now, span.last, meeting, &names)).collect())
}

async fn load(app: &App, from: Timestamp, until: Timestamp, only: Only, limit: i64) -> Result<(Vec<Meeting>, Names)> {
    let found = app.db.read(move |conn| {
        let meetings = within(conn, from, until, &only, limit)?;
        let mut handles: Vec<&str> = meetings.iter().map(|meeting| meeting.group.as_str()).collect();
        handles.sort_unstable();
        handles.dedup();
        let names = groups::store::names(conn, &handles)?;
        Ok((meetings, names.into_iter().map(|(handle, name, language)| (handle, (name, language))).collect()))
    });
    found.await
}

fn line(app: &App, shell: &Shell, now: Timestamp, first: NaiveDate, meeting: &Meeting, names: &Names) -> Line {
    let start = meeting.starts.utc().with_timezone(&shell.zone);
    let (group, group_language) = names.get(&meeting.group).cloned().unwrap_or_default();
    let online = meeting.online.as_ref().map(ToString::to_string);
    let place = meeting.place.as_ref().or(meeting.address.as_ref());
    let both = [&meeting.place, &meeting.address].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    let line = |text: &str| text::one_line(text);
    Line {
        date: start.date_naive().max(first),
        starts: start.to_rfc3339(),
        from: clock_face(&start),
        zone: zone(meeting, &start),
        hours: hours(&shell.words, meeting, &start, first, now),
        title: line(&meeting.title),
        language: meeting.language.clone(),
        group: line(&group),
        group_language,
        place: place.map(|place| line(place)).or_else(|| online.as_ref().map(|_| shell.say("meeting-online"))),
        whole_place: (!both.is_empty()).then(|| line(&both)),
        online,
        page: app.origin.page(&Local::Event(meeting.id)).map(|page| page.to_string()).unwrap_or_default(),
        cancelled: meeting.cancelled.is_some(),
        unconfirmed: meeting.is_tentative(),
        moved: meeting.previous_start.is_some(),
        on: meeting.starts <= now,
    }
}

fn hours(words: &Words, meeting: &Meeting, start: &DateTime<Tz>, first: NaiveDate, now: Timestamp) -> String {
    let end = meeting.ends.utc().with_timezone(&start.timezone());
    let (from, zone) = (clock_face(start), zone(meeting, start).map(|zone| format!(" {zone}")).unwrap_or_default());
    let began_before = start.date_naive() < first;
    let ends_soon = meeting.ends.since(meeting.starts).as_secs() < 24 * 3_600;
    let until = || {
        let day = Day::of(&end, now).date(words);
        words.say("day-hour", &[("day", &day), ("hour", &clock_face(&end))])
    };
    match (began_before, ends_soon) {
        // whoever reads of a night knows on which day 02:00 is
        (false, true) => format!("{from}–{}{zone}", clock_face(&end)),
        (false, false) => words.say("span-until", &[("from", &from), ("until", &(until() + &zone))]),
        (true, _) => words.say("span-still", &[("until", &(until() + &zone))]),
    }
}

/// The zone where a reader in this city could take the time for another: when the group counts in another
/// zone, and when people meet nowhere but online.
fn zone(meeting: &Meeting, start: &DateTime<Tz>) -> Option<String> {
    let same_clock = meeting.local_start().offset().fix() == start.offset().fix();
    let is_here = meeting.is_somewhere() || meeting.online.is_none();
    (!same_clock || !is_here).then(|| zone_abbreviation(start))
}

pub fn clock_face(time: &DateTime<Tz>) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `Tuesday 24 November`, as the city's calendar has it.
pub fn day(words: &Words, date: NaiveDate, now: Timestamp, zone: Tz) -> String {
    Day::of(&midnight(date, zone).utc().with_timezone(&zone), now).date(words)
}

/// `Today, Tuesday 24 November`.
pub fn day_from_now(words: &Words, date: NaiveDate, now: Timestamp, zone: Tz) -> String {
    Day::of(&midnight(date, zone).utc().with_timezone(&zone), now).said(words)
}

/// Lines by the day under which they stand.
pub fn by_day(lines: &[Line]) -> Vec<(NaiveDate, Vec<Line>)> {
    let mut days: Vec<(NaiveDate, Vec<Line>)> = Vec::new();
    let mut sorted = lines.to_vec();
    sorted.sort_by_key(|line| line.date);
    for line in sorted {
        match days.last_mut() {
            Some((date, lines)) if *date == line.date => lines.push(line),
            _ => days.push((line.date, vec![line])),
        }
    }
    days
}

/// The group of that handle, ended or not.
pub async fn group(app: &App, handle: &str) -> Result<Option<groups::group::Group>> {
    let handle = handle.to_ascii_lowercase();
    app.db.read(move |conn| Ok(groups::store::by_handle(conn, &handle)?)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_today_or_when_asked() {
        let now = Timestamp::from(Tz::America__New_York.with_ymd_and_hms(2026, 11, 24, 23, 30, 0).unwrap().to_utc());
        let (en, es) = (Words::of("en"), Words::of("es"));
        let week = |from| Span::week(now, Tz::America__New_York, from);
        assert_eq!(week(None).said(&en), "24–30 November");
        assert_eq!(week(Some("2026-11-29")).said(&es), "29 de noviembre – 5 de diciembre");
        for nonsense in ["", "tomorrow", "2026-02-30", "-262144-01-01", "+262142-12-31", "2029-01-01", "2026-11-29' OR 1"] {
            assert_eq!(week(Some(nonsense)), week(None), "{nonsense}");
        }
        assert_eq!(week(None).begins().rfc3339(), "2026-11-24T05:00:00Z");
        assert_eq!(week(None).ends().rfc3339(), "2026-12-01T05:00:00Z");
        // in Beirut the clock is set forward at midnight
        let beirut = Span { first: "2026-03-29".parse().unwrap(), last: "2026-03-29".parse().unwrap(), zone: Tz::Asia__Beirut };
        assert_eq!(beirut.begins().rfc3339(), "2026-03-28T22:00:00Z");
        // in Samoa there was no 30 December 2011
        let apia = Span { first: "2011-12-30".parse().unwrap(), last: "2011-12-30".parse().unwrap(), zone: Tz::Pacific__Apia };
        assert_eq!(apia.begins(), apia.ends());
    }
}
