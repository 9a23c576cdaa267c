//! A meeting as people type it: a day, from when until when, where; and what of it makes no sense.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::rhythm::Rhythm;
use crate::{
    clock::Timestamp,
    error::{Error, Said},
    meetings::{
        agreement::Agreement,
        meeting::{self, Kind, Meeting, Position, Refusal, YEARS, read_time},
        veil::{self, Veil},
    },
    places::{
        self,
        access::{Access, Fact},
    },
    text,
};

/// Everything as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invitation {
    pub title: String,
    pub kind: String,
    /// `2026-11-24`.
    pub day: String,
    /// `18:00`.
    pub from: String,
    /// A time before `from` is one of the day after.
    pub until: String,
    /// Only where it ends on yet another day.
    pub last: String,
    /// `first` or `second`, for times that the clock shows twice.
    pub reading: String,
    pub zone: String,
    pub place: String,
    pub address: String,
    /// `40.7092,-74.0113`.
    pub geo: String,
    pub online: String,
    /// Markdown.
    pub agenda: String,
    /// BCP 47.
    pub language: String,
    /// The link of the decision by which an assembly agreed to it.
    pub agreed: String,
    pub rhythm: Rhythm,
    /// What makes it easier to come, by name.
    pub access: Vec<String>,
    #[serde(rename = "access-line")]
    pub access_line: String,
    /// What everybody sees of the place until so many hours before.
    pub district: String,
    /// Hours; empty for the usual.
    pub lift: String,
    /// How many may come; empty for as many as like.
    pub capacity: String,
    /// To be kept for the next time.
    pub remember: bool,
    /// A kept place that was chosen; where it is typed into the form, this is empty again.
    pub known: String,
    /// The kept place it was filled in from.
    pub kept: String,
}

/// A refusal, about another field than it usually is.
fn about(refusal: &Refusal, field: &'static str) -> Error {
    Error::refused_in_words(refusal, refusal.said().about(field))
}

fn missing(message: &'static str, field: &'static str) -> Error {
    Error::refused_in_words("say when", Said::new(message).about(field))
}

