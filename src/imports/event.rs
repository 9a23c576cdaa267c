//! One `VEVENT` as somebody would tell it: when, where, what about. Who comes and who invited is not even looked at.

use std::{fmt::Write as _, time::Duration};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use url::Url;

use super::{
    found::{Once, Remark},
    lines::{Component, Line},
    property::{Property, Time},
    prose,
    reading::Ways,
    zones::Zones,
};
use crate::{
    error::Said,
    groups::group,
    meetings::meeting::{Kind, MAX_LENGTH, online},
    series::rule::moment,
    text,
};

/// How long something is that does not say it.
const USUAL_MINUTES: i64 = 120;
/// Of a title, and of a place or an address, in characters.
const LONGEST_TITLE: usize = 200;
const LONGEST_PLACE: usize = 300;
const MOST_TAGS: usize = 10;
/// Where programs keep the address of a room on the net.
const ROOMS: [&str; 6] = [
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-MICROSOFT-ONLINEMEETINGCONFLINK",
    "X-ZOOM-MEETING-URL",
];

/// An event, read by itself.
pub struct Event {
    pub uid: String,
    pub line: usize,
    pub sequence: i64,
    pub zone: Tz,
    pub once: Once,
    /// Said in UTC, as what comes once may be.
    pub in_utc: bool,
}

/// What is read of an event, and what is noted on the way.
pub struct Reader<'a> {
    pub zones: &'a Zones<'a>,
    pub ways: &'a Ways,
    pub remarks: Vec<Remark>,
}

