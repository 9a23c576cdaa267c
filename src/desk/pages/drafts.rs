//! Writing: the forms in which something is begun, changed or gone on with.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    Desk, Line, at,
    rhythm::shown as shown_start,
    speaking,
    typed::take,
    writing::{Sheet, held, language, show},
};
use crate::{
    app::{App, Here},
    desk::{
        actions::{announcement_of, find, series_of, whole_meeting_of},
        draft::{Draft, News, Typed},
        invitation::Invitation,
        rhythm::Rhythm,
        store,
    },
    error::Result,
    groups::group::Group,
    media::AT_MOST,
    members::{
        access::{Visitor, form_of},
        pages::shell,
    },
    minutes,
    pictures::MAX_FILE,
    series::{pages::often, series::Series, store as series_store},
    text,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, LONGEST, Problems},
        read_id,
    },
};

/// Of a form with all its pictures, in bytes.
pub(super) const WITH_PICTURES: usize = AT_MOST * MAX_FILE + LONGEST;
/// What of a series is changed, as it is sent.
const SCOPES: [&str; 3] = ["one", "following", "all"];

pub fn routes(config: &mut ServiceConfig) {
    let long = WITH_PICTURES;
    config
        .service(form_of("/ours/@{handle}/news/new", Access::Organizer, long, new_news, take_new_news))
        .service(form_of("/ours/@{handle}/meetings/new", Access::Organizer, long, new_meeting_form, take_new_meeting))
        .service(form_of("/ours/@{handle}/news/{id}/edit", Access::Organizer, long, edit_news, take_edited_news))
        .service(form_of("/ours/@{handle}/meetings/{id}/edit", Access::Organizer, long, edit_meeting, take_edited_meeting))
        .service(form_of("/ours/@{handle}/drafts/{id}", Access::Organizer, long, show_draft, take_draft));
}

/// A draft on the desk.
pub fn line(shell: &Shell, here: &Here, desk: &Desk, draft: &Draft) -> Line {
    let title = text::typed(&draft.title()).unwrap_or_else(|| shell.say("desk-untitled"));
    let mark = match (&draft.typed, draft.about) {
        _ if draft.stopped.is_some() => Some("desk-mark-stopped"),
        (_, Some(_)) => Some("desk-mark-change"),
        (Typed::Meeting(_), None) => Some("desk-mark-meeting"),
        (Typed::Minutes(_), None) => Some("desk-mark-minutes"),
        (Typed::News(_), None) => None,
    };
    let path = desk.path(&format!("/drafts/{}", draft.id));
    let mut ways = vec![(shell.say("desk-discard"), shell.link(&format!("{path}/discard")))];
    if draft.due.is_some() {
        ways = vec![(shell.say("desk-stop"), shell.link(&format!("{path}/stop")))];
    }
    Line {
        title,
        language: draft.language().to_owned(),
        page: shell.link(&path),
        when: draft.due.map(|due| at(shell, here, due)).or_else(|| held(shell, draft)).unwrap_or_default(),
        mark: mark.map(|message| shell.say(message)),
        ways,
    }
}

pub(super) type Where = (Data<App>, Data<Front>, Visitor);

async fn group_of(app: &App, handle: &str) -> Result<Group> {
    let handle = handle.to_owned();
    app.db.read(move |conn| speaking(conn, &handle)).await
}

fn blank_news(group: &Group) -> Draft {
    Draft::blank(group, Typed::News(News { language: language(group), ..News::default() }))
}

fn blank_meeting(app: &App, group: &Group) -> Draft {
    let (kind, zone) = ("meeting".to_owned(), app.place.zone.name().to_owned());
    Draft::blank(group, Typed::Meeting(Invitation { kind, zone, language: language(group), ..Invitation::default() }))
}

async fn new_news(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    show_blank(&request, &app, &front, &visitor, &group, &blank_news(&group)).await
}

async fn take_new_news(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let group = group_of(&at.0, &handle).await?;
    let draft = blank_news(&group);
    take(&request, &at, &group, draft, fields).await
}

/// Its agenda begins with what earlier meetings left open.
async fn new_meeting_form(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    let mut draft = blank_meeting(&app, &group);
    if let Typed::Meeting(invitation) = &mut draft.typed {
        let (handle, language) = (group.handle.clone(), invitation.language.clone());
        let open = app.db.read(move |conn| minutes::actions::still_open(conn, &handle, &language)).await?;
        invitation.agenda = open.unwrap_or_default();
    }
    show_blank(&request, &app, &front, &visitor, &group, &draft).await
}

async fn take_new_meeting(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let group = group_of(&at.0, &handle).await?;
    let draft = blank_meeting(&at.0, &group);
    take(&request, &at, &group, draft, fields).await
}

pub(super) async fn show_blank(
    request: &HttpRequest,
    app: &App,
    front: &Front,
    visitor: &Visitor,
    group: &Group,
    draft: &Draft,
) -> Answer {
    let action = request.path().to_owned();
    show(request, app, front, visitor, Sheet { draft, group, action, problems: Problems::default() }).await
}

