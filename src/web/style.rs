//! The style sheets, each under an address that changes with it.

use std::{fmt::Write, sync::OnceLock};

use actix_web::web::Bytes;

use super::answer::hash_of;
use crate::pictures::PALETTES;

/// One style sheet, with the colours of every city: a page names its own by a class.
pub struct Sheet {
    name: &'static str,
    source: &'static str,
    made: OnceLock<Made>,
}

struct Made {
    css: Bytes,
    hash: String,
}

/// Of every page.
pub static PAGE: Sheet = Sheet::new("page", include_str!("style.css"));
/// Beside it, for pages with tables.
pub static TABLE: Sheet = Sheet::new("table", include_str!("table.css"));
/// Beside it, for pages with forms.
pub static FORM: Sheet = Sheet::new("form", include_str!("form.css"));
/// Of what is made for paper; one of the two papers goes with it.
pub static POSTER: Sheet = Sheet::new("poster", include_str!("poster.css"));
pub static A4: Sheet = Sheet::new("a4", include_str!("a4.css"));
pub static LETTER: Sheet = Sheet::new("letter", include_str!("letter.css"));
/// Of the screen at an information desk.
pub static WALL: Sheet = Sheet::new("wall", include_str!("wall.css"));
/// Of what other sites show in a frame.
pub static EMBED: Sheet = Sheet::new("embed", include_str!("embed.css"));

const ALL: [&Sheet; 8] = [&PAGE, &TABLE, &FORM, &POSTER, &A4, &LETTER, &WALL, &EMBED];

impl Sheet {
    const fn new(name: &'static str, source: &'static str) -> Self {
        Self { name, source, made: OnceLock::new() }
    }

    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|sheet| sheet.name == name)
    }

    pub fn path(&self) -> String {
        format!("/style/{}-{}.css", self.name, self.hash())
    }

    pub fn hash(&self) -> &str {
        &self.made().hash
    }

    pub fn css(&self) -> Bytes {
        self.made().css.clone()
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut css = self.source.to_owned();
            for (number, colours) in PALETTES.iter().enumerate().filter(|_| self.source.contains("var(--deep)")) {
                let [deep, warm, pale] = [colours.deep, colours.warm, colours.pale]
                    .map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"));
                // writing to a string does not fail
                let _ = writeln!(css, ".palette-{number}{{--deep:{deep};--warm:{warm};--pale:{pale}}}");
            }
            Made { hash: hash_of(css.as_bytes()), css: css.into() }
        })
    }
}
