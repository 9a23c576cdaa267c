//! Meetings that recur: laid out ahead, heard of one by one, changed alone or together.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use plaza::{
    clock::Timestamp,
    error::Result,
    meetings::{self, meeting::Meeting},
    series::{
        self,
        rule::{End, Rule},
        series::Series,
    },
    worker,
};
use uuid::Uuid;

use crate::city::{City, START, on_each_database};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a time")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Every Tuesday at 18:00 in New York, from 1 December 2026 on.
async fn every_tuesday(city: &City, group: &str) -> Series {
    weekly(city, group, "FREQ=WEEKLY;BYDAY=TU").await
}

async fn weekly(city: &City, group: &str, rule: &str) -> Series {
    let (here, first) = (city.app.here(), local("2026-12-01T18:00"));
    let pattern = Meeting {
        title: "Weekly meeting".into(),
        zone: chrono_tz::Tz::America__New_York,
        place: Some("The square".into()),
        language: "en".into(),
        ends: here.now + Duration::from_secs(7_200),
        ..Meeting::blank(here.new_id(), group, here.now)
    };
    let rule = Rule::parse(rule, first, pattern.zone).expect("a rule");
    let series = Series::new(pattern, first, rule, Default::default(), here.now);
    let new = series.clone();
    city.app.act(move |conn, here| series::actions::begin(conn, here, &new)).await.expect("a series");
    series
}

async fn rows(city: &City, id: Uuid) -> Vec<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::of_series(conn, id)?)).await.expect("reading")
}

async fn change(
    city: &City,
    id: Uuid,
    from: Option<Timestamp>,
    change: impl Fn(&mut Series) -> Result<()> + Send + 'static,
) -> Series {
    city.app.act(move |conn, here| series::actions::change(conn, here, id, from, &change)).await.expect("changed")
}

async fn change_one(city: &City, id: Uuid, change: impl Fn(&mut Meeting) + Send + 'static) {
    let outcome = city.app.act(move |conn, here| {
        meetings::actions::change(conn, here, id, &|meeting| {
            change(meeting);
            Ok(())
        })
    });
    outcome.await.expect("changed");
}

/// `2026-12-01T18:00`, by the clock there.
fn clock(meeting: &Meeting) -> String {
    meeting.local_start().format("%Y-%m-%dT%H:%M").to_string()
}

/// Time passes in both cities, and meetings that come near are told of.
async fn pass(here: &City, there: &City, span: Duration) {
    here.advance(span);
    there.advance(span);
    worker::open_meetings_once(&here.app).await.expect("opened");
}

async fn two_cities(database: &str) -> (City, City) {
    let (here, there) = (City::start(database).await, City::start(database).await);
    here.group("kitchen").await;
    there.group("trees").await;
    there.hears("trees", &here, "kitchen").await;
    (here, there)
}

#[test]
fn a_series_stands_on_the_agenda_for_eighteen_months_at_the_same_time_on_the_wall() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = every_tuesday(&city, "kitchen").await;
        let rows = rows(&city, series.id).await;
        assert_eq!(rows.len(), 78);
        assert!(
            rows.iter().all(|row| row.local_start().format("%a %H:%M").to_string() == "Tue 18:00"),
            "through two changes of clocks"
        );
        assert!(rows.iter().all(|row| row.ends.since(row.starts) == Duration::from_secs(7_200)));
        let page = city.get("/meetings?month=2027-07", "text/html").await.text().await.expect("a page");
        assert!(page.matches("Weekly meeting").count() >= 4, "{page}");
        // what comes within reach later is laid out later, and nothing twice
        city.advance(4 * WEEK);
        worker::open_meetings_once(&city.app).await.expect("laid out");
        worker::open_meetings_once(&city.app).await.expect("laid out");
        assert_eq!(self::rows(&city, series.id).await.len(), 82);
    });
}

#[test]
fn followers_hear_of_each_meeting_once_when_it_comes_near() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let series = every_tuesday(&here, "kitchen").await;
        assert_eq!(here.work().await, 1, "only the one of next week");
        let rows = rows(&here, series.id).await;
        let (first, second) = (&rows[0], &rows[1]);
        assert!(first.is_said() && !second.is_said());
        let id = |meeting: &Meeting| format!("/ap/events/{}", meeting.id);
        assert_eq!(here.document(&id(first)).await["startTime"], "2026-12-01T18:00:00-05:00");
        assert_eq!(here.get(&id(second), "application/activity+json").await.status(), 404, "nobody elsewhere knows of it");
        assert_eq!(here.get(&format!("/meetings/{}", second.id), "text/html").await.status(), 200);

        pass(&here, &there, 5 * DAY).await;
        assert_eq!(here.work().await, 0, "not within eight days yet");
        here.advance(2 * DAY);
        there.advance(2 * DAY);
        let (one, other) = futures_util::join!(worker::open_meetings_once(&here.app), worker::open_meetings_once(&here.app));
        one.and(other).expect("opened");
        assert_eq!(here.work().await, 1, "once, by whichever worker");
        let published = here.document(&id(second)).await["published"].clone();
        assert_eq!(published, (START + 7 * DAY).rfc3339(), "when others heard of it");
        let heard = there.heard("trees").await;
        assert_eq!(heard.iter().filter(|heard| heard.kind == "Event").count(), 2);
    });
}

