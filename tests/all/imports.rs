//! Calendars brought in from elsewhere: looked through, taken in once, changed, called off, looked at again; and what is refused.

mod doors;
mod looking;
mod returning;

use std::time::Duration;

use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    db::schema::activities,
    imports::{
        actions::{self, Taking},
        found::Reading,
        known::{Look, Report},
        store, watching,
    },
    meetings::{self, meeting::Meeting},
    series::{self, series::Series},
};

use crate::city::{City, on_each_database};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const GOOGLE: &str = include_str!("imports/google.ics");
const APPLE: &str = include_str!("imports/apple.ics");

async fn take(city: &City, calendar: &str) -> Report {
    let reading = watching::read(&city.app, calendar.to_owned().into(), None).await.expect("a calendar");
    let taking = Taking { group: "kitchen".into(), speaker: None, source: None };
    actions::take_in(&city.app, &taking, &reading).await.expect("taken in")
}

async fn planned(city: &City) -> Vec<Meeting> {
    let mut all = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 1_000)?)).await.expect("reading");
    all.reverse();
    all
}

async fn all_series(city: &City) -> Vec<Series> {
    city.app.db.read(|conn| Ok(series::store::of_group(conn, "kitchen")?)).await.expect("reading")
}

/// Kinds of what was said of meetings.
async fn said(city: &City) -> Vec<String> {
    let said = |conn: &mut plaza::db::Conn| {
        let of_meetings = activities::table.filter(diesel::TextExpressionMethods::like(activities::object, "/ap/events/%"));
        Ok(of_meetings.order(activities::sequence).select(activities::kind).load(conn)?)
    };
    city.app.db.read(said).await.expect("reading")
}

/// `2026-12-02T19:00 Title`, marked where it is cancelled.
fn line(meeting: &Meeting) -> String {
    let cancelled = if meeting.cancelled.is_some() { " !" } else { "" };
    format!("{} {}{cancelled}", meeting.local_start().format("%Y-%m-%dT%H:%M"), meeting.title)
}

async fn lines(city: &City, first: usize) -> Vec<String> {
    planned(city).await.iter().take(first).map(line).collect()
}

/// A calendar of one meeting on 27 November 2026, within what a group looks ahead.
fn one(title: &str, more: &str) -> String {
    calendar(&format!("UID:one@far.example\r\nSUMMARY:{title}\r\nDTSTART:20261127T180000\r\nDURATION:PT2H\r\n{more}"))
}

fn calendar(event: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n")
}

async fn kitchen(database: &str) -> City {
    let city = City::start(database).await;
    city.group("kitchen").await;
    city
}

#[test]
fn a_calendar_that_is_taken_in_three_times_is_there_once_and_followers_hear_of_what_is_near() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let first = take(&city, GOOGLE).await;
        assert_eq!((first.meetings, first.series, first.past, first.left_out()), (1, 1, 1, 2), "{first:?}");
        assert_eq!(
            lines(&city, 5).await,
            [
                "2026-11-24T18:00 Cocina de los martes",
                "2026-12-02T19:00 Cocina del miércoles",
                "2026-12-05T10:00 Mercado, puesto 4",
                "2026-12-08T18:00 Cocina de los martes",
                "2026-12-15T18:00 Cocina de los martes !",
            ]
        );
        let all = planned(&city).await;
        assert!(!all.iter().any(|meeting| line(meeting).starts_with("2026-12-22")), "a day that is left out");
        assert!(all.len() > 70 && all.iter().skip(1).all(|meeting| meeting.opens.is_some()), "later ones are said later");
        assert_eq!(said(&city).await, ["Create"]);
        let tentative = all[2].agenda.clone().unwrap_or_default();
        assert!(tentative.contains("*Not sure yet.*"), "{tentative}");
        for _ in 0..2 {
            city.advance(HOUR);
            let again = take(&city, GOOGLE).await;
            assert_eq!((again.meetings, again.series, again.changed, again.same), (0, 0, 0, 2), "{again:?}");
        }
        assert_eq!(planned(&city).await, all);
        assert_eq!(said(&city).await, ["Create"]);
    });
}

