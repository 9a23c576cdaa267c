//! Everything another server may say to us: checked, read by one table, and done in one transaction.

mod announce;
mod effects;
mod forwarded;
pub mod held;
mod moved;
pub mod request;
mod synchronized;
mod wrapped;

use std::time::Duration;

use activitypub_federation::{
    config::{Data, FederationConfig},
    traits::Activity,
};
use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::{self, App, Here},
    blocks, city,
    clock::Timestamp,
    coming::wire::{Join, Leave},
    db::Conn,
    error::{Error, Result},
    federation::{
        actor_document::ActorDocument,
        arrivals, delivery,
        effect::Effect,
        fetch::FetchError,
        guard::{Claim, Rejection},
        integrity::{self, Unproven},
        reading,
    },
    follows::wire::{Block, Follow},
    joint,
    media::Kept,
    quarantine,
    reactions::wire::Reaction,
    replies,
    reports::wire::Flag,
    sisters::{self, wire::Answer},
};

use effects::{ActorGone, Gone, NewSelf, Spoken, Undone};

/// An activity whose signature holds, from an actor who is who they say.
pub struct Incoming {
    id: Url,
    sender: RemoteActor,
    /// SHA-256 of the signature: the same signed request has an effect once.
    replay_hash: String,
    effect: std::sync::Arc<dyn Effect>,
    activity: Value,
}

/// The table: what we understand, by the type of the activity and of its object. The rest is taken and dropped. `sealed` is what came,
/// where it can be passed on as it is.
fn read(activity: &Value, sealed: Option<&str>) -> Result<Option<Box<dyn Effect>>> {
    let kind = reading::kind(activity).unwrap_or_default();
    let object = reading::embedded(activity);
    let effect: Box<dyn Effect> = match (kind, object.and_then(reading::kind)) {
        ("Follow", _) => Box::new(Follow::read(activity)?),
        ("Undo", _) => match Undone::read(activity)? {
            Some(undone) => Box::new(undone),
            None => return Ok(None),
        },
        ("Like" | "EmojiReact" | "Announce", _) => Box::new(Reaction::read(activity)?),
        ("Flag", _) => Box::new(Flag::read(activity)?),
        ("Block", _) => Box::new(Block::read(activity)?),
        ("Join", _) => Box::new(Join::read(activity)?),
        ("Leave", _) => Box::new(Leave::read(activity)?),
        ("Offer", Some("Event")) => Box::new(joint::wire::Offer::read(activity)?),
        ("Accept" | "Reject", Some("Offer")) => Box::new(joint::wire::Answer::read(activity)?),
        ("Accept" | "Reject", Some("Follow") | None) => Box::new(Answer::read(activity)?),
        ("Update", Some("Person" | "Group" | "Service" | "Application" | "Organization")) => Box::new(NewSelf::read(activity)?),
        ("Create" | "Update", Some("Note" | "Article" | "Page" | "Event" | "Question" | "ChatMessage")) => {
            Box::new(Spoken::read(activity, sealed)?)
        }
        ("Delete", _) if is_actor_delete(activity) => Box::new(ActorGone),
        ("Delete", _) => Box::new(Gone::read(activity, sealed)?),
        _ => return Ok(None),
    };
    Ok(Some(effect))
}

fn is_actor_delete(activity: &Value) -> bool {
    let of = |field| activity.get(field).and_then(reading::id);
    of("object").is_some_and(|object| of("actor") == Some(object))
}

/// Answers to meetings are taken one after the other: each counts who has a place, and PostgreSQL would let those that count at once
/// run again and again.
static ONE_BY_ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[async_trait]
impl Activity for Incoming {
    type DataType = App;
    type Error = Error;

    fn id(&self) -> &Url {
        &self.id
    }

    fn actor(&self) -> &Url {
        &self.sender.uri
    }

    /// Whoever is blocked is not heard.
    async fn verify(&self, app: &Data<App>) -> Result<()> {
        let sender = self.sender.uri.clone();
        if app.db.read(move |conn| Ok(blocks::store::covers(conn, &sender)?)).await? {
            return Err(Error::refused("blocked here"));
        }
        Ok(())
    }

    async fn receive(self, app: &Data<App>) -> Result<()> {
        let (here, effect) = (app.here(), self.effect.clone());
        // the ids of many name their authors
        let handled = app.secret.fingerprint(self.id.as_str(), "handled activities");
        let before = pictures_at_stake(app, &*effect, &self.sender.uri).await?;
        let _turn = if effect.names_who_comes(&here) { Some(ONE_BY_ONE.lock().await) } else { None };
        let outcome = app
            .db
            .write(move |conn| {
                delivery::revive(conn, &self.sender.host(), here.now)?;
                let seen = !arrivals::is_first_use(conn, &self.replay_hash, here.now)?;
                if seen || (effect.happens_once() && !app::once(conn, &handled, here.now)?) {
                    return Ok(());
                }
                if waits(conn, &here, &*effect, &self.sender, &self.activity)? {
                    return Ok(());
                }
                effect.happen(conn, &here, &self.sender)
            })
            .await;
        app.queued.notify_one();
        city::pictures::let_go(app, &before).await;
        outcome
    }
}

