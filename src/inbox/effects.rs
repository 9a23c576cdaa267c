//! What concerns more than one noun: something said, taken back or undone may be a reply, a reaction or a sister's; and what others
//! say of themselves.

use serde_json::Value;
use url::Url;

use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    consequences,
    db::Conn,
    error::{Error, Result},
    federation::{
        actor_document::{self, ActorDocument},
        effect::Effect,
        reading,
    },
    follows::{self, wire::Unfollow},
    reactions,
    replies::{self, wire::Written},
    sisters::wire::{Removed, Said, TakenBack},
};

/// Create or Update of something: a reply to us, a letter to a group, or what a sister says.
pub struct Spoken {
    said: Said,
    written: Written,
}

impl Spoken {
    pub fn read(activity: &Value) -> Result<Self> {
        let said = Said::read(activity)?;
        let written = Written::read(activity, &said);
        Ok(Self { said, written })
    }

    /// Whether it was for us: an answer to an invitation, a reply, or a letter.
    fn answers_us(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<bool> {
        self.said.must_be_by(sender)?;
        // an answer to an invitation is consumed first, before it is kept as a reply or a letter
        if consequences::is_an_answer_to_an_invitation(conn, here, sender, &self.written)? {
            return Ok(true);
        }
        replies::arrival::take(conn, here, sender, &self.written)
    }
}

impl Effect for Spoken {
    fn happens_once(&self) -> bool {
        self.said.happens_once()
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if self.answers_us(conn, here, sender)? { Ok(()) } else { self.said.happen(conn, here, sender) }
    }
}

/// Delete of something.
pub struct Gone {
    uri: Url,
    removed: Removed,
}

impl Gone {
    pub fn read(activity: &Value) -> Result<Self> {
        let removed = Removed::read(activity)?;
        let uri = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Delete without an object"))?;
        Ok(Self { uri, removed })
    }
}

impl Effect for Gone {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        replies::arrival::withdraw(conn, &sender.uri, self.uri.as_str())?;
        self.removed.happen(conn, here, sender)
    }
}

/// Undo of whatever it was: named whole, or by an id that only we can tell what it stood for.
pub struct Undone {
    follow: Option<Unfollow>,
    announce: Option<TakenBack>,
    reaction: Option<reactions::wire::Undone>,
}

impl Undone {
    pub fn read(undo: &Value) -> Result<Option<Self>> {
        let kind = reading::embedded(undo).and_then(reading::kind);
        let (follow, announce, reaction) = match kind {
            None => (true, true, true),
            Some("Follow") => (true, false, false),
            Some("Announce") => (false, true, true),
            Some("Like" | "EmojiReact") => (false, false, true),
            Some(_) => return Ok(None),
        };
        Ok(Some(Self {
            follow: follow.then(|| Unfollow::read(undo)).transpose()?,
            announce: announce.then(|| TakenBack::read(undo)).transpose()?,
            reaction: reaction.then(|| reactions::wire::Undone::read(undo)).transpose()?,
        }))
    }
}

impl Effect for Undone {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let follow = self.follow.as_ref().map(|undone| undone as &dyn Effect);
        let announce = self.announce.as_ref().map(|undone| undone as &dyn Effect);
        let reaction = self.reaction.as_ref().map(|undone| undone as &dyn Effect);
        [follow, announce, reaction].into_iter().flatten().try_for_each(|undone| undone.happen(conn, here, sender))
    }
}

/// An actor of another server describes itself anew.
pub struct NewSelf {
    document: ActorDocument,
}

impl NewSelf {
    pub fn read(update: &Value) -> Result<Self> {
        let object = reading::embedded(update).ok_or_else(|| Error::invalid("an Update without its object"))?;
        actor_document::read(object).map(|document| Self { document }).map_err(|why| Error::invalid(why.0))
    }
}

impl Effect for NewSelf {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if self.document.id != sender.uri {
            return Err(Error::refused("only an actor itself may change what it says of itself"));
        }
        let mut actor = RemoteActor::from_document(self.document.clone(), here.now);
        if actor.public_keys.is_empty() {
            // a description without readable keys takes none away
            actor.public_keys = sender.public_keys.clone();
        }
        remote::save(conn, &actor)?;
        follows::store::renew(conn, &actor)?;
        Ok(())
    }
}

/// An actor of another server is gone.
pub struct ActorGone;

impl Effect for ActorGone {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        consequences::of_end(conn, here, &sender.uri)?;
        follows::actions::actor_gone(conn, here, &sender.uri)
    }
}
