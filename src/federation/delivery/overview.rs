//! What a caretaker sees of the queue and may do to it. Knows nothing of how deliveries are made.

use std::{collections::BTreeMap, time::Duration};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, QueryDsl, QueryResult, QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use serde::{Serialize, Serializer};

use super::forget_host;
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{deliveries, hosts},
    },
};

/// One host that something waits for, or that is in trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostQueue {
    pub host: String,
    pub waiting: i64,
    pub set_aside: i64,
    /// When the oldest of what waits was said.
    #[serde(serialize_with = "as_text")]
    pub oldest: Option<Timestamp>,
    #[serde(serialize_with = "as_text")]
    pub next_try: Option<Timestamp>,
    #[serde(serialize_with = "as_text")]
    pub failing_since: Option<Timestamp>,
    pub dead: bool,
    pub last_error: Option<String>,
    /// All of it in words.
    pub state: String,
}

fn as_text<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(Timestamp::rfc3339).serialize(serializer)
}

#[derive(QueryableByName)]
struct Heap {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = Nullable<Text>)]
    set_aside: Option<String>,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    oldest: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
}

/// What is known of a host itself.
#[derive(diesel::Queryable)]
struct HostRow {
    host: String,
    next_try: Timestamp,
    lease_until: Timestamp,
    failing_since: Option<Timestamp>,
    last_error: Option<String>,
    dead: bool,
}

/// The queue, host by host in the order of their names; of one host when it is named.
pub fn overview(conn: &mut Conn, now: Timestamp, host: Option<&str>) -> QueryResult<Vec<HostQueue>> {
    let heaps: Vec<Heap> = diesel::sql_query(
        "SELECT d.host, d.set_aside, count(*) AS number, min(a.published) AS oldest, max(d.last_error) AS last_error \
         FROM deliveries d JOIN activities a ON a.sequence = d.activity WHERE $1 = '' OR d.host = $1 \
         GROUP BY d.host, d.set_aside ORDER BY d.host, d.set_aside",
    )
    .bind::<Text, _>(host.unwrap_or_default())
    .load(conn)?;
    let rows: Vec<HostRow> = hosts::table
        .filter(hosts::host.eq(host.unwrap_or_default()).or(host.is_none().into_sql::<Bool>()))
        .select((hosts::host, hosts::next_try, hosts::lease_until, hosts::failing_since, hosts::last_error, hosts::dead))
        .load(conn)?;

    let mut queues: BTreeMap<String, (HostQueue, Vec<String>)> = BTreeMap::new();
    for heap in heaps {
        let (queue, reasons) = queues.entry(heap.host).or_default();
        match heap.set_aside {
            Some(why) => {
                queue.set_aside += heap.number;
                reasons.push(format!("set aside {}: {why}", heap.number));
            }
            None => {
                queue.waiting = heap.number;
                queue.oldest = Some(heap.oldest);
                queue.last_error = heap.last_error;
            }
        }
    }
    let mut held = BTreeMap::new();
    for row in rows {
        held.insert(row.host.clone(), row.lease_until > now);
        let (queue, _) = queues.entry(row.host).or_default();
        queue.next_try = Some(row.next_try).filter(|at| *at < Timestamp::NEVER);
        queue.failing_since = row.failing_since;
        queue.dead = row.dead;
        queue.last_error = row.last_error.or(queue.last_error.take());
    }
    Ok(queues
        .into_iter()
        .map(|(host, (mut queue, reasons))| {
            let waiting = waits(&queue, held.get(&host).copied().unwrap_or(false), now);
            queue.state = waiting.into_iter().chain(reasons).collect::<Vec<_>>().join("; ");
            HostQueue { host, ..queue }
        })
        .filter(|queue| !queue.state.is_empty())
        .collect())
}

fn waits(queue: &HostQueue, held: bool, now: Timestamp) -> Option<String> {
    let error = queue.last_error.as_deref().unwrap_or("no answer");
    let since = queue.failing_since.map(|since| format!("since {} ({})", day(since), span(now.since(since))));
    if queue.dead {
        let since = since.map(|since| format!("failing {since}: ")).unwrap_or_default();
        return Some(format!("given up, {since}{error}; nothing is sent there until it writes to us or you retry it"));
    }
    let next = match queue.next_try {
        _ if held => "being delivered now".to_owned(),
        Some(at) if at > now => format!("next try in {}", span(at.since(now))),
        _ => "next try now".to_owned(),
    };
    match (queue.waiting, since) {
        (0, None) => None,
        (0, Some(since)) => Some(format!("nothing waiting, failing {since}: {error}")),
        (waiting, Some(since)) => Some(format!("waiting {waiting}, failing {since}: {error}; {next}")),
        (waiting, None) => match &queue.last_error {
            Some(error) => Some(format!("waiting {waiting}, some failed before: {error}; {next}")),
            None => Some(format!("waiting {waiting}; {next}")),
        },
    }
}

