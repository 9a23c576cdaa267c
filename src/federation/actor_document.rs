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
/// Other names that are looked at.
const MOST_ALIASES: usize = 256;
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
    /// Actors anywhere that this one says it was, or is as well.
    pub also_known_as: Vec<Url>,
    /// Where it says it went.
    pub moved_to: Option<Url>,
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
        also_known_as: items(field("alsoKnownAs"), MOST_ALIASES).iter().filter_map(address_of).collect(),
        moved_to: address_of(field("movedTo")),
        keys: keys(items(field("publicKey"), MOST_KEYS), &id, "owner", |key| {
            RsaPublic::from_pem(key.get("publicKeyPem")?.as_str()?).ok()
        }),
        assertion_keys: keys(assertion_methods(document), &id, "controller", |key| {
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

/// Methods for proofs. One that is given by its id alone stands among `verificationMethod` (Controlled Identifiers 2.2).
fn assertion_methods(document: &Value) -> Vec<&Value> {
    let field = |name: &str| items(document.get(name).unwrap_or(&Value::Null), MOST_KEYS);
    let named = |id: &str| field("verificationMethod").iter().find(|key| key.get("id").and_then(Value::as_str) == Some(id));
    field("assertionMethod").iter().filter_map(|method| method.as_str().map_or(Some(method), named)).collect()
}

/// The keys that live where the actor lives and name it as theirs.
fn keys<'a, K>(
    values: impl IntoIterator<Item = &'a Value>,
    actor: &Url,
    owner: &str,
    parse: impl Fn(&Value) -> Option<K>,
) -> Vec<Key<K>> {
    let read = |key: &Value| {
        let id = address::parse(key.get("id")?.as_str()?).ok().filter(|id| same_origin(id, actor))?;
        let owned = address_of(key.get(owner)?)? == *actor;
        owned.then(|| parse(key)).flatten().map(|key| Key { id, key })
    };
    values.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys::testing::{ana, eve};

    const ID: &str = "https://good.example/users/ana";
    const MULTIBASE: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    /// What Mastodon publishes, with some fields replaced, or taken away by null.
    fn actor(changes: Value) -> Value {
        let mut document = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": ID,
            "type": "Person",
            "preferredUsername": "ana",
            "name": "Ana",
            "inbox": format!("{ID}/inbox"),
            "followers": format!("{ID}/followers"),
            "endpoints": {"sharedInbox": "https://good.example/inbox"},
            "publicKey": {"id": format!("{ID}#main-key"), "owner": ID, "publicKeyPem": ana().public_pem()},
            "assertionMethod": [{"id": format!("{ID}#ed25519"), "type": "Multikey", "controller": ID, "publicKeyMultibase": MULTIBASE}],
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => document.as_object_mut().unwrap().remove(name),
                value => document.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        document
    }

    fn keys_of(public_key: Value) -> Vec<String> {
        read(&actor(json!({"publicKey": public_key}))).unwrap().keys.into_iter().map(|key| key.id.into()).collect()
    }

    #[test]
    fn an_actor_of_mastodon_is_read() {
        let read = read(&actor(json!({}))).unwrap();
        assert_eq!((read.kind.as_str(), read.handle.as_str(), read.name.as_deref()), ("Person", "ana", Some("Ana")));
        assert_eq!((read.id.as_str(), read.inbox.as_str()), (ID, "https://good.example/users/ana/inbox"));
        assert_eq!(read.shared_inbox.as_ref().map(Url::as_str), Some("https://good.example/inbox"));
        assert_eq!(read.followers.as_ref().map(Url::as_str), Some("https://good.example/users/ana/followers"));
        assert_eq!(read.assertion_keys[0].key.to_multibase(), MULTIBASE);
        let key_id = Url::parse(&format!("{ID}#main-key")).unwrap();
        assert_eq!(read.key(&key_id).unwrap().to_spki_pem(), ana().public_pem());
        assert_eq!(read.key(&Url::parse(ID).unwrap()), None);
    }

    #[test]
    fn fields_come_as_text_object_or_list() {
        for changes in [
            json!({"inbox": {"id": format!("{ID}/inbox")}}),
            json!({"inbox": [format!("{ID}/inbox")]}),
            json!({"type": ["Person", "x:Other"]}),
            json!({"type": ["x:Other", "Person"]}),
            json!({"endpoints": [{"sharedInbox": {"id": "https://good.example/inbox"}}]}),
            json!({"followers": {"id": format!("{ID}/followers"), "totalItems": 3}}),
            json!({"preferredUsername": ["ana"]}),
            json!({"publicKey": [{"id": format!("{ID}#main-key"), "owner": {"id": ID}, "publicKeyPem": ana().public_pem()}]}),
            json!({"assertionMethod": {"id": format!("{ID}#ed25519"), "controller": [ID], "publicKeyMultibase": MULTIBASE}}),
            json!({
                "assertionMethod": [format!("{ID}#ed25519"), format!("{ID}#nowhere")],
                "verificationMethod": {"id": format!("{ID}#ed25519"), "controller": ID, "publicKeyMultibase": MULTIBASE},
            }),
            // Fedify and Mitra name their RSA key there, too
            json!({"assertionMethod": [
                {"id": format!("{ID}#main-key"), "type": "Multikey", "controller": ID, "publicKeyMultibase": "z4MXj1wBzi9jUstyNmjKouM6KAW7VDzZSbYmbCTpJPwxMGmkbDnUD7ZNNhbmL7bTn2"},
                {"id": format!("{ID}#ed25519"), "type": "Multikey", "controller": ID, "publicKeyMultibase": MULTIBASE},
            ]}),
        ] {
            assert_eq!(read(&actor(changes.clone())), read(&actor(json!({}))), "{changes}");
        }
    }

    #[test]
    fn what_an_actor_cannot_do_without() {
        for changes in [
            json!({"id": null}),
            json!({"id": "x"}),
            json!({"id": ["https://good.example/"]}),
            json!({"type": null}),
            json!({"type": "Note"}),
            json!({"type": "person"}),
            json!({"type": 7}),
            json!({"inbox": null}),
            json!({"inbox": 7}),
            json!({"inbox": "https://evil.example/inbox"}),
            json!({"inbox": "http://good.example/inbox"}),
            json!({"inbox": "https://good.example:8443/inbox"}),
            json!({"inbox": "javascript:alert(1)"}),
            json!({"inbox": format!("https://good.example/{}", "x".repeat(10_000))}),
        ] {
            assert!(read(&actor(changes.clone())).is_err(), "{}", changes.to_string().chars().take(80).collect::<String>());
        }
        for document in [json!({}), json!([]), json!(null), json!("x"), json!({"type": "Person"})] {
            assert!(read(&document).is_err(), "{document}");
        }
        for kind in KINDS {
            assert_eq!(read(&actor(json!({"type": kind}))).unwrap().kind, kind);
        }
    }

    #[test]
    fn what_is_not_believable_is_left_out() {
        let read = |changes| read(&actor(changes)).unwrap();
        for elsewhere in ["https://evil.example/inbox", "http://good.example/inbox", "data:x", ""] {
            assert_eq!(read(json!({"endpoints": {"sharedInbox": elsewhere}})).shared_inbox, None, "{elsewhere}");
            assert_eq!(read(json!({"followers": elsewhere})).followers, None, "{elsewhere}");
        }
        for nameless in [json!(null), json!(7), json!(""), json!(" \u{0} ")] {
            let read = read(json!({"preferredUsername": nameless, "name": nameless}));
            assert_eq!((read.handle.as_str(), read.name), ("good.example", None));
        }
        let long = read(json!({"preferredUsername": "a".repeat(10_000), "name": "é".repeat(1_000_000)}));
        assert_eq!((long.handle.len(), long.name.unwrap().chars().count()), (256, 256));
        assert_eq!(read(json!({"preferredUsername": "a\r\nb\u{1b}[31m"})).handle, "ab[31m");
    }

    /// Row 3 and row 9: whose key, and what key.
    #[test]
    fn only_sound_keys_that_name_their_actor_count() {
        let pem = ana().public_pem();
        let right = json!({"id": format!("{ID}#main-key"), "owner": ID, "publicKeyPem": pem});
        assert_eq!(keys_of(right.clone()), [format!("{ID}#main-key")]);
        assert_eq!(
            keys_of(json!({"id": format!("{ID}/main-key"), "owner": ID, "publicKeyPem": pem})),
            [format!("{ID}/main-key")]
        );
        for wrong in [
            json!(null),
            json!("https://good.example/key"),
            json!([]),
            json!({}),
            json!({"id": format!("{ID}#main-key"), "publicKeyPem": pem}),
            json!({"id": format!("{ID}#main-key"), "owner": "https://good.example/users/ben", "publicKeyPem": pem}),
            json!({"id": format!("{ID}#main-key"), "owner": "https://evil.example/e", "publicKeyPem": pem}),
            json!({"id": "https://evil.example/e#main-key", "owner": ID, "publicKeyPem": pem}),
            json!({"owner": ID, "publicKeyPem": pem}),
            json!({"id": format!("{ID}#main-key"), "owner": ID}),
            json!({"id": format!("{ID}#main-key"), "owner": ID, "publicKeyPem": "x".repeat(1_000_000)}),
            json!({"id": format!("{ID}#main-key"), "owner": ID, "publicKeyPem": {"id": pem}}),
        ] {
            assert!(keys_of(wrong.clone()).is_empty(), "{}", wrong.to_string().chars().take(120).collect::<String>());
        }
        let second = json!({"id": format!("{ID}#second"), "owner": ID, "publicKeyPem": eve().public_pem()});
        assert_eq!(keys_of(json!([{}, right, second])).len(), 2);
        assert_eq!(keys_of(Value::Array(vec![right; 100])).len(), 10);
        for wrong in [
            json!({"controller": "https://evil.example/e"}),
            json!({"publicKeyMultibase": "z6Mk"}),
            json!({"id": "https://evil.example/#k"}),
        ] {
            let mut key = json!({"id": format!("{ID}#ed25519"), "controller": ID, "publicKeyMultibase": MULTIBASE});
            key.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            assert!(read(&actor(json!({"assertionMethod": key}))).unwrap().assertion_keys.is_empty(), "{wrong}");
        }
    }

    fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
            Just(json!(ID)),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("id|owner|controller|publicKeyPem|publicKeyMultibase|sharedInbox", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn no_document_makes_the_reader_panic(value in any_json(), field in "id|type|inbox|endpoints|followers|publicKey|assertionMethod|preferredUsername|name") {
            let _ = read(&value);
            let _ = read(&actor(json!({field: value})));
        }
    }
}
