//! Reads rules as calendars write them. What they write in several ways becomes one; what has no place in a [`Rule`] is refused
//! by its name, for a series that met on other days than it says would be worse than none.

use std::{collections::BTreeMap, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::{End, Every, MAX_COUNT, MAX_INTERVAL, Refusal, Rule, letters, moment};

/// No rule of our shapes is longer.
const MAX_TEXT: usize = 500;

/// A weekday as it stands in a rule, `2TU` or `TU`.
type Byday = (Option<i8>, Weekday);

/// What a rule says on which days, apart from how often.
struct Days {
    weekdays: Vec<Byday>,
    month_days: Vec<i8>,
    months: Vec<u32>,
    positions: Vec<i8>,
}

pub fn read(text: &str, first: NaiveDateTime, zone: Tz) -> Result<Rule, Refusal> {
    let mut parts = Parts::of(text)?;
    let frequency = parts.take("FREQ").ok_or_else(|| Refusal::Text(text.to_owned()))?;
    let interval = parts.one("INTERVAL")?.unwrap_or(1);
    let week_start = parts.take("WKST").map(|day| weekday("WKST", &day)).transpose()?.unwrap_or(Weekday::Mon);
    let end = end(&mut parts, first, zone)?;
    let days = Days {
        weekdays: parts.list("BYDAY", |day| byday(day).ok_or_else(|| wrong("BYDAY", day)))?,
        month_days: parts.list("BYMONTHDAY", |day| number("BYMONTHDAY", day))?,
        months: parts.list("BYMONTH", |month| number("BYMONTH", month))?,
        positions: parts.list("BYSETPOS", |position| number("BYSETPOS", position))?,
    };
    // some calendars say the time of the first once more
    for (name, at) in [("BYHOUR", first.hour()), ("BYMINUTE", first.minute()), ("BYSECOND", first.second())] {
        if parts.take(name).is_some_and(|value| value.parse() != Ok(at)) {
            return Err(part(name));
        }
    }
    parts.nothing_left()?;
    if !(1..=MAX_INTERVAL).contains(&interval) {
        return Err(Refusal::Interval);
    }
    let (every, interval) = match frequency.as_str() {
        "DAILY" => (days.daily(interval)?, interval),
        "WEEKLY" => (days.weekly(first.date())?, interval),
        "MONTHLY" => (days.monthly(first.date(), interval)?, interval),
        "YEARLY" => days.yearly(first.date(), interval)?,
        _ => return Err(part(&format!("FREQ={frequency}"))),
    };
    let rule = Rule::new(every, interval, end)?;
    // where every week counts, or all days are the one of the first, weeks may begin on any day
    let counts = match rule.every() {
        Every::Week(days) => interval > 1 && *days != [first.weekday()],
        _ => false,
    };
    Ok(if counts { Rule { week_start, ..rule } } else { rule })
}

fn end(parts: &mut Parts, first: NaiveDateTime, zone: Tz) -> Result<End, Refusal> {
    match (parts.one("COUNT")?, parts.take("UNTIL")) {
        (Some(_), Some(_)) => Err(Refusal::Both),
        (Some(count), None) if (1..=MAX_COUNT).contains(&count) => Ok(End::After(count)),
        (Some(_), None) => Err(Refusal::Count),
        (None, Some(until)) => last_day(&until, first, zone).map(End::Until).ok_or_else(|| wrong("UNTIL", &until)),
        (None, None) => Ok(End::Never),
    }
}

/// The last day on which a meeting may begin: `20270131`, a moment in UTC, or a time on the wall.
fn last_day(until: &str, first: NaiveDateTime, zone: Tz) -> Option<NaiveDate> {
    let at_first = |day: NaiveDate| day.and_time(first.time());
    let (day, is_too_late) = if let Some(utc) = until.strip_suffix('Z') {
        let last: DateTime<Utc> = local(utc)?.and_utc();
        let day = last.with_timezone(&zone).date_naive();
        (day, moment(at_first(day), zone) > last.into())
    } else if until.contains('T') {
        let last = local(until)?;
        (last.date(), at_first(last.date()) > last)
    } else {
        (date(until)?, false)
    };
    if is_too_late { day.pred_opt() } else { Some(day) }
}

fn date(text: &str) -> Option<NaiveDate> {
    let is_plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let (day, time) = text.split_once('T')?;
    let is_plain = time.len() == 6 && time.bytes().all(|byte| byte.is_ascii_digit());
    let time = is_plain.then(|| chrono::NaiveTime::parse_from_str(time, "%H%M%S").ok()).flatten()?;
    Some(date(day)?.and_time(time))
}

impl Days {
    fn daily(&self, interval: u16) -> Result<Every, Refusal> {
        self.refuse_months()?;
        self.refuse_month_days()?;
        self.refuse_positions()?;
        match self.plain_weekdays() {
            Some(days) if days.is_empty() => Ok(Every::Day),
            // each day that is a Monday is every Monday
            Some(days) if interval == 1 => Ok(Every::Week(days)),
            _ => Err(part("BYDAY")),
        }
    }

    fn weekly(&self, first: NaiveDate) -> Result<Every, Refusal> {
        self.refuse_months()?;
        self.refuse_month_days()?;
        self.refuse_positions()?;
        match self.plain_weekdays() {
            Some(days) if days.is_empty() => Ok(Every::Week(vec![first.weekday()])),
            Some(days) => Ok(Every::Week(days)),
            None => Err(part("BYDAY")),
        }
    }

    fn monthly(&self, first: NaiveDate, interval: u16) -> Result<Every, Refusal> {
        self.refuse_months()?;
        self.of_a_month(first, interval)
    }

    fn of_a_month(&self, first: NaiveDate, interval: u16) -> Result<Every, Refusal> {
        if self.weekdays.is_empty() {
            self.refuse_positions()?;
            let days = if self.month_days.is_empty() { vec![day_of(first)] } else { self.month_days.clone() };
            return Ok(Every::MonthDay(days));
        }
        let numbered: Option<Vec<(i8, Weekday)>> = self.weekdays.iter().map(|(n, day)| n.map(|n| (n, *day))).collect();
        if let Some(days) = numbered {
            self.refuse_month_days()?;
            self.refuse_positions()?;
            return Ok(Every::MonthWeekday(days));
        }
        let days = self.plain_weekdays().ok_or_else(|| part("BYDAY"))?;
        let each = |n: i8| days.iter().map(move |day| (n, *day));
        if !self.month_days.is_empty() {
            // the Tuesday from the 8th to the 14th is the second one
            self.refuse_positions()?;
            return Ok(Every::MonthWeekday(each(week_of_month(&self.month_days)?).collect()));
        }
        match (days.len(), self.positions.is_empty()) {
            (_, true) if interval == 1 => Ok(Every::Week(days)),
            (_, true) => Ok(Every::MonthWeekday((1..=5).flat_map(each).collect())),
            (1, false) => Ok(Every::MonthWeekday(self.positions.iter().flat_map(|n| each(*n)).collect())),
            (7, false) => Ok(Every::MonthDay(self.positions.clone())),
            _ => Err(part("BYSETPOS")),
        }
    }

    /// With how often it is: once a year in the month of the first is every twelve months.
    fn yearly(&self, first: NaiveDate, interval: u16) -> Result<(Every, u16), Refusal> {
        let is_date = self.month_days.is_empty() || self.month_days == [day_of(first)];
        let is_in_month = self.months == [first.month()];
        if self.weekdays.is_empty() && is_date && (is_in_month || self.months.is_empty() && self.month_days.is_empty()) {
            self.refuse_positions()?;
            return Ok((Every::Year, interval));
        }
        if is_in_month {
            let interval = interval.checked_mul(12).filter(|months| *months <= MAX_INTERVAL).ok_or(Refusal::Interval)?;
            return Ok((self.of_a_month(first, interval)?, interval));
        }
        self.refuse_months()?;
        self.refuse_positions()?;
        // a weekday that is numbered within the year has no shape here
        if !self.weekdays.is_empty() {
            return Err(part("BYDAY"));
        }
        if interval == 1 { Ok((self.of_a_month(first, interval)?, interval)) } else { Err(part("BYMONTHDAY")) }
    }

    /// Weekdays that are not numbered.
    fn plain_weekdays(&self) -> Option<Vec<Weekday>> {
        self.weekdays.iter().map(|(n, day)| n.is_none().then_some(*day)).collect()
    }

    fn refuse_months(&self) -> Result<(), Refusal> {
        let are_all = (1..=12).all(|month| self.months.contains(&month));
        if self.months.is_empty() || are_all { Ok(()) } else { Err(part("BYMONTH")) }
    }

    fn refuse_month_days(&self) -> Result<(), Refusal> {
        if self.month_days.is_empty() { Ok(()) } else { Err(part("BYMONTHDAY")) }
    }

    fn refuse_positions(&self) -> Result<(), Refusal> {
        if self.positions.is_empty() { Ok(()) } else { Err(part("BYSETPOS")) }
    }
}

/// Of seven days of the month that hold each weekday once, whose number they give it.
fn week_of_month(days: &[i8]) -> Result<i8, Refusal> {
    let holds = |mut wanted: std::ops::RangeInclusive<i8>| days.len() == 7 && wanted.all(|day| days.contains(&day));
    let from_the_start = (1..=4).find(|n| holds(7 * n - 6..=7 * n));
    from_the_start.or(holds(-7..=-1).then_some(-1)).ok_or_else(|| part("BYMONTHDAY"))
}

fn day_of(first: NaiveDate) -> i8 {
    i8::try_from(first.day()).unwrap_or(1)
}

fn byday(text: &str) -> Option<Byday> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let n = if number.is_empty() { None } else { Some(number.parse().ok()?) };
    Some((n, weekday("BYDAY", day).ok()?))
}

