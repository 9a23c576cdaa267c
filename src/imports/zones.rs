//! Which zone of the IANA's a calendar means: by its name, by what programs call it, or by when its clock is set.

use std::{cell::RefCell, collections::HashMap, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{
    lines::{Component, Line},
    property::{Property, Time},
};
use crate::clock::Timestamp;

/// So many zones that no name explains are looked for by their changes of the clock; calendars have one or two.
const MOST_MATCHED: usize = 10;
/// No zone that people wrote down has more changes that are told apart.
const MOST_OBSERVANCES: usize = 200;
/// Where several zones set their clocks alike, one that people know.
const WELL_KNOWN: [Tz; 18] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Athens,
    Tz::Europe__Istanbul,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::America__Sao_Paulo,
    Tz::America__Mexico_City,
    Tz::America__Bogota,
    Tz::Asia__Kolkata,
    Tz::Asia__Tokyo,
    Tz::Asia__Shanghai,
    Tz::Asia__Dubai,
    Tz::Africa__Lagos,
    Tz::Africa__Nairobi,
    Tz::Australia__Sydney,
];

/// The zones of one file, each looked for when it is first asked for.
pub struct Zones<'a> {
    /// By TZID.
    told: HashMap<String, &'a Component>,
    known: RefCell<HashMap<String, Option<Tz>>>,
    /// Where a time without a zone happens, and which one is taken first where several would do.
    pub usual: Tz,
    now: Timestamp,
}

impl<'a> Zones<'a> {
    pub fn new(calendars: &'a [Component], usual: Tz, now: Timestamp) -> Self {
        let zones = calendars.iter().flat_map(|calendar| calendar.parts_of("VTIMEZONE"));
        let told = zones.filter_map(|zone| Some((Property::of(zone, "TZID")?.text()?.to_owned(), zone))).collect();
        Self { told, known: RefCell::default(), usual, now }
    }

    /// The zone behind a TZID.
    pub fn find(&self, id: &str) -> Option<Tz> {
        if let Some(known) = self.known.borrow().get(id) {
            return *known;
        }
        let matched = self.known.borrow().len();
        let told = self.told.get(id).copied();
        let found = named(id)
            .or_else(|| told.and_then(by_its_other_names))
            .or_else(|| told.filter(|_| matched < MOST_MATCHED).and_then(|zone| self.by_its_clock(id, zone)));
        if matched < 1_000 {
            self.known.borrow_mut().insert(id.to_owned(), found);
        }
        found
    }

    /// The zone that sets its clock as this one says it does, from last year to the year after next.
    fn by_its_clock(&self, id: &str, zone: &Component) -> Option<Tz> {
        let this_year = self.now.utc().year();
        let years = this_year - 1..=this_year + 2;
        let changes = changes(zone, *years.start() - 1, *years.end())?;
        let from = NaiveDate::from_ymd_opt(*years.start(), 1, 1)?.and_time(chrono::NaiveTime::MIN);
        let to = NaiveDate::from_ymd_opt(*years.end(), 12, 31)?.and_time(chrono::NaiveTime::MIN);
        let hinted = TZ_VARIANTS
            .iter()
            .filter(|zone| zone.name().rsplit('/').next().is_some_and(|city| city.len() > 3 && id.contains(city)));
        let places = TZ_VARIANTS.iter().filter(|zone| zone.name().contains('/') && !zone.name().starts_with("Etc/"));
        let others = TZ_VARIANTS.iter().filter(|zone| zone.name().starts_with("Etc/GMT"));
        let candidates =
            [self.usual].into_iter().chain(hinted.copied()).chain(WELL_KNOWN).chain(others.copied()).chain(places.copied());
        candidates.into_iter().find(|zone| agrees(*zone, &changes, from, to))
    }
}

/// A zone by its name, or by what some program calls it: Outlook, Apple, Evolution.
pub fn named(id: &str) -> Option<Tz> {
    let id = id.trim().trim_matches('"');
    let by_name = |name: &str| {
        let name = name.replace(' ', "_");
        Tz::from_str(&name).ok().or_else(|| TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&name)).copied())
    };
    if let Some(zone) = by_name(id) {
        return Some(zone);
    }
    if let Ok(calcard::common::timezone::Tz::Tz(zone)) = calcard::common::timezone::Tz::from_str(id) {
        return Some(zone);
    }
    // /freeassociation.sourceforge.net/Europe/Berlin, tzone://Microsoft/Utc
    let parts: Vec<&str> = id.split('/').collect();
    (2..=3).rev().find_map(|count| by_name(&parts.get(parts.len().checked_sub(count)?..)?.join("/"))).or_else(|| {
        let last = parts.last().filter(|_| parts.len() > 1)?;
        ["UTC", "GMT"].iter().find(|name| last.eq_ignore_ascii_case(name)).map(|_| Tz::UTC)
    })
}

fn by_its_other_names(zone: &Component) -> Option<Tz> {
    let said = |name: &str| Some(String::from_utf8_lossy(zone.lines_of(name).next()?.value()).trim().to_owned());
    let place = said("X-LIC-LOCATION").and_then(|name| named(&name));
    let tzinfo = || said("X-TZINFO").and_then(|info| named(info.split('[').next()?));
    let number = || said("X-MICROSOFT-CDO-TZID").and_then(|id| calcard::common::timezone::Tz::from_ms_cdo_zone_id(&id));
    place.or_else(tzinfo).or_else(|| match number()? {
        calcard::common::timezone::Tz::Tz(zone) => Some(zone),
        _ => None,
    })
}

