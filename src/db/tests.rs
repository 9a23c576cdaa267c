//! What the database promises to whoever writes, on every kind of database there is here.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl, connection::SimpleConnection, migration::MigrationSource, sql_query,
};
use futures_util::future::join_all;

use super::{
    Conn, Db, insert_new, is_unavailable, migrations, pool,
    schema::settings::dsl::{name, settings, value},
    trial::Trial,
};
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

fn put(conn: &mut Conn, key: &str, content: &str) -> QueryResult<usize> {
    diesel::insert_into(settings).values((name.eq(key), value.eq(content))).execute(conn)
}

fn get(conn: &mut Conn, key: &str) -> QueryResult<String> {
    settings.find(key).select(value).first(conn)
}

fn keys(conn: &mut Conn) -> QueryResult<Vec<String>> {
    settings.select(name).order(name).load(conn)
}

async fn kept(db: &Db) -> Vec<String> {
    db.read(|conn| Ok(keys(conn)?)).await.unwrap()
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:03}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_deeds_at_once_are_answered_and_kept() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        let deeds = numbered(300).into_iter().map(|key| db.write(move |conn| Ok(put(conn, &key, "here")?)));
        for answer in join_all(deeds).await {
            assert_eq!(answer.unwrap(), 1);
        }
        drop(db);
        assert_eq!(kept(&Db::open(&trial.url).unwrap()).await, numbered(300));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deeds_that_wait_share_a_transaction_and_nobody_sees_half_of_it() {
    let trial = Trial::sqlite();
    let db = Db::open(&trial.url).unwrap();
    let outside = Arc::new(Mutex::new(pool::open(&trial.url, pool::Use::Read).unwrap()));
    let deeds = numbered(300).into_iter().map(|key| {
        let outside = outside.clone();
        db.write(move |conn| {
            put(conn, &key, "here")?;
            let inside: i64 = settings.count().get_result(conn)?;
            let outside: i64 = settings.count().get_result(&mut *outside.lock().unwrap())?;
            Ok(inside - outside)
        })
    });
    let unseen: Vec<i64> = join_all(deeds).await.into_iter().map(Result::unwrap).collect();
    assert!(unseen.iter().all(|rows| *rows >= 1), "a deed is seen only once it is committed");
    assert!(unseen.iter().any(|rows| *rows > 1), "each of 300 deeds had a transaction of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deed_that_fails_or_panics_is_undone_alone() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let deeds = (0..120).map(|number| {
            let runs = runs.clone();
            db.write(move |conn| {
                runs.fetch_add(1, Ordering::SeqCst);
                put(conn, &format!("{number:03}"), "here")?;
                match number % 3 {
                    1 => Err(Error::refused("no")),
                    2 => panic!("a bug in deed {number}"),
                    _ => Ok(number),
                }
            })
        });
        for (number, answer) in join_all(deeds).await.into_iter().enumerate() {
            match (number % 3, answer) {
                (0, Ok(_)) | (1, Err(Error::Refused(_))) | (2, Err(Error::Broken(_))) => {}
                (_, other) => panic!("deed {number} was answered {other:?}"),
            }
        }
        let expected: Vec<String> = (0..120).step_by(3).map(|number| format!("{number:03}")).collect();
        assert_eq!(kept(&db).await, expected);
        if matches!(trial.url, DatabaseUrl::Sqlite(_)) {
            assert_eq!(runs.load(Ordering::SeqCst), 120, "others had to run again");
        }
        db.write(|conn| Ok(put(conn, "later", "here")?)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_deep_in_a_deed_undoes_that_deed() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        let deeds = (0..40).map(|number| {
            db.write(move |conn| {
                put(conn, &format!("{number:03}"), "here")?;
                Ok(insert_new(conn, |conn| {
                    put(conn, &format!("{number:03} within"), "here")?;
                    assert!(number % 4 != 3, "a bug in deed {number}");
                    Ok(1)
                })?)
            })
        });
        let done = join_all(deeds).await.iter().filter(|answer| matches!(answer, Ok(true))).count();
        assert_eq!((done, kept(&db).await.len()), (30, 60));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deeds_that_clash_come_out_as_if_one_after_the_other() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        db.write(|conn| Ok(put(conn, "count", "0")?)).await.unwrap();
        let deeds = (0..60).map(|_| {
            db.write(|conn| {
                let count: u32 = get(conn, "count")?.parse().map_err(Error::broken)?;
                Ok(diesel::update(settings.find("count")).set(value.eq((count + 1).to_string())).execute(conn)?)
            })
        });
        let mut done = 0;
        for answer in join_all(deeds).await {
            match answer {
                Ok(_) => done += 1,
                Err(error) => assert!(is_unavailable(&error), "{error}"),
            }
        }
        let count = db.read(|conn| Ok(get(conn, "count")?)).await.unwrap();
        assert_eq!(count, done.to_string(), "a count was lost");
        assert!(done >= 8, "only {done} of 60 got through");
    }
}

