//! A request under construction, for the tests of the signature and the guard; every part can be made wrong.

use serde_json::{Value, json};

use super::signature::{Head, digest_of};
use crate::{
    clock::Timestamp,
    keys::{RsaPrivate, testing::ana},
};

/// 2026-11-24T18:00:00Z
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_543_200);
pub const ANA: &str = "https://good.example/users/ana";

pub struct Draft {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub key_id: String,
    pub algorithm: Option<String>,
    pub created: Option<i64>,
    pub expires: Option<i64>,
    /// Names of what is signed, as they stand in the header.
    pub covered: Option<String>,
}

pub fn date(seconds_from_now: i64) -> String {
    Timestamp::from_seconds(NOW.seconds() + seconds_from_now).utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub fn follow() -> Value {
    json!({"id": "https://good.example/activities/1", "type": "Follow", "actor": ANA, "object": "https://us.example/ap/groups/kitchen"})
}

impl Draft {
    /// What Mastodon sends, still unsigned.
    pub fn post(activity: &Value) -> Self {
        let body = activity.to_string().into_bytes();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            method: "POST".into(),
            target: "/ap/inbox".into(),
            headers: vec![
                header("host", "us.example"),
                header("date", &date(0)),
                header("digest", &digest_of(&body)),
                header("content-type", "application/activity+json"),
                header("content-length", &body.len().to_string()),
            ],
            body,
            key_id: format!("{ANA}#main-key"),
            algorithm: Some("rsa-sha256".into()),
            created: None,
            expires: None,
            covered: Some("(request-target) host date digest content-type".into()),
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Takes all headers of this name away and adds one, unless it is to be absent.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(found, _)| found != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    pub fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn line(&self, name: &str) -> String {
        match name {
            "(request-target)" => format!("{} {}", self.method.to_lowercase(), self.target),
            "(created)" => self.created.map(|time| time.to_string()).unwrap_or_default(),
            "(expires)" => self.expires.map(|time| time.to_string()).unwrap_or_default(),
            _ => {
                let found = self.headers.iter().rev().find(|(found, _)| found.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            }
        }
    }

    pub fn signing_string(&self) -> String {
        let names = self.covered.clone().unwrap_or_default();
        names.split(' ').map(|name| format!("{}: {}", name.to_lowercase(), self.line(name))).collect::<Vec<_>>().join("\n")
    }

    /// The header's value with this signature, in base64.
    pub fn signature_header(&self, signature: &str) -> String {
        let quoted = |name: &str, value: Option<&String>| value.map(|value| format!("{name}=\"{value}\""));
        let bare = |name: &str, value: Option<i64>| value.map(|value| format!("{name}={value}"));
        [
            quoted("keyId", Some(&self.key_id)),
            quoted("algorithm", self.algorithm.as_ref()),
            bare("created", self.created),
            bare("expires", self.expires),
            quoted("headers", self.covered.as_ref()),
            quoted("signature", Some(&signature.to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(",")
    }

    pub fn signed_by(mut self, key: &RsaPrivate) -> Self {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let signature = STANDARD.encode(key.sign_sha256(self.signing_string().as_bytes()).unwrap());
        let value = self.signature_header(&signature);
        self.add("signature", &value);
        self
    }

    pub fn signed(self) -> Self {
        self.signed_by(ana())
    }

    /// Lends the request to the checks.
    pub fn lend<T>(&self, check: impl FnOnce(&Head<'_>, &[u8]) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        check(&Head { method: &self.method, target: &self.target, headers: &headers }, &self.body)
    }
}
