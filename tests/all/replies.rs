//! What people on other servers say to a group: held, let through, threaded, hidden, answered; and what they write to it alone.

use std::time::Duration;

use plaza::{
    federation::actor_document,
    media::Fresh,
    replies::{
        actions::{self, Answer},
        letters,
        reply::{Reply, State},
        store,
    },
    worker,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    city::{START, on_each_database},
    pictures::kept,
    wire::{Desk, GROUP, ORIGIN},
};

pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const JSON: &str = "application/activity+json";

/// Somebody on another server, who can say things to the desk.
#[derive(Clone)]
pub struct Voice {
    pub id: String,
    number: std::rc::Rc<std::cell::Cell<u32>>,
}

impl Voice {
    /// Known to the city, with the desk's key.
    pub async fn of(desk: &Desk, name: &str, host: &str) -> Self {
        let id: String = format!("https://{host}/users/{}", name.split('@').next().unwrap_or_default());
        Self::called(desk, &id, name, host).await
    }

    /// The same with any name at all.
    pub async fn called(desk: &Desk, id: &str, name: &str, host: &str) -> Self {
        let id = id.to_owned();
        let document = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id, "type": "Person", "preferredUsername": name, "name": name, "summary": name, "inbox": format!("{id}/inbox"),
            "endpoints": { "sharedInbox": format!("https://{host}/inbox") },
            "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": desk.key.public_pem() },
        });
        desk.knows(actor_document::read(&document).expect("an actor")).await;
        Self { id, number: std::rc::Rc::default() }
    }

    pub fn new_id(&self, what: &str) -> String {
        self.number.set(self.number.get() + 1);
        format!("{}/{what}/{}", self.id, self.number.get())
    }

    pub async fn say(&self, desk: &Desk, kind: &str, object: Value) -> u16 {
        self.say_as(desk, &self.new_id("activities"), kind, object).await
    }

    pub async fn say_as(&self, desk: &Desk, id: &str, kind: &str, object: Value) -> u16 {
        // the same words signed again in the same second would be the same request
        desk.city.advance(Duration::from_secs(1));
        let activity = json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "actor": self.id, "object": object });
        desk.hand_in(&activity.to_string(), &format!("{}#main-key", self.id).parse().expect("an address")).await
    }

    pub fn note(&self, content: &str, in_reply_to: &str) -> Value {
        json!({
            "id": self.new_id("notes"), "type": "Note", "attributedTo": self.id, "content": content, "inReplyTo": in_reply_to,
            "published": "2026-11-24T11:00:00Z", "to": [PUBLIC], "cc": [format!("{}/followers", self.id)],
        })
    }

    /// Replies; what was said.
    pub async fn reply(&self, desk: &Desk, content: &str, to: &str) -> Value {
        let note = self.note(content, to);
        assert_eq!(self.say(desk, "Create", note.clone()).await, 202);
        note
    }
}

pub async fn waiting(desk: &Desk) -> Vec<Reply> {
    desk.city.app.db.read(|conn| Ok(store::waiting(conn, Some(GROUP), 1_000)?)).await.expect("reading")
}

async fn find(desk: &Desk, note: &Value) -> Option<Reply> {
    let uri = note["id"].as_str().expect("an id").to_owned();
    desk.city.app.db.read(move |conn| Ok(store::by_uri(conn, &uri)?)).await.expect("reading")
}

async fn id_of(desk: &Desk, note: &Value) -> Uuid {
    find(desk, note).await.expect("a reply").id
}

async fn let_through(desk: &Desk, note: &Value) {
    let id = id_of(desk, note).await;
    desk.city.app.act(move |conn, here| actions::let_through(conn, here, id)).await.expect("let through");
}

async fn hide(desk: &Desk, note: &Value) {
    let id = id_of(desk, note).await;
    desk.city.app.act(move |conn, _| actions::hide(conn, id)).await.expect("hidden");
}

/// A page or document of the city, whatever its address says of the origin.
async fn get(desk: &Desk, path: &str, accept: &str) -> (u16, String) {
    let path = path.strip_prefix(ORIGIN).unwrap_or(path);
    let response = desk.get(path, accept).await;
    (response.status().as_u16(), response.text().await.expect("text"))
}

async fn page(desk: &Desk, path: &str) -> String {
    let (status, text) = get(desk, path, "text/html").await;
    assert_eq!(status, 200, "{path}");
    text
}

async fn document(desk: &Desk, path: &str) -> Value {
    let (status, text) = get(desk, path, JSON).await;
    assert_eq!(status, 200, "{path}");
    serde_json::from_str(&text).expect("JSON")
}

