//! `plaza doctor`, beside a city that runs and one that does not.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    time::Duration,
};

use diesel::RunQueryDsl;
use plaza::{
    app, backup,
    clock::{Clock, Timestamp},
    config::{Config, DatabaseUrl},
    doctor::{self, Finding, Grade},
    net::Mirror,
    origin::Origin,
};

use crate::{
    city::{City, START, on_each_database},
    commands::Terminal,
    process::Served,
};

const DAY: Duration = Duration::from_secs(86_400);

fn of<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.what == what).unwrap_or_else(|| panic!("nothing about {what}: {findings:#?}"))
}

/// Grade and words about one thing.
fn said(findings: &[Finding], what: &str) -> (Grade, String) {
    let finding = of(findings, what);
    (finding.grade, finding.to_string())
}

/// The settings of the server itself.
fn settings(city: &City) -> Config {
    let mut config = city.app.config.clone();
    config.bind = city.origin.trim_start_matches("http://").parse().ok();
    config
}

async fn sql(city: &City, statements: &'static [&'static str]) {
    let run = move |conn: &mut plaza::db::Conn| {
        for statement in statements {
            diesel::sql_query(*statement).execute(conn)?;
        }
        Ok(())
    };
    city.app.db.write(run).await.expect("rows");
}

#[test]
fn a_city_that_is_served_is_well_and_one_that_is_stopped_is_said_to_be() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let config = settings(&city);
        let stopped = doctor::examine(&config, &city.clock).await;
        assert_eq!(of(&stopped, "server").grade, Grade::Warn, "{stopped:#?}");
        assert!(of(&stopped, "host").found.to_string().contains("the server is stopped"), "{stopped:#?}");

        let _alone = app::be_alone(&config).expect("nobody else");
        let served = doctor::examine(&config, &city.clock).await;
        assert_eq!(of(&served, "server").grade, Grade::Ok);
        assert!(of(&served, "server").found.to_string().contains(&format!("process {}", std::process::id())), "{served:#?}");
        let bad: Vec<_> = served.iter().filter(|finding| finding.grade == Grade::Bad).collect();
        assert!(bad.is_empty(), "{bad:#?}");
        assert!(of(&served, "host").found.to_string().contains("refuses other names"), "{served:#?}");
        for what in ["dns", "certificate", "origin", "proxy"] {
            assert_eq!(of(&served, what).found.to_string(), "not checked: this city is on loopback");
        }
        let kind = if database == "sqlite" { "SQLite, sound" } else { "PostgreSQL" };
        assert!(of(&served, "database").found.to_string().contains(kind), "{served:#?}");
        let mut seen: Vec<_> = served.iter().map(|finding| finding.what).collect();
        seen.sort_unstable();
        let all = [
            "backup",
            "caretakers",
            "certificate",
            "clock",
            "database",
            "disk",
            "dns",
            "host",
            "memory",
            "origin",
            "proxy",
            "queue",
            "server",
        ];
        assert_eq!(seen, all);
        assert!(served.iter().all(|finding| finding.to_string().lines().count() == 1));
    });
}

#[test]
fn old_and_new_tables_are_told_and_left_as_they_are() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let config = settings(&city);
        sql(&city, &["INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')"]).await;
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "database");
        assert!(grade == Grade::Bad && words.contains("newer Plaza"), "{words}");
        sql(&city, &["DELETE FROM __diesel_schema_migrations WHERE version > '2026111'"]).await;
        for _ in 0..2 {
            let findings = doctor::examine(&config, &city.clock).await;
            let (grade, words) = said(&findings, "database");
            assert!(grade == Grade::Warn && words.contains("older than this program"), "{words}");
            assert_eq!(of(&findings, "queue").found.to_string(), "not checked: the tables are older");
        }
    });
}

#[test]
fn a_delivery_that_waits_for_days_is_noticed() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let config = settings(&city);
        city.group("kitchen").await;
        city.announce("kitchen", "We need pots").await;
        sql(
            &city,
            &[
                "INSERT INTO deliveries (host, inbox, activity, not_before, tries) \
                 SELECT 'away.example', 'https://away.example/inbox', max(sequence), 0, 0 FROM activities",
                "INSERT INTO hosts (host, next_try, lease_until, fails, dead, scheme) \
                 VALUES ('away.example', 0, 0, 0, false, 'cavage')",
            ],
        )
        .await;
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "queue");
        assert!(grade == Grade::Ok && words.contains("1 wait"), "{words}");
        city.advance(DAY / 2);
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "queue");
        assert!(grade == Grade::Warn && words.contains("12 h"), "{words}");
        city.advance(DAY * 3);
        assert_eq!(said(&doctor::examine(&config, &city.clock).await, "queue").0, Grade::Warn);
        sql(&city, &["UPDATE hosts SET failing_since = 1795521600000000, fails = 9"]).await;
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "queue");
        assert!(grade == Grade::Bad && words.contains("hosts failing 1"), "{words}");
    });
}

#[test]
fn a_backup_is_remembered_and_grows_old() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let config = settings(&city);
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "backup");
        assert!(grade == Grade::Warn && words.contains("none was made yet"), "{words}");
        let folder = tempfile::tempdir().expect("a folder");
        let passphrase = folder.path().join("passphrase");
        fs::write(&passphrase, "a long one, with five words").expect("a file");
        let lock = backup::Lock { passphrase_file: Some(passphrase), ..backup::Lock::default() };
        backup::write(&city.app, &folder.path().join("city.age"), &lock).await.expect("a backup");
        city.advance(DAY);
        let (grade, words) = said(&doctor::examine(&config, &city.clock).await, "backup");
        assert!(grade == Grade::Ok && words.contains("24 h old"), "{words}");
        city.advance(DAY * 8);
        assert_eq!(said(&doctor::examine(&config, &city.clock).await, "backup").0, Grade::Warn);
    });
}

