//! What a group has said: all its news and meetings, to be changed, taken back or called off.

use std::collections::HashSet;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use uuid::Uuid;

use super::{
    Desk, Line, at,
    confirm::{Sure, is_sure},
    settle, speaking, when,
};
use crate::{
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    db::turn::Mark,
    desk::actions::{announcement_of, called_by, cancel_meeting, delete_news},
    error::Error,
    meetings::{self, meeting::Meeting},
    members::{
        access::{Visitor, form, page},
        pages::{did, shell},
    },
    replies, text,
    web::{
        Answer, At, Failure, Front, Shell,
        address::Access,
        form::{Fields, Problems},
        read_id, turned,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page("/ours/@{handle}/news", Access::Organizer, news))
        .service(page("/ours/@{handle}/meetings", Access::Organizer, coming))
        .service(form("/ours/@{handle}/news/{id}/delete", Access::Organizer, ask_delete, delete))
        .service(form("/ours/@{handle}/meetings/{id}/cancel", Access::Organizer, ask_cancel, cancel));
}

/// On one page of a list.
pub const MANY: usize = 30;

pub fn news_line(shell: &Shell, here: &Here, desk: &Desk, note: &Announcement) -> Line {
    let way = |message: &str, deed: &str| (shell.say(message), shell.link(&desk.path(&format!("/news/{}/{deed}", note.id))));
    Line {
        title: title_of(note),
        language: note.language.clone(),
        // what is for followers only has no page of its own
        page: match note.followers_only {
            true => shell.link(&desk.path(&format!("/news/{}/edit", note.id))),
            false => shell.link(&format!("/announcements/{}", note.id)),
        },
        when: at(shell, here, note.published),
        mark: match (note.followers_only, note.urgent) {
            (true, _) => Some(shell.say("desk-followers-mark")),
            (false, urgent) => urgent.then(|| shell.say("announcement-urgent")),
        },
        ways: vec![way("desk-change", "edit"), way("desk-delete", "delete")],
    }
}

pub fn title_of(note: &Announcement) -> String {
    note.title.clone().unwrap_or_else(|| text::first_line(&text::to_plain(&note.text), 100))
}

/// `written`: meetings of which there are notes.
pub fn meeting_line(shell: &Shell, here: &Here, desk: &Desk, meeting: &Meeting, written: &HashSet<Uuid>) -> Line {
    let way =
        |message: &str, deed: &str| (shell.say(message), shell.link(&desk.path(&format!("/meetings/{}/{deed}", meeting.id))));
    let stands = meeting.can_change_at(here.now).is_ok();
    let notes = if written.contains(&meeting.id) { "desk-minutes-change" } else { "desk-minutes-write" };
    // another group holds it: it counts who comes, and keeps its notes
    let holds = meeting.group == desk.handle;
    let begun = (holds && meeting.starts <= here.now).then(|| way(notes, "notes"));
    let write = begun.filter(|_| meeting.cancelled.is_none());
    let answers = (shell.say("coming-counted-title"), shell.link(&desk.path(&format!("/coming/{}", meeting.id))));
    Line {
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        when: when(shell, here, meeting),
        mark: match (meeting.cancelled, meeting.recurrence) {
            (Some(_), _) => Some(shell.say("meeting-cancelled-mark")),
            (None, _) if meeting.is_tentative() => Some(shell.say("meeting-unconfirmed-mark")),
            (None, Some(_)) => Some(shell.say("series-mark")),
            (None, None) => None,
        },
        ways: if stands {
            [Some(way("desk-change", "edit")), Some(answers).filter(|_| holds), Some(way("desk-cancel", "cancel")), write]
                .into_iter()
                .flatten()
                .collect()
        } else {
            vec![]
        },
    }
}

