//! A whole day of people with accounts, and what is left of it afterwards: nothing that says who they are, where they were, with
//! what they came in, who comes to a meeting, or who welcomed whom.

use std::collections::BTreeSet;

use plaza::clock::Clock;
use serde_json::json;

use crate::{
    city::databases,
    logs::{TRACES, backup, change, holding, holds, rows, town},
    security::{
        guest::{Guest, PASSWORD, between},
        letters::activity,
        town::{Same, Town},
        world::{Host, key},
    },
};

/// What every browser of this day calls itself.
const BROWSER: &str = "Netscape-9-of-somebody";
const OTHER_PASSWORD: &str = "the pots are blue today";
/// What a camera writes into its pictures.
const CAMERA: &str = "taken at 40.7127N 74.0059W";
const HEADERS: [(&str, &str); 7] = [
    ("X-Forwarded-For", TRACES[1]),
    ("X-Real-IP", TRACES[1]),
    ("Forwarded", "for=203.0.113.77;proto=https"),
    ("Via", "1.1 203.0.113.77"),
    ("CF-Connecting-IP", TRACES[1]),
    ("User-Agent", BROWSER),
    ("Referer", "http://203.0.113.77/"),
];

/// What was given to people and is theirs alone, and what they typed so that nobody else can.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add(&mut self, secret: &str) {
        assert!(secret.len() >= 10, "{secret}: too short to be looked for");
        self.0.insert(secret.to_owned());
    }

    /// The last part of an address of ours.
    fn of_link(&mut self, link: &str) {
        self.add(link.rsplit(['/', '=']).next().unwrap_or_default());
    }

    fn of(&mut self, guest: &Guest<'_>) {
        self.add(guest.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("signed in").1);
        self.add(&guest.csrf);
    }
}

struct Day<'a> {
    town: &'a Town,
    url: Option<&'a str>,
    secrets: Secrets,
}

impl<'a> Day<'a> {
    fn guest(&self) -> Guest<'a> {
        Guest { headers: &HEADERS, ..Guest::of(self.town) }
    }

    fn joins(&mut self, name: &str, handle: &str) -> Guest<'a> {
        let mut guest = self.guest();
        guest.send("/join", &[("name", name)]);
        assert_eq!(
            guest.goes_on("/join", &[("name", name), ("handle", handle), ("password", PASSWORD)]),
            "/me/codes?done=joined"
        );
        self.secrets.of(&guest);
        guest
    }

    fn signs_in(&mut self, handle: &str, password: &str) -> Guest<'a> {
        let mut guest = self.guest();
        assert_eq!(guest.send("/sign-in", &[("handle", handle), ("password", "not this one, never")]).status, 422);
        guest.goes_on("/sign-in", &[("handle", handle), ("password", password)]);
        self.secrets.of(&guest);
        guest
    }

    fn execute(&self, statement: &str) {
        match self.url {
            Some(url) => change(url, statement),
            None => self.town.execute(statement),
        }
    }

    fn rows(&self) -> String {
        self.url.map_or_else(|| self.town.holds(Same::Everything), rows)
    }
}

/// A photograph with a remark of the camera inside.
fn photo() -> Vec<u8> {
    let pixels = image::DynamicImage::new_rgb8(400, 300);
    let mut jpeg = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("a JPEG");
    let plain = jpeg.into_inner();
    let length = u16::try_from(CAMERA.len() + 2).expect("short").to_be_bytes();
    [&plain[..2], &[0xFF, 0xFE], &length, CAMERA.as_bytes(), &plain[2..]].concat()
}

fn on(days: u64) -> String {
    let day = Clock::system().now() + std::time::Duration::from_secs(days * 24 * 3_600);
    day.utc().format("%Y-%m-%d").to_string()
}

