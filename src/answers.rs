//! How we answer over HTTP: whole or not modified, to be kept or not, and how failures look. Knows no page.

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode, http::header};
use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{db, error::Error};

/// Who may keep an answer, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// Anyone, for so many seconds without asking again.
    Public(u32),
    /// For ever: the address changes with the content.
    Immutable,
    /// Only whoever asked, and not at all.
    NoStore,
}

impl Cache {
    fn directive(self) -> String {
        match self {
            Self::Public(seconds) => format!("public, max-age={seconds}"),
            Self::Immutable => "public, max-age=31536000, immutable".into(),
            Self::NoStore => "no-store".into(),
        }
    }
}

/// Answers with `body`, or with 304 when the asker has it already.
pub fn respond(request: &HttpRequest, content_type: &str, body: Vec<u8>, cache: Cache) -> HttpResponse {
    let hash = digest::digest(&digest::SHA256, &body);
    let etag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default()));
    let asked = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let known = asked.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*");
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, cache.directive()))
        .insert_header((header::VARY, "Accept"));
    if known { response.finish() } else { response.insert_header((header::CONTENT_TYPE, content_type)).body(body) }
}

/// Does the asker read pages rather than documents? Only who says so: a program that takes anything gets the document.
pub fn wants_page(request: &HttpRequest) -> bool {
    let accepted: Vec<&str> = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let names = |kind: &str| accepted.iter().any(|list| list.to_ascii_lowercase().contains(kind));
    names("text/html") && !names("application/activity+json") && !names("application/ld+json")
}

/// A failure on its way to whoever asked.
#[derive(Debug)]
pub enum Failure {
    /// It was here and will not be again.
    Gone,
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone => f.write_str("this is gone"),
            Self::Error(Error::Broken(_)) => f.write_str("something broke on our side; please try again later"),
            Self::Error(error) => error.fmt(f),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Gone => StatusCode::GONE,
            Self::Error(Error::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Error(Error::Refused(_)) => StatusCode::FORBIDDEN,
            Self::Error(Error::Invalid(_)) => StatusCode::BAD_REQUEST,
            Self::Error(error @ Error::Broken(_)) if db::is_unavailable(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Error(Error::Broken(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Error(error @ Error::Broken(_)) = self {
            tracing::error!("{error}");
        }
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "30"));
        }
        response.insert_header((header::VARY, "Accept")).json(serde_json::json!({ "error": self.to_string() }))
    }
}
