//! What comes back: the rule of a series, the days without, what differs, and what is added beyond the rule.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::{
    event::{Event, Reader, raw},
    found::{Differing, Found, Once, Remark, Rhythm},
    lines::Component,
    property::{Property, Time},
};
use crate::{
    clock::Timestamp,
    error::Said,
    series::rule::{Every, Rule, moment},
};

/// A first day that its own rule does not name is looked for no further than this, in meetings.
const NEAR: usize = 1;

/// When the first meeting from `from` on begins, and when the last that anybody asks for ends.
pub fn span(found: &Found, rhythm: &Rhythm, from: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let rule = Rule::parse(&rhythm.rule, found.once.start, found.zone).ok()?;
    let near = from.utc().with_timezone(&found.zone).naive_local() - chrono::TimeDelta::minutes(found.once.minutes);
    let next = rule.following(found.once.start, near, rhythm.except.len() + rhythm.differing.len() + 1);
    let held =
        next.into_iter().find(|start| !rhythm.except.contains(start) && !rhythm.differing.iter().any(|one| one.at == *start))?;
    let starts = moment(held, found.zone);
    Some((starts, starts + std::time::Duration::from_secs(u64::try_from(found.once.minutes).ok()? * 60)))
}

/// The series that an event with a rule is, what was split off from it, and the meetings that are added to it.
pub fn series(reader: &mut Reader<'_>, component: &Component, event: Event, others: &[&Component]) -> Vec<Found> {
    let title = event.once.title.clone();
    let left_out = |line: usize, said: Said| Remark::left_out(line, Some(&title), said);
    if let Some(line) = component.lines_of("EXRULE").next() {
        reader.remarks.push(left_out(line.number, Said::new("import-exrule")));
        return vec![];
    }
    let mut rules = component.lines_of("RRULE");
    let rule = match (rules.next(), rules.next()) {
        (_, Some(second)) => {
            reader.remarks.push(left_out(second.number, Said::new("import-two-rules")));
            return vec![];
        }
        (None, None) => None,
        (Some(line), None) => match read(line.value(), &event) {
            Ok(rule) => Some(rule),
            Err(said) => {
                reader.remarks.push(left_out(line.number, said));
                return vec![];
            }
        },
    };
    // what comes back at a moment of UTC does so whatever clocks show
    let event = if event.in_utc && rule.is_some() { in_utc(event) } else { event };
    let (zone, time) = (event.zone, event.once.start.time());
    let except = dates(reader, component, "EXDATE", zone, time, &title);
    let added = dates(reader, component, "RDATE", zone, time, &title);
    let mut work = Work { event: &event, rule: rule.clone(), except, found: vec![], differing: vec![] };
    let mut splits: Vec<(NaiveDateTime, &Component)> = Vec::new();
    for other in others {
        let Some(id) = Property::of(other, "RECURRENCE-ID") else { continue };
        let Some(at) = id.time().and_then(|at| wall(reader, at, zone, time)) else {
            reader.remarks.push(left_out(id.line, Said::new("import-recurrence")));
            continue;
        };
        if id.is_this_and_future() { splits.push((at, other)) } else { work.differs(reader, other, at, &added) }
    }
    splits.sort_by_key(|(at, _)| *at);
    let mut found = work.whole(&added);
    for (at, other) in splits {
        split(reader, &mut found, other, at);
    }
    found
}

/// The rule, beginning on a day that it names: where the first one is none of them, at the next one.
fn read(value: &[u8], event: &Event) -> Result<Rule, Said> {
    let text = String::from_utf8_lossy(value);
    let zone = if event.in_utc { Tz::UTC } else { event.zone };
    Rule::parse(text.trim(), event.once.start, zone).map_err(|refusal| refusal.said())
}

fn in_utc(mut event: Event) -> Event {
    event.once.start = moment(event.once.start, event.zone).utc().naive_utc();
    event.zone = Tz::UTC;
    event
}

/// A time as the clock of the series shows it; a day without a time means the meeting of that day.
fn wall(reader: &Reader<'_>, time: Time<'_>, zone: Tz, of_day: NaiveTime) -> Option<NaiveDateTime> {
    match time {
        Time::Day(day) => Some(day.and_time(of_day)),
        Time::Utc(at) => Some(at.and_utc().with_timezone(&zone).naive_local()),
        Time::Wall(at, None) => Some(at),
        time @ Time::Wall(..) => {
            let (there, at) = reader.on_the_wall(time)?;
            if there == zone { Some(at) } else { Some(moment(at, there).utc().with_timezone(&zone).naive_local()) }
        }
    }
}

fn dates(
    reader: &mut Reader<'_>,
    component: &Component,
    name: &str,
    zone: Tz,
    of_day: NaiveTime,
    title: &str,
) -> BTreeSet<NaiveDateTime> {
    let mut found = BTreeSet::new();
    for line in component.lines_of(name) {
        let read = Property::read(line);
        let mut odd = read.is_none();
        for time in read.iter().flat_map(Property::times) {
            match time.ok().and_then(|time| wall(reader, time, zone, of_day)) {
                Some(at) => drop(found.insert(at)),
                None => odd = true,
            }
        }
        if odd {
            reader.remarks.push(Remark::detail(line.number, Some(title), Said::new("import-dates").with("name", name)));
        }
    }
    found
}

struct Work<'a> {
    event: &'a Event,
    rule: Option<Rule>,
    except: BTreeSet<NaiveDateTime>,
    found: Vec<Found>,
    differing: Vec<Differing>,
}