#[test]
fn what_changed_there_changes_here_and_what_was_changed_here_stays() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        take(&city, &one("Soup", "LOCATION:Square\r\n")).await;
        let id = planned(&city).await[0].id;
        city.app
            .act(move |conn, here| {
                meetings::actions::change(conn, here, id, &|meeting| {
                    meeting.title = "Our soup".into();
                    Ok(())
                })
            })
            .await
            .expect("changed here");
        let report = take(&city, &one("Soup", "LOCATION:Park\r\nSEQUENCE:1\r\n")).await;
        assert_eq!(report.changed, 1, "{report:?}");
        let meeting = planned(&city).await.remove(0);
        assert_eq!((meeting.id, meeting.title.as_str(), meeting.place.as_deref()), (id, "Our soup", Some("Park")));
        let report = take(&city, &one("Soup and bread", "LOCATION:Park\r\nSEQUENCE:2\r\n")).await;
        assert_eq!((report.changed, planned(&city).await[0].title.as_str()), (1, "Soup and bread"));
        // an older copy of the same calendar changes nothing
        let older = take(&city, &one("Soup", "SEQUENCE:1\r\n")).await;
        assert_eq!((older.changed, older.left_out(), planned(&city).await[0].title.as_str()), (0, 1, "Soup and bread"));
        let report = take(&city, &one("Soup and bread", "LOCATION:Park\r\nSEQUENCE:3\r\nSTATUS:CANCELLED\r\n")).await;
        assert_eq!(report.cancelled, 1);
        assert_eq!(lines(&city, 9).await, ["2026-11-27T18:00 Soup and bread !"]);
        // called off there and held after all: so it is here
        let report = take(&city, &one("Soup and bread", "SEQUENCE:4\r\n")).await;
        assert_eq!((report.meetings, report.changed), (0, 1), "{report:?}");
        assert_eq!(planned(&city).await.iter().filter(|meeting| meeting.cancelled.is_none()).count(), 1);
        let cancelled =
            calendar("UID:never\r\nSUMMARY:Never was\r\nDTSTART:20261128T180000\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n");
        let report = take(&city, &cancelled).await;
        assert_eq!((report.left_out(), planned(&city).await.len()), (1, 1), "{report:?}");
    });
}

#[test]
fn exceptions_of_a_series_come_go_and_move() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let series = |more: &str| {
            let head = "UID:weekly\r\nSUMMARY:Weekly\r\nDTSTART;TZID=America/New_York:20261127T180000\r\nDURATION:PT1H\r\n";
            calendar(&format!("{head}RRULE:FREQ=WEEKLY;COUNT=4\r\n{more}"))
        };
        take(&city, &series("")).await;
        let ids: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(ids.len(), 4);
        let moved = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nRECURRENCE-ID:20261204T230000Z\r\nSUMMARY:Weekly, late\r\nDTSTART;TZID=America/New_York:20261205T200000\r\nDURATION:PT1H\r\n";
        assert_eq!(take(&city, &series(moved)).await.changed, 1);
        let now =
            ["2026-11-27T18:00 Weekly", "2026-12-05T20:00 Weekly, late", "2026-12-11T18:00 Weekly", "2026-12-18T18:00 Weekly"];
        assert_eq!(lines(&city, 9).await, now);
        assert_eq!(take(&city, &series("")).await.changed, 1);
        let now = ["2026-11-27T18:00 Weekly", "2026-12-04T18:00 Weekly", "2026-12-11T18:00 Weekly", "2026-12-18T18:00 Weekly"];
        assert_eq!(lines(&city, 9).await, now);
        let without = series("EXDATE;TZID=America/New_York:20261211T180000\r\n");
        assert_eq!(take(&city, &without).await.changed, 1);
        assert_eq!(lines(&city, 9).await, [now[0], now[1], now[3]]);
        let later = without.replace("SUMMARY:Weekly", "SUMMARY:Fridays").replace("T180000", "T190000");
        assert_eq!(take(&city, &later).await.changed, 1);
        let now = ["2026-11-27T19:00 Fridays", "2026-12-04T19:00 Fridays", "2026-12-18T19:00 Fridays"];
        assert_eq!(lines(&city, 9).await, now);
        let kept: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(kept, [ids[0], ids[1], ids[3]], "meetings stay the ones they are");
        let gone = later.replace("RRULE", "STATUS:CANCELLED\r\nRRULE");
        assert_eq!(take(&city, &gone).await.cancelled, 1);
        assert_eq!(lines(&city, 9).await, ["2026-11-27T19:00 Fridays !"], "nobody heard of the others");
    });
}

