//! What can be chosen while the place runs.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    caretaker,
    deeds::{self, Chosen},
    frame, health,
};
use crate::{
    app::App,
    city::charter::{self, Charter},
    federation::fetches::{self, Fetches},
    members::{
        access::{Visitor, form},
        joining::{self, Mode},
        pages::did,
    },
    plaza::{self, pass_on::PassOn},
    powers::deed::Reason,
    quarantine::{self, store::Choice as Unknown},
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/settings";

pub fn routes(config: &mut ServiceConfig) {
    config.service(form(PATH, Access::Caretaker, show, keep));
}

#[derive(Template)]
#[template(path = "care/settings.html")]
struct Settings {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    choices: [PassOn; 3],
    modes: [Mode; 3],
    unknown: [Unknown; 2],
    fetches: [Fetches; 2],
}

#[derive(Clone, Default, Deserialize)]
struct Typed {
    principles: String,
    contact: String,
    source: String,
    pass_on: String,
    /// Who may make an account; as it is where nothing is said.
    #[serde(default)]
    joining: String,
    /// The same of servers that nobody here knows.
    #[serde(default)]
    unknown: String,
    /// The same of servers that ask for documents.
    #[serde(default)]
    fetches: String,
    /// `2027-03-01`, or empty.
    domain: String,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let typed = app
        .db
        .read(|conn| {
            let Charter { principles, contact, source } = charter::read(conn)?;
            let domain = health::domain_ends(conn)?.map(|date| date.to_string()).unwrap_or_default();
            let pass_on = plaza::store::choice(conn)?.name().to_owned();
            let joining = joining::mode(conn)?.name().to_owned();
            let unknown = quarantine::store::choice(conn)?.name().to_owned();
            let fetches = fetches::choice(conn)?.name().to_owned();
            Ok(Typed { principles, contact, source, pass_on, joining, unknown, fetches, domain })
        })
        .await?;
    page(frame(&front, &request, &visitor, "care-settings"), Problems::default(), typed)
}

fn page(shell: Shell, problems: Problems, typed: Typed) -> Answer {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choices = [PassOn::All, PassOn::Urgent, PassOn::Digest];
    Shell::show_once(
        status,
        &Settings {
            shell,
            problems,
            typed,
            choices,
            modes: Mode::ALL,
            unknown: [Unknown::Welcome, Unknown::Quarantine],
            fetches: Fetches::ALL,
        },
    )
}

async fn keep(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Typed>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-settings");
    let typed = form.0;
    let mut problems = Problems::default();
    let charter = Charter {
        principles: typed.principles.trim().to_owned(),
        contact: typed.contact.trim().to_owned(),
        source: typed.source.trim().to_owned(),
    };
    match charter.check() {
        Ok(()) => {}
        Err(charter::Refusal::Principles) => problems.add("principles", shell.say("care-refused-principles")),
        Err(charter::Refusal::Contact) => problems.add("contact", shell.say("care-refused-contact")),
        Err(charter::Refusal::Source(_)) => problems.add("source", shell.say("care-refused-source")),
    }
    let domain = match typed.domain.trim() {
        "" => None,
        text => text.parse::<NaiveDate>().map_err(|_| problems.add("domain", shell.say("care-refused-domain"))).ok(),
    };
    let (true, Some(choice)) = (problems.is_empty(), PassOn::by_name(&typed.pass_on)) else {
        return page(shell, problems, typed);
    };
    let (speaker, language) = (visitor.speaker()?, plaza::actions::language(&app));
    let chosen = Chosen {
        charter: Some(charter),
        pass_on: Some(choice),
        joining: Mode::by_name(&typed.joining),
        unknown_servers: Unknown::by_name(&typed.unknown),
        fetches: Fetches::by_name(&typed.fetches),
        domain: Some(domain),
    };
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::choose(conn, here, &by, &chosen, &language)
    })
    .await?;
    Ok(did(&shell, PATH, "saved"))
}
