//! A process that plays ten thousand inboxes on loopback: counts what comes to each, answers 202 after a while, and knows nothing
//! of what it is sent.

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub const HOSTS: usize = 500;
/// Inboxes of each host; `PLAZA_BENCH_INBOXES` asks for more than the usual twenty.
pub fn inboxes() -> usize {
    std::env::var("PLAZA_BENCH_INBOXES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}
pub const ARGUMENT: &str = "--be-the-sink";

/// What came since the last reset.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Count {
    pub total: usize,
    pub distinct: usize,
    /// From the first to the last that came to an inbox for the first time, in seconds.
    pub span: f64,
    /// Since that last one, in seconds.
    pub age: f64,
    /// Requests being answered at the same time, at most.
    pub abreast: usize,
    /// Head and body of one request.
    pub sample: Option<(String, String)>,
}

#[derive(Default)]
struct State {
    delay: Duration,
    seen: Vec<u32>,
    total: usize,
    distinct: usize,
    first: Option<Instant>,
    last: Option<Instant>,
    now_answering: usize,
    abreast: usize,
    sample: Option<(String, String)>,
}

/// The address of a host: 127.0.1.1 and on.
fn address(host: usize) -> Ipv4Addr {
    let [high, low] = u16::try_from(0x0100 + host / 250 * 256 + host % 250 + 1).map(u16::to_be_bytes).unwrap_or_default();
    Ipv4Addr::new(127, 0, high, low)
}

/// The process, seen from outside.
pub struct Sink {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub port: u16,
}

impl Sink {
    pub fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a path"))
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sink starts");
        let (commands, answers) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut sink = Self { child, commands, answers: BufReader::new(answers), port: 0 };
        sink.port = sink.ask("port").parse().expect("a port");
        sink
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands, "{command}").expect("the sink lives");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the sink lives");
        line.trim().to_owned()
    }

    /// Forgets what came, and answers so late from now on.
    pub fn reset(&mut self, delay: Duration) {
        self.ask(&format!("reset {}", delay.as_millis()));
    }

    pub fn count(&mut self) -> Count {
        serde_json::from_str(&self.ask("count")).expect("a count")
    }

    pub fn authority(&self, host: usize) -> String {
        format!("{}:{}", address(host), self.port)
    }

    /// What the sink alone can take, with a sender that does nothing but send: requests a second.
    pub fn own_rate(&mut self, span: Duration) -> f64 {
        self.reset(Duration::ZERO);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let until = Instant::now() + span;
        let port = self.port;
        let sent: usize = runtime.block_on(async {
            let tasks: Vec<_> = (0..64).map(|host| tokio::spawn(pour(address(host % HOSTS), port, until))).collect();
            let mut sent = 0;
            for task in tasks {
                sent += task.await.expect("no panic");
            }
            sent
        });
        sent as f64 / span.as_secs_f64()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends requests like a delivery's, one after the other.
async fn pour(address: Ipv4Addr, port: u16, until: Instant) -> usize {
    let body = "x".repeat(2500);
    let signature = "s".repeat(500);
    let request =
        format!("POST /inbox/1 HTTP/1.1\r\nHost: {address}\r\nSignature: {signature}\r\nContent-Length: 2500\r\n\r\n{body}");
    let mut stream = TcpStream::connect((address, port)).await.expect("the sink listens");
    let (mut sent, mut answer) = (0, [0; 256]);
    while Instant::now() < until {
        stream.write_all(request.as_bytes()).await.expect("the sink reads");
        if stream.read(&mut answer).await.expect("the sink answers") == 0 {
            break;
        }
        sent += 1;
    }
    sent
}

/// The process itself.
pub fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let state = Rc::new(RefCell::new(State { seen: vec![0; HOSTS * inboxes()], ..State::default() }));
        let mut port = 0;
        for host in 0..HOSTS {
            let listener = TcpListener::bind(SocketAddr::V4(SocketAddrV4::new(address(host), port))).await.expect("a free port");
            port = listener.local_addr().expect("bound").port();
            let state = state.clone();
            tokio::task::spawn_local(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let _ = stream.set_nodelay(true);
                    tokio::task::spawn_local(serve(stream, host, state.clone()));
                }
            });
        }
        obey(port, &state).await;
    });
}

/// Takes commands from standard input until it ends.
async fn obey(port: u16, state: &RefCell<State>) {
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    while let Some(line) = lines.recv().await {
        let answer = match line.split_once(' ') {
            Some(("reset", millis)) => {
                let delay = Duration::from_millis(millis.parse().expect("a number"));
                *state.borrow_mut() = State { delay, seen: vec![0; HOSTS * inboxes()], ..State::default() };
                "done".to_owned()
            }
            _ if line == "port" => port.to_string(),
            _ => serde_json::to_string(&state.borrow().count()).expect("a count"),
        };
        println!("{answer}");
    }
}

impl State {
    fn count(&self) -> Count {
        Count {
            total: self.total,
            distinct: self.distinct,
            span: self.last.zip(self.first).map_or(0.0, |(last, first)| last.duration_since(first).as_secs_f64()),
            age: self.last.map_or(0.0, |last| last.elapsed().as_secs_f64()),
            abreast: self.abreast,
            sample: self.sample.clone(),
        }
    }

    fn note(&mut self, host: usize, head: &str, body: &[u8]) {
        self.total += 1;
        self.now_answering += 1;
        self.abreast = self.abreast.max(self.now_answering);
        let path = head.split(' ').nth(1).unwrap_or_default();
        let inbox =
            path.strip_prefix("/inbox/").and_then(|number| number.parse::<usize>().ok()).filter(|number| *number < inboxes());
        let Some(times) = inbox.and_then(|inbox| self.seen.get_mut(host * inboxes() + inbox)) else { return };
        *times += 1;
        if *times == 1 {
            self.distinct += 1;
            let now = Instant::now();
            self.first.get_or_insert(now);
            self.last = Some(now);
        }
        if self.sample.is_none() {
            self.sample = Some((head.to_owned(), String::from_utf8_lossy(body).into_owned()));
        }
    }
}

async fn serve(mut stream: TcpStream, host: usize, state: Rc<RefCell<State>>) {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let Some((head, end)) = request(&mut stream, &mut buffer).await else { return };
        let closes = head.lines().any(|line| line.eq_ignore_ascii_case("connection: close"));
        let body_start = head.len() + 4;
        let delay = {
            let mut state = state.borrow_mut();
            state.note(host, &head, buffer.get(body_start..end).unwrap_or_default());
            state.delay
        };
        buffer.drain(..end);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let answer: &[u8] = match closes {
            true => b"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            false => b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        };
        let written = stream.write_all(answer).await;
        let mut state = state.borrow_mut();
        state.now_answering = state.now_answering.saturating_sub(1);
        if written.is_err() || closes {
            return;
        }
    }
}

/// Reads one request: its head, and where it ends in `buffer`.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, usize)> {
    loop {
        if let Some(head_end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(buffer.get(..head_end)?).ok()?.to_owned();
            let length = head
                .lines()
                .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("content-length")));
            let end = head_end + 4 + length.and_then(|(_, value)| value.parse::<usize>().ok()).unwrap_or(0);
            while buffer.len() < end {
                if stream.read_buf(buffer).await.ok()? == 0 {
                    return None;
                }
            }
            return Some((head, end));
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
