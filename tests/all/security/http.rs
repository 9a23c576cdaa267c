//! HTTP itself: whose host, which method, how framed, and what every answer carries.

use super::{
    letters::Request,
    town::{Answer, Same, Town, at_once, row},
    world::{Host, key},
};

/// A city with something on each sort of page, and the addresses of all of them.
fn town_with_pages() -> (Town, Vec<String>) {
    let town = Town::open();
    let meeting = town.at.json(&[
        "meeting",
        "schedule",
        "kitchen",
        "--title",
        "Weekly",
        "--starts",
        "2030-11-26T18:00",
        "--agenda",
        "* soup #food",
    ]);
    let note = town.at.json(&["announce", "kitchen", "--text", "We need pots #food"]);
    let gone = town.at.json(&["announce", "kitchen", "--text", "wrong"]);
    let id = |value: &serde_json::Value| value["id"].as_str().expect("an id").to_owned();
    town.at.json(&["announcement", "delete", &id(&gone)]);
    let mut pages: Vec<String> = [
        "/",
        "/@kitchen",
        "/@nobody",
        "/groups",
        "/meetings",
        "/announcements",
        "/tags/food",
        "/none",
        "/style/x.css",
        "/media/icon/kitchen.png",
        "/media/header/kitchen.png",
        "/media/icon/nobody.png",
        "/ap/instance",
        "/ap/instance/outbox",
        "/ap/groups/kitchen",
        "/ap/groups/nobody",
        "/ap/groups/kitchen/outbox",
        "/ap/groups/kitchen/outbox?page=1",
        "/ap/groups/kitchen/outbox?before=x",
        "/ap/groups/kitchen/followers",
        "/ap/groups/kitchen/following",
        "/ap/groups/kitchen/featured",
        "/ap/groups/kitchen/upcoming",
        "/ap/groups/kitchen/moderators",
        "/ap/groups/kitchen/tags",
        "/ap/groups/kitchen/none",
        "/ap/groups/kitchen/inbox",
        "/ap/inbox",
        "/ap/events/x",
        "/ap/notes/x",
        "/ap/activities/x",
        "/ap/activities/01900000-0000-7000-8000-000000000000",
        "/.well-known/webfinger",
        "/.well-known/host-meta",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.0",
        "/nodeinfo/2.1",
        "/nodeinfo/9",
        "/meetings/x",
        "/announcements/x",
    ]
    .map(str::to_owned)
    .into();
    pages.extend([format!("/.well-known/webfinger?resource=acct:kitchen@{}", town.name)]);
    for (kind, page, value) in
        [("events", "meetings", &meeting), ("notes", "announcements", &note), ("notes", "announcements", &gone)]
    {
        pages.extend([
            format!("/ap/{kind}/{}", id(value)),
            format!("/{page}/{}", id(value)),
            format!("/ap/{kind}/{}/replies", id(value)),
        ]);
    }
    for activity in town.rows("SELECT id AS line FROM activities") {
        pages.push(format!("/ap/activities/{activity}"));
    }
    (town, pages)
}

fn is_protected(what: &str, answer: &Answer, town: &Town) {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let is_picture = answer.header("content-type").is_some_and(|kind| kind.starts_with("image/"));
    let wanted: &[&str] = if is_picture {
        &["default-src 'none'", "sandbox"]
    } else {
        &["default-src 'none'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
    };
    for part in wanted {
        assert!(policy.contains(part), "{what}: {policy:?}");
    }
    assert_eq!(answer.header("content-disposition").is_some(), is_picture && answer.status == 200, "{what}");
    // the one script we have, by its whole address
    let policy = policy.replace(&format!("script-src {}/script/", town.origin), "");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{what}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name).as_deref(), Some(value), "{what}");
    }
    assert!(answer.header("permissions-policy").is_some() && answer.header("cross-origin-resource-policy").is_some(), "{what}");
    assert_eq!(answer.header("set-cookie"), None, "{what}");
    assert_eq!(answer.header("server"), None, "{what}");
    let body = answer.body();
    let body = body.replace("<script type=\"application/ld+json\">", "").replace("<script src=\"/script/", "src=\"/script/");
    for wrong in ["evil.example", "panicked", "/tmp/", "sqlite", "<script", "style=\"", " onclick", "127.9.8.7"] {
        assert!(!body.contains(wrong), "{what}: {wrong} in {body}");
    }
    if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        for loaded in ["src=\"", "<link rel=\"stylesheet\" href=\"", "action=\""] {
            for place in body.split(loaded).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(
                    place.starts_with('/') && !place.starts_with("//") || place.starts_with(&town.origin),
                    "{what} loads {place}"
                );
            }
        }
    }
}

