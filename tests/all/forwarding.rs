//! Replies that carry their author's signature go on to whoever follows the group, byte for byte; what others forward to us is read
//! where it lives.

use std::time::Duration;

use plaza::{
    db::schema::{activities, deliveries, envelopes},
    federation::signature::{BodyDigest, Scheme, sign_post},
    replies::{actions, reply::State, store},
};
use serde_json::{Value, json};

use crate::{
    city::{City, START, on_each_database},
    replies::{PUBLIC, Voice, waiting},
    security::world::{Host, Person, Reply, key},
    wire::{Desk, GROUP, ORIGIN},
};

/// What waits to be forwarded: the inboxes, and exactly what goes there.
async fn forwarded(desk: &Desk) -> Vec<(String, String)> {
    let found = desk.city.app.db.read(|conn| {
        use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
        Ok(deliveries::table
            .inner_join(activities::table.on(activities::sequence.eq(deliveries::activity)))
            .filter(activities::kind.eq("Forward"))
            .order((deliveries::activity, deliveries::inbox))
            .select((deliveries::inbox, activities::body))
            .load(conn)?)
    });
    found.await.expect("reading")
}

/// An activity with a signature of its author inside, as it goes over the wire: not as we would write it.
fn sealed(who: &Voice, kind: &str, object: &Value) -> String {
    let id = who.new_id("activities");
    format!(
        r#"{{"type":"{kind}",  "actor":"{}","id":"{id}","object":{object},"to":["{PUBLIC}"],
        "signature":{{"type":"RsaSignature2017","creator":"{}#main-key","signatureValue":"bm90aGluZw=="}}}}"#,
        who.id, who.id
    )
}

async fn hand_in(desk: &Desk, who: &Voice, body: &str) {
    desk.city.advance(Duration::from_secs(1));
    assert_eq!(desk.hand_in(body, &format!("{}#main-key", who.id).parse().expect("an address")).await, 202);
}

async fn follow(desk: &Desk, who: &Voice) {
    let group = json!(format!("{ORIGIN}/ap/groups/{GROUP}"));
    assert_eq!(who.say(desk, "Follow", group).await, 202);
}

#[test]
fn what_is_shown_goes_on_as_it_came_and_what_waits_only_once_it_is_let_through() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, ben) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "ben", "far.example").await);
        let (cleo, dan) = (Voice::of(&desk, "cleo", "far.example").await, Voice::of(&desk, "dan", "third.example").await);
        for who in [&ana, &ben, &cleo, &dan] {
            follow(&desk, who).await;
        }
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        let reply = ana.note("I bring two", &note);
        let body = sealed(&ana, "Create", &reply);
        hand_in(&desk, &ana, &body).await;
        assert!(forwarded(&desk).await.is_empty(), "what waits reaches nobody");

        let id = waiting(&desk).await[0].id;
        desk.city.app.act(move |conn, here| actions::let_through(conn, here, id)).await.expect("let through");
        let elsewhere = |body: &str| {
            let inboxes = ["https://far.example/inbox", "https://third.example/inbox"];
            inboxes.map(|inbox| (inbox.to_owned(), body.to_owned())).to_vec()
        };
        let mut all = elsewhere(&body);
        assert_eq!(forwarded(&desk).await, all, "once for each inbox, not to where it came from, byte for byte");

        // she is known now: what she says shows at once, and goes on at once; the same again does not
        let more = ana.note("And a ladle", &note);
        let second = sealed(&ana, "Create", &more);
        hand_in(&desk, &ana, &second).await;
        hand_in(&desk, &ana, &second).await;
        hand_in(&desk, &ana, &sealed(&ana, "Create", &more)).await;
        all.extend(elsewhere(&second));
        assert_eq!(forwarded(&desk).await, all, "nor in another envelope");
        let mut same = more.clone();
        same["updated"] = json!("2026-11-24T12:30:00Z");
        hand_in(&desk, &ana, &sealed(&ana, "Update", &same)).await;
        assert_eq!(forwarded(&desk).await, all, "nor as a change that changes nothing");
        let mut edited = more.clone();
        edited["content"] = json!("And two ladles");
        edited["updated"] = json!("2026-11-24T13:00:00Z");
        let update = sealed(&ana, "Update", &edited);
        hand_in(&desk, &ana, &update).await;
        all.extend(elsewhere(&update));
        assert_eq!(forwarded(&desk).await, all);
        for minute in 1..12 {
            edited["content"] = json!(format!("And {minute} ladles"));
            edited["updated"] = json!(format!("2026-11-24T13:{minute:02}:00Z"));
            hand_in(&desk, &ana, &sealed(&ana, "Update", &edited)).await;
        }
        assert_eq!(forwarded(&desk).await.len(), all.len() + 2, "nobody edits in earnest so often");
        let delete = sealed(&ana, "Delete", &json!({ "id": more["id"], "type": "Tombstone" }));
        hand_in(&desk, &ana, &delete).await;
        // what had not gone out yet need not
        let all = [elsewhere(&body), elsewhere(&delete)].concat();
        assert_eq!(forwarded(&desk).await, all);

        // without a signature inside nobody elsewhere could check it
        ana.reply(&desk, "Unsigned", &note).await;
        // what answers nothing of ours is not ours to pass on
        hand_in(&desk, &ana, &sealed(&ana, "Create", &ana.note("To somebody else", "https://far.example/notes/1"))).await;
        assert_eq!(forwarded(&desk).await, all);
        // what went on is nobody's to ask for here
        let ids = desk.city.app.db.read(|conn| {
            use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
            Ok(activities::table.filter(activities::kind.eq("Forward")).select(activities::id).load::<String>(conn)?)
        });
        for id in ids.await.expect("reading") {
            assert_eq!(desk.get(&format!("/ap/activities/{id}"), "application/activity+json").await.status(), 404);
        }
    });
}

