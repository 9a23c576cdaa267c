//! Reading what others send: the same thing as a string, an object or a list of one.

use serde_json::Value;
use url::Url;

use super::say::PUBLIC;

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

/// `type`, or the first of several.
pub fn kind(value: &Value) -> Option<&str> {
    match value.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.first()?.as_str(),
        _ => None,
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

/// An address: a string, a Link with `href`, or the first of several.
pub fn link(value: &Value) -> Option<Url> {
    match value {
        Value::Object(link) if link.contains_key("href") => id(link.get("href")?),
        Value::Array(list) => link(list.first()?),
        other => id(other),
    }
}

/// The language of the text: the first key of `contentMap`, else `inLanguage` (Mobilizon).
pub fn language(object: &Value) -> Option<String> {
    let of_map = object.get("contentMap").and_then(Value::as_object).and_then(|map| map.keys().next().cloned());
    let is_tag = |tag: &String| tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    of_map.or_else(|| text(object, "inLanguage", 35)).filter(is_tag)
}

/// Name and address of the first place of an Event, in one line.
pub fn place(object: &Value) -> Option<String> {
    let location = match object.get("location")? {
        Value::Array(list) => list.first()?,
        one => one,
    };
    let address = location.get("address");
    let mut parts = vec![text(location, "name", 300)];
    match address {
        Some(Value::String(line)) => parts.push(Some(line.chars().take(300).collect())),
        Some(address) => parts.extend(["streetAddress", "postalCode", "addressLocality"].map(|field| text(address, field, 200))),
        None => {}
    }
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| crate::text::plain_of_html(&parts.join(", ")))
}

/// In the words of FEP-8a8e or of Mobilizon.
pub fn is_cancelled(object: &Value) -> bool {
    let says = |field: &str, word: &str| object.get(field).and_then(Value::as_str) == Some(word);
    says("eventStatus", "EventCancelled") || says("status", "CANCELLED") || says("ical:status", "CANCELLED")
}

/// A time as RFC 3339 within years that a calendar can show; anything else is as if absent.
pub fn time(object: &Value, field: &str) -> Option<crate::clock::Timestamp> {
    use chrono::Datelike;
    let time = chrono::DateTime::parse_from_rfc3339(object.get(field)?.as_str()?).ok()?.to_utc();
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
        assert!(time(&json!({"t": "2026-11-24T18:00:00-05:00"}), "t").is_some());
    }
}
