//! A meeting's page, and meetings in a list, day by day.

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};

use super::{meeting::Meeting, wire};
use crate::{
    announcements::{self, pages::Item},
    app::{App, Here},
    clock::Timestamp,
    groups::{self, group::Group, wire::tag_page},
    origin::Local,
    text,
    web::{About, Answer, Day, Front, Shell, document_instead, gone, hours, moment, read_id, readable},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/meetings/{id}", show));
}

/// The meetings of one day.
pub struct AgendaDay {
    pub name: String,
    pub meetings: Vec<AgendaLine>,
}

/// A meeting in a list.
pub struct AgendaLine {
    pub page: String,
    pub title: String,
    /// BCP 47, of the title.
    pub language: String,
    /// For machines, with its offset.
    pub starts: String,
    pub hours: String,
    /// Left out where only one group's meetings are listed.
    pub group: Option<String>,
    pub place: Option<String>,
    pub cancelled: bool,
    pub moved: bool,
}

/// Meetings by day, in the order given. `group_name` gives the name of the group of that handle where it is to be shown.
pub fn agenda(
    shell: &Shell,
    now: Timestamp,
    meetings: &[Meeting],
    group_name: impl Fn(&str) -> Option<String>,
) -> Vec<AgendaDay> {
    let mut days: Vec<(Day, AgendaDay)> = Vec::new();
    for meeting in meetings {
        let day = Day::of(&meeting.local_start(), now);
        let line = line(shell, now, meeting, group_name(&meeting.group));
        match days.last_mut() {
            Some((last, entry)) if *last == day => entry.meetings.push(line),
            _ => days.push((day, AgendaDay { name: day.said(&shell.words), meetings: vec![line] })),
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

fn line(shell: &Shell, now: Timestamp, meeting: &Meeting, group: Option<String>) -> AgendaLine {
    let online = || meeting.online.as_ref().map(|_| shell.say("meeting-online"));
    AgendaLine {
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        starts: meeting.local_start().to_rfc3339(),
        hours: hours(&shell.words, &meeting.local_start(), &meeting.local_end(), now),
        group,
        place: meeting.place.clone().or_else(|| meeting.address.clone()).or_else(online),
        cancelled: meeting.cancelled.is_some(),
        moved: meeting.previous_start.is_some(),
    }
}

#[derive(Template)]
#[template(path = "meetings/meeting.html")]
struct MeetingPage<'a> {
    shell: Shell,
    meeting: &'a Meeting,
    group: &'a Group,
    /// Such as `Assembly of Kitchen`.
    what: String,
    group_page: String,
    day: String,
    hours: String,
    zone: String,
    over: bool,
    agenda: Option<Safe<String>>,
    /// Where it began before it was moved.
    before: Option<String>,
    /// Notes about what changed, the newest first.
    changes: Vec<Item>,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Event(id))) {
        return Ok(elsewhere);
    }
    let (meeting, group, changes) = app
        .db
        .read(move |conn| {
            let meeting = super::actions::find(conn, id)?;
            let group = groups::store::by_handle(conn, &meeting.group)?;
            let changes = announcements::store::of_meeting(conn, id)?;
            Ok((meeting, group, changes))
        })
        .await?;
    let Some(group) = group.filter(|group| group.closed.is_none()) else {
        return Ok(gone(&front, &request, "meeting-gone"));
    };
    let mut shell = Shell::new(&front, &request, about(&here, &meeting, &group));
    if meeting.cancelled.is_some() {
        shell.about.title = shell.fill("meeting-cancelled-title", "title", &meeting.title);
    }
    let changes = changes.iter().map(|note| announcements::pages::item(&shell, &here, note, None)).collect();
    Shell::show(&request, &page(shell, &here, &meeting, &group, changes))
}

fn about(here: &Here, meeting: &Meeting, group: &Group) -> About {
    About {
        title: meeting.title.clone(),
        description: wire::summary(meeting, &crate::words::Words::of(&meeting.language)),
        picture: Some(match meeting.pictures.first() {
            Some(picture) => here.origin.url(&picture.large.path()),
            None => groups::media::address(here, group, groups::media::Which::Header),
        }),
        id: Some(here.origin.uri(&Local::Event(meeting.id))),
        kind: "article",
    }
}

fn page<'a>(shell: Shell, here: &Here, meeting: &'a Meeting, group: &'a Group, changes: Vec<Item>) -> MeetingPage<'a> {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    let kind = shell.say(&format!("meeting-kind-{}", meeting.kind.name()));
    let before = meeting.previous_start.map(|before| before.utc().with_timezone(&meeting.zone));
    let agenda = meeting.agenda.as_ref().map(|agenda| text::to_html(agenda, &meeting.mentions, &|tag| tag_page(here, tag)));
    MeetingPage {
        what: shell.words.say("meeting-of", &[("kind", &kind), ("group", &group.name)]),
        group_page: shell.link(&format!("/@{}", group.handle)),
        day: Day::of(&start, here.now).said(&shell.words),
        hours: hours(&shell.words, &start, &end, here.now),
        zone: shell.fill("meeting-zone", "zone", &meeting.zone.name().replace('_', " ")),
        over: meeting.ends <= here.now,
        agenda: agenda.map(Safe),
        before: before.map(|before| moment(&shell.words, &before, here.now)),
        changes,
        shell,
        meeting,
        group,
    }
}
