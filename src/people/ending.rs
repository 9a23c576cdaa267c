//! Ending a group, which can be called off for 7 days, and what happens in groups by itself.

use super::{
    actions::{established, settle_removals},
    fellows,
    proposal::{ENDING, Refusal},
    sleeping::settle_pick_ups,
    store, unwelcomed,
};
use crate::{
    actors,
    announcements::{self, announcement::Announcement},
    app::Here,
    db::Conn,
    error::Result,
    groups::{self, group::Group},
    members::actions::Speaker,
    origin::Local,
    powers::{
        self,
        deed::{Deed, Kind as Done, Role},
    },
};

/// Sets the end of a group 7 days from now; its last words go out at once.
pub fn set(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, last_words: Option<&str>) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    if group.ending.is_some() {
        return Err(Refusal::Ending.into());
    }
    groups::store::save(conn, &Group { ending: Some(here.now + ENDING), ..group.clone() })?;
    let deed = Deed::of(Done::Ending, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    powers::store::note(conn, here, &deed)?;
    match last_words {
        None => Ok(()),
        Some(text) => announcements::actions::publish(conn, here, &last(here, &group, text)),
    }
}

fn last(here: &Here, group: &Group, text: &str) -> Announcement {
    Announcement {
        id: here.new_id(),
        group: group.handle.clone(),
        meeting: None,
        title: None,
        text: text.to_owned(),
        language: group.language.clone(),
        urgent: false,
        followers_only: false,
        mentions: vec![],
        pictures: vec![],
        answers: None,
        published: here.now,
        updated: None,
        deleted: None,
    }
}

/// Somebody who speaks for the group thinks better of it: any of them, at any time before.
pub fn call_off(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let group = groups::actions::speaking(conn, group)?;
    if group.ending.is_none() {
        return Err(Refusal::NotEnding.into());
    }
    groups::store::save(conn, &Group { ending: None, ..group.clone() })?;
    let deed = Deed::of(Done::EndingTakenBack, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Ends a group now and for good. Of one that nobody ever heard of nothing stays, and somebody else may take its name: else
/// whoever starts groups to end them takes every good name away from all others.
pub fn at_once(conn: &mut Conn, here: &Here, handle: &str, deed: &Deed) -> Result<Group> {
    let group = groups::actions::close(conn, here, handle)?;
    store::forget_all_of(conn, handle)?;
    let known = actors::store::is_known(conn, &Local::Group(handle.to_owned()))?;
    if !known {
        groups::erasing::erase(conn, handle)?;
    }
    powers::store::note(conn, here, &Deed { group: known.then(|| handle.to_owned()), ..deed.clone() })?;
    Ok(group)
}

/// Does what has come due in every group: ends, notices, groups that are picked up; forgets what nobody took up.
pub fn settle(conn: &mut Conn, here: &Here) -> Result<()> {
    fellows::settle_rests(conn, here)?;
    for handle in store::due_to_end(conn, here.now)? {
        let ends = groups::store::even_waiting(conn, &handle)?.is_some_and(|group| group.closed.is_none());
        if ends {
            at_once(conn, here, &handle, &Deed::of(Done::Ended, Role::Rule, here.now))?;
        }
    }
    unwelcomed::settle(conn, here)?;
    settle_removals(conn, here)?;
    settle_pick_ups(conn, here)?;
    store::forget_old(conn, here.now)?;
    powers::store::forget(conn, here.now)?;
    Ok(())
}
