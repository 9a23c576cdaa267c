//! Who may say what about whom: strangers, neighbours on the same server, and authors who go too far.

use serde_json::{Value, json};

use super::{
    letters::{activity, new_id},
    town::{Row, Same, Town, WITH_OTHERS, at_once, row},
    world::{Host, Person, Reply, key},
};
use crate::process::until;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The kitchen hears Ana, who said one thing and follows the kitchen; Ben lives on her server, Eve elsewhere.
struct Scene {
    town: Town,
    good: Host,
    _evil: Host,
    ana: Person,
    ben: Person,
    eve: Person,
    note: Value,
}

impl Scene {
    fn set() -> Self {
        let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
        let (ana, ben, eve) = (good.person("ana", key(0)), good.person("ben", key(2)), evil.person("eve", key(1)));
        for person in [&ana, &ben, &eve] {
            assert_eq!(town.send(&town.follow(person).signed().bytes()).status, 202);
        }
        town.at.json(&["sister", "add", "kitchen", &ana.id]);
        assert_eq!(town.post(&ana, &activity(&ana, "Accept", asked(&town))), 202);
        assert_eq!(town.at.json(&["sister", "list", "kitchen"])[0]["state"], "accepted");
        let mut note = public_note(&ana);
        note["updated"] = json!("2026-11-20T12:00:00Z");
        assert_eq!(town.post(&ana, &activity(&ana, "Create", note.clone())), 202);
        assert_eq!(town.count("elsewhere"), 1);
        town.settle();
        Self { town, good, _evil: evil, ana, ben, eve, note }
    }

    fn said(&self, what: &str, expected: &[u16], person: &Person, activity: Value) -> Row {
        row(what, expected, self.town.letter(person, &activity).signed().bytes())
    }

    fn note_with(&self, changes: Value) -> Value {
        let mut note = self.note.clone();
        for (name, value) in changes.as_object().expect("fields") {
            note[name] = value.clone();
        }
        note
    }
}

/// The id of the Follow that our group sent.
fn asked(town: &Town) -> Value {
    json!(format!("{}{}", town.origin, town.rows("SELECT activity AS line FROM sisters")[0]))
}

fn public_note(by: &Person) -> Value {
    json!({
        "id": new_id(by).replace("activities", "notes"),
        "type": "Note",
        "attributedTo": by.id,
        "content": "<p>We need pots</p>",
        "published": "2026-11-20T10:00:00Z",
        "to": [PUBLIC],
    })
}

