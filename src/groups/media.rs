//! The pictures of groups and of the city, over HTTP: those given, else those made from their names.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest,
    web::{Bytes, Data, Path, ServiceConfig},
};
use url::Url;

use super::{group::Group, store};
use crate::{
    app::{App, Here},
    error::Error,
    media::Kept,
    pictures,
    web::{Answer, Cache, kept, picture, readable},
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

    fn given(self, group: &Group) -> Option<&Kept> {
        match self {
            Self::Icon => group.icon.as_ref(),
            Self::Header => group.header.as_ref(),
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
    match which.given(group) {
        Some(picture) => here.origin.url(&picture.large.path()),
        None => here.origin.url(&format!("/media/{}/{}.png?v=made", which.name(), group.handle)),
    }
}

/// The same where it is shown small.
pub fn small_address(here: &Here, group: &Group, which: Which) -> Url {
    which.given(group).map_or_else(|| address(here, group, which), |picture| here.origin.url(&picture.small.path()))
}

/// The type of a group's picture.
pub fn media_type(group: &Group, which: Which) -> &'static str {
    which.given(group).map_or("image/png", |picture| picture.large.media_type())
}

/// Whichever picture the group has now: where it was found by addresses of Plaza 0.1, too.
async fn show(request: &HttpRequest, app: &App, handle: &str, which: Which) -> Answer {
    let wanted = handle.to_owned();
    let group = app.db.read(move |conn| Ok(store::even_waiting(conn, &wanted)?)).await?;
    let group = group.ok_or_else(|| Error::not_found("there is no group of that name"))?;
    match which.given(&group) {
        None => made(request, app, which, &group.handle).await,
        Some(given) => {
            let bytes = kept(app, &given.large.name).await?;
            Ok(picture(request, given.large.media_type(), bytes, Cache::Public(3_600)))
        }
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
