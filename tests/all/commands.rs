//! The command line, as people type it: the built program, its answers and its exit status.

use std::process::{Command, Output};

use serde_json::Value;

/// The program and a folder for its city.
pub struct Terminal {
    pub folder: tempfile::TempDir,
    pub settings: Vec<(String, String)>,
}

/// The program under test: the release build where one is named.
pub fn program() -> String {
    std::env::var("PLAZA_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_plaza").to_owned())
}

impl Terminal {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), settings: vec![] }
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(words).current_dir(self.folder.path()).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
        command.envs(self.settings.iter().cloned());
        command
    }

    pub fn type_(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the program runs")
    }

    /// What a command prints with `--json`; it must succeed.
    pub fn json(&self, words: &[&str]) -> Value {
        let mut words = words.to_vec();
        words.push("--json");
        let output = self.type_(&words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// Exit status and what stands on standard error.
    pub fn refusal(&self, words: &[&str]) -> (i32, String) {
        let output = self.type_(words);
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

const KITCHEN: [&str; 7] = ["group", "create", "kitchen", "--name", "Kitchen", "--mission", "We feed the assembly."];

#[test]
fn every_command_prints_id_uri_and_url() {
    let at = Terminal::new();
    let group = at.json(&KITCHEN);
    assert_eq!(group["uri"], "http://localhost:8080/ap/groups/kitchen");
    let meeting = at.json(&[
        "meeting",
        "schedule",
        "kitchen",
        "--title",
        "Weekly",
        "--starts",
        "2030-11-26T18:00",
        "--zone",
        "America/New_York",
        "--place",
        "Square",
        "--geo",
        "-40.5,20",
        "--online",
        "https://meet.example/k",
    ]);
    let id = meeting["id"].as_str().expect("an id");
    assert_eq!(meeting["starts"], "2030-11-26T18:00:00-05:00");
    let moved = at.json(&["meeting", "move", id, "--starts", "2030-11-27T19:00"]);
    assert_eq!((&moved["starts"], &moved["ends"]), (&"2030-11-27T19:00:00-05:00".into(), &"2030-11-27T21:00:00-05:00".into()));
    at.json(&["meeting", "edit", meeting["url"].as_str().expect("a url"), "--title", "Weekly meeting", "--agenda", "* soup"]);
    let note = at.json(&["announce", "kitchen", "--text", "We need pots", "--title", "Pots", "--urgent"]);
    let note_id = note["id"].as_str().expect("an id");
    at.json(&["announcement", "edit", note_id, "--text", "We need big pots"]);
    for list in [
        vec!["group", "list"],
        vec!["meeting", "list"],
        vec!["meeting", "list", "kitchen"],
        vec!["announcement", "list"],
        vec!["followers", "kitchen"],
        vec!["queue", "show"],
        vec!["sister", "list", "kitchen"],
        vec!["block"],
    ] {
        let list = at.json(&list);
        for item in list.as_array().expect("a list") {
            assert!(["id", "uri", "url"].iter().all(|field| !item[*field].is_null()), "{item}");
        }
    }
    assert!(at.json(&["meeting", "cancel", id])["cancelled"].is_string());
    assert_eq!(at.json(&["announcement", "delete", note_id])["text"], "");
    assert_eq!(at.json(&["group", "edit", "kitchen", "--name", "The Kitchen", "--tag", "Food"])["tags"][0], "food");
    assert!(at.json(&["group", "close", "kitchen"])["closed"].is_string());
    assert_eq!(at.refusal(&["announce", "kitchen", "--text", "x"]).0, 1, "an ended group is silent");
}

#[test]
fn who_is_blocked_is_not_even_asked() {
    let at = Terminal::new();
    at.json(&KITCHEN);
    at.json(&["block", "troll.example"]);
    for written in ["@x@troll.example", "@x@a.troll.example", "https://troll.example/users/x"] {
        let (status, why) = at.refusal(&["sister", "add", "kitchen", written]);
        assert_eq!((status, why.contains("is blocked here")), (1, true), "{why}");
    }
    let said = at.type_(&["announce", "kitchen", "--text", "Hello @x@a.troll.example"]);
    let told = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && told.contains("x@a.troll.example stays plain text"), "{told}");
    assert!(told.contains("is blocked here"), "{told}");
    let (status, why) = at.refusal(&["sister", "add", "kitchen", "@kitchen@localhost:8080"]);
    assert_eq!((status, why.contains("is of this city")), (1, true), "{why}");
}

#[test]
fn what_is_wrong_is_refused_in_words_and_changes_nothing() {
    let at = Terminal::new();
    at.json(&KITCHEN);
    let schedule = |rest: &[&'static str]| [&["meeting", "schedule", "kitchen", "--title", "Weekly"], rest].concat();
    let table: Vec<(Vec<&str>, i32, &str)> = vec![
        (KITCHEN.to_vec(), 1, "taken"),
        (vec!["group", "create", "Kitchen", "--name", "K", "--mission", "m"], 1, "handle"),
        (vec!["group", "create", "plaza", "--name", "K", "--mission", "m"], 1, "kept for the city"),
        (vec!["group", "create", "x", "--name", "a\nb", "--mission", "m"], 1, "one line"),
        (vec!["group", "create", "x", "--name", "K", "--mission", "m", "--icon", "/no/such/file"], 2, "cannot be read"),
        (vec!["group", "create", "x", "--name", "K", "--mission", "m", "--language", "!"], 1, "language tag"),
        (vec!["group", "create", "x"], 2, "--name"),
        (vec!["group", "show", "nobody"], 1, "no group"),
        (schedule(&["--starts", "soon"]), 1, "not a time"),
        (schedule(&["--starts", "2030-03-10T02:30", "--zone", "America/New_York"]), 1, "does not exist"),
        (schedule(&["--starts", "2030-11-03T01:30", "--zone", "America/New_York"]), 1, "comes twice"),
        (schedule(&["--starts", "2030-11-26T18:00", "--zone", "Mars/Base"]), 1, "IANA time zone"),
        (schedule(&["--starts", "2020-11-26T18:00"]), 1, "over"),
        (schedule(&["--starts", "2030-11-26T18:00", "--minutes", "-5"]), 1, "lasts"),
        (schedule(&["--starts", "2030-11-26T18:00", "--geo", "91,0"]), 1, "position"),
        (schedule(&["--starts", "2030-11-26T18:00", "--online", "javascript:alert(1)"]), 1, "not an address"),
        (schedule(&["--starts", "2030-11-26T18:00", "--kind", "party"]), 1, "kind of meeting"),
        (vec!["meeting", "show", "7"], 2, "not an id"),
        (vec!["meeting", "cancel", "01900000-0000-7000-8000-000000000000"], 1, "no meeting"),
        (vec!["announce", "kitchen", "--text", " "], 1, "1 to 20,000"),
        (vec!["announce", "kitchen"], 2, "--text"),
        (vec!["announce", "nobody", "--text", "x"], 1, "no group"),
        (vec!["announce", "kitchen", "--file", "/no/such/file"], 2, "cannot be read"),
        (vec!["block", "no host"], 2, "neither a host"),
        (vec!["block", "--remove", "calm.example"], 1, "was not blocked"),
        (vec!["origin", "set", "ftp://x"], 2, "origin cannot be"),
        (vec!["sister", "add", "kitchen", "@nobody@127.0.0.1:1"], 1, "cannot be found"),
        (vec!["dance"], 2, "unrecognized"),
        (vec!["serve", "--role", "both"], 2, "PLAZA_ROLE cannot be"),
        (vec!["serve", "--origin", "http://plaza.example"], 2, "PLAZA_ORIGIN cannot be"),
    ];
    let before = (at.json(&["group", "list"]), at.json(&["meeting", "list"]), at.json(&["announcement", "list"]));
    for (words, status, sentence) in table {
        let (found, said) = at.refusal(&words);
        assert_eq!(found, status, "{words:?}: {said}");
        assert!(said.contains(sentence) && !said.contains("panicked"), "{words:?}: {said}");
    }
    assert_eq!((at.json(&["group", "list"]), at.json(&["meeting", "list"]), at.json(&["announcement", "list"])), before);
}

#[test]
fn the_origin_moves_while_nobody_knows_it() {
    let at = Terminal::new();
    at.json(&KITCHEN);
    at.json(&["announce", "kitchen", "--text", "hello"]);
    assert_eq!(at.json(&["origin", "set", "https://plaza.example"])["id"], "https://plaza.example");
    assert_eq!(at.json(&["group", "show", "kitchen"])["uri"], "https://plaza.example/ap/groups/kitchen");
    let (status, said) = at.refusal(&["group", "list", "--origin", "https://other.example"]);
    assert_eq!(status, 1);
    assert!(said.contains("plaza origin set https://other.example"), "{said}");
}
