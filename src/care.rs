//! The desk of whoever looks after the place: how it is, the servers it talks to, who is not heard, accounts, settings.

mod blocks;
pub mod deeds;
mod groups;
mod health;
mod lists;
mod log;
mod members;
mod overview;
mod reports;
mod servers;
mod settings;
mod sisters;
mod strangers;
mod ticked;
mod words;

use actix_web::{HttpRequest, http::StatusCode, web::ServiceConfig};
use askama::Template;

pub use self::health::look_daily;

use self::deeds::By;
use crate::{
    app::Here,
    db::Conn,
    error::Result,
    members::{
        access::Visitor,
        actions::Speaker,
        oneself::{Oneself, Proof},
        pages::shell,
    },
    powers::deed::Reason,
    web::{Answer, Front, Shell, form::Problems},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(overview::routes)
        .configure(reports::routes)
        .configure(strangers::routes)
        .configure(servers::routes)
        .configure(sisters::routes)
        .configure(blocks::routes)
        .configure(lists::routes)
        .configure(words::routes)
        .configure(groups::routes)
        .configure(log::routes)
        .configure(members::routes)
        .configure(settings::routes);
}

/// The frame of one of these pages.
fn frame(front: &Front, request: &HttpRequest, visitor: &Visitor, title: &str) -> Shell {
    shell(front, request, visitor, title)
}

fn show(page: &impl Template) -> Answer {
    Shell::show_once(StatusCode::OK, page)
}

/// The question before a deed that hurts.
struct Question<'a> {
    title: &'a str,
    text: String,
    action: &'a str,
    fields: &'a [(&'a str, &'a str)],
    back: &'a str,
    /// Is a reason asked for?
    why: bool,
}

/// The same, as it is shown.
#[derive(Template)]
#[template(path = "care/sure.html")]
struct Sure<'a> {
    shell: Shell,
    text: &'a str,
    action: &'a str,
    fields: &'a [(&'a str, &'a str)],
    button: String,
    back: &'a str,
    why: bool,
    /// Whom or what it is about, where that is several: name and handle.
    named: &'a [(String, String)],
    proof: Proof,
    /// Of the account that is asked once more who it is.
    own: &'a str,
    problems: Problems,
}

fn ask(front: &Front, request: &HttpRequest, visitor: &Visitor, question: &Question<'_>) -> Answer {
    ask_about(front, request, visitor, question, &[])
}

/// The same about each of these, by name and handle: none of them can be read as two, or as another.
fn ask_about(
    front: &Front,
    request: &HttpRequest,
    visitor: &Visitor,
    question: &Question<'_>,
    named: &[(String, String)],
) -> Answer {
    asked(frame(front, request, visitor, question.title), (question, named), (Proof::None, ""), Problems::default())
}

/// The same of what would take the place out of everybody's hands, were it somebody else with the telephone.
fn ask_oneself(
    front: &Front,
    request: &HttpRequest,
    visitor: &Visitor,
    (question, named): (&Question<'_>, &[(String, String)]),
    oneself: &Oneself,
    problems: Problems,
) -> Answer {
    let who = (oneself.proof, &*oneself.session.member.handle);
    asked(frame(front, request, visitor, question.title), (question, named), who, problems)
}

fn asked(
    shell: Shell,
    (question, named): (&Question<'_>, &[(String, String)]),
    (proof, own): (Proof, &str),
    problems: Problems,
) -> Answer {
    let button = shell.about.title.clone();
    let Question { ref text, action, fields, back, why, .. } = *question;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Sure { shell, text, action, fields, button, back, why, named, proof, own, problems })
}

/// What was chosen of the short list.
fn reason(name: &str) -> Reason {
    Reason::by_name(name).filter(|reason| *reason != Reason::None).unwrap_or(Reason::Other)
}

/// Whoever sends a form, if they look after the place now.
fn caretaker(conn: &mut Conn, here: &Here, speaker: &Speaker, reason: Reason) -> Result<By> {
    Ok(By::member(&speaker.caretaker(conn, here)?, reason))
}
