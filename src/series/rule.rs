//! What a recurrence rule is (RFC 5545, RRULE), in wall-clock time: five shapes that people can say in a sentence.

mod reading;
mod starts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod second_opinion;

use std::{fmt, time::Duration};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;

pub use starts::MAX_STARTS;

use crate::{
    clock::Timestamp,
    error::Said,
    meetings::meeting::{YEARS, readings_of_a_skipped_time},
};

/// How a series goes on after its first meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    every: Every,
    interval: u16,
    end: End,
    /// Where weeks begin: says which days belong to the same one when not every week counts (RFC 5545, WKST).
    week_start: Weekday,
}

/// On which days; lists are sorted and hold nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Every {
    Day,
    Week(Vec<Weekday>),
    /// Days of the month; -1 is its last. A month that has no such day is passed over.
    MonthDay(Vec<i8>),
    /// The n-th of these weekdays; -1 is the last of the month.
    MonthWeekday(Vec<(i8, Weekday)>),
    /// On the date of the first.
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Never,
    /// The last day on which one may begin, in the zone of the series.
    Until(NaiveDate),
    /// So many in all, the first among them.
    After(u32),
}

/// No rule passes over more days, weeks, months or years.
pub const MAX_INTERVAL: u16 = 999;

/// No rule counts further.
pub const MAX_COUNT: u32 = 9_999;

/// Why a rule is not taken. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0:?} is no rule such as FREQ=WEEKLY;BYDAY=TU")]
    Text(String),
    #[error("{0} cannot be kept here: meetings repeat by day, by week, on days or weekdays of the month, or once a year")]
    Part(String),
    #[error("{0} makes no sense in a rule: {1:?}")]
    Value(String, String),
    #[error("a rule ends with COUNT or with UNTIL, not with both")]
    Both,
    #[error("a rule says every one to every {MAX_INTERVAL}")]
    Interval,
    #[error("a rule says on which days")]
    Days,
    #[error("a number of meetings is from 1 to {MAX_COUNT}")]
    Count,
    #[error("the first meeting is on {0}, which is none of the days of the rule")]
    First(NaiveDate),
    #[error("the series ends on {0}, before it begins")]
    Ended(NaiveDate),
    #[error("a series cannot begin so far away: from {0} to {1}")]
    TooFar(i32, i32),
}

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Text(text) => Said::new("refused-series-text").with("text", text).about("often"),
            Self::Part(part) => Said::new("refused-series-part").with("part", part).about("often"),
            Self::Value(part, value) => Said::new("refused-series-value").with("part", part).with("value", value).about("often"),
            Self::Both => Said::new("refused-series-both").about("ends"),
            Self::Interval => Said::new("refused-series-interval").with("most", MAX_INTERVAL).about("often"),
            Self::Days => Said::new("refused-series-days").about("on"),
            Self::Count => Said::new("refused-series-count").with("most", MAX_COUNT).about("ends-times"),
            Self::First(day) => Said::new("refused-series-first").with("day", day).about("day"),
            Self::Ended(day) => Said::new("refused-series-ended").with("day", day).about("ends-day"),
            Self::TooFar(first, last) => Said::new("refused-meeting-far").with("first", first).with("last", last).about("day"),
        }
    }
}

impl Rule {
    pub fn new(every: Every, interval: u16, end: End) -> Result<Self, Refusal> {
        if !(1..=MAX_INTERVAL).contains(&interval) {
            return Err(Refusal::Interval);
        }
        if matches!(end, End::After(count) if !(1..=MAX_COUNT).contains(&count)) {
            return Err(Refusal::Count);
        }
        Ok(Self { every: every.in_order()?, interval, end, week_start: Weekday::Mon })
    }

    /// Reads what calendars write: `FREQ=WEEKLY;BYDAY=TU`, also with `RRULE:` before it. `first` is the start on the wall, of
    /// which a rule takes what it does not say itself; `zone` makes a day of a last moment.
    pub fn parse(text: &str, first: NaiveDateTime, zone: Tz) -> Result<Self, Refusal> {
        reading::read(text, first, zone)
    }

