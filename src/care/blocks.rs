//! Who is not heard and not spoken to, and how that is changed.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, frame};
use crate::{
    actors::discovery,
    app::App,
    blocks::{actions, store},
    error::{Error, Result},
    members::{
        access::{Visitor, deed, form},
        pages::done,
    },
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/blocks";

pub fn routes(config: &mut ServiceConfig) {
    config.service(form(PATH, Access::Caretaker, list, add)).service(deed("/care/blocks/remove", Access::Caretaker, remove));
}

#[derive(Template)]
#[template(path = "care/blocks.html")]
struct Blocks {
    shell: Shell,
    problems: Problems,
    /// What was typed.
    target: String,
    blocked: Vec<String>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    target: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, asked: Query<Asked>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-blocks");
    page(&app, shell, Problems::default(), asked.into_inner().target).await
}

async fn page(app: &App, shell: Shell, problems: Problems, target: String) -> Answer {
    let blocked = app.db.read(|conn| Ok(store::list(conn)?)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let blocked = blocked.into_iter().map(|(target, _)| target).collect();
    Shell::show_once(status, &Blocks { shell, problems, target, blocked })
}

#[derive(Deserialize)]
struct Named {
    target: String,
    sure: Option<String>,
}

async fn add(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-blocks");
    let Named { target: typed, sure } = form.0;
    let target = match read(&app, &typed).await {
        Ok(target) => target,
        Err(error @ Error::Broken(_)) => return Err(error.into()),
        Err(_) => {
            let mut problems = Problems::default();
            problems.add("target", shell.fill("care-block-wrong", "typed", &typed));
            return page(&app, shell, problems, typed).await;
        }
    };
    if sure.is_none() {
        let text = shell.fill("care-block-more", "target", &target);
        let fields = [("target", target.as_str())];
        let question = Question { title: "care-block-add", text, action: PATH, fields: &fields, back: PATH };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        actions::block(conn, here, &target)
    })
    .await?;
    Ok(done(&shell, PATH))
}

/// A host, an actor's id, or a handle, which is asked for at its server where we do not know it.
async fn read(app: &App, typed: &str) -> Result<String> {
    match typed.trim().trim_start_matches('@').contains('@') {
        true => discovery::known_or_found(app, typed.trim()).await,
        false => actions::read_target(typed.trim()),
    }
}

async fn remove(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, target) = (visitor.speaker()?, form.0.target);
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        actions::unblock(conn, &target)
    })
    .await?;
    Ok(done(&frame(&front, &request, &visitor, "care-blocks"), PATH))
}
