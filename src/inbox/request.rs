//! The inboxes over HTTP: what is read before it is believed, and what is answered.

use std::time::Duration;

use activitypub_federation::config::FederationConfig;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use futures_util::StreamExt;
use serde_json::json;
use url::Url;

use super::{NotTaken, Taken, names_who_comes, synchronized, take};
use crate::{
    actors::{self, remote::host_of},
    app::App,
    error::{Error, Result},
    federation::{
        arrivals,
        guard::{self, Claim, Rejection},
        signature::Head,
        synchronization,
    },
    metrics,
    origin::Local,
    web::Failure,
};

/// Longest body, in bytes; what ActivityPub servers take from each other.
const LONGEST: usize = 1024 * 1024;
/// A body must be here within this time.
const READ_WITHIN: Duration = Duration::from_secs(15);
/// How long a request may wait for the document of an actor we do not know before it is put by.
const PATIENCE: Duration = Duration::from_millis(1_500);

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/ap/inbox").route(web::post().to(shared)))
        .service(web::resource("/ap/instance/inbox").route(web::post().to(shared)))
        .service(web::resource("/ap/groups/{handle}/inbox").route(web::post().to(of_group)));
}

/// Ends a request early.
enum Ended {
    Rejected(Rejection),
    Failed(Error),
}

impl From<Rejection> for Ended {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn rejection(status: u16, reason: &str) -> Ended {
    Ended::Rejected(Rejection { status, reason: reason.to_owned() })
}

async fn shared(request: HttpRequest, payload: web::Payload, federation: web::Data<FederationConfig<App>>) -> HttpResponse {
    answer(handle(&request, payload, &federation).await)
}

async fn of_group(
    request: HttpRequest,
    payload: web::Payload,
    federation: web::Data<FederationConfig<App>>,
    handle_of: web::Path<String>,
) -> HttpResponse {
    let outcome = async {
        let group = Local::Group(handle_of.into_inner());
        let actor = federation.db.read(move |conn| Ok(actors::store::find(conn, &group)?)).await?;
        match actor {
            None => Err(rejection(404, "There is no such group.")),
            Some(actor) if actor.closed.is_some() => Err(rejection(410, "This group has ended.")),
            Some(_) => handle(&request, payload, &federation).await,
        }
    };
    answer(outcome.await)
}

/// Checks what can be checked, cheapest first; then finds out who it is and does what they say.
async fn handle(request: &HttpRequest, payload: web::Payload, federation: &FederationConfig<App>) -> Result<(), Ended> {
    let app = federation.to_request_data();
    let headers = guard::headers(request.headers());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let head = Head { method: request.method().as_str(), is_https: app.origin.is_https(), target, headers: &headers };
    let agreement = head.only(synchronization::HEADER).and_then(synchronization::read);
    let promising = guard::inspect_head(&head, &app.origin, app.clock.now())?;
    let body = read(payload).await?;
    let claim = promising.with_body(&body)?;
    match take(&app, &claim, Some(PATIENCE)).await {
        Ok(Taken::Done { by }) => {
            metrics::count_inbox("taken");
            if let (Some(actor), Some(said)) = (by, agreement) {
                agree(&app, actor, said);
            }
            Ok(())
        }
        // nothing is laid by of who comes: their server keeps it, and asks again
        Ok(Taken::Later(why)) if names_who_comes(&app, &claim) => {
            Err(Ended::Rejected(Rejection { status: 503, reason: format!("Try again later: {why}.") }))
        }
        Ok(Taken::Later(_)) => {
            put_by(&app, &claim, body).await?;
            metrics::count_inbox("put_by");
            Ok(())
        }
        Err(NotTaken::Rejected(rejection)) => Err(Ended::Rejected(rejection)),
        Err(NotTaken::Failed(error)) => Err(Ended::Failed(error)),
    }
}

/// Beside the answer: the other server is not kept waiting for itself. `actor` is who signed.
fn agree(app: &App, actor: Url, said: synchronization::Said) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = synchronized::compare(&app, &actor, &said).await {
            tracing::warn!("who follows whom could not be compared with another server: {error}");
        }
    });
}

async fn read(mut payload: web::Payload) -> Result<Vec<u8>, Ended> {
    let reading = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| rejection(400, "The body broke off."))?;
            if body.len() + chunk.len() > LONGEST {
                return Err(rejection(413, "The body is too large."));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(READ_WITHIN, reading).await.map_err(|_| rejection(408, "The body took too long."))?
}

/// Its actor's server does not answer just now: the worker asks again later.
async fn put_by(app: &App, claim: &Claim, body: Vec<u8>) -> Result<(), Ended> {
    let request = serde_json::to_string(&claim.to_stored()).map_err(Error::from)?;
    let body = String::from_utf8(body).map_err(|_| rejection(400, "The body is not UTF-8."))?;
    let (host, now) = (host_of(&claim.actor), app.clock.now());
    let kept = app.db.write(move |conn| Ok(arrivals::add(conn, &host, &request, &body, now)?)).await?;
    if !kept {
        return Err(rejection(429, "Too much of yours waits here already."));
    }
    app.arrived.notify_one();
    Ok(())
}

fn answer(outcome: Result<(), Ended>) -> HttpResponse {
    match &outcome {
        // counted where it is known what became of it
        Ok(()) => {}
        Err(Ended::Failed(error)) if error.is_ours() => metrics::count_inbox("failed"),
        Err(_) => metrics::count_inbox("refused"),
    }
    let (status, reason) = match outcome {
        Ok(()) => return HttpResponse::Accepted().finish(),
        // with the error in it, so that it is logged
        Err(Ended::Failed(error)) => return HttpResponse::from_error(Failure::from(error)),
        Err(Ended::Rejected(rejection)) => (rejection.status, rejection.reason),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    if status.is_success() {
        return HttpResponse::build(status).finish();
    }
    let mut response = HttpResponse::build(status);
    let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
    match status {
        _ if later => drop(response.insert_header((header::RETRY_AFTER, "120"))),
        // the rest of an unread body would be taken for the next request
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => drop(response.force_close()),
        _ => {}
    }
    response.json(json!({ "error": reason }))
}
