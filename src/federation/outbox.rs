//! What we said, by id and page by page.

use std::time::Duration;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods,
    dsl::max,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, read_json},
        schema::{activities, actors, deliveries},
    },
};

/// Activities on one page.
const PAGE: usize = 20;

/// What stands in an outbox: what was made or passed on, not its changes.
const SHOWN: [&str; 2] = ["Create", "Announce"];

fn body(id: &str, text: &str) -> QueryResult<Value> {
    read_json(text).ok_or_else(|| Inconsistent::error("activities", "body", id))
}

/// What became of an activity of ours.
pub enum Said {
    /// As it was said.
    Stands(Value),
    /// Its object was taken back then; of the activity its type is left.
    Retracted { kind: String, since: Timestamp },
}

/// What is said to some alone in words of people, and nobody else's to ask for.
const CONFIDED: [&str; 4] = ["Create", "Update", "Flag", "Forward"];

pub fn find(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Said>> {
    let id = id.to_string();
    let found: Option<(String, String, Option<Timestamp>)> = activities::table
        .filter(activities::id.eq(&id))
        .filter(activities::actor.ne_all(actors::table.filter(actors::welcomed.is_null()).select(actors::path)))
        .filter(activities::public.eq(true).or(activities::kind.ne_all(CONFIDED)))
        .select((activities::kind, activities::body, activities::retracted))
        .first(conn)
        .optional()?;
    let said = found.map(|(kind, text, retracted)| match retracted {
        Some(since) => Ok(Said::Retracted { kind, since }),
        None => body(&id, &text).map(Said::Stands),
    });
    said.transpose()
}

/// When something was last said about an object, taken back or not.
pub fn said_last(conn: &mut Conn, object: &str) -> QueryResult<Option<Timestamp>> {
    activities::table.filter(activities::object.eq(object)).select(max(activities::published)).first(conn)
}

/// When an actor last said something to everyone.
pub fn spoke_last(conn: &mut Conn, actor: &str) -> QueryResult<Option<Timestamp>> {
    let said = activities::table.filter(activities::actor.eq(actor)).filter(activities::public.eq(true));
    said.select(max(activities::published)).first(conn)
}

/// How many activities stand in the outbox of the actor with that path.
pub fn count(conn: &mut Conn, actor: &str) -> QueryResult<i64> {
    activities::table
        .filter(activities::actor.eq(actor))
        .filter(activities::kind.eq_any(SHOWN))
        .filter(activities::public.eq(true))
        .filter(activities::retracted.is_null())
        .count()
        .get_result(conn)
}

/// The activities before `before`, the newest first, and where the next page goes on.
pub fn page(conn: &mut Conn, actor: &str, before: i64) -> QueryResult<(Vec<Value>, Option<i64>)> {
    let rows: Vec<(i64, String, String)> = activities::table
        .filter(activities::actor.eq(actor))
        .filter(activities::kind.eq_any(SHOWN))
        .filter(activities::public.eq(true))
        .filter(activities::retracted.is_null())
        .filter(activities::sequence.lt(before))
        .order(activities::sequence.desc())
        .limit(PAGE as i64 + 1)
        .select((activities::sequence, activities::id, activities::body))
        .load(conn)?;
    let next = if rows.len() > PAGE { rows.get(PAGE - 1).map(|(sequence, ..)| *sequence) } else { None };
    let bodies = rows.iter().take(PAGE).map(|(_, id, text)| body(id, text)).collect::<QueryResult<_>>()?;
    Ok((bodies, next))
}

/// How many of the last public activities make a [`Mark`]: of two deeds done at once, the one numbered first may be seen last.
const MARKED: i64 = 8;

/// What was said to everyone last. All that people see of groups, meetings and announcements changes with it.
pub struct Mark {
    pub ids: String,
    pub time: Timestamp,
}

pub fn mark(conn: &mut Conn) -> QueryResult<Mark> {
    let last: Vec<(String, Timestamp)> = activities::table
        .filter(activities::public.eq(true))
        .order(activities::sequence.desc())
        .limit(MARKED)
        .select((activities::id, activities::published))
        .load(conn)?;
    let time = last.iter().map(|(_, time)| *time).max().unwrap_or_default();
    Ok(Mark { ids: last.into_iter().map(|(id, _)| id).collect(), time })
}

/// What was said about an object is taken back: it answers 410 from now on. What is still on its way goes on, so that
/// everyone hears the end of the story in order.
pub fn retract(conn: &mut Conn, object: &str, now: Timestamp) -> QueryResult<()> {
    let said = activities::table.filter(activities::object.eq(object)).filter(activities::retracted.is_null());
    diesel::update(said).set(activities::retracted.eq(now)).execute(conn)?;
    Ok(())
}

/// One activity is taken back, and nothing else of what was said about the same.
pub fn retract_one(conn: &mut Conn, id: Uuid, now: Timestamp) -> QueryResult<()> {
    let said = activities::table.filter(activities::id.eq(id.to_string())).filter(activities::retracted.is_null());
    diesel::update(said).set(activities::retracted.eq(now)).execute(conn)?;
    Ok(())
}

/// All that an actor said is taken back.
pub fn retract_all_of(conn: &mut Conn, actor: &str, now: Timestamp) -> QueryResult<()> {
    let said = activities::table.filter(activities::actor.eq(actor)).filter(activities::retracted.is_null());
    diesel::update(said).set(activities::retracted.eq(now)).execute(conn)?;
    Ok(())
}

/// Answers to single actors are of no use to anyone a week later.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Forgets what has been delivered and serves nobody any more: answers to single actors, and the words of what was taken back.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let on_their_way = || deliveries::table.select(deliveries::activity);
    let answers = activities::table
        .filter(activities::public.eq(false))
        .filter(activities::kind.ne("Follow"))
        .filter(activities::published.lt(now - KEPT))
        .filter(activities::sequence.ne_all(on_their_way()));
    diesel::delete(answers).execute(conn)?;
    let taken_back = activities::table
        .filter(activities::retracted.is_not_null())
        .filter(activities::body.ne(""))
        .filter(activities::sequence.ne_all(on_their_way()));
    diesel::update(taken_back).set(activities::body.eq("")).execute(conn)?;
    Ok(())
}

