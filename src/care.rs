//! The desk of whoever looks after the place: how it is, the servers it talks to, who is not heard, accounts, settings.

mod blocks;
mod health;
mod members;
mod overview;
mod reports;
mod servers;
mod settings;
mod strangers;

use actix_web::{HttpRequest, http::StatusCode, web::ServiceConfig};
use askama::Template;

pub use self::health::look_daily;

use crate::{
    members::{
        access::Visitor,
        pages::{Sure, shell},
    },
    web::{Answer, Front, Shell},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(overview::routes)
        .configure(reports::routes)
        .configure(strangers::routes)
        .configure(servers::routes)
        .configure(blocks::routes)
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
}

fn ask(front: &Front, request: &HttpRequest, visitor: &Visitor, question: &Question<'_>) -> Answer {
    let shell = frame(front, request, visitor, question.title);
    let button = shell.about.title.clone();
    let Question { text, action, fields, back, .. } = question;
    show(&Sure { shell, text: text.clone(), action, fields, button, back })
}
