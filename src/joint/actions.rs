//! What the holder of a meeting does with those that call it, too: asks them, lets them go, and makes the changes that they want;
//! and what a group answers. Which of our groups may do so is for the door to know.

use diesel::Connection;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    call::{Caller, MOST, Refusal, State},
    change::Change,
    leaving::{decline, withdraw},
    pace, store,
    taking_part::{accept, follow_late},
    wire::Called,
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    blocks,
    db::Conn,
    error::{Error, Result, Said},
    federation::say::{Hearers, Saying, say},
    groups,
    meetings::{self, meeting::Meeting},
    origin::Local,
};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::NoGroup(handle) => Said::new("refused-joint-no-group").with("handle", handle).about("handle"),
            Refusal::Holds(handle) => Said::new("refused-joint-holds").with("handle", handle).about("handle"),
            Refusal::TooMany => Said::new("refused-joint-many").with("most", MOST).about("handle"),
            Refusal::Unsaid => Said::new("refused-joint-unsaid").about("meeting"),
            Refusal::NotOurs => Said::new("refused-joint-not-ours").about("meeting"),
            Refusal::Blocked(handle) => Said::new("refused-joint-blocked").with("handle", handle).about("handle"),
            Refusal::NotInvited => Said::new("refused-joint-not-invited"),
            Refusal::Recurs => Said::new("refused-joint-recurs").about("often"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Handle of a group of this city.
    Ours(String),
    Elsewhere(Box<RemoteActor>),
}

