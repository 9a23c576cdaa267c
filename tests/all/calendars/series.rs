//! Series in calendars: programs that are not ours find exactly the meetings that the city laid out.

use std::{collections::BTreeSet, time::Duration};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;
use plaza::{
    clock::Timestamp,
    meetings::{
        self,
        filter::{Filter, Span},
        meeting::{Kind, Meeting},
    },
    series::{self, rule::Rule, series::Series},
};
use url::Url;
use uuid::Uuid;

use super::{
    DAY, HOUR, calendar, cancel,
    foreign::{Occurrence, readings},
    schedule,
};
use crate::city::{City, START, on_each_database};

const ZONES: [&str; 15] = [
    "America/New_York",
    "Europe/Madrid",
    "Europe/London",
    "Europe/Dublin",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Pacific/Apia",
    "America/Asuncion",
    "Africa/Cairo",
    "UTC",
];

/// How often, and the first day where the rule does not say it.
const RULES: [(&str, Option<&str>); 12] = [
    ("FREQ=DAILY;INTERVAL=5", None),
    ("FREQ=WEEKLY;BYDAY=SU", None),
    ("FREQ=WEEKLY;BYDAY=MO,WE,SU;COUNT=70", None),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,SU", None),
    ("FREQ=MONTHLY;BYMONTHDAY=31", None),
    ("FREQ=MONTHLY;BYDAY=2TU", None),
    ("FREQ=MONTHLY;BYDAY=-1FR", None),
    ("FREQ=YEARLY", Some("2028-02-29")),
    ("FREQ=YEARLY", Some("2027-05-01")),
    ("FREQ=WEEKLY;BYDAY=SA;UNTIL=20271106", None),
    ("FREQ=DAILY;UNTIL=20270117", None),
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=10", None),
];

/// An evening, and the hours in which clocks are set.
const TIMES: [&str; 4] = ["18:00:00", "01:30:00", "02:30:00", "00:00:00"];

pub fn pattern(city: &City, title: &str, zone: Tz) -> Meeting {
    let here = city.app.here();
    Meeting {
        title: title.into(),
        kind: Kind::Assembly,
        starts: here.now,
        ends: here.now + 2 * HOUR,
        zone,
        place: Some("Dewey Square".into()),
        language: "en".into(),
        ..Meeting::blank(here.new_id(), "kitchen", here.now)
    }
}

/// Begins a series as its group would; `first` is on the wall there.
pub async fn begin(city: &City, pattern: Meeting, first: NaiveDateTime, rule: &str) -> Series {
    let rule = Rule::parse(rule, first, pattern.zone).unwrap_or_else(|error| panic!("{error}: {rule}"));
    let new = Series::new(pattern, first, rule, BTreeSet::new(), city.clock.now());
    let series = new.clone();
    city.app.act(move |conn, here| series::actions::begin(conn, here, &new)).await.expect("a series");
    series
}

/// The first day from then on that a rule takes.
pub fn first_day(rule: &str, from: NaiveDate, time: NaiveTime, zone: Tz) -> NaiveDateTime {
    let fits = |day: &NaiveDate| {
        let first = day.and_time(time);
        Rule::parse(rule, first, zone).is_ok_and(|rule| rule.check(first).is_ok())
    };
    from.iter_days().take(400).find(fits).unwrap_or_else(|| panic!("{rule} takes no day")).and_time(time)
}

pub async fn rows(city: &City, series: Uuid) -> Vec<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::of_series(conn, series)?)).await.expect("meetings")
}

pub async fn change(city: &City, id: Uuid, change: impl Fn(&mut Meeting) + Send + Sync + 'static) {
    let change = move |meeting: &mut Meeting| {
        change(meeting);
        Ok(())
    };
    city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &change)).await.expect("changed");
}

pub async fn leave_out(city: &City, id: Uuid, day: NaiveDate) {
    city.app.act(move |conn, here| series::actions::leave_out(conn, here, id, day, true)).await.expect("left out");
}

/// A row as a calendar shows it.
pub fn told(meeting: &Meeting) -> Occurrence {
    let (title, status) = match meeting.cancelled {
        Some(_) => (format!("Cancelled: {}", meeting.title), "CANCELLED"),
        None => (meeting.title.clone(), "CONFIRMED"),
    };
    (title, meeting.starts.seconds(), meeting.ends.seconds(), status.to_owned())
}

