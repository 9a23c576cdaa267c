//! What a use of power is: its kind, the role it was used in, and a reason from a short list.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;

/// Nothing is known of a deed after this time.
pub const KEPT: Duration = Duration::from_secs(180 * 24 * 3_600);
/// In public a deed counts after this time. Only its day is kept, so a day more makes sure of 72 hours.
pub const SHOWN_AFTER: Duration = Duration::from_secs(4 * 24 * 3_600);

/// One use of power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The day.
    pub done: Timestamp,
    /// The group it was about, if any.
    pub group: Option<String>,
    pub kind: Kind,
    pub role: Role,
    pub reason: Reason,
    /// Who did it, shown to the group only. Of a welcome nobody knows.
    pub member: Option<Uuid>,
    /// Whom it was done to.
    pub about: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Welcomed,
    Unwelcomed,
    Invited,
    Joined,
    LaidDown,
    RemovalAsked,
    RemovalTakenBack,
    Removed,
    Frozen,
    Ending,
    EndingTakenBack,
    Ended,
    Moving,
    MovingTakenBack,
    Moved,
    Named,
    PickUpAsked,
    PickUpRefused,
    PickedUp,
    SignedOut,
    Paused,
    Resumed,
    WayAsked,
    WayStopped,
    Recovered,
    Caretaker,
    NoCaretaker,
    Blocked,
    Unblocked,
    Hidden,
    LetThrough,
    Quarantine,
    Settings,
    ListTaken,
    ReportClosed,
    AccountDeleted,
    GivenUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Organizer,
    Caretaker,
    /// Somebody with an account.
    Member,
    /// Nobody: its time had come.
    Rule,
    /// Not kept: of a welcome, where a role held by one alone would name them.
    Unsaid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Where there is nothing to explain.
    #[default]
    None,
    /// They asked for it.
    Asked,
    /// They do not come any more.
    Absent,
    /// A meeting of the group decided so.
    Meeting,
    /// Somebody was hurt or threatened.
    Harm,
    /// A telephone or a secret is in other hands.
    Stolen,
    /// It advertises, or repeats itself.
    Spam,
    /// The law leaves no choice.
    Law,
    Other,
}

impl Kind {
    pub const ALL: [Self; 37] = [
        Self::Welcomed,
        Self::Unwelcomed,
        Self::Invited,
        Self::Joined,
        Self::LaidDown,
        Self::RemovalAsked,
        Self::RemovalTakenBack,
        Self::Removed,
        Self::Frozen,
        Self::Ending,
        Self::EndingTakenBack,
        Self::Ended,
        Self::Moving,
        Self::MovingTakenBack,
        Self::Moved,
        Self::Named,
        Self::PickUpAsked,
        Self::PickUpRefused,
        Self::PickedUp,
        Self::SignedOut,
        Self::Paused,
        Self::Resumed,
        Self::WayAsked,
        Self::WayStopped,
        Self::Recovered,
        Self::Caretaker,
        Self::NoCaretaker,
        Self::Blocked,
        Self::Unblocked,
        Self::Hidden,
        Self::LetThrough,
        Self::Quarantine,
        Self::Settings,
        Self::ListTaken,
        Self::ReportClosed,
        Self::AccountDeleted,
        Self::GivenUp,
    ];

    /// As it is kept, and as its message is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Welcomed => "welcomed",
            Self::Unwelcomed => "unwelcomed",
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::LaidDown => "laid-down",
            Self::RemovalAsked => "removal-asked",
            Self::RemovalTakenBack => "removal-taken-back",
            Self::Removed => "removed",
            Self::Frozen => "frozen",
            Self::Ending => "ending",
            Self::EndingTakenBack => "ending-taken-back",
            Self::Ended => "ended",
            Self::Moving => "moving",
            Self::MovingTakenBack => "moving-taken-back",
            Self::Moved => "moved",
            Self::Named => "named",
            Self::PickUpAsked => "pick-up-asked",
            Self::PickUpRefused => "pick-up-refused",
            Self::PickedUp => "picked-up",
            Self::SignedOut => "signed-out",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::WayAsked => "way-asked",
            Self::WayStopped => "way-stopped",
            Self::Recovered => "recovered",
            Self::Caretaker => "caretaker",
            Self::NoCaretaker => "no-caretaker",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::Hidden => "hidden",
            Self::LetThrough => "let-through",
            Self::Quarantine => "quarantine",
            Self::Settings => "settings",
            Self::ListTaken => "list-taken",
            Self::ReportClosed => "report-closed",
            Self::AccountDeleted => "account-deleted",
            Self::GivenUp => "given-up",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Organizer, Self::Caretaker, Self::Member, Self::Rule, Self::Unsaid];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Organizer => "organizer",
            Self::Caretaker => "caretaker",
            Self::Member => "member",
            Self::Rule => "rule",
            Self::Unsaid => "unsaid",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl Reason {
    /// Those that somebody may choose.
    pub const ALL: [Self; 8] =
        [Self::Asked, Self::Absent, Self::Meeting, Self::Harm, Self::Stolen, Self::Spam, Self::Law, Self::Other];

    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Asked => "asked",
            Self::Absent => "absent",
            Self::Meeting => "meeting",
            Self::Harm => "harm",
            Self::Stolen => "stolen",
            Self::Spam => "spam",
            Self::Law => "law",
            Self::Other => "other",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::None].into_iter().chain(Self::ALL).find(|reason| reason.name() == name)
    }
}

impl Deed {
    /// Done today, by nobody in particular and for no reason that had to be given.
    pub fn of(kind: Kind, role: Role, now: Timestamp) -> Self {
        Self { done: now.day(), group: None, kind, role, reason: Reason::None, member: None, about: None }
    }

    pub fn in_group(self, group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..self }
    }

    pub fn by(self, member: Uuid) -> Self {
        Self { member: Some(member), ..self }
    }

    pub fn about(self, member: Uuid) -> Self {
        Self { about: Some(member), ..self }
    }

    pub fn because(self, reason: Reason) -> Self {
        Self { reason, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn every_kind_role_and_reason_is_known_by_its_name_and_said_in_every_language() {
        for kind in Kind::ALL {
            assert_eq!(Kind::by_name(kind.name()), Some(kind));
        }
        for language in ["en", "es"] {
            let words = Words::of(language);
            let names = Kind::ALL.iter().map(|kind| format!("deed-{}", kind.name()));
            let names = names.chain(Role::ALL.iter().map(|role| format!("role-{}", role.name())));
            for message in names.chain(Reason::ALL.iter().map(|reason| format!("reason-{}", reason.name()))) {
                assert!(!words.say(&message, &[]).starts_with("Unknown"), "{language} does not say {message}");
            }
        }
        assert_eq!(Reason::by_name(""), Some(Reason::None));
        assert_eq!(Role::by_name("owner"), None);
    }
}
