//! A month as a table of weeks: how much is on, day by day.

use std::collections::HashMap;

use chrono::{Datelike, Months, NaiveDate};

use super::filter::{Filter, When};
use crate::{
    clock::Timestamp,
    web::{Shell, capitalised},
};

pub struct Month {
    /// `November 2026`.
    pub name: String,
    pub before: String,
    pub after: String,
    /// Short and whole names, Monday first.
    pub weekdays: Vec<(String, String)>,
    /// Seven days each; nothing where another month's day would be.
    pub weeks: Vec<Vec<Option<Cell>>>,
}

pub struct Cell {
    pub day: u32,
    pub page: String,
    /// How many meetings begin.
    pub meetings: usize,
    /// `3 meetings on Tuesday 24 November`.
    pub said: String,
    pub today: bool,
}

/// `December 2026`.
pub fn name(shell: &Shell, first: NaiveDate) -> String {
    let month = shell.say(&format!("month-long-{}", first.month()));
    capitalised(&shell.words.say("agenda-month", &[("month", &month), ("year", &first.year().to_string())]))
}

/// The first of the month in which this day is.
pub fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

pub fn month(shell: &Shell, filter: &Filter, first: NaiveDate, now: Timestamp, beginnings: &[Timestamp]) -> Month {
    let local = |time: Timestamp| time.utc().with_timezone(&shell.zone).date_naive();
    let mut counts: HashMap<NaiveDate, usize> = HashMap::new();
    for time in beginnings {
        *counts.entry(local(*time)).or_default() += 1;
    }
    let to = |first: Option<NaiveDate>| {
        first.map(|first| shell.link(&filter.at(When::Month(first)).address("/meetings"))).unwrap_or_default()
    };
    let cell = |day: NaiveDate| {
        let meetings = counts.get(&day).copied().unwrap_or_default();
        let weekday = shell.say(&format!("weekday-long-{}", day.weekday().number_from_monday()));
        let month = shell.say(&format!("month-long-{}", day.month()));
        let blanks = [("weekday", weekday.as_str()), ("day", &day.day().to_string()), ("month", &month)];
        let date = shell.words.say("day-date", &blanks);
        Cell {
            day: day.day(),
            page: shell.link(&filter.at(When::Day(day)).address("/meetings")),
            meetings,
            said: shell.words.say("agenda-day", &[("count", &meetings.to_string()), ("date", &date)]),
            today: day == local(now),
        }
    };
    let lead = usize::try_from(first.weekday().num_days_from_monday()).unwrap_or_default();
    let days = first.iter_days().take_while(|day| day.month() == first.month()).map(|day| Some(cell(day)));
    let mut cells: Vec<Option<Cell>> = (0..lead).map(|_| None).chain(days).collect();
    cells.resize_with(cells.len().div_ceil(7) * 7, || None);
    let mut weeks = Vec::new();
    while !cells.is_empty() {
        let rest = cells.split_off(7.min(cells.len()));
        weeks.push(std::mem::replace(&mut cells, rest));
    }
    let weekday = |number: u32| (shell.say(&format!("weekday-short-{number}")), shell.say(&format!("weekday-long-{number}")));
    Month {
        name: name(shell, first),
        before: to(first.checked_sub_months(Months::new(1))),
        after: to(first.checked_add_months(Months::new(1))),
        weekdays: (1..=7).map(weekday).collect(),
        weeks,
    }
}
