//! The rows of hosts and what waits for each: claiming hosts by lease, reading what is due, giving hosts back. Sends nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, QueryableByName, RunQueryDsl, dsl,
    sql_types::{BigInt, Nullable, Text},
};

use super::{forget_host, policy::Past, round::Row};
use crate::{
    blocks::store::domains,
    clock::Timestamp,
    db::{
        Conn,
        schema::{blocks, deliveries, follows, former_inboxes, hosts},
    },
    federation::signature::Scheme,
};

/// So long a host belongs to the worker that claimed it, unless renewed.
pub const LEASE: Duration = Duration::from_secs(30);
/// Hosts claimed at once.
const CLAIM: i64 = 64;
/// Deliveries of one host read at once: the oldest, and the newest that others' backlogs need not hold up.
const OLDEST: i64 = 40;
const NEWEST: i64 = 10;
/// Failures are remembered so long after the last delivery to that host is gone.
const MEMORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Which hosts are claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Those that are due longest: fair to hosts.
    Oldest,
    /// The latest of those that fell due after this: so that one group's flood does not hold up another's word.
    After(Timestamp),
}

/// A host that is ours until `lease`.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claim {
    #[diesel(sql_type = Text)]
    pub host: String,
    #[diesel(sql_type = BigInt)]
    pub next_try: Timestamp,
    #[diesel(sql_type = BigInt)]
    pub lease_until: Timestamp,
    #[diesel(sql_type = BigInt)]
    pub fails: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub failing_since: Option<Timestamp>,
    /// See [`Scheme`].
    #[diesel(sql_type = Text)]
    pub scheme: String,
}

/// Is any host due? Reads little of an index.
pub fn any_due(conn: &mut Conn, now: Timestamp) -> QueryResult<bool> {
    let lapsed = hosts::lease_until.le(now.micros()).or(hosts::lease_until.gt((now + 2 * LEASE).micros()));
    dsl::select(dsl::exists(hosts::table.filter(hosts::next_try.le(now.micros()).and(lapsed)))).get_result(conn)
}

/// Takes due hosts for [`LEASE`]; what waits for blocked ones is dropped. A lease that ends in the far future was given under a
/// clock that has been set back since, and counts as over.
pub fn claim(conn: &mut Conn, now: Timestamp, order: Order) -> QueryResult<Vec<Claim>> {
    let (after, direction) = match order {
        Order::Oldest => (Timestamp::from_micros(i64::MIN), "ASC"),
        Order::After(time) => (time, "DESC"),
    };
    // SQLite has one writer at a time and needs no row locks
    let locking = match conn {
        Conn::Sqlite(_) => "",
        Conn::Postgres(_) => "FOR UPDATE SKIP LOCKED",
    };
    let claims: Vec<Claim> = diesel::sql_query(format!(
        "UPDATE hosts SET lease_until = $1 WHERE host IN (SELECT host FROM hosts WHERE next_try <= $2 AND next_try > $3 \
         AND (lease_until <= $2 OR lease_until > $4) ORDER BY next_try {direction} LIMIT $5 {locking}) \
         RETURNING host, next_try, lease_until, fails, failing_since, scheme"
    ))
    .bind::<BigInt, _>(now + LEASE)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(now + 2 * LEASE)
    .bind::<BigInt, _>(CLAIM)
    .load(conn)?;
    let blocked = blocked(conn, &claims)?;
    for host in &blocked {
        forget_host(conn, host)?;
    }
    Ok(claims.into_iter().filter(|claim| !blocked.contains(&claim.host)).collect())
}

/// Those hosts that are blocked, by their own name or with a domain above it.
fn blocked(conn: &mut Conn, claims: &[Claim]) -> QueryResult<HashSet<String>> {
    let names = |host: &str| [vec![host.to_owned()], domains(without_port(host))].concat();
    let all: Vec<String> = claims.iter().flat_map(|claim| names(&claim.host)).collect();
    let targets: HashSet<String> =
        blocks::table.filter(blocks::target.eq_any(all)).select(blocks::target).load(conn)?.into_iter().collect();
    let hit = |claim: &&Claim| names(&claim.host).iter().any(|name| targets.contains(name));
    Ok(claims.iter().filter(hit).map(|claim| claim.host.clone()).collect())
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    inbox: String,
    #[diesel(sql_type = BigInt)]
    activity: i64,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    object: String,
    #[diesel(sql_type = BigInt)]
    tries: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first_try: Option<Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    status: Option<i64>,
}

