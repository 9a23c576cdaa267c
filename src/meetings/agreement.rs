//! By which decision of an assembly a meeting was agreed. Where nobody says so, nothing is said.

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use url::Url;
use uuid::Uuid;

use crate::{app::Here, clock::Timestamp, web::Day, words::Words};

/// Where the decision stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// In notes of an assembly of this city.
    Here {
        minutes: Uuid,
        /// Of the decision, within these notes.
        number: i64,
        /// On which day the assembly met.
        day: NaiveDate,
    },
    /// In the notes of another place.
    Elsewhere(Url),
}

impl Agreement {
    /// `/minutes/…#decision-2`, or the address elsewhere.
    pub fn address(&self) -> String {
        match self {
            Self::Here { minutes, number, .. } => format!("/minutes/{minutes}#decision-{number}"),
            Self::Elsewhere(url) => url.to_string(),
        }
    }

    /// The same for whoever reads it somewhere else.
    pub fn url(&self, here: &Here) -> Url {
        match self {
            Self::Here { minutes, number, .. } => {
                let mut url = here.origin.url(&format!("/minutes/{minutes}"));
                url.set_fragment(Some(&format!("decision-{number}")));
                url
            }
            Self::Elsewhere(url) => url.clone(),
        }
    }

    /// `Agreed by the assembly on Tuesday 24 November`; with the year for those who do not read it `now`.
    pub fn said(&self, words: &Words, now: Option<Timestamp>) -> String {
        let Self::Here { day, .. } = self else { return words.say("meeting-agreed-elsewhere", &[]) };
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        let noon = day.and_time(noon).and_utc().with_timezone(&Tz::UTC);
        let day = now.map_or_else(|| words.date(&noon, "long"), |now| Day::of(&noon, now).date(words));
        words.say("meeting-agreed", &[("day", &day)])
    }
}

/// As it stands in the database: the path with its anchor and the day, or the address.
impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())?;
        match self {
            Self::Here { day, .. } => write!(f, " {day}"),
            Self::Elsewhere(_) => Ok(()),
        }
    }
}

impl FromStr for Agreement {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let Some(ours) = text.strip_prefix("/minutes/") else {
            return text.parse().map(Self::Elsewhere).map_err(|_| ());
        };
        let (minutes, rest) = ours.split_once("#decision-").ok_or(())?;
        let (number, day) = rest.split_once(' ').ok_or(())?;
        Ok(Self::Here {
            minutes: minutes.parse().map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
            day: day.parse().map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written_and_says_on_which_day() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let ours = Agreement::Here { minutes: Uuid::from_u128(7), number: 2, day };
        let elsewhere = Agreement::Elsewhere("https://boston.example/notes/3#4".parse().unwrap());
        for agreement in [&ours, &elsewhere] {
            assert_eq!(agreement.to_string().parse().as_ref(), Ok(agreement));
        }
        assert_eq!(ours.address(), format!("/minutes/{}#decision-2", Uuid::from_u128(7)));
        assert_eq!(ours.said(&Words::of("en"), None), "Agreed by the assembly on Tuesday 24 November 2026");
        let now = Timestamp::from_seconds(1_795_521_600);
        assert_eq!(ours.said(&Words::of("es"), Some(now)), "Acordada por la asamblea el martes 24 de noviembre");
        for wrong in ["", "/minutes/", "/minutes/7#decision-2", "/minutes/7", "not an address"] {
            assert_eq!(wrong.parse::<Agreement>(), Err(()), "{wrong}");
        }
    }
}
