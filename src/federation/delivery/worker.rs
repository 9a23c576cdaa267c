//! Delivers what is queued: claims due hosts, gives each its turn, writes the outcomes in batches. Reads only rows; knows nothing
//! of what the activities say.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    courier::Courier,
    crew::{Answered, Crew},
    hosts::{self, Order},
    outcomes::{self, Change},
    round::Round,
};
use crate::{
    clock::{Clock, Timestamp},
    db::Db,
    error::Result,
    keys::Secret,
    metrics,
    net::Client,
    origin::Origin,
};

/// Deliveries on their way or whose outcome is not on disk yet: what a crash can make happen twice.
const IN_FLIGHT: usize = 256;
/// What all hosts that have their turn may together have on its way if nothing else held them back: somewhat more than there can
/// be, so that slow beginnings and ends leave no gap, and more still when newer work comes, so that it need not wait.
const BREADTH: usize = IN_FLIGHT + IN_FLIGHT / 2;
const BREADTH_WITH_NEWER: usize = 2 * IN_FLIGHT;
/// A host that has not answered for so long is not counted on.
const PROMPT: Duration = Duration::from_secs(1);
/// Outcomes are written when there are so many, or the first of them is so old, but one batch at a time: where writing is slow,
/// batches grow by themselves. What waits to be written counts as in flight, so long waits would leave the couriers idle.
const BATCH: usize = 48;
const BATCH_SPAN: Duration = Duration::from_millis(8);
/// How often we look for what other processes queued.
const LOOK: Duration = Duration::from_millis(500);
/// Time that what is in flight has when we stop, and then what is to be written.
const LAST_CALL: Duration = Duration::from_secs(8);
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// What became of the deliveries that were tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub delivered: usize,
    pub failed: usize,
}

/// Delivers for one process; any number of processes may do so on one database.
pub struct Worker {
    crew: Crew,
    db: Db,
    clock: Clock,
    wake: Arc<Notify>,
}

impl Worker {
    /// `wake` is to be notified after something was queued in this process.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(db: Db, client: Client, origin: Origin, clock: Clock, secret: Secret, wake: Arc<Notify>) -> Result<Self> {
        let crew = Crew::start(Courier::new(db.clone(), client, origin, clock.clone(), secret))?;
        Ok(Self { crew, db, clock, wake })
    }

    /// Delivers until `stop`; then what is in flight has 8 s, outcomes are written and hosts given back.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        Dispatch::new(self).run(Some(stop)).await;
    }

    /// Delivers all that is due now.
    ///
    /// # Errors
    /// When the database fails; what was claimed is due again after its lease.
    pub async fn drain(&self) -> Result<Tally> {
        let mut dispatch = Dispatch::new(self);
        dispatch.run(None::<std::future::Pending<()>>).await;
        match dispatch.trouble {
            Some(error) => Err(error),
            None => Ok(dispatch.tally),
        }
    }
}

/// Work with the database is done.
enum Event {
    Claimed(Result<(Timestamp, Vec<Round>)>),
    Written(Arc<Vec<Change>>, Result<Vec<Arc<str>>>),
}

/// A host that was claimed.
struct Turn {
    round: Round,
    begun: Instant,
    /// Stands in [`Dispatch::fresh`] or [`Dispatch::runnable`].
    queued: bool,
}

impl Turn {
    /// How many deliveries are likely to be on their way at once; one after the other as long as the host says nothing.
    fn breadth(&self) -> usize {
        match self.round.is_proven() {
            true => self.round.breadth(),
            false if self.begun.elapsed() < PROMPT => self.round.breadth().min(2),
            false => 1,
        }
    }
}

/// The loop and all it remembers. Everything slow runs as a task and comes back as an event.
struct Dispatch<'a> {
    worker: &'a Worker,
    on_their_way: usize,
    report: UnboundedSender<Answered>,
    reports: UnboundedReceiver<Answered>,
    tasks: JoinSet<Event>,
    turns: HashMap<u64, Turn>,
    next_turn: u64,
    /// Turns that have not begun: they go first, with one delivery each.
    fresh: VecDeque<u64>,
    /// Turns that may have more to send. Whoever was answered last goes first, because its connection is open.
    runnable: Vec<u64>,
    /// Outcomes not yet handed to the database, and since when the first of them waits.
    outcomes: Vec<Change>,
    waiting_since: Option<Instant>,
    writing: usize,
    claiming: bool,
    /// There may be hosts to claim; the latest that was claimed fell due then.
    more_due: bool,
    latest: Timestamp,
    stopping: bool,
    once: bool,
    tally: Tally,
    trouble: Option<crate::error::Error>,
}

