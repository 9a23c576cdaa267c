//! An announcement's page, and announcements in a list.

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::{Template, filters::Safe};
use url::Url;

use super::{announcement::Announcement, feed};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::turn::{Mark, Turn},
    error::Error,
    groups::{self, group::Group, wire::tag_page},
    origin::Local,
    replies::{
        self,
        pages::{Asked, Thread, thread},
    },
    text,
    web::{About, Answer, At, Failure, Front, Shell, capitalised, document_instead, gone, moment, read_id, readable, turned},
};

/// Of a description, in characters.
const DESCRIPTION: usize = 200;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/announcements", list))
        .service(readable("/announcements/{id}.txt", text_alone))
        .service(readable("/announcements/{id}", show));
}

/// An announcement in a list.
pub struct Item {
    pub page: String,
    pub title: String,
    /// The first line of the text; nothing when that is the title.
    pub beginning: String,
    /// BCP 47, of title and text.
    pub language: String,
    /// For machines.
    pub published: String,
    pub when: String,
    pub group: Option<String>,
    pub urgent: bool,
}

/// `group` is the name of the group where it is to be shown.
pub fn item(shell: &Shell, here: &Here, announcement: &Announcement, group: Option<String>) -> Item {
    let beginning = text::first_line(&text::to_plain(&announcement.text), DESCRIPTION);
    Item {
        page: shell.link(&format!("/announcements/{}", announcement.id)),
        title: announcement.title.clone().unwrap_or_else(|| beginning.clone()),
        beginning: announcement.title.as_ref().map(|_| beginning).unwrap_or_default(),
        language: announcement.language.clone(),
        published: announcement.published.rfc3339(),
        when: capitalised(&when(shell, here, announcement.published)),
        group,
        urgent: announcement.urgent,
    }
}

/// In the zone of the city.
fn when(shell: &Shell, here: &Here, time: Timestamp) -> String {
    moment(&shell.words, &time.utc().with_timezone(&shell.zone), here.now)
}

#[derive(Template)]
#[template(path = "announcements/announcement.html")]
struct AnnouncementPage<'a> {
    shell: Shell,
    announcement: &'a Announcement,
    group: &'a Group,
    group_page: String,
    /// Of the meeting it accompanies.
    meeting_page: Option<String>,
    /// Of what it answers on another server.
    answered: Option<String>,
    when: String,
    updated: Option<String>,
    words: Safe<String>,
    /// To be copied.
    plain: String,
    plain_page: String,
    thread: Thread,
}

/// Announcements on one page of the list.
const NEWS: usize = 20;

#[derive(Template)]
#[template(path = "announcements/list.html")]
struct NewsPage {
    shell: Shell,
    news: Vec<Item>,
    newer: Option<String>,
    older: Option<String>,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, at: Query<At>) -> Answer {
    let (here, turn) = (app.here(), at.turn()?);
    let found = app.db.read(move |conn| {
        let notes = super::store::page(conn, None, turn, NEWS as i64 + 1)?;
        let names = groups::store::called(conn, notes.iter().map(|note| note.group.as_str()))?;
        Ok((names, notes))
    });
    let (names, notes) = found.await?;
    let (notes, newer, older) = turn.cut(notes, NEWS);
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    shell.about.title = shell.say("home-news");
    shell.about.description = shell.fill("news-lead", "city", &here.city);
    shell.about.passing = turn != Turn::First;
    shell.about.alternates = vec![feed::alternate(&shell, None)];
    let edge = |there: bool, name, note: Option<&Announcement>| {
        let mark = note.filter(|_| there).map(|note| Mark { time: note.published, id: note.id })?;
        Some(shell.link(&turned("/announcements", name, mark)))
    };
    let page = NewsPage {
        news: notes.iter().map(|note| item(&shell, &here, note, names.get(&note.group).cloned())).collect(),
        newer: edge(newer, "before", notes.first()),
        older: edge(older, "after", notes.last()),
        shell,
    };
    Shell::show(&request, &page)
}

