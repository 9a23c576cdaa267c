//! Carries one delivery to its inbox: loads what is to be said, signs it, sends it, and brings the answer. Writes no row.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use bytes::Bytes;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use futures_util::FutureExt;
use reqwest::{
    Method,
    header::{CONNECTION, HeaderValue, RETRY_AFTER},
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    policy::{self, Answer, Meaning},
    round::Parcel,
};
use crate::{
    clock::Clock,
    db::{
        Db,
        schema::{activities, actors},
    },
    error::{Error, Result},
    federation::{
        signature::{self, BodyDigest, Headers, Scheme},
        synchronization,
    },
    keys::{self, RsaPrivate, Secret},
    net::{self, Admitted, Client, NetError, Request, address},
    origin::{Local, Origin},
};

/// What is read of an answer, in bytes, so that its connection can be used again.
const ANSWER: usize = 16 * 1024;
/// Bodies kept at hand, in bytes.
const BODIES: usize = 2 * 1024 * 1024;
/// Parsed keys kept at hand.
const KEYS: usize = 256;

pub struct Courier {
    db: Db,
    client: Client,
    origin: Origin,
    clock: Clock,
    secret: Secret,
    bodies: Mutex<Bodies>,
    keys: Mutex<HashMap<String, RsaPrivate>>,
}

/// What became of a parcel.
pub struct Carried {
    pub answer: Answer,
    /// The scheme of the signature that was taken.
    pub taken: Option<Scheme>,
}

impl From<Answer> for Carried {
    fn from(answer: Answer) -> Self {
        Self { answer, taken: None }
    }
}

/// An activity as it is sent, the same for all its inboxes.
struct Said {
    actor: String,
    /// It is for whoever follows this group, and nobody else.
    followers_of: Option<String>,
    body: Bytes,
    digest: BodyDigest,
}

#[derive(Default)]
struct Bodies {
    said: HashMap<i64, Arc<Said>>,
    oldest_first: VecDeque<i64>,
    bytes: usize,
}

impl Bodies {
    fn keep(&mut self, sequence: i64, said: Arc<Said>) {
        self.bytes += said.body.len();
        self.said.insert(sequence, said);
        self.oldest_first.push_back(sequence);
        while self.bytes > BODIES
            && let Some(gone) = self.oldest_first.pop_front().and_then(|oldest| self.said.remove(&oldest))
        {
            self.bytes -= gone.body.len();
        }
    }
}

impl Courier {
    pub fn new(db: Db, client: Client, origin: Origin, clock: Clock, secret: Secret) -> Self {
        let (bodies, keys) = (Mutex::default(), Mutex::default());
        Self { db, client, origin, clock, secret, bodies, keys }
    }

    /// Whatever goes wrong, even a panic, is this delivery's answer.
    pub async fn carry(&self, parcel: &Parcel) -> Carried {
        match AssertUnwindSafe(self.deliver(parcel)).catch_unwind().await {
            Ok(Ok(carried)) => carried,
            Ok(Err(error)) => {
                tracing::error!("delivery {} could not be made ready: {error}", parcel.id);
                Answer::Unasked("could not be made ready here; the log says why".into()).into()
            }
            Err(_) => Answer::Unasked("could not be made ready here; the log says why".into()).into(),
        }
    }

    /// One try: signed as the host took it last, and where it refuses that, in the other scheme. Unless the second is taken, the
    /// answer to the first counts: a host that knows one scheme says of the other whatever it likes.
    async fn deliver(&self, parcel: &Parcel) -> Result<Carried> {
        let to = match self.client.admit(&parcel.inbox) {
            Ok(to) => to,
            Err(barred) => return Ok(Answer::Unasked(barred.to_string()).into()),
        };
        let said = self.said(parcel.activity).await?;
        let (first, second) = (parcel.scheme, parcel.scheme.other());
        let answer = self.send(&to, &said, first, parcel.last).await?;
        if policy::asks_for_another_scheme(&answer) {
            let again = self.send(&to, &said, second, parcel.last).await?;
            if policy::meaning(&again) == Meaning::Taken {
                return Ok(Carried { answer: again, taken: Some(second) });
            }
        }
        let taken = (policy::meaning(&answer) == Meaning::Taken).then_some(first);
        Ok(Carried { answer, taken })
    }

