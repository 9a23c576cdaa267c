//! Reading what others send: the same thing as a string, an object or a list of one.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use url::Url;

use super::{json::items, say::PUBLIC};
use crate::clock::Timestamp;

/// The id that a value names: a string, an object with `id`, or a list whose first entry is one of these.
pub fn id(value: &Value) -> Option<Url> {
    let text = match value {
        Value::String(text) => text,
        Value::Object(object) => object.get("id")?.as_str()?,
        Value::Array(list) => return id(list.first()?),
        _ => return None,
    };
    if text.len() > 2_048 {
        return None;
    }
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// `type`, or of several the first that is of ActivityStreams (others come with a prefix).
pub fn kind(value: &Value) -> Option<&str> {
    match value.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().take(16).filter_map(Value::as_str);
            let first = kinds.next()?;
            std::iter::once(first).chain(kinds).find(|kind| !kind.contains(':')).or(Some(first))
        }
        _ => None,
    }
}

/// Who made an object: of several (PeerTube, Plume) the one who speaks, else the first. What names nobody is by whoever says it.
pub fn author(object: &Value, speaker: Option<&Url>) -> Option<Url> {
    let named = items(object.get("attributedTo").unwrap_or(&Value::Null), 16);
    let makers: Vec<Url> = named.iter().filter_map(id).collect();
    let speaks = || makers.iter().find(|maker| Some(*maker) == speaker).cloned();
    match (named.is_empty(), object.get("actor").filter(|actor| !actor.is_null())) {
        (true, Some(actor)) => id(actor),
        (true, None) => speaker.cloned(),
        (false, _) => speaks().or_else(|| makers.first().cloned()),
    }
}

/// The object of an activity when it is embedded, also as a list of one.
pub fn embedded(activity: &Value) -> Option<&Value> {
    match activity.get("object")? {
        object @ Value::Object(_) => Some(object),
        Value::Array(list) => list.first().filter(|first| first.is_object()),
        _ => None,
    }
}

/// Is it for everyone (public or unlisted)? The three spellings of ActivityPub, 5.6.
pub fn is_public(object: &Value) -> bool {
    is_listed(object) || names_everyone(object, "cc")
}

/// Is it for everyone, and to be found in lists (public, not unlisted)?
pub fn is_listed(object: &Value) -> bool {
    names_everyone(object, "to")
}

fn names_everyone(object: &Value, field: &str) -> bool {
    let names = |value: &Value| match value {
        Value::String(text) => matches!(text.as_str(), PUBLIC | "as:Public" | "Public"),
        _ => false,
    };
    object.get(field).is_some_and(|value| match value {
        Value::Array(list) => list.iter().take(256).any(names),
        one => names(one),
    })
}

/// A text field of at most `max` characters; what is longer is cut.
pub fn text(object: &Value, field: &str, max: usize) -> Option<String> {
    let text = object.get(field)?.as_str()?.trim();
    let printable = |c: &char| !c.is_control() || *c == '\n';
    (!text.is_empty()).then(|| text.chars().filter(printable).take(max).collect())
}

/// Does it say for whom it is, be it in secret?
pub fn is_addressed(object: &Value) -> bool {
    ["to", "cc", "bto", "bcc"].into_iter().filter_map(|field| object.get(field)).any(|value| !items(value, 1).is_empty())
}

/// An address: a string, a Link with `href`, or of several the page that people read (PeerTube, Funkwhale name files, too).
pub fn link(value: &Value) -> Option<Url> {
    match value {
        Value::Object(link) if link.contains_key("href") => id(link.get("href")?),
        Value::Array(list) => {
            let media = |entry: &Value| entry.get("mediaType").or_else(|| entry.get("mimeType")).cloned();
            let links = || list.iter().take(64);
            let page = links().find(|entry| media(entry).is_some_and(|kind| kind == "text/html"));
            link(page.or_else(|| links().find(|entry| media(entry).is_none())).or_else(|| list.first())?)
        }
        other => id(other),
    }
}

/// Name and address of the first place of an Event that has any, in one line.
pub fn place(object: &Value) -> Option<String> {
    items(object.get("location")?, 16).iter().find_map(place_in_line)
}

