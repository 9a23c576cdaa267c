//! The way in for whoever has an account; what they had typed before goes along.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{Attempts, Kept, ours};
use crate::{
    app::App,
    db::Conn,
    error::Error,
    members::{
        access::{Visitor, browser, form, remembered, signed_in},
        actions, codes, device, handle,
        joining::{self, Mode},
        member::Member,
        pages::{done, shell},
        passkeys::pages::{Asking, asking_to_sign_in},
        password::{self, Lane},
        recovery, store,
        token::Token,
    },
    web::{
        Answer, Front, Shell, Who,
        address::Access,
        form::{Fields, Problems},
        script::PASSKEY,
        without_language,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/sign-in", Access::Anyone, show, take));
}

#[derive(Template)]
#[template(path = "members/sign_in/sign_in.html")]
struct SignIn {
    shell: Shell,
    problems: Problems,
    handle: String,
    then: String,
    kept: Kept,
    may_join: bool,
    asking: Option<Asking>,
}

impl SignIn {
    fn script(&self) -> String {
        PASSKEY.path()
    }

    fn show(&self, front: &Front, status: StatusCode) -> Answer {
        Shell::show_once_with(status, front, &PASSKEY, self)
    }

    /// Hidden fields.
    fn carried(&self) -> Vec<(String, String)> {
        self.kept.carried()
    }

    /// Why somebody is asked who they are, where that needs a word: they wanted to start a group, or were invited into one.
    fn why(&self) -> Option<&'static str> {
        match self.then.split('?').next().unwrap_or_default() {
            "/start" if self.may_join => Some("sign-in-to-start"),
            "/start" => Some("sign-in-to-start-invited"),
            then if then.starts_with("/invited/") => Some("sign-in-to-speak"),
            _ => None,
        }
    }

    fn join(&self) -> String {
        if self.then.is_empty() { "/join".to_owned() } else { with_then("/join", &self.then) }
    }
}

/// `path?then=…`.
pub fn with_then(path: &str, then: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("then", then).finish();
    format!("{path}?{query}")
}

