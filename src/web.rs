//! What every answer has in common: whom we answer, what was asked for, headers, errors, and the frame of a page. Knows no noun.

mod accept;
mod answer;
mod at;
pub mod atom;
mod day;
mod door;
pub mod icalendar;
mod script;
mod shell;
mod style;

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, guard,
    http::header,
    web::{self, ServiceConfig},
};

pub use accept::{wants_activity, wants_page};
pub use answer::{Answer, Cache, Failure, Version, document_instead, read_id, respond};
pub use at::{At, turned};
pub use day::{Day, away, capitalised, clock_face, hours, moment, zone_name};
pub use door::door;
pub use shell::{About, Alternate, Front, Shell, gone};

/// The style sheet.
pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/style/{hash}.css", style)).service(readable("/script/{hash}.js", script));
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

async fn style(request: HttpRequest, hash: web::Path<String>) -> HttpResponse {
    let cache = if *hash == style::STYLE.hash { Cache::Immutable } else { Cache::Public(60) };
    respond(&request, "text/css; charset=utf-8", style::STYLE.css.clone(), cache)
}

async fn script(request: HttpRequest, hash: web::Path<String>) -> HttpResponse {
    let cache = if *hash == *script::HASH { Cache::Immutable } else { Cache::Public(60) };
    respond(&request, "text/javascript; charset=utf-8", script::COPY, cache)
}

/// In bytes: what every page brings along.
#[cfg(test)]
pub fn style_size() -> usize {
    style::STYLE.css.len()
}

#[cfg(test)]
mod tests;
