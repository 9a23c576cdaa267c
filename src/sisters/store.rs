//! How sisters and what they said are kept.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;

use super::sister::{Heard, Sister, State};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{elsewhere, invited, passed_on, rhythms, sisters},
    },
};

type SisterRow = (String, String, String, String, Timestamp);

fn sister((group, actor, follow, state, created): SisterRow) -> QueryResult<Sister> {
    let state = State::by_name(&state).ok_or_else(|| Inconsistent::error("sisters", "state", &actor))?;
    Ok(Sister { group, actor, follow, state, created })
}

/// Adds a sister, or asks anew with another Follow.
pub fn save(conn: &mut Conn, sister: &Sister) -> QueryResult<()> {
    let about = (sisters::activity.eq(&sister.follow), sisters::state.eq(sister.state.name()));
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
    if !is_heard(conn, actor)? {
        diesel::delete(passed_on::table.filter(passed_on::actor.eq(actor))).execute(conn)?;
        forget_unheard(conn)?;
    }
    Ok(())
}

/// Forgets what was said by nobody whom we hear, and passed on by nobody.
fn forget_unheard(conn: &mut Conn) -> QueryResult<()> {
    let unheard = elsewhere::table
        .filter(elsewhere::actor.ne_all(sisters::table.filter(sisters::state.ne(State::Refused.name())).select(sisters::actor)))
        .filter(elsewhere::uri.ne_all(passed_on::table.select(passed_on::uri)));
    diesel::delete(unheard).execute(conn)?;
    let heard = sisters::table.filter(sisters::state.ne(State::Refused.name())).select(sisters::actor);
    diesel::delete(rhythms::table.filter(rhythms::actor.ne_all(heard))).execute(conn)?;
    Ok(())
}

/// Keeps a series of another city as it was said then, unless a later version is there.
pub fn keep_rhythm(conn: &mut Conn, uri: &str, actor: &str, document: &str, said: Timestamp) -> QueryResult<()> {
    let known: Option<(String, Timestamp)> =
        rhythms::table.find(uri).select((rhythms::actor, rhythms::said)).first(conn).optional()?;
    let about = (rhythms::document.eq(document), rhythms::said.eq(said));
    match known {
        Some((owner, latest)) if owner != actor || latest > said => Ok(()),
        Some(_) => diesel::update(rhythms::table.find(uri)).set(about).execute(conn).map(drop),
        None => {
            let row = (rhythms::uri.eq(uri), rhythms::actor.eq(actor), about);
            diesel::insert_into(rhythms::table).values(row).execute(conn).map(drop)
        }
    }
}

