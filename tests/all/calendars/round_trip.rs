//! Series of any shape, changed in any way: what the city has is what others find in its calendar, and nothing else moved.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use plaza::{clock::Timestamp, meetings::meeting::Meeting, series};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use uuid::Uuid;

use super::{
    DAY, HOUR, cancel,
    foreign::{Occurrence, readings},
    series::{begin, change, first_day, leave_out, pattern, rows, same, told},
};
use crate::city::{City, START, on_each_database};

const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/Dublin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Pacific/Chatham",
    "America/Nuuk",
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Move,
    Cancel,
    Rename,
    LeaveOut,
    Split,
    ChangeAll,
}

fn rule() -> impl Strategy<Value = String> {
    let days = proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..4);
    let every = prop_oneof![
        (2..9u8).prop_map(|n| format!("FREQ=DAILY;INTERVAL={n}")),
        (1..4u8, days).prop_map(|(n, days)| format!("FREQ=WEEKLY;INTERVAL={n};BYDAY={}", days.join(","))),
        (1..32i8).prop_map(|day| format!("FREQ=MONTHLY;BYMONTHDAY={day}")),
        (prop_oneof![Just(-1i8), 1..6i8], 0..7usize)
            .prop_map(|(n, day)| format!("FREQ=MONTHLY;BYDAY={n}{}", ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day])),
    ];
    let end = prop_oneof![
        Just(String::new()),
        (12..60u8).prop_map(|count| format!(";COUNT={count}")),
        (0..300u64).prop_map(|days| {
            let day = NaiveDate::from_ymd_opt(2027, 6, 1).expect("a day") + chrono::Days::new(days);
            format!(";UNTIL={}", day.format("%Y%m%d"))
        }),
    ];
    (every, end).prop_map(|(every, end)| every + &end)
}

fn case() -> impl Strategy<Value = (String, Tz, NaiveTime, Vec<(Step, usize)>)> {
    let step =
        proptest::sample::select(vec![Step::Move, Step::Cancel, Step::Rename, Step::LeaveOut, Step::Split, Step::ChangeAll]);
    let zone = proptest::sample::select(ZONES.map(|name| name.parse::<Tz>().expect("a zone")).to_vec());
    let time = (0..24u32, prop_oneof![Just(0u32), Just(30)])
        .prop_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time"));
    (rule(), zone, time, prop::collection::vec((step, 0..1_000usize), 2..5))
}

/// All meetings of these series, by id.
async fn all(city: &City, series: &[Uuid]) -> BTreeMap<Uuid, Meeting> {
    let mut found = BTreeMap::new();
    for id in series {
        found.extend(rows(city, *id).await.into_iter().map(|row| (row.id, row)));
    }
    found
}

fn moments(rows: &BTreeMap<Uuid, Meeting>) -> BTreeMap<Uuid, (Timestamp, Timestamp, bool)> {
    rows.iter().map(|(id, row)| (*id, (row.starts, row.ends, row.cancelled.is_some()))).collect()
}

