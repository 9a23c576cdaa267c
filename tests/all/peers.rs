//! Documents in the shapes in which many programs send them: what is read of each, and what a city makes of it. They were written
//! anew after what these programs, and the tests of others, hold; hosts end in `.example`.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use actix_web::{HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};
use plaza::{
    clock::Timestamp,
    federation::{actor_document, reading, wording},
    net::address,
    sisters::{
        self,
        sister::{Sister, State},
        wire::Said,
    },
    text,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    city::{START, on_each_database},
    replies::{PUBLIC, Voice},
    shapes::with_key,
    wire::{Desk, GROUP},
};

const PROGRAMS: [&str; 16] = [
    "akkoma",
    "bookwyrm",
    "discourse",
    "friendica",
    "gancio",
    "ghost",
    "hubzilla",
    "mastodon",
    "mitra",
    "mobilizon",
    "nodebb",
    "peertube",
    "piefed",
    "sharkey",
    "wordpress",
    "writefreely",
];

/// What one program sends.
#[derive(Deserialize)]
struct Program {
    actors: Vec<Actor>,
    said: Vec<Entry>,
}

#[derive(Deserialize)]
struct Actor {
    document: Value,
    kind: String,
    handle: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    what: String,
    activity: Value,
    /// What is read of its object; of nothing else is anything read.
    read: Option<HashMap<String, Value>>,
    #[serde(default = "taken")]
    answer: u16,
    /// Whether a city keeps it that hears its author; usual for what can be read.
    kept: Option<bool>,
}

fn taken() -> u16 {
    202
}

fn program(name: &str, desk: &Desk) -> Program {
    let text = with_key(&format!("{name}_documents"), &desk.key);
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// Everything that a table may say of what was read.
fn all_of(said: &Said, object: &Value) -> HashMap<&'static str, Value> {
    let heard = said.heard();
    let time = |time: Option<Timestamp>| time.map_or(Value::Null, |time| json!(time.rfc3339()));
    HashMap::from([
        ("author", json!(heard.actor)),
        ("kind", json!(heard.kind)),
        ("title", json!(heard.title)),
        ("content", json!(heard.content)),
        ("warning", json!(wording::warning(object))),
        ("url", json!(heard.url)),
        ("in_reply_to", json!(heard.in_reply_to)),
        ("language", json!(heard.language)),
        ("starts", time(heard.starts)),
        ("ends", time(heard.ends)),
        ("zone", json!(heard.zone)),
        ("place", json!(heard.place)),
        ("cancelled", json!(heard.cancelled)),
        ("public", json!(said.is_public())),
        ("published", time(Some(heard.published))),
    ])
}

fn same(one: &Value, other: &Value) -> bool {
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok();
    one == other || time(one).zip(time(other)).is_some_and(|(one, other)| one == other)
}

impl Desk {
    /// Our group hears this actor.
    /// Our group hears it, as if it had accepted.
    pub async fn hears_actor(&self, actor: &Url) {
        let sister = Sister {
            group: GROUP.into(),
            actor: actor.to_string(),
            follow: format!("/ap/activities/{actor}"),
            state: State::Accepted,
            created: self.city.clock.now(),
            policy: Default::default(),
        };
        self.city.app.act(move |conn, _| Ok(sisters::store::save(conn, &sister)?)).await.expect("heard");
    }

    async fn has_heard(&self, uri: &str) -> Option<sisters::sister::Heard> {
        self.city.heard(GROUP).await.into_iter().find(|heard| heard.uri == uri)
    }
}

#[test]
fn documents_of_sixteen_programs_are_read() {
    on_each_database(|database| async move {
        for name in PROGRAMS {
            let desk = Desk::open(database, START).await;
            let Program { actors, said } = program(name, &desk);
            let mut keys = HashMap::new();
            for Actor { document, kind, handle, name: shown } in actors {
                let read = actor_document::read(&document).unwrap_or_else(|why| panic!("{name}: {why}"));
                assert_eq!((&read.kind, &read.handle), (&kind, &handle), "{name}");
                assert_eq!(read.name.unwrap_or_default(), shown.unwrap_or_default(), "{name}");
                let read = actor_document::read(&document).expect("an actor");
                keys.insert(read.id.clone(), read.keys.first().unwrap_or_else(|| panic!("{name} has no key")).id.clone());
                desk.hears_actor(&read.id).await;
                desk.knows(read).await;
            }
            for entry in said {
                take(&desk, name, &keys, entry).await;
            }
        }
    });
}

