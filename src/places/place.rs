//! What a place is, how its name is recognised, and what we refuse.

use deunicode::deunicode_char;
use uuid::Uuid;

use super::access::{Access, LINE};
use crate::{clock::Timestamp, error::Said, groups::habits::Positions, text};

/// A place of the city, as one group keeps it for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub id: Uuid,
    /// Handle of the group that keeps it. Until that group is welcomed, nobody else sees the place.
    pub group: String,
    /// As people call it.
    pub name: String,
    pub address: Option<String>,
    /// As exactly as the group that keeps it says where it meets.
    pub position: Option<Position>,
    pub access: Access,
    /// The day of the last change.
    pub updated: Timestamp,
}

/// Degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

/// Why a place is not kept or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a place needs a name of 2 to 200 characters on one line")]
    Name,
    #[error("an address has at most 300 characters on one line")]
    Address,
    #[error("{0:?} is no position: give latitude and longitude, such as 40.7092,-74.0113")]
    Position(String),
    #[error("what is said about access has at most {LINE} characters on one line")]
    Line,
    #[error("{0:?} is none of what can be said about access: step-free, childcare, interpretation, masks")]
    Fact(String),
    #[error("the place {0:?} is kept already: correct it")]
    Known(String),
    #[error("there are {MOST} places already: remove some that nobody uses")]
    Many,
    #[error("until a group is welcomed, it keeps at most {WAITING} places")]
    ManyWaiting,
    #[error("a group that waits to be welcomed changes only its own places")]
    Theirs,
    #[error("a place that is hidden is not kept for other groups")]
    Hidden,
}

/// More places are not kept in a city.
pub const MOST: i64 = 1_000;
/// Nor by a group before it is welcomed.
pub const WAITING: i64 = 12;

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Name => Said::new("refused-place-name").about("name"),
            Self::Address => Said::new("refused-meeting-address").about("address"),
            Self::Position(_) => Said::new("refused-meeting-position").about("geo"),
            Self::Line => Said::new("refused-access-line").with("most", LINE).about("access-line"),
            Self::Fact(fact) => Said::new("refused-access").with("fact", fact).about("access"),
            Self::Known(name) => Said::new("refused-place-known").with("name", name).about("name"),
            Self::Many => Said::new("refused-place-many").with("most", MOST),
            Self::ManyWaiting => Said::new("refused-place-waiting").with("most", WAITING),
            Self::Theirs => Said::new("refused-place-theirs"),
            Self::Hidden => Said::new("refused-place-hidden").about("remember"),
        }
    }
}

impl Place {
    /// Everything that does not hold.
    pub fn faults(&self) -> Vec<Refusal> {
        let named = self.name.trim().chars().count() >= 2 && text::is_line(&self.name, 200);
        let checks = [
            named.then_some(()).ok_or(Refusal::Name),
            self.address.as_ref().is_none_or(|line| text::is_line(line, 300)).then_some(()).ok_or(Refusal::Address),
            self.access.is_sound().then_some(()).ok_or(Refusal::Line),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }

    pub fn check(&self) -> Result<(), Refusal> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// All that people wrote of it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [Some(&self.name), self.address.as_ref(), self.access.line.as_ref()].into_iter().flatten().map(String::as_str)
    }
}

impl Position {
    /// Reads `40.7092,-74.0113`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::Position(text.to_owned());
        let (latitude, longitude) = text.split_once(',').ok_or_else(wrong)?;
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let (latitude, longitude) = (number(latitude).ok_or_else(wrong)?, number(longitude).ok_or_else(wrong)?);
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            return Err(wrong());
        }
        Ok(Self { latitude, longitude })
    }

    /// As exactly as a group wants.
    pub fn rounded(self, positions: Positions) -> Option<Self> {
        let (latitude, longitude) = (positions.round(self.latitude)?, positions.round(self.longitude)?);
        Some(Self { latitude, longitude })
    }
}

/// A name by which a place is recognised, however it is written: without case, accents and punctuation.
pub fn folded(name: &str) -> String {
    let mut folded = String::new();
    for c in name.trim().chars() {
        match c {
            // accents that stand beside their letter
            '\u{300}'..='\u{36f}' => {}
            // letters of the Latin script that carry theirs
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                folded.push_str(&deunicode_char(c).unwrap_or_default().to_lowercase());
            }
            c if c.is_alphanumeric() => folded.extend(c.to_lowercase()),
            _ if !folded.is_empty() && !folded.ends_with(' ') => folded.push(' '),
            _ => {}
        }
    }
    if folded.is_empty() { name.trim().to_lowercase() } else { folded.trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_recognised_however_it_is_written() {
        for (one, other) in [
            ("Dewey Square", "  dewey   SQUARE "),
            ("Plaza de Colón", "plaza de colon"),
            ("Cafe\u{301} Olé!", "Café Ole"),
            ("St. Paul's, crypt", "st paul s crypt"),
            ("Größe", "GROSSE"),
            ("☂", " ☂"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        for (one, other) in [("Dewey Square", "Dewey Square 2"), ("ساحة الحرية", "ساحة"), ("诗所", "事所"), ("☂", "☕")]
        {
            assert_ne!(folded(one), folded(other), "{one}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        let place = |name: &str| Place {
            id: Uuid::nil(),
            group: "kitchen".into(),
            name: name.into(),
            address: None,
            position: None,
            access: Access::default(),
            updated: Timestamp::default(),
        };
        for name in ["", " a ", "two\nlines", &"x".repeat(201)] {
            assert_eq!(place(name).check(), Err(Refusal::Name), "{name:?}");
        }
        let address = Place { address: Some("a\u{202e}b".into()), ..place("Library") };
        assert_eq!(address.check(), Err(Refusal::Address));
        let line = Place { access: Access { line: Some("x".repeat(201)), ..Access::default() }, ..place("Library") };
        assert_eq!(line.check(), Err(Refusal::Line));
        assert_eq!(place("Library").check(), Ok(()));
    }
}
