//! Accounts, as far as those who look after the place have to do with them: which groups somebody speaks for is not shown here.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Question, ask_about, ask_oneself, caretaker, deeds, frame,
    overview::opening,
    reason,
    ticked::{Asked, NOTHING, PAGE, Turn},
};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
    members::{
        access::{Visitor, deed, page},
        member::Member,
        oneself::Oneself,
        pages::did,
        sign_in::Attempts,
        store, ways,
    },
    powers::deed::Reason,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
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
    problems: Problems,
    /// Each with when the way back in opens that a caretaker asked for.
    members: Vec<(Member, Option<String>)>,
    /// Who looks.
    own: String,
    /// Only those whom nobody welcomed yet are listed.
    only_new: bool,
    turn: Turn,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, asked: Query<Asked>) -> Answer {
    page_of(&app, frame(&front, &request, &visitor, "care-members"), &visitor, &asked, Problems::default()).await
}

async fn page_of(app: &App, shell: Shell, visitor: &Visitor, asked: &Asked, problems: Problems) -> Answer {
    let now = app.clock.now();
    let (only_new, after) = (asked.is_only_new(), asked.after.clone());
    let read = app.db.read(move |conn| Ok((store::page(conn, only_new, &after, PAGE + 1)?, ways::of_caretakers(conn, now)?)));
    let (mut members, ways) = read.await?;
    let own = visitor.member().map(|member| member.handle.clone()).unwrap_or_default();
    let turn = asked.turn(PATH, &mut members, true, |member| &member.handle);
    let opens = |member: &Member| ways.iter().find(|(id, _)| *id == member.id).map(|(_, opens)| opening(&shell, *opens, now));
    let members = members.into_iter().map(|member| (opens(&member), member)).map(|(way, member)| (member, way)).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Members { members, own, only_new, turn, problems, shell })
}

#[derive(Deserialize)]
struct Named {
    member: String,
    sure: Option<String>,
    #[serde(default)]
    on: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
struct Ticked {
    #[serde(default)]
    member: Vec<String>,
    sure: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    password: String,
}

type Where = (Data<App>, Data<Front>, Data<Attempts>);

fn find(conn: &mut Conn, handle: &str) -> Result<Member> {
    store::by_handle(conn, handle)?.ok_or_else(|| Error::not_found("nobody has that name"))
}

async fn make_caretaker(request: HttpRequest, at: Where, visitor: Visitor, form: Form<Named>) -> Answer {
    let (app, front, attempts) = at;
    let Named { member: handle, sure, on, reason: why, password } = form.0;
    let on = on == "yes";
    let shell = frame(&front, &request, &visitor, "care-members");
    let name = if on { "care-member-caretaker" } else { "care-member-no-caretaker" };
    let (oneself, mut problems) = (Oneself::of(&app, &visitor).await?, Problems::default());
    if sure.is_some()
        && let Some(doubt) = oneself.doubt(&app, &attempts, &shell, password).await?
    {
        problems.add("password", doubt);
    }
    if sure.is_none() || !problems.is_empty() {
        let text = shell.fill(&format!("{name}-more"), "member", &handle);
        let fields = [("member", handle.as_str()), ("on", if on { "yes" } else { "no" })];
        let (action, back) = ("/care/members/caretaker", PATH);
        let question = Question { title: name, text, action, fields: &fields, back, why: !on };
        return ask_oneself(&front, &request, &visitor, (&question, &[]), &oneself, problems);
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

/// One, or all that are ticked, as when a crowd of trolls signed up; all of them or none.
async fn delete(request: HttpRequest, at: Where, visitor: Visitor, asked: Query<Asked>, form: Form<Ticked>) -> Answer {
    let (app, front, attempts) = at;
    let Ticked { member: handles, sure, reason: why, password } = form.0;
    let shell = frame(&front, &request, &visitor, "care-members");
    if handles.is_empty() {
        let mut problems = Problems::default();
        problems.add("", shell.say(NOTHING));
        return page_of(&app, shell, &visitor, &asked, problems).await;
    }
    let wanted = handles.clone();
    let found = app.db.read(move |conn| wanted.iter().map(|handle| find(conn, handle)).collect::<Result<Vec<Member>>>());
    let members = found.await?;
    let (of_caretakers, mut problems) = (members.iter().any(|member| member.caretaker), Problems::default());
    let oneself = Oneself::of(&app, &visitor).await?;
    if sure.is_some()
        && of_caretakers
        && let Some(doubt) = oneself.doubt(&app, &attempts, &shell, password).await?
    {
        problems.add("password", doubt);
    }
    if sure.is_none() || !problems.is_empty() {
        let (title, text, named) = match handles.as_slice() {
            [one] => ("care-member-delete", shell.fill("care-member-delete-more", "member", one), vec![]),
            _ => {
                let named = members.into_iter().map(|member| (member.name, member.handle)).collect();
                ("care-members-delete", shell.say("care-members-delete-more"), named)
            }
        };
        let fields: Vec<_> = handles.iter().map(|handle| ("member", handle.as_str())).collect();
        let question = Question { title, text, action: "/care/members/delete", fields: &fields, back: PATH, why: true };
        return match of_caretakers {
            true => ask_oneself(&front, &request, &visitor, (&question, &named), &oneself, problems),
            false => ask_about(&front, &request, &visitor, &question, &named),
        };
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, reason(&why))?;
        for handle in &handles {
            let member = find(conn, handle)?;
            deeds::delete_member(conn, here, &by, &member)?;
        }
        Ok(())
    })
    .await?;
    app.db.settle().await;
    Ok(did(&shell, PATH, "decided"))
}
