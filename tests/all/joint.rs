//! Meetings that groups of several cities call together: asked, accepted, shown once by each, changed by any of them, left again.

use std::time::Duration;

use plaza::{
    actors::discovery,
    db::schema::activities,
    joint::{
        actions::{self, Whom},
        call::State,
        store,
    },
    meetings::{self, meeting::Meeting},
};
use serde_json::{Value, json};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

mod answering;
mod leaving;
mod pace;

const HOUR: Duration = Duration::from_secs(3_600);

pub async fn find(from: &City, there: &City, group: &str) -> Whom {
    let address = format!("{}/ap/groups/{group}", there.origin);
    Whom::Elsewhere(Box::new(discovery::find(&from.app, &address).await.expect("the other one")))
}

pub async fn invite(from: &City, meeting: &Meeting, whom: Whom) {
    let id = meeting.id;
    from.app.act(move |conn, here| actions::invite(conn, here, id, &whom)).await.expect("asked");
}

async fn answer(city: &City, group: &'static str, event: &str, accepted: bool) {
    let event = event.to_owned();
    let answered = city.app.act(move |conn, here| actions::answer_named(conn, here, group, &event, accepted));
    answered.await.expect("answered");
}

/// Everybody does what is due until nothing more is.
pub async fn talk(cities: &[&City]) {
    for _ in 0..6 {
        let mut delivered = 0;
        for city in cities {
            city.advance(Duration::from_secs(1));
            delivered += city.work().await;
        }
        if delivered == 0 {
            return;
        }
    }
}

async fn change(city: &City, id: uuid::Uuid, change: fn(&mut Meeting)) {
    let wanted = move |meeting: &mut Meeting| {
        change(meeting);
        Ok(())
    };
    city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &wanted)).await.expect("changed");
}

async fn row(city: &City, id: uuid::Uuid) -> Option<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::by_id(conn, id)?)).await.expect("reading")
}

async fn said(city: &City, kind: &str) -> Vec<Value> {
    use diesel::{QueryDsl, RunQueryDsl};
    let bodies: Vec<String> = city
        .app
        .db
        .read(|conn| Ok(activities::table.order(activities::sequence).select(activities::body).load(conn)?))
        .await
        .expect("reading");
    bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok()).filter(|said| said["type"] == kind).collect()
}

struct Three {
    a: City,
    b: City,
    c: City,
    meeting: Meeting,
    event: String,
}

/// The kitchen of one city asked the trees of another and the media of a third, and both accepted.
async fn three(database: &str) -> Three {
    let (a, b, c) = (City::start(database).await, City::start(database).await, City::start(database).await);
    a.group("kitchen").await;
    b.group("trees").await;
    c.group("media").await;
    // whoever hears it anyhow must not have it twice
    c.hears("media", &a, "kitchen").await;
    let meeting = a.meeting("kitchen", "Long march").await;
    change(&a, meeting.id, |meeting| meeting.zone = chrono_tz::Tz::Europe__Madrid).await;
    let event = format!("{}/ap/events/{}", a.origin, meeting.id);
    invite(&a, &meeting, find(&a, &b, "trees").await).await;
    invite(&a, &meeting, find(&a, &c, "media").await).await;
    talk(&[&a, &b, &c]).await;
    answer(&b, "trees", &event, true).await;
    answer(&c, "media", &event, true).await;
    talk(&[&a, &b, &c]).await;
    Three { a, b, c, meeting, event }
}

async fn page(city: &City, path: &str) -> String {
    Phone::of(city).page(path).await
}

