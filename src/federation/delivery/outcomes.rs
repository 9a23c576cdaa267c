//! What sending changed in the rows, many outcomes in one deed. Sends nothing and decides nothing.

use std::{collections::HashSet, sync::Arc};

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};

use super::{
    hosts::{self, Health},
    policy::Past,
};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{deliveries, follows, former_inboxes},
    },
    federation::signature::Scheme,
};

/// One outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Delivered {
        id: i64,
        inbox: Arc<str>,
    },
    /// Waits by itself while its host goes on.
    Waits {
        id: i64,
        until: Timestamp,
        past: Past,
        error: String,
    },
    /// Not tried again unless a caretaker asks for it.
    SetAside {
        id: i64,
        past: Past,
        why: String,
    },
    /// Nobody lives there any more: all that waits for it goes, and whoever followed with it.
    Gone {
        inbox: Arc<str>,
    },
    /// The host takes signatures of this scheme.
    Signed {
        host: Arc<str>,
        scheme: Scheme,
    },
    Renew {
        host: Arc<str>,
        lease: Timestamp,
        until: Timestamp,
    },
    /// Comes after every other outcome of its host.
    Release {
        host: Arc<str>,
        lease: Timestamp,
        health: Health,
    },
}

impl Change {
    /// In a word, for whoever counts; nothing when nothing was tried.
    pub fn outcome(&self) -> Option<&'static str> {
        match self {
            Self::Delivered { .. } => Some("delivered"),
            Self::Waits { .. } => Some("postponed"),
            Self::SetAside { .. } => Some("set_aside"),
            Self::Gone { .. } => Some("gone"),
            Self::Release { health: Health::Failing { .. }, .. } => Some("host_failing"),
            Self::Release { health: Health::Dead { .. }, .. } => Some("host_given_up"),
            Self::Release { .. } | Self::Signed { .. } | Self::Renew { .. } => None,
        }
    }
}

/// Writes outcomes; names the hosts that turned out to be another worker's by now.
pub fn write(conn: &mut Conn, now: Timestamp, changes: &[Change]) -> QueryResult<Vec<Arc<str>>> {
    delete_delivered(conn, changes)?;
    let mut lost = Vec::new();
    for change in changes {
        match change {
            Change::Delivered { .. } => {}
            Change::Waits { id, until, past, error } => wait(conn, *id, *until, past, error)?,
            Change::SetAside { id, past, why } => set_aside(conn, *id, past, why)?,
            Change::Gone { inbox } => remove(conn, inbox)?,
            Change::Signed { host, scheme } => hosts::keep_scheme(conn, host, *scheme)?,
            Change::Renew { host, lease, until } => {
                if !hosts::renew(conn, host, *lease, *until)? {
                    lost.push(host.clone());
                }
            }
            Change::Release { host, lease, health } => hosts::release(conn, now, host, *lease, health)?,
        }
    }
    Ok(lost)
}

fn delete_delivered(conn: &mut Conn, changes: &[Change]) -> QueryResult<()> {
    let (mut ids, mut inboxes) = (Vec::new(), HashSet::new());
    for change in changes {
        if let Change::Delivered { id, inbox } = change {
            ids.push(*id);
            inboxes.insert(inbox.as_ref());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    diesel::delete(deliveries::table.filter(deliveries::id.eq_any(ids))).execute(conn)?;
    // an inbox that takes something exists: what it alone did not find is not the follower's end
    let contradicted =
        deliveries::inbox.eq_any(inboxes).and(deliveries::status.eq_any([404, 410])).and(deliveries::set_aside.is_null());
    diesel::update(deliveries::table.filter(contradicted)).set(deliveries::set_aside.eq(deliveries::last_error)).execute(conn)?;
    Ok(())
}

fn wait(conn: &mut Conn, id: i64, until: Timestamp, past: &Past, error: &str) -> QueryResult<()> {
    diesel::update(deliveries::table.find(id))
        .set((deliveries::not_before.eq(until.micros()), history(past), deliveries::last_error.eq(error)))
        .execute(conn)
        .map(drop)
}

fn set_aside(conn: &mut Conn, id: i64, past: &Past, why: &str) -> QueryResult<()> {
    diesel::update(deliveries::table.find(id))
        .set((deliveries::set_aside.eq(why), history(past), deliveries::last_error.eq(why)))
        .execute(conn)
        .map(drop)
}

type History = (
    diesel::dsl::Eq<deliveries::tries, i64>,
    diesel::dsl::Eq<deliveries::first_try, Option<i64>>,
    diesel::dsl::Eq<deliveries::status, Option<i64>>,
);

fn history(past: &Past) -> History {
    (
        deliveries::tries.eq(past.tries),
        deliveries::first_try.eq(past.first_try.map(Timestamp::micros)),
        deliveries::status.eq(past.status),
    )
}

fn remove(conn: &mut Conn, inbox: &str) -> QueryResult<()> {
    diesel::delete(deliveries::table.filter(deliveries::inbox.eq(inbox))).execute(conn)?;
    diesel::delete(follows::table.filter(follows::inbox.eq(inbox))).execute(conn)?;
    diesel::delete(follows::table.filter(follows::shared_inbox.eq(inbox))).execute(conn)?;
    diesel::delete(former_inboxes::table.filter(former_inboxes::inbox.eq(inbox))).execute(conn)?;
    Ok(())
}
