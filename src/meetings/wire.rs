//! How a meeting is said to other servers: an `Event`, and the notes that accompany its changes.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use url::Url;

use super::meeting::{Kind, Meeting};
use crate::{
    app::Here,
    coming,
    db::Conn,
    error::Result,
    federation::say::{self, PUBLIC},
    groups::wire::{hashtag, mention, pictures, tag_page},
    joint,
    origin::Local,
    replies::wire::{counted, with_responses},
    series,
    text::{self, escape},
    words::Words,
};

/// The Event, without its context. Who needs which field: `FEDERATION.md`.
pub fn event(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Value> {
    let origin = &here.origin;
    let local = Local::Event(meeting.id);
    let id = origin.uri(&local);
    let group = origin.group(&meeting.group);
    let words = Words::of(&meeting.language);
    let page = origin.page(&local);
    let coming = coming::actions::shown(conn, meeting, here.now)?;
    let mut content = content(here, meeting, &words);
    if coming.is_some_and(|coming| coming.open) {
        let page = page.as_ref().map(|page| escape(page.as_str())).unwrap_or_default();
        content.push_str(&format!("<p>{} <a href=\"{page}\">{page}</a></p>", escape(&words.say("wire-coming", &[]))));
    }
    let mut cc = vec![origin.of_group(&meeting.group, "followers").to_string()];
    cc.extend(meeting.mentions.iter().map(|mention| mention.uri.to_string()));
    let tags: Vec<Value> =
        meeting.mentions.iter().map(mention).chain(meeting.tags().iter().map(|tag| hashtag(here, tag))).collect();
    let (event_status, status) = status(meeting);
    let local_time = |time: chrono::DateTime<chrono_tz::Tz>| time.to_rfc3339_opts(SecondsFormat::Secs, false);
    let mut event = json!({
        "id": id,
        "type": "Event",
        "actor": group,
        "attributedTo": group,
        "audience": group,
        "organizers": organizers(conn, here, meeting)?,
        "name": name(meeting, &words),
        "summary": as_html(&summary(meeting, &words)),
        "content": content,
        "contentMap": { &meeting.language: content },
        "mediaType": "text/html",
        "inLanguage": meeting.language,
        "url": page,
        "published": meeting.published.rfc3339(),
        "startTime": local_time(meeting.local_start()),
        "endTime": local_time(meeting.local_end()),
        "displayEndTime": true,
        "timezone": meeting.zone.name(),
        "category": category(meeting.kind),
        "isOnline": meeting.online.is_some() && !meeting.is_somewhere(),
        "joinMode": "external",
        "externalParticipationUrl": page,
        "repliesModerationOption": "moderated",
        "commentsEnabled": true,
        "eventStatus": event_status,
        "status": status,
        "ical:status": status,
        "draft": false,
        "uuid": meeting.id,
        "contacts": [],
        "sensitive": false,
        "attachment": pictures(here, "Image", &meeting.pictures),
        "tag": tags,
        "to": [PUBLIC],
        "cc": cc,
    });
    if joint::wire::is_joint(conn, meeting)? {
        joint::change::of_callers(&mut event, meeting);
    }
    if let Some(coming) = coming {
        event["joinMode"] = json!("free");
        event["participantCount"] = json!(coming.tally.coming.bounds().0);
        event["attendees"] = attendees(here, meeting, &coming);
        if let Some(most) = meeting.capacity {
            event["maximumAttendeeCapacity"] = json!(most);
        }
        // how many are left would tell how many there are
        if coming.full {
            event["remainingAttendeeCapacity"] = json!(0);
        }
    }
    if let Some(place) = place(meeting) {
        event["location"] = place;
    }
    if let Some(before) = meeting.previous_start {
        event["previousStartTime"] = json!(local_time(before.utc().with_timezone(&meeting.zone)));
    }
    if let Some(recurrence) = meeting.recurrence
        && let Some(series) = series::store::by_id(conn, recurrence.series)?
    {
        event["eventSchedule"] = series::wire::schedule(conn, here, &series)?;
    }
    if let Some(updated) = meeting.updated {
        event["updated"] = json!(updated.rfc3339());
    }
    with_responses(conn, here, &local, event)
}

/// At least how many come, in steps, and nobody by name.
pub fn attendees(here: &Here, meeting: &Meeting, coming: &coming::actions::Shown) -> Value {
    counted(&here.origin.uri(&Local::Event(meeting.id)), "attendees", coming.tally.coming.bounds().0)
}

/// Who calls for it: the group, others that call it with it, and nobody by name.
pub fn organizers(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Value> {
    let id = format!("{}/organizers", here.origin.uri(&Local::Event(meeting.id)));
    let mut items = vec![here.origin.group(&meeting.group)];
    items.extend(joint::wire::callers(conn, here, meeting)?);
    Ok(json!({ "id": id, "type": "Collection", "totalItems": items.len(), "items": items }))
}

/// A meeting that stands on our own pages only was changed here: where a group of another city holds it, that is asked to change it
/// for all.
pub fn ask_its_holder(conn: &mut Conn, here: &Here, before: &Meeting, after: &Meeting) -> Result<()> {
    if after.is_held_elsewhere() { joint::taking_part::propose(conn, here, before, after) } else { Ok(()) }
}

/// The same with its context and the group's proof.
pub fn proven(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Value> {
    let group = Local::Group(meeting.group.clone());
    let since = meeting.updated.unwrap_or(meeting.published);
    let event = event(conn, here, meeting)?;
    say::proven(conn, here, &group, event, since)
}

fn status(meeting: &Meeting) -> (&'static str, &'static str) {
    match (meeting.cancelled, meeting.previous_start) {
        (Some(_), _) => ("EventCancelled", "CANCELLED"),
        (None, _) if meeting.is_tentative() => ("EventTentative", "TENTATIVE"),
        (None, Some(_)) => ("EventRescheduled", "CONFIRMED"),
        (None, None) => ("EventScheduled", "CONFIRMED"),
    }
}

/// From Mobilizon's list.
fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::Meeting | Kind::Assembly => "MEETING",
        Kind::Action => "MOVEMENTS_POLITICS",
        Kind::WorkDay => "COMMUNITY",
        Kind::Workshop => "WORKSHOPS_SKILL_SHARING",
        Kind::Social => "PARTY",
    }
}

/// A meeting that is cancelled or unconfirmed says so in its name: some show nothing else.
fn name(meeting: &Meeting, words: &Words) -> String {
    match meeting.cancelled {
        Some(_) => words.say("wire-cancelled-name", &[("title", &meeting.title)]),
        None if meeting.is_tentative() => words.say("meeting-unconfirmed-title", &[("title", &meeting.title)]),
        None => meeting.title.clone(),
    }
}

/// One plain line with time, zone and place: what Mastodon shows, and harmless where it is shown as a warning.
pub fn summary(meeting: &Meeting, words: &Words) -> String {
    let mut parts = vec![words.when_short(meeting.local_start(), meeting.local_end())];
    parts.extend(where_(meeting));
    parts.join(" · ")
}

/// ActivityStreams and Mastodon take a summary for HTML, others show it as it is: only what would be read as a tag or a reference
/// is spelled in another way.
pub fn as_html(line: &str) -> String {
    let mut html = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let next = line.get(at + 1..).and_then(|rest| rest.chars().next());
        match c {
            '<' => html.push_str("&lt;"),
            '&' if next.is_some_and(|next| next == '#' || next.is_ascii_alphanumeric()) => html.push_str("&amp;"),
            c => html.push(c),
        }
    }
    html
}

