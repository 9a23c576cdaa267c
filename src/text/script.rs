//! In which language a name probably is, where its letters tell.

/// Of each script the language that is written in it most, in BCP 47; whoever writes another one says so on the desk.
const SCRIPTS: [(std::ops::RangeInclusive<char>, &str); 12] = [
    ('\u{0370}'..='\u{03ff}', "el"),
    ('\u{0400}'..='\u{04ff}', "ru"),
    ('\u{0590}'..='\u{05ff}', "he"),
    ('\u{0600}'..='\u{06ff}', "ar"),
    ('\u{0750}'..='\u{077f}', "ar"),
    ('\u{0900}'..='\u{097f}', "hi"),
    ('\u{0980}'..='\u{09ff}', "bn"),
    ('\u{0e00}'..='\u{0e7f}', "th"),
    ('\u{10a0}'..='\u{10ff}', "ka"),
    ('\u{3040}'..='\u{30ff}', "ja"),
    ('\u{4e00}'..='\u{9fff}', "zh"),
    ('\u{ac00}'..='\u{d7af}', "ko"),
];

/// Nothing for Latin letters, which tell nothing, and for what is written in letters that are not known here.
pub fn language_of(name: &str) -> Option<&'static str> {
    let of = |letter: char| SCRIPTS.iter().find(|(script, _)| script.contains(&letter)).map(|(_, language)| *language);
    let letters: Vec<Option<&str>> = name.chars().filter(|letter| letter.is_alphabetic()).map(of).collect();
    let first = letters.iter().flatten().next()?;
    // Japanese is written with Chinese letters, too
    let language = if *first == "zh" && letters.contains(&Some("ja")) { "ja" } else { first };
    let of_it = letters.iter().filter(|letter| letter.is_some()).count();
    (2 * of_it > letters.len()).then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_tell_the_language_of_a_name() {
        for (name, language) in [
            ("مطبخ الحي", Some("ar")),
            ("社区厨房", Some("zh")),
            ("台所の会", Some("ja")),
            ("мысли", Some("ru")),
            ("동네 부엌", Some("ko")),
            ("מטבח 24", Some("he")),
            ("Kitchen", None),
            ("Kitchen مطبخ", None),
            ("Comité del Ñandú", None),
            ("1312", None),
            ("", None),
        ] {
            assert_eq!(language_of(name), language, "{name}");
        }
    }
}
