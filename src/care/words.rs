//! Words because of which a reply does not show at once.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{caretaker, deeds, frame};
use crate::{
    app::App,
    blocks::words,
    members::{
        access::{Visitor, deed, form},
        pages::did,
    },
    powers::deed::Reason,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/words";

pub fn routes(config: &mut ServiceConfig) {
    config.service(form(PATH, Access::Caretaker, list, add)).service(deed("/care/words/remove", Access::Caretaker, remove));
}

#[derive(Template)]
#[template(path = "care/words.html")]
struct Words {
    shell: Shell,
    problems: Problems,
    /// What was typed.
    word: String,
    words: Vec<String>,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    page(&app, frame(&front, &request, &visitor, "care-words"), Problems::default(), String::new()).await
}

async fn page(app: &App, shell: Shell, problems: Problems, word: String) -> Answer {
    let words = app.db.read(|conn| Ok(words::list(conn)?)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Words { shell, problems, word, words })
}

#[derive(Deserialize)]
struct Named {
    word: String,
}

async fn add(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-words");
    let (speaker, typed) = (visitor.speaker()?, form.0.word);
    let word = typed.clone();
    let added = app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::add_word(conn, here, &by, &word)
    });
    let mut problems = Problems::default();
    match problems.refused(&shell.words, added.await)? {
        Some(_) => Ok(did(&shell, PATH, "decided")),
        None => page(&app, shell, problems, typed).await,
    }
}

async fn remove(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, word) = (visitor.speaker()?, form.0.word);
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::remove_word(conn, here, &by, &word)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-words"), PATH, "decided"))
}
