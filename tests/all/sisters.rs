//! Cities that hear each other: what each of them sees, once, what goes on to others, and what is left when it is taken back.

use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use plaza::{
    actors::{self, remote},
    announcements::{self, alarms, announcement::Announcement},
    blocks,
    db::schema::activities,
    federation::say::{Hearers, Saying, say},
    origin::Local,
    plaza::{actions as square, pass_on::PassOn},
    sisters::{
        self, actions,
        news::{self, State},
        passing,
        sister::{Heard, Policy},
        wire::Said,
    },
    worker,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const HOUR: Duration = Duration::from_secs(3_600);

fn id_of(city: &City, group: &str) -> String {
    format!("{}/ap/groups/{group}", city.origin)
}

/// A group hears another one, under a policy.
async fn hears(here: &City, ours: &str, there: &City, theirs: &str, policy: Policy) {
    here.hears(ours, there, theirs).await;
    let (ours, actor) = (ours.to_owned(), id_of(there, theirs));
    let chosen = here.app.act(move |conn, _| actions::choose(conn, &ours, &actor, policy)).await.expect("chosen");
    assert_eq!(chosen.state, sisters::sister::State::Accepted);
}

/// Everybody does what is due until nothing is.
async fn settle(cities: &[&City]) {
    for _ in 0..20 {
        let mut done = 0;
        for city in cities {
            done += city.work().await;
        }
        if done == 0 {
            return;
        }
    }
    panic!("it goes on and on");
}

fn pass(cities: &[&City], span: Duration) {
    for city in cities {
        city.advance(span);
    }
}

/// How often a group said so.
async fn said(city: &City, group: &str, kind: &'static str) -> i64 {
    let actor = Local::Group(group.to_owned()).path();
    let count = city.app.db.read(move |conn| {
        let said = activities::table.filter(activities::actor.eq(&actor)).filter(activities::kind.eq(kind));
        Ok(said.count().get_result::<i64>(conn)?)
    });
    count.await.expect("reading")
}

async fn standing(city: &City, group: &str, uri: &str) -> Option<State> {
    let (group, uri) = (group.to_owned(), uri.to_owned());
    city.app.db.read(move |conn| Ok(news::find(conn, &group, &uri)?)).await.expect("reading").map(|news| news.state)
}

async fn contents(city: &City, group: &str) -> Vec<String> {
    city.heard(group).await.into_iter().map(|heard| heard.content).collect()
}

fn uri_of(city: &City, note: &Announcement) -> String {
    city.app.origin.uri(&Local::Note(note.id)).into()
}

async fn urgent(city: &City, group: &str, text: &str) -> Announcement {
    let here = city.app.here();
    let note = Announcement { urgent: true, id: here.new_id(), ..city.announce(group, "never mind").await };
    let new = Announcement { text: text.to_owned(), ..note };
    let kept = new.clone();
    city.app.act(move |conn, here| announcements::actions::publish(conn, here, &new)).await.expect("said");
    kept
}

/// Three cities: the second hears the first under every policy, the third hears the second, and the first the third.
async fn ring(database: &str) -> (City, City, City) {
    let (a, b, c) = (City::start(database).await, City::start(database).await, City::start(database).await);
    a.group("kitchen").await;
    for group in ["trees", "seeds", "walls"] {
        b.group(group).await;
    }
    c.group("water").await;
    for (group, policy) in [("trees", Policy::PassOn), ("seeds", Policy::Ask), ("walls", Policy::Show)] {
        hears(&b, group, &a, "kitchen", policy).await;
    }
    for group in ["trees", "seeds", "walls"] {
        hears(&c, "water", &b, group, Policy::PassOn).await;
    }
    hears(&a, "kitchen", &c, "water", Policy::PassOn).await;
    settle(&[&a, &b, &c]).await;
    (a, b, c)
}

#[test]
fn in_a_ring_everything_is_heard_once_and_goes_no_further_than_it_may() {
    on_each_database(|database| async move {
        let (a, b, c) = ring(database).await;
        let note = a.announce("kitchen", "We need pots").await;
        let uri = uri_of(&a, &note);
        settle(&[&a, &b, &c]).await;
        for group in ["trees", "seeds", "walls"] {
            assert_eq!(contents(&b, group).await, ["<p>We need pots</p>"], "{group}");
        }
        assert_eq!(contents(&c, "water").await, ["<p>We need pots</p>"], "by way of the second");
        assert!(contents(&a, "kitchen").await.is_empty(), "our own does not come back");
        assert_eq!(standing(&b, "trees", &uri).await, Some(State::PassedOn));
        assert_eq!(standing(&b, "seeds", &uri).await, Some(State::Waits));
        assert_eq!(standing(&b, "walls", &uri).await, None);
        assert_eq!(standing(&c, "water", &uri).await, None, "what was passed on goes no further");
        let counts =
            [said(&b, "trees", "Announce").await, said(&b, "seeds", "Announce").await, said(&c, "water", "Announce").await];
        assert_eq!(counts, [1, 0, 0]);
        let page = Phone::of(&c).page("/elsewhere").await;
        assert!(
            page.contains("We need pots") && page.contains("@kitchen@") && page.contains(&format!("href=\"{}", a.origin)),
            "{page}"
        );

        // somebody decides, and everybody who hears both has it once all the same
        let what = uri.clone();
        b.app.act(move |conn, here| passing::decide(conn, here, "seeds", &what, true)).await.expect("passed on");
        settle(&[&a, &b, &c]).await;
        assert_eq!(contents(&c, "water").await.len(), 1);
        let what = uri.clone();
        let again = b.app.act(move |conn, here| passing::decide(conn, here, "seeds", &what, true)).await;
        assert!(again.is_err(), "not twice");

        // an edit shows where its author is heard
        pass(&[&a, &b, &c], Duration::from_secs(60));
        let id = note.id;
        let edit =
            a.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "No more pots".into()));
        edit.await.expect("edited");
        settle(&[&a, &b, &c]).await;
        assert_eq!(contents(&b, "walls").await, ["<p>No more pots</p>"]);
        assert_eq!(said(&b, "trees", "Announce").await, 1, "an edit is passed on by its author");

        a.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        settle(&[&a, &b, &c]).await;
        for (city, group) in [(&b, "trees"), (&b, "seeds"), (&b, "walls"), (&c, "water")] {
            assert!(contents(city, group).await.is_empty(), "{group}");
        }
        assert_eq!((said(&b, "trees", "Undo").await, said(&b, "seeds", "Undo").await), (1, 1));
        assert_eq!(standing(&b, "trees", &uri).await, Some(State::TakenBack));
        assert!(!Phone::of(&c).page("/elsewhere").await.contains("pots"));
    });
}

