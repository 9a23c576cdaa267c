//! Groups that nobody speaks for any more, and how somebody picks them up.

use uuid::Uuid;

use super::{
    actions::let_speak,
    proposal::{Kind, PICK_UP, Proposal, Refusal, is_frozen},
    store,
};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    living::{
        self,
        liveness::{ASLEEP, Liveness, Signs},
    },
    members::{
        self,
        actions::Speaker,
        member::{Member, Organizer},
    },
    powers::{
        self,
        deed::{Deed, Kind as Done, Role},
    },
    welcome::newcomer::is_trusted,
};

/// May somebody pick the group up? If nobody speaks for it any more; or if it is asleep, as everybody sees it, and none of those
/// who speak for it was seen for as long. When somebody was last here is not kept that long: whoever is signed in nowhere was not
/// seen.
pub fn can_be_picked_up(conn: &mut Conn, here: &Here, group: &Group) -> Result<bool> {
    let (people, signs) = (members::store::organizers_of(conn, &group.handle)?, living::store::of(conn, here.now, group)?);
    is_left(conn, here, group, &people, &signs)
}

/// The same where it is known who speaks for it and what is seen of it.
pub fn is_left(conn: &mut Conn, here: &Here, group: &Group, people: &[(Organizer, Member)], signs: &Signs) -> Result<bool> {
    if group.moved.is_some() {
        return Ok(false);
    }
    if people.is_empty() {
        return Ok(true);
    }
    let is_asleep = signs.liveness(here.now) == Liveness::Asleep;
    if !is_asleep || people.iter().any(|(organizer, _)| here.now.since(organizer.since) < ASLEEP) {
        return Ok(false);
    }
    for (organizer, _) in people {
        if !members::store::sessions_of(conn, organizer.member, here.now)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asks to speak for a sleeping group. That stands on its page for 7 days; who speaks for it can say no.
pub fn ask(conn: &mut Conn, here: &Here, speaker: &Speaker, handle: &str) -> Result<Group> {
    let member = speaker.member(conn, here)?;
    let group =
        groups::store::by_handle(conn, handle)?.ok_or_else(|| Error::not_found(format!("there is no group {handle:?}")))?;
    groups::actions::speaking(conn, handle)?;
    if member.welcomed.is_none() && !member.caretaker {
        return Err(Refusal::Stranger.into());
    }
    if is_trusted(handle) && !member.caretaker {
        return Err(Refusal::Trusted.into());
    }
    if members::store::organizer(conn, handle, member.id)?.is_some() {
        return Err(Refusal::SpeaksAlready.into());
    }
    if !can_be_picked_up(conn, here, &group)? {
        return Err(Refusal::Awake.into());
    }
    if asked(conn, here, handle)?.is_some() {
        return Err(Refusal::Asked.into());
    }
    store::add(conn, &Proposal::new(handle, Kind::PickUp, member.id, here.now + PICK_UP))?;
    let deed = Deed::of(Done::PickUpAsked, Role::Member, here.now).in_group(handle).by(member.id);
    powers::store::note(conn, here, &deed)?;
    Ok(group)
}

/// The request to pick up this group, if there is one.
pub fn asked(conn: &mut Conn, here: &Here, group: &str) -> Result<Option<Proposal>> {
    Ok(store::of_group(conn, group, here.now)?.into_iter().find(|proposal| proposal.kind == Kind::PickUp))
}

/// Whoever speaks for the group, or looks after the place, does not want it picked up.
pub fn refuse(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let role = if member.caretaker {
        Role::Caretaker
    } else {
        speaker.speaks_for(conn, here, group)?;
        Role::Organizer
    };
    let request = store::find(conn, id)?.filter(|request| request.group == group && request.kind == Kind::PickUp);
    let request = request.ok_or(Refusal::Over)?;
    store::remove(conn, request.id)?;
    let mut deed = Deed::of(Done::PickUpRefused, role, here.now).in_group(group).by(member.id);
    deed.about = request.member;
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Lets those speak whose request nobody answered with no.
pub(super) fn settle_pick_ups(conn: &mut Conn, here: &Here) -> Result<()> {
    for request in store::pick_ups(conn)?.into_iter().filter(|request| request.until <= here.now) {
        let group = groups::store::even_waiting(conn, &request.group)?;
        let group = group.filter(|group| group.closed.is_none() && group.moved.is_none() && group.welcomed.is_some());
        let member = request.member.map(|member| members::store::by_id(conn, member)).transpose()?.flatten();
        if let (Some(group), Some(member)) = (group, member) {
            if is_frozen(&group, here.now).is_err() {
                continue;
            }
            if let_speak(conn, here, &group, &member)? {
                let deed = Deed::of(Done::PickedUp, Role::Rule, here.now).in_group(&group.handle).about(member.id);
                powers::store::note(conn, here, &deed)?;
            }
        }
        store::remove(conn, request.id)?;
    }
    Ok(())
}
