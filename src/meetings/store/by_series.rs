//! Meetings of series as calendars need them: a series as a whole, or only those that a filter lets through.

use std::collections::BTreeMap;

use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::{
    Filter, Meeting, Span, all,
    finding::{in_turn, sought},
};
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, schema::meetings, turn::Turn},
};

/// Those of a series that lie after `from` or were to, and older ones that were not when the series had them, in the order in
/// which it has them.
pub fn since(conn: &mut Conn, series: Uuid, from: Timestamp) -> QueryResult<Vec<Meeting>> {
    let is_later = meetings::starts.ge(from).or(meetings::recurrence.ge(from));
    let was_otherwise = meetings::cancelled.is_not_null().or(meetings::recurrence.ne(meetings::starts.nullable()));
    let query = meetings::table.filter(meetings::series.eq(series.to_string())).filter(is_later.or(was_otherwise));
    all(query.order(meetings::recurrence).load(conn)?)
}

/// Those that a filter lets through and that belong to no series, or to one of these; as [`super::matching`].
pub fn matching_alone(
    conn: &mut Conn,
    filter: &Filter,
    span: Span,
    turn: Turn,
    limit: i64,
    or_of: &[Uuid],
) -> QueryResult<Vec<Meeting>> {
    let (query, times) = sought(conn, filter, span)?;
    let or_of: Vec<String> = or_of.iter().map(Uuid::to_string).collect();
    let query = query.filter(meetings::series.is_null().or(meetings::series.eq_any(or_of)));
    in_turn(conn, (query, times), turn, limit)
}

/// Series of which a filter lets some meeting through: those of which it lets all through, and the others.
pub fn within(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<(Vec<Uuid>, Vec<Uuid>)> {
    // all meetings of a series are of one group
    let of_group = Filter { group: filter.group.clone(), ..Filter::default() };
    let some = counted(conn, filter, span)?;
    let all = if *filter == of_group { some.clone() } else { counted(conn, &of_group, span)? };
    let (whole, apart): (Vec<_>, Vec<_>) = some.into_iter().partition(|(series, count)| all.get(series) == Some(count));
    let ids = |counted: Vec<(Uuid, usize)>| counted.into_iter().map(|(series, _)| series).collect();
    Ok((ids(whole), ids(apart)))
}

/// How many meetings of each series a filter lets through.
fn counted(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<BTreeMap<Uuid, usize>> {
    let (query, _) = sought(conn, filter, span)?;
    let query = query.filter(meetings::series.is_not_null());
    let found: Vec<(Option<String>, String)> = query.select((meetings::series, meetings::id)).distinct().load(conn)?;
    let mut counted = BTreeMap::new();
    for (series, meeting) in found {
        let id = series.and_then(|id| id.parse().ok()).ok_or_else(|| Inconsistent::error("meetings", "series", &meeting))?;
        *counted.entry(id).or_default() += 1;
    }
    Ok(counted)
}
