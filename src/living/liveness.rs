//! Whether a group still meets: a rule over what everybody can see of it. Nobody sets it, it hides nothing, and one meeting
//! changes it.

use std::{cmp::Reverse, time::Duration};

use crate::clock::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Whoever met so lately still meets, even with nothing on the agenda: a group that comes together every other week may be late
/// by one in saying so.
pub const LATELY: Duration = Duration::from_secs(21 * DAY.as_secs());

/// A group sleeps when it neither met nor said anything for so long: longer than a summer's holidays, and what a new group has to
/// find its first meeting.
pub const ASLEEP: Duration = Duration::from_secs(60 * DAY.as_secs());

/// So long a group that ended is still named among the others.
pub const REMEMBERED: Duration = Duration::from_secs(365 * DAY.as_secs());

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Liveness {
    /// There is a meeting to go to, or there was one lately.
    Meets,
    /// No meeting, but something was heard of it.
    Quiet,
    /// Nothing was heard of it for long. It can wake up at any time.
    Asleep,
    Ended,
}

impl Liveness {
    pub const ALL: [Liveness; 4] = [Self::Meets, Self::Quiet, Self::Asleep, Self::Ended];

    /// As commands say it; also names the messages `living-…`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meets => "meets",
            Self::Quiet => "quiet",
            Self::Asleep => "asleep",
            Self::Ended => "ended",
        }
    }
}

/// What can be seen of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// When the next meeting begins that it means to hold; one that is going on has begun.
    pub next: Option<Timestamp>,
    /// When the last meeting ended that was not called off.
    pub met: Option<Timestamp>,
    /// When it last said something: news, or a note beside a meeting.
    pub said: Option<Timestamp>,
    /// It has meetings ahead of which nobody knows whether they take place: they are no sign of life.
    pub unsure: bool,
    /// When it last changed what it says about itself: at first, when it was started.
    pub changed: Timestamp,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
}

impl Signs {
    pub fn liveness(&self, now: Timestamp) -> Liveness {
        if self.ended.is_some() {
            Liveness::Ended
        } else if self.next.is_some() || self.met.is_some_and(|met| now.since(met) < LATELY) {
            Liveness::Meets
        } else if now.since(self.last()) < ASLEEP {
            Liveness::Quiet
        } else {
            Liveness::Asleep
        }
    }

    /// The last sign of life.
    pub fn last(&self) -> Timestamp {
        [self.met, self.said, Some(self.started)].into_iter().flatten().fold(self.changed, Timestamp::max)
    }

    /// Never met, and not yet here for as long as others may be silent.
    pub fn is_new(&self, now: Timestamp) -> bool {
        self.met.is_none() && now.since(self.started) < ASLEEP
    }

    /// What is listed before what: who meets, the next meeting first; then who was heard of last.
    pub fn place(&self, now: Timestamp) -> (Liveness, Timestamp, Reverse<Timestamp>) {
        let next = self.next.unwrap_or(Timestamp::NEVER);
        (self.liveness(now), next, Reverse(self.ended.unwrap_or(self.last())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_seconds(day * 24 * 3_600)
    }

    /// Seen on day 1,000; days of what there is of it, 0 for nothing.
    fn seen([next, met, said, changed, started, ended]: [i64; 6]) -> Signs {
        let some = |on: i64| (on > 0).then(|| day(on));
        Signs {
            next: some(next),
            met: some(met),
            said: some(said),
            unsure: false,
            changed: day(changed),
            started: day(started),
            ended: some(ended),
        }
    }

    #[test]
    fn whether_a_group_still_meets_follows_from_what_is_seen_of_it() {
        use Liveness::{Asleep, Ended, Meets, Quiet};
        let table = [
            // next, met, said, changed, started, ended
            ([1_007, 0, 0, 1_000, 1_000, 0], Meets, "new, with its first meeting ahead"),
            ([1_300, 100, 100, 100, 100, 0], Meets, "one meeting ahead revives whoever was silent for years"),
            ([0, 980, 0, 100, 100, 0], Meets, "met 20 days ago"),
            ([0, 979, 0, 100, 100, 0], Quiet, "met 21 days ago"),
            ([0, 941, 0, 100, 100, 0], Quiet, "met 59 days ago"),
            ([0, 940, 0, 100, 100, 0], Asleep, "met 60 days ago"),
            ([0, 100, 941, 100, 100, 0], Quiet, "speaks, and does not meet"),
            ([0, 100, 940, 100, 100, 0], Asleep, "spoke 60 days ago"),
            ([0, 100, 0, 990, 100, 0], Quiet, "said something else about itself"),
            ([0, 0, 0, 1_000, 1_000, 0], Quiet, "a new group gets time"),
            ([0, 0, 0, 941, 941, 0], Quiet, "and all of it"),
            ([0, 0, 0, 940, 940, 0], Asleep, "but not for ever"),
            ([1_007, 999, 999, 999, 100, 1_000], Ended, "what ended stays so, whatever was planned"),
        ];
        for (signs, expected, why) in table {
            assert_eq!(seen(signs).liveness(day(1_000)), expected, "{why}");
        }
    }

    #[test]
    fn who_meets_next_comes_first_and_who_was_silent_longest_last() {
        let in_order = [
            [1_001, 0, 0, 900, 900, 0],
            [1_009, 999, 999, 999, 100, 0],
            [0, 998, 0, 100, 100, 0],
            [0, 990, 0, 100, 100, 0],
            [0, 0, 999, 100, 100, 0],
            [0, 970, 0, 100, 100, 0],
            [0, 900, 0, 100, 100, 0],
            [0, 0, 0, 100, 100, 0],
            [0, 999, 0, 100, 100, 1_000],
            [0, 999, 0, 100, 100, 999],
        ];
        let places: Vec<_> = in_order.into_iter().map(|signs| seen(signs).place(day(1_000))).collect();
        assert!(places.is_sorted(), "{places:#?}");
    }

    #[test]
    fn only_who_never_met_and_began_lately_is_new() {
        for (signs, expected) in [
            ([0, 0, 0, 990, 990, 0], true),
            ([0, 0, 0, 990, 941, 0], true),
            ([0, 0, 0, 990, 940, 0], false),
            ([0, 995, 0, 990, 990, 0], false),
        ] {
            assert_eq!(seen(signs).is_new(day(1_000)), expected, "{signs:?}");
        }
    }
}
