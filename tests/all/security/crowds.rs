//! Many requests at once, keys that change, actors that go, and servers that do not answer: how often we ask, and whom.

use std::{io::Write, net::TcpListener, time::Instant};

use serde_json::json;

use super::{
    letters::activity,
    town::{Same, Town, WITH_OTHERS, at_once, row},
    world::{Host, Person, Reply, key},
};
use crate::process::until;

#[test]
fn fifty_first_letters_of_one_actor_cause_one_question() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    good.hold(true);
    let letters: Vec<Vec<u8>> = (0..50).map(|_| town.follow(&ana).signed().bytes()).collect();
    std::thread::scope(|scope| {
        let town = &town;
        let waiting: Vec<_> = letters.iter().map(|letter| scope.spawn(move || town.send(letter).status)).collect();
        until("somebody asks", || good.asked("/users/ana") > 0);
        // whatever was sent before this is answered by now, or waits
        let front = super::letters::Request::get(&town.name, "/ap/instance", &[]).bytes();
        (0..20).for_each(|_| assert_eq!(town.send(&front).status, 200));
        good.hold(false);
        let statuses: Vec<u16> = waiting.into_iter().map(|one| one.join().expect("an answer")).collect();
        assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
    });
    assert_eq!((good.asked("/users/ana"), town.count("follows")), (1, 1));
}

/// A stranger cannot make us ask about somebody again and again, nor keep the right one out by trying.
#[test]
fn bad_signatures_in_the_name_of_an_unknown_actor_cause_one_question() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    let forged = || {
        let mut letter = town.follow(&ana);
        letter.person.key = key(1);
        letter.signed().bytes()
    };
    let rows = (0..100).map(|number| row(format!("forged {number}"), &[401], forged())).collect();
    town.withstands(Same::Everything, WITH_OTHERS, rows);
    assert_eq!(good.questions(), 1);
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
    assert_eq!((good.questions(), town.count("follows")), (1, 1));
}

#[test]
fn bad_signatures_in_the_name_of_a_known_actor_cause_one_question_in_five_minutes() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
    town.settle();
    let forged = || {
        let mut letter = town.follow(&ana);
        letter.person.key = key(1);
        row("forged", &[401], letter.signed().bytes())
    };
    let table = || (0..100).map(|_| forged()).collect();
    town.withstands(Same::Everything, WITH_OTHERS, table());
    assert_eq!(good.asked("/users/ana"), 1, "just asked");
    town.execute("UPDATE remote_actors SET key_checked = 0");
    town.execute("UPDATE remote_actors SET fetched = 0");
    let before = town.rows("SELECT public_keys AS line FROM remote_actors");
    for _ in 0..100 {
        assert_eq!(town.send(&forged().bytes).status, 401);
    }
    assert_eq!(good.asked("/users/ana"), 2);
    assert_eq!(town.rows("SELECT public_keys AS line FROM remote_actors"), before);
}

#[test]
fn a_new_key_is_asked_for_once_and_the_old_one_is_worth_nothing_then() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let old = good.person("ana", key(0));
    assert_eq!(town.send(&town.follow(&old).signed().bytes()).status, 202);
    let new = good.person("ana", key(2));
    assert_eq!(town.send(&town.follow(&new).signed().bytes()).status, 401, "asked less than five minutes ago");
    town.execute("UPDATE remote_actors SET key_checked = 0");
    for _ in 0..10 {
        assert_eq!(town.send(&town.follow(&new).signed().bytes()).status, 202);
    }
    assert_eq!(good.asked("/users/ana"), 2);
    town.settle();
    town.withstands(Same::Everything, WITH_OTHERS, vec![row("the old key", &[401], town.follow(&old).signed().bytes())]);
    town.execute("UPDATE remote_actors SET key_checked = 0");
    town.withstands(Same::Everything, WITH_OTHERS, vec![row("once more", &[401], town.follow(&old).signed().bytes())]);
    assert_eq!(good.asked("/users/ana"), 3);
}

/// Whoever tries a wrong key just after the change uses the one question up: what it brought must be kept.
#[test]
fn a_forger_cannot_keep_a_new_key_out() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let old = good.person("ana", key(0));
    assert_eq!(town.send(&town.follow(&old).signed().bytes()).status, 202);
    let new = good.person("ana", key(2));
    town.execute("UPDATE remote_actors SET key_checked = 0");
    let mut forged = town.follow(&new);
    forged.person.key = key(1);
    assert_eq!(town.send(&forged.signed().bytes()).status, 401);
    assert_eq!(town.send(&town.follow(&new).signed().bytes()).status, 202);
    assert_eq!(good.asked("/users/ana"), 2);
}

