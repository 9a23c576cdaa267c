//! Activities of ours as they are served: about what is the case today, not about what was when they were said.

use serde_json::Value;

use crate::{
    announcements::{self, announcement::Announcement},
    app::Here,
    db::Conn,
    error::Result,
    federation::{reading, say},
    meetings::{self, meeting::Meeting},
    origin::Local,
};

/// What an activity is about, as it is today.
enum Today {
    Meeting(Meeting),
    Note(Announcement),
}

impl Today {
    /// Nothing for activities that say more or less than a meeting or an announcement.
    fn of(conn: &mut Conn, here: &Here, activity: &Value) -> Result<Option<Self>> {
        let is_whole = matches!(activity["type"].as_str(), Some("Create" | "Update")) && activity["object"].is_object();
        Ok(match ours(here, &activity["object"]["id"]).filter(|_| is_whole) {
            Some(Local::Event(id)) => meetings::store::by_id(conn, id)?.map(Self::Meeting),
            Some(Local::Note(id)) => announcements::store::by_id(conn, id)?.map(Self::Note),
            _ => None,
        })
    }
}

/// What of ours has this id.
fn ours(here: &Here, id: &Value) -> Option<Local> {
    here.origin.local(&id.as_str()?.parse().ok()?)
}

/// An activity with its object as it is today: whoever reads it late gets no old time of a meeting. Within a page, which has the
/// context for all of them, and without proofs, each of which would need one of its own: those are under its id.
pub fn current(conn: &mut Conn, here: &Here, mut activity: Value) -> Result<Value> {
    match Today::of(conn, here, &activity)? {
        Some(Today::Meeting(meeting)) => activity["object"] = meetings::wire::event(here, &meeting),
        Some(Today::Note(note)) => activity["object"] = announcements::wire::note(here, &note),
        None => {}
    }
    if let Some(fields) = activity.as_object_mut() {
        fields.remove("@context");
        fields.remove("proof");
    }
    Ok(activity)
}

/// The same by itself, with proofs made anew: that of the day it was said covers its object as it was then.
pub fn current_proven(conn: &mut Conn, here: &Here, mut activity: Value) -> Result<Value> {
    let said = reading::time(&activity, "published").unwrap_or(here.now);
    let updated = match Today::of(conn, here, &activity)? {
        Some(Today::Meeting(meeting)) => {
            activity["object"] = meetings::wire::proven(conn, here, &meeting)?;
            meeting.updated
        }
        Some(Today::Note(note)) => {
            activity["object"] = announcements::wire::proven(conn, here, &note)?;
            note.updated
        }
        None => None,
    };
    let Some(actor) = ours(here, &activity["actor"]).filter(|_| reading::is_public(&activity)) else { return Ok(activity) };
    if let Some(fields) = activity.as_object_mut() {
        fields.remove("proof");
    }
    say::proven(conn, here, &actor, activity, updated.map_or(said, |updated| updated.max(said)))
}
