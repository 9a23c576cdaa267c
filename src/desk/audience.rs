//! Who will hear something, before it is said.

use crate::{
    actors,
    db::Conn,
    federation::delivery,
    groups::{self, group::PLAZA},
    origin::Local,
    plaza,
};
use diesel::QueryResult;

/// Who hears what a group says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Whoever follows the group and is reached,
    pub followers: i64,
    /// on so many servers.
    pub servers: i64,
    pub square: Square,
    /// The group waits to be welcomed: nobody hears it before.
    pub waits: bool,
}

/// Whether whoever follows the whole square hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Square {
    /// There is none.
    None,
    AtOnce,
    /// In a digest, one morning.
    Morning,
}

/// Of news, urgent or not, or of a meeting, which is never urgent.
pub fn of(conn: &mut Conn, group: &str, urgent: bool) -> QueryResult<Audience> {
    let (followers, servers) = delivery::reach(conn, group)?;
    let square = match groups::store::by_handle(conn, PLAZA)? {
        None => Square::None,
        Some(_) if plaza::store::choice(conn)?.at_once(urgent) => Square::AtOnce,
        Some(_) => Square::Morning,
    };
    let waits = actors::store::waits(conn, &Local::Group(group.to_owned()))?;
    // the square knows of a group once it is welcomed
    let square = if waits { Square::None } else { square };
    Ok(Audience { followers, servers, square, waits })
}
