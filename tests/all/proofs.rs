//! What a city says is proven in itself (FEP-8b32): as it is delivered, and whenever it is asked for.

use plaza::{
    actors::remote::RemoteActor,
    announcements,
    federation::{actor_document, integrity},
    meetings,
};
use serde_json::{Value, json};

use crate::city::{City, on_each_database};

async fn kitchen(city: &City) -> RemoteActor {
    let document = city.document("/ap/groups/kitchen").await;
    RemoteActor::from_document(actor_document::read(&document).expect("an actor"), city.clock.now())
}

/// Proven by the kitchen, and no more so when one letter is changed.
fn assert_proven(city: &City, kitchen: &RemoteActor, document: &Value, what: &str) {
    assert_eq!(integrity::verify(document, kitchen, city.clock.now()), Ok(()), "{what}");
    let mut spoilt = document.clone();
    spoilt["published"] = json!("2026-11-24T12:00:01Z");
    assert_eq!(integrity::verify(&spoilt, kitchen, city.clock.now()), Err(integrity::Unproven::False), "{what}");
}

/// Everything that waits to be said, as it will be said.
async fn said(city: &City) -> Vec<Value> {
    let bodies = city.app.db.read(|conn| {
        use diesel::{QueryDsl, RunQueryDsl};
        use plaza::db::schema::activities::dsl::{activities, body};
        Ok(activities.select(body).load::<String>(conn)?)
    });
    bodies.await.expect("reading").iter().map(|body| serde_json::from_str(body).expect("JSON")).collect()
}

#[test]
fn what_a_group_says_is_proven_as_it_is_sent_and_as_it_is_asked_for() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let kitchen = kitchen(&city).await;
        let note = city.announce("kitchen", "We need *pots* & größe #soup").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        city.advance(std::time::Duration::from_secs(60));
        let (note_id, id) = (note.id, meeting.id);
        let edit = city
            .app
            .act(move |conn, here| announcements::actions::edit(conn, here, note_id, &|note| note.text = "We have pots".into()));
        edit.await.expect("edited");
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");

        let all = said(&city).await;
        let kinds: Vec<(&str, &str)> = all
            .iter()
            .map(|said| (said["type"].as_str().unwrap_or_default(), said["object"]["type"].as_str().unwrap_or_default()))
            .collect();
        let expected = [("Create", "Note"), ("Create", "Event"), ("Update", "Note"), ("Update", "Event"), ("Create", "Note")];
        assert_eq!(kinds, expected);
        for said in &all {
            assert_proven(&city, &kitchen, said, "as it is sent");
            assert_eq!(said["object"]["proof"], Value::Null, "one proof is enough: it is of what is inside, too");
            let asked = city.document(said["id"].as_str().expect("an id")).await;
            assert_proven(&city, &kitchen, &asked, "as it is asked for");
        }
        let mut event = city.document(&format!("/ap/events/{id}")).await;
        assert_proven(&city, &kitchen, &event, "the event");
        let fields = event.as_object_mut().expect("an object");
        let proof = fields.remove("proof").expect("proven");
        fields.remove("@context");
        assert_eq!(event, all[3]["object"], "the document is what was sent last");
        assert_proven(&city, &kitchen, &city.document(&format!("/ap/notes/{}", note.id)).await, "the note");

        let first = city.document(all[1]["id"].as_str().expect("an id")).await;
        assert_eq!(first["object"], event, "an old Create shows the event as it is today");
        assert_eq!((&first["proof"]["created"], &proof["created"]), (&event["updated"], &event["updated"]));
    });
}

/// Proofs of what did not change do not change, so that nobody loads it again.
#[test]
fn the_same_content_keeps_its_etag() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        let activity = said(&city).await.remove(0);
        let activity = activity["id"].as_str().and_then(|id| id.strip_prefix(&city.origin)).expect("ours").to_owned();
        let etag = async |path: &str| {
            let answer = city.get(path, "application/activity+json").await;
            answer.headers()["etag"].to_str().expect("text").to_owned()
        };
        let event = format!("/ap/events/{}", meeting.id);
        let before = (etag(&event).await, etag(&activity).await);
        city.advance(std::time::Duration::from_secs(3_600));
        assert_eq!((etag(&event).await, etag(&activity).await), before);
    });
}

/// A page of many would need a context for each: who wants the proofs asks for the ids.
#[test]
fn pages_hold_no_proofs_and_private_answers_neither() {
    on_each_database(|database| async move {
        let (city, other) = (City::start(database).await, City::start(database).await);
        city.group("kitchen").await;
        other.group("trees").await;
        city.announce("kitchen", "We need pots").await;
        let page = city.document("/ap/groups/kitchen/outbox?page=1").await;
        let item = &page["orderedItems"][0];
        assert_eq!((&item["proof"], &item["@context"]), (&Value::Null, &Value::Null));
        assert_eq!((&item["object"]["proof"], &item["object"]["@context"]), (&Value::Null, &Value::Null));
        other.hears("trees", &city, "kitchen").await;
        let accept = said(&city).await.into_iter().find(|said| said["type"] == "Accept").expect("an Accept");
        assert_eq!(accept["proof"], Value::Null, "what is said to one can be denied");
    });
}

/// What waits for its origin to be chosen is proven under the one that was chosen.
#[test]
fn a_city_that_moves_before_anybody_knows_it_proves_its_words_anew() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.announce("kitchen", "We need pots").await;
        let port = city.origin.rsplit(':').next().expect("a port").to_owned();
        let to = plaza::origin::Origin::parse(&format!("http://localhost:{port}")).expect("an origin");
        city.app.act(move |conn, _| plaza::city::actions::set_origin(conn, &to)).await.expect("moved");
        let moved = said(&city).await.remove(0);
        assert!(moved["id"].as_str().is_some_and(|id| id.starts_with("http://localhost")));
        assert_eq!(moved["proof"], Value::Null, "a proof of other words is none");
    });
}
