//! How places are kept.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    dsl::{Filter, IsNotNull, Select},
};
use uuid::Uuid;

use super::{
    access::Access,
    place::{Place, Position, folded},
};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{actors, places},
    },
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = places, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    name: String,
    folded: String,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    access: String,
    access_line: Option<String>,
    updated: Timestamp,
}

impl From<&Place> for Row {
    fn from(place: &Place) -> Self {
        let (access, folded) = (place.access.names(), folded(&place.name));
        let place = place.clone();
        Self {
            id: place.id.to_string(),
            group_handle: place.group,
            name: place.name,
            folded,
            address: place.address,
            latitude: place.position.map(|position| position.latitude),
            longitude: place.position.map(|position| position.longitude),
            access,
            access_line: place.access.line,
            updated: place.updated,
        }
    }
}

impl TryFrom<Row> for Place {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("places", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            access: Access::read(&row.access, row.access_line).ok_or_else(|| odd("access"))?,
            position: row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude }),
            group: row.group_handle,
            name: row.name,
            address: row.address,
            updated: row.updated,
        })
    }
}

pub fn add(conn: &mut Conn, place: &Place) -> QueryResult<()> {
    diesel::insert_into(places::table).values(Row::from(place)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, place: &Place) -> QueryResult<()> {
    diesel::update(places::table.find(place.id.to_string())).set(Row::from(place)).execute(conn)?;
    Ok(())
}

pub fn delete(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    diesel::delete(places::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

/// Whoever keeps it: for those who look after the city.
pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Place>> {
    places::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Place::try_from).transpose()
}

/// Handles of groups whose places everybody may use: also of those that have ended since, whose places are still there.
fn welcomed() -> Select<Filter<actors::table, IsNotNull<actors::welcomed>>, actors::handle> {
    actors::table.filter(actors::welcomed.is_not_null()).select(actors::handle)
}

/// The place of that id, if this group may use it: those of groups that were welcomed, and its own.
pub fn for_group(conn: &mut Conn, group: &str, id: Uuid) -> QueryResult<Option<Place>> {
    let usable = places::group_handle.eq(group).or(places::group_handle.eq_any(welcomed()));
    let row = places::table.find(id.to_string()).filter(usable).first::<Row>(conn).optional()?;
    row.map(Place::try_from).transpose()
}

/// The place that this group means by a name; its own before those of others, of these the one that was kept first.
pub fn called(conn: &mut Conn, group: &str, name: &str) -> QueryResult<Option<Place>> {
    let usable = places::group_handle.eq(group).or(places::group_handle.eq_any(welcomed()));
    let rows: Vec<Row> = places::table.filter(places::folded.eq(folded(name))).filter(usable).order(places::id).load(conn)?;
    let own = rows.iter().position(|row| row.group_handle == group).unwrap_or_default();
    rows.into_iter().nth(own).map(Place::try_from).transpose()
}

/// All that a group may use, by name.
pub fn usable_by(conn: &mut Conn, group: &str) -> QueryResult<Vec<Place>> {
    let usable = places::group_handle.eq(group).or(places::group_handle.eq_any(welcomed()));
    all(places::table.filter(usable).order((places::folded, places::id)).load(conn)?)
}

/// Every place, by name: for those who look after the city.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<Place>> {
    all(places::table.order((places::folded, places::id)).load(conn)?)
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Place>> {
    rows.into_iter().map(Place::try_from).collect()
}

/// Of groups that were welcomed: strangers fill nobody's shelf.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    places::table.filter(places::group_handle.eq_any(welcomed())).count().get_result(conn)
}

/// How many a group keeps.
pub fn count_of(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    places::table.filter(places::group_handle.eq(group)).count().get_result(conn)
}
