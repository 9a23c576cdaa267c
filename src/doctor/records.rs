//! What the database says of itself, of the queue and of the last backup. Looks, and neither makes nor changes anything.

use std::{fs, path::Path, time::Duration};

use diesel::{ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, sql_types::Text};

use super::finding::{Finding, size, span};
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
}

/// `asleep`: no server runs.
pub fn read(config: &Config, now: Timestamp, asleep: bool) -> Records {
    let database = match missing(&config.database) {
        Some(finding) => Err(finding),
        None => pool::look(&config.database, asleep).map_err(|error| {
            let advice = "look at PLAZA_DATABASE_URL, at the rights of the file, and whether the database server runs";
            Finding::bad("database", why(&error), advice)
        }),
    };
    let looked = database.and_then(|mut conn| look(&mut conn, config, now).map_err(|error| unreadable(&why(&error))));
    looked.unwrap_or_else(|finding| {
        let why = "the database cannot be read";
        let unchecked = ["queue", "backup", "caretakers"].map(|what| Finding::unchecked(what, why));
        let findings = std::iter::once(finding).chain(unchecked).collect();
        Records { findings, origin: None, met: Vec::new() }
    })
}

fn missing(database: &DatabaseUrl) -> Option<Finding> {
    match database {
        DatabaseUrl::Sqlite(path) if matches!(fs::exists(path), Ok(false)) => Some(Finding::bad(
            "database",
            format!("there is no city here: {} is missing", path.display()),
            "plaza serve makes one; if there should be one, look at PLAZA_DATA_DIR",
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
    Finding::bad("database", why, "restore a backup into an empty place (plaza restore), and look at the disk")
}

fn look(conn: &mut Conn, config: &Config, now: Timestamp) -> Result<Records> {
    let health = health(conn, config)?;
    let standing = match migrations::standing(conn) {
        Ok(standing) => standing,
        Err(_) => {
            let finding = Finding::bad("database", format!("{health}, but no city is in it"), "plaza serve makes one");
            return Ok(half(finding, "no city is there", None));
        }
    };
    match standing {
        Standing::Newer(change) => {
            let found = format!("{health}, written by a newer Plaza (change {change} is unknown here)");
            let advice = "start the newer program, or restore a backup made before";
            Ok(half(Finding::bad("database", found, advice), "the tables are newer", app::kept_origin(conn)?))
        }
        Standing::Older(missing) => {
            let found = format!("{health}, tables older than this program ({missing} changes to come)");
            let advice = "back up, then start plaza serve again, which brings them up to date";
            Ok(half(Finding::warn("database", found, advice), "the tables are older", app::kept_origin(conn)?))
        }
        Standing::Current => {
            let queue = judge_queue(&overview::overview(conn, now, None)?, now);
            let backup = judge_backup(backup::last(conn)?, now);
            let caretakers = judge_caretakers(members::store::caretakers(conn)?.len(), members::store::count(conn)?);
            let findings = vec![Finding::ok("database", format!("{health}, tables up to date")), queue, backup, caretakers];
            Ok(Records { findings, origin: app::kept_origin(conn)?, met: met(conn)? })
        }
    }
}

fn half(finding: Finding, why: &str, origin: Option<Origin>) -> Records {
    let unchecked = ["queue", "backup", "caretakers"].map(|what| Finding::unchecked(what, why));
    let findings = std::iter::once(finding).chain(unchecked).collect();
    Records { findings, origin, met: Vec::new() }
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
fn health(conn: &mut Conn, config: &Config) -> Result<String> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        let version = first(conn, "SELECT current_setting('server_version') AS line")?;
        let bytes = first(conn, "SELECT CAST(pg_database_size(current_database()) AS TEXT) AS line")?;
        return Ok(format!("PostgreSQL {version}, {}", size(bytes.parse().unwrap_or(0))));
    };
    let mut journal = path.clone().into_os_string();
    journal.push("-wal");
    let (bytes, journal) = (length(path), length(Path::new(&journal)));
    if bytes > LARGEST_CHECKED {
        return Ok(format!("SQLite, {} (too large to be looked through here), journal {}", size(bytes), size(journal)));
    }
    match first(conn, "SELECT quick_check AS line FROM pragma_quick_check LIMIT 1")?.as_str() {
        "ok" => Ok(format!("SQLite, sound, {}, journal {}", size(bytes), size(journal))),
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
    let trouble = match (failing, dead) {
        (0, 0) => String::new(),
        _ => format!("; hosts failing {failing}, given up {dead}"),
    };
    let Some(oldest) = waiting.iter().filter_map(|queue| queue.oldest).min() else {
        return Finding::ok("queue", format!("nothing waits{trouble}"));
    };
    let (age, count) = (now.since(oldest), waiting.iter().map(|queue| queue.waiting).sum::<i64>());
    let found = format!("{count} wait, the oldest for {}{trouble}", span(age));
    if age <= HOUR {
        return Finding::ok("queue", found);
    }
    let all_fail = waiting.iter().all(|queue| queue.failing_since.is_some());
    if age > 3 * DAY && all_fail {
        let advice = "no host takes anything: look at the way out of this machine, DNS and firewall, then plaza queue show";
        return Finding::bad("queue", found, advice);
    }
    Finding::warn("queue", found, "plaza queue show says for whom and why; is the server running?")
}

fn judge_backup(last: Option<Timestamp>, now: Timestamp) -> Finding {
    let advice = "plaza backup FILE --recipient age1…, nightly, and keep it on another machine";
    match last.map(|last| now.since(last)) {
        None => Finding::warn("backup", "none was made yet", advice),
        Some(age) if age > 8 * DAY => Finding::warn("backup", format!("the last one is {} old", span(age)), advice),
        Some(age) => Finding::ok("backup", format!("the last one is {} old", span(age))),
    }
}

/// Nothing hangs on one person.
fn judge_caretakers(caretakers: usize, members: i64) -> Finding {
    let what = "caretakers";
    match (caretakers, members) {
        (_, 0) => Finding::warn(what, "nobody has an account yet", "plaza member start-link prints a link to the first one"),
        (0, _) => Finding::warn(what, "nobody looks after the place", "plaza member caretaker NAME on"),
        (1, _) => {
            Finding::warn(what, "one person alone", "name a second one: plaza member caretaker NAME on, or at /care/members")
        }
        (several, _) => Finding::ok(what, format!("{several} people look after the place")),
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
