//! Series as calendars take them: once with their rule, and once more for each meeting that is otherwise.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use calcard::icalendar::ICalendarProperty as Property;
use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use uuid::Uuid;

use super::{actions, series::Series};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::Result,
    groups::{self, group::Group},
    meetings::{
        self,
        calendar::{as_file, shown},
        filter::Span,
        meeting::{Meeting, Recurrence},
        vevent::{Frame, event_of},
    },
    web::{
        Alternate, Answer, Failure,
        icalendar::{Calendar, MEDIA_TYPE, TAIL, minutes, rule},
        read_id, readable, respond,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/series/{id}.ics", of_one));
}

/// A calendar with this series alone.
pub fn alternate_of(series: &Series) -> Alternate {
    Alternate { media_type: "text/calendar", title: series.pattern.title.clone(), address: format!("/series/{}.ics", series.id) }
}

async fn of_one(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    let span = shown(here.now);
    let found = app.db.read(move |conn| {
        let series = actions::find(conn, id)?;
        let group = groups::store::even_waiting(conn, &series.pattern.group)?;
        let rows = rows(conn, &series, span)?;
        Ok((series, group, rows))
    });
    let (series, Some(group), rows) = found.await? else { return Err(Failure::Gone) };
    if group.closed.is_some() {
        return Err(Failure::Gone);
    }
    let text = alone(&here, &series, &rows, &group, span);
    Ok(as_file(respond(&request, MEDIA_TYPE, text, meetings::calendar::FRESH), &id.to_string()))
}

/// A calendar that holds this series only.
fn alone(here: &Here, series: &Series, rows: &[Meeting], group: &Group, span: Span) -> String {
    let page = page(here, series.id);
    let zones: BTreeSet<&str> = rows.iter().map(|row| row.zone.name()).chain([series.zone().name()]).collect();
    let calendar = Calendar {
        name: series.pattern.title.clone(),
        language: series.pattern.language.clone(),
        source: here.origin.url(&format!("{}.ics", page.path())),
        page,
        zone: series.zone(),
        zones: zones.into_iter().filter_map(|name| name.parse().ok()).collect(),
        span: series.pattern.starts.min(span.from)..span.until,
    };
    format!("{}{}{TAIL}", calendar.head(), events(here, &calendar, series, rows, &group.name, span))
}

fn page(here: &Here, id: Uuid) -> url::Url {
    here.origin.url(&format!("/series/{id}"))
}

/// The meetings of a series that its calendar must know of: those of the time that is shown, and older ones that were not when
/// the rule says.
pub fn rows(conn: &mut Conn, series: &Series, span: Span) -> Result<Vec<Meeting>> {
    Ok(meetings::store::by_series::since(conn, series.id, span.from)?)
}

/// The events of a series: itself with its rule, whatever is otherwise than that says, and what it held before it took this rule.
pub fn events(here: &Here, calendar: &Calendar, series: &Series, rows: &[Meeting], group: &str, span: Span) -> String {
    let places = Places::of(series, rows, span);
    let mut text = itself(here, calendar, series, &places, group);
    for row in rows {
        let frame = Frame::of(here, calendar, row);
        match row.recurrence.and_then(|recurrence| places.clock(recurrence)) {
            Some(clock) if places.is_otherwise(row, clock) => {
                let times = [vec![calendar.clock(Property::RecurrenceId, series.zone(), clock)], frame.times].concat();
                // no change of a meeting is older than the rule it is an exception to
                let sequence = series.pattern.sequence + row.sequence;
                text += &event_of(here, row, group, Frame { uid: series.uid(), sequence, times, ..frame });
            }
            Some(_) => {}
            None if span.has(row) => {
                // the series has the one that it began as
                let uid = if frame.uid == series.uid() { series.id } else { frame.uid };
                text += &event_of(here, row, group, Frame { uid, ..frame });
            }
            None => {}
        }
    }
    text
}

