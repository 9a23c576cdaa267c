//! What sisters say: the answer to our Follow, and Note, Article, Page, Event and Question in the shapes peers send.

use serde_json::{Value, json};
use url::Url;

use super::{
    actions,
    rhythm::{self, Rhythm},
    sister::Heard,
    store,
};
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, reading, wording},
};

/// Accept or Reject of a Follow of ours.
pub struct Answer {
    follow: Url,
    accepted: bool,
}

impl Answer {
    pub fn read(activity: &Value) -> Result<Self> {
        let follow = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("an answer to nothing"))?;
        Ok(Self { follow, accepted: reading::kind(activity) == Some("Accept") })
    }
}

impl Effect for Answer {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::answered(conn, here, &sender.uri, &self.follow, self.accepted)
    }
}

/// Create or Update of something public.
pub struct Said {
    author: Url,
    /// A Create, not an Update.
    new: bool,
    public: bool,
    /// Everything but the time of receipt.
    heard: Heard,
    /// What its author warns of before it is read.
    warning: Option<String>,
    sensitive: bool,
    /// The series of a meeting, if it makes sense: its id and all of it.
    rhythm: Option<(Url, String)>,
}

impl Said {
    pub fn read(activity: &Value) -> Result<Self> {
        let object = reading::embedded(activity).ok_or_else(|| Error::invalid("a Create or Update without its object"))?;
        let uri = reading::id(object).ok_or_else(|| Error::invalid("an object without an id"))?;
        let speaker = activity.get("actor").and_then(reading::id);
        let author = reading::author(object, speaker.as_ref()).ok_or_else(|| Error::invalid("an object that nobody made"))?;
        if uri.origin() != author.origin() {
            return Err(Error::refused("the object and its author live on different servers"));
        }
        let url = object.get("url").and_then(reading::link).filter(|url| url.origin() == uri.origin());
        let starts = reading::clock_time(object, "startTime");
        let published = reading::time(object, "published").or_else(|| reading::time(activity, "published"));
        let heard = Heard {
            uri: uri.to_string(),
            actor: author.to_string(),
            kind: reading::kind(object).unwrap_or_default().to_owned(),
            title: wording::title(object),
            content: wording::content(object),
            url: url.unwrap_or(uri).into(),
            in_reply_to: object.get("inReplyTo").and_then(reading::id).map(Into::into),
            language: wording::language(object),
            starts,
            ends: reading::clock_time(object, "endTime").filter(|ends| starts.is_some_and(|starts| starts <= *ends)),
            zone: reading::text(object, "timezone", 64),
            place: reading::place(object),
            cancelled: reading::is_cancelled(object),
            published: published.unwrap_or_default(),
            updated: reading::time(object, "updated"),
            received: published.unwrap_or_default(),
        };
        let new = reading::kind(activity) == Some("Create");
        let rhythm = object.get("eventSchedule").and_then(|schedule| {
            let document = serde_json::to_string(schedule).ok().filter(|document| document.len() <= rhythm::MAX_LENGTH)?;
            Some((Rhythm::read(schedule, &author)?.uri, document))
        });
        // who says nothing of its readers on the letter means those on the envelope
        let public = reading::is_public(if reading::is_addressed(object) { object } else { activity });
        let warning = wording::warning(object);
        Ok(Self { author, new, public, heard, warning, sensitive: wording::is_sensitive(object), rhythm })
    }

    pub fn heard(&self) -> &Heard {
        &self.heard
    }

    pub fn is_public(&self) -> bool {
        self.public
    }

    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Only its author may say or change anything.
    pub fn must_be_by(&self, sender: &RemoteActor) -> Result<()> {
        if self.author == sender.uri { Ok(()) } else { Err(Error::refused("only its author may say or change this")) }
    }

    fn heard_at(&self, here: &Here) -> Heard {
        let mut heard = self.heard.clone();
        heard.received = here.now;
        // nobody speaks from the future
        heard.published = if heard.published == Default::default() { here.now } else { heard.published.min(here.now) };
        // there it can be opened by who wants to; here the warning is all that shows
        if let Some(warning) = &self.warning {
            heard.title.get_or_insert_with(|| warning.clone());
            if self.sensitive {
                heard.content.clear();
            }
        }
        heard
    }
}

impl Effect for Said {
    /// Mobilizon gives the Create of an event and all its Updates one id: versions are told apart by their time instead.
    fn happens_once(&self) -> bool {
        self.new
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        self.must_be_by(sender)?;
        // what a sister answers to others is no news
        let answers = self.heard.in_reply_to.as_ref().and_then(|uri| Url::parse(uri).ok());
        let to_others = answers.is_some_and(|uri| uri.origin() != self.author.origin() && !here.origin.owns(&uri));
        if !self.public || to_others {
            return Ok(());
        }
        let heard = self.heard_at(here);
        actions::hear(conn, &heard)?;
        match &self.rhythm {
            Some((uri, document)) if store::is_heard(conn, self.author.as_str())? => {
                let said = heard.updated.unwrap_or(heard.published);
                Ok(store::keep_rhythm(conn, uri.as_str(), self.author.as_str(), document, said)?)
            }
            _ => Ok(()),
        }
    }
}

/// Delete of something.
pub struct Removed {
    uri: Url,
}

impl Removed {
    pub fn read(activity: &Value) -> Result<Self> {
        let uri = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Delete without an object"))?;
        Ok(Self { uri })
    }
}

impl Effect for Removed {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, _here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::unhear(conn, &sender.uri, self.uri.as_str())
    }
}

/// Announce of something by its id.
pub struct PassedOn {
    activity: Url,
    uri: Url,
    said: Option<Said>,
}

impl PassedOn {
    /// Of what we know already.
    pub fn known(activity: &Url, uri: &Url) -> Self {
        Self { activity: activity.clone(), uri: uri.clone(), said: None }
    }

    /// Of a document that was fetched from where its id lives: what the announcer itself says of it is not believed.
    pub fn fetched(activity: &Url, document: &Value) -> Result<Self> {
        if !matches!(reading::kind(document), Some("Note" | "Article" | "Page" | "Event" | "Question")) {
            return Err(Error::invalid("this is nothing that can be passed on"));
        }
        let said = Said::read(&json!({ "type": "Create", "object": document }))?;
        let uri = said.heard.uri.parse().map_err(|_| Error::invalid("an object without an id"))?;
        Ok(Self { activity: activity.clone(), uri, said: Some(said) })
    }
}

impl Effect for PassedOn {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let heard = match &self.said {
            Some(said) if !said.public => return Ok(()),
            Some(said) => Some(said.heard_at(here)),
            None => None,
        };
        actions::hear_through(conn, here.now, &sender.uri, &self.activity, self.uri.as_str(), heard.as_ref())
    }
}

/// Undo of an Announce.
pub struct TakenBack {
    announce: Url,
}

impl TakenBack {
    pub fn read(undo: &Value) -> Result<Self> {
        let announce = undo.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("an Undo without an object"))?;
        Ok(Self { announce })
    }
}

impl Effect for TakenBack {
    fn happen(&self, conn: &mut Conn, _here: &Here, sender: &RemoteActor) -> Result<()> {
        Ok(store::take_back(conn, sender.uri.as_str(), self.announce.as_str())?)
    }
}
