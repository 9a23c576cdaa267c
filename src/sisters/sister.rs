//! What a sister group is to ours, what one said, and what becomes of that.

use std::time::Duration;

use url::Url;

use crate::{clock::Timestamp, federation::permission::Permission};

/// An actor of another server that a group of ours asked to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sister {
    /// Handle of our group.
    pub group: String,
    /// Id of the other one.
    pub actor: String,
    /// Path of our Follow.
    pub follow: String,
    pub state: State,
    pub created: Timestamp,
    pub policy: Policy,
}

/// What becomes of what a sister says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It stands here.
    Show,
    /// And somebody decides whether it is passed on.
    #[default]
    Ask,
    /// It is passed on at once, as far as it may be.
    PassOn,
}

impl Policy {
    pub const ALL: [Self; 3] = [Self::Show, Self::Ask, Self::PassOn];

    pub fn name(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Ask => "ask",
            Self::PassOn => "pass-on",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// What became of our asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Asked,
    Accepted,
    Refused,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Asked, Self::Accepted, Self::Refused].into_iter().find(|state| state.name() == name)
    }
}

/// Something that a sister said, in its latest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub uri: String,
    /// Who said it.
    pub actor: String,
    /// The type on the wire: Note, Event, …
    pub kind: String,
    pub title: Option<String>,
    /// Sanitised HTML.
    pub content: String,
    /// Where people read it.
    pub url: String,
    pub in_reply_to: Option<String>,
    pub language: Option<String>,
    /// Of an Event.
    pub starts: Option<Timestamp>,
    pub ends: Option<Timestamp>,
    pub zone: Option<String>,
    pub place: Option<String>,
    pub cancelled: bool,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    pub received: Timestamp,
    /// How many there said that it cannot wait; nothing for what can.
    pub urgent: Option<i64>,
    /// Who may pass it on; nobody what is no news for everyone.
    pub passing: Permission,
}

/// What a group does with something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stands here, if anything.
    Stays,
    /// Somebody decides.
    Waits,
    /// It is passed on.
    Goes,
}

/// What something is an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    Nothing,
    /// A meeting of the same author that this group passed on: it was moved or called off.
    MeetingPassedOn,
    /// Something else of the same author that this group passed on.
    PassedOn,
    /// Anything else.
    Others,
}

/// So many there must stand behind an alarm that is passed on by itself.
const BACKED: i64 = 2;
/// What was said longer ago is no news: deliveries are tried for so long.
const NEWS: Duration = Duration::from_secs(7 * 24 * 3_600);
/// So much of one sister is passed on by itself in a day; what is more waits.
pub const A_DAY: i64 = 20;
/// So many notes beside one meeting that was passed on follow it by themselves in a day, as we send of our own.
const BESIDE_A_DAY: i64 = 2;

/// What a group passed on by itself within a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lately {
    /// Of the same sister.
    pub of_sister: i64,
    /// Of what answers the same.
    pub beside: i64,
}

impl Heard {
    /// May a group of ours, by its id, pass this on? `follows` whether it hears the author.
    pub fn may_be_passed_on_by(&self, group: &Url, follows: bool) -> bool {
        self.passing.lets(group, follows)
    }

    pub fn fate(&self, policy: Policy, answers: Answers, lately: Lately, now: Timestamp) -> Fate {
        let much = self.urgent.is_some_and(|there| there < BACKED) || lately.of_sister >= A_DAY;
        match (answers, policy) {
            (Answers::Others, _) => Fate::Stays,
            _ if now.since(self.published) > NEWS => Fate::Stays,
            (Answers::MeetingPassedOn, _) if !much && lately.beside < BESIDE_A_DAY => Fate::Goes,
            (_, Policy::Show) => Fate::Stays,
            (Answers::MeetingPassedOn, _) | (_, Policy::Ask) => Fate::Waits,
            (_, Policy::PassOn) if much => Fate::Waits,
            (_, Policy::PassOn) => Fate::Goes,
        }
    }
}

