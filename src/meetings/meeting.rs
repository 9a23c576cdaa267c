//! What a meeting is: its times in its own zone, its place, and what we refuse.

use std::time::Duration;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;
use url::Url;
use uuid::Uuid;

use super::{
    agreement::Agreement,
    veil::{MOST_HOURS, Veil},
};
pub use crate::places::place::Position;
use crate::{
    clock::Timestamp,
    error::Said,
    groups::group,
    media::{self, Kept},
    places::{self, access::Access},
    text,
};

/// One meeting of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    pub id: Uuid,
    /// Handle of the group that meets.
    pub group: String,
    pub title: String,
    pub kind: Kind,
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// The zone its time was given in and is shown in.
    pub zone: Tz,
    pub place: Option<String>,
    pub address: Option<String>,
    pub position: Option<Position>,
    pub online: Option<Url>,
    /// Markdown.
    pub agenda: Option<String>,
    /// BCP 47.
    pub language: String,
    pub mentions: Vec<text::Mention>,
    /// In the order they are shown in.
    pub pictures: Vec<Kept>,
    /// Goes up with each change of time, place or state (RFC 5545, SEQUENCE).
    pub sequence: i64,
    /// Where it began before it was moved last.
    pub previous_start: Option<Timestamp>,
    pub agreed: Option<Agreement>,
    pub cancelled: Option<Timestamp>,
    pub published: Timestamp,
    pub updated: Option<Timestamp>,
    /// Which one of a series it is.
    pub recurrence: Option<Recurrence>,
    /// When other servers hear of it; until then it stands on our own pages only. `None`: they did.
    pub opens: Option<Timestamp>,
    /// When somebody said that it took place.
    pub met: Option<Timestamp>,
    /// Nobody said of the last meetings of its series that they took place.
    pub unconfirmed: bool,
    /// When somebody who speaks for the group said that it did not take place.
    pub missed: Option<Timestamp>,
    /// The kept place that it took over.
    pub place_id: Option<Uuid>,
    pub access: Access,
    /// Where `place` is only the district that everybody sees, until some hours before.
    pub veil: Option<Veil>,
    /// How many may say with an account that they come; `None`: as many as like.
    pub capacity: Option<i64>,
}

/// What tells a meeting from the others of its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    pub series: Uuid,
    /// When it was to begin as the series has it; stays the same when it is moved (RFC 5545, RECURRENCE-ID).
    pub starts: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Meeting,
    Assembly,
    Action,
    WorkDay,
    Workshop,
    Social,
}

impl Kind {
    pub const ALL: [Kind; 6] = [Self::Meeting, Self::Assembly, Self::Action, Self::WorkDay, Self::Workshop, Self::Social];

