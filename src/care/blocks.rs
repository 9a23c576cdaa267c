//! Who is not heard and not spoken to, and how that is changed.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, caretaker, deeds, frame, reason};
use crate::{
    actors::discovery,
    app::App,
    blocks::{actions, store},
    city::pictures,
    error::{Error, Result},
    members::{
        access::{Visitor, deed, form},
        pages::did,
    },
    powers::deed::Reason,
    replies,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/blocks";
/// On the page; the rest is found by looking for it.
const MOST: usize = 200;

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
    /// Not shown.
    more: usize,
    /// What is looked for among them.
    find: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    target: String,
    #[serde(default)]
    find: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, asked: Query<Asked>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-blocks");
    let Asked { target, find } = asked.into_inner();
    page(&app, shell, Problems::default(), target, find).await
}

async fn page(app: &App, shell: Shell, problems: Problems, target: String, find: String) -> Answer {
    let blocked = app.db.read(|conn| Ok(store::list(conn)?)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let wanted = find.trim().to_lowercase();
    let mut blocked: Vec<String> = blocked.into_iter().map(|(target, _)| target).collect();
    blocked.retain(|target| target.to_lowercase().contains(&wanted));
    let more = blocked.len().saturating_sub(MOST);
    blocked.truncate(MOST);
    Shell::show_once(status, &Blocks { shell, problems, target, blocked, more, find })
}

#[derive(Deserialize)]
struct Named {
    target: String,
    sure: Option<String>,
    #[serde(default)]
    reason: String,
}

async fn add(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-blocks");
    let Named { target: typed, sure, reason: why } = form.0;
    let target = match read(&app, &typed).await {
        Ok(target) => target,
        Err(error @ Error::Broken(_)) => return Err(error.into()),
        Err(_) => {
            let mut problems = Problems::default();
            problems.add("target", shell.fill("care-block-wrong", "typed", &typed));
            return page(&app, shell, problems, typed, String::new()).await;
        }
    };
    if sure.is_none() {
        let text = shell.fill("care-block-more", "target", &target);
        let fields = [("target", target.as_str())];
        let question = Question { title: "care-block-add", text, action: PATH, fields: &fields, back: PATH, why: true };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    let before = app.db.read(|conn| Ok(replies::store::pictures(conn)?)).await?;
    let blocked = app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, reason(&why))?;
        deeds::block(conn, here, &by, &target)
    });
    let mut problems = Problems::default();
    match problems.refused(&shell.words, blocked.await)? {
        Some(_) => {
            pictures::let_go(&app, &before).await;
            Ok(did(&shell, PATH, "decided"))
        }
        None => page(&app, shell, problems, typed, String::new()).await,
    }
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
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::unblock(conn, here, &by, &target)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-blocks"), PATH, "decided"))
}
