//! Inviting somebody to speak for a group, by a link or by name, and taking that up.

use uuid::Uuid;

use super::{
    actions::{established, let_speak},
    proposal::{INVITATIONS, INVITED, Kind, Proposal, Refusal, is_frozen},
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
        actions::{Speaker, may_speak},
        member::Member,
    },
    powers::{
        self,
        deed::{Deed, Kind as Done, Role},
    },
};

/// Whoever has the link may speak for the group, once: of its secret only the hash is kept.
pub fn invite(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, hash: &str) -> Result<Group> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    not_too_many(conn, here, &group)?;
    let invitation = Proposal::new(&group.handle, Kind::Invitation, organizer.member, here.now + INVITED);
    store::add(conn, &Proposal { hash: Some(hash.to_owned()), ..invitation })?;
    noted(conn, here, Done::Invited, &group, organizer.member)?;
    Ok(group)
}

/// Asks a member by name, who has to accept. Whether there is anybody of that name is not told, or everyone could find out.
pub fn offer(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, handle: &str) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    let open = not_too_many(conn, here, &group)?;
    groups::group::check_handle(handle).map_err(|_| members::joining::Refusal::Handle(handle.to_owned()))?;
    let about = members::store::by_handle(conn, handle)?.map(|member| member.id);
    let speaks = match about {
        Some(member) => members::store::organizer(conn, &group.handle, member)?.is_some(),
        None => false,
    };
    if speaks || open.iter().any(|proposal| proposal.kind == Kind::Offer && proposal.named.as_deref() == Some(handle)) {
        return Ok(());
    }
    noted(conn, here, Done::Invited, &group, organizer.member)?;
    let offer = Proposal::new(&group.handle, Kind::Offer, organizer.member, here.now + INVITED);
    Ok(store::add(conn, &Proposal { about, named: Some(handle.to_owned()), ..offer })?)
}

fn not_too_many(conn: &mut Conn, here: &Here, group: &Group) -> Result<Vec<Proposal>> {
    let open = store::of_group(conn, &group.handle, here.now)?;
    let count = open.iter().filter(|proposal| matches!(proposal.kind, Kind::Invitation | Kind::Offer)).count();
    if count >= INVITATIONS { Err(Refusal::TooMany.into()) } else { Ok(open) }
}

fn noted(conn: &mut Conn, here: &Here, kind: Done, group: &Group, by: Uuid) -> Result<()> {
    let deed = Deed::of(kind, Role::Organizer, here.now).in_group(&group.handle).by(by);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Takes an invitation back that nobody has taken up.
pub fn take_back(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    speaker.speaks_for(conn, here, group)?;
    let open = store::find(conn, id)?
        .filter(|proposal| proposal.group == group && matches!(proposal.kind, Kind::Invitation | Kind::Offer));
    store::remove(conn, open.ok_or(Refusal::Over)?.id)?;
    Ok(())
}

/// Groups that asked this member to speak for them and have not ended.
pub fn offers(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<Vec<(Proposal, Group)>> {
    let mut offers = Vec::new();
    for offer in store::offers_to(conn, member, now)? {
        let group = groups::store::even_waiting(conn, &offer.group)?.filter(|group| group.closed.is_none());
        offers.extend(group.map(|group| (offer, group)));
    }
    Ok(offers)
}

/// The group of an invitation that can still be taken up.
pub fn invited_to(conn: &mut Conn, here: &Here, hash: &str) -> Result<Group> {
    let invitation = store::by_hash(conn, hash)?.ok_or(Refusal::Over)?;
    stands(conn, here, &invitation)
}

/// Its group, while whoever gave it may speak for that: not when their telephone is in other hands.
fn stands(conn: &mut Conn, here: &Here, proposal: &Proposal) -> Result<Group> {
    let group = groups::actions::speaking(conn, &proposal.group)?;
    let giver = proposal.member.filter(|_| proposal.until > here.now).ok_or(Refusal::Over)?;
    match may_speak(conn, giver, &group.handle) {
        Ok(_) => Ok(group),
        Err(Error::Refused(_)) => Err(Refusal::Over.into()),
        Err(error) => Err(error),
    }
}

/// Whoever joined with the link is asked in person from now on: nobody else joins with it.
pub fn keep_for(conn: &mut Conn, here: &Here, member: &Member, hash: &str) -> Result<()> {
    let invitation = store::by_hash(conn, hash)?.ok_or(Refusal::Over)?;
    stands(conn, here, &invitation)?;
    store::remove(conn, invitation.id)?;
    let (about, named) = (Some(member.id), Some(member.handle.clone()));
    let offer = Proposal { id: Uuid::new_v4(), kind: Kind::Offer, about, named, hash: None, ..invitation };
    Ok(store::add(conn, &offer)?)
}

/// Whoever was given the link begins to speak for the group.
pub fn accept(conn: &mut Conn, here: &Here, speaker: &Speaker, hash: &str) -> Result<Group> {
    let invitation = store::by_hash(conn, hash)?.ok_or(Refusal::Over)?;
    let member = speaker.member(conn, here)?;
    take_up(conn, here, &member, &invitation)
}

/// The member who was asked by name accepts, or not.
pub fn answer(conn: &mut Conn, here: &Here, speaker: &Speaker, id: Uuid, accepts: bool) -> Result<String> {
    let member = speaker.member(conn, here)?;
    let offer = store::find(conn, id)?.filter(|offer| offer.kind == Kind::Offer && offer.about == Some(member.id));
    let offer = offer.ok_or(Refusal::Over)?;
    if accepts {
        take_up(conn, here, &member, &offer)?;
    } else {
        store::remove(conn, offer.id)?;
    }
    Ok(offer.group)
}

fn take_up(conn: &mut Conn, here: &Here, member: &Member, proposal: &Proposal) -> Result<Group> {
    let group = stands(conn, here, proposal)?;
    is_frozen(&group, here.now)?;
    if !let_speak(conn, here, &group, member)? {
        return Err(Refusal::SpeaksAlready.into());
    }
    // whoever else has the link comes too late
    store::remove(conn, proposal.id)?;
    noted(conn, here, Done::Joined, &group, member.id)?;
    Ok(group)
}