#[test]
fn one_meeting_is_moved_or_called_off_alone() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let series = every_tuesday(&here, "kitchen").await;
        here.work().await;
        let before = rows(&here, series.id).await;
        let (third, fourth) = (before[2].id, before[3].id);
        change_one(&here, third, |meeting| (meeting.starts, meeting.ends) = (meeting.starts + DAY, meeting.ends + DAY)).await;
        here.app.act(move |conn, here| meetings::actions::cancel(conn, here, fourth)).await.expect("called off");
        assert_eq!(here.work().await, 0, "nobody elsewhere knew of them");
        let after = rows(&here, series.id).await;
        assert_eq!(clock(&after[2]), "2026-12-16T18:00");
        assert_eq!(after[2].recurrence, before[2].recurrence, "it stays the same meeting");
        for (place, (before, after)) in before.iter().zip(&after).enumerate() {
            assert!(before == after || [2, 3].contains(&place), "the others stay as they are");
        }
        // when their time comes, others hear of them as they are
        for _ in 0..4 {
            pass(&here, &there, WEEK).await;
            here.work().await;
        }
        let heard = there.heard("trees").await;
        let off = heard.iter().find(|heard| heard.cancelled).expect("called off");
        assert_eq!((off.title.as_deref(), off.starts), (Some("CANCELLED: Weekly meeting"), Some(before[3].starts)));
        assert!(heard.iter().any(|heard| heard.starts == Some(after[2].starts) && heard.kind == "Event"));
        assert_eq!(heard.iter().filter(|heard| heard.kind == "Note").count(), 0, "nothing had to be taken back");
    });
}

#[test]
fn a_change_of_the_series_reaches_what_was_not_changed_alone() {
    on_each_database(|database| async move {
        let (here, _there) = two_cities(database).await;
        let series = every_tuesday(&here, "kitchen").await;
        here.work().await;
        let second = rows(&here, series.id).await[1].id;
        change_one(&here, second, |meeting| meeting.place = Some("The library".into())).await;
        let changed = change(&here, series.id, None, |series| {
            series.pattern.place = Some("The church".into());
            series.pattern.title = "Assembly of cooks".into();
            Ok(())
        })
        .await;
        assert_eq!(changed.id, series.id);
        assert_eq!(here.work().await, 2, "one Update and its note, of the one that others heard of");
        let rows = rows(&here, series.id).await;
        assert!(rows.iter().all(|row| row.title == "Assembly of cooks"));
        let elsewhere: Vec<_> = rows.iter().filter(|row| row.place.as_deref() != Some("The church")).map(|row| row.id).collect();
        assert_eq!(elsewhere, [second]);
        // the same again changes nothing and says nothing
        change(&here, series.id, None, |series| {
            series.pattern.title = "Assembly of cooks".into();
            Ok(())
        })
        .await;
        assert_eq!(here.work().await, 0);
    });
}

#[test]
fn another_rhythm_begins_with_the_next_meeting_and_moves_each_one_near() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let series = every_tuesday(&here, "kitchen").await;
        pass(&here, &there, 8 * DAY).await;
        here.work().await;
        let before = rows(&here, series.id).await;
        change(&here, series.id, None, |series| {
            series.first = local("2026-12-09T19:00");
            series.rule = Rule::parse("FREQ=WEEKLY;BYDAY=WE", series.first, series.zone())?;
            Ok(())
        })
        .await;
        assert_eq!(here.work().await, 2, "an Update and its note");
        let after = rows(&here, series.id).await;
        assert_eq!(after[0], before[0], "what was stays");
        assert_eq!(after[1].id, before[1].id, "the same meeting, on another day");
        assert!(after.iter().skip(1).all(|row| row.local_start().format("%a %H:%M").to_string() == "Wed 19:00"));
        let heard = there.heard("trees").await;
        assert_eq!(heard.iter().filter(|heard| heard.kind == "Event").count(), 2, "none was added, none called off");
        assert!(heard.iter().any(|heard| heard.starts == Some(after[1].starts)));

        // half as often: every second one is called off if others heard of it, and goes if not
        change(&here, series.id, None, |series| {
            series.rule = Rule::parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", local("2026-12-16T19:00"), series.zone())?;
            series.first = local("2026-12-16T19:00");
            Ok(())
        })
        .await;
        let rows = rows(&here, series.id).await;
        let clocks: Vec<String> = rows.iter().take(4).map(clock).collect();
        assert_eq!(clocks, ["2026-12-01T18:00", "2026-12-16T19:00", "2026-12-30T19:00", "2027-01-13T19:00"]);
    });
}

