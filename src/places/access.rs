//! What makes it easier to come somewhere: facts from a fixed list, and a short line in people's own words.

use crate::text;

/// Of a place, or of one meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// In the order of [`Fact::ALL`], each once.
    pub facts: Vec<Fact>,
    /// Plain text, such as where the ramp is.
    pub line: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// No steps on the way in.
    StepFree,
    Childcare,
    /// What is said is interpreted, in signs or another language.
    Interpretation,
    /// Everybody wears a mask.
    Masks,
}

impl Fact {
    pub const ALL: [Fact; 4] = [Self::StepFree, Self::Childcare, Self::Interpretation, Self::Masks];

    /// As it is typed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::StepFree => "step-free",
            Self::Childcare => "childcare",
            Self::Interpretation => "interpretation",
            Self::Masks => "masks",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }
}

/// Longest line, in characters.
pub const LINE: usize = 200;

impl Access {
    pub fn of(facts: impl IntoIterator<Item = Fact>, line: Option<String>) -> Self {
        let mut facts: Vec<Fact> = facts.into_iter().collect();
        facts.sort();
        facts.dedup();
        Self { facts, line }
    }

    /// Facts as they stand in a column; `None` where one of them is none of the list.
    pub fn read(facts: &str, line: Option<String>) -> Option<Self> {
        let facts: Option<Vec<Fact>> = facts.split_whitespace().map(Fact::by_name).collect();
        Some(Self::of(facts?, line))
    }

    /// For a column.
    pub fn names(&self) -> String {
        self.facts.iter().map(|fact| fact.name()).collect::<Vec<_>>().join(" ")
    }

    pub fn has(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }

    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.line.is_none()
    }

    /// Is the line one?
    pub fn is_sound(&self) -> bool {
        self.line.as_ref().is_none_or(|line| text::is_line(line, LINE))
    }

    /// When somebody goes to a place instead of where `before` was said: what is said of the place, and what was added since.
    pub fn moved_to(&self, place: &Access, before: &Access) -> Self {
        let added = self.facts.iter().copied().filter(|fact| !before.has(*fact));
        let line = if self.line == before.line || self.line.is_none() { &place.line } else { &self.line };
        Self::of(place.facts.iter().copied().chain(added), line.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_in_one_order_each_once() {
        let access = Access::read(" masks step-free  masks ", None).unwrap();
        assert_eq!((access.names().as_str(), access.has(Fact::Masks)), ("step-free masks", true));
        assert_eq!(Access::read("steps", None), None);
        assert!(Access::read("", None).unwrap().is_empty());
    }

    #[test]
    fn what_was_true_of_one_place_is_not_said_of_another() {
        let at = |facts: &[Fact], line: Option<&str>| Access::of(facts.iter().copied(), line.map(str::to_owned));
        let library = at(&[Fact::StepFree], Some("Lift on the left"));
        let attic = at(&[Fact::Masks], None);
        // with childcare, which the group brings along wherever it meets
        let typed = at(&[Fact::StepFree, Fact::Childcare], Some("Lift on the left"));
        assert_eq!(typed.moved_to(&attic, &library), at(&[Fact::Childcare, Fact::Masks], None));
        let typed = at(&[Fact::Childcare], Some("Knock twice"));
        assert_eq!(typed.moved_to(&library, &Access::default()), at(&[Fact::StepFree, Fact::Childcare], Some("Knock twice")));
    }
}