/// The ids in the first page of `replies`, as the document itself carries it.
async fn listed(desk: &Desk, uri: &str) -> Vec<String> {
    let replies = document(desk, uri).await["replies"].take();
    let items: Vec<String> = serde_json::from_value(replies["first"]["items"].clone()).expect("ids");
    assert_eq!(replies["totalItems"], items.len());
    assert_eq!(document(desk, replies["id"].as_str().expect("an id")).await["first"]["items"], json!(items));
    items
}

struct Scene {
    desk: Desk,
    ana: Voice,
    ben: Voice,
    /// Of an announcement, and its page.
    note: String,
    page: String,
}

async fn scene(database: &str) -> Scene {
    let desk = Desk::open(database, START).await;
    let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
    let announcement = desk.city.announce(GROUP, "We need pots").await;
    let (note, page) = (format!("{ORIGIN}/ap/notes/{}", announcement.id), format!("/announcements/{}", announcement.id));
    Scene { desk, ana, ben, note, page }
}

#[test]
fn a_first_reply_waits_and_later_ones_of_the_same_person_show_at_once() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, note, page: address } = scene(database).await;
        let first = ana.reply(&desk, "<p>I have <b>two</b> pots</p><script>alert(1)</script>", &note).await;
        assert_eq!(waiting(&desk).await.len(), 1);
        assert!(!page(&desk, &address).await.contains("two"), "nothing unseen is public");
        assert_eq!(listed(&desk, &note).await, Vec::<String>::new());

        let_through(&desk, &first).await;
        let html = page(&desk, &address).await;
        assert!(html.contains("<p>I have two pots</p>") && html.contains("@ana@good.example"), "{html}");
        assert!(!html.contains("alert(1)"));
        assert_eq!(listed(&desk, &note).await, [first["id"].as_str().expect("an id")]);

        let second = ana.reply(&desk, "<p>And a pan</p>", &note).await;
        assert!(page(&desk, &address).await.contains("And a pan"));
        let other = ben.reply(&desk, "<p>Buy my pots</p>", second["id"].as_str().expect("an id")).await;
        assert!(!page(&desk, &address).await.contains("Buy"), "another person is not known");
        assert_eq!(find(&desk, &other).await.map(|reply| (reply.state, reply.depth)), Some((State::Waiting, 2)));
        assert_eq!(listed(&desk, &note).await.len(), 2);
    });
}

#[test]
fn who_is_known_to_one_group_is_a_stranger_to_another() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, .. } = scene(database).await;
        let first = ana.reply(&desk, "hi", &note).await;
        let_through(&desk, &first).await;
        desk.city.group("trees").await;
        let elsewhere = desk.city.announce("trees", "We plant").await;
        let reply = ana.reply(&desk, "hello", &format!("{ORIGIN}/announcements/{}", elsewhere.id)).await;
        assert_eq!(find(&desk, &reply).await.map(|reply| (reply.group, reply.state)), Some(("trees".into(), State::Waiting)));
    });
}

#[test]
fn a_conversation_below_a_meeting_is_read_in_order() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, .. } = scene(database).await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let (event, address) = (format!("{ORIGIN}/ap/events/{}", meeting.id), format!("/meetings/{}", meeting.id));
        let one = ana.reply(&desk, "one", &event).await;
        let two = ben.reply(&desk, "two", &event).await;
        for reply in [&one, &two] {
            let_through(&desk, reply).await;
        }
        let under_one = ben.reply(&desk, "under-one", one["id"].as_str().expect("an id")).await;
        let html = page(&desk, &address).await;
        let at = |text: &str| html.find(&format!(">{text}<")).unwrap_or_else(|| panic!("{text} in {html}"));
        assert!(at("one") < at("under-one") && at("under-one") < at("two"));
        assert!(html.contains("h-cite in1"));
        assert_eq!(listed(&desk, &event).await.len(), 2, "only what answers the meeting itself");
        assert_eq!(document(&desk, &event).await["commentsEnabled"], true);

        // hidden in the middle: what was said to it stays, further out
        hide(&desk, &one).await;
        let html = page(&desk, &address).await;
        assert!(!html.contains(">one<") && html.contains("under-one"), "{html}");
        assert_eq!(listed(&desk, &event).await, [two["id"].as_str().expect("an id")]);
        drop(under_one);
    });
}

