//! Days and times as people say them on pages: today, tomorrow, the weekday written out. Knows no noun.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike};
use chrono_tz::Tz;

use crate::{
    clock::Timestamp,
    words::{Words, zone_abbreviation},
};

/// A day, seen from a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    date: NaiveDate,
    today: NaiveDate,
}

impl Day {
    /// The day of `time` where it is, seen from `now` at the same place.
    pub fn of(time: &DateTime<Tz>, now: Timestamp) -> Self {
        Self { date: time.date_naive(), today: now.utc().with_timezone(&time.timezone()).date_naive() }
    }

    /// `Today, Tuesday 24 November`; with the year when it is another one.
    pub fn said(self, words: &Words) -> String {
        let date = self.date(words);
        if self.date == self.today {
            words.say("day-today", &[("date", &date)])
        } else if self.today.checked_add_days(Days::new(1)) == Some(self.date) {
            words.say("day-tomorrow", &[("date", &date)])
        } else {
            capitalised(&date)
        }
    }

    /// Today or tomorrow.
    pub fn is_near(self) -> bool {
        self.is_today() || self.today.checked_add_days(Days::new(1)) == Some(self.date)
    }

    pub fn is_today(self) -> bool {
        self.date == self.today
    }

    /// `2026-11-24`, as addresses have it.
    pub fn iso(self) -> String {
        self.date.to_string()
    }

    /// What people call it, and the rest of its name: `Today` and `Tuesday 24 November`, or `Tuesday` and `24 November`.
    pub fn called(self, words: &Words) -> (String, String) {
        if self.date == self.today {
            (words.say("day-called-today", &[]), self.date(words))
        } else if self.today.checked_add_days(Days::new(1)) == Some(self.date) {
            (words.say("day-called-tomorrow", &[]), self.date(words))
        } else {
            let weekday = words.say(&format!("weekday-long-{}", self.date.weekday().number_from_monday()), &[]);
            (capitalised(&weekday), self.day_and_month(words))
        }
    }

    fn day_and_month(self, words: &Words) -> String {
        let month = words.say(&format!("month-long-{}", self.date.month()), &[]);
        let (day, year) = (self.date.day().to_string(), self.date.year().to_string());
        if self.date.year() == self.today.year() {
            words.say("day-of-month", &[("day", &day), ("month", &month)])
        } else {
            words.say("day-of-year", &[("day", &day), ("month", &month), ("year", &year)])
        }
    }

    /// `Tuesday 24 November`, whichever day it is; with the year when it is another one.
    pub fn date(self, words: &Words) -> String {
        let weekday = words.say(&format!("weekday-long-{}", self.date.weekday().number_from_monday()), &[]);
        let month = words.say(&format!("month-long-{}", self.date.month()), &[]);
        let (day, year) = (self.date.day().to_string(), self.date.year().to_string());
        let blanks = [("weekday", weekday.as_str()), ("day", &day), ("month", &month)];
        if self.date.year() == self.today.year() {
            words.say("day-date", &blanks)
        } else {
            words.say("date-long", &[blanks[0], blanks[1], blanks[2], ("year", &year)])
        }
    }
}

/// `18:00–20:00 EST`; with the day when it ends on another one.
pub fn hours(words: &Words, start: &DateTime<Tz>, end: &DateTime<Tz>, now: Timestamp) -> String {
    let (from, zone) = (clock_face(start), zone_abbreviation(start));
    if start.date_naive() == end.date_naive() {
        return words.say("day-hours", &[("from", &from), ("to", &clock_face(end)), ("zone", &zone)]);
    }
    let to = words.say("day-hour", &[("day", &Day::of(end, now).date(words)), ("hour", &clock_face(end))]);
    words.say("day-hours-late", &[("from", &from), ("to", &to), ("zone", &zone)])
}

/// Some languages write weekdays small, but not at the beginning of a line.
pub fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// What begins a line, in the middle of one: languages that write weekdays small do so there.
pub fn within(words: &Words, when: &str) -> String {
    let mut rest = when.chars();
    match rest.next() {
        Some(first) if words.tag() != "en" => first.to_lowercase().chain(rest).collect(),
        _ => when.to_owned(),
    }
}

/// `Tuesday 24 November, 18:00 EST`.
pub fn moment(words: &Words, time: &DateTime<Tz>, now: Timestamp) -> String {
    let day = Day::of(time, now).date(words);
    words.say("day-moment", &[("day", &day), ("hour", &clock_face(time)), ("zone", &zone_abbreviation(time))])
}

/// How far a day is from today: `today`, `tomorrow`, `in 3 days`; nothing for the past and for what is more than four weeks away.
pub fn away(words: &Words, time: &DateTime<Tz>, now: Timestamp) -> Option<String> {
    let Day { date, today } = Day::of(time, now);
    match date.signed_duration_since(today).num_days() {
        0 => Some(words.say("day-called-today", &[])),
        1 => Some(words.say("day-called-tomorrow", &[])),
        days @ 2..=28 => Some(words.say("day-away", &[("days", &days.to_string())])),
        _ => None,
    }
}

/// A zone as people call it: `New York`, `UTC`.
pub fn zone_name(zone: Tz) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

/// `18:00`.
pub fn clock_face(time: &DateTime<Tz>) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn days_are_said_as_seen_from_now() {
        let (en, es) = (Words::of("en"), Words::of("es"));
        let at = |month, day, hour| Tz::America__New_York.with_ymd_and_hms(2026, month, day, hour, 0, 0).unwrap();
        // 23:30 in New York is tomorrow in UTC
        let now = Timestamp::from(Tz::America__New_York.with_ymd_and_hms(2026, 11, 24, 23, 30, 0).unwrap().to_utc());
        let said = |words: &Words, time: DateTime<Tz>| Day::of(&time, now).said(words);
        assert_eq!(said(&en, at(11, 24, 18)), "Today, Tuesday 24 November");
        assert_eq!(said(&es, at(11, 25, 18)), "Mañana, miércoles 25 de noviembre");
        assert_eq!(said(&en, at(11, 26, 0)), "Thursday 26 November");
        assert_eq!(said(&es, at(11, 23, 0)), "Lunes 23 de noviembre");
        assert_eq!(Day::of(&at(11, 25, 18), now).called(&en), ("Tomorrow".into(), "Wednesday 25 November".into()));
        assert_eq!(Day::of(&at(11, 28, 18), now).called(&es), ("Sábado".into(), "28 de noviembre".into()));
        let distances = [(24, Some("Today")), (25, Some("Tomorrow")), (27, Some("In 3 days")), (23, None)];
        for (day, expected) in distances {
            assert_eq!(away(&en, &at(11, day, 1), now).as_deref(), expected);
        }
        assert_eq!(away(&en, &at(12, 31, 1), now), None);
        let next_year = Tz::America__New_York.with_ymd_and_hms(2027, 1, 5, 9, 0, 0).unwrap();
        assert_eq!(said(&en, next_year), "Tuesday 5 January 2027");
        assert_eq!(hours(&en, &at(11, 24, 18), &at(11, 24, 20), now), "18:00–20:00 EST");
        assert_eq!(hours(&es, &at(7, 24, 22), &at(7, 25, 2), now), "22:00 – sábado 25 de julio, 02:00 EDT");
        assert_eq!(moment(&en, &at(11, 24, 18), now), "Tuesday 24 November, 18:00 EST");
    }
}
