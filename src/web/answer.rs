//! An answer and the ways it can fail: conditional requests, caching, statuses. Knows no page.

use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError,
    body::BoxBody,
    http::{Method, StatusCode, header},
    web::Bytes,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use url::Url;
use uuid::Uuid;

use super::{accept::wants_activity, shell::Front};
use crate::{
    clock::Timestamp,
    db,
    error::{Error, Said, Sentence},
};

/// What a handler gives.
pub type Answer = Result<HttpResponse, Failure>;

/// Who may keep an answer, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// Everyone, for so many seconds without asking again.
    Public(u32),
    /// Everyone, for ever: another content gets another address.
    Immutable,
    /// Nobody.
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

/// What an answer of [`respond`] says, or would have said to somebody who does not know it yet; goes along with it to the shelf.
#[derive(Clone)]
pub(super) struct Whole {
    pub content_type: String,
    pub bytes: Bytes,
}

/// 200 with these bytes, or 304 when whoever asks has them already.
pub fn respond(request: &HttpRequest, content_type: &str, bytes: impl Into<Bytes>, cache: Cache) -> HttpResponse {
    let bytes = bytes.into();
    let tag = entity_tag(content_type, &bytes);
    let is_known = matches!(*request.method(), Method::GET | Method::HEAD) && knows(request, &tag);
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, cache.directive())).insert_header((
        header::VARY,
        // pages and texts say the same thing in several languages
        if content_type.starts_with("text/html") || content_type.starts_with("text/plain") {
            "Accept, Accept-Language"
        } else {
            "Accept"
        },
    ));
    let whole = Whole { content_type: content_type.to_owned(), bytes: bytes.clone() };
    let mut answer =
        if is_known { answer.finish() } else { answer.insert_header((header::CONTENT_TYPE, content_type)).body(bytes) };
    answer.extensions_mut().insert(whole);
    answer
}

/// What an answer is known by before it is made, for those that are long: it changes with everything they are made from.
pub struct Version {
    tag: String,
    pub changed: Timestamp,
}

impl Version {
    /// `parts` are what the answer depends on beside the city's own settings and this program.
    pub fn of(front: &Front, parts: &[&str], changed: Timestamp) -> Self {
        let languages: Vec<String> = front.languages.iter().map(ToString::to_string).collect();
        let own = [env!("CARGO_PKG_VERSION"), &front.origin.to_string(), &front.city, front.zone.name(), &languages.join(",")];
        let whole = own.iter().chain(parts).copied().collect::<Vec<_>>().join("\0");
        Self { tag: format!("\"{}\"", hash_of(whole.as_bytes())), changed }
    }

    /// 304, when whoever asks has this version already.
    pub fn known(&self, request: &HttpRequest, cache: Cache) -> Option<HttpResponse> {
        knows(request, &self.tag).then(|| self.head(HttpResponse::NotModified(), cache).finish())
    }

    /// 200, with everything but the body.
    pub fn answer(&self, content_type: &str, cache: Cache) -> HttpResponseBuilder {
        let mut answer = self.head(HttpResponse::Ok(), cache);
        answer.insert_header((header::CONTENT_TYPE, content_type));
        answer
    }

    fn head(&self, mut answer: HttpResponseBuilder, cache: Cache) -> HttpResponseBuilder {
        // what an HTTP date can hold, lest one in the database stop us
        let seconds = u64::try_from(self.changed.seconds()).unwrap_or(0).min(253_402_300_799);
        answer
            .insert_header((header::ETAG, self.tag.as_str()))
            .insert_header((header::LAST_MODIFIED, httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))))
            .insert_header((header::CACHE_CONTROL, cache.directive()))
            .insert_header((header::VARY, "Accept"));
        answer
    }
}

fn entity_tag(content_type: &str, bytes: &[u8]) -> String {
    let mut hash = aws_lc_rs::digest::Context::new(&SHA256);
    hash.update(content_type.as_bytes());
    hash.update(&[0]);
    hash.update(bytes);
    format!("\"{}\"", short(hash.finish().as_ref()))
}

/// A name for content that changes with it.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    short(digest(&SHA256, bytes).as_ref())
}

fn short(hash: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(hash))
}

/// RFC 9110, 13.1.2, with its weak comparison.
pub(super) fn knows(request: &HttpRequest, tag: &str) -> bool {
    let known = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    known.flat_map(|list| list.split(',')).map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Why there is no answer. What people see of it is made at the door, in their language.
#[derive(Debug)]
pub enum Failure {
    Error(Error),
    /// It was here, and will not come back (410).
    Gone,
    /// Anything else of HTTP, with a sentence for whoever asked.
    Status(StatusCode, Sentence),
}

impl Failure {
    /// A status with a sentence in English, for servers and logs, and the message that says it to people.
    pub fn status(status: StatusCode, text: impl Into<String>, said: Said) -> Self {
        Self::Status(status, Sentence { text: text.into(), said: Some(said) })
    }

    /// The sentence that whoever asked may read; `None` where the status says all, or where it is about our inside.
    pub(super) fn sentence(&self) -> Option<&str> {
        match self {
            Self::Error(Error::NotFound(text) | Error::Invalid(text)) => Some(text),
            Self::Error(Error::Refused(sentence)) | Self::Status(_, sentence) => Some(&sentence.text),
            Self::Error(Error::Broken(_)) | Self::Gone => None,
        }
    }
}

impl Failure {
    /// The same as a message, where a rule has one.
    pub(super) fn said(&self) -> Option<&Sentence> {
        match self {
            Self::Error(Error::Refused(sentence)) | Self::Status(_, sentence) if sentence.said.is_some() => Some(sentence),
            _ => None,
        }
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Gone => f.write_str("gone"),
            Self::Status(status, sentence) => write!(f, "{status}: {sentence}"),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Error(Error::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Error(Error::Refused(_)) => StatusCode::FORBIDDEN,
            Self::Error(Error::Invalid(_)) => StatusCode::BAD_REQUEST,
            Self::Error(error) if db::is_unavailable(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Error(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Gone => StatusCode::GONE,
            Self::Status(status, _) => *status,
        }
    }

    /// Bare: the door dresses it.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut answer = HttpResponse::build(self.status_code());
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((header::RETRY_AFTER, "10"));
        }
        answer.finish()
    }
}

/// An id as it stands in our addresses; spelled in any other way it names nothing.
pub fn read_id(text: &str) -> Result<Uuid, Failure> {
    let id = Uuid::parse_str(text).ok().filter(|id| id.to_string() == text);
    id.ok_or_else(|| Error::not_found("nothing has this id").into())
}

/// For another server that asks at a page's address: the ActivityPub id of what the page shows.
pub fn document_instead(request: &HttpRequest, id: &Url) -> Option<HttpResponse> {
    wants_activity(request).then(|| {
        HttpResponse::Found()
            .insert_header((header::LOCATION, id.as_str()))
            .insert_header((header::VARY, "Accept, Accept-Language"))
            .insert_header((header::CACHE_CONTROL, Cache::Public(60).directive()))
            .finish()
    })
}
