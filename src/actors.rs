//! Whoever can speak: the city's instance actor, its groups, and the actors of other servers.

pub mod crowds;
pub mod discovery;
pub mod keyring;
pub mod remote;
pub mod store;
pub mod wire;

use std::time::Duration;

use tokio::sync::Semaphore;

use crate::{
    actors::remote::RemoteActor,
    app::App,
    clock::Timestamp,
    error::{Error, Result, Said},
    federation::{
        actor_document::{self, ActorDocument},
        fetch::{FetchError, Signer},
    },
    keys::{self, NewKeys},
    origin::Local,
};

/// An actor of this city, as far as speaking goes. Its private keys stay in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalActor {
    pub local: Local,
    /// The name before the @; the instance actor's is the host.
    pub handle: String,
    /// SPKI PEM.
    pub rsa_public: String,
    /// Multikey (FEP-521a).
    pub ed25519_public: String,
    pub created: Timestamp,
    /// When it ended: from then on it answers 410.
    pub closed: Option<Timestamp>,
}

/// Asks another server for one of its actors, as our instance actor. Nothing is kept.
pub async fn ask(app: &App, uri: &str) -> Result<Result<RemoteActor, FetchError>> {
    let now = app.clock.now();
    Ok(ask_document(app, uri).await?.map(|document| RemoteActor::from_document(document, now)))
}

/// The same, as its document says it.
pub async fn ask_document(app: &App, uri: &str) -> Result<Result<ActorDocument, FetchError>> {
    let (signer, now) = (signer(app).await?, app.clock.now());
    Ok(app
        .flights
        .document(&app.http, &signer, now, uri)
        .await
        .and_then(|fetched| actor_document::read(&fetched.document).map_err(|why| FetchError::Unacceptable(why.0.to_owned()))))
}

/// What our fetches are signed with.
pub async fn signer(app: &App) -> Result<Signer> {
    let opened = app.signer.get_or_try_init(|| async {
        make_instance(app).await?;
        let wrapped = app.db.read(|conn| Ok(store::rsa_private(conn, &Local::Instance)?)).await?;
        let wrapped = wrapped.ok_or_else(|| Error::broken("the instance actor has no key"))?;
        let key = keys::open_rsa(&app.secret, &wrapped, &Local::Instance.path())?;
        Ok::<_, Error>(Signer::new(format!("{}#main-key", app.origin.instance()), key))
    });
    opened.await.cloned()
}

/// Makes the instance actor where there is none yet.
pub async fn make_instance(app: &App) -> Result<()> {
    if app.db.read(|conn| Ok(store::find(conn, &Local::Instance)?)).await?.is_some() {
        return Ok(());
    }
    let keys = make_keys(app, &Local::Instance).await?;
    let handle = app.origin.authority();
    app.act(move |conn, here| Ok(store::add(conn, &Local::Instance, &handle, &keys, here.now, Some(here.now))?)).await?;
    Ok(())
}

/// One makes keys at a time, for they take a processor a tenth of a second or more: however many start groups, readers keep the
/// rest of the machine.
static MAKING: Semaphore = Semaphore::const_new(1);
/// So long somebody waits for keys.
const KEYS_WITHIN: Duration = Duration::from_secs(8);

/// The keys of a new actor: those made ahead, else made now, off the threads that answer requests. Refused when very many want
/// some at the same time.
pub async fn make_keys(app: &App, local: &Local) -> Result<NewKeys> {
    let (app, path) = (app.clone(), local.path());
    let Ok(turn) = tokio::time::timeout(KEYS_WITHIN, MAKING.acquire()).await else {
        return Err(Error::refused_in_words("very many groups start at this moment", Said::new("start-refused-busy")));
    };
    let _turn = turn.map_err(Error::broken)?;
    tokio::task::spawn_blocking(move || app.stock.take()?.wrapped(&app.secret, &path)).await.map_err(Error::broken)?
}

/// Somebody will soon want [`make_keys`]: begins on them, and waits for nothing.
pub fn make_keys_ahead(app: &App) {
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = app.stock.fill() {
            tracing::warn!(%error, "no keys could be made ahead");
        }
    });
}