#[test]
fn what_is_not_theirs_to_change() {
    let scene = Scene::set();
    let (ana, ben, eve) = (&scene.ana, &scene.ben, &scene.eve);
    let uri = scene.note["id"].clone();
    let newer = json!({ "content": "forged", "updated": "2026-11-22T12:00:00Z" });
    let mut rows = Vec::new();
    for (who, other) in [("a stranger", eve), ("a neighbour", ben)] {
        let mine = scene.note_with(json!({ "attributedTo": other.id, "content": "mine", "updated": "2026-11-22T12:00:00Z" }));
        for (what, expected, kind, object) in [
            ("changes a post", &[403][..], "Update", scene.note_with(newer.clone())),
            ("takes a post over", &[202, 403], "Update", mine.clone()),
            ("says a post again as their own", &[202, 403], "Create", mine),
            ("says a post again", &[403], "Create", scene.note_with(newer.clone())),
            ("deletes a post", &[403], "Delete", uri.clone()),
            ("deletes a post by its tombstone", &[403], "Delete", json!({ "id": uri, "type": "Tombstone" })),
            ("changes an actor", &[403], "Update", ana.document_with(json!({ "preferredUsername": "eve" }))),
            ("deletes an actor", &[202, 403], "Delete", json!(ana.id)),
            (
                "undoes a Follow",
                &[202, 403],
                "Undo",
                json!({ "type": "Follow", "actor": ana.id, "object": scene.town.group("trees") }),
            ),
            ("moves an actor", &[202, 403], "Move", json!(ana.id)),
            ("adds to a collection", &[202, 403], "Add", uri.clone()),
            ("removes from a collection", &[202, 403], "Remove", uri.clone()),
            ("accepts a question asked of another", &[202, 403], "Accept", asked(&scene.town)),
            ("refuses a question asked of another", &[202, 403], "Reject", asked(&scene.town)),
            (
                "refuses it with the question inside",
                &[202, 403],
                "Reject",
                json!({ "id": asked(&scene.town), "type": "Follow", "actor": scene.town.group("kitchen"), "object": other.id }),
            ),
            (
                "accepts what was never asked",
                &[202, 403],
                "Accept",
                json!({ "id": format!("{}/ap/activities/01900000-0000-7000-8000-000000000000", scene.town.origin), "type": "Follow", "actor": scene.town.group("kitchen"), "object": other.id }),
            ),
            (
                "accepts a Follow of their own making",
                &[202, 403],
                "Accept",
                json!({ "id": new_id(other), "type": "Follow", "actor": scene.town.group("kitchen"), "object": other.id }),
            ),
            ("says something nobody asked to hear", &[202], "Create", public_note(other)),
            (
                "changes a group of ours",
                &[403],
                "Update",
                json!({ "id": scene.town.group("kitchen"), "type": "Group", "inbox": format!("{}/inbox", scene.town.group("kitchen")) }),
            ),
            ("deletes a group of ours", &[202, 403, 404], "Delete", json!(scene.town.group("kitchen"))),
        ] {
            rows.push(scene.said(&format!("{who} {what}"), expected, other, activity(other, kind, object)));
        }
    }
    scene.town.withstands(Same::Meaning, at_once(), rows);

    // one whom we hear may not speak over another either
    scene.town.at.json(&["sister", "add", "kitchen", &ben.id]);
    scene.town.settle();
    let taken_over = scene.note_with(json!({ "attributedTo": ben.id, "updated": "2026-11-22T12:00:00Z" }));
    let rows = ["Create", "Update"].map(|kind| scene.said(kind, &[403], ben, activity(ben, kind, taken_over.clone())));
    scene.town.withstands(Same::Meaning, at_once(), rows.into());
}