#[test]
fn groups_of_three_cities_call_one_meeting_and_each_shows_it_once() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, event } = three(database).await;
        let document = a.document(&event).await;
        let expected = [&a, &b, &c].map(|city| city.origin.clone());
        let organizers: Vec<String> = serde_json::from_value(document["organizers"]["items"].clone()).expect("ids");
        let groups = [("kitchen", 0), ("trees", 1), ("media", 2)];
        let mut wanted: Vec<String> = groups.iter().map(|(group, at)| format!("{}/ap/groups/{group}", expected[*at])).collect();
        let mut found = organizers.clone();
        assert_eq!(found.remove(0), wanted.remove(0), "its holder stands first");
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
        assert_eq!(a.document(document["organizers"]["id"].as_str().expect("an id")).await["totalItems"], 3);

        for (city, group) in [(&b, "trees"), (&c, "media")] {
            let stands = row(city, meeting.id).await.expect("under the same id");
            assert_eq!(
                (stands.title.as_str(), stands.starts, stands.zone),
                ("Long march", meeting.starts, chrono_tz::Tz::Europe__Madrid)
            );
            assert_eq!((stands.place.as_deref(), &stands.agenda), (Some("The square"), &meeting.agenda));
            for path in [format!("/@{group}"), "/meetings".to_owned()] {
                let shown = page(city, &path).await;
                assert_eq!(shown.matches(&format!("href=\"/meetings/{}\"", meeting.id)).count(), 1, "{path}: {shown}");
            }
            for path in [format!("/@{group}.ics"), "/meetings.ics".to_owned(), format!("/meetings/{}.ics", meeting.id)] {
                let calendar = city.get(&path, "*/*").await.text().await.expect("text");
                assert_eq!(
                    (
                        calendar.matches("BEGIN:VEVENT").count(),
                        calendar.lines().filter(|line| line.starts_with("SUMMARY") && line.contains("Long march")).count()
                    ),
                    (1, 1),
                    "{path}"
                );
            }
            let shown = page(city, &format!("/meetings/{}", meeting.id)).await;
            assert!(shown.contains("Called together with") && shown.contains("@kitchen@"), "{shown}");
            assert!(shown.contains(&format!("{}/meetings/{}", a.origin, meeting.id)), "people say there that they come");
            assert!(!shown.contains(&format!("/meetings/{}/coming", meeting.id)));
            // in its own zone and ours: 00:00 in Madrid is 18:00 here
            assert!(shown.contains("00:00") && shown.contains("18:00"), "{shown}");
            // others hear of it from its holder only
            assert_eq!(city.get(&format!("/ap/events/{}", meeting.id), "application/activity+json").await.status(), 404);
            let announced = said(city, "Announce").await;
            let [announce] = announced.as_slice() else { panic!("{announced:?}") };
            assert_eq!(announce["object"], json!(event));
            assert_eq!(said(city, "Create").await.len(), 0);
        }
        let elsewhere = page(&c, "/elsewhere").await;
        assert!(!elsewhere.contains("Long march"), "{elsewhere}");
        // asked once more, nothing happens twice
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        answer(&b, "trees", &event, true).await;
        talk(&[&a, &b, &c]).await;
        assert_eq!(said(&b, "Announce").await.len(), 1);
    });
}

#[test]
fn any_of_them_changes_it_for_all() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, .. } = three(database).await;
        change(&b, meeting.id, |meeting| meeting.title = "Very long march".into()).await;
        talk(&[&b, &a, &c]).await;
        for city in [&a, &b, &c] {
            let stands = row(city, meeting.id).await.expect("a meeting");
            assert_eq!((stands.title.as_str(), stands.starts), ("Very long march", meeting.starts));
        }
        // two at once change different things: neither is lost
        change(&c, meeting.id, |meeting| (meeting.starts, meeting.ends) = (meeting.starts + HOUR, meeting.ends + HOUR)).await;
        change(&b, meeting.id, |meeting| meeting.place = Some("The bridge".into())).await;
        talk(&[&b, &c, &a]).await;
        for city in [&a, &b, &c] {
            let stands = row(city, meeting.id).await.expect("a meeting");
            assert_eq!((stands.starts, stands.place.as_deref()), (meeting.starts + HOUR, Some("The bridge")), "{}", city.origin);
        }
        // its holder changes it, and those who follow the others hear where to go: by a note to the meeting as its holder has it
        change(&a, meeting.id, |meeting| meeting.place = Some("The tower".into())).await;
        talk(&[&a, &b, &c]).await;
        assert_eq!(row(&b, meeting.id).await.expect("a meeting").place.as_deref(), Some("The tower"));
        let notes = said(&b, "Create").await;
        let last = notes.last().expect("a note");
        assert_eq!(last["object"]["inReplyTo"], json!(format!("{}/ap/events/{}", a.origin, meeting.id)));

        // called off by one that only calls it, too
        let id = meeting.id;
        c.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        talk(&[&c, &a, &b]).await;
        for city in [&a, &b, &c] {
            let stands = row(city, meeting.id).await.expect("a meeting");
            assert!(stands.cancelled.is_some() && stands.title == "Very long march", "{}: {stands:?}", city.origin);
        }
    });
}