impl Reader<'_> {
    /// The event; where it cannot be one here, the remark says why.
    pub fn event(&mut self, component: &Component, uid: String) -> Option<Event> {
        let title = self.title(component)?;
        let left_out = |line: usize, said: Said| Remark::left_out(line, Some(&title), said);
        let read = self.when(component).map_err(|(line, said)| left_out(line, said));
        let (zone, start, minutes, in_utc) = match read {
            Ok(when) => when,
            Err(remark) => {
                self.remarks.push(remark);
                return None;
            }
        };
        let length = u64::try_from(minutes).unwrap_or(u64::MAX).saturating_mul(60);
        if Duration::from_secs(length) > MAX_LENGTH {
            self.remarks.push(left_out(component.line, Said::new("import-too-long")));
            return None;
        }
        let (place, address, room) = self.place(component, &title);
        let language = Property::of(component, "SUMMARY").and_then(|summary| summary.language().map(str::to_owned));
        let status = Property::of(component, "STATUS").and_then(|status| status.text().map(str::to_ascii_uppercase));
        let categories = categories(component);
        let once = Once {
            start,
            minutes,
            kind: kind(&categories),
            place,
            address,
            position: position(component),
            online: rooms(component).or(room),
            agenda: None,
            language: language.filter(|language| group::check_language(language).is_ok()),
            cancelled: status.as_deref() == Some("CANCELLED"),
            tentative: status.as_deref() == Some("TENTATIVE"),
            title: title.clone(),
        };
        let agenda = self.agenda(component, &once, &categories);
        let sequence = Property::of(component, "SEQUENCE").and_then(|sequence| sequence.number()).unwrap_or(0);
        Some(Event { uid, line: component.line, sequence, zone, once: Once { agenda, ..once }, in_utc })
    }

    fn title(&mut self, component: &Component) -> Option<String> {
        let class = Property::of(component, "CLASS").and_then(|class| class.text().map(str::to_ascii_uppercase));
        let summary = Property::of(component, "SUMMARY");
        if matches!(class.as_deref(), Some("PRIVATE" | "CONFIDENTIAL")) {
            // not even its title is repeated
            self.remarks.push(Remark::left_out(component.line, None, Said::new("import-private")));
            return None;
        }
        let title = summary.as_ref().and_then(Property::text).map(text::one_line).unwrap_or_default();
        let line = summary.as_ref().map_or(component.line, |summary| summary.line);
        let (title, cut) = cut(&title, LONGEST_TITLE);
        if title.chars().count() < 3 {
            self.remarks.push(Remark::left_out(line, text::typed(&title).as_deref(), Said::new("import-no-title")));
            return None;
        }
        if cut {
            self.remarks.push(Remark::detail(line, Some(&title), Said::new("import-cut-title")));
        }
        Some(title)
    }

    /// Zone, start on the wall, minutes; whether it was said in UTC.
    fn when(&mut self, component: &Component) -> Result<(Tz, NaiveDateTime, i64, bool), (usize, Said)> {
        let start = Property::of(component, "DTSTART").ok_or((component.line, Said::new("import-no-start")))?;
        let no_time = || (start.line, Said::new("import-no-time"));
        match start.time().ok_or_else(no_time)? {
            Time::Day(day) => {
                let (from, until) = self.ways.whole_days.ok_or((start.line, Said::new("import-whole-day")))?;
                let last = self.last_day(component, day).ok_or_else(no_time)?;
                let minutes = last.and_time(until).signed_duration_since(day.and_time(from)).num_minutes();
                Ok((self.zones.usual, day.and_time(from), minutes.max(1), false))
            }
            time => {
                let (zone, wall) = self.on_the_wall(time).ok_or_else(|| (start.line, unknown_zone(time)))?;
                let wall = wall.with_second(0).unwrap_or(wall);
                let minutes = self.minutes(component, zone, wall)?;
                Ok((zone, wall, minutes, matches!(time, Time::Utc(_))))
            }
        }
    }

    fn last_day(&self, component: &Component, first: NaiveDate) -> Option<NaiveDate> {
        let end = Property::of(component, "DTEND");
        let last = match end.as_ref().and_then(Property::time) {
            // the day after the last one (RFC 5545, 3.6.1)
            Some(Time::Day(after)) => after.pred_opt()?,
            Some(Time::Wall(at, _) | Time::Utc(at)) => at.date(),
            None => match Property::of(component, "DURATION").and_then(|duration| duration.seconds()) {
                Some(seconds) => first.checked_add_signed(TimeDelta::days((seconds / 86_400 - 1).clamp(0, 400)))?,
                None => first,
            },
        };
        Some(last.max(first))
    }

    /// How long it lasts.
    fn minutes(&mut self, component: &Component, zone: Tz, start: NaiveDateTime) -> Result<i64, (usize, Said)> {
        if let Some(end) = Property::of(component, "DTEND") {
            let wrong = || (end.line, Said::new("import-no-time"));
            let minutes = match end.time().ok_or_else(wrong)? {
                Time::Day(day) => day.and_time(start.time()).signed_duration_since(start).num_minutes(),
                time => match self.on_the_wall(time) {
                    // by the clock on the wall, so that a night in which it is set is as long as the others of its series
                    Some((there, wall)) if there == zone && !matches!(time, Time::Utc(_)) => {
                        wall.signed_duration_since(start).num_minutes()
                    }
                    Some((there, wall)) => {
                        let (start, end) = (moment(start, zone).utc(), moment(wall, there).utc());
                        end.signed_duration_since(start).num_minutes()
                    }
                    None => return Err((end.line, unknown_zone(time))),
                },
            };
            if minutes > 0 {
                return Ok(minutes);
            }
        } else if let Some(seconds) = Property::of(component, "DURATION").and_then(|duration| duration.seconds())
            && seconds >= 60
        {
            return Ok(seconds / 60);
        }
        let title = Property::of(component, "SUMMARY").and_then(|title| title.text().map(text::one_line));
        self.remarks.push(Remark::detail(component.line, title.as_deref(), Said::new("import-no-end")));
        Ok(USUAL_MINUTES)
    }

    /// A time of day as a clock on the wall of its zone shows it; nothing when nobody knows the zone.
    pub fn on_the_wall(&self, time: Time<'_>) -> Option<(Tz, NaiveDateTime)> {
        match time {
            Time::Wall(wall, None) => Some((self.zones.usual, wall)),
            Time::Wall(wall, Some(id)) => Some((self.zones.find(id)?, wall)),
            Time::Utc(at) => {
                let there = at.and_utc().with_timezone(&self.zones.usual).naive_local();
                // in the hour that a clock shows twice, only UTC says which one is meant
                let once = self.zones.usual.from_local_datetime(&there).single().is_some();
                Some(if once { (self.zones.usual, there) } else { (Tz::UTC, at) })
            }
            Time::Day(_) => None,
        }
    }

    /// Name of the place, its address, and a room on the net where that is the place.
    fn place(&mut self, component: &Component, title: &str) -> (Option<String>, Option<String>, Option<Url>) {
        let Some(location) = Property::of(component, "LOCATION") else { return (None, None, None) };
        let said = location.text().unwrap_or_default().trim();
        let room = said.split_whitespace().find_map(|word| online(word.trim_matches(['<', '>', '(', ')', ',', ';'])).ok());
        let without_room = match &room {
            Some(_) => said.split_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" "),
            None => said.to_owned(),
        };
        let lines: Vec<String> =
            without_room.lines().map(text::one_line).filter(|line| line.chars().any(char::is_alphanumeric)).collect();
        let mut lines = lines.into_iter();
        let (place, long_place) = cut(&lines.next().unwrap_or_default(), LONGEST_PLACE);
        let (address, long_address) = cut(&lines.collect::<Vec<_>>().join(", "), LONGEST_PLACE);
        if long_place || long_address {
            self.remarks.push(Remark::detail(location.line, Some(title), Said::new("import-cut-place")));
        }
        (text::typed(&place), text::typed(&address), room)
    }

    /// The description, then where to read more, then what it is about as hashtags.
    fn agenda(&mut self, component: &Component, once: &Once, categories: &[String]) -> Option<String> {
        let (line, description) = self.description(component);
        let (described, cut) = prose::markdown(&description);
        if cut {
            self.remarks.push(Remark::detail(line, Some(&once.title), Said::new("import-cut-agenda")));
        }
        let mut agenda = described.unwrap_or_default();
        let page = component.lines_of("URL").take(5).find_map(|line| online(String::from_utf8_lossy(line.value()).trim()).ok());
        if let Some(page) = page.filter(|page| once.online.as_ref() != Some(page) && !agenda.contains(page.as_str())) {
            let _ = write!(agenda, "\n\n{page}");
        }
        let known = text::tags_in(&agenda);
        let mut tags: Vec<String> =
            categories.iter().filter_map(|category| tag(category)).filter(|tag| !known.contains(tag)).collect();
        tags.dedup();
        tags.truncate(MOST_TAGS);
        if !tags.is_empty() {
            let tags: Vec<String> = tags.iter().map(|tag| format!("#{tag}")).collect();
            let _ = write!(agenda, "\n\n{}", tags.join(" "));
        }
        text::typed(&agenda)
    }

    /// Of words with and without marks those that say more: where the plain ones are HTML all the same, they are taken.
    fn description(&self, component: &Component) -> (usize, String) {
        let plain = Property::of(component, "DESCRIPTION").map(|plain| (plain.line, plain.text().unwrap_or_default().to_owned()));
        let marked = component.lines_of("X-ALT-DESC").find_map(|line| Some((line.number, raw(line)?)));
        let marked = marked.filter(|(_, html)| html.len() <= text::html::MAX_BYTES && prose::is_html(html));
        match (plain, marked) {
            (Some(plain), None) => plain,
            (Some(plain), Some(_)) if prose::is_html(&plain.1) => plain,
            (_, Some(marked)) => marked,
            (None, None) => (component.line, String::new()),
        }
    }
}

