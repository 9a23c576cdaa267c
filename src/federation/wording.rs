//! What a document of others says in words: title, text, warning, language, choices; in the shapes in which peers send them.

use serde_json::Value;

use super::{
    json::items,
    reading::{self, id, kind},
};
use crate::text::{self, MAX_BYTES};

/// Characters of a title, and of what its author warns of.
const TITLE: usize = 300;
const WARNING: usize = 200;
/// Choices of a poll that are shown, and characters of each.
const CHOICES: usize = 30;
const CHOICE: usize = 200;
/// More HTML is cut here: cleaning may make it longer, and of what is too long nothing would be left.
const LONGEST: usize = MAX_BYTES / 4 * 3;
/// Where a quoted post stands: FEP-044f, and what others call it (Misskey, Fedibird, Pleroma).
const QUOTES: [&str; 4] = ["quote", "quoteUrl", "quoteUri", "_misskey_quote"];

/// A field, or the first of its translations where only these are there.
fn said<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    let plain = object.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    plain.or_else(|| {
        let translations = object.get(format!("{field}Map"))?.as_object()?;
        translations.values().filter_map(Value::as_str).find(|text| !text.trim().is_empty())
    })
}

/// Plain, in one line.
pub fn title(object: &Value) -> Option<String> {
    line(said(object, "name")?, TITLE)
}

/// What its author warns of before it is read: the `summary` of what is no article.
pub fn warning(object: &Value) -> Option<String> {
    matches!(kind(object), Some("Note" | "Question")).then(|| line(said(object, "summary")?, WARNING)).flatten()
}

/// Did its author ask that it be shown only to who wants to see it?
pub fn is_sensitive(object: &Value) -> bool {
    object.get("sensitive").and_then(Value::as_bool).unwrap_or_default()
}

