//! Reports that come in, are grouped and closed, and those we send; blocks of words and lists; servers that are held.

use std::time::Duration;

use plaza::{
    blocks, inbox,
    quarantine::{
        self,
        store::{Choice, waiting as held},
    },
    reactions,
    reports::{actions, report::Report, store},
    worker,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    city::{START, on_each_database},
    commands::Terminal,
    phone::Phone,
    replies::{Voice, said, waiting},
    wire::{Desk, GROUP, ORIGIN},
};

async fn open(desk: &Desk) -> Vec<Report> {
    desk.city.app.db.read(|conn| Ok(store::open(conn, 1_000)?)).await.expect("reading")
}

async fn flag(desk: &Desk, who: &Voice, object: Value, words: Value) -> u16 {
    desk.city.advance(Duration::from_secs(1));
    let mut activity = json!({ "id": who.new_id("flags"), "type": "Flag", "actor": who.id, "object": object });
    for (name, value) in words.as_object().expect("fields") {
        activity[name] = value.clone();
    }
    desk.hand_in(&activity.to_string(), &format!("{}#main-key", who.id).parse().expect("an address")).await
}

#[test]
fn reports_of_every_shape_arrive_and_many_about_the_same_are_one() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (actor, ben) = (Voice::of(&desk, "actor", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
        let group = format!("{ORIGIN}/ap/groups/{GROUP}");
        let note = desk.city.announce(GROUP, "We need pots").await.id;
        let (uri, path) = (format!("{ORIGIN}/ap/notes/{note}"), format!("/ap/notes/{note}"));
        // Mastodon: the account, then its posts; the words in content
        assert_eq!(flag(&desk, &actor, json!([group, uri]), json!({ "content": "<b>spam</b>" })).await, 202);
        // Lemmy: one post; the words in summary
        assert_eq!(flag(&desk, &ben, json!(uri), json!({ "summary": "rude" })).await, 202);
        // Pleroma: objects
        assert_eq!(flag(&desk, &ben, json!([group, { "id": uri, "type": "Note" }]), json!({ "content": "rude" })).await, 202);
        let found = open(&desk).await;
        let seen: Vec<(&str, &str, &str, i64)> =
            found.iter().map(|one| (one.about.as_str(), one.host.as_str(), one.reason.as_str(), one.times)).collect();
        assert_eq!(seen, [(path.as_str(), "good.example", "spam", 1), (path.as_str(), "far.example", "rude", 2)]);
        assert_eq!(found[0].objects, [path.clone(), format!("/ap/groups/{GROUP}")]);

        // a reply that is here, and what is nobody's business here
        let reply = ben.reply(&desk, "hi", &uri).await;
        assert_eq!(flag(&desk, &actor, json!([ben.id, reply["id"]]), json!({ "content": "threat" })).await, 202);
        assert_eq!(flag(&desk, &actor, json!(["https://else.example/u/x"]), json!({})).await, 202);
        assert_eq!(open(&desk).await.len(), 3);
        assert_eq!(flag(&desk, &actor, json!([]), json!({})).await, 400);
        for number in 0..100 {
            assert_eq!(
                flag(&desk, &ben, json!([uri]), json!({ "content": format!("again {number} {}", "x".repeat(200)) })).await,
                202
            );
        }
        let found = open(&desk).await;
        assert_eq!((found.len(), found[1].times), (3, 102));
        assert!(found[1].reason.chars().count() <= 5_000);

        let id = found[1].id;
        desk.city.app.act(move |conn, here| actions::close(conn, here, id, None)).await.expect("closed");
        assert_eq!(open(&desk).await.len(), 2);
        assert_eq!(flag(&desk, &ben, json!(uri), json!({ "content": "new" })).await, 202);
        assert_eq!(open(&desk).await.len(), 3, "what is reported after it was closed is looked at again");
        desk.city.advance(Duration::from_secs(181 * 24 * 3_600));
        worker::forget_once(&desk.city.app).await.expect("forgotten");
        assert_eq!(open(&desk).await.len(), 0);
    });
}

/// Reports of things that are not there, so many of each server and in these words.
async fn filled(desk: &Desk, host: &'static str, many: usize, words: fn(usize) -> String) {
    let fill = desk.city.app.act(move |conn, here| {
        for number in 0..many {
            let about = format!("/ap/events/{number}");
            let report = Report {
                id: here.new_id(),
                objects: vec![about.clone()],
                about,
                host: host.to_owned(),
                reason: words(number),
                times: 1,
                received: here.now,
                closed: None,
            };
            store::save(conn, &report)?;
        }
        Ok(())
    });
    fill.await.expect("filled");
}

