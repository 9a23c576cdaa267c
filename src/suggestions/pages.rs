//! Telling a group something without an account.

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
    suggestion::{self, Suggestion},
};
use crate::{
    app::App,
    error::Error,
    groups::{self, group::Group},
    members::{access::form, pages::done},
    web::{
        About, Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/suggest", Access::Nameless, show, take));
}

/// Which group the form is for, and whether it was just sent.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    group: String,
    sent: Option<String>,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    group: String,
    text: String,
    moment: String,
    place: String,
    link: String,
}

impl Typed {
    fn read(&self, id: Uuid, app: &App) -> Result<Suggestion, Error> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Suggestion {
            id,
            group: self.group.clone(),
            text: self.text.trim().to_owned(),
            moment: given(&self.moment),
            place: given(&self.place),
            link: given(&self.link).map(|link| suggestion::link(&link)).transpose()?,
            received: app.clock.now().day(),
        })
    }
}

#[derive(Template)]
#[template(path = "suggestions/suggest.html")]
struct SuggestPage {
    shell: Shell,
    groups: Vec<Group>,
    typed: Typed,
    problems: Problems,
    here: String,
}

#[derive(Template)]
#[template(path = "suggestions/sent.html")]
struct SentPage {
    shell: Shell,
    group: Group,
    page: String,
    again: String,
}

fn frame(front: &Front, request: &HttpRequest, title: &str) -> Shell {
    let mut shell = Shell::new(front, request, About { kind: "website", private: true, ..About::default() });
    shell.about.title = shell.say(title);
    shell
}

async fn groups(app: &App) -> Result<Vec<Group>, Error> {
    app.db.read(|conn| Ok(groups::store::list(conn)?)).await
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let groups = groups(&app).await?;
    let chosen = groups.iter().find(|group| group.handle == asked.group).cloned();
    if let (Some(group), true) = (chosen, asked.sent.is_some()) {
        let shell = frame(&front, &request, "suggest-sent");
        let (page, again) = (format!("/@{}", group.handle), format!("/suggest?group={}", group.handle));
        let page = SentPage { page: shell.link(&page), again: shell.link(&again), group, shell };
        return Shell::show_once(StatusCode::OK, &page);
    }
    let typed = Typed { group: asked.group.clone(), ..Typed::default() };
    shown(StatusCode::OK, frame(&front, &request, "suggest-title"), groups, typed, Problems::default())
}

fn shown(status: StatusCode, shell: Shell, groups: Vec<Group>, typed: Typed, problems: Problems) -> Answer {
    let here = shell.link("/suggest");
    Shell::show_once(status, &SuggestPage { shell, groups, typed, problems, here })
}

async fn take(request: HttpRequest, app: Data<App>, front: Data<Front>, Form(typed): Form<Typed>) -> Answer {
    let shell = frame(&front, &request, "suggest-title");
    let held = match typed.read(Uuid::new_v4(), &app) {
        Ok(suggestion) => app.db.write(move |conn| actions::suggest(conn, &suggestion)).await,
        Err(error) => Err(error),
    };
    let mut problems = Problems::default();
    match problems.refused(&shell.words, held)? {
        Some(()) => Ok(done(&shell, &format!("/suggest?group={}&sent=yes", typed.group))),
        None => shown(StatusCode::UNPROCESSABLE_ENTITY, shell, groups(&app).await?, typed, problems),
    }
}
