//! Coming from anywhere: `Join` and `Leave`, and a bare word below the meeting's post; answered, counted in steps, kept without a name.

use std::time::Duration;

use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    coming::{
        actions::{self, Care},
        answer::UNNOTICED,
    },
    db::schema::{activities, answers, deliveries},
    meetings::{self, meeting::Meeting},
    quarantine,
    replies::{letters, store},
    worker,
};
use serde_json::{Value, json};

use crate::{
    city::{START, on_each_database},
    replies::{PUBLIC, Voice, waiting},
    security::town::{Same, held},
    wire::{Desk, GROUP, ORIGIN},
};

const HOUR: Duration = Duration::from_secs(3_600);

fn event(meeting: &Meeting) -> String {
    format!("{ORIGIN}/ap/events/{}", meeting.id)
}

async fn room_for(desk: &Desk, meeting: &Meeting, most: i64) {
    let id = meeting.id;
    let change = move |meeting: &mut Meeting| {
        meeting.capacity = Some(most);
        Ok(())
    };
    desk.city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &change)).await.expect("changed");
}

async fn care(desk: &Desk, meeting: &Meeting, care: Care) {
    let id = meeting.id;
    desk.city.app.act(move |conn, here| actions::care(conn, here, GROUP, id, care)).await.expect("cared for");
}

/// What was said to this actor alone, of one kind.
async fn told(desk: &Desk, voice: &Voice, kind: &str) -> Vec<Value> {
    let bodies: Vec<String> = desk
        .city
        .app
        .db
        .read(|conn| Ok(activities::table.order(activities::sequence).select(activities::body).load(conn)?))
        .await
        .expect("reading");
    let said = bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok());
    said.filter(|said| said["type"] == kind && said["to"] == json!([voice.id])).collect()
}

/// Joins; how that was answered, which must be by the id of the Join.
async fn join(desk: &Desk, voice: &Voice, event: &str) -> String {
    let id = voice.new_id("joins");
    assert_eq!(voice.say_as(desk, &id, "Join", json!(event)).await, 202);
    for kind in ["Accept", "Reject", "Ignore"] {
        if told(desk, voice, kind).await.iter().any(|said| said["object"]["id"] == json!(id)) {
            return kind.to_owned();
        }
    }
    panic!("{id} was not answered")
}

/// Answers that stand, by what they say.
async fn counted(desk: &Desk) -> Vec<(String, bool)> {
    let all = desk.city.app.db.read(|conn| {
        let rows = answers::table.order(answers::answer).select((answers::answer, answers::account));
        Ok(rows.load::<(String, bool)>(conn)?)
    });
    all.await.expect("reading").into_iter().filter(|(answer, _)| answer != "withdrawn").collect()
}

async fn document(desk: &Desk, meeting: &Meeting) -> Value {
    let answer = desk.get(&format!("/ap/events/{}", meeting.id), "application/activity+json").await;
    answer.json().await.expect("JSON")
}

#[test]
fn a_join_is_answered_with_its_id_as_often_as_it_comes() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = event(&meeting);
        // twice the same, then another one
        let id = ana.new_id("joins");
        for _ in 0..2 {
            assert_eq!(ana.say_as(&desk, &id, "Join", json!(event)).await, 202);
        }
        assert_eq!(told(&desk, &ana, "Accept").await.len(), 2);
        let accept = told(&desk, &ana, "Accept").await.remove(0);
        assert_eq!(accept["actor"], format!("{ORIGIN}/ap/groups/{GROUP}"));
        assert_eq!(accept["object"], json!({ "id": id, "type": "Join", "actor": ana.id, "object": event }));
        assert_eq!(join(&desk, &ana, &event).await, "Accept");
        assert_eq!(counted(&desk).await, [("coming".into(), true)], "one account comes once");

        assert_eq!(join(&desk, &ben, &event).await, "Accept");
        assert_eq!(ben.say(&desk, "Leave", json!(event)).await, 202);
        assert_eq!(ben.say(&desk, "Leave", json!(event)).await, 202);
        assert_eq!(counted(&desk).await.len(), 1);
        let undone = json!({ "id": id, "type": "Join", "actor": ana.id, "object": event });
        assert_eq!(ana.say(&desk, "Undo", undone).await, 202);
        assert_eq!(counted(&desk).await.len(), 0);
        // embedded, as others write it
        assert_eq!(ana.say(&desk, "Join", json!({ "id": event, "type": "Event" })).await, 202);
        assert_eq!(counted(&desk).await.len(), 1);

        care(&desk, &meeting, Care::Stop).await;
        assert_eq!(join(&desk, &ana, &event).await, "Ignore");
        care(&desk, &meeting, Care::Ask).await;
        assert_eq!(join(&desk, &ana, &event).await, "Accept");
        let id = meeting.id;
        desk.city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        assert_eq!(join(&desk, &ben, &event).await, "Reject");
        assert_eq!(ben.say(&desk, "Join", json!(format!("{ORIGIN}/ap/events/{}", uuid::Uuid::nil()))).await, 404);
        let over = desk.city.held(GROUP, "Soup", meetings::meeting::Kind::Meeting, 3 * HOUR).await;
        assert_eq!(join(&desk, &ben, &self::event(&over)).await, "Reject");
    });
}

