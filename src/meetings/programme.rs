//! The agenda's page: every meeting, or those that a reader looks for, by day; a month; a day.

use actix_web::{
    HttpRequest,
    web::{Data, Query},
};
use askama::Template;
use chrono::NaiveDate;

use super::{
    abroad::{self, Shown},
    agenda::{AgendaDay, Named, Names, with_abroad},
    calendar, feed,
    filter::{self, Filter, Span, When},
    meeting::{Kind, Meeting},
    month::{self, Month},
    store,
};
use crate::{
    actors,
    app::App,
    clock::Timestamp,
    db::turn::{Mark, Turn},
    error::Error,
    groups,
    origin::Local,
    web::{About, Answer, At, Day, Front, Shell, turned, zone_name},
    words::zone_abbreviation,
};

/// Meetings on one page.
const MEETINGS: usize = 30;
/// Where there are more groups, they are not offered in a form.
const GROUPS: i64 = 40;
/// Of other cities, in all that is shown of a page or a month.
const ABROAD: i64 = 200;
/// And in what has no end.
const ABROAD_COMING: usize = 40;

impl From<filter::Refusal> for Error {
    fn from(refusal: filter::Refusal) -> Self {
        Error::invalid(refusal)
    }
}

#[derive(Template)]
#[template(path = "meetings/programme.html")]
struct Programme {
    shell: Shell,
    filter: Filter,
    agenda: Vec<AgendaDay>,
    month: Option<Month>,
    /// Name and address of a month to look at.
    months: Option<(String, String)>,
    /// Each kind: as it is typed, as it is said, whether it is looked for.
    kinds: Vec<(&'static str, String, bool)>,
    /// Each group: handle, name, whether it is looked for.
    groups: Vec<(String, Named, bool)>,
    /// What else the form keeps: name and value.
    kept: Vec<(&'static str, String)>,
    calendar: String,
    feed: String,
    zone: String,
    earlier: Option<String>,
    later: Option<String>,
    everything: String,
    /// Where meetings of other cities are left out, if there are any.
    without: Option<String>,
}

pub async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, at: Query<At>) -> Answer {
    let filter = Filter::read(request.query_string()).map_err(Error::from)?;
    let (here, turn) = (app.here(), at.turn()?);
    let (now, span, wanted) = (here.now, filter.span(here.now, front.zone), filter.clone());
    let found = app.db.read(move |conn| {
        let meetings = store::matching(conn, &wanted, span, turn, MEETINGS as i64 + 1)?;
        let beginnings = match wanted.when {
            When::Month(_) => store::beginnings(conn, &wanted, span)?,
            _ => vec![],
        };
        let mut handles: Vec<&str> = meetings.iter().map(|meeting| meeting.group.as_str()).collect();
        handles.extend(wanted.group.as_deref());
        let names = groups::store::names(conn, &handles)?;
        let abroad =
            if wanted.looks_elsewhere(true) { abroad::within(conn, on_page(&meetings, turn, span), ABROAD)? } else { vec![] };
        let group = wanted.group.clone().map(Local::Group);
        let waits = group.map(|group| actors::store::waits(conn, &group)).transpose()?.unwrap_or_default();
        Ok((beginnings, names, groups::store::first(conn, GROUPS + 1)?, meetings, abroad, waits))
    });
    let (mut beginnings, names, offered, meetings, mut abroad, waits) = found.await?;
    beginnings.extend(abroad.iter().map(|it| it.meeting.starts));
    let names: Names = names.into_iter().map(|(handle, name, language)| (handle, Named { name, language })).collect();
    let next = meetings.get(MEETINGS).map(|meeting| meeting.starts);
    let (meetings, before, after) = turn.cut(meetings, MEETINGS);
    cut_abroad(&mut abroad, &filter, (&meetings, before), next.filter(|_| after), turn);
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    describe(&mut shell, &filter, &names, now);
    // as the page of that group
    shell.about.private = waits;
    shell.about.passing = turn != Turn::First || matches!(filter.when, When::Day(_));
    let group = filter.group.as_ref().and_then(|handle| names.get(handle)).map(|group| group.name.as_str());
    let (calendar, feed) = (calendar::alternate(&shell, &filter, group), feed::alternate(&shell, &filter, group));
    shell.about.alternates = vec![calendar.clone(), feed.clone()];
    let offered = if offered.len() as i64 > GROUPS { vec![] } else { offered };
    let offered = offered.into_iter().map(|group| {
        let chosen = filter.group.as_ref() == Some(&group.handle);
        (group.handle, Named { name: group.name, language: group.language }, chosen)
    });
    let edge = |there: bool, name, meeting: Option<&Meeting>| {
        let mark = meeting.filter(|_| there).map(|meeting| Mark { time: meeting.starts, id: meeting.id })?;
        Some(shell.link(&turned(&filter.address("/meetings"), name, mark)))
    };
    let page = Programme {
        without: (!abroad.is_empty())
            .then(|| shell.link(&Filter { elsewhere: Some(false), ..filter.clone() }.address("/meetings"))),
        agenda: with_abroad(&shell, now, &meetings, Some(&names), &abroad),
        month: match filter.when {
            When::Month(first) => Some(month::month(&shell, &filter, first, now, &beginnings)),
            _ => None,
        },
        months: months(&shell, &filter, now),
        kinds: kinds(&shell, &filter),
        kept: kept(&shell, &filter, offered.len() == 0),
        groups: offered.collect(),
        calendar: calendar.address,
        feed: feed.address,
        zone: zone(&shell, now),
        earlier: edge(before, "before", meetings.first()),
        later: edge(after, "after", meetings.last()),
        everything: shell.link("/meetings"),
        shell,
        filter,
    };
    Shell::show(&request, &page)
}

/// The time of which meetings of other cities are looked up for a page: all of a month, which counts them, too.
fn on_page(meetings: &[Meeting], turn: Turn, span: Span) -> Span {
    if span.lasts < span.from {
        return span;
    }
    let first = meetings.first().map_or(span.from, |first| first.starts);
    match turn {
        Turn::First => Span { until: meetings.get(MEETINGS).map_or(span.until, |next| next.starts), ..span },
        Turn::After(_) => Span { from: first, until: meetings.get(MEETINGS).map_or(span.until, |next| next.starts), ..span },
        // there may be nothing before the first one of ours
        Turn::Before(mark) => Span { from: if meetings.len() > MEETINGS { first } else { span.from }, until: mark.time, ..span },
    }
}

/// They stand on the page of ours among which they begin.
fn cut_abroad(
    abroad: &mut Vec<Shown>,
    filter: &Filter,
    (meetings, before): (&[Meeting], bool),
    next: Option<Timestamp>,
    turn: Turn,
) {
    let next = match turn {
        Turn::Before(mark) => Some(mark.time),
        _ => next,
    };
    let first = meetings.first().filter(|_| before).map(|meeting| meeting.starts);
    abroad.retain(|it| first.is_none_or(|first| it.meeting.starts >= first) && next.is_none_or(|next| it.meeting.starts < next));
    if filter.when == When::Coming {
        abroad.truncate(ABROAD_COMING);
    }
}

/// `Times are those of New York (EST).`
pub fn zone(shell: &Shell, now: Timestamp) -> String {
    let letters = zone_abbreviation(&now.utc().with_timezone(&shell.zone));
    shell.words.say("agenda-zone", &[("place", &zone_name(shell.zone)), ("letters", &letters)])
}

/// Title, description and address of the page.
fn describe(shell: &mut Shell, filter: &Filter, names: &Names, now: Timestamp) {
    let mut parts = vec![shell.say("home-meetings")];
    parts.extend(filter.kind.map(|kind| shell.say(&format!("meeting-kind-{}", kind.name()))));
    parts.extend(filter.group.as_ref().map(|handle| names.get(handle).map_or(handle.clone(), |group| group.name.clone())));
    parts.extend(filter.tag.as_ref().map(|tag| format!("#{tag}")));
    parts.extend(filter.place.clone());
    parts.extend(filter.online.filter(|online| *online).map(|_| shell.say("meeting-online")));
    match filter.when {
        When::Coming => {}
        When::Day(day) => parts.push(day_name(shell, day, now)),
        When::Month(first) => parts.push(month::name(shell, first)),
    }
    shell.about.title = parts.join(" · ");
    shell.about.description = shell.fill("agenda-lead", "city", &shell.city);
    shell.about.address = Some(filter.address("/meetings"));
}

fn day_name(shell: &Shell, day: NaiveDate, now: Timestamp) -> String {
    let noon = filter::midnight(day, shell.zone) + std::time::Duration::from_secs(12 * 3_600);
    // in the middle of a title, where some languages write weekdays small
    Day::of(&noon.utc().with_timezone(&shell.zone), now).date(&shell.words)
}

/// The month to look at from a list or a day.
fn months(shell: &Shell, filter: &Filter, now: Timestamp) -> Option<(String, String)> {
    let day = match filter.when {
        When::Coming => now.utc().with_timezone(&shell.zone).date_naive(),
        When::Day(day) => day,
        When::Month(_) => return None,
    };
    let first = month::first_of(day);
    Some((month::name(shell, first), shell.link(&filter.at(When::Month(first)).address("/meetings"))))
}

fn kinds(shell: &Shell, filter: &Filter) -> Vec<(&'static str, String, bool)> {
    let said = |kind: Kind| (kind.name(), shell.say(&format!("meeting-kind-{}", kind.name())), filter.kind == Some(kind));
    Kind::ALL.into_iter().map(said).collect()
}

fn kept(shell: &Shell, filter: &Filter, with_group: bool) -> Vec<(&'static str, String)> {
    let mut kept: Vec<(&'static str, String)> =
        filter.group.clone().filter(|_| with_group).map(|group| ("group", group)).into_iter().collect();
    match filter.when {
        When::Coming => {}
        When::Day(day) => kept.push(("day", day.to_string())),
        When::Month(first) => kept.push(("month", first.format("%Y-%m").to_string())),
    }
    kept.extend(shell.chosen().map(|tag| ("lang", tag)));
    kept
}
