//! HTTP signatures, made and checked (draft-cavage-http-signatures-12); knows neither keys' owners nor activities.

mod cavage;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HOST, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    clock::Timestamp,
    error::{Error, Result},
    keys::{RsaPrivate, RsaPublic},
    net::address,
};

/// What deliveries are sent as.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// How long a signature is good after it was made.
pub const OLDEST_SECONDS: i64 = 60 * 60;
/// How far a peer's clock may be ahead of ours.
pub const AHEAD_SECONDS: i64 = 5 * 60;

/// Headers of a request, ready to be sent.
pub type Headers = Vec<(HeaderName, HeaderValue)>;

/// How a request is signed. RFC 9421 will be the second one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    #[default]
    Cavage,
}

/// Does the signature cover the query of the address? GoToSocial tries both; so does whoever answers 401 to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Covered,
    LeftOut,
}

/// The value of a `Digest` header: the same for every delivery of one body.
pub fn digest_of(body: &[u8]) -> String {
    format!("SHA-256={}", sha256_base64(body))
}

fn sha256_base64(body: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, body))
}

/// All headers of a signed GET, `Host` among them. Covers `(request-target) host date`.
pub fn sign_get(key_id: &str, key: &RsaPrivate, url: &Url, query: Query, now: Timestamp, accept: &str) -> Result<Headers> {
    let (host, date) = (address::authority(url), http_date(now));
    let covered = [("(request-target)", &*request_target("get", &target(url, query))), ("host", &host), ("date", &date)];
    let signature = cavage::sign(key_id, key, &covered)?;
    headers([(HOST, &host), (DATE, &date), (ACCEPT, accept), (SIGNATURE, &signature)])
}

/// All headers of a signed POST of an activity, `Host` and `Content-Type` among them. `digest` is from [`digest_of`].
/// Covers `(request-target) host date digest content-type`. Peers take it for minutes only: sign when sending.
pub fn sign_post(key_id: &str, key: &RsaPrivate, url: &Url, digest: &str, now: Timestamp) -> Result<Headers> {
    let (host, date) = (address::authority(url), http_date(now));
    let covered = [
        ("(request-target)", &*request_target("post", &target(url, Query::Covered))),
        ("host", &host),
        ("date", &date),
        ("digest", digest),
        ("content-type", ACTIVITY_JSON),
    ];
    let signature = cavage::sign(key_id, key, &covered)?;
    headers([(HOST, &host), (DATE, &date), (DIGEST, digest), (CONTENT_TYPE, ACTIVITY_JSON), (SIGNATURE, &signature)])
}

const DIGEST: HeaderName = HeaderName::from_static("digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

fn headers<const N: usize>(values: [(HeaderName, &str); N]) -> Result<Headers> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Error::broken("a header of ours holds a control character"));
    values.into_iter().map(|(name, text)| Ok((name, value(text)?))).collect()
}

fn http_date(now: Timestamp) -> String {
    now.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn target(url: &Url, query: Query) -> String {
    match url.query() {
        Some(text) if query == Query::Covered => format!("{}?{text}", url.path()),
        _ => url.path().to_owned(),
    }
}

fn request_target(method: &str, target: &str) -> String {
    format!("{method} {target}")
}

/// A request as it came in, without its body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Upper case, as HTTP has it.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Every header in its order, names in lower case.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Head<'a> {
    /// Every value of the header with this lower-case name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(found, _)| *found == name).map(|(_, value)| *value)
    }

    /// The value of a header that must be there once and be plain text.
    pub fn only(&self, name: &str) -> Option<&'a str> {
        let mut values = self.values(name);
        let first = values.next()?;
        if values.next().is_some() {
            return None;
        }
        std::str::from_utf8(first).ok().filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))).map(str::trim)
    }
}

/// Why a signature is not taken, whatever the key. A sentence for the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}.")]
pub struct Flaw(pub(crate) &'static str);

/// What is left to check of a signature whose covered headers, times and digest are right: the key.
/// It stays good however long it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub scheme: Scheme,
    pub key_id: String,
    /// What may have been signed: with the query of the address and without.
    messages: Vec<String>,
    #[serde(with = "as_base64")]
    signature: Vec<u8>,
}

impl Proof {
    /// Was it made with this key?
    pub fn holds(&self, key: &RsaPublic) -> bool {
        self.messages.iter().any(|message| key.verify_sha256(message.as_bytes(), &self.signature))
    }

    /// SHA-256 of the signature in hexadecimal digits: what a repeat of the same request has in common with it.
    pub fn replay_hash(&self) -> String {
        digest(&SHA256, &self.signature).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A signature of which all that needs no body was found right.
#[derive(Clone, Debug)]
pub struct Examined(cavage::Examined);

impl Examined {
    pub fn key_id(&self) -> &str {
        self.0.key_id()
    }

    /// Compares the digest the sender signed with that of the body that came.
    pub fn with_body(self, body: &[u8]) -> Result<Proof, Flaw> {
        self.0.with_body(body)
    }

    /// For requests that have no body.
    pub fn without_body(self) -> Proof {
        self.0.proof()
    }
}

/// Checks all of a request's signature except the key and the body: that it is there once and well-formed, that it
/// covers what it must (for a POST the digest too), and that it is neither old nor from the future.
pub fn examine(head: &Head<'_>, now: Timestamp) -> Result<Examined, Flaw> {
    cavage::examine(head, now).map(Examined)
}

mod as_base64 {
    use super::{Engine, STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
