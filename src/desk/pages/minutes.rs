//! Notes of meetings on a desk: which can be written, which were, and how they are changed or taken back.

use std::{collections::HashSet, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Path, Query, ServiceConfig},
};
use uuid::Uuid;

use super::{
    Desk, Line,
    confirm::{Sure, is_sure},
    drafts::{WITH_PICTURES, Where, show_or_go_on},
    said::{MANY, SaidPage},
    speaking,
    typed::take,
    when,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::{
        Conn,
        turn::{Mark, Turn},
    },
    desk::{
        actions::{delete_minutes, meeting_of, minutes_of},
        draft::{Draft, Notes, Typed},
        store,
    },
    error::Result,
    groups::group::Group,
    meetings::meeting::Meeting,
    members::{
        access::{Visitor, form, form_of, page},
        pages::{did, shell},
    },
    minutes::{
        record::{self, Minutes},
        store::{self as kept, Which},
    },
    web::{
        Answer, At, Failure, Front, Shell,
        address::Access,
        form::{Fields, Problems},
        read_id, turned,
    },
};

/// Of meetings so long ago no notes are asked for any more; they can be written all the same.
const ASKED_FOR: Duration = Duration::from_secs(60 * 24 * 3_600);

pub fn routes(config: &mut ServiceConfig) {
    let long = WITH_PICTURES;
    config
        .service(page("/ours/@{handle}/minutes", Access::Organizer, list))
        .service(form_of("/ours/@{handle}/meetings/{id}/notes", Access::Organizer, long, write, take_written))
        .service(form_of("/ours/@{handle}/minutes/{id}/edit", Access::Organizer, long, edit, take_edited))
        .service(form("/ours/@{handle}/minutes/{id}/delete", Access::Organizer, ask_delete, delete));
}

/// What a desk shows of notes.
pub struct Shown {
    pub unwritten: Vec<Meeting>,
    pub written: Vec<(Minutes, Meeting)>,
}

impl Shown {
    pub fn of(conn: &mut Conn, now: Timestamp, group: &str, few: i64) -> Result<Self> {
        let unwritten = kept::unwritten(conn, group, now - ASKED_FOR, now, few)?;
        Ok(Self { unwritten, written: kept::page(conn, group, Which::All, Turn::First, few)? })
    }
}

/// Those of the meetings that have begun and have notes.
pub fn with_notes(conn: &mut Conn, now: Timestamp, meetings: &[Meeting]) -> Result<HashSet<Uuid>> {
    let mut written = HashSet::new();
    for meeting in meetings.iter().filter(|meeting| meeting.starts <= now) {
        written.extend(kept::of_meeting(conn, meeting.id)?.map(|_| meeting.id));
    }
    Ok(written)
}

/// A meeting of which notes can be written.
pub fn unwritten_line(shell: &Shell, here: &Here, desk: &Desk, meeting: &Meeting) -> Line {
    Line {
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        when: when(shell, here, meeting),
        mark: None,
        ways: vec![(shell.say("desk-minutes-write"), shell.link(&desk.path(&format!("/meetings/{}/notes", meeting.id))))],
    }
}

/// Published notes.
pub fn line(shell: &Shell, here: &Here, desk: &Desk, minutes: &Minutes, meeting: &Meeting) -> Line {
    let way =
        |message: &str, deed: &str| (shell.say(message), shell.link(&desk.path(&format!("/minutes/{}/{deed}", minutes.id))));
    Line {
        title: shell.fill("minutes-title", "title", &meeting.title),
        language: meeting.language.clone(),
        page: shell.link(&format!("/minutes/{}", minutes.id)),
        when: when(shell, here, meeting),
        mark: None,
        ways: vec![way("desk-minutes-change", "edit"), way("desk-delete", "delete")],
    }
}

