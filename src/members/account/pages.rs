//! One's own account: name, password, codes on paper, the browsers in which one is signed in, and leaving.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{call_oneself, change_password, may_leave, new_codes, stop_recovery};
use crate::{
    app::App,
    clock::Timestamp,
    error::Error,
    members::{
        access::{Visitor, deed, forgotten, form, signed_in, signed_out},
        actions, codes,
        joining::{self, Mode, may_invite},
        member::Member,
        oneself::{Oneself, Proof},
        pages::{Sure, did, shell},
        passkeys, password,
        sign_in::{Attempts, ours, pages::then_of},
        store,
        token::Token,
        ways,
    },
    people,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
    words::Words,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/me", Access::Member, show, take))
        .service(form("/me/password", Access::Member, show_password, take_password))
        .service(form("/me/codes", Access::Member, show_codes, make_codes))
        .service(form("/me/leave", Access::Member, ask_leave, take_leave))
        .service(deed("/me/sessions/end", Access::Member, end_session))
        .service(deed("/me/sessions/end-others", Access::Member, end_others))
        .service(deed("/me/stop-recovery", Access::Member, stop));
}

#[derive(Clone, Default, Deserialize)]
struct Typed {
    name: String,
    language: String,
}

struct Seen {
    id: Uuid,
    begun: String,
    /// Since when, and when it was used.
    text: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "members/account/me.html")]
struct Me {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    handle: String,
    has_password: bool,
    codes: i64,
    passkeys: usize,
    sessions: Vec<Seen>,
    /// When the way in opens that a caretaker asked for.
    way: Option<String>,
    languages: Vec<(String, String)>,
    /// Whether others come in only with an invitation, which this one may give.
    invites: bool,
}

/// A day, as it is kept.
fn day(shell: &Shell, day: Timestamp) -> String {
    shell.words.date(&day.utc().with_timezone(&Tz::UTC), "long")
}

async fn me(shell: Shell, app: &App, visitor: &Visitor, problems: Problems, typed: Option<Typed>) -> Answer {
    let (speaker, here) = (visitor.speaker()?, app.here());
    let found = app.db.read(move |conn| {
        let session = speaker.session(conn, &here)?;
        let id = session.member.id;
        Ok::<_, Error>((
            store::sessions_of(conn, id, here.now)?,
            store::password(conn, id)?.is_some(),
            (codes::count(conn, id)?, passkeys::of(conn, id)?.len()),
            ways::asked_for(conn, id, here.now)?,
            joining::mode(conn)? == Mode::Invited && may_invite(&session.member),
            session,
        ))
    });
    let (sessions, has_password, (codes, passkeys), way, invites, own) = found.await?;
    let seen = |(id, begun, seen): (Uuid, Timestamp, Timestamp)| {
        let (begun, seen) = (day(&shell, begun), day(&shell, seen));
        let text = shell.words.say("me-session", &[("begun", &begun), ("seen", &seen)]);
        Seen { id, begun, text, is_this: id == own.id }
    };
    let sessions = sessions.into_iter().map(seen).collect();
    let way = way.map(|opens| shell.words.date(&opens.utc().with_timezone(&shell.zone), "long"));
    let Member { name, language, handle, .. } = own.member;
    let typed = typed.unwrap_or(Typed { name, language });
    let languages = Words::ALL.iter().map(|language| (language.to_string(), Words::name_of(language))).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(
        status,
        &Me { shell, problems, typed, handle, has_password, codes, passkeys, sessions, way, languages, invites },
    )
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    me(shell(&front, &request, &visitor, "me-title"), &app, &visitor, Problems::default(), None).await
}

async fn take(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Typed>) -> Answer {
    let shell = shell(&front, &request, &visitor, "me-title");
    let mut typed = form.0;
    typed.name = typed.name.trim().to_owned();
    let language = Words::of(&typed.language).tag();
    let (speaker, name) = (visitor.speaker()?, typed.name.clone());
    let outcome = app.act(move |conn, here| call_oneself(conn, here, &speaker, &name, &language)).await;
    let mut problems = Problems::default();
    match problems.refused(&shell.words, outcome)? {
        Some(()) => Ok(did(&shell, "/me", "saved")),
        None => me(shell, &app, &visitor, problems, Some(typed)).await,
    }
}

#[derive(Template)]
#[template(path = "members/account/password.html")]
struct Password {
    shell: Shell,
    problems: Problems,
    handle: String,
    has_password: bool,
}

async fn show_password(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let oneself = Oneself::of(&app, &visitor).await?;
    let shell = shell(&front, &request, &visitor, "me-password");
    Password::page(shell, Problems::default(), &oneself)
}

impl Password {
    fn page(shell: Shell, mut problems: Problems, oneself: &Oneself) -> Answer {
        let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        if oneself.proof == Proof::SignIn && problems.is_empty() {
            problems.add("password", shell.say("oneself-sign-in"));
        }
        let handle = oneself.session.member.handle.clone();
        Shell::show_once(status, &Self { shell, problems, handle, has_password: oneself.has_password() })
    }
}

#[derive(Deserialize)]
struct Passwords {
    #[serde(default)]
    old_password: String,
    #[serde(default)]
    password: String,
}