    /// As it is typed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Assembly => "assembly",
            Self::Action => "action",
            Self::WorkDay => "workday",
            Self::Workshop => "workshop",
            Self::Social => "social",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why a meeting is not scheduled or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("a meeting needs a title of 3 to 200 characters on one line")]
    Title,
    #[error("a meeting lasts from 1 minute to 31 days")]
    Length,
    #[error("{0:?} is no kind of meeting: say meeting, assembly, action, workday, workshop or social")]
    Kind(String),
    #[error("{0:?} is not a time such as 2026-11-24T18:00")]
    Time(String),
    #[error("{0} does not exist in {1}: the clock jumps over it. Say {2} or {3}")]
    Skipped(String, Tz, String, String),
    #[error("{0} comes twice in {1}, when the clock is set back. Say {2} for the first or {3} for the second")]
    Twice(String, Tz, String, String),
    #[error("a meeting cannot be scheduled so far away: from {0} to {1}")]
    TooFar(i32, i32),
    #[error("a place has at most 300 characters on one line")]
    Place,
    #[error("an address has at most 300 characters on one line")]
    Address,
    #[error("{0:?} is not an address such as https://meet.example/kitchen")]
    Online(String),
    #[error("an agenda has at most 20,000 characters")]
    Agenda,
    #[error("a district is named in 1 to 100 characters on one line")]
    District,
    #[error("the rest is shown from 1 to {MOST_HOURS} hours before a meeting")]
    Lift,
    #[error("say the place or the address that is to be shown later")]
    NothingVeiled,
    #[error("this address was published already: others have it, and hiding it now would not help")]
    Published,
    #[error("there is room for 1 to {MOST_PLACES} people; leave it out where there is room for everybody")]
    Capacity,
    #[error(transparent)]
    Access(places::place::Refusal),
    #[error(transparent)]
    Language(group::Refusal),
    #[error(transparent)]
    Pictures(media::Refusal),
    #[error("this meeting was cancelled")]
    Cancelled,
    #[error("this meeting is over")]
    Over,
}

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Title => Said::new("refused-meeting-title").about("title"),
            Self::Length => Said::new("refused-meeting-length").about("until"),
            Self::Kind(kind) => Said::new("refused-meeting-kind").with("kind", kind).about("kind"),
            Self::Time(time) => Said::new("refused-meeting-time").with("time", time).about("from"),
            Self::Skipped(time, zone, before, after) => Said::new("refused-meeting-skipped")
                .with("time", face(time))
                .with("zone", zone)
                .with("before", face(before))
                .with("after", face(after))
                .about("from"),
            Self::Twice(time, zone, ..) => {
                Said::new("refused-meeting-twice").with("time", face(time)).with("zone", zone).about("from")
            }
            Self::TooFar(first, last) => Said::new("refused-meeting-far").with("first", first).with("last", last).about("day"),
            Self::Place => Said::new("refused-meeting-place").about("place"),
            Self::Address => Said::new("refused-meeting-address").about("address"),
            Self::Online(_) => Said::new("refused-meeting-online").about("online"),
            Self::Agenda => Said::new("refused-meeting-agenda").about("agenda"),
            Self::District => Said::new("refused-veil-district").about("district"),
            Self::Lift => Said::new("refused-veil-hours").with("most", MOST_HOURS).about("lift"),
            Self::NothingVeiled => Said::new("refused-veil-nothing").about("place"),
            Self::Published => Said::new("refused-veil-published").about("district"),
            Self::Capacity => Said::new("refused-meeting-capacity").with("most", MOST_PLACES).about("capacity"),
            Self::Access(refusal) => refusal.said(),
            Self::Language(refusal) => refusal.said(),
            Self::Pictures(refusal) => refusal.said(),
            Self::Cancelled => Said::new("refused-meeting-cancelled"),
            Self::Over => Said::new("refused-meeting-over").about("day"),
        }
    }
}

/// Of a time such as `2026-11-24T18:00-05:00` what a clock on the wall shows.
fn face(time: &str) -> &str {
    time.get(11..16).unwrap_or(time)
}

/// No meeting lasts longer.
pub const MAX_LENGTH: Duration = Duration::from_secs(31 * 24 * 3_600);

/// The largest room.
pub const MOST_PLACES: i64 = 100_000;

/// How many may come, as it was typed; nothing where that is not limited.
pub fn capacity(text: &str) -> Result<Option<i64>, Refusal> {
    text::typed(text).map(|number| number.parse().map_err(|_| Refusal::Capacity)).transpose()
}

/// Years in which a meeting may lie.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

impl Meeting {
    /// A meeting of which nothing is known yet.
    pub fn blank(id: Uuid, group: &str, now: Timestamp) -> Self {
        Self {
            id,
            group: group.to_owned(),
            title: String::new(),
            kind: Kind::Meeting,
            starts: now,
            ends: now,
            zone: Tz::UTC,
            place: None,
            address: None,
            position: None,
            online: None,
            agenda: None,
            language: String::new(),
            mentions: vec![],
            pictures: vec![],
            sequence: 0,
            previous_start: None,
            agreed: None,
            cancelled: None,
            published: now,
            updated: None,
            recurrence: None,
            opens: None,
            met: None,
            unconfirmed: false,
            missed: None,
            place_id: None,
            access: Access::default(),
            veil: None,
            capacity: None,
        }
    }

    /// Should people ask before they walk there?
    pub fn is_tentative(&self) -> bool {
        self.unconfirmed && self.cancelled.is_none()
    }

    /// Did other servers hear of it?
    pub fn is_said(&self) -> bool {
        self.opens.is_none()
    }

    /// Does a group of another city hold it, and one of ours call it, too? Others hear of it from there.
    pub fn is_held_elsewhere(&self) -> bool {
        self.opens == Some(Timestamp::NEVER)
    }

