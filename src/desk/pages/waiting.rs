//! What waits for a group: first replies, by whom they are, so that a flood is one line and one tap; and letters.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde::Deserialize;

use super::{Desk, at, speaking};
use crate::{
    app::{App, Here},
    db::Conn,
    desk::{
        actions::{Verdict, judge, reply_to},
        mentions,
    },
    error::{Error, Result, Said},
    members::{
        access::{Visitor, deed, form},
        pages::{done, shell},
    },
    replies::{
        self,
        actions::Answer as Words,
        letters::{self, Letter},
        reply::{Reply, Standing, State},
        store,
    },
    text,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Form, Problems},
        read_id,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/ours/@{handle}/waiting", Access::Organizer, show, decide))
        .service(deed("/ours/@{handle}/waiting/letters", Access::Organizer, forget_letter))
        .service(form("/ours/@{handle}/waiting/replies/{id}", Access::Organizer, ask_answer, answer));
}

/// So many of one person are shown; the rest is as many.
const OF_ONE: usize = 3;
const MOST: i64 = 500;
/// Of those that were let through or hidden.
const LATELY: i64 = 20;

/// A reply as it is shown to those who decide about it.
struct Held {
    id: String,
    handle: String,
    html: Safe<String>,
    warning: Option<String>,
    language: String,
    when: String,
    /// What it is below.
    below: String,
    /// Where it was said.
    url: String,
}

fn held(shell: &Shell, here: &Here, reply: Reply) -> Held {
    let below = match reply.root.rsplit_once('/') {
        Some(("/ap/events", id)) => format!("/meetings/{id}"),
        Some((_, id)) => format!("/announcements/{id}"),
        None => String::new(),
    };
    Held {
        id: reply.id.to_string(),
        html: Safe(reply.content),
        warning: reply.warning,
        language: reply.language.unwrap_or_default(),
        when: at(shell, here, reply.received),
        below: shell.link(&below),
        url: reply.url,
        handle: reply.handle,
    }
}

/// Somebody of whom something waits.
struct Person {
    actor: String,
    handle: String,
    held: Vec<Held>,
    /// Not shown.
    more: usize,
}

#[derive(Template)]
#[template(path = "desk/waiting.html")]
struct WaitingPage {
    shell: Shell,
    desk: Desk,
    people: Vec<Person>,
    letters: Vec<(Letter, String)>,
    shown: Vec<Held>,
    hidden: Vec<Held>,
    refused: Vec<String>,
}

type Where = (Data<App>, Data<Front>, Visitor);

/// What waits and what was decided lately.
struct Found {
    waiting: Vec<Reply>,
    letters: Vec<Letter>,
    shown: Vec<Reply>,
    hidden: Vec<Reply>,
    refused: Vec<String>,
}

fn found(conn: &mut Conn, handle: &str) -> Result<Found> {
    Ok(Found {
        waiting: store::waiting(conn, Some(handle), MOST)?,
        letters: letters::list(conn, handle)?,
        shown: store::latest(conn, handle, State::Shown, LATELY)?,
        hidden: store::latest(conn, handle, State::Hidden, LATELY)?,
        refused: store::with_standing(conn, handle, Standing::Refused)?,
    })
}

async fn show(request: HttpRequest, at_: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at_;
    let handle = handle.into_inner();
    let found = app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), found(conn, &handle)?)));
    let (desk, found) = found.await?;
    let (shell, here) = (shell(&front, &request, &visitor, "desk-waiting"), app.here());
    let all = |replies: Vec<Reply>| replies.into_iter().map(|reply| held(&shell, &here, reply)).collect();
    let page = WaitingPage {
        people: people(&shell, &here, found.waiting),
        letters: found
            .letters
            .into_iter()
            .map(|letter| (at(&shell, &here, letter.received), letter))
            .map(|(when, letter)| (letter, when))
            .collect(),
        shown: all(found.shown),
        hidden: all(found.hidden),
        refused: found.refused,
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

/// Whoever waits longest comes first.
fn people(shell: &Shell, here: &Here, waiting: Vec<Reply>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for reply in waiting {
        let (actor, handle) = (reply.actor.clone(), reply.handle.clone());
        let place = people.iter().position(|person| person.actor == actor).unwrap_or(people.len());
        if place == people.len() {
            people.push(Person { actor, handle, held: vec![], more: 0 });
        }
        let Some(person) = people.get_mut(place) else { continue };
        if person.held.len() < OF_ONE { person.held.push(held(shell, here, reply)) } else { person.more += 1 }
    }
    people
}

/// Which replies, and what is to become of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Decision {
    /// One reply,
    id: String,
    /// or all of one person.
    actor: String,
    #[serde(rename = "do")]
    deed: String,
}

async fn decide(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group) = (visitor.speaker()?, handle.into_inner());
    let page = shell(&front, &request, &visitor, "desk-waiting");
    let back = format!("/ours/@{group}/waiting");
    let Decision { id, actor, deed } = decision.0;
    let id = if id.is_empty() { None } else { Some(read_id(&id)?) };
    app.act(move |conn, here| match deed.as_str() {
        "refuse" => {
            speaker.speaks_for(conn, here, &group)?;
            replies::actions::refuse_all_of(conn, here, &group, &actor).map(|_| ())
        }
        "hear" => {
            speaker.speaks_for(conn, here, &group)?;
            replies::actions::hear_again(conn, &group, &actor)
        }
        "through" | "hide" => {
            let verdict = if deed == "through" { Verdict::LetThrough } else { Verdict::Hide };
            let waiting = store::waiting(conn, Some(&group), MOST)?;
            let ids: Vec<_> = match id {
                Some(id) => vec![id],
                None => waiting.into_iter().filter(|reply| reply.actor == actor).map(|reply| reply.id).collect(),
            };
            judge(conn, here, &speaker, &group, &ids, verdict)
        }
        _ => Err(Error::invalid("say what is to become of it")),
    })
    .await?;
    Ok(done(&page, &back))
}

async fn forget_letter(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group, id) = (visitor.speaker()?, handle.into_inner(), decision.0.id);
    let back = format!("/ours/@{group}/waiting#letters");
    let deed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        let theirs = letters::list(conn, &group)?.into_iter().find(|letter| letter.id == id);
        let theirs = theirs.and_then(|letter| letter.id.parse().ok());
        let theirs = theirs.ok_or_else(|| Error::not_found("there is no such letter to this group"))?;
        Ok(letters::remove(conn, theirs)?)
    });
    deed.await?;
    Ok(done(&shell(&front, &request, &visitor, "desk-waiting"), &back))
}

#[derive(Template)]
#[template(path = "desk/answer.html")]
struct AnswerPage {
    shell: Shell,
    desk: Desk,
    held: Held,
    typed: String,
    problems: Problems,
}

async fn reply_of(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Reply), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), reply_to(conn, &handle, id)?))).await?)
}

async fn ask_answer(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
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
struct Typed {
    text: String,
}

async fn answer(request: HttpRequest, at: Where, path: Path<(String, String)>, typed: Form<Typed>) -> Answer {
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
    let (mentioned, _) = mentions::find(app, &written).await;
    let (speaker, group, id) = (visitor.speaker()?, found.0.handle.clone(), found.1.id);
    let words = Words { text: written.trim().to_owned(), language: None, mentions: mentioned };
    let answered = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        reply_to(conn, &group, id)?;
        replies::actions::answer(conn, here, id, &words)
    });
    match problems.refused(&page.words, answered.await)? {
        Some(_) => Ok(done(&page, &found.0.path("/waiting"))),
        None => show_answer(&request, &at, found, written, problems),
    }
}
