//! Where we can be made to knock: no address inside, no other scheme or port, no matter how it is written or who names it.
//! The federation crate checks none of this in a debug build; the same table is run against a release build.

use std::{
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;

use super::{
    letters::{Request, activity},
    town::{Row, Same, Town, WITH_OTHERS, at_once, row},
    world::{Host, Person, Reply, key},
};

/// Counts who knocks.
struct Trap {
    name: String,
    knocks: Arc<AtomicUsize>,
    addresses: Vec<String>,
}

impl Trap {
    /// On one port of both loopback addresses; where the test may, on those of http and https too.
    fn set() -> Self {
        let first = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = first.local_addr().expect("bound").port();
        let more = ["[::1]".to_owned(), "127.0.0.1:443".into(), "127.0.0.1:80".into(), "[::1]:443".into()];
        let others =
            more.iter().map(|address| if address.ends_with(']') { format!("{address}:{port}") } else { address.clone() });
        let listeners: Vec<TcpListener> =
            std::iter::once(first).chain(others.filter_map(|address| TcpListener::bind(address).ok())).collect();
        let knocks = Arc::<AtomicUsize>::default();
        let addresses = listeners.iter().map(|listener| listener.local_addr().expect("bound").to_string()).collect();
        for listener in listeners {
            let knocks = knocks.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if knocks.fetch_add(1, Ordering::SeqCst) > 1_000_000 {
                        return;
                    }
                    drop(stream);
                }
            });
        }
        Self { name: format!("127.0.0.1:{port}"), knocks, addresses }
    }

    fn port(&self) -> &str {
        self.name.rsplit(':').next().expect("a port")
    }

    fn knocks(&self) -> usize {
        self.knocks.load(Ordering::SeqCst)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.knocks.store(2_000_000, Ordering::SeqCst);
        self.addresses.iter().for_each(|address| drop(TcpStream::connect(address)));
    }
}

/// Row 32 and its siblings, as hosts of an address.
const INSIDE: [&str; 63] = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.0x1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "%31%32%37.0.0.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "printer.local",
    "db.internal",
    "metadata.google.internal",
    "intranet",
];

fn ghost(base: &str) -> Person {
    let id = format!("{base}/users/x");
    Person { key_id: format!("{id}#main-key"), id, key: key(1) }
}

/// Somebody who says that they live there follows the kitchen.
fn from(town: &Town, base: &str) -> Row {
    let person = ghost(base);
    // 401 without waiting: had we knocked, it would be 202 and put by
    row(base, &[400, 401, 403], town.letter(&person, &activity(&person, "Follow", json!(town.group("kitchen")))).signed().bytes())
}

fn rows(town: &Town, trap: &Trap) -> Vec<Row> {
    let mut rows = Vec::new();
    for host in INSIDE {
        rows.push(from(town, &format!("https://{host}")));
        rows.push(from(town, &format!("https://{host}:{}", trap.port())));
        rows.push(from(town, &format!("http://{host}:{}", trap.port())));
    }
    for base in [
        "http://good.example",
        "https://good.example:22",
        "https://good.example:25",
        "https://good.example:6379",
        "https://good.example:8080",
        "https://good.example:80",
        "https://good.example:0",
        "https://good.example:65536",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "data:text/html,x",
        "blob:https://127.0.0.1/x",
        "javascript:alert(1)",
        "ws://127.0.0.1",
        "unix:///run/x",
        "https://us.example",
        "https://us.example:443",
        "https://US.EXAMPLE.",
        "http://us.example",
        "https://us.example@127.0.0.1",
        "https://x:y@127.0.0.1",
        "https://127.0.0.1\\\\@us.example",
        "https://127.0.0.1\\\\.us.example",
        "https:127.0.0.1",
        "https:/127.0.0.1",
        "https:///127.0.0.1",
        "//127.0.0.1",
        "https://",
        "https://.",
        "https://a..example",
        "https://xn--a",
        "https://[fe80::1%25lo]",
        "https://[::1",
        "https://127.0.0.1%00.example",
        "https://127.0.0.1%2f.example",
        "https://127.0.0.1%23.example",
        "https://good.example%0d%0aHost:x",
        &format!("https://{}.example", "a".repeat(300)),
    ] {
        rows.push(from(town, base));
    }
    rows
}

