//! What waits for a group: first replies, by whom they are, so that a flood is one line and one tap; and letters.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    Desk, Line, answer, at, drafts as drafts_page,
    held::{Crowd, Held, held},
    settle, sisters, speaking, suggested,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    coming::{self, actions::Care, answer::Step},
    db::Conn,
    desk::{
        actions::{Verdict, alarms_to_confirm, confirm_alarm as confirm_alarm_of, judge, meeting_of},
        draft::Draft,
        store as drafts,
    },
    error::{Error, Result},
    living,
    meetings::meeting::Meeting,
    members::{
        access::{Visitor, deed, form},
        pages::{Sure, did, shell},
    },
    people::{self, asks::Asks},
    replies::{
        self,
        letters::{self, Letter},
        reply::{Reply, Standing, State},
        store,
    },
    sisters::sister::Heard,
    suggestions::{self, suggestion::Suggestion},
    web::{Answer, Day, Front, Shell, address::Access, form::Form, read_id},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/ours/@{handle}/waiting", Access::Organizer, show, decide))
        .service(deed("/ours/@{handle}/waiting/letters", Access::Organizer, forget_letter))
        .service(deed("/ours/@{handle}/waiting/suggestions", Access::Organizer, suggested::decide))
        .service(deed("/ours/@{handle}/waiting/coming", Access::Organizer, decide_coming))
        .service(deed("/ours/@{handle}/waiting/sisters", Access::Organizer, sisters::decide))
        .service(deed("/ours/@{handle}/waiting/alarms", Access::Organizer, confirm_alarm))
        .service(form("/ours/@{handle}/waiting/replies/{id}", Access::Organizer, answer::ask, answer::take));
}

const MOST: i64 = 500;
/// Of those that were let through or hidden.
const LATELY: i64 = 20;
/// So many letters and suggestions are shown at a time; the others when something of these was decided.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "desk/waiting.html")]
struct WaitingPage {
    shell: Shell,
    desk: Desk,
    /// About those who speak for the group.
    asks: Asks,
    people: Crowd,
    /// The same of those who answer nothing and name the group.
    naming: Crowd,
    letters: Vec<(Letter, String)>,
    /// When the last of all this came, in microseconds.
    until: i64,
    /// Not shown.
    more_letters: usize,
    shown: Vec<Held>,
    hidden: Vec<Held>,
    refused: Vec<String>,
    suggestions: Vec<(Suggestion, String)>,
    /// Not shown.
    more_suggestions: usize,
    coming: Vec<Answers>,
    met: Vec<super::met::Asked>,
    sisters: Vec<sisters::Waiting>,
    /// Put off, and not said at its time.
    stopped: Vec<Line>,
    /// Urgent news that a second one may confirm: id, title, language, when.
    alarms: Vec<(String, String, String, String)>,
}

/// Answers to a meeting, of which so many came at once that the group has to look.
struct Answers {
    meeting: String,
    title: String,
    language: String,
    count: String,
}

pub(super) type Where = (Data<App>, Data<Front>, Visitor);

/// What waits and what was decided lately.
struct Found {
    waiting: Vec<Reply>,
    letters: Vec<Letter>,
    shown: Vec<Reply>,
    hidden: Vec<Reply>,
    refused: Vec<String>,
    suggestions: Vec<Suggestion>,
    coming: Vec<(Meeting, Step)>,
    /// Of which nobody said whether they took place.
    met: Vec<Meeting>,
    stopped: Vec<Draft>,
    /// Of sister groups, and who said it.
    sisters: Vec<(Heard, String)>,
}

fn found(conn: &mut Conn, handle: &str, now: Timestamp) -> Result<Found> {
    let mut held = Vec::new();
    for id in coming::store::with_waiting(conn, handle)? {
        held.push((meeting_of(conn, handle, id)?, Step::of(coming::store::waiting(conn, id)?)));
    }
    Ok(Found {
        waiting: store::waiting(conn, Some(handle), MOST)?,
        letters: letters::list(conn, handle)?,
        shown: store::latest(conn, handle, State::Shown, LATELY)?,
        hidden: store::latest(conn, handle, State::Hidden, LATELY)?,
        refused: store::with_standing(conn, handle, Standing::Refused)?,
        suggestions: suggestions::store::waiting(conn, handle)?,
        coming: held,
        met: living::store::unanswered(conn, handle, now, crate::desk::waiting::MOST)?,
        stopped: drafts::stopped(conn, handle)?,
        sisters: sisters::waiting(conn, handle)?,
    })
}

