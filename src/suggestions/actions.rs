//! What is done with suggestions: held, taken, thrown away.

use uuid::Uuid;

use super::{
    store,
    suggestion::{MOST, Refusal, Suggestion},
};
use crate::{
    db::Conn,
    error::{Error, Result},
    groups::{self, group::PLAZA},
};

/// Holds a suggestion for the group; the same one again is no second one.
pub fn suggest(conn: &mut Conn, suggestion: &Suggestion) -> Result<()> {
    let group = groups::store::by_handle(conn, &suggestion.group)?;
    let group = group.filter(|group| group.closed.is_none() && group.handle != PLAZA).ok_or(Refusal::Group)?;
    suggestion.check()?;
    let known = store::waiting(conn, &group.handle)?;
    if known.iter().any(|known| says_the_same(known, suggestion)) {
        return Ok(());
    }
    if i64::try_from(known.len()).unwrap_or(MOST) >= MOST {
        return Err(group.contact.map_or(Refusal::Full, Refusal::FullBut).into());
    }
    Ok(store::add(conn, suggestion)?)
}

fn says_the_same(one: &Suggestion, other: &Suggestion) -> bool {
    (&one.text, &one.moment, &one.place, &one.link) == (&other.text, &other.moment, &other.place, &other.link)
}

/// The group's suggestion of that id.
pub fn find(conn: &mut Conn, group: &str, id: Uuid) -> Result<Suggestion> {
    let found = store::by_id(conn, id)?.filter(|suggestion| suggestion.group == group);
    found.ok_or_else(|| Error::not_found(format!("no suggestion {id} waits for this group")))
}

/// Takes it, to be written into something of the group's own; then it no longer waits.
pub fn take(conn: &mut Conn, group: &str, id: Uuid) -> Result<Suggestion> {
    let suggestion = find(conn, group, id)?;
    store::delete(conn, id)?;
    Ok(suggestion)
}

pub fn drop(conn: &mut Conn, group: &str, id: Uuid) -> Result<()> {
    find(conn, group, id)?;
    Ok(store::delete(conn, id)?)
}

/// Throws away all that waits; says how many.
pub fn drop_all(conn: &mut Conn, group: &str) -> Result<usize> {
    Ok(store::delete_all(conn, group)?)
}

/// Throws away those of these that still wait.
pub fn drop_those(conn: &mut Conn, group: &str, ids: &[String]) -> Result<()> {
    for waiting in store::waiting(conn, group)? {
        if ids.contains(&waiting.id.to_string()) {
            store::delete(conn, waiting.id)?;
        }
    }
    Ok(())
}
