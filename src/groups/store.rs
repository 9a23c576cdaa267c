//! How groups are kept.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    TextExpressionMethods,
};

use super::{
    group::{Group, PLAZA},
    habits::{Habits, Positions},
};
use crate::{
    actors::store::is_public,
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
    frozen: Option<Timestamp>,
    ending: Option<Timestamp>,
    horizon: i64,
    positions: String,
    remind: i64,
    also_known_as: String,
    moved_to: Option<String>,
    moving: Option<Timestamp>,
    moved: Option<Timestamp>,
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
            frozen: group.frozen,
            ending: group.ending,
            horizon: group.horizon,
            positions: group.habits.positions.name().to_owned(),
            remind: group.habits.remind,
            also_known_as: json(&group.also_known_as),
            moved_to: group.moved_to,
            moving: group.moving,
            moved: group.moved,
        }
    }
}

impl Row {
    fn into_group(self, welcomed: Option<Timestamp>, closed: Option<Timestamp>) -> QueryResult<Group> {
        let picture = |column, text: &Option<String>| {
            let read = |text: &String| read_json(text).ok_or_else(|| Inconsistent::error("groups", column, &self.handle));
            text.as_ref().map(read).transpose()
        };
        let positions = Positions::by_name(&self.positions);
        let positions = positions.ok_or_else(|| Inconsistent::error("groups", "positions", &self.handle))?;
        let also_known_as = read_json(&self.also_known_as);
        let also_known_as = also_known_as.ok_or_else(|| Inconsistent::error("groups", "also_known_as", &self.handle))?;
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
            welcomed,
            frozen: self.frozen,
            ending: self.ending,
            horizon: self.horizon,
            habits: Habits { positions, remind: self.remind },
            also_known_as,
            moved_to: self.moved_to,
            moving: self.moving,
            moved: self.moved,
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

/// The group of that handle, ended or not, if everyone may hear of it: for whatever strangers and other servers ask.
pub fn by_handle(conn: &mut Conn, handle: &str) -> QueryResult<Option<Group>> {
    Ok(even_waiting(conn, handle)?.filter(|group| group.welcomed.is_some()))
}

/// The same, also while it waits to be welcomed: for whoever has its link, speaks for it or looks after the place.
pub fn even_waiting(conn: &mut Conn, handle: &str) -> QueryResult<Option<Group>> {
    let found: Option<(Row, Option<Timestamp>, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(groups::handle.eq(handle))
        .select((groups::all_columns, actors::welcomed, actors::closed))
        .first(conn)
        .optional()?;
    found.map(|(row, welcomed, closed)| row.into_group(welcomed, closed)).transpose()
}

/// Groups that wait to be welcomed, the oldest first.
pub fn waiting(conn: &mut Conn) -> QueryResult<Vec<Group>> {
    let rows: Vec<Row> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::welcomed.is_null())
        .filter(actors::closed.is_null())
        .order((groups::created, groups::handle))
        .select(groups::all_columns)
        .load(conn)?;
    rows.into_iter().map(|row| row.into_group(None, None)).collect()
}

/// How many there are.
pub fn count_waiting(conn: &mut Conn) -> QueryResult<i64> {
    groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::welcomed.is_null())
        .filter(actors::closed.is_null())
        .count()
        .get_result(conn)
}

/// So many of them, from the one after `after`, which may have ended since.
pub fn waiting_after(conn: &mut Conn, after: Option<&Group>, limit: i64) -> QueryResult<Vec<Group>> {
    let mut query = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::welcomed.is_null())
        .filter(actors::closed.is_null())
        .order((groups::created, groups::handle))
        .limit(limit)
        .select(groups::all_columns)
        .into_boxed();
    if let Some(after) = after {
        let same_time = groups::created.eq(after.created).and(groups::handle.gt(after.handle.clone()));
        query = query.filter(groups::created.gt(after.created).or(same_time));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(|row| row.into_group(None, None)).collect()
}

/// Those that were started and changed last before that, by their handles: at most `limit` of those that come `after`.
pub fn waiting_since(conn: &mut Conn, before: Timestamp, after: &str, limit: i64) -> QueryResult<Vec<Group>> {
    let rows: Vec<Row> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::welcomed.is_null())
        .filter(actors::closed.is_null())
        .filter(groups::created.lt(before))
        .filter(groups::updated.lt(before))
        .filter(groups::handle.gt(after))
        .order(groups::handle)
        .limit(limit)
        .select(groups::all_columns)
        .load(conn)?;
    rows.into_iter().map(|row| row.into_group(None, None)).collect()
}

