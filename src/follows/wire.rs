//! What other servers say about following: Follow, its Undo, Block.

use serde_json::Value;
use url::Url;

use super::actions;
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    consequences,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, reading},
    origin::Local,
};

/// Somebody wants to hear a group.
pub struct Follow {
    id: String,
    followed: Url,
}

/// Somebody takes a Follow back.
pub struct Unfollow {
    follow_id: String,
    followed: Option<Url>,
}

/// Somebody wants to hear and see nothing of a group.
pub struct Block {
    blocked: Url,
}

impl Follow {
    pub fn read(activity: &Value) -> Result<Self> {
        let followed =
            activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Follow without an object"))?;
        let id = activity.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { id, followed })
    }
}

impl Effect for Follow {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::follow(conn, here, sender, &self.followed, &self.id)
    }
}

impl Unfollow {
    /// Of an Undo whose object is a Follow, embedded or named by its id.
    pub fn read(undo: &Value) -> Result<Self> {
        let object = undo.get("object").ok_or_else(|| Error::invalid("an Undo without an object"))?;
        let follow_id = reading::id(object).map(String::from).unwrap_or_default();
        let followed = reading::embedded(undo).and_then(|follow| reading::id(follow.get("object")?));
        Ok(Self { follow_id, followed })
    }
}

impl Effect for Unfollow {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::unfollow(conn, here, &sender.uri, self.followed.as_ref(), &self.follow_id)
    }
}

impl Block {
    pub fn read(activity: &Value) -> Result<Self> {
        let blocked = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Block without an object"))?;
        Ok(Self { blocked })
    }
}

impl Effect for Block {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if let Some(Local::Group(group)) = here.origin.local(&self.blocked) {
            consequences::of_refusal(conn, here, &group, &sender.uri)?;
        }
        actions::blocked_by(conn, here, &sender.uri, &self.blocked)
    }
}
