//! Random rules, of which another implementation of RFC 5545 (`rrule`) says when they begin.

use proptest::{collection::vec, prelude::*};

use super::*;

fn weekday() -> impl Strategy<Value = Weekday> {
    (0..7_u8).prop_map(|day| Weekday::try_from(day).expect("a weekday"))
}

/// Counted from either end.
fn not_zero(most: i8) -> impl Strategy<Value = i8> {
    prop_oneof![1..=most, -most..=-1]
}

fn every() -> impl Strategy<Value = Every> {
    prop_oneof![
        Just(Every::Day),
        vec(weekday(), 1..8).prop_map(Every::Week),
        vec(not_zero(31), 1..5).prop_map(Every::MonthDay),
        // `rrule` knows no fifth to last
        vec((prop_oneof![not_zero(4), Just(5)], weekday()), 1..4).prop_map(Every::MonthWeekday),
        Just(Every::Year),
    ]
}

fn first() -> impl Strategy<Value = NaiveDateTime> {
    let leap_day = NaiveDate::from_ymd_opt(2028, 2, 29).expect("a day");
    let days =
        (0..12_000_i64).prop_map(|days| NaiveDate::from_ymd_opt(2001, 1, 1).expect("a day") + chrono::TimeDelta::days(days));
    let day = prop_oneof![9 => days, 1 => Just(leap_day)];
    (day, 0..24_u32, 0..60_u32).prop_map(|(day, hour, minute)| day.and_hms_opt(hour, minute, 0).expect("a time"))
}

fn end() -> impl Strategy<Value = End> {
    let until = (0..4_000_i64)
        .prop_map(|days| End::Until(NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day") + chrono::TimeDelta::days(days)));
    prop_oneof![2 => Just(End::Never), 1 => until, 1 => (1..60_u32).prop_map(End::After)]
}

fn rule() -> impl Strategy<Value = Rule> {
    let interval = prop_oneof![3 => Just(1), 3 => 2..5_u16, 1 => 5..40_u16];
    (every(), interval, end(), weekday())
        .prop_map(|(every, interval, end, week_start)| Rule { week_start, ..Rule::new(every, interval, end).expect("a rule") })
}

/// What `rrule` says, for as long as it is asked.
fn second_opinion(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime, until: NaiveDateTime) -> Vec<NaiveDateTime> {
    let text = format!("DTSTART:{}\nRRULE:{}", first.format("%Y%m%dT%H%M%SZ"), rule.rrule(Tz::UTC, first));
    let set: rrule::RRuleSet = text.parse().expect(&text);
    let starts = set.into_iter().map(|start| start.naive_utc());
    starts.take_while(|start| *start < until).filter(|start| *start >= from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn starts_are_those_of_another_implementation(rule in rule(), first in first(), after in 0..7_000_i64, length in 0..900_i64) {
        // `rrule` takes no rule that ends before it begins
        prop_assume!(!matches!(rule.end(), End::Until(day) if day < first.date()));
        let from = first - chrono::TimeDelta::days(300) + chrono::TimeDelta::days(after);
        let until = from + chrono::TimeDelta::days(length);
        prop_assert_eq!(rule.starts(first, from, until), second_opinion(&rule, first, from, until), "{} from {}", rule, first);
    }

    #[test]
    fn a_rule_is_read_as_it_is_written(rule in rule(), first in first()) {
        let read = Rule::parse(&rule.to_string(), first, Tz::Europe__Madrid).expect("a rule");
        let until = first + chrono::TimeDelta::days(900);
        prop_assert_eq!(rule.starts(first, first, until), read.starts(first, first, until));
        let again = Rule::parse(&read.to_string(), first, Tz::Europe__Madrid);
        prop_assert_eq!(again.as_ref(), Ok(&read));
        let told = Rule::parse(&read.rrule(Tz::Europe__Madrid, first), first, Tz::Europe__Madrid);
        prop_assert_eq!(told, Ok(read));
    }

    #[test]
    fn wherever_a_series_is_split_nothing_is_lost_and_nothing_comes_twice(rule in rule(), first in first(), place in 1..30_usize) {
        let all = |rule: &Rule, first: NaiveDateTime| rule.starts(first, first, first + chrono::TimeDelta::days(900));
        let whole = all(&rule, first);
        prop_assume!(place < whole.len());
        let (before, after) = rule.split(first, whole[place]).expect("two parts");
        let until = first + chrono::TimeDelta::days(900);
        let mut parts = all(&before, first);
        prop_assert_eq!(parts.len(), place);
        parts.extend(after.starts(whole[place], whole[place], until));
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "(FREQ=(WEEKLY|DAILY|MONTHLY|YEARLY);)?((BYDAY|UNTIL|COUNT|BYSETPOS|BYMONTHDAY|INTERVAL|WKST|X)=[-+0-9A-Z,]{0,12};?){0,4}", first in first()) {
        if let Ok(rule) = Rule::parse(&text, first, Tz::America__New_York) {
            let stored = rule.to_string();
            prop_assert_eq!(Rule::parse(&stored, first, Tz::America__New_York), Ok(rule));
        }
    }
}
