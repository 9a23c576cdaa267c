//! Which actors of other servers moved lately, and which groups of ours are about to.

use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};

use super::rule::BETWEEN_MOVES;
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{groups, moves},
    },
};

/// Did this actor move within the last days?
pub fn moved_lately(conn: &mut Conn, actor: &str, now: Timestamp) -> QueryResult<bool> {
    let moved: Option<Timestamp> = moves::table.find(actor).select(moves::moved).first(conn).optional()?;
    Ok(moved.is_some_and(|moved| now < moved + BETWEEN_MOVES))
}

pub fn note(conn: &mut Conn, actor: &str, now: Timestamp) -> QueryResult<()> {
    if diesel::update(moves::table.find(actor)).set(moves::moved.eq(now)).execute(conn)? == 0 {
        diesel::insert_into(moves::table).values((moves::actor.eq(actor), moves::moved.eq(now))).execute(conn)?;
    }
    Ok(())
}

/// Forgets who may move again.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(moves::table.filter(moves::moved.le(now - BETWEEN_MOVES))).execute(conn)?;
    Ok(())
}

/// Groups whose time to move has come: each its handle, and where to.
pub fn due(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<(String, String)>> {
    groups::table
        .filter(groups::moving.le(now))
        .filter(groups::moved_to.is_not_null())
        .order(groups::handle)
        .select((groups::handle, groups::moved_to.assume_not_null()))
        .load(conn)
}
