//! Text that may hold what strangers wrote, made fit for a log: one line, no addresses of machines, no query strings, not too long.

use std::net::{IpAddr, Ipv4Addr};

/// Stands where an address stood.
const ADDRESS: &str = "[address]";
/// Ends what was too long.
const CUT: &str = "…";

/// `text` in at most `longest` bytes. Whatever could end a line or move a terminal's cursor is written as an escape.
pub fn clean(text: &str, longest: usize) -> String {
    // longer than this cannot matter, and a megabyte need not be looked at
    let text = begin(text, longest.saturating_mul(2));
    let mut one_line = String::with_capacity(text.len());
    for letter in text.chars() {
        if moves(letter) { one_line.extend(letter.escape_default()) } else { one_line.push(letter) }
    }
    let cleaned = without_addresses(&without_queries(&one_line));
    if cleaned.len() <= longest {
        return cleaned;
    }
    format!("{}{}", begin(&cleaned, longest.saturating_sub(CUT.len())), begin(CUT, longest))
}

/// The beginning of a text, in at most so many bytes.
fn begin(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest)).unwrap_or_default()
}

/// Control characters, other ends of lines, and what turns the direction of writing.
fn moves(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// A question mark inside a word begins a query string: tokens and words searched for stand there.
fn without_queries(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let ends = |letter: &char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>' | ')' | '`');
    while let Some(letter) = letters.next() {
        kept.push(letter);
        if letter == '?' && letters.peek().is_some_and(|next| !ends(next)) {
            kept.push_str(CUT);
            while letters.next_if(|next| !ends(next)).is_some() {}
        }
    }
    kept
}

fn without_addresses(text: &str) -> String {
    let in_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | ':' | '_');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|letter| !in_word(letter)).unwrap_or(rest.len()));
        if word.contains(['.', ':']) && word.contains(|letter: char| letter.is_ascii_digit()) {
            kept.push_str(&without_address(word));
        } else {
            kept.push_str(word);
        }
        let (between, next) = after.split_at(after.find(in_word).unwrap_or(after.len()));
        kept.push_str(between);
        rest = next;
    }
    kept
}

/// A word is an address of the sixth version itself or after something and a colon, or holds some of the fourth.
fn without_address(word: &str) -> String {
    let mut starts = std::iter::once(0).chain(word.match_indices(':').map(|(at, _)| at + 1));
    let sixth = |tail: &str| matches!(tail.trim_end_matches(['.', ':']).parse(), Ok(IpAddr::V6(_)));
    if let Some(at) = starts.find(|at| word.get(*at..).is_some_and(sixth)) {
        return format!("{}{ADDRESS}", begin(word, at));
    }
    let mut kept = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let in_number = |letter: char| letter.is_ascii_digit() || letter == '.';
        let (number, after) = rest.split_at(rest.find(|letter| !in_number(letter)).unwrap_or(rest.len()));
        let is_address = number.trim_matches('.').parse::<Ipv4Addr>().is_ok();
        kept.push_str(if is_address { ADDRESS } else { number });
        let (between, next) = after.split_at(after.find(in_number).unwrap_or(after.len()));
        kept.push_str(between);
        rest = next;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_address_stays() {
        for (text, cleaned) in [
            ("from 127.9.8.7", "from [address]"),
            ("from 127.9.8.7:4040.", "from [address]:4040."),
            ("peer=203.0.113.77, port 1", "peer=[address], port 1"),
            ("V4(203.0.113.77)", "V4([address])"),
            ("x203.0.113.77y", "x[address]y"),
            ("ip:203.0.113.77:80", "ip:[address]:80"),
            ("http://203.0.113.77:80/users", "http://[address]:80/users"),
            ("[::1]:80 and 2001:db8::7", "[[address]]:80 and [address]"),
            ("::ffff:203.0.113.77", "[address]"),
            ("fe80::1%eth0", "[address]%eth0"),
            ("ip:2001:db8::7", "ip:[address]"),
            ("2001:db8::7:", "[address]"),
            ("plaza::worker at src/a.rs:12:5, 10:30:00, 1.96.0", "plaza::worker at src/a.rs:12:5, 10:30:00, 1.96.0"),
        ] {
            assert_eq!(clean(text, 200), cleaned);
        }
    }

    #[test]
    fn no_query_string_stays() {
        for (text, cleaned) in [
            ("https://a.example/x?token=7&y=2 failed", "https://a.example/x?… failed"),
            ("(https://a.example/?q)", "(https://a.example/?…)"),
            ("is it? yes?", "is it? yes?"),
        ] {
            assert_eq!(clean(text, 200), cleaned);
        }
    }

    #[test]
    fn whatever_is_written_stays_on_one_line_of_its_length() {
        let hostile = "a\r\nb\u{1b}[31mc\u{9b}2Jd\u{2028}e\u{202e}f\0";
        let cleaned = clean(hostile, 200);
        assert_eq!(cleaned, r"a\r\nb\u{1b}[31mc\u{9b}2Jd\u{2028}e\u{202e}f\u{0}");
        for longest in 0..200 {
            for text in [hostile.repeat(10), "ñ".repeat(1_000_000), "203.0.113.77 ".repeat(1_000)] {
                assert!(clean(&text, longest).len() <= longest, "{longest}");
            }
        }
    }
}
