//! What is done with a calendar that was read: foreseen, taken in thing by thing, and what is gone there called off.

use std::{collections::BTreeSet, time::Duration};

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{
    found::{Found, Reading, Remark},
    gone::{call_off, goes_on, miss, moved_far},
    known::{Known, Report, Thing},
    merge, occurrences,
    reading::AHEAD,
    store,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    groups::{
        self,
        group::{self, Group, WAITING_MEETINGS},
    },
    meetings,
    members::actions::Speaker,
    series::{self, rule::moment},
};

/// Meetings and series that one calendar may begin at a time, and meetings that they may be in all.
const MOST_NEW: usize = 500;
const MOST_MEETINGS: usize = 3_000;

/// What happens to one thing in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A meeting is new.
    Meeting,
    /// A series is new.
    Series,
    Changed,
    Cancelled,
    /// It is here already, as it is there.
    Same,
    /// It is one of our own that went out and came back.
    Own,
    /// It is over.
    Past,
}

/// What is to be done, and with what that is here.
enum Decision {
    Nothing(Step),
    Begin,
    Change(Known),
    Cancel(Known),
    /// It was called off because it was there, and is no longer.
    Restore(Known),
    /// What was here was called off or is of another kind: it begins once more.
    Anew(Known),
}

/// What would happen to it, as things are; a refusal says why nothing would.
pub fn foresee(conn: &mut Conn, here: &Here, group: &Group, found: &Found) -> Result<Step> {
    let begun = if found.rhythm.is_some() { Step::Series } else { Step::Meeting };
    Ok(match decide(conn, here, group, found)? {
        Decision::Nothing(step) => step,
        Decision::Begin | Decision::Anew(_) => begun,
        Decision::Change(_) | Decision::Restore(_) => Step::Changed,
        Decision::Cancel(_) => Step::Cancelled,
    })
}

fn decide(conn: &mut Conn, here: &Here, group: &Group, found: &Found) -> Result<Decision> {
    let Some(known) = store::find(conn, &group.handle, &found.uid, found.part)? else {
        if is_our_own(conn, &found.uid)? {
            return Ok(Decision::Nothing(Step::Own));
        }
        return begin_at_all(conn, here, group, found);
    };
    let was_cancelled = known.said.once.cancelled;
    if merge::says_the_same(&known.said, found) {
        return Ok(Decision::Nothing(Step::Same));
    }
    if found.sequence < known.said.sequence {
        return Err(Error::refused_in_words("it is older than what is here", Said::new("import-older")));
    }
    if found.once.cancelled {
        return Ok(if goes_on(conn, here, known.thing)? { Decision::Cancel(known) } else { Decision::Nothing(Step::Same) });
    }
    let is_alike = matches!(known.thing, Thing::Series(_)) == found.rhythm.is_some();
    if goes_on(conn, here, known.thing)? {
        return Ok(if is_alike { Decision::Change(known) } else { Decision::Anew(known) });
    }
    if was_cancelled && !known.called_off.is_empty() {
        if is_alike && can_come_back(conn, here, known.thing)? {
            return Ok(Decision::Restore(known));
        }
        return match begin_at_all(conn, here, group, found)? {
            Decision::Begin => Ok(Decision::Anew(known)),
            other => Ok(other),
        };
    }
    // whoever called it off here knew why
    Ok(Decision::Nothing(Step::Same))
}

/// Whether something new is taken in; what is wrong with it is refused.
fn begin_at_all(conn: &mut Conn, here: &Here, group: &Group, found: &Found) -> Result<Decision> {
    if found.once.cancelled {
        return Err(Error::refused_in_words("it is cancelled there", Said::new("import-cancelled")));
    }
    let new = merge::meeting(here, Uuid::nil(), group, &found.once, found.zone);
    if found.rhythm.is_none() && new.ends <= here.now {
        return Ok(Decision::Nothing(Step::Past));
    }
    new.check()?;
    meetings::actions::stays_here(group, &new)?;
    if let Some(rhythm) = &found.rhythm {
        let series = merge::series(here, Uuid::nil(), group, found, rhythm)?;
        series.check()?;
        if series.next_from(here.now - series.length()).is_none() {
            return Ok(Decision::Nothing(Step::Past));
        }
    }
    if group.welcomed.is_none() && meetings::store::count_of(conn, &group.handle)? >= WAITING_MEETINGS {
        return Err(group::Refusal::TooManyMeetings.into());
    }
    Ok(Decision::Begin)
}

/// Calendars that Plaza writes have the ids of its meetings and series for UIDs.
fn is_our_own(conn: &mut Conn, uid: &str) -> Result<bool> {
    let Ok(id) = Uuid::parse_str(uid) else { return Ok(false) };
    Ok(meetings::store::by_id(conn, id)?.is_some() || series::store::by_id(conn, id)?.is_some())
}