#[test]
fn where_very_many_reports_wait_the_fullest_source_makes_room() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let ben = Voice::of(&desk, "ben", "far.example").await;
        let note = desk.city.announce(GROUP, "We need pots").await.id;
        let (uri, path) = (format!("{ORIGIN}/ap/notes/{note}"), format!("/ap/notes/{note}"));
        filled(&desk, "far.example", 50, |number| number.to_string()).await;
        assert_eq!(flag(&desk, &ben, json!(uri), json!({ "content": "threat" })).await, 202);
        let all = async || desk.city.app.db.read(|conn| Ok(store::open(conn, 10_000)?)).await.expect("reading");
        let found = all().await;
        assert!(found.len() == 50 && found.iter().all(|one| one.reason != "0"), "its oldest went");
        assert!(found.iter().any(|one| one.about == path));

        for host in ["loud.example", "louder.example"] {
            filled(&desk, host, if host == "loud.example" { 470 } else { 480 }, |number| number.to_string()).await;
        }
        let new = Voice::of(&desk, "new", "new.example").await;
        assert_eq!(flag(&desk, &new, json!(uri), json!({ "content": "threat" })).await, 202);
        let found = all().await;
        let of = |host: &str| found.iter().filter(|one| one.host == host).count();
        assert_eq!((of("louder.example"), of("loud.example"), of("far.example"), of("new.example")), (479, 470, 50, 1));

        // servers keep out nobody here, and nobody here is kept out by what is said again and again
        filled(&desk, "", 999, |_| "Spam".into()).await;
        filled(&desk, "", 1, |_| "A threat".into()).await;
        let here = |about: &'static str| {
            desk.city.app.act(move |conn, here| actions::file_here(conn, here, about, "Help", "The *blue* tent"))
        };
        here("/ap/events/x").await.expect("taken");
        let found = all().await;
        let of_us = |reason: &str| found.iter().filter(|one| one.host.is_empty() && one.reason == reason).count();
        assert_eq!((of_us("Spam"), of_us("A threat"), of_us("Help")), (998, 1, 1));
    });
}

#[test]
fn whoever_cannot_report_is_told_whom_to_ask_instead() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        filled(&desk, "", 1_000, |number| format!("In words of its own {number}")).await;
        let fields = [("what", "/@kitchen"), ("kind", "danger"), ("words", "")];
        let nobody = Phone::of(&desk.city);
        let (status, page) = desk.page(&nobody, "/report", Some(&fields)).await;
        assert!(status == 422 && page.contains("the page about this place says how"), "{page}");
        let charter = plaza::city::charter::Charter { contact: "The **blue tent**".into(), ..Default::default() };
        desk.city.app.db.write(move |conn| plaza::city::charter::save(conn, &charter)).await.expect("saved");
        let (_, page) = desk.page(&nobody, "/report", Some(&fields)).await;
        assert!(page.contains("tell whoever looks after this place directly: The blue tent"), "{page}");
        assert_eq!(desk.city.app.db.read(|conn| Ok(store::count_open(conn)?)).await.expect("reading"), 1_000, "none was lost");
    });
}

#[test]
fn a_report_to_another_server_is_said_by_the_city_and_by_nobody_else() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let troll = Voice::of(&desk, "troll", "far.example").await;
        let uri: Url = troll.id.parse().expect("an address");
        let post: Url = format!("{}/notes/1", troll.id).parse().expect("an address");
        let send = |posts: Vec<Url>, reason: &'static str| {
            let uri = uri.clone();
            desk.city.app.act(move |conn, here| {
                let actor = plaza::actors::remote::find(conn, &uri)?.expect("known");
                actions::send(conn, here, &actor, &posts, reason)
            })
        };
        send(vec![post.clone()], "Threats in a reply").await.expect("sent");
        let flag = said(&desk).await.pop().expect("said");
        assert_eq!(
            (&flag["type"], &flag["actor"], &flag["object"], &flag["content"], &flag["to"]),
            (
                &json!("Flag"),
                &json!(format!("{ORIGIN}/ap/instance")),
                &json!([troll.id, post]),
                &json!("Threats in a reply"),
                &json!([troll.id])
            )
        );
        let inbox = desk.city.app.db.read(|conn| {
            use diesel::{QueryDsl, RunQueryDsl};
            use plaza::db::schema::deliveries;
            Ok(deliveries::table.select(deliveries::inbox).load::<String>(conn)?)
        });
        assert_eq!(inbox.await.expect("reading"), [format!("{}/inbox", troll.id)], "the personal inbox, for GoToSocial");
        let path = flag["id"].as_str().and_then(|id| id.strip_prefix(ORIGIN)).expect("ours").to_owned();
        assert_eq!(desk.get(&path, "application/activity+json").await.status(), 404);
        send(vec!["https://else.example/notes/1".parse().expect("an address")], "x").await.expect_err("of another server");
        send(vec![], " ").await.expect_err("without a reason");
    });
}

