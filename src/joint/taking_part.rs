//! A group of ours takes part in a meeting that a group elsewhere holds: asked, it accepts; what the holder changes is followed, and
//! what we want changed is asked for there. How it leaves: `leaving`.

use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    call::{Caller, Invitation, Refusal, State, WAITING, WAITING_OF_ONE},
    change::Change,
    pace, store,
    wire::{self, Called},
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    blocks,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::say::{Hearers, Saying, say},
    groups,
    meetings::{self, meeting::Meeting},
    origin::Local,
    series,
    sisters::{
        self,
        news::{self, News},
    },
};

/// A group elsewhere asks one of ours to call its meeting.
pub fn asked(conn: &mut Conn, here: &Here, sender: &RemoteActor, offer: &Url, group: &str, called: &Called) -> Result<()> {
    let open = groups::store::by_handle(conn, group)?.is_some_and(|group| group.closed.is_none());
    if sender.kind != "Group" || !open {
        return Ok(());
    }
    let known = store::find(conn, called.uri.as_str(), group)?;
    if known.as_ref().is_some_and(|known| known.holder != sender.uri.as_str()) {
        return Err(Error::refused("another group holds this meeting"));
    }
    if let Some(declined) = known.clone().filter(|known| known.state == State::Declined) {
        // it stays so for some time, however often somebody asks; they hear it again
        let declined = Invitation { offer: offer.to_string(), ..declined };
        say(conn, here, &wire::answer("Reject", here, sender, &declined), Hearers::only(sender))?;
        return Ok(store::save(conn, &declined)?);
    }
    if known.is_none() {
        if is_another(conn, called)? {
            return Err(Error::refused("this meeting goes by the UID of another one that is known here"));
        }
        let (all, of_host) = store::waiting(conn, group, &sender.uri)?;
        if all >= WAITING || of_host >= WAITING_OF_ONE {
            return Ok(());
        }
    }
    let (event, document) = (called.uri.to_string(), called.document.clone());
    let blank = Invitation {
        event,
        group: group.to_owned(),
        holder: sender.uri.to_string(),
        offer: String::new(),
        document: String::new(),
        state: State::Invited,
        meeting: None,
        accept: None,
        announce: None,
        said: called.said,
        received: here.now,
    };
    let mut invitation = Invitation { offer: offer.to_string(), document, said: called.said, ..known.unwrap_or(blank) };
    if invitation.state == State::Accepted {
        // its server forgot the answer: it hears it again
        accept_again(conn, here, sender, &mut invitation)?;
    }
    Ok(store::save(conn, &invitation)?)
}

/// Does another meeting stand in calendars under the UID that the holder gives this one? A meeting or series of ours, or one of a third
/// server, as their ids end.
fn is_another(conn: &mut Conn, called: &Called) -> Result<bool> {
    let Some(uuid) = called.uuid else { return Ok(false) };
    if meetings::store::by_id(conn, uuid)?.is_some() {
        // another group of ours may call the same one
        let calls = store::to_event(conn, called.uri.as_str())?;
        return Ok(!calls.iter().any(|invitation| invitation.meeting == Some(uuid)));
    }
    Ok(series::store::by_id(conn, uuid)?.is_some() || store::is_of_a_third(conn, uuid, &called.uri)?)
}

fn accept_again(conn: &mut Conn, here: &Here, holder: &RemoteActor, invitation: &mut Invitation) -> Result<()> {
    let accept = say(conn, here, &wire::answer("Accept", here, holder, invitation), Hearers::only(holder))?;
    invitation.accept = Some(Local::Activity(accept).path());
    Ok(())
}

pub(super) fn holder_of(conn: &mut Conn, invitation: &Invitation) -> Result<RemoteActor> {
    let uri = Url::parse(&invitation.holder).map_err(Error::broken)?;
    remote::find(conn, &uri)?.ok_or_else(|| Error::not_found("the group that holds this meeting is gone"))
}

