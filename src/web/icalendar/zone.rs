//! Zones as calendars explain them: read off the zone database, told as two rules that go on for ever where the clock is set
//! like that, and change by change where it is not.

use std::ops::Range;

use calcard::{
    common::PartialDateTime,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDay, ICalendarFrequency, ICalendarMonth,
        ICalendarProperty, ICalendarRecurrenceRule, ICalendarWeekday,
    },
};
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::{component, entry, plain};
use crate::clock::Timestamp;

const DAY: i64 = 86_400;

/// So long before the first event changes are looked for, in seconds: a little more than a year, in which everything comes by.
const BACK: i64 = 400 * DAY;

/// So long after the last event changes are told, and have to keep to a rule if one is to be told: a series may have no end,
/// and not everybody asks again. Nobody knows more than that of clocks.
const BEYOND: i64 = 10 * 366 * DAY;

/// Changes lie further apart: the shortest time between two is Ramadan, for which Morocco sets its clock back.
const STEP: i64 = 5 * DAY;

/// So many changes must be alike, two a year, before a rule is made of them.
const ALIKE: usize = 16;

/// The clock is set.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    /// In UTC, seconds since 1970.
    at: i64,
    /// Seconds that the clock is ahead of UTC before it and after it.
    from: i32,
    to: i32,
    /// Summer time begins, whichever of both a country calls the normal one.
    daylight: bool,
    name: String,
}

/// When the clock is set every year.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    month: u32,
    /// From 1 on; the last one is -1.
    nth: i16,
    weekday: Weekday,
    /// By the clock that is set; a second before midnight for what happens as a day ends.
    time: NaiveTime,
    from: i32,
    to: i32,
}

/// Adds the `VTIMEZONE` of a zone in which events are said within `span`.
pub(super) fn explain(calendar: &mut ICalendar, zone: Tz, span: &Range<Timestamp>) {
    let observances = observances(zone, span);
    let names = [ICalendarProperty::Tzid, ICalendarProperty::Other("X-LIC-LOCATION".to_owned())];
    let named = names.map(|name| plain(name, zone.name())).into();
    let mut told = component(ICalendarComponentType::VTimezone, named);
    let place = calendar.components.len();
    let places = |from: usize, count: usize| (from..from + count).filter_map(|place| u32::try_from(place).ok());
    told.component_ids = places(place + 1, observances.len()).collect();
    if let Some(root) = calendar.components.first_mut() {
        root.component_ids.extend(places(place, 1));
    }
    calendar.components.push(told);
    calendar.components.extend(observances);
}

/// What is in force from the first event on, and each change after that; two rules in the place of all the changes that keep
/// to them. Nothing but these two where they hold all the time: some programs read no more of a zone.
fn observances(zone: Tz, span: &Range<Timestamp>) -> Vec<ICalendarComponent> {
    let first = span.start.seconds();
    let (from, until) = (first.saturating_sub(BACK), span.end.seconds().saturating_add(BEYOND));
    let changes = changes(zone, from, until);
    let ruled = lasting(&changes, until);
    let (single, lasting) = changes.split_at(ruled.as_ref().map_or(changes.len(), |(begin, _)| *begin));
    let mut all = vec![];
    if lasting.first().is_none_or(|change| change.at > first) {
        let in_force = single.iter().rposition(|change| change.at <= first);
        if in_force.is_none() {
            all.push(observance(&since_ever(zone, from), None));
        }
        all.extend(single.iter().skip(in_force.unwrap_or_default()).map(|change| observance(change, None)));
    }
    let rules = ruled.iter().flat_map(|(_, rules)| rules);
    all.extend(lasting.iter().zip(rules).map(|(change, rule)| observance(change, Some(rule))));
    all
}

/// What the clock showed at a time before which it need not be known.
fn since_ever(zone: Tz, at: i64) -> Change {
    let (offset, _, name) = shown(zone, at);
    // the first of January 1970 on the clock on the wall
    Change { at: -i64::from(offset), from: offset, to: offset, daylight: false, name }
}

/// How far the clock is ahead of UTC, how much of it is summer time, and what that is called.
fn shown(zone: Tz, at: i64) -> (i32, i64, String) {
    let offset = zone.offset_from_utc_datetime(&naive(at));
    let name = offset.abbreviation().map(str::to_owned).unwrap_or_else(|| offset.to_string());
    (offset.fix().local_minus_utc(), offset.dst_offset().num_seconds(), name)
}

fn ahead(zone: Tz, at: i64) -> i32 {
    zone.offset_from_utc_datetime(&naive(at)).fix().local_minus_utc()
}

fn naive(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc()
}