async fn take_password(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    attempts: Data<Attempts>,
    visitor: Visitor,
    form: Form<Passwords>,
) -> Answer {
    let Passwords { old_password, password: typed } = form.0;
    let oneself = Oneself::of(&app, &visitor).await?;
    let member = &oneself.session.member;
    let shell = shell(&front, &request, &visitor, "me-password");
    let mut problems = Problems::default();
    let known = [member.name.as_str(), member.handle.as_str(), app.place.name.as_str()];
    problems.refused(&shell.words, password::check(&typed, &known).map_err(Error::from))?;
    if problems.is_empty() {
        let (field, wrong) = match oneself.has_password() {
            true => ("old_password", oneself.is_wrong(&app, &attempts, &shell, old_password).await?),
            false => ("password", oneself.doubt(&app, &attempts, &shell, String::new()).await?),
        };
        wrong.into_iter().for_each(|wrong| problems.add(field, wrong));
    }
    if !problems.is_empty() {
        return Password::page(shell, problems, &oneself);
    }
    let fingerprint = password::fingerprint(typed, oneself.lane()).await?;
    let (speaker, token) = (visitor.speaker()?, Token::new()?);
    let new = token.clone();
    app.act(move |conn, here| {
        let member = change_password(conn, here, &speaker, &fingerprint)?;
        people::fellows::withdraw(conn, member.id)?;
        actions::begin_session(conn, here, member.id, &new)
    })
    .await?;
    let done = if oneself.has_password() { "password" } else { "password-first" };
    let mut answer = did(&shell, "/me", done);
    answer.add_cookie(&signed_in(&app.origin, &token)).map_err(Error::broken)?;
    Ok(answer)
}

#[derive(Template)]
#[template(path = "members/account/codes.html")]
struct Codes {
    shell: Shell,
    problems: Problems,
    proof: Proof,
    left: i64,
    /// Shown once.
    codes: Vec<String>,
    handle: String,
    then: String,
}

impl Codes {
    /// What the way on leads to.
    fn on(&self) -> String {
        let starts = self.then.split('?').next() == Some("/start");
        self.shell.say(if starts {
            "codes-to-start"
        } else if self.codes.is_empty() {
            "codes-later"
        } else {
            "codes-done"
        })
    }
}

async fn show_codes(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let oneself = Oneself::of(&app, &visitor).await?;
    let then = then_of(&request, &app);
    ask_codes(shell(&front, &request, &visitor, "codes-title"), &app, oneself, Problems::default(), then).await
}

async fn ask_codes(shell: Shell, app: &App, oneself: Oneself, problems: Problems, then: String) -> Answer {
    let (proof, member) = (oneself.proof, oneself.session.member);
    let left = app.db.read(move |conn| Ok(codes::count(conn, member.id)?)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Codes { shell, problems, proof, left, codes: Vec::new(), handle: member.handle, then })
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    password: String,
    #[serde(default)]
    then: String,
}

async fn make_codes(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    attempts: Data<Attempts>,
    visitor: Visitor,
    form: Form<Wanted>,
) -> Answer {
    let shell = shell(&front, &request, &visitor, "codes-title");
    let then = ours(&form.0.then, &app.origin).unwrap_or_default();
    let (oneself, mut problems) = (Oneself::of(&app, &visitor).await?, Problems::default());
    if let Some(doubt) = oneself.doubt(&app, &attempts, &shell, form.0.password).await? {
        problems.add("password", doubt);
        return ask_codes(shell, &app, oneself, problems, then).await;
    }
    let (speaker, codes) = (visitor.speaker()?, codes::make()?);
    let new = codes.clone();
    app.act(move |conn, here| new_codes(conn, here, &speaker, &new)).await?;
    let (proof, handle) = (oneself.proof, oneself.session.member.handle);
    Shell::show_once(StatusCode::OK, &Codes { shell, problems, proof, left: 0, codes, handle, then })
}

async fn ask_leave(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (speaker, here) = (visitor.speaker()?, app.here());
    let read = app.db.read(move |conn| {
        let member = speaker.member(conn, &here)?;
        may_leave(conn, &member)
    });
    read.await?;
    let shell = shell(&front, &request, &visitor, "leave-title");
    let (text, button) = (shell.say("leave-text"), shell.say("leave-next"));
    Shell::show_once(StatusCode::OK, &Sure { shell, text, action: "/me/leave", fields: &[("sure", "once")], button, back: "/me" })
}

#[derive(Deserialize)]
struct Asked {
    sure: Option<String>,
}

/// Asks twice.
async fn take_leave(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Asked>) -> Answer {
    let mut shell = shell(&front, &request, &visitor, "leave-title");
    if form.0.sure.as_deref() != Some("twice") {
        shell.about.title = shell.say("leave-sure");
        let (text, button) = (shell.say("leave-sure-text"), shell.say("leave-button"));
        let fields = [("sure", "twice")];
        return Shell::show_once(
            StatusCode::OK,
            &Sure { shell, text, action: "/me/leave", fields: &fields, button, back: "/me" },
        );
    }
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| people::unwelcomed::leave(conn, here, &speaker)).await?;
    app.db.settle().await;
    let mut answer = did(&shell, "/", "left");
    answer.add_cookie(&signed_out(&app.origin)).map_err(Error::broken)?;
    answer.add_cookie(&forgotten(&app.origin)).map_err(Error::broken)?;
    Ok(answer)
}

#[derive(Deserialize)]
struct Named {
    session: Uuid,
}

async fn end_session(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, id) = (visitor.speaker()?, form.0.session);
    app.act(move |conn, here| {
        let member = speaker.member(conn, here)?;
        Ok(store::end_session(conn, member.id, id)?)
    })
    .await?;
    Ok(did(&shell(&front, &request, &visitor, "me-title"), "/me", "sessions"))
}

async fn end_others(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| {
        let session = speaker.session(conn, here)?;
        Ok(store::end_sessions(conn, session.member.id, Some(session.id))?)
    })
    .await?;
    Ok(did(&shell(&front, &request, &visitor, "me-title"), "/me", "sessions"))
}

async fn stop(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let speaker = visitor.speaker()?;
    app.act(move |conn, here| stop_recovery(conn, here, &speaker)).await?;
    Ok(did(&shell(&front, &request, &visitor, "me-title"), "/me", "way-stopped"))
}