pub(super) fn invitation(conn: &mut Conn, group: &str, event: &str) -> Result<Invitation> {
    Ok(store::find(conn, event, group)?.ok_or(Refusal::NotInvited)?)
}

/// A group of ours calls it, too: it stands in our agenda, and our followers hear of it, once.
pub fn accept(conn: &mut Conn, here: &Here, group: &str, event: &str) -> Result<Meeting> {
    groups::actions::federating(conn, group)?;
    let mut invitation = invitation(conn, group, event)?;
    if let Some(id) = invitation.meeting.filter(|_| invitation.state == State::Accepted) {
        return meetings::actions::find(conn, id);
    }
    let holder = holder_of(conn, &invitation)?;
    if blocks::store::covers(conn, &holder.uri)? {
        return Err(Refusal::Blocked(holder.handle()).into());
    }
    let called = Called::kept(&invitation)?;
    let others = store::to_event(conn, event)?;
    let standing = others.into_iter().find(|other| other.state == State::Accepted).and_then(|other| other.meeting);
    let meeting = match standing {
        // another group of this place calls it already: it stands in our agenda once
        Some(id) => {
            let path = Local::Group(group.to_owned()).path();
            let caller = Caller { meeting: id, actor: path, state: State::Accepted, offer: String::new() };
            store::save_caller(conn, &caller)?;
            let meeting = meetings::actions::find(conn, id)?;
            meetings::store::save(conn, &meeting)?;
            groups::actions::stir(conn, here, group)?;
            meeting
        }
        None => put_up(conn, here, group, &called)?,
    };
    sisters::store::forget_heard(conn, event)?;
    invitation.state = State::Accepted;
    invitation.meeting = Some(meeting.id);
    accept_again(conn, here, &holder, &mut invitation)?;
    invitation.announce = Some(Local::Activity(announced(conn, here, &invitation, &holder, meeting.id)?).path());
    store::save(conn, &invitation)?;
    Ok(meeting)
}

/// The Announce by which our followers hear of it. Where the group passed it on before, as news of a sister, they have one already.
/// From now on it stands for it itself: it passes on no second time what it calls, nor what the holder says beside it.
fn announced(conn: &mut Conn, here: &Here, invitation: &Invitation, holder: &RemoteActor, meeting: Uuid) -> Result<Uuid> {
    let (group, event) = (&invitation.group, &invitation.event);
    let known = news::find(conn, group, event)?;
    let passed_on = known.as_ref().filter(|news| news.state == news::State::PassedOn);
    let (announce, since) = match passed_on.and_then(|news| Some((news.announce?, news.since))) {
        Some(before) => before,
        None => {
            let mut saying = Saying::public("Announce", here, group, &Local::Event(meeting), json!(event));
            saying.cc.push(holder.uri.to_string());
            let hearers = Hearers::followers_of(group).and_actor(conn, &holder.uri)?;
            (say(conn, here, &saying, hearers)?, here.now)
        }
    };
    let news = News {
        group: group.clone(),
        uri: event.clone(),
        author: here.origin.group(group).into(),
        sister: known.map_or_else(|| holder.uri.to_string(), |known| known.sister),
        state: news::State::PassedOn,
        announce: Some(announce),
        since,
    };
    news::save(conn, &news)?;
    Ok(announce)
}

/// Puts it on our agenda under the id it has there, so that calendars which have both know it for one. Others hear of it from its
/// holder only.
fn put_up(conn: &mut Conn, here: &Here, group: &str, called: &Called) -> Result<Meeting> {
    let id = match called.uuid {
        Some(id) if !is_another(conn, called)? => id,
        _ => here.new_id(),
    };
    let mut meeting = Meeting {
        opens: Some(Timestamp::NEVER),
        language: called.language.clone(),
        kind: called.kind,
        ..Meeting::blank(id, group, here.now)
    };
    called.change.apply(&mut meeting);
    if called.change.cancelled {
        return Err(meetings::meeting::Refusal::Cancelled.into());
    }
    meeting.check()?;
    if meeting.ends <= here.now {
        return Err(meetings::meeting::Refusal::Over.into());
    }
    meetings::store::add(conn, &meeting)?;
    groups::actions::stir(conn, here, group)?;
    Ok(meeting)
}