#[test]
fn what_an_author_cannot_say() {
    let scene = Scene::set();
    let (ana, ben, eve) = (&scene.ana, &scene.ben, &scene.eve);
    let create = |changes: Value| {
        let mut note = public_note(ana);
        for (name, value) in changes.as_object().expect("fields") {
            note[name] = value.clone();
        }
        activity(ana, "Create", note)
    };
    let elsewhere = new_id(eve);
    let with_id = |id: &str| {
        let mut create = create(json!({}));
        create["id"] = json!(id);
        create
    };
    let followers = format!("{}/followers", ana.id);
    scene.town.withstands(
        Same::Meaning,
        at_once(),
        vec![
            scene.said(
                "gives a post to a stranger",
                &[403],
                ana,
                activity(ana, "Update", scene.note_with(json!({ "attributedTo": eve.id }))),
            ),
            scene.said(
                "gives a post to a neighbour",
                &[403],
                ana,
                activity(ana, "Update", scene.note_with(json!({ "attributedTo": ben.id }))),
            ),
            scene.said("speaks as a stranger", &[403], ana, create(json!({ "attributedTo": eve.id }))),
            scene.said("speaks as a neighbour", &[403], ana, create(json!({ "attributedTo": ben.id }))),
            scene.said("speaks as our group", &[403], ana, create(json!({ "attributedTo": scene.town.group("kitchen") }))),
            scene.said("speaks as two strangers", &[403], ana, create(json!({ "attributedTo": [eve.id, ben.id] }))),
            scene.said("puts it on another server", &[403], ana, create(json!({ "id": elsewhere }))),
            scene.said(
                "puts it on our server",
                &[403],
                ana,
                create(json!({ "id": format!("{}/ap/notes/01900000-0000-7000-8000-000000000000", scene.town.origin) })),
            ),
            scene.said("puts it on another port", &[403], ana, create(json!({ "id": "http://127.0.0.2:1/notes/1" }))),
            scene.said("puts it on https", &[403], ana, create(json!({ "id": ana.id.replace("http:", "https:") }))),
            scene.said("puts it nowhere", &[400], ana, create(json!({ "id": null }))),
            scene.said("puts it in a script", &[400], ana, create(json!({ "id": "javascript:alert(1)" }))),
            scene.said("an activity on another server", &[403], ana, with_id(&elsewhere)),
            scene.said("an activity on our server", &[403], ana, with_id(&format!("{}/ap/activities/1", scene.town.origin))),
            scene.said("an activity without an address", &[400], ana, with_id("urn:uuid:1")),
            scene.said(
                "an older version",
                &[202],
                ana,
                activity(ana, "Update", scene.note_with(json!({ "content": "old", "updated": "2026-11-19T12:00:00Z" }))),
            ),
            scene.said(
                "a version without a time",
                &[202],
                ana,
                activity(ana, "Update", scene.note_with(json!({ "content": "old", "updated": null }))),
            ),
            scene.said("for followers only", &[202], ana, create(json!({ "to": [followers], "cc": [] }))),
            scene.said("for everyone in secret", &[202], ana, create(json!({ "to": [], "bto": [PUBLIC], "audience": PUBLIC }))),
            scene.said("passes a stranger's post on", &[202], ana, activity(ana, "Announce", public_note(eve))),
            scene.said(
                "passes a private post on",
                &[202],
                ana,
                activity(
                    ana,
                    "Announce",
                    json!({ "id": new_id(eve), "type": "Note", "attributedTo": eve.id, "to": [eve.id], "content": "secret" }),
                ),
            ),
            scene.said(
                "passes a Create of a stranger on",
                &[202],
                ana,
                activity(ana, "Announce", activity(eve, "Create", public_note(eve))),
            ),
            scene.said("follows nobody", &[400], ana, activity(ana, "Follow", Value::Null)),
            scene.said("follows a stranger here", &[404], ana, activity(ana, "Follow", json!(eve.id))),
            scene.said("follows a group that is not", &[404], ana, activity(ana, "Follow", json!(scene.town.group("nobody")))),
            scene.said(
                "follows a group by a query",
                &[404],
                ana,
                activity(ana, "Follow", json!(format!("{}?x", scene.town.group("kitchen")))),
            ),
            scene.said(
                "follows a group on another port",
                &[404],
                ana,
                activity(ana, "Follow", json!("http://127.0.0.1:1/ap/groups/kitchen")),
            ),
            scene.said(
                "joins a meeting that is not",
                &[404],
                ana,
                activity(ana, "Join", json!(format!("{}/ap/events/01900000-0000-7000-8000-000000000000", scene.town.origin))),
            ),
            scene.said("likes", &[202], ana, activity(ana, "Like", json!(scene.town.group("kitchen")))),
            scene.said("does something nobody knows", &[202], ana, activity(ana, "Frobnicate", json!({ "type": "Thing" }))),
            scene.said("does something with a long name", &[202, 400], ana, activity(ana, &"X".repeat(100_000), json!("x"))),
            scene.said("updates itself without saying how", &[202, 400], ana, activity(ana, "Update", json!(ana.id))),
            scene.said(
                "moves its inbox to us",
                &[400],
                ana,
                activity(ana, "Update", ana.document_with(json!({ "inbox": format!("{}/ap/inbox", scene.town.origin) }))),
            ),
            scene.said(
                "moves its inbox to a stranger",
                &[400],
                ana,
                activity(ana, "Update", ana.document_with(json!({ "inbox": format!("{}/inbox", eve.id) }))),
            ),
        ],
    );
    // and what is right still works: her key has been held to the end
    let newer = scene.note_with(json!({ "content": "big pots", "updated": "2026-11-22T12:00:00Z" }));
    assert_eq!(scene.town.post(ana, &activity(ana, "Update", newer)), 202);
    assert_eq!(scene.town.rows("SELECT content AS line FROM elsewhere"), ["big pots"]);
}