#[test]
fn nobody_inside_is_ever_dialled() {
    let trap = Trap::set();
    let town = Town::with(Some("https://us.example"), &[]);
    town.withstands(Same::Everything, at_once(), rows(&town, &trap));
    assert_eq!(trap.knocks(), 0, "{:?}", trap.addresses);
}

/// Plain http allowed changes nothing about where.
#[test]
fn nobody_inside_is_dialled_by_plain_http_either() {
    let trap = Trap::set();
    let town = Town::with(Some("https://us.example"), &[("PLAZA_ALLOW_HTTP", "true")]);
    let rows = INSIDE.iter().map(|host| from(&town, &format!("http://{host}"))).collect();
    town.withstands(Same::Everything, at_once(), rows);
    assert_eq!(trap.knocks(), 0);
}

/// With some network allowed, names are looked up: the answer is checked when it is dialled.
#[test]
fn a_name_that_leads_inside_is_not_dialled() {
    let trap = Trap::set();
    let town = Town::with(Some("https://us.example"), &[("PLAZA_ALLOW_NETWORKS", "10.99.0.0/16"), ("PLAZA_ALLOW_HTTP", "true")]);
    let mut rows = Vec::new();
    for host in ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"] {
        for base in [
            format!("https://{host}"),
            format!("http://{host}"),
            format!("https://{host}:{}", trap.port()),
            format!("http://{host}:{}", trap.port()),
        ] {
            rows.push(from(&town, &base));
        }
    }
    town.withstands(Same::Everything, at_once(), rows);
    assert_eq!(trap.knocks(), 0);
}

/// Who is allowed to be dialled cannot send us on to where we would not go ourselves.
#[test]
fn redirects_and_other_ids_do_not_lead_inside() {
    let trap = Trap::set();
    let evil = Host::open("127.0.0.3");
    let town = Town::with(Some("https://us.example"), &[("PLAZA_ALLOW_NETWORKS", "127.0.0.3/32"), ("PLAZA_ALLOW_HTTP", "true")]);
    let mut rows = Vec::new();
    for (number, host) in INSIDE.iter().enumerate() {
        for (way, place) in [format!("http://{host}:{}/x", trap.port()), format!("https://{host}/x")].into_iter().enumerate() {
            if way == 1 && number % 3 > 0 {
                continue;
            }
            let (sent, claiming) = (format!("r{number}_{way}"), format!("c{number}_{way}"));
            let person = evil.person(&sent, key(1));
            evil.reply(&format!("/users/{sent}"), Reply::redirect(302, &place));
            rows.push(row(format!("sent to {place}"), &[401], town.follow(&person).signed().bytes()));
            let person = evil.person(&claiming, key(1));
            evil.reply(&format!("/users/{claiming}"), Reply::document(&person.document_with(json!({ "id": place }))));
            rows.push(row(format!("claims to be {place}"), &[401], town.follow(&person).signed().bytes()));
        }
    }
    // where a network inside is allowed, its names are looked up: these have no address, or one that is not allowed
    rows.retain(|row| !["a.localhost", ".local:", ".local/", ".internal", "intranet"].iter().any(|name| row.what.contains(name)));
    town.withstands(Same::Everything, WITH_OTHERS, rows);
    assert_eq!(trap.knocks(), 0);
    // an inbox elsewhere is no inbox of this actor
    let mut someone = evil.person("inbox", key(1));
    evil.reply(
        "/users/inbox",
        Reply::document(&someone.document_with(json!({
            "endpoints": { "sharedInbox": format!("http://{}/inbox", trap.name) },
        }))),
    );
    someone.key = key(1);
    assert_eq!(town.send(&town.follow(&someone).signed().bytes()).status, 202);
    town.settle();
    assert_eq!(trap.knocks(), 0);
    assert!(evil.posts("/users/inbox/inbox") > 0, "the answer went where the actor lives");
}