async fn show(request: HttpRequest, at_: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at_;
    let handle = handle.into_inner();
    let (speaker, here) = (visitor.speaker()?, app.here());
    let at_ = here.clone();
    let found = app.db.read(move |conn| {
        let people = people::pages::look(conn, &at_, &speaker, &handle)?;
        let member = speaker.member(conn, &at_)?.id;
        let alarms = alarms_to_confirm(conn, &handle, member, at_.now)?;
        Ok((Desk::of(&speaking(conn, &handle)?), people, found(conn, &handle, at_.now)?, alarms))
    });
    let (desk, asks, found, alarms) = found.await?;
    let shell = shell(&front, &request, &visitor, "desk-waiting");
    let all = |replies: Vec<Reply>| replies.into_iter().map(|reply| held(&shell, &here, reply)).collect();
    let came = found.waiting.iter().map(|reply| reply.received).chain(found.letters.iter().map(|letter| letter.received));
    let until = came.max().map_or(0, Timestamp::micros);
    let (mentions, replies): (Vec<Reply>, Vec<Reply>) = found.waiting.into_iter().partition(Reply::is_mention);
    let page = WaitingPage {
        until,
        asks: Asks::of(&asks, &shell, &here),
        people: Crowd::of(&shell, &here, replies),
        naming: Crowd::of(&shell, &here, mentions),
        more_letters: found.letters.len().saturating_sub(SHOWN),
        letters: found
            .letters
            .into_iter()
            .take(SHOWN)
            .map(|letter| (at(&shell, &here, letter.received), letter))
            .map(|(when, letter)| (letter, when))
            .collect(),
        shown: all(found.shown),
        hidden: all(found.hidden),
        refused: found.refused,
        more_suggestions: found.suggestions.len().saturating_sub(SHOWN),
        suggestions: found
            .suggestions
            .into_iter()
            .take(SHOWN)
            .map(|suggestion| (day(&shell, &here, suggestion.received), suggestion))
            .map(|(day, suggestion)| (suggestion, day))
            .collect(),
        coming: found
            .coming
            .into_iter()
            .map(|(meeting, step)| Answers {
                meeting: meeting.id.to_string(),
                language: meeting.language,
                title: meeting.title,
                count: step.said(&shell.words, "coming-held"),
            })
            .collect(),
        met: super::met::asked(&shell, &here, &desk, &found.met),
        stopped: found.stopped.iter().map(|draft| drafts_page::line(&shell, &here, &desk, draft)).collect(),
        sisters: sisters::shown(&shell, &here, found.sisters),
        alarms: alarms
            .into_iter()
            .map(|note| (note.id.to_string(), super::said::title_of(&note), note.language, at(&shell, &here, note.published)))
            .collect(),
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

/// A second one says that it is urgent.
async fn confirm_alarm(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group, id) = (visitor.speaker()?, handle.into_inner(), read_id(&decision.0.id)?);
    let back = format!("/ours/@{group}/waiting");
    app.act(move |conn, here| confirm_alarm_of(conn, here, &speaker, &group, id)).await?;
    Ok(did(&shell(&front, &request, &visitor, "desk-waiting"), &back, "decided"))
}

/// Of what is kept by the day.
fn day(shell: &Shell, here: &Here, time: Timestamp) -> String {
    Day::of(&time.utc().with_timezone(&Tz::UTC), here.now).said(&shell.words)
}

/// Which replies, and what is to become of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Decision {
    /// One reply,
    pub id: String,
    /// or all of one person,
    actor: String,
    /// or of everybody of whom something waits on one server.
    host: String,
    #[serde(rename = "do")]
    pub deed: String,
    /// They were asked, and are.
    pub sure: String,
    /// Of what is meant as a whole: only what had come by then, in microseconds; what came since nobody has read.
    until: Option<i64>,
    /// Of suggestions, of which only the day is known: those that were there.
    pub one: Vec<String>,
}

/// So many are named in a question.
const NAMED: usize = 20;

/// Names of people elsewhere, each by itself whatever it is written in.
fn listed(shell: &Shell, people: &BTreeSet<&str>) -> String {
    let mut named: Vec<String> = people.iter().take(NAMED).map(|handle| format!("\u{2068}@{handle}\u{2069}")).collect();
    if people.len() > NAMED {
        named.push(shell.fill("desk-and-more", "count", &(people.len() - NAMED).to_string()));
    }
    named.join(", ")
}

