//! Kept places in the form of a meeting: chosen or recognised by their name, they fill in what was not typed otherwise.

use uuid::Uuid;

use super::invitation::Invitation;
use crate::{
    db::Conn,
    error::Result,
    places::{
        self,
        place::{Place, folded},
    },
};

/// What this group typed, with what is known of the place. `before` is what the form showed.
pub fn fill_in(conn: &mut Conn, group: &str, before: &Invitation, typed: &mut Invitation) -> Result<()> {
    typed.kept.clone_from(&before.kept);
    let chosen = typed.known.parse::<Uuid>().ok();
    let is_new = folded(&typed.place) != folded(&before.place);
    typed.known.clear();
    let place = match chosen {
        Some(id) => places::store::for_group(conn, group, id)?,
        None if is_new && !typed.place.trim().is_empty() => places::store::called(conn, group, &typed.place)?,
        None => None,
    };
    match place {
        Some(place) if chosen.is_some() || before.kept != place.id.to_string() => be_there(before, typed, &place),
        Some(_) => {}
        None if is_new => typed.kept.clear(),
        None => {}
    }
    Ok(())
}

fn be_there(before: &Invitation, typed: &mut Invitation, place: &Place) {
    typed.kept = place.id.to_string();
    typed.place.clone_from(&place.name);
    let untouched = |line: &str, before: &str| line.trim().is_empty() || line == before;
    if untouched(&typed.address, &before.address) {
        typed.address = place.address.clone().unwrap_or_default();
    }
    if untouched(&typed.geo, &before.geo) {
        typed.geo = place.position.map(|at| format!("{},{}", at.latitude, at.longitude)).unwrap_or_default();
    }
    let access = typed.access_typed().moved_to(&place.access, &before.access_typed());
    typed.access = access.facts.iter().map(|fact| fact.name().to_owned()).collect();
    typed.access_line = access.line.unwrap_or_default();
}