/// Each time the clock is set after `from`, up to `until`.
fn changes(zone: Tz, from: i64, until: i64) -> Vec<Change> {
    let mut found = vec![];
    let mut at = from;
    while at < until {
        let (mut before, mut after) = (at, at + STEP);
        at = after;
        if ahead(zone, before) == ahead(zone, after) {
            continue;
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if ahead(zone, middle) == ahead(zone, before) { before = middle } else { after = middle }
        }
        let ((from, saved, _), (to, saving, name)) = (shown(zone, before), shown(zone, after));
        // a country may call its summer time the usual one (Ireland, Morocco)
        let daylight = saving > 0 || saving == 0 && saved < 0;
        found.push(Change { at: after, from, to, daylight, name });
    }
    found
}

/// The first change from which on the clock is set twice a year by the same two rules for as long as is known; and these.
fn lasting(changes: &[Change], until: i64) -> Option<(usize, [Rule; 2])> {
    let goes_on = changes.len() >= 2 && changes.iter().rev().nth(1).is_some_and(|change| change.at > until - BACK);
    let mut kept: [Vec<(Rule, i32)>; 2] = [vec![], vec![]];
    let mut begin = changes.len();
    for change in changes.iter().rev().take_while(|_| goes_on) {
        let turn = &mut kept[begin % 2];
        let mut fitting = rules_of(change);
        if begin + 2 <= changes.len() {
            fitting.retain(|(rule, year)| turn.iter().any(|(known, next)| known == rule && *next == year + 1));
        }
        if fitting.is_empty() {
            break;
        }
        *turn = fitting;
        begin -= 1;
    }
    // fewer might be alike by chance
    if changes.len() - begin < ALIKE {
        return None;
    }
    let [even, odd] = kept.map(|rules| rules.into_iter().next().map(|(rule, _)| rule));
    let (even, odd) = (even?, odd?);
    Some((begin, if begin % 2 == 1 { [even, odd] } else { [odd, even] }))
}

/// Every rule by which this change could be made, with the year it is made in.
fn rules_of(change: &Change) -> Vec<(Rule, i32)> {
    let onset = naive(change.at + i64::from(change.from));
    let last_second = Some(onset - TimeDelta::seconds(1)).filter(|_| onset.time() == NaiveTime::MIN);
    let mut rules = vec![];
    for onset in [Some(onset), last_second].into_iter().flatten() {
        let day = onset.date();
        let last = (day + TimeDelta::days(7)).month() != day.month();
        let nth = i16::try_from(day.day0() / 7 + 1).ok().filter(|nth| *nth < 5);
        for nth in [last.then_some(-1), nth].into_iter().flatten() {
            let (month, weekday, time) = (day.month(), day.weekday(), onset.time());
            rules.push((Rule { month, nth, weekday, time, from: change.from, to: change.to }, day.year()));
        }
    }
    rules
}

/// A `STANDARD` or `DAYLIGHT`: this change, and all that follow by the rule.
fn observance(change: &Change, rule: Option<&Rule>) -> ICalendarComponent {
    let kind = if change.daylight { ICalendarComponentType::Daylight } else { ICalendarComponentType::Standard };
    let mut onset = change.at + i64::from(change.from);
    if rule.is_some_and(|rule| rule.time != naive(onset).time()) {
        onset -= 1;
    }
    let mut entries = vec![
        entry(ICalendarProperty::Dtstart, PartialDateTime::from_naive_timestamp(onset)),
        entry(ICalendarProperty::Tzoffsetfrom, hours(change.from)),
        entry(ICalendarProperty::Tzoffsetto, hours(change.to)),
        plain(ICalendarProperty::Tzname, &change.name),
    ];
    entries.extend(rule.map(|rule| entry(ICalendarProperty::Rrule, yearly(rule))));
    component(kind, entries)
}

fn yearly(rule: &Rule) -> ICalendarRecurrenceRule {
    let weekday = match rule.weekday {
        Weekday::Mon => ICalendarWeekday::Monday,
        Weekday::Tue => ICalendarWeekday::Tuesday,
        Weekday::Wed => ICalendarWeekday::Wednesday,
        Weekday::Thu => ICalendarWeekday::Thursday,
        Weekday::Fri => ICalendarWeekday::Friday,
        Weekday::Sat => ICalendarWeekday::Saturday,
        Weekday::Sun => ICalendarWeekday::Sunday,
    };
    ICalendarRecurrenceRule {
        freq: ICalendarFrequency::Yearly,
        bymonth: u8::try_from(rule.month).map(|month| ICalendarMonth::new(month, false)).into_iter().collect(),
        byday: vec![ICalendarDay { ordwk: Some(rule.nth), weekday }],
        ..Default::default()
    }
}

/// `-0500`; calendars know no seconds of an offset, and no zone has had any since 1972.
fn hours(offset: i32) -> PartialDateTime {
    let minutes = offset.unsigned_abs() / 60;
    PartialDateTime {
        tz_hour: u8::try_from(minutes / 60).ok(),
        tz_minute: u8::try_from(minutes % 60).ok(),
        tz_minus: offset < 0,
        ..Default::default()
    }
}
