//! Laying it down, removing somebody with a second one, freezing.

use uuid::Uuid;

use super::{
    fellows,
    proposal::{BETWEEN_FREEZES, FROZEN, Kind, Proposal, REMOVAL, Refusal, is_frozen, is_new},
    store,
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        self,
        actions::Speaker,
        member::{Member, Organizer},
    },
    powers::{
        self,
        deed::{Deed, Kind as Done, Reason, Role},
    },
};

/// Whoever asks, if they may change who speaks for the group now.
pub fn established(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<(Group, Organizer)> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let group = groups::actions::speaking(conn, group)?;
    is_frozen(&group, here.now)?;
    if is_new(&organizer, &group, here.now) { Err(Refusal::New.into()) } else { Ok((group, organizer)) }
}

/// Lets a member speak for a group; `false` when they do already. Into a welcomed group nobody comes as a stranger.
pub(super) fn let_speak(conn: &mut Conn, here: &Here, group: &Group, member: &Member) -> Result<bool> {
    let organizer =
        Organizer { group: group.handle.clone(), member: member.id, since: here.now, founder: false, shown: false, paused: None };
    let is_new = members::store::add_organizer(conn, &organizer)?;
    if is_new && group.welcomed.is_some() && member.welcomed.is_none() {
        members::store::save(conn, &Member { welcomed: Some(here.now.day()), ..member.clone() })?;
    }
    Ok(is_new)
}

/// Ends that a member speaks for a group, and whatever they asked there; `false` when they did not.
fn end_speaking(conn: &mut Conn, group: &str, member: Uuid) -> Result<bool> {
    store::forget_those_of(conn, group, member)?;
    Ok(members::store::remove_organizer(conn, group, member)?)
}

/// Somebody no longer wants to speak for the group, which stays as it is: without anybody it sleeps until it is picked up.
pub fn lay_down(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    end_speaking(conn, group, organizer.member)?;
    let deed = Deed::of(Done::LaidDown, Role::Organizer, here.now).in_group(group).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Whether the name of the one who asks stands on the group's page.
pub fn show_name(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, shown: bool) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    Ok(members::store::save_organizer(conn, &Organizer { shown, ..organizer })?)
}

/// Asks that another one no longer speaks for the group. A second one has to confirm it; in a group of two it holds after 7 days.
pub fn ask_removal(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, about: &str, reason: Reason) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    // whether anybody else has an account is not told
    let people = members::store::organizers_of(conn, &group.handle)?;
    let (_, about) = people.into_iter().find(|(_, member)| member.handle == about).ok_or(fellows::Refusal::NotHere)?;
    if about.id == organizer.member {
        return Err(Refusal::Yourself.into());
    }
    let open = store::of_group(conn, &group.handle, here.now)?;
    if open.iter().any(|proposal| proposal.kind == Kind::Removal && proposal.about == Some(about.id)) {
        return Err(Refusal::Asked.into());
    }
    let removal = Proposal::new(&group.handle, Kind::Removal, organizer.member, here.now + REMOVAL);
    store::add(conn, &Proposal { about: Some(about.id), reason, ..removal })?;
    let deed = Deed::of(Done::RemovalAsked, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed.about(about.id).because(reason))?)
}

fn removal(conn: &mut Conn, here: &Here, group: &str, id: Uuid) -> Result<Proposal> {
    let found = store::find(conn, id)?;
    let found = found.filter(|found| found.group == group && found.kind == Kind::Removal && found.until > here.now);
    Ok(found.ok_or(Refusal::Over)?)
}

/// A second one confirms it: from now on somebody no longer speaks for the group.
pub fn confirm_removal(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    let removal = removal(conn, here, &group.handle, id)?;
    if [removal.member, removal.about].contains(&Some(organizer.member)) {
        return Err(Refusal::Second.into());
    }
    let deed = Deed::of(Done::Removed, Role::Organizer, here.now).by(organizer.member);
    remove(conn, here, &removal, deed)
}