/// What people type on the command line is looked up behind the same wall.
#[test]
fn handles_and_addresses_that_lead_inside_or_astray() {
    let trap = Trap::set();
    let town = Town::with(Some("https://us.example"), &[]);
    let before = town.holds(Same::Everything);
    let typed = [
        format!("@x@{}", trap.name),
        format!("http://{}/users/x", trap.name),
        format!("https://{}/users/x", trap.name),
        "@x@127.0.0.1".into(),
        "@x@localhost".into(),
        "@x@[::1]".into(),
        "https://localhost/x".into(),
        "https://us.example@127.0.0.1/x".into(),
        "@a&resource=acct:b@good.example".into(),
        "@a#@x".into(),
        "@a/../@x".into(),
        "@a@127.0.0.1:80/evil".into(),
        "@a@good.example/evil".into(),
        "@a@good.example?x".into(),
        "@a@good.example#x".into(),
        "@a b@good.example".into(),
        "@a\r\nHost: x@good.example".into(),
        "@@good.example".into(),
        "@a@".into(),
        "@a@us.example".into(),
        "kitchen".into(),
        String::new(),
        format!("@{}@good.example", "a".repeat(10_000)),
        "file:///etc/passwd".into(),
        "data:application/activity+json,{}".into(),
        "@a@2130706433".into(),
    ];
    for text in &typed {
        let (status, said) = town.at.refusal(&["sister", "add", "kitchen", text]);
        assert!(status == 1 || status == 2, "{text:?}: {status} {said}");
        assert!(!said.contains("panicked") && !said.is_empty(), "{text:?}: {said}");
    }
    assert_eq!((trap.knocks(), town.holds(Same::Everything)), (0, before));
}

/// WebFinger answers that name somebody else, or lead elsewhere, are not believed.
#[test]
fn a_handle_is_what_its_own_server_says() {
    let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
    let (ana, eve) = (good.person("ana", key(0)), evil.person("eve", key(1)));
    let descriptor = |subject: &str, href: &str| {
        json!({ "subject": subject, "links": [{ "rel": "self", "type": "application/activity+json", "href": href }] }).to_string()
    };
    let place =
        |host: &Host, user: &str| format!("/.well-known/webfinger?resource=acct%3A{user}%40{}", host.name.replace(':', "%3A"));
    let jrd = "application/jrd+json";
    for (number, (what, reply)) in [
        ("another's handle", Reply::new(200, jrd, descriptor(&format!("acct:ana@{}", good.name), &eve.id))),
        ("no account", Reply::new(200, jrd, descriptor("https://good.example/x", &eve.id))),
        ("no subject", Reply::new(200, jrd, json!({ "links": [] }).to_string())),
        ("a script", Reply::new(200, jrd, descriptor("acct:x@SELF", "javascript:alert(1)"))),
        ("our own group", Reply::new(200, jrd, descriptor("acct:x@SELF", &town.group("trees")))),
        ("HTML", Reply::new(200, "text/html", descriptor("acct:x@SELF", &eve.id))),
        ("nonsense", Reply::new(200, jrd, "[[[[")),
        ("2 MiB", Reply::new(200, jrd, vec![b' '; 2 * 1024 * 1024])),
        ("a loop", Reply::redirect(302, &place(&evil, "u7"))),
        ("gone", Reply::new(410, jrd, "")),
    ]
    .into_iter()
    .enumerate()
    {
        let user = format!("u{number}");
        let reply = match reply {
            Reply::Whole { status, headers, body } => {
                let body = String::from_utf8(body).expect("text").replace("x@SELF", &format!("{user}@{}", evil.name));
                Reply::Whole { status, headers, body: body.into() }
            }
            other => other,
        };
        evil.reply(&place(&evil, &user), reply);
        let (status, said) = town.at.refusal(&["sister", "add", "kitchen", &format!("@{user}@{}", evil.name)]);
        assert!(status == 1, "{what}: {status} {said}");
    }
    assert_eq!(town.count("sisters"), 0);
    // an address may stand for another server's actor only as that: it is shown under its own host
    evil.reply(&place(&evil, "eve"), Reply::new(200, jrd, descriptor(&format!("acct:eve@{}", evil.name), &ana.id)));
    town.at.json(&["sister", "add", "kitchen", &format!("@eve@{}", evil.name)]);
    assert_eq!(town.rows("SELECT actor AS line FROM sisters"), [ana.id]);
}

