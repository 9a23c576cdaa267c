//! The front page, and the page of a topic: what the whole city does.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use crate::{
    announcements::{self, announcement::Announcement, pages::Item},
    app::App,
    clock::Timestamp,
    db::{Conn, turn::Turn},
    error::{Error, Result},
    groups::{self, group::Group},
    living,
    meetings::{
        self,
        abroad::{self, Shown},
        agenda::{AgendaDay, agenda, names_of, thinned, with_abroad},
        filter::{Filter, Span},
        meeting::Meeting,
    },
    members::{
        access::{Visitor, page},
        pages::who,
    },
    origin::Local,
    text,
    web::{About, Answer, Day, Front, Shell, address::Access, document_instead, readable},
};

/// Meetings and announcements on one page.
const MEETINGS: i64 = 7;
/// Of each series one of them stands there: so many are looked at.
const LOOKED_AT: i64 = 60;
const NEWS: i64 = 3;
/// Of other cities, as far as they begin among ours or soon.
const ABROAD: i64 = 3;
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);
/// Groups on the front page.
const GROUPS: usize = 5;
/// So long an urgent announcement stands above everything else.
const URGENT: Duration = Duration::from_secs(2 * 24 * 3_600);

pub fn routes(config: &mut ServiceConfig) {
    config.service(page("/", Access::Anyone, home)).service(readable("/tags/{tag}", tag));
}

#[derive(Template)]
#[template(path = "city/home.html")]
struct Home {
    shell: Shell,
    groups: Vec<groups::pages::Line>,
    agenda: Vec<AgendaDay>,
    urgent: Vec<Item>,
    news: Vec<Item>,
    /// Whether something is on today.
    today: bool,
    zone: String,
    /// The name of the whole square elsewhere.
    follow: String,
}

/// What the front page shows.
struct Doings {
    meetings: Vec<Meeting>,
    urgent: Vec<Announcement>,
    news: Vec<Announcement>,
    /// Those that meet next, and others as far as there is room.
    groups: Vec<Group>,
    /// Every group that something is shown of.
    known: Vec<Group>,
    /// Meetings of other cities.
    abroad: Vec<Shown>,
}

fn doings(conn: &mut Conn, now: Timestamp) -> Result<Doings> {
    let found = meetings::store::upcoming(conn, now, None, LOOKED_AT)?;
    let last = found.last().filter(|_| found.len() as i64 == LOOKED_AT).map(|last| last.starts);
    let mut meetings = thinned(found, 1);
    let cut = meetings.get(MEETINGS as usize).map(|first_left_out| first_left_out.starts);
    meetings.truncate(MEETINGS as usize);
    let urgent = announcements::store::urgent_anywhere(conn, now - URGENT, 3)?;
    let mut news = announcements::store::latest(conn, None, NEWS)?;
    news.retain(|note| urgent.iter().all(|other| other.id != note.id));
    let notes = urgent.iter().chain(&news).map(|note| note.group.clone());
    let mut handles: Vec<String> = meetings.iter().map(|meeting| meeting.group.clone()).chain(notes).collect();
    handles.sort();
    handles.dedup();
    let known = groups::store::some(conn, &handles)?;
    let mut groups: Vec<Group> = Vec::new();
    let meeting = meetings.iter().filter_map(|meeting| known.iter().find(|group| group.handle == meeting.group));
    for group in meeting.chain(&groups::store::first(conn, GROUPS as i64)?) {
        if groups.len() < GROUPS && groups.iter().all(|other| other.handle != group.handle) {
            groups.push(group.clone());
        }
    }
    let until = cut.or(last).unwrap_or(now + SOON);
    let abroad = abroad::within(conn, Span { until, ..Span::coming(now) }, ABROAD)?;
    Ok(Doings { meetings, urgent, news, groups, known, abroad })
}

