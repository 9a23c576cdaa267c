//! How meetings are kept.

pub mod by_series;
pub(super) mod finding;
mod row;

use chrono_tz::Tz;
use diesel::{
    AggregateExpressionMethods, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods,
    dsl::{self, sql},
    sql_types::{BigInt, Nullable, Text},
};
use uuid::Uuid;

pub use finding::{beginnings, matching};

use self::{
    finding::{CALLS, EVERY, index, wanted},
    row::Row,
};
use super::{
    filter::{Filter, Span},
    meeting::Meeting,
    veil,
};
use crate::{
    actors::store::{is_public, public_handles},
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, lists},
        schema::{actors, callers, meeting_terms as terms, meetings},
        turn::{Mark, Turn},
    },
    media::Kept,
};

/// Of a meeting under a veil nothing but the district is written here, whoever asks for it.
pub fn add(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    let (meeting, _) = &meeting.drawn();
    diesel::insert_into(meetings::table).values(Row::from(meeting)).execute(conn)?;
    index(conn, meeting)
}

/// The same of one that stands already.
pub fn save(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    let (meeting, _) = &meeting.drawn();
    diesel::update(meetings::table.find(meeting.id.to_string())).set(Row::from(meeting)).execute(conn)?;
    index(conn, meeting)
}

/// Takes a meeting away of which nobody elsewhere has heard by us, and the answers to it. Neither notes nor minutes may be left of it.
pub fn remove(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    veil::forget(conn, id)?;
    diesel::delete(callers::table.filter(callers::meeting.eq(id.to_string()))).execute(conn)?;
    diesel::delete(terms::table.filter(terms::meeting.eq(id.to_string()))).execute(conn)?;
    diesel::delete(meetings::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

/// Meetings of a series that are not over, cancelled ones included, in the order in which the series has them.
pub fn ahead_of_series(conn: &mut Conn, series: Uuid, now: Timestamp) -> QueryResult<Vec<Meeting>> {
    let query = meetings::table.filter(meetings::series.eq(series.to_string())).filter(meetings::ends.gt(now));
    all(query.order(meetings::recurrence).load(conn)?)
}

/// All meetings of a series, in the order in which the series has them.
pub fn of_series(conn: &mut Conn, series: Uuid) -> QueryResult<Vec<Meeting>> {
    all(meetings::table.filter(meetings::series.eq(series.to_string())).order(meetings::recurrence).load(conn)?)
}

/// Meetings that lose their places in their series until they are saved again, so that they can change places.
pub fn lift_out(conn: &mut Conn, meetings: &[Meeting]) -> QueryResult<()> {
    let nowhere: Option<Timestamp> = None;
    let ids = meetings.iter().map(|meeting| meeting.id.to_string());
    diesel::update(meetings::table.filter(meetings::id.eq_any(ids))).set(meetings::recurrence.eq(nowhere)).execute(conn)?;
    Ok(())
}

/// Writes down which one of its series a meeting is, and nothing else.
pub fn place(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    let (series, starts) = meeting.recurrence.map(|recurrence| (recurrence.series.to_string(), recurrence.starts)).unzip();
    diesel::update(meetings::table.find(meeting.id.to_string()))
        .set((meetings::series.eq(series), meetings::recurrence.eq(starts)))
        .execute(conn)?;
    Ok(())
}

/// Meetings of groups that have not ended of which others are to hear now, the first one first.
pub fn to_open(conn: &mut Conn, now: Timestamp, limit: i64) -> QueryResult<Vec<Uuid>> {
    let found: Vec<String> = meetings::table
        .inner_join(actors::table.on(actors::handle.eq(meetings::group_handle)))
        .filter(meetings::opens.le(now))
        .filter(actors::closed.is_null())
        .order((meetings::opens, meetings::id))
        .select(meetings::id)
        .limit(limit)
        .load(conn)?;
    found.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("meetings", "id", id))).collect()
}

