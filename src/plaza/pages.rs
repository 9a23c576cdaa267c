//! The plaza's page: what is on in the whole city, what cannot wait, and what was posted each morning.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::{Template, filters::Safe};

use super::{pass_on::PassOn, store, wire};
use crate::{
    announcements::{self, announcement::Announcement, pages::Item},
    app::{App, Here},
    db::Conn,
    error::{Error, Result},
    groups::{
        self,
        group::{Group, PLAZA},
        media::{self, Which},
        wire::tag_page,
    },
    meetings::{
        self,
        agenda::{AgendaDay, Names, agenda, names_of},
        filter::Filter,
        meeting::Meeting,
    },
    origin::Local,
    sisters::{self, sister::Heard, store::Wanted},
    text,
    web::{About, Answer, Front, Shell, document_instead, readable},
};

const MEETINGS: i64 = 20;
const DIGESTS: i64 = 7;
const HEARD: i64 = 5;
/// What is urgent is shown for so long, and so much of it.
const URGENT_FOR: Duration = Duration::from_secs(14 * 24 * 3_600);
const URGENT: i64 = 5;
/// Of a digest in a list, in characters.
const BEGINNING: usize = 240;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/@{plaza:(?i:plaza)}", show));
}

/// What is known of the city, as far as the page shows it.
struct Square {
    choice: PassOn,
    names: Names,
    meetings: Vec<Meeting>,
    urgent: Vec<Announcement>,
    digests: Vec<Announcement>,
    /// What the plaza hears from other cities.
    heard: Vec<(Heard, String)>,
}

fn look(conn: &mut Conn, here: &Here) -> Result<Square> {
    groups::store::by_handle(conn, PLAZA)?.ok_or_else(|| Error::not_found("there is no plaza yet"))?;
    let meetings = meetings::store::upcoming(conn, here.now, None, MEETINGS)?;
    let urgent = announcements::store::urgent_anywhere(conn, here.now - URGENT_FOR, URGENT)?;
    let speaking = meetings.iter().map(|meeting| &meeting.group).chain(urgent.iter().map(|note| &note.group));
    let names = names_of(&groups::store::some(conn, &speaking.cloned().collect::<Vec<_>>())?);
    let digests = announcements::store::latest(conn, Some(PLAZA), DIGESTS)?;
    let of = Wanted { group: Some(PLAZA.to_owned()), host: None };
    let heard = sisters::store::wanted(conn, &of, HEARD)?;
    Ok(Square { choice: store::choice(conn)?, names, meetings, urgent, digests, heard })
}

#[derive(Template)]
#[template(path = "plaza/plaza.html")]
struct PlazaPage {
    shell: Shell,
    name: String,
    /// BCP 47, of name and mission.
    language: String,
    mission: Safe<String>,
    icon: String,
    header: String,
    /// `@plaza@boston.example`
    follow: String,
    agenda: Vec<AgendaDay>,
    urgent: List,
    digests: List,
    heard: Vec<sisters::pages::Item>,
    elsewhere: String,
}

/// Announcements in a list.
#[derive(Template)]
#[template(path = "announcements/news.html")]
struct List {
    shell: Shell,
    news: Vec<Item>,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let here = app.here();
    if let Some(elsewhere) = document_instead(&request, &here.origin.group(PLAZA)) {
        return Ok(elsewhere);
    }
    let at = here.clone();
    let square = app.db.read(move |conn| look(conn, &at)).await?;
    let mut shell = Shell::new(&front, &request, About::default());
    // it is the city that speaks here, so it speaks the reader's language
    let plaza = wire::plaza(&here, &shell.words.tag(), square.choice);
    shell.about = about(&here, &plaza);
    shell.about.alternates = vec![
        announcements::feed::alternate(&shell, None),
        meetings::feed::alternate(&shell, &Filter::default(), None),
        meetings::calendar::alternate(&shell, &Filter::default(), None),
    ];
    let list = |news: Vec<Item>| List { shell: Shell::new(&front, &request, About::default()), news };
    let name = |note: &Announcement| square.names.get(&note.group).map(|group| group.name.clone());
    let urgent = square.urgent.iter().map(|note| announcements::pages::item(&shell, &here, note, name(note)));
    let digests = square.digests.iter().map(|note| digest(&shell, &here, note));
    let page = PlazaPage {
        mission: Safe(text::to_html(&plaza.mission, &[], &|tag| tag_page(&here, tag))),
        icon: media::address(&here, &plaza, Which::Icon).into(),
        header: media::address(&here, &plaza, Which::Header).into(),
        follow: format!("@{PLAZA}@{}", here.origin.authority()),
        agenda: agenda(&shell, here.now, &square.meetings, Some(&square.names)),
        urgent: list(urgent.collect()),
        digests: list(digests.collect()),
        heard: sisters::pages::items(&shell, here.now, &square.heard),
        elsewhere: sisters::pages::page_of(&shell, PLAZA),
        name: plaza.name,
        language: plaza.language,
        shell,
    };
    Shell::show(&request, &page)
}

/// A digest in a list says what it names, not how it is divided.
fn digest(shell: &Shell, here: &Here, note: &Announcement) -> Item {
    let plain = text::to_plain(&note.text);
    let named: Vec<&str> = plain.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    let item = announcements::pages::item(shell, here, note, None);
    Item { beginning: text::first_line(&named.join("; "), BEGINNING), ..item }
}

fn about(here: &Here, plaza: &Group) -> About {
    About {
        title: plaza.name.clone(),
        description: text::first_line(&text::to_plain(&plaza.mission), 200),
        id: Some(here.origin.uri(&Local::Group(PLAZA.to_owned()))),
        kind: "profile",
        ..groups::pages::said_by(here, plaza)
    }
}
