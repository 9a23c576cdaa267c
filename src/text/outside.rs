//! Whether a text leads its readers away from here: telephone numbers, addresses elsewhere, people on other servers.

use super::{
    markdown::{has_links, to_plain},
    scan::{Piece, pieces},
};

/// So many digits with nothing but separators between them are taken for a telephone number.
const DIGITS: usize = 7;

/// Does this name a telephone number, an address elsewhere or somebody on another server? An address of mail does not count:
/// it is how most groups are reached, and nothing is opened by it.
pub fn leads_away(markdown: &str) -> bool {
    let plain = to_plain(markdown);
    has_links(markdown) || [markdown, &plain].into_iter().any(|text| names_an_address(text) || has_a_number(text))
}

fn names_an_address(text: &str) -> bool {
    text.contains("://")
        || pieces(text).iter().any(|piece| matches!(piece, Piece::Address(_) | Piece::Mention(_)))
        || text
            .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | ',' | ';'))
            .any(is_address)
}

/// `plaza.example`, `t.me/x`: what people type when they leave out the beginning of an address.
fn is_address(word: &str) -> bool {
    let (host, path) = word.split_once(['/', '?', ':', '#']).map_or((word, false), |(host, _)| (host, true));
    let host = host.replace(['。', '．', '｡'], ".");
    let host = host.trim_matches(|c: char| matches!(c, '.' | '!' | '\'' | '*' | '_' | '…' | '“' | '”' | '»' | '«'));
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    // in what lacks a space after a full stop, the next word begins with a capital letter
    let is_shouted = !host.chars().any(char::is_lowercase);
    let is_top = |label: &&str| {
        label.chars().count() >= 2 && label.chars().all(|c| c.is_alphabetic() && (is_shouted || !c.is_uppercase()))
    };
    let is_short = |label: &&str| matches!(*label, "me" | "co" | "com" | "org" | "net" | "link" | "gg");
    labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(is_top)
        && (path || labels.first().is_some_and(|label| label.chars().count() >= 2) || labels.last().is_some_and(is_short))
}

fn has_a_number(text: &str) -> bool {
    let is_part =
        |c: char| c.is_numeric() || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '‑' | '–' | '.' | '/' | '(' | ')' | '+');
    let runs = text.split(|c: char| !is_part(c));
    runs.filter(|run| !is_date(run)).any(|run| run.chars().filter(|c| c.is_numeric()).count() >= DIGITS)
}

/// `2026-11-24`, `24.11.2026`, `24/11 – 1/12/2026`: each part is a day, a month or a year.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split(|c: char| !c.is_numeric()).filter(|part| !part.is_empty()).collect();
    let years = parts.iter().filter(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))).count();
    let small = parts.iter().filter(|part| part.len() <= 2 && part.parse::<u8>().is_ok_and(|number| number <= 31)).count();
    (1..=2).contains(&years) && years + small == parts.len() && small <= 4 * years
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_away_is_told_from_what_does_not() {
        for away in [
            "call 617-555-0123",
            "+1 (617) 555 0123",
            "+34 600.12.34.56",
            "6175550123",
            "٠١٢٣٤٥٦٧٨٩",
            "see https://evil.example/x",
            "see [here](https://evil.example)",
            "see [here](/meetings)",
            "[a]\n\n[a]: https://evil.example",
            "![](https://evil.example/x.png)",
            "evil.example",
            "join t.me/evil!",
            "www.evil.example",
            "(chat.evil.example)",
            "ask @ana@evil.example",
            "ftp://evil.example",
            "617\\-555\\-0123",
            "see EVIL.COM",
            "evil。com",
            "evil．example",
            "t.me",
            "x.com",
            "**617**-555-0123",
        ] {
            assert!(leads_away(away), "{away}");
        }
        for stays in [
            "Soup for whoever is hungry. #food",
            "Every Tuesday 18:00–20:00 at 100 Broadway, Boston 02110",
            "On 2026-11-24, on 24.11.2026 and from 24/11 to 1/12/2026",
            "24/11/2026 – 1/12/2026",
            "ana@plaza.example",
            "at 6 p.m. e.g. at the tent.Bring pots...",
            "We are the 99.9 percent, 1.5 litres each, since 2011",
            "Ask for Ana at the info desk",
            "p.ej. en la carpa, de las 9 A.M. a las 6 P.M.",
            "",
        ] {
            assert!(!leads_away(stays), "{stays}");
        }
    }
}
