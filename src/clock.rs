//! The only place that asks what time it is; a point in time as the whole program carries it.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, the form in which it stands in the database.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Later than anything that happens: what is due `NEVER` is not due.
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    pub(crate) const fn as_micros(&self) -> &i64 {
        &self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// The midnight before, in UTC.
    pub const fn day(self) -> Self {
        Self::from_seconds(self.seconds() - self.seconds().rem_euclid(24 * 3_600))
    }

    /// In UTC. What chrono cannot hold (some 262,000 years away) becomes its last moment.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// `2026-11-24T23:00:00Z`, as ActivityStreams documents carry it.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Time from `earlier` to this; nothing when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Tells the time; tests stop it and move it by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    stopped_at: Option<Arc<AtomicI64>>,
}

impl Clock {
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Clock::advance`].
    pub fn stopped_at(time: Timestamp) -> Self {
        Self { stopped_at: Some(Arc::new(AtomicI64::new(time.micros()))) }
    }

    /// Moves a stopped clock; the system's clock is left alone.
    pub fn advance(&self, span: Duration) {
        if let Some(stopped) = &self.stopped_at {
            stopped.fetch_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    pub fn now(&self) -> Timestamp {
        match &self.stopped_at {
            Some(time) => Timestamp(time.load(Ordering::SeqCst)),
            #[allow(clippy::disallowed_methods)] // the one place that asks
            None => Utc::now().into(),
        }
    }
}
