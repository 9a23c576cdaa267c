//! What every answer has in common: whom we answer, what was asked for, headers, errors, and the frame of a page. Knows no noun.

mod accept;
mod answer;
mod day;
mod door;
mod pictures;
mod shell;
pub mod style;

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, guard,
    http::header,
    web::{self, ServiceConfig},
};

use crate::error::Error;

pub use accept::{wants_activity, wants_page};
pub use answer::{Answer, Cache, Failure, document_instead, read_id, respond};
pub use day::{Day, capitalised, hours, moment};
pub use door::{door, for_frames};
pub use pictures::{kept, picture};
pub use shell::{About, Front, Shell, gone};

/// The style sheets, and pictures that are kept.
pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/style/{sheet}.css", style)).service(readable("/media/pictures/{name}", pictures::show));
}

/// An address that is only read: GET and HEAD, and 405 for the rest.
pub fn readable<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).route(read().to(handler)).default_service(web::to(only_read))
}

/// For what is only read, where the same address takes other things elsewhere.
pub fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn only_read() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish()
}

/// Its name and what it hashes to; a sheet of an older page is answered with the one of today.
async fn style(request: HttpRequest, sheet: web::Path<String>) -> Answer {
    let (name, hash) = sheet.split_once('-').unwrap_or((&sheet, ""));
    let sheet = style::Sheet::named(name).ok_or_else(|| Error::not_found("there is no style sheet of that name"))?;
    let cache = if hash == sheet.hash() { Cache::Immutable } else { Cache::Public(60) };
    Ok(respond(&request, "text/css; charset=utf-8", sheet.css(), cache))
}

#[cfg(test)]
mod tests;