#[test]
fn this_and_all_following_become_a_series_of_their_own_with_the_same_meetings() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = weekly(&city, "kitchen", "FREQ=WEEKLY;BYDAY=TU;COUNT=10").await;
        let before = rows(&city, series.id).await;
        assert_eq!(before.len(), 10);
        let next = change(&city, series.id, Some(before[4].starts), |series| {
            series.pattern.title = "Winter meeting".into();
            Ok(())
        })
        .await;
        assert_ne!(next.id, series.id);
        let (first, second) = (rows(&city, series.id).await, rows(&city, next.id).await);
        let ids = |rows: &[Meeting]| rows.iter().map(|row| (row.id, row.starts)).collect::<Vec<_>>();
        assert_eq!(ids(&[&first[..], &second[..]].concat()), ids(&before), "together they are what was");
        assert_eq!((first.len(), second.len()), (4, 6));
        assert!(first.iter().all(|row| row.title == "Weekly meeting") && second.iter().all(|row| row.title == "Winter meeting"));
        assert_eq!(next.rule.end(), End::After(6));
    });
}

#[test]
fn a_day_is_left_out_and_taken_in_again() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let id = every_tuesday(&city, "kitchen").await.id;
        let leave_out = |left_out: bool| {
            city.app.act(move |conn, here| series::actions::leave_out(conn, here, id, day("2026-12-22"), left_out))
        };
        leave_out(true).await.expect("left out");
        assert!(!rows(&city, id).await.iter().any(|row| clock(row) == "2026-12-22T18:00"));
        leave_out(false).await.expect("taken in");
        assert!(rows(&city, id).await.iter().any(|row| clock(row) == "2026-12-22T18:00"));
        let other = city.app.act(move |conn, here| series::actions::leave_out(conn, here, id, day("2026-12-23"), true)).await;
        assert!(other.expect_err("a Wednesday").to_string().contains("does not meet on 2026-12-23"));
    });
}

#[test]
fn the_end_of_a_series_keeps_what_was_and_calls_off_what_others_heard_of() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let id = every_tuesday(&here, "kitchen").await.id;
        pass(&here, &there, 8 * DAY).await;
        here.work().await;
        here.app.act(move |conn, here| series::actions::end(conn, here, id, None)).await.expect("ended");
        here.work().await;
        let left = rows(&here, id).await;
        assert_eq!(left.iter().map(clock).collect::<Vec<_>>(), ["2026-12-01T18:00", "2026-12-08T18:00"]);
        assert!(left[0].cancelled.is_none() && left[1].cancelled.is_some());
        assert_eq!(there.heard("trees").await.iter().filter(|heard| heard.cancelled).count(), 1);
        here.advance(30 * DAY);
        worker::open_meetings_once(&here.app).await.expect("nothing");
        assert_eq!(rows(&here, id).await.len(), 2, "nothing comes after it");
    });
}

#[test]
fn another_city_shows_the_whole_series_with_what_was_moved_and_called_off() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let series = every_tuesday(&here, "kitchen").await;
        let meetings = rows(&here, series.id).await;
        let (second, third) = (meetings[1].id, meetings[2].id);
        change_one(&here, second, |meeting| {
            (meeting.starts, meeting.ends) = (meeting.starts + DAY, meeting.ends + DAY);
            meeting.place = Some("The library".into());
        })
        .await;
        here.app.act(move |conn, here| meetings::actions::cancel(conn, here, third)).await.expect("called off");
        // the next one that is said takes it all along
        pass(&here, &there, 7 * DAY).await;
        here.work().await;
        let page = there.get("/elsewhere", "text/html").await.text().await.expect("a page");
        let plain = plaza::text::plain_of_html(&page);
        assert!(plain.contains("Every Tuesday, 18:00"), "{plain}");
        for said in ["Wednesday 9 December, 18:00", "Tuesday 15 December, 18:00", "Tuesday 22 December, 18:00", "The library"] {
            assert!(plain.contains(said), "{said}: {plain}");
        }
        assert!(!plain.contains("Tuesday 8 December"), "{plain}");
        assert_eq!(page.matches(">Cancelled<").count(), 1, "{page}");
        let schedule = here.document(&format!("/ap/series/{}", series.id)).await;
        assert_eq!((&schedule["type"], &schedule["rrule"]), (&"Schedule".into(), &"FREQ=WEEKLY;BYDAY=TU".into()));
        assert_eq!(schedule["exceptions"].as_array().map(Vec::len), Some(2));
        // forgotten with whoever said it
        there
            .app
            .act(|conn, here| {
                let sisters = plaza::sisters::store::of_group(conn, "trees")?;
                plaza::sisters::actions::leave(conn, here, "trees", &sisters[0].actor)
            })
            .await
            .expect("left");
        let page = there.get("/elsewhere", "text/html").await.text().await.expect("a page");
        assert!(!page.contains("Every Tuesday"), "{page}");
    });
}
