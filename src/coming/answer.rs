//! What people say about coming, when they may, and how many said it: in steps, so that nobody is counted out.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
    meetings::meeting::{Kind, Meeting},
    words::Words,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Coming,
    Maybe,
    No,
}

impl Answer {
    pub const ALL: [Answer; 3] = [Self::Coming, Self::Maybe, Self::No];

    /// As it is sent and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::Maybe => "maybe",
            Self::No => "no",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }
}

/// Where each step begins; below the first one it is not even said whether there is anybody.
const STEPS: [i64; 8] = [5, 10, 20, 50, 100, 200, 500, 1_000];

/// About how many. The number itself is said nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(usize);

impl Step {
    pub fn of(count: i64) -> Self {
        Self(STEPS.iter().filter(|step| **step <= count).count())
    }

    /// The least there may be, and the most, where there is a most.
    pub fn bounds(self) -> (i64, Option<i64>) {
        let from = self.0.checked_sub(1).and_then(|before| STEPS.get(before));
        (from.copied().unwrap_or(0), STEPS.get(self.0).map(|next| next - 1))
    }

    /// As a sentence of which there is one for few (`$than`), one for some (`$from`, `$to`) and one for many (`$from`).
    pub fn said(self, words: &Words, message: &str) -> String {
        match self.bounds() {
            (0, Some(to)) => words.say(&format!("{message}-few"), &[("than", &(to + 1).to_string())]),
            (from, Some(to)) => words.say(&format!("{message}-some"), &[("from", &from.to_string()), ("to", &to.to_string())]),
            (from, None) => words.say(&format!("{message}-many"), &[("from", &from.to_string())]),
        }
    }
}

/// What is shown of a meeting's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub coming: Step,
    pub maybe: Step,
    /// Answers that came with so many others that the group has to look before they count.
    pub held: Option<Step>,
}

/// New answers of one hour that count by themselves. A full assembly of telephones stays below this; a program that
/// answers again and again does not, and then all of that hour wait.
pub const UNNOTICED: i64 = 120;
/// Answers that wait for the group; whoever comes later is asked to come back.
pub const WAITING: i64 = 5_000;
/// So long after the end answers can lead to the link they were given with.
pub const KEPT: Duration = Duration::from_secs(3_600);

/// The hour this is in.
pub fn hour_of(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds(now.seconds() - now.seconds().rem_euclid(3_600))
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("say whether you are coming: coming, maybe or no")]
    Answer,
    #[error("for this meeting nobody is asked whether they come")]
    NotAsked,
    #[error("this meeting was cancelled")]
    Cancelled,
    #[error("this meeting is over")]
    Over,
    #[error("all places are taken")]
    Full,
    #[error("very many answers came at once, and the group has to look at them first: try again tomorrow, or just come")]
    TooMany,
}

impl Refusal {
    /// The message that says so.
    pub fn words(self) -> &'static str {
        match self {
            Self::Answer => "coming-refused-answer",
            Self::NotAsked => "coming-refused-not-asked",
            Self::Cancelled => "coming-refused-cancelled",
            Self::Over => "coming-refused-over",
            Self::Full => "coming-refused-full",
            Self::TooMany => "coming-refused-too-many",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = Said::new(refusal.words());
        Error::refused_in_words(refusal, if refusal == Refusal::Answer { said.about("answer") } else { said })
    }
}

/// Are people asked? What the group decided; else always but for actions, where a list of any kind is a risk. Of a meeting that is
/// held elsewhere they are asked there.
pub fn is_asked(meeting: &Meeting, decided: Option<bool>) -> bool {
    !meeting.is_held_elsewhere() && decided.unwrap_or(meeting.kind != Kind::Action)
}

/// May somebody answer now?
pub fn check_open(meeting: &Meeting, decided: Option<bool>, now: Timestamp) -> Result<(), Refusal> {
    if !is_asked(meeting, decided) {
        return Err(Refusal::NotAsked);
    }
    if meeting.cancelled.is_some() {
        return Err(Refusal::Cancelled);
    }
    if meeting.ends <= now { Err(Refusal::Over) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_steps_only() {
        let table = [
            (0, (0, Some(4))),
            (1, (0, Some(4))),
            (4, (0, Some(4))),
            (5, (5, Some(9))),
            (9, (5, Some(9))),
            (10, (10, Some(19))),
            (49, (20, Some(49))),
            (50, (50, Some(99))),
            (999, (500, Some(999))),
            (1_000, (1_000, None)),
            (i64::MAX, (1_000, None)),
            (-1, (0, Some(4))),
        ];
        for (count, bounds) in table {
            assert_eq!(Step::of(count).bounds(), bounds, "{count}");
        }
        for step in STEPS {
            assert_eq!(Step::of(step).bounds().0, step, "what is kept of a step leads back to it");
        }
    }
}
