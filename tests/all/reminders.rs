//! Some hours before a meeting its group passes its own post on once more: once, never for what is cancelled, and seldom enough.

use std::time::Duration;

use plaza::{
    clock::Timestamp,
    groups::{self, group::Group},
    meetings::{self, meeting::Meeting, reminders},
    plaza::actions as square,
};
use serde_json::{Value, json};

use crate::city::{City, START, on_each_database};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const JSON: &str = "application/activity+json";

/// A city with a plaza and a kitchen, and another whose trees hear both.
async fn cities(database: &str) -> (City, City) {
    let (here, there) = (City::start(database).await, City::start(database).await);
    square::open(&here.app).await.expect("a plaza");
    here.group("kitchen").await;
    there.group("trees").await;
    there.hears("trees", &here, "kitchen").await;
    (here, there)
}

async fn meeting(city: &City, starts: Timestamp) -> Meeting {
    let here = city.app.here();
    let meeting = Meeting {
        title: "Soup".into(),
        starts,
        ends: starts + 2 * HOUR,
        zone: chrono_tz::Tz::America__New_York,
        place: Some("The square".into()),
        language: "en".into(),
        ..Meeting::blank(here.new_id(), "kitchen", here.now)
    };
    city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &meeting)).await.expect("scheduled")
}

async fn remind(city: &City) -> usize {
    reminders::send_what_is_due(&city.app).await.expect("looked")
}

async fn habit(city: &City, hours: i64) {
    let change = move |group: &mut Group| group.habits.remind = hours;
    city.app.act(move |conn, here| groups::actions::edit(conn, here, "kitchen", &change)).await.expect("chosen");
}

async fn change(city: &City, meeting: &Meeting, change: impl Fn(&mut Meeting) + Send + 'static) {
    let id = meeting.id;
    let deed = city.app.act(move |conn, here| {
        meetings::actions::change(conn, here, id, &|meeting| {
            change(meeting);
            Ok(())
        })
    });
    deed.await.expect("changed");
}

async fn cancel(city: &City, meeting: &Meeting) {
    let id = meeting.id;
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
}

async fn notes(city: &City, meeting: &Meeting) -> usize {
    let id = meeting.id;
    city.app.db.read(move |conn| Ok(plaza::announcements::store::of_meeting(conn, id)?.len())).await.expect("reading")
}

/// Everything said of these kinds, the oldest first.
async fn said(city: &City, kinds: &'static [&'static str]) -> Vec<Value> {
    use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
    use plaza::db::schema::activities;
    let all = activities::table.filter(activities::kind.eq_any(kinds)).order(activities::sequence).select(activities::body);
    let bodies: Vec<String> = city.app.db.read(move |conn| Ok(all.load(conn)?)).await.expect("said");
    bodies.iter().map(|body| serde_json::from_str(body).expect("JSON")).collect()
}

async fn passed_on_there(city: &City) -> i64 {
    use diesel::{QueryDsl, RunQueryDsl};
    city.app.db.read(|conn| Ok(plaza::db::schema::passed_on::table.count().get_result(conn)?)).await.expect("counted")
}

fn to(cities: &[&City], time: Timestamp) {
    for city in cities {
        city.advance(time.since(city.clock.now()));
    }
}

#[test]
fn a_group_passes_its_meeting_on_once_some_hours_before_and_takes_it_back_when_it_is_cancelled() {
    on_each_database(|database| async move {
        let (here, there) = cities(database).await;
        here.app.act(|conn, here| square::choose(conn, here, plaza::plaza::pass_on::PassOn::All, "en")).await.expect("chosen");
        let soup = meeting(&here, START + 5 * DAY).await;
        here.work().await;
        to(&[&here, &there], soup.starts - 4 * HOUR - Duration::from_secs(1));
        assert_eq!(remind(&here).await, 0, "not yet");
        to(&[&here, &there], soup.starts - 4 * HOUR);
        // two workers at once
        let (one, other) = futures_util::future::join(remind(&here), remind(&here)).await;
        assert_eq!((one + other, remind(&here).await), (1, 0));
        assert_eq!(here.work().await, 1, "to whoever follows the kitchen");
        assert_eq!((passed_on_there(&there).await, there.heard("trees").await.len()), (1, 1));

        let announces = said(&here, &["Announce"]).await;
        let ours: Vec<&Value> =
            announces.iter().filter(|it| it["actor"] == format!("{}/ap/groups/kitchen", here.origin)).collect();
        assert_eq!((announces.len(), ours.len()), (2, 1), "the plaza passed it on when it was said, and not again");
        let announce = ours[0];
        assert_eq!(announce["object"], format!("{}/ap/events/{}", here.origin, soup.id));
        assert_eq!(announce["published"], here.clock.now().rfc3339());
        assert_eq!(announce["to"], json!(["https://www.w3.org/ns/activitystreams#Public"]));
        assert_eq!(announce["cc"], json!([format!("{}/ap/groups/kitchen/followers", here.origin)]));
        let id = announce["id"].as_str().expect("an id").to_owned();
        assert_eq!(here.document(&id).await["type"], "Announce");
        let outbox = here.document("/ap/groups/kitchen/outbox?page=1").await;
        assert_eq!(outbox["orderedItems"][0]["id"], id, "{outbox}");

        // moved to tomorrow: nobody is reminded a second time
        change(&here, &soup, |meeting| (meeting.starts, meeting.ends) = (meeting.starts + DAY, meeting.ends + DAY)).await;
        here.work().await;
        to(&[&here, &there], soup.starts + DAY - HOUR);
        assert_eq!(remind(&here).await, 0);
        cancel(&here, &soup).await;
        let path = id.strip_prefix(&here.origin).expect("ours");
        assert_eq!(here.get(path, JSON).await.status(), 410);
        here.work().await;
        assert_eq!(passed_on_there(&there).await, 0);
        let undo = said(&here, &["Undo"]).await;
        assert_eq!((undo.len(), &undo[0]["object"]["id"]), (1, &json!(id)));
        assert_eq!(undo[0]["object"]["type"], "Announce");
        assert!(there.heard("trees").await.iter().any(|it| it.cancelled), "what was cancelled is still known as that");
    });
}

