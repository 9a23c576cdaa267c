//! How often what others say makes us tell everybody that a meeting changed: six times an hour. What comes after that is kept, and
//! told once when the hour is over.

use std::time::Duration;

use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::{actions, change::Change};
use crate::{
    app::App,
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::outside_changes as changes,
    },
    error::Result,
};

/// So many changes of one meeting that come from outside are told within an hour.
pub const MOST: i64 = 6;
const HOUR: Duration = Duration::from_secs(3_600);
/// Meetings of which everybody is told in one go.
const AT_ONCE: i64 = 50;

/// May another one be told? Not while something waits: it would overtake it.
pub fn has_room(conn: &mut Conn, meeting: Uuid, now: Timestamp) -> QueryResult<bool> {
    let row = changes::table.find(meeting.to_string()).select((changes::since, changes::told, changes::waits));
    let row: Option<(Timestamp, i64, bool)> = row.first(conn).optional()?;
    Ok(row.is_none_or(|(since, told, waits)| !waits && (told < MOST || since + HOUR <= now)))
}

/// Another one was told.
pub fn count(conn: &mut Conn, meeting: Uuid, now: Timestamp) -> QueryResult<()> {
    let this = || changes::table.find(meeting.to_string());
    let within = this().filter(changes::since.gt(now - HOUR));
    if diesel::update(within).set(changes::told.eq(changes::told + 1)).execute(conn)? > 0 {
        return Ok(());
    }
    let anew = (changes::since.eq(now), changes::told.eq(1));
    if diesel::update(this()).set(anew).execute(conn)? == 0 {
        let row = (changes::meeting.eq(meeting.to_string()), anew, changes::waits.eq(false));
        diesel::insert_into(changes::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Everybody is told when the hour is over: of how the meeting stands then, and of what others `wanted` changed until then.
pub fn wait(conn: &mut Conn, meeting: Uuid, wanted: Option<&Change>) -> QueryResult<()> {
    let this = || changes::table.find(meeting.to_string());
    diesel::update(this()).set(changes::waits.eq(true)).execute(conn)?;
    let Some(wanted) = wanted else { return Ok(()) };
    let together = match kept(conn, meeting)? {
        Some(earlier) => earlier.then(wanted.clone()),
        None => wanted.clone(),
    };
    // whose meeting it is, the row knows
    diesel::update(this()).set(changes::wanted.eq(json(&together.document("", "")))).execute(conn)?;
    Ok(())
}

fn kept(conn: &mut Conn, meeting: Uuid) -> QueryResult<Option<Change>> {
    let wanted = changes::table.find(meeting.to_string()).filter(changes::wanted.is_not_null());
    let wanted: Option<String> = wanted.select(changes::wanted.assume_not_null()).first(conn).optional()?;
    let read = |text: String| {
        let document: Option<Value> = read_json(&text);
        document
            .map(|document| Change::read(&document, false))
            .ok_or_else(|| Inconsistent::error("outside_changes", "wanted", &text))
    };
    wanted.map(read).transpose()
}

/// What waits of a meeting whose hour is over, to be told now: what others wanted changed, if they wanted anything. Nothing when
/// another process took it.
pub fn take(conn: &mut Conn, meeting: Uuid, now: Timestamp) -> QueryResult<Option<Option<Change>>> {
    let wanted = kept(conn, meeting)?;
    let due = changes::table.find(meeting.to_string()).filter(changes::waits.eq(true)).filter(changes::since.le(now - HOUR));
    let anew = (changes::since.eq(now), changes::told.eq(0), changes::waits.eq(false), changes::wanted.eq(None::<String>));
    Ok((diesel::update(due).set(anew).execute(conn)? > 0).then_some(wanted))
}

fn due(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Uuid>> {
    let due = changes::table.filter(changes::waits.eq(true)).filter(changes::since.le(now - HOUR));
    let ids: Vec<String> = due.order(changes::since).select(changes::meeting).limit(AT_ONCE).load(conn)?;
    ids.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("outside_changes", "meeting", id))).collect()
}

/// Tells what had to wait until now; of how many meetings. One deed each: several processes may do so at once.
pub async fn tell_what_waited(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(due(conn, now)?)).await?;
    for id in &due {
        let id = *id;
        app.act(move |conn, here| actions::tell_what_waited(conn, here, id)).await?;
    }
    Ok(due.len())
}

/// Forgets the hours that are over.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let over = changes::table.filter(changes::waits.eq(false)).filter(changes::since.le(now - HOUR));
    diesel::delete(over).execute(conn)?;
    Ok(())
}
