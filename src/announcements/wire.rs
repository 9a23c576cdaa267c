//! How an announcement is said to other servers: a `Note` without `name` or `summary`, which many would show as a warning.

use serde_json::{Value, json};
use url::Url;

use super::{alarms, announcement::Announcement};
use crate::{
    app::Here,
    db::Conn,
    error::Result,
    federation::say::{self, PUBLIC},
    groups::{
        group::PLAZA,
        wire::{hashtag, mention, pictures, tag_page},
    },
    joint,
    origin::Local,
    replies::wire::with_responses,
    text,
};

/// The Note, without its context.
pub fn note(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<Value> {
    let origin = &here.origin;
    let local = Local::Note(announcement.id);
    let id = origin.uri(&local);
    let group = origin.group(&announcement.group);
    let content = content(here, announcement);
    let followers = origin.of_group(&announcement.group, "followers").to_string();
    let (to, mut cc) =
        if announcement.followers_only { (vec![followers], vec![]) } else { (vec![PUBLIC.to_owned()], vec![followers]) };
    cc.extend(announcement.mentions.iter().map(|mention| mention.uri.to_string()));
    let tags: Vec<Value> =
        announcement.mentions.iter().map(mention).chain(announcement.tags().iter().map(|tag| hashtag(here, tag))).collect();
    let mut note = json!({
        "id": id,
        "type": "Note",
        "attributedTo": group,
        "audience": group,
        "content": content,
        "contentMap": { &announcement.language: content },
        "url": origin.page(&local),
        "published": announcement.published.rfc3339(),
        "inReplyTo": in_reply_to(conn, here, announcement)?,
        "sensitive": false,
        "attachment": pictures(here, "Document", &announcement.pictures),
        "tag": tags,
        "to": to,
        "cc": cc,
    });
    if let Some(updated) = announcement.updated {
        note["updated"] = json!(updated.rfc3339());
    }
    if announcement.urgent {
        // other cities pass on by themselves what two stand behind
        note["urgent"] = json!(true);
        note["confirmations"] = json!(alarms::behind(conn, announcement.id)?);
    }
    if announcement.group == PLAZA {
        note["digest"] = json!(true);
    }
    with_responses(conn, here, &local, note)
}

/// What somebody said, or a meeting: of one that is held elsewhere its id there.
fn in_reply_to(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<Option<Url>> {
    let Some(meeting) = announcement.meeting.filter(|_| announcement.answers.is_none()) else {
        return Ok(announcement.answers.clone());
    };
    let elsewhere = joint::store::by_meeting(conn, meeting)?.and_then(|invitation| Url::parse(&invitation.event).ok());
    Ok(Some(elsewhere.unwrap_or_else(|| here.origin.uri(&Local::Event(meeting)))))
}

/// The same with its context and the group's proof.
pub fn proven(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<Value> {
    let group = Local::Group(announcement.group.clone());
    let since = announcement.updated.unwrap_or(announcement.published);
    let note = note(conn, here, announcement)?;
    say::proven(conn, here, &group, note, since)
}

/// What is read: the title as a first paragraph in bold, then the text.
pub fn content(here: &Here, announcement: &Announcement) -> String {
    let body = text::to_html(&announcement.text, &announcement.mentions, &|tag| tag_page(here, tag));
    match &announcement.title {
        Some(title) => format!("<p><strong>{}</strong></p>{body}", text::escape(title)),
        None => body,
    }
}
