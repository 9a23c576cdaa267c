//! A group of ours takes part in a meeting that a group elsewhere holds: asked, it accepts, declines or withdraws; what the holder
//! changes is followed, and what we want changed is asked for there.

use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    call::{Caller, Invitation, Refusal, State, WAITING, WAITING_OF_ONE},
    change::Change,
    store,
    wire::{self, Called},
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups,
    meetings::{self, meeting::Meeting},
    origin::Local,
    sisters,
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
    if known.is_none() {
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
    } else {
        invitation.state = State::Invited;
    }
    Ok(store::save(conn, &invitation)?)
}

fn accept_again(conn: &mut Conn, here: &Here, holder: &RemoteActor, invitation: &mut Invitation) -> Result<()> {
    let accept = say(conn, here, &wire::answer("Accept", here, holder, invitation), Hearers::only(holder))?;
    invitation.accept = Some(Local::Activity(accept).path());
    Ok(())
}

fn holder_of(conn: &mut Conn, invitation: &Invitation) -> Result<RemoteActor> {
    let uri = Url::parse(&invitation.holder).map_err(Error::broken)?;
    remote::find(conn, &uri)?.ok_or_else(|| Error::not_found("the group that holds this meeting is gone"))
}

fn invitation(conn: &mut Conn, group: &str, event: &str) -> Result<Invitation> {
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
    let what = Local::Event(meeting.id);
    let mut announce = Saying::public("Announce", here, group, &what, json!(event));
    announce.cc.push(holder.uri.to_string());
    let hearers = Hearers { followers_of: Some(group), ..Hearers::only(&holder) };
    invitation.announce = Some(Local::Activity(say(conn, here, &announce, hearers)?).path());
    store::save(conn, &invitation)?;
    Ok(meeting)
}

/// Puts it on our agenda under the id it has there, so that calendars which have both know it for one. Others hear of it from its
/// holder only.
fn put_up(conn: &mut Conn, here: &Here, group: &str, called: &Called) -> Result<Meeting> {
    let id = match called.uuid {
        Some(id) if meetings::store::by_id(conn, id)?.is_none() => id,
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

/// A group of ours would rather not.
pub fn decline(conn: &mut Conn, here: &Here, group: &str, event: &str) -> Result<()> {
    let mut invitation = invitation(conn, group, event)?;
    if invitation.state != State::Invited {
        return Err(Refusal::NotInvited.into());
    }
    let holder = holder_of(conn, &invitation)?;
    say(conn, here, &wire::answer("Reject", here, &holder, &invitation), Hearers::only(&holder))?;
    invitation.state = State::Declined;
    Ok(store::save(conn, &invitation)?)
}

/// A group of ours calls it no longer: the holder hears it, and what our followers heard is taken back.
pub fn withdraw(conn: &mut Conn, here: &Here, group: &str, event: &str) -> Result<()> {
    let invitation = invitation(conn, group, event)?;
    if invitation.state != State::Accepted {
        return Err(Refusal::NotInvited.into());
    }
    let holder = holder_of(conn, &invitation)?;
    if let Some(accept) = &invitation.accept {
        let saying = wire::undo_of_accept(here, &holder, &invitation, accept);
        say(conn, here, &saying, Hearers::only(&holder))?;
    }
    take_down(conn, here, &invitation)
}

/// The holder took its Offer back, or the meeting is gone.
pub fn uninvited(conn: &mut Conn, here: &Here, by: &Url, event: &str) -> Result<()> {
    for invitation in store::to_event(conn, event)? {
        if invitation.holder == by.as_str() {
            take_down(conn, here, &invitation)?;
        }
    }
    Ok(())
}

fn take_down(conn: &mut Conn, here: &Here, invitation: &Invitation) -> Result<()> {
    store::remove(conn, &invitation.event, &invitation.group)?;
    let Some(id) = invitation.meeting else { return Ok(()) };
    if let Some(announce) = &invitation.announce {
        take_back(conn, here, invitation, id, announce)?;
    }
    let path = Local::Group(invitation.group.clone()).path();
    store::remove_caller(conn, id, &path)?;
    let meeting = meetings::actions::find(conn, id)?;
    match store::by_meeting(conn, id)? {
        // another group of ours still calls it, and holds its place here from now on
        Some(other) => {
            let heir = Local::Group(other.group.clone()).path();
            store::remove_caller(conn, id, &heir)?;
            let group = if meeting.group == invitation.group { other.group } else { meeting.group.clone() };
            meetings::store::save(conn, &Meeting { group, ..meeting })?;
        }
        // what is over stays, with the notes of it
        None if meeting.ends <= here.now => {}
        None => meetings::store::remove(conn, id)?,
    }
    groups::actions::stir(conn, here, &invitation.group)
}

fn take_back(conn: &mut Conn, here: &Here, invitation: &Invitation, meeting: Uuid, announce: &str) -> Result<()> {
    let origin = &here.origin;
    if let Some(Local::Activity(id)) = origin.local(&origin.url(announce)) {
        outbox::retract_one(conn, id, here.now)?;
    }
    let announced = json!({
        "id": origin.url(announce),
        "type": "Announce",
        "actor": origin.group(&invitation.group),
        "object": invitation.event,
    });
    let undo = Saying::public("Undo", here, &invitation.group, &Local::Event(meeting), announced);
    say(conn, here, &undo, Hearers::everyone_who_may_have_it(&invitation.group, invitation.received))?;
    Ok(())
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

/// A group elsewhere is gone, and the meetings it held with it.
pub fn holder_gone(conn: &mut Conn, here: &Here, actor: &Url) -> Result<()> {
    for invitation in store::of_holder(conn, actor.as_str())? {
        take_down(conn, here, &invitation)?;
    }
    Ok(store::forget_caller(conn, actor.as_str())?)
}
