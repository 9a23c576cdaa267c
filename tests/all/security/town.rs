//! The city under attack: the program as a process, what it answers, what its database holds, and what it logged.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::OnceLock,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text};
use serde_json::Value;
use tokio::{net::TcpSocket, runtime::Runtime};

use super::{
    letters::{Letter, activity},
    world::Person,
};
use crate::{commands::Terminal, process::until};

/// Where all requests of these tests come from. It must never be found in a log.
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 9, 8, 7);

/// An answer that needs nobody else must be there within this time; the debug build on a busy machine gets more.
pub fn at_once() -> Duration {
    Duration::from_secs(if std::env::var_os("PLAZA_BIN").is_some() { 1 } else { 3 })
}

/// An answer that needs another server.
pub const WITH_OTHERS: Duration = Duration::from_secs(5);

pub struct Town {
    pub at: Terminal,
    pub origin: String,
    /// What `Host` must say.
    pub name: String,
    address: SocketAddr,
    process: Option<(Child, JoinHandle<Words>)>,
    logs: Vec<u8>,
    /// Standard output after its first line.
    said: Vec<u8>,
}

/// What a process wrote: on standard error, and on standard output after its first line.
type Words = (Vec<u8>, Vec<u8>);

/// What came back.
pub struct Answer {
    /// 0 when there was none.
    pub status: u16,
    pub raw: Vec<u8>,
    pub took: Duration,
}

impl Answer {
    fn read(raw: Vec<u8>, took: Duration) -> Self {
        let status = raw.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| digits.parse().ok());
        Self { status: status.unwrap_or(0), raw, took }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let head = text.split("\r\n\r\n").next()?;
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }

    pub fn body(&self) -> String {
        self.text().split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// How many answers came on the connection.
    pub fn answers(&self) -> usize {
        self.text().matches("HTTP/1.1 ").count()
    }
}

/// One way to attack.
pub struct Row {
    pub what: String,
    pub expected: Vec<u16>,
    pub bytes: Vec<u8>,
}

pub fn row(what: impl Into<String>, expected: &[u16], bytes: Vec<u8>) -> Row {
    Row { what: what.into(), expected: expected.to_vec(), bytes }
}

/// What must be the same after an attack.
#[derive(Clone, Copy)]
pub enum Same {
    /// Every row of every table (but when an actor was looked at last).
    Everything,
    /// What people can see; that an activity was taken and dropped may be noted.
    Meaning,
}

impl Town {
    /// A city on a free port that may talk to other addresses of this machine, with the groups `kitchen` and `trees`.
    pub fn open() -> Self {
        Self::with(None, &[("PLAZA_ALLOW_NETWORKS", "127.0.0.0/8"), ("PLAZA_ALLOW_HTTP", "true")])
    }

    pub fn with(origin: Option<&str>, settings: &[(&str, &str)]) -> Self {
        // another test may take the port before it is opened
        (0..5).find_map(|_| Self::on_a_free_port(origin, settings)).expect("a port that stays free")
    }

