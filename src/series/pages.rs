//! A series: how often the group meets, when next and when not, and what was.

use std::collections::HashSet;

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    actions, calendar,
    rule::{Rule, moment as moment_of},
    series::Series,
    wording,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    error::Error,
    groups::{self, group::Group, wire::tag_page},
    meetings::{self, agenda::map, meeting::Meeting},
    origin::Local,
    text,
    web::{About, Answer, Day, Front, Shell, capitalised, document_instead, gone, hours, moment, read_id, readable, zone_name},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/series/{id}", show));
}

/// Meetings to come, and meetings that were, on the page of a series.
const COMING: usize = 12;
const PAST: usize = 12;

/// One date of a series.
struct Date {
    /// Of the meeting; nothing on a day that is left out.
    page: Option<String>,
    said: String,
    /// For machines.
    starts: String,
    cancelled: bool,
    /// When it was to be by the rhythm of the series, if it was moved.
    moved: Option<String>,
    /// Where it is called something else.
    title: Option<String>,
}

#[derive(Template)]
#[template(path = "series/series.html")]
struct SeriesPage<'a> {
    shell: Shell,
    group: &'a Group,
    pattern: &'a Meeting,
    kind: String,
    group_page: String,
    rule: String,
    /// Nobody said of its last meetings that they took place.
    unconfirmed: bool,
    zone: String,
    map: Option<String>,
    /// When more than the district is shown of each.
    lifts: Option<String>,
    /// What makes it easier to come.
    access: Vec<String>,
    agenda: Option<Safe<String>>,
    coming: Vec<Date>,
    past: Vec<Date>,
    calendar: String,
    /// The same for programs that come back to it.
    subscribed: String,
    follow: String,
}

struct Found {
    series: Series,
    /// If it has not ended.
    group: Option<Group>,
    meetings: Vec<Meeting>,
}

async fn found(app: &App, id: Uuid) -> Result<Found, Error> {
    let found = app.db.read(move |conn| {
        let series = actions::find(conn, id)?;
        let group = groups::store::even_waiting(conn, &series.pattern.group)?;
        let meetings = meetings::store::of_series(conn, id)?;
        Ok(Found { series, group: group.filter(|group| group.closed.is_none()), meetings })
    });
    found.await
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Series(id))) {
        return Ok(elsewhere);
    }
    let Found { series, group, meetings } = found(&app, id).await?;
    let Some(group) = group else {
        return Ok(gone(&front, &request, "meeting-gone"));
    };
    let pattern = &series.pattern;
    let shell = Shell::new(&front, &request, About::default());
    let rule = often(&shell, &series.rule, series.first, series.zone());
    let about = About {
        title: pattern.title.clone(),
        description: rule.clone(),
        id: Some(here.origin.uri(&Local::Series(id))),
        alternates: vec![calendar::alternate_of(&series)],
        private: group.welcomed.is_none(),
        copies: true,
        ..groups::pages::shown_by(&here, &group, &pattern.pictures)
    };
    let shell = Shell::new(&front, &request, about);
    let agenda = pattern.agenda.as_ref().map(|agenda| text::to_html(agenda, &pattern.mentions, &|tag| tag_page(&here, tag)));
    let file = format!("/series/{id}.ics");
    let (coming, past) = dates(&shell, &here, &series, &meetings);
    let page = SeriesPage {
        kind: shell.say(&format!("meeting-kind-{}", pattern.kind.name())),
        group_page: shell.link(&format!("/@{}", group.handle)),
        unconfirmed: series.unconfirmed,
        zone: shell.fill("meeting-zone", "zone", &zone_name(pattern.zone)),
        map: pattern.position.map(map),
        lifts: meetings::wire::lifts(pattern, &shell.words),
        access: pattern.access.facts.iter().map(|fact| capitalised(&shell.say(&format!("access-{}", fact.name())))).collect(),
        agenda: agenda.map(Safe),
        subscribed: shell.subscribe(&file),
        follow: format!("@{}@{}", group.handle, here.origin.authority()),
        group: &group,
        pattern,
        rule,
        coming,
        past,
        calendar: file,
        shell,
    };
    Shell::show(&request, &page)
}

