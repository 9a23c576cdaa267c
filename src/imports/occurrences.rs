//! Meetings of a series that are not as the others: put up, changed, called off, and made like the others again.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use uuid::Uuid;

use super::{
    found::{Found, Once, Rhythm},
    merge,
};
use crate::{
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    groups::group::Group,
    meetings::{
        self,
        meeting::{MAX_LENGTH, Meeting},
    },
    series::{
        self,
        rule::{Rule, moment},
        series::{AHEAD, Series},
    },
};

/// How many meetings of a series are put up until then, about.
pub fn count(found: &Found, rhythm: &Rhythm, from: Timestamp, until: Timestamp) -> usize {
    let on_the_wall = |time: Timestamp| time.utc().with_timezone(&found.zone).naive_local();
    let rule = Rule::parse(&rhythm.rule, found.once.start, found.zone);
    rule.map_or(0, |rule| rule.starts(found.once.start, on_the_wall(from), on_the_wall(until)).len())
}

/// Begins a series with what differs from it already in place, so that nobody hears of a meeting that is another one.
pub fn begin(conn: &mut Conn, here: &Here, group: &Group, series: Series, found: &Found, rhythm: &Rhythm) -> Result<Uuid> {
    let except = series.except.clone();
    let mut without = series;
    let is_to_come = |at: NaiveDateTime| moment(at, without.zone()) + MAX_LENGTH > here.now;
    let to_come = rhythm.differing.iter().map(|differing| differing.at).filter(|at| is_to_come(*at));
    let days: Vec<NaiveDate> = to_come.map(|at| at.date()).collect();
    without.except.extend(days);
    if without.next_from(here.now - without.length()).is_none() {
        // all that is left of it differs
        without.except.clone_from(&except);
        series::actions::begin(conn, here, &without)?;
        differ(conn, here, group, without.id, found, None, &BTreeSet::new())?;
        return Ok(without.id);
    }
    series::actions::begin(conn, here, &without)?;
    let mut series = series::actions::find(conn, without.id)?;
    series.except = except;
    for differing in &rhythm.differing {
        put_up(conn, here, group, &series, differing.at, &differing.once)?;
    }
    series::store::save(conn, &series)?;
    Ok(series.id)
}

/// Puts up a meeting that has no row yet, unless it is over or lies beyond what is laid out.
fn put_up(conn: &mut Conn, here: &Here, group: &Group, series: &Series, at: NaiveDateTime, once: &Once) -> Result<()> {
    let starts = moment(at, series.zone());
    if starts >= here.now.day() + AHEAD || series.starts(starts, starts + std::time::Duration::from_secs(1)) != [starts] {
        return Ok(());
    }
    let mut meeting = Meeting { id: here.new_id(), published: here.now, ..series.meeting_at(starts) };
    // of what is called off, programs say little more than that
    if !once.cancelled {
        merge::fill(&mut meeting, once, series.zone(), None);
    }
    meeting.cancelled = once.cancelled.then_some(here.now);
    meeting.opens = series::actions::opens(group, meeting.starts, here.now);
    if meeting.ends <= here.now {
        return Ok(());
    }
    meeting.check()?;
    meetings::actions::stays_here(group, &meeting)?;
    meetings::actions::add(conn, here, &meeting)?;
    Ok(())
}

/// What differs now, and what did when it was said `before`: each meeting of the series becomes what is said of it. Of those that
/// are called off, the ones that were because it said so come back with it; which those are now.
pub fn differ(
    conn: &mut Conn,
    here: &Here,
    group: &Group,
    id: Uuid,
    found: &Found,
    before: Option<&Found>,
    called_off: &BTreeSet<NaiveDateTime>,
) -> Result<BTreeSet<NaiveDateTime>> {
    let mut off = called_off.clone();
    let rhythm = |found: &Found| found.rhythm.as_ref().map(|rhythm| rhythm.differing.clone()).unwrap_or_default();
    let (now, then) = (rhythm(found), before.map(rhythm).unwrap_or_default());
    let series = series::actions::whole(conn, id)?;
    let rows = meetings::store::ahead_of_series(conn, id, here.now)?;
    let row = |at: NaiveDateTime| {
        let starts = moment(at, series.zone());
        rows.iter().find(|row| row.recurrence.is_some_and(|recurrence| recurrence.starts == starts))
    };
    for differing in &now {
        let earlier = then.iter().find(|other| other.at == differing.at).map(|other| &other.once);
        if earlier == Some(&differing.once) {
            continue;
        }
        let (at, zone) = (differing.at, series.zone());
        match row(at) {
            None => {
                put_up(conn, here, group, &series, at, &differing.once)?;
                if differing.once.cancelled {
                    off.insert(at);
                }
            }
            Some(row) if row.cancelled.is_some() => {
                if !differing.once.cancelled && off.remove(&at) {
                    let like_others = series.meeting_at(moment(at, zone));
                    restore(conn, here, group, row.id, &|meeting| {
                        like(meeting, &like_others);
                        merge::fill(meeting, &differing.once, zone, None);
                    })?;
                }
            }
            Some(row) if differing.once.cancelled => {
                meetings::actions::cancel(conn, here, row.id)?;
                off.insert(at);
            }
            Some(row) => {
                alter(conn, here, group, row.id, &|meeting| {
                    merge::fill(meeting, &differing.once, zone, earlier.map(|once| (once, zone)));
                })?;
            }
        }
    }
    for over in then.iter().filter(|one| !now.iter().any(|other| other.at == one.at)) {
        let Some(row) = row(over.at) else { continue };
        let like_others = series.meeting_at(moment(over.at, series.zone()));
        let change = |meeting: &mut Meeting| like(meeting, &like_others);
        if row.cancelled.is_none() {
            alter(conn, here, group, row.id, &change)?;
        } else if off.remove(&over.at) {
            restore(conn, here, group, row.id, &change)?;
        }
    }
    Ok(off)
}

/// What was called off because the calendar said so is there again.
pub fn restore(conn: &mut Conn, here: &Here, group: &Group, id: Uuid, change: &dyn Fn(&mut Meeting)) -> Result<()> {
    meetings::actions::restore(conn, here, id, &|meeting| {
        change(meeting);
        opens_in_time(meeting, group, here);
        Ok(())
    })?;
    Ok(())
}

/// What nobody elsewhere heard of yet is said when its time comes, whenever that is now.
fn opens_in_time(meeting: &mut Meeting, group: &Group, here: &Here) {
    if meeting.opens.is_some() {
        meeting.opens = Some(series::actions::opens(group, meeting.starts, here.now).unwrap_or(here.now));
    }
}

fn alter(conn: &mut Conn, here: &Here, group: &Group, id: Uuid, change: &dyn Fn(&mut Meeting)) -> Result<()> {
    meetings::actions::change(conn, here, id, &|meeting| {
        change(meeting);
        opens_in_time(meeting, group, here);
        Ok(())
    })?;
    Ok(())
}

/// Says the same as its series does.
fn like(meeting: &mut Meeting, other: &Meeting) {
    let Meeting { title, kind, starts, ends, zone, place, address, position, online, agenda, mentions, .. } = other.clone();
    *meeting = Meeting { title, kind, starts, ends, zone, place, address, position, online, agenda, mentions, ..meeting.clone() };
}
