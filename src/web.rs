//! What every answer has in common: whom we answer, what was asked for, headers, errors, and the frame of a page. Knows no noun.

mod accept;
pub mod address;
mod answer;
mod at;
pub mod atom;
mod day;
mod done;
mod door;
mod failed;
pub mod form;
pub mod icalendar;
mod manifest;
mod pictures;
pub mod script;
mod shelf;
mod shell;
pub mod style;

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, guard,
    http::header,
    web::{self, ServiceConfig},
};

use crate::error::Error;

pub use accept::{wants_activity, wants_page};
pub use answer::{Answer, Cache, Failure, Version, document_instead, read_id, respond};
pub use at::{At, turned};
pub use day::{Day, away, capitalised, clock_face, hours, moment, zone_name};
pub use done::saying;
pub use door::{door, for_frames};
pub use failed::{Known, gone};
pub use pictures::{kept, picture};
pub use shelf::Shelf;
pub use shell::{About, Alternate, Front, ONE_OF_SEVERAL, Shell, Who, without_language};

/// The style sheets, what telephones are told of the place, pictures that are kept, and what is said to those who gather pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/style/{sheet}.css", style))
        .service(readable("/script/{hash}.js", script))
        .service(readable("/robots.txt", robots))
        .service(readable(manifest::PATH, manifest::show))
        .service(readable("/media/pictures/{name}", pictures::show));
}

/// An address that is only read: GET and HEAD, and 405 for the rest.
pub fn readable<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    address::list(path, address::Listed { access: address::Access::Anyone, shows: true, takes: false });
    web::resource(path).route(read().to(handler)).default_service(web::to(only_read))
}

/// For what is only read, where the same address takes other things elsewhere.
pub fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

pub async fn only_read() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish()
}

/// Its name and what it hashes to; a sheet of an older page is answered with the one of today.
async fn style(request: HttpRequest, sheet: web::Path<String>) -> Answer {
    let (name, hash) = sheet.split_once('-').unwrap_or((&sheet, ""));
    let sheet = style::Sheet::named(name).ok_or_else(|| Error::not_found("there is no style sheet of that name"))?;
    let cache = if hash == sheet.hash() { Cache::Immutable } else { Cache::Public(60) };
    Ok(respond(&request, "text/css; charset=utf-8", sheet.css(), cache))
}

/// RFC 9309: whoever gathers pages may read all of them; pages that are no good to search engines say so themselves.
async fn robots(request: HttpRequest) -> HttpResponse {
    respond(&request, "text/plain; charset=utf-8", "User-agent: *\nAllow: /\n", Cache::Public(86_400))
}

async fn script(request: HttpRequest, hash: web::Path<String>) -> HttpResponse {
    let (script, cache) = match script::Script::of(&hash) {
        Some(script) => (script, Cache::Immutable),
        None => (&script::COPY, Cache::Public(60)),
    };
    respond(&request, "text/javascript; charset=utf-8", script.source(), cache)
}

/// In bytes: what every page brings along.
#[cfg(test)]
pub fn style_size() -> usize {
    style::PAGE.css().len()
}

#[cfg(test)]
mod tests;
