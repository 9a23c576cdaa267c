//! The scripts, each under an address that changes with it. Pages are whole without them.

use std::sync::OnceLock;

use super::answer::hash_of;

/// One script; a page may run none but its own.
pub struct Script {
    source: &'static str,
    hash: OnceLock<String>,
}

/// A button that copies a text.
pub static COPY: Script = Script::new(include_str!("copy.js"));
/// Makes and uses passkeys, for which there is no other way.
pub static PASSKEY: Script = Script::new(include_str!("passkey.js"));

impl Script {
    const fn new(source: &'static str) -> Self {
        Self { source, hash: OnceLock::new() }
    }

    /// The one with this hash.
    pub fn of(hash: &str) -> Option<&'static Self> {
        [&COPY, &PASSKEY].into_iter().find(|script| script.hash() == hash)
    }

    pub fn source(&self) -> &'static str {
        self.source
    }

    fn hash(&self) -> &str {
        self.hash.get_or_init(|| hash_of(self.source.as_bytes()))
    }

    pub fn path(&self) -> String {
        format!("/script/{}.js", self.hash())
    }
}
