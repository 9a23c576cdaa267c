//! Who asks for a document of ours: a GET is signed like what is posted, and its key is looked up in the same way.

use std::time::Duration;

use actix_web::HttpRequest;
use url::Url;

use super::{
    fetch::FetchError,
    guard,
    signature::{Head, Proof},
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor, host_of},
    },
    app::App,
    blocks,
    error::Result,
    net::address::{self, same_origin},
};

/// How long somebody who asks waits while we ask who they are.
const PATIENCE: Duration = Duration::from_secs(4);
/// A key is looked at again for a signature that does not hold, but not more often than this.
const BETWEEN_KEY_CHECKS: Duration = Duration::from_secs(300);

/// Who asks.
#[derive(Clone, Debug)]
pub enum Reader {
    /// It is not signed.
    Anybody,
    /// It is signed, and that cannot be borne out.
    Unproven,
    /// By somebody who is blocked here, or says so.
    Blocked,
    Known(Box<RemoteActor>),
}

/// Is it signed at all? Then it is nobody else's question.
pub fn is_signed(request: &HttpRequest) -> bool {
    request.headers().contains_key("signature")
}

/// In whose name it is signed, before that is borne out: enough to turn away who is blocked.
pub async fn is_blocked(request: &HttpRequest, app: &App) -> Result<bool> {
    let Some(key_id) = claimed(request, app).map(|(key_id, _)| key_id) else { return Ok(false) };
    let owner = owner_of(&key_id);
    app.db.read(move |conn| Ok(blocks::store::covers(conn, &owner)?)).await
}

/// The key it names, and what is left to check with it.
fn claimed(request: &HttpRequest, app: &App) -> Option<(Url, Proof)> {
    let headers = guard::headers(request.headers());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let head = Head { method: request.method().as_str(), is_https: app.origin.is_https(), target, headers: &headers };
    let proof = guard::inspect_reading(&head, &app.origin, app.clock.now()).ok()?;
    let key_id = address::parse(&proof.key_id).ok().filter(|key_id| !app.origin.owns(key_id))?;
    Some((key_id, proof))
}

/// The actor whose key it is, by what most servers do.
fn owner_of(key_id: &Url) -> Url {
    let mut owner = key_id.clone();
    owner.set_fragment(None);
    owner
}

/// The same where keys have addresses of their own (GoToSocial): the actor's is above.
fn above(owner: &Url) -> Url {
    let mut above = owner.clone();
    if let Ok(mut segments) = above.path_segments_mut() {
        segments.pop();
    }
    above
}

/// Whoever signed this request, asked for at their own server where we do not know them.
pub async fn of(request: &HttpRequest, app: &App) -> Result<Reader> {
    if !is_signed(request) {
        return Ok(Reader::Anybody);
    }
    let Some((key_id, proof)) = claimed(request, app) else { return Ok(Reader::Unproven) };
    let owner = owner_of(&key_id);
    let (first, second) = (owner.clone(), above(&owner));
    let found = app.db.read(move |conn| {
        let known = match remote::find(conn, &first)? {
            Some(actor) => Some(actor),
            None => remote::find(conn, &second)?,
        };
        let blocked = match &known {
            Some(actor) => blocks::store::covers(conn, &actor.uri)?,
            None => blocks::store::covers(conn, &first)?,
        };
        Ok((known, blocked))
    });
    let (known, blocked) = found.await?;
    if blocked {
        return Ok(Reader::Blocked);
    }
    let holds = |actor: &RemoteActor| actor.key(&key_id).is_some_and(|key| proof.holds(&key));
    match known {
        Some(actor) if holds(&actor) => Ok(Reader::Known(Box::new(actor))),
        Some(actor) if !may_look_again(app, &actor).await? => Ok(Reader::Unproven),
        known => {
            let asked = known.map_or(owner, |actor| actor.uri);
            let Some(actor) = ask(app, &asked, &key_id).await?.filter(|actor| holds(actor)) else {
                return Ok(Reader::Unproven);
            };
            let (row, who) = (actor.clone(), actor.uri.clone());
            if app.db.read(move |conn| Ok(blocks::store::covers(conn, &who)?)).await? {
                return Ok(Reader::Blocked);
            }
            app.db.write(move |conn| Ok(remote::save(conn, &row)?)).await?;
            Ok(Reader::Known(Box::new(actor)))
        }
    }
}

async fn may_look_again(app: &App, known: &RemoteActor) -> Result<bool> {
    let (uri, now) = (known.uri.clone(), app.clock.now());
    // most forgeries end here, without a turn at the writer
    if now < known.key_checked + BETWEEN_KEY_CHECKS {
        return Ok(false);
    }
    app.db.write(move |conn| Ok(remote::may_check_key(conn, &uri, now, BETWEEN_KEY_CHECKS)?)).await
}

/// What the server of the key says of its owner; one that did not bear out a signature lately is not asked again so soon.
async fn ask(app: &App, uri: &Url, key_id: &Url) -> Result<Option<RemoteActor>> {
    let now = app.clock.now();
    if let Some(document) = app.flights.doubted(uri, now) {
        return Ok(Some(RemoteActor::from_document(document, now)));
    }
    if !app.flights.may_ask(&host_of(uri), now) {
        return Ok(None);
    }
    let answer: Result<_, FetchError> = match tokio::time::timeout(PATIENCE, actors::ask_document(app, uri.as_str())).await {
        Ok(answer) => answer?,
        Err(_) => return Ok(None),
    };
    let Ok(document) = answer else { return Ok(None) };
    if !same_origin(&document.id, key_id) {
        return Ok(None);
    }
    app.flights.doubt(uri, document.clone(), now);
    Ok(Some(RemoteActor::from_document(document, now)))
}