#[test]
fn of_fifty_who_join_at_once_ten_get_the_ten_places() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let meeting = desk.city.meeting(GROUP, "Workshop").await;
        room_for(&desk, &meeting, 10).await;
        let mut people = Vec::new();
        for number in 0..50 {
            people.push(Voice::of(&desk, &format!("p{number}"), "crowd.example").await);
        }
        let event = event(&meeting);
        // without an account one says so, and takes no place
        let asked = format!("/meetings/{}/coming", meeting.id);
        let nameless = plaza::members::token::Token::new().expect("a token");
        let (id, secret) = (meeting.id, desk.city.app.secret.clone());
        let answer = plaza::coming::answer::Answer::Coming;
        desk.city
            .app
            .act(move |conn, here| actions::say(conn, here, &secret, id, (&nameless, false), answer))
            .await
            .expect(&asked);

        let all = futures_util::future::join_all(people.iter().map(|voice| voice.say(&desk, "Join", json!(event)))).await;
        assert!(all.iter().all(|status| *status == 202), "{all:?}");
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        for voice in &people {
            let (yes, no) = (told(&desk, voice, "Accept").await.len(), told(&desk, voice, "Reject").await.len());
            assert_eq!(yes + no, 1, "{}", voice.id);
            if yes == 1 { accepted.push(voice) } else { rejected.push(voice) }
        }
        assert_eq!(accepted.len(), 10);
        let document = document(&desk, &meeting).await;
        assert_eq!((&document["maximumAttendeeCapacity"], &document["remainingAttendeeCapacity"]), (&json!(10), &json!(0)));
        // whoever has a place keeps it, and asks again in vain for no second one
        assert_eq!(join(&desk, accepted[0], &event).await, "Accept");
        assert_eq!(join(&desk, rejected[0], &event).await, "Reject");
        accepted[0].say(&desk, "Leave", json!(event)).await;
        assert_eq!(join(&desk, rejected[1], &event).await, "Accept");
        assert_eq!(join(&desk, accepted[0], &event).await, "Reject");
        // in words the same
        rejected[2].reply(&desk, "coming", &event).await;
        let full = told(&desk, rejected[2], "Create").await.remove(0);
        assert!(full["object"]["content"].as_str().expect("words").contains("are taken"), "{full}");
        assert_eq!(counted(&desk).await.iter().filter(|(answer, account)| answer == "coming" && *account).count(), 10);
        rejected[2].reply(&desk, "maybe", &event).await;
        assert_eq!(counted(&desk).await.iter().filter(|(answer, _)| answer == "maybe").count(), 1);
    });
}

