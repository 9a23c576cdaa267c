//! How a reply or a letter comes in: where it stands, whether it waits or shows at once, and how its author changes it.

use std::time::Duration;

use url::Url;

use super::{
    forwarding,
    letters::{self, Kept, Letter},
    reply::{Place, Reply, Standing, State},
    store, wire,
    wire::Written,
};
use crate::{
    actors::remote::RemoteActor,
    announcements::{self, announcement::Announcement},
    app::Here,
    blocks,
    db::Conn,
    error::{Error, Result},
    federation::say::{Hearers, Saying, say},
    groups::{self, group::PLAZA},
    meetings, minutes,
    origin::Local,
    sisters,
};

/// So many replies of one person wait for a group; what they say beyond that is dropped.
const WAITING_OF_ONE: i64 = 10;
/// So many wait for a group at all; beyond that, the server of which most waits loses its oldest.
const WAITING: i64 = 500;
/// So many of one person that is known show at once within a day; the rest waits.
const SHOWN_A_DAY: i64 = 30;
/// So many show below one post without being looked at.
const SHOWN: i64 = 1_000;
/// Replies to replies to replies …: what lies deeper is dropped.
const DEEPEST: i64 = 60;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What became of something that somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was not for us: neither a reply, nor a letter to a group.
    NotForUs,
    /// It was, and what stands here is what stood here.
    Known,
    /// It stands here since, or otherwise than before.
    In,
}

/// Somebody said something, or said it anew.
pub fn take(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written) -> Result<Came> {
    if let Some(known) = store::by_uri(conn, &written.uri)? {
        return Ok(if revise(conn, here, known, sender, written)? { Came::In } else { Came::Known });
    }
    let place = written.in_reply_to.as_ref().map(|uri| place_of(conn, here, uri)).transpose()?.flatten();
    if !written.public {
        let group = match &place {
            Some(place) => Some(place.group.clone()),
            None => addressed(conn, here, written)?,
        };
        return match group {
            Some(group) => keep_letter(conn, here, sender, written, &group).map(|()| Came::In),
            None => Ok(Came::NotForUs),
        };
    }
    let Some(place) = place.map_or_else(|| named(conn, here, sender, written), |place| Ok(Some(place)))? else {
        return Ok(Came::NotForUs);
    };
    // an edit of what was never here, or was forgotten, brings nothing back
    if !written.new || written.is_empty() {
        return Ok(Came::Known);
    }
    keep_reply(conn, here, sender, written, place)?;
    Ok(Came::In)
}

/// Where an answer to `uri` would stand, if that is something of ours or a reply that is here.
pub fn place_of(conn: &mut Conn, here: &Here, uri: &Url) -> Result<Option<Place>> {
    let place = match here.origin.local(uri) {
        Some(local @ Local::Event(id)) => meetings::store::by_id(conn, id)?.map(|meeting| {
            let root = local.path();
            Place { group: meeting.group, parent: root.clone(), root, depth: 1, open: true }
        }),
        Some(Local::Note(id)) => match announcements::store::by_id(conn, id)?.filter(|note| note.deleted.is_none()) {
            Some(note) => Some(below_note(conn, note)?),
            None => None,
        },
        Some(local @ Local::Minutes(id)) => {
            let minutes = minutes::store::by_id(conn, id)?.filter(|minutes| minutes.deleted.is_none());
            let root = local.path();
            minutes.map(|minutes| Place { group: minutes.group, parent: root.clone(), root, depth: 1, open: true })
        }
        _ if here.origin.owns(uri) => None,
        // of what only named a group, nothing stands anywhere
        _ => store::by_uri(conn, uri.as_str())?.filter(|reply| !reply.is_mention()).map(|reply| Place {
            depth: reply.depth + 1,
            open: reply.state == State::Shown,
            group: reply.group,
            root: reply.root,
            parent: reply.uri,
        }),
    };
    let Some(place) = place else { return Ok(None) };
    let group = groups::store::by_handle(conn, &place.group)?;
    Ok(group.filter(|group| group.closed.is_none()).map(|_| place))
}

