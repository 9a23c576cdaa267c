//! Meetings as calendars take them: one, those of a group, those of the city.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header, header::HeaderValue},
    web::{Bytes, Data, Path, ServiceConfig},
};
use futures_util::{StreamExt, future, stream};
use uuid::Uuid;

use super::{
    abroad,
    filter::{Filter, Span, When},
    meeting::{MAX_LENGTH, Meeting},
    store,
    vevent::{self, Frame, event_of, page},
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::{self, Conn, turn::Turn},
    error::{Error, Result},
    federation::outbox,
    groups::{
        self,
        group::{Group, PLAZA, is_handle},
    },
    series,
    web::{
        Alternate, Answer, Cache, Failure, Front, Shell, Version,
        icalendar::{Calendar, MEDIA_TYPE, TAIL},
        read_id, readable, respond,
    },
    words::Words,
};

/// A calendar shows what was in the last 30 days and what will be in some 18 months.
const BACK: Duration = Duration::from_secs(30 * 24 * 3_600);
const AHEAD: Duration = Duration::from_secs(548 * 24 * 3_600);

/// Calendars may be kept so long without asking again, in seconds.
pub const FRESH: Cache = Cache::Public(60);

/// Meetings of other cities, where they are asked for.
const ABROAD: i64 = 500;

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
    let handle = handle.to_ascii_lowercase();
    // where everything is passed on, everything is on
    let filter = if handle == PLAZA { Filter::default() } else { of(&handle) };
    show(&request, &app, &front, filter).await
}

/// The group that a filter asks for, and the version of what it lets through: it changes with what is said, and with the days.
/// It is known before anything that is shown is read: whatever changes meanwhile changes the version once more.
pub(super) async fn look_up(app: &App, front: &Front, filter: &Filter) -> Result<(Option<Group>, Version), Failure> {
    let today = app.clock.now().day();
    let missing = || Error::not_found("there is no group of that name");
    let (wanted, elsewhere) = (filter.group.clone(), filter.looks_elsewhere(false));
    if wanted.as_deref().is_some_and(|handle| !is_handle(handle)) {
        return Err(missing().into());
    }
    let found = app
        .db
        .read(move |conn| {
            let mark = outbox::mark(conn)?;
            let abroad = if elsewhere { abroad::mark(conn)? } else { String::new() };
            Ok((wanted.map(|handle| groups::store::by_handle(conn, &handle)).transpose()?, mark, abroad))
        })
        .await?;
    let (group, mark, abroad) = match found {
        (Some(None), ..) => return Err(missing().into()),
        (Some(Some(group)), ..) if group.closed.is_some() => return Err(Failure::Gone),
        (group, mark, abroad) => (group.flatten(), mark, abroad),
    };
    // what other cities say is no older than now
    let time = if elsewhere { app.clock.now() } else { mark.time.max(today) };
    Ok((group, Version::of(front, &[&mark.ids, &today.rfc3339(), &filter.query(), &abroad], time)))
}

/// Which meetings, and what is said of all of them.
struct View {
    here: Here,
    calendar: Calendar,
    filter: Filter,
    span: Span,
    /// Series that are told by their rule.
    whole: Vec<Uuid>,
    /// Series of which the filter lets only some meetings through: these are told one by one.
    apart: Vec<Uuid>,
}

