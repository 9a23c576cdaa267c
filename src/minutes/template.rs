//! What notes begin with: when and where it was, how many came, and a heading for each thing that people look for.

use super::{
    record::{band_name, read_band},
    sections::Section,
};
use crate::{
    coming::answer::Step,
    meetings::meeting::Meeting,
    text::outline::{Part, outline},
    words::Words,
};

/// The text that a form begins with; the rest of what is known stands around it.
pub fn body(meeting: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    let agenda: Vec<String> = outline(meeting.agenda.as_deref().unwrap_or_default())
        .into_iter()
        .filter_map(|part| match part {
            Part::List { items, .. } => Some(items),
            _ => None,
        })
        .flatten()
        .filter(|item| !item.text.is_empty())
        .map(|item| format!("- {}", item.text.lines().next().unwrap_or_default()))
        .collect();
    let below = |section: Section| match section {
        Section::Agenda => agenda.join("\n"),
        Section::Decisions | Section::Open => "-".to_owned(),
        Section::Reports | Section::Next => String::new(),
    };
    let sections = Section::ALL.map(|section| format!("## {}\n\n{}", section.heading(&words), below(section)));
    format!("{}\n", sections.map(|section| section.trim_end().to_owned()).join("\n\n"))
}

/// The same with its facts above it, to be filled in away from a form.
pub fn whole(meeting: &Meeting) -> String {
    let words = Words::of(&meeting.language);
    format!("{}\n{}\n\n{}", facts(meeting, &words).join("\n"), present(&words), body(meeting))
}

/// Date and place as the template says them.
fn facts(meeting: &Meeting, words: &Words) -> Vec<String> {
    let when = words.say("minutes-fact-when", &[("when", &words.when_short(meeting.local_start(), meeting.local_end()))]);
    let place = meeting.place.as_ref().or(meeting.address.as_ref());
    let place = place.map(|place| words.say("minutes-fact-where", &[("where", place)]));
    [Some(when), place].into_iter().flatten().collect()
}

/// `How many (under-5, 5-9, …; no names):`
fn present(words: &Words) -> String {
    words.say("minutes-fact-present", &[])
}

/// A text that was filled in, without the facts that the page says anyway, and how many were there.
pub fn read(text: &str, meeting: &Meeting) -> (Option<Step>, String) {
    let words = Words::of(&meeting.language);
    let (facts, asks) = (facts(meeting, &words), present(&words));
    let mut found = None;
    // only above the first heading
    let mut above = true;
    let lines = text.lines().filter(|line| {
        above &= !line.trim_start().starts_with('#');
        if !above {
            return true;
        }
        if let Some(answer) = line.trim().strip_prefix(asks.trim()) {
            found = read_band(answer.trim()).ok().flatten();
            // what is no band is not thrown away
            return found.is_none() && !answer.trim().is_empty();
        }
        !facts.iter().any(|fact| fact.trim() == line.trim())
    });
    let text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    (found, text)
}

/// The names of all bands, for a list.
pub fn band_names() -> String {
    super::record::bands().into_iter().map(band_name).collect::<Vec<_>>().join(", ")
}
