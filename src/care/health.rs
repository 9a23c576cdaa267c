//! How the place is, as it was found last: looked at once a day and when somebody asks, since it takes seconds.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::NaiveDate;
use diesel::QueryResult;
use serde::{Deserialize, Serialize};

use crate::{
    app::{App, keep_setting, setting},
    clock::Timestamp,
    db::{
        Conn,
        columns::{json, read_json},
    },
    doctor::{self, Grade, Phrase},
    error::Result,
};

/// What was found when somebody looked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// Microseconds since 1970.
    looked: i64,
    pub lines: Vec<Line>,
}

/// One thing that was looked at, as the doctor says it in every language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub what: String,
    pub good: bool,
    pub found: Phrase,
    pub advice: Option<Phrase>,
}

impl Health {
    pub fn looked(&self) -> Timestamp {
        Timestamp::from_micros(self.looked)
    }
}

const HEALTH: &str = "health";
const DOMAIN: &str = "domain_ends";
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// So long before the domain ends it is said to every caretaker.
const SOON: i64 = 45;

pub fn kept(conn: &mut Conn) -> QueryResult<Option<Health>> {
    Ok(setting(conn, HEALTH)?.and_then(|kept| read_json(&kept)))
}

/// When the domain has to be paid for again, as a caretaker noted it.
pub fn domain_ends(conn: &mut Conn) -> QueryResult<Option<NaiveDate>> {
    Ok(setting(conn, DOMAIN)?.and_then(|date| date.parse().ok()))
}

pub fn note_domain(conn: &mut Conn, ends: Option<NaiveDate>) -> QueryResult<()> {
    keep_setting(conn, DOMAIN, &ends.map(|date| date.to_string()).unwrap_or_default())
}

pub fn is_soon(ends: NaiveDate, now: Timestamp) -> bool {
    (ends - now.utc().date_naive()).num_days() <= SOON
}

static LOOKING: AtomicBool = AtomicBool::new(false);

/// Looks now, at most 15 s, and keeps what was found; nothing when somebody is looking already.
pub async fn look(app: &App) -> Result<()> {
    if LOOKING.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let findings = doctor::examine(&app.config, &app.clock).await;
    LOOKING.store(false, Ordering::Release);
    let line = |finding: doctor::Finding| Line {
        what: finding.what.to_owned(),
        good: finding.grade == Grade::Ok,
        found: finding.found,
        advice: finding.advice,
    };
    let health = Health { looked: app.clock.now().micros(), lines: findings.into_iter().map(line).collect() };
    app.db.write(move |conn| Ok(keep_setting(conn, HEALTH, &json(&health))?)).await
}

/// Looks when nobody did for a day and there is somebody to read it.
pub async fn look_daily(app: &App) -> Result<()> {
    let (read, caretakers) = app.db.read(|conn| Ok((kept(conn)?, !crate::members::store::caretakers(conn)?.is_empty()))).await?;
    let now = app.clock.now();
    match read {
        Some(health) if now.since(health.looked()) < DAY => Ok(()),
        _ if !caretakers => Ok(()),
        _ => look(app).await,
    }
}