async fn take(desk: &Desk, program: &str, keys: &HashMap<Url, Url>, entry: Entry) {
    let Entry { what, activity, read, answer, kept } = entry;
    let what = format!("{program}: {what}");
    let before = desk.state().await;
    let author = reading::id(&activity["actor"]).unwrap_or_else(|| panic!("{what}: no actor"));
    let answered = desk.hand_in(&activity.to_string(), &keys[&author]).await;
    assert_eq!(answered, answer, "{what}");
    let object = reading::embedded(&activity).cloned().unwrap_or_default();
    let Some(expected) = read else {
        let deleted = activity["type"] == "Delete";
        assert!(deleted || desk.state().await == before, "{what} changed something");
        if deleted {
            let uri = reading::id(&activity["object"]).expect("an object");
            assert_eq!(desk.has_heard(uri.as_str()).await, None, "{what}");
        }
        return;
    };
    let said = Said::read(&activity).unwrap_or_else(|why| panic!("{what}: {why:?}"));
    let found = all_of(&said, &object);
    for (field, value) in &expected {
        let is = found.get(field.as_str()).unwrap_or_else(|| panic!("{what}: nothing is called {field}"));
        assert!(same(is, value), "{what}: {field} is {is}, not {value}");
    }
    let heard = desk.has_heard(&said.heard().uri).await;
    assert_eq!(heard.is_some(), kept.unwrap_or(true), "{what}");
    if let Some(heard) = heard {
        assert!(heard.published <= desk.city.clock.now(), "{what}: nobody speaks from the future");
        match wording::warning(&object).filter(|_| wording::is_sensitive(&object)) {
            Some(warning) => assert_eq!((heard.title, heard.content), (Some(warning), String::new()), "{what}"),
            None => assert_eq!((&heard.title, &heard.content), (&said.heard().title, &said.heard().content), "{what}"),
        }
    }
}

/// What another server says of its things, and how often it was asked.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<HashMap<String, (u16, Value)>>>, Arc<Mutex<usize>>);

impl Shelf {
    /// At a port of its own; gives back how it is called.
    async fn open(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shelf = self.clone();
        let server = HttpServer::new(move || {
            let shelf = shelf.clone();
            let answer = move |request: HttpRequest| {
                *shelf.1.lock().unwrap() += 1;
                let (status, document) = shelf.0.lock().unwrap().get(request.path()).cloned().unwrap_or((404, Value::Null));
                let status = StatusCode::from_u16(status).unwrap();
                std::future::ready(
                    HttpResponse::build(status).content_type("application/activity+json").body(document.to_string()),
                )
            };
            actix_web::App::new().default_service(web::to(answer))
        });
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        host
    }

    fn put(&self, path: &str, status: u16, document: Value) {
        self.0.lock().unwrap().insert(path.to_owned(), (status, document));
    }

    fn asked(&self) -> usize {
        std::mem::take(&mut *self.1.lock().unwrap())
    }
}

fn page(host: &str, name: &str, updated: Option<&str>) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("http://{host}/post/1"), "type": "Page", "attributedTo": format!("http://{host}/u/lou"), "name": name,
        "content": "<p>Which one</p>", "to": [PUBLIC], "published": "2026-11-24T11:00:00Z", "updated": updated,
    })
}

/// A group's announcer, its shelf, and a desk that hears it.
async fn community(database: &str) -> (Desk, Shelf, String, Voice) {
    let desk = Desk::open(database, START).await;
    let shelf = Shelf::default();
    let host = shelf.open().await;
    let voice = Voice::called(&desk, &format!("http://{host}/c/cooks"), "cooks", &host).await;
    desk.hears_actor(&voice.id.parse().unwrap()).await;
    (desk, shelf, host, voice)
}

fn titles(heard: &[sisters::sister::Heard]) -> Vec<String> {
    heard.iter().map(|heard| heard.title.clone().unwrap_or_default()).collect()
}

#[test]
fn what_members_of_a_group_do_reaches_us_through_the_group() {
    on_each_database(|database| async move {
        let (desk, shelf, host, group) = community(database).await;
        let deed = |kind: &str, object: Value| json!({ "id": group.new_id("deeds"), "type": kind, "actor": format!("http://{host}/u/lou"), "object": object, "to": [PUBLIC] });
        shelf.put("/post/1", 200, page(&host, "Best ladle?", None));
        // what the announcer embeds is not believed: its own server is asked
        let lies = json!({ "id": format!("http://{host}/post/1"), "type": "Page", "name": "Lies", "attributedTo": group.id, "to": [PUBLIC] });
        assert_eq!(group.say(&desk, "Announce", deed("Create", lies.clone())).await, 202);
        let asked = shelf.asked();
        assert_eq!((titles(&desk.city.heard(GROUP).await), asked), (vec!["Best ladle?".into()], 2), "and who wrote it");

        for kind in ["Like", "Dislike", "Undo", "Lock", "Add", "Block"] {
            assert_eq!(group.say(&desk, "Announce", deed(kind, json!(format!("http://{host}/post/1")))).await, 202);
        }
        assert_eq!(shelf.asked(), 0, "what is between the others makes us ask nobody");

        shelf.put("/post/1", 200, page(&host, "Best ladle ever?", Some("2026-11-24T11:30:00Z")));
        assert_eq!(group.say(&desk, "Announce", deed("Update", lies)).await, 202);
        assert_eq!((titles(&desk.city.heard(GROUP).await), shelf.asked()), (vec!["Best ladle ever?".into()], 1));

        // a deletion counts when its own server agrees
        assert_eq!(group.say(&desk, "Announce", deed("Delete", json!(format!("http://{host}/post/1")))).await, 202);
        assert_eq!(titles(&desk.city.heard(GROUP).await).len(), 1);
        shelf.put("/post/1", 410, json!({ "id": format!("http://{host}/post/1"), "type": "Tombstone" }));
        assert_eq!(group.say(&desk, "Announce", deed("Delete", json!(format!("http://{host}/post/1")))).await, 202);
        assert_eq!(titles(&desk.city.heard(GROUP).await), Vec::<String>::new());
        shelf.asked();
        assert_eq!(group.say(&desk, "Announce", deed("Delete", json!(format!("http://{host}/post/2")))).await, 202);
        assert_eq!(shelf.asked(), 0, "of what was never here nobody is asked");
    });
}