// `CROSS JOIN` below keeps SQLite from walking through all that waits for an inbox: the activities about one object are few
const COLUMNS: &str = "SELECT d.id, d.inbox, d.activity, a.actor, a.object, d.tries, d.first_try, d.status \
    FROM deliveries d JOIN activities a ON a.sequence = d.activity";

/// What is due for a host, in the order in which it should go out. Nothing that would overtake an earlier activity about the
/// same object on its way to the same inbox is due.
pub fn due_deliveries(conn: &mut Conn, host: &str, now: Timestamp) -> QueryResult<Vec<Row>> {
    let oldest = oldest_due(conn, host, now, OLDEST)?;
    let mut rows = Vec::new();
    if let Some(last) = oldest.last().filter(|_| i64::try_from(oldest.len()) == Ok(OLDEST)) {
        let actors: HashSet<&str> = oldest.iter().map(|row| row.actor.as_str()).collect();
        rows = newest_due(conn, host, now, last.id)?;
        rows.retain(|row| !actors.contains(row.actor.as_str()));
        rows.reverse();
    }
    rows.extend(oldest);
    let mut objects: HashSet<Arc<str>> = HashSet::new();
    Ok(rows.into_iter().map(|row| row.interned(&mut objects)).collect())
}

fn oldest_due(conn: &mut Conn, host: &str, now: Timestamp, limit: i64) -> QueryResult<Vec<DueRow>> {
    diesel::sql_query(format!(
        "{COLUMNS} WHERE d.host = $1 AND d.set_aside IS NULL AND d.not_before <= $2 \
         AND NOT EXISTS (SELECT 1 FROM activities b CROSS JOIN deliveries e WHERE b.object = a.object AND e.activity = b.sequence \
         AND b.sequence < a.sequence AND e.inbox = d.inbox AND e.set_aside IS NULL AND e.not_before > $2) \
         ORDER BY d.id LIMIT $3"
    ))
    .bind::<Text, _>(host)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// From the end of a long queue, newest first: those with nothing before them about the same object.
fn newest_due(conn: &mut Conn, host: &str, now: Timestamp, after: i64) -> QueryResult<Vec<DueRow>> {
    diesel::sql_query(format!(
        "{COLUMNS} WHERE d.host = $1 AND d.id > $2 AND d.set_aside IS NULL AND d.not_before <= $3 \
         AND NOT EXISTS (SELECT 1 FROM activities b CROSS JOIN deliveries e WHERE b.object = a.object AND e.activity = b.sequence \
         AND b.sequence < a.sequence AND e.inbox = d.inbox AND e.set_aside IS NULL) \
         ORDER BY d.id DESC LIMIT $4"
    ))
    .bind::<Text, _>(host)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(NEWEST)
    .load(conn)
}

impl DueRow {
    fn interned(self, objects: &mut HashSet<Arc<str>>) -> Row {
        let object = objects.get(self.object.as_str()).cloned().unwrap_or_else(|| self.object.into());
        objects.insert(object.clone());
        let past = Past { tries: self.tries, first_try: self.first_try, status: self.status };
        Row { id: self.id, inbox: self.inbox.into(), activity: self.activity, object, past }
    }
}

/// How a host did while we held it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Well,
    /// We learnt nothing new.
    Same,
    Failing {
        fails: i64,
        since: Timestamp,
        next_try: Timestamp,
        error: String,
    },
    /// Gave up on it; what waited is dropped.
    Dead {
        error: String,
    },
}

/// Gives a host back, if it is still ours.
pub fn release(conn: &mut Conn, now: Timestamp, host: &str, lease: Timestamp, health: &Health) -> QueryResult<()> {
    let ours = hosts::table.filter(hosts::host.eq(host)).filter(hosts::lease_until.eq(lease.micros()));
    let returned = hosts::lease_until.eq(0);
    let held = match health {
        Health::Well => {
            let clean = (hosts::fails.eq(0), hosts::failing_since.eq(None::<i64>), hosts::last_error.eq(None::<&str>));
            diesel::update(ours).set((returned, clean)).execute(conn)?
        }
        Health::Same => diesel::update(ours).set(returned).execute(conn)?,
        Health::Failing { fails, since, next_try, error } => {
            let record = (hosts::fails.eq(fails), hosts::failing_since.eq(since.micros()), hosts::last_error.eq(error));
            diesel::update(ours).set((returned, record, hosts::next_try.eq(next_try.micros()))).execute(conn)?
        }
        Health::Dead { error } => {
            let record = (hosts::dead.eq(true), hosts::next_try.eq(Timestamp::NEVER.micros()), hosts::last_error.eq(error));
            let held = diesel::update(ours).set((returned, record)).execute(conn)?;
            if held > 0 {
                diesel::delete(deliveries::table.filter(deliveries::host.eq(host))).execute(conn)?;
            }
            held
        }
    };
    match health {
        Health::Well | Health::Same if held > 0 => schedule(conn, now, host),
        _ => Ok(()),
    }
}