    /// Does everything said about the meeting hold?
    pub fn check(&self) -> Result<(), Refusal> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that does not hold.
    pub fn faults(&self) -> Vec<Refusal> {
        let is_line = |line: &Option<String>| line.as_ref().is_none_or(|line| text::is_line(line, 300));
        let has_title = self.title.trim().chars().count() >= 3 && text::is_line(&self.title, 200);
        let agenda = self.agenda.as_ref().is_none_or(|agenda| text::is_prose(agenda, 20_000));
        let checks = [
            has_title.then_some(()).ok_or(Refusal::Title),
            check_length(self.ends.since(self.starts)),
            is_line(&self.place).then_some(()).ok_or(Refusal::Place),
            is_line(&self.address).then_some(()).ok_or(Refusal::Address),
            agenda.then_some(()).ok_or(Refusal::Agenda),
            self.access.is_sound().then_some(()).ok_or(Refusal::Access(places::place::Refusal::Line)),
            self.veil.as_ref().map_or(Ok(()), Veil::check),
            (self.veil.is_none() || self.is_somewhere() || self.online.is_some()).then_some(()).ok_or(Refusal::NothingVeiled),
            self.capacity.is_none_or(|most| (1..=MOST_PLACES).contains(&most)).then_some(()).ok_or(Refusal::Capacity),
            media::check(&self.pictures).map_err(Refusal::Pictures),
            group::check_language(&self.language).map_err(Refusal::Language),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }

    /// May it still be changed?
    pub fn can_change_at(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.cancelled.is_some() {
            return Err(Refusal::Cancelled);
        }
        if self.ends <= now {
            return Err(Refusal::Over);
        }
        Ok(())
    }

    /// The start as the clock on the wall shows it there.
    pub fn local_start(&self) -> DateTime<Tz> {
        self.starts.utc().with_timezone(&self.zone)
    }

    pub fn local_end(&self) -> DateTime<Tz> {
        self.ends.utc().with_timezone(&self.zone)
    }

    /// Hashtags of the agenda, lower-case.
    pub fn tags(&self) -> Vec<String> {
        self.agenda.as_deref().map(text::tags_in).unwrap_or_default()
    }

    /// Must people who meant to come know of the difference? Time or place changed.
    pub fn sends_people_elsewhere_than(&self, before: &Meeting) -> bool {
        (self.starts, self.ends, &self.place, &self.address, self.position, &self.online)
            != (before.starts, before.ends, &before.place, &before.address, before.position, &before.online)
    }

    /// When it was changed last, or published.
    pub fn changed(&self) -> Timestamp {
        self.updated.unwrap_or(self.published)
    }

    /// Is there a room one could walk into?
    pub fn is_somewhere(&self) -> bool {
        self.place.is_some() || self.address.is_some() || self.position.is_some()
    }
}

fn check_length(length: Duration) -> Result<(), Refusal> {
    if (Duration::from_secs(60)..=MAX_LENGTH).contains(&length) { Ok(()) } else { Err(Refusal::Length) }
}

/// How long a meeting lasts of which nobody says when it ends, in minutes.
pub const USUAL: i64 = 120;

/// How long a meeting of so many minutes is.
pub fn length(minutes: i64) -> Result<Duration, Refusal> {
    let seconds = u64::try_from(minutes).ok().and_then(|minutes| minutes.checked_mul(60)).ok_or(Refusal::Length)?;
    check_length(Duration::from_secs(seconds))?;
    Ok(Duration::from_secs(seconds))
}

/// An address where people meet online: http(s), no password in it.
pub fn online(text: &str) -> Result<Url, Refusal> {
    match Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "https" | "http")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && text.len() <= 2_000 =>
        {
            Ok(url)
        }
        _ => Err(Refusal::Online(text.to_owned())),
    }
}

/// Reads a wall-clock time such as `2026-11-24T18:00` in `zone`, or one that names its own offset
/// (`2026-11-24T18:00-05:00`). A time that the clock skips or shows twice is refused with both readings.
pub fn read_time(text: &str, zone: Tz) -> Result<Timestamp, Refusal> {
    let wrong = || Refusal::Time(text.to_owned());
    let text = text.trim();
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    if let Some(local) = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()) {
        if local.nanosecond() >= 1_000_000_000 {
            return Err(wrong());
        }
        return read_local(text, local, zone);
    }
    let with_offset = ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%:z"];
    let instant = with_offset
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text.replace(['Z', 'z'], "+00:00"), format).ok())
        .ok_or_else(wrong)?;
    if instant.nanosecond() >= 1_000_000_000 || !instant.second().eq(&0) {
        return Err(wrong());
    }
    within_reach(instant.to_utc().into())
}