#[test]
fn from_then_on_a_series_is_another_and_its_meetings_stay_the_ones_they_are() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let events: Vec<&str> = APPLE.split("BEGIN:VEVENT").collect();
        let before = [events[0], events[1], events[3]].join("BEGIN:VEVENT");
        assert_eq!(take(&city, &before).await.series, 1);
        let ids: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        let report = take(&city, APPLE).await;
        assert_eq!((report.series, report.changed, report.same), (1, 1, 1), "{report:?}");
        assert_eq!(
            lines(&city, 7).await,
            [
                "2026-11-28T10:00 Digging morning",
                "2026-12-03T18:00 Seeds",
                "2026-12-05T10:00 Digging morning",
                "2026-12-12T10:00 Digging morning",
                "2026-12-19T10:00 Digging morning",
                "2027-01-03T11:00 Digging on Sundays",
                "2027-01-10T11:00 Digging on Sundays",
            ]
        );
        let now: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(now[..20], ids[..20]);
        assert_eq!(all_series(&city).await.len(), 2);
        let again = take(&city, APPLE).await;
        assert_eq!((again.series, again.changed, again.same), (0, 0, 3), "{again:?}");
    });
}

#[test]
fn our_own_calendar_comes_back_as_our_own() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        city.meeting("kitchen", "Assembly").await;
        take(&city, GOOGLE).await;
        let before = (planned(&city).await, all_series(&city).await, said(&city).await);
        let calendar = city.get("/@kitchen.ics", "text/calendar").await.text().await.expect("text");
        let report = take(&city, &calendar).await;
        assert!(report.own > 0 && report.meetings + report.series + report.changed + report.cancelled == 0, "{report:?}");
        assert_eq!((planned(&city).await, all_series(&city).await, said(&city).await), before);
    });
}

#[test]
fn of_a_group_that_waits_nothing_leads_elsewhere() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("kitchen").await;
        let report = take(&city, &one("Soup", "URL:https://far.example/soup\r\n")).await;
        assert_eq!((report.meetings, report.left_out()), (0, 1), "{report:?}");
        let many: String = (1..=20)
            .map(|n| format!("BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:Soup {n}\r\nDTSTART:202612{n:02}T180000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"))
            .collect();
        let report = take(&city, &format!("BEGIN:VCALENDAR\r\n{many}END:VCALENDAR\r\n")).await;
        let most = usize::try_from(plaza::groups::group::WAITING_MEETINGS).expect("few");
        assert_eq!((report.meetings, report.left_out(), planned(&city).await.len()), (most, 20 - most, most), "{report:?}");
    });
}

/// What an organizer of the kitchen looks through at this moment; and an address that the kitchen has looked at.
pub async fn looked_through(city: &City) -> uuid::Uuid {
    let reading = watching::read(&city.app, GOOGLE.into(), None).await.expect("a calendar");
    let look = Look {
        id: city.app.here().new_id(),
        group: "kitchen".into(),
        url: None,
        watch: false,
        hours: None,
        reading: reading.clone(),
        report: None,
        made: city.app.clock.now(),
    };
    let (id, taking) = (look.id, Taking { group: "kitchen".into(), speaker: None, source: None });
    city.app.db.write(move |conn| Ok(store::keep_look(conn, &look)?)).await.expect("kept");
    let url = "https://calendar.example/a/rather/long/address/of/the/kitchen/and/its/meetings.ics".parse().expect("an address");
    watching::adopt(&city.app, &taking, url, None, &Reading { found: vec![], ..reading }).await.expect("looked at");
    id
}
