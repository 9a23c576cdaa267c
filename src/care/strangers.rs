//! What servers said that nobody here knows yet, where such servers are held: let in, or thrown away.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Question, ask, caretaker,
    deeds::{self, Chosen},
    frame,
};
use crate::{
    app::App,
    error::Result,
    members::{
        access::{Visitor, deed, page},
        pages::did,
    },
    plaza,
    powers::deed::Reason,
    quarantine::{
        actions,
        store::{self, Choice, Standing},
    },
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/strangers";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/strangers/choose", Access::Caretaker, choose))
        .service(deed("/care/strangers/let-in", Access::Caretaker, let_in))
        .service(deed("/care/strangers/hold", Access::Caretaker, hold))
        .service(deed("/care/strangers/forget", Access::Caretaker, forget))
        .service(deed("/care/strangers/drop", Access::Caretaker, drop_all));
}

#[derive(Template)]
#[template(path = "care/strangers.html")]
struct Strangers {
    shell: Shell,
    /// The other choice than the one that holds.
    other: &'static str,
    choice: &'static str,
    /// Each with what waits from there, in a sentence.
    hosts: Vec<(String, String)>,
    /// Servers about which something was decided, and whether what they say is held.
    decided: Vec<(String, bool)>,
    problems: Problems,
    /// What was typed.
    host: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    page_of(&app, frame(&front, &request, &visitor, "care-strangers"), Problems::default(), String::new()).await
}

async fn page_of(app: &App, shell: Shell, problems: Problems, host: String) -> Answer {
    let (choice, hosts, standings) =
        app.db.read(|conn| Ok((store::choice(conn)?, store::waiting(conn)?, store::standings(conn)?))).await?;
    let sentence = |number: i64| shell.fill("care-stranger-number", "number", &number.to_string());
    let hosts = hosts.into_iter().map(|(host, number)| (host, sentence(number))).collect();
    let other = match choice {
        Choice::Welcome => Choice::Quarantine,
        Choice::Quarantine => Choice::Welcome,
    };
    let decided = standings.into_iter().map(|(host, standing, _)| (host, standing == Standing::Held.name())).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (choice, other) = (choice.name(), other.name());
    Shell::show_once(status, &Strangers { hosts, choice, other, decided, problems, host, shell })
}

#[derive(Deserialize)]
struct Wanted {
    choice: String,
}

async fn choose(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Wanted>) -> Answer {
    let choice = Choice::by_name(&form.0.choice).ok_or_else(|| crate::error::Error::invalid("choose one of the two"))?;
    let (speaker, language) = (visitor.speaker()?, plaza::actions::language(&app));
    let chosen = Chosen { unknown_servers: Some(choice), ..Chosen::default() };
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::choose(conn, here, &by, &chosen, &language)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-strangers"), PATH, "decided"))
}

#[derive(Deserialize)]
struct Named {
    host: String,
    sure: Option<String>,
}

async fn let_in(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, host) = (visitor.speaker()?, actions::read_host(&form.0.host)?);
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::let_in(conn, here, &by, &host)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-strangers"), PATH, "decided"))
}

async fn hold(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-strangers");
    let Ok(host) = actions::read_host(&form.0.host) else {
        let mut problems = Problems::default();
        problems.add("host", shell.fill("care-stranger-wrong", "typed", &form.0.host));
        return page_of(&app, shell, problems, form.0.host).await;
    };
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::hold(conn, here, &by, &host)
    })
    .await?;
    Ok(did(&shell, PATH, "decided"))
}

async fn drop_all(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let host = actions::read_host(&form.0.host)?;
    if form.0.sure.is_none() {
        let (title, action) = ("care-stranger-drop", "/care/strangers/drop");
        let text = frame(&front, &request, &visitor, title).fill("care-stranger-drop-more", "host", &host);
        let fields = [("host", host.as_str())];
        return ask(&front, &request, &visitor, &Question { title, text, action, fields: &fields, back: PATH, why: false });
    }
    throw_away(&app, &visitor, host, false).await?;
    Ok(did(&frame(&front, &request, &visitor, "care-strangers"), PATH, "decided"))
}

/// As if nothing had been decided about it.
async fn forget(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let host = actions::read_host(&form.0.host)?;
    if form.0.sure.is_none() {
        let (title, action) = ("care-stranger-forget", "/care/strangers/forget");
        let text = frame(&front, &request, &visitor, title).fill("care-stranger-forget-more", "host", &host);
        let fields = [("host", host.as_str())];
        return ask(&front, &request, &visitor, &Question { title, text, action, fields: &fields, back: PATH, why: false });
    }
    throw_away(&app, &visitor, host, true).await?;
    Ok(did(&frame(&front, &request, &visitor, "care-strangers"), PATH, "decided"))
}

async fn throw_away(app: &App, visitor: &Visitor, host: String, known: bool) -> Result<usize> {
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::drop_held(conn, here, &by, &host, known)
    })
    .await
}
