//! A group's page, and groups in a list.

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};

use super::{
    group::Group,
    media::{self, Which},
    store,
    wire::tag_page,
};
use crate::{
    announcements::{self, pages::Item},
    app::{App, Here},
    error::Error,
    meetings::{
        self,
        pages::{AgendaDay, agenda},
    },
    origin::Local,
    text,
    web::{About, Answer, Front, Shell, document_instead, gone, readable},
};

/// Meetings and announcements on a group's page.
const MEETINGS: i64 = 20;
const NEWS: i64 = 10;
/// Of a mission in a list, in characters.
const BEGINNING: usize = 160;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/@{handle}", show));
}

/// A group in a list.
pub struct Line {
    pub page: String,
    pub name: String,
    /// BCP 47, of name and mission.
    pub language: String,
    pub mission: String,
    /// `@kitchen@plaza.example`, to be searched for elsewhere.
    pub follow: String,
    pub icon: String,
}

pub fn line(shell: &Shell, here: &Here, group: &Group) -> Line {
    Line {
        page: shell.link(&format!("/@{}", group.handle)),
        name: group.name.clone(),
        language: group.language.clone(),
        mission: text::first_line(&text::to_plain(&group.mission), BEGINNING),
        follow: follow(here, group),
        icon: media::small_address(here, group, Which::Icon).into(),
    }
}

fn follow(here: &Here, group: &Group) -> String {
    format!("@{}@{}", group.handle, here.origin.authority())
}

#[derive(Template)]
#[template(path = "groups/group.html")]
struct GroupPage<'a> {
    shell: Shell,
    group: &'a Group,
    icon: String,
    header: String,
    follow: String,
    mission: Safe<String>,
    contact: Option<Safe<String>>,
    /// Each topic and its page.
    tags: Vec<(&'a str, String)>,
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    let (here, handle) = (app.here(), handle.to_ascii_lowercase());
    let missing = || Error::not_found("there is no group of that name");
    if super::group::check_handle(&handle).is_err() {
        return Err(missing().into());
    }
    if let Some(elsewhere) = document_instead(&request, &here.origin.group(&handle)) {
        return Ok(elsewhere);
    }
    let now = here.now;
    let found = app
        .db
        .read(move |conn| {
            let group = store::by_handle(conn, &handle)?;
            let meetings = meetings::store::upcoming(conn, now, Some(&handle), MEETINGS)?;
            let news = announcements::store::latest(conn, Some(&handle), NEWS)?;
            Ok(group.map(|group| (group, meetings, news)))
        })
        .await?;
    let (group, meetings, news) = found.ok_or_else(missing)?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    let shell = Shell::new(&front, &request, about(&here, &group));
    let agenda = agenda(&shell, now, &meetings, |_| None);
    let news = news.iter().map(|note| announcements::pages::item(&shell, &here, note, None)).collect();
    Shell::show(&request, &page(shell, &here, &group, agenda, news))
}

fn about(here: &Here, group: &Group) -> About {
    About {
        title: group.name.clone(),
        description: text::first_line(&text::to_plain(&group.mission), 200),
        picture: Some(media::address(here, group, Which::Header)),
        id: Some(here.origin.uri(&Local::Group(group.handle.clone()))),
        kind: "profile",
    }
}

fn page<'a>(shell: Shell, here: &Here, group: &'a Group, agenda: Vec<AgendaDay>, news: Vec<Item>) -> GroupPage<'a> {
    let tag_page = |tag: &str| tag_page(here, tag);
    GroupPage {
        icon: media::address(here, group, Which::Icon).into(),
        header: media::address(here, group, Which::Header).into(),
        follow: follow(here, group),
        mission: Safe(text::to_html(&group.mission, &[], &tag_page)),
        contact: group.contact.as_ref().map(|contact| Safe(text::to_html(&text::escape_markdown(contact), &[], &tag_page))),
        tags: group.tags.iter().map(|tag| (tag.as_str(), shell.link(&format!("/tags/{tag}")))).collect(),
        shell,
        group,
        agenda,
        news,
    }
}