#[test]
fn what_is_passed_on_is_read_where_it_lives() {
    let scene = Scene::set();
    let (ana, ben, eve, evil) = (&scene.ana, &scene.ben, &scene.eve, &scene._evil);
    let heard = || scene.town.at.json(&["sister", "heard", "kitchen"]);
    let announce = |person: &Person, object: Value| scene.town.post(person, &activity(person, "Announce", object));
    let at = |path: &str, author: &Person, to: &str| {
        let note = json!({
            "id": evil.url(path), "type": "Note", "attributedTo": author.id, "content": "<p>As it is there</p>",
            "published": "2026-11-20T10:00:00Z", "to": [to],
        });
        evil.reply(path, Reply::document(&note));
        note
    };

    // a stranger makes us ask nobody, however it is said
    let note = at("/n/1", eve, PUBLIC);
    assert_eq!((announce(eve, json!(note["id"])), announce(ben, note.clone())), (202, 202));
    scene.town.settle();
    assert_eq!((evil.asked("/n/1"), heard().as_array().map(Vec::len)), (0, Some(1)));

    // what Ana says of it is not believed, nor what is there and makes no sense
    let mut false_words = note.clone();
    false_words["content"] = json!("<p>As Ana has it</p>");
    assert_eq!(announce(ana, false_words), 202);
    for (path, author, to) in [("/n/2", ana, PUBLIC), ("/n/3", eve, "https://evil.example/followers")] {
        at(path, author, to);
        assert_eq!(announce(ana, json!(evil.url(path))), 202, "{path}");
    }
    evil.reply(
        "/n/4",
        Reply::document(&json!({ "id": evil.url("/n/4"), "type": "Group", "attributedTo": eve.id, "to": [PUBLIC] })),
    );
    evil.reply("/n/5", Reply::new(200, "application/activity+json", "[]"));
    for path in ["/n/4", "/n/5", "/n/6"] {
        assert_eq!(announce(ana, json!(evil.url(path))), 202, "{path}");
    }
    scene.town.settle();
    let kept = heard();
    assert_eq!(kept.as_array().map(Vec::len), Some(2), "{kept}");
    assert!(kept.to_string().contains("As it is there") && !kept.to_string().contains("As Ana has it"), "{kept}");

    // it stays Eve's, and only Ana takes back that she passed it on
    let passed = scene.town.rows("SELECT activity AS line FROM passed_on");
    assert_eq!(passed.len(), 1);
    let mut hers = note.clone();
    hers["content"] = json!("<p>Changed</p>");
    assert_eq!(scene.town.post(ana, &activity(ana, "Update", hers.clone())), 403);
    let undo = json!({ "id": passed[0], "type": "Announce", "actor": ana.id, "object": note["id"] });
    assert_eq!(scene.town.post(ben, &activity(ben, "Undo", undo.clone())), 202);
    assert_eq!(scene.town.post(eve, &activity(eve, "Update", hers)), 202);
    assert!(heard().to_string().contains("Changed"));
    assert_eq!(scene.town.post(ana, &activity(ana, "Undo", undo)), 202);
    assert_eq!((heard().as_array().map(Vec::len), scene.town.count("passed_on")), (Some(1), 0));
}

#[test]
fn an_answer_before_the_question_makes_no_sister() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
    town.settle();
    let forged = json!({ "id": format!("{}/ap/activities/1", town.origin), "type": "Follow", "actor": town.group("kitchen"), "object": ana.id });
    let rows = ["Accept", "Reject"]
        .map(|kind| row(kind, &[202], town.letter(&ana, &activity(&ana, kind, forged.clone())).signed().bytes()));
    town.withstands(Same::Meaning, at_once(), rows.into());
    assert_eq!(town.count("sisters"), 0);
}