#[test]
fn a_city_that_was_down_for_a_day_hears_it_later_and_once() {
    on_each_database(|database| async move {
        let (a, b, mut c) = ring(database).await;
        c.go_down().await;
        a.announce("kitchen", "first").await;
        for _ in 0..3 {
            a.work().await;
            b.work().await;
        }
        pass(&[&a, &b, &c], DAY);
        c.come_back().await;
        for _ in 0..3 {
            settle(&[&a, &b, &c]).await;
            pass(&[&a, &b, &c], Duration::from_secs(7 * 3_600));
        }
        assert_eq!(contents(&c, "water").await, ["<p>first</p>"]);
        assert_eq!(said(&b, "trees", "Announce").await, 1);
    });
}

#[test]
fn of_a_blocked_city_nothing_is_left_and_what_was_passed_on_is_undone() {
    on_each_database(|database| async move {
        let (a, b, c) = ring(database).await;
        a.announce("kitchen", "We need pots").await;
        a.meeting("kitchen", "Soup").await;
        settle(&[&a, &b, &c]).await;
        assert_eq!(contents(&c, "water").await.len(), 2);
        let target = id_of(&a, "kitchen");
        b.app.act(move |conn, here| blocks::actions::block(conn, here, &target)).await.expect("blocked");
        assert!(contents(&b, "trees").await.is_empty());
        settle(&[&b, &c]).await;
        assert!(contents(&c, "water").await.is_empty(), "undone");
        assert!(!Phone::of(&b).page("/meetings").await.contains("Soup"));
        assert!(b.app.db.read(|conn| Ok(sisters::store::of_group(conn, "trees")?)).await.unwrap().is_empty());
    });
}

