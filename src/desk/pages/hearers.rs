//! Who will hear what is about to be said, in sentences.

use crate::{
    desk::audience::{Audience, Square},
    web::Shell,
};

/// What is about to be said.
#[derive(Clone, Copy, Default)]
pub struct What {
    pub is_meeting: bool,
    pub urgent: bool,
    /// Nobody but who follows the group gets it.
    pub for_followers: bool,
    /// Not now, but at its time.
    pub later: bool,
    /// Nobody else speaks for the group who could confirm that it is urgent.
    pub alone: bool,
}

/// Sentences about who hears it.
pub fn hearers(shell: &Shell, audience: &Audience, what: What) -> Vec<String> {
    if audience.waits {
        return vec![shell.say(if what.for_followers { "desk-hearers-waits-followers" } else { "desk-hearers-waits" })];
    }
    let followers = followers(shell, audience, what);
    if what.for_followers {
        return vec![followers, shell.say("desk-followers-hint")];
    }
    let square = match (audience.square, what) {
        (Square::None, _) => None,
        (Square::AtOnce, What { later: true, .. }) => Some("desk-square-then"),
        (Square::AtOnce, _) => Some("desk-square-now"),
        (Square::Morning, What { is_meeting: true, .. }) => Some("desk-square-day"),
        (Square::Morning, What { later: true, .. }) => Some("desk-square-after"),
        (Square::Morning, _) => Some("desk-square-morning"),
    };
    // other cities pass on by themselves only what two stand behind
    let second = what.urgent.then_some(if what.alone { "desk-urgent-alone" } else { "desk-urgent-second" });
    let rest = square.into_iter().chain(second).map(|message| shell.say(message));
    std::iter::once(followers).chain(rest).collect()
}

fn followers(shell: &Shell, Audience { followers, servers, .. }: &Audience, what: What) -> String {
    let (count, of) = (followers.to_string(), servers.to_string());
    let message = match (followers, servers) {
        (0, _) if what.for_followers => "desk-hearers-nobody",
        (0, _) => "desk-hearers-none",
        (1, _) => "desk-hearers-one",
        (_, 1) => "desk-hearers-one-server",
        _ => "desk-hearers",
    };
    shell.words.say(message, &[("followers", &count), ("servers", &of)])
}