impl Invitation {
    /// A meeting as it stands, for a form.
    pub fn of(meeting: &Meeting) -> Self {
        let (start, end) = (meeting.local_start(), meeting.local_end());
        let (day, last) = (start.date_naive(), end.date_naive());
        let is_next = day.checked_add_days(Days::new(1)) == Some(last) && end.time() <= start.time();
        let line = |line: &Option<String>| line.clone().unwrap_or_default();
        let twice = read_time(&start.format("%Y-%m-%dT%H:%M").to_string(), meeting.zone);
        let reading = match twice {
            Err(Refusal::Twice(_, zone, first, _)) if read_time(&first, zone) == Ok(meeting.starts) => "first",
            Err(Refusal::Twice(..)) => "second",
            _ => "",
        };
        Self {
            title: meeting.title.clone(),
            kind: meeting.kind.name().to_owned(),
            day: day.to_string(),
            from: start.format("%H:%M").to_string(),
            until: end.format("%H:%M").to_string(),
            last: if last == day || is_next { String::new() } else { last.to_string() },
            reading: reading.to_owned(),
            zone: meeting.zone.name().to_owned(),
            place: line(&meeting.place),
            address: line(&meeting.address),
            geo: meeting.position.map(|at| format!("{},{}", at.latitude, at.longitude)).unwrap_or_default(),
            online: meeting.online.as_ref().map(ToString::to_string).unwrap_or_default(),
            agenda: line(&meeting.agenda),
            language: meeting.language.clone(),
            agreed: meeting.agreed.as_ref().map(Agreement::address).unwrap_or_default(),
            rhythm: Rhythm::default(),
            access: meeting.access.facts.iter().map(|fact| fact.name().to_owned()).collect(),
            access_line: line(&meeting.access.line),
            district: meeting.veil.as_ref().map(|veil| veil.district.clone()).unwrap_or_default(),
            lift: meeting.veil.as_ref().map(|veil| veil.hours.to_string()).unwrap_or_default(),
            capacity: meeting.capacity.map(|most| most.to_string()).unwrap_or_default(),
            remember: false,
            known: String::new(),
            kept: meeting.place_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    /// What was ticked and typed about access; what is no fact is left out.
    pub fn access_typed(&self) -> Access {
        Access::of(self.access.iter().filter_map(|name| Fact::by_name(name)), text::typed(&self.access_line))
    }

    fn veil(&self) -> Result<Option<Veil>, Refusal> {
        let Some(district) = text::typed(&self.district) else { return Ok(None) };
        let hours = match self.lift.trim() {
            "" => veil::HOURS,
            hours => hours.parse().map_err(|_| Refusal::Lift)?,
        };
        Ok(Some(Veil { district, hours }))
    }

    /// Makes a meeting be as it was typed, as far as that makes sense; the rest is what does not.
    pub fn fill(&self, meeting: &mut Meeting) -> Vec<Error> {
        let mut wrong: Vec<Error> = Vec::new();
        meeting.title = self.title.trim().to_owned();
        meeting.place = text::typed(&self.place);
        meeting.address = text::typed(&self.address);
        meeting.agenda = text::typed(&self.agenda);
        meeting.language = self.language.trim().to_owned();
        meeting.place_id = self.kept.parse().ok();
        meeting.access = self.access_typed();
        if let Some(fact) = self.access.iter().find(|name| Fact::by_name(name).is_none()) {
            wrong.push(places::place::Refusal::Fact(fact.clone()).into());
        }
        match self.veil() {
            Ok(veil) => meeting.veil = veil,
            Err(refusal) => wrong.push(refusal.into()),
        }
        match meeting::capacity(&self.capacity) {
            Ok(capacity) => meeting.capacity = capacity,
            Err(refusal) => wrong.push(refusal.into()),
        }
        match Kind::by_name(self.kind.trim()) {
            Some(kind) => meeting.kind = kind,
            None => wrong.push(Refusal::Kind(self.kind.clone()).into()),
        }
        match text::typed(&self.geo).as_deref().map(Position::parse).transpose() {
            Ok(position) => meeting.position = position,
            Err(refusal) => wrong.push(refusal.into()),
        }
        match text::typed(&self.online).as_deref().map(meeting::online).transpose() {
            Ok(online) => meeting.online = online,
            Err(refusal) => wrong.push(refusal.into()),
        }
        match self.zone() {
            Ok(zone) => {
                meeting.zone = zone;
                match self.times(zone) {
                    Ok((starts, ends)) => (meeting.starts, meeting.ends) = (starts, ends),
                    Err(error) => wrong.push(error),
                }
            }
            Err(error) => wrong.push(error),
        }
        wrong
    }

    pub fn zone(&self) -> Result<Tz, Error> {
        self.zone.trim().parse().map_err(|_| missing("refused-meeting-zone", "zone"))
    }

    /// From when until when.
    fn times(&self, zone: Tz) -> Result<(Timestamp, Timestamp), Error> {
        let day = date(&self.day).ok_or_else(|| missing("refused-meeting-day", "day"))?;
        let from = clock(&self.from).ok_or_else(|| missing("refused-meeting-from", "from"))?;
        if [&self.until, &self.last].iter().all(|typed| typed.trim().is_empty()) {
            // as of a group's first meeting
            let starts = self.moment(day, from, zone).map_err(|why| about(&why, "from"))?;
            return Ok((starts, starts + meeting::length(meeting::USUAL)?));
        }
        let until = clock(&self.until).ok_or_else(|| missing("refused-meeting-until", "until"))?;
        let last = match self.last.trim() {
            "" if until <= from => day.checked_add_days(Days::new(1)),
            "" => Some(day),
            last => date(last),
        };
        let last = last.ok_or_else(|| missing("refused-meeting-last", "last"))?;
        let starts = self.moment(day, from, zone).map_err(|why| about(&why, "from"))?;
        let ends = self.moment(last, until, zone).map_err(|why| about(&why, "until"))?;
        Ok((starts, ends))
    }

    /// What the clock on the wall says, in the reading that was chosen.
    fn moment(&self, day: NaiveDate, time: NaiveTime, zone: Tz) -> Result<Timestamp, Refusal> {
        match read_time(&spelled(day, time), zone) {
            Err(Refusal::Twice(_, _, first, _)) if self.reading == "first" => read_time(&first, zone),
            Err(Refusal::Twice(_, _, _, second)) if self.reading == "second" => read_time(&second, zone),
            other => other,
        }
    }

    /// Does it begin or end at a time that the clock shows twice? Both readings, with their difference to UTC.
    pub fn twice(&self) -> Option<(String, String)> {
        let (zone, day) = (self.zone().ok()?, date(&self.day)?);
        [&self.from, &self.until].into_iter().find_map(|time| match read_time(&spelled(day, clock(time)?), zone) {
            Err(Refusal::Twice(_, _, first, second)) => Some((first, second)),
            _ => None,
        })
    }
}

fn spelled(day: NaiveDate, time: NaiveTime) -> String {
    format!("{day}T{}", time.format("%H:%M"))
}

pub(super) fn date(text: &str) -> Option<NaiveDate> {
    text.trim().parse().ok().filter(|day: &NaiveDate| YEARS.contains(&day.year()))
}

fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(day: &str, from: &str, until: &str, last: &str) -> Invitation {
        let line = |text: &str| text.to_owned();
        let [day, from, until, last, zone] = [day, from, until, last, "America/New_York"].map(line);
        Invitation { day, from, until, last, zone, ..Invitation::default() }
    }

    fn said(invitation: &Invitation) -> Result<(String, String), Option<&'static str>> {
        let times = invitation.times(Tz::America__New_York);
        times.map(|(starts, ends)| (starts.rfc3339(), ends.rfc3339())).map_err(|error| match error {
            Error::Refused(why) => why.said.and_then(|said| said.field),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn a_meeting_ends_on_its_day_in_the_night_after_or_on_its_last_day() {
        let table = [
            (("2026-11-24", "18:00", "20:00", ""), ("2026-11-24T23:00:00Z", "2026-11-25T01:00:00Z")),
            (("2026-11-24", "22:00", "02:00", ""), ("2026-11-25T03:00:00Z", "2026-11-25T07:00:00Z")),
            (("2026-11-24", "18:00", "", ""), ("2026-11-24T23:00:00Z", "2026-11-25T01:00:00Z")),
            (("2026-11-24", "18:00", "12:00", "2026-11-26"), ("2026-11-24T23:00:00Z", "2026-11-26T17:00:00Z")),
        ];
        for ((day, from, until, last), (starts, ends)) in table {
            assert_eq!(said(&typed(day, from, until, last)), Ok((starts.into(), ends.into())));
        }
    }

    #[test]
    fn what_is_no_time_names_its_field() {
        let table = [
            (("", "18:00", "20:00", ""), "day"),
            (("24.11.2026", "18:00", "20:00", ""), "day"),
            (("+262142-01-01", "18:00", "20:00", ""), "day"),
            (("2026-11-24", "", "20:00", ""), "from"),
            (("2026-11-24", "18:00-05:00", "20:00", ""), "from"),
            (("2026-11-24", "18:00", "25:00", ""), "until"),
            (("2026-11-24", "18:00", "", "2026-11-26"), "until"),
            (("2026-11-24", "18:00", "20:00", "soon"), "last"),
            (("2027-03-14", "02:30", "05:00", ""), "from"),
            (("2027-03-14", "01:30", "02:30", ""), "until"),
            (("2026-11-01", "01:30", "05:00", ""), "from"),
        ];
        for ((day, from, until, last), field) in table {
            assert_eq!(said(&typed(day, from, until, last)), Err(Some(field)), "{day} {from} {until}");
        }
    }

    #[test]
    fn of_a_time_that_comes_twice_one_is_chosen() {
        let both = typed("2026-11-01", "01:30", "05:00", "");
        assert_eq!(both.twice(), Some(("2026-11-01T01:30-04:00".into(), "2026-11-01T01:30-05:00".into())));
        for (reading, starts) in [("first", "2026-11-01T05:30:00Z"), ("second", "2026-11-01T06:30:00Z")] {
            let chosen = Invitation { reading: reading.into(), ..both.clone() };
            assert_eq!(said(&chosen).unwrap().0, starts);
        }
    }
}
