//! The pictures of groups and of the city, over HTTP: those given, else those made from their names.

use std::{
    collections::HashMap,
    path::{Component, Path as FilePath},
    sync::{LazyLock, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue},
    web::{Bytes, Data, Path, ServiceConfig},
};
use url::Url;

use super::{group::Group, store};
use crate::{
    app::{App, Here},
    error::{Error, Result},
    pictures,
    web::{Answer, Cache, readable, respond},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    Icon,
    Header,
}

impl Which {
    const fn name(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Header => "header",
        }
    }

    fn given(self, group: &Group) -> Option<&str> {
        match self {
            Self::Icon => group.icon.as_deref(),
            Self::Header => group.header.as_deref(),
        }
    }

    fn made(self, handle: &str, city: &str) -> Vec<u8> {
        match self {
            Self::Icon => pictures::generated_icon(handle, city),
            Self::Header => pictures::generated_header(handle, city),
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/media/city.png", of_the_city))
        .service(readable("/media/icon/{handle}.png", icon))
        .service(readable("/media/header/{handle}.png", header));
}

async fn of_the_city(request: HttpRequest, app: Data<App>) -> Answer {
    made(&request, &app, Which::Icon, "").await
}

async fn icon(request: HttpRequest, app: Data<App>, handle: Path<String>) -> Answer {
    show(&request, &app, &handle, Which::Icon).await
}

async fn header(request: HttpRequest, app: Data<App>, handle: Path<String>) -> Answer {
    show(&request, &app, &handle, Which::Header).await
}

/// The address of a group's picture; another one when another picture is given.
pub fn address(here: &Here, group: &Group, which: Which) -> Url {
    let version = which.given(group).unwrap_or("made");
    here.origin.url(&format!("/media/{}/{}.png?v={version}", which.name(), group.handle))
}

/// The type of a group's picture.
pub fn media_type(group: &Group, which: Which) -> &'static str {
    which.given(group).map_or("image/png", type_of)
}

fn type_of(file: &str) -> &'static str {
    if file.ends_with(".jpg") { "image/jpeg" } else { "image/png" }
}

async fn show(request: &HttpRequest, app: &App, handle: &str, which: Which) -> Answer {
    let wanted = handle.to_owned();
    let group = app.db.read(move |conn| Ok(store::by_handle(conn, &wanted)?)).await?;
    let group = group.ok_or_else(|| Error::not_found("there is no group of that name"))?;
    let Some(name) = which.given(&group) else { return made(request, app, which, &group.handle).await };
    let bytes = kept(&app.config.data_dir.join("media"), name).await?;
    let is_current = request.query_string() == format!("v={name}");
    let cache = if is_current { Cache::Immutable } else { Cache::Public(3_600) };
    Ok(picture(request, type_of(name), bytes.into(), cache))
}

/// Reads a file of the media folder, and of no other.
async fn kept(folder: &FilePath, name: &str) -> Result<Vec<u8>> {
    let mut parts = FilePath::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(tokio::fs::read(folder.join(name)).await?),
        _ => Err(Error::broken("a picture outside the media folder")),
    }
}

/// By what it is for, handle and city.
type Made = HashMap<(Which, String, String), Bytes>;
/// Pictures made before, so that a crowd costs no more than one visitor.
static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
const MADE_AT_MOST: usize = 256;

async fn made(request: &HttpRequest, app: &App, which: Which, handle: &str) -> Answer {
    let key = (which, handle.to_owned(), app.place.name.clone());
    let known = MADE.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let bytes = match known {
        Some(bytes) => bytes,
        None => {
            let (_, handle, city) = key.clone();
            let bytes = tokio::task::spawn_blocking(move || which.made(&handle, &city)).await.map_err(Error::broken)?;
            let bytes = Bytes::from(bytes);
            let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
            if made.len() >= MADE_AT_MOST {
                made.clear();
            }
            made.insert(key, bytes.clone());
            bytes
        }
    };
    Ok(picture(request, "image/png", bytes, Cache::Public(86_400)))
}

/// Only a picture, whatever somebody takes it for; other places may show it.
fn picture(request: &HttpRequest, media_type: &str, bytes: Bytes, cache: Cache) -> HttpResponse {
    let mut answer = respond(request, media_type, bytes, cache);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    answer
}
