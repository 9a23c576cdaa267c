//! Pictures of replies that somebody let through: brought here once by the server, made anew like everybody's, and shown from our own
//! address. What cannot be brought is left out.

use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};
use url::Url;
use uuid::Uuid;

use super::{
    reply::{Attached, Reply, State},
    store,
};
use crate::{
    app::App,
    blocks,
    db::Conn,
    error::Result,
    media::{self, Fresh, Kept},
    net::{Answer, Request},
    pictures::{MAX_FILE, Shape},
};

const REDIRECTS: usize = 3;

/// Brings what was let through lately; of how many replies it was tried.
pub async fn bring(app: &App) -> Result<usize> {
    let mut tried = 0;
    while let Some(reply) = app.db.read(|conn| Ok(store::to_bring(conn)?)).await? {
        // another process may be at it; and if this one ends now, the reply stays without
        if app.db.write(move |conn| Ok(store::claim(conn, reply.id)?)).await? {
            tried += 1;
            bring_those_of(app, &reply).await?;
        }
    }
    Ok(tried)
}

async fn bring_those_of(app: &App, reply: &Reply) -> Result<()> {
    let mut fresh = Vec::new();
    for attached in &reply.attached {
        fresh.extend(fetch(app, attached).await?);
    }
    if fresh.is_empty() {
        return Ok(());
    }
    if let Err(error) = app.media.keep(&fresh).await {
        tracing::warn!("the pictures of a reply are left out: {error}");
        return Ok(());
    }
    let kept: Vec<Kept> = fresh.iter().map(|fresh| fresh.kept.clone()).collect();
    let (id, updated) = (reply.id, reply.updated);
    app.db.write(move |conn| show(conn, id, updated, &kept)).await?;
    // whoever let go of the same picture meanwhile took it away
    app.media.keep(&fresh).await
}

/// Unless it was hidden, changed or deleted meanwhile: what nothing shows is swept away later.
fn show(conn: &mut Conn, id: Uuid, updated: Option<crate::clock::Timestamp>, kept: &[Kept]) -> Result<()> {
    match store::by_id(conn, id)? {
        Some(reply) if reply.state == State::Shown && reply.updated == updated => {
            Ok(store::save(conn, &Reply { kept: kept.to_vec(), ..reply })?)
        }
        _ => Ok(()),
    }
}

/// `None` for whatever is no picture, or is not to be had.
async fn fetch(app: &App, attached: &Attached) -> Result<Option<Fresh>> {
    let mut address = attached.url.clone();
    for _ in 0..=REDIRECTS {
        let Ok(url) = Url::parse(&address) else { return Ok(None) };
        if app.db.read(move |conn| Ok(blocks::store::covers(conn, &url)?)).await? {
            return Ok(None);
        }
        let Ok(to) = app.http.admit(&address) else { return Ok(None) };
        let headers = vec![(ACCEPT, HeaderValue::from_static("image/png, image/jpeg, image/webp"))];
        let request = Request { method: Method::GET, headers, body: None, answer: Answer::Whole(MAX_FILE) };
        let Ok(response) = app.http.send(&to, request).await else { return Ok(None) };
        let header = |name| response.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        match response.status.as_u16() {
            200 if header(CONTENT_TYPE).is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("image/")) => {
                return Ok(media::take_in(response.body.to_vec(), Shape::Whole, &attached.alt).await.ok());
            }
            301 | 302 | 303 | 307 | 308 => match header(LOCATION).and_then(|place| to.join(place).ok()) {
                Some(next) => address = next.to_string(),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
    Ok(None)
}
