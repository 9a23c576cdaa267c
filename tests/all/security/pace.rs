//! How long the city takes for what people do: each form of ours is sent some times, and none may take much longer than the others.
//! Where a password is checked or another server is asked it takes what that takes.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use plaza::web::address::{Listed, addresses};

use super::{
    guest::{Guest, PASSWORD},
    town::Town,
};
use crate::city::City;

/// Each is done so often; the middle one counts.
const TIMES: usize = 3;
/// What people hardly notice, on a small machine that does other things beside (hoped for: 50 ms),
const AT_ONCE: Duration = Duration::from_millis(300);
/// and on a machine that is slow for all of it, so often the time of the deed in the middle.
const MUCH: u32 = 20;

/// They make a fingerprint of a password, an actor's keys, or ask another server or this one from outside.
const LONG: [&str; 9] = [
    "/join",
    "/sign-in",
    "/me/password",
    "/recover/{token}",
    "/welcome/{token}",
    "/start",
    "/@{handle}/follow",
    "/ours/@{handle}/sisters",
    "/care/look",
];

/// Whatever is gone afterwards comes last.
const LAST: [&str; 7] =
    ["end-others", "/members/delete", "/people/freeze", "/people/end", "/people/lay-down", "/me/leave", "/sign-out"];

/// Every address that takes a form, in the order in which they can be sent.
fn forms() -> Vec<String> {
    let all: BTreeMap<String, Listed> = actix_web::rt::System::new()
        .block_on(async {
            City::start("sqlite").await.get("/", "*/*").await;
            addresses()
        })
        .into_iter()
        .collect();
    let mut forms: Vec<String> = all.into_iter().filter(|(_, listed)| listed.takes).map(|(path, _)| path).collect();
    forms.sort_by_key(|path| LAST.iter().position(|last| path.ends_with(last)));
    forms
}

struct People<'a> {
    town: &'a Town,
    ana: Guest<'a>,
    meetings: Vec<String>,
}

impl<'a> People<'a> {
    fn of(town: &'a Town) -> Self {
        let start = town.at.json(&["member", "start-link"])["url"].as_str().expect("a link").replace(&town.origin, "");
        let mut ana = Guest::of(town);
        ana.goes_on(&start, &[("name", "Ana"), ("handle", "ana"), ("password", PASSWORD)]);
        for name in ["ben", "cleo", "dan"] {
            Guest::joined(town, name);
        }
        town.execute("UPDATE members SET caretaker = TRUE, welcomed = 0 WHERE handle <> 'dan'");
        town.execute("INSERT INTO organizers SELECT 'kitchen', id, 0, TRUE, FALSE, NULL FROM members WHERE handle <> 'dan'");
        let schedule = ["meeting", "schedule", "kitchen", "--title", "Soup", "--starts", "2030-11-26T18:00"];
        let meetings = (0..TIMES).map(|_| town.at.json(&schedule)["id"].as_str().expect("an id").to_owned()).collect();
        Self { town, ana, meetings }
    }

    fn draft(&mut self) -> String {
        let to = self.ana.goes_on("/ours/@kitchen/news/new", &[("text", "We cook"), ("language", "en"), ("do", "next")]);
        to.trim_end_matches("/send").rsplit('/').next().expect("an id").to_owned()
    }

    fn news(&mut self) -> String {
        let draft = self.draft();
        self.ana.goes_on(&format!("/ours/@kitchen/drafts/{draft}/send"), &[("revision", "1")]);
        self.town.rows("SELECT id AS line FROM announcements ORDER BY published DESC, id DESC LIMIT 1").remove(0)
    }

