//! Real processes: starting, stopping, being killed, and two on one folder.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::commands::Terminal;

/// `plaza serve` as a process of its own; killed when dropped.
pub struct Served {
    pub at: Terminal,
    pub origin: String,
    process: Option<Child>,
}

impl Served {
    /// A city of its own on a free port of this machine; another test may take that before it is opened.
    pub fn start() -> Self {
        (0..5).find_map(|_| Self::on_a_free_port()).expect("a port that stays free")
    }

    fn on_a_free_port() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let origin = format!("http://127.0.0.1:{port}");
        let mut at = Terminal::new();
        at.settings = [("PLAZA_ORIGIN", origin.as_str()), ("PLAZA_ALLOW_NETWORKS", "127.0.0.0/8"), ("PLAZA_ALLOW_HTTP", "true")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let mut served = Self { at, origin, process: None };
        served.opens().then_some(served)
    }

    /// Starts the process and waits until it says that it is open.
    pub fn run(&mut self) {
        assert!(self.opens(), "it ended at once");
    }

    /// `false` when it ended at once.
    fn opens(&mut self) -> bool {
        let mut command = self.at.command(&["serve"]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        output.read_line(&mut line).expect("a line");
        if line.is_empty() {
            let _ = process.wait();
            return false;
        }
        assert!(line.contains("is open at"), "{line}");
        // nobody reads on, and the program must not mind
        self.process = Some(process);
        true
    }

    pub fn signal(&mut self, name: &str) {
        let process = self.process.as_mut().expect("running");
        let done = std::process::Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status();
        assert!(done.expect("kill runs").success());
    }

    /// Waits for the process to end; its exit status.
    pub fn wait(&mut self, within: Duration) -> Option<i32> {
        let mut process = self.process.take().expect("running");
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = process.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = process.kill();
        let _ = process.wait();
        panic!("still running after {within:?}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Asks again and again until it holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_the_first_ends_in_good_order() {
    let mut first = Served::start();
    let (status, said) = first.at.refusal(&["serve"]);
    assert_eq!(status, 1);
    assert!(said.contains("serves from"), "{said}");
    first.signal("TERM");
    assert_eq!(first.wait(Duration::from_secs(10)), Some(0));
    first.run();
}

#[test]
fn two_processes_follow_each_other_and_lose_nothing_when_killed() {
    let (mut here, mut there) = (Served::start(), Served::start());
    here.at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "Food"]);
    there.at.json(&["group", "create", "trees", "--name", "Trees", "--mission", "Trees"]);
    let handle = format!("@kitchen@{}", here.origin.trim_start_matches("http://"));
    there.at.json(&["sister", "add", "trees", &handle]);
    until("the sister accepts", || there.at.json(&["sister", "list", "trees"])[0]["state"] == "accepted");

    // what is said while the other side is down, and while we are killed ourselves, arrives all the same
    there.signal("KILL");
    there.wait(Duration::from_secs(10));
    let said: Vec<String> = (1..=5).map(|number| format!("word {number}")).collect();
    for text in &said {
        here.at.json(&["announce", "kitchen", "--text", text]);
    }
    here.signal("KILL");
    here.wait(Duration::from_secs(10));
    there.run();
    here.run();
    here.at.json(&["queue", "retry"]);
    let heard = || -> Vec<String> {
        let heard = there.at.json(&["sister", "heard", "trees"]);
        heard.as_array().expect("a list").iter().map(|item| item["content"].as_str().unwrap_or_default().to_owned()).collect()
    };
    until("all five are heard", || {
        let heard = heard();
        said.iter().all(|text| heard.contains(&format!("<p>{text}</p>")))
    });
    assert_eq!(heard().len(), 5, "each once");
}

#[test]
fn the_server_notices_what_a_command_queued() {
    let (here, there) = (Served::start(), Served::start());
    here.at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "Food"]);
    there.at.json(&["group", "create", "trees", "--name", "Trees", "--mission", "Trees"]);
    let handle = format!("@kitchen@{}", here.origin.trim_start_matches("http://"));
    there.at.json(&["sister", "add", "trees", &handle]);
    until("the sister accepts", || there.at.json(&["sister", "list", "trees"])[0]["state"] == "accepted");
    let meeting = here.at.json(&["meeting", "schedule", "kitchen", "--title", "Weekly", "--starts", "2030-11-26T18:00"]);
    until("the meeting is heard", || there.at.json(&["sister", "heard", "trees"])[0]["uri"] == meeting["uri"]);
    let (status, said) = here.at.refusal(&["origin", "set", "https://plaza.example"]);
    assert_eq!(status, 1, "others know this city now");
    assert!(said.contains("stays"), "{said}");
}

#[test]
fn a_server_is_healthy_while_it_answers_and_only_then() {
    let mut served = Served::start();
    let bind = served.origin.trim_start_matches("http://").to_owned();
    served.at.settings.push(("PLAZA_BIND".into(), bind));
    assert_eq!(served.at.json(&["healthy"])["id"], served.origin.as_str());
    served.signal("TERM");
    assert_eq!(served.wait(Duration::from_secs(10)), Some(0));
    let (status, said) = served.at.refusal(&["healthy"]);
    assert!(status == 1 && said.contains("does not answer"), "{status} {said}");
}