#[test]
fn what_is_changed_in_a_series_is_found_by_others_and_moves_nothing_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut runner = TestRunner::deterministic();
        let cases = std::env::var("PROPTEST_CASES").map_or(12, |_| Config::default().cases);
        let (start, until) = (START, START + 540 * DAY);
        let mut everything: Vec<Uuid> = vec![];
        for number in 0..cases {
            let (rule, zone, time, steps) = case().new_tree(&mut runner).expect("a case").current();
            println!("{number}: {rule} {zone} {time} {steps:?}");
            let from = NaiveDate::from_ymd_opt(2026, 11, 27).expect("a day");
            let first = first_day(&rule, from, time, zone);
            let begun = begin(&city, pattern(&city, &format!("Series {number}"), zone), first, &rule).await;
            let mut its = vec![begun.id];
            for (step, which) in steps {
                let before = all(&city, &its).await;
                let open: Vec<_> = before.values().filter(|row| row.cancelled.is_none()).cloned().collect();
                let Some(chosen) = open.get(which % open.len().max(1)).cloned() else { continue };
                let series = chosen.recurrence.expect("of the series");
                let holder = series.series;
                match step {
                    Step::Move => {
                        let by = HOUR * u32::try_from(which % 40).expect("few") + HOUR / 2;
                        change(&city, chosen.id, move |row| (row.starts, row.ends) = (row.starts + by, row.ends + by)).await
                    }
                    Step::Cancel => cancel(&city, &chosen).await,
                    Step::Rename => change(&city, chosen.id, |row| row.title += ", with soup").await,
                    Step::LeaveOut => {
                        let day = series.starts.utc().with_timezone(&zone).date_naive();
                        leave_out(&city, holder, day).await
                    }
                    Step::Split | Step::ChangeAll => {
                        let then = matches!(step, Step::Split).then_some(series.starts);
                        let place = format!("The library {which}");
                        let elsewhere = move |series: &mut series::series::Series| {
                            series.pattern.place = Some(place.clone());
                            Ok(())
                        };
                        let changed =
                            city.app.act(move |conn, here| series::actions::change(conn, here, holder, then, &elsewhere)).await;
                        let changed = changed.expect("changed").id;
                        if !its.contains(&changed) {
                            its.push(changed);
                        }
                    }
                }
                let after = all(&city, &its).await;
                let (mut was, mut is) = (moments(&before), moments(&after));
                match step {
                    // the chosen one alone
                    Step::Move | Step::Cancel | Step::Rename => {
                        assert!(was.remove(&chosen.id) != is.remove(&chosen.id) || matches!(step, Step::Rename))
                    }
                    // said or not: it is called off, or gone
                    Step::LeaveOut => {
                        was.remove(&chosen.id);
                        is.remove(&chosen.id);
                    }
                    Step::Split | Step::ChangeAll => {}
                }
                assert_eq!(was, is, "{step:?}");
                let mut expected: Vec<Occurrence> = after.values().map(told).collect();
                expected.retain(|(_, starts, ends, _)| *starts < until.seconds() && *ends > start.seconds());
                expected.sort();
                let mut found = vec![];
                for id in &its {
                    let text = city.get(&format!("/series/{id}.ics"), "*/*").await.text().await.expect("text");
                    found.extend(readings_of_one(&text, start, until));
                }
                found.sort();
                same(&format!("after {step:?}, rrule"), &found, &expected);
            }
            everything.extend(its);
        }
        // the other readers take all of them at once
        let mut expected: Vec<Occurrence> = all(&city, &everything).await.values().map(told).collect();
        let alone = |row: &Meeting| row.recurrence.is_none();
        assert!(!all(&city, &everything).await.values().any(alone));
        expected.retain(|(_, starts, ends, _)| *starts < until.seconds() && *ends > start.seconds());
        let whole = city.get("/@kitchen.ics", "*/*").await.text().await.expect("text");
        let left: Vec<Occurrence> = left_behind(&city, &everything).await;
        expected.extend(left);
        expected.sort();
        for (reader, found) in readings(&whole, start, until) {
            same(&reader, &found, &expected);
        }
    });
}

fn readings_of_one(text: &str, start: Timestamp, until: Timestamp) -> Vec<Occurrence> {
    super::foreign::by_rrule(&super::reading::read(text), start.seconds(), until.seconds())
}

/// Meetings that others had heard of when their day was left out: they are called off, and belong to no series any more.
async fn left_behind(city: &City, series: &[Uuid]) -> Vec<Occurrence> {
    let known = all(city, series).await;
    let all = city.app.db.read(move |conn| Ok(plaza::meetings::store::of_group(conn, "kitchen", 100_000)?)).await;
    all.expect("meetings").iter().filter(|row| !known.contains_key(&row.id)).map(told).collect()
}