/// What is to come, the days that are left out among it; and what was, the last one first.
fn dates(shell: &Shell, here: &Here, series: &Series, meetings: &[Meeting]) -> (Vec<Date>, Vec<Date>) {
    let (mut coming, mut past): (Vec<&Meeting>, Vec<&Meeting>) = meetings.iter().partition(|meeting| meeting.ends > here.now);
    past.sort_by_key(|meeting| std::cmp::Reverse(meeting.starts));
    coming.sort_by_key(|meeting| meeting.starts);
    coming.truncate(COMING);
    // days are left out as far as meetings are shown; when there are none, those of the year
    let until = coming.last().map_or(here.now.utc() + TimeDelta::days(366), |meeting| meeting.starts.utc());
    let met: HashSet<Timestamp> = coming.iter().filter_map(|meeting| meeting.recurrence).map(|this| this.starts).collect();
    let left_out = series.local_starts(here.now, until.into()).into_iter().filter(|local| series.except.contains(&local.date()));
    let left_out = left_out.map(|local| moment_of(local, series.zone())).filter(|starts| !met.contains(starts));
    let mut all: Vec<(Timestamp, Date)> =
        coming.iter().map(|meeting| (meeting.starts, date(shell, here, series, meeting))).collect();
    all.extend(left_out.take(COMING).map(|starts| (starts, none(shell, here, series, starts))));
    all.sort_by_key(|(starts, _)| *starts);
    let past = past.into_iter().take(PAST).map(|meeting| date(shell, here, series, meeting)).collect();
    (all.into_iter().map(|(_, date)| date).collect(), past)
}

fn there(series: &Series, time: Timestamp) -> DateTime<Tz> {
    time.utc().with_timezone(&series.zone())
}

fn date(shell: &Shell, here: &Here, series: &Series, meeting: &Meeting) -> Date {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    let slot = meeting.recurrence.map(|this| this.starts).filter(|slot| *slot != meeting.starts);
    Date {
        page: Some(shell.link(&format!("/meetings/{}", meeting.id))),
        said: format!("{}, {}", Day::of(&start, here.now).said(&shell.words), hours(&shell.words, &start, &end, here.now)),
        starts: start.to_rfc3339(),
        cancelled: meeting.cancelled.is_some(),
        moved: slot.map(|slot| moment(&shell.words, &there(series, slot), here.now)),
        title: (meeting.title != series.pattern.title).then(|| meeting.title.clone()),
    }
}

/// A day on which the group does not meet.
fn none(shell: &Shell, here: &Here, series: &Series, starts: Timestamp) -> Date {
    let start = there(series, starts);
    Date {
        page: None,
        said: shell.fill("series-out", "day", &Day::of(&start, here.now).date(&shell.words)),
        starts: start.to_rfc3339(),
        cancelled: false,
        moved: None,
        title: None,
    }
}

/// A series in words, as a line of a group's page.
pub struct Line {
    pub page: String,
    pub title: String,
    /// BCP 47, of the title.
    pub language: String,
    /// `Every Tuesday, 18:00`.
    pub rule: String,
}

/// How often, and by which clock where that is not the city's.
pub fn often(shell: &Shell, rule: &Rule, first: NaiveDateTime, zone: Tz) -> String {
    let often = capitalised(&wording::sentence(&shell.words, rule, first));
    if zone == shell.zone { often } else { format!("{often} ({})", zone_name(zone)) }
}

/// The page of a series, and how often that is: beside one of its meetings, and on the page of its group.
pub fn line(shell: &Shell, series: &Series) -> Line {
    Line {
        page: shell.link(&format!("/series/{}", series.id)),
        title: series.pattern.title.clone(),
        language: series.pattern.language.clone(),
        rule: often(shell, &series.rule, series.first, series.zone()),
    }
}
