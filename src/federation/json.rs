//! JSON that strangers wrote: read within limits, and its lenient forms; knows nothing of what it says.

use serde_json::Value;
use url::Url;

use crate::net::address;

/// Longest document that is read, in bytes; also what peers allow.
pub const LONGEST: usize = 1024 * 1024;
/// Objects and lists inside each other.
const DEEPEST: usize = 64;
/// Entries of any list whatever.
const LONGEST_LIST: usize = 1_000;
/// Entries of each list of recipients.
const MOST_RECIPIENTS: usize = 256;
/// What comes after this many tags or attachments is dropped.
const MOST_TAGS: usize = 64;
const MOST_ATTACHMENTS: usize = 16;

/// Why a document is not read: the end of a sentence that begins with what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// Reads one object. Lists of tags and attachments are cut to the length we look at; other long lists are refused.
pub fn read(body: &[u8]) -> Result<Value, Malformed> {
    if body.len() > LONGEST {
        return Err(Malformed("is too large"));
    }
    if depth(body) > DEEPEST {
        return Err(Malformed("is nested too deeply"));
    }
    let mut value: Value = serde_json::from_slice(body).map_err(|_| Malformed("is not JSON"))?;
    if !value.is_object() {
        return Err(Malformed("is not a JSON object"));
    }
    limit_lists(&mut value)?;
    Ok(value)
}

/// Deepest nesting, found without recursion; text that is not JSON has some depth too.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn limit_lists(value: &mut Value) -> Result<(), Malformed> {
    match value {
        Value::Array(list) if list.len() > LONGEST_LIST => Err(Malformed("holds a list that is too long")),
        Value::Array(list) => list.iter_mut().try_for_each(limit_lists),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            match (name.as_str(), &mut *value) {
                ("tag", Value::Array(list)) => list.truncate(MOST_TAGS),
                ("attachment", Value::Array(list)) => list.truncate(MOST_ATTACHMENTS),
                ("to" | "cc" | "bto" | "bcc" | "audience", Value::Array(list)) if list.len() > MOST_RECIPIENTS => {
                    return Err(Malformed("has too many recipients"));
                }
                _ => {}
            }
            limit_lists(value)
        }),
        _ => Ok(()),
    }
}

/// One thing, or the first `most` of a list of things.
pub fn items(value: &Value, most: usize) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(list) => list.get(..most.min(list.len())).unwrap_or_default(),
        one => std::slice::from_ref(one),
    }
}

/// The id of a thing given by its id, as a whole, or as a list whose first entry is either.
pub fn id_of(value: &Value) -> Option<&str> {
    match items(value, 1).first()? {
        Value::String(id) => Some(id),
        Value::Object(fields) => fields.get("id").and_then(Value::as_str),
        _ => None,
    }
}

/// The same as an address; `None` when it is none.
pub fn address_of(value: &Value) -> Option<Url> {
    address::parse(id_of(value)?).ok()
}

/// The first of the types of a thing.
pub fn kind_of(value: &Value) -> Option<&str> {
    items(value.get("type")?, 1).first()?.as_str()
}

/// At most this many characters of a text, without control characters; `None` when nothing is left.
pub fn line_of(value: &Value, most: usize) -> Option<String> {
    let text: String = items(value, 1).first()?.as_str()?.chars().filter(|letter| !letter.is_control()).take(most).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_deep_too_long_or_no_object_is_refused_without_recursion() {
        let nested = |depth: usize, open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        for wrong in [
            nested(64, "[", "]"),
            nested(128, "{\"a\":", "}"),
            nested(10_000, "[", "]"),
            nested(100_000, "{\"a\":", "}"),
            "[".repeat(1_000_000),
            format!("{{\"content\":{}", "{\"a\":".repeat(1_000)),
            "{\"a\":".repeat(200_000),
            "[]".into(),
            "\"text\"".into(),
            "null".into(),
            "7".into(),
            String::new(),
            " ".into(),
            "{".into(),
            "{}{}".into(),
            "{\"a\":NaN}".into(),
            "\u{feff}{}".into(),
            format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST)),
            format!("{{\"to\":[{}1]}}", "1,".repeat(300)),
            format!("{{\"object\":{{\"cc\":[{}1]}}}}", "1,".repeat(100_000)),
            format!("{{\"anything\":[{}1]}}", "1,".repeat(1_000)),
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{}", &wrong[..wrong.len().min(60)]);
        }
        assert!(read(b"{\"a\":\"\xff\"}").is_err(), "not UTF-8");
        assert!(read(nested(63, "[", "]").as_bytes()).is_ok());
        assert!(read("{\"a\":\"[[[[\\\"[[[{{{\"}".as_bytes()).is_ok());
        assert!(read(format!("{{\"a\":\"{}\"}}", "[".repeat(10_000)).as_bytes()).is_ok(), "depth inside a text is none");
    }

    #[test]
    fn long_lists_of_tags_and_attachments_are_cut_wherever_they_are() {
        for (name, kept) in [("tag", 64), ("attachment", 16)] {
            let list = vec!["x"; 10_000];
            let value = read(json!({name: list, "object": {name: list}}).to_string().as_bytes()).unwrap();
            assert_eq!(value[name].as_array().unwrap().len(), kept);
            assert_eq!(value["object"][name].as_array().unwrap().len(), kept);
        }
    }

    #[test]
    fn a_thing_is_its_id_itself_or_the_first_of_a_list() {
        for value in [json!("https://a.example/1"), json!({"id": "https://a.example/1"}), json!(["https://a.example/1", "x"])] {
            assert_eq!(id_of(&value), Some("https://a.example/1"));
        }
        for value in [json!(null), json!([]), json!(7), json!({}), json!({"id": 7}), json!([["https://a.example/1"]])] {
            assert_eq!(id_of(&value), None, "{value}");
        }
        assert_eq!(kind_of(&json!({"type": ["Note", "x"]})), Some("Note"));
        assert_eq!(line_of(&json!("  a\u{0}b\r\nc  "), 4).as_deref(), Some("ab"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), text in "[\\[\\]{}\",:a0\\\\ ]{0,80}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }
    }
}