/// Why a sister is not added. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is of this city already: a sister group is of another one")]
    OfThisCity(String),
    #[error("{0} is blocked here")]
    Blocked(String),
    #[error("this is of this city: its groups pass it on by themselves")]
    Ours,
    #[error("this is not for everyone: only what is public is passed on")]
    NotPublic,
    #[error("its author does not want it to be passed on")]
    Forbidden,
    #[error("this answers others: conversations are not passed on")]
    Answer,
    #[error("this is nothing that can be passed on")]
    NoPost,
    #[error("the group passed this on already")]
    Twice,
    #[error("the group did not pass this on")]
    NotPassedOn,
    #[error("this cannot be had from its server: {0}")]
    Unreachable(String),
    #[error("say show, ask or pass-on, not {0:?}")]
    Policy(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(urgent: Option<i64>) -> Heard {
        Heard {
            uri: "https://far.example/n/1".into(),
            actor: "https://far.example/g/cooks".into(),
            kind: "Note".into(),
            title: None,
            content: "<p>hi</p>".into(),
            url: "https://far.example/n/1".into(),
            in_reply_to: None,
            language: None,
            starts: None,
            ends: None,
            zone: None,
            place: None,
            cancelled: false,
            published: Timestamp::from_seconds(1_000_000),
            updated: None,
            received: Timestamp::from_seconds(1_000_000),
            urgent,
            passing: Permission::EVERYONE,
        }
    }

    #[test]
    fn what_a_sister_says_stays_waits_or_goes() {
        let soon = Timestamp::from_seconds(1_000_060);
        let late = soon + NEWS + Duration::from_secs(60);
        let (calm, alarm, backed) = (heard(None), heard(Some(1)), heard(Some(2)));
        for (heard, policy, answers, lately, now, fate) in [
            (&calm, Policy::Show, Answers::Nothing, 0, soon, Fate::Stays),
            (&calm, Policy::Ask, Answers::Nothing, 0, soon, Fate::Waits),
            (&calm, Policy::PassOn, Answers::Nothing, 0, soon, Fate::Goes),
            (&alarm, Policy::PassOn, Answers::Nothing, 0, soon, Fate::Waits),
            (&backed, Policy::PassOn, Answers::Nothing, 0, soon, Fate::Goes),
            (&backed, Policy::Ask, Answers::Nothing, 0, soon, Fate::Waits),
            (&calm, Policy::PassOn, Answers::Nothing, A_DAY, soon, Fate::Waits),
            (&calm, Policy::PassOn, Answers::Nothing, 0, late, Fate::Stays),
            (&calm, Policy::PassOn, Answers::Others, 0, soon, Fate::Stays),
            (&calm, Policy::PassOn, Answers::PassedOn, 0, soon, Fate::Goes),
            (&calm, Policy::Ask, Answers::PassedOn, 0, soon, Fate::Waits),
            (&calm, Policy::Show, Answers::MeetingPassedOn, 0, soon, Fate::Goes),
        ] {
            let urgent = heard.urgent;
            let passed_on = Lately { of_sister: lately, beside: 0 };
            assert_eq!(heard.fate(policy, answers, passed_on, now), fate, "{urgent:?} {policy:?} {answers:?} {lately} {now}");
        }
        for (heard, policy, beside, now, fate) in [
            (&calm, Policy::Show, BESIDE_A_DAY - 1, soon, Fate::Goes),
            (&calm, Policy::Show, BESIDE_A_DAY, soon, Fate::Stays),
            (&calm, Policy::PassOn, BESIDE_A_DAY, soon, Fate::Waits),
            (&calm, Policy::Ask, BESIDE_A_DAY, soon, Fate::Waits),
            (&alarm, Policy::PassOn, 0, soon, Fate::Waits),
            (&alarm, Policy::Show, 0, soon, Fate::Stays),
            (&calm, Policy::PassOn, 0, late, Fate::Stays),
        ] {
            let (urgent, lately) = (heard.urgent, Lately { of_sister: beside, beside });
            assert_eq!(heard.fate(policy, Answers::MeetingPassedOn, lately, now), fate, "{urgent:?} {policy:?} {beside} {now}");
        }
    }
}
