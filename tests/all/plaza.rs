//! The plaza: one follow for everything, seen from cities that follow nothing else.

use std::{net::TcpListener, time::Duration};

use plaza::{
    announcements::{self, announcement::Announcement},
    app::App,
    clock::Timestamp,
    groups, meetings,
    meetings::meeting::Meeting,
    plaza::{actions, pass_on::PassOn},
    worker,
};
use serde_json::Value;

use crate::{
    city::{City, START, on_each_database},
    commands::Terminal,
    process::{Served, until},
};

const HOUR: u64 = 3_600;
const JSON: &str = "application/activity+json";

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * HOUR)
}

/// A city with a plaza and a kitchen.
async fn square(database: &str) -> City {
    square_at(database, START).await
}

async fn square_at(database: &str, now: Timestamp) -> City {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let here = City::called(database, listener, origin, now).await;
    actions::open(&here.app).await.expect("a plaza");
    here.group("kitchen").await;
    here
}

/// And another, of which a group hears the plaza and nothing else.
async fn square_and_follower(database: &str) -> (City, City) {
    let (here, there) = (square(database).await, City::start(database).await);
    there.group("trees").await;
    there.hears("trees", &here, "plaza").await;
    assert_eq!((here.followers("plaza").await, here.followers("kitchen").await), (1, 0));
    (here, there)
}

async fn urgent(city: &City, text: &str) -> Announcement {
    said(city, "kitchen", text, true).await
}

async fn said(city: &City, group: &str, text: &str, urgent: bool) -> Announcement {
    let here = city.app.here();
    let announcement = Announcement {
        id: here.new_id(),
        group: group.to_owned(),
        meeting: None,
        answers: None,
        title: None,
        text: text.to_owned(),
        language: "en".into(),
        urgent,
        followers_only: false,
        mentions: vec![],
        pictures: vec![],
        published: here.now,
        updated: None,
        deleted: None,
    };
    let new = announcement.clone();
    city.app.act(move |conn, here| announcements::actions::publish(conn, here, &new)).await.expect("published");
    announcement
}

async fn edit(city: &City, note: &Announcement, change: impl Fn(&mut Announcement) + Send + 'static) {
    let id = note.id;
    city.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &change)).await.expect("edited");
}