async fn list(request: HttpRequest, at: Where, handle: Path<String>, turn: Query<At>) -> Answer {
    let (app, front, visitor) = at;
    let (turn, handle) = (turn.turn()?, handle.into_inner());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        Ok((Desk::of(&group), kept::page(conn, &handle, Which::All, turn, MANY as i64 + 1)?))
    });
    let (desk, all) = found.await?;
    let (all, newer, older) = turn.cut(all, MANY);
    let (shell, here) = (shell(&front, &request, &visitor, "group-minutes"), app.here());
    let edge = |there: bool, name, row: Option<&(Minutes, Meeting)>| {
        let mark = row.filter(|_| there).map(|(minutes, meeting)| Mark { time: meeting.starts, id: minutes.id })?;
        Some(shell.link(&turned(&desk.path("/minutes"), name, mark)))
    };
    let page = SaidPage {
        lines: all.iter().map(|(minutes, meeting)| line(&shell, &here, &desk, minutes, meeting)).collect(),
        none: shell.say("desk-minutes-none"),
        another: (shell.say("desk-minutes-unwritten"), shell.link(&desk.path("#minutes"))),
        turns: ["news-newer", "news-older"],
        newer: edge(newer, "before", all.first()),
        older: edge(older, "after", all.last()),
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

/// What is found of a meeting whose notes are to be written.
enum Begun {
    Draft(Group, Box<Draft>),
    /// They are published: those are changed.
    There(Group, Uuid),
}

async fn begun(app: &App, (handle, id): &(String, String)) -> Result<Begun, Failure> {
    let (handle, id, now) = (handle.clone(), read_id(id)?, app.clock.now());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let meeting = meeting_of(conn, &handle, id)?;
        if let Some(minutes) = kept::of_meeting(conn, id)? {
            return Ok(Begun::There(group, minutes.id));
        }
        record::check_meeting(&meeting, now)?;
        let draft = store::notes_of(conn, &handle, id)?;
        let draft = draft.unwrap_or_else(|| Draft::blank(&group, Typed::Minutes(Notes::begun(&meeting))));
        Ok(Begun::Draft(group, Box::new(draft)))
    });
    Ok(found.await?)
}

async fn write(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = &at;
    match begun(app, &path).await? {
        Begun::Draft(group, draft) => show_or_go_on(&request, app, front, visitor, &group, &draft).await,
        Begun::There(group, id) => Ok(to_the_published(&request, front, visitor, &group, id)),
    }
}

fn to_the_published(request: &HttpRequest, front: &Front, visitor: &Visitor, group: &Group, id: Uuid) -> HttpResponse {
    let page = shell(front, request, visitor, "ours-title").link(&Desk::of(group).path(&format!("/minutes/{id}/edit")));
    HttpResponse::SeeOther().insert_header((header::LOCATION, page)).finish()
}

async fn take_written(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    match begun(&at.0, &path).await? {
        Begun::Draft(group, draft) => take(&request, &at, &group, *draft, fields).await,
        // somebody was faster: what was typed becomes a change of what is there
        Begun::There(group, id) => {
            let (_, draft) = change(&at.0, &(group.handle.clone(), id.to_string())).await?;
            take(&request, &at, &group, draft, fields).await
        }
    }
}

async fn change(app: &App, (handle, id): &(String, String)) -> Result<(Group, Draft), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let minutes = minutes_of(conn, &handle, id)?;
        let meeting = meeting_of(conn, &handle, minutes.meeting)?;
        let begun = store::about(conn, &handle, id)?;
        let typed = Typed::Minutes(Notes::of(&minutes, &meeting));
        let draft = begun.unwrap_or_else(|| Draft { about: Some(id), ..Draft::blank(&group, typed) });
        Ok((group, draft))
    });
    Ok(found.await?)
}

async fn edit(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = &at;
    let (group, draft) = change(app, &path).await?;
    show_or_go_on(&request, app, front, visitor, &group, &draft).await
}

async fn take_edited(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft) = change(&at.0, &path).await?;
    take(&request, &at, &group, draft, fields).await
}

async fn written(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Minutes, Meeting), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    let found = app.db.read(move |conn| {
        let minutes = minutes_of(conn, &handle, id)?;
        let meeting = meeting_of(conn, &handle, minutes.meeting)?;
        Ok((Desk::of(&speaking(conn, &handle)?), minutes, meeting))
    });
    Ok(found.await?)
}

fn sure(shell: Shell, desk: &Desk, minutes: &Minutes, meeting: &Meeting, problems: Problems) -> Sure {
    Sure {
        what: shell.fill("minutes-title", "title", &meeting.title),
        language: meeting.language.clone(),
        lines: ["desk-delete-here", "desk-minutes-delete-agreed", "desk-delete-elsewhere"].map(|line| shell.say(line)).into(),
        problems,
        action: shell.link(&desk.path(&format!("/minutes/{}/delete", minutes.id))),
        back: shell.link(&desk.path("")),
        button: shell.say("desk-delete-do"),
        tick: Some(shell.say("desk-delete-sure")),
        shell,
    }
}

async fn ask_delete(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, minutes, meeting) = written(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-minutes-delete-title");
    Shell::show_once(StatusCode::OK, &sure(shell, &desk, &minutes, &meeting, Problems::default()))
}

async fn delete(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (desk, minutes, meeting) = written(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-minutes-delete-title");
    let mut problems = Problems::default();
    if !is_sure(&shell, &fields, &mut problems) {
        return Shell::show_once(StatusCode::UNPROCESSABLE_ENTITY, &sure(shell, &desk, &minutes, &meeting, problems));
    }
    let (speaker, group, id) = (visitor.speaker()?, minutes.group, minutes.id);
    app.act(move |conn, here| delete_minutes(conn, here, &speaker, &group, id)).await?;
    Ok(did(&shell, &desk.path(""), "deleted"))
}