    fn on_a_free_port(origin: Option<&str>, settings: &[(&str, &str)]) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let origin = origin.map_or_else(|| format!("http://{address}"), str::to_owned);
        let mut at = Terminal::new();
        at.settings = [("PLAZA_ORIGIN", origin.as_str()), ("PLAZA_BIND", &address.to_string()), ("PLAZA_LOG", "debug")]
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let name = origin.split_once("://").expect("an address").1.to_owned();
        let mut town = Self { at, origin, name, address, process: None, logs: vec![], said: vec![] };
        if !town.opens() {
            return None;
        }
        for group in ["kitchen", "trees"] {
            town.at.json(&["group", "create", group, "--name", group, "--mission", "Food for all"]);
        }
        Some(town)
    }

    fn run(&mut self) {
        assert!(self.opens(), "it ended at once");
    }

    /// `false` when it ended at once.
    fn opens(&mut self) -> bool {
        let mut command = self.at.command(&["serve"]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        output.read_line(&mut line).expect("a line");
        let mut log = process.stderr.take().expect("piped");
        if line.is_empty() {
            let _ = process.wait();
            return false;
        }
        assert!(line.contains("is open at"), "{line}");
        let reader = std::thread::spawn(move || {
            let (mut text, mut said) = (Vec::new(), Vec::new());
            let _ = log.read_to_end(&mut text);
            let _ = output.read_to_end(&mut said);
            (text, said)
        });
        self.process = Some((process, reader));
        true
    }

    fn stop(&mut self) {
        if let Some((mut process, reader)) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
            let (logged, said) = reader.join().unwrap_or_default();
            self.logs.extend(logged);
            self.said.extend(said);
        }
    }

    /// Ends the process; what it logged, and what it said on standard output.
    pub fn last_words(&mut self) -> (String, String) {
        self.stop();
        (String::from_utf8_lossy(&self.logs).into_owned(), String::from_utf8_lossy(&self.said).into_owned())
    }

    /// Killed, and started again.
    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("running").0.id()
    }

    pub fn group(&self, handle: &str) -> String {
        format!("{}/ap/groups/{handle}", self.origin)
    }

    /// What this person says, to the inbox of everyone.
    pub fn letter(&self, person: &Person, activity: &Value) -> Letter {
        Letter::new(&self.name, "/ap/inbox", person, activity)
    }

    /// Someone follows the kitchen.
    pub fn follow(&self, person: &Person) -> Letter {
        self.letter(person, &activity(person, "Follow", self.group("kitchen").into()))
    }

    /// Sends a right letter; its status.
    pub fn post(&self, person: &Person, activity: &Value) -> u16 {
        self.send(&self.letter(person, activity).signed().bytes()).status
    }

    pub fn connect(&self) -> TcpStream {
        self.connect_from(STRANGER)
    }

    fn connect_from(&self, from: Ipv4Addr) -> TcpStream {
        static RUNTIME: OnceLock<Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
        });
        let stream = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((from, 0).into())?;
            socket.connect(self.address).await?.into_std()
        });
        let stream = stream.expect("a connection");
        stream.set_nonblocking(false).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a socket");
        stream
    }

    /// Sends these bytes and reads one answer.
    pub fn send(&self, bytes: &[u8]) -> Answer {
        self.converse(STRANGER, bytes, is_whole)
    }

    /// The same as a visitor from elsewhere; reads until the other side closes.
    pub fn send_from(&self, from: Ipv4Addr, bytes: &[u8]) -> Answer {
        self.converse(from, bytes, |_| false)
    }

    /// Sends these bytes and reads until the other side closes.
    pub fn hear_out(&self, bytes: &[u8]) -> Answer {
        self.converse(STRANGER, bytes, |_| false)
    }

    fn converse(&self, from: Ipv4Addr, bytes: &[u8], enough: fn(&[u8]) -> bool) -> Answer {
        let begun = Instant::now();
        let mut stream = self.connect_from(from);
        let mut writer = stream.try_clone().expect("a socket");
        let raw = std::thread::scope(|scope| {
            // whoever answers early need not read to the end
            scope.spawn(move || writer.write_all(bytes));
            let mut raw = Vec::new();
            let mut piece = [0; 16_384];
            while let Ok(read @ 1..) = stream.read(&mut piece) {
                raw.extend(&piece[..read]);
                if enough(&raw) {
                    break;
                }
            }
            let _ = stream.shutdown(Shutdown::Both);
            raw
        });
        Answer::read(raw, begun.elapsed())
    }

    /// Every row of the table must get one of its answers, in time, and leave no trace.
    pub fn withstands(&self, same: Same, within: Duration, rows: Vec<Row>) {
        let mut before = self.holds(same);
        let mut broken = Vec::new();
        for Row { what, expected, bytes } in rows {
            let answer = self.send(&bytes);
            if !expected.contains(&answer.status) {
                let text: String = answer.body().chars().take(200).collect();
                broken.push(format!("{what}: {} instead of {expected:?} {text}", answer.status));
            }
            if answer.took > within {
                broken.push(format!("{what}: took {:?}", answer.took));
            }
            let after = self.holds(same);
            if after != before {
                broken.push(format!("{what}: left a trace\n{}", difference(&before, &after)));
                before = after;
            }
        }
        let first: Vec<&String> = broken.iter().take(20).collect();
        assert!(broken.is_empty(), "{} wrong, such as {first:#?}", broken.len());
    }

    fn database(&self) -> SqliteConnection {
        let file = self.at.folder.path().join("plaza-data/plaza.sqlite");
        let mut conn = SqliteConnection::establish(&file.display().to_string()).expect("the database");
        sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn).expect("a pragma");
        conn
    }

    /// The first column of every row, as text.
    pub fn rows(&self, query: &str) -> Vec<String> {
        read(&mut self.database(), query)
    }

    pub fn count(&self, table: &str) -> usize {
        self.rows(&format!("SELECT count(*) || '' AS line FROM {table}"))[0].parse().expect("a number")
    }

    /// Changes the database behind the program's back.
    pub fn execute(&self, statement: &str) {
        sql_query(statement).execute(&mut self.database()).expect("a statement");
    }

    /// Everything in the database, one line a row.
    pub fn holds(&self, same: Same) -> String {
        held(&mut self.database(), same)
    }

    /// Waits until nothing is left to deliver.
    pub fn settle(&self) {
        until("everything is delivered", || self.count("deliveries") == 0 && self.count("hosts") == 0);
        let to_read = "SELECT count(*) || '' AS line FROM sisters WHERE backfill IS NOT NULL";
        until("every new sister is read", || self.rows(to_read) == ["0"]);
    }

    /// Resident memory, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process_id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// Is there a head and as much of a body as it announces?
