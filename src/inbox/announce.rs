//! Announce of something of another server: what it names is fetched from where it lives, before anything is done.

use std::time::Duration;

use activitypub_federation::config::Data;
use url::Url;

use super::{
    NotTaken, Taken, read, within,
    wrapped::{Deed, Wrapped},
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::App,
    blocks,
    error::Result,
    federation::{effect::Effect, fetch::FetchError, guard::Claim, reading},
    sisters::{self, wire::PassedOn},
};

type Read = Result<Result<Option<Box<dyn Effect>>, Taken>, NotTaken>;

/// An Announce only names what it passes on. When somebody we hear says it, that is fetched from where it lives, unless we know it;
/// and whoever said it, unless we know them.
pub(super) async fn read_with_object(app: &Data<App>, claim: &Claim, sender: &RemoteActor, patience: Option<Duration>) -> Read {
    let Some(wrapped) = Wrapped::read(&claim.activity) else { return Ok(Ok(None)) };
    if app.origin.owns(&wrapped.uri) {
        let is_bare = claim.activity.get("object").and_then(reading::id).as_ref() == Some(&wrapped.uri);
        return Ok(Ok(if is_bare { read(&claim.activity, None)? } else { None }));
    }
    let (by, what) = (sender.uri.clone(), wrapped.uri.clone());
    let (heard, known, before, blocked) = app
        .db
        .read(move |conn| {
            let known = sisters::store::heard_by_uri(conn, what.as_str())?;
            let before = sisters::store::is_passed_on(conn, what.as_str())?;
            Ok((sisters::store::is_heard(conn, by.as_str())?, known, before, blocks::store::covers(conn, &what)?))
        })
        .await?;
    // what was never here cannot be taken away
    if !heard || blocked || (known.is_none() && wrapped.deed == Deed::Removed) {
        return Ok(Ok(None));
    }
    let effect = match known {
        Some(_) if !wrapped.asks_again(sender, before) => PassedOn::known(&claim.id, &wrapped.uri),
        _ => match fetched(app, claim, &wrapped, patience).await? {
            Ok(Some(effect)) => effect,
            Ok(None) => return Ok(Ok(None)),
            Err(later) => return Ok(Err(later)),
        },
    };
    let author = effect.author().cloned().or_else(|| Url::parse(&known?.actor).ok());
    let author = match author {
        Some(author) => met(app, author, patience).await?,
        None => None,
    };
    Ok(Ok(Some(Box::new(effect.by(author)))))
}

async fn fetched(
    app: &Data<App>,
    claim: &Claim,
    wrapped: &Wrapped,
    patience: Option<Duration>,
) -> Result<Result<Option<PassedOn>, Taken>, NotTaken> {
    let (uri, now) = (&wrapped.uri, app.clock.now());
    if !app.flights.may_ask(&remote::host_of(uri), now) {
        return Ok(Err(Taken::Later("its server was asked about many others lately".into())));
    }
    let signer = actors::signer(app).await?;
    Ok(match within(patience, app.flights.document(&app.http, &signer, now, uri.as_str())).await {
        Some(Ok(found)) if reading::kind(&found.document) == Some("Tombstone") => Ok(Some(PassedOn::gone(&claim.id, uri))),
        // said to be gone, and still there
        Some(Ok(_)) if wrapped.deed == Deed::Removed => Ok(None),
        // what cannot be read there is not passed on
        Some(Ok(found)) => Ok(PassedOn::fetched(&claim.id, &found.document).ok()),
        Some(Err(FetchError::Gone | FetchError::NotFound)) => Ok(Some(PassedOn::gone(&claim.id, uri))),
        Some(Err(FetchError::Unreachable(why))) => Err(Taken::Later(why)),
        Some(Err(_)) => Ok(None),
        None => Err(Taken::Later("its server takes long to answer".into())),
    })
}

/// Somebody nobody here knew: what they are called stands beside what they said. Who cannot be asked stays unknown.
async fn met(app: &Data<App>, author: Url, patience: Option<Duration>) -> Result<Option<RemoteActor>, NotTaken> {
    let who = author.clone();
    let known = app.db.read(move |conn| Ok(remote::find(conn, &who)?.is_some() || blocks::store::covers(conn, &who)?)).await?;
    if known || !app.flights.may_ask(&remote::host_of(&author), app.clock.now()) {
        return Ok(None);
    }
    let asked = within(patience, actors::ask(app, author.as_str())).await.transpose()?;
    Ok(asked.and_then(Result::ok).filter(|actor| actor.uri == author))
}