#[test]
fn only_what_is_for_everyone_is_ever_shown() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, page: address, .. } = scene(database).await;
        let first = ana.reply(&desk, "hi", &note).await;
        let_through(&desk, &first).await;
        let group = format!("{ORIGIN}/ap/groups/{GROUP}");
        for (what, to, cc) in [
            ("followers", json!([format!("{}/followers", ana.id)]), json!([group])),
            ("direct", json!([group]), json!([])),
            ("one", json!("https://far.example/users/ben"), Value::Null),
        ] {
            let mut said = ana.note(&format!("<p>only-{what}</p>"), &note);
            (said["to"], said["cc"]) = (to, cc);
            assert_eq!(ana.say(&desk, "Create", said.clone()).await, 202);
            assert_eq!(find(&desk, &said).await, None, "{what}");
        }
        assert!(!page(&desk, &address).await.contains("only-"));
        let kept = desk.city.app.db.read(|conn| Ok(letters::list(conn, GROUP)?)).await.expect("reading");
        assert_eq!(kept.len(), 3);

        // what becomes private goes
        let mut narrowed = first.clone();
        narrowed["to"] = json!([format!("{}/followers", ana.id)]);
        narrowed["cc"] = json!([]);
        narrowed["updated"] = json!("2026-11-24T11:30:00Z");
        assert_eq!(ana.say(&desk, "Update", narrowed).await, 202);
        assert_eq!(find(&desk, &first).await, None);
    });
}

#[test]
fn a_letter_to_a_group_is_answered_once_and_gone_after_a_week() {
    on_each_database(|database| async move {
        let Scene { desk, ana, .. } = scene(database).await;
        let letter = |text: &str| {
            let mut note = ana.note(text, "");
            note["inReplyTo"] = Value::Null;
            note["to"] = json!([format!("{ORIGIN}/ap/groups/{GROUP}")]);
            note["cc"] = json!([]);
            note
        };
        for text in ["<p>Can you help me?</p>", "<p>Please</p>"] {
            assert_eq!(ana.say(&desk, "Create", letter(text)).await, 202);
        }
        let answers: Vec<Value> = said(&desk).await.into_iter().filter(|said| said["type"] == "Create").skip(1).collect();
        let [answer] = answers.as_slice() else { panic!("{answers:#?}") };
        assert_eq!((&answer["to"], &answer["object"]["to"]), (&json!([ana.id]), &json!([ana.id])));
        let content = answer["object"]["content"].as_str().expect("words");
        assert!(content.contains("This is not private") && content.contains("@ana@good.example"), "{content}");
        for private in [&answer["id"], &answer["object"]["id"]] {
            assert_eq!(get(&desk, private.as_str().expect("an id"), JSON).await.0, 404, "nobody else's to ask for");
        }

        let kept = || desk.city.app.db.read(|conn| Ok(letters::list(conn, GROUP)?));
        assert_eq!(kept().await.expect("reading").len(), 2);
        desk.city.advance(Duration::from_secs(7 * 24 * 3_600 + 60));
        worker::forget_once(&desk.city.app).await.expect("forgotten");
        assert_eq!(kept().await.expect("reading").len(), 0);
    });
}

#[test]
fn a_crowd_that_writes_letters_keeps_nobody_out_who_needs_help() {
    on_each_database(|database| async move {
        let Scene { desk, ana, .. } = scene(database).await;
        let fill = desk.city.app.act(|conn, here| {
            for number in 0..200 {
                // twenty people, and ten letters of each
                let host = format!("crowd{}.example", number % 20);
                let letter = letters::Letter {
                    id: here.new_id().to_string(),
                    uri: format!("https://{host}/notes/{number}"),
                    group_handle: GROUP.into(),
                    actor: format!("https://{host}/users/troll"),
                    handle: format!("troll@{host}"),
                    content: "<p>boo</p>".into(),
                    received: here.now,
                };
                assert_ne!(letters::add(conn, &letter)?, letters::Kept::Not);
            }
            Ok(())
        });
        fill.await.expect("filled");
        let mut letter = ana.note("<p>I need help</p>", "");
        letter["inReplyTo"] = Value::Null;
        letter["to"] = json!([format!("{ORIGIN}/ap/groups/{GROUP}")]);
        letter["cc"] = json!([]);
        assert_eq!(ana.say(&desk, "Create", letter).await, 202);
        let kept = desk.city.app.db.read(|conn| Ok(letters::list(conn, GROUP)?)).await.expect("reading");
        assert_eq!(kept.len(), 200);
        assert!(kept.iter().any(|letter| letter.actor == ana.id), "the fullest made room");
        assert!(!kept.iter().any(|letter| letter.uri.ends_with("/notes/199")), "of several as full, with the newest");
        // one of many names under the same domain is no other crowd than the others
        let more = desk.city.app.act(|conn, here| {
            for number in 0..30 {
                let host = format!("n{number}.troll.example");
                let letter = letters::Letter {
                    id: here.new_id().to_string(),
                    uri: format!("https://{host}/notes/1"),
                    group_handle: GROUP.into(),
                    actor: format!("https://{host}/users/troll"),
                    handle: format!("troll@{host}"),
                    content: "<p>boo</p>".into(),
                    received: here.now,
                };
                assert_ne!(letters::add(conn, &letter)?, letters::Kept::Not);
            }
            Ok(())
        });
        more.await.expect("kept");
        let kept = desk.city.app.db.read(|conn| Ok(letters::list(conn, GROUP)?)).await.expect("reading");
        assert_eq!(kept.len(), 200);
        assert!(kept.iter().any(|letter| letter.actor == ana.id), "she wrote one letter");
        let of_troll = kept.iter().filter(|letter| letter.uri.contains(".troll.example/")).count();
        assert!(of_troll <= 11, "no more than of any other: {of_troll}");
    });
}

