//! What everyone may know of who speaks for a group: how many, the names of those who wish, and whether it can be picked up.

use super::sleeping::{asked, is_left};
use crate::{app::Here, clock::Timestamp, db::Conn, error::Result, groups::group::Group, living::liveness::Signs, members};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voice {
    pub count: usize,
    /// Of those who want theirs shown.
    pub names: Vec<String>,
    /// Nobody was here for long, and nobody asked for it yet.
    pub can_be_picked_up: bool,
    /// Somebody asked to pick it up, and will speak for it from then on.
    pub picked_up: Option<Timestamp>,
}

/// Nothing in a place where nobody has an account: there groups are kept by command.
pub fn of(conn: &mut Conn, here: &Here, group: &Group, signs: &Signs) -> Result<Option<Voice>> {
    let people = members::store::organizers_of(conn, &group.handle)?;
    if people.is_empty() && members::store::count(conn)? == 0 {
        return Ok(None);
    }
    let picked_up = asked(conn, here, &group.handle)?.map(|request| request.until);
    Ok(Some(Voice {
        count: people.len(),
        can_be_picked_up: group.welcomed.is_some() && picked_up.is_none() && is_left(conn, here, group, &people, signs)?,
        names: people.into_iter().filter(|(organizer, _)| organizer.shown).map(|(_, member)| member.name).collect(),
        picked_up,
    }))
}
