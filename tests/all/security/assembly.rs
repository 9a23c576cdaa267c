//! A full square: three hundred telephones behind one address, all at once, and among them one who is there to spoil it.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::json;

use super::{
    guest::{Guest, between},
    letters::activity,
    town::Town,
    world::{Host, Person, key},
};

const TELEPHONES: usize = 300;
const COMING: usize = 100;
const JOINING: usize = 20;
/// Where nobody waits for another one, on a small machine.
const AT_ONCE: usize = 50;

/// How often each status was answered, in all and by which page.
#[derive(Default)]
struct Answered(Mutex<BTreeMap<(String, u16), usize>>);

impl Answered {
    fn note(&self, what: &str, status: u16) {
        *self.0.lock().expect("whole").entry((what.to_owned(), status)).or_default() += 1;
    }

    fn all(self) -> BTreeMap<(String, u16), usize> {
        self.0.into_inner().expect("whole")
    }
}

/// Does it for each number, many at a time.
fn each(count: usize, deed: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for thread in 0..AT_ONCE {
            let deed = &deed;
            scope.spawn(move || (thread..count).step_by(AT_ONCE).for_each(deed));
        }
    });
}

/// An organizer of the kitchen, and a meeting of it.
fn opened(town: &Town) -> (Guest<'_>, String) {
    let start = town.at.json(&["member", "start-link"])["url"].as_str().expect("a link").replace(&town.origin, "");
    let mut cy = Guest::of(town);
    cy.goes_on(&start, &[("name", "Cy"), ("handle", "cy"), ("password", "soup at noon, always")]);
    town.execute("INSERT INTO organizers SELECT 'kitchen', id, 0, TRUE, FALSE, NULL FROM members");
    let meeting = town.at.json(&["meeting", "schedule", "kitchen", "--title", "Assembly", "--starts", "2030-11-26T18:00"]);
    (cy, format!("/meetings/{}", meeting["id"].as_str().expect("an id")))
}

#[test]
fn three_hundred_telephones_behind_one_address_are_all_served_and_counted() {
    let town = Town::open();
    let (_, meeting) = opened(&town);
    let answered = Answered::default();
    each(TELEPHONES, |number| {
        let mut phone = Guest::of(&town);
        for page in ["/", &meeting, "/@kitchen"] {
            answered.note("a page", phone.get(page).status);
        }
        if number % 3 == 0 {
            answered.note("coming", phone.send(&format!("{meeting}/coming"), &[("answer", "coming")]).status);
        }
        if number % 15 == 1 {
            let handle = format!("person{number}");
            let typed = [("name", "Somebody"), ("handle", &*handle), ("password", "soup at noon, always")];
            answered.note("joining", phone.send("/join", &typed).status);
        }
    });
    let expected = [(("a page", 200), 3 * TELEPHONES), (("coming", 303), COMING), (("joining", 303), JOINING)];
    let expected: BTreeMap<_, _> = expected.map(|((what, status), count)| ((what.to_owned(), status), count)).into();
    assert_eq!(answered.all(), expected);
    assert!(Guest::of(&town).page(&meeting).contains("100 to 199 people have said that they are coming."));
    assert_eq!(town.count("members"), JOINING + 1);
}

fn replies(town: &Town, troll: &Person, note: &serde_json::Value, number: usize) -> u16 {
    let reply = json!({
        "id": format!("{}/notes/{number}", troll.id), "type": "Note", "attributedTo": troll.id,
        "content": format!("<p>spoilt-soup {number}</p>"), "inReplyTo": note,
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "published": "2026-11-24T11:00:00Z",
    });
    town.send(&town.letter(troll, &activity(troll, "Create", reply)).signed().bytes()).status
}

#[test]
fn one_who_spoils_it_is_seen_by_nobody_and_is_cleared_away_in_three_requests() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (mut cy, meeting) = opened(&town);
    assert_eq!(town.send(&town.follow(&good.person("ana", key(0))).signed().bytes()).status, 202);
    let note = town.at.json(&["announce", "kitchen", "--text", "We need pots"])["uri"].clone();
    each(COMING, |_| assert_eq!(Guest::of(&town).send(&format!("{meeting}/coming"), &[("answer", "coming")]).status, 303));
    town.settle();
    // an hour later
    town.execute("UPDATE coming SET hour = hour - 3600000000");
    let (said, heard) = (town.count("activities"), good.posts("/users/ana/inbox"));
    let pages = ["/", "/@kitchen", "/announcements", "/groups", &meeting, "/meetings.atom", "/ap/groups/kitchen/outbox?page=1"];
    let look = || pages.map(|page| Guest::of(&town).get(page).body());
    let before = look();

    let troll = evil.person("troll", key(1));
    assert_eq!(replies(&town, &troll, &note, 0), 202, "known before the others come");
    let answered = Answered::default();
    each(320, |number| {
        let mut phone = Guest::of(&town);
        let text = format!("spoilt-soup {number}");
        match number {
            0..200 => answered.note("coming", phone.send(&format!("{meeting}/coming"), &[("answer", "coming")]).status),
            200..250 => answered.note("suggesting", phone.send("/suggest", &[("group", "kitchen"), ("text", &text)]).status),
            250..300 => answered.note("replying", replies(&town, &troll, &note, number)),
            _ => {
                let handle = format!("spoiler{number}");
                let typed = [("name", "spoilt-soup"), ("handle", &*handle), ("password", "soup at noon, always")];
                answered.note("joining", phone.send("/join", &typed).status);
            }
        }
        // whoever only reads is served meanwhile
        answered.note("a page", phone.get(&meeting).status);
    });
    let answered = answered.all();
    assert!(answered.keys().all(|(_, status)| [200, 202, 303].contains(status)), "{answered:?}");

    assert_eq!(look(), before, "nothing of it is public");
    town.settle();
    assert_eq!((town.count("activities"), good.posts("/users/ana/inbox")), (said, heard), "nothing was said to anybody");
    assert!(evil.posts("/users/troll/inbox") == 0, "nor to the one who did it");

    let waiting = cy.page("/ours/@kitchen/waiting");
    assert!(waiting.contains("spoilt-soup"));
    let id = meeting.trim_start_matches("/meetings/");
    cy.goes_on("/ours/@kitchen/waiting", &[("actor", troll.id.as_str()), ("do", "refuse")]);
    cy.goes_on("/ours/@kitchen/waiting/suggestions", &[("do", "drop-all"), ("sure", "yes")]);
    cy.goes_on("/ours/@kitchen/waiting/coming", &[("id", id), ("do", "throw-away"), ("sure", "yes")]);
    let waiting = cy.page("/ours/@kitchen/waiting");
    assert!(!waiting.contains("spoilt-soup") && !waiting.contains("answers wait"), "{waiting}");
    for (table, left) in [("suggestions", 0), ("replies", 0), ("answers", COMING)] {
        assert_eq!(town.count(table), left, "{table}");
    }
    assert_eq!(look(), before, "and who came before still comes");
    assert_eq!(replies(&town, &troll, &note, 1_000), 202);
    assert!(!cy.page("/ours/@kitchen/waiting").contains("spoilt-soup"), "nor does it begin again");
    // their accounts are nobody's to see, and go by themselves when nobody uses them
    assert!(
        !Guest::of(&town).page("/about").contains("spoil") && !between(&cy.page("/ours"), "<main", "</main>").contains("spoil")
    );
}
