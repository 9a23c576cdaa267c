//! Times of meetings in every kind of zone, as a calendar tells them to a program that knows no zones.

use std::collections::HashMap;

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;
use plaza::{clock::Timestamp, meetings::meeting::Meeting, web::icalendar};

use super::{DAY, HOUR, calendar, foreign::readings, reading::read, schedule};
use crate::city::{City, START, on_each_database};

/// Both hemispheres, half hours, clocks that go forward at midnight, twice a year for a month, or not at all.
const ZONES: [&str; 18] = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Europe/Dublin",
    "Europe/Madrid",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "Pacific/Chatham",
];

/// Hours within the next 17 months at whose end the clock is set there, seconds since 1970.
fn changes(zone: Tz) -> Vec<i64> {
    let offset = |hour: i64| zone.offset_from_utc_datetime(&Timestamp::from_seconds(hour * 3_600).utc().naive_utc()).fix();
    let first = START.seconds() / 3_600 + 48;
    (first..first + 17 * 30 * 24).filter(|hour| offset(*hour) != offset(hour + 1)).map(|hour| hour * 3_600).collect()
}

#[test]
fn every_reader_finds_the_same_moment_whatever_the_zone() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut expected = HashMap::new();
        for name in ZONES {
            let zone: Tz = name.parse().expect("a zone");
            let changes = changes(zone);
            let quiet = ["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"].contains(&name);
            assert_eq!(changes.is_empty(), quiet, "{name}");
            let around = changes.iter().flat_map(|at| [-90, -30, 0, 30, 60, 90, 150].map(|minutes| at + minutes * 60));
            for start in around.chain([START.seconds() + 90_000, START.seconds() + 200 * 86_400]) {
                let starts = Timestamp::from_seconds(start);
                let set = |meeting: &mut Meeting| {
                    (meeting.starts, meeting.ends, meeting.zone) = (starts, starts + 2 * HOUR, zone);
                };
                let meeting = schedule(&city, "kitchen", set).await;
                expected.insert(meeting.id.to_string(), (meeting.starts, meeting.ends, name));
            }
        }
        assert!(expected.len() > 300, "{}", expected.len());
        let whole = calendar(&city, "/meetings.ics").await;
        assert_eq!(whole.events.len(), expected.len());
        assert_eq!(whole.zones().len(), ZONES.len() - 1);
        for event in &whole.events {
            let (starts, ends, zone) = expected[&event.field("UID")];
            assert_eq!(event.span_in_utc(&whole), (starts, ends), "{zone} {event:?}");
        }
        for (id, (starts, ends, zone)) in expected.iter().take(40) {
            let one = calendar(&city, &format!("/meetings/{id}.ics")).await;
            assert_eq!(one.events[0].span_in_utc(&one), (*starts, *ends), "{zone} {one:?}");
        }
    });
}

#[test]
fn an_hour_that_comes_twice_is_told_in_utc() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        // the clocks of New York go back on 7 November 2027 at 06:00 UTC
        let back = 1_825_567_200;
        let from = |minutes: i64| {
            move |meeting: &mut Meeting| {
                meeting.starts = Timestamp::from_seconds(back + minutes * 60);
                meeting.ends = meeting.starts + HOUR;
            }
        };
        for minutes in [-90, -30, 30] {
            schedule(&city, "kitchen", from(minutes)).await;
        }
        let calendar = calendar(&city, "/meetings.ics").await;
        let said = |index: usize| ["DTSTART", "DTEND"].map(|name| calendar.events[index].field(name));
        assert_eq!(said(0), ["20271107T003000", "20271107T053000Z"]);
        assert_eq!(said(1), ["20271107T053000Z", "20271107T063000Z"]);
        assert_eq!(said(2), ["20271107T063000Z", "20271107T023000"]);
    });
}

#[test]
fn every_zone_of_the_world_is_explained_rightly() {
    let page: url::Url = "https://plaza.example/".parse().expect("an address");
    let (from, until) = (START - 30 * DAY, START + 548 * DAY);
    let zones: Vec<Tz> = chrono_tz::TZ_VARIANTS.into();
    let calendar = icalendar::Calendar {
        name: "All".into(),
        language: "en".into(),
        source: page.clone(),
        page,
        zone: Tz::UTC,
        zones: zones.clone(),
        span: from..until,
    };
    let read = read(&format!("{}{}", calendar.head(), icalendar::TAIL));
    assert!(zones.len() > 500 && read.zones().len() > zones.len() - 3, "{}", read.zones().len());
    for zone in zones.iter().filter(|zone| read.zones().contains(&zone.name())) {
        let mut time = from;
        while time < until {
            let local = time.utc().with_timezone(zone).naive_local();
            if zone.from_local_datetime(&local).single().is_some() {
                assert_eq!(read.in_utc(zone.name(), local), time, "{zone} {local}");
            }
            // any hour of the day, sooner or later
            time = time + 25 * HOUR;
        }
    }
}

/// An evening, the hours in which clocks are set, and midnight.
const TIMES: [&str; 4] = ["18:00:00", "01:30:00", "02:30:00", "00:00:00"];

/// Zones in which the clock is set by two rules, and where it is set otherwise or not at all.
const BY_RULE: [&str; 9] = [
    "America/New_York",
    "Europe/Madrid",
    "Europe/London",
    "Europe/Dublin",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];