#[test]
fn pictures_of_what_an_author_takes_back_are_gone_with_it() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, note, .. } = scene(database).await;
        let is_there = async |fresh: &Fresh| desk.city.app.media.read(&fresh.kept.large.name).await.expect("media").is_some();
        let pictured = async |voice: &Voice, grey: u8| {
            let (fresh, said) = (kept(&desk.city, grey, "A pot").await, voice.reply(&desk, "look", &note).await);
            let row = find(&desk, &said).await.expect("a reply");
            let shown = Reply { kept: vec![fresh.kept.clone()], state: State::Shown, ..row };
            desk.city.app.db.write(move |conn| Ok(store::save(conn, &shown)?)).await.expect("saved");
            (fresh, said)
        };
        let (stays, _) = pictured(&ben, 10).await;
        let (deleted, said) = pictured(&ana, 90).await;
        assert_eq!(ana.say(&desk, "Delete", said["id"].clone()).await, 202);
        assert!(!is_there(&deleted).await, "a reply that is deleted");

        let (changed, mut said) = pictured(&ana, 170).await;
        (said["content"], said["updated"]) = (json!("without"), json!("2026-11-24T11:50:00Z"));
        assert_eq!(ana.say(&desk, "Update", said).await, 202);
        assert!(!is_there(&changed).await, "one that is said anew");

        let (last, _) = pictured(&ana, 250).await;
        assert_eq!(ana.say(&desk, "Delete", json!(ana.id)).await, 202);
        assert!(!is_there(&last).await, "with the account");
        assert!(is_there(&stays).await);
    });
}

/// Every activity of the city, in order.
pub async fn said(desk: &Desk) -> Vec<Value> {
    let bodies = desk.city.app.db.read(|conn| {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use plaza::db::schema::activities;
        Ok(activities::table.order(activities::sequence.asc()).select(activities::body).load::<String>(conn)?)
    });
    bodies.await.expect("reading").iter().map(|body| serde_json::from_str(body).expect("JSON")).collect()
}

#[test]
fn an_author_changes_and_deletes_and_nobody_else_does() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, note, page: address } = scene(database).await;
        let neighbour = Voice::of(&desk, "eve", "good.example").await;
        let mut reply = ana.reply(&desk, "first words", &note).await;
        let_through(&desk, &reply).await;
        for other in [&ben, &neighbour] {
            let mut forged = reply.clone();
            forged["content"] = json!("forged");
            forged["updated"] = json!("2026-11-24T11:45:00Z");
            assert_eq!(other.say(&desk, "Update", forged.clone()).await, 403);
            forged["attributedTo"] = json!(other.id);
            assert_eq!(other.say(&desk, "Update", forged.clone()).await, 403);
            assert_eq!(other.say(&desk, "Create", forged).await, 403);
            assert_eq!(other.say(&desk, "Delete", reply["id"].clone()).await, 403);
        }
        reply["content"] = json!("second words");
        reply["updated"] = json!("2026-11-24T11:30:00Z");
        assert_eq!(ana.say(&desk, "Update", reply.clone()).await, 202);
        let mut older = reply.clone();
        (older["content"], older["updated"]) = (json!("older words"), json!("2026-11-24T11:20:00Z"));
        assert_eq!(ana.say(&desk, "Update", older).await, 202);
        let html = page(&desk, &address).await;
        assert!(html.contains("second words") && !html.contains("forged") && !html.contains("older words"));

        let tombstone = json!({ "id": reply["id"], "type": "Tombstone" });
        assert_eq!(ana.say(&desk, "Delete", tombstone).await, 202);
        assert!(!page(&desk, &address).await.contains("second words"));
        assert_eq!(listed(&desk, &note).await.len(), 0);
        // an edit that comes late brings nothing back
        reply["updated"] = json!("2026-11-24T11:50:00Z");
        assert_eq!(ana.say(&desk, "Update", reply.clone()).await, 202);
        assert_eq!(find(&desk, &reply).await, None);

        let last = ana.reply(&desk, "last words", &note).await;
        assert!(find(&desk, &last).await.is_some());
        assert_eq!(ana.say(&desk, "Delete", json!(ana.id)).await, 202);
        assert_eq!(find(&desk, &last).await, None, "with the account all it said is gone");
    });
}