#[test]
fn who_declines_leaves_or_is_asked_no_longer_has_nothing_of_it() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, event } = three(database).await;
        let gone = event.clone();
        b.app.act(move |conn, here| actions::withdraw_named(conn, here, "trees", &gone)).await.expect("withdrawn");
        talk(&[&b, &a, &c]).await;
        assert_eq!(row(&b, meeting.id).await, None);
        assert_eq!(a.document(&event).await["organizers"]["totalItems"], 2);
        assert_eq!(said(&b, "Undo").await.len(), 2, "of the Accept and the Announce");

        let (id, actor) = (meeting.id, format!("{}/ap/groups/media", c.origin));
        a.app.act(move |conn, here| actions::dismiss(conn, here, id, &actor)).await.expect("dismissed");
        talk(&[&a, &c]).await;
        assert_eq!(row(&c, meeting.id).await, None);
        assert_eq!(a.document(&event).await["organizers"]["totalItems"], 1);
        // what it changes now changes nothing
        change(&a, meeting.id, |meeting| meeting.title = "March".into()).await;
        talk(&[&a, &c]).await;
        assert_eq!(row(&c, meeting.id).await, None);

        // asked again, and declined
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "trees", &event, false).await;
        talk(&[&b, &a]).await;
        let callers = a.app.db.read(move |conn| Ok(store::callers_of(conn, id)?)).await.expect("reading");
        assert_eq!(callers.iter().map(|caller| caller.state).collect::<Vec<_>>(), [State::Declined]);
        assert_eq!(row(&b, meeting.id).await, None);
    });
}

#[test]
fn only_who_was_asked_answers_and_only_who_calls_changes() {
    on_each_database(|database| async move {
        let (a, b) = (City::start(database).await, City::start(database).await);
        a.group("kitchen").await;
        b.group("trees").await;
        b.group("media").await;
        let meeting = a.meeting("kitchen", "March").await;
        let event = format!("{}/ap/events/{}", a.origin, meeting.id);
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        let asked =
            b.app.db.read(|conn| Ok((store::of_group(conn, "trees")?, store::of_group(conn, "media")?))).await.expect("reading");
        assert_eq!((asked.0.len(), asked.1.len()), (1, 0));
        let (other, theirs) = (event.clone(), b.app.clone());
        let refused = theirs.act(move |conn, here| actions::answer_named(conn, here, "media", &other, true)).await;
        assert!(refused.is_err());
        // an offer of a change by somebody who was asked and did not accept yet
        let local = plaza::origin::Local::Group("trees".into());
        let holder = discovery::find(&b.app, &format!("{}/ap/groups/kitchen", a.origin)).await.expect("the holder");
        let forged = json!({
            "id": event, "type": "Event", "attributedTo": format!("{}/ap/groups/kitchen", a.origin), "name": "Hijacked",
            "eventStatus": "EventCancelled",
        });
        let offer = move |conn: &mut plaza::db::Conn, here: &plaza::app::Here| {
            use plaza::federation::say::{Hearers, Saying, say};
            say(conn, here, &Saying::direct("Offer", &local, &holder, "#x".into(), forged.clone()), Hearers::only(&holder))
        };
        b.app.act(offer).await.expect("said");
        talk(&[&b, &a]).await;
        let stands = row(&a, meeting.id).await.expect("a meeting");
        assert_eq!((stands.title.as_str(), stands.cancelled), ("March", None));
        // nothing that is no group is asked
        let nobody = Whom::Ours("nobody".into());
        let id = meeting.id;
        assert!(a.app.act(move |conn, here| actions::invite(conn, here, id, &nobody)).await.is_err());
        let itself = Whom::Ours("kitchen".into());
        assert!(a.app.act(move |conn, here| actions::invite(conn, here, id, &itself)).await.is_err());
    });
}