fn is_whole(raw: &[u8]) -> bool {
    let Some(head) = raw.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&raw[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| raw.len() >= head + 4 + length)
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn read(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    sql_query(query).load::<Line>(conn).expect("a query").into_iter().map(|row| row.line).collect()
}

/// Everything in a database, one line a row.
pub fn held(conn: &mut SqliteConnection, same: Same) -> String {
    let tables = read(
        conn,
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*sqlite_*' AND name NOT GLOB '__diesel*' ORDER BY 1",
    );
    let mut all = String::new();
    for table in tables {
        if matches!(same, Same::Meaning) && ["handled", "seen_signatures", "hosts"].contains(&table.as_str()) {
            continue;
        }
        // a server that starts again makes another link for the first caretaker
        let kept = if table == "ways_in" { " WHERE kind <> 'start'" } else { "" };
        let columns = read(
            conn,
            &format!("SELECT name AS line FROM pragma_table_info('{table}') WHERE name NOT IN ('fetched', 'key_checked')"),
        );
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        for line in read(conn, &format!("SELECT {} AS line FROM {table}{kept} ORDER BY 1", quoted.join("||','||"))) {
            all.push_str(&format!("{table}: {line}\n"));
        }
    }
    all
}

fn difference(before: &str, after: &str) -> String {
    let new = after.lines().filter(|line| !before.lines().any(|known| known == *line)).map(|line| format!("+ {line}"));
    let gone = before.lines().filter(|line| !after.lines().any(|known| known == *line)).map(|line| format!("- {line}"));
    new.chain(gone).map(|line| line.chars().take(400).collect()).collect::<Vec<String>>().join("\n")
}

impl Drop for Town {
    /// Whatever was tried: the log is one printable line an event, and names neither secrets nor people.
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            return;
        }
        let log = String::from_utf8(std::mem::take(&mut self.logs)).expect("a log is UTF-8");
        assert!(!log.contains("panicked"), "{log}");
        let odd = log.lines().find(|line| line.chars().any(char::is_control) || line.len() > 4_096);
        assert_eq!(odd, None, "control characters or endless lines in the log");
        let secret = std::fs::read_to_string(self.at.folder.path().join("plaza-data/secret")).unwrap_or_default();
        for wrong in ["PRIVATE KEY", "127.9.8.7", "w1:", secret.trim()] {
            assert!(wrong.is_empty() || !log.contains(wrong), "{wrong:?} in the log");
        }
    }
}
