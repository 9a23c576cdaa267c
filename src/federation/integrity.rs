//! Proofs inside documents, true without the connection they came over (FEP-8b32 with the cryptosuite `eddsa-jcs-2022` of W3C
//! Data Integrity): made and checked. Fetches nothing.

#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    json::{id_of, items},
    signature::AHEAD_SECONDS,
};
use crate::{
    actors::remote::RemoteActor,
    clock::Timestamp,
    error::{Error, Result},
    keys::Ed25519,
    net::address::{self, same_origin},
};

const TYPE: &str = "DataIntegrityProof";
const SUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";
/// 64 bytes have at most 88 characters in base 58.
const LONGEST_VALUE: usize = 100;

/// Puts a proof into a document that has its context and no proof yet. The same document, key and time give the same proof.
pub fn prove(mut document: Value, key: &Ed25519, method: &str, created: Timestamp) -> Result<Value> {
    let mut proof = json!({
        "type": TYPE,
        "cryptosuite": SUITE,
        "created": created.rfc3339(),
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    });
    if let Some(context) = document.get("@context") {
        proof["@context"] = context.clone();
    }
    let signature = key.sign(&hash(&proof, &document).ok_or_else(|| Error::broken("a document of ours has no canonical form"))?);
    proof["proofValue"] = json!(format!("z{}", bs58::encode(signature).into_string()));
    document["proof"] = proof;
    Ok(document)
}

/// What is signed: the hash of the proof without its value, then that of the document without its proof (vc-di-eddsa 3.3.4).
fn hash(config: &Value, document: &Value) -> Option<Vec<u8>> {
    let canonical = |value: &Value| serde_json_canonicalizer::to_vec(value).ok();
    let (config, document) = (canonical(config)?, canonical(document)?);
    Some([digest(&SHA256, &config).as_ref(), digest(&SHA256, &document).as_ref()].concat())
}

/// Why a proof proves nothing: the end of a sentence that begins with the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error("carries no proof")]
    Absent,
    /// It may be right: FEP-8b32 says to pass over it and to try other ways.
    #[error("carries a proof of a kind that we do not read")]
    OfAnotherKind,
    #[error("is not its owner's to say")]
    Foreign,
    #[error("is proven with a key that its owner's document does not name")]
    UnknownKey,
    #[error("carries a proof from the future, or one that has expired")]
    Untimely,
    #[error("carries a proof that is malformed")]
    Malformed,
    #[error("carries a proof that does not hold")]
    False,
}

/// Is the document proven by `owner`, whose it must be? Age does not matter: a proof is as old as what it proves.
///
/// # Errors
/// Why not; whether the document may be believed for another reason is for the caller to know.
pub fn verify(document: &Value, owner: &RemoteActor, now: Timestamp) -> Result<(), Unproven> {
    let fields = document.as_object().ok_or(Unproven::Malformed)?;
    let proof = match items(fields.get("proof").unwrap_or(&Value::Null), 2) {
        [] => return Err(Unproven::Absent),
        [Value::Object(proof)] => proof,
        [_] => return Err(Unproven::Malformed),
        _ => return Err(Unproven::OfAnotherKind),
    };
    let text = |name: &str| proof.get(name).and_then(Value::as_str);
    if text("type") != Some(TYPE) || text("cryptosuite") != Some(SUITE) || text("proofPurpose") != Some(PURPOSE) {
        return Err(Unproven::OfAnotherKind);
    }
    if !is_of(fields, &owner.uri) {
        return Err(Unproven::Foreign);
    }
    check_times(proof, now)?;
    let method = text("verificationMethod").ok_or(Unproven::Malformed)?;
    let key = owner.assertion_key(method).ok_or(Unproven::UnknownKey)?;
    let signature = text("proofValue").and_then(value_of).ok_or(Unproven::Malformed)?;
    let (config, unproven) = apart(fields, proof)?;
    let hash = hash(&config, &unproven).ok_or(Unproven::Malformed)?;
    if key.verify(&hash, &signature) { Ok(()) } else { Err(Unproven::False) }
}

/// Everyone who is said to be its author is this actor, on whose server it lives.
fn is_of(fields: &Map<String, Value>, actor: &Url) -> bool {
    let names = |name: &str| fields.get(name).map_or(&[][..], |value| items(value, 2));
    let mut authors = names("actor").iter().chain(names("attributedTo")).peekable();
    let lives_there = match fields.get("id") {
        Some(id) => id.as_str().and_then(|id| address::parse(id).ok()).is_some_and(|id| same_origin(&id, actor)),
        None => false,
    };
    lives_there && authors.peek().is_some() && authors.all(|author| id_of(author) == Some(actor.as_str()))
}

fn check_times(proof: &Map<String, Value>, now: Timestamp) -> Result<(), Unproven> {
    let time = |name: &str| match proof.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => {
            let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| Unproven::Malformed)?;
            Ok(Some(Timestamp::from(time.to_utc())))
        }
        Some(_) => Err(Unproven::Malformed),
    };
    let ahead = time("created")?.is_some_and(|created| created.seconds() - now.seconds() > AHEAD_SECONDS);
    let expired = time("expires")?.is_some_and(|expires| expires < now);
    if ahead || expired { Err(Unproven::Untimely) } else { Ok(()) }
}

/// The signature in a `proofValue`: base 58, as `z` says.
fn value_of(text: &str) -> Option<Vec<u8>> {
    let encoded = text.strip_prefix('z').filter(|encoded| encoded.len() < LONGEST_VALUE)?;
    bs58::decode(encoded).into_vec().ok().filter(|bytes| bytes.len() == 64)
}

/// The proof without its value, and the document without its proof, as they were when it was made (vc-di-eddsa 3.3.2). A JSON-LD
/// signature comes after the proof (FEP-8b32).
fn apart(fields: &Map<String, Value>, proof: &Map<String, Value>) -> Result<(Value, Value), Unproven> {
    let (mut config, mut unproven) = (proof.clone(), fields.clone());
    config.remove("proofValue");
    unproven.remove("proof");
    unproven.remove("signature");
    if let Some(signed) = proof.get("@context") {
        let now = fields.get("@context").ok_or(Unproven::False)?;
        let (signed_items, items_now) = (items(signed, usize::MAX), items(now, usize::MAX));
        if !items_now.starts_with(signed_items) {
            return Err(Unproven::False);
        }
        unproven.insert("@context".into(), signed.clone());
    }
    Ok((Value::Object(config), Value::Object(unproven)))
}
