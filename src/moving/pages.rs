//! Where those who speak for a group let it move, or say that it came from elsewhere. Both ask twice.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;

use super::{
    actions,
    destination::{self, Destination},
};
use crate::{
    actors::remote,
    app::{App, Here},
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        access::{Visitor, deed, page},
        pages::{Sure, done, shell},
    },
    people,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
        moment,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    let organizer = Access::Organizer;
    config
        .service(page("/ours/@{handle}/moving", organizer, show))
        .service(deed("/ours/@{handle}/moving/go", organizer, go))
        .service(deed("/ours/@{handle}/moving/stay", organizer, stay))
        .service(deed("/ours/@{handle}/moving/name", organizer, name))
        .service(deed("/ours/@{handle}/moving/forget", organizer, forget));
}

/// The page about it.
pub fn path(group: &str) -> String {
    format!("/ours/@{group}/moving")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// Where to.
    handle: String,
    /// Where from.
    old: String,
    /// An id of those it is known as.
    actor: String,
    sure: String,
}

#[derive(Template)]
#[template(path = "moving/moving.html")]
struct Moving {
    shell: Shell,
    handle: String,
    group: String,
    /// The id by which the other one names ours.
    ours: String,
    pending: Option<String>,
    /// Why the visitor changes nothing of this now.
    not_now: Option<String>,
    /// Each an id, and what people call it.
    names: Vec<(String, String)>,
    typed: String,
    old: String,
    problems: Problems,
}

/// `@kitchen@boston.example` where we know it, else its id.
pub fn called(conn: &mut Conn, uri: &str) -> Result<String> {
    let known = Url::parse(uri).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    Ok(known.map_or_else(|| uri.to_owned(), |actor| actor.handle()))
}

/// When it moves and where to, for those who can call it off.
pub fn pending(conn: &mut Conn, shell: &Shell, here: &Here, group: &Group) -> Result<Option<String>> {
    let (Some(when), Some(to)) = (group.moving, &group.moved_to) else { return Ok(None) };
    let when = moment(&shell.words, &when.utc().with_timezone(&shell.zone), here.now);
    Ok(Some(shell.words.say("moving-pending", &[("handle", &called(conn, to)?), ("when", &when)])))
}

type Where = (Data<App>, Data<Front>, Visitor);

async fn show(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    again(&request, &at, &handle, Typed::default(), Problems::default()).await
}

async fn again(request: &HttpRequest, (app, front, visitor): &Where, handle: &str, typed: Typed, problems: Problems) -> Answer {
    let (here, speaker, handle) = (app.here(), visitor.speaker()?, handle.to_owned());
    let shell = shell(front, request, visitor, "moving-title");
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let found = app.db.read(move |conn| {
        let not_now = people::pages::look(conn, &here, &speaker, &handle)?.not_now(&shell, here.now);
        let group = groups::actions::speaking(conn, &handle)?;
        let named = |uri: &String| Ok((uri.clone(), called(conn, uri)?));
        let names = group.also_known_as.iter().map(named).collect::<Result<Vec<_>>>()?;
        Ok(Moving {
            not_now,
            pending: pending(conn, &shell, &here, &group)?,
            ours: here.origin.group(&group.handle).into(),
            handle: group.handle,
            group: group.name,
            names,
            typed: typed.handle,
            old: typed.old,
            problems,
            shell,
        })
    });
    Shell::show_once(status, &found.await?)
}

/// Asks the other one first; then whoever presses; then it is set.
async fn go(request: HttpRequest, at: Where, handle: Path<String>, form: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (shell, typed, path) = (shell(front, &request, visitor, "moving-away-title"), form.0, path(&handle));
    let ours = app.origin.group(&handle);
    let found = async {
        let to = destination::find(app, &typed.handle).await?;
        to.takes_over(&ours)?;
        Ok::<Destination, Error>(to)
    };
    let mut problems = Problems::default();
    let Some(to) = problems.refused(&shell.words, found.await)? else {
        return again(&request, &at, &handle, typed, problems).await;
    };
    if typed.sure.is_empty() {
        let text = shell.fill("moving-away-more", "handle", &to.actor.handle());
        let (action, button) = (format!("{path}/go"), shell.say("moving-away-sure"));
        let fields = [("handle", typed.handle.as_str())];
        return Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &path });
    }
    let (speaker, group) = (visitor.speaker()?, handle.clone());
    let outcome = app.act(move |conn, here| actions::set(conn, here, &speaker, &group, &to)).await;
    match problems.refused(&shell.words, outcome)? {
        Some(()) => Ok(done(&shell, &path)),
        None => again(&request, &at, &handle, typed, problems).await,
    }
}

async fn stay(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, group) = (visitor.speaker()?, handle.clone());
    app.act(move |conn, here| actions::call_off(conn, here, &speaker, &group)).await?;
    Ok(done(&shell(front, &request, visitor, "moving-title"), &path(&handle)))
}

async fn name(request: HttpRequest, at: Where, handle: Path<String>, form: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (shell, typed, path) = (shell(front, &request, visitor, "moving-names-title"), form.0, path(&handle));
    let mut problems = Problems::default();
    let Some(other) = problems.refused(&shell.words, find_old(app, &typed.old).await)? else {
        return again(&request, &at, &handle, typed, problems).await;
    };
    if typed.sure.is_empty() {
        let text = shell.fill("moving-names-more", "handle", &other.handle());
        let (action, button) = (format!("{path}/name"), shell.say("moving-names-sure"));
        let fields = [("old", typed.old.as_str())];
        return Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &path });
    }
    let (speaker, group) = (visitor.speaker()?, handle.clone());
    let outcome = app.act(move |conn, here| actions::agree_to_name(conn, here, &speaker, &group, &other)).await;
    match problems.refused(&shell.words, outcome.map_err(about_old))? {
        Some(()) => Ok(done(&shell, &path)),
        None => again(&request, &at, &handle, typed, problems).await,
    }
}

/// The same problem, at the other field.
fn about_old(error: Error) -> Error {
    match error {
        Error::Refused(mut why) => {
            if let Some(said) = &mut why.said {
                said.field = Some("old");
            }
            Error::Refused(why)
        }
        other => other,
    }
}

async fn find_old(app: &App, written: &str) -> Result<remote::RemoteActor> {
    destination::find(app, written).await.map(|found| found.actor).map_err(about_old)
}

async fn forget(request: HttpRequest, at: Where, handle: Path<String>, form: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, group, actor) = (visitor.speaker()?, handle.clone(), form.0.actor);
    let deed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        actions::no_longer_known_as(conn, here, &group, &actor)
    });
    deed.await?;
    Ok(done(&shell(front, &request, visitor, "moving-title"), &path(&handle)))
}