async fn delete(city: &City, note: &Announcement) {
    let id = note.id;
    city.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
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

/// A meeting of the kitchen that begins in so many hours.
async fn meeting_in(city: &City, title: &str, hours_from_now: u64) -> Meeting {
    let meeting = city.meeting("kitchen", title).await;
    let starts = city.clock.now() + hours(hours_from_now);
    change(city, &meeting, move |meeting| {
        meeting.starts = starts;
        meeting.ends = starts + hours(2);
    })
    .await;
    meeting
}

async fn choose(city: &City, choice: PassOn) {
    let language = actions::language(&city.app);
    city.app.act(move |conn, here| actions::choose(conn, here, choice, &language)).await.expect("chosen");
}

/// Time goes by everywhere: nobody believes what was signed by a clock that is ahead.
fn pass(cities: &[&City], span: Duration) {
    for city in cities {
        city.advance(span);
    }
}

async fn morning(city: &City) -> bool {
    worker::post_digest_once(&city.app).await.expect("a morning")
}

/// What stands on the first page of the plaza's outbox, the newest first.
async fn outbox(city: &City) -> Vec<Value> {
    let page = city.document("/ap/groups/plaza/outbox?page=1").await;
    page["orderedItems"].as_array().expect("a list").clone()
}

/// Ids of what the plaza passed on, the newest first.
async fn passed_on(city: &City) -> Vec<String> {
    let all = outbox(city).await;
    let announces = all.iter().filter(|activity| activity["type"] == "Announce");
    announces.map(|announce| announce["object"].as_str().expect("an id").to_owned()).collect()
}

async fn latest_activity(city: &City, kind: &'static str) -> Value {
    use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
    use plaza::db::schema::activities;
    let all = activities::table.filter(activities::kind.eq(kind)).order(activities::sequence.desc()).select(activities::body);
    let body: String = city.app.db.read(move |conn| Ok(all.first(conn)?)).await.expect("said");
    serde_json::from_str(&body).expect("JSON")
}

/// The newest digest.
async fn digest(city: &City) -> Value {
    outbox(city).await.into_iter().find(|activity| activity["type"] == "Create").expect("a digest")["object"].take()
}

async fn contents(city: &City) -> Vec<String> {
    city.heard("trees").await.into_iter().map(|heard| heard.content).collect()
}

#[test]
fn who_follows_the_plaza_alone_hears_urgent_news_its_edit_and_its_deletion() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        here.announce("kitchen", "We have soup").await;
        assert_eq!(here.work().await, 0, "that waits for the morning");
        let note = urgent(&here, "We need **water** now").await;
        assert_eq!(here.work().await, 1, "one round");
        assert_eq!(contents(&there).await, ["<p>We need <strong>water</strong> now</p>"]);

        let announce = outbox(&here).await.remove(0);
        let (us, uri) = (&here.origin, format!("{}/ap/notes/{}", here.origin, note.id));
        assert_eq!((&announce["type"], &announce["object"]), (&"Announce".into(), &Value::from(uri.as_str())));
        assert_eq!(announce["actor"], format!("{us}/ap/groups/plaza"));
        assert_eq!(announce["published"], START.rfc3339());
        assert_eq!(announce["to"][0], "https://www.w3.org/ns/activitystreams#Public");
        assert_eq!(announce["cc"][0], format!("{us}/ap/groups/plaza/followers"));
        assert_eq!(announce["cc"][1], format!("{us}/ap/groups/kitchen"));
        let id = announce["id"].as_str().expect("an id");
        assert_eq!(here.document(id).await["object"], uri, "it can be fetched");

        pass(&[&here, &there], hours(1));
        edit(&here, &note, |note| note.text = "No more water".into()).await;
        assert_eq!(here.work().await, 1);
        assert_eq!(contents(&there).await, ["<p>No more water</p>"]);
        assert_eq!(passed_on(&here).await.len(), 1, "not passed on again");
        let said = latest_activity(&here, "Update").await;
        let followers = [format!("{us}/ap/groups/kitchen/followers"), format!("{us}/ap/groups/plaza/followers")];
        assert_eq!(said["cc"], serde_json::json!(followers), "it is addressed to whom it goes");

        delete(&here, &note).await;
        let path = id.strip_prefix(us.as_str()).expect("ours");
        assert_eq!(here.get(path, JSON).await.status(), 410, "the Announce is gone, too");
        assert!(outbox(&here).await.is_empty());
        assert_eq!(here.work().await, 2, "Undo and Delete");
        assert!(contents(&there).await.is_empty());
        assert_eq!(here.work().await, 0);
    });
}

#[test]
fn who_left_the_plaza_still_hears_that_what_it_passed_on_was_taken_back() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        let other = City::start(database).await;
        other.group("trees").await;
        other.hears("trees", &here, "plaza").await;
        let note = urgent(&here, "Come to the north gate").await;
        assert_eq!(here.work().await, 2);
        let uri = format!("{}/ap/groups/plaza", here.origin);
        there.app.act(move |conn, here| plaza::sisters::actions::leave(conn, here, "trees", &uri)).await.expect("left");
        there.work().await;
        pass(&[&here, &there, &other], hours(24 * 80));
        urgent(&here, "Not for those who left").await;
        assert_eq!(here.work().await, 1);
        delete(&here, &note).await;
        assert_eq!(here.work().await, 4, "Undo and Delete, to both");
        assert_eq!(contents(&other).await, ["<p>Not for those who left</p>"]);
        assert!(contents(&there).await.is_empty());
    });
}

#[test]
fn what_becomes_urgent_is_passed_on_once() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        let note = here.announce("kitchen", "Rain is coming").await;
        edit(&here, &note, |note| note.text = "Rain is coming at six".into()).await;
        assert_eq!(here.work().await, 0);
        edit(&here, &note, |note| note.urgent = true).await;
        assert_eq!(here.work().await, 1);
        for text in ["At seven", "At eight"] {
            pass(&[&here, &there], hours(1));
            edit(&here, &note, move |note| {
                note.urgent = text == "At eight";
                note.text = text.into();
            })
            .await;
            assert_eq!(here.work().await, 1, "{text}");
        }
        assert_eq!(passed_on(&here).await.len(), 1);
        assert_eq!(contents(&there).await, ["<p>At eight</p>"]);
    });
}

