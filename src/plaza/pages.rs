//! The plaza's page: what is on in the whole city, what cannot wait, and what was posted each morning.

use std::{collections::HashMap, time::Duration};

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
        meeting::Meeting,
        pages::{AgendaDay, agenda},
    },
    origin::Local,
    text,
    web::{About, Answer, Front, Shell, document_instead, readable},
};

const MEETINGS: i64 = 20;
const DIGESTS: i64 = 7;
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
    /// Name of each working group by its handle.
    names: HashMap<String, String>,
    meetings: Vec<Meeting>,
    urgent: Vec<Announcement>,
    digests: Vec<Announcement>,
}

fn look(conn: &mut Conn, here: &Here) -> Result<Square> {
    groups::store::by_handle(conn, PLAZA)?.ok_or_else(|| Error::not_found("there is no plaza yet"))?;
    let names: HashMap<_, _> = groups::store::list(conn)?.into_iter().map(|group| (group.handle, group.name)).collect();
    let mut meetings = meetings::store::upcoming(conn, here.now, None, MEETINGS)?;
    meetings.retain(|meeting| names.contains_key(&meeting.group));
    let mut urgent = announcements::store::urgent(conn, None, here.now - URGENT_FOR, URGENT)?;
    urgent.retain(|note| names.contains_key(&note.group));
    let digests = announcements::store::latest(conn, Some(PLAZA), DIGESTS)?;
    Ok(Square { choice: store::choice(conn)?, names, meetings, urgent, digests })
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
    let list = |news: Vec<Item>| List { shell: Shell::new(&front, &request, About::default()), news };
    let name = |handle: &str| square.names.get(handle).cloned();
    let urgent = square.urgent.iter().map(|note| announcements::pages::item(&shell, &here, note, name(&note.group)));
    let digests = square.digests.iter().map(|note| digest(&shell, &here, note));
    let page = PlazaPage {
        mission: Safe(text::to_html(&plaza.mission, &[], &|tag| tag_page(&here, tag))),
        icon: media::address(&here, &plaza, Which::Icon).into(),
        header: media::address(&here, &plaza, Which::Header).into(),
        follow: format!("@{PLAZA}@{}", here.origin.authority()),
        agenda: agenda(&shell, here.now, &square.meetings, name),
        urgent: list(urgent.collect()),
        digests: list(digests.collect()),
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
        picture: Some(media::address(here, plaza, Which::Header)),
        id: Some(here.origin.uri(&Local::Group(PLAZA.to_owned()))),
        kind: "profile",
    }
}
