//! What the city says, in the languages it has: Fluent messages, and dates and times written out.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use fluent_templates::{Loader, fluent_bundle::FluentValue, static_loader};
use unic_langid::{LanguageIdentifier, langid};

use crate::error::Sentence;

static_loader! {
    static LANGUAGES = {
        locales: "./src/words",
        fallback_language: "en",
        // marks around inserted text would stand in summaries and plain text that other programs show
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    language: LanguageIdentifier,
}

impl Words {
    /// Languages that are here whole.
    pub const ALL: [LanguageIdentifier; 2] = [langid!("en"), langid!("es")];

    /// The words of this language, else of its relatives, else English.
    pub fn of(tag: &str) -> Self {
        let wanted = tag.parse::<LanguageIdentifier>().ok().map(|wanted| wanted.language);
        let language = Self::ALL.into_iter().find(|known| Some(known.language) == wanted).unwrap_or(langid!("en"));
        Self { language }
    }

    /// What a language calls itself, else its tag.
    pub fn name_of(language: &LanguageIdentifier) -> String {
        match language.language.as_str() {
            "en" => "English".into(),
            "es" => "Español".into(),
            _ => language.to_string(),
        }
    }

    /// `en` or `es`.
    pub fn tag(&self) -> String {
        self.language.to_string()
    }

    /// A message with its blanks filled in.
    pub fn say(&self, message: &str, blanks: &[(&'static str, &str)]) -> String {
        let blanks = blanks.iter().map(|(name, value)| ((*name).into(), FluentValue::from((*value).to_owned()))).collect();
        LANGUAGES.lookup_with_args(&self.language, message, &blanks)
    }

    /// The same, where the names of the blanks were read from somewhere.
    pub fn say_with(&self, message: &str, blanks: impl IntoIterator<Item = (String, String)>) -> String {
        let blanks = blanks.into_iter().map(|(name, value)| (name.into(), FluentValue::from(value))).collect();
        LANGUAGES.lookup_with_args(&self.language, message, &blanks)
    }

    /// Why something was refused; in English where no message says it.
    pub fn why(&self, sentence: &Sentence) -> String {
        match &sentence.said {
            None => sentence.text.clone(),
            Some(said) => {
                let blanks: Vec<(&'static str, &str)> = said.blanks.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.say(said.message, &blanks)
            }
        }
    }

    /// `Tue 24 Nov 2026, 18:00–20:00 EST`.
    pub fn when_short(&self, start: DateTime<Tz>, end: DateTime<Tz>) -> String {
        self.when(start, end, "short", &zone_abbreviation(&start))
    }

    /// `Tuesday 24 November 2026, 18:00–20:00 (America/New_York)`.
    pub fn when_long(&self, start: DateTime<Tz>, end: DateTime<Tz>) -> String {
        let (zone, short) = (start.timezone().name(), zone_abbreviation(&start));
        self.when(start, end, "long", &if zone == short { short } else { format!("({zone})") })
    }

    /// `Tuesday 24 November 2026, 18:00–20:00 ` and what is to be said of the zone.
    pub fn when_in(&self, start: DateTime<Tz>, end: DateTime<Tz>, zone: &str) -> String {
        self.when(start, end, "long", zone)
    }

    fn when(&self, start: DateTime<Tz>, end: DateTime<Tz>, form: &'static str, zone: &str) -> String {
        let (from, to) = (clock_face(&start), clock_face(&end));
        if start.date_naive() == end.date_naive() {
            let date = self.date(&start, form);
            return self.say("when-one-day", &[("date", &date), ("from", &from), ("to", &to), ("zone", zone)]);
        }
        let (first, last) = (self.date(&start, form), self.date(&end, form));
        self.say("when-days", &[("first", &first), ("from", &from), ("last", &last), ("to", &to), ("zone", zone)])
    }

    /// A date with its weekday and year, in the form `short` or `long`.
    pub fn date(&self, time: &DateTime<Tz>, form: &'static str) -> String {
        let weekday = self.say(&format!("weekday-{form}-{}", time.weekday().number_from_monday()), &[]);
        let month = self.say(&format!("month-{form}-{}", time.month()), &[]);
        let (day, year) = (time.day().to_string(), time.year().to_string());
        self.say(&format!("date-{form}"), &[("weekday", &weekday), ("day", &day), ("month", &month), ("year", &year)])
    }
}

fn clock_face(time: &DateTime<Tz>) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `EST`; where a zone has no letters, `UTC+03`.
pub fn zone_abbreviation(time: &DateTime<Tz>) -> String {
    let abbreviation = time.format("%Z").to_string();
    if abbreviation.starts_with(['+', '-']) { format!("UTC{abbreviation}") } else { abbreviation }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn times_are_written_out_in_each_language() {
        let at = |day, hour| Tz::America__New_York.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap();
        let (en, es) = (Words::of("en-GB"), Words::of("es"));
        assert_eq!(en.when_short(at(24, 18), at(24, 20)), "Tue 24 Nov 2026, 18:00–20:00 EST");
        assert_eq!(en.when_long(at(24, 18), at(24, 20)), "Tuesday 24 November 2026, 18:00–20:00 (America/New_York)");
        assert_eq!(es.when_long(at(24, 18), at(24, 20)), "martes 24 de noviembre de 2026, 18:00–20:00 (America/New_York)");
        assert_eq!(en.when_short(at(24, 22), at(25, 2)), "Tue 24 Nov 2026, 22:00 – Wed 25 Nov 2026, 02:00 EST");
        assert_eq!(zone_abbreviation(&at(24, 18).with_timezone(&Tz::America__Sao_Paulo)), "UTC-03");
        assert_eq!(Words::of("eu").tag(), "en");
    }
}
