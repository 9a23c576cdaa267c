//! Groups, as far as everyone hears of them: welcomed, or their welcome taken back.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, caretaker, deeds, frame, reason, show};
use crate::{
    app::App,
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
    web::{Answer, Front, Shell, address::Access, form::Form},
};

const PATH: &str = "/care/groups";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/groups/welcome", Access::Caretaker, welcome))
        .service(deed("/care/groups/unwelcome", Access::Caretaker, unwelcome));
}

#[derive(Template)]
#[template(path = "care/groups.html")]
struct Groups {
    shell: Shell,
    waiting: Vec<Group>,
    welcomed: Vec<Group>,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (waiting, mut welcomed) = app.db.read(|conn| Ok((store::waiting(conn)?, store::list(conn)?))).await?;
    welcomed.retain(|group| group.handle != PLAZA);
    show(&Groups { shell: frame(&front, &request, &visitor, "care-groups"), waiting, welcomed })
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
