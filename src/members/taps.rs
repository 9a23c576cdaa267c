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
use aws_lc_rs::{
    hmac::{self, Context, HMAC_SHA256},
    rand::SystemRandom,
};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::{clock::Timestamp, web::form::Fields};

/// Whoever sends the same after this time means it.
const SOON: Duration = Duration::from_secs(10);
/// In memory, per process; beyond them a second tap is taken as before.
const MOST: usize = 10_000;
/// What is older than [`SOON`] goes when something new comes, but is not looked for more often.
const SWEEP: Duration = Duration::from_secs(1);

/// What was sent last, by whom, and the answer to it.
pub struct Taps {
    /// Of this process alone: who reads its memory later guesses no password from what is left there. Without randomness nothing is
    /// kept.
    key: Option<hmac::Key>,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    last: HashMap<Sender, Last>,
    swept: Timestamp,
}

impl Default for Taps {
    fn default() -> Self {
        Self { key: hmac::Key::generate(HMAC_SHA256, &SystemRandom::new()).ok(), all: Mutex::default() }
    }
}

/// A session; or, of what brings a new session and can be sent but once, whoever knows the password or passkey in it.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Sender {
    Session(Uuid),
    Keeper([u8; 32]),
}

struct Last {
    sent: [u8; 32],
    when: Timestamp,
    /// It is about people of a group, who do to each other what is undone again.
    of_people: bool,
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
        let Some(sent) = self.fingerprint(path, fields) else { return Turn::First(Kept(None)) };
        let sender = match session {
            _ if ends_or_begins(path, fields) => Sender::Keeper(sent),
            Some(session) => Sender::Session(session),
            // a crowd says the same, and each of them means it
            None => return Turn::First(Kept(None)),
        };
        let Some(answer) = self.last(sender, sent, path, now) else { return Turn::First(Kept(None)) };
        let held = answer.lock_owned().await;
        match held.as_ref() {
            Some(given) => Turn::Again(given.again()),
            None => Turn::First(Kept(Some(held))),
        }
    }

    /// The answer to the same a moment ago, for somebody whose session ended by it.
    pub async fn again(&self, path: &str, fields: &Fields, now: Timestamp) -> Option<HttpResponse> {
        let sent = self.fingerprint(path, fields).filter(|_| ends_or_begins(path, fields))?;
        let answer = {
            let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            let last = all.last.get(&Sender::Keeper(sent)).filter(|last| now.since(last.when) < SOON)?;
            Arc::clone(&last.answer)
        };
        answer.lock_owned().await.as_ref().map(Given::again)
    }

    /// Where the answer is kept; a new place unless exactly this was the last that came from there.
    fn last(&self, sender: Sender, sent: [u8; 32], path: &str, now: Timestamp) -> Option<Arc<tokio::sync::Mutex<Option<Given>>>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = all.last.get(&sender).filter(|last| last.sent == sent && now.since(last.when) < SOON) {
            return Some(last.answer.clone());
        }
        if now.since(all.swept) >= SWEEP {
            all.last.retain(|_, last| now.since(last.when) < SOON);
            all.swept = now;
        }
        let of_people = path.starts_with("/ours/@") && path.contains("/people/");
        if of_people {
            // whoever takes the same power again after somebody gave it back means it
            all.last.retain(|_, last| !last.of_people);
        }
        if all.last.len() >= MOST {
            return None;
        }
        let answer = Arc::default();
        all.last.insert(sender, Last { sent, when: now, of_people, answer: Arc::clone(&answer) });
        Some(answer)
    }

    fn fingerprint(&self, path: &str, fields: &Fields) -> Option<[u8; 32]> {
        let mut context = Context::with_key(self.key.as_ref()?);
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
        context.sign().as_ref().try_into().ok()
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

/// What is done by it cannot be done twice, whoever is signed in meanwhile, and nobody else knows what it holds: the second time the
/// account would be there already or gone, the link used up, the session another one. Signing in is not among them: two phones are
/// two sessions.
fn ends_or_begins(path: &str, fields: &Fields) -> bool {
    let holds = |names: &[&str]| names.iter().any(|name| fields.get(name).is_some_and(|value| !value.is_empty()));
    match path.split('?').next().unwrap_or(path) {
        // what forms of a session carry is known to it alone
        "/me/password" | "/me/leave" => holds(&["csrf"]),
        path => {
            ["/join", "/welcome/", "/recover/"].into_iter().any(|begins| path.starts_with(begins))
                && holds(&["password", "public_key"])
        }
    }
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
        assert!(taps.all.lock().unwrap().last.len() <= MOST);
        assert!(is_done(&taps, Some(Uuid::from_u128(20_000)), "/a", &soup, NOON + SOON).await);
        assert_eq!(taps.all.lock().unwrap().last.len(), 1, "the old ones went");
    }

    #[tokio::test]
    async fn a_few_are_forgotten_as_soon_as_many_and_no_process_knows_them_by_the_same_print() {
        let (taps, other) = (Taps::default(), Taps::default());
        let soup = sent(&[("name", "ana"), ("password", "soup at noon")]);
        assert!(is_done(&taps, None, "/join", &soup, NOON).await);
        assert!(is_done(&taps, Some(Uuid::from_u128(1)), "/a", &soup, NOON + SOON).await);
        assert_eq!(taps.all.lock().unwrap().last.len(), 1, "cookies do not lie there longer than they are good for");
        assert_ne!(taps.fingerprint("/join", &soup).unwrap(), other.fingerprint("/join", &soup).unwrap());
    }

    #[tokio::test]
    async fn what_ends_a_session_is_answered_again_without_it() {
        let (taps, one) = (Taps::default(), Some(Uuid::from_u128(1)));
        for path in ["/me/password", "/me/leave"] {
            let typed = sent(&[("password", "soup at noon"), ("csrf", "secret")]);
            assert!(taps.again(path, &typed, NOON).await.is_none(), "nothing was done yet");
            assert!(is_done(&taps, one, path, &typed, NOON).await);
            assert!(taps.again(path, &typed, NOON).await.is_some());
            assert!(!is_done(&taps, Some(Uuid::from_u128(2)), path, &typed, NOON).await, "in the session that it began");
            assert!(taps.again(path, &sent(&[("password", "soup at noon"), ("csrf", "guess")]), NOON).await.is_none());
            assert!(taps.again(path, &typed, NOON + SOON).await.is_none());
        }
        let soup = sent(&[("text", "soup"), ("csrf", "secret")]);
        assert!(is_done(&taps, one, "/a", &soup, NOON).await);
        assert!(taps.again("/a", &soup, NOON).await.is_none(), "what takes a session does");
    }

    #[tokio::test]
    async fn power_that_was_given_back_can_be_taken_again_at_once() {
        let (taps, one, other) = (Taps::default(), Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        let (taken, back) = ("/ours/@kitchen/people/bo/phone-taken", "/ours/@kitchen/people/bo/give-back");
        let nothing = sent(&[("sure", "yes")]);
        assert!(is_done(&taps, one, taken, &nothing, NOON).await);
        assert!(!is_done(&taps, one, taken, &nothing, NOON).await, "one tap too many");
        assert!(is_done(&taps, other, back, &nothing, NOON).await);
        assert!(is_done(&taps, one, taken, &nothing, NOON).await, "they mean it");
    }
}
