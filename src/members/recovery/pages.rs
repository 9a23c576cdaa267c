//! Ways back in, used; and those that a caretaker gives.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde::Deserialize;

use super::{Refusal, ask, come_back, whose};
use crate::{
    app::App,
    error::{Error, Result, Said},
    members::{
        access::{Visitor, deed, form},
        member::Member,
        pages::{Sure, shell},
        password::{self, Lane},
        sign_in::{Kept, ours, pages as sign_in},
        store,
        token::Token,
        ways,
    },
    people,
    posters::qr,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Fields, Form, Problems},
        moment, saying,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/recover/{token}", Access::Anyone, back_in, take)).service(deed(
        "/care/members/recover",
        Access::Caretaker,
        care,
    ));
}

#[derive(Template)]
#[template(path = "members/recovery/back.html")]
struct Back {
    shell: Shell,
    problems: Problems,
    member: Member,
    action: String,
    then: String,
    kept: Kept,
    /// They signed in with a code from paper.
    with_code: bool,
}

impl Back {
    fn carried(&self) -> Vec<(String, String)> {
        self.kept.carried()
    }

    fn new(mut shell: Shell, member: Member, token: &str) -> Self {
        shell.about.title = shell.say("back-title");
        let (problems, then, kept) = (Problems::default(), String::new(), Kept::default());
        Self { shell, problems, member, action: format!("/recover/{token}"), then, kept, with_code: false }
    }
}

fn token_of(text: &str) -> Result<Token> {
    Ok(Token::read(text).ok_or(Refusal::Used)?)
}

/// For whoever signed in with a code: they choose a new password.
pub fn with_code(shell: Shell, member: &Member, link: &Token, then: String, kept: Kept) -> Answer {
    let page = Back { then, kept, with_code: true, ..Back::new(shell, member.clone(), link.reveal()) };
    Shell::show_once(StatusCode::OK, &page)
}

/// Whom this link lets in. Where it does later, it is said when, by the clocks of the place.
async fn member_of(app: &App, shell: &Shell, link: &Token) -> Result<Member> {
    let (now, link) = (app.clock.now(), link.clone());
    let found = app.db.read(move |conn| match ways::find(conn, &link, now)?.filter(|way| way.opens > now) {
        Some(way) => Ok(Err(way.opens)),
        None => Ok(Ok(whose(conn, now, &link)?.1)),
    });
    found.await?.map_err(|opens| {
        let when = moment(&shell.words, &opens.utc().with_timezone(&shell.zone), now);
        Error::refused_in_words(Refusal::NotYet(opens), Said::new("entry-refused-not-yet").with("when", when))
    })
}

async fn back_in(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, token: Path<String>) -> Answer {
    let (link, shell) = (token_of(&token)?, shell(&front, &request, &visitor, "back-title"));
    let member = member_of(&app, &shell, &link).await?;
    Shell::show_once(StatusCode::OK, &Back::new(shell, member, &token))
}

async fn take(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    token: Path<String>,
    fields: Fields,
) -> Answer {
    let (link, shell) = (token_of(&token)?, shell(&front, &request, &visitor, "back-title"));
    let member = member_of(&app, &shell, &link).await?;
    let mut page = Back::new(shell, member, &token);
    page.then = fields.get("then").and_then(|then| ours(then, &app.origin)).unwrap_or_default();
    page.kept = Kept::of_form(&fields, &app.origin).unwrap_or_default();
    let typed = fields.get("password").unwrap_or_default().to_owned();
    let known = [page.member.name.as_str(), page.member.handle.as_str(), app.place.name.as_str()];
    page.problems.refused(&page.shell.words, password::check(&typed, &known).map_err(Error::from))?;
    if !page.problems.is_empty() {
        return Shell::show_once(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let fingerprint = password::fingerprint(typed, Lane::Known).await?;
    let session = Token::new()?;
    let new = session.clone();
    let back = app.act(move |conn, here| {
        let member = come_back(conn, here, &link, &fingerprint, &new)?;
        people::fellows::withdraw(conn, member.id)?;
        Ok(member)
    });
    let member = back.await?;
    let then = if page.then.is_empty() { "/ours" } else { &page.then };
    sign_in::go_on(&app, page.shell, &member, &session, &saying(then, "recovered"), page.kept)
}

/// A link that lets somebody in, as a code to be scanned; before that, the question whether to show it.
#[derive(Template)]
#[template(path = "members/recovery/show.html")]
pub struct Show {
    shell: Shell,
    text: String,
    more: String,
    /// Before it is shown: where the form goes.
    ask: Option<String>,
    link: String,
    code: Option<Safe<String>>,
    back: String,
}

impl Show {
    /// The question, answered at `ask`.
    pub fn before(shell: Shell, text: String, more: String, ask: String, back: String) -> Answer {
        let (ask, link) = (Some(ask), String::new());
        Shell::show_once(StatusCode::OK, &Self { shell, text, more, ask, link, code: None, back })
    }

    /// `path` is one of ours.
    pub fn now(app: &App, shell: Shell, path: &str, text: String, more: String, back: String) -> Answer {
        let link = app.origin.url(path).to_string();
        let code = Some(qr::svg(&link, &shell.say("way-code"))?);
        Shell::show_once(StatusCode::OK, &Self { shell, text, more, ask: None, link, code, back })
    }
}

/// The way in that `token` opens.
pub fn path_of(token: &Token) -> String {
    format!("/recover/{}", token.reveal())
}

#[derive(Deserialize)]
struct Named {
    member: String,
    sure: Option<String>,
}

/// A caretaker's way in for somebody: said in public, and open after two days only.
async fn care(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let Named { member: handle, sure } = form.0;
    let shell = shell(&front, &request, &visitor, "way-care-title");
    let back = "/care/members";
    if sure.is_none() {
        let (text, button) = (shell.fill("way-care-ask", "member", &handle), shell.about.title.clone());
        let fields = [("member", handle.as_str())];
        return Shell::show_once(
            StatusCode::OK,
            &Sure { shell, text, action: "/care/members/recover", fields: &fields, button, back },
        );
    }
    let (speaker, token) = (visitor.speaker()?, Token::new()?);
    let link = token.clone();
    let member = app
        .act(move |conn, here| {
            let by = speaker.caretaker(conn, here)?;
            let member = store::by_handle(conn, &handle)?.ok_or_else(|| Error::not_found("nobody has that name"))?;
            ask(conn, here, Some(by.id), &member, &link)?;
            Ok(member)
        })
        .await?;
    let (text, more) = (shell.fill("way-care-shown", "member", &member.name), shell.say("way-care-shown-more"));
    Show::now(&app, shell, &path_of(&token), text, more, back.to_owned())
}
