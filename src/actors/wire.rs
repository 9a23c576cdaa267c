//! How an actor of ours is said to other servers: its keys, and the instance actor whole.

use serde_json::{Value, json};
use url::Url;

use super::LocalActor;
use crate::app::Here;

/// Puts the public keys of an actor into its document: RSA as everyone reads it, Ed25519 as FEP-521a has it.
pub fn with_keys(mut document: Value, id: &Url, actor: &LocalActor) -> Value {
    document["publicKey"] = json!({ "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": actor.rsa_public });
    document["assertionMethod"] = json!([{
        "id": format!("{id}#ed25519-key"),
        "type": "Multikey",
        "controller": id,
        "publicKeyMultibase": actor.ed25519_public,
    }]);
    document
}

/// The instance actor, without its context. It signs what we fetch, so it is readable by everyone.
pub fn instance(here: &Here, actor: &LocalActor) -> Value {
    let id = here.origin.instance();
    let document = json!({
        "id": id,
        "type": "Application",
        "preferredUsername": actor.handle,
        "webfinger": format!("{}@{}", actor.handle, here.origin.authority()),
        "name": here.city,
        "summary": "",
        "url": here.origin.url("/"),
        "published": actor.created.rfc3339(),
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "endpoints": { "sharedInbox": here.origin.shared_inbox() },
        "manuallyApprovesFollowers": true,
        "discoverable": false,
        "indexable": false,
    });
    with_keys(document, &id, actor)
}
