//! Reads any peer's actor document leniently, and takes from it only what may be believed; pure, no network.

use serde_json::Value;
use url::Url;

use super::json::{address_of, items, kind_of, line_of};
use crate::{
    keys::{Ed25519Public, RsaPublic},
    net::address::{self, same_origin},
};

const KINDS: [&str; 5] = ["Person", "Group", "Service", "Application", "Organization"];
/// Keys of either sort that are looked at.
const MOST_KEYS: usize = 10;
const LONGEST_NAME: usize = 256;

/// Why a document is no actor for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(pub &'static str);

/// An actor of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorDocument {
    pub id: Url,
    /// Person, Group, Service, Application or Organization.
    pub kind: String,
    /// `preferredUsername`; the host where there is none.
    pub handle: String,
    pub name: Option<String>,
    pub inbox: Url,
    /// On the same server only.
    pub shared_inbox: Option<Url>,
    pub followers: Option<Url>,
    pub keys: Vec<Key<RsaPublic>>,
    /// For proofs (FEP-521a).
    pub assertion_keys: Vec<Key<Ed25519Public>>,
}

/// A key that its actor's document names and that names its actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<K> {
    pub id: Url,
    pub key: K,
}

impl ActorDocument {
    /// The key with this id, if the document names it.
    pub fn key(&self, id: &Url) -> Option<&RsaPublic> {
        self.keys.iter().find(|key| key.id == *id).map(|key| &key.key)
    }
}

/// Fields may be given as text, object or list. Everything that is not believable is left out; only what an actor
/// cannot do without makes it fail. That the document came from its id is for the caller to know.
pub fn read(document: &Value) -> Result<ActorDocument, Reason> {
    let field = |name: &str| document.get(name).unwrap_or(&Value::Null);
    let id = document.get("id").and_then(Value::as_str).and_then(|id| address::parse(id).ok());
    let id = id.ok_or(Reason("the actor has no id that is an address"))?;
    let kind = kind(document).ok_or(Reason("it is not an actor"))?;
    let at_home = |value: &Value| address_of(value).filter(|url| same_origin(url, &id));
    let endpoints = items(field("endpoints"), 1).first().unwrap_or(&Value::Null);
    Ok(ActorDocument {
        kind: kind.to_owned(),
        handle: line_of(field("preferredUsername"), LONGEST_NAME).unwrap_or_else(|| address::authority(&id)),
        name: line_of(field("name"), LONGEST_NAME),
        inbox: at_home(field("inbox")).ok_or(Reason("the actor has no inbox on its own server"))?,
        shared_inbox: endpoints.get("sharedInbox").and_then(at_home),
        followers: at_home(field("followers")),
        keys: keys(field("publicKey"), &id, "owner", |key| RsaPublic::from_pem(key.get("publicKeyPem")?.as_str()?).ok()),
        assertion_keys: keys(field("assertionMethod"), &id, "controller", |key| {
            Ed25519Public::from_multibase(key.get("publicKeyMultibase")?.as_str()?)
        }),
        id,
    })
}

fn kind(document: &Value) -> Option<&str> {
    let first = kind_of(document).filter(|kind| KINDS.contains(kind));
    let any = || items(document.get("type")?, MOST_KEYS).iter().filter_map(Value::as_str).find(|kind| KINDS.contains(kind));
    first.or_else(any)
}

/// The keys that live where the actor lives and name it as theirs.
fn keys<K>(value: &Value, actor: &Url, owner: &str, parse: impl Fn(&Value) -> Option<K>) -> Vec<Key<K>> {
    let read = |key: &Value| {
        let id = address::parse(key.get("id")?.as_str()?).ok().filter(|id| same_origin(id, actor))?;
        let owned = address_of(key.get(owner)?)? == *actor;
        owned.then(|| parse(key)).flatten().map(|key| Key { id, key })
    };
    items(value, MOST_KEYS).iter().filter_map(read).collect()
}
