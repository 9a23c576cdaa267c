//! `/ours/notices`: each member chooses how to hear that something waits.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    actions::{ask, begin_feed, begin_push, confirm, end_account, end_feed, end_push, new_code},
    feed,
    notice::Refusal,
    push, store,
};
use crate::{
    actors::{discovery, remote},
    app::App,
    desk::mentions::must_not_be_blocked,
    error::{Error, Result, Said},
    members::{
        access::{Visitor, deed, form},
        pages::{did, done, shell},
        token::Token,
    },
    web::{
        Answer, Cache, Failure, Front, Shell,
        address::Access,
        form::{Form, Problems},
        readable, respond,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(feed::routes)
        .service(form("/ours/notices", Access::Member, choose, name_account))
        .service(deed("/ours/notices/code", Access::Member, type_code))
        .service(deed("/ours/notices/feed", Access::Member, new_feed))
        .service(deed("/ours/notices/push", Access::Member, new_browser))
        .service(readable(SCRIPT, script))
        .service(readable(WAKER, waker))
        .service(deed("/ours/notices/end", Access::Member, end));
}

/// The script of the page, and the one that a browser keeps to be woken by.
const SCRIPT: &str = "/ours/notices.js";
const WAKER: &str = "/ours/notices-waker.js";

async fn script(request: HttpRequest) -> HttpResponse {
    respond(&request, JAVASCRIPT, include_str!("push.js"), Cache::Public(60))
}

async fn waker(request: HttpRequest) -> HttpResponse {
    respond(&request, JAVASCRIPT, include_str!("waker.js"), Cache::Public(60))
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

#[derive(Template)]
#[template(path = "notices/notices.html")]
struct NoticesPage {
    shell: Shell,
    /// There is a feed; its address is shown once only.
    has_feed: bool,
    address: Option<String>,
    /// As people write it.
    account: Option<String>,
    /// A code was sent there and waits to be typed in.
    unconfirmed: bool,
    /// The city's key for pushes, once there is one, and the script that is to be kept.
    push: Option<String>,
    waker: String,
    /// Some browser is woken; this one, as far as we know.
    is_pushed: bool,
    is_woken: bool,
    typed: String,
    problems: Problems,
}

type Where = (Data<App>, Data<Front>, Visitor);

async fn choose(request: HttpRequest, at: Where) -> Answer {
    show(&request, &at, None, String::new(), Problems::default()).await
}

async fn show(request: &HttpRequest, at: &Where, address: Option<String>, typed: String, problems: Problems) -> Answer {
    let (app, front, visitor) = at;
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let found = app.db.read(move |conn| {
        let session = speaker.session(conn, &here)?;
        let chosen = store::of(conn, session.member.id)?;
        let uri = chosen.named().and_then(|uri| uri.parse().ok());
        let known = uri.map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
        let account = known.map(|actor| actor.handle()).or(chosen.named().map(str::to_owned));
        let browsers = store::endpoints(conn, session.member.id)?;
        Ok((!browsers.is_empty(), store::is_woken(conn, session.id)?, chosen, account))
    });
    let (is_pushed, is_woken, chosen, account) = found.await?;
    let shell = shell(front, request, visitor, "notices-title");
    let mut said = form_urlencoded::Serializer::new(String::new());
    said.append_pair("words", &shell.say("notices-push-words")).append_pair("to", &shell.link("/ours"));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NoticesPage {
        has_feed: chosen.feed.is_some(),
        unconfirmed: chosen.awaits_code(),
        address,
        account,
        typed,
        problems,
        is_pushed,
        is_woken,
        push: push::public_key(app).await?,
        waker: format!("{WAKER}?{}", said.finish()),
        shell,
    };
    Shell::show_once_with_script(status, front, SCRIPT, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    account: String,
    code: String,
    what: String,
    endpoint: String,
}

async fn name_account(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "notices-title");
    let written = typed.0.account.trim().to_owned();
    let sent = send_code(app, visitor, written.clone()).await;
    let mut problems = Problems::default();
    match problems.refused(&page.words, sent)? {
        Some(()) => Ok(done(&page, "/ours/notices#account-section")),
        None => show(&request, &at, None, written, problems).await,
    }
}

/// Only a handle is looked up: its own server says whose it is.
async fn send_code(app: &App, visitor: &Visitor, written: String) -> Result<()> {
    let unknown = || Refusal::Unknown(written.clone());
    if written.trim_matches('@').is_empty() {
        return Err(Refusal::Nameless.into());
    }
    if !written.trim_start_matches('@').contains('@') || written.contains('/') {
        return Err(unknown().into());
    }
    if must_not_be_blocked(app, &written).await.is_err() {
        return Err(Refusal::Unreachable(written).into());
    }
    let actor = discovery::find(app, &written).await.map_err(|why| match why {
        Error::Broken(cause) => Error::Broken(cause),
        _ => unknown().into(),
    })?;
    let (speaker, code) = (visitor.speaker()?, new_code()?);
    app.act(move |conn, here| ask(conn, here, &speaker, &actor, &code)).await
}

async fn type_code(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "notices-title");
    let (speaker, code) = (visitor.speaker()?, typed.0.code);
    let right = app.act(move |conn, here| confirm(conn, here, &speaker, &code)).await;
    let mut problems = Problems::default();
    match problems.refused(&page.words, right)? {
        Some(true) => return Ok(did(&page, "/ours/notices#account-section", "told")),
        Some(false) => problems.refused(&page.words, Err::<(), _>(Refusal::Wrong.into())).map(drop)?,
        None => {}
    }
    show(&request, &at, None, String::new(), problems).await
}

async fn new_feed(request: HttpRequest, at: Where) -> Answer {
    let (app, _, visitor) = &at;
    let (speaker, key) = (visitor.speaker()?, Token::new()?);
    let new = key.clone();
    app.act(move |conn, here| begin_feed(conn, here, &speaker, &new)).await?;
    let address = app.origin.url(&format!("/ours/notices.atom?key={}", key.reveal()));
    show(&request, &at, Some(address.to_string()), String::new(), Problems::default()).await
}

async fn new_browser(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, endpoint) = (visitor.speaker()?, typed.0.endpoint);
    if !push::is_endpoint(app, &endpoint) {
        let said = Said::new("notices-refused-endpoint");
        return Err(Failure::status(StatusCode::BAD_REQUEST, "no browser is woken at this address", said));
    }
    app.act(move |conn, here| begin_push(conn, here, &speaker, &endpoint)).await?;
    Ok(did(&shell(front, &request, visitor, "notices-title"), "/ours/notices#push", "woken"))
}

async fn end(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, what) = (visitor.speaker()?, typed.0.what);
    app.act(move |conn, here| match what.as_str() {
        "feed" => end_feed(conn, here, &speaker),
        "account" => end_account(conn, here, &speaker),
        "push" => end_push(conn, here, &speaker),
        _ => Err(Error::invalid("say what is to end")),
    })
    .await?;
    Ok(did(&shell(front, &request, visitor, "notices-title"), "/ours/notices", "decided"))
}