/// Whoever asked for it thinks better of it.
pub fn take_back_removal(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let removal = removal(conn, here, group, id)?;
    if removal.member != Some(organizer.member) {
        return Err(Refusal::Second.into());
    }
    store::remove(conn, removal.id)?;
    let deed = Deed::of(Done::RemovalTakenBack, Role::Organizer, here.now).in_group(group).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

fn remove(conn: &mut Conn, here: &Here, removal: &Proposal, deed: Deed) -> Result<()> {
    let about = removal.about.ok_or(Refusal::Over)?;
    if end_speaking(conn, &removal.group, about)? {
        let deed = deed.in_group(&removal.group).about(about).because(removal.reason);
        powers::store::note(conn, here, &deed)?;
    }
    Ok(())
}

/// For 72 hours nobody is added or removed, so that the next meeting can decide.
pub fn freeze(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let group = groups::actions::speaking(conn, group)?;
    is_frozen(&group, here.now)?;
    if freezes_again(&group, here.now).is_some() {
        return Err(Refusal::FrozenLately.into());
    }
    groups::store::save(conn, &Group { frozen: Some(here.now + FROZEN), ..group.clone() })?;
    let deed = Deed::of(Done::Frozen, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// From when on a group can be frozen again, where it cannot yet.
pub fn freezes_again(group: &Group, now: Timestamp) -> Option<Timestamp> {
    group.frozen.map(|until| until + BETWEEN_FREEZES).filter(|from| now < *from)
}

/// Removals in groups of two whose notice has run out. Of two that ask each other to go, the one who asked first stays: whoever
/// no longer speaks for the group asks nothing of it.
pub(super) fn settle_removals(conn: &mut Conn, here: &Here) -> Result<()> {
    for removal in store::removals(conn)? {
        // an earlier one of this round may have settled it
        let open = store::find(conn, removal.id)?.filter(|removal| removal.holds_from() <= here.now);
        let Some(removal) = open else { continue };
        let group = groups::actions::speaking(conn, &removal.group)?;
        let people = members::store::organizers_of(conn, &group.handle)?;
        let stands = |who: Option<Uuid>| people.iter().any(|(organizer, _)| Some(organizer.member) == who);
        let rests = |who| people.iter().any(|(organizer, _)| Some(organizer.member) == who && organizer.paused.is_some());
        let of_two = removal.is_of_two(people.iter().map(|(organizer, _)| organizer))
            && stands(removal.member)
            && stands(removal.about)
            && !rests(removal.member)
            // who could say nothing about it meanwhile
            && !rests(removal.about);
        if of_two && is_frozen(&group, here.now).is_ok() {
            remove(conn, here, &removal, Deed::of(Done::Removed, Role::Rule, here.now))?;
        }
    }
    Ok(())
}

fn named(conn: &mut Conn, handle: &str) -> Result<Member> {
    let member = members::store::by_handle(conn, handle)?;
    member.ok_or_else(|| Error::not_found(format!("there is no member {handle:?}")))
}

/// Somebody who looks after the place lets a member speak for a group, whose powers there rest no more.
pub fn put_in(conn: &mut Conn, here: &Here, group: &str, member: &str) -> Result<Member> {
    let (group, member) = (groups::actions::speaking(conn, group)?, named(conn, member)?);
    let kind = match members::store::organizer(conn, &group.handle, member.id)? {
        None => {
            let_speak(conn, here, &group, &member)?;
            Done::Joined
        }
        Some(organizer) if organizer.paused.is_some() => {
            members::store::save_organizer(conn, &Organizer { paused: None, ..organizer })?;
            Done::Resumed
        }
        Some(_) => return Ok(member),
    };
    let deed = Deed::of(kind, Role::Caretaker, here.now).in_group(&group.handle).about(member.id);
    powers::store::note(conn, here, &deed)?;
    Ok(member)
}

/// Somebody who looks after the place ends that a member speaks for a group.
pub fn take_out(conn: &mut Conn, here: &Here, group: &str, member: &str, reason: Reason) -> Result<Member> {
    let (group, member) = (groups::actions::speaking(conn, group)?, named(conn, member)?);
    if !end_speaking(conn, &group.handle, member.id)? {
        return Err(Error::not_found(format!("{} does not speak for {}", member.handle, group.handle)));
    }
    let deed = Deed::of(Done::Removed, Role::Caretaker, here.now).in_group(&group.handle).about(member.id).because(reason);
    powers::store::note(conn, here, &deed)?;
    Ok(member)
}
