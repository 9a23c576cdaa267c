//! Finds mentions, hashtags and addresses in a run of plain text, in one pass. Knows neither Markdown nor HTML.

use url::Url;

/// A stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Plain(&'a str),
    /// `user@host`, without the leading @.
    Mention(&'a str),
    /// As written, without #.
    Tag(&'a str),
    /// Begins with http:// or https://.
    Address(&'a str),
}

/// All of `text`, in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at, mut before) = (0, 0, None);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let found = match c {
            '#' if may_follow(before, &['/', '#', '&', '=']) => tag_at(text, at),
            '@' if may_follow(before, &['/', '@', '.', '-']) => mention_at(text, at),
            'h' | 'H' if may_follow(before, &['/']) => address_at(text, at),
            _ => None,
        };
        let (piece, end) = found.unwrap_or((Piece::Plain(""), at + c.len_utf8()));
        if !matches!(piece, Piece::Plain(_)) {
            if let Some(plain) = text.get(plain_from..at).filter(|plain| !plain.is_empty()) {
                pieces.push(Piece::Plain(plain));
            }
            pieces.push(piece);
            plain_from = end;
        }
        before = text.get(at..end).and_then(|read| read.chars().next_back());
        at = end;
    }
    if let Some(plain) = text.get(plain_from..).filter(|plain| !plain.is_empty()) {
        pieces.push(Piece::Plain(plain));
    }
    pieces
}

/// Things begin at the edge of a word, and not after what makes them part of something else.
fn may_follow(before: Option<char>, not: &[char]) -> bool {
    before.is_none_or(|c| !is_tag_char(c) && !not.contains(&c))
}

fn tag_at(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let rest = text.get(at + 1..)?;
    let length = rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len());
    let tag = rest.get(..length).filter(|tag| is_tag(tag))?;
    Some((Piece::Tag(tag), at + 1 + length))
}

/// Letters of any script, digits, underscores: at most 50, and at least one letter.
pub fn is_tag(tag: &str) -> bool {
    tag.len() <= 200 && tag.chars().count() <= 50 && tag.chars().all(is_tag_char) && tag.chars().any(char::is_alphabetic)
}

/// Beside letters and digits the signs without which words of some scripts fall apart: accents, nuktas and viramas.
fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric()
        || c == '_'
        || matches!(c, '\u{300}'..='\u{36F}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{E31}' | '\u{E34}'..='\u{E3A}'
            | '\u{E47}'..='\u{E4E}' | '\u{EB1}' | '\u{EB4}'..='\u{EBC}' | '\u{EC8}'..='\u{ECE}' | '\u{1037}' | '\u{1039}' | '\u{103A}' | '\u{17D2}' | '\u{200C}')
        || (('\u{900}'..='\u{DFF}').contains(&c) && matches!(u32::from(c) & 0x7F, 0x3C | 0x4D))
}

/// The longest `user` and `host` we read; longer ones are not handles.
const HANDLE: usize = 320;

fn mention_at(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let rest = text.get(at + 1..)?;
    let (user, after) =
        rest.split_at(rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(rest.len()));
    if user.is_empty() || user.ends_with(['.', '-']) || user.starts_with(['.', '-']) {
        return None;
    }
    let host = after.strip_prefix('@')?;
    let host = host.get(..host.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.'))).unwrap_or(host.len()))?;
    let host = host.trim_end_matches(['.', '-']);
    if host.is_empty() || host.starts_with(['.', '-']) || host.contains("..") {
        return None;
    }
    let mut length = user.len() + 1 + host.len();
    length += port_length(rest.get(length..)?);
    if length > HANDLE || rest.get(length..)?.starts_with('@') {
        return None;
    }
    Some((Piece::Mention(rest.get(..length)?), at + 1 + length))
}

/// Length of `:8080` at the beginning of `text`, or 0.
fn port_length(text: &str) -> usize {
    let Some(digits) = text.strip_prefix(':') else { return 0 };
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if digits.get(..length).is_some_and(|port| port.parse::<u16>().is_ok()) { 1 + length } else { 0 }
}

/// The longest address we link.
pub const ADDRESS: usize = 2_000;

/// An address, or what looks like one and is none.
fn address_at(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let rest = text.get(at..)?;
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let run = rest.get(
        ..rest
            .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\'))
            .unwrap_or(rest.len()),
    )?;
    let address = without_closing_punctuation(run);
    if address.len() <= scheme.len() || address.len() > ADDRESS || absolute(address).is_none() {
        // not looked at again from its middle, or a long row of such would be read over and over
        return Some((Piece::Plain(run), at + run.len()));
    }
    Some((Piece::Address(address), at + address.len()))
}

/// A full stop after an address belongs to the sentence, a closing bracket to the one that was opened before it.
fn without_closing_punctuation(address: &str) -> &str {
    let (mut round, mut square) = (surplus(address, '(', ')'), surplus(address, '[', ']'));
    let mut kept = address;
    while let Some(last) = kept.chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '”' | '’' | '»' | '。' | '、' | '،' | '؟' =>
                {}
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            _ => break,
        }
        kept = kept.get(..kept.len() - last.len_utf8()).unwrap_or_default();
    }
    kept
}

