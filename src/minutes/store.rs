//! How minutes are kept.

use std::collections::HashMap;

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::{Minutes, Rolled};
use crate::{
    clock::Timestamp,
    coming::answer::Step,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{meetings, minutes},
        turn::{Mark, Turn},
    },
    meetings::{self as gatherings, meeting::Meeting},
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = minutes, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    meeting: String,
    present: Option<i64>,
    text: String,
    language: String,
    mentions: String,
    decisions: String,
    numbered: i64,
    rolled_into: Option<String>,
    rolled: Option<String>,
    published: Timestamp,
    updated: Option<Timestamp>,
    deleted: Option<Timestamp>,
}

/// What stands in the column `rolled`.
#[derive(Serialize, Deserialize)]
struct Put {
    heading: String,
    items: Vec<String>,
}

impl From<&Minutes> for Row {
    fn from(minutes: &Minutes) -> Self {
        let minutes = minutes.clone();
        let (into, put) = minutes.rolled.map(|Rolled { into, heading, items }| (into, Put { heading, items })).unzip();
        Self {
            id: minutes.id.to_string(),
            group_handle: minutes.group,
            meeting: minutes.meeting.to_string(),
            present: minutes.present.map(|step| step.bounds().0),
            text: minutes.text,
            language: minutes.language,
            mentions: json(&minutes.mentions),
            decisions: json(&minutes.decisions),
            numbered: minutes.numbered,
            rolled_into: into.map(|id| id.to_string()),
            rolled: put.map(|put| json(&put)),
            published: minutes.published,
            updated: minutes.updated,
            deleted: minutes.deleted,
        }
    }
}

impl TryFrom<Row> for Minutes {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("minutes", column, &row.id);
        let into: Option<Uuid> = row.rolled_into.as_deref().map(str::parse).transpose().map_err(|_| odd("rolled_into"))?;
        let put: Option<Put> = row.rolled.as_deref().map(|put| read_json(put).ok_or_else(|| odd("rolled"))).transpose()?;
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            meeting: row.meeting.parse().map_err(|_| odd("meeting"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            decisions: read_json(&row.decisions).ok_or_else(|| odd("decisions"))?,
            rolled: into.zip(put).map(|(into, put)| Rolled { into, heading: put.heading, items: put.items }),
            group: row.group_handle,
            present: row.present.map(Step::of),
            text: row.text,
            language: row.language,
            numbered: row.numbered,
            published: row.published,
            updated: row.updated,
            deleted: row.deleted,
        })
    }
}

pub fn add(conn: &mut Conn, minutes: &Minutes) -> QueryResult<()> {
    diesel::insert_into(minutes::table).values(Row::from(minutes)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, minutes: &Minutes) -> QueryResult<()> {
    diesel::update(minutes::table.find(minutes.id.to_string())).set(Row::from(minutes)).execute(conn)?;
    Ok(())
}

/// Deleted ones too: they still answer, with 410.
pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Minutes>> {
    minutes::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Minutes::try_from).transpose()
}

/// The notes of a meeting, where there are any.
pub fn of_meeting(conn: &mut Conn, meeting: Uuid) -> QueryResult<Option<Minutes>> {
    let query = minutes::table.filter(minutes::meeting.eq(meeting.to_string())).filter(minutes::deleted.is_null());
    query.first::<Row>(conn).optional()?.map(Minutes::try_from).transpose()
}

/// Were notes written of a meeting, deleted ones included?
pub fn any_of(conn: &mut Conn, meeting: Uuid) -> QueryResult<bool> {
    let notes: i64 = minutes::table.filter(minutes::meeting.eq(meeting.to_string())).count().get_result(conn)?;
    Ok(notes > 0)
}

/// Whatever a group wrote and did not delete, the oldest first.
pub fn standing(conn: &mut Conn, group: &str) -> QueryResult<Vec<Minutes>> {
    let query = minutes::table.filter(minutes::group_handle.eq(group)).filter(minutes::deleted.is_null());
    all(query.order((minutes::published, minutes::id)).load(conn)?)
}

