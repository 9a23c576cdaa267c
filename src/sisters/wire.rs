//! What sisters say: the answer to our Follow, and Note, Article, Page, Event and Question in the shapes peers send.

use serde_json::{Value, json};
use url::Url;

use super::{
    actions::{self, Told},
    rhythm::{self, Rhythm},
    sister::{Heard, Refusal},
    store,
};
use crate::{
    actors::remote::{self, RemoteActor},
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, permission::Permission, reading, wording},
    text,
};

/// Longer content is kept as words alone, in bytes, and so many characters of them.
const LONGEST: usize = 20_000;
const WORDS: usize = 4_000;

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
    /// To be found in lists, too.
    listed: bool,
    /// Everything but the time of receipt.
    heard: Heard,
    /// What its author warns of before it is read.
    warning: Option<String>,
    sensitive: bool,
    /// The series of a meeting, if it makes sense, and its document.
    rhythm: Option<(Rhythm, String)>,
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
        // who says nothing of its readers on the letter means those on the envelope
        let letter = if reading::is_addressed(object) { object } else { activity };
        let listed = reading::is_listed(letter);
        // the morning's post of another plaza names what its groups say, and is nothing of its own
        let is_digest = object.get("digest").and_then(Value::as_bool) == Some(true);
        let passing = if listed && !is_digest { Permission::to_announce(object) } else { Permission::NOBODY };
        let confirmed = object.get("confirmations").and_then(Value::as_i64).unwrap_or(1).clamp(1, 1_000);
        let urgent = object.get("urgent").and_then(Value::as_bool) == Some(true);
        let heard = Heard {
            uri: uri.to_string(),
            actor: author.to_string(),
            kind: reading::kind(object).unwrap_or_default().to_owned(),
            title: wording::title(object),
            content: kept(wording::content(object)),
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
            urgent: urgent.then_some(confirmed),
            passing,
        };
        let new = reading::kind(activity) == Some("Create");
        let rhythm = object.get("eventSchedule").and_then(|schedule| {
            let document = serde_json::to_string(schedule).ok().filter(|document| document.len() <= rhythm::MAX_LENGTH)?;
            Some((Rhythm::read(schedule, &author)?, document))
        });
        let warning = wording::warning(object);
        Ok(Self {
            author,
            new,
            public: reading::is_public(letter),
            listed,
            heard,
            warning,
            sensitive: wording::is_sensitive(object),
            rhythm,
        })
    }

    /// Of a document that was fetched from where its id lives.
    pub fn of_document(document: &Value) -> Result<Self> {
        // some name what they passed on by the activity that made it
        let wrapped = matches!(reading::kind(document), Some("Create" | "Update")).then(|| reading::embedded(document)).flatten();
        let object = match wrapped {
            Some(object) if reading::id(object).map(|id| id.origin()) == reading::id(document).map(|id| id.origin()) => object,
            _ => document,
        };
        if !matches!(reading::kind(object), Some("Note" | "Article" | "Page" | "Event" | "Question")) {
            return Err(Error::invalid("this is nothing that can be passed on"));
        }
        Self::read(&json!({ "type": "Create", "object": object }))
    }

    pub fn author(&self) -> &Url {
        &self.author
    }

    /// May somebody here pass it on by hand? The rest is asked where it is known which group.
    pub fn can_be_passed_on(&self) -> Result<(), Refusal> {
        match (self.listed, self.heard.passing == Permission::NOBODY) {
            (false, _) => Err(Refusal::NotPublic),
            (true, true) => Err(Refusal::Forbidden),
            (true, false) => Ok(()),
        }
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

    /// As we know it from now on. Nothing is said in the future.
    pub fn told(&self, now: Timestamp) -> Told {
        let mut heard = self.heard.clone();
        heard.received = now;
        if heard.published == Default::default() || heard.published > now {
            heard.published = now;
        }
        // there it can be opened by who wants to; here the warning is all that shows
        if let Some(warning) = &self.warning {
            heard.title.get_or_insert_with(|| warning.clone());
            if self.sensitive {
                heard.content.clear();
            }
        }
        Told { heard, rhythm: self.rhythm.clone() }
    }
}

fn kept(content: String) -> String {
    if content.len() <= LONGEST {
        return content;
    }
    let words: String = text::plain_of_html(&content).chars().take(WORDS).collect();
    format!("<p>{}</p>", text::escape(&words))
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
        actions::hear(conn, here, &self.told(here.now), self.new)
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

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::unhear(conn, here, &sender.uri, self.uri.as_str())
    }
}

/// Announce of something by its id, or of what was done with it (FEP-1b12).
pub struct PassedOn {
    activity: Url,
    uri: Url,
    what: What,
    /// Whoever said it, if nobody here knew them.
    author: Option<RemoteActor>,
}

enum What {
    /// We have it already.
    Known,
    Said(Box<Said>),
    /// Its own server says that it is gone.
    Gone,
}

impl PassedOn {
    /// Of what we know already.
    pub fn known(activity: &Url, uri: &Url) -> Self {
        Self { activity: activity.clone(), uri: uri.clone(), what: What::Known, author: None }
    }

    /// Of what is no longer there.
    pub fn gone(activity: &Url, uri: &Url) -> Self {
        Self { what: What::Gone, ..Self::known(activity, uri) }
    }

    /// Of a document that was fetched from where its id lives: what the announcer itself says of it is not believed.
    pub fn fetched(activity: &Url, document: &Value) -> Result<Self> {
        let said = Said::of_document(document)?;
        let uri = said.heard.uri.parse().map_err(|_| Error::invalid("an object without an id"))?;
        Ok(Self { what: What::Said(Box::new(said)), ..Self::known(activity, &uri) })
    }

    /// Whose it is, as far as that was fetched.
    pub fn author(&self) -> Option<&Url> {
        match &self.what {
            What::Said(said) => Some(&said.author),
            What::Known | What::Gone => None,
        }
    }

    pub fn by(self, author: Option<RemoteActor>) -> Self {
        Self { author, ..self }
    }
}

impl Effect for PassedOn {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if !store::is_heard(conn, sender.uri.as_str())? {
            return Ok(());
        }
        let told = match &self.what {
            What::Gone => return actions::is_gone(conn, here, self.uri.as_str()),
            What::Said(said) if !said.public => return Ok(()),
            What::Said(said) => Some(said.told(here.now)),
            What::Known => None,
        };
        if let Some(author) = &self.author {
            remote::save(conn, author)?;
        }
        actions::hear_through(conn, here, sender, self.activity.as_str(), self.uri.as_str(), told.as_ref())
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
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::unhear_through(conn, here, &sender.uri, self.announce.as_str())
    }
}
