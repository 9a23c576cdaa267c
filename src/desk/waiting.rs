//! What waits for a group to look at it, of every kind: one entry each, so that none can be forgotten where it is counted.

use crate::{
    clock::Timestamp,
    coming,
    db::Conn,
    error::Result,
    living,
    replies::{letters, store as replies},
    suggestions,
};

/// A kind of thing that waits for a group.
pub struct Kind {
    /// Names the messages `desk-waits-…`.
    pub name: &'static str,
    look: fn(&mut Conn, &str, Timestamp) -> Result<Found>,
}

/// How many wait, and when the latest of them came, where that is kept.
type Found = (i64, Option<Timestamp>);

/// Every kind there is.
pub const KINDS: [Kind; 5] = [
    Kind { name: "replies", look: replies_of },
    Kind { name: "letters", look: letters_of },
    Kind { name: "suggestions", look: suggestions_of },
    Kind { name: "coming", look: coming_of },
    Kind { name: "met", look: met_of },
];

/// Meetings of which a group is asked whether they took place.
pub const MOST: i64 = 20;

/// Something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub name: &'static str,
    pub count: i64,
    pub latest: Option<Timestamp>,
}

/// What waits for a group; nothing that does not.
pub fn of(conn: &mut Conn, group: &str, now: Timestamp) -> Result<Vec<Waits>> {
    let mut found = Vec::new();
    for Kind { name, look } in KINDS {
        let (count, latest) = look(conn, group, now)?;
        found.extend((count > 0).then_some(Waits { name, count, latest }));
    }
    Ok(found)
}

fn replies_of(conn: &mut Conn, group: &str, _: Timestamp) -> Result<Found> {
    Ok((replies::count_waiting(conn, group)?, replies::latest_waiting(conn, group)?))
}

fn letters_of(conn: &mut Conn, group: &str, _: Timestamp) -> Result<Found> {
    let letters = letters::list(conn, group)?;
    Ok((count(letters.len()), letters.iter().map(|letter| letter.received).max()))
}

fn suggestions_of(conn: &mut Conn, group: &str, _: Timestamp) -> Result<Found> {
    let waiting = suggestions::store::waiting(conn, group)?;
    Ok((count(waiting.len()), waiting.iter().map(|suggestion| suggestion.received).max()))
}

/// Answers of which so many came at once that somebody has to look.
fn coming_of(conn: &mut Conn, group: &str, _: Timestamp) -> Result<Found> {
    let mut all = 0;
    for meeting in coming::store::with_waiting(conn, group)? {
        all += coming::store::waiting(conn, meeting)?;
    }
    Ok((all, None))
}

/// Meetings of series of which nobody said whether they took place. Of a meeting that stands alone nothing hangs on it.
fn met_of(conn: &mut Conn, group: &str, now: Timestamp) -> Result<Found> {
    let mut unanswered = living::store::unanswered(conn, group, now, MOST)?;
    unanswered.retain(|meeting| meeting.recurrence.is_some());
    Ok((count(unanswered.len()), unanswered.first().map(|meeting| meeting.ends)))
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