/// `Tue 24 Nov 14:00 UTC`
fn day(time: Timestamp) -> String {
    time.utc().format("%a %-d %b %H:%M UTC").to_string()
}

/// In the largest unit of which there is at least one, rounded down.
fn span(time: Duration) -> String {
    let plural = |number: u64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..86_400 => format!("{} h", seconds / 3600),
        seconds => plural(seconds / 86_400, "day"),
    }
}

/// Makes everything due at once, also what was set aside and hosts given up on; of one host when it is named. Says how many
/// deliveries wait now. What was set aside and deleted since stays unsaid.
pub fn retry(conn: &mut Conn, now: Timestamp, host: Option<&str>) -> QueryResult<usize> {
    let name = host.unwrap_or_default();
    diesel::sql_query(
        "DELETE FROM deliveries WHERE set_aside IS NOT NULL AND ($1 = '' OR host = $1) AND EXISTS (SELECT 1 FROM activities a \
         JOIN activities b ON b.object = a.object AND b.sequence > a.sequence AND b.kind = 'Delete' \
         WHERE a.sequence = deliveries.activity)",
    )
    .bind::<Text, _>(name)
    .execute(conn)?;
    let afresh = (
        deliveries::not_before.eq(0),
        deliveries::tries.eq(0),
        deliveries::first_try.eq(None::<i64>),
        deliveries::status.eq(None::<i64>),
        deliveries::last_error.eq(None::<&str>),
        deliveries::set_aside.eq(None::<&str>),
    );
    let these = deliveries::table.filter(deliveries::host.eq(name).or(host.is_none().into_sql::<Bool>()));
    let waiting = diesel::update(these).set(afresh).execute(conn)?;
    diesel::sql_query(
        "INSERT INTO hosts (host, next_try, lease_until, fails, dead, scheme) \
         SELECT DISTINCT d.host, CAST($1 AS BIGINT), 0, 0, false, 'cavage' FROM deliveries d WHERE $2 = '' OR d.host = $2 ORDER BY 1 \
         ON CONFLICT (host) DO UPDATE SET next_try = excluded.next_try, fails = 0, failing_since = NULL, last_error = NULL, dead = false",
    )
    .bind::<BigInt, _>(now)
    .bind::<Text, _>(name)
    .execute(conn)?;
    let without = hosts::host.ne_all(deliveries::table.select(deliveries::host)).and(hosts::scheme.eq("cavage"));
    diesel::delete(hosts::table.filter(hosts::host.eq(name).or(host.is_none().into_sql::<Bool>())).filter(without))
        .execute(conn)?;
    Ok(waiting)
}

/// Gives up all that waits for a host or was set aside; without a host, what was set aside anywhere. Says how many
/// deliveries that were.
pub fn forget(conn: &mut Conn, host: Option<&str>) -> QueryResult<usize> {
    match host {
        Some(host) => forget_host(conn, host),
        None => diesel::delete(deliveries::table.filter(deliveries::set_aside.is_not_null())).execute(conn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short_words() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (7200, "2 h"),
            (86_399, "23 h"),
            (86_400, "1 day"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), words);
        }
        assert_eq!(day(Timestamp::from_seconds(1_795_528_800)), "Tue 24 Nov 14:00 UTC");
    }

    #[test]
    fn a_tired_person_understands_the_state() {
        let now = Timestamp::from_seconds(1_795_528_800);
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let queue = HostQueue { waiting: 12, ..HostQueue::default() };
        let failing = HostQueue {
            failing_since: Some(now - hours(72)),
            last_error: Some("connection refused".into()),
            next_try: Some(now + hours(2)),
            ..queue.clone()
        };
        let table = [
            (queue.clone(), false, "waiting 12; next try now"),
            (queue, true, "waiting 12; being delivered now"),
            (
                failing.clone(),
                false,
                "waiting 12, failing since Sat 21 Nov 14:00 UTC (3 days): connection refused; next try in 2 h",
            ),
            (
                HostQueue { waiting: 0, dead: true, next_try: None, ..failing },
                false,
                "given up, failing since Sat 21 Nov 14:00 UTC (3 days): connection refused; nothing is sent there until it writes \
                 to us or you retry it",
            ),
        ];
        for (queue, held, words) in table {
            assert_eq!(waits(&queue, held, now).as_deref(), Some(words));
        }
        assert_eq!(waits(&HostQueue::default(), false, now), None);
    }
}
