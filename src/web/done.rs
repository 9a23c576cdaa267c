//! What was just done, said once at the top of the next page. The address names it by a word of this list: no text stands there.

use url::form_urlencoded;

/// Said to whoever is signed in; each names the message `done-…`.
const DONE: [&str; 43] = [
    "published",
    "published-followers",
    "published-urgent",
    "planned",
    "changed",
    "scheduled",
    "minutes",
    "deleted",
    "called-off",
    "kept",
    "discarded",
    "stopped",
    "welcomed",
    "joined",
    "decided",
    "met",
    "saved",
    "ended",
    "dates",
    "password",
    "password-first",
    "sessions",
    "laid-down",
    "speaks",
    "told",
    "woken",
    "passkey",
    "published-nobody",
    "already-published",
    "already-gone",
    "offered",
    "taken-back",
    "removal-asked",
    "removed",
    "frozen",
    "ending",
    "ending-off",
    "pick-up-asked",
    "recovered",
    "phone-taken",
    "phone-taken-out",
    "given-back",
    "way-stopped",
];
/// Said to anybody, on the front page: whoever is signed out is nobody to us.
const GONE: [&str; 2] = ["signed-out", "left"];

/// What a query says was done, where that is one of ours; `alone` for whoever is not signed in.
pub(super) fn named(query: &str, alone: bool) -> Option<&'static str> {
    let said = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done").map(|(_, said)| said)?;
    let known = if alone { GONE.as_slice() } else { DONE.as_slice() };
    known.iter().copied().find(|known| *known == said)
}

/// The path of a page that is to say so.
pub fn saying(path: &str, done: &str) -> String {
    let (path, fragment) = path.split_once('#').map_or((path, String::new()), |(path, rest)| (path, format!("#{rest}")));
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}done={done}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn only_words_of_the_list_are_known_and_each_is_said_in_every_language() {
        for language in ["en", "es"] {
            for done in DONE.into_iter().chain(GONE) {
                let said = Words::of(language).say(&format!("done-{done}"), &[]);
                assert!(!said.starts_with("Unknown"), "{language} does not say {done}");
            }
        }
        assert_eq!(named("lang=es&done=published", false), Some("published"));
        assert_eq!(named("done=signed-out", true), Some("signed-out"));
        for (query, alone) in
            [("done=published", true), ("done=signed-out", false), ("done=Pay+here", false), ("done", false), ("", true)]
        {
            assert_eq!(named(query, alone), None, "{query}");
        }
    }

    #[test]
    fn it_stands_in_the_query_before_the_fragment() {
        assert_eq!(saying("/ours", "kept"), "/ours?done=kept");
        assert_eq!(saying("/me/codes?then=%2Fstart", "joined"), "/me/codes?then=%2Fstart&done=joined");
        assert_eq!(saying("/ours/@kitchen#news", "published"), "/ours/@kitchen?done=published#news");
    }
}
