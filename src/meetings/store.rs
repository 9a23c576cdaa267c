//! How meetings are kept.

use std::ops::Range;

use chrono_tz::Tz;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods,
    dsl::sql, sql_types::BigInt,
};
use uuid::Uuid;

use super::meeting::{Kind, LONGEST, Meeting, Position};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{actors, meetings},
    },
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = meetings, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    title: String,
    kind: String,
    starts: Timestamp,
    ends: Timestamp,
    zone: String,
    place: Option<String>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    online_url: Option<String>,
    agenda: Option<String>,
    language: String,
    mentions: String,
    tags: String,
    series: Option<String>,
    sequence: i64,
    previous_start: Option<Timestamp>,
    cancelled: Option<Timestamp>,
    published: Timestamp,
    updated: Option<Timestamp>,
}

impl From<&Meeting> for Row {
    fn from(meeting: &Meeting) -> Self {
        let tags = meeting.tags().join(" ");
        let meeting = meeting.clone();
        Self {
            id: meeting.id.to_string(),
            group_handle: meeting.group,
            title: meeting.title,
            kind: meeting.kind.name().to_owned(),
            starts: meeting.starts,
            ends: meeting.ends,
            zone: meeting.zone.name().to_owned(),
            place: meeting.place,
            address: meeting.address,
            latitude: meeting.position.map(|position| position.latitude),
            longitude: meeting.position.map(|position| position.longitude),
            online_url: meeting.online.map(Into::into),
            agenda: meeting.agenda,
            language: meeting.language,
            mentions: json(&meeting.mentions),
            tags: format!(" {tags} "),
            series: None,
            sequence: meeting.sequence,
            previous_start: meeting.previous_start,
            cancelled: meeting.cancelled,
            published: meeting.published,
            updated: meeting.updated,
        }
    }
}

impl TryFrom<Row> for Meeting {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("meetings", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            kind: Kind::by_name(&row.kind).ok_or_else(|| odd("kind"))?,
            zone: row.zone.parse::<Tz>().map_err(|_| odd("zone"))?,
            online: row.online_url.as_deref().map(str::parse).transpose().map_err(|_| odd("online_url"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            position: row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude }),
            group: row.group_handle,
            title: row.title,
            starts: row.starts,
            ends: row.ends,
            place: row.place,
            address: row.address,
            agenda: row.agenda,
            language: row.language,
            sequence: row.sequence,
            previous_start: row.previous_start,
            cancelled: row.cancelled,
            published: row.published,
            updated: row.updated,
        })
    }
}

pub fn add(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    diesel::insert_into(meetings::table).values(Row::from(meeting)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    diesel::update(meetings::table.find(meeting.id.to_string())).set(Row::from(meeting)).execute(conn)?;
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Meeting>> {
    meetings::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Meeting::try_from).transpose()
}

/// Meetings that are not over, cancelled ones included, the next one first.
pub fn upcoming(conn: &mut Conn, now: Timestamp, group: Option<&str>, limit: i64) -> QueryResult<Vec<Meeting>> {
    let mut query = meetings::table.filter(meetings::ends.gt(now)).into_boxed();
    if let Some(group) = group {
        query = query.filter(meetings::group_handle.eq(group.to_owned()));
    }
    all(query.order((meetings::starts, meetings::id)).limit(limit).load(conn)?)
}

/// Meetings of a group, the last one first.
pub fn of_group(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<Meeting>> {
    let query =
        meetings::table.filter(meetings::group_handle.eq(group)).order((meetings::starts.desc(), meetings::id)).limit(limit);
    all(query.load(conn)?)
}

/// Meetings whose agenda carries the hashtag, the next one first.
pub fn tagged(conn: &mut Conn, now: Timestamp, tag: &str, limit: i64) -> QueryResult<Vec<Meeting>> {
    let query =
        meetings::table.filter(meetings::ends.gt(now)).filter(meetings::tags.like(crate::db::columns::containing_word(tag)));
    all(query.order((meetings::starts, meetings::id)).limit(limit).load(conn)?)
}

/// Of meetings that take place within `span`, by their start: at most `limit`, after the one that began `after` under this id.
pub fn between(
    conn: &mut Conn,
    span: &Range<Timestamp>,
    group: Option<&str>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> QueryResult<Vec<Meeting>> {
    let mut query = meetings::table.filter(began(span)).filter(meetings::ends.gt(span.start)).into_boxed();
    if let Some(group) = group {
        query = query.filter(meetings::group_handle.eq(group.to_owned()));
    }
    if let Some((start, id)) = after {
        // the first half says nothing new, but an index can follow it
        query = query.filter(meetings::starts.ge(start)).filter(meetings::starts.gt(start).or(meetings::id.gt(id.to_string())));
    }
    all(query.order((meetings::starts, meetings::id)).limit(limit).load(conn)?)
}

/// Zones of the meetings within `span`.
pub fn zones_between(conn: &mut Conn, span: &Range<Timestamp>, group: Option<&str>) -> QueryResult<Vec<Tz>> {
    let mut query = meetings::table.filter(began(span)).select(meetings::zone).distinct().into_boxed();
    if let Some(group) = group {
        query = query.filter(meetings::group_handle.eq(group.to_owned()));
    }
    let names: Vec<String> = query.order(meetings::zone).load(conn)?;
    names.iter().map(|name| name.parse().map_err(|_| Inconsistent::error("meetings", "zone", name))).collect()
}

type Began = diesel::dsl::And<diesel::dsl::Ge<meetings::starts, Timestamp>, diesel::dsl::Lt<meetings::starts, Timestamp>>;

/// No meeting that began earlier still lasts when `span` begins.
fn began(span: &Range<Timestamp>) -> Began {
    meetings::starts.ge(span.start - LONGEST).and(meetings::starts.lt(span.end))
}

/// Meetings of groups that have not ended which are not over at `since`, the one changed last first.
pub fn changed(conn: &mut Conn, since: Timestamp, group: Option<&str>, limit: i64) -> QueryResult<Vec<Meeting>> {
    let ended = actors::table.filter(actors::closed.is_not_null()).select(actors::handle);
    let mut query = meetings::table.filter(meetings::ends.gt(since)).filter(meetings::group_handle.ne_all(ended)).into_boxed();
    if let Some(group) = group {
        query = query.filter(meetings::group_handle.eq(group.to_owned()));
    }
    // as it stands in the index
    let change = sql::<BigInt>("COALESCE(meetings.updated, meetings.published) DESC");
    all(query.order((change, meetings::id.desc())).limit(limit).load(conn)?)
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Meeting>> {
    rows.into_iter().map(Meeting::try_from).collect()
}

/// How many meetings the city has published.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    meetings::table.count().get_result(conn)
}
