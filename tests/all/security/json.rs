//! Bodies that are not what they should be: broken, deep, large, slow, long-winded, out of time; signed rightly all the same.

use std::{
    io::Read,
    io::Write,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    letters::{Request, activity, new_id},
    town::{Row, Same, Town, at_once, row},
    world::{Host, Person, key},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The kitchen hears Ana.
struct Scene {
    town: Town,
    _good: Host,
    ana: Person,
}

impl Scene {
    fn set() -> Self {
        let (town, good) = (Town::open(), Host::open("127.0.0.2"));
        let ana = good.person("ana", key(0));
        town.at.json(&["sister", "add", "kitchen", &ana.id]);
        let asked = format!("{}{}", town.origin, town.rows("SELECT activity AS line FROM sisters")[0]);
        assert_eq!(town.post(&ana, &activity(&ana, "Accept", json!(asked))), 202);
        town.settle();
        Self { town, _good: good, ana }
    }

    fn body(&self, what: &str, expected: &[u16], body: impl Into<Vec<u8>>) -> Row {
        let mut letter = self.town.follow(&self.ana);
        letter.say(body);
        row(what, expected, letter.signed().bytes())
    }

    /// Ana's Follow with one field more, as written.
    fn with_field(&self, what: &str, expected: &[u16], field: &str) -> Row {
        let follow = activity(&self.ana, "Follow", json!(self.town.group("nobody"))).to_string();
        self.body(what, expected, format!("{},{field}}}", follow.trim_end_matches('}')))
    }

    fn note_with(&self, changes: Value) -> Value {
        let mut note = json!({
            "id": new_id(&self.ana).replace("activities", "notes"),
            "type": "Event",
            "attributedTo": self.ana.id,
            "name": "Meeting",
            "content": "<p>We meet</p>",
            "startTime": "2026-12-01T18:00:00Z",
            "published": "2026-11-20T10:00:00Z",
            "to": [PUBLIC],
        });
        for (name, value) in changes.as_object().expect("fields") {
            note[name] = value.clone();
        }
        note
    }

    /// Ana says this; what is kept of it, in one column.
    fn kept(&self, what: &str, changes: Value, column: &str) -> String {
        self.town.execute("DELETE FROM elsewhere");
        let letter = self.town.letter(&self.ana, &activity(&self.ana, "Create", self.note_with(changes)));
        let answer = self.town.send(&letter.signed().bytes());
        assert!(
            answer.took < at_once() && [202, 400, 413].contains(&answer.status),
            "{what}: {} {:?}",
            answer.status,
            answer.took
        );
        self.town
            .rows(&format!("SELECT coalesce({column}, '-') || '' AS line FROM elsewhere"))
            .pop()
            .unwrap_or_else(|| "-".into())
    }
}

#[test]
fn bodies_that_are_no_activity() {
    let scene = Scene::set();
    let nested = |depth: usize, open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth));
    let id = new_id(&scene.ana);
    let ana = &scene.ana.id;
    let rows = vec![
        scene.body("nothing", &[400], ""),
        scene.body("a space", &[400], " "),
        scene.body("a list", &[400], "[]"),
        scene.body("null", &[400], "null"),
        scene.body("a number", &[400], "7"),
        scene.body("a text", &[400], "\"x\""),
        scene.body("nobody", &[400], "{}"),
        scene.body("half", &[400], "{\"id\":"),
        scene.body("two", &[400], "{}{}"),
        scene.body("a mark before", &[400], "\u{feff}{}"),
        scene.body("not UTF-8", &[400], b"{\"id\":\"\xff\xfe\"}".to_vec()),
        scene.body("a NUL", &[400], "{\"id\":\"\0\"}"),
        scene.body("half a character", &[400], "{\"id\":\"\\ud800\"}"),
        scene.body("no number", &[400], "{\"id\":NaN}"),
        scene.body("a number beyond all", &[400], "{\"id\":1e999}"),
        scene.body("a number of 100,000 digits", &[400], format!("{{\"id\":{}}}", "9".repeat(100_000))),
        scene.body("HTML", &[400], "<html>"),
        scene.body("129 lists", &[400], nested(129, "[", "]")),
        scene.body("10,000 lists", &[400], nested(10_000, "[", "]")),
        scene.body("400,000 lists", &[400], nested(400_000, "[", "]")),
        scene.body("129 objects", &[400], nested(129, "{\"a\":", "}")),
        scene.body("100,000 objects", &[400], nested(100_000, "{\"a\":", "}")),
        scene.body("1,000,000 brackets", &[400], "[".repeat(1_000_000)),
        scene.body("200,000 braces", &[400], "{\"a\":".repeat(200_000)),
        scene.with_field("deep inside", &[400], &format!("\"content\":{}1{}", "[".repeat(500), "]".repeat(500))),
        scene.with_field("100,000 recipients", &[400], &format!("\"cc\":[{}1]", "1,".repeat(100_000))),
        scene.with_field("257 recipients", &[400], &format!("\"cc\":[{}1]", "1,".repeat(256))),
        scene.with_field("a list of 100,000", &[400], &format!("\"items\":[{}1]", "1,".repeat(100_000))),
        scene.with_field("recipients further in", &[400], &format!("\"x\":{{\"to\":[{}1]}}", "1,".repeat(1_000))),
        scene.body("no id", &[400], format!("{{\"type\":\"Like\",\"actor\":\"{ana}\"}}")),
        scene.body("an id that is a list", &[400], format!("{{\"id\":[\"{id}\"],\"type\":\"Like\",\"actor\":\"{ana}\"}}")),
        scene.body("no type", &[400], format!("{{\"id\":\"{id}\",\"actor\":\"{ana}\"}}")),
        scene.body("a type that is a number", &[400], format!("{{\"id\":\"{id}\",\"type\":7,\"actor\":\"{ana}\"}}")),
        scene.body("an empty type", &[400], format!("{{\"id\":\"{id}\",\"type\":\"\",\"actor\":\"{ana}\"}}")),
        scene.body("no actor", &[400], format!("{{\"id\":\"{id}\",\"type\":\"Like\"}}")),
        scene.body("an actor twice, a stranger last", &[400, 401], {
            format!("{{\"id\":\"{id}\",\"type\":\"Like\",\"actor\":\"{ana}\",\"actor\":\"http://127.0.0.3/x\"}}")
        }),
        scene.with_field("100,000 tags to nobody", &[404], &format!("\"tag\":[{}1]", "1,".repeat(100_000))),
        scene.with_field("10,000 attachments to nobody", &[404], &format!("\"attachment\":[{}1]", "1,".repeat(10_000))),
    ];
    scene.town.withstands(Same::Everything, at_once(), rows);
}