#[test]
fn every_answer_carries_what_keeps_readers_safe() {
    let (town, pages) = town_with_pages();
    let before = town.holds(Same::Everything);
    for page in &pages {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "PROPFIND"] {
            for accept in ["text/html", "application/activity+json", "*/*"] {
                if accept != "text/html" && method != "GET" {
                    continue;
                }
                let mut request = Request::get(&town.name, page, &[("Accept", accept), ("Content-Length", "0")]);
                request.method = method.into();
                if method == "GET" || method == "HEAD" {
                    request.remove("Content-Length");
                }
                let what = format!("{method} {page} as {accept}");
                let answer = if method == "HEAD" { town.hear_out(&request.bytes()) } else { town.send(&request.bytes()) };
                assert!((200..500).contains(&answer.status), "{what}: {}", answer.status);
                assert!(answer.took < at_once(), "{what}: {:?}", answer.took);
                is_protected(&what, &answer, &town);
                match method {
                    "GET" => assert!(
                        answer.header("vary").is_some_and(|vary| vary.contains("Accept"))
                            || !answer.header("content-type").unwrap_or_default().contains("html"),
                        "{what}"
                    ),
                    "HEAD" => assert_eq!(answer.body(), "", "{what}"),
                    _ => assert!((400..500).contains(&answer.status), "{what}: {}", answer.status),
                }
            }
        }
    }
    assert_eq!(town.holds(Same::Everything), before, "reading changes nothing");
}

/// What a browser gets is never what a server gets, and caches are told so.
#[test]
fn what_is_asked_for_decides_what_is_given() {
    let (town, pages) = town_with_pages();
    for page in
        pages.iter().filter(|page| page.starts_with("/@kitchen") || page.starts_with("/ap/groups/kitchen") || *page == "/")
    {
        let ask = |accept: &str| town.send(&Request::get(&town.name, page, &[("Accept", accept)]).bytes());
        let mut tags = Vec::new();
        for (accept, never) in [
            ("text/html", "activity+json"),
            ("application/activity+json, text/html", "activity+json"),
            ("application/activity+json", "text/html"),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", "text/html"),
        ] {
            let answer = ask(accept);
            let kind = answer.header("content-type").unwrap_or_default();
            if answer.status == 200 && accept.contains("text/html") && !page.starts_with("/ap/") {
                assert!(!kind.contains(never), "{page} {accept}: {kind}");
            }
            if answer.status == 200 && !accept.contains("text/html") && page.starts_with("/ap/") {
                assert!(!kind.contains(never), "{page} {accept}: {kind}");
            }
            tags.extend(answer.header("etag").map(|tag| (kind, tag)));
        }
        for (kind, tag) in &tags {
            assert!(tags.iter().all(|(other, same)| tag != same || kind == other), "{page}: one tag for two kinds");
        }
    }
}