/// When the clock is set (UTC), and how far east of Greenwich it is before and after, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    at: NaiveDateTime,
    before: i32,
    after: i32,
}

fn changes(zone: &Component, first: i32, last: i32) -> Option<Vec<Change>> {
    let observances: Vec<&Component> = zone.parts_of("STANDARD").chain(zone.parts_of("DAYLIGHT")).collect();
    if observances.is_empty() || observances.len() > MOST_OBSERVANCES {
        return None;
    }
    let mut found = Vec::new();
    for part in observances {
        let offset = |name: &str| Property::of(part, name)?.offset();
        let (before, after) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
        let Time::Wall(start, _) = Property::of(part, "DTSTART")?.time()? else { return None };
        let mut onsets = vec![start];
        if let Some(line) = part.lines_of("RRULE").next() {
            let rule = Yearly::read(line, start)?;
            onsets.extend((first..=last).filter_map(|year| rule.onset(year)).map(|day| day.and_time(start.time())));
        }
        for dates in part.lines_of("RDATE").filter_map(Property::read) {
            onsets.extend(dates.times().filter_map(|time| match time {
                Ok(Time::Wall(at, _)) => Some(at),
                _ => None,
            }));
        }
        onsets.retain(|onset| *onset >= start);
        let change = |onset: NaiveDateTime| {
            Some(Change { at: onset.checked_sub_signed(TimeDelta::seconds(before.into()))?, before, after })
        };
        found.extend(onsets.into_iter().filter_map(change));
    }
    found.sort();
    found.dedup();
    Some(found)
}

/// The rules by which clocks are set: each year, in one month, on a certain weekday.
struct Yearly {
    month: u32,
    /// Which one of the month, from the end where negative; 0 for any that is one of the days.
    weekday: Option<(i8, Weekday)>,
    days: Vec<u32>,
    last: Option<NaiveDateTime>,
}

impl Yearly {
    fn read(line: &Line, start: NaiveDateTime) -> Option<Self> {
        let text = std::str::from_utf8(line.value()).ok()?.to_ascii_uppercase();
        let mut rule = Self { month: start.month(), weekday: None, days: vec![], last: None };
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            match part.split_once('=')? {
                ("FREQ", "YEARLY") | ("INTERVAL", "1") | ("WKST", _) => {}
                ("BYMONTH", month) => rule.month = month.parse().ok()?,
                ("BYMONTHDAY", days) => rule.days = days.split(',').map(|day| day.parse().ok()).collect::<Option<_>>()?,
                ("BYDAY", day) => {
                    let (which, name) = day.split_at_checked(day.len().checked_sub(2)?)?;
                    let which = if which.is_empty() { 0 } else { which.parse().ok()? };
                    rule.weekday = Some((which, weekday(name)?));
                }
                ("UNTIL", until) => rule.last = NaiveDateTime::parse_from_str(until.trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok(),
                _ => return None,
            }
        }
        if rule.weekday.is_none() && rule.days.is_empty() {
            rule.days.push(start.day());
        }
        Some(rule)
    }

    fn onset(&self, year: i32) -> Option<NaiveDate> {
        let day = |day: u32| NaiveDate::from_ymd_opt(year, self.month, day);
        let found = match self.weekday {
            None => day(*self.days.first()?)?,
            Some((0, weekday)) => self.days.iter().filter_map(|number| day(*number)).find(|day| day.weekday() == weekday)?,
            Some((which, weekday)) if which > 0 => {
                NaiveDate::from_weekday_of_month_opt(year, self.month, weekday, which.unsigned_abs())?
            }
            Some((which, weekday)) => {
                let next = NaiveDate::from_ymd_opt(year + i32::from(self.month == 12), self.month % 12 + 1, 1)?;
                let back = (next.weekday().num_days_from_monday() + 6 - weekday.num_days_from_monday()) % 7 + 1;
                next.checked_sub_days(Days::new(u64::from(back) + 7 * u64::from(which.unsigned_abs() - 1)))?
            }
        };
        // the last change may be told in UTC
        self.last.is_none_or(|last| found.and_time(chrono::NaiveTime::MIN) <= last).then_some(found)
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// Does this zone's clock show the same at each change, and every ten days in between?
fn agrees(zone: Tz, changes: &[Change], from: NaiveDateTime, to: NaiveDateTime) -> bool {
    let shown = |at: NaiveDateTime| zone.offset_from_utc_datetime(&at).fix().local_minus_utc();
    let told = |at: NaiveDateTime| {
        let last = changes.partition_point(|change| change.at <= at).checked_sub(1).and_then(|place| changes.get(place));
        last.map(|change| change.after).or_else(|| changes.first().map(|change| change.before))
    };
    let days = (0..).map_while(|step| from.checked_add_signed(TimeDelta::days(10 * step))).take_while(|day| *day <= to);
    let second = TimeDelta::seconds(1);
    let edges =
        changes.iter().filter(|change| (from..=to).contains(&change.at)).flat_map(|change| [change.at, change.at - second]);
    days.chain(edges).all(|at| told(at) == Some(shown(at)))
}

#[cfg(test)]
#[path = "zones_tests.rs"]
mod tests;
