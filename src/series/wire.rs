//! How a series is said to other servers: a `Schedule` (schema.org) that every `Event` of it carries, with its rule as in RFC 5545
//! and the meetings that are not as the rule has them. No other server federates what recurs; another Plaza shows all of it.

use chrono::{SecondsFormat, TimeDelta, Weekday};
use serde_json::{Value, json};

use super::{
    rule::{End, Every},
    series::Series,
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    federation::say,
    meetings::{self, meeting::Meeting},
    origin::Local,
};

/// So many meetings that are not as the rule has them go with a series; nearer ones first.
pub const EXCEPTIONS: usize = 50;

/// The series, without its context.
pub fn schedule(conn: &mut Conn, here: &Here, series: &Series) -> Result<Value> {
    let local = Local::Series(series.id);
    let (pattern, zone) = (&series.pattern, series.zone());
    let ends = series.first + TimeDelta::from_std(series.length()).unwrap_or_default();
    let mut schedule = json!({
        "id": here.origin.uri(&local),
        "type": "Schedule",
        "attributedTo": here.origin.group(&pattern.group),
        "name": pattern.title,
        "url": here.origin.page(&local),
        "startDate": series.first.date(),
        "startTime": series.first.format("%H:%M:%S").to_string(),
        "endTime": ends.format("%H:%M:%S").to_string(),
        "duration": format!("PT{}M", series.length().as_secs() / 60),
        "scheduleTimezone": zone.name(),
        "repeatFrequency": frequency(series),
        "rrule": series.rule.rrule(zone, series.first),
        "exceptDate": series.except,
        "exceptions": exceptions(conn, here, series)?,
    });
    match series.rule.every() {
        Every::Day | Every::Year => {}
        Every::Week(days) => {
            schedule["byDay"] = days.iter().map(|day| json!(format!("https://schema.org/{}", called(*day)))).collect()
        }
        Every::MonthDay(days) => schedule["byMonthDay"] = json!(days),
        Every::MonthWeekday(days) => {
            schedule["byDay"] = days.iter().map(|(nth, day)| json!(format!("{nth}{}", short(*day)))).collect();
        }
    }
    match series.rule.end() {
        End::Never => {}
        End::Until(day) => schedule["endDate"] = json!(day),
        End::After(count) => schedule["repeatCount"] = json!(count),
    }
    Ok(schedule)
}

/// The same with its context and the group's proof.
pub fn proven(conn: &mut Conn, here: &Here, series: &Series) -> Result<Value> {
    let schedule = schedule(conn, here, series)?;
    say::proven(conn, here, &Local::Group(series.pattern.group.clone()), schedule, series.pattern.changed())
}

/// ISO 8601.
fn frequency(series: &Series) -> String {
    let unit = match series.rule.every() {
        Every::Day => 'D',
        Every::Week(_) => 'W',
        Every::MonthDay(_) | Every::MonthWeekday(_) => 'M',
        Every::Year => 'Y',
    };
    format!("P{}{unit}", series.rule.interval())
}

fn called(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// As RFC 5545 writes it.
fn short(day: Weekday) -> String {
    called(day).chars().take(2).collect::<String>().to_uppercase()
}

/// Meetings that are not over and not as the series has them.
fn exceptions(conn: &mut Conn, here: &Here, series: &Series) -> Result<Vec<Value>> {
    let ahead = meetings::store::ahead_of_series(conn, series.id, here.now)?;
    let others = ahead.iter().filter_map(|meeting| exception(series, meeting));
    Ok(others.take(EXCEPTIONS).collect())
}

fn exception(series: &Series, meeting: &Meeting) -> Option<Value> {
    let planned = series.meeting_at(meeting.recurrence?.starts);
    let moved = (meeting.starts, meeting.ends) != (planned.starts, planned.ends);
    let (renamed, elsewhere) =
        (meeting.title != planned.title, meetings::wire::where_(meeting) != meetings::wire::where_(&planned));
    if !moved && !renamed && !elsewhere && meeting.cancelled.is_none() {
        return None;
    }
    let clock = |time: Timestamp| time.utc().with_timezone(&meeting.zone).to_rfc3339_opts(SecondsFormat::Secs, false);
    let mut exception = json!({
        "recurrenceId": clock(planned.starts),
        "startTime": clock(meeting.starts),
        "endTime": clock(meeting.ends),
        "status": if meeting.cancelled.is_some() { "CANCELLED" } else { "CONFIRMED" },
    });
    if renamed {
        exception["name"] = json!(meeting.title);
    }
    if elsewhere {
        exception["location"] = meetings::wire::place(meeting).unwrap_or_default();
    }
    Some(exception)
}