async fn decide(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group) = (visitor.speaker()?, handle.into_inner());
    let page = shell(&front, &request, &visitor, "desk-waiting");
    let back = format!("/ours/@{group}/waiting");
    let Decision { id, actor, host, deed, sure, until, .. } = decision.0;
    let until = until.map_or(app.clock.now(), Timestamp::from_micros);
    if matches!(deed.as_str(), "refuse-server" | "hide-all") && sure.is_empty() {
        let whose = group.clone();
        let waiting = app.db.read(move |conn| Ok(store::waiting(conn, Some(&whose), MOST)?)).await?;
        let micros = until.micros().to_string();
        let (text, fields) = match deed.as_str() {
            "hide-all" => (page.say("desk-hide-all-more"), vec![("do", deed.as_str()), ("until", &micros)]),
            _ => {
                let people: BTreeSet<&str> =
                    waiting.iter().filter(|it| it.host == host && it.received <= until).map(|it| &*it.handle).collect();
                let values = [("host", &*host), ("people", &listed(&page, &people))];
                let fields = vec![("do", deed.as_str()), ("host", &*host), ("until", &micros)];
                (page.words.say("desk-refuse-server-more", &values), fields)
            }
        };
        let button = page.say(if deed == "hide-all" { "desk-hide-all" } else { "desk-refuse-server-sure" });
        return Shell::show_once(
            StatusCode::OK,
            &Sure { shell: page, text, action: &back, fields: &fields, button, back: &back },
        );
    }
    let id = if id.is_empty() { None } else { Some(read_id(&id)?) };
    let whose = group.clone();
    let before = match deed.as_str() {
        "hide" | "refuse" | "refuse-server" | "hide-all" => {
            app.db.read(move |conn| Ok(store::pictures_in(conn, &whose)?)).await?
        }
        _ => vec![],
    };
    app.act(move |conn, here| match deed.as_str() {
        "refuse" => {
            speaker.speaks_for(conn, here, &group)?;
            replies::actions::refuse_all_of(conn, here, &group, &actor).map(|_| ())
        }
        "refuse-server" => {
            speaker.speaks_for(conn, here, &group)?;
            let waiting = store::waiting(conn, Some(&group), MOST)?.into_iter();
            let waiting = waiting.filter(|reply| reply.host == host && reply.received <= until);
            let people: BTreeSet<String> = waiting.map(|reply| reply.actor).collect();
            people.iter().try_for_each(|actor| replies::actions::refuse_all_of(conn, here, &group, actor).map(|_| ()))
        }
        "hide-all" => {
            let waiting = store::waiting(conn, Some(&group), MOST)?.into_iter();
            let waiting = waiting.filter(|reply| !reply.is_mention() && reply.received <= until);
            let ids: Vec<_> = waiting.map(|reply| reply.id).collect();
            judge(conn, here, &speaker, &group, &ids, Verdict::Hide)
        }
        "hear" => {
            speaker.speaks_for(conn, here, &group)?;
            replies::actions::hear_again(conn, &group, &actor)
        }
        "through" | "hide" | "put-away" => {
            let verdict = if deed == "through" { Verdict::LetThrough } else { Verdict::Hide };
            let is_meant = |reply: &Reply| reply.actor == actor && reply.is_mention() == (deed == "put-away");
            let waiting = store::waiting(conn, Some(&group), MOST)?;
            let ids: Vec<_> = match id {
                Some(id) => vec![id],
                None => waiting.into_iter().filter(is_meant).map(|reply| reply.id).collect(),
            };
            judge(conn, here, &speaker, &group, &ids, verdict)
        }
        _ => Err(Error::invalid("say what is to become of it")),
    })
    .await?;
    settle(&app, &[], &before).await;
    Ok(did(&page, &back, "decided"))
}

async fn forget_letter(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group) = (visitor.speaker()?, handle.into_inner());
    let Decision { id, deed, sure, until, .. } = decision.0;
    let (back, all) = (format!("/ours/@{group}/waiting"), deed == "all");
    let until = until.map_or(app.clock.now(), Timestamp::from_micros);
    if all && sure.is_empty() {
        let (shell, until) = (shell(&front, &request, &visitor, "desk-letters-done"), until.micros().to_string());
        let (text, button) = (shell.say("desk-letters-done-more"), shell.about.title.clone());
        let (action, fields) = (format!("{back}/letters"), [("do", "all"), ("until", &*until)]);
        return Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &back });
    }
    let deed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        if all {
            let read = letters::list(conn, &group)?.into_iter().filter(|letter| letter.received <= until);
            let ids: Vec<_> = read.filter_map(|letter| letter.id.parse().ok()).collect();
            for id in ids {
                letters::remove(conn, id)?;
            }
            return Ok(());
        }
        let theirs = letters::list(conn, &group)?.into_iter().find(|letter| letter.id == id);
        let theirs = theirs.and_then(|letter| letter.id.parse().ok());
        let theirs = theirs.ok_or_else(|| Error::not_found("there is no such letter to this group"))?;
        letters::remove(conn, theirs)?;
        Ok(())
    });
    deed.await?;
    Ok(did(&shell(&front, &request, &visitor, "desk-waiting"), &back, "decided"))
}

async fn decide_coming(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group, id) = (visitor.speaker()?, handle.into_inner(), read_id(&decision.0.id)?);
    let back = format!("/ours/@{group}/waiting");
    let care = Care::by_name(&decision.0.deed).filter(|care| matches!(care, Care::LetIn | Care::ThrowAway));
    let care = care.ok_or_else(|| Error::invalid("say what is to become of it"))?;
    if care == Care::ThrowAway && decision.0.sure.is_empty() {
        let (shell, id) = (shell(&front, &request, &visitor, "desk-coming-drop"), id.to_string());
        let (text, button) = (shell.say("desk-coming-drop-more"), shell.about.title.clone());
        let (action, fields) = (format!("{back}/coming"), [("id", id.as_str()), ("do", "throw-away")]);
        return Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &back });
    }
    let deed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        coming::actions::care(conn, here, &group, id, care)
    });
    deed.await?;
    Ok(did(&shell(&front, &request, &visitor, "desk-waiting"), &back, "decided"))
}
