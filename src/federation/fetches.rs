//! Who gets documents of ours: the choice of the place. Knows no document.

use diesel::QueryResult;

use crate::{app, db::Conn};

const FETCHES: &str = "fetches";

/// `plaza set --fetches`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fetches {
    /// Everybody.
    #[default]
    Open,
    /// Servers that sign what they ask for and are not blocked. Actors are shown to everybody all the same: without them nobody
    /// could check a signature.
    Signed,
}

impl Fetches {
    pub const ALL: [Self; 2] = [Self::Open, Self::Signed];

    /// As it is typed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Signed => "signed",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

pub fn choice(conn: &mut Conn) -> QueryResult<Fetches> {
    Ok(app::setting(conn, FETCHES)?.and_then(|name| Fetches::by_name(&name)).unwrap_or_default())
}

pub fn keep_choice(conn: &mut Conn, choice: Fetches) -> QueryResult<()> {
    app::keep_setting(conn, FETCHES, choice.name())
}
