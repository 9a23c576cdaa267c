//! What the demo tells whoever started it: where to look, and what to try.

use std::fmt::Write as _;

use clap::CommandFactory;
use serde_json::{Value, json};

use super::{City, home::Home, type_, typed};
use crate::{cli::Cli, cli::Report, error::Result};

/// Says which settings of this terminal have no effect here.
pub fn say_what_is_ignored() {
    let ignored: Vec<String> = settings().into_iter().filter(|setting| setting.is_given()).map(|setting| setting.name).collect();
    if !ignored.is_empty() {
        eprintln!(
            "plaza: the demo has settings of its own; not used: {} (where it lives is said by --keep and --port)",
            ignored.join(", ")
        );
    }
}

/// A setting of the program, but for those of the log, which the demo takes over.
struct Setting {
    name: String,
    flag: String,
}

fn settings() -> Vec<Setting> {
    let command = Cli::command();
    let all = command.get_arguments().filter_map(|argument| {
        let (name, flag) = (argument.get_env()?.to_str()?.to_owned(), format!("--{}", argument.get_long()?));
        Some(Setting { name, flag })
    });
    all.filter(|setting| !setting.name.starts_with("PLAZA_LOG")).collect()
}

impl Setting {
    fn is_in_the_environment(&self) -> bool {
        std::env::var_os(&self.name).is_some_and(|value| !value.is_empty())
    }

    fn is_given(&self) -> bool {
        let typed = |word: String| word.split('=').next() == Some(self.flag.as_str());
        self.is_in_the_environment() || std::env::args().any(typed)
    }
}

/// How to begin a command that is to reach this city, from a terminal like this one.
fn plaza(home: &Home, city: &City) -> String {
    let mut words = String::new();
    let in_the_way: Vec<String> =
        settings().into_iter().filter(Setting::is_in_the_environment).map(|setting| format!("-u {}", setting.name)).collect();
    if !in_the_way.is_empty() {
        let _ = write!(words, "env {} ", in_the_way.join(" "));
    }
    let _ = write!(words, "{} --data-dir {}", quoted(&program()), quoted(&home.of(city.town).display().to_string()));
    words
}

/// As it was called, so that it is found from another folder, too.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_else(|| "plaza".into());
    let path = std::path::absolute(&called).ok().filter(|_| called.contains('/'));
    path.map_or(called, |path| path.display().to_string())
}

/// For a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Addresses worth a click, with what is there.
async fn places(city: &City) -> Result<Vec<(&'static str, String)>> {
    let meetings = type_(&city.app, typed(["meeting", "list"])).await?;
    let next = meetings.as_array().into_iter().flatten().find(|meeting| meeting["cancelled"].is_null());
    let (group, _) = city.town.try_out.announce;
    let at = |path: &str| city.app.origin.url(path).to_string();
    let mut places = vec![("what is on", at("/")), ("every meeting", at("/meetings")), ("a group", at(&format!("/@{group}")))];
    if let Some(url) = next.and_then(|meeting| meeting["url"].as_str()) {
        places.push(("a meeting", url.to_owned()));
    }
    if let Some(rhythm) = city.town.rhythms.iter().find(|rhythm| !rhythm.notes.is_empty()) {
        for (what, words) in [("what recurs", ["series", "list", rhythm.group]), ("notes", ["minutes", "list", rhythm.group])] {
            let all = type_(&city.app, typed(words)).await?;
            places.extend(all[0]["url"].as_str().map(|url| (what, url.to_owned())));
        }
        places.push(("decisions", at(&format!("/@{}/decisions", rhythm.group))));
    }
    places.extend([
        ("a poster for the week", at("/poster/week")),
        ("a screen for the wall", at("/wall")),
        ("the week as text", at("/week.txt")),
        ("a calendar", at("/meetings.ics")),
    ]);
    Ok(places)
}

/// Lets a command talk to the other city, which is on this machine and has no certificate.
const LET: &str = "--allow-networks 127.0.0.0/8,::1/128 --allow-http true";

/// What there is to see and to try, for people and for programs.
pub async fn of(home: &Home, cities: &[City; 2]) -> Result<Report> {
    let [one, other] = cities;
    let mut text = String::from("Two cities are open on this machine, and hear each other. Nothing leaves it.\n");
    let mut described: Vec<Value> = Vec::new();
    for city in cities {
        let languages = if city.town.languages.starts_with("es") { "en español" } else { "in English" };
        let _ = writeln!(text, "\n{}, {languages}", city.town.name);
        let places = places(city).await?;
        for (what, url) in &places {
            let _ = writeln!(text, "  {what:<22} {url}");
        }
        described.push(json!({
            "id": city.app.origin.instance(), "uri": city.app.origin.instance(), "url": city.app.origin.url("/"),
            "name": city.town.name, "folder": home.of(city.town),
            "places": places.iter().map(|(_, url)| url).collect::<Vec<_>>(),
        }));
    }
    let ((here, there), (group, words)) = ((plaza(home, one), plaza(home, other)), one.town.try_out.announce);
    let _ = write!(
        text,
        "\nTry in another terminal: say something here, and hear it in the other city.\n  \
         {here} announce {group} --text {}\n  \
         {there} sister heard {}\n  \
         {here} meeting list\n  \
         {there} followers {}\n\
         Commands do not look up what is on this machine unless they are let, so that two more groups can hear each other:\n  \
         {there} {LET} sister add {} @{}@{}\n\n{}",
        quoted(words),
        other.town.try_out.listener,
        other.town.try_out.announce.0,
        other.town.try_out.apart,
        one.town.try_out.apart,
        one.app.origin.authority(),
        home.fate()
    );
    Ok(Report::new(text, json!(described)))
}
