//! A group of ours calls a meeting no longer: it withdraws, ends or moves, its holder asks it no more, is gone or blocked. What our
//! followers heard is taken back, and others that call it lose nothing.

use std::collections::BTreeSet;

use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    actions::{self, tell},
    call::{Invitation, Refusal, State},
    store,
    taking_part::{holder_of, invitation},
    wire,
};
use crate::{
    announcements,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups,
    meetings::{self, meeting::Meeting},
    minutes,
    origin::Local,
    sisters::news::{self, News},
};

/// What must not be overtaken by what is said: the group's own end, where it ends.
type Line<'a> = Option<&'a str>;

fn in_line(mut saying: Saying, line: Line<'_>) -> Saying {
    if let Some(line) = line {
        line.clone_into(&mut saying.about);
    }
    saying
}

/// A group of ours calls it no longer: the holder hears it, and what our followers heard is taken back.
pub fn withdraw(conn: &mut Conn, here: &Here, group: &str, event: &str) -> Result<()> {
    let invitation = invitation(conn, group, event)?;
    match invitation.state {
        State::Accepted => leave(conn, here, &invitation, None),
        State::Invited | State::Declined => Err(Refusal::NotInvited.into()),
    }
}

fn leave(conn: &mut Conn, here: &Here, invitation: &Invitation, line: Line<'_>) -> Result<()> {
    match (holder_of(conn, invitation), &invitation.accept) {
        (Ok(holder), Some(accept)) => {
            let undo = in_line(wire::undo_of_accept(here, &holder, invitation, accept), line);
            say(conn, here, &undo, Hearers::only(&holder))?;
        }
        // a holder that is gone hears nothing
        (Ok(_) | Err(Error::NotFound(_)), _) => {}
        (Err(other), _) => return Err(other),
    }
    take_down(conn, here, invitation, line)
}

/// A group of ours would rather not.
pub fn decline(conn: &mut Conn, here: &Here, group: &str, event: &str) -> Result<()> {
    let mut invitation = invitation(conn, group, event)?;
    if invitation.state != State::Invited {
        return Err(Refusal::NotInvited.into());
    }
    reject(conn, here, &invitation, None)?;
    invitation.state = State::Declined;
    // it stays declined for some time from now on
    invitation.received = here.now;
    Ok(store::save(conn, &invitation)?)
}

fn reject(conn: &mut Conn, here: &Here, invitation: &Invitation, line: Line<'_>) -> Result<()> {
    let holder = match holder_of(conn, invitation) {
        Err(Error::NotFound(_)) => return Ok(()),
        other => other?,
    };
    let reject = in_line(wire::answer("Reject", here, &holder, invitation), line);
    say(conn, here, &reject, Hearers::only(&holder)).map(drop)
}

/// The holder took its Offer back, or the meeting is gone. What was declined stays so: an Offer that was taken back asks nobody anew.
pub fn uninvited(conn: &mut Conn, here: &Here, by: &Url, event: &str) -> Result<()> {
    for invitation in store::to_event(conn, event)? {
        if invitation.holder == by.as_str() && invitation.state != State::Declined {
            take_down(conn, here, &invitation, None)?;
        }
    }
    Ok(())
}

fn take_down(conn: &mut Conn, here: &Here, invitation: &Invitation, line: Line<'_>) -> Result<()> {
    let group = &invitation.group;
    store::remove(conn, &invitation.event, group)?;
    let Some(id) = invitation.meeting else { return Ok(()) };
    if let Some(announce) = &invitation.announce {
        take_back(conn, here, invitation, (id, announce), line)?;
    }
    store::remove_caller(conn, id, &Local::Group(group.clone()).path())?;
    let Some(meeting) = meetings::store::by_id(conn, id)? else { return Ok(()) };
    let is_over = meeting.ends <= here.now;
    match store::by_meeting(conn, id)? {
        Some(other) => {
            if !is_over {
                take_notes_back(conn, here, id, Some(group))?;
            }
            pass_to(conn, here, meeting, group, &other.group)?;
        }
        // what is over stays, with the notes of it
        None if is_over => {}
        None => let_go(conn, here, &meeting)?,
    }
    groups::actions::stir(conn, here, group)
}

/// Another group of ours still calls it: it stays in the agenda, and where `left` had its place, the other has it from now on.
fn pass_to(conn: &mut Conn, here: &Here, meeting: Meeting, left: &str, other: &str) -> Result<()> {
    let mut meeting = meeting;
    if meeting.group == left {
        store::remove_caller(conn, meeting.id, &Local::Group(other.to_owned()).path())?;
        other.clone_into(&mut meeting.group);
    }
    meetings::store::save(conn, &meeting)?;
    groups::actions::stir(conn, here, other)
}

/// Nobody here calls it any more. Where minutes were written of it, it stays for them, called off; they need it even when they were
/// deleted, to say so.
fn let_go(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    if minutes::store::any_of(conn, meeting.id)? {
        let sequence = meeting.sequence + i64::from(meeting.cancelled.is_none());
        let cancelled = meeting.cancelled.or(Some(here.now));
        let kept = Meeting { cancelled, sequence, updated: Some(here.now), ..meeting.clone() };
        return Ok(meetings::store::save(conn, &kept)?);
    }
    take_notes_back(conn, here, meeting.id, None)?;
    announcements::store::forget_meeting(conn, meeting.id)?;
    Ok(meetings::store::remove(conn, meeting.id)?)
}

