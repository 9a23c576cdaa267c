//! How uses of power are kept: for 180 days, by the day.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl, dsl::count_star,
};
use uuid::Uuid;

use super::deed::{Deed, KEPT, Kind, Reason, Role, SHOWN_AFTER};
use crate::{
    app::Here,
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{actors, deeds},
    },
};

/// Notes a use of power, in the transaction in which it is used.
pub fn note(conn: &mut Conn, _: &Here, deed: &Deed) -> QueryResult<()> {
    let id = |member: Option<Uuid>| member.map(|member| member.to_string());
    let row = (
        deeds::id.eq(Uuid::new_v4().to_string()),
        deeds::done.eq(deed.done),
        deeds::group_handle.eq(&deed.group),
        deeds::kind.eq(deed.kind.name()),
        deeds::role.eq(deed.role.name()),
        deeds::reason.eq(deed.reason.name()),
        deeds::member.eq(id(deed.member)),
        deeds::about.eq(id(deed.about)),
    );
    diesel::insert_into(deeds::table).values(row).execute(conn)?;
    Ok(())
}

type Row = (Timestamp, Option<String>, String, String, String, Option<String>, Option<String>);

fn read((done, group, kind, role, reason, member, about): Row) -> QueryResult<Deed> {
    let odd = |column, value: &str| Inconsistent::error("deeds", column, value);
    let id = |id: Option<String>| id.map(|id| Uuid::parse_str(&id).map_err(|_| odd("member", &id))).transpose();
    Ok(Deed {
        done,
        group,
        kind: Kind::by_name(&kind).ok_or_else(|| odd("kind", &kind))?,
        role: Role::by_name(&role).ok_or_else(|| odd("role", &role))?,
        reason: Reason::by_name(&reason).ok_or_else(|| odd("reason", &reason))?,
        member: id(member)?,
        about: id(about)?,
    })
}

/// What was done about a member since that day, everywhere.
pub fn about(conn: &mut Conn, member: Uuid, since: Timestamp) -> QueryResult<Vec<Deed>> {
    let rows: Vec<Row> = deeds::table
        .filter(deeds::about.eq(member.to_string()))
        .filter(deeds::done.ge(since.day()))
        .order((deeds::done.desc(), deeds::id))
        .select((deeds::done, deeds::group_handle, deeds::kind, deeds::role, deeds::reason, deeds::member, deeds::about))
        .load(conn)?;
    rows.into_iter().map(read).collect()
}

/// What was done in a group, or of the whole place where none is named, the newest day first.
pub fn of_group(conn: &mut Conn, group: Option<&str>, now: Timestamp) -> QueryResult<Vec<Deed>> {
    let mut query = deeds::table.filter(deeds::done.gt(now.day() - KEPT)).into_boxed();
    query = match group {
        Some(group) => query.filter(deeds::group_handle.eq(group.to_owned())),
        None => query.filter(deeds::group_handle.is_null()),
    };
    let rows: Vec<Row> = query
        .order((deeds::done.desc(), deeds::id))
        .select((deeds::done, deeds::group_handle, deeds::kind, deeds::role, deeds::reason, deeds::member, deeds::about))
        .load(conn)?;
    let mut deeds: Vec<Deed> = rows.into_iter().map(read).collect::<QueryResult<_>>()?;
    // In which order things were done on a day is not kept: it could tell who did those that are nobody's. The same lie together.
    deeds.sort_by_key(|deed| std::cmp::Reverse((deed.done, deed.kind)));
    Ok(deeds)
}

/// What was done in a group, the newest day first: at most `limit`, without the first `after`.
pub fn page_of_group(conn: &mut Conn, group: &str, now: Timestamp, after: i64, limit: i64) -> QueryResult<Vec<Deed>> {
    let rows: Vec<Row> = deeds::table
        .filter(deeds::done.gt(now.day() - KEPT))
        .filter(deeds::group_handle.eq(group))
        // of one day the same lie together, as in `of_group`
        .order((deeds::done.desc(), deeds::kind.desc(), deeds::id))
        .select((deeds::done, deeds::group_handle, deeds::kind, deeds::role, deeds::reason, deeds::member, deeds::about))
        .offset(after)
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(read).collect()
}

/// How often something was done on a day.
pub type Counted = (Timestamp, Kind, Role, Reason, i64);

/// What everyone may know: of each day, how often what was done in which role and for which reason. What groups do among themselves
/// counts when they are welcomed: or anybody starts one of their own and does there what they want others to read. What those do to
/// them who look after the place always counts.
pub fn counted(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Counted>> {
    let welcomed = actors::table.filter(actors::welcomed.is_not_null()).select(actors::handle.nullable());
    // a group that was erased left its deeds without its name
    let of_all = deeds::group_handle.is_null().and(deeds::role.ne(Role::Organizer.name()));
    let of_caretakers = deeds::role.eq_any([Role::Caretaker.name(), Role::Unsaid.name()]);
    let rows: Vec<(Timestamp, String, String, String, i64)> = deeds::table
        .filter(of_caretakers.or(of_all).or(deeds::group_handle.eq_any(welcomed)))
        .filter(deeds::done.gt(now.day() - KEPT))
        .filter(deeds::done.le(now.day() - SHOWN_AFTER))
        .group_by((deeds::done, deeds::kind, deeds::role, deeds::reason))
        .select((deeds::done, deeds::kind, deeds::role, deeds::reason, count_star()))
        .order(deeds::done.desc())
        .load(conn)?;
    let read = |(done, kind, role, reason, count): (Timestamp, String, String, String, i64)| {
        let odd = |column, value: &str| Inconsistent::error("deeds", column, value);
        Ok((
            done,
            Kind::by_name(&kind).ok_or_else(|| odd("kind", &kind))?,
            Role::by_name(&role).ok_or_else(|| odd("role", &role))?,
            Reason::by_name(&reason).ok_or_else(|| odd("reason", &reason))?,
            count,
        ))
    };
    rows.into_iter().map(read).collect()
}

/// Deletes what is older than we keep it.
pub fn forget(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(deeds::table.filter(deeds::done.le(now.day() - KEPT))).execute(conn)
}
