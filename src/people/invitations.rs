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
    error::Result,
    groups::{self, group::Group},
    members::{self, actions::Speaker, member::Member},
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
    noted(conn, here, Done::Invited, &group, organizer.member)?;
    let Some(member) = members::store::by_handle(conn, handle)? else { return Ok(()) };
    let speaks = members::store::organizer(conn, &group.handle, member.id)?.is_some();
    if speaks || open.iter().any(|proposal| proposal.kind == Kind::Offer && proposal.about == Some(member.id)) {
        return Ok(());
    }
    let offer = Proposal::new(&group.handle, Kind::Offer, organizer.member, here.now + INVITED);
    Ok(store::add(conn, &Proposal { about: Some(member.id), ..offer })?)
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
    let invitation = store::by_hash(conn, hash)?.filter(|invitation| invitation.until > here.now).ok_or(Refusal::Over)?;
    groups::actions::speaking(conn, &invitation.group)
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
    let group = groups::actions::speaking(conn, &proposal.group)?;
    is_frozen(&group, here.now)?;
    if proposal.until <= here.now {
        return Err(Refusal::Over.into());
    }
    if !let_speak(conn, here, &group, member)? {
        return Err(Refusal::SpeaksAlready.into());
    }
    // whoever else has the link comes too late
    store::remove(conn, proposal.id)?;
    noted(conn, here, Done::Joined, &group, member.id)?;
    Ok(group)
}
