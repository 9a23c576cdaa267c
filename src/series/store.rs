//! How series are kept.

use std::{collections::BTreeSet, time::Duration};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, dsl::min,
};
use uuid::Uuid;

use super::{rule::Rule, series::Series};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, lists, read_json},
        schema::{actors, meetings, series, veiled},
    },
    media::Kept,
    meetings::{
        meeting::{Kind, Meeting, Position},
        veil::Veil,
    },
    places::access::Access,
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = series, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    title: String,
    kind: String,
    first: String,
    zone: String,
    minutes: i64,
    rule: String,
    except_days: String,
    place: Option<String>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    online_url: Option<String>,
    agenda: Option<String>,
    language: String,
    mentions: String,
    pictures: String,
    sequence: i64,
    published: Timestamp,
    updated: Option<Timestamp>,
    unconfirmed: bool,
    laid_out: Timestamp,
    place_id: Option<String>,
    access: String,
    access_line: Option<String>,
    veil: Option<i64>,
    begun_as: Option<String>,
    capacity: Option<i64>,
}

/// The clock on the wall, to the minute.
const CLOCK: &str = "%Y-%m-%dT%H:%M";

impl From<&Series> for Row {
    fn from(series: &Series) -> Self {
        let (pattern, _) = series.pattern.drawn();
        Self {
            id: series.id.to_string(),
            first: series.first.format(CLOCK).to_string(),
            zone: pattern.zone.name().to_owned(),
            minutes: i64::try_from(series.length().as_secs() / 60).unwrap_or_default(),
            rule: series.rule.to_string(),
            except_days: json(&series.except.iter().map(NaiveDate::to_string).collect::<Vec<_>>()),
            unconfirmed: series.unconfirmed,
            begun_as: series.begun_as.map(|id| id.to_string()),
            laid_out: series.laid_out,
            group_handle: pattern.group,
            title: pattern.title,
            kind: pattern.kind.name().to_owned(),
            place_id: pattern.place_id.map(|id| id.to_string()),
            access: pattern.access.names(),
            access_line: pattern.access.line,
            veil: pattern.veil.map(|veil| veil.hours),
            capacity: pattern.capacity,
            place: pattern.place,
            address: pattern.address,
            latitude: pattern.position.map(|position| position.latitude),
            longitude: pattern.position.map(|position| position.longitude),
            online_url: pattern.online.map(Into::into),
            agenda: pattern.agenda,
            language: pattern.language,
            mentions: json(&pattern.mentions),
            pictures: json(&pattern.pictures),
            sequence: pattern.sequence,
            published: pattern.published,
            updated: pattern.updated,
        }
    }
}

impl TryFrom<Row> for Series {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("series", column, &row.id);
        let id: Uuid = row.id.parse().map_err(|_| odd("id"))?;
        let zone: Tz = row.zone.parse().map_err(|_| odd("zone"))?;
        let first = NaiveDateTime::parse_from_str(&row.first, CLOCK).map_err(|_| odd("first"))?;
        let rule = Rule::parse(&row.rule, first, zone).map_err(|_| odd("rule"))?;
        let days: Vec<String> = read_json(&row.except_days).ok_or_else(|| odd("except_days"))?;
        let except =
            days.iter().map(|day| day.parse()).collect::<Result<BTreeSet<NaiveDate>, _>>().map_err(|_| odd("except_days"))?;
        let begun_as = row.begun_as.as_deref().map(str::parse).transpose().map_err(|_| odd("begun_as"))?;
        let length = u64::try_from(row.minutes).map_err(|_| odd("minutes"))?;
        let blank = Meeting::blank(id, &row.group_handle, row.published);
        let pattern = Meeting {
            ends: blank.starts + Duration::from_secs(length.saturating_mul(60)),
            kind: Kind::by_name(&row.kind).ok_or_else(|| odd("kind"))?,
            zone,
            online: row.online_url.as_deref().map(str::parse).transpose().map_err(|_| odd("online_url"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
            position: row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude }),
            place_id: row.place_id.as_deref().map(str::parse).transpose().map_err(|_| odd("place_id"))?,
            access: Access::read(&row.access, row.access_line).ok_or_else(|| odd("access"))?,
            veil: row.veil.map(|hours| Veil { district: row.place.clone().unwrap_or_default(), hours }),
            title: row.title,
            place: row.place,
            address: row.address,
            agenda: row.agenda,
            language: row.language,
            sequence: row.sequence,
            updated: row.updated,
            capacity: row.capacity,
            ..blank
        };
        let series = Series::new(pattern, first, rule, except, row.published);
        Ok(Series { unconfirmed: row.unconfirmed, begun_as, laid_out: row.laid_out, ..series })
    }
}

