//! Documents written by hand in the shapes that Mastodon, GoToSocial, Mobilizon, Pleroma, Misskey and Lemmy send, signed here;
//! and the actors of every kind of server.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use plaza::{federation::actor_document, keys::RsaPrivate, net::address};
use serde_json::Value;
use url::Url;

use crate::{
    city::{START, on_each_database},
    wire::{Desk, GROUP, ORIGIN, text},
};

/// A key in the form that Mobilizon publishes: PKCS#1, with blank lines behind it.
fn as_pkcs1(spki_pem: &str) -> String {
    /// `SubjectPublicKeyInfo` of a key of 2048 bits has this many bytes before the key itself.
    const HEAD: usize = 24;
    let der = STANDARD.decode(spki_pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).expect("base64");
    let lines: Vec<String> =
        STANDARD.encode(&der[HEAD..]).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n\n", lines.join("\n"))
}

/// A document, with this key where it names one.
pub fn with_key(name: &str, key: &RsaPrivate) -> String {
    let escaped = |pem: &str| pem.replace('\n', "\\n");
    text(name).replace("<<SPKI>>", &escaped(key.public_pem())).replace("<<PKCS#1>>", &escaped(&as_pkcs1(key.public_pem())))
}

pub fn actor(name: &str, key: &RsaPrivate) -> Value {
    serde_json::from_str(&with_key(name, key)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

#[test]
fn actors_of_every_kind_of_server_are_read() {
    let key = RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("a key");
    // document, type, handle, name, key id and shared inbox, the last two without the actor's id and its server
    let table = [
        ("fedify_actor", "Person", "fred", "Fred Fedify", "#main-key", "/inbox"),
        ("snac_actor", "Person", "sam", "Sam Snac", "#main-key", ""),
        ("siglab_actor", "Person", "vera", "Vera", "#main-key", ""),
        ("mastodon_actor", "Person", "alice", "Alice 🌻", "#main-key", "/inbox"),
        ("gotosocial_actor", "Person", "gus", "Gus", "/main-key", ""),
        ("mobilizon_actor", "Person", "bob", "Bob", "#main-key", "/inbox"),
        ("mobilizon_group_actor", "Group", "cooks", "Cooks", "#main-key", "/inbox"),
        ("pleroma_actor", "Person", "pat", "Pat", "#main-key", "/inbox"),
        ("misskey_actor", "Person", "kei", "", "#main-key", "/inbox"),
        ("lemmy_actor", "Person", "lou", "Lou", "#main-key", "/inbox"),
        ("lemmy_community_actor", "Group", "cooks", "Cooks", "#main-key", "/inbox"),
        ("friendica_actor", "Person", "frida", "Frida", "#main-key", "/inbox"),
    ];
    for (name, kind, handle, shown, key_id, shared) in table {
        let read = actor_document::read(&actor(name, &key)).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((read.kind.as_str(), read.handle.as_str()), (kind, handle), "{name}");
        assert_eq!(read.name.as_deref().unwrap_or_default(), shown, "{name}");
        let [only] = read.keys.as_slice() else { panic!("{name} has {} keys", read.keys.len()) };
        assert_eq!(only.id.as_str().strip_prefix(read.id.as_str()), Some(key_id), "{name}");
        assert!(only.key.to_spki_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"), "{name}");
        // Friendica's stands beside the profile
        let beside = read.inbox.origin() == read.id.origin() && read.inbox.path().contains(handle);
        assert!(beside || read.inbox.as_str().starts_with(read.id.as_str()), "{name}");
        let shared_inbox = read.shared_inbox.as_ref().map(Url::path).unwrap_or_default();
        assert_eq!(shared_inbox, shared, "{name}");
    }
    let fedify = actor_document::read(&actor("fedify_actor", &key)).expect("an actor");
    assert_eq!(fedify.assertion_keys.len(), 1, "of its two multikeys one is Ed25519");
    let stub = actor_document::read(&actor("gotosocial_stub_actor", &key));
    assert!(stub.is_err(), "a key's stub has no inbox: the actor itself must be asked");
}

/// Hands in what a program sends, each document by the actor it names; after each, the city is as the table says.
async fn hand_in(database: &str, program: &str, actors: &[&str], table: &[(&str, u16, &str)]) {
    let desk = Desk::open(database, START).await;
    let mut key_ids = BTreeMap::new();
    for name in actors {
        let document = actor_document::read(&actor(name, &desk.key)).unwrap_or_else(|why| panic!("{name}: {why}"));
        key_ids.insert(document.id.clone(), document.keys.first().expect("a key").id.clone());
        desk.knows(document).await;
    }
    desk.asked(&serde_json::from_str(&text(&format!("{program}_accept"))).expect("JSON")).await;
    for (name, answer, after) in table {
        let activity = with_key(&format!("{program}_{name}"), &desk.key);
        let value: Value = serde_json::from_str(&activity).expect("JSON");
        let author = value["actor"].as_str().and_then(|actor| address::parse(actor).ok()).expect("an actor");
        assert_eq!(desk.hand_in(&activity, &key_ids[&author]).await, *answer, "{program}_{name}");
        assert_eq!(desk.state().await, *after, "after {program}_{name}");
        // the same document signed again a moment later has another signature
        desk.city.advance(Duration::from_secs(1));
    }
}

#[test]
fn what_mastodon_sends_is_understood() {
    const ALICE: &str = "follower @alice@mastodon.example | sister accepted";
    let soup = r#"Note <p>Soup for all <a href="https://mastodon.example/tags/soup" class="mention hashtag" rel="nofollow noopener noreferrer">#<span>soup</span></a></p>"#;
    let table = [
        ("follow", 202, "follower @alice@mastodon.example | sister asked".to_owned()),
        ("follow", 202, "follower @alice@mastodon.example | sister asked".to_owned()),
        ("undo", 202, "sister asked".to_owned()),
        ("undo", 202, "sister asked".to_owned()),
        ("accept", 202, "sister accepted".to_owned()),
        ("follow", 202, ALICE.to_owned()),
        ("create_note", 202, format!("{ALICE} | {soup}")),
        ("create_private_note", 202, format!("{ALICE} | {soup}")),
        ("update_note", 202, format!("{ALICE} | Note <p>Soup for everyone</p>")),
        ("create_note", 202, format!("{ALICE} | Note <p>Soup for everyone</p>")),
        ("delete_note", 202, ALICE.to_owned()),
        ("create_question", 202, format!("{ALICE} | Question <p>Which soup?</p><ul><li>Leek</li><li>Lentil</li></ul>")),
        ("vote", 202, format!("{ALICE} | Question <p>Which soup?</p><ul><li>Leek</li><li>Lentil</li></ul>")),
        ("flag", 202, format!("{ALICE} | Question <p>Which soup?</p><ul><li>Leek</li><li>Lentil</li></ul>")),
        ("update_actor", 202, format!("{ALICE} | Question <p>Which soup?</p><ul><li>Leek</li><li>Lentil</li></ul>")),
        // who wants nothing to do with us is not heard either
        ("block", 202, String::new()),
        ("follow", 202, "follower @alice@mastodon.example".to_owned()),
        ("delete_actor", 202, String::new()),
    ];
    let table: Vec<(&str, u16, &str)> = table.iter().map(|(name, answer, after)| (*name, *answer, after.as_str())).collect();
    on_each_database(|database| hand_in(database, "mastodon", &["mastodon_actor"], &table));
}

#[test]
fn what_gotosocial_sends_is_understood() {
    const GUS: &str = "follower @gus@gts.example | sister accepted";
    let note = format!("{GUS} | Note <p>Bread at <em>seven</em></p>");
    let table = [
        ("accept", 202, "sister accepted"),
        ("follow", 202, GUS),
        ("create_note", 202, &note),
        ("votes", 202, &note),
        ("delete_note", 202, GUS),
        ("undo", 202, "sister accepted"),
    ];
    on_each_database(|database| hand_in(database, "gotosocial", &["gotosocial_actor"], &table));
}

#[test]
fn what_mobilizon_sends_is_understood() {
    const BOB: &str = "follower @bob@mobilizon.example | sister accepted";
    let event = format!(r#"{BOB} | Event "Street kitchen" <p>We cook</p>"#);
    let cancelled = format!(r#"{BOB} | Event "Street kitchen" cancelled <p>We cook</p>"#);
    let table = [
        ("accept", 202, "sister accepted"),
        ("follow", 202, BOB),
        ("create_event", 202, &event),
        // a member speaks for the group: its server vouches for that, we do not
        ("create_event_by_person", 403, &event),
        // under the id of the Create
        ("update_event", 202, &cancelled),
        ("delete_event", 202, BOB),
        ("undo", 202, "sister accepted"),
    ];
    on_each_database(|database| hand_in(database, "mobilizon", &["mobilizon_actor", "mobilizon_group_actor"], &table));
}

#[test]
fn what_pleroma_sends_is_understood() {
    const PAT: &str = "follower @pat@pl.example | sister accepted";
    let note = format!("{PAT} | Note Tea<br>now");
    let table = [
        ("accept", 202, "sister accepted"),
        ("follow", 202, PAT),
        ("create_note", 202, &note),
        ("emoji_react", 202, &note),
        ("chat_message", 202, &note),
        ("undo", 202, "sister accepted | Note Tea<br>now"),
    ];
    on_each_database(|database| hand_in(database, "pleroma", &["pleroma_actor"], &table));
}

#[test]
fn what_misskey_sends_is_understood() {
    const KEI: &str = "follower @kei@misskey.example | sister accepted";
    let note = format!("{KEI} | Note <p><span>Rice and </span>beans</p>");
    let table = [
        ("accept", 202, "sister accepted"),
        ("follow", 202, KEI),
        ("create_note", 202, &note),
        ("like", 202, &note),
        ("delete_note", 202, KEI),
        // one id for every Follow and every Undo between the same two
        ("undo", 202, "sister accepted"),
        ("follow", 202, KEI),
        ("undo", 202, "sister accepted"),
    ];
    on_each_database(|database| hand_in(database, "misskey", &["misskey_actor"], &table));
}

#[test]
fn what_lemmy_sends_is_understood() {
    const LOU: &str = "follower @lou@lemmy.example | sister accepted";
    let table = [
        ("accept", 202, "sister accepted"),
        ("follow", 202, LOU),
        // whom nobody here asked to hear is not kept
        ("create_page", 202, LOU),
        ("announce_create_page", 202, LOU),
        ("undo", 202, "sister accepted"),
    ];
    on_each_database(|database| hand_in(database, "lemmy", &["lemmy_actor", "lemmy_community_actor"], &table));
}

#[test]
fn a_join_of_mobilizon_is_accepted_by_its_id() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let bob = actor_document::read(&actor("mobilizon_actor", &desk.key)).expect("an actor");
        let key_id = bob.keys.first().expect("a key").id.clone();
        desk.knows(bob).await;
        let meeting = desk.city.meeting(GROUP, "Weekly meeting").await;
        let event = format!("{ORIGIN}/ap/events/{}", meeting.id);
        let join: Value = serde_json::from_str(&text("mobilizon_join")).expect("JSON");
        let join = text("mobilizon_join").replace(join["object"].as_str().expect("an event"), &event);
        assert_eq!(desk.hand_in(&join, &key_id).await, 202);
        let said = desk.city.app.db.read(|conn| Ok(said(conn)?)).await.expect("reading");
        let answer = said.iter().find(|said| said["type"] == "Accept").expect("an answer");
        assert_eq!(answer["object"]["id"], serde_json::from_str::<Value>(&join).expect("JSON")["id"]);
        assert_eq!(answer["object"]["object"], event);
    });
}

/// Every activity of the city.
fn said(conn: &mut plaza::db::Conn) -> diesel::QueryResult<Vec<Value>> {
    use diesel::{QueryDsl, RunQueryDsl};
    use plaza::db::schema::activities;
    let bodies: Vec<String> = activities::table.select(activities::body).load(conn)?;
    Ok(bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect())
}
