//! `plaza demo`: two cities that can be looked at, and that end when they are asked to.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{commands::Terminal, process::until};

/// A demo under way; killed when dropped.
struct Demo {
    process: Option<Child>,
    cities: Value,
}

/// The first of two free ports in a row; each call looks elsewhere.
fn two_ports() -> u16 {
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("::1", port)).is_ok();
    let own = u16::try_from(std::process::id() % 100).expect("small") * 100 + CALLS.fetch_add(1, Ordering::Relaxed) * 10;
    (20_000 + own..60_000).step_by(2).find(|port| free(*port) && free(port + 1)).expect("free ports")
}

impl Demo {
    fn start(at: &Terminal, words: &[&str]) -> Self {
        let mut command = at.command(&[&["demo", "--json"], words].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        Self { process: Some(process), cities: serde_json::from_str(&line).expect("one JSON document") }
    }

    /// What a command in one of the two cities prints.
    fn json(&self, at: &Terminal, city: usize, words: &[&str]) -> Value {
        let folder = self.cities[city]["folder"].as_str().expect("a folder");
        at.json(&[&["--data-dir", folder], words].concat())
    }

    fn count(&self, at: &Terminal, city: usize, words: &[&str]) -> usize {
        self.json(at, city, words).as_array().expect("a list").len()
    }

    /// Asks it to end; its exit status.
    fn end(&mut self, signal: &str) -> Option<i32> {
        let mut process = self.process.take().expect("running");
        let sent = std::process::Command::new("kill").args([format!("-{signal}"), process.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(15) {
            if let Some(status) = process.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = process.kill();
        let _ = process.wait();
        panic!("the demo goes on");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[test]
fn the_demo_shows_two_cities_that_hear_each_other_and_leaves_nothing() {
    let at = Terminal::new();
    let mut there = Terminal::new();
    // what is set for a real city does not get in the way
    there.settings =
        [("PLAZA_ORIGIN", "https://plaza.example"), ("PLAZA_ROLE", "nonsense"), ("PLAZA_DATABASE_URL", "mysql://x/y")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
    let mut demo = Demo::start(&there, &["--port", &two_ports().to_string()]);
    for city in [0, 1] {
        assert!(demo.count(&at, city, &["group", "list"]) >= 6);
        let meetings = demo.json(&at, city, &["meeting", "list"]);
        let meetings = meetings.as_array().expect("a list");
        assert!(meetings.len() >= 12, "{}", meetings.len());
        let of_series = |meeting: &&Value| meeting["series"].is_string();
        let cancelled: Vec<&Value> = meetings.iter().filter(|meeting| meeting["cancelled"].is_string()).collect();
        assert_eq!((cancelled.len(), cancelled.into_iter().filter(of_series).count()), (2, 1));
        assert_eq!(meetings.iter().filter(|meeting| meeting["online"].is_string()).count(), 1);
        let series = demo.json(&at, city, &["series", "list"]);
        let series = series.as_array().expect("a list");
        assert_eq!(series.iter().filter(|series| series["rule"] == "FREQ=MONTHLY;BYDAY=2TU").count(), 1);
        let weekly = series.iter().find(|series| series["rule"].as_str().expect("a rule").starts_with("FREQ=WEEKLY"));
        let weekly = weekly.expect("what recurs each week");
        let (id, group) = (weekly["id"].as_str().expect("an id"), weekly["group"].as_str().expect("a group"));
        let shown = demo.json(&at, city, &["series", "show", id]);
        let hour = |at: usize| shown["meetings"][at]["starts"].as_str().expect("a time")[11..16].to_owned();
        assert_eq!([hour(0), hour(1), hour(2)], ["20:00", "19:00", "19:00"].map(str::to_owned));
        let fact = |meeting: &Value| meeting["access"].to_string().contains("step-free");
        assert!(shown["meetings"].as_array().expect("meetings").iter().all(fact), "what is known of the place");
        let notes = demo.json(&at, city, &["minutes", "list", group]);
        assert_eq!(notes[0]["decisions"].as_array().expect("decisions").len(), 2, "{notes}");
        assert!(demo.count(&at, city, &["place", "list"]) >= 2);
        let news = demo.json(&at, city, &["announcement", "list"]);
        let news = news.as_array().expect("a list");
        assert!(news.len() >= 6 && news.iter().any(|news| news["urgent"] == true), "{news:?}");
        assert!(news.iter().any(|one| news.iter().any(|other| one["language"] != other["language"])), "two languages");
        for place in demo.cities[city]["places"].as_array().expect("places") {
            let url = place.as_str().expect("an address");
            let status = actix_web::rt::System::new().block_on(async {
                reqwest::Client::builder()
                    .no_proxy()
                    .build()
                    .expect("a client")
                    .get(url)
                    .send()
                    .await
                    .expect("an answer")
                    .status()
            });
            assert!(status.is_success(), "{url}: {status}");
        }
    }

    // the moved meeting was moved where the other city sees it, too
    let heard = demo.json(&at, 0, &["sister", "heard", "trees"]);
    assert!(heard.as_array().expect("a list").iter().any(|heard| heard["kind"] == "Event"), "{heard}");

    let whole = demo.json(&at, 0, &["sister", "heard", "welcome"]);
    assert!(whole.to_string().to_lowercase().contains("helada"), "the other plaza passes on what is urgent: {whole}");

    demo.json(&at, 0, &["announce", "kitchen", "--text", "Supper is ready"]);
    until("the other city hears it", || {
        demo.json(&at, 1, &["sister", "heard", "cocina"]).to_string().contains("Supper is ready")
    });

    let folder = demo.cities[0]["folder"].as_str().expect("a folder").to_owned();
    assert_eq!(demo.end("INT"), Some(0));
    let home = std::path::Path::new(&folder).parent().expect("a folder of the demo");
    assert!(!home.exists(), "{}", home.display());
}

#[test]
fn a_kept_demo_goes_on_where_it_was() {
    let at = Terminal::new();
    let port = two_ports().to_string();
    let mut demo = Demo::start(&at, &["--keep", "kept", "--port", &port]);
    demo.json(&at, 0, &["announce", "kitchen", "--text", "Remember me"]);
    let counts =
        |demo: &Demo| [0, 1].map(|city| ["group", "meeting", "announcement"].map(|what| demo.count(&at, city, &[what, "list"])));
    let before = counts(&demo);
    let (status, why) = at.refusal(&["demo", "--keep", "kept"]);
    assert!(status == 1 && why.contains(&format!("port {port} is taken")), "{why}");
    let (status, why) = at.refusal(&["demo", "--port", &port]);
    assert!(status == 1 && why.contains(&format!("port {port} is taken")), "{why}");
    assert_eq!(demo.end("TERM"), Some(0));
    let mut demo = Demo::start(&at, &["--keep", "kept"]);
    assert_eq!(counts(&demo), before);
    assert!(demo.json(&at, 0, &["announcement", "list"]).to_string().contains("Remember me"));
    assert_eq!(demo.end("INT"), Some(0));
    std::fs::create_dir(at.folder.path().join("mine")).expect("a folder");
    std::fs::write(at.folder.path().join("mine/letter"), "dear").expect("a file");
    let (status, why) = at.refusal(&["demo", "--keep", "mine"]);
    assert!(status == 1 && why.contains("something else"), "{why}");
}

#[test]
fn a_demo_that_is_ended_while_it_begins_leaves_nothing() {
    let at = Terminal::new();
    let mut command = at.command(&["demo", "--port", &two_ports().to_string()]);
    command.env("TMPDIR", at.folder.path());
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let mut demo = Demo { process: Some(process), cities: Value::Null };
    let made = || std::fs::read_dir(at.folder.path()).expect("a folder").count();
    until("a folder is made", || made() > 0);
    // signals are watched before a database is made
    let database = || {
        let mut homes = std::fs::read_dir(at.folder.path()).expect("a folder").flatten();
        homes.any(|home| home.path().join("fernhill/plaza.sqlite").exists())
    };
    until("a database is made", database);
    assert_eq!(demo.end("INT"), Some(0));
    assert_eq!(made(), 0);
}
