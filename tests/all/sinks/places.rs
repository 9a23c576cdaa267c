//! Every place that shows what people wrote: pages, texts, feeds, calendars, documents, what commands print, and the log.

use serde_json::Value;

use super::{
    fields::Things,
    payloads::Payload,
    readers::{self, Seen},
};
use crate::{city::City, commands::Terminal};

/// How a place is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    Text,
    Feed,
    Calendar,
    Document,
}

pub struct Place {
    /// With blanks for ids.
    pub path: &'static str,
    kind: Kind,
    /// It shows the beginning of what is long.
    pub cuts: bool,
}

const fn at(kind: Kind, path: &'static str) -> Place {
    Place { path, kind, cuts: false }
}

const fn cut(kind: Kind, path: &'static str) -> Place {
    Place { path, kind, cuts: true }
}

pub const PLACES: [Place; 49] = [
    at(Kind::Page, "/"),
    at(Kind::Page, "/?lang=es"),
    at(Kind::Page, "/groups"),
    at(Kind::Page, "/@kitchen"),
    at(Kind::Page, "/@kitchen?lang=es"),
    cut(Kind::Page, "/@plaza"),
    at(Kind::Page, "/meetings"),
    at(Kind::Page, "/meetings?group=kitchen&day=2026-11-24"),
    at(Kind::Page, "/meetings?month=2026-11"),
    at(Kind::Page, "/meetings/{meeting}"),
    at(Kind::Page, "/meetings/{meeting}?lang=es"),
    at(Kind::Page, "/minutes/{minutes}"),
    at(Kind::Page, "/minutes/{minutes}?lang=es"),
    at(Kind::Page, "/@kitchen/decisions"),
    at(Kind::Page, "/series/{series}"),
    at(Kind::Page, "/series/{series}?lang=es"),
    at(Kind::Page, "/announcements"),
    at(Kind::Page, "/announcements/{note}"),
    at(Kind::Page, "/announcements/{alarm}"),
    cut(Kind::Page, "/announcements/{digest}"),
    at(Kind::Page, "/about"),
    at(Kind::Page, "/about/safety"),
    at(Kind::Page, "/tags/soup"),
    at(Kind::Page, "/wall"),
    at(Kind::Page, "/poster/week"),
    at(Kind::Page, "/poster/@kitchen"),
    at(Kind::Page, "/embed/meetings"),
    at(Kind::Page, "/embed/@kitchen"),
    at(Kind::Page, "/nothing-here"),
    at(Kind::Text, "/today.txt"),
    at(Kind::Text, "/week.txt"),
    at(Kind::Text, "/meetings/{meeting}.txt"),
    at(Kind::Text, "/minutes/{minutes}.txt"),
    at(Kind::Text, "/announcements/{alarm}.txt"),
    at(Kind::Feed, "/announcements.atom"),
    at(Kind::Feed, "/@kitchen.atom"),
    at(Kind::Feed, "/meetings.atom"),
    at(Kind::Calendar, "/meetings.ics"),
    at(Kind::Calendar, "/@kitchen.ics"),
    at(Kind::Calendar, "/meetings/{meeting}.ics"),
    at(Kind::Calendar, "/series/{series}.ics"),
    at(Kind::Document, "/ap/instance"),
    at(Kind::Document, "/ap/groups/kitchen"),
    at(Kind::Document, "/ap/groups/kitchen/upcoming"),
    at(Kind::Document, "/ap/events/{meeting}"),
    at(Kind::Document, "/ap/minutes/{minutes}"),
    at(Kind::Document, "/ap/notes/{note}"),
    cut(Kind::Document, "/ap/notes/{digest}"),
    at(Kind::Document, "/nodeinfo/2.1"),
];

impl Seen {
    /// What there is of it that is not there when the words are harmless, or is there no longer.
    pub fn strange<'a>(&'a self, usual: &'a Seen, place: &Place, markdown_too: bool) -> Vec<&'a String> {
        // an address in a line may become a link
        let bare = |parts: &'a [String]| parts.iter().filter(|part| *part != "a href rel").collect::<Vec<_>>();
        let (parts, usual_parts) = (bare(&self.skeleton), bare(&usual.skeleton));
        let kept = |part: &&'a String| match place.kind {
            _ if !markdown_too => false,
            Kind::Page => usual_parts.contains(part) || readers::is_of_markdown(part),
            // a hashtag brings a category along, and a line another one
            Kind::Feed => usual_parts.contains(part) || part.starts_with("category"),
            Kind::Document => usual_parts.contains(part) || part.contains(".tag"),
            Kind::Calendar => usual_parts.contains(part) || *part == "CATEGORIES",
            Kind::Text => true,
        };
        let differs = |(at, part): &(usize, &'a String)| markdown_too || usual_parts.get(*at) != Some(part);
        let mut strange: Vec<&String> =
            parts.iter().copied().enumerate().filter(differs).map(|(_, part)| part).filter(|part| !kept(part)).take(3).collect();
        if !markdown_too && parts.len() < usual_parts.len() {
            strange.extend(usual_parts.last());
        }
        strange.extend(self.headers.iter().filter(|header| !usual.headers.contains(header)));
        strange
    }
}

