//! What is done with series: begun, changed, split, ended; their meetings laid out ahead.

use std::time::Duration;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    series::{AHEAD, Refusal, Series},
    store,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    meetings::{
        self,
        meeting::{Meeting, Recurrence},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Series whose meetings are laid out further in one go.
const AT_ONCE: i64 = 50;
/// Another rhythm moves a meeting to a day that is no farther away; beyond, it is another one.
const NEAR: Duration = Duration::from_secs(6 * 24 * 3_600);

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

impl From<super::rule::Refusal> for Error {
    fn from(refusal: super::rule::Refusal) -> Self {
        Refusal::from(refusal).into()
    }
}

/// The series of that id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Series> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there is no series {id}")))
}

/// Begins a series: its meetings stand on the agenda, and followers hear of those that are near.
pub fn begin(conn: &mut Conn, here: &Here, new: &Series) -> Result<()> {
    let group = groups::actions::speaking(conn, &new.pattern.group)?;
    new.check()?;
    meetings::actions::may_hold(conn, &group, &new.pattern)?;
    if new.next_from(here.now - new.length()).is_none() {
        return Err(Refusal::NothingAhead.into());
    }
    let mut new = new.clone();
    meetings::places::settle(conn, &group, &mut new.pattern, None)?;
    store::add(conn, &new)?;
    keep_veiled(conn, &new)?;
    lay_out(conn, here, &group, new, None)?;
    groups::actions::stir(conn, here, &group.handle)
}

/// Makes a meeting that stands the first one of a series: it stays what it is, with its id and whatever belongs to it, and calendars
/// know the series by it. `recurring` is given the meeting as its group knows it.
pub fn begin_with(conn: &mut Conn, here: &Here, id: Uuid, recurring: &dyn Fn(Meeting) -> Result<Series>) -> Result<Series> {
    let meeting = meetings::actions::find(conn, id)?;
    let group = groups::actions::speaking(conn, &meeting.group)?;
    meeting.can_change_at(here.now)?;
    if meeting.recurrence.is_some() {
        return Err(Refusal::RecursAlready.into());
    }
    let known = meetings::veil::whole(conn, &meeting)?;
    let (published, sequence) = (here.now, known.sequence + 1);
    let pattern = Meeting { id: here.new_id(), published, sequence, opens: None, updated: None, ..known.clone() };
    let pattern = Meeting { previous_start: None, met: None, missed: None, agreed: None, ..pattern };
    let new = Series { begun_as: Some(id), ..recurring(pattern)? };
    new.check()?;
    if new.pattern.starts != known.starts || new.except.contains(&new.first.date()) {
        return Err(Refusal::NotThen(new.first.date()).into());
    }
    if new.next_from(known.starts + Duration::from_secs(1)).is_none() {
        return Err(Refusal::NothingAhead.into());
    }
    store::add(conn, &new)?;
    keep_veiled(conn, &new)?;
    let recurrence = Some(Recurrence { series: new.id, starts: known.starts });
    meetings::actions::put(conn, here, &meeting, Meeting { recurrence, ..known.clone() })?;
    let id = new.id;
    lay_out(conn, here, &group, new, Some(known.starts))?;
    groups::actions::stir(conn, here, &group.handle)?;
    find(conn, id)
}

/// The series as its group knows it, also under a veil.
pub fn whole(conn: &mut Conn, id: Uuid) -> Result<Series> {
    let series = find(conn, id)?;
    let pattern = meetings::veil::whole(conn, &series.pattern)?;
    Ok(Series { pattern, ..series })
}

/// Keeps what lies under the veil of a whole series.
fn keep_veiled(conn: &mut Conn, whole: &Series) -> Result<()> {
    let (_, veiled) = whole.pattern.drawn();
    Ok(meetings::veil::keep_of_series(conn, whole.id, veiled)?)
}

