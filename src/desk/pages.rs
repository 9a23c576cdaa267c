//! `/ours`: the groups somebody speaks for, and the desk of each.

mod about;
mod answer;
mod confirm;
mod drafts;
mod faults;
mod hearers;
mod held;
mod met;
mod minutes;
mod rhythm;
mod said;
mod series;
pub mod sisters;
mod suggested;
mod typed;
mod waiting;
mod writing;

pub use writing::Choice;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{draft::Draft, store, waiting as waits};
use crate::{
    announcements,
    app::{App, Here},
    city::pictures::settle,
    clock::Timestamp,
    db::Conn,
    error::Result,
    groups::{self, group::Group},
    living,
    meetings::{self, agenda::thinned, meeting::Meeting},
    members::{
        self,
        access::{Visitor, page},
        pages::shell,
    },
    people,
    web::{Answer, Day, Front, Shell, address::Access, capitalised, hours, moment},
    welcome::newcomer::is_trusted,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page("/ours", Access::Member, ours))
        .service(page("/ours/@{handle}", Access::Organizer, desk))
        .configure(drafts::routes)
        .configure(confirm::routes)
        .configure(said::routes)
        .configure(met::routes)
        .configure(minutes::routes)
        .configure(series::routes)
        .configure(waiting::routes)
        .configure(about::routes)
        .configure(sisters::routes);
}

/// Whose desk a page belongs to.
struct Desk {
    handle: String,
    name: String,
    /// BCP 47, of the name.
    language: String,
}

impl Desk {
    fn of(group: &Group) -> Self {
        Self { handle: group.handle.clone(), name: group.name.clone(), language: group.language.clone() }
    }

    /// What everybody sees.
    fn page(&self) -> String {
        format!("/@{}", self.handle)
    }

    /// An address below the desk.
    fn path(&self, rest: &str) -> String {
        format!("/ours/@{}{rest}", self.handle)
    }
}

/// The group, as long as it speaks.
fn speaking(conn: &mut Conn, handle: &str) -> Result<Group> {
    groups::actions::speaking(conn, handle)
}

/// `Tuesday 24 November, 18:00–20:00 EST`, where the meeting is.
fn when(shell: &Shell, here: &Here, meeting: &Meeting) -> String {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    format!("{}, {}", Day::of(&start, here.now).said(&shell.words), hours(&shell.words, &start, &end, here.now))
}

/// `Tuesday 24 November, 18:00 EST`, in the zone of the place.
fn at(shell: &Shell, here: &Here, time: Timestamp) -> String {
    capitalised(&moment(&shell.words, &time.utc().with_timezone(&shell.zone), here.now))
}

