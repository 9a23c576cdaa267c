//! What a group chose about all its meetings: how exactly a map shows them, and when it reminds its followers.

use super::group::Refusal;

/// Hours before a meeting at which a group reminds its followers, where it chose nothing.
pub const REMIND: i64 = 4;
/// It reminds them at most so many hours before.
pub const MOST_HOURS: i64 = 48;

/// Of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Holds for what is published from then on: what was published, others have.
    pub positions: Positions,
    /// So many hours before a meeting the group passes its post on once more; 0: never.
    pub remind: i64,
}

impl Default for Habits {
    fn default() -> Self {
        Self { positions: Positions::Exact, remind: REMIND }
    }
}

impl Habits {
    pub fn check(&self) -> Result<(), Refusal> {
        if (0..=MOST_HOURS).contains(&self.remind) { Ok(()) } else { Err(Refusal::Remind) }
    }
}

/// How exactly latitude and longitude are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Positions {
    #[default]
    Exact,
    /// To about 100 metres: three decimals of a degree.
    Near,
    /// To about a kilometre: two decimals.
    Around,
    /// Not at all.
    None,
}

impl Positions {
    pub const ALL: [Positions; 4] = [Self::Exact, Self::Near, Self::Around, Self::None];

    /// As it is typed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "100m",
            Self::Around => "1km",
            Self::None => "none",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// A latitude or longitude as it is said; the same whenever it is rounded again.
    pub fn round(self, degrees: f64) -> Option<f64> {
        let to = |parts: f64| Some((degrees * parts).round() / parts);
        match self {
            Self::Exact => Some(degrees),
            Self::Near => to(1e3),
            Self::Around => to(1e2),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_rounded_as_the_group_chose_and_stay_so() {
        let table = [
            (Positions::Exact, Some(42.353_412), Some(-71.055_231)),
            (Positions::Near, Some(42.353), Some(-71.055)),
            (Positions::Around, Some(42.35), Some(-71.06)),
            (Positions::None, None, None),
        ];
        for (choice, latitude, longitude) in table {
            assert_eq!((choice.round(42.353_412), choice.round(-71.055_231)), (latitude, longitude), "{choice:?}");
            assert_eq!(latitude.and_then(|it| choice.round(it)), latitude, "{choice:?}: twice is the same");
            assert_eq!(Positions::by_name(choice.name()), Some(choice));
        }
    }

    #[test]
    fn a_reminder_is_sent_at_most_two_days_before() {
        let with = |remind| Habits { remind, ..Habits::default() }.check();
        assert_eq!((with(0), with(48)), (Ok(()), Ok(())));
        assert_eq!((with(-1), with(49), with(i64::MIN)), (Err(Refusal::Remind), Err(Refusal::Remind), Err(Refusal::Remind)));
    }
}
