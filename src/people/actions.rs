//! What is done about who speaks for a group.

use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        self,
        member::{Member, Organizer},
    },
    powers::{
        self,
        deed::{Deed, Kind, Reason, Role},
    },
};

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

fn named(conn: &mut Conn, handle: &str) -> Result<Member> {
    let member = members::store::by_handle(conn, handle)?;
    member.ok_or_else(|| Error::not_found(format!("there is no member {handle:?}")))
}

/// Somebody who looks after the place lets a member speak for a group.
pub fn put_in(conn: &mut Conn, here: &Here, group: &str, member: &str) -> Result<Member> {
    let (group, member) = (groups::actions::speaking(conn, group)?, named(conn, member)?);
    if let_speak(conn, here, &group, &member)? {
        let deed = Deed::of(Kind::Joined, Role::Caretaker, here.now).in_group(&group.handle).about(member.id);
        powers::store::note(conn, here, &deed)?;
    }
    Ok(member)
}

/// Somebody who looks after the place ends that a member speaks for a group.
pub fn take_out(conn: &mut Conn, here: &Here, group: &str, member: &str, reason: Reason) -> Result<Member> {
    let (group, member) = (groups::actions::speaking(conn, group)?, named(conn, member)?);
    if !members::store::remove_organizer(conn, &group.handle, member.id)? {
        return Err(Error::not_found(format!("{} does not speak for {}", member.handle, group.handle)));
    }
    let deed = Deed::of(Kind::Removed, Role::Caretaker, here.now).in_group(&group.handle).about(member.id).because(reason);
    powers::store::note(conn, here, &deed)?;
    Ok(member)
}
