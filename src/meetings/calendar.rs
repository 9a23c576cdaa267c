//! Meetings as calendars take them: one, those of a group, those of the city.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::{Method, header, header::HeaderValue},
    web::{Bytes, Data, Path, ServiceConfig},
};
use calcard::icalendar::{
    ICalendarClassification, ICalendarEntry, ICalendarParameter, ICalendarProperty as Property, ICalendarStatus,
    ICalendarTransparency, ICalendarValueType,
};
use futures_util::{StreamExt, future, stream};

use super::{
    filter::{Filter, Span, When},
    meeting::{MAX_LENGTH, Meeting, Position},
    store, wire,
};
use crate::{
    app::{App, Here},
    db::{self, Conn, turn::Turn},
    error::{Error, Result},
    federation::outbox,
    groups::{
        self,
        group::{Group, is_handle},
    },
    text,
    web::{
        Alternate, Answer, Cache, Failure, Front, Shell, Version,
        icalendar::{Calendar, MEDIA_TYPE, TAIL, address, entry, event, list, moment, parameter, plain, text, value_type},
        read_id, readable, respond,
    },
    words::Words,
};

/// A calendar shows what was in the last 30 days and what will be in some 18 months.
const BACK: Duration = Duration::from_secs(30 * 24 * 3_600);
const AHEAD: Duration = Duration::from_secs(548 * 24 * 3_600);

/// Calendars may be kept so long without asking again, in seconds.
const FRESH: Cache = Cache::Public(60);

/// Meetings that are read and written at once: no more than these are in memory, however long the calendar.
const PIECE: i64 = 100;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/meetings.ics", of_a_filter))
        .service(readable("/@{handle}.ics", of_a_group))
        .service(readable("/meetings/{id}.ics", of_one));
}

/// The calendar of what a filter lets through, for the pages that show the same; `group` is the name of the filter's group.
pub fn alternate(shell: &Shell, filter: &Filter, group: Option<&str>) -> Alternate {
    let title = name(&shell.words, "calendar", &shell.city, filter, group);
    Alternate { media_type: "text/calendar", title, address: subscription(filter) }
}

/// A calendar with this meeting alone.
pub fn alternate_of(meeting: &Meeting) -> Alternate {
    Alternate { media_type: "text/calendar", title: meeting.title.clone(), address: format!("/meetings/{}.ics", meeting.id) }
}

/// A group's own calendar has an address that people can type.
fn subscription(filter: &Filter) -> String {
    match &filter.group {
        Some(handle) if *filter == of(handle) => format!("/@{handle}.ics"),
        _ => filter.address("/meetings.ics"),
    }
}

/// The filter that lets the meetings of a group through.
pub fn of(handle: &str) -> Filter {
    Filter { group: Some(handle.to_owned()), ..Filter::default() }
}

/// `Meetings in Boston · #soup · Online`; `what` is a calendar or a feed.
pub(super) fn name(words: &Words, what: &str, city: &str, filter: &Filter, group: Option<&str>) -> String {
    let first = match group {
        Some(group) => words.say(&format!("{what}-group"), &[("group", group)]),
        None => words.say(&format!("{what}-city"), &[("city", city)]),
    };
    let when = match filter.when {
        When::Coming => None,
        When::Day(day) => Some(day.to_string()),
        When::Month(first) => Some(first.format("%Y-%m").to_string()),
    };
    let online = filter.online.map(|online| if online { "calendar-online" } else { "calendar-in-a-room" });
    let others = [
        filter.tag.as_ref().map(|tag| format!("#{tag}")),
        filter.place.clone(),
        filter.kind.map(|kind| words.say(&format!("meeting-kind-{}", kind.name()), &[])),
        online.map(|message| words.say(message, &[])),
        when,
    ];
    [Some(first)].into_iter().chain(others).flatten().collect::<Vec<_>>().join(" · ")
}

async fn of_a_filter(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let filter = Filter::read(request.query_string()).map_err(Error::invalid)?;
    show(&request, &app, &front, filter).await
}

async fn of_a_group(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    show(&request, &app, &front, of(&handle.to_ascii_lowercase())).await
}

