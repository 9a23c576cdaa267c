//! A meeting's page, and the meeting as text.

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde_json::{Value, json};

use super::{
    agenda::{linked, map},
    calendar,
    meeting::{Meeting, Position},
    plain, programme, wire,
};
use crate::{
    announcements::{self, announcement::Announcement, pages::Item},
    app::{App, Here},
    coming,
    error::Error,
    groups::{self, group::Group, wire::tag_page},
    joint::pages::{Together, together},
    minutes,
    origin::Local,
    replies::{
        self,
        pages::{Asked, Thread, thread},
    },
    series::{self, series::Series},
    text,
    web::{
        About, Answer, Day, Failure, Front, Shell, away, capitalised, document_instead, gone, hours, moment, read_id, readable,
        zone_name,
    },
};

pub use programme::zone;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/meetings", programme::show))
        .service(readable("/meetings/{id}.txt", text))
        .service(readable("/meetings/{id}", show));
}

#[derive(Template)]
#[template(path = "meetings/meeting.html")]
struct MeetingPage<'a> {
    shell: Shell,
    meeting: &'a Meeting,
    group: &'a Group,
    kind: String,
    group_page: String,
    day: String,
    hours: String,
    /// `Tomorrow`, `In 3 days`.
    away: Option<String>,
    zone: String,
    /// When it is by the city's clock, where that shows another time.
    here_when: Option<String>,
    map: Option<String>,
    /// What makes it easier to come.
    access: Vec<String>,
    /// When the rest of where it is is shown.
    lifts: Option<String>,
    over: bool,
    agenda: Option<Safe<String>>,
    /// What is said of the decision by which it was agreed, and where that stands.
    agreed: Option<(String, String)>,
    /// The page of its notes.
    minutes: Option<String>,
    /// Where it began before it was moved.
    before: Option<String>,
    /// To which it belongs.
    series: Option<series::pages::Line>,
    /// Notes about what changed, the newest first.
    changes: Vec<Item>,
    /// Whether people say that they come.
    coming: Option<coming::pages::Part>,
    /// Who calls it beside its group.
    together: Option<Together>,
    /// To be copied.
    plain: String,
    plain_page: String,
    thread: Thread,
}

/// What a meeting's page shows.
struct Found {
    meeting: Meeting,
    /// If it has not ended.
    group: Option<Group>,
    changes: Vec<Announcement>,
    /// What others said to it.
    said: replies::pages::Said,
    /// What people said about coming, where they are asked.
    coming: Option<coming::actions::Shown>,
    /// The notes of it.
    minutes: Option<uuid::Uuid>,
    /// To which it belongs.
    series: Option<Series>,
    together: Option<Together>,
}

async fn found(app: &App, id: uuid::Uuid) -> Result<Found, Error> {
    let (now, here) = (app.clock.now(), app.here());
    let found = app.db.read(move |conn| {
        let meeting = super::actions::find(conn, id)?;
        let group = groups::store::even_waiting(conn, &meeting.group)?;
        let changes = announcements::store::of_meeting(conn, id)?;
        let said = replies::pages::Said::below(conn, &Local::Event(id))?;
        let coming = coming::actions::shown(conn, &meeting, now)?;
        let minutes = minutes::store::of_meeting(conn, id)?.map(|minutes| minutes.id);
        let series = meeting.recurrence.map(|this| series::store::by_id(conn, this.series)).transpose()?.flatten();
        let together = together(conn, &here, &meeting)?;
        let group = group.filter(|group| group.closed.is_none());
        Ok(Found { meeting, group, changes, said, coming, minutes, series, together })
    });
    found.await
}

async fn text(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let here = app.here();
    let Found { meeting, group, .. } = found(&app, read_id(&id)?).await?;
    let group = group.ok_or(Failure::Gone)?;
    let shell = Shell::new(&front, &request, About::default());
    Ok(shell.plain(&request, plain::text(&shell.words, &here, &meeting, &group.name)))
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>, asked: Query<Asked>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Event(id))) {
        return Ok(elsewhere);
    }
    let Found { meeting, group, changes, said, coming, minutes, series, together } = found(&app, id).await?;
    let Some(group) = group else {
        return Ok(gone(&front, &request, "meeting-gone"));
    };
    let mut shell = Shell::new(&front, &request, about(&here, &meeting, &group));
    shell.about.private = group.welcomed.is_none();
    shell.about.alternates =
        vec![calendar::alternate_of(&meeting), calendar::alternate(&shell, &calendar::of(&group.handle), Some(&group.name))];
    if meeting.cancelled.is_some() {
        shell.about.title = shell.fill("meeting-cancelled-title", "title", &meeting.title);
    }
    let changes = changes.iter().map(|note| announcements::pages::item(&shell, &here, note, None)).collect();
    shell.about.passing = !asked.is_first();
    let below = thread(&shell, &here, said, &group, &Local::Event(id), &format!("/meetings/{id}"), &asked);
    let coming = coming::pages::part(&shell.words, &meeting, meeting.ends <= here.now, coming);
    let minutes = minutes.map(|id| shell.link(&format!("/minutes/{id}")));
    let series = series.map(|series| series::pages::line(&shell, &series));
    let page = MeetingPage { coming, minutes, series, together, ..page(shell, &here, &meeting, &group, changes, below) };
    Shell::show_with_script(&request, &front, &page)
}

