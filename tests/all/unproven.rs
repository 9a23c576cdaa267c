//! What nobody has borne out changes nothing; and of whoever says that they come nothing is kept that names them.

use std::time::Duration;

use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    actors::remote,
    db::schema::{answers, arrivals, handled, held},
    quarantine, sisters,
    sisters::sister::{Policy, Sister, State},
};
use serde_json::{Value, json};

use crate::{
    city::{City, on_each_database},
    replies::PUBLIC,
    security::world::{Host, Person, Reply, key},
};

struct Scene {
    city: City,
    home: Host,
    ana: Person,
    ben: Person,
    /// Kept open: Ben lives there.
    _far: Host,
}

impl Scene {
    async fn begun(database: &str) -> Self {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (home, far) = (Host::open("127.0.0.2"), Host::open("127.0.0.3"));
        let (ana, ben) = (home.person("ana", key(0)), far.person("ben", key(1)));
        Self { city, ana, ben, home, _far: far }
    }

    async fn post(&self, sender: &Person, activity: &Value, more: Option<(&str, &str)>) -> reqwest::Response {
        self.city.takes(sender, activity, more).await
    }

    async fn hears_ana(&self) {
        let sister = Sister {
            group: "kitchen".into(),
            actor: self.ana.id.clone(),
            follow: format!("/ap/activities/{}", self.city.app.here().new_id()),
            state: State::Accepted,
            created: self.city.clock.now(),
            policy: Policy::Show,
        };
        self.city.app.act(move |conn, _| Ok(sisters::store::save(conn, &sister)?)).await.expect("heard");
    }

    async fn still_hears_ana(&self) -> bool {
        let actor = self.ana.id.clone();
        let found = self.city.app.db.read(move |conn| Ok(sisters::store::find(conn, "kitchen", &actor)?));
        found.await.expect("reading").is_some_and(|sister| sister.state == State::Accepted)
    }

    fn note(&self, number: u32, content: &str, in_reply_to: Option<&str>) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": self.home.url(&format!("/notes/{number}")), "type": "Note",
            "attributedTo": self.ana.id, "content": content, "inReplyTo": in_reply_to, "published": "2026-11-24T12:00:00Z",
            "to": [PUBLIC], "cc": [],
        })
    }

    fn say(&self, number: u32, kind: &str, object: &Value) -> Value {
        let id = format!("{}/statuses/{number}/activity", self.ana.id);
        json!({ "id": id, "type": kind, "actor": self.ana.id, "object": object, "to": [PUBLIC] })
    }

    /// What stands anywhere at all, in the table of that name.
    async fn counts(&self) -> (i64, i64, i64) {
        let counts = self.city.app.db.read(|conn| {
            Ok((
                answers::table.count().get_result(conn)?,
                held::table.count().get_result(conn)?,
                arrivals::table.count().get_result(conn)?,
            ))
        });
        counts.await.expect("reading")
    }
}

