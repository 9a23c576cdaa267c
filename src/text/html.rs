//! HTML that is safe to show, whoever wrote it; and text out of HTML. Knows nothing of Markdown.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

use super::scan::absolute;

/// Longer HTML from other servers is not read.
pub const MAX_BYTES: usize = 64 * 1024;
/// The work of an HTML parser can grow with the square of the number of tags; with more of them only the words are kept.
const MAX_TAGS: usize = 400;

const ELEMENTS: [&str; 16] =
    ["p", "br", "a", "strong", "em", "del", "blockquote", "code", "pre", "ul", "ol", "li", "h2", "h3", "h4", "span"];
const CLASSES: [&str; 6] = ["mention", "hashtag", "ellipsis", "invisible", "h-card", "u-url"];
const RELATIONS: [&str; 4] = ["tag", "nofollow", "noopener", "noreferrer"];
/// What a link does to the page behind it: tells it nothing.
pub(super) const STRANGER: &str = "nofollow noopener noreferrer";

/// For what other servers say: every link is one to strangers.
static FOREIGN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = allowing(&["href", "class"]);
    builder.link_rel(Some(STRANGER));
    builder
});

/// For what we made of Markdown ourselves: links say themselves what they are.
static OWN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = allowing(&["href", "class", "rel"]);
    builder.link_rel(None);
    builder
});

fn allowing(link_attributes: &[&'static str]) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(["script", "style", "title", "textarea", "iframe", "noscript", "template"]))
        .generic_attributes(HashSet::from(["lang"]))
        .tag_attributes(HashMap::from([("a", link_attributes.iter().copied().collect()), ("span", HashSet::from(["class"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .attribute_filter(|_, attribute, value| match attribute {
            "href" => absolute(value).map(|url| Cow::Owned(url.into())),
            "class" => only(value, &CLASSES),
            "rel" => only(value, &RELATIONS),
            "lang" => is_language(value).then_some(Cow::Borrowed(value)),
            _ => None,
        });
    builder
}

/// Those words of a list that are allowed; `None` when none is left.
fn only<'v>(value: &'v str, allowed: &[&str]) -> Option<Cow<'v, str>> {
    let kept: Vec<&str> = value.split_ascii_whitespace().filter(|word| allowed.contains(word)).collect();
    if kept.is_empty() { None } else { Some(Cow::Owned(kept.join(" "))) }
}

fn is_language(tag: &str) -> bool {
    (1..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Makes HTML from another server safe to show. Nothing is left of what is longer than [`MAX_BYTES`], before or after, and
/// only the words of what has more tags than people write. Doing it twice changes nothing more.
pub fn sanitize(html: &str) -> String {
    if html.len() > MAX_BYTES {
        return String::new();
    }
    let clean = match opening_tags(html) {
        0..=MAX_TAGS => settled(html),
        _ => None,
    };
    let clean = clean.unwrap_or_else(|| format!("<p>{}</p>", escape_text(&words(html))));
    if clean.len() > MAX_BYTES || opening_tags(&clean) > MAX_TAGS { String::new() } else { clean }
}

/// Cleaned until cleaning changes nothing: a parser moves some tags about when it reads what it wrote (links within links).
fn settled(html: &str) -> Option<String> {
    let mut clean = FOREIGN.clean(html).to_string();
    for _ in 0..4 {
        let again = FOREIGN.clean(&clean).to_string();
        if again == clean {
            return Some(clean);
        }
        clean = again;
    }
    None
}

/// The second wall behind our own Markdown renderer.
pub(super) fn sanitize_own(html: &str) -> String {
    OWN.clean(html).to_string()
}

/// An upper bound: no element begins without `<` and a letter.
fn opening_tags(html: &str) -> usize {
    html.as_bytes().windows(2).filter(|pair| matches!(pair, [b'<', letter] if letter.is_ascii_alphabetic())).count()
}

/// What stands outside `<…>`, one space in place of each row of tags.
fn words(html: &str) -> String {
    let outside = html
        .split('<')
        .enumerate()
        .filter_map(|(index, part)| if index == 0 { Some(part) } else { part.split_once('>').map(|(_, text)| text) });
    let text: Vec<&str> = outside.flat_map(str::split_whitespace).collect();
    unescape(&text.join(" "))
}

/// For any place in HTML: between tags and inside quoted attributes.
pub fn escape(text: &str) -> String {
    escape_text(text).replace('"', "&quot;").replace('\'', "&#39;")
}

/// For between tags, spelled as an HTML parser would spell it.
pub(super) fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\u{a0}', "&nbsp;")
}

/// The words of another server's HTML, paragraphs with an empty line between them. References to characters are
/// characters by now: what would steer a terminal or turn a line around is left out.
pub fn plain_of_html(html: &str) -> String {
    plain_of_safe(&sanitize(html)).chars().filter(|c| *c == '\n' || !super::breaks_a_line(*c)).collect()
}

/// Only for what came out of the sanitiser, where `<` and `>` stand for tags and nothing else.
fn plain_of_safe(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut parts = html.split('<');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        match tag.split_ascii_whitespace().next().unwrap_or_default() {
            "br" => plain.push('\n'),
            "li" => plain.push_str("\n- "),
            "/p" | "/h2" | "/h3" | "/h4" | "/pre" | "/ul" | "/ol" | "/blockquote" => plain.push_str("\n\n"),
            _ => {}
        }
        plain.push_str(text);
    }
    tidy_lines(&unescape(&plain))
}

/// No space at the ends of lines, at most one empty line in a row, none at the ends.
pub(super) fn tidy_lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim().to_owned()
}

/// Undoes [`escape`], the ampersand last so that nothing is undone twice.
fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
#[path = "html_tests.rs"]
pub(in crate::text) mod tests;
