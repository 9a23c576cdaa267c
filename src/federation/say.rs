//! Saying something: an activity of ours gets its id, its shape and its hearers, in the transaction that decided it.

use std::sync::LazyLock;

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    actors::{
        self,
        remote::{self, RemoteActor, host_of},
    },
    app::Here,
    blocks,
    clock::Timestamp,
    consequences,
    db::Conn,
    error::Result,
    federation::{
        delivery::{self, Inbox, Outgoing},
        integrity, outbox,
    },
    origin::{Local, Origin},
    text::Mention,
};

/// Everyone.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The context of every document we send, all terms inline: no receiver must fetch it (Friendica, verifiers of signed JSON-LD).
pub static CONTEXT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("context.json")).unwrap_or_default());

/// An activity before it has an id.
pub struct Saying {
    /// The type on the wire.
    pub kind: &'static str,
    /// Who says it.
    pub actor: Local,
    /// A document or an id.
    pub object: Value,
    /// What it is about: two activities about the same thing reach an inbox in the order they were said.
    pub about: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    /// Words beside the object: why somebody is reported.
    pub content: Option<String>,
    /// Of a Move: the id of where to.
    pub target: Option<String>,
}

/// Who hears it.
#[derive(Default)]
pub struct Hearers<'a> {
    /// The followers of this group.
    pub followers_of: Option<&'a str>,
    /// And those who followed it when this was said, and may hold it: for changes and deletions.
    pub and_at: Option<Timestamp>,
    pub inboxes: Vec<Inbox>,
}

impl Saying {
    /// To everyone, by way of the group's followers.
    pub fn public(kind: &'static str, here: &Here, group: &str, about: &Local, object: Value) -> Self {
        Self {
            kind,
            actor: Local::Group(group.to_owned()),
            object,
            about: about.path(),
            to: vec![PUBLIC.to_owned()],
            cc: vec![here.origin.of_group(group, "followers").into()],
            content: None,
            target: None,
        }
    }

    /// To whoever follows the group, and nobody else.
    pub fn to_followers(kind: &'static str, here: &Here, group: &str, about: &Local, object: Value) -> Self {
        let to = vec![here.origin.of_group(group, "followers").into()];
        Self { to, cc: vec![], ..Self::public(kind, here, group, about, object) }
    }

    /// To one actor only.
    pub fn direct(kind: &'static str, actor: &Local, to: &RemoteActor, about: String, object: Value) -> Self {
        Self { kind, actor: actor.clone(), object, about, to: vec![to.uri.to_string()], cc: vec![], content: None, target: None }
    }

    pub fn mentioning(mut self, mentions: &[Mention]) -> Self {
        self.cc.extend(mentions.iter().map(|mention| mention.uri.to_string()));
        self
    }

    /// The document under its id; `through` is another group whose followers hear it.
    fn document(&self, origin: &Origin, id: &Url, published: Timestamp, through: Option<&str>) -> Value {
        let mut document = json!({
            "@context": *CONTEXT,
            "id": id,
            "type": self.kind,
            "actor": origin.uri(&self.actor),
            "published": published.rfc3339(),
            "to": self.to,
            "object": self.object,
        });
        let cc: Vec<String> =
            self.cc.iter().cloned().chain(through.map(|group| origin.of_group(group, "followers").into())).collect();
        if !cc.is_empty() {
            document["cc"] = json!(cc);
        }
        if let Some(content) = &self.content {
            document["content"] = json!(content);
        }
        if let Some(target) = &self.target {
            document["target"] = json!(target);
        }
        document
    }
}

impl<'a> Hearers<'a> {
    pub fn followers_of(group: &'a str) -> Self {
        Self { followers_of: Some(group), ..Self::default() }
    }

    /// Everyone who may hold what the group said at that time.
    pub fn everyone_who_may_have_it(group: &'a str, said: Timestamp) -> Self {
        Self { followers_of: Some(group), and_at: Some(said), ..Self::default() }
    }

