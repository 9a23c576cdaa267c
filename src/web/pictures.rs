//! Pictures over HTTP: those that are kept, and the headers of all of them. Knows no row.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue},
    },
    web::{Bytes, Data, Path},
};

use super::answer::{Answer, Cache, Failure, respond};
use crate::{
    app::App,
    error::{Error, Said},
    media,
};

/// A picture by the name that its content gave it: it never changes.
pub(super) async fn show(request: HttpRequest, app: Data<App>, name: Path<String>) -> Answer {
    let bytes = kept(&app, &name).await?;
    Ok(picture(&request, media::media_type(&name), bytes, Cache::Immutable))
}

/// A file that is kept under this name.
pub async fn kept(app: &App, name: &str) -> Result<Bytes, Failure> {
    let missing = || Error::not_found("there is no picture of that name");
    if !media::is_name(name) {
        return Err(missing().into());
    }
    let found = app.media.read(name).await.map_err(|error| {
        tracing::error!("{error}");
        Failure::status(StatusCode::SERVICE_UNAVAILABLE, "pictures cannot be reached just now", Said::new("failed-pictures"))
    })?;
    Ok(found.ok_or_else(missing)?)
}

/// Only a picture, whatever somebody takes it for; other places may show it.
pub fn picture(request: &HttpRequest, media_type: &str, bytes: Bytes, cache: Cache) -> HttpResponse {
    let mut answer = respond(request, media_type, bytes, cache);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    answer
}