#[test]
fn a_bare_word_below_the_post_is_an_answer_and_no_reply() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let ana = Voice::of(&desk, "ana", "good.example").await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = event(&meeting);
        let note = ana.reply(&desk, "<p>@kitchen@city-a.test I’m coming!</p>", &event).await;
        assert_eq!(counted(&desk).await, [("coming".into(), true)]);
        assert_eq!(waiting(&desk).await, []);
        let confirmed = told(&desk, &ana, "Create").await;
        let [first] = confirmed.as_slice() else { panic!("{confirmed:?}") };
        let content = first["object"]["content"].as_str().expect("words");
        for part in ["coming to “Weekly meeting”", "maybe", &format!("{ORIGIN}/meetings/{}#coming", meeting.id)] {
            assert!(content.contains(part), "{part} in {content}");
        }
        assert_eq!(first["object"]["inReplyTo"], note["id"]);
        assert_eq!(
            desk.get(first["object"]["id"].as_str().unwrap().trim_start_matches(ORIGIN), "application/activity+json")
                .await
                .status(),
            404
        );

        // said again: nobody is told twice
        ana.reply(&desk, "coming", &event).await;
        assert_eq!(told(&desk, &ana, "Create").await.len(), 1);
        // an answer to what we told them, to us alone
        let mut private = ana.note("<p>quizá</p>", first["object"]["id"].as_str().expect("an id"));
        (private["to"], private["cc"]) = (json!([format!("{ORIGIN}/ap/groups/{GROUP}")]), json!([]));
        assert_eq!(ana.say(&desk, "Create", private.clone()).await, 202);
        assert_eq!(counted(&desk).await, [("maybe".into(), true)]);
        let letters = desk.city.app.db.read(|conn| Ok(letters::list(conn, GROUP)?)).await.expect("reading");
        assert_eq!(letters, []);
        assert!(told(&desk, &ana, "Create").await[1]["object"]["content"].as_str().unwrap().contains("quizá vengas"));

        // edited, deleted
        private["content"] = json!("no puedo");
        private["updated"] = json!("2026-11-24T11:30:00Z");
        assert_eq!(ana.say(&desk, "Update", private.clone()).await, 202);
        assert_eq!(counted(&desk).await, [("no".into(), true)]);
        let stranger = Voice::of(&desk, "eve", "evil.example").await;
        stranger.say(&desk, "Delete", private["id"].clone()).await;
        assert_eq!(counted(&desk).await.len(), 1);
        assert_eq!(ana.say(&desk, "Delete", json!({ "id": private["id"], "type": "Tombstone" })).await, 202);
        assert_eq!(counted(&desk).await, []);
        // the earlier post says nothing any more
        ana.say(&desk, "Delete", note["id"].clone()).await;
        assert_eq!(counted(&desk).await, []);
    });
}

#[test]
fn what_says_more_is_a_reply_and_can_become_one_or_stop_being_one() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let ana = Voice::of(&desk, "ana", "good.example").await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = event(&meeting);
        for words in ["coming?", "I'm coming with soup", "yes", "@ben coming"] {
            ana.reply(&desk, words, &event).await;
        }
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (4, 0));
        // a like is no answer, nor is a word below other news
        ana.say(&desk, "Like", json!(event)).await;
        let news = desk.city.announce(GROUP, "We cook").await;
        ana.reply(&desk, "coming", &format!("{ORIGIN}/ap/notes/{}", news.id)).await;
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (5, 0));

        let mut note = ana.reply(&desk, "✋🏾", &event).await;
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (5, 1));
        (note["content"], note["updated"]) = (json!("I cannot decide"), json!("2026-11-24T11:30:00Z"));
        ana.say(&desk, "Update", note.clone()).await;
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (6, 0), "now it is a reply");
        (note["content"], note["updated"]) = (json!("maybe"), json!("2026-11-24T11:40:00Z"));
        ana.say(&desk, "Update", note.clone()).await;
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (5, 1), "and no longer");
        let uri = note["id"].as_str().expect("an id").to_owned();
        assert_eq!(desk.city.app.db.read(move |conn| Ok(store::by_uri(conn, &uri)?)).await.expect("reading"), None);

        // below the note of a change, too
        let id = meeting.id;
        let later = move |meeting: &mut Meeting| {
            (meeting.starts, meeting.ends) = (meeting.starts + HOUR, meeting.ends + HOUR);
            Ok(())
        };
        desk.city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &later)).await.expect("moved");
        let notes = desk.city.app.db.read(move |conn| Ok(plaza::announcements::store::of_meeting(conn, id)?)).await;
        let beside = format!("{ORIGIN}/ap/notes/{}", notes.expect("reading")[0].id);
        ana.reply(&desk, "@kitchen can't", &beside).await;
        assert_eq!(counted(&desk).await, [("no".into(), true)]);
    });
}

