//! Announcements as a feed, of the city and of a group.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use url::Url;

use super::{announcement::Announcement, store};
use crate::{
    app::{App, Here},
    error::Error,
    federation::outbox,
    groups::{
        self,
        group::{Group, is_handle},
        media::{Which, address},
        wire::tag_page,
    },
    minutes,
    origin::Local,
    text,
    web::{
        Alternate, Answer, Cache, Failure, Front, Shell, Version,
        atom::{self, Author, ENTRIES, Item},
        readable,
    },
    words::Words,
};

/// Feeds may be kept so long without asking again, in seconds.
const FRESH: Cache = Cache::Public(60);
/// Of a title taken from the text, in characters.
const TITLE: usize = 100;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/announcements.atom", of_the_city)).service(readable("/@{handle}.atom", of_a_group));
}

/// The feed of the city or of a group, for the pages that show the same.
pub fn alternate(shell: &Shell, group: Option<&Group>) -> Alternate {
    let (title, address) = match group {
        Some(group) => (shell.fill("feed-news-group", "group", &group.name), format!("/@{}.atom", group.handle)),
        None => (shell.fill("feed-news-city", "city", &shell.city), "/announcements.atom".into()),
    };
    Alternate { media_type: "application/atom+xml", title, address }
}

async fn of_the_city(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    show(&request, &app, &front, None).await
}

async fn of_a_group(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    let handle = handle.to_ascii_lowercase();
    let missing = || Error::not_found("there is no group of that name");
    if !is_handle(&handle) {
        return Err(missing().into());
    }
    let group = app.db.read(move |conn| Ok(groups::store::by_handle(conn, &handle)?)).await?.ok_or_else(missing)?;
    if group.closed.is_some() {
        return Err(Failure::Gone);
    }
    show(&request, &app, &front, Some(group)).await
}

async fn show(request: &HttpRequest, app: &App, front: &Front, group: Option<Group>) -> Answer {
    let here = app.here();
    let mark = app.db.read(|conn| Ok(outbox::mark(conn)?)).await?;
    let version = Version::of(front, &[&mark.ids], mark.time);
    if let Some(known) = version.known(request, FRESH) {
        return Ok(known);
    }
    let handle = group.as_ref().map(|group| group.handle.clone());
    let (news, names, minutes) = app
        .db
        .read(move |conn| {
            let news = store::latest(conn, handle.as_deref(), ENTRIES as i64)?;
            let names = groups::store::called(conn, news.iter().map(|note| note.group.as_str()))?;
            let minutes = handle.map(|handle| minutes::store::latest(conn, &handle, ENTRIES as i64)).transpose()?;
            Ok((news, names, minutes.unwrap_or_default()))
        })
        .await?;
    let mut items: Vec<Item> = news.iter().map(|announcement| item(&here, announcement, &names)).collect();
    if let Some(group) = &group {
        items.extend(minutes.iter().map(|(minutes, meeting)| minutes::feed::item(&here, minutes, meeting, &group.name)));
        items.sort_by_key(|item| std::cmp::Reverse(item.published));
        items.truncate(ENTRIES);
    }
    atom::show(&version, about(front, &here, group.as_ref()), items, FRESH)
}

fn about(front: &Front, here: &Here, group: Option<&Group>) -> atom::About {
    let words = front.words();
    let (title, path) = match group {
        Some(group) => (words.say("feed-news-group", &[("group", &group.name)]), format!("/@{}", group.handle)),
        None => (words.say("feed-news-city", &[("city", &here.city)]), "/announcements".into()),
    };
    atom::About {
        title,
        language: words.tag(),
        source: here.origin.url(&format!("{path}.atom")),
        page: here.origin.url(&path),
        author: author(here, group),
        icon: Some(icon(here, group)),
    }
}

/// Who speaks in a feed: the group, or the city.
pub fn author(here: &Here, group: Option<&Group>) -> Author {
    match group {
        Some(group) => Author { name: group.name.clone(), page: here.origin.page(&Local::Group(group.handle.clone())) },
        None => Author { name: here.city.clone(), page: here.origin.page(&Local::Instance) },
    }
}

/// The square picture of whoever speaks.
pub fn icon(here: &Here, group: Option<&Group>) -> Url {
    group.map_or_else(|| here.origin.url("/media/city.png"), |group| address(here, group, Which::Icon))
}

fn item(here: &Here, announcement: &Announcement, names: &HashMap<String, String>) -> Item {
    let local = Local::Note(announcement.id);
    let first_line = || text::first_line(&text::to_plain(&announcement.text), TITLE);
    let title = announcement.title.clone().unwrap_or_else(first_line);
    Item {
        id: here.origin.uri(&local),
        page: here.origin.page(&local),
        title: if announcement.urgent { urgent(announcement, &title) } else { title },
        html: text::to_html(&announcement.text, &announcement.mentions, &|tag| tag_page(here, tag)),
        language: announcement.language.clone(),
        author: Author {
            name: names.get(&announcement.group).unwrap_or(&announcement.group).clone(),
            page: here.origin.page(&Local::Group(announcement.group.clone())),
        },
        tags: announcement.tags(),
        published: announcement.published,
        updated: announcement.updated.unwrap_or(announcement.published),
    }
}

/// In the language of the announcement.
fn urgent(announcement: &Announcement, title: &str) -> String {
    format!("{}: {title}", Words::of(&announcement.language).say("announcement-urgent", &[]))
}