/// They join, begin a group, are welcomed, and find others who speak for it with them.
fn morning<'a>(day: &mut Day<'a>) -> [Guest<'a>; 4] {
    let start = day.town.at.json(&["member", "start-link"])["url"].as_str().expect("a link").to_owned();
    let start = start.replace(&day.town.origin, "");
    day.secrets.of_link(&start);
    let mut cy = day.guest();
    cy.goes_on(&start, &[("name", "Cypress Aldous"), ("handle", "cypress_a"), ("password", PASSWORD)]);
    day.secrets.of(&cy);
    let mut ana = day.joins("Ana Zebrowska", "zebra_ana");
    let codes = ana.send("/me/codes", &[]).body();
    for code in codes.split("<li><code dir=\"ltr\">").skip(1) {
        day.secrets.add(code.split('<').next().unwrap_or_default());
    }
    let typed = [("step", "4"), ("name", "Sopa"), ("mission", "Soup for everyone"), ("handle", "sopa")];
    assert_eq!(ana.goes_on("/start", &typed), "/ours/@sopa/share");
    let mut dora = day.joins("Dora Quimby", "quimby_dora");
    day.execute("UPDATE members SET welcomed = 0 WHERE handle = 'quimby_dora'");
    dora.goes_on("/groups/welcome", &[("group", "sopa")]);
    let mut others = ["Bo Ickabog", "Cleo Jabberwock"].map(|name| day.joins(name, &name.to_lowercase().replace(' ', "_")));
    for other in &mut others {
        let shown = ana.send("/ours/@sopa/people/invite", &[]).body();
        let link = format!("/invited/{}", between(&shown, "/invited/", "<"));
        day.secrets.of_link(&link);
        other.goes_on(&link, &[]);
    }
    day.execute("UPDATE organizers SET since = since - 2000000000000");
    let feed = ana.send("/ours/notices/feed", &[]).body();
    let feed = between(&feed, "notices.atom?key=", "\"").to_owned();
    day.secrets.add(&feed);
    day.guest().page(&format!("/ours/notices.atom?key={feed}"));
    let [bo, cleo] = others;
    [cy, ana, bo, cleo]
}

/// They say something, invite to a meeting, and hear of people.
fn noon(day: &mut Day<'_>, ana: &mut Guest<'_>, peer: &Host) {
    let photo = photo();
    let fields = [("text", "We cook at six"), ("language", "en"), ("do", "next"), ("alt-1", "A pot")];
    let sent = ana.send_files("/ours/@sopa/news/new", &fields, &[("picture-1", &photo)]);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let to = sent.header("location").expect("an address");
    let revision = between(&ana.page(&to), "name=\"revision\" value=\"", "\"").to_owned();
    ana.goes_on(&to, &[("revision", &revision)]);
    let when = on(3);
    let meeting = [("title", "Soup"), ("kind", "meeting"), ("day", &*when), ("from", "18:00"), ("until", "20:00")];
    let where_ = [("zone", "America/New_York"), ("place", "The square"), ("agenda", "Pots"), ("language", "en"), ("do", "next")];
    let to = ana.goes_on("/ours/@sopa/meetings/new", &[&meeting[..], &where_].concat());
    let revision = between(&ana.page(&to), "name=\"revision\" value=\"", "\"").to_owned();
    ana.goes_on(&to, &[("revision", &revision)]);
    let planned = day.town.at.json(&["meeting", "list"])[0]["id"].as_str().expect("an id").to_owned();

    // five say that they come; one of them is signed in while doing so, and one thinks better of it
    for number in 0..5 {
        let cookie = ana.cookie.clone().filter(|_| number == 0);
        let mut phone = Guest { cookie, ..day.guest() };
        let mine = phone.goes_on(&format!("/meetings/{planned}/coming"), &[("answer", "coming")]);
        day.secrets.of_link(&mine);
        if number == 4 {
            phone.page(&mine);
            phone.goes_on(&mine, &[("answer", "maybe")]);
        }
    }
    assert!(day.guest().page(&format!("/meetings/{planned}")).contains("fewer than 5"));
    let mut passer_by = day.guest();
    passer_by.goes_on("/suggest", &[("group", "sopa"), ("text", "Pots to give away")]);
    let about = format!("/meetings/{planned}");
    passer_by.goes_on("/report", &[("what", &about), ("kind", "danger"), ("words", "It names me")]);
    ana.goes_on("/ours/@sopa/waiting/suggestions", &[("do", "drop-all"), ("sure", "yes")]);

    let replier = peer.person("far_replier", key(0));
    let note = day.town.at.json(&["announcement", "list"])[0]["uri"].clone();
    let said = json!({
        "id": format!("{}/notes/1", replier.id), "type": "Note", "attributedTo": replier.id, "content": "<p>I bring pots</p>",
        "inReplyTo": note, "to": ["https://www.w3.org/ns/activitystreams#Public"], "published": "2026-11-24T11:00:00Z",
    });
    let mut letter = day.town.letter(&replier, &activity(&replier, "Create", said)).signed();
    HEADERS.iter().for_each(|(name, value)| letter.after(name, *value));
    assert_eq!(day.town.send(&letter.bytes()).status, 202);
    let waits = ana.page("/ours/@sopa/waiting");
    let id = between(&waits, "name=\"id\" value=\"", "\"").to_owned();
    ana.goes_on("/ours/@sopa/waiting", &[("id", &id), ("do", "through")]);
}

