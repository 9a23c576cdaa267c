//! What the database says of itself, of the queue and of the last backup. Looks, and neither makes nor changes anything.

use std::{fs, path::Path, time::Duration};

use diesel::{ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, sql_types::Text};
use unic_langid::LanguageIdentifier;

use super::{finding::Finding, phrase::Phrase};
use crate::{
    app, backup,
    clock::Timestamp,
    config::{Config, DatabaseUrl},
    db::{
        Conn,
        migrations::{self, Standing},
        pool,
        schema::hosts,
    },
    error::{Error, Result},
    federation::delivery::overview::{self, HostQueue},
    members,
    origin::Origin,
};

/// Looking through a larger file would take too long.
const LARGEST_CHECKED: u64 = 2 << 30;
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// Hosts whose clocks are asked for.
const HOSTS: i64 = 3;

/// What is in the database.
pub struct Records {
    pub findings: Vec<Finding>,
    /// In force, where a city is there.
    pub origin: Option<Origin>,
    /// Some whom the city has met, the well before the ailing.
    pub met: Vec<String>,
    /// The place's own, where one was chosen.
    pub language: Option<LanguageIdentifier>,
}

/// `asleep`: no server runs.
pub fn read(config: &Config, now: Timestamp, asleep: bool) -> Records {
    let database = match missing(&config.database) {
        Some(finding) => Err(finding),
        None => pool::look(&config.database, asleep).map_err(|error| {
            Finding::bad("database", Phrase::new("doctor-broken").with("error", why(&error)), "doctor-database-closed-do")
        }),
    };
    let looked = database.and_then(|mut conn| look(&mut conn, config, now).map_err(|error| unreadable(&why(&error))));
    looked.unwrap_or_else(|finding| half(finding, "doctor-why-unreadable", None))
}

fn missing(database: &DatabaseUrl) -> Option<Finding> {
    match database {
        DatabaseUrl::Sqlite(path) if matches!(fs::exists(path), Ok(false)) => Some(Finding::bad(
            "database",
            Phrase::new("doctor-database-missing").with("path", path.display()),
            "doctor-database-missing-do",
        )),
        _ => None,
    }
}

