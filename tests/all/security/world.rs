//! Hosts on loopback that answer as they are told and remember who came. They know nothing of Plaza but how it makes RSA keys.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use plaza::keys::RsaPrivate;
use serde_json::{Value, json};

pub const ACTIVITY_JSON: &str = "application/activity+json";

/// One of a few RSA keys, made once.
pub fn key(number: usize) -> &'static RsaPrivate {
    static KEYS: OnceLock<Vec<RsaPrivate>> = OnceLock::new();
    let make = |_| RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("its own form");
    &KEYS.get_or_init(|| (0..3).map(make).collect())[number]
}

/// What a host answers at a path.
#[derive(Clone)]
pub enum Reply {
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// 200 and a body that never ends.
    Endless,
    /// Nothing; the connection stays open.
    Silence,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Whole { status, headers: vec![("Content-Type".into(), content_type.into())], body: body.into() }
    }

    pub fn document(document: &Value) -> Self {
        Self::new(200, ACTIVITY_JSON, document.to_string())
    }

    pub fn redirect(status: u16, to: &str) -> Self {
        Self::Whole { status, headers: vec![("Location".into(), to.into())], body: vec![] }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Whole { headers, .. } = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }
}

/// A server on an address of its own; posts are taken with 202, what is not told of is 404.
pub struct Host {
    /// Address and port.
    pub name: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<(String, String)>>,
    connections: AtomicUsize,
    held: Mutex<bool>,
    released: Condvar,
    closed: AtomicBool,
}

impl Host {
    /// Each of 127.0.0.0/8 is another host.
    pub fn open(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).expect("a free port");
        let name = listener.local_addr().expect("bound").to_string();
        let shared = Arc::<Shared>::default();
        let theirs = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if theirs.closed.load(Ordering::SeqCst) {
                    return;
                }
                theirs.connections.fetch_add(1, Ordering::SeqCst);
                let theirs = theirs.clone();
                std::thread::spawn(move || theirs.serve(stream));
            }
        });
        Self { name, shared }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.name)
    }

    pub fn reply(&self, path: &str, reply: Reply) {
        self.shared.replies.lock().expect("whole").insert(path.to_owned(), reply);
    }

    /// How often a path was asked for, by GET.
    pub fn asked(&self, path: &str) -> usize {
        self.shared.asked.lock().expect("whole").iter().filter(|(method, asked)| method == "GET" && asked == path).count()
    }

    /// How often something was posted to a path.
    pub fn posts(&self, path: &str) -> usize {
        self.shared.asked.lock().expect("whole").iter().filter(|(method, asked)| method == "POST" && asked == path).count()
    }

    /// Every GET there was.
    pub fn questions(&self) -> usize {
        self.shared.asked.lock().expect("whole").iter().filter(|(method, _)| method == "GET").count()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// While held, requests are read and not answered.
    pub fn hold(&self, held: bool) {
        *self.shared.held.lock().expect("whole") = held;
        self.shared.released.notify_all();
    }

    /// An actor that lives here, and its document.
    pub fn person(&self, name: &str, key: &'static RsaPrivate) -> Person {
        let id = self.url(&format!("/users/{name}"));
        let person = Person { key_id: format!("{id}#main-key"), id, key };
        self.reply(&format!("/users/{name}"), Reply::document(&person.document()));
        person
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.hold(false);
        let _ = TcpStream::connect(&self.name);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some((method, path)) = read_request(&mut reader) {
            self.asked.lock().expect("whole").push((method.clone(), path.clone()));
            let held = self.held.lock().expect("whole");
            let wait = self.released.wait_timeout_while(held, Duration::from_secs(20), |held| *held);
            drop(wait);
            let told = self.replies.lock().expect("whole").get(&path).cloned();
            let otherwise = if method == "POST" { 202 } else { 404 };
            let reply = told.filter(|_| method == "GET").unwrap_or_else(|| Reply::new(otherwise, "text/plain", ""));
            if answer(reader.get_mut(), &reply).is_none() {
                return;
            }
        }
    }
}

/// `None` when the connection is done with.
fn answer(stream: &mut TcpStream, reply: &Reply) -> Option<()> {
    match reply {
        Reply::Whole { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
            headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
            stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
            stream.write_all(body).ok()
        }
        Reply::Endless => {
            stream.write_all(format!("HTTP/1.1 200 X\r\nContent-Type: {ACTIVITY_JSON}\r\n\r\n{{\"id\":\"").as_bytes()).ok()?;
            while stream.write_all(&[b'x'; 16_384]).is_ok() {}
            None
        }
        Reply::Silence => {
            // until the other side has had enough
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let _ = stream.read(&mut [0; 1]);
            let _ = stream.shutdown(Shutdown::Both);
            None
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some((method, path))
}

/// Somebody on one of the hosts.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub key_id: String,
    pub key: &'static RsaPrivate,
}

impl Person {
    pub fn document(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id,
            "type": "Person",
            "preferredUsername": self.id.rsplit('/').next(),
            "inbox": format!("{}/inbox", self.id),
            "publicKey": { "id": self.key_id, "owner": self.id, "publicKeyPem": self.key.public_pem() },
        })
    }

    /// The document with some fields replaced.
    pub fn document_with(&self, changes: Value) -> Value {
        let mut document = self.document();
        for (name, value) in changes.as_object().expect("fields") {
            document[name] = value.clone();
        }
        document
    }
}
