//! How sisters and what they said are kept.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};

use super::sister::{Policy, Sister, State};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{elsewhere, meetings_elsewhere, passed_on, rhythms, sister_news, sisters},
    },
};

pub use super::said::*;

type SisterRow = (String, String, String, String, Timestamp, String, Option<Timestamp>, i64);

fn sister((group, actor, follow, state, created, policy, ..): SisterRow) -> QueryResult<Sister> {
    let odd = |column| Inconsistent::error("sisters", column, &actor);
    let state = State::by_name(&state).ok_or_else(|| odd("state"))?;
    let policy = Policy::by_name(&policy).ok_or_else(|| odd("policy"))?;
    Ok(Sister { group, actor, follow, state, created, policy })
}

/// Adds a sister, or asks anew with another Follow.
pub fn save(conn: &mut Conn, sister: &Sister) -> QueryResult<()> {
    let about =
        (sisters::activity.eq(&sister.follow), sisters::state.eq(sister.state.name()), sisters::policy.eq(sister.policy.name()));
    let key = (&sister.group, &sister.actor);
    if diesel::update(sisters::table.find(key)).set(about).execute(conn)? == 0 {
        let row = (
            sisters::group_handle.eq(&sister.group),
            sisters::actor.eq(&sister.actor),
            about,
            sisters::created.eq(sister.created),
        );
        diesel::insert_into(sisters::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn find(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<Option<Sister>> {
    sisters::table.find((group, actor)).first::<SisterRow>(conn).optional()?.map(sister).transpose()
}

/// The sister that one of our Follows, named by its path, asked for.
pub fn by_follow(conn: &mut Conn, follow: &str) -> QueryResult<Option<Sister>> {
    sisters::table.filter(sisters::activity.eq(follow)).first::<SisterRow>(conn).optional()?.map(sister).transpose()
}

pub fn of_group(conn: &mut Conn, group: &str) -> QueryResult<Vec<Sister>> {
    let rows: Vec<SisterRow> =
        sisters::table.filter(sisters::group_handle.eq(group)).order((sisters::created, sisters::actor)).load(conn)?;
    rows.into_iter().map(sister).collect()
}

/// Every group of ours that asked to hear this actor.
pub fn of_actor(conn: &mut Conn, actor: &str) -> QueryResult<Vec<Sister>> {
    let rows: Vec<SisterRow> = sisters::table.filter(sisters::actor.eq(actor)).order(sisters::group_handle).load(conn)?;
    rows.into_iter().map(sister).collect()
}

pub fn count_accepted(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    sisters::table
        .filter(sisters::group_handle.eq(group))
        .filter(sisters::state.eq(State::Accepted.name()))
        .count()
        .get_result(conn)
}

pub fn remove(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<()> {
    diesel::delete(sisters::table.find((group, actor))).execute(conn)?;
    super::news::forget_waiting_of(conn, group, actor)?;
    if is_heard(conn, actor)? { Ok(()) } else { forget_unheard(conn) }
}

/// Those of our groups that hear this actor.
pub fn hearing(conn: &mut Conn, actor: &str) -> QueryResult<Vec<Sister>> {
    let hearing = sisters::table.filter(sisters::actor.eq(actor)).filter(sisters::state.eq(State::Accepted.name()));
    hearing.order(sisters::group_handle).load::<SisterRow>(conn)?.into_iter().map(sister).collect()
}

/// Everybody whom anybody here asked to hear, and everybody who passed something on.
pub fn actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let mut actors: Vec<String> = sisters::table.select(sisters::actor).distinct().load(conn)?;
    actors.extend(elsewhere::table.select(elsewhere::actor).distinct().load::<String>(conn)?);
    actors.extend(passed_on::table.select(passed_on::actor).distinct().load::<String>(conn)?);
    Ok(actors)
}

/// A group of ours ended.
pub fn forget_group(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(sisters::table.filter(sisters::group_handle.eq(group))).execute(conn)?;
    super::news::forget_group(conn, group)?;
    forget_unheard(conn)
}

/// Forgets what was said by nobody whom we hear, and passed on by nobody: neither by those whom we hear, nor by a group of ours.
pub fn forget_unheard(conn: &mut Conn) -> QueryResult<()> {
    let heard = || sisters::table.filter(sisters::state.ne(State::Refused.name())).select(sisters::actor);
    diesel::delete(passed_on::table.filter(passed_on::actor.ne_all(heard()))).execute(conn)?;
    let by_us = sister_news::table.filter(sister_news::state.eq("passed-on")).select(sister_news::uri);
    let unheard = elsewhere::table
        .filter(elsewhere::actor.ne_all(heard()))
        .filter(elsewhere::uri.ne_all(passed_on::table.select(passed_on::uri)))
        .filter(elsewhere::uri.ne_all(by_us));
    diesel::delete(unheard).execute(conn)?;
    let unheard = rhythms::table
        .filter(rhythms::actor.ne_all(heard()))
        .filter(rhythms::uri.ne_all(passed_on::table.select(passed_on::uri)));
    diesel::delete(unheard).execute(conn)?;
    forget_what_hangs_on_it(conn)
}

/// Meetings and decisions about what is forgotten.
fn forget_what_hangs_on_it(conn: &mut Conn) -> QueryResult<()> {
    let gone = meetings_elsewhere::table
        .filter(meetings_elsewhere::uri.ne_all(elsewhere::table.select(elsewhere::uri)))
        .filter(meetings_elsewhere::uri.ne_all(rhythms::table.select(rhythms::uri)));
    diesel::delete(gone).execute(conn)?;
    super::news::forget_gone(conn)
}

/// What was said is forgotten after so long,
const SAID: Duration = Duration::from_secs(90 * 24 * 3_600);
/// a meeting so long after its end,
const MET: Duration = Duration::from_secs(7 * 24 * 3_600);
/// and what a group decided after so long.
const DECIDED: Duration = Duration::from_secs(180 * 24 * 3_600);

/// Forgets what is over.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let said = elsewhere::table.filter(elsewhere::starts.is_null()).filter(elsewhere::published.lt(now - SAID));
    diesel::delete(said).execute(conn)?;
    let over = elsewhere::table
        .filter(diesel::dsl::case_when(elsewhere::ends.is_null(), elsewhere::starts).otherwise(elsewhere::ends).lt(now - MET))
        .filter(elsewhere::published.lt(now - MET));
    diesel::delete(over).execute(conn)?;
    crate::meetings::abroad::prune(conn, now - MET)?;
    let said_by_nobody = passed_on::table
        .filter(passed_on::uri.ne_all(elsewhere::table.select(elsewhere::uri)))
        .filter(passed_on::uri.ne_all(rhythms::table.select(rhythms::uri)));
    diesel::delete(said_by_nobody).execute(conn)?;
    forget_what_hangs_on_it(conn)?;
    super::news::prune(conn, now - DECIDED)
}

/// What it said before is to be read from then on.
pub fn backfill_at(conn: &mut Conn, group: &str, actor: &str, when: Option<Timestamp>) -> QueryResult<()> {
    diesel::update(sisters::table.find((group, actor))).set(sisters::backfill.eq(when)).execute(conn)?;
    Ok(())
}

/// Sisters of which it is time to read what they said before.
pub fn backfill_due(conn: &mut Conn, now: Timestamp, limit: i64) -> QueryResult<Vec<(String, String)>> {
    let due = sisters::table.filter(sisters::backfill.le(now)).filter(sisters::state.eq(State::Accepted.name()));
    due.order(sisters::backfill).select((sisters::group_handle, sisters::actor)).limit(limit).load(conn)
}

/// Takes it up, unless another process did; nobody else does until then. How often it was tried.
pub fn claim_backfill(conn: &mut Conn, group: &str, actor: &str, now: Timestamp, until: Timestamp) -> QueryResult<Option<i64>> {
    let due = sisters::table.find((group, actor)).filter(sisters::backfill.le(now));
    let taken = diesel::update(due).set((sisters::backfill.eq(until), sisters::tries.eq(sisters::tries + 1))).execute(conn)?;
    if taken == 0 {
        return Ok(None);
    }
    sisters::table.find((group, actor)).select(sisters::tries).first(conn).optional()
}

/// No more series are kept of one who meets.
const MOST_RHYTHMS: i64 = 50;

/// Keeps a series of another city as it was said then, unless a later version is there; whether it did.
pub fn keep_rhythm(conn: &mut Conn, uri: &str, actor: &str, document: &str, said: Timestamp) -> QueryResult<bool> {
    let known: Option<(String, Timestamp)> =
        rhythms::table.find(uri).select((rhythms::actor, rhythms::said)).first(conn).optional()?;
    let about = (rhythms::document.eq(document), rhythms::said.eq(said), rhythms::laid.eq(0));
    let author: Option<String> = elsewhere::table.find(uri).select(elsewhere::actor).first(conn).optional()?;
    if author.is_some_and(|author| author != actor) {
        return Ok(false);
    }
    match known {
        Some((owner, latest)) if owner != actor || latest > said => return Ok(false),
        Some(_) => diesel::update(rhythms::table.find(uri)).set(about).execute(conn)?,
        None => {
            let many: i64 = rhythms::table.filter(rhythms::actor.eq(actor)).count().get_result(conn)?;
            if many >= MOST_RHYTHMS {
                return Ok(false);
            }
            let row = (rhythms::uri.eq(uri), rhythms::actor.eq(actor), about);
            diesel::insert_into(rhythms::table).values(row).execute(conn)?
        }
    };
    Ok(true)
}

/// Does that id stand for a series of another actor?
pub fn is_series_of_another(conn: &mut Conn, uri: &str, actor: &str) -> QueryResult<bool> {
    let theirs = rhythms::table.find(uri).select(rhythms::actor).first::<String>(conn).optional()?;
    Ok(theirs.is_some_and(|theirs| theirs != actor))
}

/// Series whose meetings are not laid out until then: their ids, whose they are, and their documents.
pub fn to_lay_out(conn: &mut Conn, until: Timestamp, limit: i64) -> QueryResult<Vec<(String, String, String)>> {
    let short = rhythms::table.filter(rhythms::laid.lt(until)).order(rhythms::laid);
    short.select((rhythms::uri, rhythms::actor, rhythms::document)).limit(limit).load(conn)
}

pub fn laid_out(conn: &mut Conn, uri: &str, until: Timestamp) -> QueryResult<()> {
    diesel::update(rhythms::table.find(uri)).set(rhythms::laid.eq(until)).execute(conn)?;
    Ok(())
}

/// An actor is gone, and with it what it said and passed on.
pub fn forget_actor(conn: &mut Conn, actor: &str) -> QueryResult<()> {
    let said = elsewhere::table.filter(elsewhere::actor.eq(actor));
    diesel::delete(rhythms::table.filter(rhythms::actor.eq(actor))).execute(conn)?;
    diesel::delete(passed_on::table.filter(passed_on::actor.eq(actor))).execute(conn)?;
    diesel::delete(passed_on::table.filter(passed_on::uri.eq_any(said.select(elsewhere::uri)))).execute(conn)?;
    let said = diesel::delete(said).execute(conn)?;
    let heard = diesel::delete(sisters::table.filter(sisters::actor.eq(actor))).execute(conn)?;
    if said + heard > 0 { forget_unheard(conn) } else { Ok(()) }
}

/// No more is kept of what one passed on.
const MOST_PASSED_ON: i64 = 500;

/// One whom we hear passed that on.
pub fn pass_on(conn: &mut Conn, uri: &str, actor: &str, activity: &str, now: Timestamp) -> QueryResult<()> {
    let about = (passed_on::activity.eq(activity), passed_on::received.eq(now));
    if diesel::update(passed_on::table.find((uri, actor))).set(about).execute(conn)? > 0 {
        return Ok(());
    }
    let row = (passed_on::uri.eq(uri), passed_on::actor.eq(actor), about);
    diesel::insert_into(passed_on::table).values(row).execute(conn)?;
    let of_them = || passed_on::table.filter(passed_on::actor.eq(actor));
    if of_them().count().get_result::<i64>(conn)? > MOST_PASSED_ON {
        let oldest: String = of_them().order((passed_on::received, passed_on::uri)).select(passed_on::uri).first(conn)?;
        diesel::delete(passed_on::table.find((oldest, actor))).execute(conn)?;
        forget_unheard(conn)?;
    }
    Ok(())
}

/// An actor takes back the activity by which it passed something on. What is forgotten by that.
pub fn take_back(conn: &mut Conn, actor: &str, activity: &str) -> QueryResult<Vec<String>> {
    let passed = || passed_on::table.filter(passed_on::actor.eq(actor)).filter(passed_on::activity.eq(activity));
    let uris: Vec<String> = passed().select(passed_on::uri).load(conn)?;
    if uris.is_empty() {
        return Ok(uris);
    }
    diesel::delete(passed()).execute(conn)?;
    let unheard = unheard_of(conn, uris)?;
    forget_unheard(conn)?;
    Ok(unheard)
}

/// Those of which nobody speaks whom we hear.
fn unheard_of(conn: &mut Conn, uris: Vec<String>) -> QueryResult<Vec<String>> {
    let heard = sisters::table.filter(sisters::state.ne(State::Refused.name())).select(sisters::actor);
    elsewhere::table
        .filter(elsewhere::uri.eq_any(uris))
        .filter(elsewhere::actor.ne_all(heard))
        .filter(elsewhere::uri.ne_all(passed_on::table.select(passed_on::uri)))
        .select(elsewhere::uri)
        .load(conn)
}

/// Did anybody whom we hear pass that on, or a group of ours?
pub fn is_passed_on(conn: &mut Conn, uri: &str) -> QueryResult<bool> {
    let passed: i64 = passed_on::table.filter(passed_on::uri.eq(uri)).count().get_result(conn)?;
    let by_us = sister_news::table.filter(sister_news::uri.eq(uri)).filter(sister_news::state.eq("passed-on"));
    Ok(passed > 0 || by_us.count().get_result::<i64>(conn)? > 0)
}

/// Does any group of ours hear this actor?
pub fn is_heard(conn: &mut Conn, actor: &str) -> QueryResult<bool> {
    let hearing: i64 = sisters::table
        .filter(sisters::actor.eq(actor))
        .filter(sisters::state.ne(State::Refused.name()))
        .count()
        .get_result(conn)?;
    Ok(hearing > 0)
}
