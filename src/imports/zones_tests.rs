//! Zones by names that programs invent, and by when their clocks are set.

use super::*;
use crate::imports::lines::cut;

const NOW: Timestamp = Timestamp::from_seconds(1_795_521_600);

fn of_rules(name: &str, rules: &str, usual: Tz) -> Option<Tz> {
    let file = format!("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:{name}\n{rules}\nEND:VTIMEZONE\nEND:VCALENDAR\n");
    let cut = cut(file.as_bytes()).unwrap();
    Zones::new(&cut.calendars, usual, NOW).find(name)
}

const BERLIN: &str = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD
BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT";

#[test]
fn names_that_programs_use_are_known() {
    for (name, zone) in [
        ("Europe/Berlin", Tz::Europe__Berlin),
        ("europe/berlin", Tz::Europe__Berlin),
        ("America/New York", Tz::America__New_York),
        ("\"Europe/Rome\"", Tz::Europe__Rome),
        ("/freeassociation.sourceforge.net/Europe/Berlin", Tz::Europe__Berlin),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", Tz::America__Argentina__Buenos_Aires),
        ("/citadel.org/20210210_1/Europe/Madrid", Tz::Europe__Madrid),
        ("W. Europe Standard Time", Tz::Europe__Berlin),
        ("Eastern Standard Time", Tz::America__New_York),
        ("Pacific SA Standard Time", Tz::America__Santiago),
        ("tzone://Microsoft/Utc", Tz::UTC),
        ("UTC", Tz::UTC),
    ] {
        assert_eq!(named(name), Some(zone), "{name}");
    }
    for name in ["", "Nirgendwo", "/", "//", "Europe", "tzone://Microsoft/Custom", &"/".repeat(10_000), &"a/".repeat(10_000)] {
        assert_eq!(named(name), None, "{name}");
    }
}

#[test]
fn a_zone_nobody_knows_by_name_is_found_by_its_clock() {
    assert_eq!(of_rules("tzone://Microsoft/Custom", BERLIN, Tz::America__New_York), Some(Tz::Europe__Berlin));
    // the place's own zone is meant, where it would do
    assert_eq!(of_rules("Custom", BERLIN, Tz::Europe__Madrid), Some(Tz::Europe__Madrid));
    assert_eq!(of_rules("Somewhere near Oslo", BERLIN, Tz::America__New_York), Some(Tz::Europe__Oslo));
    let told = "X-LIC-LOCATION:Asia/Kolkata";
    assert_eq!(of_rules("somewhere", told, Tz::Europe__Madrid), Some(Tz::Asia__Kolkata));
    let kolkata = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD";
    assert_eq!(of_rules("x", kolkata, Tz::Europe__Madrid), Some(Tz::Asia__Kolkata));
    let by_days = "BEGIN:STANDARD\nDTSTART:20261101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRDATE:20251102T020000,20271107T020000,20281105T020000\nEND:STANDARD
BEGIN:DAYLIGHT\nDTSTART:20250309T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRDATE:20260308T020000,20270314T020000,20280312T020000\nEND:DAYLIGHT";
    let by_days =
        by_days.replace("DTSTART:20261101", "DTSTART:20241103").replace("RDATE:20251102", "RDATE:20261101T020000,20251102");
    assert_eq!(of_rules("x", &by_days, Tz::Europe__Madrid), Some(Tz::America__New_York));
    let days_of_month = BERLIN.replace("BYDAY=-1SU", "BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU");
    assert_eq!(of_rules("x", &days_of_month, Tz::America__New_York), Some(Tz::Europe__Berlin));
}

#[test]
fn a_clock_that_nobody_has_is_no_zone() {
    for (from, to) in
        [("-1SU", "-2SU"), ("+0200", "+0230"), ("BYMONTH=3", "BYMONTH=4"), ("YEARLY", "SECONDLY"), ("BYDAY", "BYYEARDAY")]
    {
        assert_eq!(of_rules("x", &BERLIN.replace(from, to), Tz::Europe__Madrid), None, "{from} {to}");
    }
    assert_eq!(of_rules("x", "", Tz::Europe__Madrid), None);
}
