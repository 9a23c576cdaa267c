//! Which invitations reach whoever speaks for a group, what is shown of who calls, and that followers hear of a meeting once.

use std::time::Duration;

use plaza::{
    db::Conn,
    joint::{
        call::{Invitation, State, WAITING_OF_ONE},
        store, taking_part,
        wire::Called,
    },
    meetings::{self, meeting::Meeting, veil::Veil},
    sisters::{
        self,
        news::{self, State as Stands},
        sister::Policy,
    },
};
use serde_json::{Value, json};
use url::Url;

use super::{
    Three, answer, change, find, invite,
    leaving::{invitations, notes_of},
    page, row, said, talk, three,
};
use crate::city::{City, START, on_each_database};

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn offered(city: &City, title: &str) -> Meeting {
    let mut meeting = city.meeting("kitchen", title).await;
    (meeting.starts, meeting.ends) = (START + 60 * DAY, START + 60 * DAY + Duration::from_secs(3_600));
    change(city, meeting.id, |meeting| (meeting.starts, meeting.ends) = (START + 60 * DAY, START + 60 * DAY + super::HOUR)).await;
    meeting
}

#[test]
fn what_was_declined_stays_so_for_a_month_however_often_it_is_asked() {
    on_each_database(|database| async move {
        let (a, b) = (City::start(database).await, City::start(database).await);
        a.group("kitchen").await;
        b.group("trees").await;
        let meeting = offered(&a, "March").await;
        let event = format!("{}/ap/events/{}", a.origin, meeting.id);
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "trees", &event, false).await;
        talk(&[&b, &a]).await;
        let states = |city: &City| {
            let (db, id) = (city.app.db.clone(), meeting.id);
            async move { db.read(move |conn| Ok(store::callers_of(conn, id)?)).await.expect("reading") }
        };
        for _ in 0..2 {
            invite(&a, &meeting, find(&a, &b, "trees").await).await;
            talk(&[&a, &b]).await;
            assert_eq!(invitations(&b, "trees").await[0].state, State::Declined);
            assert_eq!(states(&a).await[0].state, State::Declined, "its holder hears it again");
        }
        // nor by taking the Offer back in between
        let (id, actor) = (meeting.id, format!("{}/ap/groups/trees", b.origin));
        a.app.act(move |conn, here| plaza::joint::actions::dismiss(conn, here, id, &actor)).await.expect("dismissed");
        talk(&[&a, &b]).await;
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        assert_eq!(invitations(&b, "trees").await[0].state, State::Declined);
        // and they count among those of one server
        for number in 1..WAITING_OF_ONE {
            let another = offered(&a, &format!("March {number}")).await;
            invite(&a, &another, find(&a, &b, "trees").await).await;
        }
        talk(&[&a, &b]).await;
        assert_eq!(invitations(&b, "trees").await.len() as i64, WAITING_OF_ONE);
        let more = offered(&a, "One more march").await;
        invite(&a, &more, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        assert_eq!(invitations(&b, "trees").await.len() as i64, WAITING_OF_ONE);

        [&a, &b].iter().for_each(|city| city.advance(31 * DAY));
        let now = b.clock.now();
        b.app.db.write(move |conn| Ok(store::prune(conn, now)?)).await.expect("pruned");
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        let asked = invitations(&b, "trees").await;
        assert_eq!(asked.iter().find(|asked| asked.event == event).expect("asked anew").state, State::Invited);
    });
}

