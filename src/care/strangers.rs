//! What servers said that nobody here knows yet, where such servers are held: let in, or thrown away.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{frame, show};
use crate::{
    app::App,
    inbox::held,
    members::{
        access::{Visitor, deed, page},
        pages::done,
    },
    quarantine::{
        actions,
        store::{self, Choice},
    },
    web::{Answer, Front, Shell, address::Access, form::Form},
};

const PATH: &str = "/care/strangers";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(PATH, Access::Caretaker, list))
        .service(deed("/care/strangers/choose", Access::Caretaker, choose))
        .service(deed("/care/strangers/let-in", Access::Caretaker, let_in))
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
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (choice, hosts) = app.db.read(|conn| Ok((store::choice(conn)?, store::waiting(conn)?))).await?;
    let shell = frame(&front, &request, &visitor, "care-strangers");
    let sentence = |number: i64| shell.fill("care-stranger-number", "number", &number.to_string());
    let hosts = hosts.into_iter().map(|(host, number)| (host, sentence(number))).collect();
    let other = match choice {
        Choice::Welcome => Choice::Quarantine,
        Choice::Quarantine => Choice::Welcome,
    };
    show(&Strangers { hosts, choice: choice.name(), other: other.name(), shell })
}

#[derive(Deserialize)]
struct Chosen {
    choice: String,
}

async fn choose(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Chosen>) -> Answer {
    let choice = Choice::by_name(&form.0.choice).ok_or_else(|| crate::error::Error::invalid("choose one of the two"))?;
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        actions::choose(conn, here, choice)
    })
    .await?;
    Ok(done(&frame(&front, &request, &visitor, "care-strangers"), PATH))
}

#[derive(Deserialize)]
struct Named {
    host: String,
}

async fn let_in(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, host) = (visitor.speaker()?, actions::read_host(&form.0.host)?);
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        held::let_in(conn, here, &host)
    })
    .await?;
    Ok(done(&frame(&front, &request, &visitor, "care-strangers"), PATH))
}

async fn drop_all(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, host) = (visitor.speaker()?, actions::read_host(&form.0.host)?);
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        Ok(store::forget_host(conn, &host)?)
    })
    .await?;
    Ok(done(&frame(&front, &request, &visitor, "care-strangers"), PATH))
}
