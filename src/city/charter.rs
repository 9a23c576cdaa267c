//! What a place says about itself: its principles, how to reach whoever looks after it, where its software comes from.

use diesel::QueryResult;
use url::Url;

use crate::{
    app::{keep_setting, setting},
    db::Conn,
    error::{Error, Result},
    text,
};

/// Empty text stands for what nobody has said yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charter {
    /// Markdown.
    pub principles: String,
    /// How to reach the caretakers; Markdown.
    pub contact: String,
    /// Address of the source code of the very program that runs here.
    pub source: String,
}

/// Why a place cannot say so. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("principles have at most 20,000 characters, and no control characters")]
    Principles,
    #[error("a contact has at most 1,000 characters, and no control characters")]
    Contact,
    #[error("{0:?} is not an address such as https://code.example/plaza")]
    Source(String),
}

impl Charter {
    pub fn check(&self) -> Result<(), Refusal> {
        if !self.principles.is_empty() && !text::is_prose(&self.principles, 20_000) {
            return Err(Refusal::Principles);
        }
        if !self.contact.is_empty() && !text::is_prose(&self.contact, 1_000) {
            return Err(Refusal::Contact);
        }
        if !self.source.is_empty() && !is_source(&self.source) {
            return Err(Refusal::Source(self.source.clone()));
        }
        Ok(())
    }
}

fn is_source(address: &str) -> bool {
    let url = Url::parse(address);
    address.len() <= 500 && url.is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

const PRINCIPLES: &str = "principles";
const CONTACT: &str = "contact";
const SOURCE: &str = "source";

pub fn read(conn: &mut Conn) -> QueryResult<Charter> {
    let mut kept = |name| Ok::<String, diesel::result::Error>(setting(conn, name)?.unwrap_or_default());
    Ok(Charter { principles: kept(PRINCIPLES)?, contact: kept(CONTACT)?, source: kept(SOURCE)? })
}

pub fn save(conn: &mut Conn, charter: &Charter) -> Result<()> {
    charter.check().map_err(Error::invalid)?;
    for (name, value) in [(PRINCIPLES, &charter.principles), (CONTACT, &charter.contact), (SOURCE, &charter.source)] {
        keep_setting(conn, name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_no_more_than_can_be_read() {
        let charter = |principles: &str, contact: &str, source: &str| Charter {
            principles: principles.into(),
            contact: contact.into(),
            source: source.into(),
        };
        assert_eq!(charter("", "", "").check(), Ok(()));
        assert_eq!(
            charter("# We\n\n* share", "The blue tent, or care@plaza.example", "https://code.example/plaza").check(),
            Ok(())
        );
        assert_eq!(charter(&"x".repeat(20_001), "", "").check(), Err(Refusal::Principles));
        assert_eq!(charter("\u{1b}[2J", "", "").check(), Err(Refusal::Principles));
        assert_eq!(charter("", "a\0", "").check(), Err(Refusal::Contact));
        for wrong in ["plaza", "javascript:alert(1)", "ftp://code.example", "https://"] {
            assert!(matches!(charter("", "", wrong).check(), Err(Refusal::Source(_))), "{wrong}");
        }
    }
}
