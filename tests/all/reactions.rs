//! What people on other servers like, pass on and react to: counted once each, taken back, shown as numbers.

use plaza::{
    care::deeds::{self, By},
    members, notices, powers,
    reactions::store::{self, Counts},
    suggestions::{self, suggestion::Suggestion},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    city::{START, on_each_database},
    replies::{PUBLIC, Voice, inboxes},
    wire::{Desk, GROUP, ORIGIN, text},
};

async fn counts(desk: &Desk, uri: &str) -> (i64, i64) {
    let path = uri.strip_prefix(ORIGIN).expect("ours").to_owned();
    let Counts { likes, passed_on } = desk.city.app.db.read(move |conn| Ok(store::counts(conn, &path)?)).await.expect("reading");
    (likes, passed_on)
}

async fn document(desk: &Desk, uri: &str) -> Value {
    let path = uri.strip_prefix(ORIGIN).unwrap_or(uri);
    let response = desk.get(path, "application/activity+json").await;
    assert_eq!(response.status(), 200, "{uri}");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}

/// A city with a note and a meeting, and two people elsewhere.
async fn scene(database: &str) -> (Desk, Voice, Voice, String, String) {
    let desk = Desk::open(database, START).await;
    let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
    let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
    let event = format!("{ORIGIN}/ap/events/{}", desk.city.meeting(GROUP, "Weekly meeting").await.id);
    (desk, ana, ben, note, event)
}

#[test]
fn each_counts_once_and_can_be_taken_back_in_every_way() {
    on_each_database(|database| async move {
        let (desk, ana, ben, note, event) = scene(database).await;
        let like = ana.new_id("likes");
        for _ in 0..3 {
            assert_eq!(ana.say_as(&desk, &like, "Like", json!(note)).await, 202);
        }
        assert_eq!(ana.say(&desk, "Like", json!({ "id": note, "type": "Note" })).await, 202);
        assert_eq!(ana.say(&desk, "EmojiReact", json!(note)).await, 202);
        assert_eq!(counts(&desk, &note).await, (1, 0), "one person, however often");
        assert_eq!(ben.say(&desk, "Like", json!(note)).await, 202);
        let boost = ben.new_id("boosts");
        assert_eq!(ben.say_as(&desk, &boost, "Announce", json!(note)).await, 202);
        assert_eq!(ben.say(&desk, "Announce", json!([event])).await, 202);
        assert_eq!((counts(&desk, &note).await, counts(&desk, &event).await), ((2, 1), (0, 1)));

        // nobody takes back what another did
        let undo = |by: &Voice| json!({ "id": boost, "type": "Announce", "actor": by.id, "object": note });
        assert_eq!(ana.say(&desk, "Undo", undo(&ben)).await, 202);
        assert_eq!(ana.say(&desk, "Undo", json!(boost)).await, 202);
        assert_eq!(counts(&desk, &note).await, (2, 1));
        assert_eq!(ben.say(&desk, "Undo", json!(boost)).await, 202);
        assert_eq!(counts(&desk, &note).await, (2, 0), "by its id alone");
        let whole = |kind: &str, by: &Voice| json!({ "id": by.new_id("other"), "type": kind, "actor": by.id, "object": note });
        for _ in 0..2 {
            assert_eq!(ana.say(&desk, "Undo", whole("Like", &ana)).await, 202);
        }
        assert_eq!(counts(&desk, &note).await, (2, 0), "the sign below it is left");
        assert_eq!(ana.say(&desk, "Undo", whole("EmojiReact", &ana)).await, 202);
        assert_eq!(counts(&desk, &note).await, (1, 0));
        // and again after it was taken back, under the same id (Misskey)
        assert_eq!(ana.say_as(&desk, &like, "Like", json!(note)).await, 202);
        assert_eq!(counts(&desk, &note).await, (2, 0));

        assert_eq!(ben.say(&desk, "Delete", json!(ben.id)).await, 202);
        assert_eq!((counts(&desk, &note).await, counts(&desk, &event).await), ((1, 0), (0, 0)));
    });
}

