//! What stands under which heading: the headings of minutes are known in every language there is, and at every level.

use std::ops::Range;

use pulldown_cmark::HeadingLevel;

use crate::{
    text::outline::{Item, Part, outline},
    words::Words,
};

/// A part of minutes that has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Agenda,
    Reports,
    Decisions,
    Open,
    Next,
}

impl Section {
    /// In the order of the template.
    pub const ALL: [Section; 5] = [Self::Agenda, Self::Reports, Self::Decisions, Self::Open, Self::Next];

    /// What it is called in these words.
    pub fn heading(self, words: &Words) -> String {
        words.say(self.message(), &[])
    }

    fn message(self) -> &'static str {
        match self {
            Self::Agenda => "minutes-heading-agenda",
            Self::Reports => "minutes-heading-reports",
            Self::Decisions => "minutes-heading-decisions",
            Self::Open => "minutes-heading-open",
            Self::Next => "minutes-heading-next",
        }
    }

    /// Other names that people give it, with commas between them.
    fn also(self) -> &'static str {
        match self {
            Self::Agenda => "minutes-also-agenda",
            Self::Reports => "minutes-also-reports",
            Self::Decisions => "minutes-also-decisions",
            Self::Open => "minutes-also-open",
            Self::Next => "minutes-also-next",
        }
    }

    /// Which section a heading begins.
    fn of(heading: &str) -> Option<Self> {
        let heading = plainly(heading);
        Words::ALL.iter().map(|language| Words::of(&language.to_string())).find_map(|words| {
            Self::ALL.into_iter().find(|section| {
                let also = words.say(section.also(), &[]);
                also.split(',').chain([section.heading(&words).as_str()]).any(|name| plainly(name) == heading)
            })
        })
    }
}

/// Lower case, nothing but letters and digits, a blank between words.
fn plainly(heading: &str) -> String {
    let lower = heading.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A section as it stands in a text.
struct Found {
    section: Section,
    /// From its heading to before the next one.
    range: Range<usize>,
    items: Vec<Item>,
    /// Items in which nothing was written.
    blank: Vec<Range<usize>>,
    /// There is nothing below its heading but empty items.
    is_empty: bool,
}

fn found(text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    // of the section that goes on
    let mut open: Option<HeadingLevel> = None;
    for part in outline(text) {
        if let Part::Heading { level, words, range } = &part {
            match Section::of(words) {
                Some(section) => {
                    open = Some(*level);
                    all.push(Found { section, range: range.clone(), items: vec![], blank: vec![], is_empty: true });
                    continue;
                }
                // a smaller heading stands within its section
                None if open.is_some_and(|within| *level <= within) => open = None,
                None => {}
            }
        }
        if let (Some(_), Some(section)) = (open, all.last_mut()) {
            section.range.end = part.range().end;
            match part {
                Part::List { items, .. } => {
                    let (blank, written): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.text.is_empty());
                    section.is_empty &= written.is_empty();
                    section.items.extend(written);
                    section.blank.extend(blank.into_iter().map(|item| item.range));
                }
                Part::Heading { .. } | Part::Other { .. } => section.is_empty = false,
            }
        }
    }
    all
}

/// Decisions and open items: what stands in the lists of their sections, one an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    pub decisions: Vec<Item>,
    pub open: Vec<Item>,
}

/// What a text says in its sections.
pub fn read(text: &str) -> Sections {
    let mut sections = Sections::default();
    for found in found(text) {
        match found.section {
            Section::Decisions => sections.decisions.extend(found.items),
            Section::Open => sections.open.extend(found.items),
            Section::Agenda | Section::Reports | Section::Next => {}
        }
    }
    sections
}

/// The text as it is shown: sections and items of the template in which nothing was written are left out.
pub fn shown(text: &str) -> String {
    let mut shown = text.to_owned();
    for found in found(text).into_iter().rev() {
        let blank = if found.is_empty { vec![found.range] } else { found.blank };
        for range in blank.into_iter().rev() {
            shown.replace_range(range, "\n");
        }
    }
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.text.as_str()).collect()
    }

    #[test]
    fn sections_are_known_in_every_language_at_every_level_and_however_they_are_written() {
        for (decisions, open) in [
            ("## Decisions", "## Open items"),
            ("# DECISIONS:", "### **Open items**"),
            ("Decisions\n---", "Still open\n==="),
            ("## Acuerdos", "## Temas pendientes"),
            ("## Decisiones", "##### Pendiente"),
            ("## What we decided", "## Acuerdos pendientes\n\n- no heading of ours\n\n## Open questions"),
        ] {
            let text = format!("Lead\n\n- no decision\n\n{decisions}\n\nWe said:\n\n- soup\n- bread\n\n{open}\n\n1. pots\n");
            let sections = read(&text);
            assert_eq!(texts(&sections.decisions)[..2], ["soup", "bread"], "{text}");
            assert_eq!(texts(&sections.open), ["pots"], "{text}");
        }
    }

    #[test]
    fn a_section_ends_with_the_next_heading_that_is_not_below_it() {
        let text =
            "## Decisions\n\n- a\n\n### About soup\n\n- b\n  - with bread\n\n## Weather\n\n- rain\n\n## Decisions\n\n- c\n-\n";
        assert_eq!(texts(&read(text).decisions), ["a", "b\n- with bread", "c"]);
        assert_eq!(read("- a\n\n> ## Decisions\n> - b"), Sections::default());
    }

    #[test]
    fn what_was_left_empty_is_not_shown() {
        let text =
            "Lead\n\n## Report-backs\n\n## Decisions\n\n-\n-\n\n## Weather\n\n## Open items\n\n- pots\n\n## Next meeting\n";
        assert_eq!(shown(text), "Lead\n\n\n\n\n## Weather\n\n## Open items\n\n- pots");
        assert_eq!(shown("## Decisions\n\nNone.\n"), "## Decisions\n\nNone.");
        let shown_lines = shown("## Decisions\n\n- a\n- b\n\n-\n\n## Weather\n");
        let lines: Vec<&str> = shown_lines.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["## Decisions", "- a", "- b", "## Weather"]);
        assert_eq!(shown("## Decisions\n## Open items\n\n- \n"), "");
    }
}