/// Something that stands before a city and answers everything in the same way.
fn proxy(answer: impl Fn(&str) -> String + Send + 'static) -> Origin {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = Origin::parse(&format!("http://{}", listener.local_addr().expect("bound"))).expect("an origin");
    let authority = origin.authority();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            if lines.find(|line| line.is_empty()).is_some() {
                let _ = (&stream).write_all(answer(&authority).as_bytes());
            }
        }
    });
    origin
}

fn answer(status: u16, more: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

async fn outside(origin: &Origin) -> doctor::Outside {
    let mirror = Mirror::new(origin, None).expect("a mirror");
    doctor::from_outside(&mirror, origin, &[], &Clock::stopped_at(START)).await
}

#[test]
fn what_stands_before_the_city_is_found_out() {
    on_each_database(|database| async move {
        let descriptor = |authority: &str| {
            let link = format!(r#"{{"rel":"self","href":"http://{authority}/ap/groups/plaza"}}"#);
            answer(200, "", &format!(r#"{{"subject":"acct:plaza@{authority}","links":[{link}]}}"#))
        };
        let table: [(Origin, Grade, &str, Grade); 6] = [
            (proxy(descriptor), Grade::Ok, "WebFinger finds @plaza@", Grade::Ok),
            (proxy(|_| answer(421, "", "")), Grade::Bad, "for another name", Grade::Bad),
            (proxy(|_| answer(502, "", "")), Grade::Bad, "Plaza does not", Grade::Ok),
            (proxy(|_| answer(301, "Location: https://www.example/\r\n", "")), Grade::Bad, "https://www.example/", Grade::Ok),
            (proxy(|_| answer(200, "", r#"{"subject":"acct:plaza@other.example"}"#)), Grade::Bad, "does not name", Grade::Ok),
            (proxy(|_| answer(404, "", "")), Grade::Bad, "answers 404", Grade::Ok),
        ];
        for (origin, grade, words, passes_host) in table {
            let seen = outside(&origin).await.findings;
            let (found, line) = said(&seen, "origin");
            assert!(found == grade && line.contains(words), "{line}");
            let (found, line) = said(&seen, "proxy");
            assert_eq!(found, passes_host, "{line}");
            assert!(found == Grade::Ok || line.contains(&format!("does not pass Host: {}", origin.authority())), "{line}");
        }
        // what a real city answers is what is looked for
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("the plaza");
        assert_eq!(said(&outside(&city.app.origin).await.findings, "origin").0, Grade::Ok);
    });
}

#[test]
fn another_clock_is_compared_with_ours() {
    actix_web::rt::System::new().block_on(async {
        let date = |time: Timestamp| time.utc().format("Date: %a, %d %b %Y %H:%M:%S GMT\r\n").to_string();
        let slow = date(START - Duration::from_secs(400));
        let origin = proxy(move |_| answer(200, &slow, ""));
        assert_eq!(outside(&origin).await.ahead, Some(400));

        let city = City::start("sqlite").await;
        let statement = format!(
            "INSERT INTO hosts (host, next_try, lease_until, fails, dead, scheme) VALUES ('{}', 0, 0, 0, false, 'cavage')",
            origin.authority()
        );
        let insert = move |conn: &mut plaza::db::Conn| Ok(diesel::sql_query(&statement).execute(conn)?);
        city.app.db.write(insert).await.expect("a host");
        let (grade, words) = said(&doctor::examine(&settings(&city), &city.clock).await, "clock");
        assert!(grade == Grade::Bad && words.contains("6 min ahead of 127.0.0.1"), "{words}");
    });
}

/// Names of everything in a folder and below.
fn everything(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        names.push(entry.path().display().to_string());
        if entry.path().is_dir() {
            names.extend(everything(&entry.path()));
        }
    }
    names.sort();
    names
}

#[test]
fn the_doctor_makes_nothing_and_its_exit_status_says_how_it_is() {
    let at = Terminal::new();
    let output = at.type_(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["grade"], "bad");
    let database = report["findings"].as_array().expect("a list").iter().find(|finding| finding["what"] == "database");
    assert!(database.is_some_and(|finding| finding["found"].to_string().contains("there is no city here")), "{report}");
    assert!(everything(at.folder.path()).is_empty(), "nothing was made");

    let mut served = Served::start();
    let report = served.at.json(&["doctor"]);
    assert_ne!(report["grade"], "bad", "{report}");
    let lines = String::from_utf8(served.at.type_(&["doctor"]).stdout).expect("text");
    assert!(lines.contains("the server holds") && lines.contains("refuses other names"), "{lines}");
    assert_eq!(lines.lines().count(), 13, "{lines}");

    served.signal("TERM");
    assert_eq!(served.wait(Duration::from_secs(10)), Some(0));
    let before = everything(served.at.folder.path());
    let report = served.at.json(&["doctor"]);
    assert!(report.to_string().contains("nobody serves"), "{report}");
    assert_eq!(everything(served.at.folder.path()), before);

    let config = plaza::config::Settings {
        data_dir: Some(served.at.folder.path().join("plaza-data").display().to_string()),
        ..Default::default()
    };
    let DatabaseUrl::Sqlite(file) = config.check().expect("settings").database else { panic!("SQLite is the default") };
    // what a killed server left would be read instead
    let _ = fs::remove_file(format!("{}-wal", file.display()));
    fs::write(&file, [b"SQLite format 3\0".as_slice(), &[7; 8_000]].concat()).expect("written over");
    let output = served.at.type_(&["doctor"]);
    let lines = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{lines}");
    assert!(lines.lines().any(|line| line.starts_with("bad  database")), "{lines}");
}