/// The same for everybody, but that whoever is signed in sees so.
async fn home(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let here = app.here();
    if let Some(elsewhere) = document_instead(&request, &here.origin.instance()) {
        return Ok(elsewhere);
    }
    let now = here.now;
    let doings = app.db.read(move |conn| doings(conn, now)).await?;
    let mut shell = Shell::new(&front, &request, About { title: here.city.clone(), kind: "website", ..About::default() });
    shell.who = who(&visitor);
    shell.about.id = here.origin.page(&Local::Instance).map(|_| here.origin.instance());
    shell.about.description = shell.fill("home-lead", "city", &here.city);
    shell.about.alternates = vec![
        announcements::feed::alternate(&shell, None),
        meetings::feed::alternate(&shell, &Filter::default(), None),
        meetings::calendar::alternate(&shell, &Filter::default(), None),
    ];
    let names = names_of(&doings.known);
    let named = |note: &Announcement| {
        let name = names.get(&note.group).map(|group| group.name.clone());
        announcements::pages::item(&shell, &here, note, name)
    };
    let next =
        |group: &Group| doings.meetings.iter().find(|meeting| meeting.group == group.handle && meeting.cancelled.is_none());
    let today = doings.meetings.iter().any(|meeting| {
        let start = meeting.starts.utc().with_timezone(&shell.zone);
        Day::of(&start, now).is_today() || meeting.starts <= now
    });
    let page = Home {
        groups: doings.groups.iter().map(|group| briefly(groups::pages::short_line(&shell, &here, group, next(group)))).collect(),
        agenda: with_abroad(&shell, now, &doings.meetings, Some(&names), &doings.abroad),
        urgent: doings.urgent.iter().map(named).collect(),
        news: doings.news.iter().map(named).collect(),
        today,
        zone: meetings::pages::zone(&shell, now),
        follow: format!("@plaza@{}", here.origin.authority()),
        shell,
    };
    Shell::show(&request, &page)
}

/// On the front page a group's name and when it meets are enough: all of the page is to fit into 20 kB, its styles included.
fn briefly(line: groups::pages::Line) -> groups::pages::Line {
    groups::pages::Line { mission: String::new(), ..line }
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
    zone: String,
    calendar: String,
}

async fn tag(request: HttpRequest, app: Data<App>, front: Data<Front>, tag: Path<String>) -> Answer {
    let (here, tag) = (app.here(), tag.to_lowercase());
    if !text::is_tag(&tag) {
        return Err(Error::not_found("this is no topic").into());
    }
    let (now, wanted) = (here.now, tag.clone());
    let filter = Filter { tag: Some(tag.clone()), ..Filter::default() };
    let about = filter.clone();
    let (open, meetings, news) = app
        .db
        .read(move |conn| {
            let open = living::store::all(conn, now)?;
            let meetings = meetings::store::matching(conn, &about, Span::coming(now), Turn::First, MEETINGS)?;
            Ok((open, meetings, announcements::store::tagged(conn, &wanted, NEWS)?))
        })
        .await?;
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    let lead = shell.words.say("tag-lead", &[("tag", &tag), ("city", &here.city)]);
    shell.about.title = shell.fill("tag-title", "tag", &tag);
    shell.about.description = lead.clone();
    let calendar = meetings::calendar::alternate(&shell, &filter, None);
    shell.about.alternates = vec![meetings::feed::alternate(&shell, &filter, None), calendar.clone()];
    let names = names_of(open.iter().map(|seen| &seen.group));
    let about = open.iter().filter(|seen| seen.group.tags.contains(&tag));
    let news = news.iter().filter_map(|note| {
        let name = names.get(&note.group)?.name.clone();
        Some(announcements::pages::item(&shell, &here, note, Some(name)))
    });
    let page = TagPage {
        groups: about.map(|seen| groups::pages::line(&shell, &here, seen)).collect(),
        agenda: agenda(&shell, now, &meetings, Some(&names)),
        news: news.collect(),
        zone: meetings::pages::zone(&shell, now),
        calendar: calendar.address,
        shell,
        tag,
        lead,
    };
    Shell::show(&request, &page)
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
