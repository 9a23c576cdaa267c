//! The front page, and the page of a topic: what the whole city does.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use crate::{
    announcements::{self, announcement::Announcement, pages::Item},
    app::{App, Here},
    db::turn::Turn,
    error::Error,
    groups::{self, group::Group},
    meetings::{
        self,
        filter::{Filter, Span},
        meeting::Meeting,
        pages::{AgendaDay, agenda},
    },
    origin::Local,
    text,
    web::{About, Answer, Front, Shell, document_instead, readable},
};

/// Meetings and announcements on one page.
const MEETINGS: i64 = 20;
const NEWS: i64 = 8;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/", home)).service(readable("/tags/{tag}", tag));
}

/// What the city does, as far as one page shows it.
struct Doings {
    groups: Vec<Group>,
    meetings: Vec<Meeting>,
    news: Vec<Announcement>,
}

/// The same, in words.
struct Said {
    groups: Vec<groups::pages::Line>,
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
}

impl Doings {
    /// `open` are the groups that have not ended: of others nothing is shown.
    fn said(&self, shell: &Shell, here: &Here, open: &[Group]) -> Said {
        let names: HashMap<&str, &str> = open.iter().map(|group| (group.handle.as_str(), group.name.as_str())).collect();
        let name = |handle: &str| names.get(handle).map(|name| (*name).to_owned());
        let meetings: Vec<Meeting> =
            self.meetings.iter().filter(|meeting| names.contains_key(meeting.group.as_str())).cloned().collect();
        let news = self.news.iter().filter(|note| names.contains_key(note.group.as_str()));
        Said {
            groups: self.groups.iter().map(|group| groups::pages::line(shell, here, group)).collect(),
            agenda: agenda(shell, here.now, &meetings, name),
            news: news.map(|note| announcements::pages::item(shell, here, note, name(&note.group))).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "city/home.html")]
struct Home {
    shell: Shell,
    groups: Vec<groups::pages::Line>,
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
}

async fn home(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let here = app.here();
    if let Some(elsewhere) = document_instead(&request, &here.origin.instance()) {
        return Ok(elsewhere);
    }
    let now = here.now;
    let doings = app
        .db
        .read(move |conn| {
            Ok(Doings {
                groups: groups::store::list(conn)?,
                meetings: meetings::store::upcoming(conn, now, None, MEETINGS)?,
                news: announcements::store::latest(conn, None, NEWS)?,
            })
        })
        .await?;
    let mut shell = Shell::new(&front, &request, About { title: here.city.clone(), kind: "website", ..About::default() });
    shell.about.id = here.origin.page(&Local::Instance).map(|_| here.origin.instance());
    shell.about.description = shell.fill("home-lead", "city", &here.city);
    shell.about.alternates = vec![
        announcements::feed::alternate(&shell, None),
        meetings::feed::alternate(&shell, &Filter::default(), None),
        meetings::calendar::alternate(&shell, &Filter::default(), None),
    ];
    let Said { groups, agenda, news } = doings.said(&shell, &here, &doings.groups);
    Shell::show(&request, &Home { shell, groups, agenda, news })
}

#[derive(Template)]
#[template(path = "city/tag.html")]
struct TagPage {
    shell: Shell,
    groups: Vec<groups::pages::Line>,
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
    tag: String,
    lead: String,
}

async fn tag(request: HttpRequest, app: Data<App>, front: Data<Front>, tag: Path<String>) -> Answer {
    let (here, tag) = (app.here(), tag.to_lowercase());
    if !text::is_tag(&tag) {
        return Err(Error::not_found("this is no topic").into());
    }
    let (now, wanted) = (here.now, tag.clone());
    let about = Filter { tag: Some(tag.clone()), ..Filter::default() };
    let (open, meetings, news) = app
        .db
        .read(move |conn| {
            let open = groups::store::list(conn)?;
            let meetings = meetings::store::matching(conn, &about, Span::coming(now), Turn::First, MEETINGS)?;
            Ok((open, meetings, announcements::store::tagged(conn, &wanted, NEWS)?))
        })
        .await?;
    let groups = open.iter().filter(|group| group.tags.contains(&tag)).cloned().collect();
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    let lead = shell.words.say("tag-lead", &[("tag", &tag), ("city", &here.city)]);
    shell.about.title = shell.fill("tag-title", "tag", &tag);
    shell.about.description = lead.clone();
    let Said { groups, agenda, news } = Doings { groups, meetings, news }.said(&shell, &here, &open);
    Shell::show(&request, &TagPage { shell, groups, agenda, news, tag, lead })
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
