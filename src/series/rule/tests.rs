//! What rules promise, by example.

use std::time::{Duration, Instant};

use super::*;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect(text)
}

fn read(text: &str, first: &str) -> Result<Rule, Refusal> {
    Rule::parse(text, at(first), Tz::America__New_York)
}

fn days(rule: &Rule, first: &str, count: usize) -> Vec<String> {
    rule.following(at(first), at(first), count).iter().map(|start| start.date().to_string()).collect()
}

#[test]
fn what_calendars_write_in_several_ways_is_one_rule() {
    // 1 December 2026 is a Tuesday
    let table = [
        ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("RRULE:FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=TU"),
        ("rrule:freq=weekly;byday=th,tu,th;", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=SU,TU;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU"),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=TU;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("FREQ=WEEKLY;BYHOUR=18;BYMINUTE=0;BYSECOND=0", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=DAILY;INTERVAL=1", "FREQ=DAILY"),
        ("FREQ=DAILY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,1,-1", "FREQ=MONTHLY;BYMONTHDAY=1,15,-1"),
        ("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=MONTHLY;BYDAY=+1TU,-1FR", "FREQ=MONTHLY;BYDAY=1TU,-1FR"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=-1TU"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3,1", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=8,9,10,11,12,13,14", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=MONTHLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU,2TU,3TU,4TU,5TU"),
        ("FREQ=YEARLY", "FREQ=YEARLY"),
        ("FREQ=YEARLY;BYMONTH=12", "FREQ=YEARLY"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1", "FREQ=YEARLY"),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=1TU", "FREQ=MONTHLY;INTERVAL=12;BYDAY=1TU"),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=TU;BYSETPOS=1", "FREQ=MONTHLY;INTERVAL=12;BYDAY=1TU"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("FREQ=DAILY;COUNT=10", "FREQ=DAILY;COUNT=10"),
        ("FREQ=DAILY;UNTIL=20270131", "FREQ=DAILY;UNTIL=20270131"),
        // 18:00 in New York is 23:00 in UTC in winter
        ("FREQ=DAILY;UNTIL=20270131T230000Z", "FREQ=DAILY;UNTIL=20270131"),
        ("FREQ=DAILY;UNTIL=20270131T225959Z", "FREQ=DAILY;UNTIL=20270130"),
        ("FREQ=DAILY;UNTIL=20270201T045959Z", "FREQ=DAILY;UNTIL=20270131"),
        ("FREQ=DAILY;UNTIL=20270131T180000", "FREQ=DAILY;UNTIL=20270131"),
        ("FREQ=DAILY;UNTIL=20270131T000000", "FREQ=DAILY;UNTIL=20270130"),
    ];
    for (text, stored) in table {
        assert_eq!(read(text, "2026-12-01T18:00").map(|rule| rule.to_string()), Ok(stored.to_owned()), "{text}");
    }
}