fn unknown_zone(time: Time<'_>) -> Said {
    let id = if let Time::Wall(_, Some(id)) = time { id } else { "" };
    Said::new("import-zone").with("zone", text::first_line(&text::one_line(id), 80))
}

/// The first characters of it, and whether there were more.
fn cut(line: &str, most: usize) -> (String, bool) {
    let long = line.chars().count() > most;
    (if long { text::first_line(line, most) } else { line.to_owned() }, long)
}

/// What a property of no standard says: the parser would take its semicolons for the ends of values.
pub fn raw(line: &Line) -> Option<String> {
    let value = std::str::from_utf8(line.value()).ok()?;
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            '\0' | '\r' => {}
            other => text.push(other),
        }
    }
    Some(text)
}

fn rooms(component: &Component) -> Option<Url> {
    ROOMS.iter().flat_map(|name| component.lines_of(name).take(5)).find_map(|line| online(raw(line)?.trim()).ok())
}

/// `GEO`, or what Apple writes instead.
fn position(component: &Component) -> Option<(f64, f64)> {
    let told = Property::of(component, "GEO").map(|geo| geo.floats()).unwrap_or_default();
    let apple = || {
        let value = raw(component.lines_of("X-APPLE-STRUCTURED-LOCATION").next()?)?;
        let (latitude, longitude) = value.trim().strip_prefix("geo:")?.split_once(',')?;
        Some((latitude.parse().ok()?, longitude.split(';').next()?.parse().ok()?))
    };
    let found = if let [latitude, longitude] = told[..] { Some((latitude, longitude)) } else { apple() };
    found.filter(|(latitude, longitude): &(f64, f64)| {
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        // what has no place is put there by programs, and nobody meets in the sea
        on_earth && (*latitude, *longitude) != (0.0, 0.0)
    })
}

fn categories(component: &Component) -> Vec<String> {
    let properties = component.lines_of("CATEGORIES").take(50).filter_map(Property::read);
    let mut found: Vec<String> = Vec::new();
    for property in properties {
        found.extend(property.texts().map(text::one_line).filter(|category| !category.is_empty()));
    }
    found.truncate(50);
    found
}

/// `Public space` becomes `public_space`.
fn tag(category: &str) -> Option<String> {
    let tag = category.trim_start_matches('#').to_lowercase();
    let tag: String =
        tag.chars().map(|c| if c.is_whitespace() || matches!(c, '-' | '/' | '&' | '.') { '_' } else { c }).collect();
    let tag = tag.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    text::is_tag(&tag).then_some(tag)
}

/// Of those that Plaza knows, where a category says it in so many words.
fn kind(categories: &[String]) -> Kind {
    const SAID: [(&str, Kind); 22] = [
        ("assembly", Kind::Assembly),
        ("general assembly", Kind::Assembly),
        ("asamblea", Kind::Assembly),
        ("plenum", Kind::Assembly),
        ("action", Kind::Action),
        ("acción", Kind::Action),
        ("demo", Kind::Action),
        ("demonstration", Kind::Action),
        ("protest", Kind::Action),
        ("movements_politics", Kind::Action),
        ("workday", Kind::WorkDay),
        ("work day", Kind::WorkDay),
        ("jornada", Kind::WorkDay),
        ("workshop", Kind::Workshop),
        ("workshops", Kind::Workshop),
        ("taller", Kind::Workshop),
        ("learning", Kind::Workshop),
        ("social", Kind::Social),
        ("party", Kind::Social),
        ("fiesta", Kind::Social),
        ("concert", Kind::Social),
        ("music", Kind::Social),
    ];
    let said = |category: &String| {
        let category = category.to_lowercase();
        SAID.iter().find(|(name, _)| *name == category).map(|(_, kind)| *kind)
    };
    categories.iter().find_map(said).unwrap_or(Kind::Meeting)
}
