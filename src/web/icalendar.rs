//! iCalendar (RFC 5545, RFC 7986) as it is written: values that cannot leave their line, times in zones that are explained.
//! Knows no noun.

use std::{ops::Range, time::Duration};

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry, ICalendarParameter,
    ICalendarParameterValue, ICalendarProperty, ICalendarValue, ICalendarValueType, Uri,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeZone};
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
            address(ICalendarProperty::Source, &self.source).with_param(value_type(ICalendarValueType::Uri)),
            address(ICalendarProperty::Url, &self.page),
            entry(ICalendarProperty::RefreshInterval, refresh()).with_param(value_type(ICalendarValueType::Duration)),
            entry(named("X-PUBLISHED-TTL"), refresh()),
        ];
        let mut calendar = ICalendar { components: vec![component(ICalendarComponentType::VCalendar, entries)] };
        let years = self.span.start.utc().year()..self.span.end.utc().year().saturating_add(2);
        for zone in self.zones.iter().filter(|zone| needs_explaining(**zone)) {
            explain(&mut calendar, *zone, &years);
        }
        let whole = calendar.to_string();
        whole.strip_suffix(TAIL).map(str::to_owned).unwrap_or(whole)
    }

    /// A time as the clock on the wall shows it there; in UTC when that clock shows it twice: readers do not agree which one
    /// is meant, whatever RFC 5545 (3.3.5) says.
    pub fn time(&self, name: ICalendarProperty, time: &DateTime<Tz>) -> ICalendarEntry {
        let (zone, local) = (time.timezone(), time.naive_local());
        let comes_once = zone.from_local_datetime(&local).single().is_some();
        if !comes_once || !needs_explaining(zone) || !self.zones.contains(&zone) {
            return moment(name, time.to_utc().into());
        }
        entry(name, PartialDateTime::from_naive_timestamp(local.and_utc().timestamp()))
            .with_param(ICalendarParameter::tzid(zone.name().to_owned()))
    }
}

fn needs_explaining(zone: Tz) -> bool {
    !matches!(zone, Tz::UTC | Tz::Etc__UTC)
}

/// Adds the `VTIMEZONE`. Rules that go on for ever are understood everywhere; over rules that end some readers stumble, so
/// that where one is needed every change of the clock is told by itself.
fn explain(calendar: &mut ICalendar, zone: Tz, years: &Range<i32>) {
    let whole = observances(zone, years);
    let ends = |rule: &ICalendarValue| matches!(rule, ICalendarValue::RecurrenceRule(rule) if rule.until.is_some());
    let observances = if whole.iter().flat_map(|part| &part.entries).flat_map(|entry| &entry.values).any(ends) {
        let each = |year| observances(zone, &(year..year + 1)).into_iter().skip(usize::from(year > years.start));
        years.clone().flat_map(each).collect()
    } else {
        whole
    };
    let mut told = component(ICalendarComponentType::VTimezone, vec![plain(ICalendarProperty::Tzid, zone.name())]);
    let place = calendar.components.len();
    let places = |from: usize, count: usize| (from..from + count).filter_map(|place| u32::try_from(place).ok());
    told.component_ids = places(place + 1, observances.len()).collect();
    if let Some(root) = calendar.components.first_mut() {
        root.component_ids.extend(places(place, 1));
    }
    calendar.components.push(told);
    calendar.components.extend(observances);
}

/// What the clock shows on the first of these years, and each change after that.
fn observances(zone: Tz, years: &Range<i32>) -> Vec<ICalendarComponent> {
    let mut alone = ICalendar { components: vec![component(ICalendarComponentType::VCalendar, vec![])] };
    alone.add_timezone(zone.name(), new_year(years.start), new_year(years.end));
    let is_one =
        |kind: &ICalendarComponentType| matches!(kind, ICalendarComponentType::Standard | ICalendarComponentType::Daylight);
    alone.components.into_iter().filter(|part| is_one(&part.component_type)).collect()
}

/// In UTC, seconds since 1970.
fn new_year(year: i32) -> i64 {
    let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
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