/// Pictures that are perhaps not shown any more when this was done.
async fn pictures_at_stake(app: &App, effect: &dyn Effect, actor: &Url) -> Result<Vec<Kept>> {
    if !effect.takes_away() {
        return Ok(vec![]);
    }
    let actor = actor.to_string();
    app.db.read(move |conn| Ok(replies::store::pictures_by(conn, &actor)?)).await
}

/// What the crate's traits are called with. Its own network code is never reached: whatever is needed was fetched before.
pub async fn federation(app: &App) -> Result<FederationConfig<App>> {
    FederationConfig::builder().domain(app.origin.authority()).app_data(app.clone()).build().await.map_err(Error::broken)
}

/// A key is looked at again for a signature that does not hold, but not more often than this.
const BETWEEN_KEY_CHECKS: Duration = Duration::from_secs(300);

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// Applied, or known and dropped: 202. Who said it, where that was borne out.
    Done { by: Option<Url> },
    /// Its actor could not be asked about now: wait and try again.
    Later(String),
}

impl Taken {
    /// Nobody knows, or has to know, who said it.
    const DROPPED: Self = Self::Done { by: None };
}

/// Why a request is not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// By the rules: the status and the reason to answer with.
    Rejected(Rejection),
    /// By the rules of what it asks for, or because something broke here.
    Failed(Error),
}

impl From<Error> for NotTaken {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn unauthorized(why: &str) -> NotTaken {
    NotTaken::Rejected(Rejection { status: 401, reason: why.to_owned() })
}

/// A request that passed the guard: finds out who signed it, and does what it says. Waits at most `patience` for the network.
pub async fn take(app: &Data<App>, claim: &Claim, patience: Option<Duration>) -> Result<Taken, NotTaken> {
    if claim.forwarded {
        return forwarded::take(app, claim, patience).await;
    }
    let who = claim.actor.clone();
    let (known, blocked) = app.db.read(move |conn| Ok((remote::find(conn, &who)?, blocks::store::covers(conn, &who)?))).await?;
    if blocked {
        return Err(NotTaken::Rejected(Rejection { status: 403, reason: "blocked here".into() }));
    }
    let (sender, asked) = match known {
        Some(actor) if is_signed_by(claim, &actor) => (actor, false),
        Some(actor) => match look_again(app, claim, &actor, patience).await? {
            Ok(actor) => (actor, true),
            Err(later) => return Ok(later),
        },
        // everyone hears of every deleted account of Mastodon; their keys are gone
        None if claim.is_actor_delete() => return Ok(Taken::DROPPED),
        None => match meet(app, claim, patience).await? {
            Ok(actor) => {
                // nor that somebody was asked about who comes
                if !names_who_comes(app, claim) {
                    keep(app, actor.clone()).await?;
                }
                (actor, true)
            }
            Err(later) => return Ok(later),
        },
    };
    remark_on_proof(claim, &sender, app.clock.now());
    let effect = match claim.kind.as_str() {
        "Announce" => match announce::read_with_object(app, claim, &sender, patience).await? {
            Ok(effect) => effect,
            Err(later) => return Ok(later),
        },
        "Move" => match moved::read(app, claim, &sender, patience).await? {
            Ok(effect) => effect,
            Err(later) => return Ok(later),
        },
        _ => read(&claim.activity, claim.sealed.as_deref())?,
    };
    let by = Some(sender.uri.clone());
    let Some(effect) = effect else { return Ok(Taken::Done { by }) };
    let incoming = Incoming {
        id: claim.id.clone(),
        sender,
        replay_hash: claim.replay_hash(),
        effect: effect.into(),
        activity: claim.activity.clone(),
    };
    // looked at before; but while others are asked, somebody may be blocked
    if asked || matches!(claim.kind.as_str(), "Announce" | "Move") {
        incoming.verify(app).await?;
    }
    incoming.receive(app).await?;
    Ok(Taken::Done { by })
}

/// Does it say whether somebody comes? Of that nothing is written down that names them.
fn names_who_comes(app: &App, claim: &Claim) -> bool {
    read(&claim.activity, None).ok().flatten().is_some_and(|effect| effect.names_who_comes(&app.here()))
}

/// Is what it changes here, or is it whoever changes it? Else nobody asked to hear it.
fn is_about_something_known(conn: &mut Conn, sender: &RemoteActor, activity: &Value) -> Result<bool> {
    let Some(object) = activity.get("object").and_then(reading::id) else { return Ok(false) };
    let uri = object.as_str();
    Ok(object == sender.uri
        || sisters::store::heard_by_uri(conn, uri)?.is_some()
        || replies::store::by_uri(conn, uri)?.is_some()
        || !joint::store::to_event(conn, uri)?.is_empty())
}

/// Must somebody look first at what a server says that nobody here knows? Then it waits for that, but for who comes, which is
/// dropped: it is written down nowhere.
fn waits(conn: &mut Conn, here: &Here, effect: &dyn Effect, sender: &RemoteActor, activity: &Value) -> Result<bool> {
    if effect.names_who_comes(here) && quarantine::actions::is_held(conn, &sender.uri)? {
        return Ok(true);
    }
    quarantine::actions::hold(conn, here, sender, activity, |conn| is_about_something_known(conn, sender, activity))
}

/// Nothing when it takes longer than our patience lasts.
async fn within<T>(patience: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, work).await.ok(),
        None => Some(work.await),
    }
}

