//! What a sister said before we heard it: its outbox and what is on there, read once, slowly, and kept for show alone.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use url::Url;

use super::{actions, store, wire::Said};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::App,
    clock::Timestamp,
    error::Result,
    federation::{fetch::FetchError, reading},
};

/// So long nobody else takes up what one process reads.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// A server that does not answer is asked again after so long, and so often in all.
const LATER: Duration = Duration::from_secs(3_600);
const TRIES: i64 = 5;
const AT_ONCE: i64 = 5;
/// So many things are read of one sister,
const MOST: usize = 40;
/// so many of them from what is on there.
const MEETINGS: usize = 15;
/// Older things are left out, but for meetings ahead.
const OLD: Duration = Duration::from_secs(30 * 24 * 3_600);
/// So many people are looked up by name.
const NAMES: usize = 10;

/// Reads what is due; how many sisters that were.
pub async fn read_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(store::backfill_due(conn, now, AT_ONCE)?)).await?;
    let mut read = 0;
    for (group, actor) in due {
        let (whose, whom) = (group.clone(), actor.clone());
        let claimed = app.db.write(move |conn| Ok(store::claim_backfill(conn, &whose, &whom, now, now + LEASE)?)).await?;
        let Some(tries) = claimed else { continue };
        let again = match Url::parse(&actor) {
            Ok(uri) => read_one(app, &uri).await?.is_err_and(|why| matches!(why, FetchError::Unreachable(_))),
            Err(_) => false,
        };
        let next = (again && tries < TRIES).then_some(now + LATER);
        app.db.write(move |conn| Ok(store::backfill_at(conn, &group, &actor, next)?)).await?;
        read += 1;
    }
    Ok(read)
}

/// One thing, and the address at which it stood.
struct Found {
    document: Value,
    at: String,
}

/// Reads one sister. Whatever cannot be read is passed over; what cannot be reached ends it.
async fn read_one(app: &App, actor: &Url) -> Result<std::result::Result<(), FetchError>> {
    let who = actor.clone();
    let Some(sister) = app.db.read(move |conn| Ok(remote::find(conn, &who)?)).await? else { return Ok(Ok(())) };
    let found = match gather(app, actor).await? {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let now = app.clock.now();
    let said: Vec<(Said, String)> =
        found.iter().filter_map(|found| Some((worth(found, actor, now)?, found.at.clone()))).collect();
    let mut names: Vec<Url> = Vec::new();
    for (said, _) in &said {
        if *said.author() != *actor && !names.contains(said.author()) && names.len() < NAMES {
            names.push(said.author().clone());
        }
    }
    let mut authors = Vec::new();
    for name in names {
        authors.extend(asked(app, &name).await?);
    }
    app.act(move |conn, here| {
        for author in &authors {
            remote::save(conn, author)?;
        }
        for (said, at) in &said {
            actions::hear_late(conn, here, &sister, at, &said.told(here.now))?;
        }
        Ok(())
    })
    .await?;
    Ok(Ok(()))
}

async fn asked(app: &App, name: &Url) -> Result<Option<RemoteActor>> {
    let who = name.clone();
    let known = app.db.read(move |conn| Ok(remote::find(conn, &who)?.is_some())).await?;
    if known || !app.flights.may_ask(&remote::host_of(name), app.clock.now()) {
        return Ok(None);
    }
    Ok(actors::ask(app, name.as_str()).await?.ok().filter(|actor| actor.uri == *name))
}

/// What is new enough, public, no answer to others, and by the sister or, where it is a plaza, by a group beside it.
fn worth(found: &Found, actor: &Url, now: Timestamp) -> Option<Said> {
    let said = Said::of_document(&found.document).ok()?;
    let heard = said.heard();
    let is_ahead = heard.starts.is_some_and(|starts| starts > now);
    let is_new = now.since(heard.published) <= OLD;
    let alone = heard.in_reply_to.is_none() || said.author() == actor;
    (said.is_public() && alone && (is_ahead || is_new) && said.author().origin() == actor.origin()).then_some(said)
}

/// What is on there, then what was said last: each from the sister's own server.
async fn gather(app: &App, actor: &Url) -> Result<std::result::Result<Vec<Found>, FetchError>> {
    let document = match fetch(app, actor).await? {
        Ok(document) => document,
        Err(why) => return Ok(Err(why)),
    };
    let beside = |name: &str| document.get(name).and_then(reading::id).filter(|uri| uri.origin() == actor.origin());
    // FEP-8a8e, and what some call it
    let upcoming = beside("upcomingEvents").or_else(|| beside("upcoming"));
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for (collection, most) in [(upcoming, MEETINGS), (beside("outbox"), MOST)] {
        let Some(collection) = collection else { continue };
        let items = match items(app, &collection).await? {
            Ok(items) => items,
            Err(why @ FetchError::Unreachable(_)) => return Ok(Err(why)),
            Err(_) => continue,
        };
        for item in items.into_iter().take(MOST) {
            if found.len() >= most {
                break;
            }
            let (id, embedded) = named(&item);
            let Some(id) = id.filter(|id| id.origin() == actor.origin() && seen.insert(id.clone())) else { continue };
            let at = reading::id(&item).unwrap_or_else(|| id.clone()).to_string();
            let document = match embedded {
                Some(object) => object,
                None => match fetch(app, &id).await? {
                    Ok(document) => document,
                    Err(why @ FetchError::Unreachable(_)) => return Ok(Err(why)),
                    Err(_) => continue,
                },
            };
            found.push(Found { document, at });
        }
    }
    Ok(Ok(found))
}

/// What an entry of a collection is about, and all of it where that stands there.
fn named(item: &Value) -> (Option<Url>, Option<Value>) {
    match reading::kind(item) {
        Some("Create") => (item.get("object").and_then(reading::id), reading::embedded(item).cloned()),
        Some("Announce") => (item.get("object").and_then(reading::id), None),
        Some("Note" | "Article" | "Page" | "Event" | "Question") => (reading::id(item), Some(item.clone())),
        Some(_) => (None, None),
        None => (reading::id(item), None),
    }
}

/// The entries of a collection: its own, or those of its first page.
async fn items(app: &App, collection: &Url) -> Result<std::result::Result<Vec<Value>, FetchError>> {
    let document = match fetch(app, collection).await? {
        Ok(document) => document,
        Err(why) => return Ok(Err(why)),
    };
    let listed = |document: &Value| {
        let list = document.get("orderedItems").or_else(|| document.get("items"));
        list.and_then(Value::as_array).cloned().filter(|list| !list.is_empty())
    };
    if let Some(list) = listed(&document) {
        return Ok(Ok(list));
    }
    let page = match document.get("first") {
        Some(page @ Value::Object(_)) => page.clone(),
        Some(Value::String(address)) => match Url::parse(address).ok().filter(|page| page.origin() == collection.origin()) {
            Some(address) => match fetch(app, &address).await? {
                Ok(page) => page,
                Err(why) => return Ok(Err(why)),
            },
            None => json!({}),
        },
        _ => json!({}),
    };
    Ok(Ok(listed(&page).unwrap_or_default()))
}

/// One at a time, and no server more than strangers may have us ask it.
async fn fetch(app: &App, uri: &Url) -> Result<std::result::Result<Value, FetchError>> {
    let now = app.clock.now();
    if !app.flights.may_ask(&remote::host_of(uri), now) {
        return Ok(Err(FetchError::Unreachable("its server was asked about many others lately".into())));
    }
    let signer = actors::signer(app).await?;
    Ok(app.flights.document(&app.http, &signer, now, uri.as_str()).await.map(|fetched| fetched.document.clone()))
}
