//! Words because of which a reply does not show at once: whole words or rows of words, whatever their case.

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};

use crate::{
    clock::Timestamp,
    db::{Conn, insert_new, schema::blocked_words},
    error::{Error, Result, Said},
    text,
};

/// Longest word or row of words, in characters.
const LONGEST: usize = 100;
/// More words would make every reply slow.
const MOST: i64 = 2_000;

/// Why a word is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a word has letters or digits and at most {LONGEST} characters")]
    NoWord,
    #[error("there are {MOST} words already: take some away first")]
    TooMany,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let message = match refusal {
            Refusal::NoWord => "care-refused-word",
            Refusal::TooMany => "care-refused-words",
        };
        Error::refused_in_words(refusal, Said::new(message).about("word"))
    }
}

/// Is it a word, or a row of them?
pub fn check(word: &str) -> Result<(), Refusal> {
    let word = folded(word);
    if word.is_empty() || !text::is_line(&word, LONGEST) { Err(Refusal::NoWord) } else { Ok(()) }
}

/// `false` when it was there already.
pub fn add(conn: &mut Conn, word: &str, now: Timestamp) -> Result<bool> {
    check(word)?;
    let word = folded(word);
    let all: i64 = blocked_words::table.count().get_result(conn)?;
    if all >= MOST {
        return Err(Refusal::TooMany.into());
    }
    let row = (blocked_words::word.eq(word), blocked_words::created.eq(now));
    Ok(insert_new(conn, |conn| diesel::insert_into(blocked_words::table).values(row).execute(conn))?)
}

/// `false` when it was not there.
pub fn remove(conn: &mut Conn, word: &str) -> QueryResult<bool> {
    Ok(diesel::delete(blocked_words::table.find(folded(word))).execute(conn)? == 1)
}

pub fn list(conn: &mut Conn) -> QueryResult<Vec<String>> {
    blocked_words::table.order(blocked_words::word).select(blocked_words::word).load(conn)
}

/// Does any of the words stand in this plain text?
pub fn any_in(conn: &mut Conn, text: &str) -> QueryResult<bool> {
    let words = list(conn)?;
    Ok(!words.is_empty() && contains_any(text, &words))
}

fn contains_any(text: &str, words: &[String]) -> bool {
    let text = format!(" {} ", folded(text));
    words.iter().any(|word| match word.chars().any(is_unspaced) {
        true => text.contains(word),
        false => text.contains(&format!(" {word} ")),
    })
}

/// In lower case, one space between words and nothing else.
fn folded(text: &str) -> String {
    // what cannot be seen must not split a word
    let seen = text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    let letters: String = seen.map(|c| if is_letter(c) { c } else { ' ' }).collect();
    letters.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters, digits, and the accents that are written with them.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{65F}' | '\u{900}'..='\u{DFF}')
}

/// Scripts that set no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found_in_any_case_and_nothing_else() {
        let table = [
            ("troll", "You TROLL!", true),
            ("troll", "trolley controller", false),
            ("troll", "tr\u{200b}oll", true),
            ("troll", "<troll>", true),
            ("go home", "Go,\nhome.", true),
            ("go home", "going home", false),
            ("ÑANDÚ", "un ñandú", true),
            ("傻瓜", "你是傻瓜吗", true),
            ("ёлки", "ЁЛКИ-палки", true),
        ];
        for (word, text, expected) in table {
            assert_eq!(contains_any(text, &[folded(word)]), expected, "{word} in {text}");
        }
        assert!(!contains_any("anything", &[]));
    }
}
