//! Markdown into HTML and plain text; the mentions and hashtags in it. Knows no page: addresses are handed in.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::{
    Mention,
    html::{STRANGER, escape, escape_text, sanitize_own, tidy_lines},
    scan::{Piece, absolute, pieces},
};

/// How many different hashtags, and how many different people, one text can name.
const MAX_TAGS: usize = 30;
const MAX_MENTIONS: usize = 20;
/// Quotes in lists in quotes: deeper ones are shown at this depth.
pub(super) const MAX_DEPTH: usize = 24;

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH))
}

/// Hashtags in a text, lower-cased, each once.
pub fn tags_in(markdown: &str) -> Vec<String> {
    named_in(markdown, MAX_TAGS, |piece| match piece {
        Piece::Tag(tag) => Some(tag.to_lowercase()).filter(|tag| super::is_tag(tag)),
        _ => None,
    })
}

/// `user@host` of everyone a text names, as first written, each once.
pub fn mentions_in(markdown: &str) -> Vec<String> {
    named_in(markdown, MAX_MENTIONS, |piece| match piece {
        Piece::Mention(handle) => Some(handle.to_owned()),
        _ => None,
    })
}

fn named_in(markdown: &str, most: usize, name: impl Fn(Piece<'_>) -> Option<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut unread = 0usize;
    for event in events(markdown) {
        match event {
            Event::Start(tag) if is_unread(&tag) => unread += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock | TagEnd::HtmlBlock) => unread = unread.saturating_sub(1),
            Event::Text(text) if unread == 0 => {
                for name in pieces(&text).into_iter().filter_map(&name) {
                    if names.len() < most && !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                        names.push(name);
                    }
                }
            }
            _ => {}
        }
    }
    names
}

/// Are there links or pictures in it, in any of the ways to write them?
pub fn has_links(markdown: &str) -> bool {
    events(markdown).any(|event| matches!(event, Event::Start(Tag::Link { .. } | Tag::Image { .. })))
}

/// In these, words are only words.
fn is_unread(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock)
}

/// Markdown as safe HTML, in the shape that Mastodon keeps. `mentions` are the people found before; `tag_page` gives the
/// absolute address of a hashtag's page.
pub fn to_html(markdown: &str, mentions: &[Mention], tag_page: &dyn Fn(&str) -> String) -> String {
    let mut renderer = Renderer {
        levels: levels(markdown),
        mentions,
        tag_page,
        html: String::with_capacity(markdown.len() * 2),
        open: Vec::new(),
        link: None,
        in_code: false,
    };
    for event in events(markdown) {
        renderer.take(event);
    }
    sanitize_own(&renderer.html)
}

/// The levels of headings that a text has, the highest first: people begin with ## because it looks right to them.
fn levels(markdown: &str) -> Vec<HeadingLevel> {
    let mut levels: Vec<HeadingLevel> = events(markdown)
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level),
            _ => None,
        })
        .collect();
    levels.sort();
    levels.dedup();
    levels
}

struct Renderer<'r> {
    levels: Vec<HeadingLevel>,
    mentions: &'r [Mention],
    tag_page: &'r dyn Fn(&str) -> String,
    html: String,
    /// The end tag of each open element; empty where the element was left out.
    open: Vec<&'static str>,
    link: Option<OpenLink>,
    in_code: bool,
}

/// Links do not nest: one is open at a time.
struct OpenLink {
    /// How many elements are open around it.
    depth: usize,
    /// Length of the HTML when it was opened, and what to show if nothing was written since.
    begins: usize,
    address: String,
}