const OTHERWISE: [&str; 6] =
    ["Africa/Casablanca", "America/Asuncion", "Asia/Kolkata", "Asia/Tehran", "Pacific/Apia", "Africa/El_Aaiun"];

/// A calendar in which something is on every week at these times in these zones, without an end.
fn endless() -> String {
    let page: url::Url = "https://plaza.example/".parse().expect("an address");
    let zones = BY_RULE.into_iter().chain(OTHERWISE).map(|name| name.parse().expect("a zone"));
    let calendar = icalendar::Calendar {
        name: "Endless".into(),
        language: "en".into(),
        source: page.clone(),
        page,
        zone: Tz::UTC,
        zones: zones.collect(),
        span: START..START + DAY,
    };
    let mut text = calendar.head();
    for name in BY_RULE.into_iter().chain(OTHERWISE) {
        for time in TIMES {
            let time = time.replace(':', "");
            text += &format!(
                "BEGIN:VEVENT\r\nUID:{name}-{time}\r\nDTSTAMP:20261124T120000Z\r\nDTSTART;TZID={name}:20261125T{time}\r\nDURATION:PT60M\r\n\
                 RRULE:FREQ=DAILY;INTERVAL=5\r\nSUMMARY:{name} {time}\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n"
            );
        }
    }
    text + icalendar::TAIL
}

#[test]
fn a_series_without_an_end_is_found_at_the_same_moments_for_years() {
    let until = START + 8 * 366 * DAY;
    let mut expected = vec![];
    // in which the clock is set, or whose end it shows twice or not at all: ical.js adds the length to the clock on the wall;
    // the city tells each as an exception of its own
    let mut set_meanwhile = std::collections::BTreeSet::new();
    for name in BY_RULE.into_iter().chain(OTHERWISE) {
        let zone: Tz = name.parse().expect("a zone");
        for time in TIMES {
            let first = chrono::NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day");
            for day in first.iter_days().step_by(5).take_while(|day| day.and_time(chrono::NaiveTime::MIN).and_utc() < until.utc())
            {
                let local = day.and_time(time.parse().expect("a time"));
                // an hour that is skipped or comes twice is told as an exception of its own
                let Some(start) = zone.from_local_datetime(&local).single() else { continue };
                let end = start + HOUR;
                // where it is tomorrow already, the first one is over
                if start >= until.utc() || end <= START.utc() {
                    continue;
                }
                let occurrence =
                    (format!("{name} {}", time.replace(':', "")), start.timestamp(), end.timestamp(), "CONFIRMED".to_owned());
                if zone.from_local_datetime(&(local + HOUR)).single() != Some(end) {
                    set_meanwhile.insert(occurrence.clone());
                }
                expected.push(occurrence);
            }
        }
    }
    expected.sort();
    assert!((20..100).contains(&set_meanwhile.len()), "{}", set_meanwhile.len());
    for (reader, mut found) in readings(&endless(), START, until) {
        let mut expected = expected.clone();
        if reader == "ical.js" {
            expected.retain(|occurrence| !set_meanwhile.contains(occurrence));
        }
        let known: std::collections::BTreeSet<_> = expected.iter().collect();
        let odd = found.iter().filter(|occurrence| !known.contains(occurrence)).count();
        assert!(odd < 100, "{reader} finds {odd} times that are none");
        found.retain(|occurrence| known.contains(occurrence));
        assert!(found == expected, "{reader} misses {} of {}", expected.len() - found.len(), expected.len());
    }
}

#[test]
fn a_clock_that_keeps_to_rules_is_told_by_two_of_them_and_nothing_else() {
    let read = read(&endless());
    for zone in BY_RULE {
        let told = read.observances(zone);
        let mut kinds: Vec<_> = told.iter().map(|(kind, _)| *kind).collect();
        kinds.sort();
        assert_eq!(kinds, ["DAYLIGHT", "STANDARD"], "{zone}");
        assert!(told.iter().all(|(_, rule)| rule.is_some_and(|rule| !rule.contains("UNTIL"))), "{zone}: {told:?}");
    }
    for zone in OTHERWISE {
        assert!(read.observances(zone).iter().all(|(_, rule)| rule.is_none()), "{zone}");
    }
    assert_eq!(read.observances("Asia/Kolkata"), [("STANDARD", None)]);
    // Ramadan moves by eleven days a year: twice a year for ten years
    assert!(read.observances("Africa/Casablanca").len() > 20);
    assert_eq!(rule(&read, "America/Santiago"), ["FREQ=YEARLY;BYDAY=1SA;BYMONTH=4", "FREQ=YEARLY;BYDAY=1SA;BYMONTH=9"]);
    assert_eq!(rule(&read, "Africa/Cairo"), ["FREQ=YEARLY;BYDAY=-1FR;BYMONTH=4", "FREQ=YEARLY;BYDAY=-1TH;BYMONTH=10"]);
    assert_eq!(rule(&read, "Australia/Lord_Howe"), ["FREQ=YEARLY;BYDAY=1SU;BYMONTH=10", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"]);
}

fn rule<'a>(calendar: &'a super::reading::Calendar, zone: &str) -> Vec<&'a str> {
    let mut rules: Vec<_> = calendar.observances(zone).into_iter().filter_map(|(_, rule)| rule).collect();
    rules.sort();
    rules
}