/// What is to be changed, as a draft; the one that was begun, where there is one. With the series of a meeting.
async fn change(app: &App, handle: &str, id: &str, is_news: bool) -> Result<(Group, Draft, Option<Series>), Failure> {
    let (handle, id, now) = (handle.to_owned(), read_id(id)?, app.clock.now());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let (typed, pictures, series) = if is_news {
            let note = announcement_of(conn, &handle, id)?;
            (Typed::News(News::of(&note)), note.pictures, None)
        } else {
            let meeting = whole_meeting_of(conn, &handle, id)?;
            let series = series_of(conn, &handle, &meeting)?;
            let rhythm = series.as_ref().map(|series| Rhythm::of(series, &meeting, now)).unwrap_or_default();
            (Typed::Meeting(Invitation { rhythm, ..Invitation::of(&meeting) }), meeting.pictures, series)
        };
        let begun = store::about(conn, &handle, id)?;
        let draft = begun.unwrap_or_else(|| Draft { about: Some(id), pictures, ..Draft::blank(&group, typed) });
        Ok((group, draft, series))
    });
    Ok(found.await?)
}

async fn edit_news(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = &at;
    let (group, draft, _) = change(app, &path.0, &path.1, true).await?;
    show_or_go_on(&request, app, front, visitor, &group, &draft).await
}

async fn take_edited_news(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft, _) = change(&at.0, &path.0, &path.1, true).await?;
    take(&request, &at, &group, draft, fields).await
}

/// Of a series, as it is linked to: what is changed.
#[derive(Deserialize)]
struct Asked {
    scope: Option<String>,
}

/// A meeting of a series: what is to be changed is chosen before anything is typed, for only then it is known what can be.
#[derive(Template)]
#[template(path = "desk/scope.html")]
struct ScopePage {
    shell: Shell,
    desk: Desk,
    what: String,
    language: String,
    /// `Every Tuesday, 18:00`.
    rule: String,
    /// Each what is changed, and where.
    scopes: Vec<(String, String)>,
    /// It was parted once: when the rest begins, which is changed by itself.
    goes_on: Option<String>,
}

async fn edit_meeting(request: HttpRequest, at: Where, path: Path<(String, String)>, asked: Query<Asked>) -> Answer {
    let (app, front, visitor) = &at;
    let (group, mut draft, series) = change(app, &path.0, &path.1, false).await?;
    let scope = asked.into_inner().scope.filter(|scope| SCOPES.contains(&scope.as_str()));
    if let (Typed::Meeting(Invitation { rhythm, .. }), Some(series), 0) = (&mut draft.typed, &series, draft.revision) {
        match scope {
            Some(scope) => rhythm.scope = scope,
            None => return ask_scope(&request, app, front, visitor, (&group, &draft, series)).await,
        }
    }
    show_or_go_on(&request, app, front, visitor, &group, &draft).await
}

async fn ask_scope(
    request: &HttpRequest,
    app: &App,
    front: &Front,
    visitor: &Visitor,
    (group, draft, series): (&Group, &Draft, &Series),
) -> Answer {
    let shell = shell(front, request, visitor, "desk-reschedule");
    let (handle, last) = (group.handle.clone(), series.last_day());
    let others = app.db.read(move |conn| Ok(series_store::of_group(conn, &handle)?)).await?;
    let goes_on = others.into_iter().filter(|other| other.id != series.id && other.pattern.title == series.pattern.title);
    let goes_on = goes_on.filter(|other| last.is_some_and(|last| other.first.date() > last)).min_by_key(|other| other.first);
    let said = |day| rhythm_day(&shell, &app.here(), day, series.zone());
    let name = |scope: &str| match (scope, last) {
        ("all" | "following", Some(last)) => shell.fill(&format!("series-scope-{scope}-last"), "day", &said(last)),
        _ => shell.say(&format!("series-scope-{scope}")),
    };
    let page = ScopePage {
        desk: Desk::of(group),
        what: draft.title(),
        language: draft.language().to_owned(),
        rule: often(&shell, &series.rule, series.first, series.zone()),
        scopes: SCOPES.map(|scope| (name(scope), shell.link(&format!("{}?scope={scope}", request.path())))).into(),
        goes_on: goes_on.map(|other| shell.fill("series-scope-goes-on", "day", &said(other.first.date()))),
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

fn rhythm_day(shell: &Shell, here: &Here, day: NaiveDate, zone: Tz) -> String {
    // noon is on that day by every clock
    shell.within(&shown_start(shell, here, day.and_time(NaiveTime::MIN) + TimeDelta::hours(12), zone))
}

async fn take_edited_meeting(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft, _) = change(&at.0, &path.0, &path.1, false).await?;
    take(&request, &at, &group, draft, fields).await
}

/// A draft that was begun has a page of its own.
pub(super) async fn show_or_go_on(
    request: &HttpRequest,
    app: &App,
    front: &Front,
    visitor: &Visitor,
    group: &Group,
    draft: &Draft,
) -> Answer {
    if draft.revision > 0 {
        let page = shell(front, request, visitor, "ours-title").link(&Desk::of(group).path(&format!("/drafts/{}", draft.id)));
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, page)).finish());
    }
    show_blank(request, app, front, visitor, group, draft).await
}

async fn kept(app: &App, handle: &str, id: &str) -> Result<(Group, Draft), Failure> {
    let (handle, id) = (handle.to_owned(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((speaking(conn, &handle)?, find(conn, &handle, id)?))).await?)
}

async fn show_draft(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = &at;
    let (group, draft) = kept(app, &path.0, &path.1).await?;
    show_blank(&request, app, front, visitor, &group, &draft).await
}

async fn take_draft(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft) = kept(&at.0, &path.0, &path.1).await?;
    take(&request, &at, &group, draft, fields).await
}