#[test]
fn who_follows_whom_is_compared_only_with_what_was_borne_out() {
    on_each_database(|database| async move {
        let scene = Scene::begun(database).await;
        scene.hears_ana().await;
        scene.home.reply("/empty", Reply::document(&json!({ "id": scene.home.url("/empty"), "type": "OrderedCollection" })));
        scene.home.reply("/person", Reply::document(&json!({ "id": scene.home.url("/person"), "type": "Person" })));
        let said = |part: &str, digest: &str| {
            format!(
                "collectionId=\"{0}/followers\", url=\"{1}\", digest=\"{2}\"",
                scene.ana.id,
                scene.home.url(part),
                digest.repeat(32)
            )
        };
        let follows = |number| scene.say(number, "Like", &json!(scene.home.url("/notes/1")));
        // in somebody else's envelope, and about somebody who is nobody's
        let mut forwarded = follows(1);
        forwarded["signature"] = json!({ "type": "RsaSignature2017", "creator": scene.ana.key_id, "signatureValue": "x" });
        let header = "collection-synchronization";
        let wrong = said("/empty", "bb");
        assert_eq!(scene.post(&scene.ben, &forwarded, Some((header, &wrong))).await.status(), 202);
        let gone =
            json!({ "id": format!("{}#gone", scene.ana.id), "type": "Delete", "actor": scene.ana.id, "object": scene.ana.id });
        let liar = Person { id: scene.ana.id.clone(), key_id: scene.ana.key_id.clone(), key: key(2) };
        scene.post(&liar, &gone, Some((header, &wrong))).await;
        // nor does she herself, where the list does not bear out the digest, or is none
        for (number, part) in [(2, "/person"), (3, "/empty")] {
            scene.city.advance(Duration::from_secs(2 * 3_600));
            assert_eq!(scene.post(&scene.ana, &follows(number), Some((header, &said(part, "bb")))).await.status(), 202);
            for _ in 0..200 {
                if scene.home.asked(part) == 1 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(scene.home.asked(part), 1, "only she made us look");
            scene.city.work().await;
            assert!(scene.still_hears_ana().await, "{part}");
        }
        // and within an hour she does not make us look again
        assert_eq!(scene.post(&scene.ana, &follows(4), Some((header, &said("/other", "bb")))).await.status(), 202);
        scene.city.work().await;
        assert_eq!(scene.home.asked("/other"), 0);
    });
}

#[test]
fn of_strangers_who_come_nothing_is_kept() {
    on_each_database(|database| async move {
        let scene = Scene::begun(database).await;
        let meeting = scene.city.meeting("kitchen", "Supper").await;
        let event = format!("{}/ap/events/{}", scene.city.origin, meeting.id);
        let word = scene.note(1, "<p>coming</p>", Some(&event));
        assert_eq!(scene.post(&scene.ana, &scene.say(1, "Create", &word), None).await.status(), 202);
        assert_eq!(scene.post(&scene.ana, &scene.say(2, "Join", &json!(event)), None).await.status(), 202);
        assert_eq!(scene.counts().await, (1, 0, 0));
        let who = scene.ana.id.parse().expect("an address");
        let found =
            scene.city.app.db.read(move |conn| {
                Ok((remote::find(conn, &who)?, handled::table.select(handled::activity).load::<String>(conn)?))
            });
        let (known, handled) = found.await.expect("reading");
        assert_eq!(known.map(|actor| actor.uri), None);
        assert!(!handled.is_empty() && !handled.iter().any(|id| id.contains("ana") || id.contains("127.0.0.2")), "{handled:?}");
        // the same again is the same
        assert_eq!(scene.post(&scene.ana, &scene.say(1, "Create", &word), None).await.status(), 202);
        assert_eq!(scene.counts().await, (1, 0, 0));

        // blocked, they have no place any more
        let host = remote::host_of(&scene.home.url("/").parse().expect("an address"));
        scene.city.app.act(move |conn, here| plaza::blocks::actions::block(conn, here, &host)).await.expect("blocked");
        assert_eq!(scene.counts().await, (0, 0, 0));
    });
}

#[test]
fn who_comes_is_not_laid_by_for_later() {
    on_each_database(|database| async move {
        let scene = Scene::begun(database).await;
        let meeting = scene.city.meeting("kitchen", "Supper").await;
        let event = format!("{}/ap/events/{}", scene.city.origin, meeting.id);
        // her server does not answer just now: she has to say it again
        scene.home.reply("/users/ana", Reply::new(503, "text/plain", ""));
        for (number, kind, object) in
            [(1, "Join", json!(event)), (2, "Leave", json!(event)), (3, "Create", scene.note(3, "coming", Some(&event)))]
        {
            let answer = scene.post(&scene.ana, &scene.say(number, kind, &object), None).await;
            assert_eq!(answer.status(), 503, "{kind}");
            assert!(answer.headers().contains_key("retry-after"));
        }
        assert_eq!(scene.counts().await, (0, 0, 0));
        // anything else waits until somebody can be asked
        let news = scene.say(4, "Create", &scene.note(4, "Bread!", Some(&event)));
        assert_eq!(scene.post(&scene.ana, &news, None).await.status(), 202);
        assert_eq!(scene.counts().await.2, 1);
    });
}

#[test]
fn whom_caretakers_hold_back_is_heard_neither_by_way_of_others_nor_by_changes() {
    on_each_database(|database| async move {
        let scene = Scene::begun(database).await;
        scene.hears_ana().await;
        let meeting = scene.city.meeting("kitchen", "Supper").await;
        let event = format!("{}/ap/events/{}", scene.city.origin, meeting.id);
        let host = remote::host_of(&scene.home.url("/").parse().expect("an address"));
        scene.city.app.act(move |conn, here| quarantine::actions::distrust(conn, here, &host)).await.expect("held back");
        // ben is known, and forwards what she said of coming
        let like = json!({ "id": format!("{}/likes/1", scene.ben.id), "type": "Like", "actor": scene.ben.id, "object": event });
        assert_eq!(scene.post(&scene.ben, &like, None).await.status(), 202);
        let word = scene.note(1, "coming", Some(&event));
        scene.home.reply("/notes/1", Reply::document(&word));
        let mut sealed = scene.say(1, "Create", &word);
        sealed["signature"] = json!({ "type": "RsaSignature2017", "creator": scene.ana.key_id, "signatureValue": "x" });
        assert_eq!(scene.post(&scene.ben, &sealed, None).await.status(), 202);
        assert_eq!(scene.home.asked("/notes/1"), 1);
        assert_eq!(scene.counts().await, (0, 0, 0));
        // a change of what nobody heard is not heard either
        let update = scene.say(2, "Update", &scene.note(2, "Bread!", None));
        assert_eq!(scene.post(&scene.ana, &update, None).await.status(), 202);
        assert_eq!(scene.city.heard("kitchen").await.len(), 0);
        assert_eq!(scene.counts().await, (0, 1, 0), "it waits for somebody to look");
    });
}