fn weekday(name: &str, text: &str) -> Result<Weekday, Refusal> {
    let all = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    all.into_iter().find(|day| letters(*day) == text).ok_or_else(|| wrong(name, text))
}

fn number<N: FromStr>(name: &str, text: &str) -> Result<N, Refusal> {
    text.parse().map_err(|_| wrong(name, text))
}

fn part(name: &str) -> Refusal {
    Refusal::Part(name.to_owned())
}

fn wrong(name: &str, value: &str) -> Refusal {
    Refusal::Value(name.to_owned(), value.to_owned())
}

/// `NAME=value;NAME=value`, of which each is taken once.
struct Parts(BTreeMap<String, String>);

impl Parts {
    fn of(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::Text(text.chars().take(MAX_TEXT).collect());
        if text.len() > MAX_TEXT {
            return Err(wrong());
        }
        let upper = text.trim().to_ascii_uppercase();
        let mut parts = BTreeMap::new();
        for part in upper.strip_prefix("RRULE:").unwrap_or(&upper).split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            if parts.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return Err(wrong());
            }
        }
        Ok(Self(parts))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn one<N: FromStr>(&mut self, name: &str) -> Result<Option<N>, Refusal> {
        self.take(name).map(|value| number(name, &value)).transpose()
    }

    fn list<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
        let value = self.take(name);
        value.iter().flat_map(|value| value.split(',')).map(|one| read(one.trim())).collect()
    }

    fn nothing_left(&self) -> Result<(), Refusal> {
        self.0.keys().next().map_or(Ok(()), |name| Err(part(name)))
    }
}