#[test]
fn numbers_are_shown_and_names_are_not() {
    on_each_database(|database| async move {
        let (desk, ana, ben, note, event) = scene(database).await;
        for who in [&ana, &ben] {
            assert_eq!(who.say(&desk, "Like", json!(note)).await, 202);
        }
        assert_eq!(ana.say(&desk, "Announce", json!(note)).await, 202);
        let found = document(&desk, &note).await;
        assert_eq!((&found["likes"]["totalItems"], &found["shares"]["totalItems"]), (&json!(2), &json!(1)));
        for name in ["likes", "shares"] {
            let collection = document(&desk, found[name]["id"].as_str().expect("an id")).await;
            assert_eq!(collection["totalItems"], found[name]["totalItems"]);
            assert!(collection.get("items").is_none() && collection.get("orderedItems").is_none());
        }
        assert_eq!(document(&desk, &event).await["likes"]["totalItems"], 0);
        let page = desk.get(&note.replace("/ap/notes/", "/announcements/")[ORIGIN.len()..], "text/html").await;
        let html = page.text().await.expect("text");
        assert!(html.contains("Liked elsewhere: 2 · Passed on elsewhere: 1"), "{html}");
        assert!(!html.contains("good.example") && !html.contains("far.example"));
        assert_eq!(desk.get(&format!("{}/nothing", &note[ORIGIN.len()..]), "application/activity+json").await.status(), 404);
    });
}

#[test]
fn whoever_passed_something_on_hears_that_it_is_gone() {
    on_each_database(|database| async move {
        let (desk, ana, ben, note, _) = scene(database).await;
        assert_eq!(ana.say(&desk, "Announce", json!(note)).await, 202);
        assert_eq!(ben.say(&desk, "Like", json!(note)).await, 202);
        let blocked = ben.id.clone();
        desk.city.app.act(move |conn, here| plaza::blocks::actions::block(conn, here, &blocked)).await.expect("blocked");
        assert_eq!(counts(&desk, &note).await, (0, 1), "what the blocked did no longer counts");
        let id: Uuid = note.rsplit('/').next().expect("an id").parse().expect("a UUID");
        desk.city.app.act(move |conn, here| plaza::announcements::actions::delete(conn, here, id)).await.expect("deleted");
        assert_eq!(inboxes(&desk, &note).await, ["https://good.example/inbox"]);
        assert_eq!(counts(&desk, &note).await, (0, 0));
        assert_eq!(ana.say(&desk, "Like", json!(note)).await, 202);
        assert_eq!(counts(&desk, &note).await, (0, 0), "nobody likes what is gone");
    });
}

#[test]
fn reactions_to_what_is_not_ours_leave_nothing() {
    on_each_database(|database| async move {
        let (desk, ana, _, note, _) = scene(database).await;
        for object in [
            json!("https://far.example/notes/1"),
            json!(format!("{ORIGIN}/ap/groups/{GROUP}")),
            json!(format!("{ORIGIN}/ap/notes/01900000-0000-7000-8000-000000000000")),
            json!(format!("{ORIGIN}/ap/activities/01900000-0000-7000-8000-000000000000")),
            json!({ "type": "Create", "id": "https://far.example/a/1", "object": note, "to": PUBLIC }),
        ] {
            for kind in ["Like", "EmojiReact", "Announce"] {
                assert_eq!(ana.say(&desk, kind, object.clone()).await, 202, "{kind} {object}");
            }
        }
        let all = desk.city.app.db.read(|conn| Ok(store::actors(conn)?)).await.expect("reading");
        assert!(all.is_empty(), "{all:?}");
        assert_eq!(ana.say(&desk, "Like", Value::Null).await, 400);
    });
}

