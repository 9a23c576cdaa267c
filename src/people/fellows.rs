//! What organizers of a group do for each other when a telephone is lost or taken: a way back in, powers that rest, powers given
//! back.

pub mod pages;

use std::time::Duration;

use uuid::Uuid;

use super::{
    proposal::{NEW, is_new},
    store,
};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result, Said},
    groups::{self, group::Group},
    members::{
        self,
        actions::Speaker,
        member::{Member, Organizer},
        recovery,
        token::Token,
        ways,
    },
    powers::{
        self,
        deed::{Deed, Kind, Reason, Role},
    },
};

/// Why somebody does nothing of this for another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("for 14 days after somebody was added to a group, they cannot show others a way in, or give powers back")]
    TooNew,
    #[error("whoever looks after the place is shown a way in by another caretaker only")]
    Caretaker,
    #[error("a group that waits to be welcomed shows nobody a way in who speaks for another one")]
    Waits,
    #[error("this is about others: for yourself, change the password")]
    Oneself,
    #[error("nobody of this name speaks for the group")]
    NotHere,
    #[error("whoever said today that a telephone was taken says so again tomorrow")]
    SaidToday,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = Said::new(match refusal {
            Refusal::TooNew => "entry-refused-too-new",
            Refusal::Caretaker => "entry-refused-caretaker",
            Refusal::Waits => "entry-refused-waits",
            Refusal::Oneself => "entry-refused-oneself",
            Refusal::NotHere => "entry-refused-not-here",
            Refusal::SaidToday => "entry-refused-said-today",
        });
        Error::refused_in_words(refusal, said)
    }
}

/// Two who speak for a group: the one who does something for the other.
struct Two {
    group: Group,
    own: Organizer,
    speaker: Member,
    other: Organizer,
    member: Member,
    /// How many speak for it besides the other who are not new and whose powers do not rest: who could give theirs back.
    able: usize,
    /// Whether the powers of the other may rest: whoever was added lately, or one of several alone, shuts out nobody, and nobody
    /// who came back by the rule a short while ago.
    vouched: bool,
}

/// Can give others their powers back?
fn is_able(organizer: &Organizer, group: &Group, here: &Here) -> bool {
    organizer.paused.is_none() && !is_new(organizer, group, here.now)
}

/// Whether their powers in this group came back by the rule lately: then nobody lets them rest again at once, or one of two would
/// be alone for good.
fn is_back(conn: &mut Conn, here: &Here, group: &str, member: Uuid) -> Result<bool> {
    let about = powers::store::about(conn, member, here.now - NEW)?;
    let by_rule = |deed: &Deed| deed.kind == Kind::Resumed && deed.role == Role::Rule && deed.group.as_deref() == Some(group);
    Ok(about.iter().any(by_rule))
}

