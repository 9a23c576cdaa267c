//! What is done with sisters: asked, left, answered; and what they say, kept.

use serde_json::json;
use url::Url;

use super::{
    sister::{Heard, Refusal, Sister, State},
    store,
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::Here,
    blocks,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    federation::say::{Hearers, Saying, say},
    groups,
    origin::Local,
};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::OfThisCity(handle) => Said::new("refused-sister-here").with("handle", handle),
            Refusal::Blocked(handle) => Said::new("refused-sister-blocked").with("handle", handle),
        };
        Error::refused_in_words(&refusal, said.about("handle"))
    }
}

/// A group of ours asks to hear an actor of another server. Asking again sends the question again.
pub fn ask(conn: &mut Conn, here: &Here, group: &str, actor: &RemoteActor) -> Result<Sister> {
    groups::actions::federating(conn, group)?;
    if here.origin.owns(&actor.uri) {
        return Err(Refusal::OfThisCity(actor.handle()).into());
    }
    if blocks::store::covers(conn, &actor.uri)? {
        return Err(Refusal::Blocked(actor.handle()).into());
    }
    remote::save(conn, actor)?;
    let local = Local::Group(group.to_owned());
    let saying = Saying::direct("Follow", &local, actor, about(actor), json!(actor.uri));
    let activity = say(conn, here, &saying, Hearers::only(actor))?;
    let known = store::find(conn, group, actor.uri.as_str())?;
    let sister = Sister {
        group: group.to_owned(),
        actor: actor.uri.to_string(),
        follow: Local::Activity(activity).path(),
        state: known.map_or(State::Asked, |sister| match sister.state {
            State::Refused => State::Asked,
            state => state,
        }),
        created: here.now,
    };
    store::save(conn, &sister)?;
    Ok(sister)
}

/// Two activities between the same two reach the other side in the order they were said.
fn about(actor: &RemoteActor) -> String {
    format!("{}#sister", actor.uri)
}

/// A group of ours no longer wants to hear it.
pub fn leave(conn: &mut Conn, here: &Here, group: &str, actor: &str) -> Result<()> {
    let sister = store::find(conn, group, actor)?.ok_or_else(|| Error::not_found(format!("{group} does not hear {actor}")))?;
    store::remove(conn, group, actor)?;
    let other = Url::parse(actor).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    if let Some(other) = other {
        let local = Local::Group(group.to_owned());
        let origin = &here.origin;
        let follow = json!({
            "id": origin.url(&sister.follow),
            "type": "Follow",
            "actor": origin.uri(&local),
            "object": actor,
        });
        say(conn, here, &Saying::direct("Undo", &local, &other, about(&other), follow), Hearers::only(&other))?;
    }
    Ok(())
}

/// A sister is another actor from now on: whoever heard the old one asks to hear the new one instead.
pub fn moved(conn: &mut Conn, here: &Here, old: &Url, new: &RemoteActor) -> Result<()> {
    for sister in store::of_actor(conn, old.as_str())?.into_iter().filter(|sister| sister.state != State::Refused) {
        let knows_it = store::find(conn, &sister.group, new.uri.as_str())?.is_some_and(|new| new.state != State::Refused);
        if !knows_it && groups::actions::federating(conn, &sister.group).is_ok() {
            ask(conn, here, &sister.group, new)?;
        }
        leave(conn, here, &sister.group, old.as_str())?;
    }
    Ok(())
}

/// A sister came to live here: there is nobody elsewhere to hear any more.
pub fn came_here(conn: &mut Conn, here: &Here, old: &Url) -> Result<()> {
    for sister in store::of_actor(conn, old.as_str())? {
        leave(conn, here, &sister.group, old.as_str())?;
    }
    Ok(())
}

/// The other side says which groups of ours follow it. One that it no longer lets follow hears it no more, as if it had said so; one
/// that does not want to hear it says so once more.
pub fn agree(conn: &mut Conn, here: &Here, other: &RemoteActor, listed: &[String]) -> Result<()> {
    let ours = store::of_actor(conn, other.uri.as_str())?;
    for sister in &ours {
        if sister.state == State::Accepted && !listed.contains(&sister.group) {
            store::save(conn, &Sister { state: State::Refused, ..sister.clone() })?;
        }
    }
    for group in listed.iter().filter(|group| !ours.iter().any(|sister| sister.group == **group)) {
        let local = Local::Group(group.clone());
        if actors::store::find(conn, &local)?.is_some_and(|actor| actor.closed.is_none()) {
            let group = here.origin.uri(&local);
            // nobody knows any more what the Follow was called
            let follow =
                json!({ "id": format!("{group}#follows/{}", other.uri), "type": "Follow", "actor": group, "object": other.uri });
            say(conn, here, &Saying::direct("Undo", &local, other, about(other), follow), Hearers::only(other))?;
        }
    }
    Ok(())
}

/// The other side answered. Only the one who was asked can answer, and only what was asked.
pub fn answered(conn: &mut Conn, here: &Here, by: &Url, follow: &Url, accepted: bool) -> Result<()> {
    if !here.origin.owns(follow) {
        return Ok(());
    }
    let Some(mut sister) = store::by_follow(conn, follow.path())?.filter(|sister| sister.actor == by.as_str()) else {
        return Ok(());
    };
    sister.state = if accepted { State::Accepted } else { State::Refused };
    store::save(conn, &sister)?;
    Ok(())
}

/// A sister said something, or said it anew. An older version never replaces a newer one, nor one actor's words another's.
pub fn hear(conn: &mut Conn, heard: &Heard) -> Result<()> {
    if !store::is_heard(conn, &heard.actor)? && !store::is_passed_on(conn, &heard.uri)? {
        return Ok(());
    }
    keep(conn, heard)
}

fn keep(conn: &mut Conn, heard: &Heard) -> Result<()> {
    if let Some(known) = store::heard_by_uri(conn, &heard.uri)? {
        if known.actor != heard.actor {
            return Err(Error::refused("this belongs to another actor"));
        }
        if heard.updated.unwrap_or(heard.published) < known.updated.unwrap_or(known.published) {
            return Ok(());
        }
    }
    store::keep_heard(conn, heard)?;
    Ok(())
}

/// A sister passed on what another actor said; `heard` is that, as its own server has it, unless we knew it.
pub fn hear_through(conn: &mut Conn, now: Timestamp, by: &Url, activity: &Url, uri: &str, heard: Option<&Heard>) -> Result<()> {
    if !store::is_heard(conn, by.as_str())? {
        return Ok(());
    }
    if let Some(heard) = heard {
        if Url::parse(&heard.actor).ok().map(|author| blocks::store::covers(conn, &author)).transpose()? != Some(false) {
            return Ok(());
        }
        keep(conn, heard)?;
    }
    if store::heard_by_uri(conn, uri)?.is_some() {
        store::pass_on(conn, uri, by.as_str(), activity.as_str(), now)?;
    }
    Ok(())
}

/// A sister took something back.
pub fn unhear(conn: &mut Conn, by: &Url, uri: &str) -> Result<()> {
    match store::heard_by_uri(conn, uri)? {
        Some(known) if known.actor != by.as_str() => Err(Error::refused("this belongs to another actor")),
        Some(_) => Ok(store::forget_heard(conn, uri)?),
        None => Ok(()),
    }
}