fn filled(path: &str, things: &Things) -> String {
    let ids = [
        ("{meeting}", things.meeting.id),
        ("{place}", things.place.id),
        ("{minutes}", things.minutes.id),
        ("{series}", things.series.id),
        ("{note}", things.note.id),
        ("{alarm}", things.alarm.id),
        ("{digest}", things.digest),
    ];
    ids.iter().fold(path.to_owned(), |path, (blank, id)| path.replace(blank, &id.to_string()))
}

pub async fn see(city: &City, things: &Things, place: &Place) -> Seen {
    let path = filled(place.path, things);
    let accept = match place.kind {
        Kind::Page => "text/html",
        Kind::Document => "application/activity+json",
        Kind::Text | Kind::Feed | Kind::Calendar => "*/*",
    };
    let answer = city.get(&path, accept).await;
    let wanted = if place.path == "/nothing-here" { 404 } else { 200 };
    assert_eq!(answer.status(), wanted, "{path}");
    let headers = answer.headers().clone();
    let body = answer.text().await.unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut seen = match place.kind {
        Kind::Page => readers::page(&body),
        Kind::Text => readers::text(&body, &["\n"]),
        Kind::Feed => readers::feed(&body),
        Kind::Calendar => readers::calendar(&body),
        Kind::Document => readers::document(&body),
    };
    // these change with what is said; everything else is the same whatever stands in the fields
    let changing = ["etag", "content-length", "last-modified", "date"];
    let said = |name: &str, value: &str| format!("{name}: {value}");
    let fixed = headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
    seen.headers = fixed.map(|(name, value)| said(name.as_str(), value.to_str().expect("ASCII"))).collect();
    seen
}

/// What is typed into a terminal.
pub const COMMANDS: [&str; 20] = [
    "group list",
    "group show kitchen",
    "group show kitchen --json",
    "meeting list",
    "meeting show {meeting}",
    "meeting show {meeting} --json",
    "series list",
    "series show {series}",
    "series show {series} --json",
    "place list",
    "place show {place}",
    "place show {place} --json",
    "minutes list kitchen",
    "minutes template {meeting}",
    "minutes show {minutes}",
    "minutes show {minutes} --json",
    "announcement list",
    "announcement show {note}",
    "announcement show {note} --json",
    "city show",
];

fn terminal(city: &City) -> Terminal {
    let mut terminal = Terminal::new();
    terminal.settings = vec![
        ("PLAZA_DATA_DIR".into(), city.app.config.data_dir.display().to_string()),
        ("PLAZA_LOG".into(), "trace".into()),
        ("PLAZA_LOG_FORMAT".into(), "json".into()),
    ];
    terminal
}

pub fn type_(city: &City, things: &Things, command: &str) -> Seen {
    let command = filled(command, things);
    let words: Vec<&str> = command.split(' ').collect();
    let output = terminal(city).type_(&words);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    log_lines(&String::from_utf8(output.stderr).expect("UTF-8"));
    if words.contains(&"--json") { readers::document(&printed) } else { readers::text(&printed, &["\n", "\t"]) }
}

/// One JSON document a line, and nothing that a terminal obeys.
fn log_lines(log: &str) {
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line:?}");
        assert!(!line.chars().any(readers::is_obeyed), "{line:?}");
    }
}

/// Somebody types it as what they want to say: whether it is taken or refused, the answer and the log are lines of text.
pub fn log_is_well_formed(city: &City, payload: &Payload) {
    let text = payload.text.replace('\0', "");
    for words in [
        &["announce", "kitchen", "--title", &text, "--text", &text][..],
        &["group", "edit", "kitchen", "--tag", &text],
        &["meeting", "schedule", "kitchen", "--title", &text, "--starts", &text, "--zone", &text],
        &["group", "show", &text],
    ] {
        let output = terminal(city).type_(words);
        let (printed, log) = (String::from_utf8(output.stdout).expect("UTF-8"), String::from_utf8(output.stderr).expect("UTF-8"));
        for line in printed.lines().chain(log.lines()) {
            assert!(!line.chars().any(readers::is_obeyed), "{words:?}: {line:?}");
        }
        assert!(log.lines().filter(|line| !line.starts_with('{')).count() <= 12, "{words:?}: {log}");
    }
}