#[test]
fn words_keep_replies_of_strangers_out_and_make_those_of_friends_wait() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        desk.city.app.act(|conn, here| blocks::words::add(conn, "Rotten Soup", here.now)).await.expect("a word");
        ben.reply(&desk, "<p>your <b>ROTTEN</b>\nsoup!</p>", &note).await;
        assert_eq!(waiting(&desk).await.len(), 0, "nobody need read it");
        ana.reply(&desk, "good soup", &note).await;
        let id = waiting(&desk).await[0].id;
        desk.city.app.act(move |conn, here| plaza::replies::actions::let_through(conn, here, id)).await.expect("let through");
        let mut warned = ana.note("see above", &note);
        warned["summary"] = json!("rotten soup");
        assert_eq!(ana.say(&desk, "Create", warned).await, 202);
        assert_eq!(waiting(&desk).await.len(), 1, "from somebody known it waits");
        // nor does an edit bring such a word in
        let mut edited = ana.reply(&desk, "fine soup", &note).await;
        assert_eq!(waiting(&desk).await.len(), 1);
        edited["content"] = json!("rotten soup");
        edited["updated"] = json!("2026-11-24T13:00:00Z");
        assert_eq!(ana.say(&desk, "Update", edited).await, 202);
        assert_eq!(waiting(&desk).await.len(), 2);
    });
}

#[test]
fn a_block_takes_along_all_that_was_said_from_there() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "sub.far.example").await);
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        for who in [&ana, &ben] {
            who.reply(&desk, "hi", &note).await;
            assert_eq!(who.say(&desk, "Like", json!(note)).await, 202);
        }
        desk.city.app.act(|conn, here| blocks::actions::block(conn, here, "far.example")).await.expect("blocked");
        assert_eq!(
            waiting(&desk).await.iter().map(|reply| reply.actor.clone()).collect::<Vec<_>>(),
            std::slice::from_ref(&ana.id)
        );
        let path = note[ORIGIN.len()..].to_owned();
        let counts = desk.city.app.db.read(move |conn| Ok(reactions::store::counts(conn, &path)?)).await.expect("reading");
        assert_eq!(counts.likes, 1);
        assert_eq!(ben.say(&desk, "Like", json!(note)).await, 403);
        // by a handle, as lists have it
        desk.city.app.act(|conn, here| blocks::actions::block(conn, here, "@ana@good.example")).await.expect("blocked");
        assert_eq!(waiting(&desk).await.len(), 0);
        assert_eq!(ana.say(&desk, "Like", json!(note)).await, 403);
    });
}

#[test]
fn what_unknown_servers_say_is_held_until_they_are_let_in() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (old, new) = (Voice::of(&desk, "old", "good.example").await, Voice::of(&desk, "new", "far.example").await);
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        let group = json!(format!("{ORIGIN}/ap/groups/{GROUP}"));
        assert_eq!(old.say(&desk, "Follow", group.clone()).await, 202);
        desk.city.app.act(|conn, here| quarantine::actions::choose(conn, here, Choice::Quarantine)).await.expect("chosen");
        old.reply(&desk, "an old friend", &note).await;
        assert_eq!(waiting(&desk).await.len(), 1, "who followed on that day is known");

        assert_eq!(new.say(&desk, "Follow", group).await, 202);
        assert_eq!(desk.city.followers(GROUP).await, 2, "following is free");
        let reply = new.reply(&desk, "a stranger", &note).await;
        assert_eq!(new.say(&desk, "Like", json!(note)).await, 202);
        assert_eq!(new.say(&desk, "Flag", json!([note])).await, 202);
        let unsaid = new.reply(&desk, "thought better of it", &note).await;
        assert_eq!(new.say(&desk, "Delete", unsaid["id"].clone()).await, 202);
        let waits = || desk.city.app.db.read(|conn| Ok(held(conn)?));
        assert_eq!(waits().await.expect("reading"), [("far.example".to_owned(), 3)]);
        assert_eq!((waiting(&desk).await.len(), open(&desk).await.len()), (1, 0));
        for number in 0..150 {
            new.reply(&desk, &format!("flood {number}"), &note).await;
        }
        assert_eq!(waits().await.expect("reading"), [("far.example".to_owned(), 100)]);

        desk.city.app.act(|conn, here| inbox::held::let_in(conn, here, "far.example")).await.expect("let in");
        assert_eq!(waits().await.expect("reading"), []);
        let found = waiting(&desk).await;
        assert_eq!(found.len(), 11, "the flood of one person meets the usual limit");
        assert!(found.iter().any(|waits| waits.uri == reply["id"]) && !found.iter().any(|waits| waits.uri == unsaid["id"]));
        assert_eq!(open(&desk).await.len(), 1);
        let path = note[ORIGIN.len()..].to_owned();
        let counts = desk.city.app.db.read(move |conn| Ok(reactions::store::counts(conn, &path)?)).await.expect("reading");
        assert_eq!(counts.likes, 1);
        new.reply(&desk, "now I am heard", &note).await;
        assert_eq!(waits().await.expect("reading"), []);
    });
}