/// The way in for whoever asked for this page of ours, in the language that they had chosen for it: they go on in whichever they
/// choose there.
pub fn before(page: &str) -> String {
    let (page, language) = without_language(page);
    let way = with_then("/sign-in", &page);
    match language {
        None => way,
        Some(language) => {
            format!("{way}&{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("lang", &language).finish())
        }
    }
}

/// Where somebody wants to go on, as the address of a page says.
pub fn then_of(request: &HttpRequest, app: &App) -> String {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let then = query.into_iter().find(|(name, _)| name == "then").and_then(|(_, then)| ours(&then, &app.origin));
    then.unwrap_or_default()
}

/// Whether the way to an account is shown: also to whoever comes with the link of a group.
fn may_join(conn: &mut Conn, then: &str) -> Result<bool, Error> {
    Ok(then.starts_with("/invited/") || joining::mode(conn)? != Mode::Invited)
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let then = then_of(&request, &app);
    let going = then.clone();
    let may_join = app.db.read(move |conn| may_join(conn, &going)).await?;
    let shell = shell(&front, &request, &visitor, "sign-in-title");
    let (problems, handle, kept, asking) = (Problems::default(), String::new(), Kept::default(), asking_to_sign_in(&app)?);
    SignIn { shell, problems, handle, then, kept, may_join, asking }.show(&front, StatusCode::OK)
}

/// 401: somebody sent a form after their session had ended. Nothing of it is lost.
pub fn first(app: &App, front: &Front, request: &HttpRequest, kept: Kept) -> Answer {
    let shell = shell(front, request, &Visitor::default(), "sign-in-title");
    let (problems, handle, then, asking) = (Problems::default(), String::new(), String::new(), asking_to_sign_in(app)?);
    SignIn { shell, problems, handle, then, kept, may_join: false, asking }.show(front, StatusCode::UNAUTHORIZED)
}

async fn take(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    attempts: Data<Attempts>,
    visitor: Visitor,
    fields: Fields,
) -> Answer {
    let shell = shell(&front, &request, &visitor, "sign-in-title");
    let handle = handle::written(fields.get("handle").unwrap_or_default());
    let secret = fields.get("password").unwrap_or_default().to_owned();
    let then = fields.get("then").and_then(|then| ours(then, &app.origin)).unwrap_or_default();
    let kept = Kept::of_form(&fields, &app.origin).unwrap_or_default();
    let mut problems = Problems::default();
    if handle.is_empty() {
        problems.add("handle", shell.say("sign-in-no-handle"));
    }
    if secret.is_empty() {
        problems.add("password", shell.say("sign-in-no-password"));
    }
    let (named, code, going) = (handle.clone(), codes::hash(&secret), then.clone());
    let (member, known, code, may_join) = app
        .db
        .read(move |conn| {
            let may_join = may_join(conn, &going)?;
            let Some(member) = store::by_handle(conn, &named)? else { return Ok((None, None, None, may_join)) };
            let known = store::password(conn, member.id)?;
            let code = match &code {
                Some(code) if codes::is_theirs(conn, member.id, code)? => Some(code.clone()),
                _ => None,
            };
            Ok::<_, Error>((Some(member), known, code, may_join))
        })
        .await?;
    if let (Some(code), Some(member)) = (code, &member)
        && let Some(link) = use_code(&app, member, code).await?
    {
        return recovery::pages::with_code(shell, member, &link, then, kept);
    }
    let mut page = SignIn { shell, problems, handle, then, kept, may_join, asking: asking_to_sign_in(&app)? };
    if !page.problems.is_empty() {
        return page.show(&front, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let device = browser(&request, &app.origin).and_then(|kept| device::known(&app.secret, &page.handle, &kept));
    let lane = if device.is_some() { Lane::Known } else { Lane::Anybody };
    if let Err(wait) = attempts.begin(&page.handle, device.as_deref(), app.clock.now()) {
        return too_often(&front, page, wait);
    }
    match (password::is_right(secret, known, lane).await?, member) {
        (true, Some(member)) => {
            attempts.succeeded(&page.handle, device.as_deref());
            let SignIn { shell, then, kept, .. } = page;
            come_in(&app, shell, &visitor, member, then, kept).await
        }
        _ => {
            page.problems.add("password", page.shell.say("sign-in-wrong"));
            page.show(&front, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

async fn use_code(app: &App, member: &Member, code: String) -> Result<Option<Token>, Error> {
    let (token, member) = (Token::new()?, member.clone());
    let link = token.clone();
    let used = app.act(move |conn, here| recovery::use_code(conn, here, &member, &code, &link)).await?;
    Ok(used.then_some(token))
}

/// 429: whoever has a code or a passkey need not wait.
fn too_often(front: &Front, mut page: SignIn, wait: Duration) -> Answer {
    let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).to_string();
    let message = if seconds == "1" { "sign-in-too-often-one" } else { "sign-in-too-often" };
    page.problems.add("password", page.shell.fill(message, "seconds", &seconds));
    let mut answer = page.show(front, StatusCode::TOO_MANY_REQUESTS)?;
    if let Ok(value) = header::HeaderValue::from_str(&seconds) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    Ok(answer)
}

#[derive(Template)]
#[template(path = "members/sign_in/go_on.html")]
struct GoOn {
    shell: Shell,
    kept: Kept,
}

/// Signs somebody in under a new secret; a session that this browser had before ends.
pub async fn come_in(app: &App, shell: Shell, visitor: &Visitor, member: Member, then: String, kept: Kept) -> Answer {
    let token = Token::new()?;
    let (new, id, before) = (token.clone(), member.id, visitor.session().map(|session| (session.member.id, session.id)));
    app.act(move |conn, here| {
        if let Some((member, session)) = before {
            store::end_session(conn, member, session)?;
        }
        actions::begin_session(conn, here, id, &new)
    })
    .await?;
    go_on(app, shell, &member, &token, &then, kept)
}

/// With the cookie of a session that has begun: on to where they wanted to go, or to what they had typed.
pub fn go_on(app: &App, mut shell: Shell, member: &Member, token: &Token, then: &str, kept: Kept) -> Answer {
    let mut answer: HttpResponse = if kept.is_empty() {
        done(&shell, if then.is_empty() { "/ours" } else { then })
    } else {
        shell.about.title = shell.say("go-on-title");
        shell.who = Some(Who { csrf: token.for_forms(), caretaker: member.caretaker, is_sought: false });
        Shell::show_once(StatusCode::OK, &GoOn { shell, kept })?
    };
    answer.add_cookie(&signed_in(&app.origin, token)).map_err(Error::broken)?;
    answer.add_cookie(&remembered(&app.origin, device::of(&app.secret, &member.handle)?)).map_err(Error::broken)?;
    Ok(answer)
}
