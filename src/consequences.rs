//! What follows from what was said, across nouns and in the same transaction. [`crate::federation::say::say`] calls this, so no
//! door can forget it.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    announcements,
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    federation::{outbox, say::Spoken},
    groups::{self, group::PLAZA},
    meetings,
    origin::Local,
    plaza::{
        actions::{pass_on, renew_digests, take_back, tell_too},
        store,
    },
};

/// A digest older than this is not posted anew for an edit of what it names; for a deletion it always is.
const FRESH: Duration = Duration::from_secs(2 * 24 * 3_600);
/// Of a group that ends, digests so old are posted anew without it.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

pub fn of(conn: &mut Conn, here: &Here, spoken: &Spoken<'_>) -> Result<()> {
    let Local::Group(group) = spoken.actor else { return Ok(()) };
    if group == PLAZA || !matches!(spoken.kind, "Create" | "Update" | "Delete") {
        return Ok(());
    }
    let about = here.origin.local(&here.origin.url(spoken.about));
    if about.is_none() || groups::store::by_handle(conn, PLAZA)?.is_none() {
        return Ok(());
    }
    match (spoken.kind, about) {
        ("Create" | "Update", Some(Local::Note(id))) => note_was_said(conn, here, spoken, group, id),
        ("Create", Some(what @ Local::Event(_))) if store::choice(conn)?.at_once(false) => pass_on(conn, here, &what, group),
        ("Update", Some(what @ Local::Event(_))) => was_changed(conn, here, spoken, &what),
        ("Delete", Some(what @ Local::Note(_))) => was_deleted(conn, here, spoken, &what, group),
        ("Delete", Some(Local::Group(ended))) => has_ended(conn, here, spoken, &ended),
        _ => Ok(()),
    }
}

fn note_was_said(conn: &mut Conn, here: &Here, spoken: &Spoken<'_>, group: &str, id: Uuid) -> Result<()> {
    let (note, what) = (announcements::actions::find(conn, id)?, Local::Note(id));
    let is_new = spoken.kind == "Create";
    if !is_new {
        was_changed(conn, here, spoken, &what)?;
        if store::passed_on(conn, &what)?.is_some() {
            return Ok(());
        }
    }
    let at_once = match note.meeting {
        Some(meeting) => has_spoken_of(conn, meeting)?,
        None => store::choice(conn)?.at_once(note.urgent) && (is_new || note.urgent),
    };
    if at_once { pass_on(conn, here, &what, group) } else { Ok(()) }
}

/// Whoever follows the plaza has heard of that meeting: passed on, or named in a digest.
fn has_spoken_of(conn: &mut Conn, meeting: Uuid) -> Result<bool> {
    let (what, scheduled) = (Local::Event(meeting), meetings::actions::find(conn, meeting)?.published);
    Ok(store::passed_on(conn, &what)?.is_some() || !store::naming(conn, Some(&what), scheduled)?.is_empty())
}

fn was_changed(conn: &mut Conn, here: &Here, spoken: &Spoken<'_>, what: &Local) -> Result<()> {
    if let Some(passed) = store::passed_on(conn, what)? {
        tell_too(conn, here, spoken.sequence, passed.at)?;
    }
    renew_digests(conn, here, Some(what), here.now - FRESH)
}

fn was_deleted(conn: &mut Conn, here: &Here, spoken: &Spoken<'_>, what: &Local, group: &str) -> Result<()> {
    if let Some(passed) = store::passed_on(conn, what)? {
        tell_too(conn, here, spoken.sequence, passed.at)?;
        take_back(conn, here, group, &passed)?;
    }
    renew_digests(conn, here, Some(what), Timestamp::default())
}

/// Whoever knows the group forgets it with all it said; whoever knows only the plaza hears from the plaza.
fn has_ended(conn: &mut Conn, here: &Here, spoken: &Spoken<'_>, group: &str) -> Result<()> {
    let passed_on = store::passed_on_of_group(conn, group)?;
    if let Some(since) = passed_on.iter().map(|passed| passed.at).min() {
        tell_too(conn, here, spoken.sequence, since)?;
    }
    for passed in &passed_on {
        outbox::retract(conn, &passed.what.path(), here.now)?;
        take_back(conn, here, group, passed)?;
    }
    renew_digests(conn, here, None, here.now - WEEK)
}
