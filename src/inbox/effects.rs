//! What concerns more than one noun: something said, taken back or undone may be a reply, a reaction or a sister's; and what others
//! say of themselves.

use serde_json::Value;
use url::Url;

use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    coming::{
        self,
        wire::{Heard, Leave, may_be_an_answer},
    },
    consequences,
    db::Conn,
    error::{Error, Result},
    federation::{
        actor_document::{self, ActorDocument},
        effect::Effect,
        reading,
    },
    follows::{self, wire::Unfollow},
    joint::{self, wire::Called},
    reactions,
    replies::{self, arrival::Came, wire::Written},
    sisters::wire::{Removed, Said, TakenBack},
};

/// Create or Update of something: a reply to us, a letter to a group, or what a sister says.
pub struct Spoken {
    said: Said,
    written: Written,
    /// Of a meeting.
    called: Option<Called>,
    /// As it came, where it can be passed on so.
    sealed: Option<String>,
}

impl Spoken {
    pub fn read(activity: &Value, sealed: Option<&str>) -> Result<Self> {
        let said = Said::read(activity)?;
        let written = Written::read(activity, &said);
        let called = reading::embedded(activity).and_then(Called::read);
        let sealed = sealed.filter(|_| written.public).map(str::to_owned);
        Ok(Self { said, written, called, sealed })
    }

    /// Whether it was for us: an answer to an invitation, a reply, or a letter.
    fn answers_us(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<bool> {
        self.said.must_be_by(sender)?;
        // an answer to an invitation is consumed first, before it is kept as a reply or a letter
        let written = match consequences::is_an_answer_to_an_invitation(conn, here, sender, &self.written)? {
            Heard::Answer => return Ok(true),
            // now it is a reply, of which nobody heard yet
            Heard::NoLonger => &Written { new: true, ..self.written.clone() },
            Heard::Nothing => &self.written,
        };
        let came = replies::arrival::take(conn, here, sender, written)?;
        if let Some(body) = self.sealed.as_ref().filter(|_| came == Came::In) {
            let kind = if written.new { "Create" } else { "Update" };
            replies::forwarding::came(conn, here, &written.uri, kind, body)?;
        }
        Ok(came != Came::NotForUs)
    }
}

impl Effect for Spoken {
    fn names_who_comes(&self, here: &Here) -> bool {
        may_be_an_answer(here, &self.written)
    }

    fn happens_once(&self) -> bool {
        self.said.happens_once()
    }

    /// What is said anew may lose its pictures.
    fn takes_away(&self) -> bool {
        !self.written.new
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if self.answers_us(conn, here, sender)? {
            return Ok(());
        }
        // what a group of ours calls, too, stands in our agenda and not among the news of others
        let calls = match &self.called {
            Some(called) => joint::taking_part::renewed(conn, here, sender, called)?,
            None => false,
        };
        if calls { Ok(()) } else { self.said.happen(conn, here, sender) }
    }
}

/// Delete of something.
pub struct Gone {
    uri: Url,
    removed: Removed,
    sealed: Option<String>,
}

impl Gone {
    pub fn read(activity: &Value, sealed: Option<&str>) -> Result<Self> {
        let removed = Removed::read(activity)?;
        let uri = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Delete without an object"))?;
        Ok(Self { uri, removed, sealed: sealed.map(str::to_owned) })
    }
}

impl Effect for Gone {
    fn happens_once(&self) -> bool {
        true
    }

    fn takes_away(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        coming::accounts::take_back_note(conn, here, sender.uri.as_str(), self.uri.as_str())?;
        if replies::store::by_uri(conn, self.uri.as_str())?.is_some_and(|reply| reply.actor == sender.uri.as_str()) {
            replies::forwarding::goes(conn, here, self.uri.as_str(), self.sealed.as_deref())?;
        }
        replies::arrival::withdraw(conn, &sender.uri, self.uri.as_str())?;
        joint::leaving::uninvited(conn, here, &sender.uri, self.uri.as_str())?;
        self.removed.happen(conn, here, sender)
    }
}

/// Undo of whatever it was: named whole, or by an id that only we can tell what it stood for.
pub struct Undone {
    follow: Option<Unfollow>,
    announce: Option<TakenBack>,
    reaction: Option<reactions::wire::Undone>,
    join: Option<Leave>,
    called: Option<joint::wire::Undone>,
}

impl Undone {
    pub fn read(undo: &Value) -> Result<Option<Self>> {
        let kind = reading::embedded(undo).and_then(reading::kind);
        let join = (kind == Some("Join")).then(|| Leave::read(undo)).transpose()?;
        let (follow, announce, reaction) = match kind {
            None => (true, true, true),
            Some("Follow") => (true, false, false),
            Some("Announce") => (false, true, true),
            Some("Like" | "EmojiReact") => (false, false, true),
            Some("Join" | "Offer" | "Accept") => (false, false, false),
            Some(_) => return Ok(None),
        };
        Ok(Some(Self {
            follow: follow.then(|| Unfollow::read(undo)).transpose()?,
            announce: announce.then(|| TakenBack::read(undo)).transpose()?,
            reaction: reaction.then(|| reactions::wire::Undone::read(undo)).transpose()?,
            join,
            called: joint::wire::Undone::read(undo),
        }))
    }
}

impl Effect for Undone {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let follow = self.follow.as_ref().map(|undone| undone as &dyn Effect);
        let announce = self.announce.as_ref().map(|undone| undone as &dyn Effect);
        let reaction = self.reaction.as_ref().map(|undone| undone as &dyn Effect);
        let join = self.join.as_ref().map(|undone| undone as &dyn Effect);
        let called = self.called.as_ref().map(|undone| undone as &dyn Effect);
        [follow, announce, reaction, join, called].into_iter().flatten().try_for_each(|undone| undone.happen(conn, here, sender))
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
            // a description without readable keys takes nothing away by which they are known and reached
            actor.public_keys = sender.public_keys.clone();
            actor.assertion_keys = sender.assertion_keys.clone();
            actor.shared_inbox = actor.shared_inbox.or_else(|| sender.shared_inbox.clone());
        }
        remote::save(conn, &actor)?;
        follows::store::renew(conn, &actor)?;
        Ok(())
    }
}

/// An actor of another server is gone.
pub struct ActorGone;

impl Effect for ActorGone {
    fn takes_away(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        joint::leaving::actor_gone(conn, here, &sender.uri)?;
        consequences::of_end(conn, here, &sender.uri)?;
        follows::actions::actor_gone(conn, here, &sender.uri)
    }
}