#[test]
fn an_invitation_under_the_uid_of_another_meeting_is_refused() {
    on_each_database(|database| async move {
        let (a, b, c) = (City::start(database).await, City::start(database).await, City::start(database).await);
        a.group("kitchen").await;
        b.group("trees").await;
        c.group("media").await;
        b.hears("trees", &c, "media").await;
        let (ours, theirs) = (b.meeting("trees", "Planting").await, c.meeting("media", "Filming").await);
        talk(&[&c, &b]).await;
        assert_eq!(b.heard("trees").await.len(), 1);
        let holder = plaza::actors::discovery::find(&b.app, &format!("{}/ap/groups/kitchen", a.origin)).await.expect("found");
        let mut free = ours.clone();
        free.id = uuid::Uuid::from_u128(7);
        for (taken, uuid) in [(true, ours.id), (true, theirs.id), (false, free.id)] {
            let event = json!({
                "id": format!("{}/ap/events/{uuid}", a.origin), "type": "Event", "attributedTo": holder.uri, "name": "Hijacked",
                "uuid": uuid, "startTime": "2026-12-21T18:00:00Z", "endTime": "2026-12-21T20:00:00Z",
            });
            let (sender, offer) = (holder.clone(), Url::parse(&format!("{}/ap/activities/{uuid}", a.origin)).expect("an id"));
            let asked = b.app.act(move |conn, here| {
                let called = Called::read(&event).expect("an Event");
                taking_part::asked(conn, here, &sender, &offer, "trees", &called)
            });
            assert_eq!(asked.await.is_err(), taken, "{uuid}");
        }
        assert_eq!(invitations(&b, "trees").await.len(), 1);
        // that it was heard of on the holder's own server stands in nobody's way: `three` has that
    });
}

#[test]
fn of_who_calls_a_meeting_that_is_held_elsewhere_only_those_are_shown_who_said_so() {
    on_each_database(|database| async move {
        let Three { a, b, meeting, event, .. } = three(database).await;
        b.group("walls").await;
        b.group("seeds").await;
        invite(&a, &meeting, find(&a, &b, "seeds").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "seeds", &event, true).await;
        let mut invitation: Invitation = invitations(&b, "trees").await.remove(0);
        let mut document: Value = serde_json::from_str(&invitation.document).expect("JSON");
        let said = ["walls", "seeds"].map(|group| format!("{}/ap/groups/{group}", b.origin));
        document["organizers"]["items"] =
            json!([invitation.holder, said[0], said[1], "https://goodcity.example/ap/groups/unions"]);
        invitation.document = document.to_string();
        b.app.db.write(move |conn| Ok(store::save(conn, &invitation)?)).await.expect("saved");
        let shown = page(&b, &format!("/meetings/{}", meeting.id)).await;
        assert!(shown.contains("@kitchen@") && shown.contains("The seeds group"), "{shown}");
        assert!(!shown.contains("The walls group") && !shown.contains("goodcity"), "{shown}");
    });
}

#[test]
fn followers_hear_once_of_a_meeting_that_was_passed_on_before_it_was_called() {
    on_each_database(|database| async move {
        let (a, b) = (City::start(database).await, City::start(database).await);
        a.group("kitchen").await;
        b.group("trees").await;
        b.hears("trees", &a, "kitchen").await;
        let actor = format!("{}/ap/groups/kitchen", a.origin);
        b.app
            .act(move |conn, _| sisters::actions::choose(conn, "trees", &actor, Policy::PassOn).map(drop))
            .await
            .expect("chosen");
        let standing = |event: &str| {
            let (db, event) = (b.app.db.clone(), event.to_owned());
            async move {
                let news = db.read(move |conn: &mut Conn| Ok(news::find(conn, "trees", &event)?)).await.expect("reading");
                news.map(|news| news.state)
            }
        };
        let meeting = a.meeting("kitchen", "March").await;
        let event = format!("{}/ap/events/{}", a.origin, meeting.id);
        talk(&[&a, &b]).await;
        assert_eq!(said(&b, "Announce").await.len(), 1);
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "trees", &event, true).await;
        change(&a, meeting.id, |meeting| meeting.place = Some("The tower".into())).await;
        talk(&[&a, &b]).await;
        assert_eq!(said(&b, "Announce").await.len(), 1, "the one it passed on");
        assert_eq!(notes_of(&b, meeting.id).await, 1);

        // gone at its holder's, it is undone once
        let id = meeting.id;
        let actor = format!("{}/ap/groups/trees", b.origin);
        a.app.act(move |conn, here| plaza::joint::actions::dismiss(conn, here, id, &actor)).await.expect("dismissed");
        talk(&[&a, &b]).await;
        assert_eq!((said(&b, "Undo").await.len(), standing(&event).await), (1, Some(Stands::TakenBack)));
        assert_eq!(notes_of(&b, meeting.id).await, 0);

        // one that it calls is not passed on again, and what is taken back as news is not undone again
        let meeting = a.meeting("kitchen", "Second march").await;
        let event = format!("{}/ap/events/{}", a.origin, meeting.id);
        invite(&a, &meeting, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "trees", &event, true).await;
        talk(&[&b, &a]).await;
        assert_eq!(said(&b, "Announce").await.len(), 2);
        assert_eq!(standing(&event).await, Some(Stands::PassedOn));
        let uri = event.clone();
        b.app.act(move |conn, here| sisters::passing::undo(conn, here, "trees", &uri)).await.expect("undone");
        let gone = event.clone();
        b.app.act(move |conn, here| plaza::joint::actions::withdraw_named(conn, here, "trees", &gone)).await.expect("withdrawn");
        let undone = said(&b, "Undo").await;
        let announces = undone.iter().filter(|undo| undo["object"]["type"] == "Announce").count();
        assert_eq!(announces, 2, "{undone:?}");
    });
}

