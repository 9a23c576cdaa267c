//! How people on other servers say that they come: by `Join` and `Leave` (Mobilizon, other cities), or by answering the meeting's
//! post with a bare word. Nothing of it is kept but a fingerprint.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    accounts::{self, Given, Taken},
    actions::TOLD,
    answer::{Answer, Refusal},
    said::recognise,
};
use crate::{
    actors::remote::RemoteActor,
    announcements,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{
        effect::Effect,
        reading,
        say::{Hearers, Saying, say},
    },
    groups::{
        self,
        group::{Group, PLAZA},
    },
    meetings::{self, meeting::Meeting},
    origin::Local,
    replies::{self, reply::Standing, wire::Written},
    text,
    words::Words,
};

/// A meeting that other servers know of, and the group that holds it.
fn known(conn: &mut Conn, id: Uuid) -> Result<Option<(Meeting, Group)>> {
    let Some(meeting) = meetings::store::by_id(conn, id)?.filter(Meeting::is_said) else { return Ok(None) };
    let group = groups::store::by_handle(conn, &meeting.group)?.filter(|group| group.closed.is_none());
    Ok(group.map(|group| (meeting, group)))
}

/// Somebody whom the group turned away comes to nothing of it.
fn is_turned_away(conn: &mut Conn, group: &str, actor: &Url) -> Result<bool> {
    Ok(replies::store::standing(conn, group, actor.as_str())? == Some(Standing::Refused))
}

/// Somebody says they will come, and their server waits for an answer: with the id of the Join, as often as it is sent.
pub struct Join {
    id: String,
    meeting: Url,
}

impl Join {
    pub fn read(activity: &Value) -> Result<Self> {
        let meeting = activity.get("object").and_then(reading::id).ok_or_else(|| Error::invalid("a Join without an object"))?;
        let id = activity.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { id, meeting })
    }

    /// FEP-8a8e: `Ignore` where nobody is asked whether they come.
    fn answer(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor, id: Uuid, group: &str) -> Result<&'static str> {
        // a group does not come, its people do
        if sender.kind == "Group" || is_turned_away(conn, group, &sender.uri)? {
            return Ok("Reject");
        }
        let host = sender.host();
        let given = Given { who: sender.uri.as_str(), answer: Answer::Coming, note: None, host: Some(&host) };
        Ok(match accounts::give(conn, here, id, &given)? {
            Taken::Stands { .. } => "Accept",
            Taken::Refused(Refusal::NotAsked) => "Ignore",
            Taken::Full | Taken::Refused(_) => "Reject",
        })
    }
}

impl Effect for Join {
    fn names_who_comes(&self, _here: &Here) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        // Mobilizon's people join groups so, too, and tell everyone who follows those
        if !here.origin.owns(&self.meeting) {
            return Ok(());
        }
        let missing = || Error::not_found("no such meeting here");
        let Some(Local::Event(id)) = here.origin.local(&self.meeting) else { return Err(missing()) };
        let (meeting, _) = known(conn, id)?.ok_or_else(missing)?;
        let kind = self.answer(conn, here, sender, id, &meeting.group)?;
        let join = json!({ "id": self.id, "type": "Join", "actor": sender.uri, "object": here.origin.uri(&Local::Event(id)) });
        let saying = Saying::direct(kind, &Local::Group(meeting.group), sender, TOLD.into(), join);
        say(conn, here, &saying, Hearers::only(sender))?;
        Ok(())
    }
}

/// Somebody takes it back: by `Leave`, or `Undo` of the Join.
pub struct Leave {
    meeting: Url,
}

impl Leave {
    /// The object is the meeting, or the Join with the meeting in it.
    pub fn read(activity: &Value) -> Result<Self> {
        let join = reading::embedded(activity).filter(|object| reading::kind(object) == Some("Join"));
        let meeting = join.unwrap_or(activity).get("object").and_then(reading::id);
        meeting.map(|meeting| Self { meeting }).ok_or_else(|| Error::invalid("a Leave without an object"))
    }
}

impl Effect for Leave {
    fn names_who_comes(&self, _here: &Here) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        if let Some(Local::Event(id)) = here.origin.local(&self.meeting) {
            accounts::take_back(conn, here, id, sender.uri.as_str())?;
        }
        Ok(())
    }
}

/// What something that somebody wrote is to the meeting it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It said whether they come, and that is all that becomes of it.
    Answer,
    /// It was an answer until its author wrote more into it.
    NoLonger,
    /// Something else.
    Nothing,
}