#[test]
fn what_has_no_place_in_a_rule_is_refused_by_its_name() {
    let part = |name: &str| Refusal::Part(name.into());
    let value = |name: &str, value: &str| Refusal::Value(name.into(), value.into());
    let table = [
        ("FREQ=HOURLY", part("FREQ=HOURLY")),
        ("FREQ=SECONDLY;INTERVAL=1", part("FREQ=SECONDLY")),
        ("FREQ=WEEKLY;BYHOUR=9,17", part("BYHOUR")),
        ("FREQ=WEEKLY;BYMINUTE=30", part("BYMINUTE")),
        ("FREQ=YEARLY;BYWEEKNO=20", part("BYWEEKNO")),
        ("FREQ=YEARLY;BYYEARDAY=100", part("BYYEARDAY")),
        ("FREQ=YEARLY;BYEASTER=0", part("BYEASTER")),
        ("FREQ=YEARLY;RSCALE=CHINESE", part("RSCALE")),
        ("FREQ=YEARLY;BYDAY=20MO", part("BYDAY")),
        ("FREQ=YEARLY;BYMONTH=5", part("BYMONTH")),
        ("FREQ=YEARLY;BYMONTH=1,12", part("BYMONTH")),
        ("FREQ=WEEKLY;BYMONTH=5", part("BYMONTH")),
        ("FREQ=WEEKLY;BYDAY=2TU", part("BYDAY")),
        ("FREQ=WEEKLY;BYMONTHDAY=1", part("BYMONTHDAY")),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=TU", part("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", part("BYSETPOS")),
        ("FREQ=MONTHLY;BYDAY=2TU,TH", part("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", part("BYMONTHDAY")),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270101", Refusal::Both),
        ("FREQ=WEEKLY;COUNT=0", Refusal::Count),
        ("FREQ=WEEKLY;COUNT=4294967295", Refusal::Count),
        ("FREQ=WEEKLY;COUNT=-1", value("COUNT", "-1")),
        ("FREQ=WEEKLY;INTERVAL=0", Refusal::Interval),
        ("FREQ=WEEKLY;INTERVAL=1000", Refusal::Interval),
        ("FREQ=YEARLY;INTERVAL=100;BYMONTH=12;BYDAY=1TU", Refusal::Interval),
        ("FREQ=WEEKLY;INTERVAL=99999999999", value("INTERVAL", "99999999999")),
        ("FREQ=WEEKLY;BYDAY=", value("BYDAY", "")),
        ("FREQ=WEEKLY;BYDAY=é", value("BYDAY", "é")),
        ("FREQ=WEEKLY;BYDAY=XX", value("BYDAY", "XX")),
        ("FREQ=WEEKLY;WKST=1", value("WKST", "1")),
        ("FREQ=WEEKLY;UNTIL=soon", value("UNTIL", "SOON")),
        ("FREQ=WEEKLY;UNTIL=20270231", value("UNTIL", "20270231")),
        ("FREQ=WEEKLY;UNTIL=20270101T250000Z", value("UNTIL", "20270101T250000Z")),
        ("FREQ=MONTHLY;BYMONTHDAY=0", Refusal::Days),
        ("FREQ=MONTHLY;BYMONTHDAY=32", Refusal::Days),
        ("FREQ=MONTHLY;BYDAY=6TU", Refusal::Days),
        ("FREQ=MONTHLY;BYDAY=0TU", Refusal::Days),
    ];
    for (text, refusal) in table {
        assert_eq!(read(text, "2026-12-01T18:00"), Err(refusal), "{text}");
    }
    let long = format!("FREQ=WEEKLY;BYDAY={}", vec!["TU"; 400].join(","));
    for text in ["", "weekly", "BYDAY=TU", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;TU", &long] {
        assert!(matches!(read(text, "2026-12-01T18:00"), Err(Refusal::Text(_))), "{text}");
    }
}

#[test]
fn days_that_a_month_or_a_year_does_not_have_are_passed_over() {
    let table = [
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31T18:00", "2026-12-31 2027-01-31 2027-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=31,-1", "2027-01-31T18:00", "2027-01-31 2027-02-28 2027-03-31"),
        ("FREQ=MONTHLY;BYDAY=5TU", "2026-12-29T18:00", "2026-12-29 2027-03-30 2027-06-29"),
        ("FREQ=MONTHLY;BYDAY=-5TU", "2026-12-01T18:00", "2026-12-01 2027-03-02 2027-06-01"),
        ("FREQ=YEARLY", "2028-02-29T18:00", "2028-02-29 2032-02-29 2036-02-29"),
        ("FREQ=YEARLY;INTERVAL=3", "2028-02-29T18:00", "2028-02-29 2040-02-29 2052-02-29"),
    ];
    for (text, first, expected) in table {
        let rule = read(text, first).expect(text);
        assert_eq!(days(&rule, first, 3).join(" "), expected, "{text}");
    }
}

#[test]
fn where_weeks_begin_says_which_days_belong_together() {
    // the example of RFC 5545, 3.8.5.3
    let first = "1997-08-05T09:00";
    let monday = read("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", first).expect("a rule");
    assert_eq!(days(&monday, first, 9), ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]);
    let sunday = read("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", first).expect("a rule");
    assert_eq!(days(&sunday, first, 9), ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]);
}

