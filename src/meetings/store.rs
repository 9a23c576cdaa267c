//! How meetings are kept.

use chrono_tz::Tz;
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods};
use uuid::Uuid;

use super::meeting::{Kind, Meeting, Position};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, lists, read_json},
        schema::{actors, meetings},
    },
    media::Kept,
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
    pictures: String,
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
            pictures: json(&meeting.pictures),
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
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
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

/// Which meetings somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Handle of the group that meets.
    pub group: Option<String>,
    /// In the agenda; lower case, without #.
    pub tag: Option<String>,
}

/// Meetings of groups that have not ended, which are going on at some moment from `from` to before `until`, the first one first.
pub fn within(conn: &mut Conn, from: Timestamp, until: Timestamp, only: &Only, limit: i64) -> QueryResult<Vec<Meeting>> {
    let open = actors::table.filter(actors::closed.is_null()).select(actors::handle);
    let mut query = meetings::table
        .filter(meetings::ends.gt(from))
        .filter(meetings::starts.lt(until))
        .filter(meetings::group_handle.eq_any(open))
        .into_boxed();
    if let Some(group) = &only.group {
        query = query.filter(meetings::group_handle.eq(group.clone()));
    }
    if let Some(tag) = &only.tag {
        query = query.filter(meetings::tags.like(crate::db::columns::containing_word(tag)));
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

fn all(rows: Vec<Row>) -> QueryResult<Vec<Meeting>> {
    rows.into_iter().map(Meeting::try_from).collect()
}

/// Pictures of meetings of groups that have not ended.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<String> = meetings::table
        .inner_join(actors::table.on(actors::handle.eq(meetings::group_handle)))
        .filter(actors::closed.is_null())
        .filter(meetings::pictures.ne("[]"))
        .select(meetings::pictures)
        .load(conn)?;
    lists(&rows, "meetings")
}

/// How many meetings the city has published.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    meetings::table.count().get_result(conn)
}
