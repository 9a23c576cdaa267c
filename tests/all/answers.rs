//! Replies, reactions and reports in the shapes that Mastodon, GoToSocial, Misskey, Pleroma, Lemmy and Friendica send; the documents
//! are written by hand and signed here.

use std::time::Duration;

use plaza::{
    federation::actor_document,
    reactions,
    replies::{
        reply::{Reply, State},
        store,
    },
    reports, text,
};

use crate::{
    city::{START, on_each_database},
    replies::waiting,
    shapes::{actor, with_key},
    wire::{Desk, GROUP, ORIGIN},
};

struct Sender {
    desk: Desk,
    note: String,
}

impl Sender {
    async fn of(database: &str, actors: &[&str]) -> Self {
        let desk = Desk::open(database, START).await;
        for name in actors {
            desk.knows(actor_document::read(&actor(name, &desk.key)).unwrap_or_else(|why| panic!("{name}: {why}"))).await;
        }
        let note = format!("{ORIGIN}/ap/notes/{}", desk.city.announce(GROUP, "We need pots").await.id);
        Self { desk, note }
    }

    /// Hands in a document about our note, by the actor of that other document.
    async fn hand_in(&self, by: &str, name: &str) {
        let key_id = actor_document::read(&actor(by, &self.desk.key)).expect("an actor").keys[0].id.clone();
        let activity = with_key(name, &self.desk.key).replace("<<NOTE>>", &self.note);
        // the same document signed again a moment later has another signature
        self.desk.city.advance(Duration::from_secs(1));
        assert_eq!(self.desk.hand_in(&activity, &key_id).await, 202, "{name}");
    }

    async fn counts(&self) -> (i64, i64) {
        let path = self.note[ORIGIN.len()..].to_owned();
        let counts = self.desk.city.app.db.read(move |conn| Ok(reactions::store::counts(conn, &path)?)).await.expect("reading");
        (counts.likes, counts.passed_on)
    }
}

#[test]
fn replies_of_every_kind_of_server_wait_with_their_words() {
    let table = [
        (
            "mastodon_actor",
            "mastodon_create_reply",
            "@alice@mastodon.example",
            "@kitchen I bring two pots",
            Some("kitchen talk"),
            1,
        ),
        ("gotosocial_actor", "gotosocial_create_reply", "@gus@gts.example", "@kitchen Bread, too", None, 0),
        ("misskey_actor", "misskey_create_reply", "@kei@misskey.example", "@kitchen@city-a.test Rice for all", None, 0),
        ("pleroma_actor", "pleroma_create_reply", "@pat@pl.example", "@kitchen Tea for all", None, 0),
        ("lemmy_actor", "lemmy_create_comment", "@lou@lemmy.example", "A ladle from me", None, 0),
        (
            "friendica_actor",
            "friendica_create_reply",
            "@frida@friendica.example",
            "@kitchen Knives from us\nand a board",
            None,
            0,
        ),
    ];
    on_each_database(|database| async move {
        let sender = Sender::of(database, &table.map(|(actor, ..)| actor)).await;
        for (by, name, ..) in table {
            sender.hand_in(by, name).await;
            // whoever sends it twice says it once
            sender.hand_in(by, name).await;
        }
        let found = waiting(&sender.desk).await;
        assert_eq!(found.len(), table.len());
        for ((_, name, handle, words, warning, pictures), reply) in table.iter().zip(&found) {
            assert_eq!(format!("@{}", reply.handle), *handle, "{name}");
            assert_eq!(text::plain_of_html(&reply.content), *words, "{name}");
            assert_eq!((reply.warning.as_deref(), reply.pictures), (*warning, *pictures), "{name}");
            assert_eq!((reply.state, reply.parent.as_str()), (State::Waiting, &sender.note[ORIGIN.len()..]), "{name}");
            assert!(!reply.content.contains("<img") && !reply.content.contains("target="), "{name}");
        }
    });
}

#[test]
fn what_mastodon_says_after_its_reply_is_understood() {
    on_each_database(|database| async move {
        let sender = Sender::of(database, &["mastodon_actor"]).await;
        let by = "mastodon_actor";
        sender.hand_in(by, "mastodon_create_reply").await;
        sender.hand_in(by, "mastodon_update_reply").await;
        let found = waiting(&sender.desk).await;
        let [Reply { content, warning: None, uri, .. }] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(content, "<p>I bring three pots</p>");
        let uri = uri.clone();
        sender.hand_in(by, "mastodon_delete_reply").await;
        let gone = sender.desk.city.app.db.read(move |conn| Ok(store::by_uri(conn, &uri)?)).await.expect("reading");
        assert_eq!(gone, None);

        for (name, counts) in [
            ("like", (1, 0)),
            ("announce", (1, 1)),
            ("like", (1, 1)),
            ("undo_like", (0, 1)),
            ("undo_announce", (0, 0)),
            ("undo_like", (0, 0)),
        ] {
            sender.hand_in(by, &format!("mastodon_{name}")).await;
            assert_eq!(sender.counts().await, counts, "after {name}");
        }
    });
}

#[test]
fn reports_in_the_shapes_of_mastodon_and_lemmy_arrive() {
    on_each_database(|database| async move {
        let sender = Sender::of(database, &["mastodon_actor", "lemmy_actor"]).await;
        sender.hand_in("mastodon_actor", "mastodon_flag").await;
        sender.hand_in("lemmy_actor", "lemmy_flag").await;
        let open = sender.desk.city.app.db.read(|conn| Ok(reports::store::open(conn, 10)?)).await.expect("reading");
        let seen: Vec<(&str, &str)> = open.iter().map(|report| (report.about.as_str(), report.reason.as_str())).collect();
        assert_eq!(seen, [(format!("/ap/groups/{GROUP}").as_str(), "spam"), (&sender.note[ORIGIN.len()..], "off topic")]);
        let stored = serde_json::to_string(&open.iter().map(|report| &report.objects).collect::<Vec<_>>()).expect("JSON");
        assert!(!stored.contains("alice") && !stored.contains("lou"), "nobody who reports is named: {stored}");
    });
}
