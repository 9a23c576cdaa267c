//! Answers of people with an account, here or on another server: one for each account, kept as a fingerprint under the key of that
//! meeting. They alone use up places.

use uuid::Uuid;

use super::{
    actions::{begin_hour, fingerprint, found, is_full_of_waiting, key_of, open},
    answer::{Answer, Refusal, check_open},
    store::{self, OfAccount},
};
use crate::{app::Here, db::Conn, error::Result, meetings::meeting::Meeting};

/// Who answers what. Kept of it is a fingerprint of each.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// An actor's id, or the id of a member.
    pub who: &'a str,
    pub answer: Answer,
    /// The id of the post that says so.
    pub note: Option<&'a str>,
    /// Their server, if that is another one.
    pub host: Option<&'a str>,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It stands; whether it is another one than before.
    Stands {
        changed: bool,
    },
    /// All places are taken: what was answered before still stands.
    Full,
    Refused(Refusal),
}

/// The answer of a member of this place goes under this name, which is neither the id of an actor nor the name of a server.
pub fn member(id: Uuid) -> String {
    format!("member {id}")
}

/// Are all places taken, apart from the one that this fingerprint may have?
pub fn is_full(conn: &mut Conn, meeting: &Meeting, but: &str) -> Result<bool> {
    match meeting.capacity {
        Some(capacity) => Ok(store::places_taken(conn, meeting.id, but)? >= capacity),
        None => Ok(false),
    }
}

/// Takes an answer, or another one of the same account.
pub fn give(conn: &mut Conn, here: &Here, id: Uuid, given: &Given) -> Result<Taken> {
    let (meeting, kept) = found(conn, id)?;
    if let Err(refusal) = check_open(&meeting, kept.asked, here.now) {
        return Ok(Taken::Refused(refusal));
    }
    if kept.come.is_some() {
        return Ok(Taken::Refused(Refusal::Over));
    }
    let secret = here.keyring.secret();
    let key = key_of(conn, secret, id, &kept)?;
    let who = fingerprint(&key, given.who);
    let before = store::account(conn, id, &who)?;
    let full = given.answer == Answer::Coming && is_full(conn, &meeting, &who)?;
    if before.is_none() {
        // of those without an account one makes room; where none is left, there are too many accounts
        if is_full_of_waiting(conn, id)? && !store::let_go_of_one_that_waits(conn, id)? {
            return Ok(Taken::Refused(Refusal::TooMany));
        }
        begin_hour(conn, here, id, &kept)?;
    }
    let (stood, told) = before.as_ref().map_or((None, 0), |before| (before.answer, before.told));
    let answer = if full { stood } else { Some(given.answer) };
    let note = given.note.map(|note| note_of(here, note));
    let host = given.host.map(|host| of_host(&key, host));
    store::keep_account(conn, id, &OfAccount { fingerprint: who, answer, note, told, host })?;
    Ok(if full { Taken::Full } else { Taken::Stands { changed: stood != answer } })
}

fn of_host(key: &[u8], host: &str) -> String {
    fingerprint(key, &format!("server {host}"))
}

/// What these answered is gone, and their places are free: actors by their ids, members as [`member`] calls them, servers by their
/// names; with one group, or with all.
pub fn forget(conn: &mut Conn, here: &Here, names: &[&str], group: Option<&str>) -> Result<()> {
    for (meeting, key) in store::keys(conn, group)? {
        let Ok(id) = meeting.parse() else { continue };
        let key = open(here.keyring.secret(), id, &key)?;
        let of = |name: &&str| if name.contains(['/', ' ']) { fingerprint(&key, name) } else { of_host(&key, name) };
        store::forget_accounts(conn, &meeting, &names.iter().map(of).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// What an account answered, if anything stands.
pub fn look(conn: &mut Conn, here: &Here, id: Uuid, who: &str) -> Result<Option<Answer>> {
    Ok(known(conn, here, id, who)?.and_then(|account| account.answer))
}

/// Takes an answer back, if there is one; whether there was.
pub fn take_back(conn: &mut Conn, here: &Here, id: Uuid, who: &str) -> Result<bool> {
    let Some(known) = known(conn, here, id, who)? else { return Ok(false) };
    let stood = known.answer.is_some();
    store::keep_account(conn, id, &OfAccount { answer: None, note: None, ..known })?;
    Ok(stood)
}

/// Takes back the answer that stands in a post, if this account gave it there; whether it did.
pub fn take_back_note(conn: &mut Conn, here: &Here, who: &str, note: &str) -> Result<bool> {
    let Some((id, account)) = store::by_note(conn, &note_of(here, note))? else { return Ok(false) };
    let theirs = known(conn, here, id, who)?.is_some_and(|known| known.fingerprint == account.fingerprint);
    if theirs {
        store::keep_account(conn, id, &OfAccount { answer: None, note: None, ..account })?;
    }
    Ok(theirs)
}

/// Nobody is told more often than this what was understood of their answers to one meeting.
const TOLD: i64 = 12;

/// May they be told, and if so, notes that they are.
pub fn may_be_told(conn: &mut Conn, here: &Here, id: Uuid, who: &str) -> Result<bool> {
    match known(conn, here, id, who)? {
        Some(known) if known.told < TOLD => {
            store::keep_account(conn, id, &OfAccount { told: known.told + 1, ..known })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn known(conn: &mut Conn, here: &Here, id: Uuid, who: &str) -> Result<Option<OfAccount>> {
    let Some(key) = store::kept(conn, id)?.and_then(|kept| kept.key) else { return Ok(None) };
    let key = open(here.keyring.secret(), id, &key)?;
    Ok(store::account(conn, id, &fingerprint(&key, who))?)
}

/// Not under the key of a meeting: who deletes a post does not say what it was about.
fn note_of(here: &Here, note: &str) -> String {
    here.keyring.secret().fingerprint(note, "posts that answer")
}
