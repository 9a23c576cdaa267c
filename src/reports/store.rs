//! How reports are kept: one row for each server and thing as long as it is open, so that many about the same are one.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, dsl::count_star};
use uuid::Uuid;

use super::report::Report;
use crate::{
    actors::crowds::makes_room,
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::reports,
    },
};

/// So long a report is kept, open or not.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3_600);

type Row = (String, String, String, String, String, i64, Timestamp, Option<Timestamp>);

fn report((id, about, host, objects, reason, times, received, closed): Row) -> QueryResult<Report> {
    Ok(Report {
        id: id.parse().map_err(|_| Inconsistent::error("reports", "id", &id))?,
        objects: read_json(&objects).ok_or_else(|| Inconsistent::error("reports", "objects", &id))?,
        about,
        host,
        reason,
        times,
        received,
        closed,
    })
}

pub fn save(conn: &mut Conn, report: &Report) -> QueryResult<()> {
    let about = (
        reports::about.eq(&report.about),
        reports::host.eq(&report.host),
        reports::objects.eq(json(&report.objects)),
        reports::reason.eq(&report.reason),
        reports::times.eq(report.times),
        reports::received.eq(report.received),
        reports::closed.eq(report.closed),
    );
    if diesel::update(reports::table.find(report.id.to_string())).set(about.clone()).execute(conn)? == 0 {
        diesel::insert_into(reports::table).values((reports::id.eq(report.id.to_string()), about)).execute(conn)?;
    }
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Report>> {
    reports::table.find(id.to_string()).first::<Row>(conn).optional()?.map(report).transpose()
}

/// What that server reported about that and nobody has closed.
pub fn open_about(conn: &mut Conn, host: &str, about: &str) -> QueryResult<Option<Report>> {
    let same = reports::table.filter(reports::host.eq(host)).filter(reports::about.eq(about));
    same.filter(reports::closed.is_null()).first::<Row>(conn).optional()?.map(report).transpose()
}

/// What the caretakers have not looked at yet, the oldest first.
pub fn open(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Report>> {
    let rows: Vec<Row> =
        reports::table.filter(reports::closed.is_null()).order((reports::received, reports::id)).limit(limit).load(conn)?;
    rows.into_iter().map(report).collect()
}

/// The rest, the newest first.
pub fn closed(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Report>> {
    let rows: Vec<Row> = reports::table
        .filter(reports::closed.is_not_null())
        .order((reports::received.desc(), reports::id))
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(report).collect()
}

pub fn count_open(conn: &mut Conn) -> QueryResult<i64> {
    reports::table.filter(reports::closed.is_null()).count().get_result(conn)
}

pub fn count_open_of(conn: &mut Conn, host: &str) -> QueryResult<i64> {
    reports::table.filter(reports::closed.is_null()).filter(reports::host.eq(host)).count().get_result(conn)
}

/// From other servers.
pub fn count_open_of_servers(conn: &mut Conn) -> QueryResult<i64> {
    reports::table.filter(reports::closed.is_null()).filter(reports::host.ne("")).count().get_result(conn)
}

/// What came first from a server is dropped.
pub fn drop_oldest_of(conn: &mut Conn, host: &str) -> QueryResult<()> {
    let open = reports::table.filter(reports::closed.is_null()).filter(reports::host.eq(host));
    let oldest: Option<String> = open.order((reports::received, reports::id)).select(reports::id).first(conn).optional()?;
    remove(conn, oldest).map(drop)
}

/// Something goes of those servers of which most is here.
pub fn drop_from_fullest(conn: &mut Conn) -> QueryResult<()> {
    let of_servers = reports::table.filter(reports::closed.is_null()).filter(reports::host.ne(""));
    let here: Vec<(String, String)> =
        of_servers.order((reports::received, reports::id)).select((reports::host, reports::id)).load(conn)?;
    let goes = makes_room(here.iter().map(|(host, id)| (host.as_str(), id))).cloned();
    remove(conn, goes).map(drop)
}

/// What was said here most often in the same words about different things, if anything was said twice.
fn most_repeated(conn: &mut Conn) -> QueryResult<Option<String>> {
    let most: Option<(String, i64)> = reports::table
        .filter(reports::closed.is_null())
        .filter(reports::host.eq(""))
        .group_by(reports::reason)
        .select((reports::reason, count_star()))
        .order((count_star().desc(), reports::reason))
        .first(conn)
        .optional()?;
    Ok(most.filter(|(_, times)| *times > 1).map(|(reason, _)| reason))
}

pub fn is_any_repeated(conn: &mut Conn) -> QueryResult<bool> {
    Ok(most_repeated(conn)?.is_some())
}

/// The oldest of that is dropped; `false` where nothing was said twice.
pub fn drop_repeated(conn: &mut Conn) -> QueryResult<bool> {
    let Some(reason) = most_repeated(conn)? else { return Ok(false) };
    let same = reports::table.filter(reports::closed.is_null()).filter(reports::host.eq("")).filter(reports::reason.eq(reason));
    let oldest = same.order((reports::received, reports::id)).select(reports::id).first(conn).optional()?;
    remove(conn, oldest)
}

fn remove(conn: &mut Conn, id: Option<String>) -> QueryResult<bool> {
    let Some(id) = id else { return Ok(false) };
    Ok(diesel::delete(reports::table.find(id)).execute(conn)? > 0)
}

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(reports::table.filter(reports::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
