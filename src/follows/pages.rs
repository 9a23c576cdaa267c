//! Following one of ours from one's own server: the way there, found by what people type.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;

use crate::{
    app::App,
    error::Error,
    federation::webfinger::intents::{Home, Nowhere},
    groups::{self, group::Group},
    members::access::form,
    net,
    origin::Local,
    web::{
        About, Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
        gone,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/@{handle}/follow", Access::Nameless, show, take));
}

/// Where the form goes that people type their handle into, for this group.
pub fn address(handle: &str) -> String {
    format!("/@{handle}/follow")
}

/// What was typed.
#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    account: String,
}

#[derive(Template)]
#[template(path = "follows/elsewhere.html")]
struct Page {
    shell: Shell,
    name: String,
    page: String,
    /// Where the form goes.
    here: String,
    /// `@kitchen@plaza.example`
    follow: String,
    typed: String,
    problems: Problems,
    /// The page there, and the host it is on.
    way: Option<(String, String)>,
}

/// Also one that has ended.
async fn found(app: &App, handle: &str) -> Result<Group, Error> {
    let handle = handle.to_ascii_lowercase();
    let group = app.db.read(move |conn| Ok(groups::store::by_handle(conn, &handle)?)).await?;
    group.ok_or_else(|| Error::not_found("there is no group of that name"))
}

fn page(front: &Front, request: &HttpRequest, app: &App, group: &Group, typed: String) -> Page {
    let mut shell = Shell::new(front, request, About { kind: "website", private: true, ..About::default() });
    shell.about.title = shell.fill("follow-elsewhere-title", "name", &group.name);
    Page {
        name: group.name.clone(),
        page: shell.link(&format!("/@{}", group.handle)),
        here: shell.link(&address(&group.handle)),
        follow: format!("@{}@{}", group.handle, app.origin.authority()),
        problems: Problems::default(),
        way: None,
        shell,
        typed,
    }
}

/// The form alone: whoever only looks makes us ask nobody.
async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    let group = found(&app, &handle).await?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    Shell::show_once(StatusCode::OK, &page(&front, &request, &app, &group, String::new()))
}

async fn take(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    handle: Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let group = found(&app, &handle).await?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    let mut page = page(&front, &request, &app, &group, typed.account);
    match way(&app, &group, &page.typed).await {
        // shown, not redirected to: browsers let no form of ours end on another site
        Ok(url) => page.way = Some((url.to_string(), net::address::authority(&url))),
        Err((message, host)) => page.problems.add("account", page.shell.fill(message, "host", &host)),
    }
    let status = if page.way.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &page)
}

/// Where to go, else which message says why not, and of which host.
async fn way(app: &App, group: &Group, typed: &str) -> Result<Url, (&'static str, String)> {
    let home = Home::read(typed).ok_or(("follow-refused-handle", String::new()))?;
    let host = home.host().to_owned();
    if host == app.origin.authority() {
        return Err(("follow-refused-ours", host));
    }
    // ports are for machines of this house: nobody may have us try those of others
    if host.contains(':') && !app.http.wall().allows_http() {
        return Err(("follow-refused-handle", host));
    }
    if !app.flights.may_ask(&host, app.clock.now()) {
        return Err(("follow-refused-busy", host));
    }
    let local = Local::Group(group.handle.clone());
    let actor = app.origin.uri(&local);
    let page = app.origin.page(&local).unwrap_or_else(|| actor.clone());
    app.desk.find(&app.http, &home, &actor, &page).await.map_err(|nowhere| {
        let message = match nowhere {
            Nowhere::Busy => "follow-refused-busy",
            Nowhere::Unreachable => "follow-refused-unreachable",
            Nowhere::Unknown | Nowhere::NoWay if !home.named => "follow-refused-server",
            Nowhere::Unknown => "follow-refused-unknown",
            Nowhere::NoWay => "follow-refused-no-way",
        };
        (message, host)
    })
}
