//! How often a meeting comes again, as people choose and type it; and the series that it becomes.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    error::{Error, Said},
    meetings::meeting::Meeting,
    series::{
        rule::{End, Every, Rule},
        series::{Refusal, Series},
    },
};

/// Everything as it was typed; nothing at all for a meeting that takes place once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Rhythm {
    /// One of [`OFTEN`].
    pub often: String,
    /// Weekdays of a week, by their [`LETTERS`]; without any, that of the first meeting.
    pub on: Vec<String>,
    /// `open`, `day` or `times`.
    pub ends: String,
    pub ends_day: String,
    pub ends_times: String,
    /// Days on which there is none, such as `2026-12-24 2026-12-31`.
    pub except: String,
    /// Of a meeting of a series, what is changed: `one`, `following` or `all`.
    pub scope: String,
    /// The rule of a series that is changed, as it was; what is counted is counted from this meeting.
    pub rule: String,
    /// When this meeting began, by the clock on the wall; and where its series has it.
    pub was: String,
    pub slot: String,
}

/// How often, as it is chosen; `kept` is what cannot be chosen here, but was there.
pub const OFTEN: [&str; 11] = ["once", "day", "week", "week-2", "week-3", "week-4", "date", "weekday", "last", "year", KEPT];
pub const KEPT: &str = "kept";

/// Weekdays from Monday on, as they are typed and as rules write them.
pub const LETTERS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

const CLOCK: &str = "%Y-%m-%dT%H:%M";

/// Which meetings of a series are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    One,
    Following,
    All,
}

fn refused(message: &'static str, field: &'static str, value: &str) -> Error {
    Error::refused_in_words("say how often", Said::new(message).with("value", value).about(field))
}

