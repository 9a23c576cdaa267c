//! The page of minutes, and what a group decided, meeting by meeting.

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::{Template, filters::Safe};
use uuid::Uuid;

use super::{
    actions,
    record::Minutes,
    store::{self, Which},
    wire,
};
use crate::{
    announcements,
    app::{App, Here},
    clock::Timestamp,
    db::turn::Mark,
    error::Error,
    groups::{self, group::Group, pages::Next, wire::tag_page},
    meetings::{self, meeting::Meeting},
    origin::Local,
    replies::{
        self,
        pages::{Asked, Thread, thread},
    },
    text,
    web::{
        About, Answer, At, Day, Failure, Front, Shell, capitalised, document_instead, gone, hours, moment, read_id, readable,
        turned,
    },
    words::Words,
};

/// Meetings on one page of what a group decided.
const MEETINGS: usize = 20;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/minutes/{id}.txt", text_alone))
        .service(readable("/minutes/{id}", show))
        .service(readable("/@{handle}/decisions", decisions));
}

/// Minutes in a list.
pub struct Item {
    pub page: String,
    pub title: String,
    /// BCP 47, of the title.
    pub title_language: String,
    /// BCP 47, of the decisions.
    pub language: String,
    /// When the meeting was; for machines, and for people.
    pub starts: String,
    pub day: String,
    /// How much was decided.
    pub count: String,
    /// What was decided, each with its address.
    pub decisions: Vec<(String, Safe<String>)>,
}

/// Minutes in a list, in the order of meetings.
pub fn item(shell: &Shell, here: &Here, minutes: &Minutes, meeting: &Meeting) -> Item {
    let page = format!("/minutes/{}", minutes.id);
    let start = meeting.local_start();
    let decision = |decision: &super::record::Decision| {
        let html = text::to_html(&decision.text, &minutes.mentions, &|tag| tag_page(here, tag));
        (shell.link(&format!("{page}#decision-{}", decision.number)), Safe(html))
    };
    Item {
        title: meeting.title.clone(),
        title_language: meeting.language.clone(),
        language: minutes.language.clone(),
        starts: start.to_rfc3339(),
        day: capitalised(&Day::of(&start, here.now).date(&shell.words)),
        count: wire::decided(&shell.words, minutes.decisions.len()),
        decisions: minutes.decisions.iter().map(decision).collect(),
        page: shell.link(&page),
    }
}

#[derive(Template)]
#[template(path = "minutes/minutes.html")]
struct MinutesPage<'a> {
    shell: Shell,
    minutes: &'a Minutes,
    meeting: &'a Meeting,
    group: &'a Group,
    group_page: String,
    meeting_page: String,
    decisions_page: String,
    day: String,
    hours: String,
    place: Option<String>,
    /// About how many were there.
    people: Option<String>,
    decided: String,
    next: Option<Next>,
    published: String,
    updated: Option<String>,
    words: Safe<String>,
    /// To be copied.
    plain: String,
    plain_page: String,
    thread: Thread,
}

/// What the page shows.
struct Found {
    minutes: Minutes,
    meeting: Meeting,
    /// If it has not ended.
    group: Option<Group>,
    /// What the group holds next.
    next: Option<Meeting>,
    said: replies::pages::Said,
}

async fn found(app: &App, id: Uuid) -> Result<Found, Error> {
    let now = app.clock.now();
    let found = app.db.read(move |conn| {
        let minutes = actions::find(conn, id)?;
        let meeting = meetings::actions::find(conn, minutes.meeting)?;
        let group = groups::store::even_waiting(conn, &minutes.group)?.filter(|group| group.closed.is_none());
        let next = actions::next_meeting(conn, &minutes.group, &meeting, now)?;
        let said = replies::pages::Said::below(conn, &Local::Minutes(id))?;
        Ok(Found { minutes, meeting, group, next, said })
    });
    found.await
}

async fn text_alone(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    let Found { minutes, meeting, group, next, .. } = found(&app, id).await?;
    let group = group.filter(|_| minutes.deleted.is_none()).ok_or(Failure::Gone)?;
    let shell = Shell::new(&front, &request, About::default());
    Ok(shell.plain(&request, plain(&shell.words, &here, &minutes, &meeting, next.as_ref(), &group)))
}

