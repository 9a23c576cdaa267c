//! What is done when groups move: set, called off, done; known under another name; and others that move.

use serde_json::json;
use url::Url;

use super::{
    destination::{self, Destination},
    rule::{MOST_NAMES, NOTICE, Refusal, TRIED},
    store,
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::{App, Here},
    blocks,
    db::Conn,
    error::{Error, Result},
    federation::say::{Hearers, Saying, say},
    follows,
    groups::{self, group::Group},
    joint,
    members::actions::Speaker,
    origin::Local,
    people::{self, actions::established},
    powers::{
        self,
        deed::{Deed, Kind, Role},
    },
    sisters,
};

/// May the group go there? What the other one says of itself was asked for just now.
fn may_go(conn: &mut Conn, here: &Here, group: &Group, to: &Destination) -> Result<()> {
    let handle = to.actor.handle();
    if here.origin.owns(&to.actor.uri) {
        return Err(Refusal::OfThisCity(handle).into());
    }
    if blocks::store::covers(conn, &to.actor.uri)? {
        return Err(Refusal::Blocked(handle).into());
    }
    to.takes_over(&here.origin.group(&group.handle))?;
    Ok(())
}

/// Sets that the group moves 7 days from now.
pub fn set(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, to: &Destination) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    groups::actions::federating(conn, &group.handle)?;
    if group.moving.is_some() {
        return Err(Refusal::Moving.into());
    }
    may_go(conn, here, &group, to)?;
    remote::save(conn, &to.actor)?;
    let (moved_to, moving) = (Some(to.actor.uri.to_string()), Some(here.now + NOTICE));
    groups::store::save(conn, &Group { moved_to, moving, ..group.clone() })?;
    let deed = Deed::of(Kind::Moving, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// Somebody who speaks for the group thinks better of it: any of them, at any time before.
pub fn call_off(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let group = groups::actions::speaking(conn, group)?;
    if group.moving.is_none() {
        return Err(Refusal::NotMoving.into());
    }
    stay(conn, &group)?;
    let deed = Deed::of(Kind::MovingTakenBack, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

fn stay(conn: &mut Conn, group: &Group) -> Result<()> {
    Ok(groups::store::save(conn, &Group { moved_to: None, moving: None, ..group.clone() })?)
}

/// The group moves now: it no longer hears anybody, calls nothing that others hold, says of itself where it went, then asks whoever follows it to follow the other
/// one, in this order, as others demand. From then on it says nothing.
pub fn go(conn: &mut Conn, here: &Here, handle: &str, to: &Destination, role: Role) -> Result<Group> {
    let group = groups::actions::federating(conn, handle)?;
    may_go(conn, here, &group, to)?;
    let local = Local::Group(group.handle.clone());
    let old = here.origin.uri(&local);
    remote::save(conn, &to.actor)?;
    for sister in sisters::store::of_group(conn, handle)? {
        sisters::actions::leave(conn, here, handle, &sister.actor)?;
    }
    joint::leaving::moves(conn, here, handle)?;
    let target = to.actor.uri.to_string();
    let moved = Group { moved_to: Some(target.clone()), moving: None, moved: Some(here.now), ending: None, ..group };
    let moved = groups::actions::describe(conn, here, moved)?;
    let saying = Saying { target: Some(target), ..Saying::to_followers("Move", here, handle, &local, json!(old)) };
    say(conn, here, &saying, Hearers::followers_of(handle))?;
    people::store::forget_all_of(conn, handle)?;
    powers::store::note(conn, here, &Deed::of(Kind::Moved, role, here.now).in_group(handle))?;
    Ok(moved)
}

/// Moves the groups whose time has come. One whose other self cannot be asked or no longer names it is tried again for some days,
/// then stays.
pub async fn go_what_is_due(app: &App) -> Result<()> {
    let now = app.clock.now();
    for (handle, target) in app.db.read(move |conn| Ok(store::due(conn, now)?)).await? {
        let outcome = match destination::find(app, &target).await {
            Ok(to) => {
                let handle = handle.clone();
                app.act(move |conn, here| go(conn, here, &handle, &to, Role::Rule).map(drop)).await
            }
            Err(why) => Err(why),
        };
        if let Err(why) = outcome {
            tracing::warn!("a group that is to move stays for now: {why}");
            app.act(move |conn, here| give_up(conn, here, &handle)).await?;
        }
    }
    Ok(())
}

fn give_up(conn: &mut Conn, here: &Here, handle: &str) -> Result<()> {
    match groups::store::even_waiting(conn, handle)? {
        Some(group) if group.closed.is_some() || group.moving.is_some_and(|due| due + TRIED < here.now) => stay(conn, &group),
        _ => Ok(()),
    }
}

/// The group says of itself that it was this actor, so that whoever follows that one can be led here.
pub fn be_known_as(conn: &mut Conn, here: &Here, handle: &str, other: &RemoteActor) -> Result<Group> {
    let mut group = groups::actions::federating(conn, handle)?;
    if here.origin.owns(&other.uri) {
        return Err(Refusal::OfThisCity(other.handle()).into());
    }
    if blocks::store::covers(conn, &other.uri)? {
        return Err(Refusal::Blocked(other.handle()).into());
    }
    let uri = other.uri.to_string();
    if group.also_known_as.contains(&uri) {
        return Ok(group);
    }
    if group.also_known_as.len() >= MOST_NAMES {
        return Err(Refusal::TooManyNames.into());
    }
    remote::save(conn, other)?;
    group.also_known_as.push(uri);
    groups::actions::describe(conn, here, group)
}

/// The same by somebody who speaks for it, with the power that ending it takes.
pub fn agree_to_name(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, other: &RemoteActor) -> Result<()> {
    let (group, organizer) = established(conn, here, speaker, group)?;
    be_known_as(conn, here, &group.handle, other)?;
    let deed = Deed::of(Kind::Named, Role::Organizer, here.now).in_group(&group.handle).by(organizer.member);
    Ok(powers::store::note(conn, here, &deed)?)
}

/// It no longer says so.
pub fn no_longer_known_as(conn: &mut Conn, here: &Here, handle: &str, uri: &str) -> Result<Group> {
    let mut group = groups::actions::federating(conn, handle)?;
    if !group.also_known_as.iter().any(|known| known == uri) {
        return Err(Refusal::NoSuchName(uri.to_owned()).into());
    }
    group.also_known_as.retain(|known| known != uri);
    groups::actions::describe(conn, here, group)
}

/// Where an actor of another server went.
#[derive(Clone, Debug)]
pub enum Went {
    /// Its new self names the old one; asked just now.
    There(Box<RemoteActor>),
    /// To a group of ours.
    Here(String),
}

/// Does it concern anybody here that this actor moves?
pub fn concerns_us(conn: &mut Conn, actor: &Url) -> Result<bool> {
    Ok(!follows::store::groups_of(conn, actor)?.is_empty() || sisters::store::is_heard(conn, actor.as_str())?)
}

/// An actor of another server moved. Whatever it followed its new self follows, and whoever heard it hears its new self.
pub fn other_moved(conn: &mut Conn, here: &Here, old: &Url, went: &Went) -> Result<()> {
    if store::moved_lately(conn, old.as_str(), here.now)? || !concerns_us(conn, old)? {
        return Ok(());
    }
    match went {
        Went::There(new) => {
            if blocks::store::covers(conn, &new.uri)? {
                return Ok(());
            }
            remote::save(conn, new)?;
            follows::actions::moved(conn, here, old, new)?;
            sisters::actions::moved(conn, here, old, new)?;
        }
        Went::Here(handle) => {
            let group = groups::store::by_handle(conn, handle)?.ok_or_else(|| Error::not_found("there is no such group"))?;
            if !group.also_known_as.iter().any(|known| known == old.as_str()) {
                return Err(Refusal::NotNamed { new: group.handle, old: old.to_string() }.into());
            }
            for group in follows::store::groups_of(conn, old)? {
                follows::store::remove(conn, &group, old, here.now)?;
            }
            sisters::actions::came_here(conn, here, old)?;
        }
    }
    Ok(store::note(conn, old.as_str(), here.now)?)
}