    /// May a series begin there? A first day that the rule does not name means different things to different programs
    /// (RFC 5545, 3.8.5.3, leaves it undefined), and one that ends before it begins means nothing.
    pub fn check(&self, first: NaiveDateTime) -> Result<(), Refusal> {
        let day = first.date();
        if !YEARS.contains(&day.year()) {
            return Err(Refusal::TooFar(*YEARS.start(), *YEARS.end()));
        }
        match self.end {
            End::Until(last) if last < day => return Err(Refusal::Ended(last)),
            _ => {}
        }
        if self.takes(day) { Ok(()) } else { Err(Refusal::First(day)) }
    }

    pub fn every(&self) -> &Every {
        &self.every
    }

    /// Every day, or every so many.
    pub fn interval(&self) -> u16 {
        self.interval
    }

    pub fn end(&self) -> End {
        self.end
    }

    /// The same with another end.
    #[must_use]
    pub fn ending(&self, end: End) -> Self {
        Self { end, ..self.clone() }
    }

    /// As calendars read it, where a last day is a moment, in UTC: the end of that day. The start of the last one would do by RFC 5545
    /// (3.3.10), but programs that reckon without the zone of that day lose it then.
    pub fn rrule(&self, zone: Tz, first: NaiveDateTime) -> String {
        match self.end {
            End::Until(day) => {
                // some go by the offset of the first one, which clocks may be an hour or two away from on that day
                let last_start = moment(day.and_time(first.time()), zone) + Duration::from_secs(2 * 3_600);
                let midnight = moment(day.succ_opt().unwrap_or(day).into(), zone);
                let last = last_start.max(midnight - Duration::from_secs(1)).utc();
                format!("{};UNTIL={}", self.ending(End::Never), last.format("%Y%m%dT%H%M%SZ"))
            }
            _ => self.to_string(),
        }
    }
}

impl Every {
    fn in_order(mut self) -> Result<Self, Refusal> {
        // days counted from the end of the month come after the others
        let place = |n: i8| (n < 0, n);
        let is_whole = match &mut self {
            Self::Day | Self::Year => true,
            Self::Week(days) => {
                days.sort_by_key(Weekday::num_days_from_monday);
                days.dedup();
                !days.is_empty()
            }
            Self::MonthDay(days) => {
                days.sort_by_key(|day| place(*day));
                days.dedup();
                !days.is_empty() && days.iter().all(|day| (1..=31).contains(&day.unsigned_abs()))
            }
            Self::MonthWeekday(days) => {
                days.sort_by_key(|(n, day)| (place(*n), day.num_days_from_monday()));
                days.dedup();
                !days.is_empty() && days.iter().all(|(n, _)| (1..=5).contains(&n.unsigned_abs()))
            }
        };
        if is_whole { Ok(self) } else { Err(Refusal::Days) }
    }
}

/// The rule as it is stored: a last day is a day.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: Vec<String>| parts.join(",");
        let (frequency, days) = match &self.every {
            Every::Day => ("DAILY", None),
            Every::Week(days) => ("WEEKLY", Some(("BYDAY", list(days.iter().map(|day| letters(*day).to_owned()).collect())))),
            Every::MonthDay(days) => ("MONTHLY", Some(("BYMONTHDAY", list(days.iter().map(i8::to_string).collect())))),
            Every::MonthWeekday(days) => {
                let days = days.iter().map(|(n, day)| format!("{n}{}", letters(*day)));
                ("MONTHLY", Some(("BYDAY", list(days.collect()))))
            }
            Every::Year => ("YEARLY", None),
        };
        write!(f, "FREQ={frequency}")?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some((name, days)) = days {
            write!(f, ";{name}={days}")?;
        }
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", letters(self.week_start))?;
        }
        match self.end {
            End::Never => Ok(()),
            End::Until(day) => write!(f, ";UNTIL={}", day.format("%Y%m%d")),
            End::After(count) => write!(f, ";COUNT={count}"),
        }
    }
}

/// A weekday as rules write it.
fn letters(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// When it is what a clock on the wall shows there. RFC 5545, 3.3.5: a time that the clock skips is read with the offset
/// before the jump, of one that it shows twice the first is meant.
pub fn moment(local: NaiveDateTime, zone: Tz) -> Timestamp {
    use chrono::TimeZone;
    let time = match zone.from_local_datetime(&local).earliest() {
        Some(time) => Some(time),
        None => readings_of_a_skipped_time(local, zone).map(|(_, by_the_clock_before)| by_the_clock_before),
    };
    time.map_or_else(|| local.and_utc().into(), |time| time.to_utc().into())
}
