//! What is done with places: kept, corrected, removed. What that means for meetings is in `series/places.rs`.

use uuid::Uuid;

use super::{
    place::{self, MOST, Place, Refusal, WAITING},
    store,
};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    groups,
};

impl From<place::Refusal> for Error {
    fn from(refusal: place::Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

/// Keeps a place for the group that is named in it, and for all others once that is welcomed.
pub fn add(conn: &mut Conn, here: &Here, place: &Place) -> Result<Place> {
    let group = groups::actions::speaking(conn, &place.group)?;
    let position = place.position.and_then(|position| position.rounded(group.habits.positions));
    let place = Place { position, updated: here.now.day(), ..place.clone() };
    place.check()?;
    group.may_say(place.texts())?;
    if store::called(conn, &group.handle, &place.name)?.is_some() {
        return Err(Refusal::Known(place.name).into());
    }
    if store::count(conn)? >= MOST {
        return Err(Refusal::Many.into());
    }
    if group.welcomed.is_none() && store::count_of(conn, &group.handle)? >= WAITING {
        return Err(Refusal::ManyWaiting.into());
    }
    store::add(conn, &place)?;
    Ok(place)
}

/// The place of that id, as this group sees it; without a group, as those see it who look after the city.
pub fn find(conn: &mut Conn, by: Option<&str>, id: Uuid) -> Result<Place> {
    let found = match by {
        Some(group) => store::for_group(conn, group, id)?,
        None => store::by_id(conn, id)?,
    };
    found.ok_or_else(|| Error::not_found(format!("there is no place {id}")))
}

/// The place, if it may be changed: by any group that was welcomed, and by the one that keeps it.
pub fn changeable(conn: &mut Conn, by: Option<&str>, id: Uuid) -> Result<Place> {
    let place = find(conn, by, id)?;
    if let Some(handle) = by {
        let group = groups::actions::speaking(conn, handle)?;
        if group.welcomed.is_none() && place.group != handle {
            return Err(Refusal::Theirs.into());
        }
    }
    Ok(place)
}

/// Keeps what was corrected.
pub fn correct(conn: &mut Conn, here: &Here, by: Option<&str>, before: &Place, place: &Place) -> Result<Place> {
    let keeper = groups::store::even_waiting(conn, &before.group)?;
    let mut place = Place { id: before.id, group: before.group.clone(), updated: here.now.day(), ..place.clone() };
    place.check()?;
    if let Some(keeper) = keeper {
        keeper.may_say(place.texts())?;
        if place.position != before.position {
            place.position = place.position.and_then(|position| position.rounded(keeper.habits.positions));
        }
    }
    let asks = by.unwrap_or(&before.group);
    let known = store::called(conn, asks, &place.name)?;
    if known.is_some_and(|known| known.id != before.id) && place::folded(&place.name) != place::folded(&before.name) {
        return Err(Refusal::Known(place.name).into());
    }
    store::save(conn, &place)?;
    Ok(place)
}
