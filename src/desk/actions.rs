//! What is done with drafts: kept, discarded, said, put off, said in time.

mod said;

use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    draft::{Draft, MOST, News, Notes, Refusal, Typed},
    invitation::Invitation,
    rhythm::{Scope, change_what_was_changed},
    store,
};
use crate::{
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{self, Error, Result},
    groups, joint,
    meetings::{self, meeting::Meeting},
    members::{
        actions::{Speaker, may_speak},
        member,
    },
    minutes::{self, record::Minutes},
    series::{self, series::Series},
};

pub use said::{
    Verdict, alarms_to_confirm, announcement_of, called_by, cancel_meeting, confirm_alarm, delete_minutes, delete_news,
    end_series, judge, leave_out, meeting_of, minutes_of, reply_to, say_whether_met, series_of, their_series, whole_meeting_of,
};

/// What became of a draft that was to be said.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    News(Uuid),
    Meeting(Uuid),
    Minutes(Uuid),
    /// It waits until then.
    Later(Timestamp),
}

/// The draft of that group.
pub fn find(conn: &mut Conn, group: &str, id: Uuid) -> Result<Draft> {
    store::find(conn, group, id)?.ok_or_else(|| Error::not_found("there is no draft of this group with that id"))
}

/// Keeps what was typed. Whatever was to be said by itself waits to be confirmed again.
pub fn keep(conn: &mut Conn, here: &Here, speaker: &Speaker, draft: &Draft) -> Result<Draft> {
    speaker.speaks_for(conn, here, &draft.group)?;
    groups::actions::speaking(conn, &draft.group)?;
    match store::find(conn, &draft.group, draft.id)? {
        Some(before) if before.revision != draft.revision => return Err(Refusal::Changed.into()),
        Some(_) => {}
        // it was said or discarded meanwhile
        None if draft.revision > 0 => return Err(Refusal::Changed.into()),
        None if store::count(conn, &draft.group)? >= MOST => return Err(Refusal::Many.into()),
        None => {}
    }
    let draft =
        Draft { due: None, author: None, stopped: None, revision: draft.revision + 1, touched: here.now.day(), ..draft.clone() };
    store::save(conn, &draft)?;
    Ok(draft)
}

