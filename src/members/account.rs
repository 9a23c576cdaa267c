//! What somebody does with their own account.

pub mod pages;

use super::{
    actions::Speaker,
    codes,
    member::{Member, Session},
    passkeys, recovery, store,
    ways::{self, Kind},
};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result, Said},
};

/// The last one who looks after the place does not go while others have accounts: somebody has to be able to.
pub fn may_leave(conn: &mut Conn, member: &Member) -> Result<()> {
    let others = store::caretakers(conn)?.iter().any(|caretaker| caretaker.id != member.id);
    if member.caretaker && !others && store::count(conn)? > 1 {
        let said = Said::new("entry-refused-last-caretaker");
        return Err(Error::refused_in_words("somebody has to look after the place: name another one first", said));
    }
    Ok(())
}

/// Deletes the account with all that hangs on it. Groups go on.
pub fn leave(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    may_leave(conn, &member)?;
    Ok(store::delete(conn, member.id)?)
}

pub fn call_oneself(conn: &mut Conn, here: &Here, speaker: &Speaker, name: &str, language: &str) -> Result<()> {
    let member = Member { name: name.to_owned(), language: language.to_owned(), ..speaker.member(conn, here)? };
    member.check()?;
    Ok(store::save(conn, &member)?)
}

/// A new password ends every session; the one who changed it goes on under a new secret. Whoever knew the old one also shuts out
/// what was made with a telephone in other hands: codes and passkeys. Who had none shows nothing, and takes none away.
pub fn change_password(conn: &mut Conn, here: &Here, speaker: &Speaker, password: &str) -> Result<Member> {
    let Session { member, .. } = speaker.session(conn, here)?;
    if store::password(conn, member.id)?.is_some() {
        codes::remove_all(conn, member.id)?;
        passkeys::remove_all(conn, member.id)?;
    }
    store::keep_password(conn, member.id, Some(password))?;
    store::shut_out(conn, member.id)?;
    // what somebody else may have prepared
    ways::remove_of(conn, member.id, None)?;
    Ok(member)
}

/// New codes on paper; older ones work no more.
pub fn new_codes(conn: &mut Conn, here: &Here, speaker: &Speaker, codes: &[String]) -> Result<()> {
    let member = speaker.member(conn, here)?;
    Ok(codes::replace(conn, member.id, codes)?)
}

/// Says no to the way in that a caretaker asked for.
pub fn stop_recovery(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    if recovery::came_by_a_fellow(conn, here, member.id)? {
        let said = Said::new("entry-refused-by-fellow");
        return Err(Error::refused_in_words("whoever came back by a fellow's way cannot stop a caretaker's for 14 days", said));
    }
    ways::remove_of(conn, member.id, Some(Kind::Caretaker))?;
    Ok(())
}
