//! Fetches one ActivityStreams document, signed, from where its id says it lives; knows nothing of what it holds.

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};
use serde_json::Value;
use url::Url;

use super::{
    flights::Recent,
    json,
    media_type::MediaType,
    signature::{self, Headers, Query, Scheme},
};
use crate::{
    clock::Timestamp,
    keys::RsaPrivate,
    net::{Admitted, Answer, Barred, Client, NetError, Request, Response, address},
};

const ACCEPT_ACTIVITY: &str =
    r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;
const MOST_REDIRECTS: usize = 3;
/// For everything one fetch needs: redirects, second tries, and the document's own address.
const ALL_WITHIN: Duration = Duration::from_secs(10);

/// A host is asked in the way it took for so long; then in the usual one again.
const HABIT_LASTS: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_HABITS: usize = 10_000;

/// Who asks: the instance actor's key, and what it learnt of those it asked. Clones share that.
#[derive(Clone, Debug)]
pub struct Signer {
    pub key_id: String,
    pub key: RsaPrivate,
    /// Hosts that want RFC 9421.
    newer: Arc<Mutex<Recent<()>>>,
}

impl Signer {
    pub fn new(key_id: String, key: RsaPrivate) -> Self {
        Self { key_id, key, newer: Arc::new(Mutex::new(Recent::new(HABIT_LASTS, MOST_HABITS))) }
    }

    /// The ways to sign a GET of this address, the likeliest first. Some servers check cavage without the query.
    fn ways(&self, at: &Url, now: Timestamp) -> Vec<Way> {
        let mut ways = vec![(Scheme::Cavage, Query::Covered)];
        ways.extend(at.query().map(|_| (Scheme::Cavage, Query::LeftOut)));
        match self.habits().get(&address::authority(at), now) {
            Some(()) => ways.insert(0, (Scheme::Rfc9421, Query::Covered)),
            None => ways.push((Scheme::Rfc9421, Query::Covered)),
        }
        ways
    }

    fn learn(&self, at: &Url, (scheme, _): Way, now: Timestamp) {
        let (mut habits, host) = (self.habits(), address::authority(at));
        match scheme {
            Scheme::Cavage => habits.forget(&host),
            Scheme::Rfc9421 => drop(habits.first(&host, (), now)),
        }
    }

    fn habits(&self) -> MutexGuard<'_, Recent<()>> {
        self.newer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Way = (Scheme, Query);

/// A document whose id is the address it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// May differ from what was asked: a GoToSocial key leads to its actor.
    pub id: Url,
    pub document: Value,
}

/// Why there is no document. The texts are for people who look after a city.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// 410: it was there and will not be again.
    #[error("it is gone")]
    Gone,
    #[error("it is not there")]
    NotFound,
    /// Try again later.
    #[error("{0}")]
    Unreachable(String),
    /// Trying again will not help.
    #[error("{0}")]
    Unacceptable(String),
}

impl From<Barred> for FetchError {
    fn from(barred: Barred) -> Self {
        Self::Unacceptable(barred.0)
    }
}

impl From<NetError> for FetchError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Barred(_) | NetError::TooLarge => Self::Unacceptable(error.to_string()),
            NetError::Unreachable(_) | NetError::TimedOut => Self::Unreachable(error.to_string()),
        }
    }
}

/// Fetches the document that lives at `url`. What claims to live elsewhere is fetched once more, from there.
pub async fn document(client: &Client, signer: &Signer, now: Timestamp, url: &str) -> Result<Fetched, FetchError> {
    within_time(async {
        let asked = client.admit(url)?;
        let (came_from, first) = retrieve(client, signer, now, asked.clone()).await?;
        if is_at(&first.id, &asked) || is_at(&first.id, &came_from) {
            return Ok(first);
        }
        let home = client.admit(first.id.as_str())?;
        let (came_from, second) = retrieve(client, signer, now, home.clone()).await?;
        if is_at(&second.id, &home) || is_at(&second.id, &came_from) {
            return Ok(second);
        }
        Err(FetchError::Unacceptable(format!("{} does not have the id it gives itself.", first.id)))
    })
    .await
}

