//! Row 52: whoever asks at the door learns nothing of who is inside, neither from an answer nor from how long it takes.

use std::time::Duration;

use uuid::Uuid;

use super::{
    guest::{Guest, between},
    town::Town,
};

/// More than this is a difference that somebody far away can see.
const SEEN: f64 = 5.0;
/// Of each kind; whoever guesses more often at one name waits.
const NAMES: usize = 6;
const TRIES: usize = 5;

/// Asks as the so-manieth one: status, body, and how long it took.
type Ask = Box<dyn Fn(&Town, usize) -> (u16, String, Duration)>;

/// One way to ask: what is new in each round, and what it stands for.
struct Kind {
    what: &'static str,
    ask: Ask,
}

/// Milliseconds.
struct Times {
    median: f64,
    /// How far half of them are from it.
    spread: f64,
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn times(took: &[Duration]) -> Times {
    let took: Vec<f64> = took.iter().map(|took| took.as_secs_f64() * 1_000.0).collect();
    let median = middle(took.clone());
    Times { median, spread: middle(took.iter().map(|one| (one - median).abs()).collect()) }
}

/// All kinds must be answered alike: with the same words, and in the same time as far as this machine can tell.
fn are_alike(town: &Town, rounds: usize, kinds: &[Kind]) -> Result<(), String> {
    let mut last = String::new();
    for attempt in 0..3 {
        let mut took: Vec<Vec<Duration>> = vec![Vec::new(); kinds.len()];
        for round in 0..rounds {
            let first = (kinds[0].ask)(town, attempt * rounds + round);
            took[0].push(first.2);
            for (kind, took) in kinds.iter().zip(&mut took).skip(1) {
                let answer = (kind.ask)(town, attempt * rounds + round);
                assert_eq!((answer.0, &answer.1), (first.0, &first.1), "{} and {}", kinds[0].what, kind.what);
                took.push(answer.2);
            }
        }
        let times: Vec<Times> = took.iter().map(|took| times(took)).collect();
        let (least, most) =
            times.iter().fold((f64::MAX, 0.0_f64), |(least, most), time| (least.min(time.median), most.max(time.median)));
        // four times the error of a median of so many; on a busy machine a difference must still be less than the work itself
        let noise = times.iter().map(|time| time.spread).fold(0.0, f64::max) * 4.0 * 1.25 * 1.48 / (rounds as f64).sqrt();
        let allowed = SEEN.max(noise).min(SEEN.max(least / 2.0));
        last = kinds
            .iter()
            .zip(&times)
            .map(|(kind, time)| format!("{}: {:.1} ± {:.1} ms; ", kind.what, time.median, time.spread))
            .collect();
        if most - least < allowed {
            return Ok(());
        }
    }
    Err(format!("these differ: {last}"))
}

/// Status, names of headers and body, without what was typed and without what is new each time.
fn shape(answer: &super::town::Answer, typed: &str) -> (u16, String, Duration) {
    let text = answer.text();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut names: Vec<&str> = head.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    // their order means nothing
    names.sort_unstable();
    let mut body = body.replace(typed, "—");
    // the challenge for a passkey
    if body.contains("data-challenge=\"") {
        let challenge = between(&body, "data-challenge=\"", "\"").to_owned();
        body = body.replace(&challenge, "—");
    }
    (answer.status, format!("{names:?} {body}"), answer.took)
}

/// More of the same person, so that nobody is guessed at too often.
fn copies(town: &Town, of: &str, name: &str, columns: &str) {
    for number in 0..NAMES * 3 {
        let id = Uuid::new_v4();
        town.execute(&format!(
            "INSERT INTO members SELECT '{id}', '{name}{number}', name, language, {columns}, caretaker, welcomed, created, used \
             FROM members WHERE handle = '{of}'"
        ));
    }
}

fn signing_in(what: &'static str, name: &'static str, password: &'static str) -> Kind {
    let ask = move |town: &Town, round: usize| {
        let name = format!("{name}{}", round / TRIES);
        let answer = Guest::of(town).send("/sign-in", &[("handle", &name), ("password", password)]);
        shape(&answer, &name)
    };
    Kind { what, ask: Box::new(ask) }
}

#[test]
fn who_has_an_account_shows_neither_in_words_nor_in_time() {
    let town = Town::open();
    let mut ana = Guest::joined(&town, "ana");
    ana.send("/me/codes", &[]);
    copies(&town, "ana", "with", "password");
    copies(&town, "ana", "keyonly", "NULL");
    for number in 0..NAMES * 3 {
        let code = format!("INSERT INTO recovery_codes SELECT 'code{number}', id FROM members WHERE handle = 'with{number}'");
        town.execute(&code);
    }
    // the very first one may take longer: then it makes the fingerprint that stands for nobody's
    Guest::of(&town).send("/sign-in", &[("handle", "first"), ("password", "not this one, no")]);
    let wrong = "not this one, no";
    let kinds = [
        signing_in("somebody", "with", wrong),
        signing_in("nobody", "none", wrong),
        signing_in("somebody with nothing but a passkey", "keyonly", wrong),
    ];
    assert_eq!(are_alike(&town, NAMES * TRIES, &kinds), Ok(()));
    // with what could be a code from paper
    let code = "k7m2-9fqx-3tbn-w4hd";
    let kinds = [signing_in("somebody's code", "coded", code), signing_in("nobody's code", "missing", code)];
    copies(&town, "ana", "coded", "password");
    assert_eq!(are_alike(&town, NAMES * TRIES, &kinds), Ok(()));
}

/// As if the work were done for some and left out for others.
#[test]
fn a_fingerprint_that_costs_nothing_is_found_out() {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::SaltString};
    let town = Town::open();
    Guest::joined(&town, "ana");
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).expect("few"));
    let salt = SaltString::encode_b64(b"salt of sixteen!").expect("a salt");
    let cheap = cheap.hash_password(b"soup at noon, always", &salt).expect("a fingerprint").to_string();
    copies(&town, "ana", "with", "password");
    copies(&town, "ana", "cheap", &format!("'{cheap}'"));
    let wrong = "not this one, no";
    let kinds = [signing_in("somebody", "with", wrong), signing_in("somebody without that work", "cheap", wrong)];
    assert!(are_alike(&town, 2 * TRIES, &kinds).is_err_and(|found| found.contains("differ")));
}