/// Plain text, whole in any chat.
fn plain(shell: &Shell, here: &Here, announcement: &Announcement, group: &Group) -> String {
    let title = announcement.title.as_ref().map(|title| match announcement.urgent {
        true => shell.fill("text-urgent", "title", title),
        false => title.clone(),
    });
    let date = announcement.published.utc().with_timezone(&shell.zone);
    let who = shell.words.say("text-who", &[("group", &group.name), ("city", &here.city)]);
    let page = here.origin.page(&Local::Note(announcement.id)).map(String::from);
    let head = [title, Some(format!("{who} · {}", capitalised(&shell.words.date(&date, "long"))))];
    let text = text::to_plain(&announcement.text);
    let head: Vec<String> = head.into_iter().flatten().map(|line| text::one_line(&line)).collect();
    let parts = [head.join("\n"), text.trim().to_owned(), page.unwrap_or_default()];
    parts.join("\n\n")
}

async fn text_alone(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    let (announcement, group, _) = found(&app, id).await?;
    let group = group.filter(|_| announcement.deleted.is_none()).ok_or(Failure::Gone)?;
    let shell = Shell::new(&front, &request, About::default());
    Ok(shell.plain(&request, plain(&shell, &here, &announcement, &group)))
}

/// The announcement, its group, if that has not ended, and what others said to it.
async fn found(app: &App, id: uuid::Uuid) -> Result<(Announcement, Option<Group>, replies::pages::Said), Error> {
    let found = app.db.read(move |conn| {
        let announcement = super::actions::find(conn, id)?;
        if announcement.followers_only {
            return Err(Error::not_found("nothing has this id"));
        }
        let group = groups::store::even_waiting(conn, &announcement.group)?;
        let said = replies::pages::Said::below(conn, &Local::Note(id))?;
        Ok((announcement, group.filter(|group| group.closed.is_none()), said))
    });
    found.await
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>, asked: Query<Asked>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Note(id))) {
        return Ok(elsewhere);
    }
    let (announcement, group, said) = found(&app, id).await?;
    if announcement.deleted.is_some() {
        return Ok(gone(&front, &request, "announcement-gone"));
    }
    let Some(group) = group else {
        return Ok(gone(&front, &request, "group-gone"));
    };
    let mut shell = Shell::new(&front, &request, about(&here, &announcement, &group));
    shell.about.private = group.welcomed.is_none();
    shell.about.alternates = vec![feed::alternate(&shell, Some(&group))];
    if announcement.title.is_none() {
        shell.about.title = shell.fill("announcement-untitled", "group", &group.name);
    }
    shell.about.passing = !asked.is_first();
    let below = thread(&shell, &here, said, &group, &Local::Note(id), &format!("/announcements/{id}"), &asked);
    Shell::show_with_script(&request, &front, &page(shell, &here, &announcement, &group, below))
}

fn about(here: &Here, announcement: &Announcement, group: &Group) -> About {
    About {
        title: announcement.title.clone().unwrap_or_default(),
        description: text::first_line(&text::to_plain(&announcement.text), DESCRIPTION),
        id: Some(here.origin.uri(&Local::Note(announcement.id))),
        kind: "article",
        copies: true,
        ..groups::pages::shown_by(here, group, &announcement.pictures)
    }
}

fn page<'a>(shell: Shell, here: &Here, announcement: &'a Announcement, group: &'a Group, thread: Thread) -> AnnouncementPage<'a> {
    let updated = announcement.updated.map(|updated| shell.fill("announcement-updated", "when", &when(&shell, here, updated)));
    AnnouncementPage {
        group_page: shell.link(&format!("/@{}", group.handle)),
        meeting_page: announcement.meeting.map(|meeting| shell.link(&format!("/meetings/{meeting}"))),
        answered: announcement.answers.as_ref().map(Url::to_string),
        when: capitalised(&when(&shell, here, announcement.published)),
        updated,
        thread,
        plain: plain(&shell, here, announcement, group),
        plain_page: shell.link(&format!("/announcements/{}.txt", announcement.id)),
        words: Safe(text::to_html(&announcement.text, &announcement.mentions, &|tag| tag_page(here, tag))),
        shell,
        announcement,
        group,
    }
}