#[test]
fn a_sister_that_is_left_vanishes_but_what_was_passed_on_stays() {
    on_each_database(|database| async move {
        let (a, b, c) = ring(database).await;
        let note = a.announce("kitchen", "We need pots").await;
        settle(&[&a, &b, &c]).await;
        let leave = |group: &'static str, actor: String| b.app.act(move |conn, here| actions::leave(conn, here, group, &actor));
        leave("seeds", id_of(&a, "kitchen")).await.expect("left");
        assert!(contents(&b, "seeds").await.is_empty());
        assert_eq!(standing(&b, "seeds", &uri_of(&a, &note)).await, None, "nobody has to decide any more");
        leave("trees", id_of(&a, "kitchen")).await.expect("left");
        settle(&[&a, &b, &c]).await;
        assert_eq!(contents(&b, "trees").await.len(), 1, "the group passed it on");
        assert_eq!(contents(&c, "water").await.len(), 1);
        let uri = uri_of(&a, &note);
        b.app.act(move |conn, here| passing::undo(conn, here, "trees", &uri)).await.expect("taken back");
        leave("walls", id_of(&a, "kitchen")).await.expect("left");
        settle(&[&a, &b, &c]).await;
        assert!(contents(&b, "trees").await.is_empty() && contents(&c, "water").await.is_empty());
    });
}

/// Two cities; `trees` of the first hears `kitchen` of the second and passes on.
async fn two(database: &str) -> (City, City) {
    let (here, there) = (City::start(database).await, City::start(database).await);
    here.group("trees").await;
    there.group("kitchen").await;
    hears(&here, "trees", &there, "kitchen", Policy::PassOn).await;
    (here, there)
}

/// As the other city would say it.
fn note(there: &City, name: &str, more: Value) -> Value {
    let mut note = json!({
        "id": format!("{}/n/{name}", there.origin),
        "type": "Note",
        "attributedTo": id_of(there, "kitchen"),
        "content": format!("<p>{name}</p>"),
        "published": there.app.clock.now().rfc3339(),
        "to": "https://www.w3.org/ns/activitystreams#Public",
    });
    if let (Some(note), Some(more)) = (note.as_object_mut(), more.as_object()) {
        note.extend(more.clone());
    }
    note
}

async fn told(city: &City, document: Value) {
    let said = Said::of_document(&document).expect("a post");
    city.app.act(move |conn, here| actions::hear(conn, here, &said.told(here.now), true)).await.expect("heard");
}

#[test]
fn some_things_are_never_passed_on() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let followers = format!("{}/followers", id_of(&there, "kitchen"));
        let table = [
            ("plain", json!({}), Some(State::PassedOn)),
            ("unlisted", json!({ "to": followers, "cc": public }), None),
            ("digest", json!({ "digest": true }), None),
            ("forbidden", json!({ "interactionPolicy": { "canAnnounce": { "always": [] } } }), None),
            ("allowed", json!({ "interactionPolicy": { "canAnnounce": { "always": [public] } } }), Some(State::PassedOn)),
            (
                "followed",
                json!({ "interactionPolicy": { "canAnnounce": { "automaticApproval": [followers] } } }),
                Some(State::PassedOn),
            ),
            ("answer", json!({ "inReplyTo": format!("{}/n/other", there.origin) }), None),
            ("own-thread", json!({ "inReplyTo": format!("{}/n/plain", there.origin) }), Some(State::PassedOn)),
            ("alarm", json!({ "urgent": true }), Some(State::Waits)),
            ("one", json!({ "urgent": true, "confirmations": 1 }), Some(State::Waits)),
            ("two", json!({ "urgent": true, "confirmations": 2 }), Some(State::PassedOn)),
            ("old", json!({ "published": "2026-11-01T00:00:00Z" }), None),
        ];
        for (name, more, stands) in table {
            let document = note(&there, name, more);
            let uri = document["id"].as_str().unwrap().to_owned();
            told(&here, document).await;
            assert_eq!(standing(&here, "trees", &uri).await, stands, "{name}");
        }
        // its author thinks better of it
        let changed = note(&there, "allowed", json!({ "interactionPolicy": { "canAnnounce": { "always": [] } } }));
        let uri = changed["id"].as_str().unwrap().to_owned();
        told(&here, changed).await;
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::TakenBack));
    });
}