/// Of those that a group's followers have not heard of yet, they hear so many microseconds ahead.
pub fn open_ahead(conn: &mut Conn, group: &str, micros: i64) -> QueryResult<()> {
    let theirs = meetings::table.filter(meetings::group_handle.eq(group));
    let unsaid = theirs.filter(meetings::opens.lt(Timestamp::NEVER));
    diesel::update(unsaid).set(meetings::opens.eq((meetings::starts - micros).nullable())).execute(conn)?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Next {
    #[diesel(sql_type = Nullable<Text>)]
    id: Option<String>,
}

/// The next meeting of each group that has one and means to hold it; one that is unconfirmed is none.
pub fn next_of_each(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Meeting>> {
    let coming = Span::coming(now);
    let next: Vec<Next> = diesel::sql_query(
        "SELECT (SELECT t.meeting FROM meeting_terms t INNER JOIN meetings m ON m.id = t.meeting
            WHERE t.term = '@' || g.handle AND t.starts >= $1 AND t.ends > $2 AND m.cancelled IS NULL AND NOT m.unconfirmed
            ORDER BY t.starts, t.meeting LIMIT 1) AS id
         FROM groups g INNER JOIN actors a ON a.handle = g.handle WHERE a.welcomed IS NOT NULL AND a.closed IS NULL",
    )
    .bind::<BigInt, _>(coming.from)
    .bind::<BigInt, _>(coming.lasts)
    .load(conn)?;
    some(conn, next.into_iter().filter_map(|next| next.id).collect())
}

/// Those of these ids, in no order.
pub fn some(conn: &mut Conn, ids: Vec<String>) -> QueryResult<Vec<Meeting>> {
    all(meetings::table.filter(meetings::id.eq_any(ids)).load(conn)?)
}

/// The same of one group, in whichever state it is.
pub fn next_of(conn: &mut Conn, now: Timestamp, group: &str) -> QueryResult<Option<Meeting>> {
    let query = meetings::table
        .filter(meetings::group_handle.eq(group))
        .filter(meetings::starts.ge(Span::coming(now).from))
        .filter(meetings::ends.gt(now))
        .filter(meetings::cancelled.is_null())
        .filter(meetings::unconfirmed.eq(false))
        .order((meetings::starts, meetings::id));
    query.first::<Row>(conn).optional()?.map(Meeting::try_from).transpose()
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Meeting>> {
    meetings::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Meeting::try_from).transpose()
}

/// Meetings that are not over, cancelled ones included, the next one first.
pub fn upcoming(conn: &mut Conn, now: Timestamp, group: Option<&str>, limit: i64) -> QueryResult<Vec<Meeting>> {
    let filter = Filter { group: group.map(str::to_owned), ..Filter::default() };
    matching(conn, &filter, Span::coming(now), Turn::First, limit)
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
    let mut query = meetings::table
        .filter(meetings::ends.gt(from))
        .filter(meetings::starts.lt(until))
        .filter(meetings::group_handle.eq_any(public_handles()))
        .into_boxed();
    if let Some(group) = &only.group {
        query = query.filter(meetings::group_handle.eq(group.clone()));
    }
    if let Some(tag) = &only.tag {
        query = query.filter(meetings::tags.like(crate::db::columns::containing_word(tag)));
    }
    all(query.order((meetings::starts, meetings::id)).limit(limit).load(conn)?)
}

/// Those of one group, in whichever state it is: for its own page and its own people.
pub fn coming_of(conn: &mut Conn, now: Timestamp, group: &str, limit: i64) -> QueryResult<Vec<Meeting>> {
    let path = format!("/ap/groups/{group}");
    let called = callers::table.filter(callers::actor.eq(path)).filter(callers::state.eq(CALLS)).select(callers::meeting);
    let query = meetings::table
        .filter(meetings::group_handle.eq(group).or(meetings::id.eq_any(called)))
        .filter(meetings::starts.ge(Span::coming(now).from))
        .filter(meetings::ends.gt(now));
    all(query.order((meetings::starts, meetings::id)).limit(limit).load(conn)?)
}

/// The same a page at a time, in the order of time.
pub fn page_of(conn: &mut Conn, now: Timestamp, group: &str, turn: Turn, limit: i64) -> QueryResult<Vec<Meeting>> {
    let path = format!("/ap/groups/{group}");
    let called = callers::table.filter(callers::actor.eq(path)).filter(callers::state.eq(CALLS)).select(callers::meeting);
    let query = meetings::table
        .filter(meetings::group_handle.eq(group.to_owned()).or(meetings::id.eq_any(called)))
        .filter(meetings::starts.ge(Span::coming(now).from))
        .filter(meetings::ends.gt(now))
        .into_boxed();
    let query = match turn {
        Turn::First => query.order((meetings::starts, meetings::id)),
        Turn::After(Mark { time, id }) => {
            let later = meetings::starts.gt(time).or(meetings::starts.eq(time).and(meetings::id.gt(id.to_string())));
            query.filter(later).order((meetings::starts, meetings::id))
        }
        Turn::Before(Mark { time, id }) => {
            let earlier = meetings::starts.lt(time).or(meetings::starts.eq(time).and(meetings::id.lt(id.to_string())));
            query.filter(earlier).order((meetings::starts.desc(), meetings::id.desc()))
        }
    };
    let mut found = all(query.limit(limit).load(conn)?)?;
    if matches!(turn, Turn::Before(_)) {
        found.reverse();
    }
    Ok(found)
}

/// Meetings that took this kept place over and still stand, the first one first.
pub fn at_place(conn: &mut Conn, place: Uuid, now: Timestamp) -> QueryResult<Vec<Uuid>> {
    let query = meetings::table
        .filter(meetings::place_id.eq(place.to_string()))
        .filter(meetings::ends.gt(now))
        .filter(meetings::cancelled.is_null())
        .order((meetings::starts, meetings::id));
    let ids: Vec<String> = query.select(meetings::id).load(conn)?;
    ids.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("meetings", "id", id))).collect()
}

