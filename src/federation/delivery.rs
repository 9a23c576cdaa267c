//! What we say to other servers, kept until it is delivered or given up: here it is queued, in the transaction that decided it.
//! Knows no noun of the city; who hears what is the caller's to say, except that the blocked and the dead hear nothing.

mod courier;
mod crew;
mod hosts;
mod outcomes;
pub mod overview;
pub mod policy;
mod round;
mod worker;

#[cfg(test)]
mod tests;

use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use url::Url;
use uuid::Uuid;

pub use hosts::{end_old_leases, prune, revive};
pub use worker::{Tally, Worker};

use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{activities, deliveries, follows, hosts as host_rows},
    },
    net::address::authority,
};

/// An activity of ours, ready to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: Uuid,
    /// Path of the actor's id, such as `/ap/groups/kitchen`.
    pub actor: String,
    pub kind: &'static str,
    /// What it is about: a path of ours, or another server's id. Activities about the same object arrive in the order in which
    /// they were recorded.
    pub object: String,
    /// The document, byte for byte as it is sent.
    pub body: String,
    pub public: bool,
}

/// Where a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inbox {
    pub inbox: String,
    /// Authority of `inbox`: host, and port where it is not the scheme's own.
    pub host: String,
}

impl Inbox {
    pub fn at(url: &Url) -> Self {
        Self { inbox: url.as_str().to_owned(), host: authority(url) }
    }
}

/// Keeps an activity; the number orders it among all of ours.
pub fn record(conn: &mut Conn, now: Timestamp, outgoing: &Outgoing) -> QueryResult<i64> {
    diesel::insert_into(activities::table)
        .values((
            activities::id.eq(outgoing.id.to_string()),
            activities::actor.eq(&outgoing.actor),
            activities::kind.eq(outgoing.kind),
            activities::object.eq(&outgoing.object),
            activities::body.eq(&outgoing.body),
            activities::public.eq(outgoing.public),
            activities::published.eq(now.micros()),
        ))
        .returning(activities::sequence)
        .get_result(conn)
}

/// Queues a recorded activity for these inboxes; one that has it queued already is left alone.
pub fn to_inboxes(conn: &mut Conn, now: Timestamp, sequence: i64, inboxes: &[Inbox]) -> QueryResult<()> {
    for Inbox { inbox, host } in inboxes {
        diesel::sql_query(
            "INSERT INTO deliveries (host, inbox, activity, not_before, tries) SELECT $1, $2, $3, 0, 0 \
             WHERE NOT EXISTS (SELECT 1 FROM blocks WHERE target = $1) \
             AND NOT EXISTS (SELECT 1 FROM hosts WHERE host = $1 AND dead) ON CONFLICT (inbox, activity) DO NOTHING",
        )
        .bind::<Text, _>(host)
        .bind::<Text, _>(inbox)
        .bind::<BigInt, _>(sequence)
        .execute(conn)?;
    }
    make_due(conn, now, sequence)
}

/// Queues a recorded activity for everyone who follows the group, once for each shared inbox.
pub fn to_followers(conn: &mut Conn, now: Timestamp, sequence: i64, group_handle: &str) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO deliveries (host, inbox, activity, not_before, tries) \
         SELECT DISTINCT f.host, coalesce(f.shared_inbox, f.inbox), CAST($1 AS BIGINT), 0, 0 FROM follows f \
         WHERE f.group_handle = $2 \
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE target = f.host) \
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE target = f.follower) \
         AND NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.host = f.host AND hosts.dead) \
         ON CONFLICT (inbox, activity) DO NOTHING",
    )
    .bind::<BigInt, _>(sequence)
    .bind::<Text, _>(group_handle)
    .execute(conn)?;
    make_due(conn, now, sequence)
}

/// Ids of those on that server who follow the group.
pub fn followers_on(conn: &mut Conn, group_handle: &str, host: &str) -> QueryResult<Vec<String>> {
    let there = follows::table.filter(follows::group_handle.eq(group_handle)).filter(follows::host.eq(host));
    there.order(follows::follower).select(follows::follower).load(conn)
}

#[derive(diesel::QueryableByName)]
struct Reach {
    #[diesel(sql_type = BigInt)]
    followers: i64,
    #[diesel(sql_type = BigInt)]
    servers: i64,
}

/// How many followers [`to_followers`] reaches, and on how many servers.
pub fn reach(conn: &mut Conn, group_handle: &str) -> QueryResult<(i64, i64)> {
    let Reach { followers, servers } = diesel::sql_query(
        "SELECT COUNT(*) AS followers, COUNT(DISTINCT f.host) AS servers FROM follows f WHERE f.group_handle = $1 \
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE target = f.host) \
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE target = f.follower) \
         AND NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.host = f.host AND hosts.dead)",
    )
    .bind::<Text, _>(group_handle)
    .get_result(conn)?;
    Ok((followers, servers))
}

/// Queues a recorded activity for those who followed once and may still hold what it changes: for updates and deletions, after
/// [`to_followers`].
pub fn to_former(conn: &mut Conn, now: Timestamp, sequence: i64, group_handle: &str, said: Timestamp) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO deliveries (host, inbox, activity, not_before, tries) \
         SELECT f.host, f.inbox, CAST($1 AS BIGINT), 0, 0 FROM former_inboxes f WHERE f.group_handle = $2 AND f.until > $3 AND f.left_at >= $4 \
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE target = f.host) \
         AND NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.host = f.host AND hosts.dead) \
         ON CONFLICT (inbox, activity) DO NOTHING",
    )
    .bind::<BigInt, _>(sequence)
    .bind::<Text, _>(group_handle)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(said)
    .execute(conn)?;
    make_due(conn, now, sequence)
}

/// Does not send a recorded activity to that server after all.
pub fn not_to(conn: &mut Conn, sequence: i64, host: &str) -> QueryResult<()> {
    let there = deliveries::table.filter(deliveries::activity.eq(sequence)).filter(deliveries::host.eq(host));
    diesel::delete(there).execute(conn).map(drop)
}

/// Takes back what still waits to be said about `object`: before its deletion is recorded, so that nobody learns of it only now.
pub fn withdraw(conn: &mut Conn, object: &str) -> QueryResult<usize> {
    let about = activities::table.filter(activities::object.eq(object)).select(activities::sequence);
    diesel::delete(deliveries::table.filter(deliveries::activity.eq_any(about))).execute(conn)
}

/// The hosts of this activity's deliveries are due: a healthy one now (and among the first, see `hosts::Order`), a failing one when
/// it would have been tried anyway.
fn make_due(conn: &mut Conn, now: Timestamp, sequence: i64) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO hosts (host, next_try, lease_until, fails, dead, scheme) \
         SELECT DISTINCT d.host, CAST($1 AS BIGINT), 0, 0, false, 'cavage' FROM deliveries d WHERE d.activity = $2 ORDER BY 1 \
         ON CONFLICT (host) DO UPDATE SET next_try = CASE WHEN hosts.dead OR (hosts.fails > 0 AND hosts.next_try < $3) \
         THEN hosts.next_try ELSE excluded.next_try END",
    )
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(sequence)
    .bind::<BigInt, _>(Timestamp::NEVER)
    .execute(conn)
    .map(drop)
}

/// Drops everything that waits for `host`.
fn forget_host(conn: &mut Conn, host: &str) -> QueryResult<usize> {
    let dropped = diesel::delete(deliveries::table.filter(deliveries::host.eq(host))).execute(conn)?;
    diesel::delete(host_rows::table.filter(host_rows::host.eq(host)).filter(host_rows::dead.eq(false))).execute(conn)?;
    Ok(dropped)
}