#[test]
fn what_two_stand_behind_is_passed_on_and_one_alone_waits() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        let (mut ana, mut bea) = (there.organizer("ana", "kitchen").await, there.organizer("bea", "kitchen").await);
        let note = urgent(&there, "kitchen", "Come now").await;
        let (id, member) = (note.id, ana.member.as_ref().unwrap().id);
        there.app.act(move |conn, here| alarms::raise(conn, here.now, id, member)).await.expect("raised");
        let uri = uri_of(&there, &note);
        settle(&[&here, &there]).await;
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::Waits));

        assert!(!ana.page("/ours/@kitchen/waiting").await.contains("Come now"), "they said so themselves");
        let own = ana.send("/ours/@kitchen/waiting/alarms", &[("id", &id.to_string())]).await;
        assert_eq!(own.status(), 403, "it takes a second one");
        assert!(bea.page("/ours/@kitchen").await.contains("1 urgent piece of news"));
        assert!(bea.page("/ours/@kitchen/waiting").await.contains("Come now"));
        bea.goes_on("/ours/@kitchen/waiting/alarms", &[("id", &id.to_string())]).await;
        assert_eq!(there.document(&format!("/ap/notes/{id}")).await["confirmations"], 2);
        settle(&[&here, &there]).await;
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::PassedOn));

        // whoever changes the words stands alone again
        let edit = there.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "Later".into()));
        edit.await.expect("edited");
        assert_eq!(there.document(&format!("/ap/notes/{id}")).await["confirmations"], 1);
    });
}

#[test]
fn nobody_is_their_own_second_voice_with_an_edit_or_with_an_account_of_today() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (mut ana, mut bea) = (city.organizer("ana", "kitchen").await, city.organizer("bea", "kitchen").await);
        city.advance(DAY * 20);
        let (alarms, there) = ("/ours/@kitchen/waiting/alarms", "/ours/@kitchen/waiting");
        let note = urgent(&city, "kitchen", "Come now").await;
        let (id, member) = (note.id, ana.member.as_ref().unwrap().id);
        let raise = async || city.app.act(move |conn, here| alarms::raise(conn, here.now, id, member)).await.expect("raised");
        raise().await;
        // another account of theirs, which they let speak
        let mut eve = city.organizer("eve", "kitchen").await;
        let new = eve.member.as_ref().unwrap().id;
        let later = move |conn: &mut plaza::db::Conn| {
            let organizer = plaza::members::store::organizer(conn, "kitchen", new)?.unwrap();
            Ok(plaza::members::store::save_organizer(conn, &plaza::members::member::Organizer { founder: false, ..organizer })?)
        };
        city.app.db.write(later).await.expect("not a founder");
        assert!(!eve.page(there).await.contains("Come now"), "nothing to confirm for who is new");
        assert_eq!(eve.send(alarms, &[("id", &id.to_string())]).await.status(), 403);

        city.advance(DAY * 2 - HOUR);
        let edit =
            city.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "Come at once".into()));
        edit.await.expect("edited");
        raise().await;
        city.advance(HOUR / 2);
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        let (mut ana, mut bea_again) =
            (city.sign_in(ana.member.take().unwrap()).await, city.sign_in(bea.member.take().unwrap()).await);
        assert_eq!(ana.send(alarms, &[("id", &id.to_string())]).await.status(), 403, "they said so themselves");
        assert!(bea_again.page(there).await.contains("Come at once"));
        city.advance(HOUR);
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        for phone in [&mut ana, &mut bea_again] {
            assert_eq!(phone.send(alarms, &[("id", &id.to_string())]).await.status(), 403, "it is no longer urgent");
        }
        assert_eq!(city.document(&format!("/ap/notes/{id}")).await["confirmations"], 1);
    });
}