/// Every meeting that the city has in a time, as calendars are to show it.
async fn expected(city: &City, from: Timestamp, until: Timestamp) -> Vec<Occurrence> {
    let span = Span { from: from - 31 * DAY, until, lasts: from };
    let read = city
        .app
        .db
        .read(move |conn| Ok(meetings::store::matching(conn, &Filter::default(), span, plaza::db::turn::Turn::First, 100_000)?));
    let mut all: Vec<_> = read.await.expect("meetings").iter().map(told).collect();
    all.sort();
    all
}

/// Both lists in order; says where they part.
pub fn same(reader: &str, found: &[Occurrence], expected: &[Occurrence]) {
    let (there, here): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), expected.iter().collect());
    let odd: Vec<_> = there.difference(&here).take(5).collect();
    let missed: Vec<_> = here.difference(&there).take(5).collect();
    assert!(odd.is_empty() && missed.is_empty(), "{reader} finds {odd:?} and misses {missed:?}");
    assert_eq!(found.len(), expected.len(), "{reader} finds something twice");
}

async fn text(city: &City, path: &str) -> String {
    let answer = city.get(path, "text/calendar").await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("text")
}

/// Changes some meetings of a series, each in another way; one is moved to the other side of the next change of the clock.
async fn make_exceptions(city: &City, series: &Series) {
    let all = rows(city, series.id).await;
    let zone = series.zone();
    let offset = |time: Timestamp| zone.offset_from_utc_datetime(&time.utc().naive_utc()).fix();
    cancel(city, &all[2]).await;
    change(city, all[3].id, |meeting| {
        (meeting.starts, meeting.ends) = (meeting.starts + DAY + HOUR, meeting.ends + DAY + 2 * HOUR)
    })
    .await;
    change(city, all[4].id, |meeting| meeting.title = format!("{}, with soup", meeting.title)).await;
    leave_out(city, series.id, series.clock_at(all[5].starts).date()).await;
    let before = all
        .windows(2)
        .skip(6)
        .find(|pair| offset(pair[0].starts) != offset(pair[1].starts))
        .map_or(7, |pair| all.iter().position(|row| row.id == pair[0].id).expect("one of them"));
    let (earlier, later) = (all[before].starts, all[before + 1].starts);
    let by = later.since(earlier) - 2 * HOUR;
    change(city, all[before].id, move |meeting| (meeting.starts, meeting.ends) = (meeting.starts + by, meeting.ends + by)).await;
}

#[test]
fn every_reader_finds_the_meetings_that_are_laid_out_whatever_zone_rule_and_exception() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let from = NaiveDate::from_ymd_opt(2026, 11, 26).expect("a day");
        let mut begun = vec![];
        for (place, name) in ZONES.into_iter().enumerate() {
            let zone: Tz = name.parse().expect("a zone");
            for (turn, (rule, first)) in RULES.into_iter().enumerate() {
                // over all zones, each rule meets each time
                let time = TIMES[(place + turn) % TIMES.len()].parse().expect("a time");
                let first = first.map_or_else(
                    || first_day(rule, from, time, zone),
                    |day| day.parse::<NaiveDate>().expect("a day").and_time(time),
                );
                let series = begin(&city, pattern(&city, &format!("{name} {turn} {time}"), zone), first, rule).await;
                if (1..4).contains(&turn) {
                    make_exceptions(&city, &series).await;
                }
                begun.push(series);
            }
        }
        schedule(&city, "kitchen", |_| {}).await;
        let whole = text(&city, "/meetings.ics").await;
        let (start, until) = (START, START + 540 * DAY);
        let expected = expected(&city, start, until).await;
        assert!(expected.len() > 3_000, "{}", expected.len());
        // it takes them longer than a connection stays open: meanwhile somebody has to see it close
        let taken = whole.clone();
        let readings = tokio::task::spawn_blocking(move || readings(&taken, start, until)).await.expect("what they found");
        for (reader, found) in &readings {
            same(reader, found, &expected);
        }
        println!("{} meetings, read by {:?}", expected.len(), readings.iter().map(|(name, _)| name).collect::<Vec<_>>());
        // told once each, and not day by day
        let told = super::reading::read(&whole);
        let masters = told.events.iter().filter(|event| !event.each("RRULE").is_empty()).count();
        assert_eq!(masters, begun.len());
        assert!(told.events.len() < expected.len() / 3, "{} for {}", told.events.len(), expected.len());
        assert_eq!(text(&city, "/@kitchen.ics").await.matches("\r\nRRULE:").count(), whole.matches("\r\nRRULE:").count());
        for series in begun.iter().step_by(11) {
            let one = text(&city, &format!("/series/{}.ics", series.id)).await;
            let mut its: Vec<_> = rows(&city, series.id).await.iter().map(super::series::told).collect();
            its.retain(|(_, starts, ..)| *starts < until.seconds());
            its.sort();
            for (reader, found) in super::foreign::readings(&one, start, until) {
                same(&reader, &found, &its);
            }
        }
    });
}

