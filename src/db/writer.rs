//! The one thread that writes to SQLite: it takes all waiting deeds, runs each in a savepoint, commits once, then answers them all.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use tokio::sync::oneshot;

use super::{Conn, diesel_error, pool, transaction};
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
    metrics,
};

/// A batch ends at so many deeds, or when it has taken so long.
const DEEDS: usize = 256;
const SPAN: Duration = Duration::from_millis(5);
/// Deeds that may wait; beyond them the asker waits.
const WAITING: usize = 4096;

/// The writer is gone, or the disk let it down.
#[derive(Debug, thiserror::Error)]
#[error("writing has stopped")]
pub struct Stopped;

pub struct Writer {
    deeds: Mutex<Option<mpsc::SyncSender<Box<dyn Deed>>>>,
    failed: std::sync::Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A deed waiting for its turn and its asker.
trait Deed: Send {
    /// Runs in a savepoint of the current transaction and keeps the outcome; `Err` when the savepoint was rolled back.
    fn run(&mut self, conn: &mut Conn) -> Result<(), Undone>;
    /// Runs in a transaction of its own.
    fn run_alone(&mut self, conn: &mut Conn);
    fn refuse(&mut self, why: Error);
    /// Hands the outcome to the asker.
    fn answer(self: Box<Self>);
}

/// A savepoint was rolled back.
struct Undone;

struct Asked<T, F> {
    deed: F,
    outcome: Option<Result<T>>,
    asker: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&mut Conn) -> Result<T> + Send> Deed for Asked<T, F> {
    fn run(&mut self, conn: &mut Conn) -> Result<(), Undone> {
        let outcome = conn.transaction(|conn| guarded(|| (self.deed)(conn)));
        let undone = outcome.is_err();
        self.outcome = Some(outcome);
        if undone { Err(Undone) } else { Ok(()) }
    }

    fn run_alone(&mut self, conn: &mut Conn) {
        self.outcome = Some(transaction(conn, "BEGIN IMMEDIATE", |conn| guarded(|| (self.deed)(conn))));
    }

    fn refuse(&mut self, why: Error) {
        self.outcome = Some(Err(why));
    }

    fn answer(self: Box<Self>) {
        // an asker that went away needs no answer
        let _ = self.asker.send(self.outcome.unwrap_or_else(|| Err(Error::broken(Stopped))));
    }
}

/// A panic in one deed is that deed's failure, not the writer's.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::broken("a deed panicked")))
}

impl Writer {
    pub fn start(url: DatabaseUrl, conn: Conn) -> Result<Self> {
        let (sender, deeds) = mpsc::sync_channel::<Box<dyn Deed>>(WAITING);
        let failed = std::sync::Arc::new(AtomicBool::new(false));
        let mut desk = Desk { url, conn, failed: failed.clone() };
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            while let Ok(first) = deeds.recv() {
                desk.take(first, &deeds);
            }
        })?;
        Ok(Self { deeds: Mutex::new(Some(sender)), failed, thread: Mutex::new(Some(thread)) })
    }

    pub async fn write<T: Send + 'static>(&self, deed: impl Fn(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        let (asker, answer) = oneshot::channel();
        let mut asked: Box<dyn Deed> = Box::new(Asked { deed, outcome: None, asker });
        loop {
            let sender = self.deeds.lock().map_err(|_| Error::broken(Stopped))?.clone().ok_or_else(|| Error::broken(Stopped))?;
            match sender.try_send(asked) {
                Ok(()) => break,
                Err(mpsc::TrySendError::Full(back)) => asked = back,
                Err(mpsc::TrySendError::Disconnected(_)) => return Err(Error::broken(Stopped)),
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        answer.await.map_err(|_| Error::broken(Stopped))?
    }

    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    /// What was asked for is still done.
    fn drop(&mut self) {
        if let Ok(mut sender) = self.deeds.lock() {
            sender.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// What the writer's thread works with.
struct Desk {
    url: DatabaseUrl,
    conn: Conn,
    failed: std::sync::Arc<AtomicBool>,
}

impl Desk {
    fn take(&mut self, first: Box<dyn Deed>, waiting: &mpsc::Receiver<Box<dyn Deed>>) {
        let mut batch = vec![first];
        if self.failed.load(Ordering::Relaxed) {
            batch.iter_mut().for_each(|deed| deed.refuse(Error::broken(Stopped)));
        } else if self.run_together(&mut batch, waiting).is_err() {
            self.run_each(&mut batch);
        }
        batch.into_iter().for_each(Deed::answer);
    }

    /// Fills the batch from `waiting` while it runs. `Err`: the batch is gone, nothing of it was kept, nobody was told.
    fn run_together(&mut self, batch: &mut Vec<Box<dyn Deed>>, waiting: &mpsc::Receiver<Box<dyn Deed>>) -> Result<()> {
        let Conn::Sqlite(c) = &mut self.conn else { return Err(Error::broken("the writer is for SQLite")) };
        AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?;
        let started = Instant::now();
        let mut next = 0;
        while let Some(deed) = batch.get_mut(next) {
            if deed.run(&mut self.conn).is_err() && self.batch_is_gone() {
                return Err(Error::broken("the batch was rolled back"));
            }
            next += 1;
            if next == batch.len() && next < DEEDS && started.elapsed() < SPAN {
                batch.extend(waiting.try_recv());
            }
        }
        let committing = Instant::now();
        if let Err(error) = <Conn as Connection>::TransactionManager::commit_transaction(&mut self.conn) {
            let error = Error::from(error);
            self.note_failure(&error);
            let _ = <Conn as Connection>::TransactionManager::rollback_transaction(&mut self.conn);
            return Err(error);
        }
        metrics::measure_commit(batch.len(), committing.elapsed());
        Ok(())
    }

    /// Whether anything but the batch's own transaction is open. SQLite rolls a whole transaction back by itself when the disk is
    /// full or memory is short, and diesel notices when it cannot roll back to its savepoint; a savepoint begun after that would
    /// be a transaction of its own, and released for good. A panic may leave savepoints open.
    fn batch_is_gone(&mut self) -> bool {
        let Conn::Sqlite(c) = &mut self.conn else { return true };
        let depth = AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth();
        !matches!(depth, Ok(Some(depth)) if depth.get() == 1)
    }

    fn run_each(&mut self, batch: &mut [Box<dyn Deed>]) {
        for deed in batch {
            if let Err(error) = self.renew_if_broken() {
                deed.refuse(error);
            } else if self.failed.load(Ordering::Relaxed) {
                deed.refuse(Error::broken(Stopped));
            } else {
                deed.run_alone(&mut self.conn);
            }
        }
    }

    fn renew_if_broken(&mut self) -> Result<()> {
        let Conn::Sqlite(c) = &mut self.conn else { return Ok(()) };
        let depth = AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth();
        if !matches!(depth, Ok(None)) {
            self.conn = pool::open(&self.url, pool::Use::Write)?;
        }
        Ok(())
    }

    /// After a failed sync of the disk nobody knows what it holds: never report success again.
    fn note_failure(&self, error: &Error) {
        if let Some(diesel::result::Error::DatabaseError(_, info)) = diesel_error(error)
            && info.message().contains("disk I/O error")
        {
            tracing::error!("the disk failed to keep what was written; no more writing until the program is started again");
            self.failed.store(true, Ordering::Relaxed);
        }
    }
}
