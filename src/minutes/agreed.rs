//! Whether a decision is one by which a meeting can be called agreed.

use url::Url;

use super::store;
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result, Said},
    groups,
    meetings::{self, agreement::Agreement, meeting::Kind},
    origin::Local,
    text,
};

/// Of an address, in characters.
const LONGEST: usize = 2_000;

/// Why a link makes no meeting agreed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "this leads to no decision of an assembly: open the notes of the assembly here and copy the link of the decision itself"
    )]
    NoDecision,
    #[error("this is no address of a decision: it begins with https:// and leads to the notes of an assembly")]
    NoAddress,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match refusal {
            Refusal::NoDecision => Said::new("refused-agreed-decision").about("agreed"),
            Refusal::NoAddress => Said::new("refused-agreed-address").about("agreed"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// What was typed as the link of a decision; nothing where nothing was typed.
pub fn read(conn: &mut Conn, here: &Here, typed: &str) -> Result<Option<Agreement>> {
    let Some(typed) = text::typed(typed) else { return Ok(None) };
    if typed.chars().count() > LONGEST {
        return Err(Refusal::NoAddress.into());
    }
    let base = here.origin.url("/");
    let url = if typed.starts_with('/') { base.join(&typed) } else { Url::parse(&typed) };
    let mut url = url.map_err(|_| Refusal::NoAddress)?;
    if here.origin.owns(&url) {
        // the language in which somebody read the notes
        url.set_query(None);
        return ours(conn, here, &url).map(Some);
    }
    let is_private = url.host_str().is_some_and(|host| host.ends_with(".onion"));
    let leads_there = url.scheme() == "https" || url.scheme() == "http" && is_private;
    if !leads_there || !url.has_host() || !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::NoAddress.into());
    }
    Ok(Some(Agreement::Elsewhere(url)))
}

fn ours(conn: &mut Conn, here: &Here, url: &Url) -> Result<Agreement> {
    let number = url.fragment().and_then(|anchor| anchor.strip_prefix("decision-")).and_then(|number| number.parse().ok());
    let (Some(number), Some(Local::Minutes(id))) = (number, without_fragment(here, url)) else {
        return Err(Refusal::NoDecision.into());
    };
    let Some(minutes) = store::by_id(conn, id)?.filter(|minutes| minutes.deleted.is_none()) else {
        return Err(Refusal::NoDecision.into());
    };
    let group = groups::store::by_handle(conn, &minutes.group)?.filter(|group| group.closed.is_none());
    let decided = minutes.decisions.iter().any(|decision| decision.number == number);
    let meeting = meetings::store::by_id(conn, minutes.meeting)?.filter(|meeting| meeting.kind == Kind::Assembly);
    match (group, meeting) {
        (Some(_), Some(meeting)) if decided => {
            Ok(Agreement::Here { minutes: id, number, day: meeting.local_start().date_naive() })
        }
        _ => Err(Refusal::NoDecision.into()),
    }
}

fn without_fragment(here: &Here, url: &Url) -> Option<Local> {
    let mut url = url.clone();
    url.set_fragment(None);
    here.origin.local(&url)
}