pub async fn weekly(city: &City) -> Series {
    let first =
        first_day("FREQ=WEEKLY;BYDAY=TU", START.utc().date_naive(), "18:00:00".parse().expect("a time"), Tz::America__New_York);
    let mut pattern = pattern(city, "Weekly meeting", Tz::America__New_York);
    pattern.agenda = Some("#soup".into());
    begin(city, pattern, first, "FREQ=WEEKLY;BYDAY=TU").await
}

#[test]
fn a_series_is_told_once_and_each_exception_beside_it() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = weekly(&city).await;
        let all = rows(&city, series.id).await;
        cancel(&city, &all[1]).await;
        change(&city, all[2].id, |meeting| (meeting.starts, meeting.ends) = (meeting.starts + DAY, meeting.ends + DAY)).await;
        leave_out(&city, series.id, NaiveDate::from_ymd_opt(2026, 12, 15).expect("a day")).await;
        for path in [
            "/meetings.ics".to_owned(),
            "/@kitchen.ics".into(),
            "/meetings.ics?tag=soup".into(),
            format!("/series/{}.ics", series.id),
        ] {
            let calendar = calendar(&city, &path).await;
            assert_eq!(calendar.events.len(), 3, "{path}");
            let [master, cancelled, moved] = [0, 1, 2].map(|place| &calendar.events[place]);
            assert!(calendar.events.iter().all(|event| event.field("UID") == series.id.to_string()), "{path}");
            assert_eq!(master.field("RRULE"), "FREQ=WEEKLY;BYDAY=TU");
            assert_eq!((master.field("DTSTART"), master.field("DTEND")), ("20261124T180000".into(), "20261124T200000".into()));
            assert_eq!(master.each("EXDATE"), ["20261215T180000"]);
            assert_eq!(master.parameter("EXDATE", "TZID"), "America/New_York");
            // the day that is left out
            assert_eq!(master.field("SEQUENCE"), "1");
            assert_eq!(master.field("URL"), format!("{}/series/{}", city.origin, series.id));
            assert!(master.field("DESCRIPTION").ends_with(&master.field("URL")));
            assert_eq!(
                (cancelled.field("STATUS"), cancelled.field("RECURRENCE-ID")),
                ("CANCELLED".into(), "20261201T180000".into())
            );
            assert_eq!(
                (moved.field("DTSTART"), moved.field("RECURRENCE-ID")),
                ("20261209T180000".into(), "20261208T180000".into())
            );
            assert_eq!(moved.parameter("RECURRENCE-ID", "TZID"), "America/New_York");
            assert_eq!((cancelled.field("SEQUENCE"), moved.field("SEQUENCE")), ("2".into(), "2".into()));
            assert_eq!(moved.field("URL"), format!("{}/meetings/{}", city.origin, all[2].id));
            assert_eq!(calendar.zones(), ["America/New_York"]);
        }
        let one = calendar(&city, &format!("/meetings/{}.ics", all[2].id)).await;
        assert_eq!((one.events.len(), one.events[0].field("UID")), (1, all[2].id.to_string()));
        assert!(one.events[0].each("RRULE").is_empty() && one.events[0].each("RECURRENCE-ID").is_empty());
    });
}

