//! One turn of one host: which of its deliveries goes out next, and what the answers mean for them and for it. Pure: knows neither
//! rows nor network.

use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{
    hosts::{Claim, Health},
    outcomes::Change,
    policy::{self, Answer, HostVerdict, Meaning, Past, Verdict},
};
use crate::{clock::Timestamp, federation::signature::Scheme};

/// Inboxes of one host that are written to at the same time.
const ABREAST: usize = 4;
/// After so many failures with no success among them the host is left alone for a while.
const STRIKES: usize = 2;

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub inbox: Arc<str>,
    pub activity: i64,
    pub object: Arc<str>,
    pub past: Past,
}

/// What is to be sent now.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub id: i64,
    pub inbox: Arc<str>,
    pub activity: i64,
    /// What the host took last.
    pub scheme: Scheme,
    /// Nothing more follows on this connection.
    pub last: bool,
}

/// Why a turn is over before its deliveries are.
#[derive(Debug)]
enum End {
    /// The host fails, or asks for a pause.
    Failing(Answer),
    /// We stop, or the host is no longer ours.
    LetGo,
}

#[derive(Debug)]
pub struct Round {
    pub host: Arc<str>,
    pub lease: Timestamp,
    scheme: Scheme,
    fails: i64,
    failing_since: Option<Timestamp>,
    /// How many inboxes the deliveries are for.
    inboxes: usize,
    ready: VecDeque<Row>,
    in_flight: Vec<Row>,
    /// Connections that the next deliveries can use.
    open: usize,
    /// Inbox and object of what failed: what comes after it about the same must wait.
    held: HashSet<(Arc<str>, Arc<str>)>,
    /// The host took something, or answered about something: it is well.
    proven: bool,
    /// Failures that may be the activity's fault or the host's.
    strikes: Vec<(Row, Answer)>,
    end: Option<End>,
}

impl Round {
    /// `rows` in the order in which they should go out.
    pub fn new(claim: Claim, rows: Vec<Row>) -> Self {
        Self {
            host: claim.host.into(),
            lease: claim.lease_until,
            scheme: Scheme::from_name(&claim.scheme),
            fails: claim.fails,
            failing_since: claim.failing_since,
            inboxes: rows.iter().map(|row| &row.inbox).collect::<HashSet<_>>().len(),
            ready: rows.into(),
            in_flight: Vec::new(),
            open: 0,
            held: HashSet::new(),
            proven: false,
            strikes: Vec::new(),
            end: None,
        }
    }

    /// What should be sent now, beside what is on its way. A host shows that it is well before several of its inboxes are written
    /// to at once.
    pub fn next(&mut self) -> Option<Parcel> {
        let abreast = if self.proven { ABREAST } else { 1 };
        if self.end.is_some() || self.in_flight.len() >= abreast {
            return None;
        }
        let index = match self.strikes.first() {
            Some((struck, _)) => self.another(struck.activity)?,
            None => self.ready.iter().position(|row| self.is_free(row))?,
        };
        let row = self.ready.remove(index)?;
        let (id, inbox, activity) = (row.id, row.inbox.clone(), row.activity);
        self.in_flight.push(row);
        self.open = self.open.max(self.in_flight.len());
        let last = self.ready.len() < self.open;
        self.open -= usize::from(last);
        Some(Parcel { id, inbox, activity, scheme: self.scheme, last })
    }

    fn is_free(&self, row: &Row) -> bool {
        self.in_flight.iter().all(|other| other.inbox != row.inbox)
            && (self.held.is_empty() || !self.held.contains(&(row.inbox.clone(), row.object.clone())))
    }

    /// Something else than the activity that failed, each time a different one, so that no few of them make a host seem ill.
    fn another(&self, failed: i64) -> Option<usize> {
        let mut seen = HashSet::new();
        let first_about = self.ready.iter().enumerate().filter(|(_, row)| seen.insert((&row.inbox, &row.object)));
        let choice: Vec<usize> =
            first_about.filter(|(_, row)| row.activity != failed && self.is_free(row)).map(|(index, _)| index).collect();
        let turn = usize::try_from(self.fails).unwrap_or(0).checked_rem(choice.len())?;
        choice.get(turn).copied()
    }