#[test]
fn whole_cities_hear_each_other_by_their_plazas_and_no_digest_goes_on() {
    on_each_database(|database| async move {
        let (a, b, c) = (City::start(database).await, City::start(database).await, City::start(database).await);
        for city in [&a, &b, &c] {
            square::open(&city.app).await.expect("a plaza");
            city.group("kitchen").await;
            let language = square::language(&city.app);
            city.app.act(move |conn, here| square::choose(conn, here, PassOn::All, &language)).await.expect("chosen");
        }
        for (here, there) in [(&b, &a), (&c, &b), (&a, &c)] {
            hears(here, "plaza", there, "plaza", Policy::PassOn).await;
        }
        settle(&[&a, &b, &c]).await;
        let note = a.announce("kitchen", "We need pots").await;
        let meeting = a.meeting("kitchen", "Soup").await;
        settle(&[&a, &b, &c]).await;
        assert_eq!(standing(&b, "plaza", &uri_of(&a, &note)).await, Some(State::PassedOn), "said at first hand by its city");
        assert_eq!(standing(&c, "plaza", &uri_of(&a, &note)).await, None);
        for city in [&b, &c] {
            assert_eq!(contents(city, "plaza").await.len(), 2);
            assert!(Phone::of(city).page("/@plaza").await.contains("We need pots"));
            assert!(Phone::of(city).page("/meetings").await.contains("Soup"));
        }
        assert!(contents(&a, "plaza").await.is_empty());
        assert_eq!(said(&b, "plaza", "Announce").await, 2);
        assert_eq!(said(&c, "plaza", "Announce").await, 0);

        let language = square::language(&a.app);
        a.app.act(move |conn, here| square::choose(conn, here, PassOn::Digest, &language)).await.expect("chosen");
        a.announce("kitchen", "calm").await;
        pass(&[&a, &b, &c], Duration::from_secs(25 * 3_600));
        assert!(worker::post_digest_once(&a.app).await.expect("a morning"));
        settle(&[&a, &b, &c]).await;
        assert_eq!(said(&b, "plaza", "Announce").await, 2, "a digest is for its own city");

        let id = meeting.id;
        a.app.act(move |conn, here| plaza::meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        settle(&[&a, &b, &c]).await;
        assert_eq!(said(&b, "plaza", "Announce").await, 3, "whoever has the meeting hears that it is called off");
    });
}

#[test]
fn what_a_sister_said_before_is_read_once_and_stays_here() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("trees").await;
        there.group("kitchen").await;
        there.announce("kitchen", "long ago").await;
        pass(&[&here, &there], 40 * DAY);
        there.announce("kitchen", "lately").await;
        let later = there.app.here();
        let starts = later.now + 3 * DAY;
        let meeting = plaza::meetings::meeting::Meeting {
            title: "Soup".into(),
            starts,
            ends: starts + Duration::from_secs(7_200),
            zone: chrono_tz::Tz::Europe__Madrid,
            place: Some("The square".into()),
            language: "en".into(),
            ..plaza::meetings::meeting::Meeting::blank(later.new_id(), "kitchen", later.now)
        };
        there.app.act(move |conn, here| plaza::meetings::actions::schedule(conn, here, &meeting)).await.expect("scheduled");
        there.work().await;
        hears(&here, "trees", &there, "kitchen", Policy::PassOn).await;
        assert!(contents(&here, "trees").await.is_empty());
        assert_eq!(sisters::backfill::read_what_is_due(&here.app).await.expect("read"), 1);
        let heard = here.heard("trees").await;
        let kinds: Vec<&str> = heard.iter().map(|heard| heard.kind.as_str()).collect();
        assert_eq!((heard.len(), kinds.contains(&"Event"), kinds.contains(&"Note")), (2, true, true), "{heard:?}");
        assert!(!heard.iter().any(|heard| heard.content.contains("long ago")));
        assert_eq!(said(&here, "trees", "Announce").await, 0, "it is shown, and goes no further");
        assert_eq!(sisters::backfill::read_what_is_due(&here.app).await.expect("read"), 0, "once");

        let page = Phone::of(&here).page("/meetings").await;
        assert!(page.contains("Soup") && page.contains("From another city: @kitchen@") && page.contains("Madrid"), "{page}");
        assert!(!Phone::of(&here).page("/meetings?elsewhere=no").await.contains("Soup"));
        assert!(Phone::of(&here).page("/").await.contains("Soup"));
        let ours = here.get("/meetings.ics", "text/calendar").await.text().await.unwrap();
        let all = here.get("/meetings.ics?elsewhere=yes", "text/calendar").await.text().await.unwrap();
        assert!(!ours.contains("Soup") && all.contains("Soup") && all.contains("END:VCALENDAR"), "{all}");
        let day = starts.utc().with_timezone(&chrono_tz::Tz::America__New_York).format("%Y-%m-%d").to_string();
        assert!(Phone::of(&here).page(&format!("/meetings?day={day}")).await.contains("Soup"));
        assert!(Phone::of(&here).page(&format!("/meetings?month={}", &day[..7])).await.contains("data-meetings=\"1\""));

        // what is over is forgotten
        here.advance(12 * DAY);
        worker::forget_once(&here.app).await.expect("forgotten");
        assert!(here.heard("trees").await.iter().all(|heard| heard.kind != "Event"));
        here.advance(90 * DAY);
        worker::forget_once(&here.app).await.expect("forgotten");
        assert!(here.heard("trees").await.is_empty());
    });
}

