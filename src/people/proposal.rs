//! What is asked about who speaks for a group, and the rules of who may ask and when it holds.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
    groups::group::Group,
    members::member::Organizer,
    powers::deed::Reason,
};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Who began to speak for a group adds and removes nobody for so long.
pub const NEW: Duration = Duration::from_secs(14 * DAY);
/// An invitation can be taken up for so long.
pub const INVITED: Duration = Duration::from_secs(7 * DAY);
/// A removal that nobody confirms is forgotten after this time;
pub const REMOVAL: Duration = Duration::from_secs(14 * DAY);
/// in a group of two, where nobody else can confirm it, it holds after this.
pub const NOTICE: Duration = Duration::from_secs(7 * DAY);
/// Nothing changes for so long in a group whose powers were frozen,
pub const FROZEN: Duration = Duration::from_secs(72 * HOUR);
/// and for so long after that they cannot be frozen again: or one person could hold everything up for ever.
pub const BETWEEN_FREEZES: Duration = Duration::from_secs(7 * DAY);
/// A group ends so long after its end was set.
pub const ENDING: Duration = Duration::from_secs(7 * DAY);
/// Who speaks for a sleeping group may say for so long that it is not to be picked up.
pub const PICK_UP: Duration = Duration::from_secs(7 * DAY);
/// Invitations that are open at the same time.
pub const INVITATIONS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A link, for whoever it was given to.
    Invitation,
    /// To one member, who has to accept.
    Offer,
    Removal,
    PickUp,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Offer => "offer",
            Self::Removal => "removal",
            Self::PickUp => "pick_up",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Invitation, Self::Offer, Self::Removal, Self::PickUp].into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub id: Uuid,
    pub group: String,
    pub kind: Kind,
    pub reason: Reason,
    /// Who asks.
    pub member: Option<Uuid>,
    /// Whom it is about.
    pub about: Option<Uuid>,
    /// Of an offer: the name it was made to, whether anybody has it or not.
    pub named: Option<String>,
    /// Of an invitation: the hash of the secret in its link.
    pub hash: Option<String>,
    pub until: Timestamp,
}

impl Proposal {
    pub fn new(group: &str, kind: Kind, member: Uuid, until: Timestamp) -> Self {
        Self {
            id: Uuid::new_v4(),
            group: group.to_owned(),
            kind,
            reason: Reason::None,
            member: Some(member),
            about: None,
            named: None,
            hash: None,
            until,
        }
    }

    /// Whether there were only two when this removal was asked for: whoever was invited since could not confirm it in time.
    pub fn is_of_two<'a>(&self, people: impl Iterator<Item = &'a Organizer>) -> bool {
        people.filter(|organizer| organizer.since <= self.until - REMOVAL).count() == 2
    }

    /// In a group of two a removal holds from then on.
    pub fn holds_from(&self) -> Timestamp {
        self.until - (REMOVAL - NOTICE)
    }
}

/// Why something about who speaks for a group is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("you add and remove others 14 days after you began to speak for the group")]
    New,
    #[error("who speaks for this group is frozen until {0}")]
    Frozen(Timestamp),
    #[error("this was frozen less than 7 days ago")]
    FrozenLately,
    #[error("to leave, lay it down")]
    Yourself,
    #[error("somebody else who speaks for the group has to confirm it")]
    Second,
    #[error("this is asked already")]
    Asked,
    #[error("you speak for this group already")]
    SpeaksAlready,
    #[error("this invitation is over, or was used")]
    Over,
    #[error("so many invitations are open already; take some back")]
    TooMany,
    #[error("somebody speaks for this group: ask them for an invitation")]
    Awake,
    #[error("you can pick up a group when one of yours was welcomed")]
    Stranger,
    #[error("people look for help under this name: only those who look after this place can pick it up")]
    Trusted,
    #[error("the end of this group is set already")]
    Ending,
    #[error("the end of this group is not set")]
    NotEnding,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = Said::new(match &refusal {
            Refusal::New => "people-refused-new",
            Refusal::Frozen(_) => "people-refused-frozen",
            Refusal::FrozenLately => "people-refused-frozen-lately",
            Refusal::Yourself => "people-refused-yourself",
            Refusal::Second => "people-refused-second",
            Refusal::Asked => "people-refused-asked",
            Refusal::SpeaksAlready => "people-refused-speaks-already",
            Refusal::Over => "people-refused-over",
            Refusal::TooMany => "people-refused-too-many",
            Refusal::Awake => "people-refused-awake",
            Refusal::Stranger => "people-refused-stranger",
            Refusal::Trusted => "people-refused-trusted",
            Refusal::Ending => "people-refused-ending",
            Refusal::NotEnding => "people-refused-not-ending",
        });
        Error::refused_in_words(refusal, said)
    }
}

/// Too new to add or remove others? In a group's first days its founders are not.
pub fn is_new(organizer: &Organizer, group: &Group, now: Timestamp) -> bool {
    let founds = organizer.founder && now.since(group.created) < NEW;
    now.since(organizer.since) < NEW && !founds
}

pub fn is_frozen(group: &Group, now: Timestamp) -> Result<(), Refusal> {
    match group.frozen {
        Some(until) if until > now => Err(Refusal::Frozen(until)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_new_adds_nobody_but_founders_do_at_first() {
        let day = |day: i64| Timestamp::from_seconds(day * 24 * 3_600);
        let group = Group {
            name: "Kitchen".into(),
            mission: "Soup".into(),
            language: "en".into(),
            frozen: Some(day(103)),
            ..Group::blank("kitchen", day(100))
        };
        let speaks = |since, founder| Organizer {
            group: "kitchen".into(),
            member: Uuid::nil(),
            since: day(since),
            founder,
            shown: false,
            paused: None,
        };
        assert!(!is_new(&speaks(100, true), &group, day(100)));
        assert!(!is_new(&speaks(100, true), &group, day(114)));
        assert!(is_new(&speaks(105, false), &group, day(118)));
        assert!(!is_new(&speaks(105, false), &group, day(119)));
        // who came back as a founder of old is as new as anybody
        assert!(is_new(&speaks(200, true), &group, day(213)));
        assert_eq!(is_frozen(&group, day(102)), Err(Refusal::Frozen(day(103))));
        assert_eq!(is_frozen(&group, day(103)), Ok(()));
    }
}
