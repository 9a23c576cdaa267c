//! What a group is about to say: typed, looked at, perhaps put off. Nobody hears of it yet.

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::invitation::Invitation;
use crate::{
    announcements::announcement::Announcement,
    clock::Timestamp,
    error::{Error, Said},
    meetings::meeting::{Meeting, read_time},
    minutes::{
        self,
        record::{self, Minutes},
    },
    text::{self, Mention},
};
use crate::{groups::group::Group, media::Kept};

/// A draft that nobody touches is deleted after this time.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// A group has at most so many.
pub const MOST: i64 = 50;
/// Nothing is put off for longer.
const FARTHEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Of one group; whoever speaks for it can go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Random: tells nothing of when it was begun.
    pub id: Uuid,
    pub group: String,
    /// The announcement, meeting or notes that it changes.
    pub about: Option<Uuid>,
    pub typed: Typed,
    /// Who is named in the text and could be found.
    pub mentions: Vec<Mention>,
    /// Those who could not: they stay plain text.
    pub strangers: Vec<String>,
    /// Their descriptions may still be missing.
    pub pictures: Vec<Kept>,
    /// Descriptions of pictures that are not here: their files did not arrive, or were not taken.
    pub missing: Vec<String>,
    /// When it is said by itself.
    pub due: Option<Timestamp>,
    /// Who wanted that.
    pub author: Option<Uuid>,
    /// Why it was not said at its time: the name of a message.
    pub stopped: Option<String>,
    /// Goes up with each change.
    pub revision: i64,
    /// The day.
    pub touched: Timestamp,
}

/// As it was typed, right or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
// one at a time, on its way from a form to the database and back
#[allow(clippy::large_enum_variant)]
pub enum Typed {
    News(News),
    Meeting(Invitation),
    Minutes(Notes),
}

/// An announcement as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct News {
    pub title: String,
    pub text: String,
    pub language: String,
    pub urgent: bool,
    /// Only who follows the group gets it. It stays as it was when it was said first.
    pub followers: bool,
    /// Not now but at this time, in the zone of the place.
    pub later: bool,
    pub day: String,
    pub hour: String,
}

/// Notes of a meeting as they are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    /// Which meeting; what it is called, and `2026-11-24`, for lists. Never taken from a form.
    pub meeting: Uuid,
    pub title: String,
    pub held: String,
    /// `10-19`; empty where nobody says.
    pub present: String,
    pub text: String,
    pub language: String,
}

/// Why a draft is not kept or said. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("somebody else of your group has changed this meanwhile")]
    Changed,
    #[error("the group has 50 drafts: publish or discard some of them")]
    Many,
    #[error("say on which day and at what time it is to be published")]
    When,
    #[error("it can be put off until a time to come, for at most a year")]
    Due,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match refusal {
            Refusal::Changed => Said::new("refused-draft-changed"),
            Refusal::Many => Said::new("refused-draft-many"),
            Refusal::When => Said::new("refused-draft-when").about("publish-day"),
            Refusal::Due => Said::new("refused-draft-due").about("publish-day"),
        };
        Error::refused_in_words(refusal, said)
    }
}

impl Draft {
    /// Nothing yet.
    pub fn blank(group: &Group, typed: Typed) -> Self {
        Self {
            id: Uuid::new_v4(),
            group: group.handle.clone(),
            about: None,
            typed,
            mentions: vec![],
            strangers: vec![],
            pictures: vec![],
            missing: vec![],
            due: None,
            author: None,
            stopped: None,
            revision: 0,
            touched: Timestamp::default(),
        }
    }

    /// The Markdown in it.
    pub fn text(&self) -> &str {
        match &self.typed {
            Typed::News(news) => &news.text,
            Typed::Meeting(invitation) => &invitation.agenda,
            Typed::Minutes(notes) => &notes.text,
        }
    }

    /// Its title as far as there is one.
    pub fn title(&self) -> String {
        let (title, text) = match &self.typed {
            Typed::News(news) => (&news.title, &news.text),
            Typed::Meeting(invitation) => (&invitation.title, &invitation.agenda),
            Typed::Minutes(notes) => return notes.title.clone(),
        };
        text::typed(title).unwrap_or_else(|| text::first_line(&text::to_plain(text), 80))
    }

    /// BCP 47.
    pub fn language(&self) -> &str {
        match &self.typed {
            Typed::News(news) => &news.language,
            Typed::Meeting(invitation) => &invitation.language,
            Typed::Minutes(notes) => &notes.language,
        }
    }

    /// Has anybody typed anything?
    pub fn is_blank(&self) -> bool {
        let typed = match &self.typed {
            Typed::News(news) => [&news.title, &news.text].map(String::as_str),
            Typed::Meeting(invitation) => [&invitation.title, &invitation.agenda].map(String::as_str),
            Typed::Minutes(notes) => [&notes.text, &notes.present].map(String::as_str),
        };
        typed.iter().all(|typed| typed.trim().is_empty()) && self.pictures.is_empty() && self.missing.is_empty()
    }
}

impl Notes {
    /// Of a meeting of which there are none yet, beginning with the template.
    pub fn begun(meeting: &Meeting) -> Self {
        Self {
            meeting: meeting.id,
            title: meeting.title.clone(),
            held: meeting.local_start().date_naive().to_string(),
            text: minutes::template::body(meeting),
            language: meeting.language.clone(),
            ..Self::default()
        }
    }

    /// Notes as they stand, for a form.
    pub fn of(minutes: &Minutes, meeting: &Meeting) -> Self {
        Self {
            present: minutes.present.map(record::band_name).unwrap_or_default(),
            text: minutes.text.clone(),
            language: minutes.language.clone(),
            ..Self::begun(meeting)
        }
    }

    /// The same meeting, with what was typed into the form.
    pub fn typed(&self, form: Self) -> Self {
        Self { meeting: self.meeting, title: self.title.clone(), held: self.held.clone(), ..form }
    }

    /// Makes notes say it.
    pub fn fill(&self, minutes: &mut Minutes) -> Result<(), record::Refusal> {
        minutes.text = self.text.trim().to_owned();
        minutes.language = self.language.trim().to_owned();
        minutes.present = record::read_band(&self.present)?;
        Ok(())
    }
}

impl News {
    /// An announcement as it stands, for a form.
    pub fn of(announcement: &Announcement) -> Self {
        Self {
            title: announcement.title.clone().unwrap_or_default(),
            text: announcement.text.clone(),
            language: announcement.language.clone(),
            urgent: announcement.urgent,
            followers: announcement.followers_only,
            ..Self::default()
        }
    }

    /// Makes an announcement say it.
    pub fn fill(&self, announcement: &mut Announcement) {
        announcement.title = text::typed(&self.title);
        announcement.text = self.text.trim().to_owned();
        announcement.language = self.language.trim().to_owned();
        announcement.urgent = self.urgent;
    }

    /// When it is to be said; `None`: at once.
    pub fn due(&self, zone: Tz, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        if !self.later {
            return Ok(None);
        }
        let (day, hour) = (self.day.trim(), self.hour.trim());
        if day.parse::<NaiveDate>().is_err() || NaiveTime::parse_from_str(hour, "%H:%M").is_err() {
            return Err(Refusal::When.into());
        }
        let due = read_time(&format!("{day}T{hour}"), zone).map_err(|why| {
            let said = why.said().about("publish-day");
            Error::refused_in_words(why, said)
        })?;
        if due <= now || due > now + FARTHEST { Err(Refusal::Due.into()) } else { Ok(Some(due)) }
    }
}