#[test]
fn a_series_of_another_city_stands_in_our_agenda_meeting_by_meeting() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        let event = note(
            &there,
            "soup-1",
            json!({
                "type": "Event", "name": "Soup", "startTime": "2026-12-01T18:00:00+01:00", "endTime": "2026-12-01T20:00:00+01:00",
                "timezone": "Europe/Madrid",
                "eventSchedule": {
                    "id": format!("{}/series/1", there.origin), "type": "Schedule", "name": "Soup",
                    "startDate": "2026-12-01", "startTime": "18:00:00", "duration": "PT120M", "scheduleTimezone": "Europe/Madrid",
                    "rrule": "FREQ=WEEKLY;BYDAY=TU",
                },
            }),
        );
        told(&here, event).await;
        let page = Phone::of(&here).page("/meetings?month=2026-12").await;
        assert_eq!(page.matches("data-meetings=\"1\"").count(), 5, "each Tuesday once: {page}");
        let actor = id_of(&there, "kitchen");
        here.app.act(move |conn, here| actions::leave(conn, here, "trees", &actor)).await.expect("left");
        let uri = format!("{}/n/soup-1", there.origin);
        here.app.act(move |conn, here| passing::undo(conn, here, "trees", &uri)).await.expect("taken back");
        assert!(!Phone::of(&here).page("/meetings?month=2026-12").await.contains("data-meetings"));
    });
}

#[test]
fn one_that_says_too_much_fills_no_disk() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        let many: Vec<Said> =
            (0..520).map(|number| Said::of_document(&note(&there, &number.to_string(), json!({}))).expect("a post")).collect();
        here.app
            .act(move |conn, here| many.iter().try_for_each(|said| actions::hear(conn, here, &said.told(here.now), true)))
            .await
            .expect("heard");
        let kept = here.app.db.read(|conn| Ok(sisters::store::heard_by_group(conn, "trees", 1_000)?)).await.expect("reading");
        assert_eq!(kept.len(), 500);
        assert_eq!(said(&here, "trees", "Announce").await, 20, "nor our followers' days");
        let long = note(&there, "long", json!({ "content": "<p>x</p>".repeat(10_000) }));
        told(&here, long).await;
        let longest = here.heard("trees").await.iter().map(|heard| heard.content.len()).max();
        assert!(longest < Some(21_000), "{longest:?}");
    });
}