impl Rhythm {
    /// A meeting of a series as it stands, for a form; days left out from today on.
    pub fn of(series: &Series, meeting: &Meeting, now: Timestamp) -> Self {
        let Some(recurrence) = meeting.recurrence else { return Self::default() };
        let slot = series.clock_at(recurrence.starts);
        let end = match series.rule.end() {
            End::After(count) => {
                let before = series.rule.count_before(series.first, slot);
                End::After(count.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)).max(1))
            }
            end => end,
        };
        let today = series.clock_at(now).date();
        let except = series.except.iter().filter(|day| **day >= today).map(NaiveDate::to_string);
        let on = match series.rule.every() {
            Every::Week(days) => days.clone(),
            _ => vec![],
        };
        let (ends, ends_day, ends_times) = match end {
            End::Never => ("open", String::new(), String::new()),
            End::Until(day) => ("day", day.to_string(), String::new()),
            End::After(count) => ("times", String::new(), count.to_string()),
        };
        Self {
            often: chosen(&series.rule, slot.date()).to_owned(),
            on: LETTERS.iter().filter(|(_, day)| on.contains(day)).map(|(letters, _)| (*letters).to_owned()).collect(),
            ends: ends.to_owned(),
            ends_day,
            ends_times,
            except: except.collect::<Vec<_>>().join(" "),
            scope: "one".to_owned(),
            rule: series.rule.ending(end).to_string(),
            was: meeting.local_start().naive_local().format(CLOCK).to_string(),
            slot: slot.format(CLOCK).to_string(),
        }
    }

    pub fn scope(&self) -> Scope {
        match self.scope.as_str() {
            "following" => Scope::Following,
            "all" => Scope::All,
            _ => Scope::One,
        }
    }

    /// Is it about a meeting that belongs to a series already?
    pub fn is_of_series(&self) -> bool {
        !self.rule.is_empty()
    }

    /// What was typed into the form of one meeting of a series, which does not ask how often: that stays as it was shown.
    pub fn of_one(self, shown: &Self) -> Self {
        let is_one = shown.is_of_series() && self.scope() == Scope::One;
        if is_one { Self { scope: "one".to_owned(), ..shown.clone() } } else { self }
    }

    /// Does it leave alone what cannot be changed with one meeting of a series: how often it comes again?
    pub fn leaves(&self, shown: &Self) -> bool {
        let said = |rhythm: &Self| {
            let Self { often, on, ends, ends_day, ends_times, except, .. } = rhythm.clone();
            (often, on, ends, ends_day, ends_times, except)
        };
        let is_one = shown.is_of_series() && self.scope() == Scope::One;
        !is_one || self.often.is_empty() || said(self) == said(shown)
    }

    /// Does it come again?
    pub fn recurs(&self) -> bool {
        !matches!(self.often.as_str(), "" | "once")
    }

    /// The rule of a series that begins at `first`.
    pub fn rule(&self, first: NaiveDateTime, zone: Tz) -> Result<Rule, Error> {
        let day = first.date();
        let nth = i8::try_from(day.day0() / 7).unwrap_or_default() + 1;
        let weekday = |n| Every::MonthWeekday(vec![(n, day.weekday())]);
        let (every, interval) = match self.often.as_str() {
            "day" => (Every::Day, 1),
            "week" => (Every::Week(self.weekdays(day)), 1),
            "week-2" => (Every::Week(self.weekdays(day)), 2),
            "week-3" => (Every::Week(self.weekdays(day)), 3),
            "week-4" => (Every::Week(self.weekdays(day)), 4),
            "date" => (Every::MonthDay(vec![i8::try_from(day.day()).unwrap_or(1)]), 1),
            // a fifth one is not in every month
            "weekday" if nth < 5 => (weekday(nth), 1),
            "weekday" | "last" => (weekday(-1), 1),
            "year" => (Every::Year, 1),
            KEPT if self.is_of_series() => return Ok(Rule::parse(&self.rule, first, zone)?.ending(self.end()?)),
            other => return Err(refused("refused-rhythm-often", "often", other)),
        };
        Ok(Rule::new(every, interval, self.end()?)?)
    }

    fn weekdays(&self, first: NaiveDate) -> Vec<Weekday> {
        let ticked = LETTERS.iter().filter(|(letters, _)| self.on.iter().any(|on| on == letters));
        let ticked: Vec<Weekday> = ticked.map(|(_, day)| *day).collect();
        if ticked.is_empty() { vec![first.weekday()] } else { ticked }
    }

    fn end(&self) -> Result<End, Error> {
        match self.ends.as_str() {
            "day" => {
                let day = self.ends_day.trim();
                day.parse().map(End::Until).map_err(|_| refused("refused-rhythm-ends-day", "ends-day", day))
            }
            "times" => {
                let times = self.ends_times.trim();
                times.parse().map(End::After).map_err(|_| refused("refused-rhythm-ends-times", "ends-times", times))
            }
            _ => Ok(End::Never),
        }
    }

    /// The days on which there is none.
    pub fn except(&self) -> Result<BTreeSet<NaiveDate>, Error> {
        let days = self.except.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|day| !day.is_empty());
        days.map(|day| day.parse().map_err(|_| refused("refused-rhythm-except", "except", day))).collect()
    }

    /// The series that begins with this meeting; nothing when it takes place once.
    pub fn series(&self, meeting: &Meeting, now: Timestamp) -> Result<Option<Series>, Error> {
        if !self.recurs() || self.is_of_series() {
            return Ok(None);
        }
        let first = meeting.local_start().naive_local();
        let (rule, except) = (self.rule(first, meeting.zone)?, self.except()?);
        rule.check(first)?;
        if let Some(day) = except.iter().find(|day| rule.starts(first, day.and_time(first.time()), after(**day)).is_empty()) {
            return Err(Refusal::NotThen(*day).into());
        }
        Ok(Some(Series::new(meeting.clone(), first, rule, except, now)))
    }

    /// Where a changed series goes on from, and by which rule, if that is not as it was.
    fn another(&self, after: &Meeting, moved_elsewhere: bool) -> Result<(NaiveDateTime, Option<Rule>), Error> {
        let typed = after.local_start().naive_local();
        let moved = moved_elsewhere || typed != clock(&self.was)?;
        let at = if moved { typed } else { clock(&self.slot)? };
        let rule = self.rule(at, after.zone)?;
        if !moved && rule == self.kept(at, after.zone)? {
            return Ok((at, None));
        }
        rule.check(at)?;
        Ok((at, Some(rule)))
    }

    fn kept(&self, at: NaiveDateTime, zone: Tz) -> Result<Rule, Error> {
        Ok(Rule::parse(&self.rule, at, zone)?)
    }

    /// What would become of the series of this meeting: where it goes on from, by which rule.
    pub fn prospect(&self, after: &Meeting) -> Result<(NaiveDateTime, Rule), Error> {
        self.except()?;
        let (at, rule) = self.another(after, false)?;
        Ok((at, rule.map_or_else(|| self.kept(at, after.zone), Ok)?))
    }

    /// Makes a series be as it was typed in one of its meetings: `before` as that stood, `after` as it was typed. What was not
    /// changed in the form stays as the series has it.
    pub fn recast(&self, series: &mut Series, before: &Meeting, after: &Meeting, now: Timestamp) -> Result<(), Error> {
        change_what_was_changed(&mut series.pattern, before, after);
        let length = |meeting: &Meeting| meeting.ends.since(meeting.starts);
        let length = if length(before) == length(after) { series.length() } else { length(after) };
        let today = series.clock_at(now).date();
        let is_whole = self.scope() == Scope::All;
        let (at, rule) = self.another(after, after.zone != before.zone)?;
        if let Some(rule) = rule {
            let first = if is_whole { rule.in_step(at, self.next_day(series, at, now)?) } else { at };
            let end = self.whole_end(&rule, series, first, at, now)?;
            series.pattern.zone = after.zone;
            (series.first, series.rule) = (first, rule.ending(end));
        }
        series.pattern.starts = series.moment(series.first);
        series.pattern.ends = series.pattern.starts + length;
        let from = if is_whole { today } else { clock(&self.slot)?.date() };
        let past = series.except.iter().copied().filter(|day| *day < from);
        series.except = past.chain(self.except()?.into_iter().filter(|day| *day >= from)).collect();
        Ok(())
    }

    /// From which day on the whole series goes on: that of its next meeting, moved as this one is.
    fn next_day(&self, series: &Series, at: NaiveDateTime, now: Timestamp) -> Result<NaiveDate, Error> {
        let today = series.clock_at(now).date();
        let next = series.next_from(now).map_or(today, |next| next.date());
        let moved = at.date().signed_duration_since(clock(&self.slot)?.date());
        Ok(next.checked_add_signed(moved).unwrap_or(next).max(today))
    }

    /// What is counted in the form is counted from the meeting at `at`; the series counts from its first one.
    fn whole_end(
        &self,
        rule: &Rule,
        series: &Series,
        first: NaiveDateTime,
        at: NaiveDateTime,
        now: Timestamp,
    ) -> Result<End, Error> {
        let End::After(count) = rule.end() else { return Ok(rule.end()) };
        if rule.end() == self.kept(at, series.zone())?.end() {
            // not touched: the series knows how many there were
            return Ok(series.rule.end());
        }
        let before = rule.ending(End::Never).count_before(first, at);
        let end = End::After(count.saturating_add(u32::try_from(before).unwrap_or(u32::MAX)));
        let held = series.rule.count_before(series.first, series.clock_at(now));
        if end != series.rule.end() || held == 0 {
            return Ok(end);
        }
        // the same number as before, but from now on: a day says that without being taken for what was there
        let all = rule.ending(end).following(first, first, usize::MAX);
        Ok(all.last().map_or(end, |last| End::Until(last.date())))
    }
}

