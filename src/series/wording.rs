//! A rule in words of each language: "every Tuesday, 18:00, until 31 January 2027".

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};

use super::rule::{End, Every, Rule};
use crate::words::Words;

/// How often, at what time and until when.
pub fn sentence(words: &Words, rule: &Rule, first: NaiveDateTime) -> String {
    let time = first.format("%H:%M").to_string();
    let often = words.say("series-at", &[("often", &often(words, rule, first.date())), ("time", &time)]);
    match rule.end() {
        End::Never => often,
        End::Until(day) => words.say("series-until", &[("often", &often), ("date", &date_of_year(words, day))]),
        End::After(1) => words.say("series-once", &[("often", &often)]),
        End::After(count) => words.say("series-times", &[("often", &often), ("count", &count.to_string())]),
    }
}

/// Only how often: "every Tuesday"; on the day of `first` where the rule names none.
pub fn often(words: &Words, rule: &Rule, first: NaiveDate) -> String {
    let interval = rule.interval();
    let count = number(words, interval);
    let of_a_month = |days: &str, each: &str| match (interval, interval % 12) {
        (1, _) => words.say(each, &[("days", days)]),
        // a series every twelve months is in one month of each year
        (12, _) => words.say("series-year-month", &[("days", days), ("month", &month(words, first))]),
        (_, 0) => {
            let years = number(words, interval / 12);
            words.say("series-years-month", &[("count", &years), ("days", days), ("month", &month(words, first))])
        }
        _ => words.say("series-months", &[("count", &count), ("days", days)]),
    };
    match rule.every() {
        Every::Day => one_or_many(words, interval, "series-day", "series-days", &[("count", &count)]),
        Every::Week(days) => weeks(words, interval, days),
        Every::MonthDay(days) => {
            let days = list(words, days.iter().map(|day| day_of_month(words, *day)));
            of_a_month(&words.say("series-of-days", &[("days", &days)]), "series-month-days")
        }
        Every::MonthWeekday(days) => of_a_month(&weekdays_of_month(words, days), "series-month-weekdays"),
        Every::Year => {
            let date = words.say("day-of-month", &[("day", &first.day().to_string()), ("month", &month(words, first))]);
            let (year, years) = if (first.month(), first.day()) == (2, 29) {
                ("series-year-leap", "series-years-leap")
            } else {
                ("series-year", "series-years")
            };
            one_or_many(words, interval, year, years, &[("count", &count), ("date", &date)])
        }
    }
}

fn weeks(words: &Words, interval: u16, days: &[Weekday]) -> String {
    const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    match (interval, days.len()) {
        (1, 7) => words.say("series-day", &[]),
        (1, _) if days == WORKDAYS => words.say("series-workdays", &[]),
        (1, _) => {
            let days = list(words, days.iter().map(|day| words.say("series-weekday", &[("weekday", &weekday(words, *day))])));
            words.say("series-week", &[("days", &days)])
        }
        _ => {
            let named = |day: &Weekday| words.say("series-weekday-of-weeks", &[("weekday", &weekday(words, *day))]);
            let (count, days) = (number(words, interval), list(words, days.iter().map(named)));
            words.say("series-weeks", &[("count", &count), ("days", &days)])
        }
    }
}

fn day_of_month(words: &Words, day: i8) -> String {
    let named = words.say(&format!("series-day-{}", day.unsigned_abs()), &[]);
    match day {
        -1 => words.say("series-last-day", &[]),
        ..-1 => words.say("series-day-from-end", &[("day", &named)]),
        _ => named,
    }
}

/// "the first and third Tuesday", "the first Tuesday and the last Friday".
fn weekdays_of_month(words: &Words, days: &[(i8, Weekday)]) -> String {
    let mut by_weekday: Vec<(Weekday, Vec<i8>)> = Vec::new();
    for (n, day) in days {
        match by_weekday.iter_mut().find(|(known, _)| known == day) {
            Some((_, numbers)) => numbers.push(*n),
            None => by_weekday.push((*day, vec![*n])),
        }
    }
    let parts = by_weekday.into_iter().flat_map(|(day, numbers)| numbered(words, &weekday(words, day), &numbers));
    list(words, parts.collect::<Vec<_>>().into_iter())
}