fn delivered(about: &str) -> activities::BoxedQuery<'_, <Conn as diesel::Connection>::Backend, diesel::sql_types::BigInt> {
    let to_somebody = activities::table.filter(activities::object.eq(about)).filter(activities::public.eq(false));
    let on_their_way = deliveries::table.select(deliveries::activity);
    to_somebody.filter(activities::sequence.ne_all(on_their_way)).select(activities::sequence).into_boxed()
}

/// Is anything kept that was said to single actors about `about` and has reached them?
pub fn any_delivered(conn: &mut Conn, about: &str) -> QueryResult<bool> {
    Ok(delivered(about).first::<i64>(conn).optional()?.is_some())
}

/// Forgets what was said to single actors about `about`, where it has reached them.
pub fn forget_delivered(conn: &mut Conn, about: &str) -> QueryResult<()> {
    let sequences: Vec<i64> = delivered(about).load(conn)?;
    diesel::delete(activities::table.filter(activities::sequence.eq_any(sequences))).execute(conn)?;
    Ok(())
}

/// Forgets it even where it did not reach them, if its words name `what`.
pub fn forget_naming(conn: &mut Conn, about: &str, what: &str) -> QueryResult<()> {
    let to_somebody = activities::table.filter(activities::object.eq(about)).filter(activities::public.eq(false));
    let naming = to_somebody.filter(activities::body.like(format!("%{what}%")));
    let sequences: Vec<i64> = naming.select(activities::sequence).load(conn)?;
    diesel::delete(deliveries::table.filter(deliveries::activity.eq_any(&sequences))).execute(conn)?;
    diesel::delete(activities::table.filter(activities::sequence.eq_any(&sequences))).execute(conn)?;
    Ok(())
}
