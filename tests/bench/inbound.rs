//! How much a city takes in: what known people say, strangers who must be asked about, accounts that are gone, and junk between all
//! that. A run in which anything accepted is not there afterwards counts for nothing, however fast it was.

use std::time::Duration;

use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    actors::remote,
    clock::Clock,
    db::schema::{announcements, elsewhere, reactions},
    sisters::{
        self,
        sister::{Policy, Sister, State},
    },
};
use serde_json::json;
use url::Url;

use crate::{
    gates::Gates,
    machine,
    peer::{self, Peers},
    reader::{Poured, pour},
    served::{City, GROUP},
};

/// Whom the city hears.
const KNOWN: usize = 200;

/// What is promised.
const CREATES: f64 = 1_000.0;
const CREATE_P99: f64 = 100.0;
const DELETES: f64 = 5_000.0;
/// Of what gets through without junk.
const GOODPUT: f64 = 0.95;

/// How much is sent. `PLAZA_BENCH_INBOUND` gives a part of it, such as `0.01`, to see that it works.
struct Amounts {
    creates: usize,
    strangers: usize,
    deletes: usize,
    /// Good requests a second while there is junk, ten times as much of which comes.
    good: f64,
    span: Duration,
}

impl Amounts {
    fn chosen() -> Self {
        let part = std::env::var("PLAZA_BENCH_INBOUND").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0_f64);
        let of = |whole: usize| (whole as f64 * part) as usize;
        Self {
            creates: of(20_000).max(KNOWN),
            strangers: of(5_000).max(50),
            deletes: of(100_000).max(500),
            good: if part < 1.0 { 10.0 } else { 100.0 },
            span: if part < 1.0 { Duration::from_secs(5) } else { Duration::from_secs(10) },
        }
    }
}

const JUNK: usize = 10;
const CONNECTIONS: usize = 64;

pub fn run(gates: &mut Gates) {
    let amounts = Amounts::chosen();
    let peers = Peers::start();
    let mut city = City::prepared();
    city.announce();
    introduce(&city, &peers);
    city.serve();
    let inbox: Url = format!("http://localhost:{}/ap/inbox", city.port).parse().expect("an address");
    known(gates, &city, &peers, &inbox, &amounts);
    strangers(gates, &city, &peers, &inbox, &amounts);
    accounts_gone(gates, &city, &peers, &inbox, &amounts);
    junk(gates, &city, &peers, &inbox, &amounts);
}

/// The group hears two hundred people, who accepted that.
fn introduce(city: &City, peers: &Peers) {
    let people: Vec<_> = (0..KNOWN).map(|number| peers.known("known", number)).collect();
    let now = Clock::system().now();
    city.with_database(async |db| {
        db.write(move |conn| {
            for actor in &people {
                remote::save(conn, actor)?;
                let sister = Sister {
                    group: GROUP.into(),
                    actor: actor.uri.to_string(),
                    follow: format!("/ap/activities/{}", actor.uri.path()),
                    state: State::Accepted,
                    created: now,
                    policy: Policy::Show,
                };
                sisters::store::save(conn, &sister)?;
            }
            Ok(())
        })
        .await
        .expect("they are known");
    });
}

/// Ids of everything that was heard.
fn heard(city: &City) -> usize {
    city.with_database(async |db| {
        let all = db.read(|conn| Ok(elsewhere::table.count().get_result::<i64>(conn)?)).await.expect("a number");
        usize::try_from(all).unwrap_or_default()
    })
}

fn notes(peers: &Peers, inbox: &Url, from: usize, many: usize) -> Vec<Vec<u8>> {
    let signed = |number: usize| peers.signed(&peer::note(&peers.actor("known", number % KNOWN), number), inbox);
    (from..from + many).map(signed).collect()
}

/// What two hundred known people say, as fast as they can, and at half that.
fn known(gates: &mut Gates, city: &City, peers: &Peers, inbox: &Url, amounts: &Amounts) {
    let (fast, calm) = (notes(peers, inbox, 0, amounts.creates), notes(peers, inbox, amounts.creates, amounts.creates / 2));
    let used = machine::processor_time(city.pid());
    let first = pour(city.port, vec![fast], CONNECTIONS, None);
    let cost = (machine::processor_time(city.pid()) - used) * 1000.0 / amounts.creates as f64;
    gates.exact("creates taken", taken(&first), amounts.creates);
    gates.exact("creates that are there", heard(city), amounts.creates);
    let rate = first.rate();
    let second = pour(city.port, vec![calm], CONNECTIONS, Some(rate / 2.0));
    gates.exact("creates at half the rate that are there", heard(city), amounts.creates + amounts.creates / 2);
    println!(
        "{} creates of {KNOWN} known actors: {rate:.0}/s, p99 {:.1} ms, {cost:.2} CPU-ms each; at {:.0}/s p99 {:.1} ms; {:.0} MiB",
        amounts.creates,
        first.p99(0),
        rate / 2.0,
        second.p99(0),
        machine::resident(city.pid()),
    );
    gates.at_least("creates a second", rate, CREATES);
    gates.at_most("creates at half the rate, p99, ms", second.p99(0), CREATE_P99);
    gates.exact("questions about known actors", peers.asked().0, 0);
}

