//! What waits for a group to look at it, of every kind: one entry each, so that none can be forgotten where it is counted.

use diesel::QueryResult;

use crate::{
    clock::Timestamp,
    db::Conn,
    error::Result,
    replies::{letters, store as replies},
};

/// A kind of thing that waits for a group.
pub struct Kind {
    /// Names the messages `desk-waits-…`.
    pub name: &'static str,
    look: fn(&mut Conn, &str) -> QueryResult<Found>,
}

/// How many wait, and when the latest of them came.
type Found = (i64, Option<Timestamp>);

/// Every kind there is.
pub const KINDS: [Kind; 2] = [Kind { name: "replies", look: replies_of }, Kind { name: "letters", look: letters_of }];

/// Something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub name: &'static str,
    pub count: i64,
    pub latest: Timestamp,
}

/// What waits for a group; nothing that does not.
pub fn of(conn: &mut Conn, group: &str) -> Result<Vec<Waits>> {
    let mut found = Vec::new();
    for Kind { name, look } in KINDS {
        if let (count, Some(latest)) = look(conn, group)? {
            found.push(Waits { name, count, latest });
        }
    }
    Ok(found)
}

fn replies_of(conn: &mut Conn, group: &str) -> QueryResult<Found> {
    Ok((replies::count_waiting(conn, group)?, replies::latest_waiting(conn, group)?))
}

fn letters_of(conn: &mut Conn, group: &str) -> QueryResult<Found> {
    let letters = letters::list(conn, group)?;
    let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    Ok((count, letters.iter().map(|letter| letter.received).max()))
}