#[test]
fn only_our_own_name_is_answered_to() {
    for (origin, ours, others) in [
        (None, &["localhost"][..], &["127.0.0.2", "evil.example", "localhost.evil.example"][..]),
        (
            Some("https://us.example"),
            &["us.example", "US.EXAMPLE", "us.example:443"][..],
            &[
                "evil.example",
                "us.example:8443",
                "us.example.",
                "us.example.evil.example",
                "sub.us.example",
                "localhost",
                "127.0.0.1",
                "x@us.example",
                "us.example@evil.example",
                "us.example:",
                "us.example:x",
                "us.example/x",
                "us.example evil.example",
                "us.example,evil.example",
                "[::1]",
            ][..],
        ),
    ] {
        let town = Town::with(origin, &[]);
        let port = town.name.rsplit_once(':').map(|(_, port)| format!(":{port}")).unwrap_or_default();
        for name in ours {
            let answer = town.send(
                &Request::get(
                    &format!("{name}{port}"),
                    "/ap/groups/kitchen",
                    &[
                        ("X-Forwarded-Host", "evil.example"),
                        ("X-Forwarded-For", "203.0.113.9"),
                        ("Forwarded", "host=evil.example"),
                        ("X-Original-Host", "evil.example"),
                        ("X-Forwarded-Proto", "gopher"),
                    ],
                )
                .bytes(),
            );
            assert_eq!(answer.status, 200, "{name}");
            assert!(
                answer.body().contains(&format!("\"id\":\"{}/ap/groups/kitchen\"", town.origin)),
                "{name}: {}",
                answer.body()
            );
            assert!(!answer.text().contains("evil") && !answer.text().contains("gopher"));
        }
        let mut rows = Vec::new();
        for name in others {
            for path in ["/", "/ap/groups/kitchen", "/.well-known/nodeinfo", "/none"] {
                rows.push(row(format!("{name} {path}"), &[400, 421], Request::get(&format!("{name}{port}"), path, &[]).bytes()));
            }
        }
        let get = || Request::get(&town.name, "/", &[]);
        let with = |change: &dyn Fn(&mut Request)| {
            let mut request = get();
            change(&mut request);
            request.bytes()
        };
        rows.extend([
            row("no host", &[400, 421], with(&|it| it.remove("Host"))),
            row("an empty host", &[400, 421], with(&|it| it.set("Host", ""))),
            row("two hosts", &[400, 421], with(&|it| it.after("Host", "evil.example"))),
            row("two hosts, ours last", &[400, 421], with(&|it| it.before("Host", "evil.example"))),
            row("the same host twice", &[400, 421], with(&|it| it.after("Host", town.name.clone()))),
            row("a whole address", &[400, 421], with(&|it| it.target = "http://evil.example/".into())),
            row("a whole address of https", &[400, 421], with(&|it| it.target = "https://evil.example/ap/instance".into())),
            row(
                "a tunnel",
                &[400, 404, 405, 421, 501],
                with(&|it| (it.method, it.target) = ("CONNECT".into(), "evil.example:443".into())),
            ),
            row("everything", &[400, 404, 405, 421], with(&|it| (it.method, it.target) = ("OPTIONS".into(), "*".into()))),
        ]);
        town.withstands(Same::Everything, at_once(), rows);
    }
}

