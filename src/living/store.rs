//! What is seen of groups, of all of them in as many statements as of one.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Nullable, Text},
};
use uuid::Uuid;

use super::{
    confirmation::{ASKED, Over, TIMES},
    liveness::{REMEMBERED, Signs},
};
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, schema::meetings as rows},
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
    #[diesel(sql_type = Nullable<BigInt>)]
    noted: Option<Timestamp>,
    #[diesel(sql_type = BigInt)]
    unsure: i64,
}

/// When a group met last, as far as anybody knows, and when it said something last. Each looks at the end of an index.
const LAST: &str = "SELECT g.handle AS handle,
        (SELECT m.ends FROM meeting_terms t INNER JOIN meetings m ON m.id = t.meeting
            WHERE t.term = '@' || g.handle AND t.starts < $1 AND t.ends <= $1 AND m.cancelled IS NULL AND m.missed IS NULL
                AND (m.met IS NOT NULL OR NOT (m.unconfirmed
                    OR EXISTS (SELECT 1 FROM series s WHERE s.id = m.series AND s.unconfirmed)))
            ORDER BY t.starts DESC, t.meeting DESC LIMIT 1) AS met,
        (SELECT n.published FROM announcements n WHERE n.group_handle = g.handle AND n.deleted IS NULL
            ORDER BY n.published DESC LIMIT 1) AS said,
        (SELECT n.published FROM minutes n WHERE n.group_handle = g.handle AND n.deleted IS NULL
            ORDER BY n.published DESC LIMIT 1) AS noted,
        (SELECT COUNT(*) FROM series s WHERE s.group_handle = g.handle AND s.unconfirmed
            AND (SELECT MAX(m.recurrence) FROM meetings m WHERE m.series = s.id) > $1) AS unsure
     FROM groups g";

fn signs(group: &Group, next: Option<&Meeting>, last: Option<&Row>) -> Signs {
    Signs {
        next: next.map(|meeting| meeting.starts),
        met: last.and_then(|row| row.met),
        said: last.and_then(|row| row.said.max(row.noted)),
        unsure: last.is_some_and(|row| row.unsure > 0),
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
    beside(conn, now, group, next.as_ref())
}

/// The same where the meeting it holds next is known already.
pub fn beside(conn: &mut Conn, now: Timestamp, group: &Group, next: Option<&Meeting>) -> QueryResult<Signs> {
    let last: Option<Row> = diesel::sql_query(format!("{LAST} WHERE g.handle = $2"))
        .bind::<BigInt, _>(now)
        .bind::<Text, _>(&group.handle)
        .load(conn)?
        .pop();
    Ok(signs(group, next, last.as_ref()))
}

/// Groups that ended not long ago because those who spoke for them wanted it; not those that were closed by others.
pub fn ended(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Seen>> {
    let groups = groups::store::ended(conn, now - REMEMBERED)?;
    Ok(in_order(seen(groups, vec![], &[]), now))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Series with meetings ahead of which so many are over that nobody confirmed; those that are known to be unconfirmed left out.
pub fn doubtful(conn: &mut Conn, now: Timestamp, limit: i64) -> QueryResult<Vec<Uuid>> {
    let found: Vec<Id> = diesel::sql_query(
        "SELECT s.id AS id FROM series s INNER JOIN actors a ON a.handle = s.group_handle
            WHERE NOT s.unconfirmed AND a.closed IS NULL
            AND (SELECT MAX(m.recurrence) FROM meetings m WHERE m.series = s.id) > $1
            AND $2 = (SELECT COUNT(*) FROM (SELECT m.met, m.starts FROM meetings m WHERE m.series = s.id
                    AND m.recurrence < $1 AND m.ends <= $1 AND m.cancelled IS NULL ORDER BY m.recurrence DESC LIMIT $2) AS last
                WHERE last.met IS NULL AND last.starts >= COALESCE(s.updated, s.published))
            ORDER BY s.id LIMIT $3",
    )
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(i64::try_from(TIMES).unwrap_or(i64::MAX))
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    let read = |row: Id| row.id.parse().map_err(|_| Inconsistent::error("series", "id", &row.id));
    found.into_iter().map(read).collect()
}

/// The last meetings of a series that are over and were not called off, the last one first.
pub fn over(conn: &mut Conn, series: Uuid, now: Timestamp) -> QueryResult<Vec<Over>> {
    let last: Vec<(Timestamp, Option<Timestamp>)> = rows::table
        .filter(rows::series.eq(series.to_string()))
        .filter(rows::cancelled.is_null())
        .filter(rows::ends.le(now))
        .order((rows::starts.desc(), rows::id.desc()))
        .limit(i64::try_from(TIMES).unwrap_or(i64::MAX))
        .select((rows::starts, rows::met))
        .load(conn)?;
    Ok(last.into_iter().map(|(starts, met)| Over { starts, confirmed: met.is_some() }).collect())
}

/// Writes down, of all meetings of a series that are not over, whether it is unconfirmed.
pub fn mark(conn: &mut Conn, series: Uuid, now: Timestamp, unconfirmed: bool) -> QueryResult<()> {
    let ahead = rows::table.filter(rows::series.eq(series.to_string())).filter(rows::ends.gt(now));
    diesel::update(ahead).set(rows::unconfirmed.eq(unconfirmed)).execute(conn)?;
    Ok(())
}

/// Writes down whether a meeting took place.
pub fn answer(conn: &mut Conn, id: Uuid, met: Option<Timestamp>, missed: Option<Timestamp>) -> QueryResult<()> {
    diesel::update(rows::table.find(id.to_string())).set((rows::met.eq(met), rows::missed.eq(missed))).execute(conn)?;
    Ok(())
}

/// Meetings of a group that were over lately, of which nobody said whether they took place, the last one first.
pub fn unanswered(conn: &mut Conn, group: &str, now: Timestamp, limit: i64) -> QueryResult<Vec<Meeting>> {
    let ids: Vec<String> = rows::table
        .filter(rows::group_handle.eq(group))
        .filter(rows::cancelled.is_null())
        .filter(rows::met.is_null())
        .filter(rows::missed.is_null())
        .filter(rows::ends.le(now))
        .filter(rows::ends.gt(now - ASKED))
        .order((rows::starts.desc(), rows::id))
        .limit(limit)
        .select(rows::id)
        .load(conn)?;
    let mut found = meetings::store::some(conn, ids)?;
    found.sort_by_key(|meeting| std::cmp::Reverse((meeting.starts, meeting.id)));
    Ok(found)
}