/// Series of those whom anybody here hears: whose they are, and their documents.
pub fn rhythms(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(String, String)>> {
    let heard = sisters::table.filter(sisters::state.eq(State::Accepted.name())).select(sisters::actor);
    rhythms::table
        .filter(rhythms::actor.eq_any(heard))
        .order((rhythms::said.desc(), rhythms::uri))
        .select((rhythms::actor, rhythms::document))
        .limit(limit)
        .load(conn)
}

/// What anybody here hears from other cities, the newest first.
pub fn heard_by_all(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Heard>> {
    let heard = || sisters::table.filter(sisters::state.eq(State::Accepted.name())).select(sisters::actor);
    let passed_on = passed_on::table.filter(passed_on::actor.eq_any(heard())).select(passed_on::uri);
    let rows: Vec<HeardRow> = elsewhere::table
        .filter(elsewhere::actor.eq_any(heard()).or(elsewhere::uri.eq_any(passed_on)))
        .order((elsewhere::published.desc(), elsewhere::uri))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(Heard::from).collect())
}

/// An actor is gone, and with it what it said and passed on.
pub fn forget_actor(conn: &mut Conn, actor: &Url) -> QueryResult<()> {
    let said = elsewhere::table.filter(elsewhere::actor.eq(actor.as_str()));
    diesel::delete(rhythms::table.filter(rhythms::actor.eq(actor.as_str()))).execute(conn)?;
    diesel::delete(passed_on::table.filter(passed_on::actor.eq(actor.as_str()))).execute(conn)?;
    diesel::delete(passed_on::table.filter(passed_on::uri.eq_any(said.select(elsewhere::uri)))).execute(conn)?;
    diesel::delete(said).execute(conn)?;
    let was_heard = diesel::delete(sisters::table.filter(sisters::actor.eq(actor.as_str()))).execute(conn)? > 0;
    if was_heard { forget_unheard(conn) } else { Ok(()) }
}

/// One whom we hear passed that on.
pub fn pass_on(conn: &mut Conn, uri: &str, actor: &str, activity: &str, now: Timestamp) -> QueryResult<()> {
    let about = (passed_on::activity.eq(activity), passed_on::received.eq(now));
    if diesel::update(passed_on::table.find((uri, actor))).set(about).execute(conn)? == 0 {
        let row = (passed_on::uri.eq(uri), passed_on::actor.eq(actor), about);
        diesel::insert_into(passed_on::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// An actor takes back the activity by which it passed something on.
pub fn take_back(conn: &mut Conn, actor: &str, activity: &str) -> QueryResult<()> {
    let passed = passed_on::table.filter(passed_on::actor.eq(actor)).filter(passed_on::activity.eq(activity));
    if diesel::delete(passed).execute(conn)? > 0 { forget_unheard(conn) } else { Ok(()) }
}

/// Did anybody whom we hear pass that on?
pub fn is_passed_on(conn: &mut Conn, uri: &str) -> QueryResult<bool> {
    let passed: i64 = passed_on::table.filter(passed_on::uri.eq(uri)).count().get_result(conn)?;
    Ok(passed > 0)
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

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = elsewhere, treat_none_as_null = true)]
struct HeardRow {
    uri: String,
    actor: String,
    kind: String,
    title: Option<String>,
    content: String,
    url: String,
    in_reply_to: Option<String>,
    language: Option<String>,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    zone: Option<String>,
    place: Option<String>,
    cancelled: bool,
    published: Timestamp,
    updated: Option<Timestamp>,
    received: Timestamp,
}

impl From<&Heard> for HeardRow {
    fn from(heard: &Heard) -> Self {
        let heard = heard.clone();
        Self {
            uri: heard.uri,
            actor: heard.actor,
            kind: heard.kind,
            title: heard.title,
            content: heard.content,
            url: heard.url,
            in_reply_to: heard.in_reply_to,
            language: heard.language,
            starts: heard.starts,
            ends: heard.ends,
            zone: heard.zone,
            place: heard.place,
            cancelled: heard.cancelled,
            published: heard.published,
            updated: heard.updated,
            received: heard.received,
        }
    }
}

impl From<HeardRow> for Heard {
    fn from(row: HeardRow) -> Self {
        Self {
            uri: row.uri,
            actor: row.actor,
            kind: row.kind,
            title: row.title,
            content: row.content,
            url: row.url,
            in_reply_to: row.in_reply_to,
            language: row.language,
            starts: row.starts,
            ends: row.ends,
            zone: row.zone,
            place: row.place,
            cancelled: row.cancelled,
            published: row.published,
            updated: row.updated,
            received: row.received,
        }
    }
}

pub fn heard_by_uri(conn: &mut Conn, uri: &str) -> QueryResult<Option<Heard>> {
    Ok(elsewhere::table.find(uri).first::<HeardRow>(conn).optional()?.map(Heard::from))
}

pub fn keep_heard(conn: &mut Conn, heard: &Heard) -> QueryResult<()> {
    // a meeting that a group of ours calls stands in our own agenda already
    let called: i64 =
        invited::table.filter(invited::event.eq(&heard.uri)).filter(invited::meeting.is_not_null()).count().get_result(conn)?;
    if called > 0 {
        return Ok(());
    }
    let row = HeardRow::from(heard);
    if diesel::update(elsewhere::table.find(&row.uri)).set(&row).execute(conn)? == 0 {
        diesel::insert_into(elsewhere::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn forget_heard(conn: &mut Conn, uri: &str) -> QueryResult<()> {
    diesel::delete(passed_on::table.filter(passed_on::uri.eq(uri))).execute(conn)?;
    diesel::delete(elsewhere::table.find(uri)).execute(conn)?;
    Ok(())
}

/// What the sisters of a group said or passed on, the newest first.
pub fn heard_by_group(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<Heard>> {
    let heard = || {
        sisters::table
            .filter(sisters::group_handle.eq(group))
            .filter(sisters::state.eq(State::Accepted.name()))
            .select(sisters::actor)
    };
    let passed_on = passed_on::table.filter(passed_on::actor.eq_any(heard())).select(passed_on::uri);
    let rows: Vec<HeardRow> = elsewhere::table
        .filter(elsewhere::actor.eq_any(heard()).or(elsewhere::uri.eq_any(passed_on)))
        .order((elsewhere::published.desc(), elsewhere::uri))
        .limit(limit)
        .select(elsewhere::all_columns)
        .load(conn)?;
    Ok(rows.into_iter().map(Heard::from).collect())
}