#[test]
fn actors_that_are_gone_are_believed_only_when_they_say_so_themselves() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (ana, eve) = (good.person("ana", key(0)), evil.person("eve", key(1)));
    for person in [&ana, &eve] {
        assert_eq!(town.send(&town.follow(person).signed().bytes()).status, 202);
    }
    town.settle();
    good.reply("/users/ana", Reply::new(410, "text/plain", ""));
    town.execute("UPDATE remote_actors SET key_checked = 0");
    let delete = |person: &Person| activity(person, "Delete", json!(person.id));
    let mut forged = town.letter(&ana, &delete(&ana));
    forged.person.key = key(1);
    let mut unknown = ana.clone();
    (unknown.id, unknown.key_id) = (good.url("/users/never"), good.url("/users/never#main-key"));
    let asked = good.questions();
    town.withstands(
        Same::Everything,
        WITH_OTHERS,
        vec![
            row("an actor we never knew", &[202], town.letter(&unknown, &delete(&unknown)).signed().bytes()),
            row(
                "the same as a tombstone",
                &[202],
                town.letter(&unknown, &activity(&unknown, "Delete", json!({ "id": unknown.id, "type": "Tombstone" })))
                    .signed()
                    .bytes(),
            ),
            row(
                "the same by a list",
                &[202],
                town.letter(&unknown, &activity(&unknown, "Delete", json!([unknown.id]))).signed().bytes(),
            ),
        ],
    );
    assert_eq!(good.questions(), asked, "nobody is asked about an actor that is gone and was not known");
    town.withstands(Same::Everything, WITH_OTHERS, vec![row("in her name", &[401], forged.signed().bytes())]);
    let by_eve = [json!(ana.id), json!({ "id": ana.id, "type": "Person" }), json!([ana.id])];
    let by_eve = by_eve.map(|gone| town.letter(&eve, &activity(&eve, "Delete", gone)).signed().bytes());
    town.withstands(Same::Meaning, at_once(), by_eve.map(|bytes| row("by another", &[202, 403], bytes)).into());
    assert_eq!(town.count("follows"), 2);
    // her own last word, with the key that is known
    assert_eq!(town.post(&ana, &delete(&ana)), 202);
    assert_eq!((town.count("follows"), town.count("remote_actors")), (1, 1));
    let rows = vec![row("after it", &[401, 410], town.follow(&ana).signed().bytes())];
    town.withstands(Same::Everything, WITH_OTHERS, rows);
}

#[test]
fn servers_that_answer_never_endlessly_or_with_nonsense() {
    let (town, evil) = (Town::open(), Host::open("127.0.0.3"));
    let big = vec![b' '; 2 * 1024 * 1024];
    let table = [
        ("endless", &[401][..], Reply::Endless),
        ("2 MiB", &[401], Reply::new(200, super::world::ACTIVITY_JSON, big)),
        ("a redirect to itself", &[401], Reply::redirect(302, "/users/m2")),
        ("a redirect to nowhere", &[401], Reply::redirect(302, "")),
        ("a redirect to a file", &[401], Reply::redirect(301, "file:///etc/passwd")),
        ("a redirect to a script", &[401], Reply::redirect(307, "javascript:alert(1)")),
        ("a redirect without a place", &[401], Reply::Whole { status: 303, headers: vec![], body: vec![] }),
        (
            "a hundred headers",
            &[401, 202],
            (0..100).fold(Reply::new(200, "text/html", ""), |reply, number| reply.with(&format!("X-{number}"), "x")),
        ),
        ("a header of 1 MB", &[401, 202], Reply::new(200, "text/html", "").with("X-Long", &"x".repeat(1_000_000))),
        ("401", &[401], Reply::new(401, "text/plain", "")),
        ("403", &[401], Reply::new(403, "text/plain", "")),
        ("404", &[401], Reply::new(404, "text/plain", "")),
        ("410", &[401], Reply::new(410, "text/plain", "")),
        ("418", &[401], Reply::new(418, "text/plain", "")),
        ("500", &[202], Reply::new(500, "text/plain", "")),
        ("503", &[202], Reply::new(503, "text/plain", "")),
        ("429", &[202], Reply::new(429, "text/plain", "")),
        ("nothing", &[202], Reply::Silence),
    ];
    let before = town.memory();
    for (number, (what, expected, reply)) in table.into_iter().enumerate() {
        let person = evil.person(&format!("m{number}"), key(1));
        evil.reply(&format!("/users/m{number}"), reply);
        let answer = town.send(&town.follow(&person).signed().bytes());
        assert!(expected.contains(&answer.status), "{what}: {}", answer.status);
        assert!(answer.took < WITH_OTHERS, "{what}: {:?}", answer.took);
    }
    assert_eq!((town.count("remote_actors"), town.count("follows")), (0, 0));
    assert!(town.memory() < before + 32 * 1024, "{} KiB more", town.memory() - before);
    let loops = evil.asked("/users/m2");
    assert!(loops <= 4, "{loops} times round");
}

