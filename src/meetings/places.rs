//! What meetings take over from kept places, and how they follow when a place is corrected.

use super::meeting::Meeting;
use crate::{
    app::Here,
    db::Conn,
    error::Result,
    groups::{group::Group, habits::Positions},
    places::{
        self,
        access::Access,
        place::{Place, Refusal, folded},
    },
};

/// Makes a meeting be where its group says it is: at a kept place of that name, with a position as exact as the group wants.
/// `before` is the meeting as it was.
pub fn settle(conn: &mut Conn, group: &Group, meeting: &mut Meeting, before: Option<&Meeting>) -> Result<()> {
    let kept = kept(conn, group, meeting)?;
    let is_new = before.is_none_or(|before| !same_name(&before.place, &meeting.place));
    match kept {
        Some(place) if meeting.place_id == Some(place.id) => {}
        Some(place) if is_new => take_over(meeting, before, &place),
        _ => meeting.place_id = None,
    }
    if before.is_none_or(|before| before.position != meeting.position) {
        meeting.position = meeting.position.and_then(|position| position.rounded(group.habits.positions));
    }
    Ok(())
}

/// The kept place that a meeting means: the one it took over already, or the one of that name.
fn kept(conn: &mut Conn, group: &Group, meeting: &Meeting) -> Result<Option<Place>> {
    let Some(name) = &meeting.place else { return Ok(None) };
    if let Some(id) = meeting.place_id
        && let Some(place) = places::store::for_group(conn, &group.handle, id)?
        && folded(&place.name) == folded(name)
    {
        return Ok(Some(place));
    }
    Ok(places::store::called(conn, &group.handle, name)?)
}

fn same_name(one: &Option<String>, other: &Option<String>) -> bool {
    one.as_deref().map(folded) == other.as_deref().map(folded)
}

/// What was not typed anew is as it is there.
pub fn take_over(meeting: &mut Meeting, before: Option<&Meeting>, place: &Place) {
    let untouched = |now: bool, same: fn(&Meeting, &Meeting) -> bool| now || before.is_some_and(|before| same(before, meeting));
    let address = untouched(meeting.address.is_none(), |one, other| one.address == other.address);
    let position = untouched(meeting.position.is_none(), |one, other| one.position == other.position);
    let nothing = Access::default();
    meeting.access = meeting.access.moved_to(&place.access, before.map_or(&nothing, |before| &before.access));
    meeting.place = Some(place.name.clone());
    meeting.place_id = Some(place.id);
    if address {
        meeting.address.clone_from(&place.address);
    }
    if position {
        meeting.position = place.position;
    }
}

/// Keeps what a group says of where it meets, for the next time and for all others; what is known by that name stays as it is.
pub fn remember(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    let Some(name) = &meeting.place else { return Err(Refusal::Name.into()) };
    if meeting.veil.is_some() {
        return Err(Refusal::Hidden.into());
    }
    if places::store::called(conn, &meeting.group, name)?.is_some() {
        return Ok(());
    }
    places::actions::add(conn, here, &place_of(here, meeting, name))?;
    Ok(())
}

fn place_of(here: &Here, meeting: &Meeting, name: &str) -> Place {
    Place {
        id: here.new_id(),
        group: meeting.group.clone(),
        name: name.to_owned(),
        address: meeting.address.clone(),
        position: meeting.position,
        access: meeting.access.clone(),
        updated: here.now,
    }
}

/// What a meeting took over unchanged is as it is now said of the place.
pub fn follow(meeting: &mut Meeting, before: &Place, place: &Place) {
    if meeting.place.as_ref() == Some(&before.name) {
        meeting.place = Some(place.name.clone());
    }
    if meeting.address == before.address {
        meeting.address.clone_from(&place.address);
    }
    // as exactly as its group wanted when it took it over
    let said = |positions: Positions| before.position.and_then(|position| position.rounded(positions));
    let is_there = Positions::ALL.into_iter().any(|positions| said(positions) == meeting.position);
    if is_there && before.position != place.position {
        meeting.position = place.position;
    }
    // what the group added for this meeting stays
    meeting.access = meeting.access.moved_to(&place.access, &before.access);
}