/// Writes down the meetings of a whole series that come within reach by now, unless somebody else just did; the one that begins at
/// `there` is there already.
fn lay_out(conn: &mut Conn, here: &Here, group: &Group, series: Series, there: Option<Timestamp>) -> Result<()> {
    let until = here.now.day() + AHEAD;
    let reached = if series.next_from(until).is_some() { until } else { Timestamp::NEVER };
    // before any of them: where two do so at once, one of them comes too late here and not at a meeting that is there already
    if !store::reach(conn, series.id, series.laid_out, reached)? {
        return Ok(());
    }
    for starts in series.starts(series.laid_out, until) {
        let meeting = series.meeting_at(starts);
        if meeting.ends > here.now && Some(starts) != there {
            add(conn, here, group, meeting)?;
        }
    }
    Ok(())
}

/// Puts one meeting of a series up; others hear of it when it comes within what the group looks ahead.
fn add(conn: &mut Conn, here: &Here, group: &Group, meeting: Meeting) -> Result<()> {
    let opens = opens(group, meeting.starts, here.now);
    meetings::actions::add(conn, here, &Meeting { id: here.new_id(), published: here.now, opens, ..meeting })?;
    Ok(())
}

/// When others hear of a meeting that begins then; nothing where that is now.
pub fn opens(group: &Group, starts: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let opens = starts - ahead(group.horizon);
    (opens > now).then_some(opens)
}

fn ahead(days: i64) -> Duration {
    DAY.saturating_mul(u32::try_from(days).unwrap_or_default())
}

/// Lays out what came within reach since; says of how many series. One deed each: several processes may do so at once.
pub async fn lay_out_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(store::to_lay_out(conn, now.day() + AHEAD, AT_ONCE)?)).await?;
    for id in &due {
        let id = *id;
        app.act(move |conn, here| {
            let series = whole(conn, id)?;
            match groups::store::even_waiting(conn, &series.pattern.group)? {
                Some(group) if series.laid_out < here.now.day() + AHEAD => lay_out(conn, here, &group, series, None),
                _ => Ok(()),
            }
        })
        .await?;
    }
    Ok(due.len())
}

/// Followers of a group hear of its meetings that recur so many days ahead.
pub fn look_ahead(conn: &mut Conn, handle: &str, days: i64) -> Result<Group> {
    let group = Group { horizon: days, ..groups::actions::speaking(conn, handle)? };
    group.check()?;
    groups::store::save(conn, &group)?;
    meetings::store::open_ahead(conn, handle, i64::try_from(ahead(days).as_micros()).unwrap_or(i64::MAX))?;
    Ok(group)
}

/// Changes a series: the meeting that was to begin at `from` and those after it, or all that have not begun. What was changed in
/// one meeting alone stays as it is there. Followers hear of meetings that are not as they heard, and of no others.
pub fn change(
    conn: &mut Conn,
    here: &Here,
    id: Uuid,
    from: Option<Timestamp>,
    change: &dyn Fn(&mut Series) -> Result<()>,
) -> Result<Series> {
    let whole = whole(conn, id)?;
    let group = groups::actions::speaking(conn, &whole.pattern.group)?;
    let mut changed = whole.clone();
    change(&mut changed)?;
    if changed == whole {
        return Ok(whole);
    }
    let before = match from {
        Some(from) => split(conn, here, whole, from)?,
        None => whole,
    };
    let mut after = before.clone();
    change(&mut after)?;
    // the first of those that are changed may be moved to an earlier day
    let cut = from.map_or(here.now, |from| from.min(after.pattern.starts)).max(here.now);
    if after.has_another_rhythm_than(&before) {
        after.begin_anew(cut, &before)?;
    }
    after.check()?;
    meetings::places::settle(conn, &group, &mut after.pattern, Some(&before.pattern))?;
    meetings::actions::stays_here(&group, &after.pattern)?;
    after.pattern.can_be_veiled_after(&before.pattern)?;
    let elsewhere = after.pattern.sends_people_elsewhere_than(&before.pattern);
    let another_time = after.has_another_rhythm_than(&before) || after.except != before.except;
    after.pattern.sequence += i64::from(elsewhere || another_time || before.unconfirmed);
    after.pattern.updated = Some(here.now);
    after.unconfirmed = false;
    if another_time {
        after.laid_out = here.now.day() + AHEAD;
    }
    store::save(conn, &after)?;
    keep_veiled(conn, &after)?;
    let rows = meetings::store::ahead_of_series(conn, before.id, here.now)?;
    if another_time {
        follow_rhythm(conn, here, &group, &before, &after, rows, cut)?;
    } else {
        for row in rows {
            follow(conn, here, &before, &after, row.clone(), row)?;
        }
    }
    groups::actions::stir(conn, here, &group.handle)?;
    find(conn, after.id)
}