#[test]
fn a_group_answers_and_whoever_is_answered_hears_it() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, note, page: address } = scene(database).await;
        let question = ana.reply(&desk, "Where do I bring them?", &note).await;
        let id = id_of(&desk, &question).await;
        let answer = desk.city.app.act(move |conn, here| {
            let answer = Answer { text: "To the *square*.".into(), language: None, mentions: vec![] };
            actions::answer(conn, here, id, &answer)
        });
        let answer = answer.await.expect("answered");
        let uri = format!("{ORIGIN}/ap/notes/{}", answer.id);
        let create = said(&desk).await.pop().expect("said");
        assert_eq!(create["object"]["inReplyTo"], question["id"]);
        assert!(create["cc"].as_array().is_some_and(|cc| cc.contains(&json!(ana.id))), "{create}");
        assert_eq!(create["object"]["tag"][0], json!({ "type": "Mention", "name": "@ana@good.example", "href": ana.id }));
        assert_eq!(inboxes(&desk, &uri).await, ["https://good.example/inbox"]);

        let html = page(&desk, &address).await;
        let (asked, answered) = (html.find("Where do I bring them?"), html.find("<em>square</em>"));
        assert!(asked.is_some() && asked < answered, "let through with the answer, and above it: {html}");
        assert!(!page(&desk, "/announcements").await.contains("square"), "an answer is no news");
        assert_eq!(document(&desk, &uri).await["inReplyTo"], question["id"]);

        // a reply to the answer stands in the same conversation
        let thanks = ben.reply(&desk, "Thanks from me, too", &uri).await;
        let_through(&desk, &thanks).await;
        let html = page(&desk, &address).await;
        assert!(html.contains("h-cite in2") && html.contains("Thanks from me, too"), "{html}");
        assert_eq!(listed(&desk, &uri).await, [thanks["id"].as_str().expect("an id")]);

        // with the announcement everything below it goes, and who answered hears of the end
        let root = note.rsplit('/').next().expect("an id").parse().expect("a UUID");
        desk.city.app.act(move |conn, here| plaza::announcements::actions::delete(conn, here, root)).await.expect("deleted");
        assert_eq!(get(&desk, &uri, JSON).await.0, 410);
        assert_eq!(find(&desk, &question).await, None);
        assert_eq!(inboxes(&desk, &note).await, ["https://far.example/inbox", "https://good.example/inbox"]);
    });
}

/// Where something that is about `uri` is to be delivered, in order.
pub async fn inboxes(desk: &Desk, uri: &str) -> Vec<String> {
    let path = uri.strip_prefix(ORIGIN).expect("ours").to_owned();
    let found = desk.city.app.db.read(move |conn| {
        use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
        use plaza::db::schema::{activities, deliveries};
        let rows: Vec<String> = deliveries::table
            .inner_join(activities::table.on(activities::sequence.eq(deliveries::activity)))
            .filter(activities::object.eq(path))
            .select(deliveries::inbox)
            .distinct()
            .order(deliveries::inbox)
            .load(conn)?;
        Ok(rows)
    });
    found.await.expect("reading")
}

