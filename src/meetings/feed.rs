//! Meetings as a feed, the one that changed last first: what is new on the agenda, what was moved or cancelled.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};

use super::{
    calendar::{look_up, name},
    filter::Filter,
    meeting::Meeting,
    store,
    vevent::title,
    wire,
};
use crate::{
    announcements::feed::{author, icon},
    app::{App, Here},
    error::Error,
    groups::{self, group::Group},
    origin::Local,
    web::{
        Alternate, Answer, Cache, Front, Shell,
        atom::{self, Author, ENTRIES, Item},
        readable,
    },
    words::Words,
};

/// Feeds may be kept so long without asking again, in seconds.
const FRESH: Cache = Cache::Public(60);

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/meetings.atom", show));
}

/// The feed of what a filter lets through, for the pages that show the same; `group` is the name of the filter's group.
pub fn alternate(shell: &Shell, filter: &Filter, group: Option<&str>) -> Alternate {
    Alternate {
        media_type: "application/atom+xml",
        title: name(&shell.words, "feed-meetings", &shell.city, filter, group),
        address: filter.address("/meetings.atom"),
    }
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let filter = Filter::read(request.query_string()).map_err(Error::invalid)?;
    let (group, version) = look_up(&app, &front, &filter).await?;
    if let Some(known) = version.known(&request, FRESH) {
        return Ok(known);
    }
    let here = app.here();
    let (wanted, span) = (filter.clone(), filter.span(here.now.day(), front.zone));
    let (meetings, names) = app
        .db
        .read(move |conn| {
            let meetings = store::changed(conn, &wanted, span, ENTRIES as i64)?;
            let names = groups::store::called(conn, meetings.iter().map(|meeting| meeting.group.as_str()))?;
            Ok((meetings, names))
        })
        .await?;
    let items = meetings.iter().map(|meeting| item(&here, meeting, &names)).collect();
    atom::show(&version, about(&front, &here, &filter, group.as_ref()), items, FRESH)
}

fn about(front: &Front, here: &Here, filter: &Filter, group: Option<&Group>) -> atom::About {
    let words = front.words();
    atom::About {
        title: name(&words, "feed-meetings", &here.city, filter, group.map(|group| group.name.as_str())),
        language: words.tag(),
        source: here.origin.url(&filter.address("/meetings.atom")),
        page: here.origin.url(&filter.address("/meetings")),
        author: author(here, group),
        icon: Some(icon(here, group)),
    }
}

/// What became of it comes first: in a feed, that is the news.
fn marked(meeting: &Meeting, words: &Words) -> String {
    match (meeting.cancelled, meeting.previous_start) {
        (None, Some(_)) if !meeting.is_tentative() => format!("{}: {}", words.say("meeting-moved-mark", &[]), meeting.title),
        _ => title(meeting, words),
    }
}

fn item(here: &Here, meeting: &Meeting, names: &HashMap<String, String>) -> Item {
    let (local, words) = (Local::Event(meeting.id), Words::of(&meeting.language));
    Item {
        id: here.origin.uri(&local),
        page: here.origin.page(&local),
        title: format!("{} · {}", marked(meeting, &words), words.when_short(meeting.local_start(), meeting.local_end())),
        html: wire::content(here, meeting, &words),
        language: meeting.language.clone(),
        author: Author {
            name: names.get(&meeting.group).unwrap_or(&meeting.group).clone(),
            page: here.origin.page(&Local::Group(meeting.group.clone())),
        },
        tags: meeting.tags(),
        published: meeting.published,
        updated: meeting.changed(),
    }
}