/// One meeting of a series becomes what the series now says, in all that it had from it. `row` as it was, `placed` where the
/// series has it now.
fn follow(conn: &mut Conn, here: &Here, before: &Series, after: &Series, row: Meeting, placed: Meeting) -> Result<()> {
    let (Some(was), Some(is)) = (row.recurrence, placed.recurrence) else { return Ok(()) };
    if row.cancelled.is_some() {
        return Ok(());
    }
    // as its group knows it; one that was shown already stays so
    let known = meetings::veil::whole(conn, &row)?;
    let mut meeting = Meeting { recurrence: placed.recurrence, opens: placed.opens, ..known.clone() };
    take_over(&mut meeting, &before.meeting_at(was.starts), &after.meeting_at(is.starts));
    let is_another = Meeting { recurrence: row.recurrence, opens: row.opens, ..meeting.clone() } != known;
    if is_another && meeting.ends > here.now {
        meetings::actions::put_one_of_many(conn, here, &row, meeting)?;
    }
    Ok(())
}

/// What was as the series had it is as the series has it.
fn take_over(meeting: &mut Meeting, before: &Meeting, after: &Meeting) {
    fn take<T: PartialEq + Clone>(field: &mut T, before: &T, after: &T) {
        if field == before {
            field.clone_from(after);
        }
    }
    if (meeting.starts, meeting.ends, meeting.zone) == (before.starts, before.ends, before.zone) {
        (meeting.starts, meeting.ends, meeting.zone) = (after.starts, after.ends, after.zone);
    }
    take(&mut meeting.title, &before.title, &after.title);
    take(&mut meeting.kind, &before.kind, &after.kind);
    take(&mut meeting.place, &before.place, &after.place);
    take(&mut meeting.address, &before.address, &after.address);
    take(&mut meeting.position, &before.position, &after.position);
    take(&mut meeting.online, &before.online, &after.online);
    take(&mut meeting.place_id, &before.place_id, &after.place_id);
    take(&mut meeting.access, &before.access, &after.access);
    take(&mut meeting.veil, &before.veil, &after.veil);
    take(&mut meeting.capacity, &before.capacity, &after.capacity);
    take(&mut meeting.agenda, &before.agenda, &after.agenda);
    take(&mut meeting.mentions, &before.mentions, &after.mentions);
    take(&mut meeting.language, &before.language, &after.language);
    take(&mut meeting.pictures, &before.pictures, &after.pictures);
    take(&mut meeting.unconfirmed, &before.unconfirmed, &after.unconfirmed);
}

/// Meetings take the places that the series has for them now: the one of the same day, else the nearest. Those without a place
/// are called off if anybody elsewhere heard of them, and taken away if not; places without a meeting get one.
fn follow_rhythm(
    conn: &mut Conn,
    here: &Here,
    group: &Group,
    before: &Series,
    after: &Series,
    mut rows: Vec<Meeting>,
    cut: Timestamp,
) -> Result<()> {
    rows.retain(|row| row.recurrence.is_some_and(|recurrence| recurrence.starts >= cut));
    meetings::store::lift_out(conn, &rows)?;
    let places = after.starts(cut, after.laid_out);
    let (seated, standing, free) = seat(before, after, rows, places);
    for row in standing {
        if row.is_said() {
            let alone = Meeting { recurrence: None, ..row };
            meetings::store::place(conn, &alone)?;
            if alone.cancelled.is_none() {
                meetings::actions::cancel(conn, here, alone.id)?;
            }
        } else {
            meetings::store::remove(conn, row.id)?;
        }
    }
    for (row, starts) in seated {
        let opens = row.opens.map(|_| starts - ahead(group.horizon));
        let placed = Meeting { recurrence: Some(Recurrence { series: after.id, starts }), opens, ..row.clone() };
        meetings::store::place(conn, &placed)?;
        follow(conn, here, before, after, row, placed)?;
    }
    for starts in free {
        add(conn, here, group, after.meeting_at(starts))?;
    }
    Ok(())
}