#[test]
fn nobody_is_reminded_of_what_is_cancelled_fresh_over_or_not_to_be_reminded_of() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.waiting_group("newcomers").await;
        let start = START + 3 * DAY;
        let off = meeting(&city, start).await;
        cancel(&city, &off).await;
        let theirs = off.clone();
        let waiting = Meeting { group: "newcomers".into(), cancelled: None, ..theirs };
        city.app
            .act(move |conn, here| meetings::actions::schedule(conn, here, &Meeting { id: here.new_id(), ..waiting.clone() }))
            .await
            .expect("scheduled");
        // published a day before that moment and a second; moved later than that
        to(&[&city], start - 28 * HOUR - Duration::from_secs(1));
        let right = meeting(&city, start).await;
        let moved = meeting(&city, start).await;
        let renamed = meeting(&city, start).await;
        to(&[&city], start - 28 * HOUR + Duration::from_secs(1));
        let fresh = meeting(&city, start).await;
        change(&city, &moved, |meeting| meeting.place = Some("The library".into())).await;
        change(&city, &renamed, |meeting| meeting.title = "Soup and bread".into()).await;
        to(&[&city], start - 4 * HOUR);
        assert_eq!(remind(&city).await, 2);
        let objects: Vec<String> = said(&city, &["Announce"]).await.iter().map(|it| it["object"].to_string()).collect();
        for (meeting, reminded) in [(&right, true), (&renamed, true), (&moved, false), (&fresh, false), (&off, false)] {
            assert_eq!(objects.iter().any(|uri| uri.contains(&meeting.id.to_string())), reminded, "{objects:?}");
        }
        // a server that was down all the time does not remind of what began
        let late = meeting(&city, start + 3 * DAY).await;
        to(&[&city], late.starts);
        assert_eq!(remind(&city).await, 0);
        // never
        habit(&city, 0).await;
        let never = meeting(&city, start + 6 * DAY).await;
        to(&[&city], never.starts - HOUR);
        assert_eq!(remind(&city).await, 0);
        habit(&city, 48).await;
        let long = meeting(&city, start + 12 * DAY).await;
        to(&[&city], long.starts - 48 * HOUR);
        assert_eq!(remind(&city).await, 1);
    });
}

#[test]
fn a_reminder_counts_among_the_few_notes_and_never_stands_before_a_cancellation() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        habit(&city, 12).await;
        let soup = meeting(&city, START + 5 * DAY).await;
        to(&[&city], soup.starts - 12 * HOUR);
        assert_eq!(remind(&city).await, 1);
        for (number, place) in ["The library", "The attic", "The cellar"].into_iter().enumerate() {
            city.advance(Duration::from_secs(60));
            change(&city, &soup, move |meeting| meeting.place = Some(place.into())).await;
            assert_eq!(notes(&city, &soup).await, 1, "{number}: one note beside the reminder, which is rewritten");
        }
        cancel(&city, &soup).await;
        assert_eq!(notes(&city, &soup).await, 2, "that it is called off is a note of its own");
    });
}

#[test]
fn a_group_that_ends_takes_its_reminders_back_first() {
    on_each_database(|database| async move {
        let (here, there) = cities(database).await;
        let soup = meeting(&here, START + 5 * DAY).await;
        here.work().await;
        to(&[&here, &there], soup.starts - 2 * HOUR);
        assert_eq!(remind(&here).await, 1);
        here.work().await;
        assert_eq!(passed_on_there(&there).await, 1);
        here.app.act(|conn, here| groups::actions::close(conn, here, "kitchen")).await.expect("ended");
        let last: Vec<String> = said(&here, &["Undo", "Delete"]).await.iter().map(|it| it["type"].to_string()).collect();
        assert_eq!(last, ["\"Undo\"", "\"Delete\""]);
        here.work().await;
        assert_eq!((passed_on_there(&there).await, there.heard("trees").await.len()), (0, 0));
    });
}

#[test]
fn reminders_of_the_past_are_forgotten() {
    on_each_database(|database| async move {
        use diesel::{QueryDsl, RunQueryDsl};
        let city = City::start(database).await;
        city.group("kitchen").await;
        let soup = meeting(&city, START + 5 * DAY).await;
        to(&[&city], soup.starts - HOUR);
        assert_eq!(remind(&city).await, 1);
        let count = || {
            let app = city.app.clone();
            async move {
                plaza::worker::forget_once(&app).await.expect("forgotten");
                let all = plaza::db::schema::reminders::table.count();
                app.db.read(move |conn| Ok(all.get_result::<i64>(conn)?)).await.expect("counted")
            }
        };
        to(&[&city], soup.ends + 23 * HOUR);
        assert_eq!(count().await, 1);
        to(&[&city], soup.ends + 25 * HOUR);
        assert_eq!(count().await, 0);
    });
}