/// The other city's group announces something, as groups of Lemmy do.
async fn announces(there: &City, object: Value) {
    let said = there.app.act(move |conn, here| {
        let mut saying = Saying::public("Announce", here, "kitchen", &Local::Group("kitchen".into()), object.clone());
        saying.about = object.to_string();
        say(conn, here, &saying, Hearers::followers_of("kitchen"))
    });
    said.await.expect("said");
}

#[test]
fn what_groups_wrap_is_fetched_from_where_it_lives() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        there.group("cooks").await;
        let real = there.announce("cooks", "The truth").await;
        let (uri, id) = (uri_of(&there, &real), real.id);
        let wrapped = |kind: &str, name: &str| {
            json!({
                "id": format!("{}/activities/{name}", there.origin), "type": kind, "actor": id_of(&there, "cooks"),
                "object": { "id": uri, "type": "Note", "attributedTo": id_of(&there, "cooks"), "content": "<p>A lie</p>",
                    "to": "https://www.w3.org/ns/activitystreams#Public" },
            })
        };
        announces(&there, wrapped("Like", "1")).await;
        announces(&there, wrapped("Delete", "2")).await;
        settle(&[&here, &there]).await;
        assert!(contents(&here, "trees").await.is_empty(), "likes are no concern of ours");
        announces(&there, wrapped("Create", "3")).await;
        settle(&[&here, &there]).await;
        assert_eq!(contents(&here, "trees").await, ["<p>The truth</p>"]);
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::PassedOn), "its own city says it at first hand");

        pass(&[&here, &there], Duration::from_secs(60));
        let edit =
            there.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "More of it".into()));
        edit.await.expect("edited");
        announces(&there, wrapped("Update", "4")).await;
        settle(&[&here, &there]).await;
        assert_eq!(contents(&here, "trees").await, ["<p>More of it</p>"]);
        announces(&there, wrapped("Delete", "5")).await;
        settle(&[&here, &there]).await;
        assert_eq!(contents(&here, "trees").await.len(), 1, "it is still there");
        there.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        announces(&there, wrapped("Delete", "6")).await;
        settle(&[&here, &there]).await;
        assert!(contents(&here, "trees").await.is_empty());
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::TakenBack));
    });
}

#[test]
fn somebody_passes_on_by_hand_and_takes_it_back() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("trees").await;
        there.group("kitchen").await;
        let mut ana = here.organizer("ana", "trees").await;
        let note = there.announce("kitchen", "We need pots").await;
        let uri = uri_of(&there, &note);
        for wrong in [
            "",
            "nonsense",
            &id_of(&there, "kitchen"),
            &id_of(&here, "trees"),
            &format!("{}/ap/notes/{}", there.origin, Uuid::nil()),
        ] {
            let answer = ana.send("/ours/@trees/sisters/do", &[("do", "hand"), ("uri", wrong)]).await;
            assert_eq!(answer.status(), 422, "{wrong}");
            assert!(answer.text().await.unwrap().contains("href=\"#uri\""), "{wrong}");
        }
        ana.goes_on("/ours/@trees/sisters/do", &[("do", "hand"), ("uri", &uri)]).await;
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::PassedOn));
        assert!(Phone::of(&here).page("/@trees").await.contains("We need pots"));
        here.advance(Duration::from_secs(10));
        let twice = ana.send("/ours/@trees/sisters/do", &[("do", "hand"), ("uri", &uri)]).await;
        assert_eq!(twice.status(), 422);
        let page = ana.page("/ours/@trees/sisters").await;
        assert!(page.contains("Take back"), "{page}");
        ana.goes_on("/ours/@trees/sisters/do", &[("do", "undo"), ("uri", &uri)]).await;
        assert!(!Phone::of(&here).page("/@trees").await.contains("We need pots"));
        assert_eq!((said(&here, "trees", "Announce").await, said(&here, "trees", "Undo").await), (1, 1));
    });
}

