//! Accounts, as far as those who look after the place have to do with them: which groups somebody speaks for is not shown here.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, caretaker, deeds, frame, reason, show};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
    members::{
        access::{Visitor, deed, page},
        member::Member,
        pages::did,
        store,
    },
    powers::deed::Reason,
    web::{Answer, Front, Shell, address::Access, form::Form},
};

const PATH: &str = "/care/members";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/members/caretaker", Access::Caretaker, make_caretaker))
        .service(deed("/care/members/delete", Access::Caretaker, delete));
}

#[derive(Template)]
#[template(path = "care/members.html")]
struct Members {
    shell: Shell,
    members: Vec<Member>,
    /// Who looks.
    own: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let members = app.db.read(|conn| Ok(store::all(conn)?)).await?;
    let own = visitor.member().map(|member| member.handle.clone()).unwrap_or_default();
    show(&Members { shell: frame(&front, &request, &visitor, "care-members"), members, own })
}

#[derive(Deserialize)]
struct Named {
    member: String,
    sure: Option<String>,
    #[serde(default)]
    on: String,
    #[serde(default)]
    reason: String,
}

fn find(conn: &mut Conn, handle: &str) -> Result<Member> {
    store::by_handle(conn, handle)?.ok_or_else(|| Error::not_found("nobody has that name"))
}

async fn make_caretaker(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { member: handle, sure, on, reason: why } = form.0;
    let on = on == "yes";
    let shell = frame(&front, &request, &visitor, "care-members");
    let name = if on { "care-member-caretaker" } else { "care-member-no-caretaker" };
    if sure.is_none() {
        let text = shell.fill(&format!("{name}-more"), "member", &handle);
        let fields = [("member", handle.as_str()), ("on", if on { "yes" } else { "no" })];
        let (action, back) = ("/care/members/caretaker", PATH);
        let question = Question { title: name, text, action, fields: &fields, back, why: !on };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, if on { Reason::None } else { reason(&why) })?;
        let member = find(conn, &handle)?;
        deeds::make_caretaker(conn, here, &by, member, on)
    })
    .await?;
    Ok(did(&shell, PATH, "decided"))
}

async fn delete(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { member: handle, sure, reason: why, .. } = form.0;
    let shell = frame(&front, &request, &visitor, "care-members");
    if sure.is_none() {
        let text = shell.fill("care-member-delete-more", "member", &handle);
        let fields = [("member", handle.as_str())];
        let (title, action) = ("care-member-delete", "/care/members/delete");
        let question = Question { title, text, action, fields: &fields, back: PATH, why: true };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, reason(&why))?;
        let member = find(conn, &handle)?;
        deeds::delete_member(conn, here, &by, &member)
    })
    .await?;
    Ok(did(&shell, PATH, "decided"))
}