#[test]
fn whoever_calls_a_meeting_under_a_veil_knows_its_district_and_nothing_else() {
    on_each_database(|database| async move {
        let (a, b) = (City::start(database).await, City::start(database).await);
        a.group("kitchen").await;
        b.group("trees").await;
        let here = a.app.here();
        let blank = Meeting::blank(here.new_id(), "kitchen", here.now);
        let hidden = Meeting {
            title: "Know your rights".into(),
            starts: START + 7 * DAY,
            ends: START + 7 * DAY + super::HOUR,
            place: Some("Casa Amarilla".into()),
            address: Some("77 Seaverns Ave".into()),
            online: Url::parse("https://meet.example/secret").ok(),
            veil: Some(Veil { district: "Jamaica Plain".into(), hours: 3 }),
            language: "en".into(),
            ..blank
        };
        let new = hidden.clone();
        a.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("scheduled");
        let event = format!("{}/ap/events/{}", a.origin, hidden.id);
        invite(&a, &hidden, find(&a, &b, "trees").await).await;
        talk(&[&a, &b]).await;
        answer(&b, "trees", &event, true).await;
        talk(&[&b, &a]).await;
        change(&b, hidden.id, |meeting| meeting.title = "Know all your rights".into()).await;
        talk(&[&b, &a]).await;
        let stands = row(&b, hidden.id).await.expect("called");
        assert_eq!((stands.title.as_str(), stands.place.as_deref()), ("Know all your rights", Some("Jamaica Plain")));
        let mut all = format!("{stands:?} {:?}", invitations(&b, "trees").await);
        for city in [&a, &b] {
            for path in [format!("/meetings/{}", hidden.id), format!("/meetings/{}.ics", hidden.id), "/meetings.ics".into()] {
                all.push_str(&city.get(&path, "*/*").await.text().await.expect("text"));
            }
        }
        all.push_str(&a.document(&event).await.to_string());
        for secret in ["Amarilla", "Seaverns", "meet.example"] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
        // where it is, its holder's row still knows
        a.app.act(move |conn, here| meetings::actions::lift(conn, here, hidden.id).map(drop)).await.expect("not due");
        [&a, &b].iter().for_each(|city| city.advance(7 * DAY - 2 * super::HOUR));
        meetings::actions::lift_what_is_due(&a.app).await.expect("lifted");
        talk(&[&a, &b]).await;
        assert_eq!(row(&b, hidden.id).await.expect("called").place.as_deref(), Some("Casa Amarilla"));
    });
}
