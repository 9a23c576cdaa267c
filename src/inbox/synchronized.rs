//! What another server says of who of ours follows it (FEP-8fcf): where that is not what we know, its list is read and both agree again.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use url::Url;

use super::within;
use crate::{
    actors::{
        self,
        remote::{self, host_of},
    },
    app::App,
    error::Result,
    federation::{
        json::items,
        reading,
        synchronization::{Said, digest_of},
    },
    net::address::same_origin,
    origin::Local,
    sisters::{self, sister::State},
};

const PATIENCE: Duration = Duration::from_secs(10);
/// Of one list.
const MOST: usize = 10_000;

/// `actor` signed the request that said this.
pub async fn compare(app: &App, actor: &Url, said: &Said) -> Result<()> {
    if !same_origin(&said.part, actor) {
        return Ok(());
    }
    let (who, origin) = (actor.clone(), app.origin.clone());
    let ours = app.db.read(move |conn| {
        let heard = sisters::store::of_actor(conn, who.as_str())?.into_iter().filter(|sister| sister.state == State::Accepted);
        Ok(heard.map(|sister| origin.group(&sister.group).to_string()).collect::<Vec<_>>())
    });
    let ours = ours.await?;
    let now = app.clock.now();
    if digest_of(ours.iter().map(String::as_str)) == said.digest
        || !app.flights.may_compare(actor, now)
        || !app.flights.may_ask(&host_of(&said.part), now)
    {
        return Ok(());
    }
    let signer = actors::signer(app).await?;
    let Some(Ok(fetched)) = within(Some(PATIENCE), app.flights.document(&app.http, &signer, now, said.part.as_str())).await
    else {
        return Ok(());
    };
    // whoever says one thing beside what they post and another in the list, or lists nothing, says nothing
    let Some(listed) =
        listed(app, &fetched.document).filter(|listed| digest_of(listed.iter().map(String::as_str)) == said.digest)
    else {
        return Ok(());
    };
    let listed = handles(app, &listed);
    let who = actor.clone();
    app.act(move |conn, here| match remote::find(conn, &who)? {
        Some(other) => sisters::actions::agree(conn, here, &other, &listed),
        None => Ok(()),
    })
    .await
}

/// Every id of ours in a list, once.
fn listed(app: &App, document: &Value) -> Option<BTreeSet<String>> {
    if !matches!(reading::kind(document), Some("Collection" | "OrderedCollection")) {
        return None;
    }
    let list = ["orderedItems", "items"].iter().find_map(|field| document.get(*field))?;
    let ours = items(list, MOST).iter().filter_map(reading::id).filter(|id| app.origin.owns(id));
    Some(ours.map(String::from).collect())
}

/// Groups of ours among them.
fn handles(app: &App, listed: &BTreeSet<String>) -> Vec<String> {
    let ours = listed.iter().filter_map(|id| app.origin.local(&Url::parse(id).ok()?));
    ours.filter_map(|local| if let Local::Group(handle) = local { Some(handle) } else { None }).collect()
}