/// Takes what says nothing but whether its author comes.
pub fn hear(conn: &mut Conn, here: &Here, sender: &RemoteActor, written: &Written) -> Result<Heard> {
    let answered = match &written.in_reply_to {
        Some(uri) if sender.kind == "Person" => answered(conn, here, uri)?,
        _ => None,
    };
    let said = answered.and_then(|(meeting, group)| {
        let (answer, words) = read(here, written, Some(&group.handle))?;
        Some((meeting, group, answer, words))
    });
    let Some((meeting, group, answer, words)) = said else {
        let was_one = !written.new && accounts::take_back_note(conn, here, sender.uri.as_str(), &written.uri)?;
        return Ok(if was_one { Heard::NoLonger } else { Heard::Nothing });
    };
    if is_turned_away(conn, &group.handle, &sender.uri)? {
        return Ok(Heard::Answer);
    }
    let host = sender.host();
    let given = Given { who: sender.uri.as_str(), answer, note: Some(&written.uri), host: Some(&host) };
    let told = match accounts::give(conn, here, meeting.id, &given)? {
        Taken::Stands { changed: true } => Told { sentence: format!("coming-told-{}", answer.name()), stands: true, kept: true },
        Taken::Full => Told { sentence: "coming-told-full".into(), stands: false, kept: true },
        Taken::Refused(Refusal::NotAsked) => return Ok(Heard::Nothing),
        Taken::Refused(refusal) => Told { sentence: refusal.words().into(), stands: false, kept: false },
        Taken::Stands { changed: false } => return Ok(Heard::Answer),
    };
    // it may have been a reply before its author took the rest away
    replies::arrival::withdraw(conn, &sender.uri, &written.uri)?;
    // of whoever answers in vain nothing is kept, not even how often they were told: once for each post
    let may = if told.kept { accounts::may_be_told(conn, here, meeting.id, sender.uri.as_str())? } else { written.new };
    if may {
        let words = words.unwrap_or_else(|| Words::of(written.language.as_deref().unwrap_or(&group.language)));
        let note = confirmation(here, &group, &meeting, sender, &words, &told, &written.uri);
        let saying = Saying::direct("Create", &Local::Group(group.handle), sender, TOLD.into(), note);
        say(conn, here, &saying, Hearers::only(sender))?;
    }
    Ok(Heard::Answer)
}

/// What is said back.
struct Told {
    /// Its message.
    sentence: String,
    /// Is there an answer that could be changed?
    stands: bool,
    /// Is anything kept of them for this meeting?
    kept: bool,
}

/// Might this say whether somebody comes? Then it is not laid by for others to look at.
pub fn may_be_an_answer(here: &Here, written: &Written) -> bool {
    written.in_reply_to.as_ref().is_some_and(|uri| here.origin.owns(uri)) && read(here, written, None).is_some()
}

/// The answer in a text that is addressed to nobody but this group, or the plaza, or whichever group it is.
fn read(here: &Here, written: &Written, group: Option<&str>) -> Option<(Answer, Option<Words>)> {
    let is_us = |name: &str| {
        let (handle, host) = name.split_once('@').map_or((name, None), |(handle, host)| (handle, Some(host)));
        let at_home = host.is_none_or(|host| host.eq_ignore_ascii_case(&here.origin.authority()));
        at_home && group.is_none_or(|group| handle.eq_ignore_ascii_case(group) || handle.eq_ignore_ascii_case(PLAZA))
    };
    // whoever warns of their words, or adds something, says more than one word
    let bare = written.warning.is_none() && !written.encloses;
    if bare { recognise(&written.content, is_us) } else { None }
}

/// The meeting whose post that is: the Event itself, a note beside it, or what we told somebody about their answer.
fn answered(conn: &mut Conn, here: &Here, uri: &Url) -> Result<Option<(Meeting, Group)>> {
    let id = match here.origin.local(uri) {
        Some(Local::Event(id)) => Some(id),
        Some(Local::Note(id)) => {
            announcements::store::by_id(conn, id)?.filter(|note| note.deleted.is_none()).and_then(|note| note.meeting)
        }
        None if here.origin.owns(uri) => match uri.path().trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
            ["ap", "events", id, "answers", _] => id.parse().ok(),
            _ => None,
        },
        _ => None,
    };
    match id {
        Some(id) => known(conn, id),
        None => Ok(None),
    }
}

/// What we understood, how to change it, and how to answer without anybody knowing; for one actor alone.
fn confirmation(
    here: &Here,
    group: &Group,
    meeting: &Meeting,
    to: &RemoteActor,
    words: &Words,
    told: &Told,
    in_reply_to: &str,
) -> Value {
    let event = Local::Event(meeting.id);
    let page = here.origin.page(&event).map(|page| format!("{page}#coming")).unwrap_or_default();
    let when = words.when_long(meeting.local_start(), meeting.local_end());
    let how = if told.stands { text::escape(&words.say("coming-told-how", &[])) + " " } else { String::new() };
    let told = text::escape(&words.say(&told.sentence, &[("title", &meeting.title), ("when", &when)]));
    let (link, handle) = (text::escape(&page), to.handle());
    let (uri, name) = (text::escape(to.uri.as_str()), text::escape(&handle));
    let content = format!(
        "<p><span class=\"h-card\"><a href=\"{uri}\" class=\"u-url mention\">{name}</a></span> {told}</p>\
         <p>{how}<a href=\"{link}\">{link}</a></p>"
    );
    json!({
        // its id leads to the meeting, so that an answer to it is understood; nobody is shown it
        "id": here.origin.url(&format!("{}/answers/{}", event.path(), here.new_id())),
        "type": "Note",
        "attributedTo": here.origin.group(&group.handle),
        "content": content,
        "contentMap": { words.tag(): content },
        "published": here.now.rfc3339(),
        "inReplyTo": in_reply_to,
        "sensitive": false,
        "attachment": [],
        "tag": [{ "type": "Mention", "name": handle, "href": to.uri }],
        "to": [to.uri],
        "cc": [],
    })
}
