//! What is done with notices: switched on and off, confirmed, looked for. `telling` sends them.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{
    notice::{GOOD, Notices, PAUSE, Refusal, TRIES, minute},
    store,
    telling::write_to,
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    blocks,
    clock::Timestamp,
    db::Conn,
    desk::waiting,
    error::{Error, Result},
    groups,
    members::{self, actions::Speaker, member::Member, token::Token},
    words::Words,
};

/// What waits for somebody and for their groups: handle of the group, what kind, how many, and when the latest came. What waits for
/// them alone is of no group: `""`.
pub fn waiting_for(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<Vec<(String, waiting::Waits)>> {
    let offers = waiting::offers_to(conn, member, now)?;
    let mut found: Vec<_> = offers.into_iter().map(|waits| (String::new(), waits)).collect();
    for organizer in members::store::groups_of(conn, member)? {
        // of one that ended or moved, its page would be closed to them
        if groups::store::even_waiting(conn, &organizer.group)?.is_none_or(|group| group.speaks().is_err()) {
            continue;
        }
        let waits = waiting::for_speaker(conn, &organizer.group, member, now)?;
        found.extend(waits.into_iter().map(|waits| (organizer.group.clone(), waits)));
    }
    Ok(found)
}

/// A feed under this key; an older one ends.
pub fn begin_feed(conn: &mut Conn, here: &Here, speaker: &Speaker, key: &Token) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &Notices { feed: Some(key.hash()), ..chosen })?)
}

pub fn end_feed(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &Notices { feed: None, ..chosen })?)
}

/// Whose feed this key opens.
pub fn whose_feed(conn: &mut Conn, key: &Token) -> Result<Member> {
    let nobody = || Error::not_found("there is no feed of that key");
    let member = store::by_feed(conn, &key.hash())?.ok_or_else(nobody)?;
    members::store::by_id(conn, member)?.ok_or_else(nobody)
}

/// Six digits, for one account only.
pub fn new_code() -> Result<String> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).map_err(|_| Error::broken("there is no randomness"))?;
    Ok(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000))
}

/// Good for one member only. So few digits can be found out from it by whoever has the database: it goes when it was used.
fn hash(member: Uuid, code: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{member} {code}").as_bytes()))
}

/// Codes that wait in one account, whoever asked for them: several members together write to nobody again and again.
const AT_ONCE: i64 = 2;

/// Sends a code to an account, to see whose it is.
pub fn ask(conn: &mut Conn, here: &Here, speaker: &Speaker, account: &RemoteActor, code: &str) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    if chosen.asked.is_some_and(|asked| here.now < asked + PAUSE) {
        return Err(Refusal::TooSoon.into());
    }
    if store::unconfirmed(conn, account.uri.as_str(), member.id)? >= AT_ONCE {
        return Err(Refusal::TooSoon.into());
    }
    if here.origin.owns(&account.uri) || blocks::store::covers(conn, &account.uri)? {
        return Err(Refusal::Unreachable(account.handle()).into());
    }
    remote::save(conn, account)?;
    let words = Words::of(&member.language);
    let page = here.origin.url("/ours/notices");
    let sentence = words.say("notices-code", &[("city", &here.city), ("code", code), ("page", page.as_str())]);
    write_to(conn, here, account, &words, &sentence, &page)?;
    let (code, asked) = (Some(hash(member.id, code)), Some(minute(here.now)));
    Ok(store::save(conn, &Notices { account: Some(account.uri.to_string()), code, asked, tries: 0, ..chosen })?)
}

/// Whether this is what was sent. From now on they are told there; a code that was guessed too often is none any more.
pub fn confirm(conn: &mut Conn, here: &Here, speaker: &Speaker, code: &str) -> Result<bool> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    let is_good = chosen.awaits_code() && chosen.asked.is_some_and(|asked| here.now < asked + GOOD);
    let sent = chosen.code.clone().filter(|_| is_good).ok_or(Refusal::NoCode)?;
    if sent == hash(member.id, code.trim()) {
        store::save(conn, &Notices { code: None, tries: 0, ..chosen })?;
        return Ok(true);
    }
    let tries = chosen.tries + 1;
    store::save(conn, &if tries < TRIES { Notices { tries, ..chosen } } else { chosen.without_account() })?;
    Ok(false)
}

pub fn end_account(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &chosen.without_account())?)
}

pub use super::telling::tell_all;

/// The browsers of one person.
const BROWSERS: usize = 5;

/// Wakes this browser from now on; of too many, the one that was not used for longest is forgotten.
pub fn begin_push(conn: &mut Conn, here: &Here, speaker: &Speaker, endpoint: &str) -> Result<()> {
    let session = speaker.session(conn, here)?;
    store::forget_session(conn, session.id)?;
    store::remove_endpoint(conn, endpoint)?;
    let others = store::endpoints(conn, session.member.id)?;
    for unused in others.iter().take((others.len() + 1).saturating_sub(BROWSERS)) {
        store::remove_endpoint(conn, unused)?;
    }
    store::add_endpoint(conn, session.member.id, session.id, endpoint)?;
    let chosen = store::of(conn, session.member.id)?;
    Ok(store::save(conn, &chosen)?)
}

pub fn end_push(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    store::remove_endpoints(conn, member.id)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &chosen)?)
}