/// What was said beside it, of one group or of all. Of a group that says nothing any more it is erased here.
fn take_notes_back(conn: &mut Conn, here: &Here, meeting: Uuid, of: Option<&str>) -> Result<()> {
    for mut note in announcements::store::of_meeting(conn, meeting)? {
        if of.is_some_and(|group| group != note.group) {
            continue;
        }
        let group = groups::store::even_waiting(conn, &note.group)?;
        if group.is_some_and(|group| group.speaks().is_ok()) {
            announcements::actions::delete(conn, here, note.id)?;
        } else {
            outbox::retract(conn, &Local::Note(note.id).path(), here.now)?;
            note.erase(here.now);
            announcements::store::save(conn, &note)?;
        }
    }
    Ok(())
}

/// Its followers heard of it once: by this Announce, or by the same when the group passed it on before.
fn take_back(
    conn: &mut Conn,
    here: &Here,
    invitation: &Invitation,
    (meeting, announce): (Uuid, &str),
    line: Line<'_>,
) -> Result<()> {
    let origin = &here.origin;
    let id = match origin.local(&origin.url(announce)) {
        Some(Local::Activity(id)) => Some(id),
        _ => None,
    };
    let passed = news::find(conn, &invitation.group, &invitation.event)?.filter(|news| id.is_some() && news.announce == id);
    if passed.as_ref().is_some_and(|news| news.state != news::State::PassedOn) {
        // that was taken back already
        return Ok(());
    }
    if let Some(id) = id {
        outbox::retract_one(conn, id, here.now)?;
    }
    let announced = json!({
        "id": origin.url(announce),
        "type": "Announce",
        "actor": origin.group(&invitation.group),
        "object": invitation.event,
    });
    let mut undo = in_line(Saying::public("Undo", here, &invitation.group, &Local::Event(meeting), announced), line);
    let since = passed.as_ref().map_or(invitation.received, |news| news.since.min(invitation.received));
    let mut hearers = Hearers::everyone_who_may_have_it(&invitation.group, since);
    if let Ok(holder) = Url::parse(&invitation.holder) {
        // who heard the Announce hears this, too
        undo.cc.push(invitation.holder.clone());
        hearers = hearers.and_actor(conn, &holder)?;
    }
    say(conn, here, &undo, hearers)?;
    match passed {
        Some(passed) => Ok(news::save(conn, &News { state: news::State::TakenBack, since: here.now, ..passed })?),
        None => Ok(()),
    }
}

/// A group elsewhere is gone, with the meetings it held; and it calls nothing any more.
pub fn actor_gone(conn: &mut Conn, here: &Here, actor: &Url) -> Result<()> {
    for invitation in store::of_holder(conn, actor.as_str())? {
        take_down(conn, here, &invitation, None)?;
    }
    for caller in store::of_caller(conn, actor.as_str())? {
        store::remove_caller(conn, caller.meeting, &caller.actor)?;
        if caller.state == State::Accepted {
            actions::tell_from_outside(conn, here, caller.meeting)?;
        }
    }
    Ok(())
}

/// Somebody is blocked: we call none of their meetings, and they none of ours. `covered` says of an actor's id whether it is theirs.
pub fn of_block(conn: &mut Conn, here: &Here, covered: &dyn Fn(&str) -> bool) -> Result<()> {
    for holder in store::holders(conn)?.iter().filter(|holder| covered(holder)) {
        for invitation in store::of_holder(conn, holder)? {
            take_down(conn, here, &invitation, None)?;
        }
    }
    let mut changed = BTreeSet::new();
    for actor in store::calling_actors(conn)?.iter().filter(|actor| covered(actor)) {
        for caller in store::of_caller(conn, actor)? {
            store::remove_caller(conn, caller.meeting, actor)?;
            changed.extend((caller.state == State::Accepted).then_some(caller.meeting));
        }
    }
    changed.into_iter().try_for_each(|meeting| tell(conn, here, meeting))
}

/// A group of ours ends: before others hear that, it withdraws from all it calls, and whoever calls its own meetings is asked no
/// longer.
pub fn ends(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    let line = Local::Group(group.to_owned()).path();
    leave_all(conn, here, group, Some(&line))?;
    for caller in store::asked_by(conn, group, here.now)? {
        actions::dismiss(conn, here, caller.meeting, &caller.actor)?;
    }
    Ok(())
}

/// A group of ours moves to another server: here it calls nothing any more.
pub fn moves(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    leave_all(conn, here, group, None)
}

fn leave_all(conn: &mut Conn, here: &Here, group: &str, line: Line<'_>) -> Result<()> {
    for invitation in store::of_group(conn, group)? {
        match invitation.state {
            State::Accepted => leave(conn, here, &invitation, line)?,
            State::Invited => reject(conn, here, &invitation, line)?,
            State::Declined => {}
        }
        store::remove(conn, &invitation.event, group)?;
    }
    let path = Local::Group(group.to_owned()).path();
    for caller in store::of_caller(conn, &path)? {
        store::remove_caller(conn, caller.meeting, &path)?;
        let meeting = meetings::actions::find(conn, caller.meeting)?;
        // it is found under that group no longer
        meetings::store::save(conn, &meeting)?;
        if caller.state == State::Accepted {
            tell(conn, here, caller.meeting)?;
        }
    }
    Ok(())
}