    /// The personal inbox of one actor.
    pub fn only(actor: &RemoteActor) -> Self {
        Self { inboxes: vec![Inbox { inbox: actor.inbox.to_string(), host: host_of(&actor.inbox) }], ..Self::default() }
    }

    /// Those mentioned, too, unless they were blocked since.
    pub fn and_mentioned(mut self, conn: &mut Conn, mentions: &[Mention]) -> Result<Self> {
        for mention in mentions {
            self = self.and_actor(conn, &mention.uri)?;
        }
        Ok(self)
    }

    /// An actor of another server, too, unless they were blocked since: of what is for everyone, which goes once to each server.
    pub fn and_actor(mut self, conn: &mut Conn, actor: &Url) -> Result<Self> {
        if !blocks::store::covers(conn, actor)?
            && let Some(actor) = remote::find(conn, actor)?
        {
            self.inboxes.push(Inbox::at(actor.shared_inbox.as_ref().unwrap_or(&actor.inbox)));
        }
        Ok(self)
    }
}

/// A document with its context and a proof of `actor`'s, which holds as long as the document stays the same: `created` is when
/// it became what it is.
pub fn proven(conn: &mut Conn, here: &Here, actor: &Local, mut document: Value, created: Timestamp) -> Result<Value> {
    let key = here.keyring.ed25519(conn, actor)?;
    document["@context"] = CONTEXT.clone();
    let method = format!("{}#ed25519-key", here.origin.uri(actor));
    integrity::prove(document, &key, &method, created)
}

/// Of a group that waits to be welcomed nobody hears. What was said before its welcome was taken back, it may take back. One that
/// moved only takes back, answers, and says that it moved; one that ended only takes back and answers.
fn is_unheard(conn: &mut Conn, saying: &Saying) -> Result<bool> {
    let takes_back = matches!(saying.kind, "Delete" | "Undo");
    let answers = takes_back || matches!(saying.kind, "Accept" | "Reject");
    let goes_on = answers || saying.kind == "Move" || saying.about == saying.actor.path();
    if !goes_on && actors::store::has_moved(conn, &saying.actor)? {
        return Ok(true);
    }
    if !answers && actors::store::has_ended(conn, &saying.actor)? {
        return Ok(true);
    }
    Ok(actors::store::waits(conn, &saying.actor)? && !(takes_back && outbox::said_last(conn, &saying.about)?.is_some()))
}

/// Writes the activity down, queues it for whoever hears it, and does what follows from it.
pub fn say(conn: &mut Conn, here: &Here, saying: &Saying, hearers: Hearers<'_>) -> Result<Uuid> {
    let id = here.new_id();
    if is_unheard(conn, saying)? {
        return Ok(id);
    }
    consequences::before(conn, here, saying)?;
    let through = consequences::heard_through(conn, here, saying)?;
    let uri = here.origin.uri(&Local::Activity(id));
    let mut document = saying.document(&here.origin, &uri, here.now, through.map(|(group, _)| group));
    let public = saying.to.iter().any(|to| to == PUBLIC);
    if public {
        document = proven(conn, here, &saying.actor, document, here.now)?;
    }
    let outgoing = Outgoing {
        id,
        actor: saying.actor.path(),
        kind: saying.kind,
        object: saying.about.clone(),
        body: serde_json::to_string(&document)?,
        public,
    };
    let sequence = delivery::record(conn, here.now, &outgoing)?;
    let own = hearers.followers_of.map(|group| (group, hearers.and_at));
    for (group, said) in own.into_iter().chain(through.map(|(group, since)| (group, Some(since)))) {
        delivery::to_followers(conn, here.now, sequence, group)?;
        if let Some(said) = said {
            delivery::to_former(conn, here.now, sequence, group, said)?;
        }
    }
    delivery::to_inboxes(conn, here.now, sequence, &hearers.inboxes)?;
    let others = consequences::also_heard_by(conn, saying)?;
    delivery::to_inboxes(conn, here.now, sequence, &others)?;
    consequences::of(conn, here, saying)?;
    Ok(id)
}
