//! One fetch of an address at a time, and a short memory of what failed or was of no use; knows nothing of how fetching is done.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use url::Url;

use super::{
    actor_document::ActorDocument,
    fetch::{self, FetchError, Fetched, Signer},
};
use crate::{clock::Timestamp, net::Client};

const FAILURES_LAST: Duration = Duration::from_secs(5 * 60);
const MOST_FAILURES: usize = 10_000;
/// Strangers may make us ask one server so often within [`ASKING`], whoever they say they are.
const MOST_QUESTIONS: u32 = 1_000;
const ASKING: Duration = Duration::from_secs(5 * 60);
/// Servers whose questions are counted at a time.
const MOST_COUNTED: usize = 10_000;
const DOUBTS_LAST: Duration = Duration::from_secs(5 * 60);
/// Who follows whom is compared with what one actor says but so often.
const BETWEEN_COMPARISONS: Duration = Duration::from_secs(3_600);
/// A document with the longest keys takes less than 50 kB.
const MOST_DOUBTS: usize = 256;

type Outcome = Result<Arc<Fetched>, FetchError>;
type Work = BoxFuture<'static, Outcome>;

/// What is being fetched now and what failed lately. Clones share it.
#[derive(Clone)]
pub struct Flights {
    /// A fetch nobody waits for any more is given up.
    air: Arc<Mutex<HashMap<String, WeakShared<Work>>>>,
    failures: Arc<Mutex<Recent<FetchError>>>,
    doubts: Arc<Mutex<Recent<ActorDocument>>>,
    /// Since when, and how many.
    questions: Arc<Mutex<HashMap<String, (Timestamp, u32)>>>,
    compared: Arc<Mutex<Recent<()>>>,
}

impl Default for Flights {
    fn default() -> Self {
        Self {
            air: Arc::default(),
            failures: Arc::new(Mutex::new(Recent::new(FAILURES_LAST, MOST_FAILURES))),
            doubts: Arc::new(Mutex::new(Recent::new(DOUBTS_LAST, MOST_DOUBTS))),
            questions: Arc::default(),
            compared: Arc::new(Mutex::new(Recent::new(BETWEEN_COMPARISONS, MOST_COUNTED))),
        }
    }
}

impl Flights {
    /// [`fetch::document`], unless the same address is being fetched (then that outcome is shared) or failed within
    /// the last five minutes (then it fails alike without asking).
    pub async fn document(&self, client: &Client, signer: &Signer, now: Timestamp, url: &str) -> Outcome {
        let (client, signer, address) = (client.clone(), signer.clone(), url.to_owned());
        let fetch = async move { fetch::document(&client, &signer, now, &address).await.map(Arc::new) };
        self.share(url, now, fetch).await
    }

    /// May a stranger make us ask this host once more? Else anybody could let us flood a third server with questions.
    pub fn may_ask(&self, host: &str, now: Timestamp) -> bool {
        let mut questions = lock(&self.questions);
        if questions.len() >= MOST_COUNTED {
            questions.retain(|_, (since, _)| now.since(*since) < ASKING);
        }
        if questions.len() >= MOST_COUNTED && !questions.contains_key(host) {
            return false;
        }
        let (since, asked) = questions.entry(host.to_owned()).or_insert((now, 0));
        if now.since(*since) >= ASKING {
            (*since, *asked) = (now, 0);
        }
        *asked += 1;
        *asked <= MOST_QUESTIONS
    }

    /// May what this actor says of who follows it make us read its list once more?
    pub fn may_compare(&self, actor: &Url, now: Timestamp) -> bool {
        let mut compared = lock(&self.compared);
        let may = compared.get(actor.as_str(), now).is_none();
        if may {
            compared.put(actor.as_str(), (), now);
        }
        may
    }

    /// What the server of an actor said of it, when that did not bear out what came in its name.
    pub fn doubt(&self, actor: &Url, document: ActorDocument, now: Timestamp) {
        lock(&self.doubts).first(actor.as_str(), document, now);
    }

    /// What was put away so within the last five minutes.
    pub fn doubted(&self, actor: &Url, now: Timestamp) -> Option<ActorDocument> {
        lock(&self.doubts).get(actor.as_str(), now).cloned()
    }

    async fn share(&self, key: &str, now: Timestamp, work: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
        if let Some(error) = lock(&self.failures).get(key, now) {
            return Err(error.clone());
        }
        let flight = self.board(key, work);
        let outcome = flight.clone().await;
        if self.land(key, &flight)
            && let Err(error) = &outcome
        {
            lock(&self.failures).put(key, error.clone(), now);
        }
        outcome
    }

    fn board(&self, key: &str, work: impl Future<Output = Outcome> + Send + 'static) -> Shared<Work> {
        let mut air = lock(&self.air);
        if let Some(flight) = air.get(key).and_then(WeakShared::upgrade) {
            return flight;
        }
        air.retain(|_, flight| flight.upgrade().is_some());
        let flight = work.boxed().shared();
        if let Some(handle) = flight.downgrade() {
            air.insert(key.to_owned(), handle);
        }
        flight
    }