#[test]
fn where_nobody_is_asked_words_are_replies_and_who_was_turned_away_counts_nowhere() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
        let meeting = desk.city.meeting(GROUP, "March").await;
        let event = event(&meeting);
        assert_eq!(document(&desk, &meeting).await["joinMode"], "free");
        care(&desk, &meeting, Care::Stop).await;
        let unasked = document(&desk, &meeting).await;
        assert_eq!(unasked["joinMode"], "external");
        assert!(unasked.get("attendees").is_none() && !unasked["content"].as_str().expect("words").contains("#coming"));
        ana.reply(&desk, "coming", &event).await;
        assert_eq!((waiting(&desk).await.len(), counted(&desk).await.len()), (1, 0));

        care(&desk, &meeting, Care::Ask).await;
        let who = ben.id.clone();
        let refuse = move |conn: &mut plaza::db::Conn, here: &plaza::app::Here| {
            plaza::replies::actions::refuse_all_of(conn, here, GROUP, &who)
        };
        desk.city.app.act(refuse).await.expect("turned away");
        ben.reply(&desk, "coming", &event).await;
        assert_eq!(join(&desk, &ben, &event).await, "Reject");
        assert_eq!((counted(&desk).await.len(), told(&desk, &ben, "Create").await.len()), (0, 0));

        // of servers that wait to be looked at, nothing is laid by that names who comes
        desk.city
            .app
            .act(|conn, here| quarantine::actions::choose(conn, here, quarantine::store::Choice::Quarantine))
            .await
            .unwrap();
        let new = Voice::of(&desk, "neo", "new.example").await;
        new.reply(&desk, "coming", &event).await;
        assert_eq!(new.say(&desk, "Join", json!(event)).await, 202);
        new.reply(&desk, "What may I bring?", &event).await;
        let held = desk.city.app.db.read(|conn| Ok(quarantine::store::of_host(conn, "new.example")?)).await.expect("reading");
        assert_eq!((held.len(), counted(&desk).await.len()), (1, 0));
        assert!(held[0].body.contains("bring"));
    });
}

#[test]
fn a_flood_of_accounts_waits_like_any_other_and_nobody_is_told_for_ever() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = event(&meeting);
        for number in 0..6 {
            let voice = Voice::of(&desk, &format!("p{number}"), "good.example").await;
            assert_eq!(join(&desk, &voice, &event).await, "Accept");
        }
        let said = document(&desk, &meeting).await;
        assert_eq!((&said["participantCount"], &said["attendees"]["totalItems"]), (&json!(5), &json!(5)), "in steps");
        let attendees = desk.get(&format!("/ap/events/{}/attendees", meeting.id), "application/activity+json").await;
        let attendees: Value = attendees.json().await.expect("JSON");
        assert_eq!((&attendees["id"], &attendees["totalItems"]), (&said["attendees"]["id"], &json!(5)));
        assert!(attendees.get("items").is_none());

        let ana = Voice::of(&desk, "ana", "good.example").await;
        for number in 0..40 {
            ana.reply(&desk, if number % 2 == 0 { "coming" } else { "maybe" }, &event).await;
        }
        assert_eq!(told(&desk, &ana, "Create").await.len(), 12);

        desk.city.advance(2 * HOUR);
        for number in 0..=UNNOTICED {
            let voice = Voice::of(&desk, &format!("b{number}"), "bots.example").await;
            voice.say(&desk, "Join", json!(event)).await;
        }
        assert_eq!(document(&desk, &meeting).await["participantCount"], 5);
    });
}

#[test]
fn nothing_at_rest_names_who_comes() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let ana = Voice::of(&desk, "ana", "good.example").await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = event(&meeting);
        join(&desk, &ana, &event).await;
        let note = ana.reply(&desk, "coming", &event).await;
        ana.reply(&desk, "maybe", &event).await;
        let rows = desk.city.app.db.read(|conn| {
            let rows = answers::table.select((answers::fingerprint, answers::answer, answers::note));
            Ok(format!("{:?}", rows.load::<(String, String, Option<String>)>(conn)?))
        });
        let rows = rows.await.expect("reading");
        assert!(!rows.contains("ana") && !rows.contains("good.example") && !rows.contains("notes"), "{rows}");

        // what we answered goes as soon as it is there
        desk.city.app.db.write(|conn| Ok(diesel::delete(deliveries::table).execute(conn)?)).await.expect("delivered");
        worker::forget_who_came_once(&desk.city.app).await.expect("forgotten");
        assert_eq!((told(&desk, &ana, "Accept").await.len(), told(&desk, &ana, "Create").await.len()), (0, 0));
        assert_eq!(counted(&desk).await, [("maybe".into(), true)]);

        // and an hour after the end even where it never arrived, with every answer
        join(&desk, &ana, &event).await;
        desk.city.advance(8 * 24 * HOUR);
        worker::forget_who_came_once(&desk.city.app).await.expect("forgotten");
        assert_eq!(counted(&desk).await, []);
        let waiting: i64 = desk.city.app.db.read(|conn| Ok(deliveries::table.count().get_result(conn)?)).await.expect("reading");
        assert_eq!((waiting, told(&desk, &ana, "Accept").await.len()), (0, 0));
        if database == "sqlite" {
            use diesel::Connection;
            let file = desk.city.app.config.data_dir.join("plaza.sqlite");
            let everything = held(
                &mut diesel::SqliteConnection::establish(&file.display().to_string()).expect("the database"),
                Same::Everything,
            );
            let meeting = meeting.id.to_string();
            let joined = everything.lines().find(|line| line.contains(&meeting) && line.contains("good.example"));
            assert_eq!(joined, None);
            assert!(!everything.contains(note["id"].as_str().expect("an id")));
        }
        assert_eq!(join(&desk, &ana, &event).await, "Reject");
        assert_eq!(document(&desk, &meeting).await["participantCount"], 0);
        assert_eq!(note["to"], json!([PUBLIC]));
    });
}

