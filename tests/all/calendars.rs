//! Calendars and feeds, read by programs that are not ours.

mod feeds;
pub mod foreign;
mod hostile;
pub mod reading;
mod round_trip;
mod series;
mod versions;
mod zones;

use std::time::Duration;

use chrono_tz::Tz;
use plaza::{
    groups, meetings,
    meetings::meeting::{Kind, Meeting, Position},
};
use reading::{Calendar, read};

use crate::city::{City, START, on_each_database};

pub const DAY: Duration = Duration::from_secs(24 * 3_600);
const HOUR: Duration = Duration::from_secs(3_600);

/// Schedules a meeting of two hours tomorrow evening, as `change` wants it.
pub async fn schedule(city: &City, group: &str, change: impl Fn(&mut Meeting)) -> Meeting {
    let here = city.app.here();
    let mut meeting = Meeting {
        title: "Weekly meeting".into(),
        kind: Kind::Assembly,
        starts: START + DAY,
        ends: START + DAY + 2 * HOUR,
        zone: Tz::America__New_York,
        language: "en".into(),
        ..Meeting::blank(here.new_id(), group, here.now)
    };
    change(&mut meeting);
    let new = meeting.clone();
    city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("a meeting");
    meeting
}

pub async fn cancel(city: &City, meeting: &Meeting) {
    let id = meeting.id;
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
}

pub async fn close(city: &City, group: &str) {
    let group = group.to_owned();
    city.app.act(move |conn, here| groups::actions::close(conn, here, &group)).await.expect("closed");
}

/// The calendar at this path, after both foreign readers have taken it without complaint.
async fn calendar(city: &City, path: &str) -> Calendar {
    let answer = city.get(path, "text/calendar").await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    read(&answer.text().await.expect("text"))
}

#[test]
fn a_meeting_says_everything_a_calendar_wants_to_know() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |meeting| {
            (meeting.place, meeting.address) = (Some("Dewey Square".into()), Some("Summer St, 12".into()));
            meeting.position = Some(Position { latitude: 42.353, longitude: -71.055_200_04 });
            meeting.online = Some("https://meet.example/kitchen,a;b?c=d".parse().expect("an address"));
            meeting.agenda = Some("**Soup**, bread\n\n1. Flour #food\n2. Salt #soup".into());
        })
        .await;
        city.advance(HOUR);
        let id = meeting.id;
        let later = |meeting: &mut Meeting| {
            (meeting.starts, meeting.ends) = (meeting.starts + HOUR, meeting.ends + HOUR);
            Ok(())
        };
        city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &later)).await.expect("moved");
        let page = format!("{}/meetings/{id}", city.origin);
        for path in [format!("/meetings/{id}.ics"), "/@kitchen.ics".into(), "/@Kitchen.ics".into(), "/meetings.ics".into()] {
            let calendar = calendar(&city, &path).await;
            assert_eq!(calendar.events.len(), 1, "{path}");
            let expected = [
                ("UID", id.to_string()),
                ("DTSTAMP", "20261124T130000Z".into()),
                ("CREATED", "20261124T120000Z".into()),
                ("LAST-MODIFIED", "20261124T130000Z".into()),
                ("SEQUENCE", "1".into()),
                ("DTSTART", "20261125T080000".into()),
                ("DTEND", "20261125T100000".into()),
                ("SUMMARY", "Weekly meeting".into()),
                (
                    "DESCRIPTION",
                    format!(
                        "Assembly of The kitchen group\n\nOnline: https://meet.example/kitchen,a;b?c=d\n\nSoup, bread\n\n- Flour #food\n- \
                         Salt #soup\n\n{page}"
                    ),
                ),
                ("URL", page.clone()),
                ("STATUS", "CONFIRMED".into()),
                ("CLASS", "PUBLIC".into()),
                ("TRANSP", "OPAQUE".into()),
                ("LOCATION", "Dewey Square, Summer St, 12".into()),
                ("GEO", "42.353;-71.0552".into()),
                ("CONFERENCE", "https://meet.example/kitchen%2Ca%3Bb?c=d".into()),
                ("CATEGORIES", "food,soup".into()),
            ];
            assert_eq!(calendar.events[0].fields(), expected.map(|(name, value)| (name.to_owned(), value)), "{path}");
            assert_eq!(calendar.events[0].parameter("DTSTART", "TZID"), "America/New_York");
            assert_eq!(calendar.events[0].parameter("SUMMARY", "LANGUAGE"), "en");
            assert_eq!(calendar.events[0].span_in_utc(&calendar), (START + DAY + HOUR, START + DAY + 3 * HOUR));
            assert_eq!(calendar.field("VERSION"), "2.0");
            assert!(calendar.field("PRODID").contains("Plaza") && calendar.field("REFRESH-INTERVAL") == "PT1H");
            assert_eq!(calendar.field("X-PUBLISHED-TTL"), "PT1H");
            assert_eq!(calendar.zones(), ["America/New_York"]);
        }
        let names = [("/meetings.ics", "Meetings in Riverside"), ("/@kitchen.ics", "Meetings of The kitchen group")];
        for (path, name) in names {
            let calendar = calendar(&city, path).await;
            assert_eq!((calendar.field("NAME"), calendar.field("X-WR-CALNAME")), (name.into(), name.into()));
            assert_eq!(calendar.field("X-WR-TIMEZONE"), "America/New_York");
            assert_eq!(calendar.field("SOURCE"), format!("{}{path}", city.origin));
        }
    });
}

