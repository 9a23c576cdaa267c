//! What recurs, beside what does not: the same pages of two cities within one run, a year of one series, and calendars made to hurt.

use std::{hint::black_box, time::Instant};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use plaza::{clock::Timestamp, imports::reading, series::rule::Rule};

use crate::{
    gates::Gates,
    pages::{Asked, SPAN, get, populous},
    reader::crowd,
};

/// As fast as where nothing recurs, within ten in a hundred.
const KEPT: f64 = 0.9;
/// Milliseconds.
const YEAR: f64 = 1.0;
const BOMB: f64 = 20.0;

/// Pairs of measurements; the machine does not stay the same for long, so each pair is made at once and judged by itself.
const PAIRS: usize = 7;

/// Home and agenda of a city with so many meetings where a third of the groups meets by a rule, by the rate of one where none does.
pub fn compared(gates: &mut Gates, meetings: usize) {
    let (recurring, single) = (populous(meetings, true), populous(meetings, false));
    for Asked { name, path } in Asked::PAGES {
        let [here, there] = [&recurring, &single].map(|city| get(city, path, "text/html"));
        let mut shares = Vec::new();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for pair in 0..PAIRS {
            // none of both is always the one that comes first
            let both = if pair % 2 == 0 {
                let first = crowd(recurring.port, &here, 200, SPAN, None);
                (first, crowd(single.port, &there, 200, SPAN, None))
            } else {
                let first = crowd(single.port, &there, 200, SPAN, None);
                (crowd(recurring.port, &here, 200, SPAN, None), first)
            };
            shares.push(both.0.rate / both.1.rate);
            with.push(both.0.rate);
            without.push(both.1.rate);
        }
        let (share, with, without) = (middle(shares), middle(with), middle(without));
        println!(
            "{name}, {meetings} meetings: {with:.0}/s with a third of them series, {without:.0}/s where none recurs: {share:.2}"
        );
        gates.at_least(&format!("{name}, {meetings} meetings, share of the rate where nothing recurs"), share, KEPT);
    }
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

/// How long something takes, in milliseconds: the middle of several times.
fn takes(mut work: impl FnMut()) -> f64 {
    let times = (0..21).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_secs_f64() * 1_000.0
    });
    middle(times.collect())
}

/// A year of one series, of every shape, as when it began ten years before.
pub fn expanding(gates: &mut Gates) {
    let first = NaiveDate::from_ymd_opt(2016, 12, 6).and_then(|day| day.and_hms_opt(18, 0, 0)).expect("a Tuesday");
    let (from, zone) = (first + Days::new(3_653), Tz::Australia__Lord_Howe);
    for text in [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,TH",
        "FREQ=MONTHLY;BYDAY=1TU,3TU",
        "FREQ=MONTHLY;BYMONTHDAY=6,-1",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=YEARLY",
    ] {
        let rule = Rule::parse(text, first, zone).expect("a rule");
        let took = takes(|| {
            let starts = black_box(&rule).starts(first, from, from + Days::new(365));
            black_box(starts.into_iter().map(|start| plaza::series::rule::moment(start, zone)).collect::<Vec<_>>());
        });
        println!("a year of {text}: {took:.3} ms");
        gates.at_most(&format!("a year of {text}, ms"), took, YEAR);
    }
}

/// Calendars that are made to hurt, until they are refused.
pub fn bombs(gates: &mut Gates) {
    let calendar = |inside: &str| format!("BEGIN:VCALENDAR\r\n{inside}END:VCALENDAR\r\n").into_bytes();
    let event = |inside: &str| calendar(&format!("BEGIN:VEVENT\r\nDTSTART:20261201T180000Z\r\n{inside}END:VEVENT\r\n"));
    let ways = reading::Ways { zone: Tz::UTC, now: Timestamp::from_seconds(1_796_000_000), whole_days: None };
    for (name, file) in [
        ("a zip of ten megabytes", [b"PK\x03\x04".to_vec(), vec![0; 10_000_000]].concat()),
        ("ten megabytes", calendar(&"X-A:b\r\n".repeat(1_500_000))),
        ("one line of ten megabytes", calendar(&format!("X-A:{}\r\n", "b".repeat(10_000_000)))),
        ("a folded line of a megabyte", calendar(&format!("X-A:b\r\n{}", format!(" {}\r\n", "b".repeat(74)).repeat(13_000)))),
        ("a million empty lines", calendar(&"\n".repeat(1_000_000))),
        ("depth", calendar(&"BEGIN:VEVENT\r\n".repeat(4_000))),
        ("events", calendar(&"BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(5_001))),
        ("exceptions", event(&"EXDATE:20261201T180000Z\r\n".repeat(2_000))),
        ("nothing but commas", event(&format!("RDATE:{}\r\n", ",".repeat(200_000)))),
        ("a long rule", event(&format!("RRULE:FREQ=DAILY;BYMONTHDAY={}\r\n", vec!["1"; 10_000].join(",")))),
    ] {
        let took = takes(|| assert!(black_box(reading::read(black_box(&file), &ways)).is_err(), "{name}"));
        println!("{name}, refused within {took:.1} ms");
        gates.at_most(&format!("{name}, ms until it is refused"), took, BOMB);
    }
}
