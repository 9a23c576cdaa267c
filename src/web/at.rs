//! Where in a long list a page begins, as its address says it. Knows no noun.

use serde::Deserialize;

use super::Failure;
use crate::{
    db::turn::{Mark, Turn},
    error::Error,
};

/// Where in the list a page begins.
#[derive(Deserialize)]
pub struct At {
    after: Option<String>,
    before: Option<String>,
}

impl At {
    pub fn turn(&self) -> Result<Turn, Failure> {
        let mark = |text: &String| text.parse::<Mark>().map_err(|()| Error::invalid("a list does not go on there"));
        Ok(match (&self.after, &self.before) {
            (Some(after), _) => Turn::After(mark(after)?),
            (None, Some(before)) => Turn::Before(mark(before)?),
            (None, None) => Turn::First,
        })
    }
}

/// `path` with `name=mark` behind its query.
pub fn turned(path: &str, name: &str, mark: Mark) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{name}={mark}")
}