/// Plain text, whole in any chat.
fn plain(words: &Words, here: &Here, minutes: &Minutes, meeting: &Meeting, next: Option<&Meeting>, group: &Group) -> String {
    let head = [
        Some(wire::name(meeting, words)),
        Some(words.say("text-who", &[("group", &group.name), ("city", &here.city)])),
        Some(meetings::wire::summary(meeting, words)),
        minutes.present.map(|step| wire::people(words, step)),
        Some(wire::next_line(next, words)),
    ];
    let head: Vec<String> = head.into_iter().flatten().map(|line| text::one_line(&line)).collect();
    let page = here.origin.page(&Local::Minutes(minutes.id)).map(String::from).unwrap_or_default();
    // chats show tabs in as many ways as there are chats
    let body = text::to_plain(&super::sections::shown(&minutes.text)).replace('\t', "    ");
    [head.join("\n"), body.trim().to_owned(), page].join("\n\n")
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>, asked: Query<Asked>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Minutes(id))) {
        return Ok(elsewhere);
    }
    let Found { minutes, meeting, group, next, said } = found(&app, id).await?;
    if minutes.deleted.is_some() {
        return Ok(gone(&front, &request, "minutes-gone"));
    }
    let Some(group) = group else {
        return Ok(gone(&front, &request, "group-gone"));
    };
    let mut shell = Shell::new(&front, &request, about(&here, &minutes, &meeting, next.as_ref(), &group));
    shell.about.title = wire::name(&meeting, &shell.words);
    shell.about.private = group.welcomed.is_none();
    shell.about.alternates = vec![announcements::feed::alternate(&shell, Some(&group))];
    shell.about.passing = !asked.is_first();
    let below = thread(&shell, &here, said, &group, &Local::Minutes(id), &format!("/minutes/{id}"), &asked);
    let time = |time: Timestamp| moment(&shell.words, &time.utc().with_timezone(&shell.zone), here.now);
    let (start, end) = (meeting.local_start(), meeting.local_end());
    let page = MinutesPage {
        group_page: shell.link(&format!("/@{}", group.handle)),
        meeting_page: shell.link(&format!("/meetings/{}", meeting.id)),
        decisions_page: shell.link(&format!("/@{}/decisions", group.handle)),
        day: capitalised(&Day::of(&start, here.now).date(&shell.words)),
        hours: hours(&shell.words, &start, &end, here.now),
        place: meeting.place.clone().or_else(|| meeting.address.clone()),
        people: minutes.present.map(|step| wire::people(&shell.words, step)),
        decided: wire::decided(&shell.words, minutes.decisions.len()),
        next: next.as_ref().map(|next| Next::of(&shell, &here, next)),
        published: capitalised(&time(minutes.published)),
        updated: minutes.updated.map(|updated| shell.fill("announcement-updated", "when", &time(updated))),
        words: Safe(wire::anchored(&here, &minutes)),
        plain: plain(&shell.words, &here, &minutes, &meeting, next.as_ref(), &group),
        plain_page: shell.link(&format!("/minutes/{id}.txt")),
        thread: below,
        minutes: &minutes,
        meeting: &meeting,
        group: &group,
        shell,
    };
    Shell::show_with_script(&request, &front, &page)
}

fn about(here: &Here, minutes: &Minutes, meeting: &Meeting, next: Option<&Meeting>, group: &Group) -> About {
    About {
        description: wire::summary(minutes, meeting, next, &Words::of(&minutes.language)),
        id: Some(here.origin.uri(&Local::Minutes(minutes.id))),
        kind: "article",
        copies: true,
        ..groups::pages::said_by(here, group)
    }
}

#[derive(Template)]
#[template(path = "minutes/decisions.html")]
struct DecisionsPage {
    shell: Shell,
    group: Group,
    group_page: String,
    items: Vec<Item>,
    newer: Option<String>,
    older: Option<String>,
}

async fn decisions(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>, at: Query<At>) -> Answer {
    let (here, turn, handle) = (app.here(), at.turn()?, handle.to_ascii_lowercase());
    let missing = || Error::not_found("there is no group of that name");
    if groups::group::check_handle(&handle).is_err() {
        return Err(missing().into());
    }
    let found = app.db.read(move |conn| {
        let group = groups::store::even_waiting(conn, &handle)?;
        Ok((group, store::page(conn, &handle, Which::Deciding, turn, MEETINGS as i64 + 1)?))
    });
    let (group, found) = found.await?;
    let group = group.ok_or_else(missing)?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    let (found, newer, older) = turn.cut(found, MEETINGS);
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..groups::pages::said_by(&here, &group) });
    shell.about.title = shell.fill("minutes-decisions-of", "group", &group.name);
    shell.about.description = shell.fill("minutes-decisions-lead", "group", &group.name);
    shell.about.private = group.welcomed.is_none();
    shell.about.passing = turn != crate::db::turn::Turn::First;
    shell.about.alternates = vec![announcements::feed::alternate(&shell, Some(&group))];
    let path = format!("/@{}/decisions", group.handle);
    let edge = |there: bool, name, row: Option<&(Minutes, Meeting)>| {
        let mark = row.filter(|_| there).map(|(minutes, meeting)| Mark { time: meeting.starts, id: minutes.id })?;
        Some(shell.link(&turned(&path, name, mark)))
    };
    let page = DecisionsPage {
        items: found.iter().map(|(minutes, meeting)| item(&shell, &here, minutes, meeting)).collect(),
        newer: edge(newer, "before", found.first()),
        older: edge(older, "after", found.last()),
        group_page: shell.link(&format!("/@{}", group.handle)),
        group,
        shell,
    };
    Shell::show(&request, &page)
}
