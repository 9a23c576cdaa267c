//! Following and leaving a group.

use serde_json::{Value, json};
use url::Url;

use super::store;
use crate::{
    actors::{self, remote::RemoteActor},
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::say::{Hearers, Saying, say},
    origin::Local,
};

/// Someone follows a group of ours, or asks to; they are always welcome, and told so again each time they ask.
pub fn follow(conn: &mut Conn, here: &Here, follower: &RemoteActor, followed: &Url, follow_id: &str) -> Result<()> {
    let local = followed_here(here, followed)?;
    let actor = actors::store::find(conn, &local)?.ok_or_else(|| Error::not_found(format!("{followed} is nobody here")))?;
    let answer = json!({ "id": follow_id, "type": "Follow", "actor": follower.uri, "object": followed });
    let goes_on = actor.closed.is_none() && !actors::store::has_moved(conn, &local)?;
    match &local {
        Local::Group(handle) if goes_on => {
            store::save(conn, handle, follower, follow_id)?;
            answer_with(conn, here, "Accept", &local, follower, answer)
        }
        // the instance actor has nothing to say, and a group that ended or moved no longer speaks
        _ => answer_with(conn, here, "Reject", &local, follower, answer),
    }
}

fn answer_with(
    conn: &mut Conn,
    here: &Here,
    kind: &'static str,
    local: &Local,
    follower: &RemoteActor,
    follow: Value,
) -> Result<()> {
    let about = format!("{}#follow", follower.uri);
    say(conn, here, &Saying::direct(kind, local, follower, about, follow), Hearers::only(follower))?;
    Ok(())
}

fn followed_here(here: &Here, followed: &Url) -> Result<Local> {
    match here.origin.local(followed) {
        Some(local @ (Local::Group(_) | Local::Instance)) => Ok(local),
        _ => Err(Error::not_found(format!("{followed} is nobody here"))),
    }
}

/// Someone takes a Follow back, naming whom they followed or only the Follow's id.
pub fn unfollow(conn: &mut Conn, here: &Here, follower: &Url, followed: Option<&Url>, follow_id: &str) -> Result<()> {
    let group = match followed.and_then(|url| here.origin.local(url)) {
        Some(Local::Group(handle)) => Some(handle),
        Some(_) => None,
        None => store::by_follow_id(conn, follower, follow_id)?,
    };
    if let Some(group) = group {
        store::remove(conn, &group, follower, here.now)?;
    }
    Ok(())
}

/// Someone blocks a group of ours: it no longer speaks to them, not even of what they may still hold.
pub fn blocked_by(conn: &mut Conn, here: &Here, actor: &Url, blocked: &Url) -> Result<()> {
    if let Some(Local::Group(handle)) = here.origin.local(blocked) {
        store::forget(conn, &handle, actor)?;
    }
    Ok(())
}

/// An actor is another one from now on, which follows what it followed; whether that was anything. Its server asks to follow again
/// where it does so by itself, and is answered as always.
pub fn moved(conn: &mut Conn, here: &Here, old: &Url, new: &RemoteActor) -> Result<bool> {
    let groups = store::groups_of(conn, old)?;
    for group in &groups {
        store::carry_over(conn, group, old, new, here.now)?;
    }
    Ok(!groups.is_empty())
}

/// An actor is gone for good.
pub fn actor_gone(conn: &mut Conn, here: &Here, actor: &Url) -> Result<()> {
    for group in store::groups_of(conn, actor)? {
        store::remove(conn, &group, actor, here.now)?;
    }
    actors::remote::forget(conn, actor)?;
    Ok(())
}
