//! Meetings as calendars take them: one, those of a group, those of the city.

use std::{collections::HashMap, ops::Range, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::{Method, header, header::HeaderValue},
    web::{Bytes, Data, Path, ServiceConfig},
};
use calcard::icalendar::{
    ICalendarClassification, ICalendarEntry, ICalendarParameter, ICalendarProperty as Property, ICalendarStatus,
    ICalendarTransparency, ICalendarValueType,
};
use futures_util::stream;
use uuid::Uuid;

use super::{
    meeting::{Meeting, Position},
    store, wire,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::outbox::{self, Mark},
    groups::{self, group::Group},
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
        .service(readable("/meetings.ics", of_the_city))
        .service(readable("/@{handle}.ics", of_a_group))
        .service(readable("/meetings/{id}.ics", of_one));
}

/// The calendar of the city or of a group, for the pages that show the same.
pub fn alternate(shell: &Shell, group: Option<&Group>) -> Alternate {
    let (title, address) = match group {
        Some(group) => (shell.fill("calendar-group", "group", &group.name), format!("/@{}.ics", group.handle)),
        None => (shell.fill("calendar-city", "city", &shell.city), "/meetings.ics".into()),
    };
    Alternate { media_type: "text/calendar", title, address }
}

/// A calendar with this meeting alone.
pub fn alternate_of(meeting: &Meeting) -> Alternate {
    Alternate { media_type: "text/calendar", title: meeting.title.clone(), address: format!("/meetings/{}.ics", meeting.id) }
}

async fn of_the_city(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let mark = app.db.read(|conn| Ok(outbox::mark(conn)?)).await?;
    show(&request, &app, &front, None, mark).await
}

async fn of_a_group(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    let handle = handle.to_ascii_lowercase();
    let found = app
        .db
        .read(move |conn| {
            let group = groups::store::by_handle(conn, &handle)?;
            Ok((group, outbox::mark(conn)?))
        })
        .await?;
    match found {
        (None, _) => Err(Error::not_found("there is no group of that name").into()),
        (Some(group), _) if group.closed.is_some() => Err(Failure::Gone),
        (Some(group), mark) => show(&request, &app, &front, Some(group), mark).await,
    }
}

/// Which meetings, and what is said of all of them.
struct View {
    here: Here,
    calendar: Calendar,
    /// Handle, where only one group's meetings are shown.
    group: Option<String>,
    /// Of groups by handle: what others held is not shown.
    names: HashMap<String, String>,
}

async fn show(request: &HttpRequest, app: &Data<App>, front: &Front, group: Option<Group>, mark: Mark) -> Answer {
    let here = app.here();
    let today = here.now.day();
    // the mark is read before the meetings: what changes in between changes the version once more
    let version = Version::of(front, &[&mark.ids, &today.rfc3339()], mark.time.max(today));
    if let Some(known) = version.known(request, FRESH) {
        return Ok(known);
    }
    let view = view(app, front, here, group, today - BACK..today + AHEAD).await?;
    let file = view.group.as_deref().unwrap_or("meetings");
    let mut answer = version.answer(MEDIA_TYPE, FRESH);
    answer.insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}.ics\"")));
    if request.method() == Method::HEAD {
        return Ok(answer.streaming(stream::empty::<Result<Bytes, Error>>()));
    }
    Ok(answer.streaming(pieces(app.clone(), view)))
}

async fn view(app: &App, front: &Front, here: Here, group: Option<Group>, span: Range<Timestamp>) -> Result<View> {
    let (handle, during) = (group.as_ref().map(|group| group.handle.clone()), span.clone());
    let (of, only) = (handle.clone(), handle.is_some());
    let (zones, names) = app
        .db
        .read(move |conn| {
            let zones = store::zones_between(conn, &during, of.as_deref())?;
            let names = if only { HashMap::new() } else { groups::store::names(conn)? };
            Ok((zones, names))
        })
        .await?;
    let words = front.words();
    let (name, page, names) = match &group {
        Some(group) => {
            let name = words.say("calendar-group", &[("group", &group.name)]);
            (name, format!("/@{}", group.handle), HashMap::from([(group.handle.clone(), group.name.clone())]))
        }
        None => (words.say("calendar-city", &[("city", &here.city)]), "/meetings".into(), names),
    };
    let source = here.origin.url(&format!("{}.ics", page));
    let calendar = Calendar { name, language: words.tag(), source, page: here.origin.url(&page), zones, span };
    Ok(View { here, calendar, group: handle, names })
}

/// Where the next piece begins.
enum Next {
    Head,
    After(Option<(Timestamp, Uuid)>),
    Nothing,
}

/// The calendar, made while it is sent: whoever reads slowly holds no connection, and who goes away leaves nothing behind.
fn pieces(app: Data<App>, view: View) -> impl stream::Stream<Item = Result<Bytes, Error>> {
    let view = Arc::new(view);
    stream::try_unfold(Next::Head, move |next| {
        let (app, view) = (app.clone(), view.clone());
        async move {
            let after = match next {
                Next::Nothing => return Ok(None),
                Next::Head => return Ok(Some((Bytes::from(view.calendar.head()), Next::After(None)))),
                Next::After(key) => key,
            };
            let (text, next) = app.db.read(move |conn| piece(conn, &view, after)).await?;
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

fn piece(conn: &mut Conn, view: &View, after: Option<(Timestamp, Uuid)>) -> Result<(String, Next)> {
    let meetings = store::between(conn, &view.calendar.span, view.group.as_deref(), after, PIECE)?;
    let shown = meetings.iter().filter_map(|meeting| Some((meeting, view.names.get(&meeting.group)?)));
    let mut text: String = shown.map(|(meeting, group)| written(&view.here, &view.calendar, meeting, group)).collect();
    let last = meetings.last().filter(|_| i64::try_from(meetings.len()).is_ok_and(|count| count == PIECE));
    let next = last.map(|last| Next::After(Some((last.starts, last.id)))).unwrap_or(Next::Nothing);
    if matches!(next, Next::Nothing) {
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
            let group = groups::store::by_handle(conn, &meeting.group)?;
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
    let parts = [
        meeting.cancelled.map(|_| words.say("meeting-cancelled", &[])),
        Some(words.say("meeting-of", &[("kind", &kind), ("group", group)])),
        online,
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
