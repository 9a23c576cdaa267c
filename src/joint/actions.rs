//! What is done with meetings that several groups call: others are asked, accept, decline, withdraw, and change them. Which of our
//! groups may do so is for the door to know.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    call::{Caller, Invitation, MOST, Refusal, State, WAITING, WAITING_OF_ONE},
    change::Change,
    store,
    wire::{self, Called},
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    blocks,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups,
    meetings::{self, meeting::Meeting},
    origin::Local,
    sisters,
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
fn tell(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let meeting = meetings::actions::find(conn, id)?;
    if meeting.can_change_at(here.now).is_ok() { meetings::actions::say_again(conn, here, meeting) } else { Ok(()) }
}

/// The other side answered an Offer of ours. Only the one who was asked can.
pub fn answered(conn: &mut Conn, here: &Here, by: &Url, offer: &Url, accepted: bool) -> Result<()> {
    if !here.origin.owns(offer) {
        return Ok(());
    }
    let known = store::caller_by_offer(conn, offer.path())?.filter(|caller| caller.actor == by.as_str());
    let Some(mut caller) = known else { return Ok(()) };
    let state = if accepted { State::Accepted } else { State::Declined };
    if caller.state == state {
        return Ok(());
    }
    let was = std::mem::replace(&mut caller.state, state);
    store::save_caller(conn, &caller)?;
    if State::Accepted == state || State::Accepted == was { tell(conn, here, caller.meeting) } else { Ok(()) }
}

/// A group that called a meeting of ours does so no longer: it took its Accept back.
pub fn left(conn: &mut Conn, here: &Here, by: &Url, offer: &Url) -> Result<()> {
    let known = match here.origin.owns(offer) {
        true => store::caller_by_offer(conn, offer.path())?.filter(|caller| caller.actor == by.as_str()),
        false => None,
    };
    let Some(caller) = known else { return Ok(()) };
    store::remove_caller(conn, caller.meeting, &caller.actor)?;
    if caller.state == State::Accepted { tell(conn, here, caller.meeting) } else { Ok(()) }
}

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

/// A group that calls a meeting of ours wants it changed: it is, for all, or it hears how the meeting stands.
pub fn proposed(conn: &mut Conn, here: &Here, sender: &RemoteActor, id: Uuid, change: &Change) -> Result<()> {
    let calls = store::calling(conn, id)?.iter().any(|caller| caller.actor == sender.uri.as_str());
    if !calls {
        return Err(Error::refused("only groups that call a meeting may change it"));
    }
    use diesel::Connection;
    let changed = conn.transaction::<_, Error, _>(|conn| {
        let wanted = |meeting: &mut Meeting| {
            change.apply(meeting);
            Ok(())
        };
        meetings::actions::change(conn, here, id, &wanted)?;
        if change.cancelled {
            meetings::actions::cancel(conn, here, id)?;
        }
        Ok(())
    });
    match changed {
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

/// Accepts or declines what a group was asked.
pub fn answer_named(conn: &mut Conn, here: &Here, group: &str, text: &str, accepted: bool) -> Result<()> {
    match (named(conn, here, group, text)?, accepted) {
        (Named::There(event), true) => accept(conn, here, group, &event).map(drop),
        (Named::There(event), false) => decline(conn, here, group, &event),
        (Named::Here(id), accepted) => answer_here(conn, here, group, id, accepted).map(drop),
    }
}

/// Withdraws from what a group accepted.
pub fn withdraw_named(conn: &mut Conn, here: &Here, group: &str, text: &str) -> Result<()> {
    match named(conn, here, group, text)? {
        Named::There(event) => withdraw(conn, here, group, &event),
        Named::Here(id) => answer_here(conn, here, group, id, false).map(drop),
    }
}

/// A group elsewhere is gone, and the meetings it held with it.
pub fn holder_gone(conn: &mut Conn, here: &Here, actor: &Url) -> Result<()> {
    for invitation in store::of_holder(conn, actor.as_str())? {
        take_down(conn, here, &invitation)?;
    }
    Ok(store::forget_caller(conn, actor.as_str())?)
}
