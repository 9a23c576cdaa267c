//! When events are, series and their exceptions included, as programs find it that are not ours.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use plaza::clock::Timestamp;

use super::reading::{Calendar, Event, local, read};

/// Title, begin and end in seconds since 1970, status.
pub type Occurrence = (String, i64, i64, String);

/// What each reader finds in a calendar that goes on at some moment of that time, in order. All of them know of a zone only
/// what the calendar says. Which ones there are depends on the machine: one always.
pub fn readings(text: &str, from: Timestamp, until: Timestamp) -> Vec<(String, Vec<Occurrence>)> {
    let (begin, end) = (from.seconds(), until.seconds());
    let mut all = vec![("rrule".to_owned(), by_rrule(&read(text), begin, end))];
    let scripts = [("PLAZA_FOREIGN_CALENDARS", "foreign.py"), ("PLAZA_ICAL_JS", "foreign.mjs")];
    for (variable, script) in scripts {
        let Ok(there) = std::env::var(variable) else { continue };
        let program = if variable == "PLAZA_ICAL_JS" { "node" } else { &there };
        all.extend(by_script(program, script, text, begin, end));
    }
    for (_, found) in &mut all {
        found.sort();
    }
    all
}

fn by_script(program: &str, script: &str, text: &str, begin: i64, end: i64) -> Vec<(String, Vec<Occurrence>)> {
    let script = format!("{}/tests/all/calendars/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(program);
    command.arg(script).arg(begin.to_string()).arg(end.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
    // it reads everything before it writes anything
    running.stdin.take().expect("piped").write_all(text.as_bytes()).expect("taken");
    let output = running.wait_with_output().expect("an end");
    assert!(output.status.success(), "{program}: {}", output.status);
    let found: std::collections::BTreeMap<_, _> = serde_json::from_slice(&output.stdout).expect("what it found");
    found.into_iter().collect()
}

/// Read with `icalendar`, repeated with `rrule`: as times on the clock on the wall, which the calendar's own zones place.
pub fn by_rrule(calendar: &Calendar, begin: i64, end: i64) -> Vec<Occurrence> {
    let again = |event: &Event| {
        let original = event.each("RECURRENCE-ID");
        let place = |text: &&str| (event.field("UID"), event.time(calendar, "RECURRENCE-ID", text));
        original.first().map(place)
    };
    let apart: Vec<_> = calendar.events.iter().filter_map(again).collect();
    let mut found = vec![];
    for event in &calendar.events {
        let (start, length) = (event.time(calendar, "DTSTART", &event.field("DTSTART")), length(event, calendar));
        let starts = match event.each("RRULE").is_empty() {
            true => vec![start],
            false => repeated(event, calendar, end),
        };
        let replaced = |start: &Timestamp| again(event).is_none() && apart.contains(&(event.field("UID"), *start));
        for start in starts.into_iter().filter(|start| !replaced(start)) {
            let span = (start.seconds(), (start + length).seconds());
            if span.0 < end && span.1 > begin {
                found.push((event.field("SUMMARY"), span.0, span.1, event.field("STATUS")));
            }
        }
    }
    found
}

fn length(event: &Event, calendar: &Calendar) -> Duration {
    let Some(length) = event.each("DURATION").first().copied() else {
        let (start, end) = event.span_in_utc(calendar);
        return end.since(start);
    };
    let minutes = length.strip_prefix("PT").and_then(|length| length.strip_suffix('M')).expect("minutes");
    Duration::from_secs(60 * minutes.parse::<u64>().expect("digits"))
}

fn repeated(event: &Event, calendar: &Calendar, end: i64) -> Vec<Timestamp> {
    let first = event.field("DTSTART");
    let rule = event.0.iter().find(|field| field.name == "RRULE").expect("a rule").value.clone();
    let (mut parts, mut last) = (vec![], None);
    for part in rule.split(';') {
        match part.strip_prefix("UNTIL=") {
            Some(until) => last = Some(Timestamp::from(local(until.trim_end_matches('Z')).and_utc())),
            None => parts.push(part),
        }
    }
    assert!(last.is_none() || rule.contains('Z'), "the end of a rule is told in UTC: {rule}");
    let text = format!("DTSTART:{}Z\nRRULE:{}", first.trim_end_matches('Z'), parts.join(";"));
    let rule: rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
    let left_out: Vec<_> = event.each("EXDATE").iter().map(|text| event.time(calendar, "EXDATE", text)).collect();
    let zoned = |turn: chrono::DateTime<rrule::Tz>| match first.ends_with('Z') {
        true => Timestamp::from(turn.naive_utc().and_utc()),
        false => calendar.in_utc(&event.parameter("DTSTART", "TZID"), turn.naive_utc()),
    };
    (&rule)
        .into_iter()
        .map(zoned)
        .take_while(|start| start.seconds() < end && last.is_none_or(|last| *start <= last))
        .filter(|start| !left_out.contains(start))
        .collect()
}
