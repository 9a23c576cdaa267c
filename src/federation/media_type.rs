//! What a `Content-Type` says, read as RFC 9110 8.3.1 has it; knows nothing of the body.

const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
/// More are nobody's honest header.
const MOST_PARAMETERS: usize = 8;

/// A media type with its parameters; names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// `None` for anything that is not one well-formed media type, garbage after it included.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim_end().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        while let Some(next) = rest.strip_prefix(';') {
            let (name, value, after) = parameter(next.trim_start())?;
            let twice = parameters.iter().any(|(known, _)| *known == name);
            if twice || parameters.len() == MOST_PARAMETERS {
                return None;
            }
            parameters.push((name, value));
            rest = after.trim_start();
        }
        rest.is_empty().then_some(Self { essence, parameters })
    }

    /// `application/activity+json`, or `application/ld+json` with the profile of ActivityStreams; in UTF-8.
    pub fn is_activity(&self) -> bool {
        let kind = match self.essence.as_str() {
            "application/activity+json" => true,
            "application/ld+json" => self.value("profile").is_some_and(|list| list.split(' ').any(|uri| uri == ACTIVITY_STREAMS)),
            _ => false,
        };
        kind && self.is_utf8()
    }

    /// What WebFinger answers with: `application/jrd+json` or `application/json`; in UTF-8.
    pub fn is_resource_descriptor(&self) -> bool {
        matches!(self.essence.as_str(), "application/jrd+json" | "application/json") && self.is_utf8()
    }

    fn is_utf8(&self) -> bool {
        self.value("charset").is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Name and value of the parameter that `text` begins with, and what follows.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let (value, after) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => rest.split_at(rest.find([';', ' ', '\t']).unwrap_or(rest.len())),
    };
    let whole = if rest.starts_with('"') { !value.contains('\\') } else { is_token(value) };
    (is_token(name) && whole).then(|| (name.to_ascii_lowercase(), value.to_owned(), after))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_activity(text: &str) -> bool {
        MediaType::parse(text).is_some_and(|kind| kind.is_activity())
    }

    #[test]
    fn activities_come_as_two_media_types_however_written() {
        for right in [
            "application/activity+json",
            "Application/Activity+JSON",
            "application/activity+json; charset=utf-8",
            "application/activity+json;charset=\"UTF-8\"",
            "application/activity+json ; charset=utf-8",
            r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
            r#"application/ld+json;profile="https://www.w3.org/ns/activitystreams""#,
            r#"application/ld+json; charset=utf-8; PROFILE="https://example.org/other https://www.w3.org/ns/activitystreams""#,
        ] {
            assert!(is_activity(right), "{right}");
        }
    }

    #[test]
    fn anything_else_is_not_an_activity() {
        for wrong in [
            "",
            "text/html",
            "application/json",
            "image/png",
            "text/plain",
            "application/ld+json",
            r#"application/ld+json; profile="https://www.w3.org/ns/did""#,
            r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams.evil.example""#,
            "application/activity+json; charset=latin1",
            "application/activity+json;",
            "application/activity+json;garbage",
            "application/activity+json; charset",
            "application/activity+json; charset=utf-8; charset=latin1",
            "application/activity+json; charset=\"utf-8",
            "application/activity+json; charset=utf-8 x",
            "application/activity+json, text/html",
            "application/activity+jsonx",
            "application/activity+json/x",
        ] {
            assert!(!is_activity(wrong), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(text in "\\PC*|application/[a-z+]*(;[ a-z=\"\\\\-]{0,12}){0,3}") {
            let _ = MediaType::parse(&text);
        }
    }
}
