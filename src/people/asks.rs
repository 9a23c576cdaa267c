//! What waits for those who speak for a group about themselves, to be agreed to or refused where it is read.

use super::{
    actions::freezes_again,
    pages::{Found, Open},
    proposal::{Kind, is_frozen},
};
use crate::{
    app::Here,
    clock::Timestamp,
    web::{Shell, moment},
};

/// Shown by `people/asks.html`.
pub struct Asks {
    /// Of the group.
    pub handle: String,
    pub ending: Option<String>,
    /// The group is about to move.
    pub moving: Option<String>,
    pub pick_ups: Vec<Open>,
    pub removals: Vec<Open>,
    /// Handle and name of each whose powers rest.
    pub resting: Vec<(String, String)>,
    /// Until the next meeting decides.
    pub can_freeze: bool,
}

impl Asks {
    pub fn of(found: &Found, shell: &Shell, here: &Here) -> Self {
        let when = |time: Timestamp| moment(&shell.words, &time.utc().with_timezone(&shell.zone), here.now);
        let not_now = found.not_now(shell, here.now);
        let open = |kind: Kind| found.open.iter().filter(move |proposal| proposal.kind == kind);
        let pick_ups = open(Kind::PickUp).map(|it| Open {
            id: it.id.to_string(),
            text: shell.words.say("people-pick-up", &[("who", &found.name(shell, it.member)), ("until", &when(it.until))]),
            confirms: false,
            takes_back: true,
        });
        let rest = found.people.iter().filter(|(organizer, _)| organizer.paused.is_some());
        Self {
            handle: found.group.handle.clone(),
            ending: found.group.ending.map(|end| shell.fill("people-ending", "when", &when(end))),
            moving: found.group.moving.map(|time| shell.fill("moving-soon", "when", &when(time))),
            pick_ups: pick_ups.collect(),
            removals: open(Kind::Removal).map(|it| found.removal(shell, it, not_now.as_deref(), &when)).collect(),
            resting: rest.map(|(_, member)| (member.handle.clone(), member.name.clone())).collect(),
            can_freeze: found.people.len() > 1
                && is_frozen(&found.group, here.now).is_ok()
                && freezes_again(&found.group, here.now).is_none(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ending.is_none()
            && self.moving.is_none()
            && self.pick_ups.is_empty()
            && self.removals.is_empty()
            && self.resting.is_empty()
    }
}
