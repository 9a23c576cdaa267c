//! When meetings of a rule begin, on the wall: period by period, beginning near what is asked for.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, Weekday};

use super::{End, Every, Rule};
use crate::meetings::meeting::YEARS;

/// Nobody gets more starts at a time.
pub const MAX_STARTS: usize = 1_000;

impl Rule {
    /// The starts from `from` to before `until`, in order, at most [`MAX_STARTS`]; what is counted is counted from `first`.
    pub fn starts(&self, first: NaiveDateTime, from: NaiveDateTime, until: NaiveDateTime) -> Vec<NaiveDateTime> {
        let time = first.time();
        let last = if time < until.time() { Some(until.date()) } else { until.date().pred_opt() };
        last.map_or_else(Vec::new, |last| self.from(first, from, last).take(MAX_STARTS).collect())
    }

    /// The next `count` starts from `from` on.
    pub fn following(&self, first: NaiveDateTime, from: NaiveDateTime, count: usize) -> Vec<NaiveDateTime> {
        self.from(first, from, NaiveDate::MAX).take(count.min(MAX_STARTS)).collect()
    }

    /// Is this one of the starts?
    pub fn has(&self, first: NaiveDateTime, start: NaiveDateTime) -> bool {
        self.following(first, start, 1) == [start]
    }

    /// What stays before the start `at`, and what goes on from it as a series of its own; nothing when nothing would stay, or
    /// when none begins there.
    pub fn split(&self, first: NaiveDateTime, at: NaiveDateTime) -> Option<(Self, Self)> {
        let day_before = at.date().pred_opt()?;
        if !self.has(first, at) {
            return None;
        }
        let before = self.days(first.date(), first.date(), day_before).count();
        let rest = match self.end {
            End::After(count) => End::After(count.checked_sub(u32::try_from(before).ok()?).filter(|count| *count > 0)?),
            end => end,
        };
        (before > 0).then(|| (self.ending(End::Until(day_before)), self.ending(rest)))
    }

    /// How many of those that it counts begin before `until`.
    pub fn count_before(&self, first: NaiveDateTime, until: NaiveDateTime) -> usize {
        let last = if first.time() < until.time() { Some(until.date()) } else { until.date().pred_opt() };
        last.map_or(0, |last| self.from(first, first, last).count())
    }

    /// The first start from `from` on of a series that goes in step with one at `at`, whatever its end: every second week, it
    /// is in the same weeks. `at` itself where there is none before.
    pub fn in_step(&self, at: NaiveDateTime, from: NaiveDate) -> NaiveDateTime {
        let endless = self.ending(End::Never);
        let days = from.iter_days().take(MOST_DAYS).take_while(|day| *day < at.date());
        let starts = days.filter(|day| endless.takes(*day)).map(|day| day.and_time(at.time()));
        starts.into_iter().find(|start| endless.has(*start, at)).unwrap_or(at)
    }

