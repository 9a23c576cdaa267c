//! What the plaza passes on by itself the moment it is said.
//!
//! | said by a group | `all` | `urgent` | `digest` |
//! | --- | --- | --- | --- |
//! | urgent news, also news that becomes urgent by an edit | at once | at once | next digest |
//! | other news | at once | next digest | next digest |
//! | a meeting | at once, and the digest of its day | the digest of its day | the digest of its day |
//! | a note that a meeting was moved or cancelled | at once, if the plaza spoke of the meeting | as before | as before |
//!
//! A digest names first what is urgent, also when that was passed on; other news that was passed on is not named again.

/// The choice of the place: `plaza set --pass-on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PassOn {
    /// All news and meetings.
    All,
    /// What is urgent.
    #[default]
    Urgent,
    /// Nothing: it waits for the digest.
    Digest,
}

impl PassOn {
    pub const ALL: [PassOn; 3] = [Self::All, Self::Urgent, Self::Digest];

    /// As it is typed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Urgent => "urgent",
            Self::Digest => "digest",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// Is it passed on when it is said?
    pub fn at_once(self, urgent: bool) -> bool {
        match self {
            Self::All => true,
            Self::Urgent => urgent,
            Self::Digest => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_waits_as_the_place_chose() {
        let table = PassOn::ALL.map(|choice| (choice.at_once(true), choice.at_once(false)));
        assert_eq!(table, [(true, true), (true, false), (false, false)]);
        assert!(PassOn::ALL.iter().all(|choice| PassOn::by_name(choice.name()) == Some(*choice)));
        assert_eq!(PassOn::by_name("none"), None);
    }
}
