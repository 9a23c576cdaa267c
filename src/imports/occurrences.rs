//! Meetings of a series that are not as the others: put up, changed, called off, and made like the others again.

use chrono::NaiveDateTime;
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
    meetings::{self, meeting::Meeting},
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
    without.except.extend(rhythm.differing.iter().map(|differing| differing.at.date()));
    if without.next_from(here.now - without.length()).is_none() {
        // all that is left of it differs
        without.except.clone_from(&except);
        series::actions::begin(conn, here, &without)?;
        differ(conn, here, group, without.id, found, None)?;
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
    merge::fill(&mut meeting, once, series.zone(), None);
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

/// What differs now, and what did when it was said `before`: each meeting of the series becomes what is said of it.
pub fn differ(conn: &mut Conn, here: &Here, group: &Group, id: Uuid, found: &Found, before: Option<&Found>) -> Result<()> {
    let rhythm = |found: &Found| found.rhythm.as_ref().map(|rhythm| rhythm.differing.clone()).unwrap_or_default();
    let (now, then) = (rhythm(found), before.map(rhythm).unwrap_or_default());
    let series = series::actions::find(conn, id)?;
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
        match row(differing.at) {
            None => put_up(conn, here, group, &series, differing.at, &differing.once)?,
            Some(row) if row.cancelled.is_some() => {}
            Some(row) if differing.once.cancelled => drop(meetings::actions::cancel(conn, here, row.id)?),
            Some(row) => {
                let zone = series.zone();
                alter(conn, here, group, row.id, &|meeting| {
                    merge::fill(meeting, &differing.once, zone, earlier.map(|once| (once, zone)));
                })?;
            }
        }
    }
    for over in then.iter().filter(|one| !now.iter().any(|other| other.at == one.at)) {
        if let Some(row) = row(over.at).filter(|row| row.cancelled.is_none()) {
            let like_others = series.meeting_at(moment(over.at, series.zone()));
            alter(conn, here, group, row.id, &|meeting| like(meeting, &like_others))?;
        }
    }
    Ok(())
}

fn alter(conn: &mut Conn, here: &Here, group: &Group, id: Uuid, change: &dyn Fn(&mut Meeting)) -> Result<()> {
    meetings::actions::change(conn, here, id, &|meeting| {
        change(meeting);
        if meeting.opens.is_some() {
            meeting.opens = Some(series::actions::opens(group, meeting.starts, here.now).unwrap_or(here.now));
        }
        Ok(())
    })?;
    Ok(())
}

/// Says the same as its series does.
fn like(meeting: &mut Meeting, other: &Meeting) {
    let Meeting { title, kind, starts, ends, zone, place, address, position, online, agenda, mentions, .. } = other.clone();
    *meeting = Meeting { title, kind, starts, ends, zone, place, address, position, online, agenda, mentions, ..meeting.clone() };
}