#[test]
fn a_trolls_flood_is_one_line_nothing_of_it_is_public_and_one_deed_clears_it() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, note, page: address } = scene(database).await;
        let first = ana.reply(&desk, "hi", &note).await;
        let_through(&desk, &first).await;
        let before = said(&desk).await.len();
        for number in 0..50 {
            ben.reply(&desk, &format!("<p>troll-{number}</p>"), &note).await;
        }
        assert_eq!(waiting(&desk).await.len(), 10, "no more of one person wait");
        let crowd = desk.city.app.db.read(|conn| Ok(store::waiting_by_actor(conn, GROUP)?)).await.expect("reading");
        assert_eq!(crowd.iter().map(|one| (one.handle.as_str(), one.replies)).collect::<Vec<_>>(), [("ben@far.example", 10)]);
        assert!(!page(&desk, &address).await.contains("troll-"));
        assert_eq!(listed(&desk, &note).await.len(), 1);
        assert_eq!(said(&desk).await.len(), before, "nobody hears of it");

        let troll = ben.id.clone();
        let dropped =
            desk.city.app.act(move |conn, here| actions::refuse_all_of(conn, here, GROUP, &troll)).await.expect("refused");
        assert_eq!((dropped, waiting(&desk).await.len()), (10, 0));
        ben.reply(&desk, "again", &note).await;
        assert_eq!(waiting(&desk).await.len(), 0);
        ana.reply(&desk, "still here", &note).await;
        assert!(page(&desk, &address).await.contains("still here"));
    });
}

#[test]
fn when_too_much_waits_the_loudest_server_loses_first() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, .. } = scene(database).await;
        let calm = ana.reply(&desk, "calm", &note).await;
        let row = find(&desk, &calm).await.expect("a reply");
        let fill = desk.city.app.act(move |conn, here| {
            for number in 0..499 {
                let id = here.new_id();
                let flood = Reply {
                    id,
                    uri: format!("https://loud.example/n/{number}"),
                    actor: format!("https://loud.example/u/{number}"),
                    host: "loud.example".into(),
                    ..row.clone()
                };
                store::add(conn, &flood)?;
            }
            Ok(())
        });
        fill.await.expect("filled");
        let ben = Voice::of(&desk, "ben", "far.example").await;
        let late = ben.reply(&desk, "late", &note).await;
        assert_eq!(waiting(&desk).await.len(), 500);
        assert!(find(&desk, &calm).await.is_some() && find(&desk, &late).await.is_some());
        assert!(find(&desk, &json!({ "id": "https://loud.example/n/0" })).await.is_none());
    });
}

#[test]
fn a_known_person_who_is_hidden_is_a_stranger_again() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, page: address, .. } = scene(database).await;
        let first = ana.reply(&desk, "nice", &note).await;
        let_through(&desk, &first).await;
        hide(&desk, &first).await;
        let second = ana.reply(&desk, "not so nice", &note).await;
        assert_eq!(find(&desk, &second).await.map(|reply| reply.state), Some(State::Waiting));
        assert!(!page(&desk, &address).await.contains("nice"));
        // what stands of a stranger does not become something else unseen
        let third = ana.reply(&desk, "quite nice", &note).await;
        let_through(&desk, &third).await;
        hide(&desk, &second).await;
        assert!(page(&desk, &address).await.contains("quite nice"));
        let mut other = third.clone();
        (other["content"], other["updated"]) = ("away with you".into(), "2026-11-24T13:00:00Z".into());
        assert_eq!(ana.say(&desk, "Update", other).await, 202);
        let shown = page(&desk, &address).await;
        assert!(!shown.contains("quite nice") && !shown.contains("away with you"), "{shown}");
        assert_eq!(find(&desk, &third).await.map(|reply| reply.state), Some(State::Waiting));
        hide(&desk, &third).await;
        desk.city.advance(Duration::from_secs(31 * 24 * 3_600));
        worker::forget_once(&desk.city.app).await.expect("forgotten");
        assert_eq!(find(&desk, &first).await, None);
    });
}

#[test]
fn replies_to_what_is_not_ours_or_gone_are_nothing() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, .. } = scene(database).await;
        for to in [
            "https://far.example/notes/1".to_owned(),
            format!("{ORIGIN}/ap/notes/01900000-0000-7000-8000-000000000000"),
            format!("{ORIGIN}/ap/notes/x"),
            format!("{ORIGIN}/ap/groups/{GROUP}"),
        ] {
            let said = ana.reply(&desk, "hi", &to).await;
            assert_eq!(find(&desk, &said).await, None, "{to}");
        }
        let mut itself = ana.note("hi", "");
        itself["inReplyTo"] = itself["id"].clone();
        assert_eq!(ana.say(&desk, "Create", itself.clone()).await, 202);
        assert_eq!(find(&desk, &itself).await, None);

        let root = note.rsplit('/').next().expect("an id").parse().expect("a UUID");
        desk.city.app.act(move |conn, here| plaza::announcements::actions::delete(conn, here, root)).await.expect("deleted");
        let late = ana.reply(&desk, "too late", &note).await;
        assert_eq!(find(&desk, &late).await, None);
    });
}

