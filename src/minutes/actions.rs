//! What is done with minutes: published, changed, deleted; and what follows for agendas and for what was agreed.

use serde_json::json;
use uuid::Uuid;

use super::{
    record::{self, Minutes, Rolled},
    rolling,
    store::{self, Which},
    wire,
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::{Conn, turn::Turn},
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups,
    meetings::{self, agreement::Agreement, meeting::Meeting},
    origin::Local,
    text::Mention,
    words::Words,
};

/// Whose open items are looked at when another meeting is planned: notes of so many meetings.
const LOOKED_AT: i64 = 5;
/// Meetings that are planned, among which the next one is found.
const PLANNED: i64 = 50;

impl From<record::Refusal> for Error {
    fn from(refusal: record::Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

/// Says them to whoever follows the group, and puts what stayed open on the next agenda.
pub fn publish(conn: &mut Conn, here: &Here, minutes: &Minutes) -> Result<Minutes> {
    let group = groups::actions::speaking(conn, &minutes.group)?;
    let meeting = meeting_of(conn, &minutes.group, minutes.meeting)?;
    record::check_meeting(&meeting, here.now)?;
    minutes.check()?;
    group.may_say([minutes.text.as_str()])?;
    if store::of_meeting(conn, meeting.id)?.is_some() {
        return Err(record::Refusal::Already.into());
    }
    let mut minutes = minutes.clone();
    minutes.count_decisions();
    store::add(conn, &minutes)?;
    tell(conn, here, &minutes, "Create", Hearers::followers_of(&minutes.group))?;
    roll(conn, here, &mut minutes, &meeting)?;
    Ok(minutes)
}

/// Says what nobody heard yet of them, because their group was not welcome: that they are there, or what changed since.
pub fn catch_up(conn: &mut Conn, here: &Here, minutes: &Minutes) -> Result<()> {
    let said = outbox::said_last(conn, &Local::Minutes(minutes.id).path())?;
    match said {
        None => tell(conn, here, minutes, "Create", Hearers::followers_of(&minutes.group)),
        Some(said) if minutes.updated.is_some_and(|updated| updated > said) => {
            let hearers = Hearers::everyone_who_may_have_it(&minutes.group, minutes.published);
            tell(conn, here, minutes, "Update", hearers)
        }
        Some(_) => Ok(()),
    }
}

/// Changes what notes say. A decision that is taken out of them makes no meeting agreed any more.
pub fn edit(conn: &mut Conn, here: &Here, id: Uuid, change: &dyn Fn(&mut Minutes)) -> Result<Minutes> {
    let before = standing(conn, id)?;
    let group = groups::actions::speaking(conn, &before.group)?;
    let mut minutes = before.clone();
    change(&mut minutes);
    if minutes == before {
        return Ok(before);
    }
    minutes.check()?;
    group.may_say([minutes.text.as_str()])?;
    let meeting = meeting_of(conn, &minutes.group, minutes.meeting)?;
    minutes.count_decisions();
    minutes.updated = Some(here.now);
    store::save(conn, &minutes)?;
    tell(conn, here, &minutes, "Update", Hearers::everyone_who_may_have_it(&minutes.group, minutes.published))?;
    only_agreed_by_what_stands(conn, here, &minutes)?;
    roll(conn, here, &mut minutes, &meeting)?;
    Ok(minutes)
}

/// Takes notes back: their id answers 410 from now on, whoever may have them is asked to delete them, and what they left open is
/// taken off the next agenda.
pub fn delete(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Minutes> {
    let mut minutes = standing(conn, id)?;
    let local = Local::Minutes(id);
    let before = minutes.clone();
    outbox::retract(conn, &local.path(), here.now)?;
    minutes.erase(here.now);
    store::save(conn, &minutes)?;
    let tombstone = json!({
        "id": here.origin.uri(&local),
        "type": "Tombstone",
        "formerType": "Article",
        "deleted": here.now.rfc3339(),
    });
    let saying = Saying::public("Delete", here, &before.group, &local, tombstone).mentioning(&before.mentions);
    let hearers = Hearers::everyone_who_may_have_it(&before.group, before.published).and_mentioned(conn, &before.mentions)?;
    say(conn, here, &saying, hearers)?;
    only_agreed_by_what_stands(conn, here, &minutes)?;
    if let Some(rolled) = &before.rolled {
        put(conn, here, rolled.into, &rolled.heading, (&rolled.items, &[]), &[])?;
    }
    Ok(minutes)
}

/// The notes of that id, deleted or not.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Minutes> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there are no notes {id}")))
}

/// Those that can still be changed or taken back, of a group that has not ended.
fn standing(conn: &mut Conn, id: Uuid) -> Result<Minutes> {
    let minutes = find(conn, id)?;
    if minutes.deleted.is_some() {
        return Err(record::Refusal::Deleted.into());
    }
    if let Some(group) = groups::store::even_waiting(conn, &minutes.group)? {
        group.speaks()?;
    }
    Ok(minutes)
}

fn meeting_of(conn: &mut Conn, group: &str, id: Uuid) -> Result<Meeting> {
    let meeting = meetings::store::by_id(conn, id)?.filter(|meeting| meeting.group == group);
    meeting.ok_or_else(|| Error::not_found("there is no such meeting of this group"))
}

fn tell(conn: &mut Conn, here: &Here, minutes: &Minutes, kind: &'static str, hearers: Hearers<'_>) -> Result<()> {
    let article = wire::article(conn, here, minutes)?;
    let saying = Saying::public(kind, here, &minutes.group, &Local::Minutes(minutes.id), article).mentioning(&minutes.mentions);
    let hearers = hearers.and_mentioned(conn, &minutes.mentions)?;
    say(conn, here, &saying, hearers)?;
    Ok(())
}

/// The meeting that the group holds next after `after`.
pub fn next_meeting(conn: &mut Conn, group: &str, after: &Meeting, now: Timestamp) -> Result<Option<Meeting>> {
    let coming = meetings::store::coming_of(conn, now, group, PLANNED)?;
    let comes_next = |meeting: &Meeting| meeting.cancelled.is_none() && meeting.id != after.id && meeting.starts > after.starts;
    Ok(coming.into_iter().find(comes_next))
}

/// Meetings that one of these decisions made agreed, and that no longer stands, are not called so any more.
fn only_agreed_by_what_stands(conn: &mut Conn, here: &Here, minutes: &Minutes) -> Result<()> {
    for meeting in meetings::store::agreed_by(conn, minutes.id)? {
        let stands = |decided: i64| minutes.decisions.iter().any(|decision| decision.number == decided);
        if !matches!(&meeting.agreed, Some(Agreement::Here { number, .. }) if stands(*number)) {
            meetings::actions::disagree(conn, here, meeting)?;
        }
    }
    Ok(())
}

/// A group has ended, and its decisions are shown no more.
pub fn fell_with_group(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    for minutes in store::standing(conn, group)? {
        only_agreed_by_what_stands(conn, here, &Minutes { decisions: vec![], ..minutes })?;
    }
    Ok(())
}

/// Puts what stayed open on the agenda of the next meeting. What was put on an agenda before is changed there; once that meeting
/// is over, only what is new goes on to the next one. Where none is planned it is offered when one is.
fn roll(conn: &mut Conn, here: &Here, minutes: &mut Minutes, meeting: &Meeting) -> Result<()> {
    let open = minutes.open();
    let left = minutes.left_over();
    let target = match &minutes.rolled {
        Some(rolled) => meetings::store::by_id(conn, rolled.into)?,
        None => None,
    };
    let rolled = match (minutes.rolled.clone(), target) {
        (Some(rolled), Some(target)) if target.can_change_at(here.now).is_ok() => {
            let gone: Vec<String> = rolled.items.iter().filter(|item| !open.contains(item)).cloned().collect();
            let is_put = put(conn, here, target.id, &rolled.heading, (&gone, &left), &minutes.mentions)?;
            Some(if is_put { Rolled { items: open, ..rolled } } else { rolled })
        }
        (Some(rolled), Some(target)) if target.cancelled.is_none() => {
            let onwards = put_on_next(conn, here, minutes, meeting, &left)?;
            Some(onwards.map_or(rolled, |(into, heading)| Rolled { into, heading, items: open }))
        }
        _ => put_on_next(conn, here, minutes, meeting, &open)?.map(|(into, heading)| Rolled { into, heading, items: open }),
    };
    if minutes.rolled != rolled {
        minutes.rolled = rolled;
        store::save(conn, minutes)?;
    }
    Ok(())
}

/// Gives the meeting and the heading below which the items stand there now.
fn put_on_next(
    conn: &mut Conn,
    here: &Here,
    minutes: &Minutes,
    meeting: &Meeting,
    items: &[String],
) -> Result<Option<(Uuid, String)>> {
    if items.is_empty() {
        return Ok(None);
    }
    let Some(next) = next_meeting(conn, &minutes.group, meeting, here.now)? else { return Ok(None) };
    let heading = heading(meeting, &next.language);
    let is_put = put(conn, here, next.id, &heading, (&[], items), &minutes.mentions)?;
    Ok(is_put.then_some((next.id, heading)))
}

/// `Still open from Tuesday 24 November 2026`
fn heading(meeting: &Meeting, language: &str) -> String {
    let words = Words::of(language);
    words.say("minutes-still-open", &[("day", &words.date(&meeting.local_start(), "long"))])
}

/// Changes an agenda; `false` where it takes nothing: the meeting is over or gone, or its agenda would become too long.
fn put(
    conn: &mut Conn,
    here: &Here,
    id: Uuid,
    heading: &str,
    (remove, add): (&[String], &[String]),
    mentions: &[Mention],
) -> Result<bool> {
    let changed = meetings::actions::change(conn, here, id, &|meeting| {
        meeting.agenda = rolling::put(meeting.agenda.as_deref().unwrap_or_default(), heading, remove, add);
        let unknown = |mention: &&Mention| !meeting.mentions.iter().any(|known| known.handle == mention.handle);
        let new: Vec<Mention> = mentions.iter().filter(unknown).cloned().collect();
        if !add.is_empty() {
            meeting.mentions.extend(new);
        }
        Ok(())
    });
    match changed {
        Ok(_) => Ok(true),
        Err(Error::Refused(_) | Error::NotFound(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// A meeting on whose agenda open items were put does not take place: they go on to the one after it.
pub fn roll_on(conn: &mut Conn, here: &Here, cancelled: &Meeting) -> Result<()> {
    for mut minutes in store::rolled_into(conn, cancelled.id)? {
        let meeting = meetings::actions::find(conn, minutes.meeting)?;
        roll(conn, here, &mut minutes, &meeting)?;
    }
    Ok(())
}

/// What earlier meetings of a group left open and no agenda has, in Markdown.
pub fn still_open(conn: &mut Conn, group: &str, language: &str) -> Result<Option<String>> {
    let blocks: Vec<String> =
        unsettled(conn, group)?.iter().map(|(_, meeting, items)| rolling::block(&heading(meeting, language), items)).collect();
    Ok((!blocks.is_empty()).then(|| blocks.join("\n\n")))
}

/// The same, with the notes and the meetings they are of.
fn unsettled(conn: &mut Conn, group: &str) -> Result<Vec<(Minutes, Meeting, Vec<String>)>> {
    let mut unsettled = Vec::new();
    for (minutes, meeting) in store::page(conn, group, Which::All, Turn::First, LOOKED_AT)? {
        let target = match &minutes.rolled {
            Some(rolled) => meetings::store::by_id(conn, rolled.into)?,
            None => None,
        };
        let items = match target {
            Some(target) if target.cancelled.is_none() => minutes.left_over(),
            _ => minutes.open(),
        };
        if !items.is_empty() {
            unsettled.push((minutes, meeting, items));
        }
    }
    Ok(unsettled)
}

/// Whoever planned this meeting was offered what is still open, and took it or did not: it is offered no more, and later changes
/// of the notes change what stands on this agenda.
pub fn were_offered(conn: &mut Conn, planned: &Meeting) -> Result<()> {
    for (mut minutes, meeting, _) in unsettled(conn, &planned.group)? {
        if planned.starts > meeting.starts {
            let heading = heading(&meeting, &planned.language);
            minutes.rolled = Some(Rolled { into: planned.id, heading, items: minutes.open() });
            store::save(conn, &minutes)?;
        }
    }
    Ok(())
}