/// The request is signed by the one who speaks, which is enough. A proof inside that does not hold takes nothing from that: keys of
/// proofs change without our hearing of it. But it tells of a peer that proves things otherwise than we read them.
fn remark_on_proof(claim: &Claim, sender: &RemoteActor, now: Timestamp) {
    match integrity::verify(&claim.activity, sender, now) {
        Ok(()) | Err(Unproven::Absent | Unproven::OfAnotherKind) => {}
        Err(why) => tracing::debug!("what {} sent {why}", sender.host()),
    }
}

/// The document must be the actor's and name the key, and the key must have made the signature.
fn is_signed_by(claim: &Claim, actor: &RemoteActor) -> bool {
    actor.uri == claim.actor && actor.key(&claim.key_id).is_some_and(|key| claim.holds(&key))
}

/// Somebody we do not know, not kept yet. What their server says of them is remembered for a while when the signature does not hold,
/// so that forgers can neither make us ask again and again nor keep out those whose names they use.
async fn meet(app: &Data<App>, claim: &Claim, patience: Option<Duration>) -> Result<Result<RemoteActor, Taken>, NotTaken> {
    let now = app.clock.now();
    let document = match app.flights.doubted(&claim.actor, now) {
        Some(document) => document,
        None if !app.flights.may_ask(&remote::host_of(&claim.actor), now) => {
            return Ok(Err(Taken::Later("its server was asked about many others lately".into())));
        }
        None => match ask(app, &claim.actor, patience).await? {
            Ok(document) => document,
            Err(later) => return Ok(Err(later)),
        },
    };
    let actor = RemoteActor::from_document(document.clone(), now);
    if is_signed_by(claim, &actor) {
        return Ok(Ok(actor));
    }
    app.flights.doubt(&claim.actor, document, now);
    Err(unauthorized("the signature does not hold for the key of this actor"))
}

/// The key we know does not fit: perhaps it was changed. What the actor's server says now is kept in either case: a forger
/// who uses up the one question must not keep a new key out.
async fn look_again(
    app: &Data<App>,
    claim: &Claim,
    known: &RemoteActor,
    patience: Option<Duration>,
) -> Result<Result<RemoteActor, Taken>, NotTaken> {
    let (uri, now) = (known.uri.clone(), app.clock.now());
    let refuse = || unauthorized("the signature does not hold for the key of this actor");
    // most forgeries end here, without a turn at the writer
    if now < known.key_checked + BETWEEN_KEY_CHECKS {
        return Err(refuse());
    }
    if !app.db.write(move |conn| Ok(remote::may_check_key(conn, &uri, now, BETWEEN_KEY_CHECKS)?)).await? {
        return Err(refuse());
    }
    let actor = match ask(app, &known.uri, patience).await? {
        Ok(document) if document.id == known.uri => keep(app, RemoteActor::from_document(document, now)).await?,
        Ok(_) => return Err(refuse()),
        Err(later) => return Ok(Err(later)),
    };
    if is_signed_by(claim, &actor) { Ok(Ok(actor)) } else { Err(refuse()) }
}

async fn keep(app: &Data<App>, actor: RemoteActor) -> Result<RemoteActor> {
    let row = actor.clone();
    app.db.write(move |conn| Ok(remote::save(conn, &row)?)).await?;
    Ok(actor)
}

/// Asks an actor's own server who it is.
async fn ask(app: &Data<App>, uri: &Url, patience: Option<Duration>) -> Result<Result<ActorDocument, Taken>, NotTaken> {
    let Some(answer) = within(patience, actors::ask_document(app, uri.as_str())).await else {
        return Ok(Err(Taken::Later("its server takes long to answer".into())));
    };
    match answer? {
        Ok(document) => Ok(Ok(document)),
        Err(FetchError::Unreachable(why)) => Ok(Err(Taken::Later(why))),
        Err(error) => Err(unauthorized(&format!("the key cannot be had: {error}"))),
    }
}
