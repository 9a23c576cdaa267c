//! Asking the caretakers to look at something, without an account.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    actions,
    report::{KINDS, Refusal, WORDS, line_of},
};
use crate::{
    announcements,
    app::App,
    city::charter,
    db::Conn,
    error::{Error, Result},
    groups, meetings,
    members::{access::form, pages::done},
    minutes,
    origin::{Local, Origin},
    replies::{self, reply::State},
    series, text,
    web::{
        About, Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/report", Access::Nameless, show, take));
}

/// What somebody looked at, and whether they have just told us.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    what: String,
    sent: Option<String>,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    what: String,
    kind: String,
    words: String,
}

/// What a report is about.
struct Thing {
    /// As it is kept.
    about: String,
    /// For people; nothing for the place as a whole.
    called: Option<String>,
}

/// What people call what a report is about, by its path here.
pub fn called(conn: &mut Conn, origin: &Origin, path: &str) -> Result<Option<String>> {
    Ok(thing(conn, origin, path)?.called)
}

/// What an address of ours shows; everything that shows no one thing is the place as a whole.
fn thing(conn: &mut Conn, origin: &Origin, what: &str) -> Result<Thing> {
    let whole = || Thing { about: "/".into(), called: None };
    let path = what.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') || path.len() > 200 {
        return Ok(whole());
    }
    if let Some(reply) = path.strip_prefix("/replies/").and_then(|id| Uuid::parse_str(id).ok()) {
        let reply = replies::store::by_id(conn, reply)?.filter(|reply| reply.state == State::Shown);
        return Ok(reply.map_or_else(whole, |reply| Thing { called: Some(format!("@{}", reply.handle)), about: reply.uri }));
    }
    let Some(local) = origin.local(&origin.url(path)) else { return Ok(whole()) };
    let called = match &local {
        Local::Group(handle) => groups::store::even_waiting(conn, &handle.to_ascii_lowercase())?.map(|group| group.name),
        Local::Event(id) => meetings::store::by_id(conn, *id)?.map(|meeting| meeting.title),
        Local::Series(id) => series::store::by_id(conn, *id)?.map(|series| series.pattern.title),
        Local::Note(id) => announcements::store::by_id(conn, *id)?
            .filter(|note| note.deleted.is_none() && !note.followers_only)
            .map(|note| note.title.unwrap_or_else(|| text::first_line(&text::to_plain(&note.text), 80))),
        Local::Minutes(id) => match minutes::store::by_id(conn, *id)?.filter(|minutes| minutes.deleted.is_none()) {
            Some(minutes) => meetings::store::by_id(conn, minutes.meeting)?.map(|meeting| meeting.title),
            None => None,
        },
        Local::Instance | Local::Activity(_) => None,
    };
    Ok(called.map_or_else(whole, |called| Thing { about: local.path(), called: Some(called) }))
}

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    shell: Shell,
    called: Option<String>,
    kinds: [&'static str; KINDS.len()],
    typed: Typed,
    problems: Problems,
    here: String,
    sent: bool,
}

async fn shown(
    status: StatusCode,
    request: &HttpRequest,
    front: &Front,
    app: &App,
    typed: Typed,
    problems: Problems,
    sent: bool,
) -> Answer {
    let (origin, what) = (app.origin.clone(), typed.what.clone());
    let thing = app.db.read(move |conn| thing(conn, &origin, &what)).await?;
    let shell = frame(front, request, if sent { "report-sent" } else { "report-title" });
    let here = shell.link("/report");
    let page = ReportPage { shell, called: thing.called, kinds: KINDS, typed, problems, here, sent };
    Shell::show_once(status, &page)
}

fn frame(front: &Front, request: &HttpRequest, title: &str) -> Shell {
    let mut shell = Shell::new(front, request, About { kind: "website", private: true, ..About::default() });
    shell.about.title = shell.say(title);
    shell
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let typed = Typed { what: asked.what.clone(), ..Typed::default() };
    shown(StatusCode::OK, &request, &front, &app, typed, Problems::default(), asked.sent.is_some()).await
}

/// What the caretakers will read, whatever language is theirs.
fn reason(typed: &Typed) -> Result<String, Refusal> {
    let kind = KINDS.into_iter().find(|kind| *kind == typed.kind).ok_or(Refusal::Kind)?;
    let more = typed.words.trim();
    // what is none of the others needs words
    if (more.is_empty() && kind == "other") || (!more.is_empty() && !text::is_prose(more, WORDS)) {
        return Err(Refusal::Words);
    }
    let kind = line_of(kind);
    Ok(if more.is_empty() { kind } else { format!("{kind}\n{more}") })
}

async fn take(request: HttpRequest, app: Data<App>, front: Data<Front>, Form(typed): Form<Typed>) -> Answer {
    let shell = frame(&front, &request, "report-title");
    let filed = match reason(&typed).map_err(Error::from) {
        Ok(reason) => {
            let (origin, what) = (app.origin.clone(), typed.what.clone());
            app.act(move |conn, here| {
                let thing = thing(conn, &origin, &what)?;
                let contact = text::to_plain(&charter::read(conn)?.contact);
                actions::file_here(conn, here, &thing.about, &reason, &contact)
            })
            .await
        }
        Err(error) => Err(error),
    };
    let mut problems = Problems::default();
    match problems.refused(&shell.words, filed)? {
        Some(()) => Ok(done(&shell, "/report?sent=yes")),
        None => shown(StatusCode::UNPROCESSABLE_ENTITY, &request, &front, &app, typed, problems, false).await,
    }
}
