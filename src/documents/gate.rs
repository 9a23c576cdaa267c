//! Who gets documents: everyone, or, where the place chose so, servers that sign what they ask for. The blocked get none they sign for.

use actix_web::{
    Error as ActixError, FromRequest, Handler, HttpRequest, Responder,
    body::{BoxBody, MessageBody},
    dev::{HttpServiceFactory, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    middleware::{Next, from_fn},
    web::Data,
};

use crate::{
    app::App,
    error::{Error, Result, Said},
    federation::{
        fetches::{self, Fetches},
        reader::{self, Reader},
    },
    follows,
    web::{Failure, readable, wants_page},
};

/// Answers to one reader are no other's.
const PRIVATE: &str = "private, no-store";
const VARIES: &str = "Accept, Signature, Signature-Input";

/// An address where a document is read, unless the place keeps it from whoever asks.
pub fn gated<F, Args>(path: &str, handler: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    readable(path, handler).wrap(from_fn(guarded))
}

async fn guarded(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    match admitted(&app, request.request()).await {
        Ok(false) => Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(true) => {
            let mut answer = next.call(request).await?.map_into_boxed_body();
            let headers = answer.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
            headers.insert(header::VARY, HeaderValue::from_static(VARIES));
            Ok(answer)
        }
        Err(failure) => Ok(request.error_response(failure)),
    }
}

/// Whether the answer is for this reader alone.
async fn admitted(app: &App, request: &HttpRequest) -> Result<bool, Failure> {
    // people are sent on to the page, which is everybody's
    if wants_page(request) {
        return Ok(false);
    }
    let choice = app.db.read(|conn| Ok(fetches::choice(conn)?)).await?;
    if choice == Fetches::Open {
        return match reader::is_signed(request) && reader::is_blocked(request, app).await? {
            true => Err(Failure::status(StatusCode::FORBIDDEN, "You are blocked here.", Said::new("failed-blocked"))),
            false => Ok(false),
        };
    }
    match reader::of(request, app).await? {
        Reader::Known(_) => Ok(true),
        Reader::Anybody | Reader::Unproven | Reader::Blocked => Err(nothing()),
    }
}

fn nothing() -> Failure {
    Error::not_found("Nothing is here for whoever does not sign what they ask for.").into()
}

/// May whoever asks read what is for followers of this group only? Those who follow it, and their servers, which ask for them.
pub async fn is_for(request: &HttpRequest, app: &App, group: &str) -> Result<(), Failure> {
    let missing = || Failure::from(Error::not_found("no such id"));
    let Reader::Known(actor) = reader::of(request, app).await? else { return Err(missing()) };
    let (group, host) = (group.to_owned(), actor.host());
    let follows = app.db.read(move |conn| Ok(follows::store::is_followed_from(conn, &group, &host)?)).await?;
    if follows { Ok(()) } else { Err(missing()) }
}

/// The server that asks, for what is only its own to know.
pub async fn host(request: &HttpRequest, app: &App) -> Result<String, Failure> {
    match reader::of(request, app).await? {
        Reader::Known(actor) => Ok(actor.host()),
        Reader::Anybody | Reader::Unproven | Reader::Blocked => Err(nothing()),
    }
}