/// Where one request ends and the next begins.
#[test]
fn requests_that_two_readers_would_cut_differently() {
    let (town, good) = (Town::open(), Host::open("127.0.0.2"));
    let ana = good.person("ana", key(0));
    let hidden = format!("GET /ap/instance HTTP/1.1\r\nHost: {}\r\n\r\n", town.name);
    let post = |headers: &str, body: &str| {
        format!(
            "POST /ap/inbox HTTP/1.1\r\nHost: {}\r\nContent-Type: application/activity+json\r\n{headers}\r\n{body}",
            town.name
        )
    };
    let get = |headers: &str| format!("GET / HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", town.name);
    let refused = &[400, 401, 404, 405, 408, 413, 414, 415, 421, 431, 501][..];
    let chunk = "0\r\n\r\n";
    let table: Vec<(&str, String)> = vec![
        ("both lengths", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", &format!("{chunk}{hidden}"))),
        ("both lengths, turned", post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", &format!("{chunk}{hidden}"))),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 40\r\n", &format!("{{}}{hidden}"))),
        ("an unknown coding", post("Transfer-Encoding: xchunked\r\n", &format!("{chunk}{hidden}"))),
        ("a space before the colon", post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", &format!("{chunk}{hidden}"))),
        ("two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", &format!("{chunk}{hidden}"))),
        ("chunked, then identity", post("Transfer-Encoding: chunked, identity\r\n", &format!("{chunk}{hidden}"))),
        ("chunked with a tab", post("Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n", &format!("{chunk}{hidden}"))),
        ("a length with a plus", post("Content-Length: +5\r\n", &format!("{chunk}{hidden}"))),
        ("a length in a list", post("Content-Length: 5, 5\r\n", &format!("{chunk}{hidden}"))),
        ("a folded header", get("X-A: b\r\n c: d\r\n")),
        ("a NUL in a header", get("X-A: b\0c\r\n")),
        ("a bare CR in a header", get("X-A: b\rX-C: d\r\n")),
        ("a header without a name", get(": b\r\n")),
        ("a header without a colon", get("nonsense\r\n")),
        ("97 headers", get(&(0..97).map(|number| format!("X-{number}: x\r\n")).collect::<String>())),
        ("10,000 headers", get(&(0..10_000).map(|number| format!("X-{number}: x\r\n")).collect::<String>())),
        ("a line of 200 kB", get(&format!("X-A: {}\r\n", "x".repeat(200_000)))),
        ("an address of 200 kB", format!("GET /{} HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(200_000), town.name)),
        ("another version", format!("GET / HTTP/3.7\r\nHost: {}\r\n\r\n", town.name)),
        ("no version", "GET /\r\n\r\n".into()),
        ("another protocol", "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".into()),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into()),
        ("a space in the address", format!("GET /a b HTTP/1.1\r\nHost: {}\r\n\r\n", town.name)),
        ("a wrong chunk length", post("Transfer-Encoding: chunked\r\n", &format!("-1\r\nx\r\n{chunk}"))),
        ("a huge chunk length", post("Transfer-Encoding: chunked\r\n", &format!("ffffffffffffffffff\r\nx\r\n{chunk}"))),
    ];
    let before = town.holds(Same::Everything);
    for (what, text) in table {
        let text = if text.contains("Connection: close") {
            text
        } else {
            text.replacen("\r\nHost:", "\r\nConnection: close\r\nHost:", 1)
        };
        let answer = town.hear_out(text.as_bytes());
        assert!(refused.contains(&answer.status) || (answer.status == 0 && answer.raw.is_empty()), "{what}: {}", answer.text());
        assert!(answer.answers() <= 1, "{what}: {}", answer.text());
        assert!(!answer.text().contains("publicKeyPem"), "{what}: the hidden request was answered");
    }
    // on a connection that stays open, what is left of a refused body is not the next request
    let forged = |letter: &mut super::letters::Letter| letter.person.key = key(1);
    for (what, wrong) in [("by its head", true), ("by its key", false)] {
        let mut letter = town.follow(&ana);
        letter.say(hidden.clone());
        if wrong {
            letter.covered = Some("digest".into());
        } else {
            forged(&mut letter);
        }
        let mut request = letter.signed();
        request.remove("Connection");
        request.body.truncate(hidden.len());
        let answer = town.send(&request.bytes());
        assert!([400, 401].contains(&answer.status), "{what}: {}", answer.status);
        let closing = format!("GET /none HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", town.name);
        let both = town.hear_out(&[request.bytes(), closing.into_bytes()].concat());
        assert!(!both.text().contains("publicKeyPem") && both.answers() <= 2, "{what}: {}", both.text());
    }
    assert_eq!(town.holds(Same::Everything), before);
    // two honest ones in a row are two answers
    let two = town.hear_out(format!("{hidden}{}", get("Connection: close\r\n")).as_bytes());
    assert_eq!(two.answers(), 2, "{}", two.text());
}

#[test]
fn paths_that_try_to_leave_or_to_be_others() {
    let town = Town::open();
    let mut rows = Vec::new();
    for path in [
        "/..",
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/media/icon/..%2f..%2fsecret",
        "/media/icon/../../secret",
        "/media/icon/%2e%2e%2f%2e%2e%2fplaza.sqlite",
        "/media/icon/kitchen.png%00.html",
        "/media/icon/kitchen.svg",
        "/media/icon//etc/passwd",
        "/media/../plaza-data/secret",
        "/media/serve.lock",
        "/style/../../secret.css",
        "//evil.example",
        "//evil.example/..",
        "/\\evil.example",
        "/@kitchen%00",
        "/@kitchen%0d%0aX-Evil:%201",
        "/@%6bitchen/..;/admin",
        "/@kitchen;a=b",
        "/@KITCHEN'",
        "/@kitchen'%20OR%20'1'='1",
        "/@%25",
        "/@_______",
        "/@<script>",
        "/@%3Cscript%3Ealert(1)%3C/script%3E",
        "/tags/%3Cscript%3E",
        "/tags/%00",
        "/tags/%ff",
        "/meetings/..%2f",
        "/meetings/-1",
        "/meetings/00000000-0000-0000-0000-000000000000",
        "/meetings/{01900000-0000-7000-8000-000000000000}",
        "/ap/events/01900000000070008000000000000000",
        "/ap/groups/..",
        "/ap/groups/%2e%2e/inbox",
        "/ap/groups/kitchen/..%2finstance",
        "/ap/groups/kitchen/outbox?before=99999999999999999999",
        "/ap/groups/kitchen/outbox?before=-1",
        "/ap/groups/kitchen/outbox?before=%27",
        "/ap/groups/kitchen/outbox?page[]=1",
        "/nodeinfo/2.0%00",
        "/.git/config",
        "/.env",
        "/plaza.sqlite",
        "/secret",
        "/wp-login.php",
        "/%",
        "/%zz",
        "/%ff%fe",
        "/?%",
        "/?a[]=b&%00",
    ] {
        for accept in ["text/html", "application/activity+json"] {
            rows.push(row(
                format!("{path} {accept}"),
                &[200, 302, 303, 400, 404, 405, 410],
                Request::get(&town.name, path, &[("Accept", accept)]).bytes(),
            ));
        }
    }
    let table: Vec<(String, Vec<u8>)> = rows.iter().map(|row| (row.what.clone(), row.bytes.clone())).collect();
    town.withstands(Same::Everything, at_once(), rows);
    for (what, bytes) in table {
        let answer = town.send(&bytes);
        assert_eq!(answer.header("x-evil"), None, "{what}");
        let body = answer.body();
        for wrong in ["root:", "SQLite format", "<script>", "w1:"] {
            assert!(!body.contains(wrong), "{what}: {wrong}");
        }
        if let Some(place) = answer.header("location") {
            assert!(
                place.starts_with(&town.origin) || (place.starts_with('/') && !place.starts_with("//")),
                "{what} leads to {place}"
            );
        }
    }
}

/// What strangers write into requests and documents ends up in no log as they wrote it; see the end of every [`Town`].
#[test]
fn what_is_written_into_requests_does_not_write_the_log() {
    let (town, evil) = (Town::open(), Host::open("127.0.0.3"));
    let nasty = "\x1b[31mred\u{9b}31m\u{202e}{\"level\":\"ERROR\",\"message\":\"forged\"}";
    for path in [
        "/x%0a2026-11-24T00:00:00Z%20ERROR%20forged",
        "/%1b[31m",
        "/@%1b]0;x%07",
        "/ap/groups/%c2%9b31m",
        &format!("/{}", "a".repeat(60_000)),
    ] {
        for header in ["User-Agent", "Referer", "X-Forwarded-For", "Cookie", "Accept-Language", "If-None-Match", "Accept"] {
            let answer = town.send(&Request::get(&town.name, path, &[(header, nasty)]).bytes());
            assert!((400..500).contains(&answer.status), "{path} {header}: {}", answer.status);
        }
    }
    let mut person = evil.person("eve", key(1));
    let named = person.document_with(serde_json::json!({ "preferredUsername": nasty, "name": "a\r\nb\u{1b}[31m" }));
    evil.reply("/users/eve", super::world::Reply::document(&named));
    assert_eq!(town.send(&town.follow(&person).signed().bytes()).status, 202);
    town.settle();
    let listed = town.at.type_(&["followers", "kitchen"]);
    let shown = String::from_utf8(listed.stdout).expect("text");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{9b}') && shown.lines().count() == 1, "{shown:?}");
    // a host whose answers are themselves nasty
    person.id = evil.url("/users/nasty");
    person.key_id = format!("{}#main-key", person.id);
    let told = super::world::Reply::new(302, "text/html", "").with("Location", "http://\u{1b}[31m/\u{9b}");
    evil.reply("/users/nasty", told);
    let status = town.send(&town.follow(&person).signed().bytes()).status;
    assert!([202, 401].contains(&status), "{status}");
}