/// A document that claims to be someone else's, or nobody's.
#[test]
fn documents_with_another_id_than_their_address() {
    let scene = Scene::set();
    let mallory = scene._evil.person("mallory", key(1));
    let claiming = |id: &str| {
        let mut document = mallory.document();
        document["id"] = json!(id);
        document["publicKey"]["owner"] = json!(id);
        document
    };
    let (evil, ana) = (&scene._evil, &scene.ana);
    let other_port = Host::open("127.0.0.3");
    let mut rows = Vec::new();
    let table: Vec<(&str, Value)> = vec![
        ("Ana's id", claiming(&ana.id)),
        ("an unknown neighbour's id", claiming(&scene.good.url("/users/carla"))),
        ("our own group's id", claiming(&scene.town.group("kitchen"))),
        (
            "no id",
            claiming("")
                .as_object()
                .map(|all| all.iter().filter(|(name, _)| *name != "id").map(|(n, v)| (n.clone(), v.clone())).collect())
                .unwrap_or_default(),
        ),
        ("an id that is a number", mallory.document_with(json!({ "id": 7 }))),
        ("an id that is a list", mallory.document_with(json!({ "id": [ana.id] }))),
        ("an empty id", claiming("")),
        ("no address", claiming("mallory")),
        ("another port", claiming(&other_port.url("/users/mallory"))),
        ("another path", claiming(&format!("{}/", mallory.id))),
        ("other letters", claiming(&mallory.id.replace("mallory", "MALLORY"))),
        ("a user's name", claiming(&mallory.id.replace("http://", &format!("http://{}@", "127.0.0.2")))),
        ("no actor", json!({ "id": mallory.id, "type": "Note", "content": "x" })),
        ("a list", json!([mallory.document()])),
        ("null", Value::Null),
    ];
    for (number, (what, document)) in table.into_iter().enumerate() {
        let path = format!("/users/mallory{number}");
        let place = |value: &Value| {
            serde_json::from_str(&value.to_string().replace(&format!("{}\"", mallory.id), &format!("{}\"", evil.url(&path))))
                .expect("JSON")
        };
        let document: Value = if what == "no actor" { place(&document) } else { document };
        evil.reply(&path, Reply::document(&document));
        let mut someone = mallory.clone();
        (someone.id, someone.key_id) = (evil.url(&path), evil.url(&format!("{path}#main-key")));
        rows.push(row(what, &[401], scene.town.follow(&someone).signed().bytes()));
    }
    scene.town.withstands(Same::Everything, WITH_OTHERS, rows);
}

