//! Words people write: Markdown in, safe HTML and plain text out. Knows no noun of the city and no web page.

pub mod html;
mod markdown;
pub mod outline;
mod outside;
mod scan;
pub mod script;

use serde::{Deserialize, Serialize};
use url::Url;

pub use html::{MAX_BYTES, escape, plain_of_html, sanitize};
pub use markdown::{escape_markdown, mentions_in, tags_in, to_html, to_plain};
pub use outside::leads_away;

/// Someone named in a text, found before it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// `user@host` as written, without the leading @.
    pub handle: String,
    /// ActivityPub id of the actor.
    pub uri: Url,
    /// What people open.
    pub url: Url,
}

/// One line of 1 to `max_chars` characters that shows as what it is: something to see, no control characters and nothing that
/// turns the reading direction of what follows around.
pub fn is_line(text: &str, max_chars: usize) -> bool {
    text.chars().any(shows) && text.chars().count() <= max_chars && !text.chars().any(breaks_a_line)
}

/// Is there anything to see of it by itself? Not of blanks, of what only joins or parts others, and of what stands upon them.
fn shows(c: char) -> bool {
    let is_nothing = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{1d159}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    let is_mark = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}');
    !(c.is_whitespace() || c.is_control() || is_nothing || is_mark)
}

fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The same as one line, for where nothing else keeps signs from being obeyed: terminals, chats.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if breaks_a_line(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, with its lines and tabs, for terminals: what they would obey shows as a space.
pub fn for_terminals(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if breaks_a_line(c) && !matches!(c, '\n' | '\t') { ' ' } else { c }).collect()
}

/// JSON that says the same, and that a terminal can show, too: what it would obey stands in strings only, and is written by its
/// number there.
pub fn json_for_terminals(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if breaks_a_line(c) {
            shown.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Text of 1 to `max_chars` characters with something to see; of the control characters only line ends and tabs.
pub fn is_prose(text: &str, max_chars: usize) -> bool {
    text.chars().any(shows)
        && text.chars().count() <= max_chars
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// A hashtag as we keep it: without #, in lower case.
pub fn is_tag(tag: &str) -> bool {
    scan::is_tag(tag) && tag.to_lowercase() == tag
}

/// What somebody typed, without blanks around it; nothing where nothing is left.
pub fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first line that says something, cut between words to at most `max_chars` characters.
pub fn first_line(text: &str, max_chars: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= max_chars {
        return line.to_owned();
    }
    let kept: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    let whole_words = match kept.rfind(char::is_whitespace) {
        Some(at) if at > kept.len() / 2 => kept.get(..at).unwrap_or(&kept),
        _ => &kept,
    };
    format!("{}…", whole_words.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '–' | '—')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_that_shows_as_what_it_is() {
        for right in ["Kitchen", "La cocina de la plaza", "مطبخ", "厨房 🍲", "a", "क़िताब", "❤\u{fe0f}", "می\u{200c}خواهم", "…"]
        {
            assert!(is_line(right, 30), "{right}");
        }
        for wrong in [
            "",
            " ",
            "\u{a0}\u{2003}",
            "\u{200b}",
            "\u{2800}\u{3164} \u{115f}",
            "\u{feff}\u{301}\u{fe0f}",
            "\u{e0041}\u{ad}",
            "a\nb",
            "a\rb",
            "a\u{2028}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\0b",
            "a\u{9b}1mb",
            "\u{1b}[31m",
            "a\tb",
        ] {
            assert!(!is_line(wrong, 30), "{wrong:?}");
        }
        assert!(is_line("äöü", 3) && !is_line("äöüß", 3));
        for (text, line) in [
            ("\u{1b}]0;gone\u{7}\u{1b}[2J Soup\r\nhttps://evil.example", "]0;gone [2J Soup https://evil.example"),
            ("a\u{202e}b\u{2028}c\u{9b}1md", "a b c 1md"),
            ("\u{200f}خبز  للجميع ", "\u{200f}خبز للجميع"),
            ("\n", ""),
        ] {
            assert_eq!(one_line(text), line);
        }
        let hostile = "a\n\tb\r\n\u{1b}[2J\u{9b}1m\u{202e}\u{2028}\0";
        assert_eq!(for_terminals(hostile), "a\n\tb\n [2J 1m   ");
        let json = json_for_terminals(&serde_json::json!([hostile]).to_string());
        assert!(!json.chars().any(breaks_a_line), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [hostile]);
    }

    #[test]
    fn prose_has_lines_and_tabs_but_no_other_controls() {
        for right in ["a", "a\r\nb\n\n\tc", "مرحبا"] {
            assert!(is_prose(right, 30), "{right}");
        }
        for wrong in ["", "\n \t", "\u{200b}\n\u{2060}", "a\0", "a\u{8}", "a\u{1b}", "a\u{7f}", "a\u{85}"] {
            assert!(!is_prose(wrong, 30), "{wrong:?}");
        }
        assert!(!is_prose(&"a".repeat(31), 30));
    }

    #[test]
    fn a_tag_has_letters_of_any_script() {
        for right in ["food", "comida_libre", "15m", "الخبز", "हिन्दी", "厨房", "straße"] {
            assert!(is_tag(right), "{right}");
        }
        for wrong in ["", "Food", "2026", "a b", "#a", "a-b", "a.b", "___", "a\u{202e}"] {
            assert!(!is_tag(wrong), "{wrong:?}");
        }
        assert!(is_tag(&"a".repeat(50)) && !is_tag(&"a".repeat(51)));
    }

    #[test]
    fn the_first_line_is_cut_between_words() {
        assert_eq!(first_line("\n  We need pots.\nMore", 40), "We need pots.");
        assert_eq!(first_line("We are short of large pots for Thursday", 20), "We are short of…");
        assert_eq!(first_line(&"x".repeat(50), 10), format!("{}…", "x".repeat(9)));
        assert_eq!(first_line("äöüäöüäöü äöü", 8), "äöüäöüä…");
        assert_eq!(first_line("", 8), "");
    }
}
