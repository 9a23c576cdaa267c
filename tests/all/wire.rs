//! What other software said, word for word: requests of Fedify, of snac and of two signature libraries (`siglab`), recorded as
//! they came; and what a city takes from them.

use std::{collections::BTreeMap, fs, net::TcpListener, time::Duration};

use plaza::{
    actors::remote::{self, RemoteActor},
    clock::Timestamp,
    federation::{
        actor_document::{self, ActorDocument},
        signature::{self, Scheme},
    },
    follows,
    keys::RsaPrivate,
    sisters::{
        self,
        sister::{Sister, State},
    },
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

/// The city all of them speak to, and its group.
pub const ORIGIN: &str = "https://city-a.test";
pub const GROUP: &str = "kitchen";

pub fn text(name: &str) -> String {
    let path = format!("{}/tests/all/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// A request as a proxy in front of the city saw it.
#[derive(Deserialize)]
pub struct Recording {
    received: chrono::DateTime<chrono::Utc>,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
    /// The status it got then.
    pub answer: u16,
}

impl Recording {
    fn read(name: &str) -> Self {
        serde_json::from_str(&text(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    pub fn received(&self) -> Timestamp {
        self.received.into()
    }
}

/// A city that others know as `https://city-a.test`.
pub struct Desk {
    pub city: City,
    address: String,
    /// What documents without a key of their own are signed with.
    pub key: RsaPrivate,
}

impl Desk {
    pub async fn open(database: &str, now: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let city = City::called(database, listener, ORIGIN.to_owned(), now).await;
        city.group(GROUP).await;
        let key = RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("a key");
        Self { city, address, key }
    }

    /// An actor is known here, as it is after its first signed request.
    pub async fn knows(&self, document: ActorDocument) {
        let actor = RemoteActor::from_document(document, self.city.clock.now());
        self.city.app.act(move |conn, _| Ok(remote::save(conn, &actor)?)).await.expect("kept");
    }

    /// Our group asked to hear whom this answer comes from.
    pub async fn asked(&self, answer: &Value) {
        let field = |path: &str| answer.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let follow = field("/object/id").parse::<Url>().expect("the id of our Follow").path().to_owned();
        let sister = Sister {
            group: GROUP.into(),
            actor: field("/actor"),
            follow,
            state: State::Asked,
            created: self.city.clock.now(),
            policy: Default::default(),
        };
        self.city.app.act(move |conn, _| Ok(sisters::store::save(conn, &sister)?)).await.expect("asked");
    }

    async fn post<'a>(&self, target: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: Vec<u8>) -> u16 {
        let request = headers
            .fold(self.city.http.post(format!("{}{target}", self.address)), |request, (name, value)| request.header(name, value));
        request.body(body).send().await.expect("an answer").status().as_u16()
    }

    /// The same request again, at the time it came then.
    pub async fn replay(&self, recording: &Recording) -> u16 {
        self.city.advance(recording.received().since(self.city.clock.now()));
        // the length is the client's to say: a body that was changed has another
        let headers = recording.headers.iter().filter(|(name, _)| *name != "content-length");
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        self.post(&recording.target, headers, recording.body.clone().into_bytes()).await
    }

    /// What the city answers at a path, asked by its own name.
    pub async fn get(&self, path: &str, accept: &str) -> reqwest::Response {
        let host = ORIGIN.trim_start_matches("https://");
        let request = self.city.http.get(format!("{}{path}", self.address)).header("host", host).header("accept", accept);
        request.send().await.expect("an answer")
    }

    /// A page as somebody sees it who is signed in, or sends a form to it.
    pub async fn page(&self, who: &Phone, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
        let address = format!("{}{path}", self.address);
        let request = match form {
            None => self.city.http.get(address),
            Some(fields) => {
                let fields = fields.iter().copied().chain([("csrf", who.csrf.as_str())]);
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                self.city.http.post(address).header("content-type", "application/x-www-form-urlencoded").body(body)
            }
        };
        let cookie = who.cookie.as_deref().map(|cookie| format!("__Host-{cookie}")).unwrap_or_default();
        let request = request.header("host", ORIGIN.trim_start_matches("https://")).header("cookie", cookie);
        let answer = request.header("accept", "text/html").send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// An activity with a signature made here, since its author's key is not ours to have.
    pub async fn hand_in(&self, activity: &str, key_id: &Url) -> u16 {
        let inbox = format!("{ORIGIN}/ap/inbox").parse().expect("an address");
        let digest = signature::BodyDigest::of(activity.as_bytes());
        let signed = signature::sign_post(Scheme::Cavage, key_id.as_str(), &self.key, &inbox, &digest, self.city.clock.now())
            .expect("signed");
        let headers = signed.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
        self.post("/ap/inbox", headers, activity.as_bytes().to_vec()).await
    }

    /// Who follows the group, what became of its asking, and what it heard, the newest first.
    pub async fn state(&self) -> String {
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
        ("accept_rfc9421", "sister accepted".to_owned()),
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
        // who wants nothing to do with us is not heard either
        ("block", String::new()),
        ("update_actor", String::new()),
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
        ("rfc9421", vera),
        ("follow", vera),
        ("accept", "follower @vera@verify.test | sister accepted"),
    ];
    on_each_database(|database| replay(database, "siglab", &table));
}

/// Requests under RFC 9421 and the actor who sent them, with what was right or wrong in each.
#[derive(Deserialize)]
struct Table {
    actor: Value,
    requests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    what: String,
    #[serde(flatten)]
    recording: Recording,
}

/// Sends all of a table; gives back what was sent and how it was answered.
async fn replay_table(database: &str, name: &str) -> (Desk, Vec<(String, u16, u16)>) {
    let mut table: Table = serde_json::from_str(&text(name)).expect("a table");
    // a clock does not go back
    table.requests.sort_by_key(|entry| entry.recording.received);
    let desk = Desk::open(database, table.requests[0].recording.received()).await;
    desk.knows(actor_document::read(&table.actor).expect("an actor")).await;
    if let Some(accept) = table.requests.iter().find(|entry| entry.what == "Accept") {
        desk.asked(&serde_json::from_str(&accept.recording.body).expect("JSON")).await;
    }
    let mut answers = Vec::new();
    for Entry { what, recording } in table.requests {
        answers.push((what, recording.answer, desk.replay(&recording).await));
    }
    (desk, answers)
}

/// Every good and every tampered request of a library that is not ours.
#[test]
fn the_signature_lab_is_taken_under_rfc_9421_when_it_is_right_and_only_then() {
    on_each_database(|database| async move {
        let (desk, answers) = replay_table(database, "siglab_rfc9421_table").await;
        assert_eq!(answers.len(), 29);
        for (what, then, now) in answers {
            assert_eq!(now, then, "{what}");
            assert_eq!(now == 202, what.starts_with("good"), "{what}");
        }
        assert_eq!(desk.state().await, "follower @vera@verify.test");
    });
}

/// Its first knock is RFC 9421: no second one is needed.
#[test]
fn fedify_is_taken_at_its_first_knock() {
    on_each_database(|database| async move {
        let (desk, answers) = replay_table(database, "fedify_rfc9421_table").await;
        assert_eq!(answers.iter().map(|(_, _, now)| *now).collect::<Vec<_>>(), [202; 4], "{answers:?}");
        let state = desk.state().await;
        let heard = r#"follower @fred@fedify.test | sister accepted | Event "Fest" <p>An event</p> | Note Hello world"#;
        assert_eq!(state, heard);
    });
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
