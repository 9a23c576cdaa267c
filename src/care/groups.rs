//! Groups, as far as everyone hears of them: welcomed, or their welcome taken back.

use actix_web::{
    HttpRequest,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Question, ask, caretaker, deeds, frame, reason, show,
    ticked::{Asked, PAGE, Turn, named, nothing_ticked},
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
    replies,
    web::{Answer, Front, Shell, address::Access, form::Form},
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
    waiting: Vec<Group>,
    welcomed: Vec<Group>,
    turn: Turn,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, asked: Query<Asked>) -> Answer {
    let asked = asked.into_inner();
    let after = asked.after.clone();
    let found = app.db.read(move |conn| {
        let after = store::even_waiting(conn, &after)?;
        // those that everyone hears of stand on the first page
        let welcomed = if after.is_none() { store::list(conn)? } else { vec![] };
        Ok((store::waiting_after(conn, after.as_ref(), PAGE + 1)?, welcomed))
    });
    let (mut waiting, mut welcomed) = found.await?;
    welcomed.retain(|group| group.handle != PLAZA);
    let shell = frame(&front, &request, &visitor, "care-groups");
    let turn = asked.turn(PATH, &mut waiting, false, |group| &group.handle);
    show(&Groups { shell, waiting, welcomed, turn })
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
async fn end(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Ticked>) -> Answer {
    let Ticked { group: handles, sure, reason: why } = form.0;
    if handles.is_empty() {
        return Err(nothing_ticked().into());
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
        let names = named(groups.iter().map(|group| (&group.name, &group.handle)));
        let text = shell.fill("care-groups-end-more", "groups", &names);
        let fields: Vec<_> = handles.iter().map(|handle| ("group", handle.as_str())).collect();
        let (title, action) = ("care-groups-end", "/care/groups/end");
        return ask(&front, &request, &visitor, &Question { title, text, action, fields: &fields, back: PATH, why: true });
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

async fn welcome(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, handle) = (visitor.speaker()?, form.0.group);
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
