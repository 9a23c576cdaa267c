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

/// What becomes of a request.
enum Admission {
    /// As if nobody had asked who it is.
    Open,
    /// The answer is for this reader alone.
    Alone,
    /// People are sent on to the page, which is everybody's; documents they get none.
    PageOnly,
}

async fn guarded(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let admission = match admitted(&app, request.request()).await {
        Ok(admission) => admission,
        Err(failure) => return Ok(request.error_response(failure)),
    };
    let mut answer = next.call(request).await?.map_into_boxed_body();
    match admission {
        Admission::Open => Ok(answer),
        Admission::PageOnly if answer.status().is_redirection() => Ok(answer),
        Admission::PageOnly => Ok(answer.error_response(nothing())),
        Admission::Alone => {
            let headers = answer.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
            headers.insert(header::VARY, HeaderValue::from_static(VARIES));
            Ok(answer)
        }
    }
}

async fn admitted(app: &App, request: &HttpRequest) -> Result<Admission, Failure> {
    let choice = app.db.read(|conn| Ok(fetches::choice(conn)?)).await?;
    if choice == Fetches::Open {
        return match reader::is_signed(request) && reader::is_blocked(request, app).await? {
            true => Err(Failure::status(StatusCode::FORBIDDEN, "You are blocked here.", Said::new("failed-blocked"))),
            false => Ok(Admission::Open),
        };
    }
    match reader::of(request, app).await? {
        Reader::Known(_) => Ok(Admission::Alone),
        Reader::Anybody if wants_page(request) => Ok(Admission::PageOnly),
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
