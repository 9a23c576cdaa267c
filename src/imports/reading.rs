//! A calendar file as meetings and series, with remarks on whatever else is in it. Asks nobody and keeps nothing.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::{
    event::{Event, Reader, raw},
    found::{Found, Once, Reading, Remark},
    lines::{self, Component, Cut, Refusal},
    property::{Property, Time},
    recurring,
    zones::{Zones, named},
};
use crate::{clock::Timestamp, error::Said, series::rule::moment, text};

/// What was over so long ago is left out.
const BACK: Duration = Duration::from_secs(30 * 24 * 3_600);
/// What is further away is left for later; series are laid out so far, too.
pub const AHEAD: Duration = Duration::from_secs(548 * 24 * 3_600);
/// Of what is further away, so many are remembered one by one.
const MOST_DISTANT: usize = 500;
/// Remarks beyond these are not shown; whoever has so many reads no list.
const MOST_REMARKS: usize = 1_000;
/// Longest UID that is kept, in bytes; longer ones are known by their fingerprint.
const LONGEST_UID: usize = 300;

/// How a calendar is read.
#[derive(Clone, Debug)]
pub struct Ways {
    /// The zone of what says none.
    pub zone: Tz,
    pub now: Timestamp,
    /// When events without a time of day begin and end; without this they are left out.
    pub whole_days: Option<(NaiveTime, NaiveTime)>,
}

/// Reads a file.
pub fn read(file: &[u8], ways: &Ways) -> Result<Reading, Refusal> {
    let Cut { calendars, odd } = lines::cut(file)?;
    let said = |name: &str| {
        calendars.iter().find_map(|calendar| calendar.lines_of(name).find_map(raw)).map(|said| text::one_line(&said))
    };
    let usual = said("X-WR-TIMEZONE").and_then(|name| named(&name)).unwrap_or(ways.zone);
    let zones = Zones::new(&calendars, usual, ways.now);
    let name =
        said("X-WR-CALNAME").or_else(|| said("NAME")).map(|name| text::first_line(&name, 100)).filter(|name| !name.is_empty());
    let mut reader = Reader { zones: &zones, ways, remarks: vec![] };
    reader.remarks.extend(odd.into_iter().map(|line| Remark::left_out(line, None, Said::new("import-odd-line"))));
    let mut reading = Reading { name, ..Reading::default() };
    for calendar in &calendars {
        others(calendar, &mut reader.remarks);
    }
    for (uid, events) in by_uid(&calendars) {
        reading.uids.insert(uid.clone());
        one(&mut reader, &mut reading, uid, &events);
    }
    reading.found.sort_by_key(|found| found.line);
    reading.remarks = reader.remarks;
    reading.remarks.sort_by_key(|remark| remark.line);
    reading.remarks.truncate(MOST_REMARKS);
    Ok(reading)
}

/// What is in calendars and is no event: tasks, diaries, when somebody is busy.
fn others(calendar: &Component, remarks: &mut Vec<Remark>) {
    for part in &calendar.parts {
        let said = match part.name.as_str() {
            "VEVENT" | "VTIMEZONE" => continue,
            "VTODO" => Said::new("import-task"),
            "VJOURNAL" => Said::new("import-diary"),
            "VFREEBUSY" | "VAVAILABILITY" => Said::new("import-busy"),
            other => Said::new("import-unknown").with("name", text::first_line(&text::one_line(other), 40)),
        };
        remarks.push(Remark::left_out(part.line, None, said));
    }
}

/// The events of each UID, in the order in which they first come.
fn by_uid(calendars: &[Component]) -> Vec<(String, Vec<&Component>)> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<(String, Vec<&Component>)> = Vec::new();
    for event in calendars.iter().flat_map(|calendar| calendar.parts_of("VEVENT")) {
        let uid = uid(event);
        match places.get(&uid).and_then(|place| found.get_mut(*place)) {
            Some((_, events)) => events.push(event),
            None => {
                places.insert(uid.clone(), found.len());
                found.push((uid, vec![event]));
            }
        }
    }
    found
}

/// What has none, or one that is no line, is known by what it says.
fn uid(event: &Component) -> String {
    let said = event.lines_of("UID").find_map(raw).map(|uid| uid.trim().to_owned()).unwrap_or_default();
    if text::is_line(&said, LONGEST_UID) && said.len() <= LONGEST_UID {
        return said;
    }
    let telling = event.lines.iter().filter(|line| said.is_empty() && (line.is("SUMMARY") || line.is("DTSTART")));
    let print = digest(&SHA256, &telling.fold(said.clone().into_bytes(), |told, line| [told, line.bytes.clone()].concat()));
    let print: String = print.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("plaza-{print}")
}

