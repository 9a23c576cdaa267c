//! A Move is believed when the new actor, asked at its own server, names the old one, and the old one names no other.

use std::time::Duration;

use activitypub_federation::config::Data;
use url::Url;

use super::{NotTaken, Taken, within};
use crate::{
    actors::{
        self,
        remote::{RemoteActor, host_of},
    },
    app::App,
    blocks,
    federation::{effect::Effect, fetch::FetchError, guard::Claim, reading},
    moving::{
        actions::{self, Went},
        destination::Destination,
        store,
        wire::Moved,
    },
    origin::Local,
};

type Read = Result<Option<Box<dyn Effect>>, Taken>;

/// What a Move does, after asking whoever has to be asked; nothing where it concerns nobody here, or is not borne out.
pub(super) async fn read(
    app: &Data<App>,
    claim: &Claim,
    sender: &RemoteActor,
    patience: Option<Duration>,
) -> Result<Read, NotTaken> {
    let of = |field| claim.activity.get(field).and_then(reading::id);
    let (Some(old), Some(new)) = (of("object"), of("target")) else { return Ok(Ok(None)) };
    if old != sender.uri || new == old {
        return Ok(Ok(None));
    }
    let (who, to, now) = (old.clone(), new.clone(), app.clock.now());
    let concerned = app.db.read(move |conn| {
        let cool = store::moved_lately(conn, who.as_str(), now)?;
        Ok(!cool && !blocks::store::covers(conn, &to)? && actions::concerns_us(conn, &who)?)
    });
    if !concerned.await? {
        return Ok(Ok(None));
    }
    if app.origin.owns(&new) {
        let Some(Local::Group(handle)) = app.origin.local(&new) else { return Ok(Ok(None)) };
        return Ok(Ok(Some(Box::new(Moved { went: Went::Here(handle) }))));
    }
    if !app.flights.may_ask(&host_of(&new), now) {
        return Ok(Err(Taken::Later("its server was asked about many others lately".into())));
    }
    let new = match ask(app, &new, patience).await? {
        Ok(Some(new)) => new,
        Ok(None) => return Ok(Ok(None)),
        Err(later) => return Ok(Err(later)),
    };
    let elsewhere = match ask(app, &old, patience).await? {
        // one that is gone, or does not say where it went, is believed on its signature
        Ok(old) => old.and_then(|old| old.moved_to).is_some_and(|said| said != new.actor.uri),
        Err(_) => false,
    };
    let believed = !elsewhere && new.takes_over(&old).is_ok();
    Ok(Ok(believed.then(|| Box::new(Moved { went: Went::There(Box::new(new.actor)) }) as Box<dyn Effect>)))
}

/// Nothing where its server says that there is nobody.
async fn ask(app: &Data<App>, uri: &Url, patience: Option<Duration>) -> Result<Result<Option<Destination>, Taken>, NotTaken> {
    let Some(answer) = within(patience, actors::ask_document(app, uri.as_str())).await else {
        return Ok(Err(Taken::Later("its server takes long to answer".into())));
    };
    match answer? {
        Ok(document) if document.id == *uri => Ok(Ok(Some(Destination::of(document, app)))),
        Err(FetchError::Unreachable(why)) => Ok(Err(Taken::Later(why))),
        Ok(_) | Err(_) => Ok(Ok(None)),
    }
}
