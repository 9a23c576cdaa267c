//! What is suggested to a group, and what we take of it.

use std::time::Duration;

use url::Url;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Said},
    text,
};

/// Something that somebody tells a group: an event, or what is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Random.
    pub id: Uuid,
    /// Handle of the group.
    pub group: String,
    pub text: String,
    /// When and where it is to be, in their words.
    pub moment: Option<String>,
    pub place: Option<String>,
    pub link: Option<Url>,
    /// The day.
    pub received: Timestamp,
}

/// Of a text, in characters.
pub const LONGEST: usize = 2_000;
/// Of date and place.
const LINE: usize = 200;
/// Suggestions that wait for one group.
pub const MOST: i64 = 100;
/// What nobody takes is thrown away after so long.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("choose a group that you want to tell")]
    Group,
    #[error("say in 1 to 2,000 characters what it is about")]
    Text,
    #[error("when it is has at most 200 characters on one line")]
    Moment,
    #[error("where it is has at most 200 characters on one line")]
    Place,
    #[error("a link begins with https:// and has at most 500 characters")]
    Link,
    #[error("very many suggestions wait for this group already")]
    Full,
    /// With how to reach the group, in its own words.
    #[error("very many suggestions wait for this group already: tell it directly, {0}")]
    FullBut(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Group => Said::new("suggest-refused-group").about("group"),
            Refusal::Text => Said::new("suggest-refused-text").about("text"),
            Refusal::Moment => Said::new("suggest-refused-moment").about("moment"),
            Refusal::Place => Said::new("suggest-refused-place").about("place"),
            Refusal::Link => Said::new("suggest-refused-link").about("link"),
            Refusal::Full => Said::new("suggest-refused-full"),
            Refusal::FullBut(contact) => Said::new("suggest-refused-full-but").with("contact", contact),
        };
        Error::refused_in_words(refusal, said)
    }
}

impl Suggestion {
    pub fn check(&self) -> Result<(), Refusal> {
        let is_line = |line: &Option<String>| line.as_ref().is_none_or(|line| text::is_line(line, LINE));
        if self.text.trim().is_empty() || !text::is_prose(&self.text, LONGEST) {
            return Err(Refusal::Text);
        }
        if !is_line(&self.moment) {
            return Err(Refusal::Moment);
        }
        if is_line(&self.place) { Ok(()) } else { Err(Refusal::Place) }
    }
}

/// An address of the web, which nobody needs to type whole.
pub fn link(typed: &str) -> Result<Url, Refusal> {
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let right = |url: &Url| {
        matches!(url.scheme(), "https" | "http")
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none()
    };
    Url::parse(&whole).ok().filter(|url| right(url) && whole.chars().count() <= 500).ok_or(Refusal::Link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_an_address_of_the_web_and_nothing_else() {
        for (typed, read) in [
            ("https://soup.example/x", Some("https://soup.example/x")),
            ("soup.example", Some("https://soup.example/")),
            ("http://soup.example", Some("http://soup.example/")),
            ("javascript:alert(1)", None),
            ("javascript://soup.example/%0aalert(1)", None),
            ("data:text/html,x", None),
            ("https://u:p@soup.example", None),
            ("https://", None),
            ("soup", None),
            ("", None),
        ] {
            assert_eq!(link(typed).ok().as_ref().map(Url::as_str), read, "{typed}");
        }
        assert!(link(&format!("https://soup.example/{}", "x".repeat(500))).is_err());
    }
}
