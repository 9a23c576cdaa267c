//! What every answer has in common: whom we answer, what was asked for, headers, errors, and the frame of a page. Knows no noun.

mod accept;
mod answer;
mod day;
mod door;
mod shell;
mod style;

use actix_web::{
    HttpRequest, HttpResponse, guard,
    web::{self, ServiceConfig},
};

pub use accept::{wants_activity, wants_page};
pub use answer::{Answer, Cache, Failure, respond};
pub use day::{Day, capitalised, hours, moment};
pub use door::door;
pub use shell::{About, Front, Shell, gone};

/// The style sheet.
pub fn routes(config: &mut ServiceConfig) {
    config.route("/style/{hash}.css", read().to(style));
}

/// For what is only read: GET and HEAD.
pub fn read() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn style(request: HttpRequest, hash: web::Path<String>) -> HttpResponse {
    let cache = if *hash == style::STYLE.hash { Cache::Immutable } else { Cache::Public(60) };
    respond(&request, "text/css; charset=utf-8", style::STYLE.css.clone(), cache)
}

#[cfg(test)]
mod tests;
