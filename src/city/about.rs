//! What this place is: its principles, whom to reach, how to follow it and take it along, what runs it.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::{Template, filters::Safe};

use super::charter;
use crate::{
    app::{App, Here},
    follows,
    groups::{self, group::PLAZA},
    members::ways,
    text,
    web::{About, Answer, Front, Shell, readable},
    words::{Words, zone_abbreviation},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/about", about));
}

#[derive(Template)]
#[template(path = "city/about.html")]
struct AboutPage {
    shell: Shell,
    /// BCP 47, of principles and contact.
    language: String,
    principles: Option<Safe<String>>,
    contact: Option<Safe<String>>,
    /// `@plaza@plaza.example`, where the square can be followed.
    square: Option<String>,
    languages: String,
    zone: String,
    /// From how many servers our groups are followed.
    peers: String,
    /// What to put into another site.
    snippet: String,
    source: Option<String>,
    /// For how many accounts a way back in was asked for.
    ways: i64,
}

async fn about(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let here = app.here();
    let now = here.now;
    let found = app.db.read(move |conn| {
        let square = groups::store::by_handle(conn, PLAZA)?.filter(|square| square.closed.is_none());
        Ok((
            charter::read(conn)?,
            square.is_some(),
            follows::store::count_hosts(conn)?,
            ways::asked_for_by_caretakers(conn, now)?,
        ))
    });
    let (charter, has_square, peers, ways) = found.await?;
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    shell.about.title = shell.fill("about-title", "city", &here.city);
    shell.about.description = shell.fill("home-lead", "city", &here.city);
    let page = AboutPage {
        language: front.languages.first().map(ToString::to_string).unwrap_or_default(),
        principles: shown(&here, &charter.principles),
        contact: shown(&here, &charter.contact),
        square: has_square.then(|| format!("@{PLAZA}@{}", here.origin.authority())),
        languages: front.languages.iter().map(Words::name_of).collect::<Vec<_>>().join(", "),
        zone: zone(&shell, &here),
        peers: peers.to_string(),
        snippet: snippet(&here, "/embed/meetings", &here.city),
        source: Some(charter.source).filter(|source| !source.is_empty()),
        ways,
        shell,
    };
    Shell::show(&request, &page)
}

fn shown(here: &Here, markdown: &str) -> Option<Safe<String>> {
    let tag_page = |tag: &str| groups::wire::tag_page(here, tag);
    (!markdown.is_empty()).then(|| Safe(text::to_html(markdown, &[], &tag_page)))
}

fn zone(shell: &Shell, here: &Here) -> String {
    let letters = zone_abbreviation(&here.now.utc().with_timezone(&shell.zone));
    format!("{} ({letters})", shell.zone.name().replace('_', " "))
}

/// One line of HTML that shows a page of ours on another site.
pub fn snippet(here: &Here, path: &str, title: &str) -> String {
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"600\" style=\"border:0\" loading=\"lazy\"></iframe>",
        here.origin.url(path),
        text::escape(title)
    )
}
