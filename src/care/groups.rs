//! Groups, as far as everyone hears of them: welcomed, or their welcome taken back.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Question, ask, ask_about, caretaker, deeds, frame, reason,
    ticked::{Asked, NOTHING, PAGE, Turn},
};
use crate::{
    app::App,
    city::pictures,
    error::Error,
    groups::{
        group::{Group, PLAZA},
        store,
    },
    members::{
        access::{Visitor, deed, page},
        pages::did,
    },
    powers::deed::Reason,
    replies, text,
    web::{
        Answer, Day, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
    welcome::newcomer::is_trusted,
};

const PATH: &str = "/care/groups";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/groups/welcome", Access::Caretaker, welcome))
        .service(deed("/care/groups/end", Access::Caretaker, end))
        .service(deed("/care/groups/unwelcome", Access::Caretaker, unwelcome));
}

#[derive(Template)]
#[template(path = "care/groups.html")]
struct Groups {
    shell: Shell,
    problems: Problems,
    waiting: Vec<Waiting>,
    welcomed: Vec<Group>,
    turn: Turn,
}

/// A group that nobody welcomed yet.
struct Waiting {
    handle: String,
    name: String,
    language: String,
    /// What it is for: the beginning.
    mission: String,
    since: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, asked: Query<Asked>) -> Answer {
    page_of(&app, frame(&front, &request, &visitor, "care-groups"), &asked, Problems::default()).await
}

async fn page_of(app: &App, shell: Shell, asked: &Asked, problems: Problems) -> Answer {
    let after = asked.after.clone();
    let found = app.db.read(move |conn| {
        let after = store::even_waiting(conn, &after)?;
        // those that everyone hears of stand on the first page
        let welcomed = if after.is_none() { store::list(conn)? } else { vec![] };
        Ok((store::waiting_after(conn, after.as_ref(), PAGE + 1)?, welcomed))
    });
    let (mut waiting, mut welcomed) = found.await?;
    welcomed.retain(|group| group.handle != PLAZA);
    let turn = asked.turn(PATH, &mut waiting, false, |group| &group.handle);
    let now = app.clock.now();
    let line = |group: Group| {
        let day = Day::of(&group.created.utc().with_timezone(&shell.zone), now).date(&shell.words);
        Waiting {
            mission: text::first_line(&text::to_plain(&group.mission), 400),
            since: shell.fill("waiting-since", "day", &day),
            handle: group.handle,
            name: group.name,
            language: group.language,
        }
    };
    let waiting = waiting.into_iter().map(line).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Groups { shell, problems, waiting, welcomed, turn })
}

#[derive(Deserialize)]
struct Ticked {
    #[serde(default)]
    group: Vec<String>,
    sure: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Ends what waits, as when a crowd of trolls signed up.
async fn end(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    asked: Query<Asked>,
    form: Form<Ticked>,
) -> Answer {
    let Ticked { group: handles, sure, reason: why } = form.0;
    if handles.is_empty() {
        let (shell, mut problems) = (frame(&front, &request, &visitor, "care-groups"), Problems::default());
        problems.add("", shell.say(NOTHING));
        return page_of(&app, shell, &asked, problems).await;
    }
    let wanted = handles.clone();
    let found = app.db.read(move |conn| {
        let groups = store::theirs(conn, &wanted)?;
        let mut pictures = Vec::new();
        for group in &groups {
            pictures.extend(replies::store::pictures_in(conn, &group.handle)?);
        }
        Ok((groups, pictures))
    });
    let (groups, mut before) = found.await?;
    if sure.is_none() {
        let shell = frame(&front, &request, &visitor, "care-groups-end");
        let named: Vec<_> = groups.into_iter().map(|group| (group.name, group.handle)).collect();
        let text = shell.say("care-groups-end-more");
        let fields: Vec<_> = handles.iter().map(|handle| ("group", handle.as_str())).collect();
        let (title, action) = ("care-groups-end", "/care/groups/end");
        let question = Question { title, text, action, fields: &fields, back: PATH, why: true };
        return ask_about(&front, &request, &visitor, &question, &named);
    }
    let speaker = visitor.speaker()?;
    let deed = app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, reason(&why))?;
        deeds::end_waiting(conn, here, &by, &handles)
    });
    before.extend(deed.await?.into_iter().flat_map(|group| [group.icon, group.header]).flatten());
    pictures::let_go(&app, &before).await;
    Ok(did(&frame(&front, &request, &visitor, "care-groups"), PATH, "decided"))
}

#[derive(Deserialize)]
struct Named {
    group: String,
    sure: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Asks once: what it said so far is published with it.
async fn welcome(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { group: handle, sure, .. } = form.0;
    if sure.is_none() {
        let wanted = handle.clone();
        let found = app.db.read(move |conn| Ok(store::even_waiting(conn, &wanted)?)).await?;
        let found = found.filter(|group| group.handle != PLAZA);
        let group = found.ok_or_else(|| Error::not_found("there is no group of that name"))?;
        let shell = frame(&front, &request, &visitor, "waiting-welcome");
        let trusted = is_trusted(&group.handle).then(|| shell.fill("waiting-trusted", "handle", &group.handle));
        let text = [Some(shell.say("care-welcome-more")), trusted].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let fields = [("group", handle.as_str())];
        let (title, action) = ("waiting-welcome", "/care/groups/welcome");
        let question = Question { title, text, action, fields: &fields, back: PATH, why: false };
        return ask_about(&front, &request, &visitor, &question, &[(group.name, group.handle)]);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        caretaker(conn, here, &speaker, Reason::None)?;
        deeds::welcome(conn, here, &handle)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-groups"), PATH, "decided"))
}

async fn unwelcome(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { group: handle, sure, reason: why } = form.0;
    let shell = frame(&front, &request, &visitor, "care-unwelcome");
    let wanted = handle.clone();
    let found = app.db.read(move |conn| Ok(store::by_handle(conn, &wanted)?)).await?;
    let found = found.filter(|group| group.handle != PLAZA);
    let group = found.ok_or_else(|| Error::not_found("there is no group of that name that was welcomed"))?;
    if sure.is_none() {
        let text = shell.fill("care-unwelcome-more", "group", &group.name);
        let fields = [("group", handle.as_str())];
        let (title, action) = ("care-unwelcome", "/care/groups/unwelcome");
        return ask(&front, &request, &visitor, &Question { title, text, action, fields: &fields, back: PATH, why: true });
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, reason(&why))?;
        deeds::unwelcome(conn, here, &by, &handle)
    })
    .await?;
    Ok(did(&shell, PATH, "decided"))
}