#[derive(Template)]
#[template(path = "desk/said.html")]
pub struct SaidPage {
    pub shell: Shell,
    pub desk: Desk,
    pub lines: Vec<Line>,
    pub none: String,
    /// Where another one is written.
    pub another: (String, String),
    /// What the two ways to other pages of the list are called.
    pub turns: [&'static str; 2],
    pub newer: Option<String>,
    pub older: Option<String>,
}

type Where = (Data<App>, Data<Front>, Visitor);

async fn news(request: HttpRequest, at: Where, handle: Path<String>, turn: Query<At>) -> Answer {
    let (app, front, visitor) = at;
    let (turn, handle) = (turn.turn()?, handle.into_inner());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        Ok((Desk::of(&group), announcements::store::page_with_all(conn, Some(&handle), turn, MANY as i64 + 1)?))
    });
    let (desk, notes) = found.await?;
    let (notes, newer, older) = turn.cut(notes, MANY);
    let (shell, here) = (shell(&front, &request, &visitor, "group-news"), app.here());
    let edge = |there: bool, name, note: Option<&Announcement>| {
        let mark = note.filter(|_| there).map(|note| Mark { time: note.published, id: note.id })?;
        Some(shell.link(&turned(&desk.path("/news"), name, mark)))
    };
    let page = SaidPage {
        lines: notes.iter().map(|note| news_line(&shell, &here, &desk, note)).collect(),
        none: shell.say("desk-news-none"),
        another: (shell.say("desk-write"), shell.link(&desk.path("/news/new"))),
        turns: ["news-newer", "news-older"],
        newer: edge(newer, "before", notes.first()),
        older: edge(older, "after", notes.last()),
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

async fn coming(request: HttpRequest, at: Where, handle: Path<String>, turn: Query<At>) -> Answer {
    let (app, front, visitor) = at;
    let (here, handle, turn) = (app.here(), handle.into_inner(), turn.turn()?);
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let meetings = meetings::store::page_of(conn, here.now, &handle, turn, MANY as i64 + 1)?;
        let written = super::minutes::with_notes(conn, here.now, &meetings)?;
        Ok((Desk::of(&group), meetings, written))
    });
    let (desk, meetings, written) = found.await?;
    let (meetings, earlier, later) = turn.cut(meetings, MANY);
    let (shell, here) = (shell(&front, &request, &visitor, "group-next"), app.here());
    let edge = |there: bool, name, meeting: Option<&Meeting>| {
        let mark = meeting.filter(|_| there).map(|meeting| Mark { time: meeting.starts, id: meeting.id })?;
        Some(shell.link(&turned(&desk.path("/meetings"), name, mark)))
    };
    let page = SaidPage {
        lines: meetings.iter().map(|meeting| meeting_line(&shell, &here, &desk, meeting, &written)).collect(),
        none: shell.say("desk-meetings-none"),
        another: (shell.say("desk-schedule"), shell.link(&desk.path("/meetings/new"))),
        turns: ["agenda-earlier", "agenda-later"],
        newer: edge(earlier, "before", meetings.first()),
        older: edge(later, "after", meetings.last()),
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

async fn note_of(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Announcement), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), announcement_of(conn, &handle, id)?))).await?)
}

fn sure_to_delete(shell: Shell, desk: &Desk, note: &Announcement, problems: Problems) -> Sure {
    Sure {
        what: title_of(note),
        language: note.language.clone(),
        lines: vec![shell.say("desk-delete-here"), shell.say("desk-delete-elsewhere")],
        problems,
        action: shell.link(&desk.path(&format!("/news/{}/delete", note.id))),
        back: shell.link(&desk.path("")),
        button: shell.say("desk-delete-do"),
        tick: Some(shell.say("desk-delete-sure")),
        shell,
    }
}

async fn ask_delete(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, note) = note_of(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-delete-title");
    Shell::show_once(StatusCode::OK, &sure_to_delete(shell, &desk, &note, Problems::default()))
}

async fn delete(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (desk, note) = note_of(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-delete-title");
    let mut problems = Problems::default();
    if !is_sure(&shell, &fields, &mut problems) {
        return Shell::show_once(StatusCode::UNPROCESSABLE_ENTITY, &sure_to_delete(shell, &desk, &note, problems));
    }
    let (speaker, group, id) = (visitor.speaker()?, note.group, note.id);
    // what was said below it goes along
    let whose = group.clone();
    let replies = app.db.read(move |conn| Ok(replies::store::pictures_in(conn, &whose)?)).await?;
    let before = app.act(move |conn, here| delete_news(conn, here, &speaker, &group, id)).await?;
    settle(&app, &[], &[before.pictures, replies].concat()).await;
    Ok(did(&shell, &desk.path(""), "deleted"))
}

async fn gathering(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Meeting), Failure> {
    let (handle, id, now) = (handle.clone(), read_id(id)?, app.clock.now());
    let found = app.db.read(move |conn| {
        let desk = Desk::of(&speaking(conn, &handle)?);
        let meeting = called_by(conn, &handle, id)?;
        meeting.can_change_at(now).map_err(Error::from)?;
        Ok((desk, meeting))
    });
    Ok(found.await?)
}

fn sure_to_cancel(shell: Shell, here: &Here, desk: &Desk, meeting: &Meeting, problems: Problems) -> Sure {
    let of_series = meeting.recurrence.map(|_| shell.say("desk-cancel-one"));
    Sure {
        what: meeting.title.clone(),
        language: meeting.language.clone(),
        lines: [Some(when(&shell, here, meeting)), of_series, Some(shell.say("desk-cancel-more"))]
            .into_iter()
            .flatten()
            .collect(),
        problems,
        action: shell.link(&desk.path(&format!("/meetings/{}/cancel", meeting.id))),
        back: shell.link(&desk.path("")),
        button: shell.say("desk-cancel-do"),
        tick: Some(shell.say("desk-cancel-sure")),
        shell,
    }
}

async fn ask_cancel(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, meeting) = gathering(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-cancel-title");
    Shell::show_once(StatusCode::OK, &sure_to_cancel(shell, &app.here(), &desk, &meeting, Problems::default()))
}

async fn cancel(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (desk, meeting) = gathering(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-cancel-title");
    let mut problems = Problems::default();
    if !is_sure(&shell, &fields, &mut problems) {
        let page = sure_to_cancel(shell, &app.here(), &desk, &meeting, problems);
        return Shell::show_once(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (speaker, group, id) = (visitor.speaker()?, desk.handle.clone(), meeting.id);
    app.act(move |conn, here| cancel_meeting(conn, here, &speaker, &group, id)).await?;
    Ok(did(&shell, &desk.path(""), "called-off"))
}