#[test]
fn nothing_in_a_reply_acts_or_is_loaded_from_elsewhere() {
    const NASTY: &str = r#"<p>safe</p><a href="https://fine.example/" onclick=alert(8) target=_top>fine</a>
        <ScRiPt>alert(1)</ScRiPt><svg onload=alert(2)></svg><img src=https://evil.example/x onerror=alert(3)>
        <form action=/deed><input autofocus onfocus=alert(5)><button id=csrf class=admin-badge style="position:fixed">x</button></form>
        <a href="java&#x73;cript:alert(6)">j</a><a href="//evil.example">r</a><a href="/admin/delete">r</a>
        <a href="data:text/html,x">d</a><base href=https://evil.example><meta http-equiv=refresh content=0><link rel=stylesheet href=x>
        <details open ontoggle=alert(7)>x</details>"#;
    on_each_database(|database| async move {
        let Scene { desk, ana, note, page: address, .. } = scene(database).await;
        let usual = page(&desk, &address).await;
        let mut reply = ana.note(NASTY, &note);
        reply["summary"] = json!("</summary><script>alert(9)</script>\u{202e}warned");
        reply["contentMap"] = json!({ "en\" onfocus=\"alert(10)": NASTY });
        reply["url"] = json!("javascript:alert(11)");
        reply["attachment"] =
            json!([{ "type": "Image", "url": "https://evil.example/y.png", "name": "<script>alert(12)</script>" }]);
        assert_eq!(ana.say(&desk, "Create", reply.clone()).await, 202);
        let_through(&desk, &reply).await;
        let html = page(&desk, &address).await;
        assert!(html.contains("<p>safe</p>") && html.contains("https://fine.example/") && html.contains("warned"), "{html}");
        for wrong in [
            "alert(",
            "javascript:",
            "evil.example",
            "<svg",
            "<img",
            "<iframe",
            "<form",
            "<input",
            "<button",
            "<style>",
            "<base",
            "<math",
            "onerror",
            "ontoggle",
            "onclick",
            "position:fixed",
            "admin-badge",
            "id=\"csrf\"",
            "href=\"//",
            "href=\"/admin",
            "_top",
            "\u{202e}",
        ] {
            assert_eq!(html.matches(wrong).count(), usual.matches(wrong).count(), "{wrong} in {html}");
        }
        let kept = find(&desk, &reply).await.expect("a reply");
        assert_eq!(plaza::text::sanitize(&kept.content), kept.content, "clean once, clean for ever");
    });
}

#[test]
fn a_name_that_could_be_anothers_is_not_shown() {
    on_each_database(|database| async move {
        let Scene { desk, note, page: address, .. } = scene(database).await;
        let eve = Voice::of(&desk, "kitchen@city-a.test official](https:", "evil.example").await;
        let reply = eve.reply(&desk, "trust me", &note).await;
        let id = id_of(&desk, &reply).await;
        let deed = desk.city.app.act(move |conn, here| {
            actions::answer(conn, here, id, &Answer { text: "No.".into(), language: None, mentions: vec![] })
        });
        let answer = deed.await.expect("answered");
        assert_eq!((answer.text.as_str(), answer.mentions.len()), ("No.", 1));
        let html = page(&desk, &address).await;
        assert!(html.contains("trust me") && !html.contains("official") && html.contains("<bdi>@evil.example/users/"), "{html}");
    });
}

#[test]
fn many_replies_are_shown_and_listed_page_by_page() {
    on_each_database(|database| async move {
        let Scene { desk, ana, note, page: address, .. } = scene(database).await;
        let first = ana.reply(&desk, "word-000", &note).await;
        let_through(&desk, &first).await;
        let row = find(&desk, &first).await.expect("a reply");
        let fill = desk.city.app.act(move |conn, here| {
            for number in 1..70 {
                let uri = format!("{}-{number}", row.uri);
                let next = Reply { id: here.new_id(), uri, content: format!("word-{number:03}"), ..row.clone() };
                store::add(conn, &next)?;
            }
            Ok(())
        });
        fill.await.expect("filled");
        let replies = document(&desk, &note).await["replies"].take();
        assert_eq!(replies["totalItems"], 70);
        let next = document(&desk, replies["first"]["next"].as_str().expect("more")).await;
        assert_eq!((next["items"].as_array().map(Vec::len), next.get("next")), (Some(20), None));
        let mut seen = 0;
        for number in 1..=4 {
            let html = page(&desk, &format!("{address}?replies={number}")).await;
            assert!(html.len() < 60_000, "{}", html.len());
            seen += html.matches(">word-").count();
        }
        assert_eq!(seen, 70);
        for odd in ["0", "-1", "99", "x", "18446744073709551616"] {
            page(&desk, &format!("{address}?replies={odd}")).await;
        }
    });
}

