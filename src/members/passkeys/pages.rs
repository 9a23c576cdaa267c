//! Passkeys made, used and taken away. The one thing here that needs a script; whoever has none sees nothing of it but a list.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Passkey,
    ceremony::{Asked, Made, Refusal, Used, challenge},
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::Result,
    keys::Secret,
    members::{
        access::{Visitor, deed, form},
        codes,
        member::Member,
        oneself::{Oneself, Proof},
        pages::{did, done, shell},
        sign_in::{Attempts, Kept, ours, pages::come_in},
        store, token,
        ways::{self, Kind, Way},
    },
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Fields, Form, Problems},
        script::PASSKEY,
    },
};

const SIGN_IN: &str = "sign-in";

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/me/passkeys", Access::Member, show, make))
        .service(deed("/me/passkeys/remove", Access::Member, remove))
        .service(deed("/sign-in/passkey", Access::Anyone, sign_in));
}

/// A challenge for a page, with the name under which browsers know us. An address of numbers has none (Web Authentication, 5.1.2).
#[derive(Clone, Debug)]
pub struct Asking {
    pub challenge: String,
    pub host: String,
}

fn asking(app: &App, purpose: &str) -> Result<Option<Asking>> {
    let host = app.origin.host().to_owned();
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
        return Ok(None);
    }
    Ok(Some(Asking { challenge: challenge(&app.secret, purpose, app.clock.now())?, host }))
}

/// For the page on which one signs in.
pub fn asking_to_sign_in(app: &App) -> Result<Option<Asking>> {
    asking(app, SIGN_IN)
}

/// For the page on which one joins, with the number that the new account will have.
pub fn asking_to_join(app: &App) -> Result<Option<(Asking, String)>> {
    let user = user(Uuid::new_v4());
    Ok(asking(app, &joining(&user))?.map(|asking| (asking, user)))
}

fn joining(user: &str) -> String {
    format!("to join as {user}")
}

/// The passkey of somebody who joins: only for a number that we gave ourselves.
pub fn of_newcomer(conn: &mut Conn, here: &Here, secret: &Secret, user: &str, made: &Made) -> Result<Passkey> {
    let asked = Asked { origin: &here.origin, secret, purpose: &joining(user), now: here.now };
    let uses = asked.made(made)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(user).map_err(|_| Refusal::Unknown)?;
    let member = Uuid::from_slice(&bytes).map_err(|_| Refusal::Unknown)?;
    answered(conn, &made.client_data, here.now)?;
    let Made { id, public_key, .. } = made.clone();
    Ok(Passkey { id, member, public_key, uses, added: here.now.day() })
}

fn making(member: &Member) -> String {
    format!("of {}", member.id)
}

/// How a device knows whose key it is.
fn user(member: Uuid) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(member.as_bytes())
}

#[derive(Template)]
#[template(path = "members/passkeys/passkeys.html")]
struct Passkeys {
    shell: Shell,
    problems: Problems,
    proof: Proof,
    /// Id, and the day on which it was added.
    passkeys: Vec<(String, String)>,
    asking: Option<Asking>,
    member: Member,
    user: String,
}

impl Passkeys {
    fn script(&self) -> String {
        PASSKEY.path()
    }

    /// By which a device tells that it has one already.
    fn known(&self) -> String {
        self.passkeys.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" ")
    }
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let oneself = Oneself::of(&app, &visitor).await?;
    let shell = shell(&front, &request, &visitor, "passkeys-title");
    list(&app, &front, shell, oneself, Problems::default()).await
}

