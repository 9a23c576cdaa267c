//! iCalendar as others read it: the parsers of two other projects must agree on every value.

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarValue};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use icalendar::parser::{Component, read_calendar, unfold};
use plaza::clock::Timestamp;

/// One property: its name, its parameters, and its value without the backslashes of a text.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    parameters: Vec<(String, String)>,
    pub value: String,
}

#[derive(Debug)]
pub struct Event(pub Vec<Field>);

#[derive(Debug)]
pub struct Calendar {
    fields: Vec<Field>,
    pub events: Vec<Event>,
    zones: Vec<(String, Vec<Observance>)>,
}

/// `STANDARD` or `DAYLIGHT`: from each onset on, the clock shows UTC and so many seconds.
#[derive(Debug)]
struct Observance {
    kind: String,
    onset: NaiveDateTime,
    offset: i64,
    rule: Option<String>,
}

/// Texts that the first reader leaves with their backslashes, for it knows RFC 5545 only.
const NEWER_TEXTS: [&str; 2] = ["NAME", "X-WR-CALNAME"];

/// What the text of a calendar says, when it is well-formed and both readers understand the same.
pub fn read(text: &str) -> Calendar {
    check_lines(text);
    let unfolded = unfold(text);
    let parsed = read_calendar(&unfolded).unwrap_or_else(|error| panic!("{error}"));
    let mut events = vec![];
    let mut zones = vec![];
    for component in &parsed.components {
        match component.name.as_str() {
            "VEVENT" => events.push(Event(fields(component))),
            "VTIMEZONE" => zones.push(zone(component)),
            other => panic!("a component {other}"),
        }
    }
    let head = parsed.properties.iter().map(field).collect();
    agree(text, &events);
    Calendar { fields: head, events, zones }
}

/// RFC 5545, 3.1: lines end in CRLF and have at most 75 octets; no other control characters; what begins also ends.
fn check_lines(text: &str) {
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("\r\nEND:VCALENDAR\r\n"), "{text:?}");
    let lines: Vec<&str> = text.trim_end_matches("\r\n").split("\r\n").collect();
    let mut open = vec![];
    for line in lines {
        assert!(line.len() <= 75 && !line.is_empty(), "{} octets: {line:?}", line.len());
        assert!(!line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')), "{line:?}");
        if let Some(name) = line.strip_prefix("BEGIN:") {
            open.push(name);
        } else if let Some(name) = line.strip_prefix("END:") {
            assert_eq!(open.pop(), Some(name));
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn fields(component: &Component<'_>) -> Vec<Field> {
    assert!(component.components.is_empty(), "something within an event: {component:?}");
    component.properties.iter().map(field).collect()
}

fn field(property: &icalendar::parser::Property<'_>) -> Field {
    let parameter = |parameter: &icalendar::parser::Parameter<'_>| {
        let value = parameter.val.as_ref().map(|value| value.as_str().trim_matches('"').to_owned()).unwrap_or_default();
        (parameter.key.as_str().to_owned(), value)
    };
    let name = property.name.as_str().to_owned();
    let value = if NEWER_TEXTS.contains(&name.as_str()) {
        property.val.clone().into_owned().unescape_text().as_str().to_owned()
    } else {
        property.val.as_str().to_owned()
    };
    Field { name, parameters: property.params.iter().map(parameter).collect(), value }
}

/// The second reader finds the same texts and addresses in the same events.
fn agree(text: &str, events: &[Event]) {
    let second = ICalendar::parse(text).unwrap_or_else(|error| panic!("{error:?}"));
    let theirs: Vec<&ICalendarComponent> =
        second.components.iter().filter(|component| component.component_type == ICalendarComponentType::VEvent).collect();
    assert_eq!(theirs.len(), events.len());
    for (theirs, ours) in theirs.iter().zip(events) {
        assert_eq!(theirs.entries.len(), ours.0.len());
        for (entry, field) in theirs.entries.iter().zip(&ours.0) {
            assert_eq!(entry.name.as_str(), field.name);
            let texts: Vec<&str> = entry.values.iter().filter_map(ICalendarValue::as_text).collect();
            if !texts.is_empty() {
                assert_eq!(texts.join(","), field.value, "{}", field.name);
            }
        }
    }
}

fn zone(component: &Component<'_>) -> (String, Vec<Observance>) {
    let name = component.find_prop("TZID").expect("a TZID").val.as_str().to_owned();
    assert_eq!(component.find_prop("X-LIC-LOCATION").expect("a place").val.as_str(), name);
    let observances = component.components.iter().map(|part| {
        let value = |name: &str| part.find_prop(name).map(|property| property.val.as_str().to_owned());
        assert!(["STANDARD", "DAYLIGHT"].contains(&part.name.as_str()));
        assert!(value("TZOFFSETFROM").is_some());
        Observance {
            kind: part.name.as_str().to_owned(),
            onset: local(&value("DTSTART").expect("an onset")),
            offset: offset(&value("TZOFFSETTO").expect("an offset")),
            rule: value("RRULE"),
        }
    });
    (name, observances.collect())
}

pub fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap_or_else(|_| panic!("{text} is no local time"))
}

/// `-0500` in seconds.
fn offset(text: &str) -> i64 {
    let (sign, digits) = text.split_at(1);
    let number: i64 = digits.parse().expect("digits");
    let seconds = (number / 100) * 3_600 + (number % 100) * 60;
    if sign == "-" { -seconds } else { seconds }
}

impl Observance {
    /// Its onset that was last at that time of the clock on the wall.
    fn last_onset(&self, at: NaiveDateTime) -> Option<NaiveDateTime> {
        let first = (self.onset <= at).then_some(self.onset);
        let Some(rule) = &self.rule else { return first };
        let part = |name: &str| rule.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        assert_eq!(part("FREQ"), Some("YEARLY"), "{rule}");
        assert_eq!(part("UNTIL"), None, "some readers stumble: {rule}");
        let (nth, day) = part("BYDAY").expect("a day").split_at(part("BYDAY").map_or(0, str::len) - 2);
        let month = part("BYMONTH").and_then(|month| month.parse().ok()).expect("a month");
        let onset = |year| Some(nth_day(year, month, nth.parse().ok()?, weekday(day))?.and_time(self.onset.time()));
        let onsets = (self.onset.year()..=at.year()).filter_map(onset);
        onsets.filter(|onset| *onset >= self.onset && *onset <= at).max().max(first)
    }
}

fn weekday(name: &str) -> Weekday {
    let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let index = days.iter().position(|day| *day == name).expect("a weekday");
    Weekday::try_from(index as u8).expect("a weekday")
}

/// The second Sunday is 2, the last one -1.
fn nth_day(year: i32, month: u32, nth: i32, day: Weekday) -> Option<NaiveDate> {
    if let Ok(nth) = u8::try_from(nth) {
        return NaiveDate::from_weekday_of_month_opt(year, month, day, nth);
    }
    (1..=5).rev().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, day, nth))
}

