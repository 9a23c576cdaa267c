//! A meeting as plain text, whole in any chat: weekday, date, time, zone, place and link.

use super::{meeting::Meeting, wire};
use crate::{
    app::Here,
    clock::Timestamp,
    origin::Local,
    text,
    web::{capitalised, zone_name},
    words::{Words, zone_abbreviation},
};

/// In these words; `group` is the name of the group that meets.
pub fn text(words: &Words, here: &Here, meeting: &Meeting, group: &str) -> String {
    let mut lines = vec![meeting.title.clone()];
    if meeting.cancelled.is_some() {
        lines = vec![words.say("wire-cancelled-name", &[("title", &meeting.title)])];
    }
    lines.push(when(words, meeting, meeting.starts, meeting.ends));
    if meeting.is_tentative() {
        lines.push(words.say("meeting-unconfirmed", &[]));
    }
    if let Some(before) = meeting.previous_start.filter(|_| meeting.cancelled.is_none()) {
        let length = meeting.ends.since(meeting.starts);
        lines.push(words.say("text-moved", &[("before", &when(words, meeting, before, before + length))]));
    }
    let place: Vec<&str> = [&meeting.place, &meeting.address].into_iter().flatten().map(String::as_str).collect();
    if !place.is_empty() {
        lines.push(place.join(", "));
    }
    if let Some(position) = meeting.position {
        lines.push(super::agenda::map(position));
    }
    if let Some(online) = &meeting.online {
        lines.push(words.say("text-online", &[("link", online.as_str())]));
    }
    lines.extend(wire::about_access(meeting, words));
    lines.extend(wire::lifts(meeting, words));
    if let Some(agreed) = &meeting.agreed {
        lines.push(format!("{}: {}", agreed.said(words, None), agreed.url(here)));
    }
    lines.push(words.say("text-who", &[("group", group), ("city", &here.city)]));
    lines.extend(here.origin.page(&Local::Event(meeting.id)).map(String::from));
    // whatever came in, each of them stays one line
    lines.iter().map(|line| text::one_line(line)).collect::<Vec<_>>().join("\n")
}

fn when(words: &Words, meeting: &Meeting, starts: Timestamp, ends: Timestamp) -> String {
    let (start, end) = [starts, ends].map(|time| time.utc().with_timezone(&meeting.zone)).into();
    let zone = words.say("text-zone", &[("letters", &zone_abbreviation(&start)), ("place", &zone_name(meeting.zone))]);
    capitalised(&words.when_in(start, end, &zone))
}