    /// The host took a signature of this scheme; from now on it gets no other.
    pub fn took(&mut self, scheme: Scheme) -> Option<Change> {
        (std::mem::replace(&mut self.scheme, scheme) != scheme).then(|| Change::Signed { host: self.host.clone(), scheme })
    }

    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// How many deliveries may be on their way at once, when the host is well.
    pub fn breadth(&self) -> usize {
        ABREAST.min(self.inboxes).min(self.in_flight.len() + self.ready.len())
    }

    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Nothing more is sent in this turn.
    pub fn let_go(&mut self) {
        self.end.get_or_insert(End::LetGo);
    }

    /// Takes in what came back for a delivery, and says what becomes of it, and of those that waited for this answer.
    pub fn answered(&mut self, id: i64, answer: Answer, now: Timestamp) -> Vec<Change> {
        let Some(index) = self.in_flight.iter().position(|row| row.id == id) else { return Vec::new() };
        let row = self.in_flight.swap_remove(index);
        match policy::meaning(&answer) {
            Meaning::Taken | Meaning::Refused => {
                self.proven = true;
                let mut changes = vec![self.settle(row, &answer, now)];
                let strikes = std::mem::take(&mut self.strikes);
                changes.extend(strikes.into_iter().map(|(row, answer)| self.settle(row, &answer, now)));
                changes
            }
            Meaning::Unasked => vec![self.settle(row, &answer, now)],
            Meaning::Busy => {
                self.end = Some(End::Failing(answer));
                Vec::new()
            }
            Meaning::Away | Meaning::Troubled if self.proven => {
                if policy::meaning(&answer) == Meaning::Away {
                    self.let_go();
                }
                vec![self.settle(row, &answer, now)]
            }
            Meaning::Away => {
                self.end.get_or_insert(End::Failing(answer));
                Vec::new()
            }
            Meaning::Troubled => {
                self.held.insert((row.inbox.clone(), row.object.clone()));
                self.strikes.push((row, answer.clone()));
                if self.strikes.len() >= STRIKES {
                    self.end.get_or_insert(End::Failing(answer));
                }
                Vec::new()
            }
        }
    }

    fn settle(&mut self, row: Row, answer: &Answer, now: Timestamp) -> Change {
        let past = row.past.and(answer, now);
        match policy::after(answer, &row.past, now, self.chance(row.id)) {
            Verdict::Done => Change::Delivered { id: row.id, inbox: row.inbox },
            Verdict::Again(until) => {
                self.held.insert((row.inbox.clone(), row.object));
                Change::Waits { id: row.id, until, past, error: answer.to_string() }
            }
            Verdict::SetAside => Change::SetAside { id: row.id, past, why: answer.to_string() },
            Verdict::Gone => {
                self.ready.retain(|other| other.inbox != row.inbox);
                Change::Gone { inbox: row.inbox }
            }
        }
    }

    /// Ends the turn, when nothing is in flight: how the host did.
    pub fn close(mut self, now: Timestamp) -> Change {
        let health = match self.end.take() {
            Some(End::Failing(answer)) => self.failing(&answer, now),
            Some(End::LetGo) | None if self.proven => Health::Well,
            Some(End::LetGo) => Health::Same,
            // the only activity there is failed, and nothing else could show whose fault it is
            None => match self.strikes.pop() {
                Some((_, answer)) => self.failing(&answer, now),
                None => Health::Same,
            },
        };
        Change::Release { host: self.host, lease: self.lease, health }
    }

    /// Ends the turn though answers are outstanding.
    pub fn abandon(self) -> Change {
        Change::Release { host: self.host, lease: self.lease, health: Health::Same }
    }

    fn failing(&self, answer: &Answer, now: Timestamp) -> Health {
        let (fails, since) = match self.proven {
            true => (1, now),
            false => (self.fails.saturating_add(1), self.failing_since.unwrap_or(now)),
        };
        let error = answer.to_string();
        match policy::host_after(answer, fails, since, now, self.chance(fails)) {
            HostVerdict::Again(next_try) => Health::Failing { fails, since, next_try, error },
            HostVerdict::Dead => Health::Dead { error },
        }
    }

    /// In 0..1, different for each host and occasion, so that not all are tried again at once.
    fn chance(&self, occasion: i64) -> f64 {
        let mut hasher = DefaultHasher::new();
        (&self.host, occasion, self.lease).hash(&mut hasher);
        f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}
