//! The sister groups of a group: asked by their handle, left again, and what they said.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;

use super::{Desk, Line, at, speaking};
use crate::{
    actors::{discovery, remote},
    app::App,
    db::Conn,
    desk::mentions::must_not_be_blocked,
    error::{Error, Result, Said},
    members::{
        access::{Visitor, deed, form},
        pages::{done, shell},
    },
    sisters::{
        self,
        sister::{Heard, Sister},
    },
    text,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/ours/@{handle}/sisters", Access::Organizer, list, add)).service(deed(
        "/ours/@{handle}/sisters/remove",
        Access::Organizer,
        remove,
    ));
}

/// A group of another place.
struct Other {
    /// Its id.
    actor: String,
    /// `@kitchen@boston.example`, or its id.
    handle: String,
    state: String,
}

#[derive(Template)]
#[template(path = "desk/sisters.html")]
struct SistersPage {
    shell: Shell,
    desk: Desk,
    others: Vec<Other>,
    heard: Vec<Line>,
    typed: String,
    problems: Problems,
}

type Where = (Data<App>, Data<Front>, Visitor);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    handle: String,
    actor: String,
}

/// Shown of what sisters said; the rest stands on the page for that.
const FEW: i64 = 20;

fn handle_of(conn: &mut Conn, actor: &str) -> Result<String> {
    let known = Url::parse(actor).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    Ok(known.map_or_else(|| actor.to_owned(), |actor| actor.handle()))
}

async fn list(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    show(&request, &at, &handle, String::new(), Problems::default()).await
}

async fn show(request: &HttpRequest, at_: &Where, handle: &str, typed: String, problems: Problems) -> Answer {
    let (app, front, visitor) = at_;
    let handle = handle.to_owned();
    let found = app.db.read(move |conn| {
        let desk = Desk::of(&speaking(conn, &handle)?);
        let asked = sisters::store::of_group(conn, &handle)?;
        let named = asked.into_iter().map(|sister| Ok((handle_of(conn, &sister.actor)?, sister)));
        let named = named.collect::<Result<Vec<(String, Sister)>>>()?;
        Ok((desk, named, sisters::store::heard_by_group(conn, &handle, FEW)?))
    });
    let (desk, sisters, heard) = found.await?;
    let (shell, here) = (shell(front, request, visitor, "desk-sisters"), app.here());
    let other = |(handle, sister): (String, Sister)| Other {
        state: shell.say(&format!("desk-sister-{}", sister.state.name())),
        actor: sister.actor,
        handle,
    };
    let line = |heard: Heard| Line {
        title: heard.title.unwrap_or_else(|| text::first_line(&text::plain_of_html(&heard.content), 100)),
        language: heard.language.unwrap_or_default(),
        page: heard.url,
        when: at(&shell, &here, heard.published),
        mark: heard.cancelled.then(|| shell.say("meeting-cancelled-mark")),
        ways: vec![],
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SistersPage {
        others: sisters.into_iter().map(other).collect(),
        heard: heard.into_iter().map(line).collect(),
        desk,
        typed,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

async fn add(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "desk-sisters");
    let written = typed.0.handle.trim().to_owned();
    let speaker = visitor.speaker()?;
    let (group, asked) = (handle.clone(), written.clone());
    let outcome = async {
        if asked.is_empty() {
            return Err(not_found(&asked));
        }
        must_not_be_blocked(app, &asked).await?;
        let actor = discovery::find(app, &asked).await.map_err(|why| match why {
            Error::Broken(cause) => Error::Broken(cause),
            Error::Refused(why) if why.said.is_some() => Error::Refused(why),
            _ => not_found(&asked),
        })?;
        let deed = app.act(move |conn, here| {
            speaker.speaks_for(conn, here, &group)?;
            sisters::actions::ask(conn, here, &group, &actor)
        });
        deed.await
    };
    let mut problems = Problems::default();
    match problems.refused(&page.words, outcome.await)? {
        Some(sister) => Ok(done(&page, &format!("/ours/@{}/sisters", sister.group))),
        None => show(&request, &at, &handle, written, problems).await,
    }
}

fn not_found(handle: &str) -> Error {
    let said = Said::new("refused-sister-unknown").with("handle", handle).about("handle");
    Error::refused_in_words(format!("{handle} cannot be found"), said)
}

async fn remove(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, group, actor) = (visitor.speaker()?, handle.clone(), typed.0.actor);
    let deed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        sisters::actions::leave(conn, here, &group, &actor)
    });
    deed.await?;
    let page = shell(front, &request, visitor, "desk-sisters");
    Ok(done(&page, &format!("/ours/@{}/sisters", *handle)))
}
