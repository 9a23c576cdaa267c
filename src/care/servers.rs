//! Servers that something waits for, or that are in trouble: why, since when, and what can be done.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Question, ask, caretaker, deeds, frame, overview::moment, show};
use crate::{
    app::App,
    clock::Timestamp,
    federation::delivery::overview::{self, HostQueue},
    members::{
        access::{Visitor, deed, page},
        pages::did,
    },
    powers::deed::Reason,
    web::{Answer, Front, Shell, address::Access, form::Form},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page("/care/servers", Access::Caretaker, list))
        .service(deed("/care/servers/retry", Access::Caretaker, retry))
        .service(deed("/care/servers/give-up", Access::Caretaker, give_up));
}

#[derive(Template)]
#[template(path = "care/servers.html")]
struct Servers {
    shell: Shell,
    servers: Vec<Server>,
}

struct Server {
    host: String,
    /// In whole sentences.
    lines: Vec<String>,
    /// As the other side or the network said it.
    error: Option<String>,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let now = app.clock.now();
    let queues = app.db.read(move |conn| Ok(overview::overview(conn, now, None)?)).await?;
    let shell = frame(&front, &request, &visitor, "care-servers");
    let servers = queues.into_iter().map(|queue| server(&shell, queue, now)).collect();
    show(&Servers { shell, servers })
}

fn server(shell: &Shell, queue: HostQueue, now: Timestamp) -> Server {
    let number = |message: &str, number: i64| shell.words.say(message, &[("number", &number.to_string())]);
    let when = |message: &str, time: Timestamp| {
        let when = moment(shell, time, now);
        shell.words.say(message, &[("when", &when)])
    };
    let mut lines = Vec::new();
    if queue.waiting > 0 {
        lines.push(number("care-server-waiting", queue.waiting));
    }
    if queue.set_aside > 0 {
        lines.push(number("care-server-aside", queue.set_aside));
    }
    lines.extend(queue.failing_since.map(|since| when("care-server-failing", since)));
    match queue.next_try {
        _ if queue.dead => lines.push(shell.say("care-server-dead")),
        Some(next) if queue.waiting > 0 => lines.push(when("care-server-next", next.max(now))),
        _ => {}
    }
    Server { host: queue.host, lines, error: queue.last_error }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    host: String,
    sure: Option<String>,
}

impl Named {
    /// `None` stands for every server.
    fn host(&self) -> Option<String> {
        Some(self.host.clone()).filter(|host| !host.is_empty())
    }
}

async fn retry(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, host) = (visitor.speaker()?, form.0.host());
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        Ok(overview::retry(conn, here.now, host.as_deref())?)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-servers"), "/care/servers", "decided"))
}

async fn give_up(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Some(host) = form.0.host() else {
        return Err(crate::error::Error::invalid("name the server to give up").into());
    };
    let shell = frame(&front, &request, &visitor, "care-server-give-up");
    if form.0.sure.is_none() {
        let text = shell.fill("care-server-give-up-more", "host", &host);
        let fields = [("host", host.as_str())];
        let (action, back) = ("/care/servers/give-up", "/care/servers");
        let question = Question { title: "care-server-give-up", text, action, fields: &fields, back, why: false };
        return ask(&front, &request, &visitor, &question);
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::give_up(conn, here, &by, Some(&host))
    })
    .await?;
    Ok(did(&shell, "/care/servers", "decided"))
}