    /// Was this the first to see the outcome?
    fn land(&self, key: &str, flight: &Shared<Work>) -> bool {
        let mut air = lock(&self.air);
        let is_first = air.get(key).and_then(WeakShared::upgrade).is_some_and(|current| current.ptr_eq(flight));
        if is_first {
            air.remove(key);
        }
        is_first
    }
}

/// The data behind a lock is whole even if a thread died holding it: every change is one insertion or removal.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers the newest things for a while, and never more than so many.
#[derive(Debug)]
pub struct Recent<T> {
    lasts: Duration,
    most: usize,
    known: HashMap<Arc<str>, Memory<T>>,
    /// Oldest first; an entry counts only while `known` has it with the same number.
    order: VecDeque<(u64, Arc<str>)>,
    number: u64,
}

#[derive(Debug)]
struct Memory<T> {
    since: Timestamp,
    number: u64,
    value: T,
}

impl<T> Recent<T> {
    pub fn new(lasts: Duration, most: usize) -> Self {
        Self { lasts, most, known: HashMap::new(), order: VecDeque::new(), number: 0 }
    }

    pub fn get(&self, key: &str, now: Timestamp) -> Option<&T> {
        self.known.get(key).filter(|memory| now < memory.since + self.lasts).map(|memory| &memory.value)
    }

    pub fn put(&mut self, key: &str, value: T, now: Timestamp) {
        let key: Arc<str> = key.into();
        self.number += 1;
        self.known.insert(key.clone(), Memory { since: now, number: self.number, value });
        self.order.push_back((self.number, key));
        while let Some((number, oldest)) = self.order.front() {
            let memory = self.known.get(oldest).filter(|memory| memory.number == *number);
            if self.order.len() <= self.most && memory.is_some_and(|memory| now < memory.since + self.lasts) {
                break;
            }
            if memory.is_some() {
                self.known.remove(oldest);
            }
            self.order.pop_front();
        }
    }

    /// Is this the first time within the while? Notes that it was, so that the next one is not.
    pub fn first(&mut self, key: &str, value: T, now: Timestamp) -> bool {
        let is_first = self.get(key, now).is_none();
        if is_first {
            self.put(key, value, now);
        }
        is_first
    }

    pub fn forget(&mut self, key: &str) {
        self.known.remove(key);
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_500_000);

    fn gone(count: &Arc<AtomicUsize>) -> impl Future<Output = Outcome> + Send + 'static {
        let count = count.clone();
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            Err(FetchError::Gone)
        }
    }

    #[test]
    fn strangers_do_not_make_us_flood_a_server_with_questions() {
        let flights = Flights::default();
        assert_eq!((0..5_000).filter(|_| flights.may_ask("victim.example", NOW)).count(), 1_000);
        assert!(flights.may_ask("other.example", NOW), "others are asked all the same");
        assert!(flights.may_ask("victim.example", NOW + ASKING), "and the victim again later");
        for number in 0..20_000 {
            flights.may_ask(&format!("{number}.example"), NOW + ASKING);
        }
        assert!(lock(&flights.questions).len() <= MOST_COUNTED);
    }

    #[tokio::test]
    async fn who_asks_at_once_shares_one_fetch_and_a_failure_is_remembered() {
        let (flights, count) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let many = (0..100).map(|_| flights.share("https://a.example/", NOW, gone(&count)));
        assert!(futures_util::future::join_all(many).await.iter().all(|outcome| *outcome == Err(FetchError::Gone)));
        assert_eq!(count.load(Ordering::SeqCst), 1);

        let just_before = NOW + Duration::from_secs(299);
        assert_eq!(flights.share("https://a.example/", just_before, gone(&count)).await, Err(FetchError::Gone));
        assert_eq!(count.load(Ordering::SeqCst), 1, "remembered");
        let _ = flights.share("https://a.example/", NOW + Duration::from_secs(300), gone(&count)).await;
        let _ = flights.share("https://b.example/", NOW, gone(&count)).await;
        assert_eq!(count.load(Ordering::SeqCst), 3, "forgotten, and another address");
        assert!(lock(&flights.air).is_empty());
    }

    #[tokio::test]
    async fn a_fetch_goes_on_when_the_first_who_asked_gives_up() {
        let (flights, count) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let (first, second) = (flights.clone(), flights.clone());
        let mut leader = Box::pin(first.share("https://a.example/", NOW, gone(&count)));
        assert!(futures_util::poll!(&mut leader).is_pending());
        let mut follower = Box::pin(second.share("https://a.example/", NOW, gone(&count)));
        let _ = futures_util::poll!(&mut follower);
        drop(leader);
        assert_eq!(follower.await, Err(FetchError::Gone));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn memory_is_bounded_in_number_and_time() {
        let mut recent = Recent::new(Duration::from_secs(60), 100);
        for number in 0..10_000 {
            recent.put(&format!("{number}"), (), NOW);
            recent.put("again", (), NOW);
        }
        assert!(recent.len() <= 100 && recent.order.len() <= 100);
        assert!(recent.get("again", NOW).is_some());
        recent.put("later", (), NOW + Duration::from_secs(60));
        assert_eq!((recent.len(), recent.order.len()), (1, 1));
        assert!(!recent.first("later", (), NOW + Duration::from_secs(61)));
        assert!(recent.first("later", (), NOW + Duration::from_secs(120)));
    }
}
