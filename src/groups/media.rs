//! The pictures of groups and of the city, over HTTP: those given, else those made from their names.

use std::{
    collections::{HashMap, VecDeque},
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Bytes, Data, Path, ServiceConfig},
};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use super::{group::Group, store};
use crate::{
    app::{App, Here},
    error::{Error, Said},
    media::Kept,
    pictures,
    web::{Answer, Cache, Failure, kept, picture, readable},
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
type Key = (Which, String, String);

/// Pictures made before, so that a crowd costs no more than one visitor; the oldest one makes room.
#[derive(Default)]
struct Made {
    all: HashMap<Key, Bytes>,
    order: VecDeque<Key>,
    bytes: usize,
}

static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
/// In bytes, of all of them.
const ROOM: usize = 16 << 20;
/// Whoever asks for many leaves one core to all others.
static MAKING: Semaphore = Semaphore::const_new(1);
/// Who waits longer asks again later.
const WITHIN: Duration = Duration::from_secs(10);

impl Made {
    fn keep(&mut self, key: Key, bytes: Bytes) {
        self.bytes += bytes.len();
        match self.all.insert(key.clone(), bytes) {
            Some(before) => self.bytes -= before.len(),
            None => self.order.push_back(key),
        }
        while self.bytes > ROOM
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.all.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }
}

fn known(key: &Key) -> Option<Bytes> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner).all.get(key).cloned()
}

async fn turn(within: Duration) -> Result<SemaphorePermit<'static>, Failure> {
    match tokio::time::timeout(within, MAKING.acquire()).await {
        Ok(turn) => Ok(turn.map_err(Error::broken)?),
        Err(_) => {
            let text = "pictures cannot be made just now";
            Err(Failure::status(StatusCode::SERVICE_UNAVAILABLE, text, Said::new("failed-pictures")))
        }
    }
}

async fn made(request: &HttpRequest, app: &App, which: Which, handle: &str) -> Answer {
    let key = (which, handle.to_owned(), app.place.name.clone());
    let bytes = match known(&key) {
        Some(bytes) => bytes,
        None => {
            let turn = turn(WITHIN).await?;
            // whoever hangs up meanwhile gives the turn to nobody before it is made
            let make = move || {
                let _turn = turn;
                known(&key).unwrap_or_else(|| {
                    let (which, handle, city) = &key;
                    let bytes = Bytes::from(which.made(handle, city));
                    MADE.lock().unwrap_or_else(PoisonError::into_inner).keep(key.clone(), bytes.clone());
                    bytes
                })
            };
            tokio::task::spawn_blocking(make).await.map_err(Error::broken)?
        }
    };
    Ok(picture(request, "image/png", bytes, Cache::Public(86_400)))
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError, http::header::RETRY_AFTER};

    use super::*;

    #[tokio::test]
    async fn pictures_are_made_one_at_a_time_and_whoever_waits_long_comes_back() {
        let held = MAKING.acquire().await.unwrap();
        let refused = turn(Duration::from_millis(1)).await.expect_err("somebody else makes one");
        assert_eq!(refused.status_code(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.error_response().headers().contains_key(RETRY_AFTER));
        drop(held);
        assert!(turn(WITHIN).await.is_ok());
    }

    #[test]
    fn many_pictures_are_remembered_and_the_oldest_makes_room() {
        let key = |number: usize| (Which::Icon, format!("group{number}"), "Boston".to_owned());
        let (mut made, picture) = (Made::default(), Bytes::from(vec![0; 64 << 10]));
        for number in 0..300 {
            for _ in 0..2 {
                made.keep(key(number), picture.clone());
            }
        }
        assert_eq!((made.all.len(), made.order.len(), made.bytes), (256, 256, ROOM));
        assert!(!made.all.contains_key(&key(43)) && made.all.contains_key(&key(44)) && made.all.contains_key(&key(299)));
    }
}
