//! How meetings are kept.

pub mod by_series;

use chrono_tz::Tz;
use diesel::{
    AggregateExpressionMethods, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, Table, TextExpressionMethods,
    dsl::{self, Eq, InnerJoinOn, IntoBoxed, Select, sql},
    sql_types::{BigInt, Nullable, Text},
};
use uuid::Uuid;

use super::{
    filter::{Filter, Span, words_of},
    meeting::{Kind, Meeting, Position, Recurrence},
    veil::{self, Veil},
};
use crate::{
    actors::store::{is_public, public_handles},
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, lists, read_json},
        schema::{actors, callers, meeting_terms as terms, meetings},
        turn::{Mark, Turn},
    },
    groups,
    media::Kept,
    places::access::Access,
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
    recurrence: Option<Timestamp>,
    opens: Option<Timestamp>,
    met: Option<Timestamp>,
    agreed: Option<String>,
    unconfirmed: bool,
    missed: Option<Timestamp>,
    place_id: Option<String>,
    access: String,
    access_line: Option<String>,
    veil: Option<i64>,
    capacity: Option<i64>,
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
            series: meeting.recurrence.map(|recurrence| recurrence.series.to_string()),
            sequence: meeting.sequence,
            previous_start: meeting.previous_start,
            cancelled: meeting.cancelled,
            published: meeting.published,
            updated: meeting.updated,
            pictures: json(&meeting.pictures),
            recurrence: meeting.recurrence.map(|recurrence| recurrence.starts),
            opens: meeting.opens,
            met: meeting.met,
            agreed: meeting.agreed.map(|agreed| agreed.to_string()),
            unconfirmed: meeting.unconfirmed,
            missed: meeting.missed,
            place_id: meeting.place_id.map(|id| id.to_string()),
            access: meeting.access.names(),
            access_line: meeting.access.line,
            veil: meeting.veil.map(|veil| veil.hours),
            capacity: meeting.capacity,
        }
    }
}

impl TryFrom<Row> for Meeting {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("meetings", column, &row.id);
        let series: Option<Uuid> = row.series.as_deref().map(str::parse).transpose().map_err(|_| odd("series"))?;
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            kind: Kind::by_name(&row.kind).ok_or_else(|| odd("kind"))?,
            zone: row.zone.parse::<Tz>().map_err(|_| odd("zone"))?,
            online: row.online_url.as_deref().map(str::parse).transpose().map_err(|_| odd("online_url"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
            agreed: row.agreed.as_deref().map(str::parse).transpose().map_err(|()| odd("agreed"))?,
            place_id: row.place_id.as_deref().map(str::parse).transpose().map_err(|_| odd("place_id"))?,
            access: Access::read(&row.access, row.access_line).ok_or_else(|| odd("access"))?,
            veil: row.veil.map(|hours| Veil { district: row.place.clone().unwrap_or_default(), hours }),
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
            recurrence: series.zip(row.recurrence).map(|(series, starts)| Recurrence { series, starts }),
            opens: row.opens,
            met: row.met,
            unconfirmed: row.unconfirmed,
            missed: row.missed,
            capacity: row.capacity,
        })
    }
}

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
    diesel::delete(terms::table.filter(terms::meeting.eq(meeting.id.to_string()))).execute(conn)?;
    index(conn, meeting)
}

/// Takes a meeting away of which nobody elsewhere has heard, and the answers to it.
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