/// Something on a list, and what can be done with it.
struct Line {
    title: String,
    /// BCP 47, of the title.
    language: String,
    page: String,
    when: String,
    /// Shown as a mark.
    mark: Option<String>,
    /// Each a word and an address.
    ways: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/ours.html")]
struct Ours {
    shell: Shell,
    groups: Vec<Line>,
    /// Each the number of an invitation and the group's name.
    offers: Vec<(String, String)>,
}

async fn ours(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let speaker = visitor.speaker()?;
    let here = app.here();
    let (groups, next, waiting, offers) = app
        .db
        .read(move |conn| {
            let member = speaker.member(conn, &here)?;
            let mine: Vec<String> =
                members::store::groups_of(conn, member.id)?.into_iter().map(|organizer| organizer.group).collect();
            let mut groups = groups::store::theirs(conn, &mine)?;
            groups.sort_by(|one, other| one.name.cmp(&other.name));
            let (mut next, mut waiting) = (Vec::new(), Vec::new());
            for group in &groups {
                let coming = meetings::store::coming_of(conn, here.now, &group.handle, 5)?;
                next.push(coming.into_iter().find(|meeting| meeting.cancelled.is_none()));
                waiting.push(!waits::for_speaker(conn, &group.handle, member.id, here.now)?.is_empty());
            }
            let offers = people::invitations::offers(conn, member.id, here.now)?;
            let offers = offers.into_iter().map(|(offer, group)| (offer.id.to_string(), group.name)).collect();
            Ok((groups, next, waiting, offers))
        })
        .await?;
    let (shell, here) = (shell(&front, &request, &visitor, "ours-title"), app.here());
    let line = |((group, next), waits): ((&Group, &Option<Meeting>), &bool)| Line {
        title: group.name.clone(),
        language: group.language.clone(),
        page: shell.link(&format!("/ours/@{}", group.handle)),
        when: next.as_ref().map_or_else(|| shell.say("groups-next-none"), |meeting| when(&shell, &here, meeting)),
        mark: waits.then(|| shell.say("desk-mark-waits")),
        ways: vec![],
    };
    let groups = groups.iter().zip(&next).zip(&waiting).map(line).collect();
    Shell::show_once(StatusCode::OK, &Ours { groups, offers, shell })
}

/// News and meetings on a desk; there are pages for all of them.
const FEW: i64 = 5;
/// Of each series one stands among the meetings: so many are looked at.
const LOOKED_AT: i64 = 60;

#[derive(Template)]
#[template(path = "desk/desk.html")]
struct DeskPage {
    shell: Shell,
    desk: Desk,
    /// The group itself waits to be welcomed.
    welcomed: bool,
    /// Only a caretaker welcomes a group of this name.
    trusted: bool,
    /// What waits for somebody to look at it.
    waiting: Vec<String>,
    /// Meetings of which nobody said whether they took place.
    met: Vec<met::Asked>,
    /// To be said by themselves.
    planned: Vec<Line>,
    drafts: Vec<Line>,
    meetings: Vec<Line>,
    /// Those that go on.
    series: Vec<Line>,
    news: Vec<Line>,
    /// Meetings of which notes can be written.
    unwritten: Vec<Line>,
    minutes: Vec<Line>,
}

async fn desk(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let here = app.here();
    let member = visitor.member().map(|member| member.id).unwrap_or_default();
    let handle = handle.into_inner();
    let (group, waiting, met, drafts, meetings, series, news, notes, written) = app
        .db
        .read(move |conn| {
            let group = speaking(conn, &handle)?;
            let drafts = store::of_group(conn, &handle)?;
            // of each series, which stands below, the next one
            let mut meetings = thinned(meetings::store::coming_of(conn, here.now, &handle, LOOKED_AT)?, 1);
            meetings.truncate(FEW as usize);
            let series = series::of_group(conn, &here, &handle)?;
            let news = announcements::store::page_with_all(conn, Some(&handle), crate::db::turn::Turn::First, FEW)?;
            let met = living::store::unanswered(conn, &handle, here.now, waits::MOST)?;
            let notes = minutes::Shown::of(conn, here.now, &handle, FEW)?;
            let written = minutes::with_notes(conn, here.now, &meetings)?;
            Ok((group, waits::of(conn, &handle, member, here.now)?, met, drafts, meetings, series, news, notes, written))
        })
        .await?;
    let here = app.here();
    let mut shell = shell(&front, &request, &visitor, "ours-title");
    shell.about.title.clone_from(&group.name);
    let desk = Desk::of(&group);
    let (planned, drafts): (Vec<Draft>, Vec<Draft>) = drafts.into_iter().partition(|draft| draft.due.is_some());
    let lines = |drafts: &[Draft]| drafts.iter().map(|draft| drafts::line(&shell, &here, &desk, draft)).collect();
    let page = DeskPage {
        welcomed: group.welcomed.is_some(),
        trusted: is_trusted(&group.handle),
        waiting: waiting.iter().map(|waits| waits.said(&shell.words)).collect(),
        met: met::asked(&shell, &here, &desk, &met),
        planned: lines(&planned),
        drafts: lines(&drafts),
        meetings: meetings.iter().map(|meeting| said::meeting_line(&shell, &here, &desk, meeting, &written)).collect(),
        series: series.iter().map(|(series, next)| series::line(&shell, &desk, series, next.as_ref())).collect(),
        news: news.iter().map(|note| said::news_line(&shell, &here, &desk, note)).collect(),
        unwritten: notes.unwritten.iter().map(|meeting| minutes::unwritten_line(&shell, &here, &desk, meeting)).collect(),
        minutes: notes.written.iter().map(|(notes, meeting)| minutes::line(&shell, &here, &desk, notes, meeting)).collect(),
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}