/// Is it called off, and still to come?
fn can_come_back(conn: &mut Conn, here: &Here, thing: Thing) -> Result<bool> {
    let Thing::Meeting(id) = thing else { return Ok(false) };
    Ok(meetings::store::by_id(conn, id)?.is_some_and(|meeting| meeting.cancelled.is_some() && meeting.ends > here.now))
}

/// Takes one thing in.
pub fn take(conn: &mut Conn, here: &Here, handle: &str, source: Option<Uuid>, found: &Found) -> Result<Step> {
    let group = groups::actions::speaking(conn, handle)?;
    let (thing, step, called_off) = match decide(conn, here, &group, found)? {
        Decision::Nothing(step) => {
            seen(conn, handle, source, found)?;
            return Ok(step);
        }
        Decision::Begin => begin(conn, here, &group, found)?,
        Decision::Anew(known) => {
            call_off(conn, here, known.thing)?;
            begin(conn, here, &group, found)?
        }
        Decision::Cancel(known) => {
            call_off(conn, here, known.thing)?;
            (known.thing, Step::Cancelled, BTreeSet::from([found.once.start]))
        }
        Decision::Restore(known) => {
            if let Thing::Meeting(id) = known.thing {
                occurrences::restore(conn, here, &group, id, &|meeting| merge::fill(meeting, &found.once, found.zone, None))?;
            }
            (known.thing, Step::Changed, BTreeSet::new())
        }
        Decision::Change(known) => {
            let called_off = change(conn, here, &group, &known, found)?;
            (known.thing, Step::Changed, called_off)
        }
    };
    let source = source.or(store::find(conn, handle, &found.uid, found.part)?.and_then(|known| known.source));
    store::save(conn, &Known { group: handle.to_owned(), thing, said: found.clone(), called_off, source, missed: None })?;
    Ok(step)
}

/// Notes that it is still there.
fn seen(conn: &mut Conn, handle: &str, source: Option<Uuid>, found: &Found) -> Result<()> {
    let Some(known) = store::find(conn, handle, &found.uid, found.part)? else { return Ok(()) };
    let now = Known { missed: None, source: source.or(known.source), said: found.clone(), ..known.clone() };
    let is_another = (now.missed, now.source) != (known.missed, known.source) || !merge::says_the_same(&now.said, &known.said);
    if is_another {
        store::save(conn, &now)?;
    }
    Ok(())
}

type Begun = (Thing, Step, BTreeSet<NaiveDateTime>);

fn begin(conn: &mut Conn, here: &Here, group: &Group, found: &Found) -> Result<Begun> {
    let Some(rhythm) = &found.rhythm else {
        let mut meeting = merge::meeting(here, here.new_id(), group, &found.once, found.zone);
        meeting.opens = series::actions::opens(group, meeting.starts, here.now);
        meetings::actions::schedule(conn, here, &meeting)?;
        if !meeting.is_said() {
            groups::actions::stir(conn, here, &group.handle)?;
        }
        return Ok((Thing::Meeting(meeting.id), Step::Meeting, BTreeSet::new()));
    };
    let cancelled = rhythm.differing.iter().filter(|differing| differing.once.cancelled).map(|differing| differing.at);
    let (id, called_off) = match split_off(conn, here, group, found)? {
        Some(id) => (id, occurrences::differ(conn, here, group, id, found, None, &BTreeSet::new())?),
        None => {
            let series = merge::series(here, here.new_id(), group, found, rhythm)?;
            (occurrences::begin(conn, here, group, series, found, rhythm)?, cancelled.collect())
        }
    };
    Ok((Thing::Series(id), Step::Series, called_off))
}

/// Where the series that it goes on from is here, that one is split: its meetings from there on stay the meetings they are.
fn split_off(conn: &mut Conn, here: &Here, group: &Group, found: &Found) -> Result<Option<Uuid>> {
    let Some(at) = found.part else { return Ok(None) };
    let Some(whole) = store::find(conn, &group.handle, &found.uid, None)? else { return Ok(None) };
    let Thing::Series(id) = whole.thing else { return Ok(None) };
    let from = moment(at, whole.said.zone);
    let goes_there = series::store::by_id(conn, id)?
        .is_some_and(|series| from > here.now && series.starts(from, from + Duration::from_secs(1)) == [from]);
    if !goes_there {
        return Ok(None);
    }
    let later = series::actions::change(conn, here, id, Some(from), &|series| Ok(merge::change(series, found, None)?))?;
    Ok(Some(later.id).filter(|later| *later != id))
}

/// What of it is called off then because it says so.
fn change(conn: &mut Conn, here: &Here, group: &Group, known: &Known, found: &Found) -> Result<BTreeSet<NaiveDateTime>> {
    let (old, new) = (&known.said, found);
    match known.thing {
        Thing::Meeting(id) => {
            meetings::actions::change(conn, here, id, &|meeting| {
                merge::fill(meeting, &new.once, new.zone, Some((&old.once, old.zone)));
                if meeting.opens.is_some() {
                    meeting.opens = Some(series::actions::opens(group, meeting.starts, here.now).unwrap_or(here.now));
                }
                Ok(())
            })?;
            Ok(BTreeSet::new())
        }
        Thing::Series(id) => {
            series::actions::change(conn, here, id, None, &|series| Ok(merge::change(series, new, Some(old))?))?;
            occurrences::differ(conn, here, group, id, new, Some(old), &known.called_off)
        }
    }
}