#[test]
fn a_window_takes_its_beginning_and_leaves_its_end() {
    let first = at("2026-12-01T18:00");
    let rule = read("FREQ=DAILY;COUNT=4", "2026-12-01T18:00").expect("a rule");
    let starts = |from: &str, until: &str| rule.starts(first, at(from), at(until)).len();
    assert_eq!(starts("2026-12-01T18:00", "2026-12-02T18:00"), 1);
    assert_eq!(starts("2026-12-01T18:01", "2026-12-02T18:01"), 1);
    assert_eq!(starts("2026-12-01T18:01", "2026-12-02T18:00"), 0);
    assert_eq!(starts("2000-01-01T00:00", "2100-01-01T00:00"), 4);
    assert_eq!(starts("2026-12-05T00:00", "2100-01-01T00:00"), 0);
    assert_eq!(starts("2026-12-03T00:00", "2026-12-01T00:00"), 0);
}

#[test]
fn a_first_day_that_the_rule_does_not_name_is_refused() {
    let rule = Rule::new(Every::Week(vec![Weekday::Tue]), 1, End::Never).expect("a rule");
    assert_eq!(rule.check(at("2026-12-01T18:00")), Ok(()));
    let wednesday = at("2026-12-02T18:00");
    assert_eq!(rule.check(wednesday), Err(Refusal::First(wednesday.date())));
    let over = rule.ending(End::Until(wednesday.date()));
    assert_eq!(over.check(at("2026-12-08T18:00")), Err(Refusal::Ended(wednesday.date())));
    assert!(matches!(rule.check(at("1999-12-28T18:00")), Err(Refusal::TooFar(..))));
    assert_eq!(Rule::new(Every::Week(vec![]), 1, End::Never), Err(Refusal::Days));
    assert_eq!(Rule::new(Every::Day, 0, End::Never), Err(Refusal::Interval));
    assert_eq!(Rule::new(Every::Day, 1, End::After(0)), Err(Refusal::Count));
}

#[test]
fn calendars_are_told_the_last_moment_in_utc() {
    let rule = read("FREQ=DAILY;UNTIL=20270731", "2026-12-01T18:00").expect("a rule");
    assert_eq!(rule.rrule(Tz::America__New_York, at("2026-12-01T18:00")), "FREQ=DAILY;UNTIL=20270801T035959Z");
    // two hours after the last start where the day ends before
    let late = read("FREQ=DAILY;UNTIL=20270731", "2026-12-01T23:30").expect("a rule");
    let told = late.rrule(Tz::America__New_York, at("2026-12-01T23:30"));
    assert_eq!(told, "FREQ=DAILY;UNTIL=20270801T053000Z");
    assert_eq!(Rule::parse(&told, at("2026-12-01T23:30"), Tz::America__New_York), Ok(late), "and comes back as that day");
    assert_eq!(rule.ending(End::Never).rrule(Tz::UTC, at("2026-12-01T18:00")), "FREQ=DAILY");
}

#[test]
fn a_skipped_time_is_read_by_the_clock_before_the_jump_and_of_a_repeated_one_the_first() {
    let table = [
        ("2026-12-01T18:00", Tz::America__New_York, "2026-12-01T23:00:00Z"),
        ("2027-03-14T02:30", Tz::America__New_York, "2027-03-14T07:30:00Z"),
        ("2026-11-01T01:30", Tz::America__New_York, "2026-11-01T05:30:00Z"),
        ("2026-10-04T02:15", Tz::Australia__Lord_Howe, "2026-10-03T15:45:00Z"),
        ("2011-12-30T12:00", Tz::Pacific__Apia, "2011-12-30T22:00:00Z"),
    ];
    for (local, zone, utc) in table {
        assert_eq!(moment(at(local), zone).rfc3339(), utc, "{local}");
    }
}