fn line(html: &str, most: usize) -> Option<String> {
    let start: String = html.chars().take(10 * most).collect();
    let line: String = text::one_line(&text::plain_of_html(&start)).chars().take(most).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Safe HTML: the text, else the summary of what is no Note; then the choices of a poll, the page that a link is about (Lemmy), and
/// where a quoted post stands, unless the text says so itself.
pub fn content(object: &Value) -> String {
    let is_note = matches!(kind(object), Some("Note" | "Question"));
    let text = said(object, "content").or_else(|| said(object, "summary").filter(|_| !is_note)).unwrap_or_default();
    let mut html = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
    html.push_str(&choices(object));
    let beside = [linked(object), QUOTES.iter().find_map(|field| id(object.get(field)?))];
    for address in beside.into_iter().flatten() {
        let escaped = text::escape(address.as_str());
        if !html.contains(address.as_str()) && !html.contains(&escaped) {
            html.push_str(&format!("<p><a href=\"{escaped}\">{escaped}</a></p>"));
        }
    }
    text::sanitize(&html)
}

fn choices(object: &Value) -> String {
    let field = ["oneOf", "anyOf"].into_iter().find_map(|field| object.get(field));
    let names = field.map(|choices| items(choices, CHOICES)).unwrap_or_default().iter().filter_map(|choice| said(choice, "name"));
    let lines: String =
        names.filter_map(|name| line(name, CHOICE)).map(|name| format!("<li>{}</li>", text::escape(&name))).collect();
    if lines.is_empty() { lines } else { format!("<ul>{lines}</ul>") }
}

/// A Page may be about a page elsewhere, which Lemmy and PieFed attach as a Link.
fn linked(object: &Value) -> Option<url::Url> {
    let attached = object.get("attachment").filter(|_| kind(object) == Some("Page"))?;
    items(attached, 16).iter().find(|item| kind(item) == Some("Link")).and_then(reading::link)
}

/// The language of the text: that of the translation which is the text itself (GoToSocial), else of the first; else what Mobilizon,
/// Lemmy and Pleroma say beside it.
pub fn language(object: &Value) -> Option<String> {
    let of_map = |field: &str| {
        let translations = object.get(format!("{field}Map"))?.as_object()?;
        let own = translations.iter().find(|(_, text)| Some(*text) == object.get(field));
        own.map(|(tag, _)| tag.as_str()).or_else(|| translations.keys().next().map(String::as_str))
    };
    let named = |value: &Value| {
        let first = items(value, 1).first()?;
        first.as_str().or_else(|| first.get("identifier")?.as_str()).and_then(tag)
    };
    let of_context =
        || items(object.get("@context")?, 32).iter().find_map(|terms| terms.get("@language")?.as_str().and_then(tag));
    ["content", "name", "summary"]
        .into_iter()
        .find_map(|field| of_map(field).and_then(tag))
        .or_else(|| ["inLanguage", "language"].into_iter().find_map(|field| named(object.get(field)?)))
        .or_else(of_context)
}

/// A tag as HTML has it; nothing where it says that the language is not known.
fn tag(text: &str) -> Option<String> {
    let tag = text.replace('_', "-");
    let is_tag = (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_tag && !matches!(tag.as_str(), "und" | "mul" | "zxx")).then_some(tag)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_come_as_text_or_only_as_translations() {
        for (object, expected) in [
            (json!({"content": "<p>a</p>"}), "<p>a</p>"),
            (json!({"contentMap": {"en": "<p>a</p>"}}), "<p>a</p>"),
            (json!({"content": "", "contentMap": {"en": "<p>a</p>"}}), "<p>a</p>"),
            (json!({"content": null, "contentMap": {"en": null, "es": "a"}}), "a"),
            (json!({"type": "Event", "summary": "a"}), "a"),
            (json!({"type": "Note", "summary": "a warning"}), ""),
            (json!({"content": ["a"]}), ""),
            (json!({"content": "<script>x</script><p onclick=x>a</p>"}), "<p>a</p>"),
        ] {
            assert_eq!(content(&object), expected, "{object}");
        }
        assert_eq!(title(&json!({"nameMap": {"en": "<b>So</b>\n up"}})).as_deref(), Some("So up"));
        assert_eq!(title(&json!({"name": "<b></b>"})), None);
        assert_eq!(title(&json!({"name": 7})), None);
    }

    #[test]
    fn the_beginning_of_what_is_very_long_is_kept() {
        let long = format!("<p>{}</p>", "ö".repeat(MAX_BYTES));
        let kept = content(&json!({"content": long}));
        assert!(kept.len() > MAX_BYTES / 2 && kept.len() <= MAX_BYTES, "{}", kept.len());
        assert_eq!(text::sanitize(&kept), kept);
    }

    #[test]
    fn polls_name_their_choices_and_pages_and_quotes_what_they_are_about() {
        for (object, expected) in [
            (
                json!({"type": "Question", "content": "Which?", "oneOf": [{"name": "<i>Leek"}, {"name": "Lentil"}, {"name": 7}, null]}),
                "Which?<ul><li>Leek</li><li>Lentil</li></ul>",
            ),
            (json!({"type": "Question", "content": "Which?", "anyOf": {"name": "Leek"}}), "Which?<ul><li>Leek</li></ul>"),
            (
                json!({"type": "Page", "attachment": [{"type": "Link", "href": "https://a.example/?x=1&y=2"}]}),
                "<p><a href=\"https://a.example/?x=1&amp;y=2\" rel=\"nofollow noopener noreferrer\">https://a.example/?x=1&amp;y=2</a></p>",
            ),
            (json!({"type": "Page", "content": "x", "attachment": [{"type": "Link", "href": "javascript:alert(1)"}]}), "x"),
            (json!({"type": "Note", "content": "x", "attachment": [{"type": "Link", "href": "https://a.example/"}]}), "x"),
            (
                json!({"type": "Note", "content": "So", "quoteUrl": "https://a.example/1"}),
                "So<p><a href=\"https://a.example/1\" rel=\"nofollow noopener noreferrer\">https://a.example/1</a></p>",
            ),
            (
                json!({"type": "Note", "content": "RE: https://a.example/1", "_misskey_quote": "https://a.example/1"}),
                "RE: https://a.example/1",
            ),
        ] {
            assert_eq!(content(&object), expected, "{object}");
        }
    }

    #[test]
    fn the_language_is_said_in_many_ways() {
        for (object, expected) in [
            (json!({"content": "b", "contentMap": {"en": "a", "fr": "b"}}), Some("fr")),
            (json!({"content": "c", "contentMap": {"es": "a"}}), Some("es")),
            (json!({"contentMap": {}, "nameMap": {"pt_BR": "a"}}), Some("pt-BR")),
            (json!({"contentMap": {"und": "a"}, "inLanguage": "fr"}), Some("fr")),
            (json!({"language": {"identifier": "de", "name": "Deutsch"}}), Some("de")),
            (json!({"language": "de"}), Some("de")),
            (json!({"@context": ["https://x.example", {"@language": "ca"}]}), Some("ca")),
            (json!({"@context": ["https://x.example", {"@language": "und"}]}), None),
            (json!({"inLanguage": "a b\"><"}), None),
            (json!({"contentMap": "en"}), None),
        ] {
            assert_eq!(language(&object).as_deref(), expected, "{object}");
        }
    }

    #[test]
    fn a_summary_warns_of_a_note_and_sums_up_an_article() {
        assert_eq!(warning(&json!({"type": "Note", "summary": "food\n"})).as_deref(), Some("food"));
        assert_eq!(warning(&json!({"type": "Question", "summaryMap": {"en": "food"}})).as_deref(), Some("food"));
        assert_eq!(warning(&json!({"type": "Article", "summary": "food"})), None);
        assert_eq!(warning(&json!({"type": "Note", "summary": ""})), None);
    }
}
