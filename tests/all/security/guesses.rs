//! Row 51: whoever guesses passwords waits, from however many addresses; nobody else does, and nobody is shut out by it.

use std::net::Ipv4Addr;

use super::{
    guest::{Guest, PASSWORD, between},
    town::{Answer, Town, at_once},
};
use crate::process::until;

/// Many at a time; what each was answered.
fn all_at_once(count: u32, deed: impl Fn(u32) -> Answer + Sync) -> Vec<Answer> {
    let threads = 40;
    std::thread::scope(|scope| {
        let deed = &deed;
        let each = (0..threads)
            .map(|thread| scope.spawn(move || (thread..count).step_by(threads as usize).map(deed).collect::<Vec<_>>()));
        let each: Vec<_> = each.collect();
        each.into_iter().flat_map(|thread| thread.join().expect("answers")).collect()
    })
}

#[test]
fn a_thousand_addresses_that_guess_at_one_name_get_few_guesses_and_shut_nobody_out() {
    let town = Town::open();
    let mut ana = Guest::joined(&town, "ana");
    let code = between(&ana.send("/me/codes", &[]).body(), "<li><code dir=\"ltr\">", "<").to_owned();
    // as after a busy hour: what every thread and every connection to the database keeps is there already
    all_at_once(60, |number| {
        Guest::of(&town).send("/sign-in", &[("handle", &format!("name{number}")), ("password", "not this one")])
    });
    let before = town.memory();
    let guess = |number: u32| {
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 10, 0, 1)) + number * 7);
        let forwarded = Ipv4Addr::from(0x0A00_0000 + number).to_string();
        let named = format!("for={forwarded}");
        let headers = [("X-Forwarded-For", forwarded.as_str()), ("Forwarded", named.as_str())];
        let mut guest = Guest { from, headers: &headers, ..Guest::of(&town) };
        guest.send("/sign-in", &[("handle", "ana"), ("password", &format!("guess number {number}"))])
    };
    let answers = all_at_once(1_000, guess);
    let (guessed, waits): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status == 422);
    // five, and one more each time a wait is over that doubles
    assert!((5..=11).contains(&guessed.len()), "{} guesses", guessed.len());
    for answer in waits {
        assert_eq!(answer.status, 429, "{}", answer.text());
        let seconds: u64 = answer.header("retry-after").expect("how long to wait").parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    assert!(town.memory() < before + 32 * 1024, "{} KiB more", town.memory() - before);

    assert_eq!(ana.get("/me").status, 200, "who is in stays in");
    assert_eq!(Guest::of(&town).send("/sign-in", &[("handle", "ana"), ("password", &code)]).status, 200, "a code need not wait");
    let bo = Guest::joined(&town, "bo").get("/me");
    assert_eq!(bo.status, 200, "others do not wait");
    // to ask too early costs nothing
    until("the right password opens", || {
        Guest::of(&town).send("/sign-in", &[("handle", "ana"), ("password", PASSWORD)]).status == 303
    });
}

#[test]
fn one_address_that_guesses_at_many_names_keeps_nobody_out() {
    let town = Town::open();
    Guest::joined(&town, "ana");
    let guess = |number: u32| {
        let name = format!("name{number}");
        Guest::of(&town).send("/sign-in", &[("handle", &name), ("password", "not this one, no")])
    };
    std::thread::scope(|scope| {
        let guessing = scope.spawn(|| all_at_once(80, guess));
        let mut took = Vec::new();
        for _ in 0..3 {
            let answer = Guest::of(&town).send("/sign-in", &[("handle", "ana"), ("password", PASSWORD)]);
            assert_eq!(answer.status, 303, "behind the same address");
            took.push(answer.took);
            let page = Guest::of(&town).get("/");
            assert!(page.status == 200 && page.took < at_once(), "readers wait for no fingerprint: {:?}", page.took);
        }
        assert!(took.iter().all(|took| *took < at_once() * 5), "{took:?}");
        assert!(guessing.join().expect("answers").iter().all(|answer| answer.status == 422));
    });
}

/// Rows 48 and 49: whatever ends a session ends it at once, everywhere; what was stolen before is worth nothing.
#[test]
fn what_ends_an_account_or_a_power_ends_it_on_every_telephone_at_once() {
    let town = Town::open();
    let start = town.at.json(&["member", "start-link"])["url"].as_str().expect("a link").replace(&town.origin, "");
    let mut cy = Guest::of(&town);
    cy.goes_on(&start, &[("name", "Cy"), ("handle", "cy"), ("password", PASSWORD)]);
    let mut bo = Guest::joined(&town, "bo");
    let mut other = Guest::of(&town);
    other.goes_on("/sign-in", &[("handle", "bo"), ("password", PASSWORD)]);
    cy.goes_on("/care/members/caretaker", &[("member", "bo"), ("on", "yes"), ("sure", "yes")]);
    assert_eq!((bo.get("/care").status, other.get("/care").status), (200, 200));
    cy.goes_on("/care/members/caretaker", &[("member", "bo"), ("on", "no"), ("sure", "yes")]);
    assert_eq!((bo.get("/care").status, other.get("/care").status), (403, 403));
    assert_eq!(bo.send("/care/blocks", &[("target", "x.example"), ("sure", "yes")]).status, 403);
    // the row of a session opens nothing
    for stolen in town.rows("SELECT hash AS line FROM sessions").into_iter().chain(town.rows("SELECT id AS line FROM sessions")) {
        let thief = Guest { cookie: Some(format!("plaza={stolen}")), ..Guest::of(&town) };
        assert_eq!(thief.get("/me").status, 303);
    }
    cy.goes_on("/care/members/delete", &[("member", "bo"), ("sure", "yes")]);
    assert_eq!((bo.get("/me").status, other.get("/me").status), (303, 303));
    assert_eq!(Guest::of(&town).send("/sign-in", &[("handle", "bo"), ("password", PASSWORD)]).status, 422);
    assert!(town.rows("SELECT member AS line FROM sessions").len() == 1, "cy's alone");
}