fn numbered(words: &Words, weekday: &str, numbers: &[i8]) -> Vec<String> {
    if numbers == [1, 2, 3, 4, 5] {
        return vec![words.say("series-each-weekday", &[("weekday", weekday)])];
    }
    let (far, near): (Vec<i8>, Vec<i8>) = numbers.iter().copied().partition(|n| *n < -3);
    let nth = |n: &i8| match n {
        -1 => words.say("series-nth-last", &[]),
        -3..=-2 => words.say(&format!("series-nth-last-{}", n.unsigned_abs()), &[]),
        n => words.say(&format!("series-nth-{}", n.unsigned_abs()), &[]),
    };
    let together = (!near.is_empty()).then(|| {
        let nth = list(words, near.iter().map(nth));
        words.say("series-nth-weekday", &[("nth", &nth), ("weekday", weekday)])
    });
    let from_end = far.iter().map(|n| words.say("series-nth-weekday-from-end", &[("nth", &nth(n)), ("weekday", weekday)]));
    together.into_iter().chain(from_end).collect()
}

/// "a, b and c".
fn list(words: &Words, mut parts: impl DoubleEndedIterator<Item = String>) -> String {
    let Some(last) = parts.next_back() else { return String::new() };
    let before = parts.reduce(|list, next| words.say("series-comma", &[("list", &list), ("last", &next)]));
    before.map_or(last.clone(), |before| words.say("series-and", &[("list", &before), ("last", &last)]))
}