#[test]
fn a_cancelled_meeting_stays_and_says_so() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |meeting| meeting.language = "es".into()).await;
        cancel(&city, &meeting).await;
        for path in [format!("/meetings/{}.ics", meeting.id), "/@kitchen.ics".into(), "/meetings.ics".into()] {
            let event = calendar(&city, &path).await.events.remove(0);
            assert_eq!((event.field("STATUS"), event.field("SEQUENCE")), ("CANCELLED".into(), "1".into()));
            assert_eq!(event.field("SUMMARY"), "Cancelada: Weekly meeting");
            assert!(event.field("DESCRIPTION").starts_with("Esta reunión está cancelada."), "{}", event.field("DESCRIPTION"));
        }
    });
}

#[test]
fn a_calendar_shows_a_month_back_and_a_year_and_a_half_ahead() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let at = |days: u32, title: &'static str, city: &City| {
            let now = city.clock.now();
            let starts = now + days * DAY;
            move |meeting: &mut Meeting| (meeting.title, meeting.starts, meeting.ends) = (title.into(), starts, starts + HOUR)
        };
        schedule(&city, "kitchen", at(1, "long over", &city)).await;
        schedule(&city, "kitchen", |meeting| {
            (meeting.title, meeting.starts, meeting.ends) = ("a camp".into(), START + DAY, START + 31 * DAY)
        })
        .await;
        city.advance(32 * DAY);
        schedule(&city, "kitchen", at(540, "soon enough", &city)).await;
        schedule(&city, "kitchen", at(549, "too far away", &city)).await;
        let titles = |calendar: &Calendar| calendar.events.iter().map(|event| event.field("SUMMARY")).collect::<Vec<_>>();
        for path in ["/meetings.ics", "/@kitchen.ics"] {
            assert_eq!(titles(&calendar(&city, path).await), ["a camp", "soon enough"], "{path}");
        }
        city.advance(30 * DAY);
        assert_eq!(titles(&calendar(&city, "/meetings.ics").await), ["soon enough", "too far away"]);
    });
}

#[test]
fn a_long_calendar_holds_every_meeting_once_in_order() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        let mut expected = vec![];
        for number in 0..130u32 {
            // most begin at the same moment: only the id tells them apart
            let starts = START + DAY + if number % 3 == 0 { number * HOUR } else { HOUR };
            let group = if number % 2 == 0 { "kitchen" } else { "library" };
            let meeting = schedule(&city, group, |meeting| (meeting.starts, meeting.ends) = (starts, starts + HOUR)).await;
            expected.push((starts, meeting.id.to_string(), group));
        }
        expected.sort();
        let ids = |calendar: Calendar| calendar.events.iter().map(|event| event.field("UID")).collect::<Vec<_>>();
        let those_of = |wanted: &'static str| {
            let kept = expected.iter().filter(move |(_, _, group)| wanted.is_empty() || *group == wanted);
            kept.map(|(_, id, _)| id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(calendar(&city, "/meetings.ics").await), those_of(""));
        assert_eq!(ids(calendar(&city, "/@library.ics").await), those_of("library"));
        close(&city, "kitchen").await;
        assert_eq!(ids(calendar(&city, "/meetings.ics").await), those_of("library"));
    });
}

