//! A meeting as it is told to whoever types commands.

use serde_json::{Value, json};

use super::super::{Report, pictures};
use crate::{
    app::Here,
    meetings::{clashes::Clash, meeting::Meeting, wire},
    origin::Local,
    words::Words,
};

/// One meeting.
pub fn reported(here: &Here, meeting: &Meeting) -> Report {
    Report::new(page(here, meeting), described(here, meeting))
}

/// Also what its veil hides: whoever types commands here could look at the database.
pub fn shown(here: &Here, meeting: &Meeting, whole: &Meeting) -> Report {
    let (mut text, mut json) = (page(here, meeting), described(here, meeting));
    if let Some(veil) = &meeting.veil {
        let there = wire::summary(whole, &Words::of("en"));
        text.push_str(&format!("\nNobody sees until {} hours before: {there}", veil.hours));
        json["veiled"] = json!({
            "place": whole.place,
            "address": whole.address,
            "geo": whole.position.map(|position| json!([position.latitude, position.longitude])),
            "online": whole.online,
            "access_line": whole.access.line,
        });
    }
    Report::new(text, json)
}
/// The same of one that was put on the agenda, with what else is on at that time.
pub fn with_clashes(here: &Here, Report { text, mut json, bad }: Report, clashes: &[Clash]) -> Report {
    json["clashes"] = clashes
        .iter()
        .map(|clash| {
            let mut json = described(here, &clash.meeting);
            json["topics"] = json!(clash.topics);
            json
        })
        .collect();
    let line = |clash: &Clash| format!("\n{}: {}, {}", clash.group.name, clash.meeting.title, when(&clash.meeting));
    let lines: String = clashes.iter().map(line).collect();
    let beside = if lines.is_empty() { lines } else { format!("\n\nAt the same time:{lines}") };
    Report { text: text + &beside, json, bad }
}

/// When it is, in short.
pub fn when(meeting: &Meeting) -> String {
    Words::of("en").when_short(meeting.local_start(), meeting.local_end())
}

fn page(here: &Here, meeting: &Meeting) -> String {
    let cancelled = match meeting.cancelled {
        Some(_) => "CANCELLED: ",
        None if meeting.is_tentative() => "UNCONFIRMED: ",
        None => "",
    };
    let summary = wire::summary(meeting, &Words::of("en"));
    let pictures = pictures::lines(here, &meeting.pictures);
    let words = Words::of("en");
    let agreed = meeting.agreed.as_ref().map(|agreed| format!("{}: {}", agreed.said(&words, None), agreed.url(here)));
    let more = wire::about_access(meeting, &words).into_iter().chain(wire::lifts(meeting, &words)).chain(agreed);
    let more: String = more.map(|line| format!("\n{line}")).collect();
    format!("{cancelled}{}\n{summary}{more}\n\nId: {}\nPage: {}{pictures}", meeting.title, meeting.id, url(here, meeting))
}

fn url(here: &Here, meeting: &Meeting) -> String {
    here.origin.page(&Local::Event(meeting.id)).map(String::from).unwrap_or_default()
}

/// As programs read it.
pub fn described(here: &Here, meeting: &Meeting) -> Value {
    json!({
        "id": meeting.id,
        "uri": here.origin.uri(&Local::Event(meeting.id)),
        "url": url(here, meeting),
        "group": meeting.group,
        "title": meeting.title,
        "kind": meeting.kind.name(),
        "starts": meeting.local_start().to_rfc3339(),
        "ends": meeting.local_end().to_rfc3339(),
        "zone": meeting.zone.name(),
        "place": meeting.place,
        "address": meeting.address,
        "geo": meeting.position.map(|position| json!([position.latitude, position.longitude])),
        "online": meeting.online,
        "access": meeting.access.facts.iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "access_line": meeting.access.line,
        "lift_hours": meeting.veil.as_ref().map(|veil| veil.hours),
        "capacity": meeting.capacity,
        "agenda": meeting.agenda,
        "agreed": meeting.agreed.as_ref().map(|agreed| agreed.url(here)),
        "language": meeting.language,
        "pictures": meeting.pictures.iter().map(|picture| pictures::described(here, picture)).collect::<Vec<_>>(),
        "series": meeting.recurrence.map(|recurrence| recurrence.series),
        "opens": meeting.opens.filter(|_| !meeting.is_held_elsewhere()).map(|time| time.rfc3339()),
        "cancelled": meeting.cancelled.map(|time| time.rfc3339()),
        "unconfirmed": meeting.unconfirmed,
        "met": meeting.met.map(|time| time.rfc3339()),
        "missed": meeting.missed.map(|time| time.rfc3339()),
        "published": meeting.published.rfc3339(),
        "updated": meeting.updated.map(|time| time.rfc3339()),
    })
}
