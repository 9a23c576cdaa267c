//! What is said of whether a group still meets: kindly, and with what can be done.

use chrono::Datelike;
use chrono_tz::Tz;

use super::liveness::{Liveness, Signs};
use crate::{clock::Timestamp, web::Day, words::Words};

/// Which of the messages fits; the last part of its name.
fn message(signs: &Signs, now: Timestamp) -> Option<&'static str> {
    let met = signs.met.is_some();
    match signs.liveness(now) {
        Liveness::Meets if signs.next.is_some() => None,
        Liveness::Quiet | Liveness::Asleep if signs.unsure => Some("unsure"),
        Liveness::Meets => Some("met"),
        Liveness::Quiet if met => Some("quiet"),
        Liveness::Quiet if signs.is_new(now) => Some("new"),
        Liveness::Quiet => Some("silent"),
        Liveness::Asleep if met => Some("asleep"),
        Liveness::Asleep => Some("asleep-silent"),
        Liveness::Ended => Some("ended"),
    }
}

/// In a list, in a few words; nothing where a next meeting is told.
pub fn briefly(words: &Words, zone: Tz, signs: &Signs, now: Timestamp) -> Option<String> {
    Some(filled(words, zone, signs, now, &format!("living-{}", message(signs, now)?), ""))
}

/// On the group's page, in a sentence.
pub fn sentence(words: &Words, zone: Tz, signs: &Signs, now: Timestamp, group: &str) -> Option<String> {
    Some(filled(words, zone, signs, now, &format!("living-said-{}", message(signs, now)?), group))
}

fn filled(words: &Words, zone: Tz, signs: &Signs, now: Timestamp, message: &str, group: &str) -> String {
    let time = signs.ended.or(signs.met).unwrap_or_else(|| signs.last());
    let local = time.utc().with_timezone(&zone);
    let name = words.say(&format!("month-long-{}", local.month()), &[]);
    let month = words.say("agenda-month", &[("month", &name), ("year", &local.year().to_string())]);
    words.say(message, &[("day", &Day::of(&local, now).date(words)), ("month", &month), ("group", group)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::living::liveness::{ASLEEP, LATELY};

    #[test]
    fn every_state_has_its_words_in_every_language() {
        let now = Timestamp::from_seconds(1_795_521_600);
        let long_ago = now - ASLEEP * 2;
        let signs = |met, said, started, ended| Signs { next: None, met, said, unsure: false, changed: started, started, ended };
        let table = [
            (
                signs(Some(now), None, long_ago, None),
                "The Kitchen met on Tuesday 24 November. Its next meeting is not on the agenda yet.",
            ),
            (
                signs(Some(now - LATELY), None, long_ago, None),
                "It is quiet around the group at the moment. The Kitchen last met on Tuesday 3 November.",
            ),
            (signs(None, None, now, None), "The Kitchen is new here. Its first meeting is not on the agenda yet."),
            (signs(None, Some(now), long_ago, None), "The Kitchen speaks up, but has no meeting planned."),
            (signs(Some(long_ago), None, long_ago, None), "The Kitchen seems to be asleep: it has not met since July 2026."),
            (signs(None, None, long_ago, None), "The Kitchen seems to be asleep: nothing was heard of it since July 2026."),
            (
                Signs { unsure: true, ..signs(None, None, now, None) },
                "The Kitchen has meetings on the agenda, but nobody has said of the last ones that they took place.",
            ),
            (signs(None, None, long_ago, Some(now)), "The Kitchen ended on Tuesday 24 November."),
        ];
        let (en, es) = (Words::of("en"), Words::of("es"));
        let zone = Tz::America__New_York;
        for (signs, expected) in table {
            assert_eq!(sentence(&en, zone, &signs, now, "The Kitchen").as_deref(), Some(expected));
            let spanish = sentence(&es, zone, &signs, now, "Cocina").expect("a sentence");
            assert!(spanish.contains("Cocina") && !spanish.contains("living-"), "{spanish}");
            for words in [&en, &es] {
                let brief = briefly(words, zone, &signs, now).expect("some words");
                assert!(!brief.contains("living-") && brief.chars().count() < 70, "{brief}");
            }
        }
        let meets = Signs { next: Some(now), ..signs(None, None, now, None) };
        assert_eq!(briefly(&en, zone, &meets, now), None);
    }
}