impl Event {
    pub fn field(&self, name: &str) -> String {
        let found: Vec<&Field> = self.0.iter().filter(|field| field.name == name).collect();
        assert_eq!(found.len(), 1, "{name} in {self:?}");
        found[0].value.clone()
    }

    /// Every value of a property that may be missing or come several times.
    pub fn each(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|field| field.name == name).flat_map(|field| field.value.split(',')).collect()
    }

    pub fn fields(&self) -> Vec<(String, String)> {
        self.0.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
    }

    pub fn parameter(&self, name: &str, parameter: &str) -> String {
        let field = self.0.iter().find(|field| field.name == name).expect(name);
        field.parameters.iter().find(|(key, _)| key == parameter).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Begin and end, by nothing but what the calendar itself says about its zones.
    pub fn span_in_utc(&self, calendar: &Calendar) -> (Timestamp, Timestamp) {
        let time = |name: &str| self.time(calendar, name, &self.field(name));
        (time("DTSTART"), time("DTEND"))
    }

    /// A value of that property, which is a time.
    pub fn time(&self, calendar: &Calendar, name: &str, text: &str) -> Timestamp {
        let zone = self.parameter(name, "TZID");
        match text.strip_suffix('Z') {
            Some(text) => {
                assert_eq!(zone, "");
                Timestamp::from(local(text).and_utc())
            }
            None => calendar.in_utc(&zone, local(text)),
        }
    }
}

impl Calendar {
    pub fn field(&self, name: &str) -> String {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.clone()).expect(name)
    }

    /// How a zone is explained: STANDARD or DAYLIGHT, and by which rule.
    pub fn observances(&self, zone: &str) -> Vec<(&str, Option<&str>)> {
        let (_, observances) = self.zones.iter().find(|(name, _)| name == zone).unwrap_or_else(|| panic!("no zone {zone:?}"));
        observances.iter().map(|observance| (observance.kind.as_str(), observance.rule.as_deref())).collect()
    }

    pub fn zones(&self) -> Vec<&str> {
        self.zones.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// RFC 5545, 3.6.5: the observance with the last onset before is in force.
    pub fn in_utc(&self, zone: &str, at: NaiveDateTime) -> Timestamp {
        let (_, observances) = self.zones.iter().find(|(name, _)| name == zone).unwrap_or_else(|| panic!("no zone {zone:?}"));
        let begun = observances.iter().filter_map(|observance| Some((observance.last_onset(at)?, observance.offset)));
        let (_, offset) = begun.max_by_key(|(onset, _)| *onset).expect("an observance in force");
        Timestamp::from((at - TimeDelta::seconds(offset)).and_utc())
    }
}
