//! How reports are kept: one row for each server and thing as long as it is open, so that many about the same are one.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::report::Report;
use crate::{
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

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(reports::table.filter(reports::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
