//! Actors of other servers, as far as we need them: to check what they sign and to know where to answer.

use std::time::Duration;

use activitypub_federation::{
    config::Data,
    traits::{Actor, Object},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;

use crate::{
    app::{self, App},
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{callers, follows, invited, reactions, remote_actors, replies, sisters},
    },
    error::Error,
    federation::actor_document::{self, ActorDocument},
    keys::{Ed25519Public, PublicKey, RsaPublic},
};

/// An actor of another server, as its own document described it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteActor {
    pub uri: Url,
    /// The type on the wire: Person, Group, …
    pub kind: String,
    /// `preferredUsername`.
    pub name: String,
    pub inbox: Url,
    pub shared_inbox: Option<Url>,
    /// RSA keys: id and SPKI PEM.
    pub public_keys: Vec<(String, String)>,
    /// Ed25519 multikeys: id and value (FEP-521a).
    pub assertion_keys: Vec<(String, String)>,
    pub fetched: Timestamp,
    /// When the document was fetched last because a signature failed.
    pub key_checked: Timestamp,
}

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = remote_actors, treat_none_as_null = true)]
struct Row {
    uri: String,
    host: String,
    kind: String,
    handle: String,
    inbox: String,
    shared_inbox: Option<String>,
    public_keys: String,
    assertion_keys: String,
    fetched: Timestamp,
    key_checked: Timestamp,
}

/// Host, and port where it is not the scheme's own: the unit we deliver to and block.
pub fn host_of(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}

impl RemoteActor {
    pub fn from_document(document: ActorDocument, fetched: Timestamp) -> Self {
        Self {
            uri: document.id,
            kind: document.kind,
            name: document.handle,
            inbox: document.inbox,
            shared_inbox: document.shared_inbox,
            public_keys: document.keys.iter().map(|key| (key.id.to_string(), key.key.to_spki_pem().to_owned())).collect(),
            assertion_keys: document.assertion_keys.iter().map(|key| (key.id.to_string(), key.key.to_multibase())).collect(),
            fetched,
            key_checked: fetched,
        }
    }

    /// The key with that id for requests, if its document names it. Where peers sign with Ed25519 (tootik), it is the key of
    /// their proofs.
    pub fn key(&self, id: &Url) -> Option<PublicKey> {
        match self.public_keys.iter().find(|(known, _)| known == id.as_str()) {
            Some((_, pem)) => RsaPublic::from_pem(pem).ok().map(PublicKey::Rsa),
            None => self.assertion_key(id.as_str()).map(PublicKey::Ed25519),
        }
    }

    /// The key with that id for proofs, if its document names it.
    pub fn assertion_key(&self, id: &str) -> Option<Ed25519Public> {
        let (_, multibase) = self.assertion_keys.iter().find(|(known, _)| known == id)?;
        Ed25519Public::from_multibase(multibase)
    }

    pub fn host(&self) -> String {
        host_of(&self.uri)
    }

    /// `@name@host`, as people write it.
    pub fn handle(&self) -> String {
        format!("@{}@{}", self.name, self.host())
    }
}

impl TryFrom<Row> for RemoteActor {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("remote_actors", column, &row.uri);
        Ok(Self {
            uri: row.uri.parse().map_err(|_| odd("uri"))?,
            inbox: row.inbox.parse().map_err(|_| odd("inbox"))?,
            shared_inbox: row.shared_inbox.as_deref().map(str::parse).transpose().map_err(|_| odd("shared_inbox"))?,
            assertion_keys: read_json(&row.assertion_keys).ok_or_else(|| odd("assertion_keys"))?,
            kind: row.kind,
            name: row.handle,
            public_keys: read_json(&row.public_keys).ok_or_else(|| odd("public_keys"))?,
            fetched: row.fetched,
            key_checked: row.key_checked,
        })
    }
}

pub fn find(conn: &mut Conn, uri: &Url) -> QueryResult<Option<RemoteActor>> {
    remote_actors::table.find(uri.as_str()).first::<Row>(conn).optional()?.map(RemoteActor::try_from).transpose()
}

/// One we know already, by `name@host`.
pub fn by_handle(conn: &mut Conn, handle: &str) -> QueryResult<Option<RemoteActor>> {
    let Some((name, host)) = handle.rsplit_once('@') else { return Ok(None) };
    let known =
        remote_actors::table.filter(remote_actors::host.eq(host.to_ascii_lowercase())).filter(remote_actors::handle.eq(name));
    known.first::<Row>(conn).optional()?.map(RemoteActor::try_from).transpose()
}

