//! Before something is said: what it is, and to whom. Then it is said, put off, or nothing comes of it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{
    Desk, at,
    faults::find_faults,
    hearers::{What, hearers},
    settle, speaking,
    writing::{Preview, looked_at},
};
use crate::{
    app::{App, Here},
    desk::{
        actions::{self, Said, announcement_of, find, meeting_of, minutes_of, whole_meeting_of},
        audience::{self, Audience, Square},
        draft::{Draft, Typed},
        store,
    },
    error::Error,
    media::Kept,
    meetings::meeting::Meeting,
    members::{
        self,
        access::{Visitor, form},
        pages::{did, done, shell},
    },
    minutes,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, Problems},
        read_id,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/ours/@{handle}/drafts/{id}/send", Access::Organizer, ask, confirm))
        .service(form("/ours/@{handle}/drafts/{id}/discard", Access::Organizer, ask_discard, discard))
        .service(form("/ours/@{handle}/drafts/{id}/stop", Access::Organizer, ask_stop, stop));
}

#[derive(Template)]
#[template(path = "desk/confirm.html")]
struct Confirm {
    shell: Shell,
    desk: Desk,
    draft: Draft,
    preview: Preview,
    hearers: Vec<String>,
    /// Where it differs from the meeting or announcement that is changed.
    changes: Vec<String>,
    /// When it is to be said, if not at once.
    due: Option<String>,
    action: String,
    back: String,
    button: String,
    problems: Problems,
}

type Where = (Data<App>, Data<Front>, Visitor);

/// A draft and what is said about it before it is said.
struct Asked {
    desk: Desk,
    draft: Draft,
    audience: Audience,
    /// The meeting as it stands, also under a veil, where it is changed.
    before: Option<Meeting>,
    /// The meeting on whose agenda open items of notes go.
    next: Option<Meeting>,
    /// Nobody else speaks for the group.
    alone: bool,
}

async fn asked(app: &App, (handle, id): &(String, String)) -> Result<Asked, Failure> {
    let (handle, id, now) = (handle.clone(), read_id(id)?, app.clock.now());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let draft = find(conn, &handle, id)?;
        let urgent = matches!(&draft.typed, Typed::News(news) if news.urgent);
        let before = match (&draft.typed, draft.about) {
            (Typed::Meeting(_), Some(about)) => Some(whole_meeting_of(conn, &handle, about)?),
            (Typed::News(_), Some(about)) => announcement_of(conn, &handle, about).map(|_| None)?,
            (Typed::Minutes(_), Some(about)) => minutes_of(conn, &handle, about).map(|_| None)?,
            _ => None,
        };
        let next = match &draft.typed {
            Typed::Minutes(notes) => {
                let meeting = meeting_of(conn, &handle, notes.meeting)?;
                minutes::actions::next_meeting(conn, &handle, &meeting, now)?
            }
            _ => None,
        };
        let mut audience = audience::of(conn, &handle, urgent)?;
        if matches!(draft.typed, Typed::Minutes(_)) && audience.square == Square::Morning {
            // digests name meetings and news
            audience.square = Square::None;
        }
        let alone = members::store::organizers_of(conn, &handle)?.len() < 2;
        Ok(Asked { desk: Desk::of(&group), draft, audience, before, next, alone })
    });
    Ok(found.await?)
}

async fn ask(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    if let Some(desk) = is_gone(&request, &at, &path).await? {
        return Ok(desk);
    }
    let asked = asked(&at.0, &path).await?;
    show(&request, &at, asked, Problems::default()).await
}

/// Somebody was faster, or the same person tapped twice: the desk, which says what became of the draft.
async fn is_gone(request: &HttpRequest, at: &Where, (handle, id): &(String, String)) -> Result<Option<HttpResponse>, Failure> {
    let (app, front, visitor) = at;
    let (group, id) = (handle.clone(), read_id(id)?);
    let gone = app.db.read(move |conn| {
        let desk = Desk::of(&speaking(conn, &group)?);
        let gone = store::find(conn, &group, id)?.is_none();
        Ok(if gone { Some((desk, store::was_said(conn, &group, id)?)) } else { None })
    });
    let page = shell(front, request, visitor, "desk-confirm");
    let deed = |was_said| if was_said { "already-published" } else { "already-gone" };
    Ok(gone.await?.map(|(desk, was_said)| did(&page, &desk.path(""), deed(was_said))))
}

