//! The style sheet, under an address that changes with it.

use std::{fmt::Write, sync::LazyLock};

use actix_web::web::Bytes;

use super::answer::hash_of;
use crate::pictures::PALETTES;

pub struct Style {
    pub css: Bytes,
    pub hash: String,
}

/// With the colours of every city: a page names its own by a class.
pub static STYLE: LazyLock<Style> = LazyLock::new(|| {
    let mut css = include_str!("style.css").to_owned();
    for (number, colours) in PALETTES.iter().enumerate() {
        let [deep, warm, pale] =
            [colours.deep, colours.warm, colours.pale].map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"));
        // writing to a string does not fail
        let _ = writeln!(css, ".palette-{number}{{--deep:{deep};--warm:{warm};--pale:{pale}}}");
    }
    Style { hash: hash_of(css.as_bytes()), css: css.into() }
});

/// The address of the style sheet.
pub fn path() -> String {
    format!("/style/{}.css", STYLE.hash)
}