impl Two {
    fn of(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<Self> {
        let own = speaker.speaks_for(conn, here, group)?;
        let speaker = speaker.member(conn, here)?;
        let group = groups::actions::speaking(conn, group)?;
        let all = members::store::organizers_of(conn, &group.handle)?;
        let able = all.iter().filter(|(other, member)| member.handle != handle && is_able(other, &group, here)).count();
        // of many, somebody besides the one who says so must be able to give them back
        let enough = able >= 2 || (able == 1 && all.len() == 2);
        let (other, member) = all.into_iter().find(|(_, member)| member.handle == handle).ok_or(Refusal::NotHere)?;
        if member.id == speaker.id {
            return Err(Refusal::Oneself.into());
        }
        let vouched = enough && !is_back(conn, here, &group.handle, member.id)?;
        Ok(Self { group, own, speaker, other, member, able, vouched })
    }

    /// Once a day each says so, unless powers were given back meanwhile: or whoever does it again and again keeps all others out.
    fn not_said_today(&self, conn: &mut Conn, here: &Here) -> Result<()> {
        if self.vouched && self.other.paused.is_none() {
            return Ok(());
        }
        let today = powers::store::about(conn, self.member.id, here.now)?;
        let is_this = |deed: &Deed| {
            matches!(deed.kind, Kind::Paused | Kind::SignedOut)
                && deed.member == Some(self.speaker.id)
                && deed.group.as_deref() == Some(&*self.group.handle)
        };
        if today.iter().any(is_this) { Err(Refusal::SaidToday.into()) } else { Ok(()) }
    }

    fn note(&self, conn: &mut Conn, here: &Here, kind: Kind, reason: Reason) -> Result<()> {
        let deed = Deed::of(kind, Role::Organizer, here.now).in_group(&self.group.handle);
        Ok(powers::store::note(conn, here, &deed.by(self.speaker.id).about(self.member.id).because(reason))?)
    }
}

/// Whom somebody may show a way in; asked by the page before, too.
pub fn may_show(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<Member> {
    let two = Two::of(conn, here, speaker, group, handle)?;
    if is_new(&two.own, &two.group, here.now) {
        return Err(Refusal::TooNew.into());
    }
    // or one organizer of a small group could come to look after the place
    if two.member.caretaker && !two.speaker.caretaker {
        return Err(Refusal::Caretaker.into());
    }
    // anybody starts a group that waits, and asks anybody into it
    if two.group.waits() && speaks_elsewhere(conn, &two.member)? {
        return Err(Refusal::Waits.into());
    }
    Ok(two.member)
}

/// Whether they speak for a group that everyone hears of.
fn speaks_elsewhere(conn: &mut Conn, member: &Member) -> Result<bool> {
    for organizer in members::store::groups_of(conn, member.id)? {
        let group = groups::store::even_waiting(conn, &organizer.group)?;
        if group.is_some_and(|group| !group.waits() && group.closed.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes `token` a way in for a fellow organizer, who stands beside the one who shows it.
pub fn show(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str, token: &Token) -> Result<Member> {
    let member = may_show(conn, here, speaker, group, handle)?;
    let shown_by = speaker.member(conn, here)?.id;
    recovery::show(conn, here, &member, shown_by, token)?;
    Ok(member)
}

/// What a member held out to others leads nowhere any more: whoever had their telephone or their password may have done it.
pub fn withdraw(conn: &mut Conn, member: Uuid) -> Result<()> {
    ways::remove_shown_by(conn, member)?;
    Ok(store::forget_invitations_by(conn, member)?)
}

/// Signs a fellow organizer out everywhere: their telephone was taken, and what was prepared with it leads nowhere any more. Their
/// powers in this group rest, where that cannot be one person's way to be alone in it.
pub fn telephone_was_taken(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<Member> {
    let two = Two::of(conn, here, speaker, group, handle)?;
    two.not_said_today(conn, here)?;
    recovery::disarm(conn, two.member.id)?;
    withdraw(conn, two.member.id)?;
    if two.vouched {
        let paused = two.other.paused.or(Some(here.now.day()));
        members::store::save_organizer(conn, &Organizer { paused, ..two.other.clone() })?;
        two.note(conn, here, Kind::Paused, Reason::Stolen)?;
    } else {
        two.note(conn, here, Kind::SignedOut, Reason::Stolen)?;
    }
    Ok(two.member)
}

/// Powers that rest and that only one other person could give back come back by themselves after 72 hours, lest that one keep the
/// group: only the day is kept, so a day more makes sure.
const LAPSE: Duration = Duration::from_secs(4 * 24 * 3_600);

/// Whether the rule let them rest, because somebody else vouched for them elsewhere.
fn rests_by_rule(conn: &mut Conn, organizer: &Organizer) -> Result<bool> {
    let Some(since) = organizer.paused else { return Ok(false) };
    let about = powers::store::about(conn, organizer.member, since)?;
    let by_rule = |deed: &Deed| deed.kind == Kind::Paused && deed.role == Role::Rule && deed.done == since;
    Ok(about.iter().any(|deed| by_rule(deed) && deed.group.as_deref() == Some(&*organizer.group)))
}

pub(super) fn settle_rests(conn: &mut Conn, here: &Here) -> Result<()> {
    for organizer in members::store::resting(conn, (here.now - LAPSE).day())? {
        let Some(group) = groups::store::even_waiting(conn, &organizer.group)? else { continue };
        let all = members::store::organizers_of(conn, &group.handle)?;
        let able = all.iter().filter(|(other, _)| is_able(other, &group, here)).count();
        // one who said so alone could keep the group; what rests by the rule was nobody's word
        if able > 1 || (able == 1 && rests_by_rule(conn, &organizer)?) {
            continue;
        }
        let deed = Deed::of(Kind::Resumed, Role::Rule, here.now).in_group(&organizer.group).about(organizer.member);
        members::store::save_organizer(conn, &Organizer { paused: None, ..organizer })?;
        powers::store::note(conn, here, &deed)?;
    }
    Ok(())
}

/// Gives a fellow organizer their powers in this group back; the new ones do where nobody else could.
pub fn give_back(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<Member> {
    let two = Two::of(conn, here, speaker, group, handle)?;
    if two.able > 0 && is_new(&two.own, &two.group, here.now) {
        return Err(Refusal::TooNew.into());
    }
    members::store::save_organizer(conn, &Organizer { paused: None, ..two.other.clone() })?;
    two.note(conn, here, Kind::Resumed, Reason::None)?;
    Ok(two.member)
}

/// Whom a question is about, and whether their powers would rest.
pub fn asked(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<(Member, bool)> {
    let two = Two::of(conn, here, speaker, group, handle)?;
    two.not_said_today(conn, here)?;
    Ok((two.member, two.vouched))
}