/// The page that asks; a draft that cannot be said goes back to where it is written.
async fn show(request: &HttpRequest, at: &Where, asked: Asked, problems: Problems) -> Answer {
    let (app, front, visitor) = at;
    let here = app.here();
    let Asked { desk, draft, audience, before, next, alone } = asked;
    let is_meeting = matches!(draft.typed, Typed::Meeting(_));
    let mut shell = shell(front, request, visitor, "desk-confirm");
    let path = desk.path(&format!("/drafts/{}", draft.id));
    let mut faults = Problems::default();
    find_faults(app, &shell.words, &draft, &mut faults).await?;
    if !faults.is_empty() {
        return Ok(done(&shell, &path));
    }
    let due = match &draft.typed {
        Typed::News(news) if draft.about.is_none() => news.due(app.place.zone, here.now)?,
        _ => None,
    };
    let due = due.map(|due| super::at(&shell, &here, due));
    let (title, button) = match (is_meeting, draft.about.is_some(), due.is_some()) {
        (_, true, _) => ("desk-confirm-change", "desk-confirm-change-do"),
        (false, _, true) => ("desk-confirm-later", "desk-confirm-later-do"),
        (false, _, false) => ("desk-confirm", "desk-confirm-do"),
        (true, ..) => ("desk-confirm-meeting", "desk-confirm-meeting-do"),
    };
    let first_notes = matches!(draft.typed, Typed::Minutes(_)) && draft.about.is_none();
    let (title, button) = if first_notes { ("desk-confirm-minutes", "desk-confirm-minutes-do") } else { (title, button) };
    shell.about.title = shell.say(title);
    let what = what(&draft, alone, due.is_some());
    let mut hearers = hearers(&shell, &audience, what);
    if draft.about.is_some() && !audience.waits {
        // whoever has it, and what was said of it being urgent
        let kept = hearers.pop().filter(|_| what.urgent || what.for_followers);
        hearers = std::iter::once(shell.say("desk-hearers-change")).chain(kept).collect();
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rolls = first_notes.then(|| rolls(&shell, &here, &draft, next.as_ref()).into_iter().collect());
    let page = Confirm {
        preview: looked_at(app, &shell, &here, &draft).await?,
        changes: before.map(|before| changes(&shell, &here, &draft, &before)).or(rolls).unwrap_or_default(),
        action: shell.link(&format!("{path}/send")),
        back: shell.link(&path),
        button: shell.say(button),
        hearers,
        due,
        desk,
        draft,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

fn what(draft: &Draft, alone: bool, later: bool) -> What {
    let is_meeting = matches!(draft.typed, Typed::Meeting(_));
    match &draft.typed {
        Typed::News(news) => What { urgent: news.urgent, for_followers: news.followers, later, alone, is_meeting },
        _ => What { is_meeting, ..What::default() },
    }
}

/// Where open items go.
fn rolls(shell: &Shell, here: &Here, draft: &Draft, next: Option<&Meeting>) -> Option<String> {
    if minutes::sections::read(draft.text()).open.is_empty() {
        return None;
    }
    Some(match next {
        Some(next) => shell.fill("desk-minutes-roll", "when", &super::when(shell, here, next)),
        None => shell.say("desk-minutes-roll-later"),
    })
}

/// What a changed meeting makes people do.
fn changes(shell: &Shell, here: &Here, draft: &Draft, before: &Meeting) -> Vec<String> {
    let Typed::Meeting(invitation) = &draft.typed else { return vec![] };
    let mut after = before.clone();
    let makes_sense = invitation.fill(&mut after).is_empty();
    let mut said = Vec::new();
    if makes_sense && (after.starts, after.ends) != (before.starts, before.ends) {
        said.push(shell.fill("desk-change-time", "before", &super::when(shell, here, before)));
    }
    if makes_sense && after.drawn().0.sends_people_elsewhere_than(&before.drawn().0) {
        said.push(shell.say("desk-change-note"));
    }
    said
}

async fn confirm(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    if let Some(desk) = is_gone(&request, &at, &path).await? {
        return Ok(desk);
    }
    let asked = asked(&at.0, &path).await?;
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "desk-confirm");
    let revision = fields.get("revision").and_then(|revision| revision.parse().ok()).unwrap_or(-1);
    let (speaker, zone, group, id) = (visitor.speaker()?, app.place.zone, asked.draft.group.clone(), asked.draft.id);
    let before = shown_before(app, &asked).await?;
    let What { for_followers, urgent, alone, .. } = what(&asked.draft, asked.alone, false);
    let said = app.act(move |conn, here| actions::confirm(conn, here, &speaker, &group, id, revision, zone)).await;
    let mut problems = Problems::default();
    match problems.refused(&page.words, said)? {
        Some(said) => {
            settle(app, &[], &before).await;
            let deed = match said {
                Said::Later(_) => "planned",
                _ if asked.draft.about.is_some() => "changed",
                Said::News(_) if for_followers && asked.audience.followers == 0 => "published-nobody",
                Said::News(_) if for_followers => "published-followers",
                Said::News(_) if urgent && !alone => "published-urgent",
                Said::News(_) => "published",
                Said::Meeting(_) => "scheduled",
                Said::Minutes(_) => "minutes",
            };
            Ok(did(&page, &asked.desk.path(""), deed))
        }
        None => show(&request, &at, asked, problems).await,
    }
}

/// Pictures that are perhaps not shown any more when a change was said.
async fn shown_before(app: &App, asked: &Asked) -> Result<Vec<Kept>, Error> {
    match (&asked.before, asked.draft.about) {
        _ if matches!(asked.draft.typed, Typed::Minutes(_)) => Ok(vec![]),
        (Some(meeting), _) => Ok(meeting.pictures.clone()),
        (None, Some(id)) => {
            let group = asked.draft.group.clone();
            app.db.read(move |conn| Ok(announcement_of(conn, &group, id)?.pictures)).await
        }
        (None, None) => Ok(vec![]),
    }
}

#[derive(Template)]
#[template(path = "desk/sure.html")]
pub struct Sure {
    pub shell: Shell,
    /// What it is about, and its language.
    pub what: String,
    pub language: String,
    pub lines: Vec<String>,
    pub problems: Problems,
    pub action: String,
    pub back: String,
    pub button: String,
    /// What must be ticked besides, for what cannot be undone.
    pub tick: Option<String>,
}

async fn draft_of(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Draft), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), find(conn, &handle, id)?))).await?)
}

