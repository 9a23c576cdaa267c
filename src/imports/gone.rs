//! What is there no longer, or far away: called off after a while, moved, remembered for the case that it comes back.

use std::{collections::BTreeSet, time::Duration};

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{
    found::{Found, Reading},
    known::{Known, Thing},
    store,
};
use crate::{
    app::{App, Here},
    db::Conn,
    error::Result,
    meetings, series,
};

/// What is gone from an address is called off when it is still gone so much later.
const GONE_FOR: Duration = Duration::from_secs(24 * 3_600);
/// And nobody remembers it any more so much later.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Can it still be changed?
pub fn goes_on(conn: &mut Conn, here: &Here, thing: Thing) -> Result<bool> {
    Ok(match thing {
        Thing::Meeting(id) => meetings::store::by_id(conn, id)?.is_some_and(|meeting| meeting.can_change_at(here.now).is_ok()),
        Thing::Series(id) => series::store::by_id(conn, id)?.is_some_and(|series| series.next_from(here.now).is_some()),
    })
}

/// Those to come are called off; what was stays.
pub fn call_off(conn: &mut Conn, here: &Here, thing: Thing) -> Result<()> {
    if goes_on(conn, here, thing)? {
        match thing {
            Thing::Meeting(id) => drop(meetings::actions::cancel(conn, here, id)?),
            Thing::Series(id) => drop(series::actions::end(conn, here, id, None)?),
        }
    }
    Ok(())
}

/// Notes of what came from an address whether it is still there, and calls off what stays away. Says of how many.
pub fn miss(conn: &mut Conn, here: &Here, source: Uuid, reading: &Reading) -> Result<usize> {
    let there: BTreeSet<(&str, Option<NaiveDateTime>)> =
        reading.found.iter().map(|found| (found.uid.as_str(), found.part)).collect();
    let understood: BTreeSet<&str> = there.iter().map(|(uid, _)| *uid).collect();
    for known in store::of_source(conn, source)? {
        let uid = known.said.uid.as_str();
        // what is there and was not understood is not gone
        let is_there = there.contains(&(uid, known.said.part)) || reading.uids.contains(uid) && !understood.contains(uid);
        let missed = if is_there { None } else { known.missed.or(Some(here.now)) };
        if missed != known.missed {
            store::save(conn, &Known { missed, ..known })?;
        }
    }
    call_off_gone(conn, here, source)
}

/// Calls off what has been away from an address for long enough, and remembers for a while that it did: it may come back.
fn call_off_gone(conn: &mut Conn, here: &Here, source: Uuid) -> Result<usize> {
    let mut called_off = 0;
    for known in store::of_source(conn, source)? {
        let Some(gone_for) = known.missed.map(|since| here.now.since(since)) else { continue };
        if gone_for >= FORGOTTEN_AFTER {
            store::forget_one(conn, &known)?;
        } else if gone_for >= GONE_FOR && goes_on(conn, here, known.thing)? {
            call_off(conn, here, known.thing)?;
            called_off += 1;
            let mut gone = Known { called_off: BTreeSet::from([known.said.once.start]), ..known };
            gone.said.once.cancelled = true;
            store::save(conn, &gone)?;
        }
    }
    Ok(called_off)
}

/// An address says the same as last time: what was away then is so still.
pub async fn look_for_the_missing(app: &App, source: Uuid) -> Result<usize> {
    app.act(move |conn, here| call_off_gone(conn, here, source)).await
}

/// What is known here and was moved further away than anything is taken in: it goes there, or people would come on the old day.
pub fn moved_far(conn: &mut Conn, handle: &str, reading: &Reading) -> Result<Vec<Found>> {
    let mut moved = Vec::new();
    for found in &reading.distant {
        if store::find(conn, handle, &found.uid, found.part)?.is_some() {
            moved.push(found.clone());
        }
    }
    Ok(moved)
}