#[test]
fn what_is_hidden_goes_nowhere_and_is_not_kept() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let (ana, dan) = (Voice::of(&desk, "ana", "good.example").await, Voice::of(&desk, "dan", "third.example").await);
        follow(&desk, &dan).await;
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        let reply = ana.note("Buy my pots", &note);
        hand_in(&desk, &ana, &sealed(&ana, "Create", &reply)).await;
        let kept = || async {
            use diesel::{QueryDsl, RunQueryDsl};
            let count = desk.city.app.db.read(|conn| Ok(envelopes::table.count().get_result::<i64>(conn)?));
            count.await.expect("reading")
        };
        assert_eq!(kept().await, 1);
        let id = waiting(&desk).await[0].id;
        desk.city.app.act(move |conn, _| actions::hide(conn, id)).await.expect("hidden");
        assert_eq!(kept().await, 0);
        let mut edited = reply.clone();
        edited["updated"] = json!("2026-11-24T13:00:00Z");
        hand_in(&desk, &ana, &sealed(&ana, "Update", &edited)).await;
        hand_in(&desk, &ana, &sealed(&ana, "Delete", &reply["id"])).await;
        assert_eq!((forwarded(&desk).await, kept().await), (vec![], 0));

        // too long to be kept for this: shown all the same
        let long = ana.note(&"pots ".repeat(20_000), &note);
        hand_in(&desk, &ana, &sealed(&ana, "Create", &long)).await;
        assert_eq!((waiting(&desk).await.len(), kept().await), (1, 0));
    });
}

impl City {
    /// What it answers to what somebody signed and posts; with one more header.
    pub async fn takes(&self, sender: &Person, activity: &Value, more: Option<(&str, &str)>) -> reqwest::Response {
        self.advance(Duration::from_secs(1));
        let body = activity.to_string();
        let inbox: url::Url = format!("{}/ap/inbox", self.origin).parse().expect("an address");
        let digest = BodyDigest::of(body.as_bytes());
        let signed = sign_post(Scheme::Cavage, &sender.key_id, sender.key, &inbox, &digest, self.clock.now()).expect("signed");
        let request = signed.iter().fold(self.http.post(inbox), |request, (name, value)| request.header(name, value));
        let request = more.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(body).send().await.expect("an answer")
    }
}

struct Scene {
    city: City,
    /// Where replies live.
    home: Host,
    ana: Person,
    /// Who passes them on.
    ben: Person,
    far: Host,
    note: String,
}

impl Scene {
    async fn begun(database: &str) -> Self {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let note = format!("{}/ap/notes/{}", city.origin, city.announce("kitchen", "We need pots").await.id);
        let (home, far) = (Host::open("127.0.0.2"), Host::open("127.0.0.3"));
        let (ana, ben) = (home.person("ana", key(0)), far.person("ben", key(1)));
        Self { city, ana, ben, home, far, note }
    }

    /// Posts this as `sender`.
    async fn post(&self, sender: &Person, activity: &Value) -> u16 {
        let status = self.city.takes(sender, activity, None).await.status().as_u16();
        self.city.work().await;
        status
    }

    fn reply(&self, number: u32, content: &str) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": self.home.url(&format!("/notes/{number}")), "type": "Note",
            "attributedTo": self.ana.id, "content": content, "inReplyTo": self.note, "published": "2026-11-24T11:00:00Z",
            "to": [PUBLIC], "cc": [],
        })
    }

    /// Ana's words with her signature inside.
    fn sealed(&self, number: u32, kind: &str, object: &Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}/a/{number}", self.ana.id), "type": kind,
            "actor": self.ana.id, "object": object, "to": [PUBLIC],
            "signature": { "type": "RsaSignature2017", "creator": self.ana.key_id, "signatureValue": "x" },
        })
    }

    async fn known(&self, number: u32) -> Option<plaza::replies::reply::Reply> {
        let uri = self.home.url(&format!("/notes/{number}"));
        self.city.app.db.read(move |conn| Ok(store::by_uri(conn, &uri)?)).await.expect("reading")
    }
}

