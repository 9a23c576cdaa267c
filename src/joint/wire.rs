//! How a meeting is called together (FEP-8a8e, `organizers`): an `Offer` of the Event to a group, its `Accept` or `Reject`, the `Undo`
//! of either; an `Offer` to the holder of what is to be changed; and the holder's `Update` to all.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    actions,
    call::{Invitation, State},
    change::Change,
    leaving, store, taking_part,
};
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, json::items, reading, say::Saying, wording},
    meetings::meeting::{Kind, Meeting},
    origin::Local,
};

/// Longer Events are not kept, in bytes.
const LONGEST: usize = 64 * 1024;

/// An Event as its holder describes it.
pub struct Called {
    pub uri: Url,
    /// Under which it stands in calendars.
    pub uuid: Option<Uuid>,
    pub holder: Url,
    pub change: Change,
    pub kind: Kind,
    pub language: String,
    /// Where people read it.
    pub url: Url,
    pub said: Timestamp,
    pub document: String,
}

impl Called {
    /// Of an Event by the actor that made it, which lives where the Event does.
    pub fn read(event: &Value) -> Option<Self> {
        let uri = reading::id(event)?;
        let holder = event.get("attributedTo").or_else(|| event.get("actor")).and_then(reading::id)?;
        let document = event.to_string();
        if uri.origin() != holder.origin() || reading::kind(event) != Some("Event") || document.len() > LONGEST {
            return None;
        }
        let kind = match event.get("category").and_then(Value::as_str) {
            Some("MOVEMENTS_POLITICS") => Kind::Action,
            Some("COMMUNITY") => Kind::WorkDay,
            Some("WORKSHOPS_SKILL_SHARING") => Kind::Workshop,
            Some("PARTY") => Kind::Social,
            _ => Kind::Meeting,
        };
        let published = reading::time(event, "published");
        Some(Self {
            uuid: event.get("uuid").and_then(Value::as_str).and_then(|id| id.parse().ok()),
            change: Change::read(event, true),
            kind,
            language: wording::language(event).unwrap_or_else(|| "en".into()),
            url: event
                .get("url")
                .and_then(reading::link)
                .filter(|url| url.origin() == uri.origin())
                .unwrap_or_else(|| uri.clone()),
            said: reading::time(event, "updated").or(published).unwrap_or_default(),
            uri,
            holder,
            document,
        })
    }

    /// As it was kept with the invitation.
    pub fn kept(invitation: &Invitation) -> Result<Self> {
        let document: Value = serde_json::from_str(&invitation.document)?;
        Self::read(&document).ok_or_else(|| Error::broken("an invitation without its meeting"))
    }
}

/// Offer of an Event: to call it together, by its holder; to change it, by one of those who call it.
pub struct Offer {
    id: Url,
    event: Value,
    to: Vec<Url>,
}

impl Offer {
    pub fn read(activity: &Value) -> Result<Self> {
        let invalid = || Error::invalid("an Offer without its Event");
        let event = reading::embedded(activity).cloned().ok_or_else(invalid)?;
        let named = ["target", "to", "cc"].iter().filter_map(|field| activity.get(*field));
        Ok(Self {
            id: activity.get("id").and_then(reading::id).ok_or_else(invalid)?,
            to: named.flat_map(|list| items(list, 16)).filter_map(reading::id).collect(),
            event,
        })
    }
}

impl Effect for Offer {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let uri = reading::id(&self.event).ok_or_else(|| Error::invalid("an Event without an id"))?;
        if let Some(Local::Event(id)) = here.origin.local(&uri) {
            return actions::proposed(conn, here, sender, id, &Change::read(&self.event, false));
        }
        let Some(called) = Called::read(&self.event) else { return Ok(()) };
        if called.holder != sender.uri {
            return Err(Error::refused("only the group that holds a meeting may offer it"));
        }
        let groups = self.to.iter().filter_map(|to| match here.origin.local(to) {
            Some(Local::Group(handle)) => Some(handle),
            _ => None,
        });
        let mut groups: Vec<String> = groups.collect();
        groups.dedup();
        groups.iter().try_for_each(|group| taking_part::asked(conn, here, sender, &self.id, group, &called))
    }
}

/// Accept or Reject of an Offer of ours.
pub struct Answer {
    offer: Url,
    accepted: bool,
}

impl Answer {
    pub fn read(activity: &Value) -> Result<Self> {
        let offer = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("an answer to nothing"))?;
        Ok(Self { offer, accepted: reading::kind(activity) == Some("Accept") })
    }
}

impl Effect for Answer {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::answered(conn, here, &sender.uri, &self.offer, self.accepted)
    }
}

/// Undo of an Offer, by the holder, or of the Accept of one of ours.
pub enum Undone {
    Offer { event: Url },
    Accept { offer: Url },
}

impl Undone {
    /// Nothing where it is neither.
    pub fn read(undo: &Value) -> Option<Self> {
        let object = reading::embedded(undo)?;
        let what = object.get("object").and_then(reading::id)?;
        match reading::kind(object)? {
            "Offer" => Some(Self::Offer { event: what }),
            "Accept" => Some(Self::Accept { offer: what }),
            _ => None,
        }
    }
}

impl Effect for Undone {
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        match self {
            Self::Offer { event } => leaving::uninvited(conn, here, &sender.uri, event.as_str()),
            Self::Accept { offer } => actions::left(conn, here, &sender.uri, offer),
        }
    }
}

fn offer_of(here: &Here, invitation: &Invitation) -> Value {
    json!({
        "id": invitation.offer,
        "type": "Offer",
        "actor": invitation.holder,
        "object": invitation.event,
        "target": here.origin.group(&invitation.group),
    })
}

/// Two activities about one invitation reach the holder in the order in which they were said.
fn about(invitation: &Invitation) -> String {
    format!("{}#called", invitation.event)
}

/// Accept or Reject, with the Offer as it came.
pub fn answer(kind: &'static str, here: &Here, holder: &RemoteActor, invitation: &Invitation) -> Saying {
    let group = Local::Group(invitation.group.clone());
    Saying::direct(kind, &group, holder, about(invitation), offer_of(here, invitation))
}

pub fn undo_of_accept(here: &Here, holder: &RemoteActor, invitation: &Invitation, accept: &str) -> Saying {
    let group = Local::Group(invitation.group.clone());
    let accept = json!({
        "id": here.origin.url(accept),
        "type": "Accept",
        "actor": here.origin.uri(&group),
        "object": invitation.offer,
    });
    Saying::direct("Undo", &group, holder, about(invitation), accept)
}

/// Who calls a meeting of ours beside the group that holds it: their ids.
pub fn callers(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Vec<Url>> {
    let calling = store::calling(conn, meeting.id)?;
    let uri = |actor: &str| if actor.starts_with('/') { Some(here.origin.url(actor)) } else { Url::parse(actor).ok() };
    Ok(calling.iter().filter_map(|caller| uri(&caller.actor)).collect())
}

/// Was any other group asked to call it? Then its document says what they need.
pub fn is_joint(conn: &mut Conn, meeting: &Meeting) -> Result<bool> {
    Ok(store::callers_of(conn, meeting.id)?.iter().any(|caller| caller.state != State::Declined))
}