/// Keeps what an actor's document says now. From the first one on, other servers know our ids.
pub fn save(conn: &mut Conn, actor: &RemoteActor) -> QueryResult<()> {
    let row = Row {
        uri: actor.uri.to_string(),
        host: actor.host(),
        kind: actor.kind.clone(),
        handle: actor.name.clone(),
        inbox: actor.inbox.to_string(),
        shared_inbox: actor.shared_inbox.as_ref().map(Url::to_string),
        public_keys: json(&actor.public_keys),
        assertion_keys: json(&actor.assertion_keys),
        fetched: actor.fetched,
        key_checked: actor.key_checked,
    };
    if diesel::update(remote_actors::table.find(&row.uri)).set(&row).execute(conn)? == 0 {
        diesel::insert_into(remote_actors::table).values(row).execute(conn)?;
        app::note_meeting_another(conn)?;
    }
    Ok(())
}

/// So long an actor is remembered that has nothing to do with us any more.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Forgets actors that neither follow a group nor are heard by one, of whom nothing is kept that they should hear about, and who
/// were not asked about for long.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let strangers = remote_actors::table
        .filter(remote_actors::fetched.lt(now - REMEMBERED))
        .filter(remote_actors::uri.ne_all(follows::table.select(follows::follower)))
        .filter(remote_actors::uri.ne_all(sisters::table.select(sisters::actor)))
        .filter(remote_actors::uri.ne_all(callers::table.select(callers::actor)))
        .filter(remote_actors::uri.ne_all(invited::table.select(invited::holder)))
        .filter(remote_actors::uri.ne_all(replies::table.select(replies::actor)))
        .filter(remote_actors::uri.ne_all(reactions::table.select(reactions::actor)));
    diesel::delete(strangers).execute(conn)?;
    Ok(())
}

pub fn forget(conn: &mut Conn, uri: &Url) -> QueryResult<()> {
    diesel::delete(remote_actors::table.find(uri.as_str())).execute(conn)?;
    Ok(())
}

/// Notes that the document is being looked at again because a signature failed; `false` when that was tried within `pause`.
pub fn may_check_key(conn: &mut Conn, uri: &Url, now: Timestamp, pause: Duration) -> QueryResult<bool> {
    let due = remote_actors::table.find(uri.as_str()).filter(remote_actors::key_checked.le(now - pause));
    Ok(diesel::update(due).set(remote_actors::key_checked.eq(now)).execute(conn)? == 1)
}

#[async_trait]
impl Object for RemoteActor {
    type DataType = App;
    type Kind = serde_json::Value;
    type Error = Error;

    fn id(&self) -> &Url {
        &self.uri
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        Some(self.fetched.utc())
    }

    async fn read_from_id(id: Url, app: &Data<App>) -> Result<Option<Self>, Error> {
        app.db.read(move |conn| Ok(find(conn, &id)?)).await
    }

    async fn into_json(self, _app: &Data<App>) -> Result<Self::Kind, Error> {
        Err(Error::refused("documents of other servers are served by them"))
    }

    /// The document must come from the host it speaks of.
    async fn verify(json: &Self::Kind, asked: &Url, _app: &Data<App>) -> Result<(), Error> {
        let document = actor_document::read(json).map_err(|why| Error::invalid(why.0))?;
        if document.id.origin() == asked.origin() {
            Ok(())
        } else {
            Err(Error::invalid(format!("{asked} gave the document of {}", document.id)))
        }
    }

    async fn from_json(json: Self::Kind, app: &Data<App>) -> Result<Self, Error> {
        let document = actor_document::read(&json).map_err(|why| Error::invalid(why.0))?;
        let actor = Self::from_document(document, app.clock.now());
        let row = actor.clone();
        app.db.write(move |conn| Ok(save(conn, &row)?)).await?;
        Ok(actor)
    }
}

impl Actor for RemoteActor {
    fn public_key_pem(&self) -> &str {
        self.public_keys.first().map(|(_, pem)| pem.as_str()).unwrap_or_default()
    }

    fn private_key_pem(&self) -> Option<String> {
        None
    }

    fn inbox(&self) -> Url {
        self.inbox.clone()
    }

    fn shared_inbox(&self) -> Option<Url> {
        self.shared_inbox.clone()
    }
}