impl Renderer<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) if self.in_code || self.link.is_some() => self.html.push_str(&escape_text(&text)),
            Event::Text(text) => self.text(&text),
            // what someone typed as HTML is shown as typed
            Event::Html(text) | Event::InlineHtml(text) => self.html.push_str(&escape_text(&text)),
            Event::Code(text) => self.html.push_str(&format!("<code>{}</code>", escape_text(&text))),
            Event::SoftBreak | Event::HardBreak => self.html.push_str("<br>"),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if let Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } = &tag {
            return self.start_link(dest_url);
        }
        self.in_code |= matches!(tag, Tag::CodeBlock(_));
        let (begin, end) = if self.open.len() < MAX_DEPTH { self.element(&tag) } else { ("", "") };
        self.html.push_str(begin);
        self.open.push(end);
    }

    /// A picture becomes a link too: nothing is loaded from elsewhere while reading.
    fn start_link(&mut self, address: &CowStr<'_>) {
        match absolute(address).filter(|_| self.link.is_none()) {
            Some(url) => {
                self.html.push_str(&format!(r#"<a href="{}" rel="{STRANGER}">"#, escape(url.as_str())));
                self.link = Some(OpenLink { depth: self.open.len(), begins: self.html.len(), address: url.into() });
                self.open.push("</a>");
            }
            None => self.open.push(""),
        }
    }

    fn end(&mut self, end: TagEnd) {
        self.in_code &= end != TagEnd::CodeBlock;
        let tag = self.open.pop().unwrap_or_default();
        if let Some(link) = self.link.take_if(|link| link.depth == self.open.len())
            && link.begins == self.html.len()
        {
            self.html.push_str(&escape_text(&link.address));
        }
        self.html.push_str(tag);
    }

    fn text(&mut self, text: &str) {
        for piece in pieces(text) {
            let html = match piece {
                Piece::Plain(text) => escape_text(text),
                Piece::Mention(handle) => self.mention(handle),
                Piece::Tag(tag) => {
                    let page = escape(&(self.tag_page)(&tag.to_lowercase()));
                    format!(r##"<a href="{page}" class="mention hashtag" rel="tag">#<span>{}</span></a>"##, escape_text(tag))
                }
                Piece::Address(address) => {
                    format!(r#"<a href="{}" rel="{STRANGER}">{}</a>"#, escape(address), escape_text(address))
                }
            };
            self.html.push_str(&html);
        }
    }

    /// Begin and end of the element for a piece of Markdown; nothing for what we do not show. The page itself has the only `h1`,
    /// and no level is skipped below it.
    fn element(&self, tag: &Tag<'_>) -> (&'static str, &'static str) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => ("<p>", "</p>"),
            Tag::Heading { level, .. } => match self.levels.iter().position(|known| known == level) {
                Some(0) => ("<h2>", "</h2>"),
                Some(1) => ("<h3>", "</h3>"),
                Some(2) => ("<h4>", "</h4>"),
                _ => ("<p><strong>", "</strong></p>"),
            },
            Tag::BlockQuote(_) => ("<blockquote>", "</blockquote>"),
            Tag::CodeBlock(_) => ("<pre><code>", "</code></pre>"),
            Tag::List(None) => ("<ul>", "</ul>"),
            Tag::List(Some(_)) => ("<ol>", "</ol>"),
            Tag::Item => ("<li>", "</li>"),
            Tag::Emphasis => ("<em>", "</em>"),
            Tag::Strong => ("<strong>", "</strong>"),
            Tag::Strikethrough => ("<del>", "</del>"),
            _ => ("", ""),
        }
    }

    fn mention(&self, handle: &str) -> String {
        let Some(found) = self.mentions.iter().find(|mention| mention.handle.eq_ignore_ascii_case(handle)) else {
            return escape_text(&format!("@{handle}"));
        };
        let user = handle.split('@').next().unwrap_or(handle);
        let page = escape(found.url.as_str());
        format!(r#"<span class="h-card"><a href="{page}" class="u-url mention">@<span>{}</span></a></span>"#, escape_text(user))
    }
}

/// Plain text as Markdown that shows it as it is, on one line. Hashtags and names in it are still found.
pub fn escape_markdown(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in line.join(" ").chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            c if c.is_ascii_punctuation() => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The words of a text without their marks, for where nothing but characters can stand. Addresses behind words are left out.
pub fn to_plain(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    for event in events(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => plain.push_str(&text),
            Event::SoftBreak | Event::HardBreak => plain.push('\n'),
            Event::Start(Tag::Item) => plain.push_str("\n- "),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::List(_)) => {
                plain.push_str("\n\n")
            }
            _ => {}
        }
    }
    tidy_lines(&plain)
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
