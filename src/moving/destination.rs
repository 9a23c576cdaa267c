//! The other one: found by its handle or address, and asked anew whether it says that it is ours. All of it before the deed.

use url::Url;

use super::rule::Refusal;
use crate::{
    actors::{discovery, remote::RemoteActor},
    app::App,
    blocks,
    error::{Error, Result},
    federation::actor_document::ActorDocument,
};

/// An actor of another server, and who it says it was.
#[derive(Clone, Debug)]
pub struct Destination {
    pub actor: RemoteActor,
    pub also_known_as: Vec<Url>,
    /// Where it went itself.
    pub moved_to: Option<Url>,
}

impl Destination {
    pub fn of(document: ActorDocument, app: &App) -> Self {
        let (also_known_as, moved_to) = (document.also_known_as.clone(), document.moved_to.clone());
        Self { actor: RemoteActor::from_document(document, app.clock.now()), also_known_as, moved_to }
    }

    /// Can people follow it, and does it say that it was `old`?
    pub fn takes_over(&self, old: &Url) -> Result<(), Refusal> {
        let handle = self.actor.handle();
        if self.actor.kind == "Application" || self.moved_to.is_some() {
            return Err(Refusal::NobodyToFollow(handle));
        }
        if !self.also_known_as.contains(old) {
            return Err(Refusal::NotNamed { new: handle, old: old.to_string() });
        }
        Ok(())
    }
}

/// `written` is a handle or an address.
pub async fn find(app: &App, written: &str) -> Result<Destination> {
    let written = written.trim();
    // blocked servers are not even asked
    let who = written.to_owned();
    if app.db.read(move |conn| blocks::actions::covers_written(conn, &who)).await? {
        return Err(Refusal::Blocked(written.to_owned()).into());
    }
    let document = discovery::find_document(app, written).await.map_err(|why| match why {
        Error::Broken(cause) => Error::Broken(cause),
        _ if is_here(app, written) => Refusal::OfThisCity(written.to_owned()).into(),
        _ => Refusal::Unknown(written.to_owned()).into(),
    })?;
    Ok(Destination::of(document, app))
}

fn is_here(app: &App, written: &str) -> bool {
    let named = written.rsplit_once('@').is_some_and(|(_, host)| host.eq_ignore_ascii_case(&app.origin.authority()));
    named || Url::parse(written).is_ok_and(|url| app.origin.owns(&url))
}