/// Nothing comes of it.
pub fn discard(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<Draft> {
    speaker.speaks_for(conn, here, group)?;
    let draft = find(conn, group, id)?;
    store::delete(conn, id)?;
    Ok(draft)
}

/// Not by itself any more: a draft like any other.
pub fn stop(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<Draft> {
    speaker.speaks_for(conn, here, group)?;
    let draft = find(conn, group, id)?;
    keep(conn, here, speaker, &draft)
}

/// Says it now, or at the time that was typed, if it is still what somebody looked at.
pub fn confirm(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid, revision: i64, zone: Tz) -> Result<Said> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    let draft = find(conn, group, id)?;
    if draft.revision != revision {
        return Err(Refusal::Changed.into());
    }
    if let (Typed::News(news), None) = (&draft.typed, draft.about)
        && let Some(due) = news.due(zone, here.now)?
    {
        groups::actions::speaking(conn, group)?;
        new_announcement(here, &draft, news).check()?;
        let (author, stopped) = (Some(organizer.member), None);
        store::save(conn, &Draft { due: Some(due), author, stopped, revision: revision + 1, ..draft })?;
        return Ok(Said::Later(due));
    }
    say(conn, here, &draft, organizer.member)
}

/// Says it, in the hands of that member; the draft is gone.
fn say(conn: &mut Conn, here: &Here, draft: &Draft, author: Uuid) -> Result<Said> {
    store::delete(conn, draft.id)?;
    match (&draft.typed, draft.about) {
        (Typed::News(news), None) => {
            let announcement = new_announcement(here, draft, news);
            if announcement.urgent {
                announcements::alarms::raise(conn, here.now, announcement.id, author)?;
            }
            announcements::actions::publish(conn, here, &announcement)?;
            Ok(Said::News(announcement.id))
        }
        (Typed::News(news), Some(id)) => {
            announcement_of(conn, &draft.group, id)?;
            announcements::actions::edit(conn, here, id, &|announcement| {
                news.fill(announcement);
                announcement.mentions.clone_from(&draft.mentions);
                announcement.pictures.clone_from(&draft.pictures);
            })?;
            if news.urgent {
                announcements::alarms::raise(conn, here.now, id, author)?;
            }
            Ok(Said::News(id))
        }
        (Typed::Meeting(invitation), None) => {
            let mut meeting = new_meeting(here, draft);
            fill(draft, invitation, &mut meeting)?;
            meeting.agreed = minutes::agreed::read(conn, here, &invitation.agreed)?;
            remember(conn, here, invitation, &meeting)?;
            match invitation.rhythm.series(&meeting, here.now)? {
                Some(series) => series::actions::begin(conn, here, &series)?,
                None => {
                    meetings::actions::schedule(conn, here, &meeting)?;
                    minutes::actions::were_offered(conn, &meeting)?;
                }
            }
            Ok(Said::Meeting(meeting.id))
        }
        (Typed::Meeting(invitation), Some(id)) => {
            let meeting = whole_meeting_of(conn, &draft.group, id)?;
            let agreed = minutes::agreed::read(conn, here, &invitation.agreed)?;
            let holds = meeting.group == draft.group && !meeting.is_held_elsewhere();
            if !holds && (invitation.rhythm.scope() != Scope::One || invitation.rhythm.recurs()) {
                return Err(joint::call::Refusal::Recurs.into());
            }
            let mut typed = meeting.clone();
            fill(draft, invitation, &mut typed)?;
            remember(conn, here, invitation, &typed)?;
            match invitation.rhythm.scope() {
                Scope::One => {
                    meetings::actions::change(conn, here, id, &|meeting| {
                        meeting.agreed.clone_from(&agreed);
                        fill(draft, invitation, meeting)
                    })?;
                    if meeting.recurrence.is_none() && invitation.rhythm.recurs() {
                        series::actions::begin_with(conn, here, id, &|first| recurring(invitation, &first, here.now))?;
                    }
                }
                scope => change_series(conn, here, draft, invitation, &meeting, scope)?,
            }
            Ok(Said::Meeting(id))
        }
        (Typed::Minutes(notes), None) => {
            let mut minutes = new_minutes(here, draft, notes);
            notes.fill(&mut minutes)?;
            let published = minutes::actions::publish(conn, here, &minutes)?;
            Ok(Said::Minutes(published.id))
        }
        (Typed::Minutes(notes), Some(id)) => {
            minutes_of(conn, &draft.group, id)?;
            minutes::record::read_band(&notes.present)?;
            minutes::actions::edit(conn, here, id, &|minutes| {
                // its band was read before
                let _ = notes.fill(minutes);
                minutes.mentions.clone_from(&draft.mentions);
            })?;
            Ok(Said::Minutes(id))
        }
    }
}

/// The series that begins with this meeting.
fn recurring(invitation: &Invitation, first: &Meeting, now: Timestamp) -> Result<Series> {
    invitation.rhythm.series(first, now)?.ok_or_else(|| Refusal::Changed.into())
}

/// Changes the series of a meeting, and the meeting with it even where it was changed alone before; its time it has from the
/// series.
fn change_series(
    conn: &mut Conn,
    here: &Here,
    draft: &Draft,
    invitation: &Invitation,
    before: &Meeting,
    scope: Scope,
) -> Result<()> {
    let stands_alone = || Error::from(Refusal::Changed);
    let recurrence = before.recurrence.ok_or_else(stands_alone)?;
    before.can_change_at(here.now)?;
    let mut after = before.clone();
    fill(draft, invitation, &mut after)?;
    let from = (scope == Scope::Following).then_some(recurrence.starts);
    let recast = |series: &mut Series| invitation.rhythm.recast(series, before, &after, here.now);
    series::actions::change(conn, here, recurrence.series, from, &recast)?;
    if meetings::store::by_id(conn, before.id)?.is_some_and(|meeting| meeting.can_change_at(here.now).is_ok()) {
        meetings::actions::change(conn, here, before.id, &|meeting| {
            change_what_was_changed(meeting, before, &after);
            Ok(())
        })?;
    }
    Ok(())
}

fn fill(draft: &Draft, invitation: &Invitation, meeting: &mut Meeting) -> Result<()> {
    if let Some(wrong) = invitation.fill(meeting).into_iter().next() {
        return Err(wrong);
    }
    meeting.mentions.clone_from(&draft.mentions);
    meeting.pictures.clone_from(&draft.pictures);
    Ok(())
}

/// Keeps the place for the next time, where that was wanted.
fn remember(conn: &mut Conn, here: &Here, invitation: &Invitation, meeting: &Meeting) -> Result<()> {
    if invitation.remember && meeting.place.is_some() { meetings::places::remember(conn, here, meeting) } else { Ok(()) }
}

/// The last 62 bits of an id, and what kind of id it is.
const TAIL: u128 = u64::MAX as u128;

/// The id of what a draft becomes. Its end is the draft's, so that whoever confirms it once more is told what became of it.
fn becomes(here: &Here, draft: &Draft) -> Uuid {
    Uuid::from_u128((here.new_id().as_u128() & !TAIL) | (draft.id.as_u128() & TAIL))
}

/// The announcement that a draft would become.
pub fn new_announcement(here: &Here, draft: &Draft, news: &News) -> Announcement {
    let mut announcement = Announcement {
        id: becomes(here, draft),
        group: draft.group.clone(),
        meeting: None,
        answers: None,
        title: None,
        text: String::new(),
        language: String::new(),
        urgent: false,
        followers_only: news.followers,
        mentions: draft.mentions.clone(),
        pictures: draft.pictures.clone(),
        published: here.now,
        updated: None,
        deleted: None,
    };
    news.fill(&mut announcement);
    announcement
}

/// A meeting of which nothing is known yet.
pub fn new_meeting(here: &Here, draft: &Draft) -> Meeting {
    Meeting {
        mentions: draft.mentions.clone(),
        pictures: draft.pictures.clone(),
        ..Meeting::blank(becomes(here, draft), &draft.group, here.now)
    }
}

/// The notes that a draft would become, before what was typed is filled in.
pub fn new_minutes(here: &Here, draft: &Draft, notes: &Notes) -> Minutes {
    Minutes {
        id: becomes(here, draft),
        group: draft.group.clone(),
        meeting: notes.meeting,
        present: None,
        text: String::new(),
        language: String::new(),
        mentions: draft.mentions.clone(),
        decisions: vec![],
        numbered: 0,
        rolled: None,
        published: here.now,
        updated: None,
        deleted: None,
    }
}

/// Says what is due by now; so many were said.
pub async fn say_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(store::due(conn, now)?)).await?;
    let mut said = 0;
    for (group, id) in due {
        let whose = group.clone();
        match app.act(move |conn, here| say_in_time(conn, here, &whose, id)).await {
            Ok(was_said) => said += usize::from(was_said),
            Err(Error::Refused(why)) => {
                let reason = why.said.filter(|said| said.blanks.is_empty()).map_or(STOPPED, |said| said.message);
                app.act(move |conn, here| put_back(conn, here, &group, id, reason)).await?;
            }
            Err(Error::NotFound(_)) => app.act(move |conn, here| put_back(conn, here, &group, id, STOPPED)).await?,
            Err(other) => return Err(other),
        }
    }
    Ok(said)
}