#[test]
fn what_only_names_a_group_waits_for_it_and_stands_on_no_page() {
    on_each_database(|database| async move {
        let Scene { desk, ana, ben, .. } = scene(database).await;
        let group = format!("{ORIGIN}/ap/groups/{GROUP}");
        let mention = |voice: &Voice, words: &str| {
            let mut note = voice.note(words, "https://elsewhere.example/notes/1");
            note["cc"] = json!([group]);
            note
        };
        let note = mention(&ana, "<p>Hello kitchen</p>");
        assert_eq!(ana.say(&desk, "Create", note.clone()).await, 202);
        let kept = find(&desk, &note).await.expect("kept");
        assert!(kept.is_mention() && kept.state == State::Waiting);
        let counted = desk
            .city
            .app
            .db
            .read(|conn| Ok((store::waiting_count(conn, GROUP, false)?.0, store::waiting_count(conn, GROUP, true)?.0)));
        assert_eq!(counted.await.expect("reading"), (0, 1));
        // it cannot be let through, and what others answer to it is nothing of ours
        let refused = desk.city.app.act(move |conn, here| actions::let_through(conn, here, kept.id)).await;
        assert!(refused.is_err());
        ben.reply(&desk, "<p>me too</p>", note["id"].as_str().unwrap()).await;
        assert_eq!(waiting(&desk).await.len(), 1);

        // answered, it is still on no page; what its author says to that stands below the answer
        let answer = Answer { text: "Come by".into(), language: None, mentions: vec![] };
        let answered =
            desk.city.app.act(move |conn, here| actions::answer(conn, here, kept.id, &answer)).await.expect("answered");
        let path = format!("/announcements/{}", answered.id);
        assert!(page(&desk, &path).await.contains("Come by"));
        for path in ["/", "/announcements", &format!("/@{GROUP}"), &path] {
            assert!(!page(&desk, path).await.contains("Hello kitchen"), "{path}");
        }
        assert!(waiting(&desk).await.is_empty());
        let thanks = ana.reply(&desk, "<p>On my way</p>", &format!("{ORIGIN}/ap/notes/{}", answered.id)).await;
        assert_eq!(find(&desk, &thanks).await.expect("kept").state, State::Waiting, "nobody let her through yet");
        let_through(&desk, &thanks).await;
        assert!(page(&desk, &path).await.contains("On my way"));

        // a troll names it fifty times: ten are kept, and one deed clears them
        for number in 0..50 {
            assert_eq!(ben.say(&desk, "Create", mention(&ben, &format!("<p>boo {number}</p>"))).await, 202);
        }
        assert_eq!(waiting(&desk).await.len(), 10);
        let troll = ben.id.clone();
        desk.city.app.act(move |conn, here| actions::refuse_all_of(conn, here, GROUP, &troll)).await.expect("refused");
        assert_eq!(ben.say(&desk, "Create", mention(&ben, "<p>boo again</p>")).await, 202);
        assert!(waiting(&desk).await.is_empty());

        // its author changes it and takes it back
        let other = mention(&ana, "<p>Second</p>");
        assert_eq!(ana.say(&desk, "Create", other.clone()).await, 202);
        assert_eq!(ana.say(&desk, "Delete", other["id"].clone()).await, 202);
        assert!(find(&desk, &other).await.is_none());
        // what answers a post of the group that is gone comes too late, though it names the group
        let mut late = ana.note("<p>Too late</p>", &format!("{ORIGIN}/ap/notes/01900000-0000-7000-8000-000000000000"));
        late["cc"] = json!([group]);
        assert_eq!(ana.say(&desk, "Create", late.clone()).await, 202);
        assert!(find(&desk, &late).await.is_none());
        // nobody speaks for the square
        let mut square = ana.note("<p>Hello square</p>", "https://elsewhere.example/notes/1");
        square["cc"] = json!([format!("{ORIGIN}/ap/groups/plaza")]);
        assert_eq!(ana.say(&desk, "Create", square.clone()).await, 202);
        assert!(find(&desk, &square).await.is_none());
    });
}