/// The group that a filter asks for, and the version of what it lets through: it changes with what is said, and with the days.
/// It is known before anything that is shown is read: whatever changes meanwhile changes the version once more.
pub(super) async fn look_up(app: &App, front: &Front, filter: &Filter) -> Result<(Option<Group>, Version), Failure> {
    let today = app.clock.now().day();
    let missing = || Error::not_found("there is no group of that name");
    let wanted = filter.group.clone();
    if wanted.as_deref().is_some_and(|handle| !is_handle(handle)) {
        return Err(missing().into());
    }
    let found = app
        .db
        .read(move |conn| {
            let mark = outbox::mark(conn)?;
            Ok((wanted.map(|handle| groups::store::by_handle(conn, &handle)).transpose()?, mark))
        })
        .await?;
    let (group, mark) = match found {
        (Some(None), _) => return Err(missing().into()),
        (Some(Some(group)), _) if group.closed.is_some() => return Err(Failure::Gone),
        (group, mark) => (group.flatten(), mark),
    };
    Ok((group, Version::of(front, &[&mark.ids, &today.rfc3339(), &filter.query()], mark.time.max(today))))
}

/// Which meetings, and what is said of all of them.
struct View {
    here: Here,
    calendar: Calendar,
    filter: Filter,
    span: Span,
}

async fn show(request: &HttpRequest, app: &Data<App>, front: &Front, filter: Filter) -> Answer {
    let (group, version) = look_up(app, front, &filter).await?;
    if let Some(known) = version.known(request, FRESH) {
        return Ok(known);
    }
    let file = group.as_ref().map_or("meetings", |group| &group.handle);
    let mut answer = version.answer(MEDIA_TYPE, FRESH);
    answer.insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}.ics\"")));
    if request.method() == Method::HEAD {
        return Ok(answer.streaming(stream::empty::<Result<Bytes, Error>>()));
    }
    let view = view(app, front, filter, group).await?;
    Ok(answer.streaming(pieces(app.clone(), view)))
}

async fn view(app: &App, front: &Front, filter: Filter, group: Option<Group>) -> Result<View> {
    let here = app.here();
    let today = here.now.day();
    let span = match filter.when {
        When::Coming => Span { from: today - BACK - MAX_LENGTH, until: today + AHEAD, lasts: today - BACK },
        _ => filter.span(here.now, front.zone),
    };
    let handle = filter.group.clone();
    let zones = app.db.read(move |conn| Ok(store::zones(conn, handle.as_deref(), span)?)).await?;
    let words = front.words();
    let (page, group) = match &group {
        Some(group) if filter == of(&group.handle) => (format!("/@{}", group.handle), Some(group.name.as_str())),
        group => (filter.address("/meetings"), group.as_ref().map(|group| group.name.as_str())),
    };
    let calendar = Calendar {
        name: name(&words, "calendar", &here.city, &filter, group),
        language: words.tag(),
        source: here.origin.url(&subscription(&filter)),
        page: here.origin.url(&page),
        zones,
        span: span.from..span.until,
    };
    Ok(View { here, calendar, filter, span })
}

/// The calendar, made while it is sent: whoever reads slowly holds no connection, and who goes away leaves nothing behind.
fn pieces(app: Data<App>, view: View) -> impl stream::Stream<Item = Result<Bytes, Error>> {
    let head = stream::once(future::ok(Bytes::from(view.calendar.head())));
    let view = Arc::new(view);
    head.chain(stream::try_unfold(Some(Turn::First), move |turn| {
        let (app, view) = (app.clone(), view.clone());
        async move {
            let Some(turn) = turn else { return Ok(None) };
            let piece = app.db.read(move |conn| piece(conn, &view, turn)).await;
            let (text, next) = piece.inspect_err(|error| tracing::error!("a calendar breaks off: {error}"))?;
            Ok(Some((Bytes::from(text), next)))
        }
    }))
}

/// The next meetings, and which ones follow; after the last one the calendar ends.
fn piece(conn: &mut Conn, view: &View, turn: Turn) -> Result<(String, Option<Turn>)> {
    let meetings = store::matching(conn, &view.filter, view.span, turn, PIECE)?;
    let names = groups::store::called(conn, meetings.iter().map(|meeting| meeting.group.as_str()))?;
    let shown = meetings.iter().filter_map(|meeting| Some((meeting, names.get(&meeting.group)?)));
    let mut text: String = shown.map(|(meeting, group)| written(&view.here, &view.calendar, meeting, group)).collect();
    let last = meetings.last().filter(|_| i64::try_from(meetings.len()).is_ok_and(|count| count == PIECE));
    let next = last.map(|last| Turn::After(db::turn::Mark { time: last.starts, id: last.id }));
    if next.is_none() {
        text.push_str(TAIL);
    }
    Ok((text, next))
}