/// Telephones are lost, people come back, go, and are asked to go.
fn evening(day: &mut Day<'_>, ana: &mut Guest<'_>, cleo: &mut Guest<'_>) {
    let mut bo = day.signs_in("bo_ickabog", PASSWORD);
    day.secrets.of(&bo);
    ana.goes_on("/ours/@sopa/people/remove", &[("member", "cleo_jabberwock"), ("reason", "absent")]);
    let asked = bo.page("/ours/@sopa/people");
    let id = between(&asked, "name=\"id\" value=\"", "\"").to_owned();
    bo.goes_on("/ours/@sopa/people/confirm", &[("id", &id), ("sure", "yes")]);
    assert_eq!(ana.send("/ours/@sopa/people/bo_ickabog/phone-taken", &[]).status, 303);
    let shown = ana.send("/ours/@sopa/people/bo_ickabog/recover", &[]).body();
    let link = format!("/recover/{}", between(&shown, "/recover/", "<"));
    day.secrets.of_link(&link);
    bo = day.guest();
    bo.page(&link);
    bo.goes_on(&link, &[("password", OTHER_PASSWORD)]);
    day.secrets.of(&bo);
    assert_eq!(bo.send("/sign-out", &[]).status, 303);
    bo = day.signs_in("bo_ickabog", OTHER_PASSWORD);
    // with a code from paper
    let codes = bo.send("/me/codes", &[]).body();
    let code = between(&codes, "<li><code dir=\"ltr\">", "<").to_owned();
    day.secrets.add(&code);
    let asked = day.guest().send("/sign-in", &[("handle", "bo_ickabog"), ("password", &code)]).body();
    day.secrets.add(between(&asked, "action=\"/recover/", "\""));
    assert_eq!(bo.send("/me/password", &[("old_password", OTHER_PASSWORD), ("password", PASSWORD)]).status, 303);
    day.secrets.of(&bo);
    bo.goes_on("/ours/@sopa/people/freeze", &[("sure", "yes")]);
    ana.goes_on("/ours/@sopa/people/lay-down", &[("sure", "yes")]);
    assert_eq!(cleo.send("/me/leave", &[("sure", "twice")]).status, 303);
}

fn night(day: &mut Day<'_>, cy: &mut Guest<'_>) {
    let reports = cy.page("/care/reports");
    let id = between(&reports, "name=\"id\" value=\"", "\"").to_owned();
    let times = between(&reports, "name=\"times\" value=\"", "\"").to_owned();
    for (path, fields) in [
        ("/care/look", vec![]),
        ("/care/reports/close", vec![("id", id.as_str()), ("times", times.as_str())]),
        ("/care/blocks", vec![("target", "troll.example"), ("sure", "yes")]),
        ("/care/strangers/choose", vec![("choice", "quarantine")]),
        ("/care/members/caretaker", vec![("member", "zebra_ana"), ("on", "yes"), ("sure", "yes")]),
        ("/care/members/caretaker", vec![("member", "zebra_ana"), ("on", "no"), ("sure", "yes")]),
    ] {
        cy.goes_on(path, &fields);
    }
    let shown = cy.send("/care/members/recover", &[("member", "zebra_ana"), ("sure", "yes")]).body();
    day.secrets.add(between(&shown, "/recover/", "<"));
    cy.goes_on("/care/members/delete", &[("member", "bo_ickabog"), ("sure", "yes")]);
}