#[test]
fn what_ended_is_gone_and_what_never_was_is_not_found() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        city.announce("kitchen", "Bring pots").await;
        close(&city, "kitchen").await;
        let one = format!("/meetings/{}.ics", meeting.id);
        for path in ["/@kitchen.ics", "/@kitchen.atom", &one] {
            assert_eq!(city.get(path, "*/*").await.status(), 410, "{path}");
        }
        for path in ["/meetings.ics", "/meetings.atom", "/announcements.atom", "/@library.ics", "/@library.atom"] {
            let answer = city.get(path, "*/*").await;
            assert_eq!(answer.status(), 200, "{path}");
            let text = answer.text().await.expect("text");
            assert!(!text.contains("Weekly") && !text.contains("kitchen") && !text.contains("pots"), "{path}: {text}");
        }
        let never = [
            "/@nobody.ics",
            "/@nobody.atom",
            "/@.ics",
            "/@kitchen.ics.ics",
            "/@kitchen.ical",
            "/@%00.ics",
            "/@%00.atom",
            "/@%FF.ics",
            "/@..%2f.ics",
            "/meetings/%00.ics",
            "/meetings/.ics",
            "/meetings/x.ics",
            "/meetings/00000000-0000-7000-8000-000000000000.ics",
            &one.to_uppercase().replace("/MEETINGS", "/meetings").replace(".ICS", ".ics"),
        ];
        for path in never {
            assert_eq!(city.get(path, "*/*").await.status(), 404, "{path}");
        }
        for path in ["/meetings.ics", "/@library.ics", "/meetings.atom", "/announcements.atom", "/@library.atom"] {
            let answer = city.http.post(format!("{}{path}", city.origin)).send().await.expect("an answer");
            assert_eq!(answer.status(), 405, "{path}");
        }
    });
}

#[test]
fn a_filter_gives_a_calendar_and_a_feed_of_just_that() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        schedule(&city, "kitchen", |meeting| {
            (meeting.title, meeting.place, meeting.agenda) =
                ("Cooking".into(), Some("Dewey Square".into()), Some("#soup".into()));
            meeting.kind = Kind::WorkDay;
        })
        .await;
        schedule(&city, "library", |meeting| {
            (meeting.title, meeting.online) = ("Reading".into(), "https://meet.example/books".parse().ok());
            (meeting.starts, meeting.ends, meeting.zone) = (START + 20 * DAY, START + 20 * DAY + HOUR, Tz::Europe__Madrid);
        })
        .await;
        let table = [
            ("", "Cooking Reading", "Meetings in Riverside"),
            ("?utm_source=x", "Cooking Reading", "Meetings in Riverside"),
            ("?group=kitchen", "Cooking", "Meetings of The kitchen group"),
            ("?tag=soup", "Cooking", "Meetings in Riverside · #soup"),
            ("?place=dewey", "Cooking", "Meetings in Riverside · dewey"),
            ("?kind=workday", "Cooking", "Meetings in Riverside · Work day"),
            ("?online=yes", "Reading", "Meetings in Riverside · Online"),
            ("?online=no&tag=soup", "Cooking", "Meetings in Riverside · #soup · In a room"),
            ("?day=2026-11-25", "Cooking", "Meetings in Riverside · 2026-11-25"),
            ("?month=2026-12", "Reading", "Meetings in Riverside · 2026-12"),
            ("?group=library&month=2027-01", "", "Meetings of The library group · 2027-01"),
        ];
        for (query, expected, name) in table {
            let calendar = calendar(&city, &format!("/meetings.ics{query}")).await;
            let titles: Vec<String> = calendar.events.iter().map(|event| event.field("SUMMARY")).collect();
            assert_eq!((titles.join(" ").as_str(), calendar.field("NAME").as_str()), (expected, name), "{query}");
            for event in &calendar.events {
                assert!(event.span_in_utc(&calendar).0 > START);
            }
            let feed = city.get(&format!("/meetings.atom{query}"), "*/*").await.text().await.expect("text");
            for title in ["Cooking", "Reading"] {
                assert_eq!(feed.contains(title), expected.contains(title), "{title} in {query}: {feed}");
            }
        }
        let wrong = ["?kind=party", "?tag=%00", "?online=2", "?month=2026-13", "?group=a/b", "?day=today", "?place=a%0D%0AX:"];
        for query in wrong {
            for path in ["/meetings.ics", "/meetings.atom"] {
                assert_eq!(city.get(&format!("{path}{query}"), "*/*").await.status(), 400, "{path}{query}");
            }
        }
        close(&city, "kitchen").await;
        for path in ["/meetings.ics", "/meetings.atom"] {
            assert_eq!(city.get(&format!("{path}?group=kitchen"), "*/*").await.status(), 410, "{path}");
            assert_eq!(city.get(&format!("{path}?group=nobody"), "*/*").await.status(), 404, "{path}");
        }
    });
}
