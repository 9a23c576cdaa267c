//! What other software says, word for word, and what a city takes from it. `fedify_*`, `snac_*` and `siglab_*` (two signature
//! libraries) were recorded from running programs; the other documents were written by hand in the shapes their programs send.

use std::{collections::BTreeMap, fs, net::TcpListener, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use plaza::{
    actors::remote::{self, RemoteActor},
    clock::Timestamp,
    federation::{
        actor_document::{self, ActorDocument},
        signature,
    },
    follows,
    keys::RsaPrivate,
    meetings,
    net::address,
    sisters::{
        self,
        sister::{Sister, State},
    },
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::city::{City, START, on_each_database};

/// The city all of them speak to, and its group.
const ORIGIN: &str = "https://city-a.test";
const GROUP: &str = "kitchen";

fn text(name: &str) -> String {
    let path = format!("{}/tests/all/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// A request as a proxy in front of the city saw it.
#[derive(Deserialize)]
struct Recording {
    received: chrono::DateTime<chrono::Utc>,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
    /// The status it got then.
    answer: u16,
}

impl Recording {
    fn read(name: &str) -> Self {
        serde_json::from_str(&text(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    fn received(&self) -> Timestamp {
        self.received.into()
    }
}

/// A city that others know as `https://city-a.test`.
struct Desk {
    city: City,
    address: String,
    key: RsaPrivate,
}

impl Desk {
    async fn open(database: &str, now: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let city = City::called(database, listener, ORIGIN.to_owned(), now).await;
        city.group(GROUP).await;
        let key = RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("a key");
        Self { city, address, key }
    }

    /// An actor is known here, as it is after its first signed request.
    async fn knows(&self, document: ActorDocument) {
        let actor = RemoteActor::from_document(document, self.city.clock.now());
        self.city.app.act(move |conn, _| Ok(remote::save(conn, &actor)?)).await.expect("kept");
    }

    /// Our group asked to hear whom this answer comes from.
    async fn asked(&self, answer: &Value) {
        let field = |path: &str| answer.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let follow = field("/object/id").parse::<Url>().expect("the id of our Follow").path().to_owned();
        let sister =
            Sister { group: GROUP.into(), actor: field("/actor"), follow, state: State::Asked, created: self.city.clock.now() };
        self.city.app.act(move |conn, _| Ok(sisters::store::save(conn, &sister)?)).await.expect("asked");
    }

    async fn post<'a>(&self, target: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: Vec<u8>) -> u16 {
        let request = headers
            .fold(self.city.http.post(format!("{}{target}", self.address)), |request, (name, value)| request.header(name, value));
        request.body(body).send().await.expect("an answer").status().as_u16()
    }

    /// The same request again, at the time it came then.
    async fn replay(&self, recording: &Recording) -> u16 {
        self.city.advance(recording.received().since(self.city.clock.now()));
        // the length is the client's to say: a body that was changed has another
        let headers = recording.headers.iter().filter(|(name, _)| *name != "content-length");
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        self.post(&recording.target, headers, recording.body.clone().into_bytes()).await
    }

    /// An activity with a signature made here, since its author's key is not ours to have.
    async fn hand_in(&self, activity: &str, key_id: &Url) -> u16 {
        let inbox = format!("{ORIGIN}/ap/inbox").parse().expect("an address");
        let digest = signature::digest_of(activity.as_bytes());
        let signed = signature::sign_post(key_id.as_str(), &self.key, &inbox, &digest, self.city.clock.now()).expect("signed");
        let headers = signed.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
        self.post("/ap/inbox", headers, activity.as_bytes().to_vec()).await
    }

    /// Who follows the group, what became of its asking, and what it heard, the newest first.
    async fn state(&self) -> String {
        let of_group =
            self.city.app.db.read(|conn| Ok((follows::store::list(conn, GROUP)?, sisters::store::of_group(conn, GROUP)?)));
        let (followers, sisters) = of_group.await.expect("reading");
        let mut lines: Vec<String> = followers.iter().map(|follower| format!("follower {}", follower.handle)).collect();
        lines.extend(sisters.iter().map(|sister| format!("sister {}", sister.state.name())));
        lines.extend(self.city.heard(GROUP).await.iter().map(|heard| {
            let cancelled = if heard.cancelled { " cancelled" } else { "" };
            let title = heard.title.as_deref().map(|title| format!(" {title:?}")).unwrap_or_default();
            format!("{}{title}{cancelled} {}", heard.kind, heard.content)
        }));
        lines.join(" | ")
    }
}

/// Sends what one program sent, one after the other; after each, the city is as the table says.
async fn replay(database: &str, program: &str, table: &[(&str, &str)]) {
    let recordings: Vec<Recording> = table.iter().map(|(name, _)| Recording::read(&format!("{program}_{name}"))).collect();
    let first = recordings.first().expect("something was recorded").received();
    let desk = Desk::open(database, first).await;
    let document: Value = serde_json::from_str(&text(&format!("{program}_actor"))).expect("JSON");
    desk.knows(actor_document::read(&document).expect("an actor")).await;
    desk.asked(&serde_json::from_str(&Recording::read(&format!("{program}_accept")).body).expect("JSON")).await;
    for ((name, after), recording) in table.iter().zip(&recordings) {
        assert_eq!(desk.replay(recording).await, recording.answer, "{program}_{name}");
        assert_eq!(desk.state().await, *after, "after {program}_{name}");
    }
}

#[test]
fn what_fedify_sent_is_understood() {
    const FRED: &str = "follower @fred@fedify.test";
    let note = "sister accepted | Note <p>Hello world</p>";
    let edited = "sister accepted | Note <p>Edited</p>";
    let event = r#"sister accepted | Event "Fest" <p>An event</p> | Note <p>Edited</p>"#;
    let reply = r#"sister accepted | Note <p>a reply</p> | Event "Fest" <p>An event</p> | Note <p>Edited</p>"#;
    let followed = |heard: &str| format!("{FRED} | {heard}");
    let table = [
        ("accept_rfc9421", "sister asked".to_owned()),
        ("accept", "sister accepted".to_owned()),
        ("follow", followed("sister accepted")),
        ("create_note", followed(note)),
        ("update_note", followed(edited)),
        ("create_second_note", followed("sister accepted | Note gone | Note <p>Edited</p>")),
        ("delete_note", followed(edited)),
        ("create_event", followed(event)),
        ("like", followed(event)),
        ("emoji_react", followed(event)),
        ("announce", followed(event)),
        ("create_reply", followed(reply)),
        ("undo", reply.to_owned()),
        ("follow_again", followed(reply)),
        ("undo_by_id", reply.to_owned()),
        ("follow_once_more", followed(reply)),
        ("block", reply.to_owned()),
        ("update_actor", reply.to_owned()),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(name, after)| (*name, after.as_str())).collect();
    on_each_database(|database| replay(database, "fedify", &table));
}

#[test]
fn what_snac_sent_is_understood() {
    const HELLO: &str = r#"Hello from snac, see <a href="https://example.org/" rel="nofollow noopener noreferrer">https://example.org</a> bold <a href="https://snac.test/?t=tag" class="mention hashtag" rel="nofollow noopener noreferrer">#tag</a><br>"#;
    const HI: &str = r#"Hi <span class="h-card"><a href="https://city-a.test/ap/groups/kitchen" class="u-url mention" rel="nofollow noopener noreferrer">@kitchen@city-a.test</a></span><br>"#;
    let followed = |heard: &str| format!("follower @sam@snac.test | sister {heard}");
    let hello = format!("accepted | Note {HELLO}");
    let three = format!("accepted | Note {HELLO} | Note {HI} | Note unlisted one<br>");
    let edited = format!("accepted | Note Edited in snac<br> | Note {HI} | Note unlisted one<br>");
    let two = "accepted | Note Edited in snac<br> | Note unlisted one<br>";
    let reply = format!("accepted | Note replying to you<br> | {}", two.trim_start_matches("accepted | "));
    let table = [
        ("follow", followed("asked")),
        ("undo_announce", followed("asked")),
        ("undo", "sister asked".to_owned()),
        ("follow_again", followed("asked")),
        ("accept", followed("accepted")),
        ("create_note", followed(&hello)),
        ("create_mention", followed(&format!("{hello} | Note {HI}"))),
        ("create_unlisted", followed(&three)),
        ("create_direct", followed(&three)),
        ("announce", followed(&three)),
        ("update_note", followed(&edited)),
        ("delete_note", followed(two)),
        ("like", followed(two)),
        ("create_reply", followed(&reply)),
        ("update_actor", followed(&reply)),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(name, after)| (*name, after.as_str())).collect();
    on_each_database(|database| replay(database, "snac", &table));
}

#[test]
fn what_the_signature_lab_sent_is_taken_when_it_is_right_and_only_then() {
    let vera = "follower @vera@verify.test | sister asked";
    let table = [
        ("bad_signature", "sister asked"),
        ("bad_digest", "sister asked"),
        ("old_date", "sister asked"),
        ("no_digest", "sister asked"),
        ("rfc9421", "sister asked"),
        ("follow", vera),
        ("accept", "follower @vera@verify.test | sister accepted"),
    ];
    on_each_database(|database| replay(database, "siglab", &table));
}

/// The same body under a signature that was made for it, changed in one place: nothing of it is believed.
#[test]
fn a_recorded_request_that_was_tampered_with_is_refused() {
    on_each_database(|database| async move {
        let recording = Recording::read("snac_follow");
        let desk = Desk::open(database, recording.received()).await;
        let document: Value = serde_json::from_str(&text("snac_actor")).expect("JSON");
        desk.knows(actor_document::read(&document).expect("an actor")).await;
        let with = |change: &dyn Fn(&mut Recording)| {
            let mut changed = Recording::read("snac_follow");
            change(&mut changed);
            changed
        };
        let header = |name: &'static str, value: &'static str| {
            move |recording: &mut Recording| {
                recording.headers.insert(name.to_owned(), value.to_owned());
            }
        };
        let later = |recording: &mut Recording| recording.received += Duration::from_secs(2 * 3_600);
        for (changed, answer) in [
            (with(&|recording| recording.body.push(' ')), 401),
            (with(&|recording| recording.target = "/ap/groups/kitchen/inbox".into()), 401),
            (with(&header("host", "city-b.test")), 421),
            (with(&header("date", "Mon, 23 Nov 2026 07:01:42 GMT")), 401),
            (with(&header("digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")), 401),
            (with(&header("authorization", "Bearer x")), 401),
            (with(&header("content-type", "application/json")), 415),
            (with(&later), 401),
        ] {
            assert_eq!(desk.replay(&changed).await, answer, "{:?} {}", changed.headers, changed.target);
        }
        assert_eq!(desk.state().await, "");
    });
}

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
fn with_key(name: &str, key: &RsaPrivate) -> String {
    let escaped = |pem: &str| pem.replace('\n', "\\n");
    text(name).replace("<<SPKI>>", &escaped(key.public_pem())).replace("<<PKCS#1>>", &escaped(&as_pkcs1(key.public_pem())))
}

fn actor(name: &str, key: &RsaPrivate) -> Value {
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
    ];
    for (name, kind, handle, shown, key_id, shared) in table {
        let read = actor_document::read(&actor(name, &key)).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((read.kind.as_str(), read.handle.as_str()), (kind, handle), "{name}");
        assert_eq!(read.name.as_deref().unwrap_or_default(), shown, "{name}");
        let [only] = read.keys.as_slice() else { panic!("{name} has {} keys", read.keys.len()) };
        assert_eq!(only.id.as_str().strip_prefix(read.id.as_str()), Some(key_id), "{name}");
        assert!(only.key.to_spki_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"), "{name}");
        assert!(read.inbox.as_str().starts_with(read.id.as_str()), "{name}");
        let shared_inbox = read.shared_inbox.as_ref().map(Url::path).unwrap_or_default();
        assert_eq!(shared_inbox, shared, "{name}");
    }
    let fedify = actor_document::read(&actor("fedify_actor", &key)).expect("an actor");
    assert_eq!(fedify.assertion_keys.len(), 1, "of its two multikeys one is Ed25519");
    let stub = actor_document::read(&actor("gotosocial_stub_actor", &key));
    assert!(stub.is_err(), "a key's stub has no inbox: the actor itself must be asked");
}

#[test]
fn the_answers_of_webfinger_name_the_actors_that_gave_them() {
    for program in ["fedify", "snac", "siglab"] {
        let answer: Value = serde_json::from_str(&text(&format!("{program}_webfinger"))).expect("JSON");
        let document: Value = serde_json::from_str(&text(&format!("{program}_actor"))).expect("JSON");
        let links = answer["links"].as_array().expect("links");
        let own = links.iter().find(|link| link["rel"] == "self" && link["type"] == "application/activity+json");
        assert_eq!(own.expect("a link to itself")["href"], document["id"], "{program}");
    }
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
        ("create_question", 202, format!("{ALICE} | Question <p>Which soup?</p>")),
        ("vote", 202, format!("{ALICE} | Question <p>Which soup?</p>")),
        ("flag", 202, format!("{ALICE} | Question <p>Which soup?</p>")),
        ("update_actor", 202, format!("{ALICE} | Question <p>Which soup?</p>")),
        ("block", 202, "sister accepted | Question <p>Which soup?</p>".to_owned()),
        ("follow", 202, format!("{ALICE} | Question <p>Which soup?</p>")),
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
fn a_join_is_answered_that_we_do_not_count() {
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
        let answer = said.iter().find(|said| said["type"] == "Ignore").expect("an answer");
        assert_eq!(answer["object"]["id"], serde_json::from_str::<Value>(&join).expect("JSON")["id"]);
        assert_eq!(answer["object"]["object"], event);
    });
}

/// Terms of ActivityStreams and of the security vocabulary, which our context takes from there.
const WORDS_OF_OTHERS: [&str; 49] = [
    "@context",
    "id",
    "type",
    "actor",
    "object",
    "to",
    "cc",
    "published",
    "updated",
    "attributedTo",
    "audience",
    "name",
    "summary",
    "content",
    "contentMap",
    "mediaType",
    "url",
    "startTime",
    "endTime",
    "location",
    "latitude",
    "longitude",
    "attachment",
    "tag",
    "replies",
    "first",
    "partOf",
    "items",
    "orderedItems",
    "totalItems",
    "href",
    "icon",
    "image",
    "inbox",
    "outbox",
    "followers",
    "following",
    "endpoints",
    "sharedInbox",
    "preferredUsername",
    "inReplyTo",
    "formerType",
    "deleted",
    "width",
    "height",
    "next",
    "publicKey",
    "owner",
    "publicKeyPem",
];

/// Whoever reads JSON-LD loses every word that no context defines.
fn undefined(document: &Value, context: &str) -> Vec<String> {
    match document {
        Value::Array(list) => list.iter().flat_map(|item| undefined(item, context)).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(word, value)| {
                let defined = WORDS_OF_OTHERS.contains(&word.as_str())
                    || word.split_once(':').is_some_and(|(prefix, _)| context.contains(&format!("\"{prefix}\"")))
                    || context.contains(&format!("\"{word}\""));
                let below = if matches!(word.as_str(), "@context" | "contentMap") { vec![] } else { undefined(value, context) };
                (!defined).then(|| word.clone()).into_iter().chain(below).collect::<Vec<_>>()
            })
            .collect(),
        _ => vec![],
    }
}

#[test]
fn every_word_we_say_is_defined() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group(GROUP).await;
        let meeting = city.meeting(GROUP, "Weekly meeting").await;
        city.announce(GROUP, "We need *pots* #soup").await;
        let id = meeting.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        let event = format!("/ap/events/{id}");
        for path in [
            "/ap/instance",
            "/ap/groups/kitchen",
            "/ap/groups/kitchen/outbox",
            "/ap/groups/kitchen/outbox?page=1",
            "/ap/groups/kitchen/upcoming",
            "/ap/groups/kitchen/featured",
            "/ap/groups/kitchen/followers",
            &event,
        ] {
            let document = city.document(path).await;
            let context = document["@context"].to_string();
            assert_eq!(undefined(&document, &context), Vec::<String>::new(), "{path}");
        }
        assert_eq!(undefined(&serde_json::json!({ "name": [{ "nobodysWord": 1 }] }), "[]"), ["nobodysWord"]);
    });
}

/// Every activity of the city.
fn said(conn: &mut plaza::db::Conn) -> diesel::QueryResult<Vec<Value>> {
    use diesel::{QueryDsl, RunQueryDsl};
    use plaza::db::schema::activities;
    let bodies: Vec<String> = activities::table.select(activities::body).load(conn)?;
    Ok(bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect())
}
