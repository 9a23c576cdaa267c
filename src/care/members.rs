//! Accounts, as far as those who look after the place have to do with them: which groups somebody speaks for is not shown here.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, caretaker, deeds, frame, overview::opening, reason, show};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
    members::{
        access::{Visitor, deed, page},
        member::Member,
        pages::did,
        store, ways,
    },
    powers::deed::Reason,
    web::{Answer, Front, Shell, address::Access, form::Form},
};

const PATH: &str = "/care/members";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/members/caretaker", Access::Caretaker, make_caretaker))
        .service(deed("/care/members/stop-way", Access::Caretaker, stop_way))
        .service(deed("/care/members/delete", Access::Caretaker, delete));
}

#[derive(Template)]
#[template(path = "care/members.html")]
struct Members {
    shell: Shell,
    /// Each with when the way back in opens that a caretaker asked for.
    members: Vec<(Member, Option<String>)>,
    /// Who looks.
    own: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let now = app.clock.now();
    let (members, ways) = app.db.read(move |conn| Ok((store::all(conn)?, ways::of_caretakers(conn, now)?))).await?;
    let own = visitor.member().map(|member| member.handle.clone()).unwrap_or_default();
    let shell = frame(&front, &request, &visitor, "care-members");
    let opens = |member: &Member| ways.iter().find(|(id, _)| *id == member.id).map(|(_, opens)| opening(&shell, *opens, now));
    let members = members.into_iter().map(|member| (opens(&member), member)).map(|(way, member)| (member, way)).collect();
    show(&Members { members, own, shell })
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

/// Any of them thinks better of a way back in, as whoever it is for can.
async fn stop_way(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, handle) = (visitor.speaker()?, form.0.member);
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        let member = find(conn, &handle)?;
        deeds::stop_way(conn, here, &by, &member)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-members"), PATH, "way-stopped"))
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
