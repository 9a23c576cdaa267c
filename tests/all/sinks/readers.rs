//! What others make of a page, a text, a feed, a calendar or a document: its parts, its texts, and whatever should not be there.

use html5ever::{ParseOpts, QualName, local_name, ns, parse_document, parse_fragment, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;

use crate::{calendars::reading, wire::ORIGIN};

#[derive(Debug, Default)]
pub struct Seen {
    /// What it is made of, without what people wrote.
    pub skeleton: Vec<String>,
    /// All that people may have written.
    pub texts: Vec<String>,
    /// What no part of ours ever makes.
    pub wild: Vec<String>,
    pub headers: Vec<String>,
    /// Values of attributes, until they follow the texts: between them they would tear words apart.
    attributes: Vec<String>,
}

/// Letter by letter, but for spaces and for signs that are left out where they would be obeyed.
pub fn squeezed(text: &str) -> String {
    let unseen =
        |c: char| c.is_control() || c.is_whitespace() || is_turning(c) || matches!(c, '\u{feff}' | '\u{fffd}') || is_none(c);
    text.chars().filter(|c| !unseen(*c)).collect()
}

/// Turns the direction of what follows.
fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Unicode promises that these are no characters; XML refuses two of them.
fn is_none(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Would a terminal do something for it, beside showing it?
pub fn is_obeyed(c: char) -> bool {
    c.is_control() && c != '\t' || is_turning(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Elements and attributes that Markdown makes, and links that we make ourselves.
const OF_MARKDOWN: [&str; 16] =
    ["p", "br", "a", "strong", "em", "del", "blockquote", "code", "pre", "ul", "ol", "li", "h2", "h3", "h4", "span"];
const ATTRIBUTES_OF_MARKDOWN: [&str; 3] = ["href", "rel", "target"];
/// A page has the same number of them, whatever is written.
const RARE: [&str; 12] =
    ["script", "style", "link", "meta", "form", "input", "button", "select", "img", "svg", "title", "textarea"];

pub fn is_of_markdown(part: &str) -> bool {
    let mut words = part.split(' ');
    words.next().is_some_and(|element| OF_MARKDOWN.contains(&element)) && words.all(|name| ATTRIBUTES_OF_MARKDOWN.contains(&name))
}

pub fn page(html: &str) -> Seen {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let mut seen = Seen::default();
    walk(&dom.document, &mut seen);
    seen.texts.append(&mut seen.attributes);
    let rare = |part: &&String| RARE.contains(&part.split(' ').next().unwrap_or_default());
    let count = seen.skeleton.iter().filter(rare).count();
    seen.skeleton.push(format!("{count} rare ones"));
    seen
}

/// HTML inside of something else, which Markdown or we made: nothing in it but what every reader may show.
fn fragment(html: &str, seen: &mut Seen) {
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let dom = parse_fragment(RcDom::default(), ParseOpts::default(), body, vec![], false).one(html);
    let mut inner = Seen::default();
    walk(&dom.document, &mut inner);
    inner.skeleton.retain(|part| part != "html" && !is_of_markdown(part));
    seen.wild.extend(inner.wild.into_iter().chain(inner.skeleton));
    seen.texts.extend(inner.texts.into_iter().chain(inner.attributes));
}

fn walk(node: &Handle, seen: &mut Seen) {
    match &node.data {
        NodeData::Text { contents } => seen.texts.push(contents.borrow().to_string()),
        NodeData::Comment { contents } => seen.wild.push(format!("a comment {contents}")),
        NodeData::Element { name, attrs, .. } => {
            let element = name.local.to_string();
            // they say how something looks and in which language it is
            let silent = ["class", "lang", "dir"];
            let attributes = attrs.borrow();
            let mut names: Vec<String> = attributes.iter().map(|attribute| attribute.name.local.to_string()).collect();
            let value = |name: &str| {
                let found = attributes.iter().find(|attribute| &*attribute.name.local == name);
                found.map(|attribute| attribute.value.to_string())
            };
            for name in &names {
                let value = value(name).unwrap_or_default();
                let leads = matches!(name.as_str(), "href" | "src" | "action" | "data" | "formaction" | "xlink:href");
                let is_wild = name.starts_with("on")
                    || ["style", "srcdoc", "ping", "background"].contains(&name.as_str())
                    || name == "srcset" && !value.split(", ").all(|picture| leads_somewhere_known("img", picture))
                    || leads && !leads_somewhere_known(&element, &value);
                if is_wild {
                    seen.wild.push(format!("{element} {name}={value:?}"));
                }
            }
            names.retain(|name| !silent.contains(&name.as_str()));
            names.sort();
            if ["iframe", "object", "embed", "base", "applet", "frame", "math", "template", "noscript"]
                .contains(&element.as_str())
            {
                seen.wild.push(element.clone());
            }
            if element == "script" {
                script(node, value("type"), value("src"), seen);
            }
            seen.attributes.extend(attributes.iter().map(|attribute| attribute.value.to_string()));
            seen.skeleton.push([vec![element], names].concat().join(" "));
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, seen);
    }
}

/// A place of ours; for links to click also the web, mail and maps.
fn leads_somewhere_known(element: &str, address: &str) -> bool {
    let ours = address.starts_with('/') && !address.starts_with("//") || address.starts_with(['?', '#']);
    let there = ["https://", "http://", "mailto:", "geo:", "webcal:"].iter().any(|scheme| address.starts_with(scheme));
    // what is loaded is ours; the address of this city has a port of its own
    let here = address.starts_with("http://127.0.0.1:") || address.starts_with(ORIGIN);
    ours || here || (element == "a" && there)
}

fn script(node: &Handle, kind: Option<String>, source: Option<String>, seen: &mut Seen) {
    let children = node.children.borrow();
    let inside: String = children
        .iter()
        .map(|child| match &child.data {
            NodeData::Text { contents } => contents.borrow().to_string(),
            _ => String::new(),
        })
        .collect();
    if kind.as_deref() == Some("application/ld+json") {
        match serde_json::from_str(&inside) {
            Ok(value) => strings(&value, &mut String::new(), seen),
            Err(why) => seen.wild.push(format!("data that is no JSON ({why}): {inside}")),
        }
    } else if !inside.is_empty() || !source.is_some_and(|source| source.starts_with("/script/")) {
        seen.wild.push(format!("a script {inside}"));
    }
}

/// Where documents hold HTML, as ActivityStreams says and as Mastodon takes it.
const HTML: [&str; 4] = [".content", ".contentMap.", ".summary", ".attachment.value"];

/// Keys with their places into the skeleton, strings into the texts.
fn strings(value: &Value, path: &mut String, seen: &mut Seen) {
    match value {
        Value::String(text) => seen.texts.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|item| strings(item, path, seen)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let length = path.len();
                path.push_str(&format!(".{key}"));
                seen.skeleton.push(path.clone());
                match value {
                    Value::String(html) if HTML.iter().any(|place| path.contains(place)) => fragment(html, seen),
                    other => strings(other, path, seen),
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
}

pub fn document(json: &str) -> Seen {
    let mut seen = Seen::default();
    let value: Value = serde_json::from_str(json).unwrap_or_else(|why| panic!("{why}: {json}"));
    strings(&value, &mut String::new(), &mut seen);
    // how often a key comes depends on hashtags
    seen.skeleton.dedup();
    seen
}

pub fn text(text: &str, allowed: &[&str]) -> Seen {
    let wild = text.chars().filter(|c| c.is_control() && !allowed.contains(&c.to_string().as_str()));
    Seen {
        wild: wild.map(|c| c.escape_unicode().to_string()).collect(),
        skeleton: text.lines().map(|_| "line".to_owned()).collect(),
        texts: vec![text.to_owned()],
        ..Seen::default()
    }
}

/// XML that a strict reader takes, and HTML inside of it.
pub fn feed(xml: &str) -> Seen {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|why| panic!("{why}: {xml}"));
    let mut seen = Seen::default();
    for node in document.descendants() {
        if node.is_element() {
            let mut names: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
            names.sort_unstable();
            seen.skeleton.push(format!("{} {}", node.tag_name().name(), names.join(" ")));
            seen.texts.extend(node.attributes().map(|attribute| attribute.value().to_owned()));
        }
        let is_html = node.parent().and_then(|parent| parent.attribute("type")) == Some("html");
        match node.text().filter(|_| node.is_text()) {
            Some(html) if is_html => fragment(html, &mut seen),
            Some(text) => seen.texts.push(text.to_owned()),
            None => {}
        }
        if node.is_comment() || node.is_pi() {
            seen.wild.push(format!("{node:?}"));
        }
    }
    seen
}

/// What two parsers of others agree on.
pub fn calendar(text: &str) -> Seen {
    let calendar = reading::read(text);
    let fields = calendar.events.iter().flat_map(|event| event.fields());
    let (names, mut texts): (Vec<String>, Vec<String>) = fields.unzip();
    texts.extend(["NAME", "X-WR-CALNAME"].map(|name| calendar.field(name)));
    let begins = text.lines().filter(|line| line.starts_with("BEGIN:")).count();
    let wild = if calendar.events.len() == 1 { vec![] } else { vec![format!("{} events", calendar.events.len())] };
    Seen { skeleton: [vec![format!("{begins} beginnings")], names].concat(), texts, wild, ..Seen::default() }
}