/// Redirects are for documents, not for other hosts' actors; what carries a Location without being one is no redirect.
#[test]
fn redirects_lead_to_nobody_else() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (ana, other) = (good.person("ana", key(0)), Host::open("127.0.0.4"));
    let mut rows = Vec::new();
    for (number, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
        let person = evil.person(&format!("m{number}"), key(1));
        evil.reply(&format!("/users/m{number}"), Reply::redirect(status, &ana.id));
        rows.push(row(format!("{status} to another's document"), &[401], town.follow(&person).signed().bytes()));
    }
    for (number, status) in [200, 201, 300, 304, 404, 410].into_iter().enumerate() {
        let person = evil.person(&format!("n{number}"), key(1));
        let told = Reply::new(status, "text/html", "").with("Location", &other.url("/x"));
        evil.reply(&format!("/users/n{number}"), told);
        rows.push(row(format!("{status} with a Location"), &[401], town.follow(&person).signed().bytes()));
    }
    town.withstands(Same::Everything, WITH_OTHERS, rows);
    assert_eq!(other.connections(), 0);
}

#[test]
fn whoever_could_not_be_asked_is_asked_again_by_and_by() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    good.reply("/users/ana", Reply::new(503, "text/plain", ""));
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
    let mut forged = town.follow(&ana);
    forged.person.key = key(1);
    assert_eq!(town.send(&forged.signed().bytes()).status, 202);
    assert_eq!((town.count("arrivals"), town.count("follows")), (2, 0));
    until("they were tried once", || town.rows("SELECT tries || '' AS line FROM arrivals") == ["1", "1"]);
    assert_eq!(good.asked("/users/ana"), 1, "what failed is remembered");
    good.reply("/users/ana", Reply::document(&ana.document()));
    let mut town = town;
    town.restart();
    town.execute("UPDATE arrivals SET next_try = 0");
    until("both were looked at", || town.count("arrivals") == 0);
    assert_eq!(town.count("follows"), 1, "the right one counts, the forged one does not");
}

#[test]
fn one_host_cannot_fill_the_waiting_room() {
    let town = Town::open();
    let nobody = TcpListener::bind("127.0.0.9:0").and_then(|listener| listener.local_addr()).expect("a port nobody answers at");
    let id = format!("http://{nobody}/users/x");
    let ghost = Person { key_id: format!("{id}#main-key"), id, key: key(1) };
    let begun = Instant::now();
    let statuses: Vec<u16> = (0..510).map(|_| town.send(&town.follow(&ghost).signed().bytes()).status).collect();
    assert!(statuses[..490].iter().all(|status| *status == 202), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429), "{:?}", begun.elapsed());
    let answer = town.send(&town.follow(&ghost).signed().bytes());
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    let (good, ana) = (Host::open("127.0.0.2"), 0);
    let ana = good.person("ana", key(ana));
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202, "others are not kept out");
    assert_eq!(town.count("follows"), 1);
}

/// A hundred people at the door who say nothing do not keep the next one out.
#[test]
fn idle_connections_keep_nobody_out() {
    let town = Town::open();
    let mut idle: Vec<_> = (0..500).map(|_| town.connect()).collect();
    for stream in &mut idle {
        stream.write_all(b"P").expect("sent");
    }
    let front = super::letters::Request::get(&town.name, "/", &[("Accept", "text/html")]).bytes();
    for _ in 0..20 {
        let answer = town.send(&front);
        assert_eq!(answer.status, 200);
        assert!(answer.took < at_once(), "{:?}", answer.took);
    }
}
