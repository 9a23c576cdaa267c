//! Like, EmojiReact and Announce of something of ours, and their Undo, in the shapes peers send.

use serde_json::Value;
use url::Url;

use super::store::{self, Kind};
use crate::{
    actors::remote::RemoteActor,
    announcements,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, reading},
    meetings, minutes,
    origin::Local,
};

fn kind_of(activity: &Value) -> Option<Kind> {
    match reading::kind(activity)? {
        // Misskey and others send their signs as a Like with content
        "Like" if activity.get("content").is_none() => Some(Kind::Like),
        "Like" | "EmojiReact" => Some(Kind::Emoji),
        "Announce" => Some(Kind::PassedOn),
        _ => None,
    }
}

/// Somebody likes something, sets a sign below it, or passes it on.
pub struct Reaction {
    activity: String,
    kind: Kind,
    object: Url,
}

impl Reaction {
    pub fn read(activity: &Value) -> Result<Self> {
        let kind = kind_of(activity).ok_or_else(|| Error::invalid("no reaction"))?;
        let object = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a reaction to nothing"))?;
        let activity = activity.get("id").and_then(Value::as_str).unwrap_or_default().chars().take(2_048).collect();
        Ok(Self { activity, kind, object })
    }
}

impl Effect for Reaction {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let Some(local) =
            here.origin.local(&self.object).filter(|local| matches!(local, Local::Note(_) | Local::Event(_) | Local::Minutes(_)))
        else {
            return Ok(());
        };
        if stands(conn, &local)? {
            store::add(conn, &local.path(), self.kind, &sender.uri, &self.activity)?;
        }
        Ok(())
    }
}

/// Is it there to be liked?
fn stands(conn: &mut Conn, local: &Local) -> Result<bool> {
    Ok(match local {
        Local::Note(id) => announcements::store::by_id(conn, *id)?.is_some_and(|note| note.deleted.is_none()),
        Local::Event(id) => meetings::store::by_id(conn, *id)?.is_some(),
        Local::Minutes(id) => minutes::store::by_id(conn, *id)?.is_some_and(|minutes| minutes.deleted.is_none()),
        _ => false,
    })
}

/// Somebody takes a reaction back, naming it whole or by its id. Only their own goes.
pub struct Undone {
    activity: Option<Url>,
    what: Option<(Kind, Url)>,
}

impl Undone {
    pub fn read(undo: &Value) -> Result<Self> {
        let activity = undo.get("object").and_then(reading::id);
        let embedded = reading::embedded(undo);
        let what = embedded.and_then(|reaction| Some((kind_of(reaction)?, reading::id(reaction.get("object")?)?)));
        if activity.is_none() && what.is_none() {
            return Err(Error::invalid("an Undo without an object"));
        }
        Ok(Self { activity, what })
    }
}

impl Effect for Undone {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if let Some(activity) = &self.activity {
            store::take_back(conn, &sender.uri, activity.as_str())?;
        }
        if let Some((kind, local)) = self.what.as_ref().and_then(|(kind, uri)| Some((*kind, here.origin.local(uri)?))) {
            store::remove(conn, &local.path(), kind, &sender.uri)?;
        }
        Ok(())
    }
}