fn read_local(text: &str, local: NaiveDateTime, zone: Tz) -> Result<Timestamp, Refusal> {
    if local.second() != 0 {
        return Err(Refusal::Time(text.to_owned()));
    }
    let spelled = |time: DateTime<Tz>| time.format("%Y-%m-%dT%H:%M%:z").to_string();
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => within_reach(time.to_utc().into()),
        LocalResult::Ambiguous(first, second) => Err(Refusal::Twice(text.to_owned(), zone, spelled(first), spelled(second))),
        LocalResult::None => {
            let (before, after) = readings_of_a_skipped_time(local, zone).ok_or_else(|| Refusal::Time(text.to_owned()))?;
            Err(Refusal::Skipped(text.to_owned(), zone, spelled(before), spelled(after)))
        }
    }
}

/// What a time inside the jump would be by the clock before the change and by the clock after it (RFC 5545, 3.3.5, takes the former).
pub(crate) fn readings_of_a_skipped_time(local: NaiveDateTime, zone: Tz) -> Option<(DateTime<Tz>, DateTime<Tz>)> {
    use chrono::{Offset, TimeDelta};
    // no jump is longer than a day (Samoa, 2011)
    let offset_at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest().map(|time| time.offset().fix());
    let before = offset_at(local.checked_sub_signed(TimeDelta::hours(25))?)?;
    let after = offset_at(local.checked_add_signed(TimeDelta::hours(25))?)?;
    let read = |offset: chrono::FixedOffset| offset.from_local_datetime(&local).single().map(|time| time.with_timezone(&zone));
    Some((read(after)?, read(before)?))
}

fn within_reach(time: Timestamp) -> Result<Timestamp, Refusal> {
    use chrono::Datelike;
    if YEARS.contains(&time.utc().year()) { Ok(time) } else { Err(Refusal::TooFar(*YEARS.start(), *YEARS.end())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york(text: &str) -> Result<String, Refusal> {
        read_time(text, Tz::America__New_York).map(Timestamp::rfc3339)
    }

    #[test]
    fn wall_clock_times_are_read_in_their_zone() {
        assert_eq!(new_york("2026-11-24T18:00").unwrap(), "2026-11-24T23:00:00Z");
        assert_eq!(new_york("2026-07-24 18:00").unwrap(), "2026-07-24T22:00:00Z");
        assert_eq!(new_york("2026-11-24T18:00+01:00").unwrap(), "2026-11-24T17:00:00Z");
        assert_eq!(new_york("2026-11-24T18:00Z").unwrap(), "2026-11-24T18:00:00Z");
    }

    #[test]
    fn a_time_that_the_clock_skips_or_shows_twice_is_refused_with_both_readings() {
        let table = [
            ("2027-03-14T02:30", Tz::America__New_York, "01:30-05:00", "03:30-04:00"),
            ("2026-11-01T01:30", Tz::America__New_York, "01:30-04:00", "01:30-05:00"),
            ("2026-10-04T02:15", Tz::Australia__Lord_Howe, "01:45+10:30", "02:45+11:00"),
            ("2011-12-30T12:00", Tz::Pacific__Apia, "2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00"),
        ];
        for (text, zone, first, second) in table {
            let sentence = read_time(text, zone).expect_err(text).to_string();
            assert!(sentence.contains(first) && sentence.contains(second), "{sentence}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-13-01T10:00",
            "2026-02-30T10:00",
            "2026-11-24",
            "2026-11-24T25:00",
            "2026-11-24T24:00",
            "2026-11-24T18:00:60",
            "2026-11-24T18:00+99:99",
            "99999-01-01T00:00",
            "0000-01-01T00:00",
            "9999-12-31T23:59",
            "-262144-01-01T00:00",
        ] {
            assert!(new_york(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_and_positions_have_bounds() {
        for minutes in [i64::MIN, -1, 0, 31 * 24 * 60 + 1, i64::MAX] {
            assert_eq!(length(minutes), Err(Refusal::Length));
        }
        assert_eq!(length(120), Ok(Duration::from_secs(7_200)));
        for text in ["", "1", "91,0", "0,181", "NaN,0", "inf,0", "40.7;-74", "1,2,3"] {
            assert!(Position::parse(text).is_err(), "{text}");
        }
        assert_eq!(Position::parse(" 40.7092, -74.0113"), Ok(Position { latitude: 40.7092, longitude: -74.0113 }));
    }
}
