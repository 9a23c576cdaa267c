//! What is written to a group and not to everyone: kept for a week for those who speak for it, and answered once that it is not
//! secret.

use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;
use uuid::Uuid;

use crate::{
    actors::{crowds::makes_room, remote::host_of},
    clock::Timestamp,
    db::{Conn, insert_new, schema::letters},
};

/// So long a letter is kept.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// No more are kept of one person.
const OF_ONE: i64 = 10;
/// No more are kept for one group: beyond that, something of those goes of whom most is here, so that no crowd keeps out whoever needs
/// help.
const FOR_GROUP: i64 = 200;

#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = letters)]
pub struct Letter {
    pub id: String,
    pub uri: String,
    pub group_handle: String,
    pub actor: String,
    pub handle: String,
    /// Sanitised HTML.
    pub content: String,
    pub received: Timestamp,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The first one of this person lately: they should hear how it is read.
    First,
    Another,
    /// Known already, or too many of one person.
    Not,
}

pub fn add(conn: &mut Conn, letter: &Letter) -> QueryResult<Kept> {
    let of_group = letters::table.filter(letters::group_handle.eq(&letter.group_handle));
    let of_one: i64 = of_group.filter(letters::actor.eq(&letter.actor)).count().get_result(conn)?;
    let all: i64 = of_group.count().get_result(conn)?;
    if of_one >= OF_ONE {
        return Ok(Kept::Not);
    }
    let new = insert_new(conn, |conn| diesel::insert_into(letters::table).values(letter.clone()).execute(conn))?;
    if new && all >= FOR_GROUP {
        drop_from_fullest(conn, &letter.group_handle, &letter.id)?;
    }
    Ok(match (new, of_one) {
        (false, _) => Kept::Not,
        (true, 0) => Kept::First,
        (true, _) => Kept::Another,
    })
}

/// Makes room for the letter `new`.
fn drop_from_fullest(conn: &mut Conn, group: &str, new: &str) -> QueryResult<()> {
    let of_group = letters::table.filter(letters::group_handle.eq(group)).filter(letters::id.ne(new));
    let here: Vec<(String, String)> = of_group.order(letters::id).select((letters::actor, letters::id)).load(conn)?;
    let host = |actor: &str| Url::parse(actor).map(|actor| host_of(&actor)).unwrap_or_default();
    let here: Vec<(String, String)> = here.into_iter().map(|(actor, id)| (host(&actor), id)).collect();
    if let Some(id) = makes_room(here.iter().map(|(host, id)| (host.as_str(), id))) {
        diesel::delete(letters::table.find(id)).execute(conn)?;
    }
    Ok(())
}

/// Letters to a group, the oldest first.
pub fn list(conn: &mut Conn, group: &str) -> QueryResult<Vec<Letter>> {
    letters::table.filter(letters::group_handle.eq(group)).order(letters::id).load(conn)
}

pub fn remove(conn: &mut Conn, id: Uuid) -> QueryResult<bool> {
    Ok(diesel::delete(letters::table.find(id.to_string())).execute(conn)? == 1)
}

/// Its author takes a letter back.
pub fn withdraw(conn: &mut Conn, actor: &str, uri: &str) -> QueryResult<()> {
    diesel::delete(letters::table.filter(letters::uri.eq(uri)).filter(letters::actor.eq(actor))).execute(conn)?;
    Ok(())
}

pub fn forget_of(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<()> {
    diesel::delete(letters::table.filter(letters::group_handle.eq(group)).filter(letters::actor.eq(actor))).execute(conn)?;
    Ok(())
}

pub fn forget_actor(conn: &mut Conn, actor: &str) -> QueryResult<()> {
    diesel::delete(letters::table.filter(letters::actor.eq(actor))).execute(conn)?;
    Ok(())
}

pub fn forget_group(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(letters::table.filter(letters::group_handle.eq(group))).execute(conn)?;
    Ok(())
}

/// Whoever wrote.
pub fn actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    letters::table.select(letters::actor).distinct().load(conn)
}

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(letters::table.filter(letters::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