fn after(day: NaiveDate) -> NaiveDateTime {
    day.succ_opt().unwrap_or(day).into()
}

fn clock(text: &str) -> Result<NaiveDateTime, Error> {
    NaiveDateTime::parse_from_str(text, CLOCK).map_err(|_| Error::invalid("the form does not say which meeting it is about"))
}

/// What of [`OFTEN`] says the same.
fn chosen(rule: &Rule, day: NaiveDate) -> &'static str {
    let nth = i8::try_from(day.day0() / 7).unwrap_or_default() + 1;
    match (rule.every(), rule.interval()) {
        (Every::Day, 1) => "day",
        (Every::Week(_), 1) => "week",
        (Every::Week(_), 2) => "week-2",
        (Every::Week(_), 3) => "week-3",
        (Every::Week(_), 4) => "week-4",
        (Every::MonthDay(days), 1) if days.iter().map(|day| i64::from(*day)).eq([i64::from(day.day())]) => "date",
        (Every::MonthWeekday(days), 1) if *days == [(nth, day.weekday())] && nth < 5 => "weekday",
        (Every::MonthWeekday(days), 1) if *days == [(-1, day.weekday())] => "last",
        (Every::Year, 1) => "year",
        _ => KEPT,
    }
}

/// Everything but when it is.
pub fn change_what_was_changed(changed: &mut Meeting, before: &Meeting, after: &Meeting) {
    fn change<T: PartialEq + Clone>(field: &mut T, before: &T, after: &T) {
        if before != after {
            field.clone_from(after);
        }
    }
    change(&mut changed.title, &before.title, &after.title);
    change(&mut changed.kind, &before.kind, &after.kind);
    change(&mut changed.place, &before.place, &after.place);
    change(&mut changed.address, &before.address, &after.address);
    change(&mut changed.position, &before.position, &after.position);
    change(&mut changed.online, &before.online, &after.online);
    change(&mut changed.place_id, &before.place_id, &after.place_id);
    change(&mut changed.access, &before.access, &after.access);
    change(&mut changed.veil, &before.veil, &after.veil);
    change(&mut changed.agenda, &before.agenda, &after.agenda);
    change(&mut changed.mentions, &before.mentions, &after.mentions);
    change(&mut changed.language, &before.language, &after.language);
    change(&mut changed.pictures, &before.pictures, &after.pictures);
}

/// A meeting at a time that the clock skips or shows twice, and when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    pub typed: NaiveDateTime,
    pub begins: DateTime<Tz>,
    pub skipped: bool,
}

/// Those among the starts of the rule, within the time that is laid out.
pub fn odd_ones(starts: &[NaiveDateTime], zone: Tz) -> Vec<Odd> {
    use chrono::TimeZone;
    let odd = |typed: &NaiveDateTime| {
        let skipped = match zone.from_local_datetime(typed) {
            chrono::LocalResult::Single(_) => return None,
            chrono::LocalResult::Ambiguous(..) => false,
            chrono::LocalResult::None => true,
        };
        let begins = crate::series::rule::moment(*typed, zone).utc().with_timezone(&zone);
        Some(Odd { typed: *typed, begins, skipped })
    };
    starts.iter().filter_map(odd).collect()
}
