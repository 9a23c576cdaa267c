//! What a series is: meetings of one group by a rule, in their own zone; what they share, and what we refuse.

use std::{collections::BTreeSet, time::Duration};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use uuid::Uuid;

use super::rule::{self, End, Rule, moment};
use crate::{
    clock::Timestamp,
    error::Said,
    meetings::meeting::{self, Meeting, Recurrence},
};

const DAY: u64 = 24 * 3_600;
/// So far ahead the meetings of a series are rows of their own: some 18 months.
pub const AHEAD: Duration = Duration::from_secs(548 * DAY);
/// Days that a series may leave out.
const MAX_EXCEPT: usize = 400;

/// Meetings of one group that recur.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub id: Uuid,
    /// What its meetings share: the first of them as the rule gives it, under the id of the series. Its `sequence`, `published`
    /// and `updated` are the series' own.
    pub pattern: Meeting,
    /// The clock on the wall at the first one. The pattern has the moment, which says less: a time that the clock skips comes
    /// back an hour later.
    pub first: NaiveDateTime,
    pub rule: Rule,
    /// Days on which the group does not meet.
    pub except: BTreeSet<NaiveDate>,
    /// Nobody said of its last meetings that they took place.
    pub unconfirmed: bool,
    /// The meeting that it was before it recurred.
    pub begun_as: Option<Uuid>,
    /// Whatever begins before is a row of its own; `NEVER` when there is nothing more to come.
    pub laid_out: Timestamp,
}

/// Why a series is not begun or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Rule(#[from] rule::Refusal),
    #[error(transparent)]
    Meeting(#[from] meeting::Refusal),
    #[error("by this rule the group would not meet any more: choose a later end, or end the series")]
    NothingAhead,
    #[error("by this rule the group does not meet on {0}")]
    NotThen(NaiveDate),
    #[error("a series leaves out at most {MAX_EXCEPT} days")]
    TooManyDays,
    #[error("this meeting belongs to a series already")]
    RecursAlready,
}

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Rule(refusal) => refusal.said(),
            Self::Meeting(refusal) => refusal.said(),
            Self::NothingAhead => Said::new("refused-series-nothing-ahead").about("often"),
            Self::NotThen(day) => Said::new("refused-series-not-then").with("day", day).about("except"),
            Self::RecursAlready => Said::new("refused-series-recurs-already").about("often"),
            Self::TooManyDays => Said::new("refused-series-too-many-days").with("most", MAX_EXCEPT).about("except"),
        }
    }
}

impl Series {
    /// A series that begins with `pattern`, at `first` by the clock of its zone.
    pub fn new(mut pattern: Meeting, first: NaiveDateTime, rule: Rule, except: BTreeSet<NaiveDate>, now: Timestamp) -> Self {
        let length = pattern.ends.since(pattern.starts);
        pattern.starts = moment(first, pattern.zone);
        pattern.ends = pattern.starts + length;
        Self { id: pattern.id, pattern, first, rule, except, unconfirmed: false, begun_as: None, laid_out: now - length }
    }

    /// Does everything said about the series hold?
    pub fn check(&self) -> Result<(), Refusal> {
        self.rule.check(self.first)?;
        self.pattern.check()?;
        if self.except.len() > MAX_EXCEPT { Err(Refusal::TooManyDays) } else { Ok(()) }
    }

    /// By what calendars know it: those that had it before it recurred, too.
    pub fn uid(&self) -> Uuid {
        self.begun_as.unwrap_or(self.id)
    }

    pub fn zone(&self) -> Tz {
        self.pattern.zone
    }

    pub fn length(&self) -> Duration {
        self.pattern.ends.since(self.pattern.starts)
    }

    /// What a clock on the wall there shows at that moment.
    pub fn clock_at(&self, moment: Timestamp) -> NaiveDateTime {
        moment.utc().with_timezone(&self.zone()).naive_local()
    }

    /// The moment of a time on the wall (RFC 5545, 3.3.5).
    pub fn moment(&self, local: NaiveDateTime) -> Timestamp {
        moment(local, self.zone())
    }

    /// When its meetings begin, from `from` to before `until`, without the days that are left out.
    pub fn starts(&self, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let local = self.local_starts(from, until).into_iter().filter(|local| !self.except.contains(&local.date()));
        local.map(|local| self.moment(local)).collect()
    }

