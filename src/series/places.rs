//! A kept place is corrected or removed: what that means for series and meetings that took it over.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{actions, store};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    meetings::{self, places::follow, veil},
    places::{self, place::Place},
};

/// Corrects a kept place. Series and meetings ahead that took it over change with it in all that they did not say otherwise; where
/// people are sent elsewhere they are told so, as by any change of a meeting. `by` is the group that asks, if one does.
pub fn correct(
    conn: &mut Conn,
    here: &Here,
    by: Option<&str>,
    id: Uuid,
    change: &dyn Fn(&mut Place) -> Result<()>,
) -> Result<Place> {
    let before = places::actions::changeable(conn, by, id)?;
    let mut place = before.clone();
    change(&mut place)?;
    if place == before {
        return Ok(before);
    }
    let place = places::actions::correct(conn, here, by, &before, &place)?;
    let mut series: BTreeSet<Uuid> = store::at_place(conn, id)?.into_iter().collect();
    let mut alone = meetings::store::at_place(conn, id, here.now)?;
    for hidden in veil::at_place(conn, id)? {
        if store::by_id(conn, hidden)?.is_some() {
            series.insert(hidden);
        } else {
            alone.push(hidden);
        }
    }
    for id in series {
        stays_or(actions::change(conn, here, id, None, &|series| {
            follow(&mut series.pattern, &before, &place);
            Ok(())
        }))?;
    }
    for id in alone {
        stays_or(meetings::actions::change(conn, here, id, &|meeting| {
            follow(meeting, &before, &place);
            Ok(())
        }))?;
    }
    Ok(place)
}

/// What is over or of a group that has ended, or may not say what stands there now, stays as it was.
fn stays_or<T>(changed: Result<T>) -> Result<()> {
    match changed {
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// A kept place is not offered any more; meetings stay where they are.
pub fn remove(conn: &mut Conn, by: Option<&str>, id: Uuid) -> Result<Place> {
    let place = places::actions::changeable(conn, by, id)?;
    meetings::store::forget_place(conn, id)?;
    store::forget_place(conn, id)?;
    veil::forget_place(conn, id)?;
    places::store::delete(conn, id)?;
    Ok(place)
}