#[test]
fn the_place_chooses_what_is_passed_on_at_once() {
    on_each_database(|database| async move {
        for (choice, expected) in [(PassOn::All, 3), (PassOn::Urgent, 1), (PassOn::Digest, 0)] {
            let (here, there) = square_and_follower(database).await;
            choose(&here, choice).await;
            here.work().await;
            urgent(&here, "Now").await;
            here.announce("kitchen", "Some day").await;
            let meeting = here.meeting("kitchen", "Weekly meeting").await;
            assert_eq!(here.work().await, expected, "{choice:?}");
            assert_eq!(passed_on(&here).await.len(), expected, "{choice:?}");
            assert_eq!(there.heard("trees").await.len(), expected, "{choice:?}");
            cancel(&here, &meeting).await;
            // the Update of the meeting, and the note beside it, for whoever heard of it
            assert_eq!(here.work().await, if choice == PassOn::All { 2 } else { 0 }, "{choice:?}");

            // the next day, with a meeting
            pass(&[&here, &there], hours(24));
            meeting_in(&here, "Assembly", 2).await;
            assert!(morning(&here).await, "{choice:?}");
            let text = digest(&here).await["content"].as_str().expect("text").to_owned();
            assert!(text.contains("Assembly") && text.contains("URGENT: Now"), "{choice:?}: {text}");
            assert_eq!(text.contains("Some day"), choice != PassOn::All, "{choice:?}: {text}");
        }
    });
}

#[test]
fn a_meeting_of_the_digest_that_is_cancelled_is_marked_there_and_its_note_passed_on() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        pass(&[&here, &there], hours(24));
        let meeting = meeting_in(&here, "Weekly meeting", 5).await;
        let other = meeting_in(&here, "Next week", 24 * 7).await;
        assert!(morning(&here).await);
        assert_eq!(here.work().await, 1);
        let heard = contents(&there).await;
        assert!(heard[0].contains("12:00–14:00 EST · Weekly meeting · The kitchen group · The square"), "{heard:?}");

        pass(&[&here, &there], Duration::from_secs(60));
        cancel(&here, &other).await;
        assert_eq!(here.work().await, 0, "the plaza never spoke of it");
        cancel(&here, &meeting).await;
        assert_eq!(here.work().await, 2, "the digest anew, and the note");
        let heard = contents(&there).await;
        assert!(heard.iter().any(|it| it.contains("CANCELLED: Weekly meeting")), "{heard:?}");
        assert!(heard.iter().any(|it| it.contains("Cancelled: Weekly meeting will not take place")), "{heard:?}");
        assert_eq!(passed_on(&here).await.len(), 1);
    });
}

#[test]
fn a_deleted_announcement_leaves_the_digest_and_an_empty_digest_goes() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        let (one, two) = (here.announce("kitchen", "A name that must go").await, here.announce("kitchen", "Soup").await);
        pass(&[&here, &there], hours(24));
        assert!(morning(&here).await);
        here.work().await;
        pass(&[&here, &there], hours(24 * 30));
        delete(&here, &one).await;
        here.work().await;
        let heard = contents(&there).await;
        assert!(!heard[0].contains("must go") && heard[0].contains("Soup"), "{heard:?}");
        let id = digest(&here).await["id"].as_str().expect("an id").to_owned();
        delete(&here, &two).await;
        here.work().await;
        assert!(contents(&there).await.is_empty());
        assert_eq!(here.get(id.strip_prefix(&here.origin).expect("ours"), JSON).await.status(), 410);
    });
}

