//! Ways back in for whoever lost password or telephone: with a fellow organizer, with a caretaker, with a code.

pub mod pages;

use std::time::Duration;

use uuid::Uuid;

use super::{
    actions::{begin_session, may_speak},
    codes,
    member::Member,
    passkeys, store,
    token::Token,
    ways::{self, Kind, Way},
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    powers::{
        self,
        deed::{self, Deed, Role},
    },
};

/// So long somebody who came back by a fellow's way is not the one who stops a caretaker's.
const LATELY: Duration = Duration::from_secs(14 * 24 * 3_600);

/// Why there is no way in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this link was used, it is too old, or whoever showed it may not do so any more")]
    Used,
    /// With when it does.
    #[error("this link does not work yet: it opens at {0}")]
    NotYet(Timestamp),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match refusal {
            Refusal::Used => Said::new("entry-refused-used"),
            Refusal::NotYet(opens) => Said::new("entry-refused-not-yet").with("when", opens.utc().format("%Y-%m-%d %H:%M UTC")),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// So that the others of the group can read of it, and everybody can count it.
fn tell(conn: &mut Conn, here: &Here, kind: deed::Kind, group: &str, by: Option<Uuid>, about: Uuid) -> Result<()> {
    let role = if by.is_some() { Role::Organizer } else { Role::Rule };
    let deed = Deed { member: by, ..Deed::of(kind, role, here.now).in_group(group).about(about) };
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Makes `token` a way in for a member, shown by an organizer who stands beside them.
pub fn show(conn: &mut Conn, here: &Here, member: &Member, shown_by: Uuid, token: &Token) -> Result<()> {
    ways::remove_of(conn, member.id, Some(Kind::Fellow))?;
    let way = Way { member: Some(member.id), shown_by: Some(shown_by), ..Way::new(Kind::Fellow, here.now) };
    ways::add(conn, &token.hash(), &way)?;
    Ok(())
}

/// Makes `token` a way in that opens after two days, in which everybody can read that there is one, and its member can stop it.
/// `by` is the caretaker who asks; nobody for whoever has the machine.
pub fn ask(conn: &mut Conn, here: &Here, by: Option<Uuid>, member: &Member, token: &Token) -> Result<Way> {
    ways::remove_of(conn, member.id, Some(Kind::Caretaker))?;
    let way = Way { member: Some(member.id), ..Way::new(Kind::Caretaker, here.now) };
    ways::add(conn, &token.hash(), &way)?;
    let deed = Deed::of(deed::Kind::WayAsked, Role::Caretaker, here.now).about(member.id);
    powers::store::note(conn, here, &Deed { member: by, ..deed })?;
    Ok(way)
}

/// Uses up a code from paper and makes `token` a way in; `false` when the member has no such code.
pub fn use_code(conn: &mut Conn, here: &Here, member: &Member, code: &str, token: &Token) -> Result<bool> {
    if !codes::take(conn, member.id, code)? {
        return Ok(false);
    }
    Ok(ways::add(conn, &token.hash(), &Way { member: Some(member.id), ..Way::new(Kind::Code, here.now) })?)
}

/// Whom this link lets in, if it does now.
pub fn whose(conn: &mut Conn, now: Timestamp, token: &Token) -> Result<(Way, Member)> {
    let way = ways::find(conn, token, now)?.ok_or(Refusal::Used)?;
    let member = match way.member {
        Some(id) => store::by_id(conn, id)?,
        None => None,
    };
    let member = member.ok_or(Refusal::Used)?;
    if way.opens > now {
        return Err(Refusal::NotYet(way.opens).into());
    }
    if way.kind == Kind::Fellow && shared(conn, &way, &member)?.is_empty() {
        return Err(Refusal::Used.into());
    }
    Ok((way, member))
}

/// The groups of a member for which also the one speaks who showed them the way in.
fn shared(conn: &mut Conn, way: &Way, member: &Member) -> Result<Vec<String>> {
    let Some(fellow) = way.shown_by else { return Ok(Vec::new()) };
    let theirs = store::groups_of(conn, member.id)?;
    let shared = theirs.into_iter().map(|organizer| organizer.group);
    Ok(shared.filter(|group| may_speak(conn, fellow, group).is_ok()).collect())
}

/// Whoever holds a telephone of this member has nothing in hand any more: no session, no feed, no way in that was made with it. What
/// it did not make, a password or codes on paper, still lets its owner in.
pub fn disarm(conn: &mut Conn, member: Uuid) -> Result<()> {
    store::shut_out(conn, member)?;
    ways::remove_of(conn, member, Some(Kind::Code))?;
    if store::password(conn, member)?.is_some() {
        passkeys::remove_all(conn, member)?;
    } else if !passkeys::of(conn, member)?.is_empty() {
        codes::remove_all(conn, member)?;
    }
    Ok(())
}

/// Whether somebody came into this account lately with a way that a fellow organizer showed: then the others may say that it was
/// somebody else.
pub fn came_by_a_fellow(conn: &mut Conn, here: &Here, member: Uuid) -> Result<bool> {
    let about = powers::store::about(conn, member, here.now - LATELY)?;
    Ok(about.iter().any(|deed| deed.kind == deed::Kind::Recovered && deed.role == Role::Organizer))
}

/// Back in, with a new password, signed out everywhere else.
pub fn come_back(conn: &mut Conn, here: &Here, link: &Token, password: &str, token: &Token) -> Result<Member> {
    let (way, member) = whose(conn, here.now, link)?;
    if way.kind == Kind::Fellow {
        let shared = shared(conn, &way, &member)?;
        settle_powers(conn, here, &member, &shared)?;
        for group in &shared {
            tell(conn, here, deed::Kind::Recovered, group, way.shown_by, member.id)?;
        }
    }
    if way.kind == Kind::Caretaker {
        let deed = Deed::of(deed::Kind::Recovered, Role::Caretaker, here.now).about(member.id);
        powers::store::note(conn, here, &deed)?;
    }
    if way.kind != Kind::Code {
        // whoever has the lost telephone or the lost paper has them, too
        codes::remove_all(conn, member.id)?;
        passkeys::remove_all(conn, member.id)?;
    }
    ways::remove_of(conn, member.id, None)?;
    store::keep_password(conn, member.id, Some(password))?;
    store::shut_out(conn, member.id)?;
    begin_session(conn, here, member.id, token)?;
    Ok(member)
}

/// A fellow vouches for the groups they share, where whoever comes back does everything again but what takes trust: for that they
/// are as new as somebody who was added. In other groups powers rest, lest the organizers of one group come to speak for
/// another: until somebody there gives them back, or where nobody could, until everybody could read of it for days.
fn settle_powers(conn: &mut Conn, here: &Here, member: &Member, shared: &[String]) -> Result<()> {
    for mut organizer in store::groups_of(conn, member.id)? {
        match shared.contains(&organizer.group) {
            true => {
                organizer.paused = None;
                // one telephone could else show itself the way into all accounts of a group, and confirm with one what it asks
                // with another
                organizer.since = here.now;
                organizer.founder = false;
            }
            false if organizer.paused.is_none() => {
                organizer.paused = Some(here.now.day());
                tell(conn, here, deed::Kind::Paused, &organizer.group, None, member.id)?;
            }
            false => {}
        }
        store::save_organizer(conn, &organizer)?;
    }
    Ok(())
}
