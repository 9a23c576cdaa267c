//! Pages on which somebody who speaks for a group shows another one a way in, or says that their telephone was taken.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};

use super::{asked, give_back, may_show, show, telephone_was_taken};
use crate::{
    app::App,
    members::{
        access::{Visitor, deed, form},
        pages::{Sure, did, shell},
        recovery::pages::{Show, path_of},
        token::Token,
    },
    web::{Answer, Front, Shell, address::Access, form::Fields},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/ours/@{handle}/people/{member}/recover", Access::Organizer, show_ask, show_way))
        .service(form("/ours/@{handle}/people/{member}/phone-taken", Access::Organizer, taken_ask, taken))
        .service(deed("/ours/@{handle}/people/{member}/give-back", Access::Organizer, given_back));
}

fn people(group: &str) -> String {
    format!("/ours/@{group}/people")
}

async fn show_ask(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Answer {
    let (speaker, here) = (visitor.speaker()?, app.here());
    let (group, handle) = path.into_inner();
    let back = people(&group);
    let ask = format!("{back}/{handle}/recover");
    let member = app.db.read(move |conn| may_show(conn, &here, &speaker, &group, &handle)).await?;
    let shell = shell(&front, &request, &visitor, "way-title");
    let (text, more) = (shell.fill("way-ask", "member", &member.name), shell.say("way-ask-more"));
    Show::before(shell, text, more, ask, back)
}

async fn show_way(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Answer {
    let (group, handle) = path.into_inner();
    let (speaker, token, back) = (visitor.speaker()?, Token::new()?, people(&group));
    let link = token.clone();
    let member = app.act(move |conn, here| show(conn, here, &speaker, &group, &handle, &link)).await?;
    let shell = shell(&front, &request, &visitor, "way-title");
    let (text, more) = (shell.fill("way-shown", "member", &member.name), shell.say("way-shown-more"));
    Show::now(&app, shell, &path_of(&token), text, more, back)
}

async fn taken_ask(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Answer {
    let (group, handle) = path.into_inner();
    let (speaker, here, back) = (visitor.speaker()?, app.here(), people(&group));
    let action = format!("{back}/{handle}/phone-taken");
    let (member, rests) = app.db.read(move |conn| asked(conn, &here, &speaker, &group, &handle)).await?;
    let shell = shell(&front, &request, &visitor, "taken-title");
    let (text, button) = match rests {
        true => (shell.fill("taken-text", "member", &member.name), shell.say("taken-button")),
        false => (shell.fill("taken-text-out", "member", &member.name), shell.say("taken-button-out")),
    };
    Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &[], button, back: &back })
}

async fn taken(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Answer {
    let (group, handle) = path.into_inner();
    let (speaker, back) = (visitor.speaker()?, people(&group));
    let taken = app.act(move |conn, here| {
        let (_, rests) = asked(conn, here, &speaker, &group, &handle)?;
        telephone_was_taken(conn, here, &speaker, &group, &handle)?;
        Ok(rests)
    });
    let done = if taken.await? { "phone-taken" } else { "phone-taken-out" };
    Ok(did(&shell(&front, &request, &visitor, "taken-title"), &back, done))
}

async fn given_back(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let (group, handle) = path.into_inner();
    let waits = fields.get("back") == Some("waiting");
    let back = if waits { format!("/ours/@{group}/waiting") } else { people(&group) };
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| give_back(conn, here, &speaker, &group, &handle)).await?;
    Ok(did(&shell(&front, &request, &visitor, "taken-title"), &back, "given-back"))
}
