//! What the log and the disk hold of those who come by: nothing that says where they are, whatever they send.

use std::{fs, io::Read, path::Path};

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};

use crate::{
    city::{databases, postgres_database},
    commands::Terminal,
    security::{
        letters::{Request, activity},
        town::Town,
        world::{Host, Reply, key},
    },
};

/// Where a visitor comes from, as the connection says and as headers say.
pub const TRACES: [&str; 2] = ["127.9.8.7", "203.0.113.77"];
const PASSPHRASE: &str = "four words of no sense";

/// A city that logs all it can, and the address of its database where that is not a file.
pub fn town(database: &str, format: &str) -> (Town, Option<String>) {
    let url = (database == "postgres").then(postgres_database);
    let settings = [
        ("PLAZA_LOG", "trace"),
        ("PLAZA_LOG_FORMAT", format),
        ("PLAZA_DATABASE_URL", url.as_deref().unwrap_or_default()),
        ("PLAZA_ALLOW_NETWORKS", "127.0.0.0/8"),
        ("PLAZA_ALLOW_HTTP", "true"),
    ];
    (Town::with(None, &settings), url)
}

/// Everything that visitors do, from readers to forgers; each request names its sender's address wherever proxies put it.
fn visit(town: &Town, peer: &Host) {
    let forwarded = [
        ("X-Forwarded-For", TRACES[1]),
        ("X-Real-IP", TRACES[1]),
        ("Forwarded", "for=203.0.113.77;proto=https"),
        ("Via", "1.1 203.0.113.77"),
        ("User-Agent", "Mozilla/5.0 (203.0.113.77)"),
        ("Referer", "http://203.0.113.77/"),
    ];
    let send = |mut request: Request| {
        forwarded.iter().for_each(|(name, value)| request.after(name, *value));
        town.send(&request.bytes()).status
    };
    for page in
        ["/", "/@kitchen?from=203.0.113.77", "/203.0.113.77", "/meetings/203.0.113.77", "/ap/groups/kitchen", "/media/pictures/x"]
    {
        let status = send(Request::get(&town.name, page, &[]));
        assert!((200..500).contains(&status), "{page}: {status}");
    }
    assert_eq!(send(Request::get("203.0.113.77", "/", &[])), 421);
    let (ana, eva) = (peer.person("ana", key(0)), peer.person("eva", key(1)));
    assert_eq!(send(town.follow(&ana).signed()), 202);
    assert_eq!(send(town.follow(&ana).newer().signed_newer()), 202);
    let mut forged = town.follow(&eva);
    forged.person.key = key(2);
    assert_eq!(send(forged.signed()), 401);
    assert_eq!(send(town.letter(&ana, &json!({ "type": "Follow" })).signed()), 400);
    assert_eq!(send(town.letter(&ana, &activity(&ana, "Dance", json!({}))).signed()), 202);
    let mut proven = activity(&ana, "Like", json!("http://203.0.113.77/notes/1?from=203.0.113.77"));
    proven["proof"] = proof(&format!("{}#k", ana.id));
    assert_eq!(send(town.letter(&ana, &proven).signed()), 202);
    let mut huge = town.follow(&ana);
    huge.say(vec![b' '; 2_000_000]);
    assert_eq!(send(huge.signed()), 413);
    // someone whose server does not answer: the request is kept until it does
    peer.reply("/users/ada", Reply::Silence);
    let ada = peer.person("ada", key(1));
    peer.reply("/users/ada", Reply::Silence);
    assert_eq!(send(town.follow(&ada).signed()), 202);
    for malformed in [
        &b"GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.77\r\n bad\r\n\r\n"[..],
        b"GET /203.0.113.77 HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00203.0.113.77",
        b"POST /ap/inbox HTTP/1.1\r\nContent-Length: -203.0.113.77\r\n\r\n",
        b"POST /ap/inbox HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n203.0.113.77\r\n",
    ] {
        town.hear_out(malformed);
    }
}

/// Nobody can have made this proof; the log remarks on it.
fn proof(method: &str) -> Value {
    json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": method,
        "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
        "created": "2026-11-24T00:00:00Z",
    })
}

/// Every row of every table, as text.
pub fn rows(url: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let mut conn = PgConnection::establish(url).expect("the database");
    let tables = "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<Line> = sql_query(tables).load(&mut conn).expect("tables");
    assert!(tables.len() > 10);
    let read = |table: Line| -> Vec<Line> {
        sql_query(format!("SELECT t::text AS line FROM \"{}\" t", table.line)).load(&mut conn).expect("rows")
    };
    tables.into_iter().flat_map(read).map(|row| row.line + "\n").collect()
}

/// Changes the database behind the program's back.
pub fn change(url: &str, statement: &str) {
    sql_query(statement).execute(&mut PgConnection::establish(url).expect("the database")).expect("a statement");
}

/// What a backup holds, opened by another program's means.
pub fn backup(at: &Terminal) -> Vec<u8> {
    let (words, file) = (at.folder.path().join("words"), at.folder.path().join("city.age"));
    fs::write(&words, PASSPHRASE).expect("a file");
    at.json(&["backup", "city.age", "--passphrase-file", "words"]);
    let locked = age::Decryptor::new(fs::File::open(&file).expect("a backup")).expect("age");
    let key = age::scrypt::Identity::new(PASSPHRASE.to_owned().into());
    let mut plain = Vec::new();
    locked.decrypt(std::iter::once(&key as &dyn age::Identity)).expect("opened").read_to_end(&mut plain).expect("read");
    plain
}