#[test]
fn two_groups_of_one_city_call_one_meeting_from_their_desks() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let (mut ana, mut ben) = (city.organizer("ana", "kitchen").await, city.organizer("ben", "trees").await);
        let meeting = city.meeting("kitchen", "Planting lunch").await;
        let id = meeting.id.to_string();
        let together = "/ours/@kitchen/together";
        let wrong = ana.send(together, &[("meeting", &id), ("handle", "@nobody")]).await;
        assert_eq!(wrong.status(), 422);
        assert_eq!(ana.send(together, &[("meeting", &id), ("handle", "@trees")]).await.status(), 303);
        assert!(ana.page(together).await.contains("Has not answered yet"));
        assert!(ben.page("/ours/@trees").await.contains("Your group was asked to call 1 meeting with others."));
        let edit = format!("/ours/@trees/meetings/{id}/edit");
        let moved = [
            ("title", "Planting together"),
            ("kind", "meeting"),
            ("day", "2026-12-01"),
            ("from", "19:00"),
            ("until", "21:00"),
            ("zone", "America/New_York"),
            ("place", "The square"),
            ("language", "en"),
        ];
        assert_eq!(ben.get(&edit).await.status(), 404, "not before it is called together");
        let asked = ben.page("/ours/@trees/together").await;
        assert!(asked.contains("Planting lunch") && asked.contains("Call it with them"), "{asked}");
        let answer = "/ours/@trees/together/answer";
        assert_eq!(ben.send(answer, &[("event", &id), ("do", "accept")]).await.status(), 303);
        let link = format!("href=\"/meetings/{id}\"");
        for path in ["/@kitchen", "/@trees", "/meetings", "/meetings?group=trees", "/meetings?group=kitchen"] {
            let shown = page(&city, path).await;
            assert_eq!(shown.matches(&link).count(), 1, "{path}: {shown}");
        }
        for path in ["/@kitchen.ics", "/@trees.ics", "/meetings.ics"] {
            let calendar = city.get(path, "*/*").await.text().await.expect("text");
            assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1, "{path}");
        }
        assert!(page(&city, &format!("/meetings/{id}")).await.contains("Called together with"));
        let document = city.document(&format!("/ap/events/{id}")).await;
        assert_eq!(document["organizers"]["items"][1], json!(format!("{}/ap/groups/trees", city.origin)));
        // edited, it stays where it stood; either may
        change(&city, meeting.id, |meeting| meeting.title = "Planting supper".into()).await;
        assert_eq!(page(&city, "/@trees").await.matches(&link).count(), 1);
        assert!(!ben.page("/ours/@trees").await.contains(&format!("/ours/@trees/coming/{id}")), "answers are the holder's");
        let to = ben.goes_on(&edit, &[&moved[..], &[("do", "next")]].concat()).await;
        ben.goes_on(&to, &[("revision", "1")]).await;
        let now = row(&city, meeting.id).await.expect("the meeting");
        assert_eq!((now.group.as_str(), now.title.as_str()), ("kitchen", "Planting together"));
        assert_eq!(now.starts.rfc3339(), "2026-12-02T00:00:00Z");
        let weekly = [&moved[..], &[("often", "week"), ("on", "TU"), ("do", "next")]].concat();
        let to = ben.goes_on(&edit, &weekly).await;
        let refused = ben.send(&to, &[("revision", "1")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.expect("a page").contains("Another group holds this meeting."));
        ben.send(&to.replace("/send", "/discard"), &[("revision", "1")]).await;
        let cancel = format!("/ours/@trees/meetings/{id}/cancel");
        ben.goes_on(&cancel, &[("sure", "true")]).await;
        assert!(row(&city, meeting.id).await.expect("the meeting").cancelled.is_some());
        let takes_place = city.app.act(move |conn, here| meetings::actions::restore(conn, here, meeting.id, &|_| Ok(())));
        takes_place.await.expect("restored");
        assert_eq!(ben.send(answer, &[("event", &id), ("do", "withdraw")]).await.status(), 303);
        assert!(!page(&city, "/@trees").await.contains(&link));
        assert_eq!(ben.send(answer, &[("event", &id), ("do", "accept")]).await.status(), 303);
        let actor = "/ap/groups/trees";
        let dismissed = ana.send(&format!("{together}/answer"), &[("meeting", &id), ("actor", actor), ("do", "dismiss")]).await;
        assert_eq!(dismissed.status(), 303);
        assert!(!page(&city, "/@trees").await.contains(&link));
        assert!(page(&city, "/@kitchen").await.contains(&link));
    });
}