    fn reply(&self, number: usize) -> String {
        let id = uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number as u128);
        self.town.execute(&format!(
            "INSERT INTO replies VALUES ('{id}', 'https://far.example/{number}', 'kitchen', '/ap/notes/0', '/ap/notes/0', 1, \
             'https://far.example/u{number}', 'u{number}@far.example', 'far.example', '<p>hi</p>', NULL, NULL, \
             'https://far.example/{number}', 0, 'waiting', 0, NULL, 0, '[]', '[]')"
        ));
        id.to_string()
    }

    /// The address with what is there, made anew for each time.
    fn address(&mut self, path: &str, number: usize) -> String {
        let mut address = path.replace("{handle}", "kitchen").replace("{member}", "ben");
        for (blank, place) in [("/meetings/{id}", "/meetings/"), ("/coming/{id}", "/coming/")] {
            address = address.replace(blank, &format!("{place}{}", self.meetings[number]));
        }
        if address.contains("/news/{id}") {
            address = address.replace("{id}", &self.news());
        }
        if address.contains("/drafts/{id}") {
            address = address.replace("{id}", &self.draft());
        }
        if address.contains("/replies/{id}") {
            address = address.replace("{id}", &self.reply(1_000 + number));
        }
        if address.contains("{secret}") {
            let coming = format!("/meetings/{}/coming", self.meetings[number]);
            let mine = Guest::of(self.town).goes_on(&coming, &[("answer", "coming")]);
            address = mine;
        }
        address.replace("{token}", plaza::members::token::Token::new().expect("randomness").reveal())
    }

    fn fields(&mut self, path: &str, number: usize) -> Vec<(&'static str, String)> {
        let fixed: &'static [(&'static str, &'static str)] = match path {
            "/meetings/{id}/coming" | "/meetings/{id}/coming/{secret}" => &[("answer", "maybe")],
            "/suggest" => &[("group", "kitchen"), ("text", "Pots to give")],
            "/report" => &[("what", "/@kitchen"), ("kind", "danger"), ("words", "It names me")],
            "/me" => &[("name", "Ana B"), ("language", "en")],
            "/me/leave" => &[("asked", "once")],
            "/care/blocks" | "/care/blocks/remove" => &[("target", "troll.example")],
            "/care/strangers/choose" => &[("choice", "quarantine")],
            "/care/strangers/let-in"
            | "/care/strangers/drop"
            | "/care/strangers/hold"
            | "/care/strangers/forget"
            | "/care/servers/retry"
            | "/care/servers/give-up" => &[("host", "far.example")],
            "/me/coming/{id}" => &[("answer", "maybe")],
            "/care/words" | "/care/words/remove" => &[("word", "cheap watches")],
            "/care/groups/welcome" | "/care/groups/unwelcome" => &[("group", "trees"), ("reason", "other")],
            "/care/settings" => &[
                ("principles", "We share."),
                ("contact", "The tent"),
                ("source", ""),
                ("pass_on", "all"),
                ("domain", ""),
                ("fetches", "open"),
            ],
            "/care/members/caretaker" => &[("member", "cleo"), ("on", "yes")],
            "/care/members/recover" | "/care/members/stop-way" | "/care/members/delete" => &[("member", "dan")],
            "/groups/welcome" | "/groups/welcome/asleep" => &[("group", "trees")],
            "/ours/@{handle}/people/offer" => &[("member", "dan")],
            "/ours/@{handle}/people/remove" => &[("member", "cleo"), ("reason", "absent")],
            "/ours/@{handle}/people/name" => &[("shown", "yes")],
            "/ours/@{handle}/about" => &[("name", "Kitchen"), ("mission", "Soup"), ("language", "en")],
            "/ours/@{handle}/coming/{id}" => &[("care", "let-in")],
            "/ours/@{handle}/waiting/suggestions" => &[("do", "drop-all")],
            "/ours/@{handle}/waiting/coming" => &[("do", "let-in")],
            _ if path.contains("/meetings/new") || path.contains("/meetings/{id}/edit") => &[
                ("title", "Soup"),
                ("kind", "meeting"),
                ("day", "2030-12-24"),
                ("from", "18:00"),
                ("until", "20:00"),
                ("zone", "America/New_York"),
                ("place", "The square"),
                ("language", "en"),
                ("do", "next"),
            ],
            _ if path.contains("/news/") || path.ends_with("/drafts/{id}") => {
                &[("text", "We bake"), ("language", "en"), ("do", "next")]
            }
            _ if path.contains("/replies/") => &[("text", "Thank you")],
            _ => &[],
        };
        let mut fields: Vec<(&str, String)> = fixed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.push(("sure", "yes".to_owned()));
        fields.extend(path.contains("/drafts/").then(|| ("revision", "1".to_owned())));
        match path {
            "/ours/@{handle}/waiting" => fields.extend([("id", self.reply(number)), ("do", "through".into())]),
            "/ours/@{handle}/waiting/coming" => fields.push(("id", self.meetings[number].clone())),
            _ => {}
        }
        if fields.iter().any(|(name, value)| *name == "text" && value == "Pots to give") {
            fields[1].1 = format!("Pots to give, number {number}");
        }
        fields
    }
}

#[test]
fn nothing_that_people_do_takes_much_longer_than_the_rest() {
    let town = Town::open();
    let mut people = People::of(&town);
    let (mut took, mut done) = (BTreeMap::new(), 0);
    for path in forms() {
        let (mut times, mut statuses) = (Vec::new(), Vec::new());
        for number in 0..TIMES {
            let (address, fields) = (people.address(&path, number), people.fields(&path, number));
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // what one does for oneself is done by somebody who may do all of it, and is still there afterwards
            let answer = Guest { cookie: people.ana.cookie.clone(), csrf: people.ana.csrf.clone(), ..Guest::of(&town) }
                .send(&address, &fields);
            assert!((200..500).contains(&answer.status), "{address}: {} {}", answer.status, answer.body());
            times.push(answer.took);
            statuses.push(answer.status);
        }
        times.sort();
        done += usize::from(statuses.iter().any(|status| matches!(status, 200 | 303)));
        took.insert(path, (times[TIMES / 2], statuses));
    }
    let mut all: Vec<Duration> = took.values().map(|(took, _)| *took).collect();
    all.sort();
    let (count, middle) = (all.len(), all[all.len() / 2]);
    let allowed = AT_ONCE.max(middle * MUCH);
    let slow: Vec<_> = took.iter().filter(|(path, (took, _))| *took > allowed && !LONG.contains(&path.as_str())).collect();
    let mut report = format!("{count} forms, {done} of them did something; the one in the middle took {middle:?}\n");
    let mut slowest: Vec<_> = took.iter().collect();
    slowest.sort_by_key(|(_, (took, _))| std::cmp::Reverse(*took));
    for (path, (took, statuses)) in slowest {
        writeln!(report, "{:8.1} ms {path} {statuses:?}", took.as_secs_f64() * 1_000.0).expect("a line");
    }
    println!("{report}");
    assert!(slow.is_empty(), "{slow:#?}\n{report}");
    assert!(done * 2 > count, "most of them must do something, or nothing is measured\n{report}");
}