#[test]
fn organizers_choose_and_decide_and_caretakers_do_for_the_plaza() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        square::open(&here.app).await.expect("a plaza");
        here.group("trees").await;
        there.group("kitchen").await;
        let (mut ana, mut care) = (here.organizer("ana", "trees").await, here.caretaker("cara").await);
        let theirs = id_of(&there, "kitchen");
        ana.goes_on("/ours/@trees/sisters", &[("handle", &theirs), ("policy", "ask")]).await;
        care.goes_on("/care/sisters", &[("handle", &theirs), ("policy", "show")]).await;
        let wrong = ana.send("/ours/@trees/sisters", &[("handle", &theirs), ("policy", "shout")]).await;
        assert_eq!(wrong.status(), 422);
        settle(&[&here, &there]).await;
        care.goes_on("/care/sisters/do", &[("do", "policy"), ("actor", &theirs), ("policy", "ask")]).await;
        there.announce("kitchen", "We need pots").await;
        settle(&[&here, &there]).await;
        let uri = here.heard("trees").await[0].uri.clone();
        assert!(ana.page("/ours/@trees").await.contains("1 piece of news from a sister group waits"));
        assert!(ana.page("/ours/@trees/waiting").await.contains("We need pots"));
        assert!(ana.page("/ours/@trees/waiting?lang=es").await.contains("De grupos hermanos"));
        assert!(care.page("/care").await.contains("1 heard; 1 to be decided about"));
        assert!(care.page("/care/sisters").await.contains("We need pots"));
        ana.goes_on("/ours/@trees/waiting/sisters", &[("do", "leave"), ("uri", &uri)]).await;
        assert_eq!(standing(&here, "trees", &uri).await, Some(State::LeftOut));
        assert!(!ana.page("/ours/@trees/waiting").await.contains("We need pots"));
        care.goes_on("/care/sisters/do", &[("do", "pass"), ("uri", &uri)]).await;
        assert_eq!(standing(&here, "plaza", &uri).await, Some(State::PassedOn));
        assert_eq!((said(&here, "trees", "Announce").await, said(&here, "plaza", "Announce").await), (0, 1));

        let of_group = Phone::of(&here).page("/elsewhere?group=trees").await;
        let host = there.origin.trim_start_matches("http://").to_owned();
        assert!(
            of_group.contains("We need pots") && Phone::of(&here).page(&format!("/elsewhere?from={host}")).await.contains("pots")
        );
        assert!(!Phone::of(&here).page("/elsewhere?from=other.example").await.contains("pots"));
        assert_eq!(Phone::of(&here).get("/elsewhere?group=nobody").await.status(), 404);
        let author = here.app.db.read(move |conn| Ok(remote::find(conn, &theirs.parse().unwrap())?)).await.unwrap();
        assert!(author.is_some());
    });
}

#[test]
fn one_who_blocks_us_is_not_passed_on() {
    on_each_database(|database| async move {
        let (here, there) = two(database).await;
        let note = there.announce("kitchen", "We need pots").await;
        settle(&[&here, &there]).await;
        let us = actors::discovery::find(&there.app, &id_of(&here, "trees")).await.expect("us");
        let block = there.app.act(move |conn, at| {
            let (kitchen, whom) = (Local::Group("kitchen".into()), json!(us.uri));
            say(conn, at, &Saying::direct("Block", &kitchen, &us, "block".into(), whom), Hearers::only(&us))
        });
        block.await.expect("said");
        settle(&[&here, &there]).await;
        assert_eq!(standing(&here, "trees", &uri_of(&there, &note)).await, Some(State::TakenBack));
        assert!(here.heard("trees").await.iter().all(|heard: &Heard| heard.uri != uri_of(&there, &note)));
    });
}