/// Without the words for strangers.
fn why(error: &Error) -> String {
    match error {
        Error::Broken(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

fn unreadable(why: &str) -> Finding {
    Finding::bad("database", Phrase::new("doctor-broken").with("error", why), "doctor-database-unreadable-do")
}

fn look(conn: &mut Conn, config: &Config, now: Timestamp) -> Result<Records> {
    let health = health(conn, config)?;
    let standing = match migrations::standing(conn) {
        Ok(standing) => standing,
        Err(_) => {
            let found = Phrase::new("doctor-database-empty").with_phrase("health", health);
            let finding = Finding::bad("database", found, "doctor-database-empty-do");
            return Ok(half(finding, "doctor-why-no-city", None));
        }
    };
    match standing {
        Standing::Newer(change) => {
            let found = Phrase::new("doctor-database-newer").with_phrase("health", health).with("change", change);
            let finding = Finding::bad("database", found, "doctor-database-newer-do");
            Ok(half(finding, "doctor-why-newer", app::kept_origin(conn)?))
        }
        Standing::Older(missing) => {
            let found = Phrase::new("doctor-database-older").with_phrase("health", health).with("missing", missing);
            let finding = Finding::warn("database", found, "doctor-database-older-do");
            Ok(half(finding, "doctor-why-older", app::kept_origin(conn)?))
        }
        Standing::Current => {
            let queue = judge_queue(&overview::overview(conn, now, None)?, now);
            let backup = judge_backup(backup::last(conn)?, now);
            let caretakers = judge_caretakers(members::store::caretakers(conn)?.len(), members::store::count(conn)?);
            let database = Finding::ok("database", Phrase::new("doctor-database-current").with_phrase("health", health));
            let findings = vec![database, queue, backup, caretakers];
            let language = app::kept_language(conn)?;
            Ok(Records { findings, origin: app::kept_origin(conn)?, met: met(conn)?, language })
        }
    }
}

fn half(finding: Finding, why: &str, origin: Option<Origin>) -> Records {
    let unchecked = ["queue", "backup", "caretakers"].map(|what| Finding::unchecked(what, Phrase::new(why)));
    let findings = std::iter::once(finding).chain(unchecked).collect();
    Records { findings, origin, met: Vec::new(), language: None }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn first(conn: &mut Conn, query: &str) -> Result<String> {
    Ok(diesel::sql_query(query).get_result::<Line>(conn)?.line)
}

/// Kind and size; an error when something is wrong with it.
fn health(conn: &mut Conn, config: &Config) -> Result<Phrase> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        let version = first(conn, "SELECT current_setting('server_version') AS line")?;
        let bytes = first(conn, "SELECT CAST(pg_database_size(current_database()) AS TEXT) AS line")?;
        let found = Phrase::new("doctor-database-postgres").with("version", version);
        return Ok(found.with_size("size", bytes.parse().unwrap_or(0)));
    };
    let mut journal = path.clone().into_os_string();
    journal.push("-wal");
    let (bytes, journal) = (length(path), length(Path::new(&journal)));
    if bytes > LARGEST_CHECKED {
        return Ok(Phrase::new("doctor-database-large").with_size("size", bytes).with_size("journal", journal));
    }
    match first(conn, "SELECT quick_check AS line FROM pragma_quick_check LIMIT 1")?.as_str() {
        "ok" => Ok(Phrase::new("doctor-database-sound").with_size("size", bytes).with_size("journal", journal)),
        damage => Err(Error::refused(format!("SQLite, damaged: {damage}"))),
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

fn met(conn: &mut Conn) -> Result<Vec<String>> {
    let known = hosts::table.filter(hosts::dead.eq(false)).order((hosts::fails, hosts::host)).limit(HOSTS);
    Ok(known.select(hosts::host).load(conn)?)
}

fn judge_queue(queues: &[HostQueue], now: Timestamp) -> Finding {
    let waiting: Vec<&HostQueue> = queues.iter().filter(|queue| queue.waiting > 0).collect();
    let failing = queues.iter().filter(|queue| queue.failing_since.is_some() && !queue.dead).count();
    let dead = queues.iter().filter(|queue| queue.dead).count();
    let with_trouble = |found: Phrase| match (failing, dead) {
        (0, 0) => found,
        _ => Phrase::new("doctor-queue-trouble").with_phrase("found", found).with("failing", failing).with("dead", dead),
    };
    let Some(oldest) = waiting.iter().filter_map(|queue| queue.oldest).min() else {
        return Finding::ok("queue", with_trouble(Phrase::new("doctor-queue-empty")));
    };
    let (age, count) = (now.since(oldest), waiting.iter().map(|queue| queue.waiting).sum::<i64>());
    let found = with_trouble(Phrase::new("doctor-queue-waits").with("count", count).with_span("age", age));
    if age <= HOUR {
        return Finding::ok("queue", found);
    }
    let all_fail = waiting.iter().all(|queue| queue.failing_since.is_some());
    if age > 3 * DAY && all_fail {
        return Finding::bad("queue", found, "doctor-queue-none-do");
    }
    Finding::warn("queue", found, "doctor-queue-slow-do")
}

fn judge_backup(last: Option<Timestamp>, now: Timestamp) -> Finding {
    let (advice, old) = ("doctor-backup-do", |age| Phrase::new("doctor-backup-age").with_span("age", age));
    match last.map(|last| now.since(last)) {
        None => Finding::warn("backup", Phrase::new("doctor-backup-none"), advice),
        Some(age) if age > 8 * DAY => Finding::warn("backup", old(age), advice),
        Some(age) => Finding::ok("backup", old(age)),
    }
}

/// Nothing hangs on one person.
fn judge_caretakers(caretakers: usize, members: i64) -> Finding {
    let what = "caretakers";
    match (caretakers, members) {
        (_, 0) => Finding::warn(what, Phrase::new("doctor-caretakers-nobody"), "doctor-caretakers-nobody-do"),
        (0, _) => Finding::warn(what, Phrase::new("doctor-caretakers-none"), "doctor-caretakers-none-do"),
        (1, _) => Finding::warn(what, Phrase::new("doctor-caretakers-one"), "doctor-caretakers-one-do"),
        (several, _) => Finding::ok(what, Phrase::new("doctor-caretakers-some").with("number", several)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_queue_is_bad_only_when_it_is_our_own_failing() {
        let now = Timestamp::from_seconds(1_795_528_800);
        let queue = |age: Duration, failing: bool| HostQueue {
            waiting: 2,
            oldest: Some(now - age),
            failing_since: failing.then_some(now - age),
            ..HostQueue::default()
        };
        let second = Duration::from_secs(1);
        let table = [
            (vec![], Grade::Ok),
            (vec![queue(HOUR, true)], Grade::Ok),
            (vec![queue(HOUR + second, false)], Grade::Warn),
            (vec![queue(3 * DAY, true)], Grade::Warn),
            (vec![queue(3 * DAY + second, true)], Grade::Bad),
            (vec![queue(3 * DAY + second, true), queue(second, false)], Grade::Warn),
            (vec![HostQueue { dead: true, failing_since: Some(now), ..HostQueue::default() }], Grade::Ok),
        ];
        for (queues, grade) in table {
            assert_eq!(judge_queue(&queues, now).grade, grade, "{queues:?}");
        }
    }

    #[test]
    fn a_backup_is_wanted_every_week() {
        let now = Timestamp::from_seconds(1_795_528_800);
        let judged = |age| judge_backup(Some(now - age), now).grade;
        assert_eq!([judged(HOUR), judged(8 * DAY), judged(8 * DAY + HOUR)], [Grade::Ok, Grade::Ok, Grade::Warn]);
        assert_eq!(judge_backup(None, now).grade, Grade::Warn);
    }
}
