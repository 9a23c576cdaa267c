//! How actors of this city are kept.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    dsl::{And, Filter, IsNotNull, IsNull, Select},
};

use super::LocalActor;
use crate::{
    clock::Timestamp,
    db::{
        Conn, insert_new,
        schema::{actors, groups},
    },
    keys::NewKeys,
    origin::Local,
};

/// Of whom everyone may hear: welcomed, and not ended. Whatever lists, counts or passes on what groups do asks for this, so that
/// nothing shows of a group that waits to be welcomed.
pub fn is_public() -> IsPublic {
    actors::welcomed.is_not_null().and(actors::closed.is_null())
}

pub type IsPublic = And<IsNotNull<actors::welcomed>, IsNull<actors::closed>>;

/// Handles of those of whom everyone may hear.
pub fn public_handles() -> Select<Filter<actors::table, IsPublic>, actors::handle> {
    actors::table.filter(is_public()).select(actors::handle)
}

/// Adds an actor with its keys, of whom everyone may hear since `welcomed`; `false` when path or handle is taken.
pub fn add(
    conn: &mut Conn,
    local: &Local,
    handle: &str,
    keys: &NewKeys,
    now: Timestamp,
    welcomed: Option<Timestamp>,
) -> QueryResult<bool> {
    let row = (
        actors::path.eq(local.path()),
        actors::kind.eq(kind(local)),
        actors::handle.eq(handle),
        actors::rsa_private.eq(&keys.rsa_private),
        actors::rsa_public.eq(&keys.rsa_public),
        actors::ed25519_private.eq(&keys.ed25519_private),
        actors::ed25519_public.eq(&keys.ed25519_public),
        actors::created.eq(now),
        actors::welcomed.eq(welcomed),
        actors::known.eq(welcomed.is_some()),
    );
    insert_new(conn, |conn| diesel::insert_into(actors::table).values(row).execute(conn))
}

/// The type on the wire.
pub fn kind(local: &Local) -> &'static str {
    match local {
        Local::Instance => "Application",
        _ => "Group",
    }
}

/// An actor of whom everyone may hear, or could until it ended. One that waits to be welcomed is not found.
pub fn find(conn: &mut Conn, local: &Local) -> QueryResult<Option<LocalActor>> {
    let row: Option<(String, String, String, Timestamp, Option<Timestamp>)> = actors::table
        .find(local.path())
        .filter(actors::welcomed.is_not_null())
        .select((actors::handle, actors::rsa_public, actors::ed25519_public, actors::created, actors::closed))
        .first(conn)
        .optional()?;
    Ok(row.map(|(handle, rsa_public, ed25519_public, created, closed)| LocalActor {
        local: local.clone(),
        handle,
        rsa_public,
        ed25519_public,
        created,
        closed,
    }))
}

/// The wrapped PKCS#8 of the RSA key.
pub fn rsa_private(conn: &mut Conn, local: &Local) -> QueryResult<Option<String>> {
    actors::table.find(local.path()).select(actors::rsa_private).first(conn).optional()
}

/// The wrapped PKCS#8 of the Ed25519 key.
pub fn ed25519_private(conn: &mut Conn, local: &Local) -> QueryResult<Option<String>> {
    actors::table.find(local.path()).select(actors::ed25519_private).first(conn).optional()
}

pub fn close(conn: &mut Conn, local: &Local, now: Timestamp) -> QueryResult<()> {
    diesel::update(actors::table.find(local.path())).set(actors::closed.eq(now)).execute(conn)?;
    Ok(())
}

/// Since when everyone may hear of it; `None`: it waits, and nobody hears of it.
pub fn welcome(conn: &mut Conn, local: &Local, since: Option<Timestamp>) -> QueryResult<()> {
    diesel::update(actors::table.find(local.path())).set(actors::welcomed.eq(since)).execute(conn)?;
    if since.is_some() {
        diesel::update(actors::table.find(local.path())).set(actors::known.eq(true)).execute(conn)?;
    }
    Ok(())
}

/// May anybody have heard of it, now or earlier? Then others may know its name for good.
pub fn is_known(conn: &mut Conn, local: &Local) -> QueryResult<bool> {
    let known = actors::table.find(local.path()).filter(actors::known);
    diesel::select(diesel::dsl::exists(known)).get_result(conn)
}

/// Its name is free again; only right for one of whom nobody ever heard.
pub fn remove(conn: &mut Conn, local: &Local) -> QueryResult<()> {
    diesel::delete(actors::table.find(local.path())).execute(conn)?;
    Ok(())
}

/// Does it wait to be welcomed?
pub fn waits(conn: &mut Conn, local: &Local) -> QueryResult<bool> {
    let waiting = actors::table.find(local.path()).filter(actors::welcomed.is_null());
    diesel::select(diesel::dsl::exists(waiting)).get_result(conn)
}

/// Did it end? Then nothing is said as it but what takes back and answers.
pub fn has_ended(conn: &mut Conn, local: &Local) -> QueryResult<bool> {
    let ended = actors::table.find(local.path()).filter(actors::closed.is_not_null());
    diesel::select(diesel::dsl::exists(ended)).get_result(conn)
}

/// Did it move to another server? Then it says nothing here any more.
pub fn has_moved(conn: &mut Conn, local: &Local) -> QueryResult<bool> {
    let Local::Group(handle) = local else { return Ok(false) };
    let moved = groups::table.find(handle).filter(groups::moved.is_not_null());
    diesel::select(diesel::dsl::exists(moved)).get_result(conn)
}

/// The instance actor is named after the host; another origin renames it.
pub fn rename_instance(conn: &mut Conn, handle: &str) -> QueryResult<()> {
    diesel::update(actors::table.find(Local::Instance.path())).set(actors::handle.eq(handle)).execute(conn)?;
    Ok(())
}
