//! What a group has said: found, changed at its dates, taken back, called off; and what is done with what others said to it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::store;
use crate::{
    announcements::{self, announcement::Announcement},
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups, joint, living,
    meetings::{self, meeting::Meeting},
    members::{self, actions::Speaker},
    minutes::{self, record::Minutes},
    people::proposal::is_new,
    replies::{self, reply::Reply},
    series::{self, series::Series},
};

/// Notes of that group that still stand.
pub fn minutes_of(conn: &mut Conn, group: &str, id: Uuid) -> Result<Minutes> {
    let found = minutes::store::by_id(conn, id)?;
    let theirs = found.filter(|minutes| minutes.group == group && minutes.deleted.is_none());
    theirs.ok_or_else(|| Error::not_found("there are no such notes of this group"))
}

/// Takes notes of that group back.
pub fn delete_minutes(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    speaker.speaks_for(conn, here, group)?;
    minutes_of(conn, group, id)?;
    minutes::actions::delete(conn, here, id)?;
    if let Some(draft) = store::about(conn, group, id)? {
        store::delete(conn, draft.id)?;
    }
    Ok(())
}

/// An announcement of that group that still stands; notes beside meetings follow their meeting and are not among them.
pub fn announcement_of(conn: &mut Conn, group: &str, id: Uuid) -> Result<Announcement> {
    let found = announcements::store::by_id(conn, id)?;
    let theirs = found.filter(|note| note.group == group && note.meeting.is_none() && note.deleted.is_none());
    theirs.ok_or_else(|| Error::not_found("there is no such announcement of this group"))
}

/// A meeting of that group.
pub fn meeting_of(conn: &mut Conn, group: &str, id: Uuid) -> Result<Meeting> {
    let found = meetings::store::by_id(conn, id)?.filter(|meeting| meeting.group == group);
    found.ok_or_else(|| Error::not_found("there is no such meeting of this group"))
}

/// A meeting of that group, or one that it calls together with the group of this city that holds it: either may change it.
pub fn called_by(conn: &mut Conn, group: &str, id: Uuid) -> Result<Meeting> {
    match joint::store::calls(conn, group, id)? {
        true => meetings::actions::find(conn, id),
        false => meeting_of(conn, group, id),
    }
}

/// The same as those who call it know it, also under a veil.
pub fn whole_meeting_of(conn: &mut Conn, group: &str, id: Uuid) -> Result<Meeting> {
    let meeting = called_by(conn, group, id)?;
    Ok(meetings::veil::whole(conn, &meeting)?)
}

/// The series to which a meeting belongs, if it is that group's.
pub fn series_of(conn: &mut Conn, group: &str, meeting: &Meeting) -> Result<Option<Series>> {
    let recurrence = meeting.recurrence.filter(|_| meeting.group == group);
    recurrence.map(|recurrence| series::actions::find(conn, recurrence.series)).transpose()
}

/// A series of that group.
pub fn their_series(conn: &mut Conn, group: &str, id: Uuid) -> Result<Series> {
    let found = series::store::by_id(conn, id)?.filter(|series| series.pattern.group == group);
    found.ok_or_else(|| Error::not_found("there is no such series of this group"))
}

/// Ends a series of that group before the meeting that was to begin at `from`, or before the next one.
pub fn end_series(
    conn: &mut Conn,
    here: &Here,
    speaker: &Speaker,
    group: &str,
    id: Uuid,
    from: Option<Timestamp>,
) -> Result<Series> {
    speaker.speaks_for(conn, here, group)?;
    their_series(conn, group, id)?;
    series::actions::end(conn, here, id, from)
}

/// Of the days that were looked at, the group does not meet on those that are chosen, and on all others it does.
pub fn leave_out(
    conn: &mut Conn,
    here: &Here,
    speaker: &Speaker,
    group: &str,
    id: Uuid,
    seen: &BTreeSet<NaiveDate>,
    chosen: &BTreeSet<NaiveDate>,
) -> Result<Series> {
    speaker.speaks_for(conn, here, group)?;
    their_series(conn, group, id)?;
    series::actions::change(conn, here, id, None, &|series| {
        series.except.retain(|day| !seen.contains(day));
        series.except.extend(chosen.intersection(seen));
        Ok(())
    })
}

/// Takes an announcement of that group back.
pub fn delete_news(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<Announcement> {
    speaker.speaks_for(conn, here, group)?;
    let before = announcement_of(conn, group, id)?;
    announcements::actions::delete(conn, here, id)?;
    if let Some(draft) = store::about(conn, group, id)? {
        store::delete(conn, draft.id)?;
    }
    Ok(before)
}

/// Urgent news of that group that this member may confirm: nothing while they are new to it.
pub fn alarms_to_confirm(conn: &mut Conn, group: &str, member: Uuid, now: Timestamp) -> Result<Vec<Announcement>> {
    let (organizer, of) = (members::store::organizer(conn, group, member)?, groups::store::even_waiting(conn, group)?);
    match (organizer, of) {
        (Some(organizer), Some(of)) if !is_new(&organizer, &of, now) => announcements::alarms::open(conn, group, member, now),
        _ => Ok(vec![]),
    }
}

/// A second one stands behind an alarm of that group, who has spoken for it for a while: or anybody brings their own.
pub fn confirm_alarm(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<()> {
    let organizer = speaker.speaks_for(conn, here, group)?;
    if is_new(&organizer, &groups::actions::speaking(conn, group)?, here.now) {
        return Err(announcements::alarms::Refusal::New.into());
    }
    let note = announcement_of(conn, group, id)?;
    announcements::alarms::confirm(conn, here, &note, organizer.member)
}

/// Calls a meeting off that the group calls.
pub fn cancel_meeting(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, id: Uuid) -> Result<Meeting> {
    speaker.speaks_for(conn, here, group)?;
    called_by(conn, group, id)?;
    meetings::actions::cancel(conn, here, id)
}

/// Says that a meeting of that group took place, or that it did not.
pub fn say_whether_met(
    conn: &mut Conn,
    here: &Here,
    speaker: &Speaker,
    group: &str,
    id: Uuid,
    took_place: Option<bool>,
) -> Result<Meeting> {
    speaker.speaks_for(conn, here, group)?;
    meeting_of(conn, group, id)?;
    let took_place = took_place.ok_or_else(|| Error::invalid("say whether it took place: yes or no"))?;
    living::actions::met(conn, here, id, took_place)
}

/// What is done with a reply that waits for a group, or was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    LetThrough,
    Hide,
}

/// Decides about some replies to a group.
pub fn judge(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str, ids: &[Uuid], verdict: Verdict) -> Result<()> {
    speaker.speaks_for(conn, here, group)?;
    for id in ids {
        reply_to(conn, group, *id)?;
        match verdict {
            Verdict::LetThrough => replies::actions::let_through(conn, here, *id)?,
            Verdict::Hide => replies::actions::hide(conn, *id)?,
        };
    }
    Ok(())
}

/// A reply to that group.
pub fn reply_to(conn: &mut Conn, group: &str, id: Uuid) -> Result<Reply> {
    let found = replies::store::by_id(conn, id)?.filter(|reply| reply.group == group);
    found.ok_or_else(|| Error::not_found("there is no such reply to this group"))
}
