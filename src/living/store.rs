//! What is seen of groups, of all of them in as many statements as of one.

use std::collections::HashMap;

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Nullable, Text},
};

use super::liveness::{REMEMBERED, Signs};
use crate::{
    clock::Timestamp,
    db::Conn,
    groups::{self, group::Group},
    meetings::{self, meeting::Meeting},
};

/// A group, and what is seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub group: Group,
    /// The meeting it holds next.
    pub next: Option<Meeting>,
    pub signs: Signs,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    handle: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    met: Option<Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    said: Option<Timestamp>,
}

/// When a group met last, and when it said something last. Each looks at the end of an index. Whatever else groups are heard by
/// becomes one more line of this query and of [`Signs`].
const LAST: &str = "SELECT g.handle AS handle,
        (SELECT m.ends FROM meeting_terms t INNER JOIN meetings m ON m.id = t.meeting
            WHERE t.term = '@' || g.handle AND t.starts < $1 AND t.ends <= $1 AND m.cancelled IS NULL
            ORDER BY t.starts DESC, t.meeting DESC LIMIT 1) AS met,
        (SELECT n.published FROM announcements n WHERE n.group_handle = g.handle AND n.deleted IS NULL
            ORDER BY n.published DESC LIMIT 1) AS said
     FROM groups g";

fn signs(group: &Group, next: Option<&Meeting>, last: Option<&Row>) -> Signs {
    Signs {
        next: next.map(|meeting| meeting.starts),
        met: last.and_then(|row| row.met),
        said: last.and_then(|row| row.said),
        changed: group.updated,
        started: group.created,
        ended: group.closed,
    }
}

/// Every group of which everyone may hear: those that meet next first, those that were silent longest last.
pub fn all(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Seen>> {
    let groups = groups::store::list(conn)?;
    let next = meetings::store::next_of_each(conn, now)?;
    let last: Vec<Row> = diesel::sql_query(LAST).bind::<BigInt, _>(now).load(conn)?;
    Ok(in_order(seen(groups, next, &last), now))
}

fn seen(groups: Vec<Group>, next: Vec<Meeting>, last: &[Row]) -> Vec<Seen> {
    let mut next: HashMap<String, Meeting> = next.into_iter().map(|meeting| (meeting.group.clone(), meeting)).collect();
    let last: HashMap<&str, &Row> = last.iter().map(|row| (row.handle.as_str(), row)).collect();
    let one = |group: Group| {
        let next = next.remove(&group.handle);
        Seen { signs: signs(&group, next.as_ref(), last.get(group.handle.as_str()).copied()), next, group }
    };
    groups.into_iter().map(one).collect()
}

fn in_order(mut all: Vec<Seen>, now: Timestamp) -> Vec<Seen> {
    all.sort_by_cached_key(|seen| (seen.signs.place(now), seen.group.name.to_lowercase(), seen.group.handle.clone()));
    all
}

/// One group, in whichever state it is.
pub fn of(conn: &mut Conn, now: Timestamp, group: &Group) -> QueryResult<Signs> {
    let next = meetings::store::next_of(conn, now, &group.handle)?;
    let last: Option<Row> = diesel::sql_query(format!("{LAST} WHERE g.handle = $2"))
        .bind::<BigInt, _>(now)
        .bind::<Text, _>(&group.handle)
        .load(conn)?
        .pop();
    Ok(signs(group, next.as_ref(), last.as_ref()))
}

/// Groups that ended not long ago because those who spoke for them wanted it; not those that were closed by others.
pub fn ended(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Seen>> {
    let groups = groups::store::ended(conn, now - REMEMBERED)?;
    Ok(in_order(seen(groups, vec![], &[]), now))
}
