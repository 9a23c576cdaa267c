//! How groups are kept.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};

use super::group::{Group, PLAZA};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{actors, groups},
    },
    media::Kept,
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = groups, treat_none_as_null = true)]
struct Row {
    handle: String,
    name: String,
    mission: String,
    contact: Option<String>,
    tags: String,
    language: String,
    icon: Option<String>,
    header: Option<String>,
    created: Timestamp,
    updated: Timestamp,
}

impl From<&Group> for Row {
    fn from(group: &Group) -> Self {
        let group = group.clone();
        Self {
            handle: group.handle,
            name: group.name,
            mission: group.mission,
            contact: group.contact,
            tags: group.tags.join(" "),
            language: group.language,
            icon: group.icon.as_ref().map(json),
            header: group.header.as_ref().map(json),
            created: group.created,
            updated: group.updated,
        }
    }
}

impl Row {
    fn into_group(self, closed: Option<Timestamp>) -> QueryResult<Group> {
        let picture = |column, text: &Option<String>| {
            let read = |text: &String| read_json(text).ok_or_else(|| Inconsistent::error("groups", column, &self.handle));
            text.as_ref().map(read).transpose()
        };
        let (icon, header) = (picture("icon", &self.icon)?, picture("header", &self.header)?);
        Ok(Group {
            handle: self.handle,
            name: self.name,
            mission: self.mission,
            contact: self.contact,
            tags: self.tags.split_whitespace().map(str::to_owned).collect(),
            language: self.language,
            icon,
            header,
            created: self.created,
            updated: self.updated,
            closed,
        })
    }
}

/// The actor of that handle must stand already.
pub fn add(conn: &mut Conn, group: &Group) -> QueryResult<()> {
    diesel::insert_into(groups::table).values(Row::from(group)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, group: &Group) -> QueryResult<()> {
    diesel::update(groups::table.find(&group.handle)).set(Row::from(group)).execute(conn)?;
    Ok(())
}

pub fn by_handle(conn: &mut Conn, handle: &str) -> QueryResult<Option<Group>> {
    let found: Option<(Row, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(groups::handle.eq(handle))
        .select((groups::all_columns, actors::closed))
        .first(conn)
        .optional()?;
    found.map(|(row, closed)| row.into_group(closed)).transpose()
}

/// Every working group that has not ended, by name.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<Group>> {
    let rows: Vec<Row> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::closed.is_null())
        .filter(groups::handle.ne(PLAZA))
        .order((groups::name, groups::handle))
        .select(groups::all_columns)
        .load(conn)?;
    rows.into_iter().map(|row| row.into_group(None)).collect()
}

/// Icons and headers of groups that have not ended.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<Row> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::closed.is_null())
        .filter(groups::icon.is_not_null().or(groups::header.is_not_null()))
        .select(groups::all_columns)
        .load(conn)?;
    let groups: Vec<Group> = rows.into_iter().map(|row| row.into_group(None)).collect::<QueryResult<_>>()?;
    Ok(groups.into_iter().flat_map(|group| [group.icon, group.header]).flatten().collect())
}

/// How many working groups have not ended.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::closed.is_null())
        .filter(groups::handle.ne(PLAZA))
        .count()
        .get_result(conn)
}

/// What groups are called, and in which language: handle, name, BCP 47.
pub fn names(conn: &mut Conn, handles: &[&str]) -> QueryResult<Vec<(String, String, String)>> {
    groups::table
        .filter(groups::handle.eq_any(handles.to_vec()))
        .select((groups::handle, groups::name, groups::language))
        .load(conn)
}