#[test]
fn each_morning_has_one_digest_through_a_change_of_clocks() {
    on_each_database(|database| async move {
        // Friday 30 October 2026, 06:59 in New York; on Sunday the clock is set back
        let here = square_at(database, Timestamp::from_seconds(1_793_357_940)).await;
        let minute = Duration::from_secs(60);
        here.announce("kitchen", "first").await;
        assert!(!morning(&here).await);
        here.advance(minute);
        assert!(!morning(&here).await, "Friday: nothing was said on Thursday");
        meeting_in(&here, "Lunch", 5).await;
        assert!(!morning(&here).await, "and that was it for Friday");

        here.advance(hours(24) - minute);
        assert!(!morning(&here).await, "Saturday, 06:59");
        here.advance(minute);
        assert!(morning(&here).await, "Saturday, 07:00");
        assert!(!morning(&here).await, "not again");
        assert_eq!(digest(&here).await["published"], "2026-10-31T11:00:00Z");
        here.announce("kitchen", "second").await;

        here.advance(hours(24));
        assert!(!morning(&here).await, "Sunday, 06:00 by the new time");
        here.advance(hours(1));
        assert!(morning(&here).await, "Sunday, 07:00");
        let sunday = digest(&here).await;
        let text = sunday["content"].as_str().expect("text");
        assert!(text.contains("second") && !text.contains("first"), "{text}");
        assert!(text.contains("Riverside, Sunday 1 November 2026"), "{text}");

        here.announce("kitchen", "third").await;
        here.advance(hours(24) + hours(5) - minute);
        assert!(morning(&here).await, "Monday, 11:59: whoever comes up late still posts it");
        here.announce("kitchen", "fourth").await;
        here.advance(hours(24) + minute);
        assert!(!morning(&here).await, "Tuesday at noon it is too late");
        here.announce("kitchen", "fifth").await;
        here.advance(hours(19));
        assert!(morning(&here).await, "Wednesday");
        let wednesday = digest(&here).await;
        let text = wednesday["content"].as_str().expect("text");
        assert!(text.contains("fifth") && !text.contains("fourth"), "{text}");
        here.advance(hours(48));
        assert!(!morning(&here).await, "nothing to say");
    });
}

#[test]
fn two_processes_post_one_digest_and_make_one_plaza() {
    on_each_database(|database| async move {
        let here = City::start(database).await;
        let second = App::open(here.app.config.clone(), here.clock.clone()).await.expect("a second process");
        let (one, two) = tokio::join!(actions::open(&here.app), actions::open(&second));
        one.and(two).expect("one plaza");
        here.group("kitchen").await;
        here.announce("kitchen", "Soup").await;
        here.advance(hours(24));
        let (one, two) = tokio::join!(worker::post_digest_once(&here.app), worker::post_digest_once(&second));
        assert_eq!(usize::from(one.expect("a morning")) + usize::from(two.expect("a morning")), 1);
        assert_eq!(here.document("/ap/groups/plaza/outbox").await["totalItems"], 1);
        assert_eq!(here.document("/ap/groups/kitchen/outbox").await["totalItems"], 1);
    });
}

#[test]
fn nobody_mentions_tags_or_links_through_a_digest_and_it_stays_short() {
    on_each_database(|database| async move {
        let here = square(database).await;
        here.advance(hours(24));
        let place = "@ana@far.example #spam https://evil.example ](https://evil.example) *x* `y` <b>z</b> ".repeat(3);
        for number in 0..23 {
            let meeting = meeting_in(&here, &format!("{number:02} ](https://evil.example) @ana@far.example #spam"), 5).await;
            let place = place.clone();
            change(&here, &meeting, move |meeting| meeting.place = Some(place.trim().to_owned())).await;
        }
        for number in 0..30 {
            said(
                &here,
                "kitchen",
                &format!("{number:02} [a](https://evil.example) @ana@far.example #spam {}", "!".repeat(999)),
                false,
            )
            .await;
        }
        said(&here, "kitchen", "Fire", true).await;
        assert!(morning(&here).await);
        let today = digest(&here).await;
        let text = today["content"].as_str().expect("text");
        assert_eq!(text.matches("<a ").count(), 22, "20 meetings, one that says how many more, and what is urgent: {text}");
        assert!(!text.contains("href=\"https://evil") && !text.contains("href=\"http://evil"), "{text}");
        assert!(text.contains("and 3 more") && text.contains(&format!("href=\"{}/meetings\"", here.origin)), "{text}");
        assert_eq!(today["tag"], serde_json::json!([]));
        assert_eq!(today["cc"].as_array().expect("a list").len(), 1, "nobody is mentioned");

        here.advance(hours(24));
        assert!(morning(&here).await);
        let next = digest(&here).await;
        let text = next["content"].as_str().expect("text");
        assert!(text.contains("and 10 more") && text.contains(&format!("href=\"{}/announcements\"", here.origin)), "{text}");
        assert!(!text.contains("Fire"), "named yesterday");
        assert!(!text.contains("href=\"https://evil"), "{text}");
        assert_eq!(next["tag"], serde_json::json!([]));
    });
}

