//! What is done with answers: given, changed with their link, held and let in, erased.

use aws_lc_rs::{hmac, rand};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{
    accounts,
    answer::{Answer, KEPT, Refusal, Tally, WAITING, check_open, hour_of, is_asked},
    store::{self, Kept},
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::outbox,
    groups,
    keys::Secret,
    meetings::{self, meeting::Meeting},
    members::token::Token,
};

/// What a meeting's page shows: whether people can answer now, about how many did, and whether all places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub open: bool,
    pub tally: Tally,
    pub full: bool,
}

/// `None` where nobody is asked.
pub fn shown(conn: &mut Conn, meeting: &Meeting, now: Timestamp) -> Result<Option<Shown>> {
    let kept = store::kept(conn, meeting.id)?.unwrap_or_default();
    if !is_asked(meeting, kept.asked) {
        return Ok(None);
    }
    let open = check_open(meeting, kept.asked, now).is_ok();
    let full = open && accounts::is_full(conn, meeting, "")?;
    Ok(Some(Shown { open, tally: store::tally(conn, meeting.id, &kept)?, full }))
}

/// The meeting, if its group still meets, and what is kept of its answers.
pub(super) fn found(conn: &mut Conn, id: Uuid) -> Result<(Meeting, Kept)> {
    let meeting = meetings::actions::find(conn, id)?;
    let group = groups::store::even_waiting(conn, &meeting.group)?.filter(|group| group.closed.is_none());
    group.ok_or_else(|| Error::not_found("the group that met has ended"))?;
    Ok((meeting, store::kept(conn, id)?.unwrap_or_default()))
}

/// A first answer; `token` is what it can be changed with. `full`: as [`is_full_of_waiting`] found it.
pub fn say(conn: &mut Conn, here: &Here, secret: &Secret, id: Uuid, (token, full): (&Token, bool), answer: Answer) -> Result<()> {
    let (meeting, kept) = found(conn, id)?;
    check_open(&meeting, kept.asked, here.now)?;
    // the answers are erased already
    if kept.come.is_some() {
        return Err(Refusal::Over.into());
    }
    let key = key_of(conn, secret, id, &kept)?;
    begin_hour(conn, here, id, &kept)?;
    if full {
        store::let_go_of_one_that_waits(conn, id)?;
    }
    Ok(store::add(conn, id, &fingerprint(&key, token.reveal()), answer)?)
}

/// The key of the meeting's answers, made for the first of them.
pub(super) fn key_of(conn: &mut Conn, secret: &Secret, id: Uuid, kept: &Kept) -> Result<Vec<u8>> {
    if let Some(key) = &kept.key {
        return open(secret, id, key);
    }
    let mut key = [0; 32];
    rand::fill(&mut key).map_err(|_| Error::broken("there is no randomness"))?;
    store::keep_key(conn, id, &secret.wrap(&key, &context(id))?)?;
    Ok(key.to_vec())
}

/// Somebody new answers: perhaps the first one of this hour.
pub(super) fn begin_hour(conn: &mut Conn, here: &Here, id: Uuid, kept: &Kept) -> Result<()> {
    let hour = hour_of(here.now);
    if kept.hour.is_none_or(|latest| latest < hour) {
        store::turn_hour(conn, id, hour)?;
    }
    Ok(())
}

/// Whether so much waits that a new answer takes the place of one that does: whoever fills it shuts out nobody. Asked before the
/// deed, whose many runs at once must not all look at all answers.
pub fn is_full_of_waiting(conn: &mut Conn, id: Uuid) -> Result<bool> {
    Ok(store::waiting(conn, id)? >= WAITING)
}

/// Another answer to the same link.
pub fn change(conn: &mut Conn, here: &Here, secret: &Secret, id: Uuid, token: &Token, answer: Answer) -> Result<()> {
    let (meeting, kept) = found(conn, id)?;
    let fingerprint = known(secret, id, &kept, token)?;
    check_open(&meeting, kept.asked, here.now)?;
    if store::change(conn, id, &fingerprint, answer)? { Ok(()) } else { Err(unknown()) }
}

/// What was answered with that link.
pub fn look(conn: &mut Conn, secret: &Secret, id: Uuid, token: &Token) -> Result<(Meeting, Answer)> {
    let (meeting, kept) = found(conn, id)?;
    let fingerprint = known(secret, id, &kept, token)?;
    let answer = store::find(conn, id, &fingerprint)?.ok_or_else(unknown)?;
    Ok((meeting, answer))
}

fn known(secret: &Secret, id: Uuid, kept: &Kept, token: &Token) -> Result<String> {
    let key = kept.key.as_ref().ok_or_else(unknown)?;
    Ok(fingerprint(&open(secret, id, key)?, token.reveal()))
}

fn unknown() -> Error {
    Error::not_found("no answer has this address")
}

fn context(meeting: Uuid) -> String {
    format!("who comes to {meeting}")
}

pub(super) fn open(secret: &Secret, meeting: Uuid, key: &str) -> Result<Vec<u8>> {
    secret.unwrap(key, &context(meeting))
}

/// Without the key it leads to nobody, not even for whoever has the link.
pub(super) fn fingerprint(key: &[u8], who: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, who.as_bytes()))
}

/// What a group does about the answers to one of its meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// People are asked from now on.
    Ask,
    /// They are not asked any more, and what they said is erased.
    Stop,
    /// What was held counts.
    LetIn,
    ThrowAway,
    /// All answers are thrown away.
    StartAgain,
}

impl Care {
    pub const ALL: [Care; 5] = [Self::Ask, Self::Stop, Self::LetIn, Self::ThrowAway, Self::StartAgain];

    /// As it is sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Stop => "stop",
            Self::LetIn => "let-in",
            Self::ThrowAway => "throw-away",
            Self::StartAgain => "start-again",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|care| care.name() == name)
    }
}

/// Does so for the group that holds the meeting.
pub fn care(conn: &mut Conn, here: &Here, group: &str, id: Uuid, care: Care) -> Result<Meeting> {
    let (meeting, kept) = found(conn, id)?;
    if meeting.group != group {
        return Err(Error::not_found(format!("this group holds no meeting {id}")));
    }
    meeting.can_change_at(here.now)?;
    match care {
        Care::Ask => store::ask(conn, id, true)?,
        Care::Stop => {
            store::clear(conn, id)?;
            store::ask(conn, id, false)?;
        }
        // once erased there is nothing to care about
        _ if kept.key.is_none() => {}
        Care::LetIn => store::let_in(conn, id)?,
        Care::ThrowAway => store::throw_away(conn, id)?,
        Care::StartAgain => store::clear(conn, id)?,
    }
    Ok(meeting)
}

/// What is said to single actors about their answers has this as its object: it names them, and goes as soon as they have it.
pub const TOLD: &str = "#coming";

/// Is there anything to [`forget`]?
pub fn any_over(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    Ok(outbox::any_delivered(conn, TOLD)? || !store::over(conn, now - KEPT)?.is_empty())
}

/// Erases the answers of meetings that ended an hour ago, and what was said about answers; says how many meetings.
pub fn forget(conn: &mut Conn, now: Timestamp) -> Result<usize> {
    let over = store::over(conn, now - KEPT)?;
    for meeting in &over {
        store::erase(conn, *meeting)?;
        outbox::forget_naming(conn, TOLD, &meeting.to_string())?;
    }
    outbox::forget_delivered(conn, TOLD)?;
    Ok(over.len())
}
