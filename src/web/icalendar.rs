//! iCalendar (RFC 5545, RFC 7986) as it is written: values that cannot leave their line, times in zones that are explained.
//! Knows no noun.

mod zone;

use std::{ops::Range, time::Duration};

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry, ICalendarParameter,
    ICalendarParameterValue, ICalendarProperty, ICalendarValue, ICalendarValueType, Uri,
};
use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use url::Url;

use crate::clock::Timestamp;

pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// How often a subscriber is asked to look again.
const REFRESH: Duration = Duration::from_secs(3_600);

/// What a calendar says before its events.
pub struct Calendar {
    pub name: String,
    /// BCP 47, of the name.
    pub language: String,
    /// Where it is subscribed to.
    pub source: Url,
    /// What people open instead.
    pub page: Url,
    /// Of whoever looks without a zone of their own.
    pub zone: Tz,
    /// Zones in which times are said.
    pub zones: Vec<Tz>,
    /// When the events are.
    pub span: Range<Timestamp>,
}

/// Ends what [`Calendar::head`] began.
pub const TAIL: &str = "END:VCALENDAR\r\n";

impl Calendar {
    /// Everything up to the first event; without a METHOD, for it is a calendar and no invitation.
    pub fn head(&self) -> String {
        let named = |name: &str| ICalendarProperty::Other(name.to_owned());
        let refresh = || ICalendarDuration::from_seconds(i64::try_from(REFRESH.as_secs()).unwrap_or(0));
        let entries = vec![
            plain(ICalendarProperty::Version, "2.0"),
            plain(ICalendarProperty::Prodid, concat!("-//Plaza//Plaza ", env!("CARGO_PKG_VERSION"), "//EN")),
            text(ICalendarProperty::Name, &self.language, &self.name),
            plain(named("X-WR-CALNAME"), &self.name),
            plain(named("X-WR-TIMEZONE"), self.zone.name()),
            address(ICalendarProperty::Source, &self.source).with_param(value_type(ICalendarValueType::Uri)),
            address(ICalendarProperty::Url, &self.page),
            entry(ICalendarProperty::RefreshInterval, refresh()).with_param(value_type(ICalendarValueType::Duration)),
            entry(named("X-PUBLISHED-TTL"), refresh()),
        ];
        let mut calendar = ICalendar { components: vec![component(ICalendarComponentType::VCalendar, entries)] };
        for zone in self.zones.iter().filter(|zone| needs_explaining(**zone)) {
            zone::explain(&mut calendar, *zone, &self.span);
        }
        let whole = calendar.to_string();
        whole.strip_suffix(TAIL).map(str::to_owned).unwrap_or(whole)
    }

    /// What the clock on the wall shows in that zone, whatever moment that is: for what recurs.
    pub fn clock(&self, name: ICalendarProperty, zone: Tz, clock: NaiveDateTime) -> ICalendarEntry {
        if needs_explaining(zone) {
            entry(name, PartialDateTime::from_naive_timestamp(clock.and_utc().timestamp()))
                .with_param(ICalendarParameter::tzid(zone.name().to_owned()))
        } else {
            moment(name, clock.and_utc().into())
        }
    }

    /// A time as the clock on the wall shows it there; in UTC when that clock shows it twice: readers do not agree which one
    /// is meant, whatever RFC 5545 (3.3.5) says.
    pub fn time(&self, name: ICalendarProperty, time: &DateTime<Tz>) -> ICalendarEntry {
        let (zone, local) = (time.timezone(), time.naive_local());
        let comes_once = zone.from_local_datetime(&local).single().is_some();
        if !comes_once || !needs_explaining(zone) || !self.zones.contains(&zone) {
            return moment(name, time.to_utc().into());
        }
        self.clock(name, zone, local)
    }
}

fn needs_explaining(zone: Tz) -> bool {
    !matches!(zone, Tz::UTC | Tz::Etc__UTC)
}

fn component(component_type: ICalendarComponentType, entries: Vec<ICalendarEntry>) -> ICalendarComponent {
    ICalendarComponent { component_type, entries, component_ids: vec![] }
}

/// One event, from `BEGIN:VEVENT` on.
pub fn event(entries: Vec<ICalendarEntry>) -> String {
    ICalendar { components: vec![component(ICalendarComponentType::VEvent, entries)] }.to_string()
}

pub fn entry(name: ICalendarProperty, value: impl Into<ICalendarValue>) -> ICalendarEntry {
    ICalendarEntry::new(name).with_value(value)
}

/// Words of no language in particular.
pub fn plain(name: ICalendarProperty, value: &str) -> ICalendarEntry {
    entry(name, clean(value))
}

/// Words of a language (BCP 47).
pub fn text(name: ICalendarProperty, language: &str, value: &str) -> ICalendarEntry {
    plain(name, value).with_param(ICalendarParameter::language(parameter(language)))
}

/// Several words of one property.
pub fn list(name: ICalendarProperty, values: &[String]) -> ICalendarEntry {
    ICalendarEntry::new(name).with_values(values.iter().map(|value| clean(value).into()).collect())
}

/// In UTC.
pub fn moment(name: ICalendarProperty, time: Timestamp) -> ICalendarEntry {
    entry(name, PartialDateTime::from_utc_timestamp(time.seconds()))
}

/// How long something takes, whatever clocks do meanwhile: a day would be one of 23, 24 or 25 hours.
pub fn minutes(name: ICalendarProperty, length: Duration) -> ICalendarEntry {
    let minutes = u32::try_from(length.as_secs() / 60).unwrap_or(u32::MAX);
    entry(name, ICalendarDuration { minutes, ..Default::default() })
}

/// The `RRULE` that such a text says.
pub fn rule(text: &str) -> Option<ICalendarEntry> {
    let read = ICalendar::parse(format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:{text}\r\nEND:VEVENT\r\n{TAIL}")).ok()?;
    let mut entries = read.components.into_iter().flat_map(|component| component.entries);
    entries.find(|entry| entry.name == ICalendarProperty::Rrule)
}

/// An address is no text: nothing in it is escaped. The library would do so all the same, unless these signs are encoded.
pub fn address(name: ICalendarProperty, url: &Url) -> ICalendarEntry {
    entry(name, Uri::Location(url.as_str().replace(',', "%2C").replace(';', "%3B").replace('\\', "%5C")))
}

pub fn value_type(kind: ICalendarValueType) -> ICalendarParameter {
    ICalendarParameter::value(ICalendarParameterValue::Value(kind))
}

/// A parameter has no way to say a quote or an end of line.
pub fn parameter(value: &str) -> String {
    clean(value).replace(['"', '\\', '\n'], " ")
}

/// Ends of lines become one kind, and what a program might take for one, or for an order, is left out.
fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let kept = lines.chars().filter_map(|c| match c {
        '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' | '\u{b}' | '\u{c}' => Some(' '),
        '\n' => Some(c),
        c if c.is_control() || c == '\u{feff}' => None,
        c => Some(c),
    });
    kept.collect()
}