impl<'a> Dispatch<'a> {
    fn new(worker: &'a Worker) -> Self {
        let (report, reports) = unbounded_channel();
        Self {
            worker,
            on_their_way: 0,
            report,
            reports,
            tasks: JoinSet::new(),
            turns: HashMap::new(),
            next_turn: 0,
            fresh: VecDeque::new(),
            runnable: Vec::new(),
            outcomes: Vec::new(),
            waiting_since: None,
            writing: 0,
            claiming: false,
            more_due: true,
            latest: Timestamp::from_micros(i64::MIN),
            stopping: false,
            once: false,
            tally: Tally::default(),
            trouble: None,
        }
    }

    /// Without `stop`: until nothing is due.
    async fn run(&mut self, stop: Option<impl Future<Output = ()>>) {
        self.once = stop.is_none();
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = async {
            match stop {
                Some(stop) => stop.await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(stopped);
        let mut last_call = None;
        let wake = self.worker.wake.clone();
        loop {
            self.launch();
            self.claim_if_idle();
            self.write_if_ripe();
            if self.is_finished() {
                return;
            }
            let ripe = self.waiting_since.filter(|_| self.writing == 0).map(|since| since + BATCH_SPAN);
            tokio::select! {
                Some(answered) = self.reports.recv() => self.answered_together(answered),
                Some(Ok(event)) = self.tasks.join_next() => self.take(event),
                () = until(ripe) => {}
                () = wake.notified(), if !self.once => self.look(),
                _ = looks.tick() => { self.look(); self.renew() }
                () = &mut stopped, if last_call.is_none() => {
                    self.stop();
                    last_call = Some(Instant::now() + LAST_CALL);
                }
                () = until(last_call) => {
                    if self.on_their_way == 0 {
                        tracing::error!("delivery stopped with outcomes that could not be written; those deliveries are repeated");
                        return;
                    }
                    self.abandon();
                    last_call = Some(Instant::now() + LAST_WORDS);
                }
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.worker.clock.now()
    }

    fn is_finished(&self) -> bool {
        if self.trouble.is_some() {
            return self.tasks.is_empty();
        }
        let idle = self.tasks.is_empty() && self.outcomes.is_empty() && self.turns.is_empty();
        idle && (self.stopping || (self.once && !self.more_due))
    }

    fn has_room(&self) -> bool {
        self.on_their_way + self.outcomes.len() + self.writing < IN_FLIGHT
    }

    /// Sends what may be sent, host after host, and ends the turns that have nothing more to send.
    fn launch(&mut self) {
        while self.has_room() {
            let Some(number) = self.fresh.pop_front().or_else(|| self.runnable.pop()) else { return };
            let Some(turn) = self.turns.get_mut(&number) else { continue };
            turn.queued = false;
            match turn.round.next() {
                Some(parcel) => {
                    self.on_their_way += 1;
                    self.worker.crew.carry(number, parcel, &self.report);
                    self.may_send(number);
                }
                None if turn.round.is_idle() => self.close(number),
                None => {}
            }
        }
    }

    fn may_send(&mut self, number: u64) {
        if let Some(turn) = self.turns.get_mut(&number).filter(|turn| !turn.queued) {
            turn.queued = true;
            self.runnable.push(number);
        }
    }

    /// Takes what else has come meanwhile, too: one look for many answers.
    fn answered_together(&mut self, first: Answered) {
        self.answered(first);
        while let Ok(answered) = self.reports.try_recv() {
            self.answered(answered);
        }
    }

    fn answered(&mut self, Answered { turn: number, delivery, carried }: Answered) {
        self.on_their_way -= 1;
        let now = self.now();
        let Some(turn) = self.turns.get_mut(&number) else { return };
        let mut changes: Vec<Change> = carried.taken.and_then(|scheme| turn.round.took(scheme)).into_iter().collect();
        changes.extend(turn.round.answered(delivery, carried.answer, now));
        changes.into_iter().for_each(|change| self.note(change));
        self.may_send(number);
    }

    fn close(&mut self, number: u64) {
        if let Some(turn) = self.turns.remove(&number) {
            let change = turn.round.close(self.now());
            self.note(change);
        }
    }

    fn note(&mut self, change: Change) {
        self.waiting_since.get_or_insert_with(Instant::now);
        self.outcomes.push(change);
    }

    fn claim_if_idle(&mut self) {
        if self.more_due && self.fresh.is_empty() && self.runnable.is_empty() && self.has_room() {
            self.claim(Order::Oldest, BREADTH);
        }
    }

    fn claim(&mut self, order: Order, breadth: usize) {
        let broken = self.trouble.is_some();
        if self.claiming || self.stopping || broken || self.turns.values().map(Turn::breadth).sum::<usize>() >= breadth {
            return;
        }
        self.claiming = true;
        self.more_due = false;
        let (db, now) = (self.worker.db.clone(), self.now());
        self.tasks.spawn(async move { Event::Claimed(claim(db, now, order).await) });
    }

    /// There may be new work: it gets its turn beside the backlog, not behind it.
    fn look(&mut self) {
        self.more_due = true;
        if !self.turns.is_empty() {
            self.claim(Order::After(self.latest.min(self.now())), BREADTH_WITH_NEWER);
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Claimed(claimed) => {
                self.claiming = false;
                match claimed {
                    Ok((latest, rounds)) => {
                        self.latest = self.latest.max(latest);
                        self.begin(rounds);
                    }
                    Err(error) => self.fail(error),
                }
            }
            Event::Written(changes, written) => {
                self.writing = 0;
                match written {
                    Ok(lost) => {
                        self.count(&changes);
                        self.let_go(|round| lost.contains(&round.host));
                    }
                    Err(error) => {
                        self.fail(error);
                        let newer = std::mem::take(&mut self.outcomes);
                        self.outcomes = changes.iter().cloned().chain(newer).collect();
                        self.waiting_since = Some(Instant::now() + LOOK);
                    }
                }
            }
        }
    }

    fn begin(&mut self, rounds: Vec<Round>) {
        self.more_due |= !rounds.is_empty();
        for round in rounds {
            self.turns.insert(self.next_turn, Turn { round, begun: Instant::now(), queued: true });
            self.fresh.push_back(self.next_turn);
            self.next_turn += 1;
        }
        if self.stopping {
            self.let_go(|_| true);
        }
    }

    fn let_go(&mut self, whose: impl Fn(&Round) -> bool) {
        for (number, turn) in self.turns.iter_mut().filter(|(_, turn)| whose(&turn.round)) {
            turn.round.let_go();
            if !std::mem::replace(&mut turn.queued, true) {
                self.runnable.push(*number);
            }
        }
    }

    fn fail(&mut self, error: crate::error::Error) {
        tracing::error!("delivery cannot use the database: {error}");
        if self.once {
            self.trouble = Some(error);
        }
    }

    fn count(&mut self, changes: &[Change]) {
        for change in changes {
            if let Some(outcome) = change.outcome() {
                metrics::count_delivery(outcome);
            }
            match change {
                Change::Delivered { .. } => self.tally.delivered += 1,
                Change::Waits { .. } | Change::SetAside { .. } | Change::Gone { .. } => self.tally.failed += 1,
                // what was given back may be due again
                Change::Release { .. } => self.more_due = true,
                Change::Renew { .. } | Change::Signed { .. } => {}
            }
        }
    }

    /// One deed at a time, so that outcomes reach the rows in their order.
    fn write_if_ripe(&mut self) {
        let Some(since) = self.waiting_since.filter(|_| self.writing == 0) else { return };
        let put_off = since > Instant::now();
        let enough = self.outcomes.len() >= BATCH || since.elapsed() >= BATCH_SPAN || self.on_their_way == 0;
        if put_off || !enough {
            return;
        }
        let changes = Arc::new(std::mem::take(&mut self.outcomes));
        self.waiting_since = None;
        self.writing = changes.len();
        let (db, now) = (self.worker.db.clone(), self.now());
        self.tasks.spawn(async move {
            let deed = changes.clone();
            let written = db.write(move |conn| Ok(outcomes::write(conn, now, &deed)?)).await;
            Event::Written(changes, written)
        });
    }

    fn renew(&mut self) {
        let now = self.now();
        let mut renewals = Vec::new();
        let rounds = self.turns.values_mut().map(|turn| &mut turn.round);
        for round in rounds.filter(|round| round.lease <= now + hosts::LEASE / 2) {
            let until = now + hosts::LEASE;
            renewals.push(Change::Renew { host: round.host.clone(), lease: round.lease, until });
            round.lease = until;
        }
        renewals.into_iter().for_each(|renewal| self.note(renewal));
    }

    fn stop(&mut self) {
        self.stopping = true;
        self.let_go(|_| true);
    }

    /// What is still in flight is sent again by whoever claims it next.
    fn abandon(&mut self) {
        (self.report, self.reports) = unbounded_channel();
        self.on_their_way = 0;
        for (_, turn) in std::mem::take(&mut self.turns) {
            let change = turn.round.abandon();
            self.note(change);
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Claims hosts and reads what is due for them; says when the latest of them fell due. Reads before it writes: when nothing is due,
/// nothing is written.
async fn claim(db: Db, now: Timestamp, order: Order) -> Result<(Timestamp, Vec<Round>)> {
    let mut latest = Timestamp::from_micros(i64::MIN);
    if !db.read(move |conn| Ok(hosts::any_due(conn, now)?)).await? {
        return Ok((latest, Vec::new()));
    }
    let claims = db.write(move |conn| Ok(hosts::claim(conn, now, order)?)).await?;
    db.read(move |conn| {
        let mut rounds = Vec::new();
        for claim in claims {
            latest = latest.max(claim.next_try);
            let due = hosts::due_deliveries(conn, &claim.host, now)?;
            rounds.push(Round::new(claim, due));
        }
        Ok((latest, rounds))
    })
    .await
}
