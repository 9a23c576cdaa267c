//! Finding an actor by what people write: `@kitchen@boston.example`, or an address.

use url::Url;

use super::remote::{self, RemoteActor};
use crate::{
    app::App,
    error::{Error, Result},
    federation::{actor_document::ActorDocument, fetch::FetchError, webfinger},
    origin::Local,
    text::Mention,
};

/// The actor of a handle or an address, asked for anew.
pub async fn find(app: &App, written: &str) -> Result<RemoteActor> {
    Ok(RemoteActor::from_document(find_document(app, written).await?, app.clock.now()))
}

/// The same, as its document says it.
pub async fn find_document(app: &App, written: &str) -> Result<ActorDocument> {
    let of_this_city = || Error::refused(format!("{written} is of this city"));
    let uri = match Url::parse(written) {
        Ok(url) if url.has_host() => url,
        _ if written.rsplit_once('@').is_some_and(|(_, host)| host.eq_ignore_ascii_case(&app.origin.authority())) => {
            return Err(of_this_city());
        }
        _ => look_up(app, written).await?,
    };
    if app.origin.owns(&uri) {
        return Err(of_this_city());
    }
    super::ask_document(app, uri.as_str()).await?.map_err(|why| not_found(written, &why))
}

/// The id of an actor, from what we know already where possible.
pub async fn known_or_found(app: &App, written: &str) -> Result<String> {
    let handle = written.trim_start_matches('@').to_owned();
    match app.db.read(move |conn| Ok(remote::by_handle(conn, &handle)?)).await? {
        Some(actor) => Ok(actor.uri.into()),
        None => find(app, written).await.map(|actor| actor.uri.into()),
    }
}

/// Who is mentioned, known to us from now on, so that the mention reaches them.
pub async fn resolve(app: &App, handle: &str) -> Result<Mention> {
    if let Some((name, host)) = handle.rsplit_once('@')
        && host.eq_ignore_ascii_case(&app.origin.authority())
    {
        return local(app, name, handle).await;
    }
    let actor = find(app, handle).await?;
    let mention = Mention { handle: handle.to_owned(), uri: actor.uri.clone(), url: actor.uri.clone() };
    app.act(move |conn, _| Ok(remote::save(conn, &actor)?)).await?;
    Ok(mention)
}

async fn local(app: &App, name: &str, handle: &str) -> Result<Mention> {
    let group = Local::Group(name.to_ascii_lowercase());
    let wanted = group.clone();
    let actor = app.db.read(move |conn| Ok(super::store::find(conn, &wanted)?)).await?;
    match actor.filter(|actor| actor.closed.is_none()) {
        Some(_) => {
            let uri = app.origin.uri(&group);
            Ok(Mention { handle: handle.to_owned(), url: app.origin.page(&group).unwrap_or_else(|| uri.clone()), uri })
        }
        None => Err(Error::not_found("there is no such group here")),
    }
}

async fn look_up(app: &App, written: &str) -> Result<Url> {
    webfinger::find(&app.http, written.trim_start_matches('@')).await.map_err(|why| not_found(written, &why))
}

fn not_found(written: &str, why: &FetchError) -> Error {
    Error::refused(format!("{written} cannot be found: {why}"))
}
