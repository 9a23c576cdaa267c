//! How it is kept what came from where, which addresses are looked at, and what somebody looks through.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    found::{Found, Reading},
    known::{Known, Look, Report, Thing, Watched},
};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{actors, import_looks as looks, imports, watched},
    },
};

type KnownRow = (String, String, String, Option<String>, Option<String>, String, Option<String>, Option<Timestamp>);

/// What was said of it last, and what was called off because of that.
#[derive(Serialize, Deserialize)]
struct SaidLast {
    #[serde(flatten)]
    said: Found,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    called_off: BTreeSet<NaiveDateTime>,
}

/// Which one of its UID, as it stands in the key.
fn part_name(part: Option<NaiveDateTime>) -> String {
    part.map(|at| at.format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

fn known((group, uid, part, meeting, series, said, source, missed): KnownRow) -> QueryResult<Known> {
    let odd = |column| Inconsistent::error("imports", column, &uid);
    let id = |text: &String| text.parse::<Uuid>();
    let thing = match (&meeting, &series) {
        (Some(meeting), None) => Thing::Meeting(id(meeting).map_err(|_| odd("meeting"))?),
        (None, Some(series)) => Thing::Series(id(series).map_err(|_| odd("series"))?),
        _ => return Err(odd("meeting")),
    };
    let SaidLast { said, called_off } = read_json(&said).ok_or_else(|| odd("said"))?;
    if part_name(said.part) != part {
        return Err(odd("part"));
    }
    let source = source.as_ref().map(id).transpose().map_err(|_| odd("source"))?;
    Ok(Known { group, thing, said, called_off, source, missed })
}

pub fn find(conn: &mut Conn, group: &str, uid: &str, part: Option<NaiveDateTime>) -> QueryResult<Option<Known>> {
    imports::table.find((group, uid, part_name(part))).first::<KnownRow>(conn).optional()?.map(known).transpose()
}

/// Everything that came from an address.
pub fn of_source(conn: &mut Conn, source: Uuid) -> QueryResult<Vec<Known>> {
    let rows: Vec<KnownRow> =
        imports::table.filter(imports::source.eq(source.to_string())).order((imports::uid, imports::part)).load(conn)?;
    rows.into_iter().map(known).collect()
}

/// Notes what came in, or that it is another by now.
pub fn save(conn: &mut Conn, new: &Known) -> QueryResult<()> {
    let (meeting, series) = match new.thing {
        Thing::Meeting(id) => (Some(id.to_string()), None),
        Thing::Series(id) => (None, Some(id.to_string())),
    };
    let about = (
        imports::meeting.eq(meeting),
        imports::series.eq(series),
        imports::said.eq(json(&SaidLast { said: new.said.clone(), called_off: new.called_off.clone() })),
        imports::source.eq(new.source.map(|source| source.to_string())),
        imports::missed.eq(new.missed),
    );
    let part = part_name(new.said.part);
    let row = imports::table.find((&new.group, &new.said.uid, &part));
    if diesel::update(row).set(about.clone()).execute(conn)? == 0 {
        let key = (imports::group_handle.eq(&new.group), imports::uid.eq(&new.said.uid), imports::part.eq(&part));
        diesel::insert_into(imports::table).values((key, about)).execute(conn)?;
    }
    Ok(())
}

/// It is not known any more where it came from.
pub fn forget_one(conn: &mut Conn, old: &Known) -> QueryResult<()> {
    diesel::delete(imports::table.find((&old.group, &old.said.uid, part_name(old.said.part)))).execute(conn)?;
    Ok(())
}

type WatchedRow = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Timestamp>,
    Timestamp,
    i64,
    Option<String>,
    Timestamp,
);

fn watched_of(row: WatchedRow) -> QueryResult<Watched> {
    let (id, group, url, hours, etag, modified, looked, next_look, failures, report, created) = row;
    let odd = |column| Inconsistent::error("watched", column, &id);
    Ok(Watched {
        url: url.parse().map_err(|_| odd("url"))?,
        report: report.as_deref().map(|report| read_json::<Report>(report).ok_or_else(|| odd("report"))).transpose()?,
        id: id.parse().map_err(|_| odd("id"))?,
        group,
        hours,
        etag,
        modified,
        looked,
        next_look,
        failures,
        created,
    })
}

pub fn watch(conn: &mut Conn, new: &Watched) -> QueryResult<()> {
    let row = (
        watched::id.eq(new.id.to_string()),
        watched::group_handle.eq(&new.group),
        watched::url.eq(new.url.as_str()),
        watched::created.eq(new.created),
        about(new),
    );
    diesel::insert_into(watched::table).values(row).execute(conn)?;
    Ok(())
}

pub fn save_watched(conn: &mut Conn, changed: &Watched) -> QueryResult<()> {
    diesel::update(watched::table.find(changed.id.to_string())).set(about(changed)).execute(conn)?;
    Ok(())
}

type About = (
    diesel::dsl::Eq<watched::hours, Option<String>>,
    diesel::dsl::Eq<watched::etag, Option<String>>,
    diesel::dsl::Eq<watched::modified, Option<String>>,
    diesel::dsl::Eq<watched::looked, Option<Timestamp>>,
    diesel::dsl::Eq<watched::next_look, Timestamp>,
    diesel::dsl::Eq<watched::failures, i64>,
    diesel::dsl::Eq<watched::report, Option<String>>,
);

fn about(watched: &Watched) -> About {
    (
        watched::hours.eq(watched.hours.clone()),
        watched::etag.eq(watched.etag.clone()),
        watched::modified.eq(watched.modified.clone()),
        watched::looked.eq(watched.looked),
        watched::next_look.eq(watched.next_look),
        watched::failures.eq(watched.failures),
        watched::report.eq(watched.report.as_ref().map(json)),
    )
}

pub fn watched_by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Watched>> {
    watched::table.find(id.to_string()).first::<WatchedRow>(conn).optional()?.map(watched_of).transpose()
}

/// The addresses of a group, in the order in which they were given.
pub fn watched_by(conn: &mut Conn, group: &str) -> QueryResult<Vec<Watched>> {
    let rows: Vec<WatchedRow> =
        watched::table.filter(watched::group_handle.eq(group)).order((watched::created, watched::id)).load(conn)?;
    rows.into_iter().map(watched_of).collect()
}

/// By groups that were welcomed: strangers take nobody's turn.
pub fn count_watched(conn: &mut Conn) -> QueryResult<i64> {
    let welcomed = actors::table.filter(actors::welcomed.is_not_null()).select(actors::handle);
    watched::table.filter(watched::group_handle.eq_any(welcomed)).count().get_result(conn)
}

/// What came from there stays, and is not looked for there any more.
pub fn stop(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    let none: (Option<String>, Option<Timestamp>) = (None, None);
    diesel::update(imports::table.filter(imports::source.eq(id.to_string())))
        .set((imports::source.eq(none.0), imports::missed.eq(none.1)))
        .execute(conn)?;
    diesel::delete(watched::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

/// Addresses that are to be looked at by now, of groups that have not ended; the one that waits longest first.
pub fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> QueryResult<Vec<Uuid>> {
    let found: Vec<String> = watched::table
        .inner_join(actors::table.on(actors::handle.eq(watched::group_handle)))
        .filter(watched::next_look.le(now).and(actors::closed.is_null()))
        .order((watched::next_look, watched::id))
        .select(watched::id)
        .limit(limit)
        .load(conn)?;
    found.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("watched", "id", id))).collect()
}

/// Takes an address up until `until`, unless somebody else did or stopped it meanwhile.
pub fn claim(conn: &mut Conn, id: Uuid, now: Timestamp, until: Timestamp) -> QueryResult<Option<Watched>> {
    let free = watched::table.find(id.to_string()).filter(watched::next_look.le(now));
    match diesel::update(free).set(watched::next_look.eq(until)).execute(conn)? {
        0 => Ok(None),
        _ => watched_by_id(conn, id),
    }
}

pub fn keep_look(conn: &mut Conn, look: &Look) -> QueryResult<()> {
    let row = (
        looks::id.eq(look.id.to_string()),
        looks::group_handle.eq(&look.group),
        looks::url.eq(look.url.as_ref().map(|url| url.as_str())),
        looks::watch.eq(look.watch),
        looks::hours.eq(&look.hours),
        looks::reading.eq(json(&look.reading)),
        looks::report.eq(look.report.as_ref().map(json)),
        looks::made.eq(look.made),
    );
    diesel::insert_into(looks::table).values(row).execute(conn)?;
    Ok(())
}

type LookRow = (String, String, Option<String>, bool, Option<String>, String, Option<String>, Timestamp);

pub fn look(conn: &mut Conn, group: &str, id: Uuid) -> QueryResult<Option<Look>> {
    let row = looks::table.find(id.to_string()).filter(looks::group_handle.eq(group)).first::<LookRow>(conn).optional()?;
    let Some((_, group, url, watch, hours, reading, report, made)) = row else { return Ok(None) };
    let odd = |column| Inconsistent::error("import_looks", column, &id.to_string());
    let url = url.as_deref().map(str::parse).transpose().map_err(|_| odd("url"))?;
    let reading: Reading = read_json(&reading).ok_or_else(|| odd("reading"))?;
    let report = report.as_deref().map(|report| read_json(report).ok_or_else(|| odd("report"))).transpose()?;
    Ok(Some(Look { id, group, url, watch, hours, reading, report, made }))
}

/// It was taken in: what came of it stays to be read, and what it was made of goes.
pub fn look_is_done(conn: &mut Conn, id: Uuid, report: &Report) -> QueryResult<()> {
    let done = (looks::report.eq(Some(json(report))), looks::reading.eq(json(&Reading::default())));
    diesel::update(looks::table.find(id.to_string())).set(done).execute(conn)?;
    Ok(())
}

/// Forgets what nobody decided about.
pub fn forget_looks(conn: &mut Conn, before: Timestamp) -> QueryResult<()> {
    diesel::delete(looks::table.filter(looks::made.lt(before))).execute(conn)?;
    Ok(())
}
