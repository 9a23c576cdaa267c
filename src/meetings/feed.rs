//! Meetings as a feed, the one that changed last first: what is new on the agenda, what was moved or cancelled.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};

use super::{calendar::title, meeting::Meeting, store, wire};
use crate::{
    announcements::feed::author,
    app::{App, Here},
    federation::outbox,
    groups,
    origin::Local,
    web::{
        Alternate, Answer, Cache, Front, Shell, Version,
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

/// The feed of the city, for the pages that show the same.
pub fn alternate(shell: &Shell) -> Alternate {
    Alternate {
        media_type: "application/atom+xml",
        title: shell.fill("feed-meetings-city", "city", &shell.city),
        address: "/meetings.atom".into(),
    }
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let here = app.here();
    let mark = app.db.read(|conn| Ok(outbox::mark(conn)?)).await?;
    let today = here.now.day();
    let version = Version::of(&front, &[&mark.ids, &today.rfc3339()], mark.time.max(today));
    if let Some(known) = version.known(&request, FRESH) {
        return Ok(known);
    }
    let (meetings, names) =
        app.db.read(move |conn| Ok((store::changed(conn, today, None, ENTRIES as i64)?, groups::store::names(conn)?))).await?;
    let items = meetings.iter().map(|meeting| item(&here, meeting, &names)).collect();
    atom::show(&version, about(&front, &here), items, FRESH)
}

fn about(front: &Front, here: &Here) -> atom::About {
    let words = front.words();
    atom::About {
        title: words.say("feed-meetings-city", &[("city", &here.city)]),
        language: words.tag(),
        source: here.origin.url("/meetings.atom"),
        page: here.origin.url("/meetings"),
        author: author(here, None),
        icon: Some(here.origin.url("/media/city.png")),
    }
}

fn item(here: &Here, meeting: &Meeting, names: &HashMap<String, String>) -> Item {
    let (local, words) = (Local::Event(meeting.id), Words::of(&meeting.language));
    Item {
        id: here.origin.uri(&local),
        page: here.origin.page(&local),
        title: format!("{} · {}", title(meeting, &words), words.when_short(meeting.local_start(), meeting.local_end())),
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