impl Work<'_> {
    /// Notes that the meeting of `at` is another. Where nobody can say how, there is none: it may be anywhere.
    fn differs(&mut self, reader: &mut Reader<'_>, component: &Component, at: NaiveDateTime, added: &BTreeSet<NaiveDateTime>) {
        let is_of_rule = self.rule.as_ref().is_some_and(|rule| rule.has(self.event.once.start, at));
        let Some(other) = reader.event(component, self.event.uid.clone()) else {
            self.except.insert(at);
            return;
        };
        let once = in_zone(&other, self.event.zone);
        self.except.remove(&at);
        if is_of_rule && !added.contains(&at) {
            self.differing.push(Differing { at, line: other.line, once });
        } else {
            self.found.push(self.alone(at, other.line, once));
        }
    }

    fn alone(&self, at: NaiveDateTime, line: usize, once: Once) -> Found {
        let Event { uid, sequence, zone, .. } = self.event;
        Found { uid: uid.clone(), part: Some(at), line, sequence: *sequence, zone: *zone, once, rhythm: None }
    }

    fn whole(mut self, added: &BTreeSet<NaiveDateTime>) -> Vec<Found> {
        let start = self.event.once.start;
        for at in added {
            let told = *at == start && self.rule.is_none();
            let known = told || self.except.contains(at) || self.found.iter().any(|found| found.part == Some(*at));
            if !known && !self.rule.as_ref().is_some_and(|rule| rule.has(start, *at)) {
                let once = Once { start: *at, ..self.event.once.clone() };
                self.found.push(self.alone(*at, self.event.line, once));
            }
        }
        let Event { uid, line, sequence, zone, once, .. } = self.event;
        let mut once = once.clone();
        let rhythm = self.rule.take().map(|rule| {
            // of a first day that the rule does not name, programs make different things: here it is a meeting of its own
            if rule.check(start).is_err()
                && let Some(next) = rule.following(start, start, NEAR).first()
            {
                if !self.except.contains(&start) {
                    self.found.push(self.alone(start, *line, once.clone()));
                }
                once.start = *next;
            }
            Rhythm {
                rule: rule.to_string(),
                except: self.except.iter().copied().collect(),
                differing: std::mem::take(&mut self.differing),
            }
        });
        let is_there = rhythm.is_some() || !self.except.contains(&start);
        let first = Found { uid: uid.clone(), part: None, line: *line, sequence: *sequence, zone: *zone, once, rhythm };
        is_there.then_some(first).into_iter().chain(self.found).collect()
    }
}

/// What an event says, its time as the clock of the series shows it.
fn in_zone(event: &Event, zone: Tz) -> Once {
    let mut once = event.once.clone();
    if event.zone != zone {
        once.start = moment(once.start, event.zone).utc().with_timezone(&zone).naive_local();
    }
    once
}

/// From `at` on the series is another one: the last of those found ends before, and one more begins.
fn split(reader: &mut Reader<'_>, found: &mut Vec<Found>, component: &Component, at: NaiveDateTime) {
    let Some(place) = found.iter().rposition(|found| found.rhythm.is_some() && found.once.start <= at) else { return };
    let Some(series) = found.get(place).cloned() else { return };
    let Some(other) = reader.event(component, series.uid.clone()) else { return };
    let failed = |said: Said| Remark::left_out(component.line, Some(&other.once.title), said);
    let once = in_zone(&other, series.zone);
    let rhythm = series.rhythm.as_ref();
    let parsed = rhythm.and_then(|rhythm| Rule::parse(&rhythm.rule, series.once.start, series.zone).ok());
    let Some((before, rest)) = parsed.as_ref().and_then(|rule| rule.split(series.once.start, at)) else {
        reader.remarks.push(failed(Said::new("import-recurrence")));
        return;
    };
    let own = component.lines_of("RRULE").find_map(raw).map(|text| Rule::parse(text.trim(), once.start, series.zone));
    let rest = match own {
        Some(Ok(rule)) => rule,
        Some(Err(refusal)) => {
            reader.remarks.push(failed(refusal.said()));
            return;
        }
        None => on_the_day(rest, once.start),
    };
    if once.cancelled || rest.check(once.start).is_err() {
        if !once.cancelled {
            reader.remarks.push(failed(Said::new("import-recurrence")));
        }
        shorten(found, place, before, at);
        return;
    }
    let of_new = |day: NaiveDateTime| if day == at { once.start } else { day.date().and_time(once.start.time()) };
    let rhythm = rhythm.cloned().unwrap_or(Rhythm { rule: String::new(), except: vec![], differing: vec![] });
    let later = Rhythm {
        rule: rest.to_string(),
        except: rhythm.except.iter().filter(|day| **day >= at).map(|day| of_new(*day)).collect(),
        differing: rhythm
            .differing
            .iter()
            .filter(|one| one.at >= at)
            .map(|one| Differing { at: of_new(one.at), ..one.clone() })
            .collect(),
    };
    shorten(found, place, before, at);
    found.push(Found { part: Some(at), line: other.line, sequence: other.sequence, once, rhythm: Some(later), ..series });
}

fn shorten(found: &mut [Found], place: usize, rule: Rule, at: NaiveDateTime) {
    if let Some(rhythm) = found.get_mut(place).and_then(|found| found.rhythm.as_mut()) {
        rhythm.rule = rule.to_string();
        rhythm.except.retain(|day| *day < at);
        rhythm.differing.retain(|one| one.at < at);
    }
}

/// A weekly rule of one weekday goes along when its first meeting is on another.
fn on_the_day(rule: Rule, start: NaiveDateTime) -> Rule {
    match rule.every() {
        Every::Week(days) if days.len() == 1 => {
            Rule::new(Every::Week(vec![start.weekday()]), rule.interval(), rule.end()).unwrap_or(rule)
        }
        _ => rule,
    }
}
