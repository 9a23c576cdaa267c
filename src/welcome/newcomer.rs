//! Who may start a group and who may welcome one.

use std::time::Duration;

use crate::{clock::Timestamp, members::member::Member};

/// So long after a group of theirs was welcomed somebody may welcome others.
pub const KNOWN_AFTER: Duration = Duration::from_secs(14 * 24 * 3_600);
/// Groups of one member that wait at the same time.
pub const WAITING: usize = 3;

/// Names under which people look for help: whoever speaks there is believed at once.
const TRUSTED: [&str; 30] = [
    "aid",
    "ambulance",
    "arrest",
    "asamblea",
    "assembly",
    "bail",
    "council",
    "doctor",
    "emergency",
    "fianza",
    "fire",
    "general_assembly",
    "hotline",
    "jail",
    "jail_support",
    "lawyer",
    "legal",
    "legal_team",
    "medic",
    "medical",
    "medicos",
    "medics",
    "news",
    "police",
    "policia",
    "prensa",
    "press",
    "safety",
    "sanitarios",
    "treasury",
];

/// Does somebody who looks after the place have to vouch for a group of that name? Numbers at its end make it no other name.
pub fn is_trusted(handle: &str) -> bool {
    let bare = handle.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    TRUSTED.contains(&bare)
}

/// Why a group is not started or welcomed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("people look for help under the name {0:?}: one of those who look after this place has to welcome such a group")]
    Trusted(String),
    #[error("you can welcome groups 14 days after one of yours was welcomed")]
    Stranger,
    #[error("{WAITING} of your groups wait to be welcomed already")]
    TooMany,
    #[error("here groups are started by those who look after the place, or by whom they invited")]
    ByInvitation,
}

/// Somebody who is no stranger any more.
pub fn is_known(member: &Member, now: Timestamp) -> bool {
    member.caretaker || member.welcomed.is_some_and(|since| now.since(since) >= KNOWN_AFTER)
}

/// May they welcome a group of that name?
pub fn may_welcome(member: &Member, handle: &str, now: Timestamp) -> Result<(), Refusal> {
    if is_trusted(handle) && !member.caretaker {
        return Err(Refusal::Trusted(handle.to_owned()));
    }
    if is_known(member, now) { Ok(()) } else { Err(Refusal::Stranger) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_known_may_welcome_but_for_names_under_which_people_look_for_help() {
        let day = |day: i64| Timestamp::from_seconds(day * 24 * 3_600);
        let ana = Member {
            id: uuid::Uuid::nil(),
            handle: "ana".into(),
            name: "Ana".into(),
            language: "en".into(),
            caretaker: false,
            welcomed: Some(day(1)),
            created: day(0),
        };
        assert_eq!(may_welcome(&ana, "kitchen", day(14)), Err(Refusal::Stranger));
        assert_eq!(may_welcome(&ana, "kitchen", day(15)), Ok(()));
        assert_eq!(may_welcome(&Member { welcomed: None, ..ana.clone() }, "kitchen", day(900)), Err(Refusal::Stranger));
        for trusted in ["legal", "legal2", "medic_", "press_1"] {
            assert!(matches!(may_welcome(&ana, trusted, day(900)), Err(Refusal::Trusted(_))), "{trusted}");
            assert_eq!(may_welcome(&Member { caretaker: true, ..ana.clone() }, trusted, day(1)), Ok(()));
        }
        assert!(!is_trusted("legalize") && !is_trusted("kitchen"));
    }
}
