//! Whether the author of a reply lets our group answer it: its policy (GoToSocial's `interactionPolicy`) is looked at where it lives,
//! just before.

use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{actions, reply::Refusal};
use crate::{
    actors::{self, remote::host_of},
    app::App,
    error::Result,
    federation::{json::items, permission::Permission, reading},
    sisters::{self, sister::State},
};

/// Recipients and mentions that are looked at.
const MOST: usize = 64;

/// What cannot be asked about is answered: nearly nobody forbids it, and whoever is named by a reply may answer it in any case.
///
/// # Errors
/// `Refused` where the author lets only others answer, or has to be asked first, which we do not do.
pub async fn may_answer(app: &App, id: Uuid) -> Result<()> {
    let found = app.db.read(move |conn| {
        let reply = actions::find(conn, id)?;
        let sister = sisters::store::find(conn, &reply.group, &reply.actor)?;
        Ok((reply, sister.is_some_and(|sister| sister.state == State::Accepted)))
    });
    let (reply, follows) = found.await?;
    let now = app.clock.now();
    let Some(uri) = Url::parse(&reply.uri).ok().filter(|uri| app.flights.may_ask(&host_of(uri), now)) else { return Ok(()) };
    let signer = actors::signer(app).await?;
    let Ok(fetched) = app.flights.document(&app.http, &signer, now, uri.as_str()).await else { return Ok(()) };
    let us = app.origin.group(&reply.group);
    let lets = Permission::to_reply(&fetched.document).lets(&us, follows) || names(&fetched.document, &us);
    if lets { Ok(()) } else { Err(Refusal::NotLet(reply.handle).into()) }
}

fn names(object: &Value, us: &Url) -> bool {
    let list = |field: &str| object.get(field).map(|list| items(list, MOST)).unwrap_or_default();
    let is_us = |value: &Value| reading::id(value).as_ref() == Some(us);
    let mentioned = list("tag").iter().filter_map(|tag| tag.get("href")).any(is_us);
    mentioned || ["to", "cc"].iter().any(|field| list(field).iter().any(is_us))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whoever_is_named_may_answer() {
        let us = Url::parse("https://here.example/ap/groups/kitchen").unwrap();
        for object in [
            json!({ "tag": [{ "type": "Mention", "href": us }] }),
            json!({ "to": "https://www.w3.org/ns/activitystreams#Public", "cc": [us] }),
            json!({ "to": us }),
        ] {
            assert!(names(&object, &us), "{object}");
        }
        for object in [json!({}), json!({ "tag": [{ "href": "https://here.example/ap/groups/trees" }], "to": [] })] {
            assert!(!names(&object, &us), "{object}");
        }
    }
}