async fn of_one(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    let found = app
        .db
        .read(move |conn| {
            let meeting = super::actions::find(conn, id)?;
            let group = groups::store::even_waiting(conn, &meeting.group)?;
            Ok((meeting, group))
        })
        .await?;
    let (meeting, Some(group)) = found else { return Err(Failure::Gone) };
    if group.closed.is_some() {
        return Err(Failure::Gone);
    }
    let mut answer = respond(&request, MEDIA_TYPE, alone(&here, &meeting, &group), FRESH);
    if let Ok(file) = HeaderValue::from_str(&format!("inline; filename=\"{id}.ics\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(answer)
}

/// A calendar that holds this meeting only.
pub fn alone(here: &Here, meeting: &Meeting, group: &Group) -> String {
    let page = page(here, meeting);
    let calendar = Calendar {
        name: meeting.title.clone(),
        language: meeting.language.clone(),
        source: here.origin.url(&format!("{}.ics", page.path())),
        page,
        zones: vec![meeting.zone],
        span: meeting.starts..meeting.ends,
    };
    format!("{}{}{TAIL}", calendar.head(), written(here, &calendar, meeting, &group.name))
}

fn page(here: &Here, meeting: &Meeting) -> url::Url {
    here.origin.url(&format!("/meetings/{}", meeting.id))
}

/// The `VEVENT`. Its UID is the meeting's own, without a host (RFC 7986, 5.3): the one that Mobilizon gives it, too.
fn written(here: &Here, calendar: &Calendar, meeting: &Meeting, group: &str) -> String {
    let words = Words::of(&meeting.language);
    let status = if meeting.cancelled.is_some() { ICalendarStatus::Cancelled } else { ICalendarStatus::Confirmed };
    let in_its_language = |name: Property, value: &str| text(name, &meeting.language, value);
    let mut entries = vec![
        plain(Property::Uid, &meeting.id.to_string()),
        moment(Property::Dtstamp, meeting.changed()),
        moment(Property::Created, meeting.published),
        moment(Property::LastModified, meeting.changed()),
        entry(Property::Sequence, meeting.sequence),
        calendar.time(Property::Dtstart, &meeting.local_start()),
        calendar.time(Property::Dtend, &meeting.local_end()),
        in_its_language(Property::Summary, &title(meeting, &words)),
        in_its_language(Property::Description, &description(here, meeting, group, &words)),
        address(Property::Url, &page(here, meeting)),
        entry(Property::Status, status),
        entry(Property::Class, ICalendarClassification::Public),
        entry(Property::Transp, ICalendarTransparency::Opaque),
    ];
    entries.extend(wire::where_(meeting).map(|place| in_its_language(Property::Location, &place)));
    entries.extend(meeting.position.map(geo));
    entries.extend(meeting.online.as_ref().map(|online| conference(online, &words)));
    let tags = meeting.tags();
    if !tags.is_empty() {
        entries.push(list(Property::Categories, &tags));
    }
    event(entries)
}

/// Marked as on its page: many calendars show a cancelled meeting like any other.
pub(super) fn title(meeting: &Meeting, words: &Words) -> String {
    match meeting.cancelled {
        Some(_) => words.say("meeting-cancelled-title", &[("title", &meeting.title)]),
        None => meeting.title.clone(),
    }
}

fn description(here: &Here, meeting: &Meeting, group: &str, words: &Words) -> String {
    let kind = words.say(&format!("meeting-kind-{}", meeting.kind.name()), &[]);
    let online = meeting.online.as_ref().map(|online| format!("{} {online}", words.say("wire-online", &[])));
    let facts: Vec<String> = wire::about_access(meeting, words).into_iter().chain(wire::lifts(meeting, words)).collect();
    let parts = [
        meeting.cancelled.map(|_| words.say("meeting-cancelled", &[])),
        Some(words.say("meeting-of", &[("kind", &kind), ("group", group)])),
        online,
        (!facts.is_empty()).then(|| facts.join("\n")),
        meeting.agenda.as_deref().map(text::to_plain),
        Some(page(here, meeting).into()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// RFC 5545, 3.8.1.6; six decimals are a tenth of a metre.
fn geo(position: Position) -> ICalendarEntry {
    let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
    ICalendarEntry::new(Property::Geo).with_values(vec![rounded(position.latitude).into(), rounded(position.longitude).into()])
}

/// RFC 7986, 5.11.
fn conference(online: &url::Url, words: &Words) -> ICalendarEntry {
    address(Property::Conference, online)
        .with_param(value_type(ICalendarValueType::Uri))
        .with_param(ICalendarParameter::label(parameter(&words.say("meeting-online", &[]))))
}