fn one_or_many(words: &Words, interval: u16, one: &str, many: &str, blanks: &[(&'static str, &str)]) -> String {
    words.say(if interval == 1 { one } else { many }, blanks)
}

/// Small numbers are words.
fn number(words: &Words, number: u16) -> String {
    if (2..=12).contains(&number) { words.say(&format!("series-count-{number}"), &[]) } else { number.to_string() }
}

fn weekday(words: &Words, day: Weekday) -> String {
    words.say(&format!("weekday-long-{}", day.number_from_monday()), &[])
}

fn month(words: &Words, day: NaiveDate) -> String {
    words.say(&format!("month-long-{}", day.month()), &[])
}

/// "31 January 2027".
fn date_of_year(words: &Words, day: NaiveDate) -> String {
    let (number, year) = (day.day().to_string(), day.year().to_string());
    words.say("day-of-year", &[("day", &number), ("month", &month(words, day)), ("year", &year)])
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn rules_are_said_in_words_of_each_language() {
        let table = [
            ("FREQ=WEEKLY;BYDAY=TU", "every Tuesday, 18:00", "cada martes, 18:00"),
            ("FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday, 18:00", "cada martes y jueves, 18:00"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,SA", "every Monday, Tuesday and Saturday, 18:00", "cada lunes, martes y sábado, 18:00"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every day from Monday to Friday, 18:00", "cada día de lunes a viernes, 18:00"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day, 18:00", "cada día, 18:00"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every two weeks on Tuesday, 18:00", "cada dos semanas, el martes, 18:00"),
            (
                "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SU",
                "every three weeks on Tuesday and Sunday, 18:00",
                "cada tres semanas, el martes y el domingo, 18:00",
            ),
            ("FREQ=DAILY", "every day, 18:00", "cada día, 18:00"),
            ("FREQ=DAILY;INTERVAL=2", "every two days, 18:00", "cada dos días, 18:00"),
            ("FREQ=DAILY;INTERVAL=40", "every 40 days, 18:00", "cada 40 días, 18:00"),
            ("FREQ=MONTHLY;BYDAY=2TU", "the second Tuesday of each month, 18:00", "el segundo martes de cada mes, 18:00"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "the last Friday of each month, 18:00", "el último viernes de cada mes, 18:00"),
            (
                "FREQ=MONTHLY;BYDAY=1TU,3TU",
                "the first and third Tuesday of each month, 18:00",
                "el primer y el tercer martes de cada mes, 18:00",
            ),
            (
                "FREQ=MONTHLY;BYDAY=1TU,-2FR",
                "the first Tuesday and the second to last Friday of each month, 18:00",
                "el primer martes y el penúltimo viernes de cada mes, 18:00",
            ),
            (
                "FREQ=MONTHLY;BYDAY=-4TU",
                "the fourth to last Tuesday of each month, 18:00",
                "el cuarto martes contando desde el final de cada mes, 18:00",
            ),
            (
                "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU",
                "every two months on the second Tuesday, 18:00",
                "cada dos meses, el segundo martes, 18:00",
            ),
            ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "every two months on each Tuesday, 18:00", "cada dos meses, cada martes, 18:00"),
            (
                "FREQ=MONTHLY;BYMONTHDAY=1,15",
                "on the 1st and 15th of each month, 18:00",
                "el día 1 y el día 15 de cada mes, 18:00",
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=22", "on the 22nd of each month, 18:00", "el día 22 de cada mes, 18:00"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of each month, 18:00", "el último día de cada mes, 18:00"),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-3",
                "on the 3rd to last day of each month, 18:00",
                "el día 3 contando desde el final de cada mes, 18:00",
            ),
            ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "every three months on the 1st, 18:00", "cada tres meses, el día 1, 18:00"),
            ("FREQ=YEARLY", "every year on 1 May, 18:00", "cada año, el 1 de mayo, 18:00"),
            ("FREQ=YEARLY;INTERVAL=2", "every two years on 1 May, 18:00", "cada dos años, el 1 de mayo, 18:00"),
            (
                "FREQ=MONTHLY;INTERVAL=12;BYDAY=1SA",
                "every year on the first Saturday of May, 18:00",
                "cada año, el primer sábado de mayo, 18:00",
            ),
            (
                "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=1,2",
                "every two years on the 1st and 2nd of May, 18:00",
                "cada dos años, el día 1 y el día 2 de mayo, 18:00",
            ),
            (
                "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270131",
                "every Saturday, 18:00, until 31 January 2027",
                "cada sábado, 18:00, hasta el 31 de enero de 2027",
            ),
            ("FREQ=WEEKLY;BYDAY=SA;COUNT=10", "every Saturday, 18:00, 10 times", "cada sábado, 18:00, 10 veces"),
            ("FREQ=WEEKLY;BYDAY=SA;COUNT=1", "every Saturday, 18:00, once", "cada sábado, 18:00, una vez"),
        ];
        // a Saturday
        let first = NaiveDate::from_ymd_opt(2027, 5, 1).and_then(|day| day.and_hms_opt(18, 0, 0)).expect("a time");
        for (text, english, spanish) in table {
            let rule = Rule::parse(text, first, Tz::Europe__Madrid).expect(text);
            assert_eq!(sentence(&Words::of("en"), &rule, first), english, "{text}");
            assert_eq!(sentence(&Words::of("es"), &rule, first), spanish, "{text}");
        }
    }

    #[test]
    fn a_day_that_not_every_year_has_is_said_with_care() {
        let first = NaiveDate::from_ymd_opt(2028, 2, 29).expect("a day");
        let said = |language: &str, interval| {
            let rule = Rule::new(Every::Year, interval, End::Never).expect("a rule");
            often(&Words::of(language), &rule, first)
        };
        assert_eq!(said("en", 1), "every year on 29 February, when there is one");
        assert_eq!(said("es", 1), "cada año, el 29 de febrero, cuando lo hay");
        assert_eq!(said("en", 4), "every four years on 29 February, when there is one");
        assert_eq!(said("es", 4), "cada cuatro años, el 29 de febrero, cuando lo hay");
    }

    #[test]
    fn every_shape_has_its_words() {
        for language in ["en", "es"] {
            let words = Words::of(language);
            for n in (-31..=31_i8).filter(|n| *n != 0) {
                let said = day_of_month(&words, n);
                assert!(!said.contains("Unknown") && !said.contains("series-"), "{said}");
            }
            for n in (-5..=5_i8).filter(|n| *n != 0) {
                let said = weekdays_of_month(&words, &[(n, Weekday::Mon)]);
                assert!(!said.contains("Unknown") && !said.contains("series-"), "{said}");
            }
        }
    }
}
