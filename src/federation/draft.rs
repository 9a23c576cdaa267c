//! A request under construction, for the tests of the signature and the guard; every part can be made wrong.

use serde_json::{Value, json};

use super::signature::{BodyDigest, Head};
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
                header("digest", &BodyDigest::of(&body).digest()),
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

    /// What a peer sends under RFC 9421, still unsigned; `covered` and `algorithm` are now in its terms.
    pub fn newer(activity: &Value) -> Self {
        Self::post(activity).with(|draft| {
            draft.set("digest", None);
            draft.set("content-digest", Some(&BodyDigest::of(&draft.body).content_digest()));
            draft.algorithm = Some("rsa-v1_5-sha256".into());
            draft.created = Some(NOW.seconds());
            draft.covered = Some(r#""@method" "@target-uri" "content-digest""#.into());
        })
    }

    /// What stands behind the label in `Signature-Input`.
    pub fn signature_params(&self) -> String {
        let mut text = format!("({})", self.covered.as_deref().unwrap_or_default());
        text.extend(self.created.map(|time| format!(";created={time}")));
        text.extend(self.expires.map(|time| format!(";expires={time}")));
        text.push_str(&format!(";keyid=\"{}\"", self.key_id));
        text.extend(self.algorithm.as_ref().map(|name| format!(";alg=\"{name}\"")));
        text
    }

    /// Written by hand after RFC 9421 2.5.
    pub fn signature_base(&self) -> String {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let host = self.line("host");
        let mut base = String::new();
        for quoted in self.covered.as_deref().unwrap_or_default().split(' ').filter(|name| !name.is_empty()) {
            let value = match quoted.trim_matches('"') {
                "@method" => self.method.clone(),
                "@target-uri" => format!("https://{host}{}", self.target),
                "@authority" => host.clone(),
                "@scheme" => "https".into(),
                "@request-target" => self.target.clone(),
                "@path" => path.to_owned(),
                "@query" => format!("?{query}"),
                name => self.line(name),
            };
            base.push_str(&format!("{quoted}: {value}\n"));
        }
        base + &format!("\"@signature-params\": {}", self.signature_params())
    }

    pub fn signed_newer_by(mut self, sign: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let signature = STANDARD.encode(sign(self.signature_base().as_bytes()));
        let input = format!("sig1={}", self.signature_params());
        self.add("signature-input", &input);
        self.add("signature", &format!("sig1=:{signature}:"));
        self
    }

    pub fn signed_newer(self) -> Self {
        self.signed_newer_by(|base| ana().sign_sha256(base).unwrap())
    }

    /// Lends the request to the checks.
    pub fn lend<T>(&self, check: impl FnOnce(&Head<'_>, &[u8]) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        check(&Head { method: &self.method, is_https: true, target: &self.target, headers: &headers }, &self.body)
    }
}
