//! Answering a reply as the group, in public.

use actix_web::{HttpRequest, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{
    Desk,
    held::{Held, held},
    speaking,
    waiting::Where,
};
use crate::{
    app::App,
    desk::{actions::reply_to, mentions},
    error::{Error, Said},
    members::pages::{did, shell},
    replies::{self, actions::Answer as Words, reply::Reply},
    text,
    web::{
        Answer, Failure, Shell,
        form::{Form, Problems},
        read_id,
    },
};

#[derive(Template)]
#[template(path = "desk/answer.html")]
struct AnswerPage {
    shell: Shell,
    desk: Desk,
    held: Held,
    typed: String,
    problems: Problems,
}

impl AnswerPage {
    fn hint(&self) -> &'static str {
        if self.held.below.is_empty() { "desk-answer-mention-hint" } else { "desk-answer-hint" }
    }
}

async fn reply_of(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Reply), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), reply_to(conn, &handle, id)?))).await?)
}

pub(super) async fn ask(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let found = reply_of(&at.0, &path).await?;
    show_answer(&request, &at, found, String::new(), Problems::default())
}

fn show_answer(request: &HttpRequest, at: &Where, found: (Desk, Reply), typed: String, problems: Problems) -> Answer {
    let (app, front, visitor) = at;
    let (desk, reply) = found;
    let (shell, here) = (shell(front, request, visitor, "desk-answer"), app.here());
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &AnswerPage { held: held(&shell, &here, reply), desk, typed, problems, shell })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    text: String,
}

pub(super) async fn take(request: HttpRequest, at: Where, path: Path<(String, String)>, typed: Form<Written>) -> Answer {
    let found = reply_of(&at.0, &path).await?;
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "desk-answer");
    let mut problems = Problems::default();
    let written = typed.0.text;
    if !text::is_prose(&written, 5_000) {
        let said = Said::new("refused-answer").about("text");
        problems.refused(&page.words, Err::<(), _>(Error::refused_in_words("an answer has 1 to 5,000 characters", said)))?;
        return show_answer(&request, &at, found, written, problems);
    }
    if problems.refused(&page.words, replies::answering::may_answer(app, found.1.id).await)?.is_none() {
        return show_answer(&request, &at, found, written, problems);
    }
    let (mentioned, _) = mentions::find(app, &written).await;
    let (speaker, group, id) = (visitor.speaker()?, found.0.handle.clone(), found.1.id);
    let words = Words { text: written.trim().to_owned(), language: None, mentions: mentioned };
    let answered = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        reply_to(conn, &group, id)?;
        replies::actions::answer(conn, here, id, &words)
    });
    match problems.refused(&page.words, answered.await)? {
        Some(_) => Ok(did(&page, &found.0.path("/waiting"), "decided")),
        None => show_answer(&request, &at, found, written, problems),
    }
}