    fn from(&self, first: NaiveDateTime, from: NaiveDateTime, last: NaiveDate) -> impl Iterator<Item = NaiveDateTime> + '_ {
        let time = first.time();
        let begin = if time < from.time() { from.date().succ_opt() } else { Some(from.date()) };
        let begin = begin.unwrap_or(NaiveDate::MAX).max(first.date());
        let last = last.min(self.last_day(first.date()));
        self.days(first.date(), begin, last).map(move |day| day.and_time(time))
    }

    /// The last day on which one may begin.
    fn last_day(&self, first: NaiveDate) -> NaiveDate {
        let reach = reach();
        match self.end {
            End::Never => reach,
            End::Until(day) => day.min(reach),
            End::After(count) => {
                let before = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
                self.days(first, first, reach).nth(before).unwrap_or(reach)
            }
        }
    }

    /// Days of the rule from `begin` to `last`, whatever its end.
    fn days(&self, first: NaiveDate, begin: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        let (begin, last) = (begin.max(first), last.min(reach()));
        // whoever names a year long gone would have us count for a long time
        let nearest = if first.year() < EARLIEST { u32::MAX } else { self.period_of(first, begin) };
        let periods = (nearest..u32::MAX).map_while(move |n| self.period(first, n).filter(|period| period.begins <= last));
        periods.flat_map(|period| period.days).filter(move |day| (begin..=last).contains(day))
    }

    /// Would a series that begins on this day hold this day?
    pub(super) fn takes(&self, day: NaiveDate) -> bool {
        self.days(day, day, day).next().is_some()
    }

    /// Which period, counted from that of `first`, is the last that begins before `day` or on it.
    fn period_of(&self, first: NaiveDate, day: NaiveDate) -> u32 {
        let between = match &self.every {
            Every::Day => day.signed_duration_since(first).num_days(),
            Every::Week(_) => day.signed_duration_since(self.week(first)).num_days().div_euclid(7),
            Every::MonthDay(_) | Every::MonthWeekday(_) => months(day) - months(first),
            Every::Year => i64::from(day.year()) - i64::from(first.year()),
        };
        u32::try_from(between.max(0)).unwrap_or(u32::MAX) / u32::from(self.interval)
    }

    /// The n-th period; nothing when it lies beyond all calendars.
    fn period(&self, first: NaiveDate, n: u32) -> Option<Period> {
        let steps = n.checked_mul(u32::from(self.interval))?;
        match &self.every {
            Every::Day => {
                let day = first.checked_add_days(Days::new(steps.into()))?;
                Some(Period { begins: day, days: vec![day] })
            }
            Every::Week(weekdays) => {
                let begins = self.week(first).checked_add_days(Days::new(u64::from(steps).checked_mul(7)?))?;
                let days =
                    weekdays.iter().filter_map(|day| begins.checked_add_days(Days::new(day.days_since(self.week_start).into())));
                Some(Period::of(begins, days.collect()))
            }
            Every::MonthDay(days) => {
                let begins = first.with_day(1)?.checked_add_months(Months::new(steps))?;
                Some(Period::of(begins, days.iter().filter_map(|day| day_of_month(begins, *day)).collect()))
            }
            Every::MonthWeekday(days) => {
                let begins = first.with_day(1)?.checked_add_months(Months::new(steps))?;
                Some(Period::of(begins, days.iter().filter_map(|(n, day)| weekday_of_month(begins, *n, *day)).collect()))
            }
            Every::Year => {
                let year = first.year().checked_add_unsigned(steps)?;
                // where there is no 29 February, nobody meets
                let day = NaiveDate::from_ymd_opt(year, first.month(), first.day());
                Some(Period { begins: NaiveDate::from_ymd_opt(year, 1, 1)?, days: day.into_iter().collect() })
            }
        }
    }

    /// The first day of the week in which `day` lies.
    fn week(&self, day: NaiveDate) -> NaiveDate {
        day.checked_sub_days(Days::new(day.weekday().days_since(self.week_start).into())).unwrap_or(day)
    }
}

/// The days of one week, month or year of a rule.
struct Period {
    begins: NaiveDate,
    days: Vec<NaiveDate>,
}

impl Period {
    fn of(begins: NaiveDate, mut days: Vec<NaiveDate>) -> Self {
        days.sort_unstable();
        days.dedup();
        Self { begins, days }
    }
}

/// So many days are looked at for a start in step with another one.
const MOST_DAYS: usize = 800;

/// No series begins before this year.
const EARLIEST: i32 = 1_900;

/// After this day no meeting may lie.
fn reach() -> NaiveDate {
    NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31).unwrap_or(NaiveDate::MAX)
}

fn months(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// The n-th day of the month that begins there; -1 is its last.
fn day_of_month(begins: NaiveDate, n: i8) -> Option<NaiveDate> {
    let n = if n > 0 { i64::from(n) } else { days_in(begins)? + 1 + i64::from(n) };
    begins.with_day(u32::try_from(n).ok()?)
}

/// The n-th such weekday of the month that begins there; -1 is the last.
fn weekday_of_month(begins: NaiveDate, n: i8, weekday: Weekday) -> Option<NaiveDate> {
    let days = days_in(begins)?;
    let first = 1 + i64::from(weekday.days_since(begins.weekday()));
    let day = if n > 0 { first + 7 * (i64::from(n) - 1) } else { first + 7 * ((days - first) / 7 + 1 + i64::from(n)) };
    if day > 0 { begins.with_day(u32::try_from(day).ok()?) } else { None }
}

fn days_in(month: NaiveDate) -> Option<i64> {
    Some(month.checked_add_months(Months::new(1))?.signed_duration_since(month).num_days())
}
