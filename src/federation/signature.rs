//! HTTP signatures of both schemes, made and checked; knows neither keys' owners nor activities.

mod cavage;
mod content_digest;
mod rfc9421;
#[cfg(test)]
mod rfc9421_tests;
#[cfg(test)]
mod tests;
mod times;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HOST, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use url::Url;

use super::synchronization;
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    keys::{PublicKey, RsaPrivate},
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

/// How a request is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// draft-cavage-http-signatures-12, which everybody reads.
    #[default]
    Cavage,
    Rfc9421,
}

impl Scheme {
    /// As it stands in the database; what nobody knows is the one everybody reads.
    pub fn from_name(name: &str) -> Self {
        if name == Self::Rfc9421.name() { Self::Rfc9421 } else { Self::Cavage }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Cavage => "cavage",
            Self::Rfc9421 => "rfc9421",
        }
    }

    /// What is tried when this one is refused.
    pub fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }
}

/// Does a cavage signature cover the query of the address? GoToSocial tries both; so does whoever answers 401 to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Covered,
    LeftOut,
}

/// SHA-256 of a body: the same for all its deliveries.
#[derive(Clone, Debug)]
pub struct BodyDigest(String);

impl BodyDigest {
    pub fn of(body: &[u8]) -> Self {
        Self(sha256_base64(body))
    }

    /// Value of the header `Digest` (RFC 3230).
    pub fn digest(&self) -> String {
        format!("SHA-256={}", self.0)
    }

    /// Value of the header `Content-Digest` (RFC 9530).
    pub fn content_digest(&self) -> String {
        format!("sha-256=:{}:", self.0)
    }
}

fn sha256_base64(body: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, body))
}

/// All headers of a signed GET, `Host` among them. Cavage covers `(request-target) host date`, RFC 9421 `@method` and
/// `@target-uri`, and `@query` where there is one.
pub fn sign_get(
    (scheme, query): (Scheme, Query),
    key_id: &str,
    key: &RsaPrivate,
    url: &Url,
    now: Timestamp,
    accept: &str,
) -> Result<Headers> {
    let (host, date) = (address::authority(url), http_date(now));
    match scheme {
        Scheme::Cavage => {
            let covered = [("(request-target)", &*request_target("get", &target(url, query))), ("host", &host), ("date", &date)];
            let signature = cavage::sign(key_id, key, &covered)?;
            headers([(HOST, &host), (DATE, &date), (ACCEPT, accept), (SIGNATURE, &signature)])
        }
        Scheme::Rfc9421 => {
            let (input, signature) = rfc9421::sign(key_id, key, ("GET", url), &[], now)?;
            headers([(HOST, &host), (DATE, &date), (ACCEPT, accept), (SIGNATURE_INPUT, &input), (SIGNATURE, &signature)])
        }
    }
}

/// All headers of a signed POST of an activity, `Host` and `Content-Type` among them. Cavage covers `(request-target) host date
/// digest content-type`, RFC 9421 `@method`, `@target-uri`, `content-type` and `content-digest`, and `@query` where there is one:
/// all that Mastodon and tootik ask for. Peers take it for minutes only: sign when sending.
pub fn sign_post(
    scheme: Scheme,
    key_id: &str,
    key: &RsaPrivate,
    url: &Url,
    digest: &BodyDigest,
    now: Timestamp,
) -> Result<Headers> {
    sign_post_with(scheme, key_id, key, url, (digest, None), now)
}

/// The same with another header, which is covered too: who follows on that server (FEP-8fcf).
pub fn sign_post_with(
    scheme: Scheme,
    key_id: &str,
    key: &RsaPrivate,
    url: &Url,
    (digest, synchronization): (&BodyDigest, Option<&str>),
    now: Timestamp,
) -> Result<Headers> {
    let (host, date) = (address::authority(url), http_date(now));
    let more = synchronization.map(|value| (synchronization::HEADER, value));
    let mut sent = match scheme {
        Scheme::Cavage => {
            let digest = digest.digest();
            let target = request_target("post", &target(url, Query::Covered));
            let mut covered = vec![
                ("(request-target)", target.as_str()),
                ("host", &host),
                ("date", &date),
                ("digest", &digest),
                ("content-type", ACTIVITY_JSON),
            ];
            covered.extend(more);
            let signature = cavage::sign(key_id, key, &covered)?;
            headers([(HOST, &host), (DATE, &date), (DIGEST, &digest), (CONTENT_TYPE, ACTIVITY_JSON), (SIGNATURE, &signature)])?
        }
        Scheme::Rfc9421 => {
            let digest = digest.content_digest();
            let mut covered = vec![("content-type", ACTIVITY_JSON), ("content-digest", digest.as_str())];
            covered.extend(more);
            let (input, signature) = rfc9421::sign(key_id, key, ("POST", url), &covered, now)?;
            headers([
                (HOST, &host),
                (DATE, &date),
                (CONTENT_DIGEST, &digest),
                (CONTENT_TYPE, ACTIVITY_JSON),
                (SIGNATURE_INPUT, &input),
                (SIGNATURE, &signature),
            ])?
        }
    };
    if let Some(value) = synchronization {
        sent.extend(headers([(SYNCHRONIZATION, value)])?);
    }
    Ok(sent)
}

