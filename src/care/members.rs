//! Accounts, as far as those who look after the place have to do with them: which groups somebody speaks for is not shown here.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, frame, show};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result, Said},
    members::{
        access::{Visitor, deed, page},
        member::Member,
        pages::done,
        store,
    },
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
}

fn find(conn: &mut Conn, handle: &str) -> Result<Member> {
    store::by_handle(conn, handle)?.ok_or_else(|| Error::not_found("nobody has that name"))
}

/// The last one cannot lay it down: somebody has to be able to look after the place.
fn not_the_last(conn: &mut Conn, member: &Member) -> Result<()> {
    let others = store::caretakers(conn)?.iter().filter(|caretaker| caretaker.id != member.id).count();
    if member.caretaker && others == 0 {
        let said = Said::new("care-refused-last");
        return Err(Error::refused_in_words("somebody has to look after the place: name another one first", said));
    }
    Ok(())
}

async fn make_caretaker(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { member: handle, sure, on } = form.0;
    let shell = frame(&front, &request, &visitor, "care-members");
    let name = if on == "yes" { "care-member-caretaker" } else { "care-member-no-caretaker" };
    if sure.is_none() {
        let text = shell.fill(&format!("{name}-more"), "member", &handle);
        let fields = [("member", handle.as_str()), ("on", on.as_str())];
        let question = Question { title: name, text, action: "/care/members/caretaker", fields: &fields, back: PATH };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        let mut member = find(conn, &handle)?;
        if on != "yes" {
            not_the_last(conn, &member)?;
        }
        member.caretaker = on == "yes";
        Ok(store::save(conn, &member)?)
    })
    .await?;
    Ok(done(&shell, PATH))
}

async fn delete(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { member: handle, sure, .. } = form.0;
    let shell = frame(&front, &request, &visitor, "care-members");
    if sure.is_none() {
        let text = shell.fill("care-member-delete-more", "member", &handle);
        let fields = [("member", handle.as_str())];
        let question =
            Question { title: "care-member-delete", text, action: "/care/members/delete", fields: &fields, back: PATH };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        let member = find(conn, &handle)?;
        not_the_last(conn, &member)?;
        Ok(store::delete(conn, member.id)?)
    })
    .await?;
    Ok(done(&shell, PATH))
}