#[test]
fn the_likes_of_misskey_and_the_reactions_of_pleroma_are_understood() {
    on_each_database(|database| async move {
        let (desk, _, _, note, event) = scene(database).await;
        let kei = Voice::of(&desk, "9abcdefghi", "misskey.example").await;
        let pat = Voice::of(&desk, "pat", "pl.example").await;
        for (name, who, object) in [("misskey_like", &kei, &note), ("pleroma_emoji_react", &pat, &event)] {
            let mut activity: Value = serde_json::from_str(&text(name)).expect("JSON");
            activity["object"] = json!(object);
            activity["actor"] = json!(who.id);
            let key_id = format!("{}#main-key", who.id).parse().expect("an address");
            assert_eq!(desk.hand_in(&activity.to_string(), &key_id).await, 202, "{name}");
            assert_eq!(counts(&desk, object).await, (1, 0), "{name}");
            let undo =
                json!({ "type": activity["type"], "id": activity["id"], "object": object, "content": activity["content"] });
            assert_eq!(who.say(&desk, "Undo", undo).await, 202);
            assert_eq!(counts(&desk, object).await, (0, 0), "{name}");
        }
    });
}

#[test]
fn what_ended_leaves_nobodys_name_and_no_question() {
    on_each_database(|database| async move {
        let (desk, ana, ben, note, event) = scene(database).await;
        desk.city.group("trees").await;
        let other = format!("{ORIGIN}/ap/notes/{}", desk.city.announce("trees", "We plant").await.id);
        for (voice, what) in [(&ana, &note), (&ben, &event), (&ana, &other)] {
            assert_eq!(voice.say(&desk, "Like", json!(what)).await, 202);
        }
        let bo = desk.city.organizer("bo", GROUP).await;
        let id = bo.member.as_ref().expect("signed in").id;
        let suggestion =
            Suggestion { id: Uuid::new_v4(), group: GROUP.into(), text: "More salt".into(), ..plain(desk.city.clock.now()) };
        let suggest = move |conn: &mut _| suggestions::actions::suggest(conn, &suggestion);
        desk.city.app.db.write(suggest).await.expect("suggested");
        let waits = async || {
            let now = desk.city.clock.now();
            desk.city.app.db.read(move |conn| notices::actions::waiting_for(conn, id, now)).await.expect("reading").len()
        };
        assert_eq!(waits().await, 1);
        let organizer =
            desk.city.app.db.read(move |conn| Ok(members::store::organizer(conn, GROUP, id)?)).await.expect("reading");
        let end = |conn: &mut _, here: &_| deeds::end_group(conn, here, &By::default(), GROUP).map(drop);
        desk.city.app.act(end).await.expect("ended");
        assert_eq!(
            (counts(&desk, &note).await, counts(&desk, &event).await, counts(&desk, &other).await),
            ((0, 0), (0, 0), (1, 0))
        );
        let left = desk.city.app.db.read(move |conn| {
            let people = members::store::organizers_of(conn, GROUP)?.len();
            Ok((suggestions::store::count(conn, GROUP)?, people, powers::store::of_group(conn, Some(GROUP), START)?.len()))
        });
        assert_eq!(left.await.expect("reading"), (0, 0, 1), "only that it was ended is noted");

        // one that ended when more was kept
        let (organizer, group) = (organizer.expect("one"), GROUP);
        let kept = Suggestion { id: Uuid::new_v4(), text: "Less".into(), group: group.into(), ..plain(desk.city.clock.now()) };
        let keep = move |conn: &mut _| {
            members::store::add_organizer(conn, &organizer)?;
            Ok(suggestions::store::add(conn, &kept)?)
        };
        desk.city.app.db.write(keep).await.expect("kept");
        assert_eq!(waits().await, 0, "of a page that is closed to them");
        plaza::worker::forget_once(&desk.city.app).await.expect("forgotten");
        let people = desk.city.app.db.read(move |conn| Ok(members::store::organizers_of(conn, group)?.len()));
        assert_eq!(people.await.expect("reading"), 0);
    });
}

fn plain(now: plaza::clock::Timestamp) -> Suggestion {
    Suggestion {
        id: Uuid::nil(),
        group: String::new(),
        text: String::new(),
        moment: None,
        place: None,
        link: None,
        received: now.day(),
    }
}