/// Who takes a calendar in, and from where.
#[derive(Clone)]
pub struct Taking {
    pub group: String,
    /// Checked again with each thing; on the command line it is whoever owns the machine.
    pub speaker: Option<Speaker>,
    /// The address that is looked at.
    pub source: Option<Uuid>,
}

/// What would come of it.
pub async fn look_ahead(app: &App, handle: &str, reading: &Reading) -> Result<(Report, Vec<(Found, Step)>)> {
    let (here, handle, reading) = (app.here(), handle.to_owned(), reading.clone());
    app.db
        .read(move |conn| {
            let group = groups::actions::speaking(conn, &handle)?;
            let (mut report, mut steps, mut room) = (Report::of(&reading), vec![], Room::default());
            let moved = moved_far(conn, &handle, &reading)?;
            report.far -= moved.len();
            for found in in_order(&reading).chain(&moved) {
                let outcome = room.enter(here.now, found).and_then(|()| foresee(conn, &here, &group, found));
                if let Some(step) = counted(&mut report, found, outcome)? {
                    steps.push((found.clone(), step));
                }
            }
            sort(&mut report);
            Ok((report, steps))
        })
        .await
}

/// Takes a calendar in, one deed for each thing: what is wrong with one keeps no other away, and whoever comes after a crash goes on.
pub async fn take_in(app: &App, taking: &Taking, reading: &Reading) -> Result<Report> {
    let handle = taking.group.clone();
    let far = reading.clone();
    let moved = app.db.read(move |conn| {
        groups::actions::speaking(conn, &handle)?;
        moved_far(conn, &handle, &far)
    });
    let moved = moved.await?;
    let (mut report, mut room) = (Report::of(reading), Room::default());
    report.far -= moved.len();
    for found in in_order(reading).chain(&moved) {
        let outcome = match room.enter(app.clock.now(), found) {
            Ok(()) => {
                let (thing, taking) = (found.clone(), taking.clone());
                let deed = app.act(move |conn, here| {
                    if let Some(speaker) = &taking.speaker {
                        speaker.speaks_for(conn, here, &taking.group)?;
                    }
                    take(conn, here, &taking.group, taking.source, &thing)
                });
                deed.await
            }
            Err(full) => Err(full),
        };
        counted(&mut report, found, outcome)?;
    }
    if let Some(source) = taking.source {
        let reading = reading.clone();
        report.cancelled += app.act(move |conn, here| miss(conn, here, source, &reading)).await?;
    }
    sort(&mut report);
    Ok(report)
}

/// What goes on from a series comes before the series, which would end without it.
fn in_order(reading: &Reading) -> impl Iterator<Item = &Found> {
    let goes_on = |found: &&Found| found.part.is_some() && found.rhythm.is_some();
    reading.found.iter().filter(goes_on).chain(reading.found.iter().filter(move |found| !goes_on(found)))
}

/// Nobody makes more of one calendar than this at a time.
#[derive(Default)]
struct Room {
    things: usize,
    meetings: usize,
}

impl Room {
    fn enter(&mut self, now: Timestamp, found: &Found) -> Result<()> {
        let count = found.rhythm.as_ref().map_or(1, |rhythm| occurrences::count(found, rhythm, now, now + AHEAD));
        if self.things >= MOST_NEW || self.meetings + count > MOST_MEETINGS {
            return Err(Error::refused_in_words("this is more than is taken in at a time", Said::new("import-too-many")));
        }
        (self.things, self.meetings) = (self.things + 1, self.meetings + count);
        Ok(())
    }
}

/// Counts what happened; what was refused becomes a remark, what broke goes on.
fn counted(report: &mut Report, found: &Found, outcome: Result<Step>) -> Result<Option<Step>> {
    let step = match outcome {
        Ok(step) => step,
        Err(Error::Refused(why)) => {
            let said = why.said.unwrap_or_else(|| Said::new("import-refused").with("why", why.text));
            report.remarks.push(Remark::left_out(found.line, Some(&found.once.title), said));
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let count = match step {
        Step::Meeting => &mut report.meetings,
        Step::Series => &mut report.series,
        Step::Changed => &mut report.changed,
        Step::Cancelled => &mut report.cancelled,
        Step::Same => &mut report.same,
        Step::Own => &mut report.own,
        Step::Past => &mut report.past,
    };
    *count += 1;
    Ok(Some(step))
}

fn sort(report: &mut Report) {
    report.remarks.sort_by_key(|remark| remark.line);
}