/// Of a series under a veil nothing but the district is written here.
pub fn add(conn: &mut Conn, new: &Series) -> QueryResult<()> {
    diesel::insert_into(series::table).values(Row::from(new)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, changed: &Series) -> QueryResult<()> {
    diesel::update(series::table.find(changed.id.to_string())).set(Row::from(changed)).execute(conn)?;
    Ok(())
}

/// Its meetings are laid out up to `to` now, if they were up to `from`; whether they were.
pub fn reach(conn: &mut Conn, id: Uuid, from: Timestamp, to: Timestamp) -> QueryResult<bool> {
    let as_known = series::table.filter(series::id.eq(id.to_string())).filter(series::laid_out.eq(from));
    Ok(diesel::update(as_known).set(series::laid_out.eq(to)).execute(conn)? == 1)
}

/// Meetings of it that are left stand alone from now on.
pub fn remove(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    let none: (Option<String>, Option<Timestamp>) = (None, None);
    diesel::update(meetings::table.filter(meetings::series.eq(id.to_string())))
        .set((meetings::series.eq(none.0), meetings::recurrence.eq(none.1)))
        .execute(conn)?;
    diesel::delete(series::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

/// Meetings from `then` on, as the old series had them, belong to another one.
pub fn hand_over(conn: &mut Conn, old: Uuid, new: Uuid, then: Timestamp) -> QueryResult<()> {
    let handed = meetings::table.filter(meetings::series.eq(old.to_string())).filter(meetings::recurrence.ge(then));
    diesel::update(handed).set(meetings::series.eq(new.to_string())).execute(conn)?;
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Series>> {
    series::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Series::try_from).transpose()
}

/// Those of these ids.
pub fn by_ids(conn: &mut Conn, ids: impl IntoIterator<Item = Uuid>) -> QueryResult<Vec<Series>> {
    let ids: BTreeSet<String> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let found: Vec<Row> = series::table.filter(series::id.eq_any(ids)).load(conn)?;
    found.into_iter().map(Series::try_from).collect()
}

/// Series that took this kept place over.
pub fn at_place(conn: &mut Conn, place: Uuid) -> QueryResult<Vec<Uuid>> {
    let ids: Vec<String> =
        series::table.filter(series::place_id.eq(place.to_string())).order(series::id).select(series::id).load(conn)?;
    ids.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("series", "id", id))).collect()
}

/// A kept place is gone; what series took over of it stays.
pub fn forget_place(conn: &mut Conn, place: Uuid) -> QueryResult<()> {
    let there = series::table.filter(series::place_id.eq(place.to_string()));
    diesel::update(there).set(series::place_id.eq(None::<String>)).execute(conn)?;
    Ok(())
}

/// Forgets what lies under the veil of series that are over.
pub fn forget_veils(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let goes_on = series::table.filter(series::laid_out.lt(Timestamp::NEVER)).select(series::id);
    let meets = meetings::table.filter(meetings::ends.gt(now)).filter(meetings::series.is_not_null());
    let over = veiled::table
        .filter(veiled::lifts.eq(Timestamp::NEVER))
        .filter(veiled::id.ne_all(goes_on))
        .filter(veiled::id.ne_all(meets.select(meetings::series.assume_not_null())));
    diesel::delete(over).execute(conn)?;
    Ok(())
}

/// The zones of these series, and when the first of each zone begins, some hours more or less.
pub fn zones(conn: &mut Conn, ids: &[Uuid]) -> QueryResult<Vec<(Tz, Timestamp)>> {
    let ids = ids.iter().map(Uuid::to_string);
    let found: Vec<(String, Option<String>)> = series::table
        .filter(series::id.eq_any(ids))
        .group_by(series::zone)
        .select((series::zone, min(series::first)))
        .load(conn)?;
    let read = |(zone, first): (String, Option<String>)| -> QueryResult<(Tz, Timestamp)> {
        let first = NaiveDateTime::parse_from_str(&first.unwrap_or_default(), CLOCK);
        let zone = zone.parse().map_err(|_| Inconsistent::error("series", "zone", &zone))?;
        Ok((zone, first.map_err(|_| Inconsistent::error("series", "first", "the first one"))?.and_utc().into()))
    };
    found.into_iter().map(read).collect()
}

/// Those of a group, in the order in which they were put up.
pub fn of_group(conn: &mut Conn, group: &str) -> QueryResult<Vec<Series>> {
    let found: Vec<Row> =
        series::table.filter(series::group_handle.eq(group)).order((series::published, series::id)).load(conn)?;
    found.into_iter().map(Series::try_from).collect()
}

/// Those of groups that have not ended whose meetings are to be laid out further, up to `until`.
pub fn to_lay_out(conn: &mut Conn, until: Timestamp, limit: i64) -> QueryResult<Vec<Uuid>> {
    let found: Vec<String> = series::table
        .inner_join(actors::table.on(actors::handle.eq(series::group_handle)))
        .filter(series::laid_out.lt(until))
        .filter(actors::closed.is_null())
        .order((series::laid_out, series::id))
        .select(series::id)
        .limit(limit)
        .load(conn)?;
    found.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("series", "id", id))).collect()
}

/// Pictures of series of groups that have not ended.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<String> = series::table
        .inner_join(actors::table.on(actors::handle.eq(series::group_handle)))
        .filter(actors::closed.is_null())
        .filter(series::pictures.ne("[]"))
        .select(series::pictures)
        .load(conn)?;
    lists(&rows, "series")
}
