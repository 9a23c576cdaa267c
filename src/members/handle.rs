//! The name somebody signs in with, proposed from what they want to be called.

use aws_lc_rs::rand;
use deunicode::deunicode;

use crate::error::{Error, Result};

const LONGEST: usize = 20;
const SHORTEST: usize = 2;

/// Names to choose from, the best one first: the name in plain letters, whatever its script, with digits; then a word that can be
/// read aloud and means nothing. Always with digits: whether they were needed would tell who has an account.
pub fn proposals(name: &str) -> Result<Vec<String>> {
    let plain = plain(name);
    let mut proposals = Vec::new();
    if plain.len() >= SHORTEST {
        for _ in 0..8 {
            proposals.push(format!("{plain}{}", 10 + random(90)?));
        }
    }
    for _ in 0..8 {
        proposals.push(word()?);
    }
    Ok(proposals)
}

/// As somebody wrote it who signs in: an @ before it and large letters mean nothing.
pub fn written(text: &str) -> String {
    text.trim().trim_start_matches('@').to_lowercase()
}

fn plain(name: &str) -> String {
    let short: String = latin(name).chars().take(LONGEST).collect();
    short.trim_end_matches('_').to_owned()
}

/// Small letters a–z and digits, with an underscore between words, beginning with a letter; whatever script the name is in. Empty
/// where nothing of it can be said so.
pub fn latin(name: &str) -> String {
    let mut plain = String::new();
    for c in deunicode(name).chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' => plain.push(c),
            '0'..='9' if !plain.is_empty() => plain.push(c),
            // what stands for sounds that Latin letters do not have
            '\'' | '`' | '"' => {}
            _ if !plain.is_empty() && !plain.ends_with('_') => plain.push('_'),
            _ => {}
        }
    }
    plain
}

/// `mutabo47`.
fn word() -> Result<String> {
    const SOUNDS: [&str; 12] = ["b", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v"];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    let mut word = String::new();
    for _ in 0..3 {
        word.push_str(SOUNDS.get(random(SOUNDS.len())?).copied().unwrap_or_default());
        word.push_str(VOWELS.get(random(VOWELS.len())?).copied().unwrap_or_default());
    }
    Ok(format!("{word}{}", 10 + random(90)?))
}

/// Less than `below`; nearly even, which is even enough for names.
fn random(below: usize) -> Result<usize> {
    let mut bytes = [0; 2];
    rand::fill(&mut bytes).map_err(|_| Error::broken("there is no randomness"))?;
    Ok(usize::from(u16::from_be_bytes(bytes)).checked_rem(below).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_script_becomes_plain_letters() {
        let table = [
            ("Ana", "ana"),
            ("Ana María Núñez", "ana_maria_nunez"),
            ("محمد علي", "mhmd_ly"),
            ("北京", "bei_jing"),
            ("Ольга", "olga"),
            ("Ngũgĩ wa Thiong'o", "ngugi_wa_thiongo"),
            ("  --O'Brien-- ", "obrien"),
            ("4 seasons", "seasons"),
            ("a very long name that goes on and on", "a_very_long_name_tha"),
            ("ab_cdefghijklmnopqr stuvw", "ab_cdefghijklmnopqr"),
            ("😀", "grinning"),
            ("١٢٣", ""),
            ("…", ""),
            ("<script>", "script"),
        ];
        for (name, expected) in table {
            assert_eq!(plain(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_without_letters_becomes_a_word_that_can_be_read() {
        for proposal in proposals("…").unwrap() {
            assert_eq!(proposal.len(), 8, "{proposal}");
            assert!(proposal.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{proposal}");
        }
        let proposals = proposals("Ana").unwrap();
        assert!(proposals[0].starts_with("ana") && proposals[0].len() == 5, "{proposals:?}");
    }
}