/// Writes down what the meeting can be found by.
fn index(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    let others = called_by(conn, meeting.id)?.into_iter().filter(|handle| *handle != meeting.group);
    let others: Vec<String> = others.map(|handle| of_group_term(&handle)).collect();
    for term in terms_of(meeting).into_iter().chain(others) {
        let when = (terms::starts.eq(meeting.starts), terms::ends.eq(meeting.ends));
        let row = (terms::term.eq(term), when.0, terms::meeting.eq(meeting.id.to_string()), when.1);
        diesel::insert_into(terms::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Groups of ours that call a meeting which another one holds.
fn called_by(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<String>> {
    let calling = callers::table.filter(callers::meeting.eq(meeting.to_string())).filter(callers::state.eq(CALLS));
    let actors: Vec<String> = calling.select(callers::actor).load(conn)?;
    Ok(actors.iter().filter_map(|actor| actor.strip_prefix("/ap/groups/")).map(str::to_owned).collect())
}

/// The state of whoever accepted.
const CALLS: &str = "accepted";

fn terms_of(meeting: &Meeting) -> Vec<String> {
    let mut found = vec![EVERY.to_owned(), of_group_term(&meeting.group), kind_term(meeting.kind)];
    found.extend(meeting.online.as_ref().map(|_| online_term(true)));
    found.extend(meeting.is_somewhere().then(|| online_term(false)));
    found.extend(meeting.tags().iter().map(|tag| tag_term(tag)));
    let place = [&meeting.place, &meeting.address].map(|line| line.as_deref().unwrap_or_default()).join(" ");
    found.extend(words_of(&place).iter().map(|word| word_term(word)));
    found
}

/// The term that every meeting has.
const EVERY: &str = "";

pub(super) fn of_group_term(handle: &str) -> String {
    format!("@{handle}")
}

fn kind_term(kind: Kind) -> String {
    format!("={}", kind.name())
}

fn online_term(online: bool) -> String {
    (if online { "+online" } else { "+here" }).to_owned()
}

pub(super) fn tag_term(tag: &str) -> String {
    format!("#{tag}")
}

fn word_term(word: &str) -> String {
    format!("~{word}")
}

/// What a meeting must have to be wanted: of each entry one of its terms; what is likely to be rarest comes first.
fn wanted(conn: &mut Conn, filter: &Filter) -> QueryResult<Vec<Vec<String>>> {
    let mut wanted: Vec<Vec<String>> = filter.group.iter().map(|group| vec![of_group_term(group)]).collect();
    wanted.extend(filter.place_words().iter().map(|word| vec![word_term(word)]));
    if let Some(tag) = &filter.tag {
        let groups = groups::store::about(conn, tag)?;
        wanted.push([tag_term(tag)].into_iter().chain(groups.iter().map(|handle| of_group_term(handle))).collect());
    }
    wanted.extend(filter.kind.map(|kind| vec![kind_term(kind)]));
    wanted.extend(filter.online.map(|online| vec![online_term(online)]));
    Ok(if wanted.is_empty() { vec![vec![EVERY.to_owned()]] } else { wanted })
}

type Joined = InnerJoinOn<
    InnerJoinOn<terms::table, meetings::table, Eq<meetings::id, terms::meeting>>,
    actors::table,
    Eq<actors::handle, meetings::group_handle>,
>;
type Sought = IntoBoxed<'static, Select<Joined, <meetings::table as Table>::AllColumns>, <Conn as diesel::Connection>::Backend>;

/// What a filter lets through, of groups that have not ended. Walks along one term, in the order of its index, and asks for
/// the others. Where several terms lead, a meeting can come as often: that many is the second value.
fn sought(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<(Sought, i64)> {
    let wanted = wanted(conn, filter)?;
    let (first, others) = wanted.split_first().map_or((&[][..], &[][..]), |(first, others)| (first.as_slice(), others));
    let mut query = terms::table
        .inner_join(meetings::table.on(meetings::id.eq(terms::meeting)))
        .inner_join(actors::table.on(actors::handle.eq(meetings::group_handle)))
        .select(meetings::all_columns)
        .into_boxed()
        .filter(is_public())
        .filter(terms::starts.ge(span.from).and(terms::starts.lt(span.until)).and(terms::ends.gt(span.lasts)));
    query = match first {
        [only] => query.filter(terms::term.eq(only.clone())),
        several => query.filter(terms::term.eq_any(several.to_vec())),
    };
    let again = diesel::alias!(terms as again);
    for alternatives in others {
        let having = again.filter(again.field(terms::term).eq_any(alternatives.clone()));
        let having = having.filter(again.field(terms::starts).ge(span.from)).select(again.field(terms::meeting));
        query = query.filter(meetings::id.eq_any(having));
    }
    // its own hashtag, its group's topic, and those of groups that call it, too
    Ok((query, if first.len() == 1 { 1 } else { 4 }))
}

/// Meetings that a filter lets through, in the order of time, cancelled ones included: at most `limit`.
pub fn matching(conn: &mut Conn, filter: &Filter, span: Span, turn: Turn, limit: i64) -> QueryResult<Vec<Meeting>> {
    let found = sought(conn, filter, span)?;
    in_turn(conn, found, turn, limit)
}

fn in_turn(conn: &mut Conn, (query, times): (Sought, i64), turn: Turn, limit: i64) -> QueryResult<Vec<Meeting>> {
    let place = |mark: Mark| (mark.time, mark.id.to_string());
    let query = match turn {
        Turn::First => query.order((terms::starts, terms::meeting)),
        Turn::After(mark) => {
            let (time, id) = place(mark);
            let later = terms::starts.gt(time).or(terms::starts.eq(time).and(terms::meeting.gt(id)));
            query.filter(terms::starts.ge(time)).filter(later).order((terms::starts, terms::meeting))
        }
        Turn::Before(mark) => {
            let (time, id) = place(mark);
            let earlier = terms::starts.lt(time).or(terms::starts.eq(time).and(terms::meeting.lt(id)));
            query.filter(terms::starts.le(time)).filter(earlier).order((terms::starts.desc(), terms::meeting.desc()))
        }
    };
    let mut found = all(query.limit(limit * times).load(conn)?)?;
    found.dedup_by(|one, other| one.id == other.id);
    found.truncate(usize::try_from(limit).unwrap_or_default());
    if matches!(turn, Turn::Before(_)) {
        found.reverse();
    }
    Ok(found)
}

/// When the meetings begin that a filter lets through.
pub fn beginnings(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<Vec<Timestamp>> {
    let (query, _) = sought(conn, filter, span)?;
    let mut found: Vec<(Timestamp, String)> =
        query.select((terms::starts, terms::meeting)).order((terms::starts, terms::meeting)).load(conn)?;
    found.dedup();
    Ok(found.into_iter().map(|(starts, _)| starts).collect())
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