fn about(here: &Here, meeting: &Meeting, group: &Group) -> About {
    let about = About {
        title: meeting.title.clone(),
        description: wire::summary(meeting, &crate::words::Words::of(&meeting.language)),
        id: meeting.is_said().then(|| here.origin.uri(&Local::Event(meeting.id))),
        kind: "article",
        copies: true,
        ..groups::pages::shown_by(here, group, &meeting.pictures)
    };
    About { data: Some(data(here, meeting, group, &about)), ..about }
}

/// The meeting as an `Event` of schema.org.
fn data(here: &Here, meeting: &Meeting, group: &Group, about: &About) -> Value {
    let page = |local: Local| here.origin.page(&local).map(String::from);
    let state = match (meeting.cancelled, meeting.previous_start) {
        (Some(_), _) => "EventCancelled",
        (None, Some(_)) => "EventRescheduled",
        (None, None) => "EventScheduled",
    };
    let (room, online) = (meeting.is_somewhere(), meeting.online.is_some());
    let mode = match (room, online) {
        (true, true) => "MixedEventAttendanceMode",
        (false, true) => "OnlineEventAttendanceMode",
        _ => "OfflineEventAttendanceMode",
    };
    let virtual_place = meeting.online.as_ref().map(|url| json!({ "@type": "VirtualLocation", "url": url }));
    let places: Vec<Value> = room.then(|| place(here, meeting)).into_iter().chain(virtual_place).collect();
    let mut event = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "name": meeting.title,
        "description": about.description,
        "inLanguage": meeting.language,
        "url": page(Local::Event(meeting.id)),
        "startDate": meeting.local_start().to_rfc3339(),
        "endDate": meeting.local_end().to_rfc3339(),
        "eventStatus": format!("https://schema.org/{state}"),
        "eventAttendanceMode": format!("https://schema.org/{mode}"),
        "organizer": { "@type": "Organization", "name": group.name, "url": page(Local::Group(group.handle.clone())) },
        "image": about.picture,
    });
    if let Some(before) = meeting.previous_start {
        event["previousStartDate"] = json!(before.utc().with_timezone(&meeting.zone).to_rfc3339());
    }
    // the one room of a group that has not said where: the city
    event["location"] =
        if places.is_empty() { json!({ "@type": "Place", "name": here.city, "address": here.city }) } else { json!(places) };
    event
}

fn place(here: &Here, meeting: &Meeting) -> Value {
    let name = meeting.place.as_ref().or(meeting.address.as_ref()).unwrap_or(&here.city);
    let mut place = json!({ "@type": "Place", "name": name, "address": meeting.address.as_ref().unwrap_or(name) });
    if let Some(Position { latitude, longitude }) = meeting.position {
        place["geo"] = json!({ "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude });
    }
    place
}

fn page<'a>(
    shell: Shell,
    here: &Here,
    meeting: &'a Meeting,
    group: &'a Group,
    changes: Vec<Item>,
    thread: Thread,
) -> MeetingPage<'a> {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    let before = meeting.previous_start.map(|before| before.utc().with_timezone(&meeting.zone));
    let agenda = meeting.agenda.as_ref().map(|agenda| text::to_html(agenda, &meeting.mentions, &|tag| tag_page(here, tag)));
    let by_our_clock = start.with_timezone(&shell.zone);
    let here_when = (by_our_clock.naive_local() != start.naive_local()).then(|| {
        let moment = moment(&shell.words, &by_our_clock, here.now);
        shell.words.say("meeting-here", &[("city", &shell.city), ("moment", &moment)])
    });
    MeetingPage {
        kind: shell.say(&format!("meeting-kind-{}", meeting.kind.name())),
        group_page: shell.link(&format!("/@{}", group.handle)),
        day: capitalised(&Day::of(&start, here.now).date(&shell.words)),
        hours: hours(&shell.words, &start, &end, here.now),
        away: away(&shell.words, &start, here.now),
        zone: shell.fill("meeting-zone", "zone", &zone_name(meeting.zone)),
        here_when,
        map: meeting.position.map(map),
        access: meeting.access.facts.iter().map(|fact| capitalised(&shell.say(&format!("access-{}", fact.name())))).collect(),
        lifts: wire::lifts(meeting, &shell.words).filter(|_| meeting.ends > here.now),
        over: meeting.ends <= here.now,
        agenda: agenda.map(Safe),
        agreed: meeting.agreed.as_ref().map(|agreed| (agreed.said(&shell.words, Some(here.now)), linked(&shell, agreed))),
        minutes: None,
        before: before.map(|before| moment(&shell.words, &before, here.now)),
        changes,
        thread,
        coming: None,
        together: None,
        series: None,
        plain: plain::text(&shell.words, here, meeting, &group.name),
        plain_page: shell.link(&format!("/meetings/{}.txt", meeting.id)),
        shell,
        meeting,
        group,
    }
}