const SYNCHRONIZATION: HeaderName = HeaderName::from_static(synchronization::HEADER);
const DIGEST: HeaderName = HeaderName::from_static("digest");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

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
    /// Does the sender write https? Ours to say: TLS ends before us.
    pub is_https: bool,
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

/// What a signature is made with. RSA is PKCS#1 v1.5 with SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    Rsa,
    Ed25519,
}

/// What is left to check of a signature whose covered headers, times and digest are right: the key.
/// It stays good however long it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub scheme: Scheme,
    pub key_id: String,
    /// `None` where the key decides.
    algorithm: Option<Algorithm>,
    /// What may have been signed: with the query of the address and without.
    messages: Vec<String>,
    #[serde(with = "as_base64")]
    signature: Vec<u8>,
}

impl Proof {
    /// Was it made with this key, in the way it says it was?
    pub fn holds(&self, key: &PublicKey) -> bool {
        let own = match key {
            PublicKey::Rsa(_) => Algorithm::Rsa,
            PublicKey::Ed25519(_) => Algorithm::Ed25519,
        };
        let made = |message: &String| match key {
            PublicKey::Rsa(key) => key.verify_sha256(message.as_bytes(), &self.signature),
            PublicKey::Ed25519(key) => key.verify(message.as_bytes(), &self.signature),
        };
        self.algorithm.is_none_or(|named| named == own) && self.messages.iter().any(made)
    }

    /// SHA-256 of the signature in hexadecimal digits: what a repeat of the same request has in common with it.
    pub fn replay_hash(&self) -> String {
        digest(&SHA256, &self.signature).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a sender says of the body, in base64; at least one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Digests {
    sha256: Option<String>,
    sha512: Option<String>,
}

impl Digests {
    fn fit(&self, body: &[u8]) -> bool {
        self.sha256.as_ref().is_none_or(|said| *said == sha256_base64(body))
            && self.sha512.as_ref().is_none_or(|said| *said == STANDARD.encode(digest(&SHA512, body)))
    }
}

/// A signature of which all that needs no body was found right.
#[derive(Clone, Debug)]
pub struct Examined {
    proof: Proof,
    /// What is covered of the body.
    digests: Option<Digests>,
}

impl Examined {
    pub fn key_id(&self) -> &str {
        &self.proof.key_id
    }

    /// Compares the digest the sender signed with that of the body that came.
    pub fn with_body(self, body: &[u8]) -> Result<Proof, Flaw> {
        match &self.digests {
            None => Err(Flaw("the signature does not cover the digest")),
            Some(digests) if !digests.fit(body) => Err(Flaw("the digest is not that of the body")),
            Some(_) => Ok(self.proof),
        }
    }

    /// For requests that have no body.
    pub fn without_body(self) -> Proof {
        self.proof
    }
}

/// Checks all of a request's signature except the key and the body: that it is there once and well-formed, that it
/// covers what it must (for a POST the digest too), and that it is neither old nor from the future. A `Signature-Input`
/// makes it RFC 9421, whatever else there is.
pub fn examine(head: &Head<'_>, now: Timestamp) -> Result<Examined, Flaw> {
    match head.values("signature-input").next() {
        Some(_) => rfc9421::examine(head, now),
        None => cavage::examine(head, now),
    }
}

/// Longest header that is read, in bytes.
const LONGEST_HEADER: usize = 8_192;
const LONGEST_KEY_ID: usize = 2_048;
const MOST_COVERED: usize = 32;
/// The value of a header that is covered.
fn covered_header<'a>(head: &Head<'a>, name: &str) -> Result<&'a str, Flaw> {
    head.only(name).ok_or(Flaw("every covered header must be there exactly once"))
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