#[test]
fn what_is_held_goes_after_two_weeks() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let new = Voice::of(&desk, "new", "far.example").await;
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        desk.city.app.act(|conn, here| quarantine::actions::distrust(conn, here, "far.example")).await.expect("held");
        new.reply(&desk, "hi", &note).await;
        let waits = || desk.city.app.db.read(|conn| Ok(held(conn)?));
        assert_eq!(waits().await.expect("reading").len(), 1, "also where strangers are welcome");
        desk.city.advance(Duration::from_secs(14 * 24 * 3_600 + 60));
        worker::forget_once(&desk.city.app).await.expect("forgotten");
        assert_eq!(waits().await.expect("reading"), []);
    });
}

#[test]
fn lists_of_blocks_come_and_go_by_the_command_line() {
    let at = Terminal::new();
    let file = at.folder.path().join("blocks.csv");
    let list = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
        troll.example,suspend,true,true,=cmd|' /C calc'!A0,false\nloud.example,silence,false,false,,false\n\
        =HYPERLINK(1),suspend,true,true,,false\nexa***.example,suspend,true,true,,true\n";
    std::fs::write(&file, list).expect("a file");
    let path = file.display().to_string();
    let said = at.json(&["block", "import", &path]);
    assert_eq!((&said["blocked"], &said["held"]), (&json!(1), &json!(1)));
    assert_eq!(
        said["skipped"].as_array().map(|lines| lines.iter().map(|line| line["line"].clone()).collect::<Vec<_>>()),
        Some(vec![json!(4), json!(5)])
    );
    let again = at.json(&["block", "import", &path]);
    assert_eq!((&again["blocked"], &again["known"]), (&json!(0), &json!(1)));
    std::fs::write(&file, "x@far.example\n").expect("a file");
    assert_eq!(at.json(&["block", "import", &path])["blocked"], 1);

    let domains = at.json(&["block", "export"])["csv"].as_str().expect("a list").to_owned();
    assert!(domains.contains("troll.example,suspend") && domains.contains("loud.example,silence") && !domains.contains("far"));
    assert_eq!(at.json(&["block", "export", "--accounts"])["csv"], "x@far.example\n");
    assert_eq!(at.json(&["block", "--remove", "@x@far.example"])["blocked"], false);
    assert_eq!(at.json(&["host", "list"])[0]["standing"], "held");
    at.json(&["host", "allow", "loud.example"]);
    assert_eq!(at.json(&["host", "list"])[0]["standing"], "welcome");
    assert_eq!(at.json(&["block", "word", "Rotten  SOUP"])[0]["id"], "rotten soup");
    assert_eq!(at.json(&["block", "word", "--remove", "rotten soup"]), json!([]));
    assert_eq!(at.json(&["set", "--unknown-servers", "quarantine"])["unknown_servers"], "quarantine");
    for (words, status, sentence) in [
        (vec!["block", "import", "/no/such/file"], 2, "cannot be read"),
        (vec!["block", "word", "!!!"], 2, "letters or digits"),
        (vec!["host", "allow", "nowhere"], 2, "not the name of a server"),
        (vec!["set", "--unknown-servers", "maybe"], 2, "welcome or quarantine"),
        (vec!["reply", "show", "01900000-0000-7000-8000-000000000000"], 1, "no reply"),
        (vec!["reply", "list", "nobody"], 1, "no group"),
        (vec!["report", "close", "01900000-0000-7000-8000-000000000000"], 1, "no report"),
    ] {
        let (found, said) = at.refusal(&words);
        assert!(found == status && said.contains(sentence), "{words:?}: {found} {said}");
    }
    assert_eq!(at.json(&["reply", "list"]), json!([]));
    assert_eq!(at.json(&["report", "list"]), json!([]));
}
