//! The outline of a text: its headings, lists and the rest, each with where it stands in the Markdown.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::markdown::MAX_DEPTH;

/// A part of a text that stands in no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Heading {
        level: HeadingLevel,
        /// Its words.
        words: String,
        range: Range<usize>,
    },
    List {
        items: Vec<Item>,
        range: Range<usize>,
    },
    Other {
        range: Range<usize>,
    },
}

/// An item of a list, with whatever stands inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its Markdown, without the mark and the indentation.
    pub text: String,
    /// Which `<li>` of the whole text it becomes.
    pub place: usize,
    /// Where all of it stands, with its mark.
    pub range: Range<usize>,
}

impl Part {
    pub fn range(&self) -> &Range<usize> {
        match self {
            Self::Heading { range, .. } | Self::List { range, .. } | Self::Other { range } => range,
        }
    }
}

/// The parts of a text, in their order.
pub fn outline(markdown: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut depth, mut items_so_far) = (0usize, 0usize);
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        match &event {
            Event::Start(tag) => {
                if matches!(tag, Tag::Item) {
                    if let (1, Some(Part::List { items, .. })) = (depth, parts.last_mut()) {
                        let text = item_text(markdown.get(range.clone()).unwrap_or_default());
                        items.push(Item { text, place: items_so_far, range: range.clone() });
                    }
                    // deeper ones become no element
                    items_so_far += usize::from(depth < MAX_DEPTH);
                }
                if depth == 0 {
                    parts.push(match tag {
                        Tag::Heading { level, .. } => Part::Heading { level: *level, words: String::new(), range },
                        Tag::List(_) => Part::List { items: vec![], range },
                        _ => Part::Other { range },
                    });
                }
                depth += 1;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if let (TagEnd::Heading(_), Some(Part::Heading { words, .. })) = (end, parts.last_mut()) {
                    *words = super::one_line(words);
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(Part::Heading { words, .. }) = parts.last_mut().filter(|_| depth > 0) {
                    words.push_str(text);
                }
            }
            _ if depth == 0 => parts.push(Part::Other { range }),
            _ => {}
        }
    }
    parts
}

/// `- soup\n  with bread` is `soup\nwith bread`.
fn item_text(markdown: &str) -> String {
    let lead = markdown.len() - markdown.trim_start_matches(' ').len();
    let digits = markdown.get(lead..).unwrap_or_default().find(|c: char| !c.is_ascii_digit());
    let mark = lead + digits.unwrap_or_default() + 1;
    let after = markdown.get(mark..).unwrap_or_default();
    let indentation = mark + after.len() - after.trim_start_matches(' ').len();
    let mut lines = after.trim_end().lines();
    let first = lines.next().unwrap_or_default().trim().to_owned();
    let rest = lines.map(|line| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks.min(indentation)..).unwrap_or_default().trim_end().to_owned()
    });
    let all: Vec<String> = [first].into_iter().chain(rest).collect();
    all.join("\n").trim().to_owned()
}

/// Gives some `<li>` of a text's HTML an id: each with its place, in ascending order.
pub fn with_anchors(html: &str, anchors: &[(usize, String)]) -> String {
    const ITEM: &str = "<li>";
    let mut anchored = String::with_capacity(html.len() + anchors.len() * 24);
    let mut wanted = anchors.iter().peekable();
    for (place, piece) in html.split(ITEM).enumerate() {
        if let Some(place) = place.checked_sub(1) {
            match wanted.next_if(|(at, _)| *at == place) {
                Some((_, id)) => anchored.push_str(&format!("<li id=\"{}\">", super::escape(id))),
                None => anchored.push_str(ITEM),
            }
        }
        anchored.push_str(piece);
    }
    anchored
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::to_html;

    fn items(markdown: &str) -> Vec<(usize, String)> {
        let lists = outline(markdown).into_iter().filter_map(|part| match part {
            Part::List { items, .. } => Some(items),
            _ => None,
        });
        lists.flatten().map(|item| (item.place, item.text)).collect()
    }

    #[test]
    fn items_are_found_with_all_that_stands_in_them() {
        let text =
            "* a\n* b\n  c\n\n  1. inner\n     more\n\nBetween\n\n10. **d**\n11.\n12. [e](https://e.example)\n> - quoted\n";
        let found = items(text);
        assert_eq!(found[0], (0, "a".into()));
        assert_eq!(found[1], (1, "b\nc\n\n1. inner\n   more".into()));
        assert_eq!(found[2], (3, "**d**".into()));
        assert_eq!(found[3], (4, String::new()));
        assert_eq!(found[4].0, 5);
        assert_eq!(items(&"é".repeat(3)), []);
        assert_eq!(items("  - a\n    b"), [(0, "a\nb".to_owned())]);
        assert_eq!(items("- é\n- ☕\n\n  ü"), [(0, "é".to_owned()), (1, "☕\n\nü".to_owned())]);
    }

    #[test]
    fn headings_say_their_words_and_where_they_stand() {
        let text = "Lead\n\n## **Open** `items`:\n\nb\n\nDecisions\n=========\n";
        let headings: Vec<(String, &str)> = outline(text)
            .into_iter()
            .filter_map(|part| match part {
                Part::Heading { words, range, .. } => Some((words, text.get(range)?)),
                _ => None,
            })
            .collect();
        let expected = [("Open items:", "## **Open** `items`:\n"), ("Decisions", "Decisions\n=========\n")];
        assert_eq!(headings, expected.map(|(words, range)| (words.to_owned(), range)));
    }

    #[test]
    fn an_item_gets_its_id_wherever_it_stands() {
        let deep = format!("{}- far down\n", "> ".repeat(30));
        let text = format!("- one\n  - inner\n- two <li>\n\n{deep}\n\nx\n\n- three");
        let places = items(&text);
        let anchors: Vec<(usize, String)> =
            places.iter().enumerate().skip(1).map(|(number, (place, _))| (*place, format!("d-{number}"))).collect();
        let html = with_anchors(&to_html(&text, &[], &|tag| tag.to_owned()), &anchors);
        assert!(html.contains("<li id=\"d-1\">two &lt;li&gt;</li>") && html.contains("<li id=\"d-2\">three</li>"), "{html}");
        assert_eq!(html.matches("id=").count(), 2);
        assert_eq!(with_anchors("<p>a</p>", &[(0, "x".into())]), "<p>a</p>");
    }
}
