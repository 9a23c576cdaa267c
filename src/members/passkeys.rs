//! Keys that a device holds instead of a password (Web Authentication, Level 2): how they are kept.

pub mod ceremony;
pub mod pages;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, insert_new, schema::passkeys},
};

/// The public half of a key that some device of a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// By which the device knows it; base64url.
    pub id: String,
    pub member: Uuid,
    /// SubjectPublicKeyInfo (RFC 5280), base64url.
    pub public_key: String,
    /// As the device counts; some never do.
    pub uses: i64,
    /// The day.
    pub added: Timestamp,
}

type Row = (String, String, String, i64, Timestamp);

fn passkey((id, member, public_key, uses, added): Row) -> QueryResult<Passkey> {
    let member = Uuid::parse_str(&member).map_err(|_| Inconsistent::error("passkeys", "member", &id))?;
    Ok(Passkey { id, member, public_key, uses, added })
}

/// `false` when a key of this id is known already.
pub fn add(conn: &mut Conn, passkey: &Passkey) -> QueryResult<bool> {
    let row = (
        passkeys::id.eq(&passkey.id),
        passkeys::member.eq(passkey.member.to_string()),
        passkeys::public_key.eq(&passkey.public_key),
        passkeys::uses.eq(passkey.uses),
        passkeys::added.eq(passkey.added),
    );
    insert_new(conn, |conn| diesel::insert_into(passkeys::table).values(row).execute(conn))
}

pub fn by_id(conn: &mut Conn, id: &str) -> QueryResult<Option<Passkey>> {
    passkeys::table.find(id).first::<Row>(conn).optional()?.map(passkey).transpose()
}

/// Of one member, the oldest first.
pub fn of(conn: &mut Conn, member: Uuid) -> QueryResult<Vec<Passkey>> {
    let rows: Vec<Row> =
        passkeys::table.filter(passkeys::member.eq(member.to_string())).order((passkeys::added, passkeys::id)).load(conn)?;
    rows.into_iter().map(passkey).collect()
}

pub fn was_used(conn: &mut Conn, id: &str, uses: i64) -> QueryResult<()> {
    diesel::update(passkeys::table.find(id)).set(passkeys::uses.eq(uses)).execute(conn)?;
    Ok(())
}

/// `false` when the member has no such key.
pub fn remove(conn: &mut Conn, member: Uuid, id: &str) -> QueryResult<bool> {
    let theirs = passkeys::table.find(id).filter(passkeys::member.eq(member.to_string()));
    Ok(diesel::delete(theirs).execute(conn)? > 0)
}

pub fn remove_all(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    diesel::delete(passkeys::table.filter(passkeys::member.eq(member.to_string()))).execute(conn)?;
    Ok(())
}
