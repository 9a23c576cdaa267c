//! What a digest is: the post of one morning, when it is due, and what it names.

use std::collections::HashSet;

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{announcements::announcement::Announcement, clock::Timestamp, meetings::meeting::Meeting, origin::Local};

/// A digest is made from this hour on, by the clock on the wall of the city.
const FROM: u32 = 7;
/// Whoever was down all morning skips it: nobody wants this morning's post in the evening.
const UNTIL: u32 = 12;
/// It names so many meetings, and so many news, and counts the rest.
pub const NAMED: usize = 20;

/// What the plaza posted in one morning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// By the city's calendar.
    pub date: NaiveDate,
    /// The announcement; none when there was nothing to say.
    pub note: Option<Uuid>,
    /// Meetings and announcements that it names, in their order.
    pub items: Vec<Local>,
    /// How many meetings of the day it does not name.
    pub more_meetings: i64,
    pub more_news: i64,
    pub made: Timestamp,
}

/// The date whose digest may be made now. A time that the clock skips or shows twice makes no difference: what counts is what
/// the clock shows, and each date has its digest once.
pub fn due(now: Timestamp, zone: Tz) -> Option<NaiveDate> {
    let wall = now.utc().with_timezone(&zone);
    (FROM..UNTIL).contains(&wall.hour()).then(|| wall.date_naive())
}

/// The city's date at that time.
fn date_of(time: Timestamp, zone: Tz) -> NaiveDate {
    time.utc().with_timezone(&zone).date_naive()
}

/// Meetings of that date: they begin on it, or are still under way. A cancelled one is named on the day it would have begun.
pub fn is_of_the_day(meeting: &Meeting, date: NaiveDate, zone: Tz, now: Timestamp) -> bool {
    let begins = date_of(meeting.starts, zone);
    meeting.ends > now && (begins == date || (begins < date && meeting.cancelled.is_none()))
}

/// News of the day before; of today what is urgent, too. `known` are paths of what was passed on or named before.
pub fn is_news(note: &Announcement, date: NaiveDate, zone: Tz, passed_on: &HashSet<String>, named: &HashSet<Local>) -> bool {
    let (said, local) = (date_of(note.published, zone), Local::Note(note.id));
    let of_now = Some(said) == date.pred_opt() || (said == date && note.urgent);
    of_now && !named.contains(&local) && (note.urgent || !passed_on.contains(&local.path()))
}

impl Digest {
    /// Of what there is to name; meetings in the order in which they begin, urgent news first.
    pub fn of(date: NaiveDate, note: Uuid, meetings: &[Meeting], news: &[Announcement], made: Timestamp) -> Self {
        let (urgent, calm): (Vec<_>, Vec<_>) = news.iter().partition(|note| note.urgent);
        let meetings_named = meetings.iter().take(NAMED).map(|meeting| Local::Event(meeting.id));
        let news_named = urgent.into_iter().chain(calm).take(NAMED).map(|note| Local::Note(note.id));
        let more = |all: usize| i64::try_from(all.saturating_sub(NAMED)).unwrap_or(i64::MAX);
        let items: Vec<Local> = meetings_named.chain(news_named).collect();
        Self {
            date,
            note: (!items.is_empty()).then_some(note),
            items,
            more_meetings: more(meetings.len()),
            more_news: more(news.len()),
            made,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn the_morning_is_what_the_clock_on_the_wall_shows() {
        let at = |zone: Tz, month, day, hour, minute| {
            let local = zone.with_ymd_and_hms(2026, month, day, hour, minute, 0).earliest().expect("it exists");
            due(local.to_utc().into(), zone).map(|date| date.to_string())
        };
        let new_york = Tz::America__New_York;
        assert_eq!(at(new_york, 11, 24, 6, 59), None);
        assert_eq!(at(new_york, 11, 24, 7, 0).as_deref(), Some("2026-11-24"));
        assert_eq!(at(new_york, 11, 24, 11, 59).as_deref(), Some("2026-11-24"));
        assert_eq!(at(new_york, 11, 24, 12, 0), None);
        // 07:00 in Auckland is the evening before in UTC
        assert_eq!(at(Tz::Pacific__Auckland, 11, 24, 7, 0).as_deref(), Some("2026-11-24"));
    }

    #[test]
    fn a_change_of_clocks_neither_drops_nor_doubles_a_morning() {
        // every quarter of an hour through a spring change, an autumn change, and the day that Samoa left out
        for (zone, from, days) in [
            (Tz::America__New_York, "2026-03-07T00:00:00Z", 3),
            (Tz::America__New_York, "2026-10-31T00:00:00Z", 3),
            (Tz::Australia__Lord_Howe, "2026-04-03T00:00:00Z", 3),
            (Tz::Pacific__Apia, "2011-12-28T10:00:00Z", 3),
        ] {
            let start = chrono::DateTime::parse_from_rfc3339(from).expect("a time").to_utc();
            let mut mornings = Vec::new();
            for quarter in 0..days * 96 {
                let now = start + chrono::TimeDelta::minutes(15 * quarter);
                mornings.extend(due(now.into(), zone).filter(|date| mornings.last() != Some(date)));
            }
            mornings.dedup();
            let mut dates: Vec<_> =
                (0..days * 96).map(|quarter| date_of((start + chrono::TimeDelta::minutes(15 * quarter)).into(), zone)).collect();
            dates.dedup();
            dates.retain(|date| mornings.contains(date));
            assert_eq!(mornings, dates, "{zone}");
            assert!(mornings.len() >= 2, "{zone}: {mornings:?}");
        }
    }
}