#[test]
fn a_series_is_split_where_one_of_its_meetings_begins() {
    let first = at("2026-12-01T18:00");
    let rule = read("FREQ=WEEKLY;COUNT=10", "2026-12-01T18:00").expect("a rule");
    let (before, after) = rule.split(first, at("2026-12-22T18:00")).expect("two parts");
    assert_eq!(
        (before.to_string(), after.to_string()),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261221".into(), "FREQ=WEEKLY;BYDAY=TU;COUNT=7".into())
    );
    assert_eq!(rule.split(first, first), None);
    assert_eq!(rule.split(first, at("2026-12-22T18:01")), None);
    assert_eq!(rule.split(first, at("2026-12-23T18:00")), None);
}

#[test]
fn a_series_is_moved_in_step_with_one_of_its_meetings() {
    let step = |text: &str, anchor: &str, from: &str| {
        let rule = read(text, anchor).expect(text);
        rule.in_step(at(anchor), from.parse().expect(from)).to_string()
    };
    assert_eq!(step("FREQ=WEEKLY;INTERVAL=2", "2026-12-30T19:00", "2026-12-01"), "2026-12-02 19:00:00");
    assert_eq!(step("FREQ=WEEKLY;INTERVAL=2", "2026-12-30T19:00", "2026-12-03"), "2026-12-16 19:00:00");
    assert_eq!(step("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "2026-12-30T19:00", "2026-12-03"), "2026-12-14 19:00:00");
    assert_eq!(step("FREQ=MONTHLY;BYDAY=1WE;COUNT=3", "2027-03-03T19:00", "2026-12-01"), "2026-12-02 19:00:00");
    assert_eq!(step("FREQ=YEARLY", "2027-03-03T19:00", "2026-12-01"), "2027-03-03 19:00:00");
    assert_eq!(step("FREQ=DAILY;INTERVAL=3", "2026-12-30T19:00", "2027-03-01"), "2026-12-30 19:00:00");
}

#[test]
fn what_was_held_is_counted_however_much_it_is() {
    let rule = read("FREQ=DAILY;COUNT=5000", "2010-12-01T18:00").expect("a rule");
    let count = |until: &str| rule.count_before(at("2010-12-01T18:00"), at(until));
    assert_eq!([count("2010-12-01T18:00"), count("2010-12-01T18:01"), count("2010-12-11T18:00")], [0, 1, 10]);
    assert_eq!(count("2030-12-11T18:00"), 5_000);
}

/// A debug build is some 20 times slower than what serves people; bounds that grow with time pass them by far.
#[test]
fn rules_cost_little_whatever_they_say() {
    let first = "2000-02-29T18:00";
    let rules = [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=999",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=WEEKLY;INTERVAL=999",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=999;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=9999",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=5MO,-5SU;COUNT=9999",
        "FREQ=YEARLY",
        "FREQ=YEARLY;INTERVAL=999",
        "FREQ=YEARLY;COUNT=9999",
        "FREQ=DAILY;UNTIL=99991231",
    ];
    let windows = [
        ("2026-12-01T00:00", "2028-06-01T00:00"),
        ("2020-01-01T00:00", "2199-01-01T00:00"),
        ("9000-01-01T00:00", "9999-01-01T00:00"),
    ];
    for text in rules {
        let rule = read(text, first).expect(text);
        for (from, until) in windows {
            let begun = Instant::now();
            let starts = rule.starts(at(first), at(from), at(until));
            let took = begun.elapsed();
            println!("{text} {from}: {} in {took:?}", starts.len());
            assert!(starts.len() <= MAX_STARTS && took < Duration::from_millis(250), "{text} from {from}: {took:?}");
        }
        let ancient = rule.starts(NaiveDateTime::MIN, at("2026-12-01T00:00"), NaiveDateTime::MAX);
        assert_eq!(ancient, [], "{text}");
    }
}
