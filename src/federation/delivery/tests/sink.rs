//! A server on loopback that takes deliveries, answers as told, and remembers the order in which they came.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// One request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// `http://127.0.0.1:4000/inbox/1`
    pub inbox: String,
    pub body: String,
    pub headers: String,
}

/// What the sink answers to a request.
type Answers = dyn Fn(&Arrival) -> String + Send + Sync;

pub struct Sink {
    pub host: String,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    arrivals: Mutex<Vec<Arrival>>,
    answers: Mutex<Box<Answers>>,
    number: watch::Sender<usize>,
    /// While closed, requests are taken and not answered.
    gate: watch::Sender<bool>,
}

pub fn status(code: u16) -> String {
    format!("HTTP/1.1 {code} X\r\nContent-Length: 0\r\n\r\n")
}

impl Sink {
    /// Answers 202 to everything.
    pub async fn open() -> Self {
        Self::open_at("127.0.0.1:0").await
    }

    pub async fn open_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            arrivals: Mutex::default(),
            answers: Mutex::new(Box::new(|_| status(202))),
            number: watch::Sender::new(0),
            gate: watch::Sender::new(true),
        });
        let (name, theirs) = (host.clone(), shared.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, name.clone(), theirs.clone()));
            }
        });
        Self { host, shared, task }
    }

    pub fn inbox(&self, name: impl std::fmt::Display) -> String {
        format!("http://{}/inbox/{name}", self.host)
    }

    pub fn answer(&self, answers: impl Fn(&Arrival) -> String + Send + Sync + 'static) {
        *self.shared.answers.lock().unwrap() = Box::new(answers);
    }

    pub fn hold_answers(&self, hold: bool) {
        self.shared.gate.send_replace(!hold);
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.arrivals.lock().unwrap().clone()
    }

    /// Bodies that came to an inbox, in their order.
    pub fn at(&self, inbox: &str) -> Vec<String> {
        self.arrivals().into_iter().filter(|arrival| arrival.inbox == inbox).map(|arrival| arrival.body).collect()
    }

    pub fn forget(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.shared.arrivals.lock().unwrap())
    }

    /// Until so many requests came since the sink was opened.
    pub async fn until(&self, number: usize) {
        let mut seen = self.shared.number.subscribe();
        let wait = seen.wait_for(|seen| *seen >= number);
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("the sink waits in vain").unwrap();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, host: String, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(arrival) = read(&mut stream, &host).await {
        let answer = (shared.answers.lock().unwrap())(&arrival);
        shared.arrivals.lock().unwrap().push(arrival);
        shared.number.send_modify(|number| *number += 1);
        let mut gate = shared.gate.subscribe();
        if gate.wait_for(|open| *open).await.is_err() || stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>, host: &str) -> Option<Arrival> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Arrival { inbox: format!("http://{host}{path}"), body: String::from_utf8(body).ok()?, headers })
}
