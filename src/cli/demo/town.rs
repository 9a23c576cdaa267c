//! What a city of the demo consists of, and the commands that make it: nothing here is done in any other way than by typing it.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Weekday};
use chrono_tz::Tz;

/// One city: its words stand in a file of its own.
pub struct Town {
    /// Name of its folder.
    pub folder: &'static str,
    pub name: &'static str,
    pub zone: Tz,
    pub languages: &'static str,
    pub groups: &'static [Group],
    /// Places that are kept for everybody's use.
    pub places: &'static [Place],
    pub plans: &'static [Plan],
    pub rhythms: &'static [Rhythm],
    /// What was said before the demo began.
    pub news: &'static [News],
    /// What is said when both cities hear each other.
    pub fresh: &'static [News],
    /// What is suggested for trying.
    pub try_out: TryOut,
}

pub struct Group {
    pub handle: &'static str,
    pub name: &'static str,
    pub mission: &'static str,
    pub contact: &'static str,
    pub tags: &'static [&'static str],
}

pub struct Plan {
    pub group: &'static str,
    pub title: &'static str,
    pub kind: &'static str,
    pub when: When,
    pub minutes: u16,
    pub at: At,
    pub agenda: &'static str,
    pub then: Then,
}

/// When something begins, on the clock of the place.
pub enum When {
    /// Today if people could still get there, else tomorrow morning.
    Soon,
    /// So many days from today, at this hour and minute.
    Day(u64, &'static str),
}

pub struct Place {
    pub group: &'static str,
    pub name: &'static str,
    pub address: &'static str,
    /// Names of facts.
    pub access: &'static [&'static str],
    pub access_line: &'static str,
}

/// Meetings that recur, at a place that is kept.
pub struct Rhythm {
    pub group: &'static str,
    pub title: &'static str,
    pub kind: &'static str,
    pub every: Every,
    pub time: &'static str,
    pub minutes: u16,
    pub place: &'static str,
    pub agenda: &'static str,
    /// What was noted of the first one, where it is over when the demo begins.
    pub notes: &'static str,
    /// The next one is moved to this hour, and the one after it called off.
    pub moved: Option<&'static str>,
}

pub enum Every {
    /// Since so many days before the demo began.
    WeekSince(u64),
    /// The next one first.
    SecondTuesday,
}

/// So many hours before the demo began, notes were published: after a first meeting three days before.
pub const NOTED: u16 = 45;

pub enum At {
    Place { name: &'static str, address: &'static str },
    Online(&'static str),
}

/// What becomes of a meeting once the cities hear each other.
#[derive(PartialEq, Eq)]
pub enum Then {
    Stays,
    Cancelled,
    /// To another hour of its day, and to another place.
    Moved(&'static str, &'static str),
}

pub struct News {
    pub group: &'static str,
    /// Before the demo began; nothing for what is fresh.
    pub hours_ago: u16,
    pub title: &'static str,
    pub text: &'static str,
    /// Empty: the group's.
    pub language: &'static str,
    pub urgent: bool,
}

pub struct TryOut {
    /// Group, and what it might say.
    pub announce: (&'static str, &'static str),
    /// A group whose sister in the other city speaks.
    pub listener: &'static str,
    /// One that hears nobody in the other city.
    pub apart: &'static str,
}

/// What would be typed after `plaza`.
pub type Words = Vec<String>;

fn words<const N: usize>(words: [&str; N]) -> Words {
    words.map(str::to_owned).to_vec()
}

impl Group {
    pub fn create(&self) -> Words {
        let mut typed = words(["group", "create", self.handle, "--name", self.name, "--mission", self.mission]);
        typed.extend(words(["--contact", self.contact]));
        typed.extend(self.tags.iter().flat_map(|tag| words(["--tag", tag])));
        typed
    }
}

impl Plan {
    /// As seen from the moment at which the demo begins.
    pub fn schedule(&self, now: DateTime<Tz>) -> Words {
        let (starts, minutes) = (self.when.from(now), self.minutes.to_string());
        let mut typed = words(["meeting", "schedule", self.group, "--title", self.title, "--kind", self.kind]);
        typed.extend(words(["--starts", &starts, "--minutes", &minutes, "--agenda", self.agenda]));
        typed.extend(match self.at {
            At::Place { name, address } => words(["--place", name, "--address", address]),
            At::Online(url) => words(["--online", url]),
        });
        typed
    }

