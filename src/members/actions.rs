//! What is done with accounts and sessions; who may speak, asked in the transaction of what they say.

use uuid::Uuid;

use super::{
    joining,
    member::{Member, Organizer, Refusal, Session},
    store,
    token::Token,
    ways,
};
use crate::{app::Here, clock::Timestamp, db::Conn, error::Result};

/// Who asks for a deed: to be checked again in its transaction, since powers may have ended a moment before.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// Hash of the session's secret.
    pub(super) hash: String,
}

impl Speaker {
    /// Whoever has this secret.
    pub fn of(token: &Token) -> Self {
        Self { hash: token.hash() }
    }

    /// Whose session it is, if it has not ended.
    pub fn session(&self, conn: &mut Conn, here: &Here) -> Result<Session> {
        Ok(store::session(conn, &self.hash, here.now)?.ok_or(Refusal::SignedOut)?)
    }

    pub fn member(&self, conn: &mut Conn, here: &Here) -> Result<Member> {
        Ok(self.session(conn, here)?.member)
    }

    /// May they speak for this group, now?
    pub fn speaks_for(&self, conn: &mut Conn, here: &Here, group: &str) -> Result<Organizer> {
        let member = self.member(conn, here)?;
        may_speak(conn, member.id, group)
    }

    pub fn caretaker(&self, conn: &mut Conn, here: &Here) -> Result<Member> {
        let member = self.member(conn, here)?;
        if member.caretaker { Ok(member) } else { Err(Refusal::NotCaretaker.into()) }
    }
}

/// Refuses whoever does not speak for the group, or whose powers rest: until somebody gives them back, or their time is over.
pub fn may_speak(conn: &mut Conn, member: Uuid, group: &str) -> Result<Organizer> {
    let organizer = store::organizer(conn, group, member)?.ok_or(Refusal::NotOrganizer)?;
    if organizer.paused.is_some() { Err(Refusal::Paused.into()) } else { Ok(organizer) }
}

/// Signs a member in under a new secret; a session that was there before is another one and stays as it is.
pub fn begin_session(conn: &mut Conn, here: &Here, member: Uuid, token: &Token) -> Result<()> {
    store::was_used(conn, member, here.now.day())?;
    Ok(store::add_session(conn, &token.hash(), Uuid::new_v4(), member, here.now.day())?)
}

/// Forgets sessions and links that are too old, accounts that nobody uses, and who spoke for what ended.
pub fn forget(conn: &mut Conn, now: Timestamp) -> Result<()> {
    store::forget_old_sessions(conn, now)?;
    ways::forget_old(conn, now)?;
    store::forget_organizers_of_ended(conn)?;
    joining::forget_unused(conn, now)?;
    Ok(())
}
