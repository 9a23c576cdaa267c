//! Somebody's words in somebody else's envelope, as Mastodon forwards replies: nothing of them is believed, but what they are about is
//! read where it lives. Whatever does not concern us is taken and dropped.

use std::time::Duration;

use activitypub_federation::config::Data;
use serde_json::{Value, json};
use url::Url;

use super::{NotTaken, ONE_BY_ONE, Taken, effects::Gone, read, waits, within};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor, host_of},
    },
    app::App,
    blocks, city,
    db::Conn,
    error::Result,
    federation::{effect::Effect, fetch::FetchError, guard::Claim, reading},
    net::address::same_origin,
    replies, sisters,
};

/// What is forwarded, as far as it tells where to look.
#[derive(Clone)]
struct Hint {
    kind: String,
    uri: Url,
    author: Url,
    answers: Option<Url>,
}

impl Hint {
    fn of(claim: &Claim) -> Option<Self> {
        let object = claim.activity.get("object")?;
        let uri = reading::id(object).filter(|uri| same_origin(uri, &claim.actor))?;
        let answers = reading::embedded(&claim.activity).and_then(|object| reading::id(object.get("inReplyTo")?));
        matches!(claim.kind.as_str(), "Create" | "Update" | "Delete").then(|| Self {
            kind: claim.kind.clone(),
            uri,
            author: claim.actor.clone(),
            answers,
        })
    }

    /// Does it answer something of ours, or is it of somebody a group hears?
    fn concerns_us(&self, conn: &mut Conn, here: &crate::app::Here) -> Result<bool> {
        let uri = self.uri.as_str();
        let is_here = replies::store::by_uri(conn, uri)?.is_some() || sisters::store::heard_by_uri(conn, uri)?.is_some();
        if is_here || self.kind == "Delete" {
            return Ok(is_here);
        }
        if sisters::store::is_heard(conn, self.author.as_str())? {
            return Ok(true);
        }
        match &self.answers {
            Some(answered) => Ok(replies::arrival::place_of(conn, here, answered)?.is_some()),
            None => Ok(false),
        }
    }
}

/// Done, whatever became of it, unless a server that has to be asked does not answer just now.
pub(super) async fn take(app: &Data<App>, claim: &Claim, patience: Option<Duration>) -> Result<Taken, NotTaken> {
    let Some(hint) = Hint::of(claim).filter(|hint| !app.origin.owns(&hint.uri)) else { return Ok(Taken::DROPPED) };
    let (mut owner, here, about) = (claim.key_id.clone(), app.here(), hint.clone());
    owner.set_fragment(None);
    let found = app.db.read(move |conn| {
        let signer = remote::find(conn, &owner)?;
        let blocked = blocks::store::covers(conn, &owner)? || blocks::store::covers(conn, &about.author)?;
        Ok((signer, !blocked && about.concerns_us(conn, &here)?))
    });
    // whoever is nobody to us cannot make us ask others
    let holds = |signer: &RemoteActor| signer.key(&claim.key_id).is_some_and(|key| claim.holds(&key));
    match found.await? {
        (Some(signer), true) if holds(&signer) => {}
        _ => return Ok(Taken::DROPPED),
    }
    let now = app.clock.now();
    if !app.flights.may_ask(&host_of(&hint.uri), now) {
        return Ok(Taken::Later("its server was asked about many others lately".into()));
    }
    let signer = actors::signer(app).await?;
    let Some(answer) = within(patience, app.flights.document(&app.http, &signer, now, hint.uri.as_str())).await else {
        return Ok(Taken::Later("its server takes long to answer".into()));
    };
    match answer {
        Err(FetchError::Unreachable(why)) => Ok(Taken::Later(why)),
        Ok(fetched) if reading::kind(&fetched.document) != Some("Tombstone") && hint.kind != "Delete" => {
            said(app, &hint, &fetched.document, patience).await
        }
        Ok(fetched) if reading::kind(&fetched.document) == Some("Tombstone") => gone(app, &hint).await,
        Err(FetchError::Gone | FetchError::NotFound) if hint.kind == "Delete" => gone(app, &hint).await,
        Ok(_) | Err(_) => Ok(Taken::DROPPED),
    }
}

/// As if its author had said what its server says now.
async fn said(app: &Data<App>, hint: &Hint, object: &Value, patience: Option<Duration>) -> Result<Taken, NotTaken> {
    let author = object.get("attributedTo").or_else(|| object.get("actor")).and_then(reading::id);
    if author.as_ref() != Some(&hint.author) || !reading::is_public(object) {
        return Ok(Taken::DROPPED);
    }
    let activity = json!({ "id": hint.uri, "type": hint.kind, "actor": hint.author, "object": object });
    let Some(effect) = read(&activity, None)? else { return Ok(Taken::DROPPED) };
    let who = hint.author.clone();
    let author = match app.db.read(move |conn| Ok(remote::find(conn, &who)?)).await? {
        Some(author) => author,
        None => match within(patience, actors::ask(app, hint.author.as_str())).await {
            None => return Ok(Taken::Later("its server takes long to answer".into())),
            Some(answer) => match answer? {
                Ok(author) if author.uri == hint.author => super::keep(app, author).await?,
                Err(FetchError::Unreachable(why)) => return Ok(Taken::Later(why)),
                Ok(_) | Err(_) => return Ok(Taken::DROPPED),
            },
        },
    };
    happen(app, author, activity, effect).await
}

/// As if its author had taken it back.
async fn gone(app: &Data<App>, hint: &Hint) -> Result<Taken, NotTaken> {
    let who = hint.author.clone();
    let Some(author) = app.db.read(move |conn| Ok(remote::find(conn, &who)?)).await? else { return Ok(Taken::DROPPED) };
    let activity = json!({ "id": hint.uri, "type": "Delete", "actor": hint.author, "object": hint.uri });
    let effect = Box::new(Gone::read(&activity, None)?);
    happen(app, author, activity, effect).await
}

async fn happen(app: &Data<App>, author: RemoteActor, activity: Value, effect: Box<dyn Effect>) -> Result<Taken, NotTaken> {
    let effect: std::sync::Arc<dyn Effect> = effect.into();
    let before = super::pictures_at_stake(app, &*effect, &author.uri).await?;
    let _turn = if effect.names_who_comes(&app.here()) { Some(ONE_BY_ONE.lock().await) } else { None };
    app.act(move |conn, here| {
        if waits(conn, here, &*effect, &author, &activity)? {
            return Ok(());
        }
        effect.happen(conn, here, &author)
    })
    .await?;
    city::pictures::let_go(app, &before).await;
    Ok(Taken::DROPPED)
}