/// Below a note beside a meeting people speak of the meeting, below an answer of the group's of what it answers.
fn below_note(conn: &mut Conn, note: Announcement) -> Result<Place> {
    let path = Local::Note(note.id).path();
    let answered = match &note.answers {
        Some(reply) => store::by_uri(conn, reply.as_str())?,
        None => None,
    };
    let (root, depth) = match (answered, note.meeting) {
        (Some(reply), _) if !reply.is_mention() => (reply.root, reply.depth + 2),
        (_, Some(meeting)) => (Local::Event(meeting).path(), 1),
        (_, None) => (path.clone(), 1),
    };
    Ok(Place { group: note.group, root, parent: path, depth, open: true })
}

fn keep_reply(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written, place: Place) -> Result<()> {
    let actor = sender.uri.as_str();
    let Some(state) = state_of(conn, here, actor, written, &place)? else { return Ok(()) };
    let reply = Reply {
        id: here.new_id(),
        uri: written.uri.clone(),
        group: place.group,
        root: place.root,
        parent: place.parent,
        depth: place.depth,
        actor: actor.to_owned(),
        handle: handle_of(sender),
        host: sender.host(),
        content: written.content.clone(),
        warning: written.warning.clone(),
        language: written.language.clone(),
        url: written.url.clone(),
        pictures: written.pictures,
        // only somebody who looks at it decides that its pictures are shown
        attached: if state == State::Waiting { written.attached.clone() } else { vec![] },
        kept: vec![],
        state,
        // nobody speaks from the future
        published: written.published.unwrap_or(here.now).min(here.now),
        updated: written.updated,
        received: here.now,
    };
    if state == State::Shown {
        store::keep_standing(conn, &reply.group, actor, Standing::Known, here.now)?;
    } else if store::count_waiting(conn, &reply.group)? >= WAITING {
        store::drop_from_fullest(conn, &reply.group)?;
    }
    Ok(store::add(conn, &reply)?)
}

/// Whether a reply waits or shows at once; nothing for one that is dropped. Its author hears of neither.
fn state_of(conn: &mut Conn, here: &Here, actor: &str, written: &Written, place: &Place) -> Result<Option<State>> {
    let group = place.group.as_str();
    if store::standing(conn, group, actor)? == Some(Standing::Refused) || place.depth > DEEPEST {
        return Ok(None);
    }
    let known = is_known(conn, group, actor)?;
    let foul = blocks::words::any_in(conn, &written.words())?;
    if known
        && !foul
        && place.open
        && store::count_shown_since(conn, group, actor, here.now - DAY)? < SHOWN_A_DAY
        && store::count_shown_below(conn, &place.root)? < SHOWN
    {
        return Ok(Some(State::Shown));
    }
    let full = store::count_waiting_of(conn, group, actor)? >= WAITING_OF_ONE;
    // nobody here need read such words of a stranger
    Ok(if full || (foul && !known) { None } else { Some(State::Waiting) })
}

/// Whether what somebody says to a group stands without being looked at.
fn is_known(conn: &mut Conn, group: &str, actor: &str) -> Result<bool> {
    let is_sister = |sister: sisters::sister::Sister| sister.state == sisters::sister::State::Accepted;
    Ok(store::standing(conn, group, actor)? == Some(Standing::Known)
        || sisters::store::find(conn, group, actor)?.is_some_and(is_sister))
}

/// `name@host`; of a name that could be taken for another's the address, without its scheme.
fn handle_of(actor: &RemoteActor) -> String {
    let is_plain = actor.name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if is_plain { format!("{}@{}", actor.name, actor.host()) } else { format!("{}{}", actor.host(), actor.uri.path()) }
}