/// A kept place is gone; what meetings took over of it stays.
pub fn forget_place(conn: &mut Conn, place: Uuid) -> QueryResult<()> {
    let there = meetings::table.filter(meetings::place_id.eq(place.to_string()));
    diesel::update(there).set(meetings::place_id.eq(None::<String>)).execute(conn)?;
    Ok(())
}

/// Meetings of a group, the last one first.
pub fn of_group(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<Meeting>> {
    let query =
        meetings::table.filter(meetings::group_handle.eq(group)).order((meetings::starts.desc(), meetings::id)).limit(limit);
    all(query.load(conn)?)
}

/// Meetings that a filter lets through, of groups that have not ended, the one that changed last first.
pub fn changed(conn: &mut Conn, filter: &Filter, span: Span, limit: i64) -> QueryResult<Vec<Meeting>> {
    let mut query = meetings::table
        .inner_join(actors::table.on(actors::handle.eq(meetings::group_handle)))
        .filter(is_public())
        .filter(meetings::ends.gt(span.lasts))
        .select(meetings::all_columns)
        .into_boxed();
    if span.until < Timestamp::NEVER {
        // only then: it would lead SQLite away from the index of changes
        query = query.filter(meetings::starts.ge(span.from)).filter(meetings::starts.lt(span.until));
    }
    for alternatives in wanted(conn, filter)?.into_iter().filter(|terms| *terms != [EVERY]) {
        let having = terms::table.filter(terms::term.eq_any(alternatives)).filter(terms::starts.ge(span.from));
        query = query.filter(meetings::id.eq_any(having.select(terms::meeting)));
    }
    // as it stands in the index
    let change = sql::<BigInt>("COALESCE(meetings.updated, meetings.published) DESC");
    all(query.order((change, meetings::id.desc())).limit(limit).load(conn)?)
}

/// Zones in which a group, or anybody, meets within `span`.
pub fn zones(conn: &mut Conn, group: Option<&str>, span: Span) -> QueryResult<Vec<Tz>> {
    let during = meetings::starts.ge(span.from).and(meetings::starts.lt(span.until));
    let mut query = meetings::table
        .filter(during)
        .filter(meetings::group_handle.eq_any(public_handles()))
        .select(meetings::zone)
        .distinct()
        .into_boxed();
    if let Some(group) = group {
        query = query.filter(meetings::group_handle.eq(group.to_owned()));
    }
    let names: Vec<String> = query.order(meetings::zone).load(conn)?;
    names.iter().map(|name| name.parse().map_err(|_| Inconsistent::error("meetings", "zone", name))).collect()
}

/// Meetings that were agreed by one of the decisions of these notes.
pub fn agreed_by(conn: &mut Conn, minutes: Uuid) -> QueryResult<Vec<Meeting>> {
    let query = meetings::table.filter(meetings::agreed.like(format!("/minutes/{minutes}#%")));
    all(query.order(meetings::id).load(conn)?)
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

/// How many meetings everyone heard of.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    let said = meetings::table.filter(meetings::opens.is_null());
    said.filter(meetings::group_handle.eq_any(public_handles())).count().get_result(conn)
}

/// How many a group has put up; a series counts as one.
pub fn count_of(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    let theirs = meetings::table.filter(meetings::group_handle.eq(group));
    let alone: i64 = theirs.filter(meetings::series.is_null()).count().get_result(conn)?;
    let series: i64 = theirs.select(dsl::count(meetings::series).aggregate_distinct()).get_result(conn)?;
    Ok(alone + series)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