/// Mobilizon's groups pass on what their members do with their events, again with every change.
#[test]
fn a_group_that_passes_its_own_event_on_again_says_that_it_changed() {
    on_each_database(|database| async move {
        let (desk, shelf, host, group) = community(database).await;
        let event = |status: &str, updated: &str| {
            json!({
                "id": format!("http://{host}/events/1"), "type": "Event", "actor": format!("http://{host}/@bob"), "attributedTo": group.id,
                "name": "Long table", "startTime": "2026-12-11T19:00:00Z", "ical:status": status, "to": [PUBLIC],
                "published": "2026-11-24T10:00:00Z", "updated": updated,
            })
        };
        let said = [("CONFIRMED", "2026-11-24T10:00:00Z", false), ("CANCELLED", "2026-11-24T10:30:00Z", true)];
        for (status, updated, cancelled) in said {
            shelf.put("/events/1", 200, event(status, updated));
            assert_eq!(group.say(&desk, "Announce", event(status, updated)).await, 202);
            let heard = desk.city.heard(GROUP).await;
            assert_eq!((heard.len(), heard[0].cancelled, shelf.asked()), (1, cancelled, 1), "{status}");
        }
        shelf.put("/events/1", 410, Value::Null);
        // another server's boost does not make us ask again
        let fan = Voice::of(&desk, "fan", "fan.example").await;
        desk.hears_actor(&fan.id.parse().unwrap()).await;
        assert_eq!(fan.say(&desk, "Announce", json!(format!("http://{host}/events/1"))).await, 202);
        assert_eq!((desk.city.heard(GROUP).await.len(), shelf.asked()), (1, 0));
        assert_eq!(group.say(&desk, "Announce", json!(format!("http://{host}/events/1"))).await, 202);
        assert_eq!((desk.city.heard(GROUP).await.len(), shelf.asked()), (0, 1));
    });
}

/// Any folder of documents that others recorded, such as the fixtures of another program; `PLAZA_FOREIGN_DOCUMENTS` names it. None
/// makes a reader panic, whatever is shown is safe, and what has an author and an id is read.
#[test]
fn documents_that_others_recorded_are_read() {
    let Ok(folder) = std::env::var("PLAZA_FOREIGN_DOCUMENTS") else { return };
    let (mut read, mut odd) = (0, Vec::new());
    each_document(Path::new(&folder), &mut |path, document| {
        let value = document.get("object").filter(|object| object.is_object()).unwrap_or(document);
        for thing in [document, value] {
            let kind = reading::kind(thing).unwrap_or_default().to_owned();
            let https = reading::id(thing).is_some_and(|id| id.scheme() == "https" && address::parse(id.as_str()).is_ok());
            match kind.as_str() {
                "Note" | "Article" | "Page" | "Event" | "Question" => {
                    match Said::read(&json!({ "type": "Create", "object": thing, "actor": document.get("actor") })) {
                        Ok(said) => {
                            read += 1;
                            assert_eq!(text::sanitize(&said.heard().content), said.heard().content, "{path}");
                            if said.heard().content.is_empty() && said.heard().title.is_none() {
                                odd.push(format!("{path}: {kind} without words"));
                            }
                            if kind == "Event" {
                                println!("{path}: {:?}", said.heard());
                            }
                        }
                        Err(why) if https => odd.push(format!("{path}: {why}")),
                        Err(_) => {}
                    }
                }
                "Person" | "Group" | "Service" | "Application" | "Organization" => match actor_document::read(thing) {
                    Ok(actor) if actor.keys.is_empty() => odd.push(format!("{path}: no key")),
                    Ok(_) => read += 1,
                    Err(why) if https => odd.push(format!("{path}: {why}")),
                    Err(_) => {}
                },
                _ => {}
            }
        }
    });
    println!("{read} read; odd:\n{}", odd.join("\n"));
    assert!(read > odd.len(), "{} read, {} not", read, odd.len());
}

fn each_document(folder: &Path, look: &mut impl FnMut(&str, &Value)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            each_document(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok(document) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap_or_default())
        {
            look(&path.display().to_string(), &document);
        }
    }
}
