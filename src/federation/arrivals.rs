//! What came in and waits for an answer from elsewhere, and the signatures seen lately.

use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};

use crate::{
    clock::Timestamp,
    db::{
        Conn, insert_new,
        schema::{arrivals, handled, seen_signatures},
    },
};

/// A signature is good for an hour, and our clocks may differ by a few minutes.
const REPLAY_WINDOW: Duration = Duration::from_secs(70 * 60);
/// Ids of handled activities are kept a good deal longer than anyone retries.
const HANDLED: Duration = Duration::from_secs(14 * 24 * 3_600);
/// Raw bodies are kept no longer than this, also in quarantine.
const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// After so many tries what came in is put into quarantine.
const TRIES: i64 = 5;
/// What may wait from one host, and in all.
const WAITING_PER_HOST: i64 = 500;
const WAITING: i64 = 20_000;

/// A request as it came, with what is needed to check it later.
#[derive(diesel::Queryable, Clone, Debug)]
pub struct Arrival {
    pub id: i64,
    pub host: String,
    /// The guarded request without its body, as JSON.
    pub request: String,
    pub body: String,
    pub received: Timestamp,
    pub tries: i64,
    pub next_try: Timestamp,
    /// Why it was set aside for good.
    pub quarantined: Option<String>,
}

/// Puts a request by; `false` when too many wait already.
pub fn add(conn: &mut Conn, host: &str, request: &str, body: &str, now: Timestamp) -> QueryResult<bool> {
    let waiting = arrivals::table.filter(arrivals::quarantined.is_null());
    let of_host: i64 = waiting.filter(arrivals::host.eq(host)).count().get_result(conn)?;
    let all: i64 = waiting.count().get_result(conn)?;
    if of_host >= WAITING_PER_HOST || all >= WAITING {
        return Ok(false);
    }
    let row = (
        arrivals::host.eq(host),
        arrivals::request.eq(request),
        arrivals::body.eq(body),
        arrivals::received.eq(now),
        arrivals::tries.eq(0),
        arrivals::next_try.eq(now),
    );
    diesel::insert_into(arrivals::table).values(row).execute(conn)?;
    Ok(true)
}

/// Takes up to `limit` that are due; nobody else gets them before `lease` is over.
pub fn claim_due(conn: &mut Conn, now: Timestamp, lease: Duration, limit: i64) -> QueryResult<Vec<Arrival>> {
    let due: Vec<Arrival> = arrivals::table
        .filter(arrivals::next_try.le(now))
        .filter(arrivals::quarantined.is_null())
        .order(arrivals::id)
        .limit(limit)
        .load(conn)?;
    let ids: Vec<i64> = due.iter().map(|arrival| arrival.id).collect();
    diesel::update(arrivals::table.filter(arrivals::id.eq_any(ids))).set(arrivals::next_try.eq(now + lease)).execute(conn)?;
    Ok(due)
}

/// Is anything due? For looking without writing.
pub fn any_due(conn: &mut Conn, now: Timestamp) -> QueryResult<bool> {
    let found: i64 =
        arrivals::table.filter(arrivals::next_try.le(now)).filter(arrivals::quarantined.is_null()).count().get_result(conn)?;
    Ok(found > 0)
}

pub fn done(conn: &mut Conn, id: i64) -> QueryResult<()> {
    diesel::delete(arrivals::table.find(id)).execute(conn)?;
    Ok(())
}

/// Not this time: again after 1, 4, 16 … minutes; after the fifth try into quarantine.
pub fn failed(conn: &mut Conn, arrival: &Arrival, why: &str, now: Timestamp) -> QueryResult<()> {
    let tries = arrival.tries + 1;
    let wait = Duration::from_secs(60 * 4u64.saturating_pow(u32::try_from(arrival.tries).unwrap_or(u32::MAX).min(6)));
    let quarantined = (tries >= TRIES).then_some(why);
    diesel::update(arrivals::table.find(arrival.id))
        .set((arrivals::tries.eq(tries), arrivals::next_try.eq(now + wait), arrivals::quarantined.eq(quarantined)))
        .execute(conn)?;
    Ok(())
}

/// Number of requests in quarantine, by host, for whoever looks after the city.
pub fn quarantined(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    arrivals::table
        .filter(arrivals::quarantined.is_not_null())
        .group_by(arrivals::host)
        .order(arrivals::host)
        .select((arrivals::host, diesel::dsl::count_star()))
        .load(conn)
}

/// Is this the first time within the replay window that this very signature has an effect?
pub fn is_first_use(conn: &mut Conn, signature_hash: &str, now: Timestamp) -> QueryResult<bool> {
    let row = (seen_signatures::hash.eq(signature_hash), seen_signatures::time.eq(now));
    insert_new(conn, |conn| diesel::insert_into(seen_signatures::table).values(row).execute(conn))
}

/// Forgets what has served its purpose.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(seen_signatures::table.filter(seen_signatures::time.lt(now - REPLAY_WINDOW))).execute(conn)?;
    diesel::delete(handled::table.filter(handled::time.lt(now - HANDLED))).execute(conn)?;
    diesel::delete(arrivals::table.filter(arrivals::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
