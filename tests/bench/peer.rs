//! Other servers, played in a thread on loopback: they say who their actors are when they are asked, and count how often; and what
//! their actors send, signed before anything is measured.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddrV4},
    sync::{Arc, Mutex},
};

use plaza::{
    actors::remote::RemoteActor,
    clock::{Clock, Timestamp},
    federation::signature::{self, BodyDigest, Scheme},
    keys::RsaPrivate,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// One host is asked about strangers a thousand times in five minutes at most: they come from many.
pub const HOSTS: usize = 50;

/// How often each path of each host was asked for.
type Asked = Arc<Mutex<HashMap<String, usize>>>;

pub struct Peers {
    port: u16,
    /// Every actor's; making thousands would take an hour.
    key: RsaPrivate,
    asked: Asked,
}

fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 9, u8::try_from(host % HOSTS + 1).unwrap_or(1))
}

impl Peers {
    pub fn start() -> Self {
        let key = RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("a key");
        let asked = Asked::default();
        let (sender, port) = std::sync::mpsc::channel();
        let (pem, counted) = (key.public_pem().to_owned(), asked.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            tokio::task::LocalSet::new().block_on(&runtime, async {
                let mut port = 0;
                for host in 0..HOSTS {
                    let listener = TcpListener::bind(SocketAddrV4::new(address(host), port)).await.expect("a free port");
                    port = listener.local_addr().expect("bound").port();
                    let (authority, pem, counted) = (format!("{}:{port}", address(host)), pem.clone(), counted.clone());
                    tokio::task::spawn_local(async move {
                        while let Ok((stream, _)) = listener.accept().await {
                            tokio::task::spawn_local(serve(stream, authority.clone(), pem.clone(), counted.clone()));
                        }
                    });
                }
                sender.send(port).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        Self { port: port.recv().expect("a port"), key, asked }
    }

    /// The id of an actor. Neighbours live on different hosts.
    pub fn actor(&self, name: &str, number: usize) -> Url {
        let id = format!("http://{}:{}/{name}/{number}", address(number), self.port);
        id.parse().expect("an address")
    }

    /// The same as a city knows it that met it before.
    pub fn known(&self, name: &str, number: usize) -> RemoteActor {
        let uri = self.actor(name, number);
        let at = |path: &str| format!("{uri}{path}").parse().expect("an address");
        RemoteActor {
            kind: "Person".into(),
            name: format!("{name}{number}"),
            inbox: at("/inbox"),
            shared_inbox: None,
            public_keys: vec![(format!("{uri}#main-key"), self.key.public_pem().to_owned())],
            assertion_keys: Vec::new(),
            fetched: Clock::system().now(),
            key_checked: Timestamp::from_seconds(0),
            uri,
        }
    }

    /// A whole request that says this, signed now.
    pub fn signed(&self, activity: &Value, inbox: &Url) -> Vec<u8> {
        let actor = activity["actor"].as_str().expect("an actor");
        let body = activity.to_string();
        let (digest, key_id) = (BodyDigest::of(body.as_bytes()), format!("{actor}#main-key"));
        let headers = signature::sign_post(Scheme::Cavage, &key_id, &self.key, inbox, &digest, Clock::system().now());
        let headers = headers.expect("signed");
        whole(inbox, headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))), &body)
    }

    /// The same with a signature that nobody made: where none is looked at, or it is to be found out.
    pub fn forged(&self, activity: &Value, inbox: &Url) -> Vec<u8> {
        let actor = activity["actor"].as_str().expect("an actor");
        let body = activity.to_string();
        let digest = BodyDigest::of(body.as_bytes()).digest();
        let host = inbox.port().map_or_else(String::new, |port| format!("localhost:{port}"));
        let date = Clock::system().now().utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let signature = format!(
            "keyId=\"{actor}#main-key\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest content-type\",\
             signature=\"{}A==\"",
            "A".repeat(341)
        );
        let headers = [
            ("host", host.as_str()),
            ("date", date.as_str()),
            ("digest", digest.as_str()),
            ("content-type", "application/activity+json"),
            ("signature", signature.as_str()),
        ];
        whole(inbox, headers.into_iter(), &body)
    }

    /// Requests that came here, and the most for any one path; forgets them.
    pub fn asked(&self) -> (usize, usize) {
        let asked = std::mem::take(&mut *self.asked.lock().expect("no panic"));
        (asked.values().sum(), asked.values().copied().max().unwrap_or(0))
    }
}

fn whole<'a>(inbox: &Url, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Vec<u8> {
    let headers: String = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("POST {} HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n{body}", inbox.path(), body.len()).into_bytes()
}

/// A `Create` of a note that everybody may read.
pub fn note(actor: &Url, number: usize) -> Value {
    let id = format!("{actor}/notes/{number}");
    let public = "https://www.w3.org/ns/activitystreams#Public";
    let content = format!("<p>Soup number {number} is ready, and <a href=\"{actor}/soup\">bread</a> with it.</p>");
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{id}/activity"),
        "type": "Create",
        "actor": actor,
        "published": Clock::system().now().rfc3339(),
        "to": [public],
        "cc": [format!("{actor}/followers")],
        "object": {
            "id": id,
            "type": "Note",
            "summary": null,
            "inReplyTo": null,
            "published": Clock::system().now().rfc3339(),
            "url": format!("{id}/page"),
            "attributedTo": actor,
            "to": [public],
            "cc": [format!("{actor}/followers")],
            "sensitive": false,
            "content": content,
            "contentMap": { "en": content },
            "attachment": [],
            "tag": [],
        },
    })
}

/// Somebody likes something of the city's.
pub fn like(actor: &Url, object: &str) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{actor}#likes/1"),
        "type": "Like",
        "actor": actor,
        "object": object,
    })
}

/// Somebody's account is gone, as Mastodon tells everybody it ever knew.
pub fn gone(actor: &Url) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{actor}#delete"),
        "type": "Delete",
        "actor": actor,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "object": actor,
    })
}

async fn serve(mut stream: TcpStream, authority: String, pem: String, asked: Asked) {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        while !buffer.windows(4).any(|four| four == b"\r\n\r\n") {
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let path = String::from_utf8_lossy(&buffer).split(' ').nth(1).unwrap_or_default().to_owned();
        buffer.clear();
        let id = format!("http://{authority}{path}");
        *asked.lock().expect("no panic").entry(id.clone()).or_default() += 1;
        let body = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id,
            "type": "Person",
            "preferredUsername": path.trim_matches('/').replace('/', ""),
            "inbox": format!("{id}/inbox"),
            "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": pem },
        })
        .to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
            return;
        }
    }
}