#[test]
fn who_asks_for_a_handle_gets_it_or_nothing() {
    let town = Town::with(Some("https://us.example"), &[]);
    let ask = |query: &str| Request::get("us.example", &format!("/.well-known/webfinger{query}"), &[]).bytes();
    for right in [
        "acct:kitchen@us.example",
        "acct:KITCHEN@US.EXAMPLE",
        "acct%3Akitchen%40us.example",
        "https://us.example/@kitchen",
        "https://us.example/ap/groups/kitchen",
        "acct:us.example@us.example",
    ] {
        let answer = town.send(&ask(&format!("?resource={right}")));
        assert_eq!(answer.status, 200, "{right}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/jrd+json"));
    }
    let rows = [
        ("", &[400][..]),
        ("?", &[400]),
        ("?resource", &[400]),
        ("?resource=", &[400]),
        ("?resource[]=acct:kitchen@us.example", &[400]),
        ("?rel=self", &[400]),
        ("?resource=acct:kitchen@evil.example", &[404]),
        ("?resource=acct:kitchen@us.example.evil.example", &[404]),
        ("?resource=acct:kitchen@us.example:8443", &[404]),
        ("?resource=acct:kitchen", &[404]),
        ("?resource=acct:nobody@us.example", &[404]),
        ("?resource=acct:../../etc@us.example", &[404]),
        ("?resource=acct:%00@us.example", &[404]),
        ("?resource=acct:kitchen%00@us.example", &[404]),
        ("?resource=acct:kitchen%0d%0aX-Evil:1@us.example", &[404]),
        ("?resource=acct:'%20OR%201=1--@us.example", &[404]),
        ("?resource=acct:*)(uid=*@us.example", &[404]),
        ("?resource=acct:%25@us.example", &[404]),
        ("?resource=acct:_______@us.example", &[404]),
        ("?resource=acct:<script>alert(1)</script>@us.example", &[400, 404]),
        ("?resource=https://us.example/meetings/x", &[404]),
        ("?resource=https://evil.example/@kitchen", &[404]),
        ("?resource=javascript:alert(1)", &[404]),
        ("?resource=%ff%fe", &[400, 404]),
    ];
    let mut table: Vec<Row> = rows.iter().map(|(query, expected)| row(*query, expected, ask(query))).collect();
    table.push(row("100 kB", &[400, 404, 414, 431], ask(&format!("?resource={}", "a".repeat(100_000)))));
    table.push(row("2 kB", &[404], ask(&format!("?resource=acct:{}@us.example", "a".repeat(1_900)))));
    table.push(row("twice", &[200, 400, 404], ask("?resource=acct:kitchen@us.example&resource=acct:trees@us.example")));
    town.withstands(Same::Everything, at_once(), table);
    let reflected = town.send(&ask("?resource=acct:%3Cscript%3E@us.example"));
    assert!(!reflected.text().contains("<script>"));
    let split = town.send(&ask("?resource=acct:a%0d%0aX-Evil:%201@us.example"));
    assert_eq!(split.header("x-evil"), None);
}
