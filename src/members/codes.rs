//! Codes on paper, each of which works once instead of the password.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use crate::{
    db::{Conn, schema::recovery_codes},
    error::{Error, Result},
};

pub const COUNT: usize = 8;
/// 80 bits: nobody guesses them, so their hashes need no salt and no argon2.
const LENGTH: usize = 16;
/// Without those that look alike (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// `k7m2-9fqx-3tbn-w4hd`.
pub fn make() -> Result<Vec<String>> {
    (0..COUNT).map(|_| one()).collect()
}

fn one() -> Result<String> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| Error::broken("there is no randomness"))?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from).unwrap_or('0');
    let fours: Vec<String> = bytes.chunks(4).map(|four| four.iter().map(letter).collect()).collect();
    Ok(fours.join("-"))
}

/// What is kept of what somebody typed, when it is written as our codes are; spaces, dashes and large letters mean nothing.
pub fn hash(typed: &str) -> Option<String> {
    if typed.len() > 60 {
        return None;
    }
    let plain =
        typed.chars().filter(|c| !matches!(c, '-' | ' ' | '\u{2010}'..='\u{2015}')).map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    let plain: String = plain.collect();
    let is_code = plain.len() == LENGTH && plain.bytes().all(|byte| LETTERS.contains(&byte));
    is_code.then(|| BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, plain.as_bytes())))
}

/// Those that were there before work no more.
pub fn replace(conn: &mut Conn, member: Uuid, codes: &[String]) -> QueryResult<()> {
    remove_all(conn, member)?;
    for hash in codes.iter().filter_map(|code| hash(code)) {
        let row = (recovery_codes::hash.eq(hash), recovery_codes::member.eq(member.to_string()));
        diesel::insert_into(recovery_codes::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn remove_all(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::member.eq(member.to_string()))).execute(conn)?;
    Ok(())
}

/// Uses a code up; `false` when this member has none of that hash.
pub fn take(conn: &mut Conn, member: Uuid, hash: &str) -> QueryResult<bool> {
    let theirs = recovery_codes::table.find(hash).filter(recovery_codes::member.eq(member.to_string()));
    Ok(diesel::delete(theirs).execute(conn)? > 0)
}

/// Looks without using it up: whoever tries codes for a name must not learn from the time of a write whether it is somebody's.
pub fn is_theirs(conn: &mut Conn, member: Uuid, hash: &str) -> QueryResult<bool> {
    let theirs = recovery_codes::table.find(hash).filter(recovery_codes::member.eq(member.to_string()));
    Ok(theirs.count().get_result::<i64>(conn)? > 0)
}

pub fn count(conn: &mut Conn, member: Uuid) -> QueryResult<i64> {
    recovery_codes::table.filter(recovery_codes::member.eq(member.to_string())).count().get_result(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_somebody_writes_it_down() {
        for code in make().unwrap() {
            assert_eq!(code.len(), 19, "{code}");
            let known = hash(&code).unwrap();
            for typed in [code.to_uppercase(), code.replace('-', ""), code.replace('-', " "), format!(" {code} ")] {
                assert_eq!(hash(&typed).as_ref(), Some(&known), "{typed}");
            }
            assert_eq!(hash(&code.replace('0', "O").replace('1', "l")).as_ref(), Some(&known));
        }
        for typed in ["", "soup at noon", "k7m2-9fqx-3tbn-w4h", "k7m2-9fqx-3tbn-w4hdd", "k7m2-9fqx-3tbn-w4hñ"] {
            assert_eq!(hash(typed), None, "{typed}");
        }
    }
}
