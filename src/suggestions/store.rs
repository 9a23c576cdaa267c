//! How suggestions are kept: without anything about who sent them.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl, Selectable, SelectableHelper};
use uuid::Uuid;

use super::suggestion::{KEPT, Suggestion};
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, schema::suggestions},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = suggestions)]
struct Row {
    id: String,
    group_handle: String,
    text: String,
    moment: Option<String>,
    place: Option<String>,
    link: Option<String>,
    received: Timestamp,
}

impl TryFrom<Row> for Suggestion {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("suggestions", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            link: row.link.as_deref().map(str::parse).transpose().map_err(|_| odd("link"))?,
            group: row.group_handle,
            text: row.text,
            moment: row.moment,
            place: row.place,
            received: row.received,
        })
    }
}

pub fn add(conn: &mut Conn, suggestion: &Suggestion) -> QueryResult<()> {
    let row = (
        suggestions::id.eq(suggestion.id.to_string()),
        suggestions::group_handle.eq(&suggestion.group),
        suggestions::text.eq(&suggestion.text),
        suggestions::moment.eq(&suggestion.moment),
        suggestions::place.eq(&suggestion.place),
        suggestions::link.eq(suggestion.link.as_ref().map(|link| link.as_str())),
        suggestions::received.eq(suggestion.received),
    );
    diesel::insert_into(suggestions::table).values(row).execute(conn)?;
    Ok(())
}

/// What waits for a group, the newest day first.
pub fn waiting(conn: &mut Conn, group: &str) -> QueryResult<Vec<Suggestion>> {
    let rows: Vec<Row> = suggestions::table
        .filter(suggestions::group_handle.eq(group))
        .order((suggestions::received.desc(), suggestions::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub fn count(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    suggestions::table.filter(suggestions::group_handle.eq(group)).count().get_result(conn)
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Suggestion>> {
    let row: Option<Row> = suggestions::table.find(id.to_string()).select(Row::as_select()).first(conn).optional()?;
    row.map(TryInto::try_into).transpose()
}

pub fn delete(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    diesel::delete(suggestions::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

pub fn delete_all(conn: &mut Conn, group: &str) -> QueryResult<usize> {
    diesel::delete(suggestions::table.filter(suggestions::group_handle.eq(group))).execute(conn)
}

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(suggestions::table.filter(suggestions::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