/// Whoever was here and left is nobody, and their name is answered like any other.
#[test]
fn whoever_left_is_nobody() {
    let town = Town::open();
    let mut all = Vec::new();
    for number in 0..2 {
        let mut guest = Guest::joined(&town, &format!("gone{number}"));
        all.push(guest.send("/me/leave", &[("sure", "twice")]).status);
    }
    assert_eq!((all, town.count("members"), town.count("sessions")), (vec![303; 2], 0, 0));
    let kinds =
        [signing_in("somebody who left", "gone", "soup at noon, always"), signing_in("nobody", "none", "soup at noon, always")];
    let rounds = 2 * TRIES;
    for round in 0..rounds {
        let (left, nobody) = ((kinds[0].ask)(&town, round), (kinds[1].ask)(&town, round));
        assert_eq!((left.0, left.1), (nobody.0, nobody.1));
    }
}

/// A link that was used up, one that is too old and one that never was.
#[test]
fn links_that_open_nothing_are_alike() {
    let town = Town::open();
    let start = town.at.json(&["member", "start-link"])["url"].as_str().expect("a link").replace(&town.origin, "");
    let mut cy = Guest::of(&town);
    cy.goes_on(&start, &[("name", "Cy"), ("handle", "cy"), ("password", "soup at noon, always")]);
    let shown = cy.send("/me/invite", &[]).body();
    let invitation = format!("/join?invitation={}", between(&shown, "/join?invitation=", "<"));
    let (_, secret) = invitation.split_once('=').expect("a secret");
    let fields = [("name", "Bo"), ("handle", "bo"), ("password", "soup at noon, always"), ("invitation", secret)];
    let mut bo = Guest::of(&town);
    bo.goes_on("/join", &fields);
    town.execute("INSERT INTO organizers SELECT 'kitchen', id, 0, TRUE, FALSE, NULL FROM members");
    let shown = cy.send("/ours/@kitchen/people/bo/recover", &[]).body();
    let recovery = format!("/recover/{}", between(&shown, "/recover/", "<"));
    assert_eq!(Guest::of(&town).send(&recovery, &[("password", "the pots are blue today")]).status, 303);
    let shown = cy.send("/ours/@kitchen/people/invite", &[]).body();
    let asked = format!("/invited/{}", between(&shown, "/invited/", "<"));
    let (session, csrf) = (cy.cookie.clone(), cy.csrf.clone());
    assert_eq!(Guest::joined(&town, "dee").send(&asked, &[]).status, 303);
    for (used, is_for_members) in [(start, false), (invitation, false), (recovery, false), (asked, true)] {
        let (session, csrf) = (session.clone().filter(|_| is_for_members), csrf.clone());
        let ask = move |path: String, sends: bool| {
            let (session, csrf) = (session.clone(), if is_for_members { csrf.clone() } else { String::new() });
            move |town: &Town, round: usize| {
                let secret = path.rsplit(['/', '=']).next().unwrap_or_default().to_owned();
                let (path, typed) = match path.strip_suffix("never") {
                    Some(way) => {
                        let never = plaza::members::token::Token::new().expect("randomness").reveal().to_owned();
                        (format!("{way}{never}"), never)
                    }
                    None => (path.clone(), secret),
                };
                let mut guest = Guest { cookie: session.clone(), csrf: csrf.clone(), ..Guest::of(town) };
                let fields = [("name", "Eve"), ("handle", &*format!("eve{round}")), ("password", "the pots are blue today")];
                let answer = if sends { guest.send(&path, &fields) } else { guest.get(&path) };
                shape(&answer, &typed)
            }
        };
        let way = &used[..used.rfind(['/', '=']).expect("a secret") + 1];
        for sends in [false, true] {
            // whoever joins without an invitation may: that link only opens what is closed
            if sends && way.contains('=') {
                continue;
            }
            let kinds = [
                Kind { what: "a used one", ask: Box::new(ask(used.clone(), sends)) },
                Kind { what: "one that never was", ask: Box::new(ask(format!("{way}never"), sends)) },
            ];
            assert_eq!(are_alike(&town, 15, &kinds), Ok(()));
        }
    }
}
