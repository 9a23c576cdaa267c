//! A city goes into a file and comes back whole, on either database; and what is wrong with a file leaves no trace.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use age::secrecy::ExposeSecret;
use diesel::{connection::SimpleConnection, sql_query};

use super::*;
use crate::{
    clock::Clock,
    config::{DatabaseUrl, Settings},
    db::{schema::activities, trial::Trial},
    keys::{self, Pairs, RsaPublic, Secret},
};

/// Names as the content of a picture gives them, and as Plaza 0.1 gave them.
const POT: &str = "5b0f8a1be2e1c5ad0d5b0f8a1be2e1c5ad0d5b0f8a1be2e1c5ad0d5b0f8a1be2.png";
const SQUARE: &str = "a1b2c3d4-0000-7000-8000-0123456789ab.jpg";
const MISSION: &str = "We feed the assembly and everyone who walks by";
const KITCHEN: &str = "/ap/groups/kitchen";

/// A row in every table, with what is hard to carry over: marks of SQL and JSON, line breaks, all of 64 bits, fractions.
const ROWS: &str = r#"
    INSERT INTO settings (name, value) VALUES ('time_zone', 'America/New_York'), ('met_another_server', 'yes');
    INSERT INTO groups VALUES ('kitchen', 'Kitchen ''n'' "pots" {"a":1}', 'We feed the assembly and everyone who walks by', NULL, 'food comida', 'en', '{"alt":"A pot","large":{}}', NULL, 1, 2, 7, NULL, 8, '100m', 12, '["https://far.example/g/kitchen"]', 'https://far.example/g/soup', 9, NULL);
    INSERT INTO meetings VALUES ('m1', 'kitchen', '¿Cuándo? ☕ 🍲', 'meeting', 9223372036854775807, -9223372036854775808, 'Europe/Madrid', 'Plaza
del Sol', NULL, 0.30000000000000004, -74.01138305664062, NULL, 'a	b \ \n \u0041 $1 ?', 'es', '[]', '', NULL, 9007199254740993, 0, NULL, 5, NULL, '[{"alt":"☕ \\ \""}]', NULL, 9, NULL, '/minutes/0192-m#decision-1 2026-11-24', FALSE, NULL, 'p1', 'step-free masks', 'La rampa, a la izquierda', 3, 30);
    INSERT INTO series VALUES ('s1', 'kitchen', 'Soup', 'meeting', '2026-12-01T18:00', 'Europe/Madrid', 120, 'FREQ=WEEKLY;BYDAY=TU', '["2026-12-22"]', NULL, NULL, 0.1, NULL, NULL, NULL, 'es', '[]', '[]', 3, 1, NULL, TRUE, 77, 'p1', 'childcare', NULL, NULL, 'm0', NULL);
    INSERT INTO minutes VALUES ('0192-m', 'kitchen', 'm1', 10, '## Decisions

- ¡Sopa! ☕', 'en', '[]', '[{"number":1,"text":"¡Sopa! ☕"}]', 1, 'm1', '{"heading":"","items":[]}', 5, NULL, NULL);
    INSERT INTO places VALUES ('p1', 'kitchen', 'Plaza del Sol', 'plaza del sol', NULL, 0.30000000000000004, -74.01138305664062, 'step-free', NULL, 86400000000);
    INSERT INTO veiled VALUES ('m1', 9223372036854775807, '¿Dónde?', 'Sol, 1', 0.30000000000000004, -74.01138305664062, 'https://meet.example/', 'p1', 'El timbre ''B''');
    INSERT INTO reminders VALUES ('m1', 'c1', 7);
    INSERT INTO meeting_terms VALUES ('~plaza', 9223372036854775807, 'm1', -9223372036854775808);
    INSERT INTO announcements VALUES ('a1', 'kitchen', 'm1', NULL, '[1, true]', 'en', TRUE, '[]', '', 1, NULL, NULL, '[]', NULL, FALSE),
                                     ('a2', 'kitchen', NULL, '', 'null', 'en', FALSE, '[]', '', 1, 2, 3, '[]', 'https://far.example/n/2', TRUE);
    INSERT INTO activities VALUES (41, 'c1', '/ap/groups/kitchen', 'Create', 'a1', '{"id":"c1","n":9007199254740993}', TRUE, 1, NULL);
    INSERT INTO deliveries VALUES (77, 'far.example', 'https://far.example/inbox', 41, 0, 3, 7, 500, 'HTTP 500', NULL);
    INSERT INTO hosts VALUES ('far.example', 5, 8888, 3, 7, 'HTTP 500', FALSE, 'cavage');
    INSERT INTO remote_actors VALUES ('https://far.example/u/ana', 'far.example', 'Person', 'ana', 'https://far.example/inbox', NULL, '["PEM"]', '[]', 1, 2);
    INSERT INTO follows VALUES ('kitchen', 'https://far.example/u/ana', 'https://far.example/f/1', 'far.example', 'https://far.example/inbox', NULL);
    INSERT INTO former_inboxes VALUES ('kitchen', 'https://gone.example/inbox', 'gone.example', 8, 9);
    INSERT INTO envelopes VALUES ('https://far.example/n/9', 'Create', '{"signature":{}}');
    INSERT INTO moves VALUES ('https://far.example/u/ana', 4);
    INSERT INTO blocks VALUES ('troll.example', 4);
    INSERT INTO arrivals VALUES (12, 'far.example', '{}', '{"type":"Follow"}', 1, 0, 0, NULL);
    INSERT INTO handled VALUES ('https://far.example/f/1', 3);
    INSERT INTO seen_signatures VALUES ('abc', 3);
    INSERT INTO sisters VALUES ('kitchen', 'https://far.example/g/cooks', 'act', 'accepted', 3, 'pass-on', 9007199254740993, 2);
    INSERT INTO elsewhere VALUES ('https://far.example/n/1', 'https://far.example/g/cooks', 'Note', NULL, '<p>hi</p>', 'https://far.example/n/1', NULL, 'en', NULL, NULL, NULL, NULL, FALSE, 1, NULL, 2, 2, 'everyone https://far.example/g/cooks');
    INSERT INTO rhythms VALUES ('https://far.example/ap/series/1', 'https://far.example/g/cooks', '{"rrule":"FREQ=DAILY"}', 5, 6);
    INSERT INTO sister_news VALUES ('kitchen', 'https://far.example/n/1', 'https://far.example/g/cooks', 'https://far.example/g/plaza', 'passed-on', 'c1', 7);
    INSERT INTO meetings_elsewhere VALUES ('https://far.example/e/1', 7, 9223372036854775807, 'https://far.example/g/cooks', NULL, '¿Sopa? ☕', 'es', NULL, 'Europe/Madrid', 'https://far.example/e/1', FALSE, TRUE);
    INSERT INTO alarms VALUES ('a1', NULL, TRUE, 9);
    INSERT INTO digests VALUES ('2026-11-24', 'a1', ' /ap/events/m1 /ap/notes/a2 ', 3, 0, 7);
    INSERT INTO passed_on VALUES ('https://far.example/n/1', 'https://far.example/g/plaza', 'https://far.example/a/1', 8);
    INSERT INTO members VALUES ('0192-a', 'ana', 'Ana ☂ "A"', 'es', '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA', TRUE, 86400000000, 86400000000, 86400000000);
    INSERT INTO recovery_codes VALUES ('c0de', '0192-a');
    INSERT INTO ways_in VALUES ('w4y', 'fellow', '0192-a', '0192-a', 86400000000, 86400000001);
    INSERT INTO passkeys VALUES ('cr3d', '0192-a', 'a2V5', 7, 86400000000);
    INSERT INTO sessions VALUES ('h4sh', '0192-b', '0192-a', 86400000000, 86400000000);
    INSERT INTO organizers VALUES ('kitchen', '0192-a', 7, TRUE, FALSE, NULL);
    INSERT INTO proposals VALUES ('0192-p', 'kitchen', 'invitation', '', '0192-a', NULL, 'hash', 9, 'ben');
    INSERT INTO deeds VALUES ('0192-d', 7, 'kitchen', 'invited', 'organizer', '', '0192-a', NULL);
    INSERT INTO pushes VALUES ('https://push.example/1', '0192-a', '0192-b');
    INSERT INTO notices VALUES ('0192-a', 'h4sh', 'https://far.example/u/ana', NULL, 0, 3600000000, '{"kitchen replies":[2,9]}', 3600000000);
    INSERT INTO drafts VALUES ('0192-d', 'kitchen', 'news', NULL, '{}', '[]', 9, '0192-a', NULL, 2, 86400000000);
    INSERT INTO imports VALUES ('kitchen', 'ünï@far.example', '2026-12-01T18:00', 'm1', NULL, '{"once":{"title":"☕ \\ \""}}', '0192-w', 9007199254740993);
    INSERT INTO watched VALUES ('0192-w', 'kitchen', 'https://far.example/k.ics?a=1&b=2', '10:00-18:00', '"e-1"', NULL, 5, 9223372036854775807, 2, '{}', 4);
    INSERT INTO import_looks VALUES ('0192-l', 'kitchen', NULL, FALSE, NULL, '{}', NULL, 86400000000);
    INSERT INTO replies VALUES ('r1', 'https://far.example/n/2', 'kitchen', '/ap/notes/a1', '/ap/notes/a1', 1, 'https://far.example/u/ana', 'ana@far.example', 'far.example', '<p>¡hola!</p>', NULL, 'es', 'https://far.example/@ana/2', 1, 'waiting', 1, NULL, 2, '[{"url":"https://far.example/p.png","alt":"A pot"}]', '[]');
    INSERT INTO repliers VALUES ('kitchen', 'https://far.example/u/ana', 'known', 3);
    INSERT INTO letters VALUES ('l1', 'https://far.example/n/3', 'kitchen', 'https://far.example/u/ana', 'ana@far.example', '<p>psst</p>', 4);
    INSERT INTO reactions VALUES ('/ap/notes/a1', 'like', 'https://far.example/u/ana', 'https://far.example/l/1');
    INSERT INTO reports VALUES ('p1', '/ap/notes/a1', 'far.example', '["/ap/notes/a1"]', 'spam', 1, 5, NULL);
    INSERT INTO blocked_words VALUES ('ñandú', 6);
    INSERT INTO servers VALUES ('far.example', 'welcome', 7);
    INSERT INTO held VALUES ('https://far.example/a/2', 'far.example', 'https://far.example/u/ana', 'Create', 'https://far.example/n/4', '{}', 8);
    INSERT INTO coming VALUES ('m1', NULL, 'w1:key', 3600000000, NULL, NULL);
    INSERT INTO answers VALUES ('m1', 'f1ngerpr1nt', 'maybe', 'recent', TRUE, 'n0te', 1, 'h0st');
    INSERT INTO callers VALUES ('m1', 'https://far.example/g/kitchen', 'accepted', '/ap/activities/0192-o');
    INSERT INTO invited VALUES ('https://far.example/e/1', 'kitchen', 'https://far.example/g/kitchen', 'https://far.example/a/9', '{"name":"☕"}', 'accepted', 'm1', '/ap/activities/0192-x', NULL, 5, 6);
    INSERT INTO outside_changes VALUES ('m1', 5, 6, TRUE, '{"name":"☕"}');
    INSERT INTO suggestions VALUES ('0192-d', 'kitchen', '¿Sopa? ☕', NULL, '', 'https://far.example/', 86400000000);
"#;

fn config(trial: &Trial) -> Config {
    let settings = Settings { data_dir: Some(trial.folder().join("data").display().to_string()), ..Settings::default() };
    Config { database: trial.url.clone(), ..settings.check().unwrap() }
}

/// A city with a row in every table, real keys, and two pictures.
async fn founded(trial: &Trial) -> App {
    let app = App::open(config(trial), Clock::system()).await.unwrap();
    let keys = Pairs::make().unwrap().wrapped(&app.secret, KITCHEN).unwrap();
    let actor = format!(
        "INSERT INTO actors VALUES ('{KITCHEN}', 'group', 'kitchen', '{}', '{}', '{}', '{}', 1, NULL, 1, TRUE);",
        keys.rsa_private, keys.rsa_public, keys.ed25519_private, keys.ed25519_public
    );
    app.db.write(move |conn| Ok(conn.batch_execute(&format!("{actor}{ROWS}"))?)).await.unwrap();
    let media = app.config.data_dir.join("media");
    fs::write(media.join(POT), [0, 159, 146, 150, 10, 13]).unwrap();
    fs::write(media.join(SQUARE), vec![7; 3_000_000]).unwrap();
    app
}

/// Every row of every table, as JSON that is the same for both databases; without the note that a backup was made, which is
/// written after it and so is not in it.
fn dump(config: &Config) -> BTreeMap<String, BTreeSet<String>> {
    let mut conn = pool::open(&config.database, pool::Use::Read).unwrap();
    let tables = rows::tables(&mut conn).unwrap();
    let mut all = BTreeMap::new();
    for table in &tables {
        let mut lines = BTreeSet::new();
        rows::each(&mut conn, table, &mut |line| {
            let row: BTreeMap<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
            if row.get("name").and_then(|name| name.as_str()) != Some(WRITTEN) {
                lines.insert(format!("{row:?}"));
            }
            Ok(())
        })
        .unwrap();
        all.insert(table.name.clone(), lines);
    }
    all
}

fn identity() -> (age::x25519::Identity, Lock) {
    let identity = age::x25519::Identity::generate();
    let lock = Lock { recipients: vec![identity.to_public().to_string()], ..Lock::default() };
    (identity, lock)
}

fn key_in(folder: &Path, identity: &age::x25519::Identity) -> Key {
    let path = folder.join("identity");
    fs::write(&path, format!("# mine\n{}\n", identity.to_string().expose_secret())).unwrap();
    Key { identities: vec![path], ..Key::default() }
}

fn passphrase_in(folder: &Path, passphrase: &str) -> PathBuf {
    let path = folder.join(format!("passphrase {passphrase}"));
    fs::write(&path, format!("{passphrase}\nnot this\n")).unwrap();
    path
}

/// A city, a backup of it, and what opens the backup.
async fn backed_up() -> (Trial, App, PathBuf, Key) {
    let trial = Trial::sqlite();
    let app = founded(&trial).await;
    let (identity, lock) = identity();
    let file = trial.folder().join("city.age");
    write(&app, &file, &lock).await.unwrap();
    let key = key_in(trial.folder(), &identity);
    (trial, app, file, key)
}

async fn refusal(config: &Config, file: &Path, key: &Key) -> String {
    match read(config, file, key).await {
        Err(Error::Refused(sentence)) => sentence.text,
        other => panic!("{} was answered {other:?}", file.display()),
    }
}

#[tokio::test]
async fn a_city_comes_back_whole_on_either_database() {
    for from in Trial::all() {
        for to in Trial::all() {
            let old = founded(&from).await;
            let (identity, lock) = identity();
            let file = from.folder().join(format!("to {:?}.age", to.folder().file_name().unwrap()));
            let tables = rows::tables(&mut pool::open(&from.url, pool::Use::Read).unwrap()).unwrap().len();
            assert_eq!(write(&old, &file, &lock).await.unwrap(), format!("{tables} tables, 2 pictures"));
            assert_eq!(read(&config(&to), &file, &key_in(to.folder(), &identity)).await.unwrap(), old.origin.to_string());

            let mut expected = dump(&old.config);
            for (table, rows) in &expected {
                assert!(!rows.is_empty(), "this test has no row for the table {table}: give it one");
            }
            expected.insert("hosts".into(), expected["hosts"].iter().map(|row| row.replace("8888", "0")).collect());
            assert_eq!(dump(&config(&to)), expected, "{:?} to {:?}", from.url, to.url);

            let new = App::open(config(&to), Clock::system()).await.unwrap();
            assert_keys_work(&new).await;
            let media = new.config.data_dir.join("media");
            assert_eq!(fs::read(media.join(POT)).unwrap(), [0, 159, 146, 150, 10, 13]);
            assert_eq!(fs::read(media.join(SQUARE)).unwrap().len(), 3_000_000);
            let row = (activities::id.eq("c2"), activities::actor.eq(""), activities::kind.eq(""), activities::object.eq(""));
            let next: i64 = new
                .db
                .write(move |conn| {
                    let rest = (activities::body.eq(""), activities::public.eq(true), activities::published.eq(1));
                    diesel::insert_into(activities::table).values((row, rest)).execute(conn)?;
                    Ok(activities::table.select(activities::sequence).order(activities::sequence.desc()).first(conn)?)
                })
                .await
                .unwrap();
            assert_eq!(next, 42, "numbers go on above the highest");
            drop((old, new));
            empty(&from);
        }
    }
}

/// Makes room for the next round.
fn empty(trial: &Trial) {
    let mut conn = pool::open(&trial.url, pool::Use::Write).unwrap();
    for table in rows::tables(&mut conn).unwrap().iter().rev() {
        rows::clear(&mut conn, table).unwrap();
    }
    fs::remove_dir_all(trial.folder().join("data/media")).unwrap();
}

/// The private key in the database opens with the restored secret and belongs to the public one.
async fn assert_keys_work(app: &App) {
    use crate::db::schema::actors::dsl::{actors, rsa_private, rsa_public};
    let (private, public): (String, String) =
        app.db.read(|conn| Ok(actors.find(KITCHEN).select((rsa_private, rsa_public)).first(conn)?)).await.unwrap();
    let secret = Secret::load_or_make(&app.config.secret_file).unwrap();
    let signature = keys::open_rsa(&secret, &private, KITCHEN).unwrap().sign_sha256(b"said here").unwrap();
    assert!(RsaPublic::from_pem(&public).unwrap().verify_sha256(b"said here", &signature));
    let mode = fs::metadata(&app.config.secret_file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn no_table_is_forgotten() {
    let (trial, _app, file, key) = backed_up().await;
    let schema: BTreeSet<&str> = include_str!("../db/schema.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.strip_suffix(") {")?.split_once(" (").map(|(name, _)| name))
        .collect();
    assert!(schema.contains("follows") && schema.len() > 10);
    let (mut backed_up, mut parts) = (BTreeSet::new(), Vec::new());
    archive::read(&file, &key.opener(&file).unwrap(), &mut |piece| {
        parts.push(match &piece {
            Piece::Manifest(_) => "manifest",
            Piece::Rows { .. } => "rows",
            Piece::Secret(_) => "secret",
            Piece::Medium { .. } => "medium",
        });
        if let Piece::Rows { table, .. } = piece {
            backed_up.insert(table);
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(backed_up.iter().map(String::as_str).collect::<BTreeSet<_>>(), schema);
    assert_eq!((parts.first(), &parts[parts.len() - 3..]), (Some(&"manifest"), ["secret", "medium", "medium"].as_slice()));

    for trial in [Some(trial), Trial::postgres()].into_iter().flatten() {
        drop(crate::db::Db::open(&trial.url).unwrap());
        let mut conn = pool::open(&trial.url, pool::Use::Write).unwrap();
        let found: BTreeSet<String> = rows::tables(&mut conn).unwrap().into_iter().map(|table| table.name).collect();
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), schema);
        sql_query("CREATE TABLE brand_new (id BIGINT NOT NULL PRIMARY KEY)").execute(&mut conn).unwrap();
        assert!(rows::tables(&mut conn).unwrap().iter().any(|table| table.name == "brand_new"), "a new table is in by itself");
    }
}

#[tokio::test]
async fn large_tables_are_carried_in_pieces() {
    let trial = Trial::sqlite();
    let app = founded(&trial).await;
    let body = "x".repeat(30_000);
    app.db
        .write(move |conn| {
            let rows: Vec<_> = (0..100)
                .map(|number| {
                    let words = (activities::id.eq(format!("many {number}")), activities::actor.eq(""), activities::kind.eq(""));
                    let rest = (
                        activities::object.eq(""),
                        activities::body.eq(body.clone()),
                        activities::public.eq(true),
                        activities::published.eq(1),
                    );
                    (words, rest)
                })
                .collect();
            for row in rows {
                diesel::insert_into(activities::table).values(row).execute(conn)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let (identity, lock) = identity();
    let file = trial.folder().join("city.age");
    write(&app, &file, &lock).await.unwrap();
    let (to, mut pieces) = (Trial::sqlite(), 0);
    let key = key_in(to.folder(), &identity);
    archive::read(&file, &key.opener(&file).unwrap(), &mut |piece| {
        pieces += u32::from(matches!(piece, Piece::Rows { table, .. } if table == "activities"));
        Ok(())
    })
    .unwrap();
    assert_eq!(pieces, 3);
    read(&config(&to), &file, &key).await.unwrap();
    assert_eq!(dump(&config(&to))["activities"], dump(&app.config)["activities"]);
}

#[tokio::test]
async fn nothing_readable_touches_the_disk() {
    let (trial, app, file, _) = backed_up().await;
    let there: BTreeSet<String> =
        fs::read_dir(trial.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(there.contains("city.age") && !there.iter().any(|name| name.contains("partial")), "{there:?}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&file).unwrap();
    let contains = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let secret = fs::read(&app.config.secret_file).unwrap();
    for plain in [MISSION.as_bytes(), b"manifest.json", b"far.example", &secret, &[7; 64]] {
        assert!(!contains(&bytes, plain), "{}", String::from_utf8_lossy(plain));
    }
    assert!(bytes.len() > 3_000_000, "the picture is in it");
}

#[tokio::test]
async fn a_backup_overwrites_nothing_and_a_broken_off_one_leaves_nothing() {
    let (trial, app, file, _) = backed_up().await;
    let before = fs::read(&file).unwrap();
    let (_, lock) = identity();
    assert!(write(&app, &file, &lock).await.unwrap_err().to_string().contains("exists already"));
    assert_eq!(fs::read(&file).unwrap(), before);

    fs::remove_file(&app.config.secret_file).unwrap();
    let half = trial.folder().join("half.age");
    write(&app, &half, &lock).await.unwrap_err();
    assert!(fs::read_dir(trial.folder()).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().starts_with("half")));
}

#[tokio::test]
async fn a_passphrase_opens_and_another_one_does_not() {
    let (from, to) = (Trial::sqlite(), Trial::sqlite());
    let app = founded(&from).await;
    let file = from.folder().join("city.age");
    let short = Lock { passphrase_file: Some(passphrase_in(from.folder(), "too short")), ..Lock::default() };
    assert!(write(&app, &file, &short).await.unwrap_err().to_string().contains("12 characters"));

    let right = passphrase_in(from.folder(), "pots pans people square");
    write(&app, &file, &Lock { passphrase_file: Some(right.clone()), ..Lock::default() }).await.unwrap();
    let key = |path| Key { passphrase_file: Some(path), ..Key::default() };
    let sentence = refusal(&config(&to), &file, &key(passphrase_in(to.folder(), "pots pans people squarf"))).await;
    assert!(sentence.contains("does not open with this passphrase"), "{sentence}");
    assert!(!to.folder().join("data").exists(), "nothing was made");
    read(&config(&to), &file, &key(right)).await.unwrap();
}

#[tokio::test]
async fn who_has_no_key_is_told_what_is_missing() {
    let (trial, _app, file, _) = backed_up().await;
    let to = Trial::sqlite();
    assert!(refusal(&config(&to), &file, &Key::default()).await.contains("--identity"));
    let (other, _) = identity();
    assert!(refusal(&config(&to), &file, &key_in(to.folder(), &other)).await.contains("does not open"));
    let missing = Key { identities: vec![trial.folder().join("nothing here")], ..Key::default() };
    assert!(read(&config(&to), &file, &missing).await.unwrap_err().to_string().contains("nothing here"));
    for wrong in ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQQ"] {
        let lock = Lock { recipients: vec![wrong.into()], ..Lock::default() };
        assert!(matches!(lock.encryptor(), Err(Error::Invalid(sentence)) if sentence.contains("--recipient")), "{wrong}");
    }
    assert!(!to.folder().join("data").exists());
}

#[tokio::test]
async fn a_file_that_is_not_as_it_was_written_restores_nothing() {
    let (from, _app, file, key) = backed_up().await;
    let bytes = fs::read(&file).unwrap();
    let to = Trial::sqlite();
    let bad = from.folder().join("bad.age");
    let mut cases: Vec<(String, Vec<u8>)> = vec![("nothing".into(), vec![]), ("a poem".into(), b"Roses are red".to_vec())];
    for length in [1, 20, 100, 250, 70_000, bytes.len() / 2, bytes.len() - 1, bytes.len() - 17, bytes.len() - 1_000] {
        cases.push((format!("cut at {length}"), bytes[..length].to_vec()));
    }
    for place in [5, 60, 150, 205, 1_000, 66_000, bytes.len() / 2, bytes.len() - 1] {
        let mut flipped = bytes.clone();
        flipped[place] ^= 4;
        cases.push((format!("flipped at {place}"), flipped));
    }
    cases.push(("longer".into(), [bytes.as_slice(), b"x"].concat()));
    for (what, bytes) in cases {
        fs::write(&bad, bytes).unwrap();
        let sentence = refusal(&config(&to), &bad, &key).await;
        assert!(sentence.contains("damaged") || sentence.contains("does not open"), "{what}: {sentence}");
        assert!(!to.folder().join("data").exists(), "{what}: something was made");
    }
    assert!(refusal(&config(&to), &from.folder().join("no such file"), &key).await.contains("cannot be read"));
}

/// A backup as somebody else's program may have written it.
fn forged(folder: &Path, lock: &Lock, fill: impl FnOnce(&mut Archive)) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let file = folder.join(format!("forged {}.age", NUMBER.fetch_add(1, Ordering::Relaxed)));
    let mut archive = Archive::create(&file, lock).unwrap();
    fill(&mut archive);
    archive.finish().unwrap();
    file
}

#[tokio::test]
async fn what_this_program_does_not_know_is_refused() {
    let (trial, to) = (Trial::sqlite(), Trial::sqlite());
    let (identity, lock) = identity();
    let key = key_in(trial.folder(), &identity);
    drop(crate::db::Db::open(&trial.url).unwrap());
    let changes = rows::changes(&mut pool::open(&trial.url, pool::Use::Read).unwrap()).unwrap();
    let right = Manifest {
        format: FORMAT,
        plaza: "9.9.9".into(),
        origin: "http://localhost:8080".into(),
        written: "2026-11-23T00:00:00Z".into(),
        changes,
        rows: BTreeMap::new(),
    };
    let newer = Manifest { format: FORMAT + 1, ..right.clone() };
    let unknown_change = Manifest { changes: vec!["99991231000000".into()], ..right.clone() };
    let promises_rows = Manifest { rows: BTreeMap::from([("groups".into(), 1)]), ..right.clone() };
    let strange_table = Manifest { rows: BTreeMap::from([("sqlite_schema".into(), 1)]), ..right.clone() };
    let row = "{\"name\":\"a\",\"value\":\"b\"}";
    type Fill<'a> = Box<dyn FnOnce(&mut Archive) + 'a>;
    let cases: Vec<(&str, Fill<'_>, &str)> = vec![
        ("no manifest", Box::new(|a| a.add_secret(b"s").unwrap()), "damaged"),
        ("no secret", Box::new(|a| a.add_manifest(&right).unwrap()), "damaged"),
        (
            "a newer format",
            Box::new(|a| {
                a.add_manifest(&newer).unwrap();
                a.add_secret(b"s").unwrap();
            }),
            "newer Plaza (format 2",
        ),
        (
            "other changes",
            Box::new(|a| {
                a.add_manifest(&unknown_change).unwrap();
                a.add_secret(b"s").unwrap();
            }),
            "written by Plaza 9.9.9",
        ),
        (
            "fewer rows than promised",
            Box::new(|a| {
                a.add_manifest(&promises_rows).unwrap();
                a.add_secret(b"s").unwrap();
            }),
            "damaged",
        ),
        (
            "more rows than promised",
            Box::new(|a| {
                a.add_manifest(&right).unwrap();
                a.add_rows("settings", 1, row).unwrap();
                a.add_secret(b"s").unwrap();
            }),
            "damaged",
        ),
        (
            "a table that is none of ours",
            Box::new(|a| {
                a.add_manifest(&strange_table).unwrap();
                a.add_rows("sqlite_schema", 1, row).unwrap();
                a.add_secret(b"s").unwrap();
            }),
            "damaged",
        ),
        (
            "a picture outside its folder",
            Box::new(|a| {
                a.add_manifest(&right).unwrap();
                a.add_secret(b"s").unwrap();
                a.add_medium("deep/er.png", b"x").unwrap();
            }),
            "damaged",
        ),
    ];
    for (what, fill, part) in cases {
        let file = forged(trial.folder(), &lock, fill);
        let sentence = refusal(&config(&to), &file, &key).await;
        assert!(sentence.contains(part), "{what}: {sentence}");
        assert!(!to.folder().join("data/secret").exists() && !to.folder().join("data/media/er.png").exists(), "{what}");
    }
}

#[tokio::test]
async fn a_city_that_is_there_stays_as_it_is() {
    let (_from, app, file, key) = backed_up().await;
    for there in Trial::all() {
        let other = founded(&there).await;
        let before = (dump(&other.config), fs::read(&other.config.secret_file).unwrap());
        assert!(refusal(&other.config, &file, &key).await.contains("a city here already"));
        assert_eq!((dump(&other.config), fs::read(&other.config.secret_file).unwrap()), before);
    }
    let to = Trial::sqlite();
    let elsewhere = Config { origin: Some(crate::origin::Origin::parse("https://other.example").unwrap()), ..config(&to) };
    let sentence = refusal(&elsewhere, &file, &key).await;
    assert!(sentence.contains("other.example") && sentence.contains(&app.origin.to_string()), "{sentence}");
    assert!(!to.folder().join("data").exists());
}

#[tokio::test]
async fn a_place_that_was_only_opened_gives_way_but_not_under_a_running_server() {
    let (_from, app, file, key) = backed_up().await;
    let to = Trial::sqlite();
    let opened = App::open(config(&to), Clock::system()).await.unwrap();
    crate::actors::make_instance(&opened).await.unwrap();
    let serving = app::be_alone(&opened.config).unwrap();
    assert!(refusal(&opened.config, &file, &key).await.contains("already"));
    drop(serving);
    read(&opened.config, &file, &key).await.unwrap();
    let mut expected = dump(&app.config);
    expected.insert("hosts".into(), expected["hosts"].iter().map(|row| row.replace("8888", "0")).collect());
    assert_eq!(dump(&opened.config), expected, "the instance actor of the empty place is gone");
    assert_eq!(fs::read(&opened.config.secret_file).unwrap(), fs::read(&app.config.secret_file).unwrap());
}

#[tokio::test]
async fn a_restore_that_cannot_end_is_undone() {
    let (_from, _app, file, key) = backed_up().await;
    let to = Trial::sqlite();
    let opened = App::open(config(&to), Clock::system()).await.unwrap();
    let media = opened.config.data_dir.join("media");
    // the last picture of the backup meets another one of its name
    fs::write(media.join(SQUARE), b"another").unwrap();
    let before = (dump(&opened.config), fs::read(&opened.config.secret_file).unwrap());
    assert!(refusal(&opened.config, &file, &key).await.contains(SQUARE));
    assert_eq!((dump(&opened.config), fs::read(&opened.config.secret_file).unwrap()), before);
    assert!(!media.join(POT).exists());

    fs::remove_file(media.join(SQUARE)).unwrap();
    fs::remove_file(&opened.config.secret_file).unwrap();
    fs::create_dir(&opened.config.secret_file).unwrap();
    read(&opened.config, &file, &key).await.unwrap_err();
    assert_eq!(dump(&opened.config), before.0);
    assert!(!media.join(POT).exists() && matches!(opened.config.database, DatabaseUrl::Sqlite(_)));
}