pub(super) async fn within_time<T>(work: impl Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
    let late = |_| FetchError::Unreachable(NetError::TimedOut.to_string());
    tokio::time::timeout(ALL_WITHIN, work).await.map_err(late)?
}

/// The same address, whatever part of it is meant.
fn is_at(id: &Url, place: &Url) -> bool {
    without_fragment(id) == without_fragment(place)
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

async fn retrieve(client: &Client, signer: &Signer, now: Timestamp, from: Admitted) -> Result<(Admitted, Fetched), FetchError> {
    let (at, response) = follow(client, from, Asking::Signed(signer, now)).await?;
    let document = read(&response, MediaType::is_activity)?;
    let id = document.get("id").and_then(Value::as_str).and_then(|id| address::parse(id).ok());
    let id = id.ok_or_else(|| FetchError::Unacceptable("the document has no id that is an address".into()))?;
    Ok((at, Fetched { id, document }))
}

/// How a document is asked for.
#[derive(Clone, Copy)]
pub(super) enum Asking<'a> {
    /// ActivityStreams, signed at this time.
    Signed(&'a Signer, Timestamp),
    /// Anything, by this `Accept`.
    Plain(&'static str),
}

impl Asking<'_> {
    /// Whoever answers 401 to one way of signing is asked in another.
    async fn get(self, client: &Client, at: &Admitted) -> Result<Response, NetError> {
        let (signer, now) = match self {
            Self::Signed(signer, now) => (signer, now),
            Self::Plain(accept) => return get(client, at, vec![(ACCEPT, HeaderValue::from_static(accept))]).await,
        };
        let mut refusal = None;
        for way in signer.ways(at, now) {
            let headers = signature::sign_get(way, &signer.key_id, &signer.key, at, now, ACCEPT_ACTIVITY);
            let response = get(client, at, headers.map_err(|error| NetError::Unreachable(error.to_string()))?).await?;
            if response.status != StatusCode::UNAUTHORIZED {
                signer.learn(at, way, now);
                return Ok(response);
            }
            refusal.get_or_insert(response);
        }
        refusal.ok_or_else(|| NetError::Unreachable("there is no way to ask".into()))
    }
}

async fn get(client: &Client, at: &Admitted, headers: Headers) -> Result<Response, NetError> {
    client.send(at, Request { method: Method::GET, headers, body: None, answer: Answer::Whole(json::LONGEST) }).await
}

/// GETs through at most three redirects, each of which must pass the wall too and is signed anew.
pub(super) async fn follow(client: &Client, from: Admitted, asking: Asking<'_>) -> Result<(Admitted, Response), FetchError> {
    let mut at = from;
    for _ in 0..=MOST_REDIRECTS {
        let response = asking.get(client, &at).await?;
        if !matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok((at, response));
        }
        let location = response.headers.get(LOCATION).and_then(|place| place.to_str().ok());
        let next = location.and_then(|place| at.join(place).ok());
        at = client.admit(next.ok_or_else(|| FetchError::Unacceptable("it redirects to nowhere".into()))?.as_str())?;
    }
    Err(FetchError::Unacceptable("it redirects too often".into()))
}

/// The object in an answer of the right status and content type.
pub(super) fn read(response: &Response, is_right: impl Fn(&MediaType) -> bool) -> Result<Value, FetchError> {
    match response.status.as_u16() {
        200 => {}
        404 => return Err(FetchError::NotFound),
        410 => return Err(FetchError::Gone),
        status @ (408 | 429 | 500..=599) => return Err(FetchError::Unreachable(format!("it answers {status}"))),
        status => return Err(FetchError::Unacceptable(format!("it answers {status}"))),
    }
    let mut types = response.headers.get_all(CONTENT_TYPE).iter();
    let kind = types.next().and_then(|value| value.to_str().ok()).and_then(MediaType::parse);
    if types.next().is_some() || !kind.is_some_and(|kind| is_right(&kind)) {
        return Err(FetchError::Unacceptable("it answers with another content type".into()));
    }
    json::read(&response.body).map_err(|why| FetchError::Unacceptable(format!("the document {why}")))
}
