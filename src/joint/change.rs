//! What a group says of a meeting it calls: all of it, or only what is to be otherwise.

use std::time::Duration;

use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    clock::Timestamp,
    federation::reading,
    meetings::meeting::{self, Meeting, Position},
    text,
};

/// Where people meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spot {
    pub place: Option<String>,
    pub address: Option<String>,
    pub position: Option<Position>,
}

/// What is said of a meeting; what is absent stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    pub title: Option<String>,
    pub times: Option<(Timestamp, Timestamp, Tz)>,
    pub spot: Option<Spot>,
    pub online: Option<Option<Url>>,
    /// Markdown.
    pub agenda: Option<Option<String>>,
    pub cancelled: bool,
}

/// In characters, as our own meetings have them.
const LINE: usize = 300;
const AGENDA: usize = 20_000;
const USUAL: Duration = Duration::from_secs(2 * 3_600);

impl Change {
    /// Of an Event; `whole`: what it does not say, the meeting has not got.
    pub fn read(event: &Value, whole: bool) -> Self {
        let source = event.get("source");
        let said = |field: &str| event.get(field).is_some() || whole;
        let name = source.and_then(|source| line(source, "name", 200)).or_else(|| line(event, "name", 200));
        let agenda = match source {
            Some(source) => reading::text(source, "content", AGENDA),
            None => reading::text(event, "content", AGENDA).map(|html| text::escape_markdown(&text::plain_of_html(&html))),
        };
        Self {
            title: name,
            times: times(event),
            spot: said("location").then(|| event.get("location").map(spot).unwrap_or_default()),
            online: said("virtualLocation").then(|| event.get("virtualLocation").and_then(online)),
            agenda: said("source").then_some(agenda),
            cancelled: reading::is_cancelled(event),
        }
    }

    /// What a meeting has that it had not before.
    pub fn between(before: &Meeting, after: &Meeting) -> Self {
        let of = |meeting: &Meeting| Spot {
            place: meeting.place.clone(),
            address: meeting.address.clone(),
            position: meeting.position,
        };
        let when = |meeting: &Meeting| (meeting.starts, meeting.ends, meeting.zone);
        Self {
            title: (before.title != after.title).then(|| after.title.clone()),
            times: (when(before) != when(after)).then(|| when(after)),
            spot: (of(before) != of(after)).then(|| of(after)),
            online: (before.online != after.online).then(|| after.online.clone()),
            agenda: (before.agenda != after.agenda).then(|| after.agenda.clone()),
            cancelled: after.cancelled.is_some() && before.cancelled.is_none(),
        }
    }