/// What comes next in a calendar.
enum Next {
    /// The series of that place in the list.
    Series(usize),
    /// Meetings that are told one by one.
    Alone(Turn),
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

/// What a calendar shows at that time, when no day or month is asked for.
pub fn shown(now: Timestamp) -> Span {
    let today = now.day();
    Span { from: today - BACK - MAX_LENGTH, until: today + AHEAD, lasts: today - BACK }
}

async fn view(app: &App, front: &Front, filter: Filter, group: Option<Group>) -> Result<View> {
    let here = app.here();
    let span = match filter.when {
        When::Coming => shown(here.now),
        _ => filter.span(here.now, front.zone),
    };
    let wanted = filter.clone();
    let found = app.db.read(move |conn| {
        let (whole, apart) = match wanted.when {
            When::Coming => store::by_series::within(conn, &wanted, span)?,
            // a rule would say more than was asked for
            _ => (vec![], store::by_series::within(conn, &wanted, span).map(|(whole, apart)| [whole, apart].concat())?),
        };
        let of_rules = series::store::zones(conn, &whole)?;
        Ok((whole, apart, of_rules, store::zones(conn, wanted.group.as_deref(), span)?))
    });
    let (whole, apart, of_rules, mut zones) = found.await?;
    let mut begin = span.from;
    for (zone, first) in of_rules {
        begin = begin.min(first);
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
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
        zone: front.zone,
        zones,
        span: begin..span.until,
    };
    Ok(View { here, calendar, filter, span, whole, apart })
}

/// The calendar, made while it is sent: whoever reads slowly holds no connection, and who goes away leaves nothing behind.
fn pieces(app: Data<App>, view: View) -> impl stream::Stream<Item = Result<Bytes, Error>> {
    let head = stream::once(future::ok(Bytes::from(view.calendar.head())));
    let view = Arc::new(view);
    head.chain(stream::try_unfold(Some(Next::Series(0)), move |next| {
        let (app, view) = (app.clone(), view.clone());
        async move {
            let Some(next) = next else { return Ok(None) };
            let piece = app.db.read(move |conn| match next {
                Next::Series(place) => some_series(conn, &view, place),
                Next::Alone(turn) => some_meetings(conn, &view, turn),
            });
            let (text, next) = piece.await.inspect_err(|error| tracing::error!("a calendar breaks off: {error}"))?;
            Ok(Some((Bytes::from(text), next)))
        }
    }))
}

/// Series from that place on, as many as make a piece.
fn some_series(conn: &mut Conn, view: &View, mut place: usize) -> Result<(String, Option<Next>)> {
    let (mut text, mut size) = (String::new(), 0);
    while let Some(id) = view.whole.get(place).filter(|_| size < PIECE) {
        place += 1;
        // one that was taken back meanwhile
        let Some(series) = series::store::by_id(conn, *id)? else { continue };
        let rows = series::calendar::rows(conn, &series, view.span)?;
        size += 1 + rows.len() as i64;
        let names = groups::store::called(conn, std::iter::once(series.pattern.group.as_str()))?;
        if let Some(group) = names.get(&series.pattern.group) {
            text += &series::calendar::events(&view.here, &view.calendar, &series, &rows, group, view.span);
        }
    }
    let next = if place < view.whole.len() { Next::Series(place) } else { Next::Alone(Turn::First) };
    Ok((text, Some(next)))
}

/// The next meetings, and which ones follow; after the last one the calendar ends.
fn some_meetings(conn: &mut Conn, view: &View, turn: Turn) -> Result<(String, Option<Next>)> {
    let meetings = store::by_series::matching_alone(conn, &view.filter, view.span, turn, PIECE, &view.apart)?;
    let names = groups::store::called(conn, meetings.iter().map(|meeting| meeting.group.as_str()))?;
    let written = |meeting: &Meeting| {
        let frame = Frame::of(&view.here, &view.calendar, meeting);
        Some(event_of(&view.here, meeting, names.get(&meeting.group)?, frame))
    };
    let mut text: String = meetings.iter().filter_map(written).collect();
    let last = meetings.last().filter(|_| i64::try_from(meetings.len()).is_ok_and(|count| count == PIECE));
    let next = last.map(|last| Next::Alone(Turn::After(db::turn::Mark { time: last.starts, id: last.id })));
    if next.is_none() {
        if view.filter.looks_elsewhere(false) {
            let words = Words::of(&view.calendar.language);
            let abroad = abroad::within(conn, view.span, ABROAD)?;
            text.extend(abroad.iter().map(|shown| vevent::of_another_city(&view.here, shown, &words)));
        }
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
    Ok(as_file(respond(&request, MEDIA_TYPE, alone(&here, &meeting, &group), FRESH), &id.to_string()))
}

/// The same answer with the name that a saved file gets; nothing in it comes from people.
pub fn as_file(mut answer: HttpResponse, name: &str) -> HttpResponse {
    if let Ok(file) = HeaderValue::from_str(&format!("inline; filename=\"{name}.ics\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    answer
}

/// A calendar that holds this meeting only.
fn alone(here: &Here, meeting: &Meeting, group: &Group) -> String {
    let page = page(here, meeting);
    let calendar = Calendar {
        name: meeting.title.clone(),
        language: meeting.language.clone(),
        source: here.origin.url(&format!("{}.ics", page.path())),
        page,
        zone: meeting.zone,
        zones: vec![meeting.zone],
        span: meeting.starts..meeting.ends,
    };
    let event = event_of(here, meeting, &group.name, Frame::of(here, &calendar, meeting));
    format!("{}{event}{TAIL}", calendar.head())
}