/// The holder describes the meeting anew; whether that is a meeting of which we were told as one to call.
pub fn renewed(conn: &mut Conn, here: &Here, sender: &RemoteActor, called: &Called) -> Result<bool> {
    let mut accepted = false;
    for mut invitation in store::to_event(conn, called.uri.as_str())? {
        if invitation.holder != sender.uri.as_str() || called.said < invitation.said {
            continue;
        }
        invitation.document.clone_from(&called.document);
        invitation.said = called.said;
        store::save(conn, &invitation)?;
        if let Some(id) = invitation.meeting.filter(|_| invitation.state == State::Accepted) {
            // several groups of ours have it in one row
            if !accepted {
                follow(conn, here, id, &called.change)?;
            }
            accepted = true;
        }
    }
    Ok(accepted)
}

/// What stands in our agenda becomes what the holder says; who follows our group hears where to go instead.
/// Oftener than the pace allows, only that it is called off, once.
fn follow(conn: &mut Conn, here: &Here, id: Uuid, change: &Change) -> Result<()> {
    let before = meetings::actions::find(conn, id)?;
    let mut meeting = before.clone();
    change.apply(&mut meeting);
    if change.cancelled {
        meeting.cancelled = before.cancelled.or(Some(here.now));
    } else {
        meeting.cancelled = None;
    }
    if meeting == before {
        return Ok(());
    }
    if let Err(why) = meeting.check() {
        tracing::info!("a change of a meeting that is called together makes no sense here: {why}");
        return Ok(());
    }
    let moved = meeting.sends_people_elsewhere_than(&before);
    let called_off = meeting.cancelled.is_some() && before.cancelled.is_none();
    if !called_off && !pace::has_room(conn, id, here.now)? {
        // what it is to be then stands in the invitation
        return Ok(pace::wait(conn, id, None)?);
    }
    pace::count(conn, id, here.now)?;
    if moved || called_off {
        meeting.sequence += 1;
    }
    if meeting.starts != before.starts {
        meeting.previous_start = Some(before.starts);
    }
    meeting.updated = Some(here.now);
    meetings::store::save(conn, &meeting)?;
    groups::actions::stir(conn, here, &meeting.group)?;
    match (called_off, moved && meeting.ends > here.now) {
        (true, _) => meetings::actions::accompany(conn, here, &meeting, &meetings::wire::cancelled_note(here, &meeting)),
        (false, true) => meetings::actions::accompany(conn, here, &meeting, &meetings::wire::moved_note(here, &meeting, &before)),
        (false, false) => Ok(()),
    }
}

/// What the holder said meanwhile is followed now.
pub(super) fn follow_late(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    match store::by_meeting(conn, id)? {
        Some(invitation) => follow(conn, here, id, &Called::kept(&invitation)?.change),
        None => Ok(()),
    }
}

/// A group of ours changed a meeting that another one holds: it asks the holder to change it for all.
pub fn propose(conn: &mut Conn, here: &Here, before: &Meeting, after: &Meeting) -> Result<()> {
    let Some(invitation) = store::by_meeting(conn, after.id)? else { return Ok(()) };
    let change = Change::between(before, after);
    if change.is_nothing() {
        return Ok(());
    }
    let holder = holder_of(conn, &invitation)?;
    let event = change.document(&invitation.event, &invitation.holder);
    let group = Local::Group(invitation.group.clone());
    let saying = Saying::direct("Offer", &group, &holder, Local::Event(after.id).path(), event);
    say(conn, here, &saying, Hearers::only(&holder))?;
    Ok(())
}
