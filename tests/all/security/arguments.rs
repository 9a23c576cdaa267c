//! Words typed on the command line that are not what they look like: control characters, turned text, megabytes.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use crate::commands::Terminal;

fn terminal() -> Terminal {
    let at = Terminal::new();
    at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "Food for all"]);
    at
}

fn lists(at: &Terminal) -> [serde_json::Value; 3] {
    [["group", "list"], ["meeting", "list"], ["announcement", "list"]].map(|words| at.json(&words))
}

/// Text that would show as something else than it is, or as more than one line.
const ODD: [&str; 14] = [
    "a\nb",
    "a\rb",
    "a\tb",
    "a\u{1b}[31mb",
    "a\u{7f}b",
    "a\u{80}b",
    "a\u{9b}31mb",
    "a\u{2028}b",
    "a\u{2029}b",
    "a\u{202a}b",
    "a\u{202e}b",
    "a\u{2066}b",
    "a\u{2069}b",
    "a\u{8}\u{8}b",
];

#[test]
fn a_line_shows_as_what_it_is() {
    let at = terminal();
    let before = lists(&at);
    let schedule = ["meeting", "schedule", "kitchen", "--starts", "2030-11-26T18:00"];
    let mut wrong = Vec::new();
    for odd in ODD.iter().copied().chain(["", " ", "\u{a0}", &"x".repeat(10_000)]) {
        let empty = odd.trim().is_empty();
        for (what, words) in [
            ("name", vec!["group", "create", "odd", "--mission", "m", "--name", odd]),
            ("handle", vec!["group", "create", odd, "--mission", "m", "--name", "n"]),
            ("tag", vec!["group", "create", "odd", "--mission", "m", "--name", "n", "--tag", odd]),
            ("language", vec!["group", "create", "odd", "--mission", "m", "--name", "n", "--language", odd]),
            ("contact", vec!["group", "create", "odd", "--mission", "m", "--name", "n", "--contact", odd]),
            ("title", [&schedule[..], &["--title", odd]].concat()),
            ("place", [&schedule[..], &["--title", "Weekly", "--place", odd]].concat()),
            ("address", [&schedule[..], &["--title", "Weekly", "--address", odd]].concat()),
            ("online", [&schedule[..], &["--title", "Weekly", "--online", odd]].concat()),
            ("title of news", vec!["announce", "kitchen", "--text", "x", "--title", odd]),
        ] {
            // one field of a sort is tried with everything, the others with something
            let is_tried = ["name", "title", "place"].contains(&what) || ["a\nb", "a\u{9b}31mb", "a\u{202e}b", ""].contains(&odd);
            if !is_tried || empty && ["contact", "place", "address", "online", "title of news", "tag"].contains(&what) {
                continue;
            }
            let (status, said) = at.refusal(&words);
            if !matches!(status, 1 | 2) || said.contains("panicked") {
                wrong.push(format!("{what} {:?}: {status}", odd.chars().take(20).collect::<String>()));
            }
            if said.chars().any(|letter| letter != '\n' && (letter.is_control() || ('\u{202a}'..='\u{202e}').contains(&letter))) {
                wrong.push(format!("{what} {odd:?}: repeated as it is: {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(lists(&at), before);
}

#[test]
fn texts_are_refused_when_they_hold_controls_or_are_endless() {
    let at = terminal();
    let before = lists(&at);
    let file = at.folder.path().join("text.md");
    let name = file.display().to_string();
    let long = "word ".repeat(220_000);
    for (what, text) in [
        ("1 MB", long.as_bytes()),
        ("1 MB of marks", "[".repeat(1_000_000).as_bytes()),
        ("a NUL", b"a\0b"),
        ("an escape", b"a\x1b[31mb"),
        ("a bell", b"a\x07b"),
        ("C1", "a\u{9b}b".as_bytes()),
        ("not UTF-8", b"a\xff\xfeb"),
        ("nothing", b""),
        ("only spaces", b" \n\t "),
    ] {
        std::fs::write(&file, text).expect("written");
        for words in [
            vec!["announce", "kitchen", "--file", &name],
            vec![
                "meeting",
                "schedule",
                "kitchen",
                "--title",
                "Weekly",
                "--starts",
                "2030-11-26T18:00",
                "--agenda",
                &format!("@{name}"),
            ],
        ] {
            if words[0] == "meeting" && text.trim_ascii().is_empty() {
                continue;
            }
            let (status, said) = at.refusal(&words);
            assert!(matches!(status, 1 | 2) && !said.contains("panicked"), "{what} {words:?}: {status} {said}");
        }
    }
    assert_eq!(lists(&at), before);
    // as long as allowed, as nested as possible: it is shown in no time
    for (what, text) in [
        ("brackets", "[".repeat(20_000)),
        ("stars", "*".repeat(20_000)),
        ("quotes", ">".repeat(20_000)),
        ("links", "[a](".repeat(5_000)),
        ("backticks", "`a".repeat(10_000)),
        ("at signs", "@".repeat(20_000)),
        ("hashes", "#a".repeat(10_000)),
        ("HTML", "<b>".repeat(6_000)),
        ("lists", "* ".repeat(10_000)),
        ("entities", "&#x6A;".repeat(3_000)),
    ] {
        std::fs::write(&file, text).expect("written");
        let begun = std::time::Instant::now();
        at.json(&["announce", "kitchen", "--file", &name]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(3), "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn bytes_that_are_no_text_and_settings_that_are_none() {
    let at = terminal();
    let before = lists(&at);
    let mut command = at.command(&["announce", "kitchen", "--text"]);
    let output = command.arg(OsStr::from_bytes(b"a\xff\xfe")).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    for (name, value) in [
        ("PLAZA_ORIGIN", "https://us.example\r\nX: y"),
        ("PLAZA_ORIGIN", "https://us.example@evil.example"),
        ("PLAZA_ORIGIN", "javascript:alert(1)"),
        ("PLAZA_BIND", "127.0.0.1:99999"),
        ("PLAZA_CITY", "a\u{1b}[31mb"),
        ("PLAZA_TIME_ZONE", "../../etc/passwd"),
        ("PLAZA_LANGUAGES", "../../x"),
        ("PLAZA_ALLOW_NETWORKS", "0.0.0.0/33"),
        ("PLAZA_LOG", "=====[["),
        ("PLAZA_DATABASE_URL", "postgres://user:hunter2@[::1"),
    ] {
        let output = at.command(&["group", "list"]).env(name, value).output().expect("runs");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(matches!(output.status.code(), Some(1 | 2)), "{name} {value:?}: {said}");
        assert!(said.contains(name) && !said.contains("panicked") && !said.contains("hunter2"), "{name} {value:?}: {said}");
        assert!(!said.chars().any(|letter| letter != '\n' && letter.is_control()), "{name} {value:?}: {said:?}");
    }
    assert_eq!(lists(&at), before);
}
