//! An announcement's page, and announcements in a list.

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};

use super::announcement::Announcement;
use crate::{
    app::{App, Here},
    clock::Timestamp,
    groups::{self, group::Group, wire::tag_page},
    origin::Local,
    text,
    web::{About, Answer, Front, Shell, capitalised, document_instead, gone, moment, read_id, readable},
};

/// Of a description, in characters.
const DESCRIPTION: usize = 200;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/announcements/{id}", show));
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
    when: String,
    updated: Option<String>,
    words: Safe<String>,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), read_id(&id)?);
    if let Some(elsewhere) = document_instead(&request, &here.origin.uri(&Local::Note(id))) {
        return Ok(elsewhere);
    }
    let (announcement, group) = app
        .db
        .read(move |conn| {
            let announcement = super::actions::find(conn, id)?;
            let group = groups::store::by_handle(conn, &announcement.group)?;
            Ok((announcement, group))
        })
        .await?;
    if announcement.deleted.is_some() {
        return Ok(gone(&front, &request, "announcement-gone"));
    }
    let Some(group) = group.filter(|group| group.closed.is_none()) else {
        return Ok(gone(&front, &request, "group-gone"));
    };
    let mut shell = Shell::new(&front, &request, about(&here, &announcement, &group));
    if announcement.title.is_none() {
        shell.about.title = shell.fill("announcement-untitled", "group", &group.name);
    }
    Shell::show(&request, &page(shell, &here, &announcement, &group))
}

fn about(here: &Here, announcement: &Announcement, group: &Group) -> About {
    About {
        title: announcement.title.clone().unwrap_or_default(),
        description: text::first_line(&text::to_plain(&announcement.text), DESCRIPTION),
        picture: Some(match announcement.pictures.first() {
            Some(picture) => here.origin.url(&picture.large.path()),
            None => groups::media::address(here, group, groups::media::Which::Header),
        }),
        id: Some(here.origin.uri(&Local::Note(announcement.id))),
        kind: "article",
    }
}

fn page<'a>(shell: Shell, here: &Here, announcement: &'a Announcement, group: &'a Group) -> AnnouncementPage<'a> {
    let updated = announcement.updated.map(|updated| shell.fill("announcement-updated", "when", &when(&shell, here, updated)));
    AnnouncementPage {
        group_page: shell.link(&format!("/@{}", group.handle)),
        meeting_page: announcement.meeting.map(|meeting| shell.link(&format!("/meetings/{meeting}"))),
        when: capitalised(&when(&shell, here, announcement.published)),
        updated,
        words: Safe(text::to_html(&announcement.text, &announcement.mentions, &|tag| tag_page(here, tag))),
        shell,
        announcement,
        group,
    }
}