/// The files below a folder that hold these bytes.
pub fn holding(folder: &Path, wanted: &str, found: &mut Vec<String>) -> usize {
    let mut looked = 0;
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            looked += holding(&path, wanted, found);
        } else {
            looked += 1;
            let bytes = fs::read(&path).expect("a file");
            found.extend(holds(&bytes, wanted).then(|| path.display().to_string()));
        }
    }
    looked
}

pub fn holds(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len()).any(|piece| piece == wanted.as_bytes())
}

#[test]
fn nothing_tells_where_a_visitor_was() {
    for database in databases() {
        let ((mut town, url), peer) = (town(database, "text"), Host::open("127.0.0.5"));
        visit(&town, &peer);
        let data = town.at.folder.path().join("plaza-data");
        let plain = backup(&town.at);
        assert!(holds(&plain, "127.0.0.5"), "a backup names who follows, and this is how to read it");
        let held = url.as_deref().map(rows);
        let search = |when: &str| {
            for trace in TRACES {
                let mut found = Vec::new();
                assert!(holding(&data, trace, &mut found) > 0);
                assert_eq!(found, Vec::<String>::new(), "{database}, {when}: {trace}");
                assert!(!holds(&plain, trace), "{database}: {trace} in the backup");
                assert!(held.as_ref().is_none_or(|rows| !rows.contains(trace)), "{database}: {trace} in the rows");
            }
        };
        match &held {
            Some(rows) => assert!(rows.contains("127.0.0.5"), "the rows name who follows"),
            None => {
                let mut found = Vec::new();
                holding(&data, "127.0.0.5", &mut found);
                assert!(found.iter().any(|file| file.ends_with("-wal") || file.ends_with(".sqlite")), "{found:?}");
            }
        }
        search("while it runs");
        let (log, said) = town.last_words();
        search("after it was killed");
        assert!(log.contains(" plaza::"), "something was logged: {log}");
        for trace in TRACES.into_iter().chain(["127.0.0.5", "127.0.0.1", "from="]) {
            assert!(!log.contains(trace), "{database}: {trace} in the log:\n{log}");
            assert!(trace == "127.0.0.1" || !said.contains(trace), "{database}: {trace} in {said}");
        }
    }
}

/// Rows 57: strangers write what looks like lines of a log.
#[test]
fn whatever_strangers_write_a_line_of_the_log_is_one_event() {
    for format in ["text", "json"] {
        let ((mut town, _), peer) = (town("sqlite", format), Host::open("127.0.0.5"));
        let fake = "x\r\n{\"level\":\"ERROR\",\"message\":\"the city burns\"}\n\u{1b}[2J\u{9b}31m\u{2028}2026-11-24T00:00:00Z ERROR plaza: burns";
        let plain: String = fake.chars().filter(|letter| !letter.is_control()).collect();
        let mut request = Request::get(&town.name, &format!("/{}", plain.replace(' ', "")), &[]);
        request.set("User-Agent", plain.as_str());
        town.send(&request.bytes());
        request.set("User-Agent", fake);
        town.send(&request.bytes());
        request.set("User-Agent", "y".repeat(1_000_000));
        town.send(&request.bytes());
        // a proof in the wrong form is remarked on in the log, in words of its sender
        let ana = peer.person("ana", key(0));
        let mut document = ana.document();
        document["name"] = fake.into();
        document["preferredUsername"] = "\u{9b}31mana".into();
        peer.reply("/users/ana", Reply::document(&document));
        town.send(&town.follow(&ana).signed().bytes());
        let mut proven = activity(&ana, "Follow", town.group("trees").into());
        proven["proof"] = proof(&format!("{}?token=hunter2\n{fake}{}", ana.id, "z".repeat(9_000)));
        town.send(&town.letter(&ana, &proven).signed().bytes());
        // what breaks is logged with its cause
        town.execute("ALTER TABLE meetings RENAME TO m");
        assert_eq!(town.send(&Request::get(&town.name, "/?token=hunter2", &[]).bytes()).status, 500);
        let (log, _) = town.last_words();
        let lines: Vec<&str> = log.lines().collect();
        assert!(lines.iter().any(|line| line.contains("a request failed") && line.contains("500")), "{log}");
        for line in &lines {
            assert!(line.len() <= 4_096 && !line.chars().any(|letter| letter.is_control() || letter == '\u{2028}'), "{line}");
            assert!(!line.contains("hunter2"), "{line}");
            match format {
                "json" => {
                    let event: Value = serde_json::from_str(line).expect(line);
                    assert!(["time", "level", "target", "message"].iter().all(|field| event[*field].is_string()), "{line}");
                    assert_ne!(event["message"], "the city burns");
                }
                _ => assert!(
                    line.get(19..21) == Some("Z ") && line.get(21..26).is_some_and(|level| level.trim().len() >= 4),
                    "{line}"
                ),
            }
            assert!(line.starts_with(if format == "json" { "{" } else { "20" }), "{line}");
        }
    }
}
