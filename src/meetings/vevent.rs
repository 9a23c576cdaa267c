//! One meeting as an event of a calendar. Knows nothing of the calendar it stands in.

use calcard::icalendar::{
    ICalendarClassification, ICalendarEntry, ICalendarParameter, ICalendarProperty as Property, ICalendarStatus,
    ICalendarTransparency, ICalendarValueType,
};
use url::Url;
use uuid::Uuid;

use super::{
    abroad::Shown,
    meeting::{Meeting, Position},
    wire,
};
use crate::{
    app::Here,
    text,
    web::icalendar::{Calendar, address, entry, event, list, moment, parameter, plain, text, value_type},
    words::Words,
};

/// Where people read of it.
pub fn page(here: &Here, meeting: &Meeting) -> Url {
    here.origin.url(&format!("/meetings/{}", meeting.id))
}

/// What a `VEVENT` says beside what it says of its meeting.
pub struct Frame {
    /// The meeting's own or that of its series, without a host (RFC 7986, 5.3): the one that Mobilizon gives it, too.
    pub uid: Uuid,
    pub sequence: i64,
    /// When it is.
    pub times: Vec<ICalendarEntry>,
    pub page: Url,
}

impl Frame {
    /// Of a meeting that stands alone in its calendar.
    pub fn of(here: &Here, calendar: &Calendar, meeting: &Meeting) -> Self {
        let times =
            [calendar.time(Property::Dtstart, &meeting.local_start()), calendar.time(Property::Dtend, &meeting.local_end())];
        let page = page(here, meeting);
        Self { uid: meeting.id, sequence: meeting.sequence, times: times.into(), page }
    }
}

/// The `VEVENT` of a meeting, or of the pattern of a series.
pub fn event_of(here: &Here, meeting: &Meeting, group: &str, frame: Frame) -> String {
    let words = Words::of(&meeting.language);
    let status = match meeting.cancelled {
        Some(_) => ICalendarStatus::Cancelled,
        None if meeting.is_tentative() => ICalendarStatus::Tentative,
        None => ICalendarStatus::Confirmed,
    };
    let in_its_language = |name: Property, value: &str| text(name, &meeting.language, value);
    let mut entries = vec![
        plain(Property::Uid, &frame.uid.to_string()),
        moment(Property::Dtstamp, meeting.changed()),
        moment(Property::Created, meeting.published),
        moment(Property::LastModified, meeting.changed()),
        entry(Property::Sequence, frame.sequence),
    ];
    entries.extend(frame.times);
    entries.extend([
        in_its_language(Property::Summary, &title(meeting, &words)),
        in_its_language(Property::Description, &description(here, meeting, group, &frame.page, &words)),
        address(Property::Url, &frame.page),
        entry(Property::Status, status),
        entry(Property::Class, ICalendarClassification::Public),
        entry(Property::Transp, ICalendarTransparency::Opaque),
    ]);
    entries.extend(wire::where_(meeting).map(|place| in_its_language(Property::Location, &place)));
    entries.extend(meeting.position.map(geo));
    entries.extend(meeting.online.as_ref().map(|online| conference(online, &words)));
    let tags = meeting.tags();
    if !tags.is_empty() {
        entries.push(list(Property::Categories, &tags));
    }
    event(entries)
}

/// The `VEVENT` of a meeting of another city, by the clock of everyone.
pub(super) fn of_another_city(here: &Here, Shown { meeting, who }: &Shown, words: &Words) -> String {
    let status = if meeting.cancelled { ICalendarStatus::Cancelled } else { ICalendarStatus::Confirmed };
    let title = if meeting.cancelled && !meeting.title.contains("CANCELLED") {
        words.say("meeting-cancelled-title", &[("title", &meeting.title)])
    } else {
        meeting.title.clone()
    };
    let language = meeting.language.as_deref().unwrap_or_default();
    let said = |name: Property, value: &str| if language.is_empty() { plain(name, value) } else { text(name, language, value) };
    let from = words.say("calendar-abroad-who", &[("who", who)]);
    let mut entries = vec![
        plain(Property::Uid, &format!("{}#{}", meeting.uri, meeting.starts.seconds())),
        moment(Property::Dtstamp, here.now.day()),
        moment(Property::Dtstart, meeting.starts),
        moment(Property::Dtend, meeting.ends),
        said(Property::Summary, &title),
        plain(Property::Description, &format!("{from}\n\n{}", meeting.url)),
        entry(Property::Status, status),
        entry(Property::Class, ICalendarClassification::Public),
        entry(Property::Transp, ICalendarTransparency::Transparent),
    ];
    entries.extend(Url::parse(&meeting.url).ok().map(|url| address(Property::Url, &url)));
    entries.extend(meeting.place.as_ref().map(|place| said(Property::Location, place)));
    event(entries)
}

/// Marked as on its page: many calendars show a cancelled meeting like any other.
pub(super) fn title(meeting: &Meeting, words: &Words) -> String {
    match meeting.cancelled {
        Some(_) => words.say("meeting-cancelled-title", &[("title", &meeting.title)]),
        None if meeting.is_tentative() => words.say("meeting-unconfirmed-title", &[("title", &meeting.title)]),
        None => meeting.title.clone(),
    }
}

fn description(here: &Here, meeting: &Meeting, group: &str, page: &Url, words: &Words) -> String {
    let kind = words.say(&format!("meeting-kind-{}", meeting.kind.name()), &[]);
    let online = meeting.online.as_ref().map(|online| format!("{} {online}", words.say("wire-online", &[])));
    let facts: Vec<String> = wire::about_access(meeting, words).into_iter().chain(wire::lifts(meeting, words)).collect();
    let parts = [
        meeting.cancelled.map(|_| words.say("meeting-cancelled", &[])),
        meeting.is_tentative().then(|| words.say("meeting-unconfirmed", &[])),
        Some(words.say("meeting-of", &[("kind", &kind), ("group", group)])),
        online,
        (!facts.is_empty()).then(|| facts.join("\n")),
        meeting.agreed.as_ref().map(|agreed| format!("{}: {}", agreed.said(words, None), agreed.url(here))),
        meeting.agenda.as_deref().map(text::to_plain),
        Some(page.to_string()),
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
