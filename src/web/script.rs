//! The script of public pages: a button that copies a text. Pages are whole without it.

use std::sync::LazyLock;

use super::answer::hash_of;

pub const COPY: &str = include_str!("copy.js");

pub static HASH: LazyLock<String> = LazyLock::new(|| hash_of(COPY.as_bytes()));

/// An address that changes with it.
pub fn path() -> String {
    format!("/script/{}.js", *HASH)
}