fn place_in_line(location: &Value) -> Option<String> {
    if let Value::String(line) = location {
        return plain_line(&line.chars().take(300).collect::<String>());
    }
    let address = location.get("address");
    let mut parts = vec![text(location, "name", 300)];
    match address {
        Some(Value::String(line)) => parts.push(Some(line.chars().take(300).collect())),
        Some(address) => parts.extend(["streetAddress", "postalCode", "addressLocality"].map(|field| text(address, field, 200))),
        None => {}
    }
    let mut said: Vec<String> = Vec::new();
    for part in parts.into_iter().flatten().filter_map(|part| plain_line(&part)) {
        if !said.iter().any(|earlier| earlier.contains(&part)) {
            said.push(part);
        }
    }
    if said.is_empty() {
        // Hubzilla's has words only; what is online an address only
        let online = || location.get("url").or_else(|| address?.get("url")).and_then(link).map(String::from);
        said.extend(text(location, "content", 300).and_then(|words| plain_line(&words)).or_else(online));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

fn plain_line(html: &str) -> Option<String> {
    let line = crate::text::one_line(&crate::text::plain_of_html(html));
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// In the words of FEP-8a8e or schema.org, or of Mobilizon.
pub fn is_cancelled(object: &Value) -> bool {
    let says = |field: &str, words: &[&str]| {
        let text = object.get(field).and_then(Value::as_str).unwrap_or_default();
        words.contains(&text.rsplit([':', '/', '#']).next().unwrap_or_default())
    };
    let status = ["CANCELLED", "CANCELED", "cancelled"];
    says("eventStatus", &["EventCancelled"]) || says("status", &status) || says("ical:status", &status)
}

/// A time as RFC 3339, seconds or not, within years that a calendar can show; anything else is as if absent.
pub fn time(object: &Value, field: &str) -> Option<Timestamp> {
    within_reason(with_offset(time_text(object, field)?)?)
}

/// The same of an Event, which may say it by the clocks of its `timezone`, else of UTC.
pub fn clock_time(object: &Value, field: &str) -> Option<Timestamp> {
    let text = time_text(object, field)?;
    let by_clocks = || {
        let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
        let naive = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
        let zone: Tz = object.get("timezone").and_then(Value::as_str).and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
        zone.from_local_datetime(&naive).earliest().map(|time| time.to_utc())
    };
    within_reason(with_offset(text).or_else(by_clocks)?)
}

fn time_text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str().map(str::trim).filter(|text| text.len() <= 64)
}

/// ActivityStreams lets seconds be left out.
fn with_offset(text: &str) -> Option<DateTime<Utc>> {
    let forms = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
    let strict = DateTime::parse_from_rfc3339(text).ok();
    strict.or_else(|| forms.iter().find_map(|form| DateTime::parse_from_str(text, form).ok())).map(|time| time.to_utc())
}

fn within_reason(time: DateTime<Utc>) -> Option<Timestamp> {
    (1970..=2200).contains(&time.year()).then(|| time.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_come_in_many_shapes() {
        let url = Url::parse("https://a.example/x").ok();
        for right in [
            json!("https://a.example/x"),
            json!({"id": "https://a.example/x", "type": "Note"}),
            json!(["https://a.example/x", "y"]),
        ] {
            assert_eq!(id(&right), url, "{right}");
        }
        for wrong in [json!(null), json!(7), json!({}), json!([]), json!("javascript:alert(1)"), json!("x"), json!({"id": 7})] {
            assert_eq!(id(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn everyone_has_three_names() {
        for right in [json!({"to": PUBLIC}), json!({"cc": ["as:Public"]}), json!({"to": [], "cc": ["x", "Public"]})] {
            assert!(is_public(&right), "{right}");
        }
        for wrong in
            [json!({}), json!({"to": "https://a.example/followers"}), json!({"bto": PUBLIC}), json!({"to": {"id": PUBLIC}})]
        {
            assert!(!is_public(&wrong), "{wrong}");
        }
    }

    #[test]
    fn impossible_times_are_absent() {
        for odd in [
            "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "-262144-01-01T00:00:00Z",
            "2026-01-01T24:00:01Z",
            "2026-01-01T00:00:00+99:99",
            "x",
        ] {
            assert_eq!(time(&json!({"t": odd}), "t"), None, "{odd}");
        }
        let six = time(&json!({"t": "2026-11-24T18:00:00-05:00"}), "t");
        assert!(six.is_some());
        for same in ["2026-11-24T23:00Z", "2026-11-24T18:00-05:00", "2026-11-24T18:00:00.000-0500", " 2026-11-24T23:00:00Z "] {
            assert_eq!(time(&json!({"t": same}), "t"), six, "{same}");
        }
    }

    #[test]
    fn the_clocks_of_a_meeting_may_be_those_of_its_zone() {
        let six = time(&json!({"t": "2026-11-24T18:00:00-05:00"}), "t");
        for event in [
            json!({"t": "2026-11-24T18:00:00", "timezone": "America/New_York"}),
            json!({"t": "2026-11-24T18:00", "timezone": "America/New_York"}),
            json!({"t": "2026-11-24T23:00", "timezone": "Nowhere/Atlantis"}),
            json!({"t": "2026-11-24T23:00:00.000Z", "timezone": "America/New_York"}),
        ] {
            assert_eq!(clock_time(&event, "t"), six, "{event}");
        }
        assert_eq!(time(&json!({"t": "2026-11-24T18:00:00"}), "t"), None, "elsewhere it says nothing");
        assert_eq!(clock_time(&json!({"t": "18:00"}), "t"), None);
    }

    #[test]
    fn an_object_is_by_whoever_speaks_or_is_named_first() {
        let (ana, ben) = ("https://a.example/ana", "https://a.example/ben");
        let by = |object: Value, speaker: Option<&str>| {
            author(&object, speaker.map(|id| Url::parse(id).unwrap()).as_ref()).map(String::from)
        };
        for (object, speaker, expected) in [
            (json!({"attributedTo": ana, "actor": ben}), Some(ben), Some(ana)),
            (json!({"attributedTo": [ana]}), Some(ben), Some(ana)),
            (json!({"attributedTo": [{"type": "Person", "id": ana}, {"type": "Group", "id": ben}]}), Some(ben), Some(ben)),
            (json!({"attributedTo": [{"type": "Person", "id": ana}, {"type": "Group", "id": ben}]}), None, Some(ana)),
            (json!({"attributedTo": null, "actor": {"id": ana}}), Some(ben), Some(ana)),
            (json!({"actor": 7}), Some(ben), None),
            (json!({"attributedTo": 7, "actor": ben}), Some(ben), None),
            (json!({}), Some(ben), Some(ben)),
            (json!({}), None, None),
        ] {
            assert_eq!(by(object.clone(), speaker).as_deref(), expected, "{object}");
        }
    }

    #[test]
    fn places_come_with_names_addresses_and_links() {
        for (location, expected) in [
            (json!({"name": "Colosseo"}), Some("Colosseo")),
            (json!({"name": "Hall", "address": "Simple Street 1"}), Some("Hall, Simple Street 1")),
            (
                json!({"name": "Hall", "address": {"streetAddress": "Hall", "postalCode": null, "addressLocality": "Lyon"}}),
                Some("Hall, Lyon"),
            ),
            (json!({"name": "Court", "address": {"streetAddress": " ", "addressLocality": "Nantes"}}), Some("Court, Nantes")),
            (json!([{"type": "Place"}, {"type": "Place", "name": "Hall"}, {"name": "Online"}]), Some("Hall")),
            (json!({"type": "VirtualLocation", "url": "https://meet.example/x"}), Some("https://meet.example/x")),
            (json!({"address": {"type": "VirtualLocation", "url": "https://meet.example/x"}}), Some("https://meet.example/x")),
            (json!({"type": "VirtualLocation", "url": "javascript:alert(1)"}), None),
            (json!({"type": "Place", "content": "By the<br>river"}), Some("By the river")),
            (json!("By the <b>river</b>"), Some("By the river")),
            (json!({}), None),
            (json!([]), None),
            (json!(null), None),
        ] {
            assert_eq!(place(&json!({"location": location})).as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn a_meeting_is_called_off_in_many_words() {
        for right in [
            json!({"eventStatus": "EventCancelled"}),
            json!({"eventStatus": "https://schema.org/EventCancelled"}),
            json!({"eventStatus": "sc:EventCancelled"}),
            json!({"status": "CANCELLED"}),
            json!({"ical:status": "CANCELLED"}),
            json!({"ical:status": "ical:CANCELLED"}),
        ] {
            assert!(is_cancelled(&right), "{right}");
        }
        for wrong in
            [json!({}), json!({"status": "CONFIRMED"}), json!({"eventStatus": ["x"]}), json!({"status": "not CANCELLED"})]
        {
            assert!(!is_cancelled(&wrong), "{wrong}");
        }
    }

    #[test]
    fn of_many_addresses_the_page_counts() {
        let page = Url::parse("https://a.example/page").ok();
        for right in [
            json!("https://a.example/page"),
            json!({"type": "Link", "href": "https://a.example/page"}),
            json!([{"href": "https://a.example/v.mp4", "mediaType": "video/mp4"}, {"href": "https://a.example/page", "mediaType": "text/html"}]),
            json!([{"href": "https://a.example/a.ogg", "mimeType": "audio/ogg"}, {"href": "https://a.example/page", "mimeType": "text/html"}]),
            json!([{"href": "https://a.example/v.mp4", "mediaType": "video/mp4"}, "https://a.example/page"]),
        ] {
            assert_eq!(link(&right), page, "{right}");
        }
        assert_eq!(link(&json!([])), None);
    }

    #[test]
    fn of_several_types_the_one_of_activity_streams_counts() {
        assert_eq!(kind(&json!({"type": ["sc:Event", "Event"]})), Some("Event"));
        assert_eq!(kind(&json!({"type": ["Note", "x"]})), Some("Note"));
        assert_eq!(kind(&json!({"type": ["sc:Event"]})), Some("sc:Event"));
        assert_eq!(kind(&json!({"type": []})), None);
    }
}