#[test]
fn a_group_that_ends_leaves_nothing_on_the_plaza() {
    on_each_database(|database| async move {
        let (here, there) = square_and_follower(database).await;
        here.group("library").await;
        urgent(&here, "Water").await;
        said(&here, "library", "Books", false).await;
        pass(&[&here, &there], hours(24));
        assert!(morning(&here).await);
        here.work().await;
        assert_eq!(contents(&there).await.len(), 2);
        here.app.act(|conn, here| groups::actions::close(conn, here, "kitchen")).await.expect("closed");
        assert!(passed_on(&here).await.is_empty());
        assert_eq!(here.work().await, 3, "the end of the group, the Undo, and the digest without it");
        let heard = contents(&there).await;
        assert!(heard.len() == 1 && heard[0].contains("Books") && !heard[0].contains("Water"), "{heard:?}");
    });
}

#[test]
fn the_plaza_is_found_shown_and_featured_but_no_working_group() {
    on_each_database(|database| async move {
        let here = square(database).await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        let note = urgent(&here, "Water").await;
        let actor = here.document("/ap/groups/plaza").await;
        assert_eq!((&actor["type"], &actor["name"]), (&"Group".into(), &"Everything at Riverside".into()));
        let host = here.origin.trim_start_matches("http://");
        let found = here.get(&format!("/.well-known/webfinger?resource=acct:plaza@{host}"), "*/*").await;
        assert_eq!(found.status(), 200);
        let event = format!("{}/ap/events/{}", here.origin, meeting.id);
        assert_eq!(here.document("/ap/groups/plaza/upcoming").await["orderedItems"], serde_json::json!([event]));
        let featured = here.document("/ap/groups/plaza/featured").await;
        assert_eq!(featured["orderedItems"], serde_json::json!([event, format!("{}/ap/notes/{}", here.origin, note.id)]));

        let page = here.get("/@plaza", "text/html").await.text().await.expect("a page");
        for word in ["Everything at Riverside", "Weekly meeting", "The kitchen group", "Water", &format!("@plaza@{host}")] {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert!(!page.contains("A working group in"), "{page}");
        let nodeinfo: Value =
            serde_json::from_str(&here.get("/nodeinfo/2.1", "*/*").await.text().await.expect("text")).expect("JSON");
        assert_eq!(nodeinfo["usage"]["users"]["total"], 1);
        let listed = here.app.db.read(|conn| Ok(groups::store::list(conn)?)).await.expect("reading");
        assert!(listed.iter().all(|group| group.handle == "kitchen"));
        here.advance(hours(24));
        assert!(morning(&here).await);
        let home = here.get("/", "text/html").await.text().await.expect("a page");
        assert!(!home.contains("Everything at") && !home.contains("On today"), "{home}");
        let page = here.get("/@Plaza?lang=es", "text/html").await.text().await.expect("a page");
        assert!(page.contains("Todo en Riverside"), "{page}");
        assert!(page.contains("Riverside, Wednesday 25 November 2026") && page.contains("URGENT: Water · "), "{page}");
    });
}

#[test]
fn nobody_speaks_as_the_plaza() {
    on_each_database(|database| async move {
        let here = square(database).await;
        let refused = |outcome: plaza::error::Result<()>| {
            let why = outcome.expect_err("refused").to_string();
            assert!(why.contains("the plaza speaks by itself"), "{why}");
        };
        let new = here.announce("kitchen", "Soup").await;
        let as_plaza = Announcement { id: here.app.here().new_id(), group: "plaza".into(), ..new };
        refused(here.app.act(move |conn, here| announcements::actions::publish(conn, here, &as_plaza)).await);
        let meeting = here.meeting("kitchen", "Weekly").await;
        let as_plaza = Meeting { id: here.app.here().new_id(), group: "plaza".into(), ..meeting };
        refused(here.app.act(move |conn, here| meetings::actions::schedule(conn, here, &as_plaza).map(drop)).await);
        refused(here.app.act(|conn, here| groups::actions::close(conn, here, "plaza").map(drop)).await);
        let rename = |group: &mut groups::group::Group| group.name = "Mine".into();
        refused(here.app.act(move |conn, here| groups::actions::edit(conn, here, "plaza", &rename).map(drop)).await);
        here.advance(hours(24));
        assert!(morning(&here).await);
        let id = digest(&here).await["id"].as_str().expect("an id").rsplit_once('/').expect("a path").1.parse().expect("an id");
        let outcome = here
            .app
            .act(move |conn, here| announcements::actions::edit(conn, here, id, &|note| note.text = "Mine".into()).map(drop));
        refused(outcome.await);
        // but a caretaker may take a digest back
        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        assert!(outbox(&here).await.is_empty());
    });
}

#[test]
fn the_plaza_goes_by_the_name_of_the_city() {
    on_each_database(|database| async move {
        let (here, _there) = square_and_follower(database).await;
        actions::open(&here.app).await.expect("the same");
        assert_eq!(here.work().await, 0, "nothing is new");
        let mut config = here.app.config.clone();
        config.city = Some("Oakland".into());
        config.languages = Some(vec!["es".parse().expect("a language")]);
        let renamed = App::open(config, here.clock.clone()).await.expect("opened");
        actions::open(&renamed).await.expect("described anew");
        assert_eq!(here.document("/ap/groups/plaza").await["name"], "Todo en Oakland");
        assert_eq!(here.work().await, 1, "and whoever follows it hears");
        choose(&here, PassOn::Digest).await;
        let summary = here.document("/ap/groups/plaza").await["summary"].as_str().expect("text").to_owned();
        assert!(!summary.contains("urgent"), "{summary}");
    });
}

#[test]
fn a_running_server_does_what_the_place_chose() {
    let at = Terminal::new();
    assert_eq!(at.json(&["set"])["pass_on"], "urgent", "before the first start, too");
    let (status, why) = at.refusal(&["set", "--pass-on", "nothing"]);
    assert!(status == 2 && why.contains("say all, urgent or digest"), "{why}");

    let (here, there) = (Served::start(), Served::start());
    here.at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "Food"]);
    there.at.json(&["group", "create", "trees", "--name", "Trees", "--mission", "Trees"]);
    let handle = format!("@plaza@{}", here.origin.trim_start_matches("http://"));
    there.at.json(&["sister", "add", "trees", &handle]);
    until("the plaza accepts", || there.at.json(&["sister", "list", "trees"])[0]["state"] == "accepted");
    assert_eq!(here.at.json(&["followers", "plaza"]).as_array().expect("a list").len(), 1);
    let calm = here.at.json(&["announce", "kitchen", "--text", "calm"]);
    assert_eq!(here.at.json(&["set", "--pass-on", "all"])["pass_on"], "all");
    assert_eq!(here.at.json(&["set"])["pass_on"], "all");
    here.at.json(&["announce", "kitchen", "--text", "said to all"]);
    let heard = || there.at.json(&["sister", "heard", "trees"]);
    until("it is passed on", || heard()[0]["content"] == "<p>said to all</p>");
    here.at.json(&["set", "--pass-on", "urgent"]);
    here.at.json(&["announcement", "edit", calm["id"].as_str().expect("an id"), "--urgent"]);
    until("what became urgent is passed on", || heard().as_array().expect("a list").len() == 2);
    for words in [
        vec!["announce", "plaza", "--text", "x"],
        vec!["group", "close", "plaza"],
        vec!["group", "edit", "plaza", "--name", "x"],
        vec!["meeting", "schedule", "plaza", "--title", "Weekly", "--starts", "2030-11-26T18:00"],
    ] {
        let (status, why) = here.at.refusal(&words);
        assert!(status == 1 && why.contains("the plaza speaks by itself"), "{words:?}: {why}");
    }
}