/// Its author says it anew; whether it stands otherwise since. Neither an older version nor the same one replaces what is here; what is
/// no longer for everyone goes.
fn revise(conn: &mut Conn, here: &Here, mut reply: Reply, sender: &RemoteActor, written: &Written) -> Result<bool> {
    if reply.actor != sender.uri.as_str() {
        return Err(Error::refused("this belongs to another actor"));
    }
    if written.new || written.updated.unwrap_or(reply.published) < reply.updated.unwrap_or(reply.published) {
        return Ok(false);
    }
    let foul = blocks::words::any_in(conn, &written.words())?;
    let known = is_known(conn, &reply.group, &reply.actor)?;
    let unwanted = foul && !known;
    if !written.public || written.is_empty() || unwanted {
        forwarding::stop(conn, &reply.uri)?;
        store::remove(conn, reply.id)?;
        return Ok(false);
    }
    let before = reply.clone();
    // of somebody who is no longer known, another text is looked at as the first one was
    if foul || (reply.state == State::Shown && !known && written.content != reply.content) {
        forwarding::stop(conn, &reply.uri)?;
        reply.state = State::Waiting;
    }
    reply.content = written.content.clone();
    reply.warning = written.warning.clone();
    reply.language = written.language.clone();
    reply.pictures = written.pictures;
    reply.attached = if reply.state == State::Waiting { written.attached.clone() } else { vec![] };
    let changed = (&reply.content, &reply.warning, &reply.language, reply.pictures, &reply.attached, reply.state)
        != (&before.content, &before.warning, &before.language, before.pictures, &before.attached, before.state);
    if changed {
        reply.kept = vec![];
    }
    reply.updated = Some(written.updated.unwrap_or(here.now));
    store::save(conn, &reply)?;
    Ok(changed)
}

/// Its author takes back something; whether it was here.
pub fn withdraw(conn: &mut Conn, by: &Url, uri: &str) -> Result<bool> {
    letters::withdraw(conn, by.as_str(), uri)?;
    match store::by_uri(conn, uri)? {
        Some(reply) if reply.actor != by.as_str() => Err(Error::refused("this belongs to another actor")),
        Some(reply) => store::remove(conn, reply.id).map(|()| true).map_err(Error::from),
        None => Ok(false),
    }
}

/// Where something stands that answers nothing of ours and names a group: nowhere, but with what waits for that group. What a sister
/// says to everyone is heard as such.
fn named(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written) -> Result<Option<Place>> {
    // what answers something of ours that is gone came too late
    let late = written.in_reply_to.as_ref().is_some_and(|uri| here.origin.owns(uri));
    let group = addressed(conn, here, written)?.filter(|group| group != PLAZA && !late);
    let Some(group) = group else { return Ok(None) };
    if sender.kind == "Group" || sisters::store::find(conn, &group, sender.uri.as_str())?.is_some() {
        return Ok(None);
    }
    Ok(Some(Place { group, root: String::new(), parent: String::new(), depth: 0, open: false }))
}

/// The group of ours that something is addressed to.
fn addressed(conn: &mut Conn, here: &Here, written: &Written) -> Result<Option<String>> {
    for uri in &written.to {
        if let Some(Local::Group(handle)) = here.origin.local(uri)
            && groups::store::by_handle(conn, &handle)?.is_some_and(|group| group.closed.is_none())
        {
            return Ok(Some(handle));
        }
    }
    Ok(None)
}

/// Kept for a week for whoever speaks for the group; the first one is answered that it is no secret.
fn keep_letter(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written, group: &str) -> Result<()> {
    let refused = store::standing(conn, group, sender.uri.as_str())? == Some(Standing::Refused);
    if refused || !written.new || written.is_empty() || blocks::words::any_in(conn, &written.words())? {
        return Ok(());
    }
    let letter = Letter {
        id: here.new_id().to_string(),
        uri: written.uri.clone(),
        group_handle: group.to_owned(),
        actor: sender.uri.to_string(),
        handle: handle_of(sender),
        content: written.content.clone(),
        received: here.now,
    };
    let first = letters::add(conn, &letter)? == Kept::First;
    // programs that answer each other would never end
    if let Some(group) = groups::store::by_handle(conn, group)?.filter(|_| first && sender.kind == "Person") {
        let note = wire::not_secret(here, &group, sender, &written.uri);
        let local = Local::Group(group.handle);
        let saying = Saying::direct("Create", &local, sender, format!("{}#letter", sender.uri), note);
        say(conn, here, &saying, Hearers::only(sender))?;
    }
    Ok(())
}
