//! What Prometheus reads: exact counts, at an address of its own, with nobody's name in them.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use crate::{
    city::{databases, postgres_database},
    commands::Terminal,
    process::until,
    security::{
        letters::Request,
        town::Town,
        world::{Host, key},
    },
};

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").to_string()
}

/// What stands at an address and path.
fn read(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("somebody answers");
    stream.write_all(&Request::get(address, path, &[]).bytes()).expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

fn scrape(address: &str) -> String {
    let (head, body) = read(address, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
    body
}

/// The number on the line that begins so.
fn number(page: &str, name: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

fn town(database: &str, metrics: &str) -> Town {
    let url = if database == "postgres" { postgres_database() } else { String::new() };
    let settings = [
        ("PLAZA_METRICS_BIND", metrics),
        ("PLAZA_DATABASE_URL", &url),
        ("PLAZA_ALLOW_NETWORKS", "127.0.0.0/8"),
        ("PLAZA_ALLOW_HTTP", "true"),
    ];
    Town::with(None, &settings)
}

#[test]
fn a_scrape_counts_every_request_once_and_names_nobody() {
    for database in databases() {
        let metrics = free_address();
        let (mut town, peer) = (town(database, &metrics), Host::open("127.0.0.5"));
        let (ana, eva) = (peer.person("ana", key(0)), peer.person("eva", key(1)));
        town.at.json(&["meeting", "schedule", "trees", "--title", "Weekly", "--starts", "2099-11-26T18:00"]);
        let get = |path: &str| town.send(&Request::get(&town.name, path, &[]).bytes()).status;
        assert_eq!(
            [get("/@kitchen?secret=7"), get("/@trees"), get("/@nobody"), get("/ana"), get("/eva?x=1")],
            [200, 200, 404, 404, 404]
        );
        let mut odd = Request::get(&town.name, "/@kitchen", &[]);
        odd.method = "BREW".into();
        assert_eq!(town.send(&odd.bytes()).status, 405);
        assert_eq!(get("/metrics"), 404, "the public never sees it");

        assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
        let mut forged = town.follow(&eva);
        forged.person.key = key(2);
        assert_eq!(town.send(&forged.signed().bytes()).status, 401);
        until("the answer to Ana is delivered", || {
            number(&scrape(&metrics), "plaza_delivery_outcomes_total{outcome=\"delivered\"}") == Some(1.0)
        });

        let page = scrape(&metrics);
        let requests = |labels: &str| number(&page, &format!("plaza_http_requests_total{{{labels}}}"));
        for (labels, count) in [
            (r#"route="/@{handle}",method="GET",status="2xx""#, Some(2.0)),
            (r#"route="/@{handle}",method="GET",status="4xx""#, Some(1.0)),
            (r#"route="/@{handle}",method="other",status="4xx""#, Some(1.0)),
            (r#"route="none",method="GET",status="4xx""#, Some(3.0)),
            (r#"route="/ap/inbox",method="POST",status="2xx""#, Some(1.0)),
            (r#"route="/ap/inbox",method="POST",status="4xx""#, Some(1.0)),
            (r#"route="/metrics",method="GET",status="2xx""#, None),
        ] {
            assert_eq!(requests(labels), count, "{database}: {labels}\n{page}");
        }
        for (name, count) in [
            (r#"plaza_http_request_duration_seconds_count{route="/@{handle}"}"#, 4.0),
            (r#"plaza_http_request_duration_seconds_bucket{route="/@{handle}",le="+Inf"}"#, 4.0),
            (r#"plaza_inbox_requests_total{outcome="taken"}"#, 1.0),
            (r#"plaza_inbox_requests_total{outcome="refused"}"#, 1.0),
            ("plaza_deliveries_waiting", 0.0),
            ("plaza_delivery_oldest_age_seconds", 0.0),
            ("plaza_hosts_failing", 0.0),
            ("plaza_hosts_dead", 0.0),
            ("plaza_groups", 2.0),
            ("plaza_followers", 1.0),
            ("plaza_meetings_upcoming", 1.0),
            (concat!("plaza_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
        ] {
            assert_eq!(number(&page, name), Some(count), "{database}: {name}\n{page}");
        }
        assert!(number(&page, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6), "{page}");
        assert!(number(&page, "process_start_time_seconds").is_some_and(|time| time > 1.7e9), "{page}");
        let commits = number(&page, "plaza_db_commit_duration_seconds_count");
        assert_eq!(commits.is_some_and(|count| count > 1.0), database == "sqlite", "{page}");
        for name in ["kitchen", "nobody", "ana", "eva", "secret", "BREW", "127."] {
            assert!(!page.contains(name), "{name} in\n{page}");
        }
        assert!(read(&metrics, "/@kitchen").0.starts_with("HTTP/1.1 404"), "no city there");
        town.last_words();
    }
}

#[test]
fn what_waits_for_a_host_that_is_away_shows_with_its_age() {
    let metrics = free_address();
    let (town, peer) = (town("sqlite", &metrics), Host::open("127.0.0.5"));
    let ana = peer.person("ana", key(0));
    assert_eq!(town.send(&town.follow(&ana).signed().bytes()).status, 202);
    town.settle();
    drop(peer);
    town.at.json(&["announce", "kitchen", "--text", "hello"]);
    until("the host is found away", || number(&scrape(&metrics), "plaza_hosts_failing") == Some(1.0));
    let page = scrape(&metrics);
    assert_eq!(number(&page, "plaza_deliveries_waiting"), Some(1.0), "{page}");
    assert_eq!(number(&page, r#"plaza_delivery_outcomes_total{outcome="host_failing"}"#), Some(1.0), "{page}");
    assert!(number(&page, "plaza_delivery_oldest_age_seconds").is_some_and(|age| age > 0.0 && age < 60.0), "{page}");
    town.execute("UPDATE hosts SET dead = true");
    let page = scrape(&metrics);
    assert_eq!((number(&page, "plaza_hosts_failing"), number(&page, "plaza_hosts_dead")), (Some(0.0), Some(1.0)), "{page}");
}

#[test]
fn a_worker_has_numbers_too_and_the_city_keeps_its_own_address() {
    let (metrics, city) = (free_address(), free_address());
    let mut at = Terminal::new();
    let settings = [("PLAZA_ORIGIN", format!("http://{city}")), ("PLAZA_METRICS_BIND", metrics.clone())];
    at.settings = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let mut process = at.command(&["serve", "--role", "worker"]).spawn().expect("the program runs");
    until("it answers", || TcpStream::connect(&metrics).is_ok());
    let page = scrape(&metrics);
    let public = TcpStream::connect(&city).is_ok();
    let (status, said) = at.refusal(&["serve", "--metrics-bind", &city]);
    let _ = process.kill();
    let _ = process.wait();
    assert_eq!((number(&page, "plaza_groups"), public), (Some(0.0), false), "{page}");
    assert_eq!((status, said.contains("PLAZA_METRICS_BIND") || said.contains("serves from")), (1, true), "{said}");
    let (status, said) = at.refusal(&["serve", "--metrics-bind", &city]);
    assert_eq!((status, said.contains("PLAZA_METRICS_BIND is where the city itself")), (1, true), "{said}");
}