    /// What is typed about the meeting of that id later on.
    pub fn afterwards(&self, id: &str, now: DateTime<Tz>) -> Option<Words> {
        match self.then {
            Then::Stays => None,
            Then::Cancelled => Some(words(["meeting", "cancel", id])),
            Then::Moved(time, place) => {
                let starts = self.when.from(now);
                let day = starts.split('T').next().unwrap_or_default();
                Some(words(["meeting", "move", id, "--starts", &format!("{day}T{time}"), "--place", place]))
            }
        }
    }
}

impl Place {
    pub fn keep(&self) -> Words {
        let mut typed = words(["place", "add", self.group, "--name", self.name, "--address", self.address]);
        typed.extend(self.access.iter().flat_map(|fact| words(["--access", fact])));
        typed.extend(words(["--access-line", self.access_line]));
        typed
    }
}

impl Rhythm {
    /// As seen from the moment at which the demo begins.
    pub fn schedule(&self, now: DateTime<Tz>) -> Words {
        let (today, minutes) = (now.date_naive(), self.minutes.to_string());
        let (first, every) = match self.every {
            Every::WeekSince(days) => (today.checked_sub_days(Days::new(days)), "FREQ=WEEKLY"),
            Every::SecondTuesday => {
                let second = |day: &NaiveDate| day.weekday() == Weekday::Tue && (8..=14).contains(&day.day());
                (today.iter_days().skip(1).find(second), "FREQ=MONTHLY;BYDAY=2TU")
            }
        };
        let starts = format!("{}T{}", first.unwrap_or(today), self.time);
        let mut typed = words(["meeting", "schedule", self.group, "--title", self.title, "--kind", self.kind]);
        typed.extend(words(["--starts", &starts, "--minutes", &minutes, "--every", every, "--place", self.place]));
        typed.extend(words(["--agenda", self.agenda]));
        typed
    }

    /// What is typed about the first one, of that id, when it is over.
    pub fn publish_notes(&self, first: &str) -> Option<Words> {
        (!self.notes.is_empty()).then(|| words(["minutes", "publish", first, "--present", "10-19", "--text", self.notes]))
    }

    /// What becomes of the next two, of which the ids and the first start are these.
    pub fn changes(&self, [next, after]: [&str; 2], starts: &str) -> Vec<Words> {
        let Some(time) = self.moved else { return vec![] };
        let day = starts.split('T').next().unwrap_or_default();
        vec![words(["meeting", "move", next, "--starts", &format!("{day}T{time}")]), words(["meeting", "cancel", after])]
    }
}

impl News {
    pub fn announce(&self) -> Words {
        let mut typed = words(["announce", self.group, "--text", self.text]);
        if !self.title.is_empty() {
            typed.extend(words(["--title", self.title]));
        }
        if !self.language.is_empty() {
            typed.extend(words(["--language", self.language]));
        }
        if self.urgent {
            typed.push("--urgent".into());
        }
        typed
    }
}

/// Between these hours people come at short notice.
const FIRST_HOUR: u32 = 9;
const LAST_HOUR: u32 = 20;

impl When {
    /// Such as `2026-11-24T18:00`.
    fn from(&self, now: DateTime<Tz>) -> String {
        let today = now.date_naive();
        let on = |days: u64, time: &str| format!("{}T{time}", today.checked_add_days(Days::new(days)).unwrap_or(today));
        match self {
            Self::Day(days, time) => on(*days, time),
            Self::Soon => {
                // the second full hour from now: there is time to get there
                match now.hour() + 2 {
                    ..FIRST_HOUR => on(0, &format!("{FIRST_HOUR:02}:00")),
                    hour @ FIRST_HOUR..=LAST_HOUR => on(0, &format!("{hour:02}:00")),
                    _ => on(1, &format!("{FIRST_HOUR:02}:00")),
                }
            }
        }
    }
}

/// When groups of the demo were started: before all that they said.
pub fn beginning(now: DateTime<Tz>) -> DateTime<Tz> {
    let day = now - TimeDelta::days(5);
    day.with_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()).earliest().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn what_recurs_begins_days_before_or_on_the_next_second_tuesday() {
        let rhythm = |every| Rhythm {
            group: "kitchen",
            title: "Stores",
            kind: "meeting",
            every,
            time: "19:00",
            minutes: 60,
            place: "The tent",
            agenda: "",
            notes: "",
            moved: Some("20:00"),
        };
        let typed = |every, day| rhythm(every).schedule(Tz::Europe__Madrid.with_ymd_and_hms(2026, 12, day, 9, 0, 0).unwrap());
        assert!(typed(Every::WeekSince(3), 2).contains(&"2026-11-29T19:00".to_owned()));
        for (today, first) in [(1, "2026-12-08T19:00"), (7, "2026-12-08T19:00"), (8, "2027-01-12T19:00")] {
            assert!(typed(Every::SecondTuesday, today).contains(&first.to_owned()), "{today}");
        }
        let changes = rhythm(Every::SecondTuesday).changes(["a", "b"], "2026-12-08T19:00:00+01:00");
        let changes: Vec<String> = changes.iter().map(|words| words.join(" ")).collect();
        assert_eq!(changes, ["meeting move a --starts 2026-12-08T20:00", "meeting cancel b"]);
    }

    #[test]
    fn what_is_soon_is_today_while_people_are_about_and_else_tomorrow() {
        let at = |hour, minute| Tz::Europe__Madrid.with_ymd_and_hms(2026, 11, 24, hour, minute, 0).unwrap();
        for (now, starts) in [
            (at(0, 5), "2026-11-24T09:00"),
            (at(6, 59), "2026-11-24T09:00"),
            (at(9, 59), "2026-11-24T11:00"),
            (at(18, 30), "2026-11-24T20:00"),
            (at(19, 0), "2026-11-25T09:00"),
            (at(23, 59), "2026-11-25T09:00"),
        ] {
            assert_eq!(When::Soon.from(now), starts, "{now}");
        }
        assert_eq!(When::Day(8, "18:30").from(at(12, 0)), "2026-12-02T18:30");
    }
}