/// Everybody of whom nobody heard before is asked about once.
fn strangers(gates: &mut Gates, city: &City, peers: &Peers, inbox: &Url, amounts: &Amounts) {
    let note: String = city.with_database(async |db| {
        db.read(|conn| Ok(announcements::table.select(announcements::id).first(conn)?)).await.expect("an announcement")
    });
    let note = format!("http://localhost:{}/ap/notes/{note}", city.port);
    let likes: Vec<_> =
        (0..amounts.strangers).map(|number| peers.signed(&peer::like(&peers.actor("new", number), &note), inbox)).collect();
    let poured = pour(city.port, vec![likes], CONNECTIONS, None);
    let there = city
        .with_database(async |db| db.read(|conn| Ok(reactions::table.count().get_result::<i64>(conn)?)).await.expect("a number"));
    let (asked, most) = peers.asked();
    println!("{} unknown actors: {:.0}/s, p99 {:.1} ms, {asked} questions", amounts.strangers, poured.rate(), poured.p99(0));
    gates.exact("likes of strangers taken", taken(&poured), amounts.strangers);
    gates.exact("likes of strangers that are there", usize::try_from(there).unwrap_or_default(), amounts.strangers);
    gates.exact("questions about strangers", asked, amounts.strangers);
    gates.exact("questions about any of them", most, 1);
}

/// Accounts that are gone and were never known: nobody asks about them.
fn accounts_gone(gates: &mut Gates, city: &City, peers: &Peers, inbox: &Url, amounts: &Amounts) {
    let gone = (0..amounts.deletes).map(|number| peers.forged(&peer::gone(&peers.actor("gone", number)), inbox)).collect();
    let poured = pour(city.port, vec![gone], CONNECTIONS, None);
    println!("{} accounts gone: {:.0}/s, p99 {:.1} ms", amounts.deletes, poured.rate(), poured.p99(0));
    gates.exact("deletes taken", taken(&poured), amounts.deletes);
    gates.exact("questions about who is gone", peers.asked().0, 0);
    gates.at_least("deletes of unknown actors a second", poured.rate(), DELETES);
}

/// The same good traffic without junk and with ten times as much of it.
fn junk(gates: &mut Gates, city: &City, peers: &Peers, inbox: &Url, amounts: &Amounts) {
    let many = (amounts.good * amounts.span.as_secs_f64()) as usize;
    let before = heard(city);
    let alone = pour(city.port, vec![notes(peers, inbox, 2 * amounts.creates, many)], CONNECTIONS, Some(amounts.good));
    let between = heard(city);
    let good = notes(peers, inbox, 2 * amounts.creates + many, many);
    let bad = (0..many * JUNK).map(|number| rubbish(peers, inbox, number)).collect();
    let beset = pour(city.port, vec![good, bad], CONNECTIONS, Some(amounts.good));
    let after = heard(city);
    let goodput = |there: usize, poured: &Poured| there as f64 / poured.spans[0].as_secs_f64();
    let (without, with) = (goodput(between - before, &alone), goodput(after - between, &beset));
    println!(
        "junk {JUNK} to one: {with:.1} good ones a second, p99 {:.1} ms; {without:.1} without, p99 {:.1} ms; {:.1} % of it",
        beset.p99(0),
        alone.p99(0),
        with / without * 100.0
    );
    gates.exact("good ones that are there without junk", between - before, many);
    gates.exact("good ones that are there with junk", after - between, many);
    gates.exact("junk that was taken for good", beset.answers(1, 202), many * JUNK / 5);
    gates.at_least("good traffic with junk, share of that without", with / without, GOODPUT);
}

/// What comes in between: forgeries in known names, accounts that are gone, bodies that are nothing, and heads that are wrong.
fn rubbish(peers: &Peers, inbox: &Url, number: usize) -> Vec<u8> {
    let actor = peers.actor("known", number % KNOWN);
    match number % 5 {
        0 => peers.forged(&peer::gone(&peers.actor("junk", number)), inbox),
        1 => peers.forged(&peer::note(&actor, number), inbox),
        2 => peers.forged(&json!({ "actor": actor, "type": "Create" }), inbox),
        3 => format!(
            "POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}",
            inbox.path()
        )
        .into_bytes(),
        _ => {
            let mut request = peers.forged(&peer::note(&actor, number), inbox);
            // another body than the digest says
            if let Some(last) = request.iter_mut().rev().find(|byte| byte.is_ascii_alphabetic()) {
                *last = if *last == b'x' { b'y' } else { b'x' };
            }
            request
        }
    }
}

fn taken(poured: &Poured) -> usize {
    poured.answers(0, 202)
}