/// Notes whose open items stand on that meeting's agenda.
pub fn rolled_into(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<Minutes>> {
    let query = minutes::table.filter(minutes::rolled_into.eq(meeting.to_string())).filter(minutes::deleted.is_null());
    all(query.order((minutes::published, minutes::id)).load(conn)?)
}

/// Those that were published last, for feeds.
pub fn latest(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<(Minutes, Meeting)>> {
    let query = minutes::table.filter(minutes::group_handle.eq(group)).filter(minutes::deleted.is_null());
    let found = all(query.order((minutes::published.desc(), minutes::id.desc())).limit(limit).load(conn)?)?;
    with_meetings(conn, found)
}

/// Which notes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// Those of meetings that decided something.
    Deciding,
}

/// A group's notes page by page, those of its last meeting first. Marks have the time at which a meeting began and the id of its notes.
pub fn page(conn: &mut Conn, group: &str, which: Which, turn: Turn, limit: i64) -> QueryResult<Vec<(Minutes, Meeting)>> {
    let mut query = minutes::table
        .inner_join(meetings::table.on(meetings::id.eq(minutes::meeting)))
        .filter(minutes::group_handle.eq(group.to_owned()))
        .filter(minutes::deleted.is_null())
        .select(minutes::all_columns)
        .into_boxed();
    if which == Which::Deciding {
        query = query.filter(minutes::decisions.ne("[]"));
    }
    let place = |mark: Mark| (mark.time, mark.id.to_string());
    let query = match turn {
        Turn::First => query.order((meetings::starts.desc(), minutes::id.desc())),
        Turn::After(mark) => {
            let (time, id) = place(mark);
            let older = meetings::starts.lt(time).or(meetings::starts.eq(time).and(minutes::id.lt(id)));
            query.filter(older).order((meetings::starts.desc(), minutes::id.desc()))
        }
        Turn::Before(mark) => {
            let (time, id) = place(mark);
            let newer = meetings::starts.gt(time).or(meetings::starts.eq(time).and(minutes::id.gt(id)));
            query.filter(newer).order((meetings::starts, minutes::id))
        }
    };
    let mut found = all(query.limit(limit).load(conn)?)?;
    if matches!(turn, Turn::Before(_)) {
        found.reverse();
    }
    with_meetings(conn, found)
}

fn with_meetings(conn: &mut Conn, found: Vec<Minutes>) -> QueryResult<Vec<(Minutes, Meeting)>> {
    let of = gatherings::store::some(conn, found.iter().map(|minutes| minutes.meeting.to_string()).collect())?;
    let mut of: HashMap<Uuid, Meeting> = of.into_iter().map(|meeting| (meeting.id, meeting)).collect();
    // a meeting has notes but once
    Ok(found.into_iter().filter_map(|minutes| of.remove(&minutes.meeting).map(|meeting| (minutes, meeting))).collect())
}

/// Meetings of a group that have begun since `since` and of which there are no notes yet, the last one first.
pub fn unwritten(conn: &mut Conn, group: &str, since: Timestamp, now: Timestamp, limit: i64) -> QueryResult<Vec<Meeting>> {
    let written = minutes::table.filter(minutes::deleted.is_null()).select(minutes::meeting);
    let ids: Vec<String> = meetings::table
        .filter(meetings::group_handle.eq(group))
        .filter(meetings::cancelled.is_null())
        .filter(meetings::starts.le(now))
        .filter(meetings::starts.ge(since))
        .filter(meetings::id.ne_all(written))
        .order((meetings::starts.desc(), meetings::id))
        .limit(limit)
        .select(meetings::id)
        .load(conn)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let id = id.parse().map_err(|_| Inconsistent::error("meetings", "id", &id))?;
        found.extend(gatherings::store::by_id(conn, id)?);
    }
    Ok(found)
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Minutes>> {
    rows.into_iter().map(Minutes::try_from).collect()
}
