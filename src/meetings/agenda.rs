//! Meetings in a list, day by day, by the city's clock.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    abroad::Shown,
    agreement::Agreement,
    meeting::{Meeting, Position},
};
use crate::{
    clock::Timestamp,
    groups::group::Group,
    web::{Day, Shell, clock_face, hours, zone_name},
};

/// The meetings of one day.
pub struct AgendaDay {
    /// `2026-11-24`; also where the day stands in its page.
    pub iso: String,
    pub page: String,
    /// What people call it: `Tomorrow`, or `Tuesday`.
    pub name: String,
    /// The rest of its name.
    pub date: String,
    pub meetings: Vec<AgendaLine>,
}

/// A meeting in a list.
pub struct AgendaLine {
    pub page: String,
    pub title: String,
    /// BCP 47, of title and place.
    pub language: String,
    /// For machines, with its offset.
    pub starts: String,
    pub ends: String,
    pub from: String,
    /// With the day, when it ends on another one.
    pub to: String,
    /// Left out where only one group's meetings are listed.
    pub group: Option<Named>,
    pub place: Option<String>,
    /// How to get there; of what is near.
    pub address: Option<String>,
    pub map: Option<String>,
    pub online: bool,
    pub cancelled: bool,
    pub unconfirmed: bool,
    pub moved: bool,
    /// What is said of the decision by which it was agreed, and where that stands.
    pub agreed: Option<(String, String)>,
    /// One of a series.
    pub recurs: bool,
    /// Of another city.
    pub abroad: Option<From>,
}

/// Where a meeting of another city is from.
pub struct From {
    /// `@kitchen@boston.example`
    pub who: String,
    /// When it is by the clock there, where that shows another time, and whose clock that is.
    pub there: Option<String>,
}

/// What a group is called.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    /// BCP 47.
    pub language: String,
}

/// Groups by their handles.
pub type Names = HashMap<String, Named>;

pub fn names_of<'a>(groups: impl IntoIterator<Item = &'a Group>) -> Names {
    let named = |group: &Group| Named { name: group.name.clone(), language: group.language.clone() };
    groups.into_iter().map(|group| (group.handle.clone(), named(group))).collect()
}

/// Where a map app may look.
pub fn map(position: Position) -> String {
    format!("geo:{},{}", position.latitude, position.longitude)
}

/// Of what recurs only the first few, so that one group does not fill the page: so many meetings of each series, and what of it was
/// called off before those.
pub fn thinned(mut meetings: Vec<Meeting>, of_each: usize) -> Vec<Meeting> {
    let mut shown: HashMap<Uuid, usize> = HashMap::new();
    meetings.retain(|meeting| {
        let Some(this) = meeting.recurrence else { return true };
        let so_far = shown.entry(this.series).or_default();
        let is_shown = *so_far < of_each;
        *so_far += usize::from(is_shown && meeting.cancelled.is_none());
        is_shown
    });
    meetings
}

/// Meetings by day, in the order given. Groups are named where `names` are given.
pub fn agenda(shell: &Shell, now: Timestamp, meetings: &[Meeting], names: Option<&Names>) -> Vec<AgendaDay> {
    with_abroad(shell, now, meetings, names, &[])
}

/// The same with those of other cities among them, which are in their order, too.
pub fn with_abroad(
    shell: &Shell,
    now: Timestamp,
    meetings: &[Meeting],
    names: Option<&Names>,
    abroad: &[Shown],
) -> Vec<AgendaDay> {
    let mut days: Vec<AgendaDay> = Vec::new();
    let (mut ours, mut theirs) = (meetings.iter().peekable(), abroad.iter().peekable());
    loop {
        let is_theirs = match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(our), Some(their)) => their.meeting.starts < our.starts,
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        let starts = if is_theirs { theirs.peek().map(|it| it.meeting.starts) } else { ours.peek().map(|it| it.starts) };
        let day = Day::of(&starts.unwrap_or(now).utc().with_timezone(&shell.zone), now);
        let line = if is_theirs {
            theirs.next().map(|their| line_abroad(shell, now, their))
        } else {
            ours.next().map(|meeting| {
                let group = names.and_then(|names| names.get(&meeting.group).cloned());
                line(shell, now, meeting, group, day.is_near())
            })
        };
        let Some(line) = line else { break };
        match days.last_mut() {
            Some(last) if last.iso == day.iso() => last.meetings.push(line),
            _ => days.push(begun(shell, day, line)),
        }
    }
    days
}

