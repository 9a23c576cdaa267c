//! Activities of ours as they are served: about what is the case today, not about what was when they were said.

use serde_json::Value;

use crate::{
    announcements::{self, announcement::Announcement},
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    federation::{reading, say},
    meetings::{self, meeting::Meeting},
    minutes::{self, record::Minutes},
    origin::Local,
};

/// What an activity is about, as it is today.
enum Today {
    Meeting(Box<Meeting>),
    Note(Announcement),
    Minutes(Minutes),
}

impl Today {
    /// Nothing for activities that say more or less than a meeting, an announcement or minutes.
    fn of(conn: &mut Conn, here: &Here, activity: &Value) -> Result<Option<Self>> {
        let is_whole = matches!(activity["type"].as_str(), Some("Create" | "Update")) && activity["object"].is_object();
        Ok(match ours(here, &activity["object"]["id"]).filter(|_| is_whole) {
            Some(Local::Event(id)) => meetings::store::by_id(conn, id)?.map(Box::new).map(Self::Meeting),
            Some(Local::Note(id)) => announcements::store::by_id(conn, id)?.map(Self::Note),
            Some(Local::Minutes(id)) => minutes::store::by_id(conn, id)?.map(Self::Minutes),
            _ => None,
        })
    }

    fn document(&self, conn: &mut Conn, here: &Here) -> Result<Value> {
        match self {
            Self::Meeting(meeting) => meetings::wire::event(conn, here, meeting),
            Self::Minutes(minutes) => minutes::wire::article(conn, here, minutes),
            Self::Note(note) => announcements::wire::note(conn, here, note),
        }
    }

    fn updated(&self) -> Option<Timestamp> {
        match self {
            Self::Meeting(meeting) => meeting.updated,
            Self::Minutes(minutes) => minutes.updated,
            Self::Note(note) => note.updated,
        }
    }
}

/// What of ours has this id.
fn ours(here: &Here, id: &Value) -> Option<Local> {
    here.origin.local(&id.as_str()?.parse().ok()?)
}

/// An activity with its object as it is today: whoever reads it late gets no old time of a meeting. Within a page, which has the
/// context for all of them, and without proofs, each of which would need one of its own: those are under its id.
pub fn current(conn: &mut Conn, here: &Here, mut activity: Value) -> Result<Value> {
    renew(conn, here, &mut activity)?;
    Ok(activity)
}

/// The same by itself, with a proof made anew: that of the day it was said covers its object as it was then.
pub fn current_proven(conn: &mut Conn, here: &Here, mut activity: Value) -> Result<Value> {
    let said = reading::time(&activity, "published").unwrap_or(here.now);
    let updated = renew(conn, here, &mut activity)?;
    match ours(here, &activity["actor"]).filter(|_| reading::is_public(&activity)) {
        Some(actor) => say::proven(conn, here, &actor, activity, updated.map_or(said, |updated| updated.max(said))),
        None => Ok(activity),
    }
}

/// Takes away what held for the activity as it was said; gives when its object became what it is.
fn renew(conn: &mut Conn, here: &Here, activity: &mut Value) -> Result<Option<Timestamp>> {
    let today = Today::of(conn, here, activity)?;
    let document = today.as_ref().map(|today| today.document(conn, here)).transpose()?;
    if let Some(fields) = activity.as_object_mut() {
        fields.remove("@context");
        fields.remove("proof");
        fields.extend(document.map(|document| ("object".to_owned(), document)));
    }
    Ok(today.and_then(|today| today.updated()))
}