#[test]
fn a_member_here_answers_once_and_has_a_place() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let meeting = desk.city.meeting(GROUP, "Workshop").await;
        let page = format!("/meetings/{}", meeting.id);
        let (ana, ben) = (desk.city.member("ana").await, desk.city.member("ben").await);
        let mine = format!("/me/coming/{}", meeting.id);
        assert!(!desk.get(&page, "text/html").await.text().await.expect("text").contains(&mine), "there is room for all");
        room_for(&desk, &meeting, 1).await;
        let shown = desk.get(&page, "text/html").await.text().await.expect("text");
        assert!(shown.contains("Places: 1.") && shown.contains(&mine), "{shown}");

        for _ in 0..2 {
            assert_eq!(desk.page(&ana, &mine, Some(&[("answer", "coming")])).await.0, 303);
        }
        assert_eq!(counted(&desk).await, [("coming".into(), true)]);
        let (status, shown) = desk.page(&ana, &mine, None).await;
        assert!(status == 200 && shown.contains("You are coming"), "{shown}");
        let (status, shown) = desk.page(&ben, &mine, Some(&[("answer", "coming")])).await;
        assert!(status == 422 && shown.contains("All places are taken"), "{status} {shown}");
        assert_eq!(desk.page(&ben, &mine, Some(&[("answer", "maybe")])).await.0, 303);
        assert_eq!(desk.page(&ana, &mine, Some(&[("answer", "back")])).await.0, 303);
        assert_eq!(desk.page(&ben, &mine, Some(&[("answer", "coming")])).await.0, 303);
        assert_eq!(counted(&desk).await, [("coming".into(), true)]);
        assert_eq!(desk.page(&ben, &mine, Some(&[("answer", "perhaps")])).await.0, 422);
        assert!(desk.get(&page, "text/html").await.text().await.expect("text").contains("All places are taken; there are 1."));
    });
}

#[test]
fn whoever_left_keeps_no_place() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let meeting = desk.city.meeting(GROUP, "Workshop").await;
        room_for(&desk, &meeting, 1).await;
        let (mine, event) = (format!("/me/coming/{}", meeting.id), event(&meeting));
        let cy = desk.city.caretaker("cy").await;
        let gone = Voice::of(&desk, "gone", "good.example").await;
        assert_eq!(join(&desk, &gone, &event).await, "Accept");
        let gus = desk.city.member("gus").await;
        let coming: &[(&str, &str)] = &[("answer", "coming")];
        assert_eq!(desk.page(&gus, &mine, Some(coming)).await.0, 422, "all places are taken");
        assert_eq!(gone.say(&desk, "Delete", json!(gone.id)).await, 202);
        assert_eq!(desk.page(&gus, &mine, Some(coming)).await.0, 303, "an account that was deleted elsewhere");
        assert_eq!(desk.page(&gus, "/me/leave", Some(&[("sure", "twice")])).await.0, 303);
        let hal = desk.city.member("hal").await;
        assert_eq!(desk.page(&hal, &mine, Some(coming)).await.0, 303, "one that somebody deleted here");
        let fields = [("member", "hal"), ("sure", "yes"), ("reason", "spam")];
        assert_eq!(desk.page(&cy, "/care/members/delete", Some(&fields)).await.0, 303);
        assert!(counted(&desk).await.is_empty(), "and one that was deleted for them");
        assert_eq!(join(&desk, &Voice::of(&desk, "ana", "good.example").await, &event).await, "Accept");
    });
}