#[test]
fn documents_that_are_not_said_to_be_activities() {
    let (town, evil) = (Town::open(), Host::open("127.0.0.3"));
    let profile = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;
    let person = |name: &str, reply: &dyn Fn(&Person) -> Reply| {
        let person = evil.person(name, key(1));
        evil.reply(&format!("/users/{name}"), reply(&person));
        person
    };
    let mut rows = Vec::new();
    for (number, kind) in [
        "text/html",
        "application/json",
        "image/png",
        "text/plain",
        "",
        "application/activity+json;",
        "application/activity+json; garbage",
        "application/activity+json; charset=utf-16",
        "application/activity+json, text/html",
        "application/activity+jsonx",
        "application/ld+json",
        r#"application/ld+json; profile="https://www.w3.org/ns/did""#,
        "multipart/form-data; boundary=x",
    ]
    .iter()
    .enumerate()
    {
        let someone = person(&format!("p{number}"), &|person| Reply::new(200, kind, person.document().to_string()));
        rows.push(row(*kind, &[401], town.follow(&someone).signed().bytes()));
    }
    let whole = |person: &Person, status: u16| Reply::new(status, super::world::ACTIVITY_JSON, person.document().to_string());
    type Answering<'a> = &'a dyn Fn(&Person) -> Reply;
    let odd: [(&str, Answering<'_>); 7] = [
        ("two types", &|person| whole(person, 200).with("Content-Type", "text/html")),
        ("no type", &|person| match whole(person, 200) {
            Reply::Whole { status, body, .. } => Reply::Whole { status, headers: vec![], body },
            other => other,
        }),
        ("404 with a document", &|person| whole(person, 404)),
        ("403 with a document", &|person| whole(person, 403)),
        ("202 with a document", &|person| whole(person, 202)),
        ("206 with a document", &|person| whole(person, 206)),
        ("not JSON", &|_| Reply::new(200, super::world::ACTIVITY_JSON, "<html>")),
    ];
    for (number, (what, reply)) in odd.iter().enumerate() {
        let someone = person(&format!("q{number}"), *reply);
        rows.push(row(*what, &[401], town.follow(&someone).signed().bytes()));
    }
    town.withstands(Same::Everything, WITH_OTHERS, rows);
    for (number, kind) in [profile, "Application/Activity+JSON; Charset=UTF-8"].iter().enumerate() {
        let someone = person(&format!("r{number}"), &|person| Reply::new(200, kind, person.document().to_string()));
        assert_eq!(town.send(&town.follow(&someone).signed().bytes()).status, 202, "{kind}");
    }
    assert_eq!(town.count("remote_actors"), 2);
}

/// Blocked is blocked, however it is written, whoever is asked, and before anybody is asked.
#[test]
fn whoever_is_blocked_is_not_heard() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (ana, eve) = (good.person("ana", key(0)), evil.person("eve", key(1)));
    assert_eq!(town.send(&town.follow(&eve).signed().bytes()).status, 202);
    town.settle();
    for target in ["127.0.0.3", "troll.example", "xn--xample-9ua.org", &good.url("/users/ben")] {
        town.at.json(&["block", target]);
    }
    assert_eq!(town.count("follows"), 0);
    let questions = evil.questions();
    let at = |host: &str| {
        let mut person = eve.clone();
        person.id = format!("{host}/users/x");
        person.key_id = format!("{}#main-key", person.id);
        person
    };
    let mut rows = vec![
        row("known before", &[403], town.follow(&eve).signed().bytes()),
        row("unknown", &[403], town.follow(&evil.person("mallory", key(1))).signed().bytes()),
        row("one actor of a host", &[403], town.follow(&good.person("ben", key(2))).signed().bytes()),
    ];
    for host in [
        "https://troll.example",
        "https://TROLL.Example",
        "https://troll.example.",
        "https://troll.example:443",
        "https://troll.example:8443",
        "http://troll.example",
        "https://deep.sub.troll.example",
        "https://%74roll.example",
        "https://%C3%A9xample.org",
        "https://XN--XAMPLE-9UA.org",
        "http://127.0.0.3",
        "http://2130706435",
        "http://0x7f.3",
    ] {
        let someone = at(host);
        rows.push(row(
            host,
            &[403],
            town.letter(&someone, &activity(&someone, "Follow", json!(town.group("kitchen")))).signed().bytes(),
        ));
    }
    town.withstands(Same::Everything, at_once(), rows);
    assert_eq!(evil.questions(), questions, "nobody who is blocked is asked");
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202, "a neighbour of a blocked actor is free");
    until("an answer", || town.count("deliveries") == 0);
}

/// Neither heard nor spoken to: what named them before does not reach them any more either.
#[test]
fn whoever_is_blocked_is_not_reached() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (ana, ben, eve) = (good.person("ana", key(0)), good.person("ben", key(2)), evil.person("eve", key(1)));
    for person in [&ana, &ben, &eve] {
        assert_eq!(town.send(&town.follow(person).signed().bytes()).status, 202);
    }
    let note = town.at.json(&["announce", "kitchen", "--text", "All are asked to come"]);
    town.settle();
    let mentions: Vec<Value> =
        [&ana, &ben, &eve].map(|who| json!({ "handle": "x@y.example", "uri": who.id, "url": who.id })).into();
    town.execute(&format!("UPDATE announcements SET mentions = '{}'", Value::from(mentions)));
    // hosts are blocked by their names, whatever the port, and one actor by its id
    town.at.json(&["block", "127.0.0.3"]);
    town.at.json(&["block", &ben.id]);
    let posts = || [good.posts("/users/ana/inbox"), good.posts("/users/ben/inbox"), evil.posts("/users/eve/inbox")];
    let [heard, left, missed] = posts();
    town.at.json(&["announcement", "delete", note["id"].as_str().expect("an id")]);
    town.settle();
    assert_eq!(posts(), [heard + 1, left, missed]);
}
