//! What minutes are: notes of one meeting, its decisions and what stayed open, and what we refuse.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{numbers, sections};
use crate::{
    clock::Timestamp,
    coming::answer::Step,
    error::Said,
    groups::group,
    meetings::meeting::Meeting,
    text::{self, Mention},
};

/// Of the text, in characters.
pub const LONGEST: usize = 40_000;

/// Notes of one meeting of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes {
    pub id: Uuid,
    /// Handle of the group that met.
    pub group: String,
    pub meeting: Uuid,
    /// About how many were there, if anybody said so.
    pub present: Option<Step>,
    /// Markdown; what its headings mean is known to [`sections`].
    pub text: String,
    /// BCP 47.
    pub language: String,
    pub mentions: Vec<Mention>,
    /// In the order of the text.
    pub decisions: Vec<Decision>,
    /// The highest number a decision ever had.
    pub numbered: i64,
    /// Where the open items went.
    pub rolled: Option<Rolled>,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    /// Nothing but ids and times is left of deleted ones.
    pub deleted: Option<Timestamp>,
}

/// One item of the decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its own within these notes, for good: links lead to it.
    pub number: i64,
    /// Markdown.
    pub text: String,
}

/// Open items that were put on an agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    pub into: Uuid,
    /// Below which heading they stand there.
    pub heading: String,
    /// Markdown.
    pub items: Vec<String>,
}

/// Why minutes are not published or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("notes have 1 to 40,000 characters, and say something below at least one heading")]
    Text,
    #[error("{0:?} is no band: say under-5, 5-9, 10-19, 20-49, 50-99, 100-199, 200-499, 500-999 or 1000+")]
    Present(String),
    #[error("notes are written from the beginning of a meeting on, and this one is still to come")]
    Early,
    #[error("this meeting was cancelled, so there is nothing to write notes of")]
    Cancelled,
    #[error("there are notes of this meeting already: change those")]
    Already,
    #[error("these notes were deleted")]
    Deleted,
    #[error(transparent)]
    Language(group::Refusal),
}

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Text => Said::new("refused-minutes-text").about("text"),
            Self::Present(_) => Said::new("refused-minutes-present").about("present"),
            Self::Early => Said::new("refused-minutes-early"),
            Self::Cancelled => Said::new("refused-minutes-cancelled"),
            Self::Already => Said::new("refused-minutes-already"),
            Self::Deleted => Said::new("refused-minutes-deleted"),
            Self::Language(refusal) => refusal.said(),
        }
    }
}

impl Minutes {
    /// Hashtags of the text, lower-case.
    pub fn tags(&self) -> Vec<String> {
        text::tags_in(&self.text)
    }

    /// What stayed open; Markdown, one an item.
    pub fn open(&self) -> Vec<String> {
        sections::read(&self.text).open.into_iter().map(|item| item.text).collect()
    }

    /// Numbers what the text decides now.
    pub fn count_decisions(&mut self) {
        let texts: Vec<String> = sections::read(&self.text).decisions.into_iter().map(|item| item.text).collect();
        (self.decisions, self.numbered) = numbers::numbered(&self.decisions, self.numbered, &texts);
    }

    /// Open items that stand on no agenda yet.
    pub fn left_over(&self) -> Vec<String> {
        let rolled = self.rolled.as_ref().map(|rolled| rolled.items.as_slice()).unwrap_or_default();
        self.open().into_iter().filter(|item| !rolled.contains(item)).collect()
    }

    /// Takes away everything but that they were there.
    pub fn erase(&mut self, now: Timestamp) {
        self.deleted = Some(now);
        self.present = None;
        self.text.clear();
        self.mentions.clear();
        self.decisions.clear();
        self.numbered = 0;
        self.rolled = None;
    }

    pub fn check(&self) -> Result<(), Refusal> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that does not hold.
    pub fn faults(&self) -> Vec<Refusal> {
        let says = text::is_prose(&self.text, LONGEST) && !sections::shown(&self.text).is_empty();
        let checks = [says.then_some(()).ok_or(Refusal::Text), group::check_language(&self.language).map_err(Refusal::Language)];
        checks.into_iter().filter_map(Result::err).collect()
    }
}

/// May notes of this meeting be written?
pub fn check_meeting(meeting: &Meeting, now: Timestamp) -> Result<(), Refusal> {
    if meeting.cancelled.is_some() {
        return Err(Refusal::Cancelled);
    }
    if meeting.starts > now { Err(Refusal::Early) } else { Ok(()) }
}

/// A band as it is typed and sent: `under-5`, `10-19`, `1000+`.
pub fn band_name(step: Step) -> String {
    match step.bounds() {
        (0, Some(to)) => format!("under-{}", to + 1),
        (from, Some(to)) => format!("{from}-{to}"),
        (from, None) => format!("{from}+"),
    }
}

/// Every band there is.
pub fn bands() -> Vec<Step> {
    std::iter::successors(Some(Step::of(0)), |step| step.bounds().1.map(|to| Step::of(to + 1))).collect()
}

/// Nothing where nobody wants to say how many were there.
pub fn read_band(name: &str) -> Result<Option<Step>, Refusal> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    let found = bands().into_iter().find(|step| band_name(*step) == name.replace('–', "-"));
    found.map(Some).ok_or_else(|| Refusal::Present(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(text: &str) -> Minutes {
        Minutes {
            id: Uuid::nil(),
            group: "kitchen".into(),
            meeting: Uuid::nil(),
            present: None,
            text: text.into(),
            language: "en".into(),
            mentions: vec![],
            decisions: vec![],
            numbered: 0,
            rolled: None,
            published: Timestamp::default(),
            updated: None,
            deleted: None,
        }
    }

    #[test]
    fn bands_are_read_as_they_are_written() {
        let names: Vec<String> = bands().into_iter().map(band_name).collect();
        assert_eq!(
            names,
            ["under-5", "5-9", "10-19", "20-49", "50-99", "100-199", "200-499", "500-999", "1000+"].map(str::to_owned)
        );
        for step in bands() {
            assert_eq!(read_band(&band_name(step)), Ok(Some(step)));
        }
        assert_eq!(read_band("10–19"), Ok(Some(Step::of(12))), "with the dash that pages write");
        assert_eq!(read_band(" "), Ok(None));
        for wrong in ["12", "Ana and Ben", "5-10", "-", "0", "1000"] {
            assert_eq!(read_band(wrong), Err(Refusal::Present(wrong.into())));
        }
    }

    #[test]
    fn notes_say_something() {
        for right in ["Soup", "## Decisions\n\n- soup", "## Weather"] {
            assert_eq!(minutes(right).check(), Ok(()), "{right}");
        }
        for wrong in ["", "\n", "## Decisions\n\n-\n\n## Open items\n", "a\0", &"x".repeat(LONGEST + 1)] {
            assert_eq!(minutes(wrong).check(), Err(Refusal::Text), "{wrong:?}");
        }
    }

    #[test]
    fn what_was_put_on_an_agenda_is_not_left_over() {
        let mut notes = minutes("## Open items\n\n- pots\n- bread\n");
        assert_eq!(notes.left_over(), ["pots", "bread"]);
        notes.rolled = Some(Rolled { into: Uuid::nil(), heading: String::new(), items: vec!["pots".into()] });
        assert_eq!(notes.left_over(), ["bread"]);
    }
}