fn begun(shell: &Shell, day: Day, line: AgendaLine) -> AgendaDay {
    let (name, date) = day.called(&shell.words);
    let iso = day.iso();
    AgendaDay { page: shell.link(&format!("/meetings?day={iso}")), iso, name, date, meetings: vec![line] }
}

/// A decision of ours stands on a page of ours.
pub fn linked(shell: &Shell, agreed: &Agreement) -> String {
    let address = agreed.address();
    if matches!(agreed, Agreement::Here { .. }) { shell.link(&address) } else { address }
}

fn line(shell: &Shell, now: Timestamp, meeting: &Meeting, group: Option<Named>, near: bool) -> AgendaLine {
    let (start, end) = [meeting.starts, meeting.ends].map(|time| time.utc().with_timezone(&shell.zone)).into();
    AgendaLine {
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        starts: start.to_rfc3339(),
        ends: end.to_rfc3339(),
        from: clock_face(&start),
        to: until(shell, now, &start, &end),
        group,
        place: meeting.place.clone().or_else(|| meeting.address.clone()),
        address: meeting.address.clone().filter(|_| near && meeting.place.is_some()),
        map: meeting.position.filter(|_| near).map(map),
        online: meeting.online.is_some(),
        cancelled: meeting.cancelled.is_some(),
        unconfirmed: meeting.is_tentative() && meeting.ends > now,
        moved: meeting.previous_start.is_some(),
        agreed: meeting.agreed.as_ref().map(|agreed| (agreed.said(&shell.words, Some(now)), linked(shell, agreed))),
        recurs: meeting.recurrence.is_some(),
        abroad: None,
    }
}

fn line_abroad(shell: &Shell, now: Timestamp, Shown { meeting, who }: &Shown) -> AgendaLine {
    let (start, end) = [meeting.starts, meeting.ends].map(|time| time.utc().with_timezone(&shell.zone)).into();
    let zone: Option<Tz> = meeting.zone.as_ref().and_then(|zone| zone.parse().ok());
    let there = zone.map(|zone| [&start, &end].map(|time| time.with_timezone(&zone)));
    let there = there.filter(|[begins, _]| begins.naive_local() != start.naive_local()).map(|[begins, ends]| {
        let when = format!("{}, {}", Day::of(&begins, now).said(&shell.words), hours(&shell.words, &begins, &ends, now));
        let when = format!("{when} ({})", zone_name(begins.timezone()));
        shell.fill("agenda-abroad-there", "when", &when)
    });
    AgendaLine {
        page: meeting.url.clone(),
        title: meeting.title.clone(),
        language: meeting.language.clone().unwrap_or_default(),
        starts: start.to_rfc3339(),
        ends: end.to_rfc3339(),
        from: clock_face(&start),
        to: until(shell, now, &start, &end),
        group: None,
        place: meeting.place.clone(),
        address: None,
        map: None,
        online: false,
        cancelled: meeting.cancelled,
        unconfirmed: false,
        moved: meeting.moved,
        agreed: None,
        recurs: meeting.series.is_some(),
        abroad: Some(From { who: shell.fill("agenda-abroad", "who", who), there }),
    }
}

/// With the day, when it ends a day later or more: nobody takes the night after for another day.
fn until(shell: &Shell, now: Timestamp, start: &DateTime<Tz>, end: &DateTime<Tz>) -> String {
    if *end - start < TimeDelta::days(1) {
        return clock_face(end);
    }
    let day = Day::of(end, now).date(&shell.words);
    shell.words.say("day-hour", &[("day", &day), ("hour", &clock_face(end))])
}
