//! Who else hears what is said, and what follows from it: across nouns and in the same transaction. [`crate::federation::say::say`]
//! asks here, so no door can forget it.

use std::{collections::BTreeSet, time::Duration};

use url::Url;
use uuid::Uuid;

use crate::{
    actors::remote::RemoteActor,
    announcements,
    app::Here,
    blocks,
    clock::Timestamp,
    coming::{
        self,
        wire::{Heard, hear},
    },
    db::Conn,
    error::Result,
    federation::{
        delivery::Inbox,
        outbox,
        say::{PUBLIC, Saying},
    },
    groups::{self, group::PLAZA},
    joint, meetings, minutes,
    origin::Local,
    plaza::{
        actions::{pass_on, renew_digests, take_back},
        store,
    },
    quarantine, reactions,
    replies::{self, wire::Written},
    sisters, suggestions,
};

/// A digest older than this is not posted anew for an edit of what it names; for a deletion it always is.
const FRESH: Duration = Duration::from_secs(2 * 24 * 3_600);
/// Of a group that ends, digests so old are posted anew without it.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Servers are told of a change by way of those who replied or reacted; more of them are not looked up.
const MOST_INBOXES: i64 = 5_000;

/// What must be said before this is.
pub fn before(conn: &mut Conn, here: &Here, saying: &Saying) -> Result<()> {
    match (saying.kind, &saying.actor) {
        // afterwards nobody believes what it says
        ("Delete", Local::Group(ended)) if saying.about == saying.actor.path() => {
            meetings::reminders::take_all_back(conn, here, ended)?;
            joint::leaving::ends(conn, here, ended)
        }
        _ => Ok(()),
    }
}

/// The group through which others than the speaker's followers may have what this changes or takes back, and since when.
pub fn heard_through(conn: &mut Conn, here: &Here, saying: &Saying) -> Result<Option<(&'static str, Timestamp)>> {
    let since = match (saying.kind, what_a_group_said(conn, here, saying)?) {
        ("Update" | "Delete", Some(what @ (Local::Note(_) | Local::Event(_) | Local::Minutes(_)))) => {
            store::passed_on(conn, &what)?.map(|passed| passed.at)
        }
        ("Delete", Some(Local::Group(ended))) => store::passed_on_of_group(conn, &ended)?.iter().map(|passed| passed.at).min(),
        _ => None,
    };
    Ok(since.map(|since| (PLAZA, since)))
}

/// Others who know what this changes or takes back: whoever replied to it, liked it, passed it on or calls it, too. The blocked hear nothing.
pub fn also_heard_by(conn: &mut Conn, saying: &Saying) -> Result<Vec<Inbox>> {
    // whoever answered what is for followers only did not get it by that
    let is_public = saying.to.iter().any(|to| to == PUBLIC);
    if !matches!(saying.kind, "Update" | "Delete") || !matches!(saying.actor, Local::Group(_)) || !is_public {
        return Ok(vec![]);
    }
    let mut around = replies::store::inboxes_around(conn, &saying.about, MOST_INBOXES)?;
    around.extend(joint::store::inboxes(conn, &saying.about)?);
    if around.is_empty() {
        return Ok(vec![]);
    }
    let blocked = blocks::store::all(conn)?;
    let free = around.into_iter().filter(|(actor, _)| Url::parse(actor).is_ok_and(|actor| !blocked.covers(&actor)));
    let inboxes: BTreeSet<String> = free.map(|(_, inbox)| inbox).collect();
    Ok(inboxes.iter().filter_map(|inbox| Url::parse(inbox).ok()).map(|inbox| Inbox::at(&inbox)).collect())
}

/// What happens when this was said.
pub fn of(conn: &mut Conn, here: &Here, saying: &Saying) -> Result<()> {
    if let ("Delete", Local::Group(_)) = (saying.kind, &saying.actor) {
        fell(conn, here, &here.origin.url(&saying.about))?;
    }
    if let ("Update", Some(Local::Event(id))) = (saying.kind, here.origin.local(&here.origin.url(&saying.about))) {
        let meeting = meetings::actions::find(conn, id)?;
        if meeting.cancelled.is_some() {
            minutes::actions::roll_on(conn, here, &meeting)?;
        }
    }
    let Some(what) = what_a_group_said(conn, here, saying)? else { return Ok(()) };
    match (saying.kind, &what) {
        ("Create", Local::Note(id)) => pass_on_note(conn, here, *id),
        ("Create", Local::Event(id)) if store::choice(conn)?.at_once(false) => {
            let group = meetings::actions::find(conn, *id)?.group;
            pass_on(conn, here, &what, &group)
        }
        ("Create", Local::Minutes(id)) if store::choice(conn)?.at_once(false) => {
            let group = minutes::actions::find(conn, *id)?.group;
            pass_on(conn, here, &what, &group)
        }
        ("Update", Local::Event(_)) => renew_digests(conn, here, Some(&what), here.now - FRESH),
        ("Update", Local::Note(id)) => {
            renew_digests(conn, here, Some(&what), here.now - FRESH)?;
            if store::passed_on(conn, &what)?.is_some() { Ok(()) } else { pass_on_edited_note(conn, here, *id) }
        }
        ("Delete", Local::Note(id)) => was_deleted(conn, here, *id),
        ("Delete", Local::Minutes(id)) => match store::passed_on(conn, &what)? {
            Some(passed) => {
                let author = minutes::actions::find(conn, *id)?.group;
                take_back(conn, here, &author, &passed)
            }
            None => Ok(()),
        },
        ("Delete", Local::Group(ended)) => has_ended(conn, here, ended),
        _ => Ok(()),
    }
}