fn sure(shell: Shell, here: &Here, desk: &Desk, draft: &Draft, deed: &str) -> Sure {
    let path = desk.path(&format!("/drafts/{}", draft.id));
    let due = draft.due.map(|due| at(&shell, here, due)).unwrap_or_default();
    let message =
        if deed == "discard" && draft.about.is_some() { "desk-discard-change".to_owned() } else { format!("desk-{deed}-more") };
    Sure {
        what: draft.title(),
        language: draft.language().to_owned(),
        lines: vec![shell.fill(&message, "due", &due)],
        problems: Problems::default(),
        action: shell.link(&format!("{path}/{deed}")),
        back: shell.link(&path),
        button: shell.say(&format!("desk-{deed}-do")),
        tick: None,
        shell,
    }
}

async fn ask_discard(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, draft) = draft_of(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-discard-title");
    Shell::show_once(StatusCode::OK, &sure(shell, &app.here(), &desk, &draft, "discard"))
}

async fn discard(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, draft) = draft_of(&app, &path).await?;
    let (speaker, group) = (visitor.speaker()?, draft.group.clone());
    let gone = app.act(move |conn, here| actions::discard(conn, here, &speaker, &group, draft.id)).await?;
    settle(&app, &[], &gone.pictures).await;
    Ok(did(&shell(&front, &request, &visitor, "desk-discard-title"), &desk.path(""), "discarded"))
}

async fn ask_stop(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, draft) = draft_of(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-stop-title");
    if draft.due.is_none() {
        return Ok(done(&shell, &desk.path(&format!("/drafts/{}", draft.id))));
    }
    Shell::show_once(StatusCode::OK, &sure(shell, &app.here(), &desk, &draft, "stop"))
}

async fn stop(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, draft) = draft_of(&app, &path).await?;
    let (speaker, group) = (visitor.speaker()?, draft.group.clone());
    app.act(move |conn, here| actions::stop(conn, here, &speaker, &group, draft.id)).await?;
    let draft = desk.path(&format!("/drafts/{}", draft.id));
    Ok(did(&shell(&front, &request, &visitor, "desk-stop-title"), &draft, "stopped"))
}

/// Whether the box was ticked; if not, that is a problem.
pub fn is_sure(shell: &Shell, fields: &Fields, problems: &mut Problems) -> bool {
    let ticked = fields.get("sure").is_some();
    if !ticked {
        problems.add("sure", shell.say("desk-not-sure"));
    }
    ticked
}