async fn list(app: &App, front: &Front, shell: Shell, oneself: Oneself, problems: Problems) -> Answer {
    let (proof, member) = (oneself.proof, oneself.session.member);
    let id = member.id;
    let passkeys = app.db.read(move |conn| Ok(super::of(conn, id)?)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let day = |key: &Passkey| shell.words.date(&key.added.utc().with_timezone(&Tz::UTC), "long");
    let passkeys = passkeys.iter().map(|key| (key.id.clone(), day(key))).collect();
    let asking = asking(app, &making(&member))?;
    let page = Passkeys { shell, problems, proof, passkeys, asking, user: user(member.id), member };
    Shell::show_once_with(status, front, &PASSKEY, &page)
}

/// So many may one person have.
const MOST: usize = 20;

/// Notes that a challenge was answered, in the transaction of what it was for: no answer counts twice.
fn answered(conn: &mut Conn, client_data: &str, now: Timestamp) -> Result<()> {
    let way = Way::new(Kind::Answered, now);
    match ways::add(conn, &token::hash_of(client_data), &way)? {
        true => Ok(()),
        false => Err(Refusal::Again.into()),
    }
}

async fn make(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    attempts: Data<Attempts>,
    visitor: Visitor,
    fields: Fields,
) -> Answer {
    let made: Made = fields.parse()?;
    let shell = shell(&front, &request, &visitor, "passkeys-title");
    let oneself = Oneself::of(&app, &visitor).await?;
    let typed = fields.get("password").unwrap_or_default().to_owned();
    if let Some(doubt) = oneself.doubt(&app, &attempts, &shell, typed).await? {
        let mut problems = Problems::default();
        problems.add("password", doubt);
        return list(&app, &front, shell, oneself, problems).await;
    }
    let (speaker, secret) = (visitor.speaker()?, app.secret.clone());
    app.act(move |conn, here| {
        let member = speaker.member(conn, here)?;
        let asked = Asked { origin: &here.origin, secret: &secret, purpose: &making(&member), now: here.now };
        let uses = asked.made(&made)?;
        answered(conn, &made.client_data, here.now)?;
        if super::of(conn, member.id)?.len() >= MOST {
            return Err(Refusal::TooMany.into());
        }
        let Made { id, public_key, .. } = made.clone();
        let passkey = Passkey { id, member: member.id, public_key, uses, added: here.now.day() };
        if super::add(conn, &passkey)? { Ok(()) } else { Err(Refusal::Again.into()) }
    })
    .await?;
    Ok(did(&shell, "/me/passkeys", "passkey"))
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

async fn remove(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, id) = (visitor.speaker()?, form.0.id);
    app.act(move |conn, here| {
        let member = speaker.member(conn, here)?;
        super::remove(conn, member.id, &id)?;
        let other_ways = store::password(conn, member.id)?.is_some() || codes::count(conn, member.id)? > 0;
        if other_ways || !super::of(conn, member.id)?.is_empty() { Ok(()) } else { Err(Refusal::Last.into()) }
    })
    .await?;
    Ok(done(&shell(&front, &request, &visitor, "passkeys-title"), "/me/passkeys"))
}

async fn sign_in(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, fields: Fields) -> Answer {
    let then = fields.get("then").and_then(|then| ours(then, &app.origin)).unwrap_or_default();
    let kept = Kept::of_form(&fields, &app.origin).unwrap_or_default();
    let (used, secret): (Used, _) = (fields.parse()?, app.secret.clone());
    let member = app
        .act(move |conn, here| {
            let key = super::by_id(conn, &used.id)?.ok_or(Refusal::Unknown)?;
            let asked = Asked { origin: &here.origin, secret: &secret, purpose: SIGN_IN, now: here.now };
            let uses = asked.used(&used, &key.public_key, key.uses)?;
            answered(conn, &used.client_data, here.now)?;
            if !used.user.is_empty() && used.user != user(key.member) {
                return Err(Refusal::Unknown.into());
            }
            super::was_used(conn, &key.id, uses)?;
            store::by_id(conn, key.member)?.ok_or_else(|| Refusal::Unknown.into())
        })
        .await?;
    come_in(&app, shell(&front, &request, &visitor, "sign-in-title"), &visitor, member, then, kept).await
}
