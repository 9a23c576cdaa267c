//! A browser that somebody signed in with before: whoever guesses at their password elsewhere does not make them wait.

use super::token::hash_of;
use crate::{error::Result, keys::Secret};

/// What the browser keeps. It says nothing of whose it is: that only opens with the name and the secret of the city.
pub fn of(secret: &Secret, handle: &str) -> Result<String> {
    secret.wrap(b"", &context(handle))
}

/// What the browser is counted by, where it is one of theirs.
pub fn known(secret: &Secret, handle: &str, kept: &str) -> Option<String> {
    secret.unwrap(kept, &context(handle)).ok().map(|_| hash_of(kept))
}

fn context(handle: &str) -> String {
    format!("a browser of {handle}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_to_the_one_it_belongs_to_only() {
        let secret = Secret::random().unwrap();
        let (first, second) = (of(&secret, "ana").unwrap(), of(&secret, "ana").unwrap());
        assert!(!first.contains("ana") && first != second);
        assert!(first.bytes().all(|b| b.is_ascii_graphic() && !b"\",;\\".contains(&b)), "it may stand in a cookie: {first}");
        let known_as = known(&secret, "ana", &first);
        assert!(known_as.is_some() && known_as != known(&secret, "ana", &second));
        for (secret, handle, kept) in
            [(&secret, "ben", first.as_str()), (&Secret::random().unwrap(), "ana", &first), (&secret, "ana", "x")]
        {
            assert_eq!(known(secret, handle, kept), None);
        }
    }
}