fn chunked(request: &mut Request, body: &[u8]) -> Vec<u8> {
    request.remove("Content-Length");
    request.set("Transfer-Encoding", "chunked");
    request.body.clear();
    let mut bytes = request.bytes();
    for piece in body.chunks(65_536) {
        bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[test]
fn bodies_that_are_too_large_packed_or_of_another_length() {
    let scene = Scene::set();
    let huge = vec![b'x'; 10 * 1024 * 1024];
    let signed = |body: &[u8]| {
        let mut letter = scene.town.follow(&scene.ana);
        letter.say(body);
        letter.signed()
    };
    let changed = |what: &str, expected: &[u16], change: &dyn Fn(&mut Request)| {
        let mut request = signed(b"{}");
        change(&mut request);
        row(what, expected, request.bytes())
    };
    let table = || {
        vec![
            row("10 MB announced, nothing sent", &[413], {
                let mut request = signed(&huge);
                request.body.clear();
                request.bytes()
            }),
            row("10 MB announced and sent", &[413], signed(&huge).bytes()),
            row("one byte too many", &[413], signed(&huge[..=1024 * 1024]).bytes()),
            row("10 MB in pieces", &[413], chunked(&mut signed(&huge), &huge)),
            row("one byte too many in pieces", &[413], chunked(&mut signed(&huge), &huge[..=1024 * 1024])),
            row("a small one in pieces", &[400], chunked(&mut signed(b"{}"), b"{}")),
            changed("gzip", &[415], &|it| it.set("Content-Encoding", "gzip")),
            changed("deflate", &[415], &|it| it.set("Content-Encoding", "deflate")),
            changed("as it is, and said so", &[415], &|it| it.set("Content-Encoding", "identity")),
            changed("gzip in transfer", &[400, 501], &|it| {
                it.remove("Content-Length");
                it.set("Transfer-Encoding", "gzip");
            }),
            changed("HTML", &[415], &|it| it.set("Content-Type", "text/html")),
            changed("plain JSON", &[415], &|it| it.set("Content-Type", "application/json")),
            changed("a form", &[415], &|it| it.set("Content-Type", "application/x-www-form-urlencoded")),
            changed("plain text", &[415], &|it| it.set("Content-Type", "text/plain")),
            changed("no type", &[415], &|it| it.remove("Content-Type")),
            changed("longer than said", &[400, 401], &|it| it.set("Content-Length", "1")),
            changed("a length with a sign", &[400], &|it| it.set("Content-Length", "+2")),
            changed("a negative length", &[400], &|it| it.set("Content-Length", "-2")),
            changed("a length in hexadecimal", &[400], &|it| it.set("Content-Length", "0x2")),
            changed("a list of lengths", &[400], &|it| it.set("Content-Length", "2, 2")),
            changed("a length beyond all", &[400, 413], &|it| it.set("Content-Length", "99999999999999999999999")),
            changed("the longest length", &[400, 413], &|it| it.set("Content-Length", u64::MAX.to_string())),
        ]
    };
    scene.town.withstands(Same::Everything, at_once(), table());
    let before = scene.town.memory();
    (0..3).for_each(|_| scene.town.withstands(Same::Everything, at_once(), table()));
    assert!(scene.town.memory() < before + 32 * 1024, "{} KiB more", scene.town.memory() - before);
}

#[test]
fn what_comes_slowly_or_never_is_cut_off() {
    let scene = Scene::set();
    let whole = scene.town.follow(&scene.ana).signed().bytes();
    let (before, body) =
        (scene.town.holds(Same::Everything), whole.windows(4).position(|four| four == b"\r\n\r\n").expect("a body") + 4);
    std::thread::scope(|scope| {
        let town = &scene.town;
        for (what, sent, drip, within) in [
            ("half a head", 20, false, 10),
            ("a head without its end", body - 2, false, 10),
            ("a head without a body", body, false, 20),
            ("half a body", body + 10, false, 20),
            ("a body by drops", body, true, 20),
        ] {
            let whole = &whole;
            scope.spawn(move || {
                let begun = Instant::now();
                let mut stream = town.connect();
                stream.write_all(&whole[..sent]).expect("sent");
                stream.set_read_timeout(Some(Duration::from_millis(if drip { 200 } else { 25_000 }))).expect("a socket");
                let (mut answer, mut rest) = ([0; 4_096], whole[sent..].iter());
                let read = loop {
                    match stream.read(&mut answer) {
                        Ok(read) => break read,
                        Err(_) if drip && begun.elapsed() < Duration::from_secs(25) => {
                            if stream.write_all(&[*rest.next().unwrap_or(&b' ')]).is_err() {
                                break 0;
                            }
                        }
                        Err(_) => break 0,
                    }
                };
                assert!(begun.elapsed() < Duration::from_secs(within), "{what}: {:?}", begun.elapsed());
                let status = String::from_utf8_lossy(&answer[..read]).chars().skip(9).take(3).collect::<String>();
                assert!(["", "408"].contains(&status.as_str()), "{what}: {status}");
            });
        }
    });
    assert_eq!(scene.town.holds(Same::Everything), before);
}

/// Whatever addresses stand in what is said: nobody is asked about them.
#[test]
fn nothing_is_fetched_because_it_is_named() {
    let scene = Scene::set();
    let evil = Host::open("127.0.0.3");
    let (at, ours) = (evil.url("/x"), scene.town.group("kitchen"));
    let mut rows = vec![
        scene.with_field("a context", &[404], &format!("\"@context\":\"{at}\"")),
        scene.with_field("contexts", &[404], &format!("\"@context\":[\"{at}\",{{\"@import\":\"{at}\",\"@vocab\":\"{at}\"}}]")),
        scene.with_field("our own as context", &[404], &format!("\"@context\":\"{ours}\"")),
        scene.with_field("a context of 900 kB", &[404], &format!("\"@context\":{{\"a\":\"{}\"}}", "x".repeat(900_000))),
        scene.with_field(
            "a proof",
            &[404],
            &format!("\"proof\":{{\"verificationMethod\":\"{at}\"}},\"signature\":{{\"creator\":\"{at}\"}}"),
        ),
    ];
    for (kind, field) in [
        (
            "Create",
            json!({ "inReplyTo": at, "context": at, "conversation": at, "replies": { "type": "Collection", "first": at, "next": at } }),
        ),
        (
            "Create",
            json!({ "icon": { "url": at }, "image": at, "attachment": [{ "type": "Image", "url": at }, { "type": "Document", "href": at }] }),
        ),
        (
            "Create",
            json!({ "tag": [{ "type": "Mention", "href": at, "name": "@x@127.0.0.3" }, { "type": "Emoji", "icon": { "url": at } }] }),
        ),
        (
            "Create",
            json!({ "location": at, "generator": at, "preview": at, "content": format!("<img src='{at}'><a href='{at}'>x</a>") }),
        ),
        ("Update", json!({ "quoteUrl": at, "quote": at, "shares": at, "likes": at, "participants": at })),
    ] {
        scene.town.post(&scene.ana, &activity(&scene.ana, kind, scene.note_with(field)));
    }
    // what Ana passes on by an Announce is fetched, see authority.rs
    for kind in ["Like", "Flag", "Move", "Add", "Remove", "Question", "View"] {
        let mut said = activity(&scene.ana, kind, json!(at));
        (said["target"], said["origin"]) = (json!(at), json!(at));
        rows.push(row(kind, &[202], scene.town.letter(&scene.ana, &said).signed().bytes()));
    }
    let collections = json!({ "followers": at, "following": at, "outbox": at, "featured": at, "icon": { "url": at }, "movedTo": at, "alsoKnownAs": [at] });
    let itself = activity(&scene.ana, "Update", scene.ana.document_with(collections));
    assert_eq!(scene.town.post(&scene.ana, &itself), 202);
    scene.town.withstands(Same::Meaning, at_once(), rows);
    scene.town.settle();
    assert_eq!(evil.connections(), 0);
}

#[test]
fn fields_without_measure_are_cut_or_left_out() {
    let scene = Scene::set();
    let long = "x".repeat(500_000);
    let url = scene.ana.id.clone() + "/" + &"x".repeat(10_000);
    for (what, changes, column, most) in [
        ("a name", json!({ "name": long }), "title", 300),
        ("a content", json!({ "content": long }), "content", 70_000),
        ("a content with marks", json!({ "content": "<p>a</p>".repeat(60_000) }), "content", 200_000),
        ("a summary", json!({ "summary": long, "content": null }), "content", 70_000),
        ("an address", json!({ "url": url }), "url", 2_048),
        ("what it answers", json!({ "inReplyTo": url }), "in_reply_to", 2_048),
        ("a language", json!({ "contentMap": { &long: "x" } }), "language", 64),
        ("a language of its own", json!({ "inLanguage": long }), "language", 64),
        ("a zone", json!({ "timezone": long }), "zone", 64),
        ("a place", json!({ "location": long }), "place", 1_000),
        ("a place's name", json!({ "location": { "type": "Place", "name": long } }), "place", 1_000),
        (
            "a place's address",
            json!({ "location": { "type": "Place", "name": "x", "address": { "streetAddress": long, "addressLocality": long } } }),
            "place",
            2_000,
        ),
        ("many places", json!({ "location": vec!["x"; 900] }), "place", 1_000),
    ] {
        let kept = scene.kept(what, changes, column);
        assert!(kept.chars().count() <= most, "{what}: {} characters are kept", kept.len());
    }
    scene.kept("an id", json!({ "id": url }), "uri");
    assert_eq!(scene.town.count("elsewhere"), 0, "an id of 10,000 characters");
    let person = scene.ana.document_with(json!({ "preferredUsername": "u".repeat(10_000), "name": long, "summary": long }));
    assert_eq!(scene.town.post(&scene.ana, &activity(&scene.ana, "Update", person)), 202);
    let name = scene.town.rows("SELECT handle AS line FROM remote_actors").pop().expect("Ana");
    assert!(name.len() <= 256, "{}", name.len());
    let keys: Vec<Value> = (0..900).map(|number| json!({ "id": format!("{}#{number}", scene.ana.id), "owner": scene.ana.id, "publicKeyPem": key(0).public_pem() })).collect();
    let person = scene.ana.document_with(json!({ "publicKey": keys[..300] }));
    assert_eq!(scene.town.post(&scene.ana, &activity(&scene.ana, "Update", person)), 202);
    let kept: usize =
        scene.town.rows("SELECT length(public_keys) || '' AS line FROM remote_actors")[0].parse().expect("a number");
    assert!(kept < 20_000, "{kept}");
}

#[test]
fn times_that_no_calendar_has() {
    let scene = Scene::set();
    for odd in [
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "-262144-01-01T00:00:00Z",
        "2026-12-01T24:00:01Z",
        "2026-12-01T23:59:61Z",
        "2026-02-30T10:00:00Z",
        "2026-12-01T10:00:00+99:99",
        "2026-12-01 10:00:00",
        "P999999Y",
        "tomorrow",
        "",
    ] {
        for (field, column) in [("startTime", "starts"), ("endTime", "ends"), ("updated", "updated")] {
            assert_eq!(scene.kept(odd, json!({ field: odd }), column), "-", "{field} {odd}");
        }
    }
    for odd in [json!(7), json!(-1), json!(1e300), json!({ "@value": "x" }), json!(["2026-12-01T10:00:00Z"]), Value::Null] {
        assert_eq!(scene.kept("no text", json!({ "startTime": odd }), "starts"), "-", "{odd}");
    }
    // a leap second is a second; what ends before it begins is kept as said, and must not break what shows it
    assert_ne!(scene.kept("a leap second", json!({ "startTime": "2026-12-01T23:59:60Z" }), "starts"), "-");
    scene.kept("ends before it begins", json!({ "endTime": "2026-11-01T10:00:00Z", "duration": "-P1Y" }), "ends");
    scene.kept("published in the far past", json!({ "published": "0001-01-01T00:00:00Z" }), "published");
    assert_eq!(scene.town.at.json(&["sister", "heard", "kitchen"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_heard_is_harmless() {
    let scene = Scene::set();
    for html in [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example></sCrIpT>",
        "<svg onload=alert(1)>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=x onerror=alert(1)>\">",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action=/admin><input autofocus onfocus=alert(1)></form>",
        "<base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example><link rel=stylesheet href=//evil.example>",
        "<style>@import '//evil.example'</style><p style='position:fixed' class=admin id=csrf>x</p>",
        "<details open ontoggle=alert(1)>",
        "<a href='javascript:alert(1)'>x</a><a href='java\tscript:alert(1)'>x</a><a href='&#x6A;avascript:alert(1)'>x</a>",
        "<a href='vbscript:x'>x</a><a href='data:text/html,x'>x</a><a href='blob:x'>x</a><a href='//evil.example'>x</a><a href='/admin/delete'>x</a>",
        "<img src='http://evil.example/x.png' onerror=alert(1)>",
        &"<b>".repeat(100_000),
        &"<div><table><tr><td>".repeat(20_000),
        &"<!--".repeat(100_000),
        &"&".repeat(500_000),
        &"<a href=\"".repeat(50_000),
    ] {
        let what: String = html.chars().take(40).collect();
        let kept = scene.kept(&what, json!({ "content": html, "name": html, "location": html }), "content").to_ascii_lowercase();
        assert!(kept != "-" || html.len() > 1_000, "{what}: nothing was kept");
        for wrong in [
            "<script",
            "<svg",
            "<math",
            "<style",
            "<iframe",
            "<object",
            "<embed",
            "<form",
            "<input",
            "<base",
            "<meta",
            "<link",
            "<img",
            "<details",
            " on",
            "style=",
            "class=",
            "id=",
            "href=\"/",
            "href=\"javascript",
            "href=\"vbscript",
            "href=\"data",
            "href=\"blob",
            "&#x6a",
        ] {
            assert!(!kept.contains(wrong), "{what}: {wrong} in {kept}");
        }
        for column in ["title", "place"] {
            let plain =
                scene.town.rows(&format!("SELECT coalesce({column}, '') AS line FROM elsewhere")).pop().unwrap_or_default();
            assert!(!plain.to_ascii_lowercase().contains("<script"), "{what}: {plain}");
        }
    }
}

/// References to characters are characters: what a terminal would obey is not printed.
#[test]
fn what_is_heard_does_not_steer_a_terminal() {
    let scene = Scene::set();
    for nasty in [
        "a&#27;[31mb",
        "a&#x1b;]0;x&#7;b",
        "a&#155;31mb",
        "a\u{1b}[31mb",
        "a\u{9b}31mb",
        "a&#8;&#8;b",
        "a&#127;b",
        "a\u{202e}b",
        "a&#x202e;b",
    ] {
        for changes in [
            json!({ "name": nasty }),
            json!({ "name": null, "content": nasty }),
            json!({ "location": nasty }),
            json!({ "timezone": nasty }),
        ] {
            scene.kept(nasty, changes.clone(), "uri");
            let printed = scene.town.at.type_(&["sister", "heard", "kitchen"]).stdout;
            let printed = String::from_utf8(printed).expect("text");
            let steers = |letter: char| letter.is_control() && letter != '\n' || ('\u{202a}'..='\u{202e}').contains(&letter);
            assert!(printed.contains("a") && !printed.chars().any(steers), "{nasty:?} in {changes}: {printed:?}");
        }
    }
}
