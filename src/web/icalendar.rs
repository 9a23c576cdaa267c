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
        let root = ICalendarComponent { component_type: ICalendarComponentType::VCalendar, entries, component_ids: vec![] };
        let mut calendar = ICalendar { components: vec![root] };
        for zone in self.zones.iter().filter(|zone| needs_explaining(**zone)) {
            calendar.add_timezone(zone.name(), new_year(&self.span.start, 0), new_year(&self.span.end, 2));
        }
        let whole = calendar.to_string();
        whole.strip_suffix(TAIL).map(str::to_owned).unwrap_or(whole)
    }

    /// A time as the clock on the wall shows it there; in UTC where that would not say which moment is meant.
    pub fn time(&self, name: ICalendarProperty, time: &DateTime<Tz>) -> ICalendarEntry {
        let (zone, local) = (time.timezone(), time.naive_local());
        // of an hour that comes twice, readers take the first one (RFC 5545, 3.3.5)
        let is_clear = zone.from_local_datetime(&local).earliest().as_ref() == Some(time);
        if !is_clear || !needs_explaining(zone) || !self.zones.contains(&zone) {
            return moment(name, time.to_utc().into());
        }
        entry(name, PartialDateTime::from_naive_timestamp(local.and_utc().timestamp()))
            .with_param(ICalendarParameter::tzid(zone.name().to_owned()))
    }
}

fn needs_explaining(zone: Tz) -> bool {
    !matches!(zone, Tz::UTC | Tz::Etc__UTC)
}

/// The first moment of the year of `time` or of one some years later, seconds since 1970.
fn new_year(time: &Timestamp, later: i32) -> i64 {
    let day = NaiveDate::from_ymd_opt(time.utc().year().saturating_add(later), 1, 1).unwrap_or_default();
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// One event, from `BEGIN:VEVENT` on.
pub fn event(entries: Vec<ICalendarEntry>) -> String {
    let event = ICalendarComponent { component_type: ICalendarComponentType::VEvent, entries, component_ids: vec![] };
    ICalendar { components: vec![event] }.to_string()
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