/// What one UID means: a meeting, or a series with what differs from it.
fn one(reader: &mut Reader<'_>, reading: &mut Reading, uid: String, events: &[&Component]) {
    let (others, masters): (Vec<&Component>, Vec<&Component>) =
        events.iter().copied().partition(|event| event.lines_of("RECURRENCE-ID").next().is_some());
    // of several versions the last one holds
    let version = |event: &Component| {
        let number = Property::of(event, "SEQUENCE").and_then(|sequence| sequence.number()).unwrap_or(0);
        let changed = Property::of(event, "LAST-MODIFIED").or_else(|| Property::of(event, "DTSTAMP"));
        let changed = changed.and_then(|changed| match changed.time()? {
            Time::Utc(at) | Time::Wall(at, _) => Some(at),
            Time::Day(day) => Some(day.and_time(NaiveTime::MIN)),
        });
        (number, changed)
    };
    let master = masters.into_iter().max_by_key(|event| version(event));
    let newest = newest_of_each(&others, version);
    let Some(component) = master else {
        // somebody was asked to one meeting of a series that is not in here
        for (at, component) in newest {
            if let Some(event) = reader.event(component, uid.clone()) {
                let (zone, once, sequence) = (event.zone, event.once, event.sequence);
                let part = reader.recurrence(at, zone);
                take(reader, reading, Found { uid: uid.clone(), part, line: event.line, sequence, zone, once, rhythm: None });
            }
        }
        return;
    };
    let Some(event) = reader.event(component, uid) else { return };
    let repeats = ["RRULE", "RDATE", "EXRULE"].iter().any(|name| component.lines_of(name).next().is_some());
    if !repeats {
        let Event { uid, line, sequence, zone, once, .. } = event;
        take(reader, reading, Found { uid, part: None, line, sequence, zone, once, rhythm: None });
        return;
    }
    for found in recurring::series(reader, component, event, &newest.into_values().collect::<Vec<_>>()) {
        take(reader, reading, found);
    }
}

type Versions<'a> = BTreeMap<Vec<u8>, &'a Component>;

/// By what their RECURRENCE-ID says, the last version of each.
fn newest_of_each<'a, V: Ord>(events: &[&'a Component], version: impl Fn(&Component) -> V) -> Versions<'a> {
    let mut newest: Versions<'a> = BTreeMap::new();
    for event in events {
        let Some(id) = event.lines_of("RECURRENCE-ID").next() else { continue };
        let known = newest.get(id.value()).is_some_and(|known| version(known) > version(event));
        if !known {
            newest.insert(id.value().to_vec(), event);
        }
    }
    newest
}

/// Notes it, unless it was over long ago or lies beyond everything that is laid out.
fn take(reader: &Reader<'_>, reading: &mut Reading, found: Found) {
    let (from, until) = (reader.ways.now - BACK, reader.ways.now + AHEAD);
    let span = |once: &Once| {
        let starts = moment(once.start, found.zone);
        let length = Duration::from_secs(u64::try_from(once.minutes).ok()? * 60);
        Some((starts, starts + length))
    };
    let when = match &found.rhythm {
        None => span(&found.once),
        Some(rhythm) => {
            let differing = rhythm.differing.iter().filter_map(|differing| span(&differing.once));
            let (first, last) = recurring::span(&found, rhythm, from).unzip();
            let first = first.into_iter().chain(differing.clone().map(|(starts, _)| starts)).min();
            first.zip(last.into_iter().chain(differing.map(|(_, ends)| ends)).max())
        }
    };
    match when {
        None => reading.past += 1,
        Some((_, ends)) if ends <= from => reading.past += 1,
        Some((starts, _)) if starts >= until => {
            reading.far += 1;
            if reading.distant.len() < MOST_DISTANT {
                reading.distant.push(found);
            }
        }
        Some(_) => reading.found.push(found),
    }
}

impl Reader<'_> {
    /// Where in its series a meeting stood, by the value of its RECURRENCE-ID, on the wall of the series.
    fn recurrence(&self, value: Vec<u8>, zone: Tz) -> Option<NaiveDateTime> {
        let line = lines::Line { number: 0, bytes: [b"RECURRENCE-ID:".as_slice(), &value].concat() };
        match Property::read(&line)?.time()? {
            Time::Wall(at, _) => Some(at),
            Time::Utc(at) => Some(at.and_utc().with_timezone(&zone).naive_local()),
            Time::Day(day) => Some(day.and_time(NaiveTime::MIN)),
        }
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