    /// By the clock on the wall, those left out included.
    pub fn local_starts(&self, from: Timestamp, until: Timestamp) -> Vec<NaiveDateTime> {
        // a skipped time is read as an hour or a day later than it says
        let slack = TimeDelta::days(1);
        let clock = |time: Timestamp| self.clock_at(time.clamp(EARLIEST, LATEST));
        let all = self.rule.starts(self.first, clock(from) - slack, clock(until) + slack);
        all.into_iter().filter(|local| (from..until).contains(&self.moment(*local))).collect()
    }

    /// The clock on the wall at the first meeting from then on.
    pub fn next_from(&self, then: Timestamp) -> Option<NaiveDateTime> {
        // most rules have one within a year, a 29 February within eight
        let years = [1, 9, 60].map(|years| then + Duration::from_secs(years * 366 * DAY));
        let not_left_out = |local: &NaiveDateTime| !self.except.contains(&local.date());
        years.into_iter().find_map(|until| self.local_starts(then, until).into_iter().find(not_left_out))
    }

    /// The day of its last meeting, where the rule ends: that of the rule may be a day without one.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let until = match self.rule.end() {
            End::Never => return None,
            End::Until(day) => day.succ_opt()?.and_time(NaiveTime::MIN),
            End::After(_) => NaiveDate::MAX.and_time(NaiveTime::MIN),
        };
        let last = |from: NaiveDateTime| {
            let starts = self.rule.starts(self.first, from.max(self.first), until);
            starts.into_iter().map(|start| start.date()).rfind(|day| !self.except.contains(day))
        };
        // few years before its end are enough for most rules; what is counted has at most as many as are listed at once
        let near = until.checked_sub_signed(TimeDelta::days(900)).filter(|_| matches!(self.rule.end(), End::Until(_)));
        near.and_then(last).or_else(|| last(self.first))
    }

    /// The meeting that begins then, as the series has it; without an id of its own.
    pub fn meeting_at(&self, starts: Timestamp) -> Meeting {
        Meeting {
            starts,
            ends: starts + self.length(),
            recurrence: Some(Recurrence { series: self.id, starts }),
            unconfirmed: self.unconfirmed,
            sequence: 0,
            updated: None,
            ..self.pattern.clone()
        }
    }

    /// Does it go on by another rhythm than `before`?
    pub fn has_another_rhythm_than(&self, before: &Series) -> bool {
        (&self.rule, self.first, self.zone()) != (&before.rule, before.first, before.zone())
    }

    /// Lets it begin with the first meeting from `cut` on. What a rule still counts, it counts from there.
    pub fn begin_anew(&mut self, cut: Timestamp, before: &Series) -> Result<(), Refusal> {
        if self.rule.end() == before.rule.end()
            && let Some(next) = before.next_from(cut)
            && let Some((_, rest)) = before.rule.split(before.first, next)
        {
            self.rule = self.rule.ending(rest.end());
        }
        let length = self.length();
        self.first = self.next_from(cut).ok_or(Refusal::NothingAhead)?;
        self.pattern.starts = self.moment(self.first);
        self.pattern.ends = self.pattern.starts + length;
        Ok(())
    }

    /// A new series that goes on from the meeting of that moment; this one ends before it. `None` when it is the first.
    pub fn split(&mut self, id: Uuid, then: Timestamp, now: Timestamp) -> Result<Option<Series>, Refusal> {
        let not_then = Refusal::NotThen(self.clock_at(then).date());
        let first = self.local_starts(then, then + Duration::from_micros(1)).into_iter().next().ok_or(not_then)?;
        let Some((_, rest)) = self.rule.split(self.first, first) else { return Ok(None) };
        let pattern = Meeting { id, published: now, recurrence: None, ..self.meeting_at(then) };
        let except = self.except.split_off(&first.date());
        let next = Series::new(pattern, first, rest, except, now);
        let next = Series { unconfirmed: self.unconfirmed, laid_out: self.laid_out, ..next };
        self.stop_before(first.date());
        Ok(Some(next))
    }

    /// Its last meeting is one before that day.
    pub fn stop_before(&mut self, day: NaiveDate) {
        self.rule = self.rule.ending(End::Until(day.pred_opt().unwrap_or(day)));
        self.laid_out = Timestamp::NEVER;
    }
}

/// Moments within which chrono can reckon, and all meetings lie.
const EARLIEST: Timestamp = Timestamp::from_seconds(0);
const LATEST: Timestamp = Timestamp::from_seconds(9_000_000_000);