/// How many more closing than opening brackets there are.
fn surplus(text: &str, opening: char, closing: char) -> usize {
    let count = |wanted| text.chars().filter(|c| *c == wanted).count();
    count(closing).saturating_sub(count(opening))
}

/// An address that says everything itself and that may be opened from a page: http, https or mailto, no password in it,
/// and nothing that a browser would complete from the page's own address (`https:path`).
pub fn absolute(address: &str) -> Option<Url> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| url.as_str().len() <= ADDRESS && !url.as_str().contains(['<', '>', '"', '\'', '`']))?;
    match url.scheme() {
        "mailto" => Some(url),
        "http" | "https" => {
            let spelled_out = address.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
            (spelled_out && url.has_host() && url.username().is_empty() && url.password().is_none()).then_some(url)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_tags_and_addresses_begin_and_end_with_the_word() {
        use Piece::{Address, Mention, Plain, Tag};
        let table: [(&str, &[Piece<'_>]); 20] = [
            ("bring #Pots!", &[Plain("bring "), Tag("Pots"), Plain("!")]),
            ("(#15M)", &[Plain("("), Tag("15M"), Plain(")")]),
            ("no#tag, #1, ##x, &#x41;, /#y", &[Plain("no#tag, #1, ##x, &#x41;, /#y")]),
            ("#हिन्दी #الخبز。", &[Tag("हिन्दी"), Plain(" "), Tag("الخبز"), Plain("。")]),
            ("ask @ana@plaza.example.", &[Plain("ask "), Mention("ana@plaza.example"), Plain(".")]),
            ("@a.b-c_d@küche.example, hi", &[Mention("a.b-c_d@küche.example"), Plain(", hi")]),
            ("@kitchen@localhost:8080:", &[Mention("kitchen@localhost:8080"), Plain(":")]),
            ("@k@127.0.0.1:99999", &[Mention("k@127.0.0.1"), Plain(":99999")]),
            ("ana@plaza.example", &[Plain("ana@plaza.example")]),
            ("x@ana@plaza.example", &[Plain("x@ana@plaza.example")]),
            ("@ana @@ana@b @ana@b@c @-a@b @a@.b @a@b..c", &[Plain("@ana @@ana@b @ana@b@c @-a@b @a@.b @a@b..c")]),
            ("see https://a.example/x.", &[Plain("see "), Address("https://a.example/x"), Plain(".")]),
            ("(https://a.example/x_(y))", &[Plain("("), Address("https://a.example/x_(y)"), Plain(")")]),
            ("HTTP://A.example#tag @", &[Address("HTTP://A.example#tag"), Plain(" @")]),
            ("https://a.example/@ana@b.example", &[Address("https://a.example/@ana@b.example")]),
            ("xhttps://a.example", &[Plain("xhttps://a.example")]),
            ("https:// https:a http:/a", &[Plain("https:// https:a http:/a")]),
            ("https://u@evil.example/", &[Plain("https://u@evil.example/")]),
            ("https://a.example/\"onx=", &[Address("https://a.example/"), Plain("\"onx=")]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn only_addresses_that_say_everything_themselves_are_opened() {
        for right in ["https://a.example", "HTTP://a.example:1/?x#y", "mailto:ana@plaza.example", "https://[::1]/"] {
            assert!(absolute(right).is_some(), "{right}");
        }
        let backslash = absolute("https://evil.example\\@us.example/").map(String::from);
        assert_eq!(backslash.as_deref(), Some("https://evil.example/@us.example/"), "shown and opened alike");
        for wrong in [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "blob:https://a.example/x",
            "//evil.example",
            "/admin/delete",
            "admin",
            "",
            "https:evil",
            "https:/evil",
            "https:\\\\evil.example",
            "ftp://a.example",
            "file:///etc/passwd",
            "https://us.example@evil.example/",
            "https://a:b@evil.example/",
            "ht\ntps://a.example",
            "ws://a.example",
            "mailto:a\"onclick=",
        ] {
            assert_eq!(absolute(wrong), None, "{wrong:?}");
        }
    }
}