#[test]
fn a_filter_that_only_some_meetings_of_a_series_meet_tells_these_alone() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = weekly(&city).await;
        let all = rows(&city, series.id).await;
        let online: Option<Url> = "https://meet.example/kitchen".parse().ok();
        change(&city, all[1].id, move |meeting| meeting.online = online.clone()).await;
        let table = [
            ("?online=yes", 1, false),
            ("?online=no", 2, true),
            ("?kind=assembly&place=dewey", 2, true),
            ("?day=2026-12-08", 1, false),
            ("?month=2026-12", 5, false),
            ("?group=kitchen", 2, true),
        ];
        for (query, events, with_rule) in table {
            let calendar = calendar(&city, &format!("/meetings.ics{query}")).await;
            assert_eq!(calendar.events.len(), events, "{query}");
            let has_rule = calendar.events.iter().any(|event| !event.each("RRULE").is_empty());
            assert_eq!(has_rule, with_rule, "{query}");
            let by_series = calendar.events.iter().filter(|event| event.field("UID") == series.id.to_string()).count();
            assert_eq!(by_series, if with_rule { events } else { 0 }, "{query}");
        }
    });
}

#[test]
fn a_calendar_of_series_is_another_version_after_every_change_of_one() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = weekly(&city).await;
        let far = rows(&city, series.id).await[60].clone();
        let version = async |path: &str| city.get(path, "*/*").await.headers()["etag"].to_str().expect("ascii").to_owned();
        let its_own = format!("/series/{}.ics", series.id);
        let mut before = (version("/@kitchen.ics").await, version(&its_own).await);
        for step in 0..3 {
            // nobody elsewhere has heard of it yet; the clock stands still
            match step {
                0 => change(&city, far.id, |meeting| meeting.title = "Another title".into()).await,
                1 => cancel(&city, &far).await,
                _ => leave_out(&city, series.id, NaiveDate::from_ymd_opt(2026, 12, 15).expect("a day")).await,
            }
            let after = (version("/@kitchen.ics").await, version(&its_own).await);
            assert!(before.0 != after.0 && before.1 != after.1, "{step}");
            before = after;
        }
        assert_eq!(version("/@kitchen.ics").await, before.0);
        for wrong in ["/series/x.ics", "/series/00000000-0000-7000-8000-000000000000.ics"] {
            assert_eq!(city.get(wrong, "*/*").await.status(), 404, "{wrong}");
        }
        super::close(&city, "kitchen").await;
        assert_eq!(city.get(&its_own, "*/*").await.status(), 410);
        assert_eq!(calendar(&city, "/meetings.ics").await.events.len(), 0);
    });
}

#[test]
fn a_calendar_keeps_what_a_series_was_before_it_took_another_rhythm_or_ended() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = weekly(&city).await;
        let id = series.id;
        city.advance(9 * DAY);
        let later = move |series: &mut Series| {
            series.first += chrono::TimeDelta::hours(1);
            Ok(())
        };
        city.app.act(move |conn, here| series::actions::change(conn, here, id, None, &later)).await.expect("changed");
        let (start, until) = (START, START + 540 * DAY);
        let check = async || {
            let whole = text(&city, "/meetings.ics").await;
            let expected = expected(&city, start, until).await;
            for (reader, found) in readings(&whole, start, until) {
                same(&reader, &found, &expected);
            }
            whole
        };
        let whole = check().await;
        assert!(whole.contains("DTSTART;TZID=America/New_York:20261208T190000"), "{whole}");
        assert!(whole.contains("DTSTART;TZID=America/New_York:20261201T180000"), "{whole}");
        let split = rows(&city, id).await[6].recurrence.expect("of the series").starts;
        let elsewhere = |series: &mut Series| {
            series.pattern.place = Some("The library".into());
            Ok(())
        };
        let next = city.app.act(move |conn, here| series::actions::change(conn, here, id, Some(split), &elsewhere)).await;
        let next = next.expect("split").id;
        // zones have rules, too
        let told = super::reading::read(&check().await);
        assert_eq!(told.events.iter().filter(|event| !event.each("RRULE").is_empty()).count(), 2);
        city.app.act(move |conn, here| series::actions::end(conn, here, next, None)).await.expect("ended");
        check().await;
        city.advance(Duration::from_secs(100 * 24 * 3_600));
        check_old(&city).await;
    });
}

/// After a hundred days the time that is shown begins in between.
async fn check_old(city: &City) {
    let (start, until) = (city.clock.now() - 20 * DAY, city.clock.now() + 500 * DAY);
    let expected = expected(city, start, until).await;
    for (reader, found) in readings(&text(city, "/meetings.ics").await, start, until) {
        same(&reader, &found, &expected);
    }
}