/// The series without its exceptions.
fn itself(here: &Here, calendar: &Calendar, series: &Series, places: &Places<'_>, group: &str) -> String {
    let (zone, first) = (series.zone(), series.first);
    let mut times = vec![calendar.clock(Property::Dtstart, zone, first)];
    times.push(match places.end(first) {
        Some(end) => calendar.clock(Property::Dtend, zone, end),
        // the first one goes on while the clock is set, which the others do not
        None => minutes(Property::Duration, series.length()),
    });
    times.extend(rule(&series.rule.rrule(zone, first)));
    times.extend(places.left_out.iter().map(|clock| calendar.clock(Property::Exdate, zone, *clock)));
    let frame = Frame { uid: series.uid(), sequence: series.pattern.sequence, times, page: page(here, series.id) };
    let pattern = Meeting { unconfirmed: series.unconfirmed, ..series.pattern.clone() };
    event_of(here, &pattern, group, frame)
}

/// Where the rule of a series puts meetings.
struct Places<'a> {
    series: &'a Series,
    /// By the moment at which one is to begin, what the clock on the wall shows then.
    clocks: BTreeMap<Timestamp, NaiveDateTime>,
    /// Times on the wall at which the rule has a meeting, and the group has not.
    left_out: BTreeSet<NaiveDateTime>,
}

impl<'a> Places<'a> {
    fn of(series: &'a Series, rows: &[Meeting], span: Span) -> Self {
        let of_day = |day: &chrono::NaiveDate| {
            let next = day.succ_opt().unwrap_or(*day);
            series.rule.starts(series.first, (*day).into(), next.into())
        };
        let mut left_out: BTreeSet<_> = series.except.iter().flat_map(of_day).collect();
        let mut clocks: BTreeMap<_, _> = series
            .local_starts(span.from, span.until)
            .into_iter()
            .filter(|clock| !left_out.contains(clock))
            .map(|clock| (series.moment(clock), clock))
            .collect();
        let taken: BTreeSet<_> = rows.iter().filter_map(|row| row.recurrence).map(|recurrence| recurrence.starts).collect();
        // what was over when the series was put up
        let laid_out = clocks.range(..series.laid_out);
        let bare = laid_out.filter(|(moment, _)| !taken.contains(moment)).map(|(_, clock)| *clock);
        left_out.extend(bare.collect::<Vec<_>>());
        clocks.retain(|_, clock| !left_out.contains(clock));
        Self { series, clocks, left_out }
    }

    /// What the clock shows when this one is to begin; nothing when the rule has none then.
    fn clock(&self, recurrence: Recurrence) -> Option<NaiveDateTime> {
        let then = recurrence.starts;
        let by_rule = || {
            let all = self.series.local_starts(then, then + std::time::Duration::from_micros(1));
            all.into_iter().find(|clock| !self.left_out.contains(clock))
        };
        self.clocks.get(&then).copied().or_else(by_rule)
    }

    /// Does a calendar have to be told of this meeting, because it would find another one by the rule? Also where programs
    /// understand the clock on the wall each in their own way: when it is set, or shows a time twice or not at all.
    fn is_otherwise(&self, row: &Meeting, clock: NaiveDateTime) -> bool {
        let Some(recurrence) = row.recurrence else { return true };
        let by_rule = self.series.meeting_at(recurrence.starts);
        let said = |meeting: &Meeting| {
            let when = (meeting.starts, meeting.ends, meeting.zone, meeting.cancelled);
            let what = (meeting.title.clone(), meeting.kind, meeting.agenda.clone(), meeting.language.clone());
            (when, what, meeting.place.clone(), meeting.address.clone(), meeting.position, meeting.online.clone())
        };
        said(row) != said(&by_rule) || self.end(clock).is_none()
    }

    /// What the clock shows at the end of a meeting that begins then, unless it is set meanwhile.
    fn end(&self, clock: NaiveDateTime) -> Option<NaiveDateTime> {
        let length = TimeDelta::from_std(self.series.length()).ok()?;
        let end = clock.checked_add_signed(length)?;
        let at = |clock: NaiveDateTime| self.series.zone().from_local_datetime(&clock).single();
        (at(end)?.signed_duration_since(at(clock)?) == length).then_some(end)
    }
}
