//! How actors of this city are kept.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};

use super::LocalActor;
use crate::{
    clock::Timestamp,
    db::{Conn, insert_new, schema::actors},
    keys::NewKeys,
    origin::Local,
};

/// Adds an actor with its keys; `false` when path or handle is taken.
pub fn add(conn: &mut Conn, local: &Local, handle: &str, keys: &NewKeys, now: Timestamp) -> QueryResult<bool> {
    let row = (
        actors::path.eq(local.path()),
        actors::kind.eq(kind(local)),
        actors::handle.eq(handle),
        actors::rsa_private.eq(&keys.rsa_private),
        actors::rsa_public.eq(&keys.rsa_public),
        actors::ed25519_private.eq(&keys.ed25519_private),
        actors::ed25519_public.eq(&keys.ed25519_public),
        actors::created.eq(now),
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

pub fn find(conn: &mut Conn, local: &Local) -> QueryResult<Option<LocalActor>> {
    let row: Option<(String, String, String, Timestamp, Option<Timestamp>)> = actors::table
        .find(local.path())
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

/// The instance actor is named after the host; another origin renames it.
pub fn rename_instance(conn: &mut Conn, handle: &str) -> QueryResult<()> {
    diesel::update(actors::table.find(Local::Instance.path())).set(actors::handle.eq(handle)).execute(conn)?;
    Ok(())
}