#[tokio::test]
async fn what_is_new_is_inserted_once_and_the_deed_goes_on() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        let outcome = db
            .write(|conn| {
                let first = insert_new(conn, |conn| put(conn, "once", "first"))?;
                let again = insert_new(conn, |conn| put(conn, "once", "again"))?;
                let broken = insert_new(conn, |conn| sql_query("INSERT INTO settings (name) VALUES ('half')").execute(conn));
                put(conn, "after", "here")?;
                Ok((first, again, broken.is_err(), get(conn, "once")?))
            })
            .await
            .unwrap();
        assert_eq!(outcome, (true, false, true, "first".to_owned()));
        assert_eq!(kept(&db).await, ["after", "once"]);
    }
}

#[tokio::test]
async fn whoever_reads_cannot_write() {
    let trial = Trial::sqlite();
    let db = Db::open(&trial.url).unwrap();
    let error = db.read(|conn| Ok(put(conn, "sly", "here")?)).await.unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
    assert!(kept(&db).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_write_at_once() {
    for trial in Trial::all() {
        let (here, there) = (Db::open(&trial.url).unwrap(), Db::open(&trial.url).unwrap());
        let deeds = numbered(200).into_iter().enumerate().map(|(number, key)| {
            let db = if number % 2 == 0 { &here } else { &there };
            db.write(move |conn| Ok(put(conn, &key, "here")?))
        });
        for answer in join_all(deeds).await {
            answer.unwrap();
        }
        assert_eq!(kept(&here).await, numbered(200));
        assert_eq!(kept(&there).await, numbered(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_of_success_was_kept_though_the_disk_is_full() {
    let trial = Trial::sqlite();
    let db = Db::open(&trial.url).unwrap();
    // the pages there are and some 40 more
    db.write(|conn| {
        let Conn::Sqlite(c) = conn else { unreachable!() };
        Ok(c.batch_execute("CREATE TABLE pages (count INTEGER); INSERT INTO pages SELECT page_count FROM pragma_page_count")?)
    })
    .await
    .unwrap();
    let pages =
        db.read(|conn| Ok(sql_query("SELECT count AS number FROM pages").get_result::<Number>(conn)?.number)).await.unwrap();
    db.write(move |conn| {
        let Conn::Sqlite(c) = conn else { unreachable!() };
        Ok(c.batch_execute(&format!("PRAGMA max_page_count = {}", pages + 40))?)
    })
    .await
    .unwrap();
    let large = "x".repeat(10_000);
    let deeds = numbered(60).into_iter().map(|key| {
        let large = large.clone();
        let answer = key.clone();
        db.write(move |conn| put(conn, &key, &large).map(|_| answer.clone()).map_err(Error::from))
    });
    let (mut told, mut failed) = (HashSet::new(), 0);
    for answer in join_all(deeds).await {
        match answer {
            Ok(key) => assert!(told.insert(key)),
            Err(error) => {
                assert!(is_unavailable(&error), "{error}");
                failed += 1;
            }
        }
    }
    assert!(failed > 0 && !told.is_empty(), "{failed} failed, {} were kept", told.len());
    assert_eq!(kept(&db).await.into_iter().collect::<HashSet<_>>(), told);
    assert!(!db.has_failed(), "a full disk is no broken disk");
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

#[tokio::test]
async fn a_deed_may_be_asked_for_by_someone_who_goes_away() {
    for trial in Trial::all() {
        let db = Db::open(&trial.url).unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let asked = tokio::spawn({
            let db = db.clone();
            async move {
                db.write(move |conn| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    Ok(put(conn, "left", "here")?)
                })
                .await
            }
        });
        // cancelled before or after it began: either way whole or not at all, and the next one is served
        asked.abort();
        let _ = asked.await;
        db.write(|conn| Ok(put(conn, "next", "here")?)).await.unwrap();
        let expected: &[&str] = if runs.load(Ordering::SeqCst) == 0 { &["next"] } else { &["left", "next"] };
        let there = kept(&db).await;
        assert!(there == expected || there == ["left", "next"], "{there:?}");
    }
}

#[test]
fn an_older_program_leaves_a_newer_database_alone() {
    for trial in Trial::all() {
        drop(Db::open(&trial.url).unwrap());
        let mut conn = pool::open(&trial.url, pool::Use::Write).unwrap();
        sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')").execute(&mut conn).unwrap();
        match Db::open(&trial.url).map(|_| ()) {
            Err(Error::Refused(sentence)) => {
                assert!(sentence.text.contains("newer Plaza") && sentence.text.contains("99991231000000"), "{sentence:?}")
            }
            other => panic!("{other:?}"),
        }
    }
}

fn names<DB: diesel::backend::Backend>(source: &impl MigrationSource<DB>) -> Vec<String> {
    source.migrations().unwrap().iter().map(|change| change.name().to_string()).collect()
}

#[test]
fn both_databases_go_through_the_same_changes() {
    let sqlite = names::<diesel::sqlite::Sqlite>(&migrations::SQLITE);
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names::<diesel::pg::Pg>(&migrations::POSTGRES));
}

#[test]
fn a_database_out_of_reach_says_so_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = DatabaseUrl::Sqlite(folder.path().join("no/such/folder/plaza.sqlite"));
    let error = Db::open(&nowhere).map(|_| ()).unwrap_err();
    assert!(is_unavailable(&error), "{error}");
    let nobody = DatabaseUrl::Postgres("postgres://plaza:geheim@127.0.0.1:1/plaza".into());
    let error = Db::open(&nobody).map(|_| ()).unwrap_err();
    assert!(is_unavailable(&error) && !error.to_string().contains("geheim"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