#[test]
fn what_others_forward_is_read_where_it_lives_or_dropped() {
    on_each_database(|database| async move {
        let scene = Scene::begun(database).await;
        let group = format!("{}/ap/groups/kitchen", scene.city.origin);
        let (forged, real) = (scene.reply(1, "<p>forged</p>"), scene.reply(1, "<p>I bring two</p>"));
        scene.home.reply("/notes/1", Reply::document(&real));

        // a stranger cannot make us ask anybody
        assert_eq!(scene.post(&scene.ben, &scene.sealed(1, "Create", &forged)).await, 202);
        assert_eq!((scene.home.questions(), scene.far.questions()), (0, 0));
        let follow = json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}/f/1", scene.ben.id),
            "type": "Follow", "actor": scene.ben.id, "object": group });
        assert_eq!(scene.post(&scene.ben, &follow).await, 202);

        assert_eq!(scene.post(&scene.ben, &scene.sealed(1, "Create", &forged)).await, 202);
        let reply = scene.known(1).await.expect("a reply");
        assert_eq!(
            (reply.content.as_str(), reply.state, reply.actor),
            ("<p>I bring two</p>", State::Waiting, scene.ana.id.clone())
        );

        // what answers nothing of ours is not looked at; what is somebody else's or for few is not believed
        let mut other = scene.reply(2, "elsewhere");
        other["inReplyTo"] = json!("https://far.example/notes/1");
        assert_eq!(scene.post(&scene.ben, &scene.sealed(2, "Create", &other)).await, 202);
        assert_eq!(scene.home.asked("/notes/2"), 0);
        let mut wrong = scene.reply(3, "not hers");
        wrong["attributedTo"] = json!(scene.home.url("/users/eve"));
        scene.home.reply("/notes/3", Reply::document(&wrong));
        let mut few = scene.reply(4, "for few");
        few["to"] = json!([format!("{}/followers", scene.ana.id)]);
        scene.home.reply("/notes/4", Reply::document(&few));
        for number in [3, 4, 5] {
            assert_eq!(scene.post(&scene.ben, &scene.sealed(number, "Create", &scene.reply(number, "x"))).await, 202);
            assert!(scene.known(number).await.is_none(), "{number}");
        }

        // changed there, then gone there
        let mut edited = real.clone();
        edited["content"] = json!("<p>I bring three</p>");
        edited["updated"] = json!("2026-11-24T13:00:00Z");
        scene.home.reply("/notes/1", Reply::document(&edited));
        assert_eq!(scene.post(&scene.ben, &scene.sealed(6, "Update", &forged)).await, 202);
        assert_eq!(scene.known(1).await.expect("a reply").content, "<p>I bring three</p>");
        let delete = |number| scene.sealed(number, "Delete", &json!({ "id": forged["id"], "type": "Tombstone" }));
        assert_eq!(scene.post(&scene.ben, &delete(7)).await, 202);
        assert!(scene.known(1).await.is_some(), "it is still there");
        scene.home.reply("/notes/1", Reply::new(410, "text/plain", ""));
        assert_eq!(scene.post(&scene.ben, &delete(8)).await, 202);
        assert!(scene.known(1).await.is_none());
    });
}

#[test]
fn what_concerns_nobody_here_is_taken_and_dropped() {
    on_each_database(|database| async move {
        let desk = Desk::open(database, START).await;
        let ana = Voice::of(&desk, "ana", "good.example").await;
        let follow =
            json!({ "type": "Follow", "id": "https://good.example/f/1", "actor": ana.id, "object": "https://far.example/u" });
        let table = [
            ("Add", json!(format!("{}/notes/1", ana.id))),
            ("Remove", json!({ "id": format!("{}/notes/1", ana.id), "type": "Note" })),
            ("Accept", follow.clone()),
            ("Reject", follow),
            ("Accept", json!("https://far.example/follows/1")),
            ("Accept", json!([format!("{ORIGIN}/ap/activities/0193")])),
            ("Reject", json!({ "type": "Invite", "id": "https://far.example/i/1" })),
            ("Accept", json!({ "type": "QuoteRequest", "id": "https://far.example/q/1" })),
            ("TentativeAccept", json!({ "type": "Event", "id": "https://far.example/e/1" })),
            ("View", json!("https://far.example/v/1")),
            ("Listen", json!("https://far.example/v/1")),
            ("Move", json!(ana.id)),
        ];
        let before = desk.state().await;
        for (kind, object) in table {
            assert_eq!(ana.say(&desk, kind, object.clone()).await, 202, "{kind} {object}");
        }
        assert_eq!(desk.state().await, before);
    });
}
