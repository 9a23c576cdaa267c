//! What is done with groups: started, changed, ended.

use std::time::Duration;

use serde_json::json;

use super::{
    group::{self, Group},
    store, wire,
};
use crate::{
    actors,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    keys::NewKeys,
    members,
    origin::Local,
};

/// See [`group::MOVED_STAYS`].
const STAYS: Duration = Duration::from_secs(group::MOVED_STAYS * 24 * 3_600);

impl From<group::Refusal> for Error {
    fn from(refusal: group::Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

/// Starts a group under keys that were made for it.
pub fn start(conn: &mut Conn, here: &Here, group: &Group, keys: &NewKeys) -> Result<()> {
    group.check()?;
    let local = Local::Group(group.handle.clone());
    if !actors::store::add(conn, &local, &group.handle, keys, here.now, group.welcomed)? {
        return Err(group::Refusal::Taken(group.handle.clone()).into());
    }
    store::add(conn, group)?;
    Ok(())
}

/// The group of that handle, if people may speak as it.
pub fn speaking(conn: &mut Conn, handle: &str) -> Result<Group> {
    let group = store::even_waiting(conn, handle)?.ok_or_else(|| Error::not_found(format!("there is no group {handle:?}")))?;
    group.speaks()?;
    if group.handle == group::PLAZA {
        return Err(group::Refusal::Plaza.into());
    }
    Ok(group)
}

/// The same, for what is said to other servers alone.
pub fn federating(conn: &mut Conn, handle: &str) -> Result<Group> {
    let group = speaking(conn, handle)?;
    if group.welcomed.is_none() { Err(group::Refusal::Waits(group.handle).into()) } else { Ok(group) }
}

/// Says, to nobody in particular, that something of the group is not as it was: feeds and calendars, which are known by what was
/// said last, are made anew.
pub fn stir(conn: &mut Conn, here: &Here, handle: &str) -> Result<()> {
    let group = Local::Group(handle.to_owned());
    say(conn, here, &Saying::public("Update", here, handle, &group, json!(here.origin.uri(&group))), Hearers::default())?;
    Ok(())
}

/// Changes what a group says about itself, and tells whoever follows it.
pub fn edit(conn: &mut Conn, here: &Here, handle: &str, change: &dyn Fn(&mut Group)) -> Result<Group> {
    let before = speaking(conn, handle)?;
    let mut group = before.clone();
    change(&mut group);
    if group == before {
        return Ok(before);
    }
    group.check()?;
    if (Group { habits: before.habits, ..group.clone() }) == before {
        // what it does from now on is nothing it says about itself
        store::save(conn, &group)?;
        return Ok(group);
    }
    describe(conn, here, group)
}

/// Keeps what a group says about itself, and tells whoever follows it.
pub fn describe(conn: &mut Conn, here: &Here, mut group: Group) -> Result<Group> {
    group.updated = here.now;
    store::save(conn, &group)?;
    let local = Local::Group(group.handle.clone());
    // one that waits to be welcomed is nobody yet for other servers
    let Some(actor) = actors::store::find(conn, &local)? else { return Ok(group) };
    let update = Saying::public("Update", here, &group.handle, &local, wire::document(here, &group, &actor));
    say(conn, here, &update, Hearers::followers_of(&group.handle))?;
    Ok(group)
}

/// Ends a group: its ids answer 410 from now on, then whoever may know it hears of the end.
pub fn close(conn: &mut Conn, here: &Here, handle: &str) -> Result<Group> {
    let mut group = match speaking(conn, handle) {
        Ok(group) => group,
        // one that moved has nothing to say but that it ends, and stays for a while
        Err(refused) => match store::even_waiting(conn, handle)?.filter(|group| group.closed.is_none()) {
            Some(group) if group.moved.is_some_and(|moved| here.now < moved + STAYS) => {
                return Err(group::Refusal::MovedLately.into());
            }
            Some(group) if group.moved.is_some() => group,
            _ => return Err(refused),
        },
    };
    let local = Local::Group(group.handle.clone());
    actors::store::close(conn, &local, here.now)?;
    outbox::retract_all_of(conn, &local.path(), here.now)?;
    let uri = here.origin.uri(&local);
    let delete = Saying::public("Delete", here, handle, &local, json!(uri));
    say(conn, here, &delete, Hearers::everyone_who_may_have_it(handle, group.created))?;
    // who spoke for it is nobody's business any more
    members::store::forget_organizers_of(conn, handle)?;
    group.closed = Some(here.now);
    Ok(group)
}