/// Why something was not said in time, where nothing more is known.
const STOPPED: &str = "desk-stopped-otherwise";

/// `false` when another process did, or somebody stopped it.
fn say_in_time(conn: &mut Conn, here: &Here, group: &str, id: Uuid) -> Result<bool> {
    let Some(draft) = store::find(conn, group, id)?.filter(|draft| draft.due.is_some_and(|due| due <= here.now)) else {
        return Ok(false);
    };
    let author = draft.author.ok_or(member::Refusal::NotOrganizer)?;
    may_speak(conn, author, group).map_err(|error| match error {
        // told to whoever still does
        Error::Refused(why) => Error::refused_in_words(why, error::Said::new("desk-stopped-author")),
        other => other,
    })?;
    say(conn, here, &draft, author)?;
    Ok(true)
}

/// Not said: the group sees it, and why.
fn put_back(conn: &mut Conn, here: &Here, group: &str, id: Uuid, reason: &str) -> Result<()> {
    if let Some(draft) = store::find(conn, group, id)?.filter(|draft| draft.due.is_some_and(|due| due <= here.now)) {
        // it is kept as long as any other draft from today on, however long ago it was put off
        let (due, author, revision, touched) = (None, None, draft.revision + 1, here.now.day());
        store::save(conn, &Draft { due, author, stopped: Some(reason.to_owned()), revision, touched, ..draft })?;
    }
    Ok(())
}