/// Of these groups, those that have not ended, also while they wait to be welcomed: for those who speak for them.
pub fn theirs(conn: &mut Conn, handles: &[String]) -> QueryResult<Vec<Group>> {
    let rows: Vec<(Row, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::closed.is_null())
        .filter(groups::handle.eq_any(handles.to_vec()))
        .select((groups::all_columns, actors::welcomed))
        .load(conn)?;
    rows.into_iter().map(|(row, welcomed)| row.into_group(welcomed, None)).collect()
}

/// Of these groups, those of which everyone may hear.
pub fn some(conn: &mut Conn, handles: &[String]) -> QueryResult<Vec<Group>> {
    let rows: Vec<(Row, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(is_public())
        .filter(groups::handle.eq_any(handles.to_vec()))
        .select((groups::all_columns, actors::welcomed))
        .load(conn)?;
    rows.into_iter().map(|(row, welcomed)| row.into_group(welcomed, None)).collect()
}

/// Every working group that has not ended, by name.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<Group>> {
    first(conn, i64::MAX)
}

/// The first so many groups that have not ended, by name.
pub fn first(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Group>> {
    let rows: Vec<(Row, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(is_public())
        .filter(groups::handle.ne(PLAZA))
        .order((groups::name, groups::handle))
        .limit(limit)
        .select((groups::all_columns, actors::welcomed))
        .load(conn)?;
    rows.into_iter().map(|(row, welcomed)| row.into_group(welcomed, None)).collect()
}

/// Working groups that ended after `since` because those who spoke for them had set their end.
pub fn ended(conn: &mut Conn, since: Timestamp) -> QueryResult<Vec<Group>> {
    let rows: Vec<(Row, Option<Timestamp>, Option<Timestamp>)> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::welcomed.is_not_null())
        .filter(actors::closed.gt(since))
        .filter(groups::ending.is_not_null())
        .select((groups::all_columns, actors::welcomed, actors::closed))
        .load(conn)?;
    rows.into_iter().map(|(row, welcomed, closed)| row.into_group(welcomed, closed)).collect()
}

/// Icons and headers of groups that have not ended.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<Row> = groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(actors::closed.is_null())
        .filter(groups::icon.is_not_null().or(groups::header.is_not_null()))
        .select(groups::all_columns)
        .load(conn)?;
    let groups: Vec<Group> = rows.into_iter().map(|row| row.into_group(None, None)).collect::<QueryResult<_>>()?;
    Ok(groups.into_iter().flat_map(|group| [group.icon, group.header]).flatten().collect())
}

/// Handles of the groups that have this topic.
pub fn about(conn: &mut Conn, tag: &str) -> QueryResult<Vec<String>> {
    // topics stand in one column; a group has few
    let perhaps: Vec<(String, String)> = groups::table
        .filter(groups::tags.like(format!("%{}%", tag.replace(['%', '\\'], ""))))
        .select((groups::handle, groups::tags))
        .load(conn)?;
    let has = |tags: &str| tags.split_whitespace().any(|has| has == tag);
    Ok(perhaps.into_iter().filter(|(_, tags)| has(tags)).map(|(handle, _)| handle).collect())
}

/// How many working groups have not ended.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    groups::table
        .inner_join(actors::table.on(actors::handle.eq(groups::handle)))
        .filter(is_public())
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

/// What groups are called, by handle: for those who do not care in which language.
pub fn called<'a>(conn: &mut Conn, handles: impl Iterator<Item = &'a str>) -> QueryResult<HashMap<String, String>> {
    let names = names(conn, &handles.collect::<Vec<_>>())?;
    Ok(names.into_iter().map(|(handle, name, _)| (handle, name)).collect())
}