    /// The same, and what was said after it.
    pub fn then(self, later: Self) -> Self {
        Self {
            title: later.title.or(self.title),
            times: later.times.or(self.times),
            spot: later.spot.or(self.spot),
            online: later.online.or(self.online),
            agenda: later.agenda.or(self.agenda),
            cancelled: self.cancelled || later.cancelled,
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Everything but that it is cancelled.
    pub fn apply(&self, meeting: &mut Meeting) {
        if let Some(title) = &self.title {
            meeting.title.clone_from(title);
        }
        if let Some((starts, ends, zone)) = self.times {
            (meeting.starts, meeting.ends, meeting.zone) = (starts, ends, zone);
        }
        if let Some(Spot { place, address, position }) = self.spot.clone() {
            let same = (&place, &address, position) == (&meeting.place, &meeting.address, meeting.position);
            (meeting.place, meeting.address, meeting.position) = (place, address, position);
            meeting.place_id = meeting.place_id.filter(|_| same);
        }
        if let Some(online) = &self.online {
            meeting.online.clone_from(online);
        }
        if let Some(agenda) = &self.agenda {
            if *agenda != meeting.agenda {
                meeting.mentions = vec![];
            }
            meeting.agenda.clone_from(agenda);
        }
    }

    /// As an Event with nothing else in it, of that id, by that group.
    pub fn document(&self, event: &str, holder: &str) -> Value {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        put("id", json!(event));
        put("type", json!("Event"));
        put("attributedTo", json!(holder));
        let mut source = Map::new();
        if let Some(title) = &self.title {
            put("name", json!(title));
            source.insert("name".into(), json!(title));
        }
        if let Some((starts, ends, zone)) = self.times {
            let local = |time: Timestamp| time.utc().with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false);
            put("startTime", json!(local(starts)));
            put("endTime", json!(local(ends)));
            put("timezone", json!(zone.name()));
        }
        if let Some(spot) = &self.spot {
            put("location", place(spot));
        }
        if let Some(online) = &self.online {
            put("virtualLocation", virtual_place(online.as_ref()));
        }
        if let Some(agenda) = &self.agenda {
            source.insert("content".into(), json!(agenda.clone().unwrap_or_default()));
            source.insert("mediaType".into(), json!("text/markdown"));
            put("source", Value::Object(source));
        }
        if self.cancelled {
            put("eventStatus", json!("EventCancelled"));
            put("status", json!("CANCELLED"));
        }
        Value::Object(fields)
    }
}

/// What an Event of ours says beside what everybody reads, so that the groups which call it with us know it as we do.
pub fn of_callers(event: &mut Value, meeting: &Meeting) {
    event["source"] = json!({
        "name": meeting.title,
        "content": meeting.agenda.clone().unwrap_or_default(),
        "mediaType": "text/markdown",
    });
    event["virtualLocation"] = virtual_place(meeting.online.as_ref());
}

fn line(value: &Value, field: &str, most: usize) -> Option<String> {
    let text = reading::text(value, field, most)?;
    let line = text::one_line(&text::plain_of_html(&text));
    (!line.is_empty()).then_some(line)
}

fn times(event: &Value) -> Option<(Timestamp, Timestamp, Tz)> {
    let starts = reading::time(event, "startTime")?;
    let ends = reading::time(event, "endTime").filter(|ends| *ends > starts).unwrap_or(starts + USUAL);
    let zone = reading::text(event, "timezone", 64).and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
    Some((starts, ends, zone))
}

fn spot(location: &Value) -> Spot {
    let location = match location {
        Value::Array(list) => list.first().unwrap_or(&Value::Null),
        one => one,
    };
    let address = match location.get("address") {
        Some(Value::String(_)) => line(location, "address", LINE),
        Some(address) => {
            let parts = ["streetAddress", "postalCode", "addressLocality"].map(|field| line(address, field, 100));
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        None => None,
    };
    let degrees = |field: &str| location.get(field).and_then(Value::as_f64);
    let position = degrees("latitude").zip(degrees("longitude"));
    Spot {
        place: line(location, "name", LINE).filter(|name| Some(name) != address.as_ref()),
        address,
        position: position.and_then(|(latitude, longitude)| Position::parse(&format!("{latitude},{longitude}")).ok()),
    }
}

fn place(spot: &Spot) -> Value {
    if *spot == Spot::default() {
        return Value::Null;
    }
    let mut place = json!({ "type": "Place" });
    if let Some(name) = spot.place.as_ref().or(spot.address.as_ref()) {
        place["name"] = json!(name);
    }
    if let Some(address) = &spot.address {
        place["address"] = json!({ "type": "PostalAddress", "streetAddress": address });
    }
    if let Some(position) = spot.position {
        place["latitude"] = json!(position.latitude);
        place["longitude"] = json!(position.longitude);
    }
    place
}

fn virtual_place(online: Option<&Url>) -> Value {
    online.map_or(Value::Null, |url| json!({ "type": "VirtualLocation", "url": url }))
}

fn online(place: &Value) -> Option<Url> {
    meeting::online(place.get("url")?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn meeting() -> Meeting {
        Meeting {
            title: "March".into(),
            starts: Timestamp::from_seconds(1_800_000_000),
            ends: Timestamp::from_seconds(1_800_007_200),
            zone: Tz::America__New_York,
            place: Some("The square".into()),
            address: Some("Broadway".into()),
            position: Some(Position { latitude: 40.5, longitude: -74.25 }),
            online: Url::parse("https://meet.example/march").ok(),
            agenda: Some("* *walk*\n* talk".into()),
            ..Meeting::blank(Uuid::nil(), "kitchen", Timestamp::default())
        }
    }

    #[test]
    fn what_is_said_of_a_change_is_read_as_that_change() {
        let before = meeting();
        let changes: [fn(&mut Meeting); 7] = [
            |meeting| meeting.title = "Long march".into(),
            |meeting| meeting.ends = meeting.ends + USUAL,
            |meeting| meeting.zone = Tz::Europe__Madrid,
            |meeting| (meeting.place, meeting.address, meeting.position) = (None, None, None),
            |meeting| meeting.address = None,
            |meeting| meeting.online = None,
            |meeting| meeting.agenda = None,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut after = before.clone();
            change(&mut after);
            let said = Change::between(&before, &after).document("https://a.example/e", "https://a.example/g");
            let read = Change::read(&said, false);
            let mut there = before.clone();
            read.apply(&mut there);
            assert_eq!(there, after, "{number}: {said}");
            assert!(!read.is_nothing());
        }
        let nothing = Change::between(&before, &before);
        assert!(
            nothing.is_nothing()
                && Change::read(&nothing.document("https://a.example/e", "https://a.example/g"), false).is_nothing()
        );
    }

    #[test]
    fn a_whole_event_is_read_without_what_it_does_not_say() {
        let event = json!({
            "type": "Event", "name": "<b>March</b>", "content": "<p>Walk</p>", "startTime": "2026-12-01T18:00:00-05:00",
            "location": { "type": "Place", "name": "Square", "address": "Broadway", "latitude": 999.0, "longitude": 1.0 },
        });
        let mut there = meeting();
        Change::read(&event, true).apply(&mut there);
        let starts = there.starts;
        assert_eq!((there.title.as_str(), there.ends, there.zone), ("March", starts + USUAL, Tz::UTC));
        assert_eq!((there.place.as_deref(), there.address.as_deref(), there.position), (Some("Square"), Some("Broadway"), None));
        assert_eq!((there.online, there.agenda.as_deref()), (None, Some("Walk")));
    }
}