/// A meeting of ours that others can be asked to call.
fn callable(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Meeting> {
    let meeting = meetings::actions::find(conn, id)?;
    groups::actions::federating(conn, &meeting.group)?;
    meeting.can_change_at(here.now)?;
    match meeting.is_said() {
        true => Ok(meeting),
        false if meeting.is_held_elsewhere() => Err(Refusal::NotOurs.into()),
        false => Err(Refusal::Unsaid.into()),
    }
}

/// Asks another group to call a meeting of ours with us. Asked again it is asked again, unless it calls it already.
pub fn invite(conn: &mut Conn, here: &Here, id: Uuid, whom: &Whom) -> Result<Caller> {
    let meeting = callable(conn, here, id)?;
    let all = store::callers_of(conn, id)?;
    let actor = match whom {
        Whom::Ours(handle) => {
            let group = groups::store::by_handle(conn, handle)?.filter(|group| group.closed.is_none());
            group.ok_or_else(|| Error::from(Refusal::NoGroup(format!("@{handle}"))))?;
            if *handle == meeting.group {
                return Err(Refusal::Holds(format!("@{handle}")).into());
            }
            Local::Group(handle.clone()).path()
        }
        Whom::Elsewhere(actor) if actor.kind != "Group" => return Err(Refusal::NoGroup(actor.handle()).into()),
        Whom::Elsewhere(actor) if blocks::store::covers(conn, &actor.uri)? => return Err(Refusal::Blocked(actor.handle()).into()),
        Whom::Elsewhere(actor) => actor.uri.to_string(),
    };
    let known = all.iter().find(|caller| caller.actor == actor);
    if let Some(calling) = known.filter(|known| known.state == State::Accepted) {
        return Ok(calling.clone());
    }
    if known.is_none() && all.len() >= usize::try_from(MOST).unwrap_or_default() {
        return Err(Refusal::TooMany.into());
    }
    let mut caller = Caller { meeting: id, actor, state: State::Invited, offer: String::new() };
    if let Whom::Elsewhere(actor) = whom {
        remote::save(conn, actor)?;
        // before the document is written, so that it has what callers need
        store::save_caller(conn, &caller)?;
        let event = meetings::wire::event(conn, here, &meeting)?;
        let local = Local::Group(meeting.group.clone());
        let saying = Saying::direct("Offer", &local, actor, Local::Event(id).path(), event);
        let offer = say(conn, here, &saying, Hearers::only(actor))?;
        caller.offer = Local::Activity(offer).path();
    }
    store::save_caller(conn, &caller)?;
    Ok(caller)
}

/// A group is not asked any more, or calls the meeting no longer.
pub fn dismiss(conn: &mut Conn, here: &Here, id: Uuid, actor: &str) -> Result<()> {
    let meeting = meetings::actions::find(conn, id)?;
    let all = store::callers_of(conn, id)?;
    let caller = all.into_iter().find(|caller| caller.actor == actor);
    let caller = caller.ok_or_else(|| Error::not_found(format!("{actor} was not asked to call this meeting")))?;
    let other = Url::parse(actor).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    if let Some(other) = other {
        let origin = &here.origin;
        let group = Local::Group(meeting.group.clone());
        let offer = json!({
            "id": origin.url(&caller.offer),
            "type": "Offer",
            "actor": origin.uri(&group),
            "object": origin.uri(&Local::Event(id)),
        });
        say(conn, here, &Saying::direct("Undo", &group, &other, Local::Event(id).path(), offer), Hearers::only(&other))?;
    }
    store::remove_caller(conn, id, actor)?;
    // it is found under that group no longer
    meetings::store::save(conn, &meeting)?;
    if caller.state == State::Accepted { tell(conn, here, id) } else { Ok(()) }
}

/// Everybody hears who calls it now.
pub(super) fn tell(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let meeting = meetings::actions::find(conn, id)?;
    if meeting.can_change_at(here.now).is_ok() { meetings::actions::say_again(conn, here, meeting) } else { Ok(()) }
}

/// The same for what somebody elsewhere did, at the pace that these have.
pub(super) fn tell_from_outside(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    if !pace::has_room(conn, id, here.now)? {
        return Ok(pace::wait(conn, id, None)?);
    }
    pace::count(conn, id, here.now)?;
    tell(conn, here, id)
}

/// The other side answered an Offer of ours. Only the one who was asked can; if it declines what it accepted, it leaves.
pub fn answered(conn: &mut Conn, here: &Here, by: &Url, offer: &Url, accepted: bool) -> Result<()> {
    let Some(caller) = asked(conn, here, by, offer)? else { return Ok(()) };
    match (caller.state, accepted) {
        (State::Accepted, true) => Ok(()),
        (State::Accepted, false) => gone(conn, here, &caller),
        (State::Invited | State::Declined, true) => {
            store::save_caller(conn, &Caller { state: State::Accepted, ..caller.clone() })?;
            tell_from_outside(conn, here, caller.meeting)
        }
        (State::Invited | State::Declined, false) => Ok(store::save_caller(conn, &Caller { state: State::Declined, ..caller })?),
    }
}

/// A group that called a meeting of ours does so no longer: it took its Accept back.
pub fn left(conn: &mut Conn, here: &Here, by: &Url, offer: &Url) -> Result<()> {
    match asked(conn, here, by, offer)? {
        Some(caller) => gone(conn, here, &caller),
        None => Ok(()),
    }
}

/// Whom an Offer of ours asked, if it is this one, and not blocked since.
fn asked(conn: &mut Conn, here: &Here, by: &Url, offer: &Url) -> Result<Option<Caller>> {
    if !here.origin.owns(offer) || blocks::store::covers(conn, by)? {
        return Ok(None);
    }
    Ok(store::caller_by_offer(conn, offer.path())?.filter(|caller| caller.actor == by.as_str()))
}

fn gone(conn: &mut Conn, here: &Here, caller: &Caller) -> Result<()> {
    store::remove_caller(conn, caller.meeting, &caller.actor)?;
    if caller.state == State::Accepted { tell_from_outside(conn, here, caller.meeting) } else { Ok(()) }
}

/// A group that calls a meeting of ours wants it changed: it is, for all, or it hears how the meeting stands. Oftener than the pace
/// allows, the meeting is only called off; the rest waits.
pub fn proposed(conn: &mut Conn, here: &Here, sender: &RemoteActor, id: Uuid, change: &Change) -> Result<()> {
    let calls = store::calling(conn, id)?.iter().any(|caller| caller.actor == sender.uri.as_str());
    if !calls {
        return Err(Error::refused("only groups that call a meeting may change it"));
    }
    if !change.cancelled && !pace::has_room(conn, id, here.now)? {
        return Ok(pace::wait(conn, id, Some(change))?);
    }
    match make(conn, here, id, change) {
        Err(Error::Refused(why)) => {
            tracing::info!("a change of a meeting that is called together was not made: {why}");
            let meeting = meetings::actions::find(conn, id)?;
            let event: Value = meetings::wire::event(conn, here, &meeting)?;
            let saying = Saying::direct("Update", &Local::Group(meeting.group), sender, Local::Event(id).path(), event);
            say(conn, here, &saying, Hearers::only(sender))?;
            Ok(())
        }
        other => other,
    }
}

/// All of a change, or nothing of it.
fn make(conn: &mut Conn, here: &Here, id: Uuid, change: &Change) -> Result<()> {
    let before = meetings::actions::find(conn, id)?;
    conn.transaction::<_, Error, _>(|conn| {
        let wanted = |meeting: &mut Meeting| {
            change.apply(meeting);
            Ok(())
        };
        meetings::actions::change(conn, here, id, &wanted)?;
        if change.cancelled {
            meetings::actions::cancel(conn, here, id)?;
        }
        Ok(())
    })?;
    if meetings::actions::find(conn, id)? == before { Ok(()) } else { Ok(pace::count(conn, id, here.now)?) }
}

/// What others said of a meeting while everybody had heard enough of it is told now, all of it at once.
pub(super) fn tell_what_waited(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let Some(wanted) = pace::take(conn, id, here.now)? else { return Ok(()) };
    let before = meetings::actions::find(conn, id)?;
    if before.is_held_elsewhere() {
        return follow_late(conn, here, id);
    }
    match wanted.map_or(Ok(()), |change| make(conn, here, id, &change)) {
        Err(Error::Refused(why)) => tracing::info!("a change of a meeting that is called together was not made: {why}"),
        other => other?,
    }
    // who calls it may have changed, too
    if meetings::actions::find(conn, id)? == before { tell_from_outside(conn, here, id) } else { Ok(()) }
}

/// A group of ours calls a meeting of another group of ours, as that asked, or would rather not.
pub fn answer_here(conn: &mut Conn, here: &Here, group: &str, id: Uuid, accepted: bool) -> Result<Meeting> {
    groups::actions::speaking(conn, group)?;
    let path = Local::Group(group.to_owned()).path();
    let asked = store::callers_of(conn, id)?.into_iter().find(|caller| caller.actor == path);
    let caller = asked.filter(|caller| caller.state != State::Declined || accepted).ok_or(Refusal::NotInvited)?;
    let state = if accepted { State::Accepted } else { State::Declined };
    store::save_caller(conn, &Caller { state, ..caller })?;
    let meeting = meetings::actions::find(conn, id)?;
    // it is found under both groups from now on, or no longer
    meetings::store::save(conn, &meeting)?;
    groups::actions::stir(conn, here, group)?;
    tell(conn, here, id)?;
    Ok(meeting)
}

/// A meeting as people or forms name it to a group: by its id or page there, or by its id or page here.
enum Named {
    There(String),
    Here(Uuid),
}

fn named(conn: &mut Conn, here: &Here, group: &str, text: &str) -> Result<Named> {
    let text = text.trim();
    let local = Url::parse(text).ok().and_then(|url| here.origin.local(&url));
    let id = match local {
        Some(Local::Event(id)) => Some(id),
        _ => text.parse().ok(),
    };
    for invitation in store::of_group(conn, group)? {
        let is_it = invitation.event == text
            || (id.is_some() && invitation.meeting == id)
            || Called::kept(&invitation).is_ok_and(|called| called.url.as_str() == text);
        if is_it {
            return Ok(Named::There(invitation.event));
        }
    }
    id.map(Named::Here).ok_or_else(|| Refusal::NotInvited.into())
}

/// Accepts or declines what a group was asked; the meeting, where it stands here.
pub fn answer_named(conn: &mut Conn, here: &Here, group: &str, text: &str, accepted: bool) -> Result<Option<Meeting>> {
    match (named(conn, here, group, text)?, accepted) {
        (Named::There(event), true) => accept(conn, here, group, &event).map(Some),
        (Named::There(event), false) => decline(conn, here, group, &event).map(|()| None),
        (Named::Here(id), accepted) => answer_here(conn, here, group, id, accepted).map(Some),
    }
}

/// Withdraws from what a group accepted.
pub fn withdraw_named(conn: &mut Conn, here: &Here, group: &str, text: &str) -> Result<()> {
    match named(conn, here, group, text)? {
        Named::There(event) => withdraw(conn, here, group, &event),
        Named::Here(id) => answer_here(conn, here, group, id, false).map(drop),
    }
}
