//! Signed requests, right or wrong in any single thing: the signing string is written here by hand, not by Plaza.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine, engine::general_purpose::STANDARD};
use plaza::clock::Clock;
use serde_json::{Value, json};

use super::world::{ACTIVITY_JSON, Person};

/// Seconds since 1970.
pub fn now() -> i64 {
    Clock::system().now().seconds()
}

pub fn http_date(seconds: i64) -> String {
    plaza::clock::Timestamp::from_seconds(seconds).utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", sha256(body))
}

/// The same in the words of RFC 9530.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", sha256(body))
}

pub fn sha256(body: &[u8]) -> String {
    STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body))
}

/// An id on this person's host that was never used before.
pub fn new_id(person: &Person) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("{}/activities/{}", person.id, NUMBER.fetch_add(1, Ordering::Relaxed))
}

pub fn activity(person: &Person, kind: &str, object: Value) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": new_id(person),
        "type": kind,
        "actor": person.id,
        "object": object,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
    })
}

/// Signs otherwise than with RSA: what is signed and whose letter it is give the signature.
pub type Signing = fn(&[u8], &Person) -> Vec<u8>;

/// A request to be signed; everything in it can be made wrong before.
#[derive(Clone)]
pub struct Letter {
    pub method: String,
    pub target: String,
    pub host: String,
    pub date: String,
    pub digest: String,
    pub content_type: String,
    pub body: Vec<u8>,
    pub person: Person,
    pub key_id: String,
    pub algorithm: Option<String>,
    pub covered: Option<String>,
    pub created: Option<i64>,
    pub expires: Option<i64>,
    /// What makes the signature of the signing string, where it is not the person's key.
    pub signer: Option<Signing>,
}

impl Letter {
    pub fn new(host: &str, target: &str, person: &Person, activity: &Value) -> Self {
        let body = activity.to_string().into_bytes();
        Self {
            method: "POST".into(),
            target: target.into(),
            host: host.into(),
            date: http_date(now()),
            digest: digest(&body),
            content_type: ACTIVITY_JSON.into(),
            body,
            person: person.clone(),
            key_id: person.key_id.clone(),
            algorithm: Some("rsa-sha256".into()),
            covered: Some("(request-target) host date digest".into()),
            created: None,
            expires: None,
            signer: None,
        }
    }

    /// The same for RFC 9421, in whose terms `digest`, `covered` and `algorithm` are from now on.
    pub fn newer(mut self) -> Self {
        self.digest = content_digest(&self.body);
        self.covered = Some(r#""@method" "@target-uri" "content-digest""#.into());
        self.algorithm = Some("rsa-v1_5-sha256".into());
        self.created = Some(now());
        self
    }

    /// The signature base of RFC 9421 2.5, and what stands in `Signature-Input`.
    fn base(&self) -> (String, String) {
        let names = self.covered.as_deref().unwrap_or_default();
        let mut parameters = format!("({names})");
        parameters.extend(self.created.map(|time| format!(";created={time}")));
        parameters.extend(self.expires.map(|time| format!(";expires={time}")));
        parameters.push_str(&format!(";keyid=\"{}\"", self.key_id));
        parameters.extend(self.algorithm.as_ref().map(|name| format!(";alg=\"{name}\"")));
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let value = |name: &str| match name.trim_matches('"') {
            "@method" => self.method.clone(),
            "@target-uri" => format!("http://{}{}", self.host, self.target),
            "@authority" | "host" => self.host.clone(),
            "@path" => path.to_owned(),
            "@query" => format!("?{query}"),
            "date" => self.date.clone(),
            "content-digest" => self.digest.clone(),
            "content-type" => self.content_type.clone(),
            _ => String::new(),
        };
        let lines: String = names.split_whitespace().map(|name| format!("{name}: {}\n", value(name))).collect();
        (format!("{lines}\"@signature-params\": {parameters}"), parameters)
    }

    pub fn signed_newer(&self) -> Request {
        let (base, parameters) = self.base();
        let signature = match self.signer {
            Some(sign) => sign(base.as_bytes(), &self.person),
            None => self.person.key.sign_sha256(base.as_bytes()).expect("a signature"),
        };
        let headers = [
            ("Host", self.host.clone()),
            ("Date", self.date.clone()),
            ("Content-Digest", self.digest.clone()),
            ("Content-Type", self.content_type.clone()),
            ("Signature-Input", format!("sig1={parameters}")),
            ("Signature", format!("sig1=:{}:", STANDARD.encode(signature))),
            ("Content-Length", self.body.len().to_string()),
            ("Connection", "close".into()),
        ];
        Request {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: self.body.clone(),
        }
    }

    /// Other bytes, with their own digest.
    pub fn say(&mut self, body: impl Into<Vec<u8>>) {
        self.body = body.into();
        self.digest = digest(&self.body);
    }

    pub fn signed(&self) -> Request {
        let value = |name: &str| match name.to_ascii_lowercase().as_str() {
            "(request-target)" => format!("{} {}", self.method.to_ascii_lowercase(), self.target),
            "(created)" => self.created.map(|time| time.to_string()).unwrap_or_default(),
            "(expires)" => self.expires.map(|time| time.to_string()).unwrap_or_default(),
            "host" => self.host.clone(),
            "date" => self.date.clone(),
            "digest" => self.digest.clone(),
            "content-type" => self.content_type.clone(),
            _ => String::new(),
        };
        let names = self.covered.as_deref().unwrap_or("date").split_whitespace();
        let lines: Vec<String> = names.map(|name| format!("{}: {}", name.to_ascii_lowercase(), value(name))).collect();
        let message = lines.join("\n");
        let signature = match self.signer {
            Some(sign) => sign(message.as_bytes(), &self.person),
            None => self.person.key.sign_sha256(message.as_bytes()).expect("a signature"),
        };
        let mut parameters = vec![format!("keyId=\"{}\"", self.key_id)];
        parameters.extend(self.algorithm.as_ref().map(|name| format!("algorithm=\"{name}\"")));
        parameters.extend(self.created.map(|time| format!("created={time}")));
        parameters.extend(self.expires.map(|time| format!("expires={time}")));
        parameters.extend(self.covered.as_ref().map(|names| format!("headers=\"{names}\"")));
        parameters.push(format!("signature=\"{}\"", STANDARD.encode(signature)));
        Request {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: [
                ("Host", self.host.clone()),
                ("Date", self.date.clone()),
                ("Digest", self.digest.clone()),
                ("Content-Type", self.content_type.clone()),
                ("Signature", parameters.join(",")),
                ("Content-Length", self.body.len().to_string()),
                ("Connection", "close".into()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
            body: self.body.clone(),
        }
    }
}

/// A request as it goes over the wire; what is changed here was not signed.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(host: &str, target: &str, headers: &[(&str, &str)]) -> Self {
        let own = [("Host", host), ("Connection", "close")];
        let headers = own.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { method: "GET".into(), target: target.into(), headers, body: vec![] }
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name.into(), value.into()));
    }

    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    /// One more of that name, before the others.
    pub fn before(&mut self, name: &str, value: impl Into<String>) {
        self.headers.insert(0, (name.into(), value.into()));
    }

    /// One more of that name, after the others.
    pub fn after(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}
