//! Readers of a city, on loopback: as many as can be, or so many a second.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONNECTIONS: usize = 64;

/// What readers saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Answers a second.
    pub rate: f64,
    /// Milliseconds; of readers at a given rate counted from when they wanted to ask, not from when they could.
    pub median: f64,
    pub p99: f64,
    /// Answers that had another status than the one wanted.
    pub odd: usize,
    /// Of one answer with its head.
    pub bytes: usize,
}

/// One answer.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: usize,
    /// From the question to the first byte, and to the last.
    pub first: Duration,
    pub whole: Duration,
}

/// An open connection to the city.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.expect("the city answers");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(1 << 16) }
    }

    async fn ask(&mut self, request: &[u8]) -> Reply {
        let asked = Instant::now();
        self.stream.write_all(request).await.expect("the city listens");
        self.buffer.clear();
        let mut first = None;
        let head = loop {
            self.more().await;
            first.get_or_insert_with(|| asked.elapsed());
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length = header(&text, "content-length").and_then(|length| length.parse::<usize>().ok());
        let body = match length {
            _ if status == 304 => 0,
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.more().await;
                }
                length
            }
            None => self.chunks(head).await,
        };
        Reply { status, head: text, body, first: first.unwrap_or_default(), whole: asked.elapsed() }
    }

    /// The length of a body that comes in chunks; nothing of it is kept.
    async fn chunks(&mut self, head: usize) -> usize {
        let mut total = 0;
        self.buffer.drain(..head);
        loop {
            let line = loop {
                if let Some(end) = find(&self.buffer, b"\r\n") {
                    break end;
                }
                self.more().await;
            };
            let size = std::str::from_utf8(&self.buffer[..line]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.expect("a chunk");
            while self.buffer.len() < line + 2 + size + 2 {
                self.more().await;
            }
            self.buffer.drain(..line + 2 + size + 2);
            total += size;
            if size == 0 {
                return total;
            }
        }
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the city answers");
        assert!(read > 0, "the city hung up");
    }
}

/// What a head says under this name.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.into_iter().find_map(|(field, value)| field.eq_ignore_ascii_case(name).then(|| value.trim()))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What is asked for, as it goes over the wire.
pub fn request(authority: &str, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept-Language: en\r\n{headers}\r\n").into_bytes()
}

fn here<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// One question alone.
pub fn once(port: u16, request: &[u8]) -> Reply {
    here(async { Line::open(port).await.ask(request).await })
}

/// Asks for `span`: without a `rate`, each reader as soon as it has an answer; with one, so many a second in all.
pub fn crowd(port: u16, request: &[u8], status: u16, span: Duration, rate: Option<f64>) -> Seen {
    let times = Rc::new(RefCell::new(Vec::new()));
    let (odd, bytes, next) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)), Rc::new(Cell::new(0_u32)));
    let took = here(async {
        let start = Instant::now();
        let readers = (0..CONNECTIONS).map(|_| {
            let (times, odd, bytes, next, request) = (times.clone(), odd.clone(), bytes.clone(), next.clone(), request.to_vec());
            tokio::task::spawn_local(async move {
                let mut line = Line::open(port).await;
                loop {
                    let turn = next.replace(next.get() + 1);
                    let wanted =
                        rate.map_or_else(Instant::now, |rate| start + Duration::from_secs(1).mul_f64(f64::from(turn) / rate));
                    if wanted.duration_since(start) >= span {
                        return;
                    }
                    tokio::time::sleep_until(wanted.into()).await;
                    let reply = line.ask(&request).await;
                    times.borrow_mut().push(wanted.elapsed());
                    bytes.set(reply.head.len() + reply.body);
                    odd.set(odd.get() + usize::from(reply.status != status));
                }
            })
        });
        futures_util::future::join_all(readers).await.into_iter().for_each(|reader| reader.expect("a reader"));
        start.elapsed()
    });
    let mut times = times.take();
    times.sort();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    Seen { rate: times.len() as f64 / took.as_secs_f64(), median: at(0.5), p99: at(0.99), odd: odd.get(), bytes: bytes.get() }
}

/// What became of different requests that were sent once each, by their lists.
#[derive(Default)]
pub struct Poured {
    /// Statuses and how long each took, from when it was to be sent.
    pub replies: Vec<Vec<(u16, Duration)>>,
    /// From the first to the last answer of each list.
    pub spans: Vec<Duration>,
}

impl Poured {
    pub fn answers(&self, list: usize, status: u16) -> usize {
        self.replies.get(list).map_or(0, |replies| replies.iter().filter(|(found, _)| *found == status).count())
    }

    /// Answers a second of the first list.
    pub fn rate(&self) -> f64 {
        let (many, span) = (self.replies.first().map_or(0, Vec::len), self.spans.first().copied().unwrap_or_default());
        many as f64 / span.as_secs_f64().max(f64::EPSILON)
    }

    /// Milliseconds.
    pub fn p99(&self, list: usize) -> f64 {
        let mut times: Vec<Duration> = self.replies.get(list).into_iter().flatten().map(|(_, took)| *took).collect();
        times.sort();
        times.get(times.len() * 99 / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Sends every request of these lists once, each list over so many connections: as fast as answers come, or so many of the first a
/// second and of the others in proportion to their length.
pub fn pour(port: u16, lists: Vec<Vec<Vec<u8>>>, connections: usize, rate: Option<f64>) -> Poured {
    let first = lists.first().map_or(0, Vec::len).max(1) as f64;
    here(async {
        let start = Instant::now();
        let mut senders = Vec::new();
        for list in lists {
            let rate = rate.map(|rate| rate * list.len() as f64 / first);
            senders.push(tokio::task::spawn_local(pour_one(port, Rc::new(list), connections, rate, start)));
        }
        let mut poured = Poured::default();
        for sender in senders {
            let (replies, span) = sender.await.expect("a sender");
            poured.replies.push(replies);
            poured.spans.push(span);
        }
        poured
    })
}

async fn pour_one(
    port: u16,
    list: Rc<Vec<Vec<u8>>>,
    connections: usize,
    rate: Option<f64>,
    start: Instant,
) -> (Vec<(u16, Duration)>, Duration) {
    let (next, replies) = (Rc::new(Cell::new(0_usize)), Rc::new(RefCell::new(Vec::with_capacity(list.len()))));
    let senders = (0..connections).map(|_| {
        let (list, next, replies) = (list.clone(), next.clone(), replies.clone());
        tokio::task::spawn_local(async move {
            let mut line = Line::open(port).await;
            while let Some(request) = list.get(next.replace(next.get() + 1)) {
                let turn = (next.get() - 1) as f64;
                let wanted = rate.map_or_else(Instant::now, |rate| start + Duration::from_secs_f64(turn / rate));
                tokio::time::sleep_until(wanted.into()).await;
                let reply = line.ask(request).await;
                replies.borrow_mut().push((reply.status, wanted.elapsed()));
                if header(&reply.head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                    line = Line::open(port).await;
                }
            }
        })
    });
    futures_util::future::join_all(senders).await.into_iter().for_each(|sender| sender.expect("a sender"));
    (replies.take(), start.elapsed())
}
