//! How people say on other servers whether they come: with a bare word in any of our languages, or a hand. Anything more is a reply.

use super::answer::Answer;
use crate::{text, words::Words};

/// Hands that say yes, in any colour.
const HANDS: [&str; 2] = ["✋", "👍"];
/// Words that are struck out, or others' words.
const NOT_MEANT: [&str; 4] = ["<del", "<s>", "<strike", "<blockquote"];
/// Longer texts are not looked at, in characters.
const LONGEST: usize = 200;

/// What a text says that answers a meeting, and in which language if that can be seen. `is_us` knows the names, without the first @,
/// of those it may be addressed to.
pub fn recognise(html: &str, is_us: impl Fn(&str) -> bool) -> Option<(Answer, Option<Words>)> {
    let html = html.to_lowercase();
    if NOT_MEANT.iter().any(|tag| html.contains(tag)) {
        return None;
    }
    let plain = text::plain_of_html(&html);
    if plain.chars().count() > LONGEST {
        return None;
    }
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    let names_us = |word: &&str| word.strip_prefix('@').is_some_and(|name| is_us(name.trim_end_matches([',', ':', '.'])));
    // in front as most servers write it, or behind
    let behind = words.iter().rev().take_while(|word| names_us(word)).count();
    words.truncate(words.len() - behind);
    let before = words.iter().take_while(|word| names_us(word)).count();
    let said = folded(&words.get(before..)?.join(" "));
    if HANDS.contains(&said.as_str()) {
        return Some((Answer::Coming, None));
    }
    Words::ALL.into_iter().map(|language| Words::of(&language.to_string())).find_map(|words| {
        let says = |answer: &Answer| {
            let variants = words.say(&format!("coming-words-{}", answer.name()), &[]);
            variants.split('|').any(|variant| folded(variant) == said)
        };
        Answer::ALL.into_iter().find(says).map(|answer| (answer, Some(words.clone())))
    })
}

/// In small letters and with one kind of apostrophe; without punctuation at the ends, skin colours and the marks that make a sign a
/// picture. A question is no answer: its mark stays.
fn folded(text: &str) -> String {
    let text = text.to_lowercase().replace(['’', '‘', '´', '`', 'ʼ'], "'");
    let plain: String = text.chars().filter(|c| !matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')).collect();
    plain.trim_matches(|c: char| c.is_whitespace() || ".,;:!¡…-–—\"“”«»()*_".contains(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(html: &str) -> Option<(Answer, Option<String>)> {
        let is_us = |name: &str| matches!(name.to_lowercase().as_str(), "kitchen" | "kitchen@us.example");
        recognise(html, is_us).map(|(answer, words)| (answer, words.map(|words| words.tag())))
    }

    #[test]
    fn bare_words_and_hands_are_answers() {
        let mastodon = "<p><span class=\"h-card\"><a href=\"https://us.example/@kitchen\" class=\"u-url mention\">@<span>kitchen</span></a></span>";
        let table = [
            ("coming", Answer::Coming, Some("en")),
            ("<p>Coming!</p>", Answer::Coming, Some("en")),
            ("@kitchen I'm coming.", Answer::Coming, Some("en")),
            ("@kitchen@us.example I’m coming", Answer::Coming, Some("en")),
            ("@Kitchen, count me in!!", Answer::Coming, Some("en")),
            ("Maybe… @kitchen", Answer::Maybe, Some("en")),
            ("can’t", Answer::No, Some("en")),
            ("<p>@kitchen<br>Can't make it :</p>", Answer::No, Some("en")),
            ("¡Voy!", Answer::Coming, Some("es")),
            ("QUIZÁ", Answer::Maybe, Some("es")),
            ("tal vez", Answer::Maybe, Some("es")),
            ("No puedo.", Answer::No, Some("es")),
            ("✋", Answer::Coming, None),
            ("@kitchen ✋🏽", Answer::Coming, None),
            ("👍\u{fe0f}", Answer::Coming, None),
            ("👍🏿!", Answer::Coming, None),
        ];
        for (html, answer, language) in table {
            assert_eq!(said(html), Some((answer, language.map(str::to_owned))), "{html}");
        }
        for (word, answer) in
            [("coming", Answer::Coming), ("voy", Answer::Coming), ("quizás", Answer::Maybe), ("no voy", Answer::No)]
        {
            assert_eq!(said(&format!("{mastodon} {word}</p>")).map(|(answer, _)| answer), Some(answer), "{word}");
        }
    }

    #[test]
    fn anything_more_is_a_reply() {
        for html in [
            "",
            "@kitchen",
            "coming?",
            "¿voy?",
            "I'm coming with soup",
            "coming coming",
            "yes",
            "no",
            "not",
            "@ben coming",
            "@kitchen @ben coming",
            "@kitchen@far.example coming",
            "coming @ben",
            "✋✋",
            "👎",
            "👍 great idea",
            "<p>coming</p><p>see https://far.example</p>",
            "<ul><li>coming</li></ul><p>or not</p>",
            "#coming",
            "up|coming",
            "coming|maybe",
            "<strong>",
            "<p><del>coming</del></p>",
            "<s>coming</s>",
            "<blockquote><p>coming</p></blockquote>",
        ] {
            assert_eq!(said(html), None, "{html}");
        }
        assert_eq!(said(&format!("coming{}", "!".repeat(LONGEST))), None);
    }

    #[test]
    fn every_language_has_its_own_words_and_no_word_says_two_things() {
        for language in Words::ALL {
            let words = Words::of(&language.to_string());
            let mut all = Vec::new();
            for answer in Answer::ALL {
                let variants = words.say(&format!("coming-words-{}", answer.name()), &[]);
                for variant in variants.split('|') {
                    let said = said(variant).unwrap_or_else(|| panic!("{variant}"));
                    assert_eq!(said.0, answer, "{variant}");
                    all.push(variant.trim().to_owned());
                }
            }
            let count = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count, "{language}");
        }
    }
}