#[test]
fn a_whole_day_leaves_no_trace() {
    for database in databases() {
        let ((mut town, url), peer) = (town(database, "text"), Host::open("127.0.0.5"));
        let mut day = Day { town: &town, url: url.as_deref(), secrets: Secrets::default() };
        let [mut cy, mut ana, _, mut cleo] = morning(&mut day);
        noon(&mut day, &mut ana, &peer);
        let held = day.rows();
        nobody_knows_who_welcomed_or_comes(&held, &day);
        evening(&mut day, &mut ana, &mut cleo);
        night(&mut day, &mut cy);

        let held = held + &day.rows();
        let secrets = std::mem::take(&mut day.secrets.0);
        assert!(secrets.len() > 30, "{}", secrets.len());
        let plain = backup(&town.at);
        assert!(holds(&plain, "zebra_ana") && held.contains("zebra_ana"), "this is how to read them");
        let hidden = [&TRACES[..], &[BROWSER, CAMERA, PASSWORD, OTHER_PASSWORD, "not this one, never"]].concat();
        let hidden: Vec<&str> = hidden.into_iter().chain(secrets.iter().map(String::as_str)).collect();
        let data = town.at.folder.path().join("plaza-data");
        let search = |when: &str| {
            for trace in &hidden {
                let mut found = Vec::new();
                assert!(holding(&data, trace, &mut found) > 0);
                assert_eq!(found, Vec::<String>::new(), "{database}, {when}: {trace}");
                assert!(!holds(&plain, trace), "{database}: {trace} in the backup");
                assert!(!held.contains(trace), "{database}: {trace} in the rows");
            }
        };
        search("while it runs");
        // what breaks is logged, with its cause
        let change = "ALTER TABLE meetings RENAME TO m";
        url.as_deref().map_or_else(|| town.execute(change), |url| crate::logs::change(url, change));
        let broken = Guest { cookie: cy.cookie.clone(), csrf: cy.csrf.clone(), headers: &HEADERS, ..Guest::of(&town) };
        assert_eq!(broken.get("/ours/@sopa/meetings?from=203.0.113.77").status, 403, "cy does not speak for it");
        assert_eq!(broken.get("/?from=203.0.113.77").status, 500);
        let (log, said) = town.last_words();
        search("after it was killed");
        assert!(log.contains(" plaza::"), "something was logged: {log}");
        let people =
            ["zebra_ana", "Zebrowska", "quimby", "Quimby", "ickabog", "Jabberwock", "cypress_a", "127.0.0.5", "127.0.0.1"];
        for trace in hidden.iter().chain(&people) {
            assert!(!log.contains(trace), "{database}: {trace} in the log:\n{log}");
            assert!(*trace == "127.0.0.1" || !said.contains(trace), "{database}: {trace} in {said}");
        }
    }
}

/// No row joins whoever welcomed a group to it, and no row of those who come to anybody.
fn nobody_knows_who_welcomed_or_comes(held: &str, day: &Day<'_>) {
    let dora = held.lines().find(|line| line.contains("quimby_dora")).expect("she has an account");
    let is_id = |word: &&str| word.parse::<uuid::Uuid>().is_ok();
    let words =
        |line: &'_ str| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').map(str::to_owned).collect::<Vec<_>>();
    let dora = words(dora).into_iter().find(|word| is_id(&word.as_str())).expect("an id");
    let joined = held.lines().find(|line| (line.contains(&dora) || line.contains("quimby")) && line.contains("sopa"));
    assert_eq!(joined, None, "who welcomed whom");
    assert!(held.lines().any(|line| line.contains("sopa") && line.contains("welcomed")), "that it was welcomed is known");

    let ids: BTreeSet<String> = day
        .town
        .at
        .json(&["member", "list"])
        .as_array()
        .into_iter()
        .flatten()
        .map(|member| member["id"].as_str().expect("a handle").to_owned())
        .collect();
    assert_eq!(ids.len(), 5);
    let meeting = day.town.at.json(&["meeting", "list"])[0]["id"].as_str().expect("an id").to_owned();
    let says = |line: &&str| ["coming", "maybe"].iter().any(|answer| line.contains(answer));
    // what was said of the meeting to others holds addresses
    let answers: Vec<&str> =
        held.lines().filter(|line| line.contains(&meeting) && !line.contains("http") && says(line)).collect();
    assert!(answers.len() >= 5, "{answers:#?}");
    for line in answers {
        // the meeting, a fingerprint of no session's, and the answer
        let known = words(line).into_iter().filter(|word| is_id(&word.as_str()) && *word != meeting).count();
        assert!(known == 0 && !ids.iter().any(|handle| line.contains(handle.as_str())), "{line}");
    }
}