/// Is what somebody wrote an answer to an invitation, such as *I'm coming*? Then it is counted and nothing else: not kept as a reply
/// or a letter, not shown, not passed on.
pub fn is_an_answer_to_an_invitation(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written) -> Result<Heard> {
    hear(conn, here, sender, written)
}

/// Something is gone, and with it what others said to it and how many liked it.
fn fell(conn: &mut Conn, here: &Here, uri: &Url) -> Result<()> {
    match here.origin.local(uri) {
        Some(local @ (Local::Note(_) | Local::Event(_) | Local::Minutes(_))) => {
            replies::actions::fell_with(conn, here, &local.path())?;
            Ok(reactions::store::forget_object(conn, &local.path())?)
        }
        Some(Local::Group(ended)) => {
            minutes::actions::fell_with_group(conn, here, &ended)?;
            sisters::store::forget_group(conn, &ended)?;
            suggestions::actions::drop_all(conn, &ended)?;
            reactions::store::forget_group(conn, &ended)?;
            replies::store::forget_group(conn, &ended)?;
            Ok(replies::letters::forget_group(conn, &ended)?)
        }
        _ => Ok(()),
    }
}

/// Somebody is blocked, and all that is kept of them is gone: `covered` says of an actor's id whether it is theirs.
pub fn of_block(conn: &mut Conn, here: &Here, covered: &dyn Fn(&str) -> bool) -> Result<()> {
    joint::leaving::of_block(conn, here, covered)?;
    sisters::actions::forget_all_of(conn, here, covered)?;
    let mut actors: BTreeSet<String> = replies::store::actors(conn)?.into_iter().collect();
    actors.extend(replies::letters::actors(conn)?);
    actors.extend(reactions::store::actors(conn)?);
    actors.extend(quarantine::store::actors(conn)?);
    for actor in actors.iter().filter(|actor| covered(actor)) {
        forget(conn, actor)?;
    }
    Ok(())
}

/// Whoever was blocked or is gone, by their id or the name of their server, comes to nothing any more: their places are free.
pub fn no_longer_come(conn: &mut Conn, here: &Here, names: &[&str]) -> Result<()> {
    coming::accounts::forget(conn, here, names, None)
}

/// An actor of another server is gone for good, and all it said here.
pub fn of_end(conn: &mut Conn, here: &Here, actor: &Url) -> Result<()> {
    sisters::actions::forget_all_of(conn, here, &|other| other == actor.as_str())?;
    no_longer_come(conn, here, &[actor.as_str()])?;
    forget(conn, actor.as_str())
}

/// An actor of another server wants no more to do with a group of ours: it is not heard there, and nothing of it is passed on.
pub fn of_refusal(conn: &mut Conn, here: &Here, group: &str, actor: &Url) -> Result<()> {
    sisters::passing::fell_for(conn, here, group, actor.as_str())?;
    Ok(sisters::store::remove(conn, group, actor.as_str())?)
}

fn forget(conn: &mut Conn, actor: &str) -> Result<()> {
    replies::forwarding::stop_all_of(conn, actor, None)?;
    replies::store::forget_actor(conn, actor)?;
    replies::letters::forget_actor(conn, actor)?;
    reactions::store::forget_actor(conn, actor)?;
    Ok(quarantine::store::forget_actor(conn, actor)?)
}

/// What a working group said, changed or took back, where there is a plaza.
fn what_a_group_said(conn: &mut Conn, here: &Here, saying: &Saying) -> Result<Option<Local>> {
    let is_group = matches!(&saying.actor, Local::Group(group) if group != PLAZA);
    if !is_group || !matches!(saying.kind, "Create" | "Update" | "Delete") {
        return Ok(None);
    }
    let what = here.origin.local(&here.origin.url(&saying.about));
    Ok(if groups::store::by_handle(conn, PLAZA)?.is_some() { what } else { None })
}

fn pass_on_note(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let note = announcements::actions::find(conn, id)?;
    if note.answers.is_some() || note.followers_only {
        // said to one person, whoever else may read it, or to those who follow the group
        return Ok(());
    }
    let at_once = match note.meeting {
        Some(meeting) => has_spoken_of(conn, meeting)?,
        None => store::choice(conn)?.at_once(note.urgent),
    };
    if at_once { pass_on(conn, here, &Local::Note(id), &note.group) } else { Ok(()) }
}

/// An edit makes nobody hear of old news, unless it has become urgent or speaks of a meeting they know.
fn pass_on_edited_note(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let note = announcements::actions::find(conn, id)?;
    if note.urgent || note.meeting.is_some() { pass_on_note(conn, here, id) } else { Ok(()) }
}

/// Whoever follows the plaza has heard of that meeting: passed on, or named in a digest.
fn has_spoken_of(conn: &mut Conn, meeting: Uuid) -> Result<bool> {
    let (what, scheduled) = (Local::Event(meeting), meetings::actions::find(conn, meeting)?.published);
    Ok(store::passed_on(conn, &what)?.is_some() || !store::naming(conn, Some(&what), scheduled)?.is_empty())
}

fn was_deleted(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let what = Local::Note(id);
    if let Some(passed) = store::passed_on(conn, &what)? {
        let author = announcements::actions::find(conn, id)?.group;
        take_back(conn, here, &author, &passed)?;
    }
    renew_digests(conn, here, Some(&what), Timestamp::default())
}

/// Whoever knows the group forgets it with all it said; whoever knows only the plaza hears from the plaza.
fn has_ended(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    for passed in store::passed_on_of_group(conn, group)? {
        outbox::retract(conn, &passed.what.path(), here.now)?;
        take_back(conn, here, group, &passed)?;
    }
    renew_digests(conn, here, None, here.now - WEEK)
}
