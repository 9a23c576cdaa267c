//! One tap too many: what a browser sends twice in a row is done once, and both are answered the same. The first answer to a
//! double tap is one that nobody sees.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use aws_lc_rs::digest::{Context, SHA256};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::{clock::Timestamp, web::form::Fields};

/// Whoever sends the same after this time means it.
const SOON: Duration = Duration::from_secs(10);
/// In memory, per process; beyond them a second tap is taken as before.
const MOST: usize = 10_000;

/// What was sent last, by whom, and the answer to it.
#[derive(Default)]
pub struct Taps(Mutex<HashMap<Sender, Last>>);

/// A session; or, of what brings a new session and can be sent but once, whoever knows the password or passkey in it.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Sender {
    Session(Uuid),
    Keeper([u8; 32]),
}

struct Last {
    sent: [u8; 32],
    when: Timestamp,
    answer: Arc<tokio::sync::Mutex<Option<Given>>>,
}

/// An answer that leads on. Others are made anew: a page that says what is wrong, a file.
struct Given(Vec<(HeaderName, HeaderValue)>);

/// Whose turn it is.
pub enum Turn {
    /// To do it; the answer is to be kept.
    First(Kept),
    /// It was done a moment ago, with this answer.
    Again(HttpResponse),
}

/// Held while it is done: the second one waits for its answer.
pub struct Kept(Option<OwnedMutexGuard<Option<Given>>>);

impl Taps {
    /// Waits while the same is being done for the same sender.
    pub async fn turn(&self, session: Option<Uuid>, path: &str, fields: &Fields, now: Timestamp) -> Turn {
        let sent = fingerprint(path, fields);
        let sender = match session {
            _ if brings_in(path) && holds_a_key(fields) => Sender::Keeper(sent),
            Some(session) => Sender::Session(session),
            // a crowd says the same, and each of them means it
            None => return Turn::First(Kept(None)),
        };
        let Some(answer) = self.last(sender, sent, now) else { return Turn::First(Kept(None)) };
        let held = answer.lock_owned().await;
        match held.as_ref() {
            Some(given) => Turn::Again(given.again()),
            None => Turn::First(Kept(Some(held))),
        }
    }

    /// Where the answer is kept; a new place unless exactly this was the last that came from there.
    fn last(&self, sender: Sender, sent: [u8; 32], now: Timestamp) -> Option<Arc<tokio::sync::Mutex<Option<Given>>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = all.get(&sender).filter(|last| last.sent == sent && now.since(last.when) < SOON) {
            return Some(last.answer.clone());
        }
        if all.len() >= MOST {
            all.retain(|_, last| now.since(last.when) < SOON);
        }
        if all.len() >= MOST {
            return None;
        }
        let answer = Arc::default();
        all.insert(sender, Last { sent, when: now, answer: Arc::clone(&answer) });
        Some(answer)
    }
}

impl Kept {
    /// Keeps an answer that leads on.
    pub fn keep(self, answer: &HttpResponse<impl Sized>) {
        let Some(mut held) = self.0.filter(|_| answer.status() == StatusCode::SEE_OTHER) else { return };
        let leads = |name: &HeaderName| *name == header::LOCATION || *name == header::SET_COOKIE;
        let headers = answer.headers().iter().filter(|(name, _)| leads(name));
        *held = Some(Given(headers.map(|(name, value)| (name.clone(), value.clone())).collect()));
    }
}

impl Given {
    fn again(&self) -> HttpResponse {
        let mut answer = HttpResponse::SeeOther().finish();
        for (name, value) in &self.0 {
            answer.headers_mut().append(name.clone(), value.clone());
        }
        answer
    }
}

/// The second time the account would be there already, the link used up. Signing in is not among them: two phones are two
/// sessions.
fn brings_in(path: &str) -> bool {
    ["/join", "/welcome/", "/recover/"].into_iter().any(|begins| path.starts_with(begins))
}

fn holds_a_key(fields: &Fields) -> bool {
    ["password", "public_key"].into_iter().any(|name| fields.get(name).is_some_and(|value| !value.is_empty()))
}

fn fingerprint(path: &str, fields: &Fields) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    let mut add = |bytes: &[u8]| {
        context.update(&bytes.len().to_be_bytes());
        context.update(bytes);
    };
    add(path.as_bytes());
    for (name, value) in &fields.pairs {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    for file in &fields.files {
        add(file.field.as_bytes());
        add(&file.bytes);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_521_600);

    fn sent(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Fields { pairs, files: vec![] }
    }

    /// Whether it is done, and answered by leading on.
    async fn is_done(taps: &Taps, session: Option<Uuid>, path: &str, fields: &Fields, now: Timestamp) -> bool {
        match taps.turn(session, path, fields, now).await {
            Turn::First(kept) => {
                kept.keep(&HttpResponse::SeeOther().insert_header((header::LOCATION, "/on")).finish());
                true
            }
            Turn::Again(answer) => {
                assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/on");
                false
            }
        }
    }

    #[tokio::test]
    async fn the_same_in_a_row_is_done_once() {
        let (taps, one, other) = (Taps::default(), Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        let (soup, bread) = (sent(&[("text", "soup")]), sent(&[("text", "bread")]));
        assert!(is_done(&taps, one, "/a", &soup, NOON).await);
        assert!(!is_done(&taps, one, "/a", &soup, NOON).await);
        assert!(is_done(&taps, other, "/a", &soup, NOON).await, "somebody else");
        assert!(is_done(&taps, one, "/b", &soup, NOON).await, "elsewhere");
        assert!(is_done(&taps, one, "/a", &soup, NOON).await, "something else was done between");
        assert!(is_done(&taps, one, "/a", &bread, NOON).await);
        assert!(is_done(&taps, one, "/a", &bread, NOON + SOON).await, "they mean it");
        assert!(is_done(&taps, None, "/a", &soup, NOON).await);
        assert!(is_done(&taps, None, "/a", &soup, NOON).await, "two of a crowd");
        let joins = sent(&[("handle", "ana"), ("password", "soup at noon")]);
        assert!(is_done(&taps, None, "/join", &joins, NOON).await);
        assert!(!is_done(&taps, None, "/join", &joins, NOON).await);
        assert!(!is_done(&taps, one, "/join", &joins, NOON).await, "signed in by the first tap");
        assert!(is_done(&taps, None, "/sign-in", &joins, NOON).await);
        assert!(is_done(&taps, None, "/sign-in", &joins, NOON).await, "two phones");
    }

    #[tokio::test]
    async fn what_was_refused_is_looked_at_again_and_memory_ends() {
        let (taps, one) = (Taps::default(), Some(Uuid::from_u128(1)));
        let soup = sent(&[("text", "soup")]);
        let Turn::First(kept) = taps.turn(one, "/a", &soup, NOON).await else { panic!("the first") };
        kept.keep(&HttpResponse::UnprocessableEntity().finish());
        assert!(is_done(&taps, one, "/a", &soup, NOON).await);
        for number in 0..12_000 {
            assert!(is_done(&taps, Some(Uuid::from_u128(number + 2)), "/a", &soup, NOON).await);
        }
        assert!(taps.0.lock().unwrap().len() <= MOST);
        assert!(is_done(&taps, Some(Uuid::from_u128(20_000)), "/a", &soup, NOON + SOON).await);
        assert_eq!(taps.0.lock().unwrap().len(), 1, "the old ones went");
    }
}