/// All that a move can change, in one line: also the link of a meeting in a room.
fn whereabouts(meeting: &Meeting, words: &Words) -> String {
    let online = meeting.online.as_ref().filter(|_| meeting.is_somewhere());
    [Some(summary(meeting, words)), online.map(Url::to_string)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The place in one line; the online link where there is no room.
pub(crate) fn where_(meeting: &Meeting) -> Option<String> {
    let lines: Vec<&str> = [&meeting.place, &meeting.address].into_iter().flatten().map(String::as_str).collect();
    match (lines.is_empty(), meeting.position, &meeting.online) {
        (false, _, _) => Some(lines.join(", ")),
        (true, _, Some(online)) => Some(online.to_string()),
        (true, Some(position), None) => Some(format!("{}, {}", position.latitude, position.longitude)),
        (true, None, None) => None,
    }
}

/// Stands for itself: many servers show neither name nor times of an Event.
pub(super) fn content(here: &Here, meeting: &Meeting, words: &Words) -> String {
    let escaped = |line: &str| text::escape(line);
    let mut html = format!("<p><strong>{}</strong></p>", escaped(&name(meeting, words)));
    let mut facts = vec![words.say("wire-when", &[("when", &words.when_long(meeting.local_start(), meeting.local_end()))])];
    if meeting.is_somewhere()
        && let Some(place) = where_(meeting)
    {
        facts.push(words.say("wire-where", &[("where", &place)]));
    }
    let mut lines: Vec<String> = facts.iter().map(|fact| escaped(fact)).collect();
    if let Some(online) = &meeting.online {
        let link = escaped(online.as_str());
        let label = escaped(&words.say("wire-online", &[]));
        lines.push(format!("{label} <a href=\"{link}\" rel=\"nofollow noopener noreferrer\">{link}</a>"));
    }
    lines.extend(about_access(meeting, words).iter().map(|line| escaped(line)));
    lines.extend(lifts(meeting, words).map(|line| escaped(&line)));
    if let Some(agreed) = &meeting.agreed {
        let (link, said) = (escaped(agreed.url(here).as_str()), escaped(&agreed.said(words, None)));
        lines.push(format!("<a href=\"{link}\" rel=\"nofollow noopener noreferrer\">{said}</a>"));
    }
    html.push_str(&format!("<p>{}</p>", lines.join("<br>")));
    if meeting.is_tentative() {
        html.push_str(&format!("<p>{}</p>", escaped(&words.say("meeting-unconfirmed", &[]))));
    }
    if let Some(agenda) = &meeting.agenda {
        html.push_str(&text::to_html(agenda, &meeting.mentions, &|tag| tag_page(here, tag)));
    }
    html
}

/// What makes it easier to come: the facts in one line, then the group's own.
pub fn about_access(meeting: &Meeting, words: &Words) -> Vec<String> {
    let facts: Vec<String> = meeting.access.facts.iter().map(|fact| words.say(&format!("access-{}", fact.name()), &[])).collect();
    let facts = (!facts.is_empty()).then(|| words.say("wire-access", &[("facts", &facts.join(", "))]));
    facts.into_iter().chain(meeting.access.line.clone()).collect()
}

/// When the rest is shown of a meeting under a veil; nothing where it never will be.
pub fn lifts(meeting: &Meeting, words: &Words) -> Option<String> {
    let veil = meeting.veil.as_ref().filter(|_| meeting.cancelled.is_none())?;
    let message = if veil.hours == 1 { "veil-lifts-one" } else { "veil-lifts" };
    Some(words.say(message, &[("hours", &veil.hours.to_string())]))
}

pub(crate) fn place(meeting: &Meeting) -> Option<Value> {
    if !meeting.is_somewhere() {
        return None;
    }
    let name = meeting.place.as_ref().or(meeting.address.as_ref()).cloned().or_else(|| where_(meeting));
    let mut place = json!({ "type": "Place", "name": name });
    if let Some(address) = &meeting.address {
        place["address"] = json!({ "type": "PostalAddress", "streetAddress": address });
    }
    if let Some(position) = meeting.position {
        place["latitude"] = json!(position.latitude);
        place["longitude"] = json!(position.longitude);
    }
    Some(place)
}

/// What the companion note says when a meeting was moved; Markdown.
pub fn moved_note(here: &Here, meeting: &Meeting, before: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    let (was, is) = (whereabouts(before, &words), whereabouts(meeting, &words));
    note(here, meeting, &words.say("wire-moved", &[("title", &meeting.title), ("now", &is), ("before", &was)]))
}

/// What the companion note says when it is shown where a meeting is; Markdown.
pub fn shown_note(here: &Here, meeting: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    let mut lines = vec![whereabouts(meeting, &words)];
    lines.extend(meeting.access.line.clone());
    note(here, meeting, &words.say("wire-shown", &[("title", &meeting.title), ("now", &lines.join(" · "))]))
}

/// What the companion note says when a meeting was cancelled; Markdown.
pub fn cancelled_note(here: &Here, meeting: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    let when = summary(meeting, &words);
    note(here, meeting, &words.say("wire-cancelled", &[("title", &meeting.title), ("when", &when)]))
}

/// What the companion note says when a meeting that was called off takes place after all; Markdown.
pub fn restored_note(here: &Here, meeting: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    let when = whereabouts(meeting, &words);
    note(here, meeting, &words.say("wire-restored", &[("title", &meeting.title), ("when", &when)]))
}

fn note(here: &Here, meeting: &Meeting, sentence: &str) -> String {
    let page = here.origin.page(&Local::Event(meeting.id)).map(String::from).unwrap_or_default();
    let plain: String = sentence.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect();
    format!("{plain}\n\n{page}")
}