/// Sets when a host is next due by what waits for it; one that nothing waits for and nothing is known of leaves no row.
fn schedule(conn: &mut Conn, now: Timestamp, host: &str) -> QueryResult<()> {
    if !oldest_due(conn, host, now, 1)?.is_empty() {
        // it keeps its place in the order, or the better one it was given meanwhile
        return Ok(());
    }
    let waiting = deliveries::table.filter(deliveries::host.eq(host)).filter(deliveries::set_aside.is_null());
    let next: Option<i64> =
        waiting.filter(deliveries::not_before.gt(now.micros())).select(dsl::min(deliveries::not_before)).first(conn)?;
    let row = hosts::table.filter(hosts::host.eq(host));
    diesel::update(row).set(hosts::next_try.eq(next.unwrap_or(Timestamp::NEVER.micros()))).execute(conn)?;
    if next.is_none() {
        let unremarkable = hosts::fails.eq(0).and(hosts::dead.eq(false)).and(hosts::scheme.eq(Scheme::Cavage.name()));
        diesel::delete(row.filter(unremarkable)).execute(conn)?;
    }
    Ok(())
}

/// Remembers how the host wants to be written to.
pub fn keep_scheme(conn: &mut Conn, host: &str, scheme: Scheme) -> QueryResult<()> {
    diesel::update(hosts::table.filter(hosts::host.eq(host))).set(hosts::scheme.eq(scheme.name())).execute(conn)?;
    Ok(())
}

/// Holds a host for another [`LEASE`]; `false` when it is no longer ours.
pub fn renew(conn: &mut Conn, host: &str, lease: Timestamp, until: Timestamp) -> QueryResult<bool> {
    let ours = hosts::table.filter(hosts::host.eq(host)).filter(hosts::lease_until.eq(lease.micros()));
    Ok(diesel::update(ours).set(hosts::lease_until.eq(until.micros())).execute(conn)? > 0)
}

/// When a server starts: leases that an earlier one left behind are over. On SQLite there is one server at a time; on PostgreSQL
/// others may be at work, and leases run out by themselves.
pub fn end_old_leases(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => {
            diesel::update(hosts::table.filter(hosts::lease_until.gt(0))).set(hosts::lease_until.eq(0)).execute(conn).map(drop)
        }
        Conn::Postgres(_) => Ok(()),
    }
}

/// A host sent us something signed: it lives, and what waits for it goes out at once.
pub fn revive(conn: &mut Conn, host: &str, now: Timestamp) -> QueryResult<()> {
    let failing = hosts::table.filter(hosts::host.eq(host)).filter(hosts::fails.gt(0).or(hosts::dead.eq(true)));
    let known: Option<String> = failing.select(hosts::host).first(conn).optional()?;
    if known.is_none() {
        return Ok(());
    }
    let clean = (hosts::fails.eq(0), hosts::failing_since.eq(None::<i64>), hosts::last_error.eq(None::<&str>));
    diesel::update(hosts::table.filter(hosts::host.eq(host)))
        .set((hosts::dead.eq(false), clean, hosts::next_try.eq(now.micros())))
        .execute(conn)?;
    schedule(conn, now, host)
}

/// Forgets what is of no use any more: deliveries set aside long ago, failures of hosts that nothing waits for and nobody follows
/// from, inboxes whose time is over.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    let long_ago = (now - MEMORY).micros();
    let aside = deliveries::set_aside.is_not_null().and(deliveries::first_try.le(long_ago));
    let mut pruned = diesel::delete(deliveries::table.filter(aside)).execute(conn)?;
    let unused = hosts::next_try
        .eq(Timestamp::NEVER.micros())
        .and(hosts::failing_since.is_null().or(hosts::failing_since.le(long_ago)))
        .and(dsl::not(hosts::host.eq_any(deliveries::table.select(deliveries::host))))
        .and(dsl::not(hosts::host.eq_any(follows::table.select(follows::host))));
    pruned += diesel::delete(hosts::table.filter(unused)).execute(conn)?;
    pruned += diesel::delete(former_inboxes::table.filter(former_inboxes::until.le(now.micros()))).execute(conn)?;
    Ok(pruned)
}
