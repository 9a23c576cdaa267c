//! One property of a component, read by itself, so that a broken one cannot swallow its neighbours.

use calcard::{
    Entry, Parser,
    common::PartialDateTime,
    icalendar::{ICalendarEntry, ICalendarParameterName as Parameter, ICalendarValue, Uri},
};
use chrono::{NaiveDate, NaiveDateTime};

use super::lines::{Component, Line};

/// Longest text of a property that is taken in, in bytes.
const LONGEST: usize = 64 * 1024;

/// Where a property stands more often than it may, no more are looked at.
const FEW: usize = 5;

/// A property as the parser understood it, and where it stood.
pub struct Property {
    pub line: usize,
    entry: ICalendarEntry,
}

/// A time as calendars say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time<'a> {
    Day(NaiveDate),
    /// What the clock on the wall shows, in the zone of that name; without one wherever one is.
    Wall(NaiveDateTime, Option<&'a str>),
    Utc(NaiveDateTime),
}

impl Property {
    /// Nothing where the line is no text, or none that a parser takes.
    pub fn read(line: &Line) -> Option<Self> {
        let text = std::str::from_utf8(&line.bytes).ok().filter(|text| text.len() <= LONGEST)?;
        let alone = format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", text.replace(['\r', '\0'], ""));
        let Entry::ICalendar(calendar) = Parser::new(&alone).entry() else { return None };
        let entry = calendar.components.into_iter().next()?.entries.into_iter().next()?;
        Some(Self { line: line.number, entry })
    }

    /// The first of that name that can be read.
    pub fn of(component: &Component, name: &str) -> Option<Self> {
        component.lines_of(name).take(FEW).find_map(Self::read)
    }

    /// Its words, of the several that some have the first.
    pub fn text(&self) -> Option<&str> {
        self.texts().next()
    }

    /// All of its words.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entry.values.iter().filter_map(|value| match value {
            ICalendarValue::Text(text) => Some(text.as_str()),
            ICalendarValue::Uri(Uri::Location(address)) => Some(address.as_str()),
            ICalendarValue::Status(_) | ICalendarValue::Classification(_) | ICalendarValue::Method(_) => value.as_text(),
            _ => None,
        })
    }

    pub fn number(&self) -> Option<i64> {
        self.entry.values.iter().find_map(|value| match value {
            ICalendarValue::Integer(number) => Some(*number),
            ICalendarValue::Text(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    pub fn floats(&self) -> Vec<f64> {
        self.entry.values.iter().filter_map(ICalendarValue::as_float).collect()
    }

    /// Seconds that a `DURATION` says.
    pub fn seconds(&self) -> Option<i64> {
        self.entry.values.iter().find_map(|value| match value {
            ICalendarValue::Duration(duration) => Some(duration.as_seconds()),
            _ => None,
        })
    }

    /// Seconds east of Greenwich that a `TZOFFSETTO` says.
    pub fn offset(&self) -> Option<i32> {
        let time = self.entry.values.first()?.as_partial_date_time()?;
        let (hours, minutes) = (i32::from(time.tz_hour?), i32::from(time.tz_minute.unwrap_or(0)));
        let seconds = hours * 3_600 + minutes * 60;
        Some(if time.tz_minus { -seconds } else { seconds })
    }

    pub fn language(&self) -> Option<&str> {
        self.parameter(&Parameter::Language)
    }

    /// Does an exception hold for everything that follows?
    pub fn is_this_and_future(&self) -> bool {
        // it has no other value
        self.entry.has_parameter(&Parameter::Range)
    }

    fn parameter(&self, name: &Parameter) -> Option<&str> {
        self.entry.parameter(name).and_then(|value| value.as_text())
    }

    /// Every time it says; an error for what is none.
    pub fn times(&self) -> impl Iterator<Item = Result<Time<'_>, ()>> {
        let zone = self.entry.tz_id();
        self.entry.values.iter().map(move |value| value.as_partial_date_time().and_then(|time| understood(time, zone)).ok_or(()))
    }

    pub fn time(&self) -> Option<Time<'_>> {
        self.times().next()?.ok()
    }
}

fn understood<'a>(time: &PartialDateTime, zone: Option<&'a str>) -> Option<Time<'a>> {
    let day = NaiveDate::from_ymd_opt(i32::from(time.year?), u32::from(time.month?), u32::from(time.day?))?;
    let Some(hour) = time.hour else { return Some(Time::Day(day)) };
    // a leap second is the last one before it
    let second = u32::from(time.second.unwrap_or(0)).min(59);
    let at = day.and_hms_opt(u32::from(hour), u32::from(time.minute.unwrap_or(0)), second)?;
    let away = i64::from(time.tz_hour.unwrap_or(0)) * 3_600 + i64::from(time.tz_minute.unwrap_or(0)) * 60;
    match time.tz_hour {
        None => Some(Time::Wall(at, zone)),
        Some(_) => {
            let away = chrono::TimeDelta::seconds(if time.tz_minus { away } else { -away });
            at.checked_add_signed(away).map(Time::Utc)
        }
    }
}