/// Which meeting goes where; which ones find no place; which places are free.
fn seat(
    before: &Series,
    after: &Series,
    rows: Vec<Meeting>,
    places: Vec<Timestamp>,
) -> (Vec<(Meeting, Timestamp)>, Vec<Meeting>, Vec<Timestamp>) {
    let slot = |row: &Meeting| row.recurrence.map_or(row.starts, |recurrence| recurrence.starts);
    let mut free = places;
    let (mut seated, mut looking, mut standing) = (vec![], vec![], vec![]);
    for row in rows {
        let day = before.clock_at(slot(&row)).date();
        match free.iter().position(|place| after.clock_at(*place).date() == day) {
            Some(at) => seated.push((row, free.remove(at))),
            None => looking.push(row),
        }
    }
    for row in looking {
        let distance = |place: &Timestamp| place.micros().abs_diff(slot(&row).micros());
        let nearest = (0..free.len()).min_by_key(|at| free.get(*at).map(distance));
        match nearest.filter(|at| free.get(*at).is_some_and(|place| u128::from(distance(place)) <= NEAR.as_micros())) {
            Some(at) => seated.push((row, free.remove(at))),
            None => standing.push(row),
        }
    }
    (seated, standing, free)
}

/// The series that holds the meeting of that moment and those after it: a new one, unless it is the first.
fn split(conn: &mut Conn, here: &Here, mut series: Series, from: Timestamp) -> Result<Series> {
    let Some(next) = series.split(here.new_id(), from, here.now)? else { return Ok(series) };
    series.pattern.sequence += 1;
    series.pattern.updated = Some(here.now);
    store::save(conn, &series)?;
    store::add(conn, &next)?;
    keep_veiled(conn, &next)?;
    store::hand_over(conn, series.id, next.id, from)?;
    Ok(next)
}

/// The group does not meet on that day (or does again).
pub fn leave_out(conn: &mut Conn, here: &Here, id: Uuid, day: NaiveDate, left_out: bool) -> Result<Series> {
    let series = find(conn, id)?;
    let meets = series.rule.starts(series.first, day.into(), day.succ_opt().unwrap_or(day).into());
    if meets.is_empty() {
        return Err(Refusal::NotThen(day).into());
    }
    change(conn, here, id, None, &|series| {
        if left_out {
            series.except.insert(day);
        } else {
            series.except.remove(&day);
        }
        Ok(())
    })
}

/// The series ends before the meeting that was to begin at `from`, or before the next one. What was stays. Of those to come, the
/// ones that others heard of are called off.
pub fn end(conn: &mut Conn, here: &Here, id: Uuid, from: Option<Timestamp>) -> Result<Series> {
    let mut series = find(conn, id)?;
    groups::actions::speaking(conn, &series.pattern.group)?;
    let cut = from.unwrap_or(here.now).max(here.now);
    let rows = meetings::store::ahead_of_series(conn, id, here.now)?;
    for row in rows.into_iter().filter(|row| row.recurrence.is_some_and(|recurrence| recurrence.starts >= cut)) {
        if !row.is_said() {
            meetings::store::remove(conn, row.id)?;
        } else if row.cancelled.is_none() {
            meetings::actions::cancel(conn, here, row.id)?;
        }
    }
    // nothing comes of it any more that would have to be shown
    meetings::veil::forget(conn, id)?;
    match series.next_from(cut) {
        None => {}
        Some(next) if next == series.first => store::remove(conn, id)?,
        Some(next) => {
            series.stop_before(next.date());
            series.pattern.sequence += 1;
            series.pattern.updated = Some(here.now);
            store::save(conn, &series)?;
        }
    }
    groups::actions::stir(conn, here, &series.pattern.group)?;
    Ok(series)
}