    async fn send(&self, to: &Admitted, said: &Said, scheme: Scheme, last: bool) -> Result<Answer> {
        let mut headers = self.sign(said, to, scheme).await?;
        if last {
            headers.push((CONNECTION, HeaderValue::from_static("close")));
        }
        let request =
            Request { method: Method::POST, headers, body: Some(said.body.clone()), answer: net::Answer::Beginning(ANSWER) };
        Ok(match self.client.send(to, request).await {
            Ok(response) => Answer::Status {
                code: response.status.as_u16(),
                retry_after: response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned),
            },
            Err(NetError::TimedOut) => Answer::TimedOut,
            Err(NetError::Barred(why)) => Answer::Unasked(why),
            Err(error @ (NetError::Unreachable(_) | NetError::TooLarge)) => Answer::Unreachable(error.to_string()),
        })
    }

    /// Signed at the last moment: peers take a signature for minutes only. Takes up to a millisecond of processor time.
    async fn sign(&self, said: &Said, to: &Admitted, scheme: Scheme) -> Result<Headers> {
        let key = self.key(&said.actor).await?;
        let key_id = format!("{}#main-key", self.origin.url(&said.actor));
        let agreement = match &said.followers_of {
            Some(group) => self.agreement(group, &address::authority(to)).await?,
            None => None,
        };
        let covered = (&said.digest, agreement.as_deref());
        signature::sign_post_with(scheme, &key_id, &key, to, covered, self.clock.now())
    }

    /// Who follows the group on that server, so that it notices where it knows otherwise.
    async fn agreement(&self, group: &str, host: &str) -> Result<Option<String>> {
        let (handle, host) = (group.to_owned(), host.to_owned());
        let there = self.db.read(move |conn| Ok(super::followers_on(conn, &handle, &host)?)).await?;
        let digest = synchronization::digest_of(there.iter().map(String::as_str));
        let of = |what| self.origin.of_group(group, what);
        let header = || synchronization::header(&of("followers"), &of(synchronization::PART), &digest);
        Ok((!there.is_empty()).then(header))
    }

    /// The group to whose followers alone something goes.
    fn followers_of(&self, actor: &str, body: &str) -> Option<String> {
        let Some(Local::Group(handle)) = self.origin.local(&self.origin.url(actor)) else { return None };
        let document: Value = serde_json::from_str(body).ok()?;
        let only = document.get("to").and_then(Value::as_array).filter(|to| to.len() == 1)?;
        (only.first()?.as_str()? == self.origin.of_group(&handle, "followers").as_str()).then_some(handle)
    }

    async fn said(&self, sequence: i64) -> Result<Arc<Said>> {
        // held while loading, so that a fan-out loads its activity once
        let mut bodies = self.bodies.lock().await;
        if let Some(said) = bodies.said.get(&sequence) {
            return Ok(said.clone());
        }
        let row = activities::table.find(sequence).select((activities::actor, activities::body, activities::public));
        let (actor, body, public): (String, String, bool) = self.db.read(move |conn| Ok(row.first(conn)?)).await?;
        let digest = BodyDigest::of(body.as_bytes());
        let said = Arc::new(Said {
            followers_of: (!public).then(|| self.followers_of(&actor, &body)).flatten(),
            actor,
            body: body.into(),
            digest,
        });
        bodies.keep(sequence, said.clone());
        Ok(said)
    }

    async fn key(&self, actor: &str) -> Result<RsaPrivate> {
        let mut keys = self.keys.lock().await;
        if let Some(key) = keys.get(actor) {
            return Ok(key.clone());
        }
        let (path, secret) = (actor.to_owned(), self.secret.clone());
        let key = self
            .db
            .read(move |conn| {
                let wrapped: Option<String> =
                    actors::table.filter(actors::path.eq(&path)).select(actors::rsa_private).first(conn).optional()?;
                let wrapped = wrapped.ok_or_else(|| Error::broken(format!("no actor {path} to sign as")))?;
                keys::open_rsa(&secret, &wrapped, &path)
            })
            .await?;
        if keys.len() >= KEYS {
            keys.clear();
        }
        keys.insert(actor.to_owned(), key.clone());
        Ok(key)
    }
}
