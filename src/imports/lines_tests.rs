//! Files that are cut, and files that are refused before anybody reads them.

use std::time::{Duration, Instant};

use super::*;

/// So long work on a refused file may take, in a release build.
const WORK: Duration = Duration::from_millis(20);
/// How much slower the tests' own build is, and a busy machine.
const SLOWER: u32 = if cfg!(debug_assertions) { 40 } else { 5 };

fn calendar(inside: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\r\n{inside}END:VCALENDAR\r\n").into_bytes()
}

#[test]
fn bombs_are_refused_at_once() {
    let event = |inside: &str| calendar(&format!("BEGIN:VEVENT\r\nDTSTART:20261201T180000Z\r\n{inside}END:VEVENT\r\n"));
    let mut zip = b"PK\x03\x04".to_vec();
    zip.resize(10_000_000, 0);
    let table: Vec<(&str, Vec<u8>, Refusal)> = vec![
        ("nothing", vec![], Refusal::NoCalendar),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec(), Refusal::NoCalendar),
        ("a page", b"  <!DOCTYPE html><html>".to_vec(), Refusal::Page),
        ("XML", b"\xef\xbb\xbf<?xml version=\"1.0\"?>".to_vec(), Refusal::Page),
        ("a zip", zip, Refusal::Packed),
        ("a gzip", b"\x1f\x8b\x08\0\0\0".to_vec(), Refusal::Packed),
        ("ten megabytes", calendar(&"X-A:b\r\n".repeat(1_500_000)), Refusal::TooLarge),
        ("one line of ten megabytes", calendar(&format!("X-A:{}\r\n", "b".repeat(10_000_000))), Refusal::TooLarge),
        ("one line of a megabyte", calendar(&format!("X-A:{}\r\n", "b".repeat(1_000_000))), Refusal::LongLine(2)),
        (
            "one folded line of a megabyte",
            calendar(&format!("X-A:b\r\n{}", format!(" {}\r\n", "b".repeat(74)).repeat(13_000))),
            Refusal::LongLine(2),
        ),
        ("empty folds", calendar(&format!("X-A:b\r\n{}", " \r\n".repeat(400_000))), Refusal::TooManyLines),
        ("a million lines", calendar(&"\n".repeat(1_000_000)), Refusal::TooManyLines),
        ("a hundred thousand lines", calendar(&"X-A:b\r\n".repeat(110_000)), Refusal::TooManyLines),
        ("depth", format!("BEGIN:VCALENDAR\r\n{}", "BEGIN:VEVENT\r\n".repeat(4_000)).into_bytes(), Refusal::TooDeep(9)),
        (
            "depth of many kinds",
            (0..4_000)
                .map(|n| format!("BEGIN:{}{n}\r\n", if n == 0 { "VCALENDAR" } else { "X" }))
                .collect::<String>()
                .replacen("VCALENDAR0", "VCALENDAR", 1)
                .into_bytes(),
            Refusal::TooDeep(9),
        ),
        ("events", calendar(&"BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(5_001)), Refusal::TooManyEvents),
        ("alarms", calendar(&"BEGIN:VALARM\r\nEND:VALARM\r\n".repeat(26_000)), Refusal::TooManyEvents),
        (
            "exceptions",
            event(&format!("EXDATE:{}\r\n", vec!["20261201T180000Z"; 1_500].join(","))),
            Refusal::TooManyExceptions(4),
        ),
        ("exceptions in lines", event(&"EXDATE:20261201T180000Z\r\n".repeat(2_000)), Refusal::TooManyExceptions(1_004)),
        ("nothing but commas", event(&format!("RDATE:{}\r\n", ",".repeat(200_000))), Refusal::TooManyExceptions(4)),
        (
            "exceptions of all",
            calendar(&format!("BEGIN:VEVENT\r\nEXDATE:{}\r\nEND:VEVENT\r\n", vec!["20261201"; 990].join(",")).repeat(30)),
            Refusal::TooManyExceptions(63),
        ),
        ("a rule", event(&format!("RRULE:FREQ=DAILY;BYMONTHDAY={}\r\n", vec!["1"; 10_000].join(","))), Refusal::LongRule(4)),
        ("cut off", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n".to_vec(), Refusal::CutOff),
        ("cut off before its end", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n".to_vec(), Refusal::CutOff),
    ];
    for (name, file, refusal) in table {
        let begun = Instant::now();
        assert_eq!(cut(&file), Err(refusal), "{name}");
        let took = begun.elapsed();
        assert!(took <= WORK * SLOWER, "{name} took {took:?}");
    }
}

#[test]
fn lines_are_put_together_even_where_letters_were_cut_in_two() {
    let file =
        b"BEGIN:VCALENDAR\r\nX-A:K\xc3\r\n \xbcche\nBEGIN:VEVENT\nSUMMARY;X=\"a:b\":c\r\n\td\r\n\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let cut = cut(file).unwrap();
    let calendar = &cut.calendars[0];
    assert_eq!(calendar.lines, [Line { number: 2, bytes: "X-A:Küche".into() }]);
    let event = &calendar.parts[0];
    assert_eq!((event.name.as_str(), event.line), ("VEVENT", 4));
    assert_eq!((event.lines[0].number, event.lines[0].name(), event.lines[0].value()), (5, &b"SUMMARY"[..], &b"cd"[..]));
    assert_eq!(cut.odd, [] as [usize; 0]);
}

#[test]
fn what_is_not_closed_in_order_is_named_and_the_rest_is_read() {
    let file = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nSUMMARY:x\nEND:VEVENT\nEND:VTODO\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\nX:y\n";
    let cut = cut(file).unwrap();
    assert_eq!(cut.calendars[0].parts.len(), 2);
    assert_eq!(cut.odd, [5, 6, 10]);
}
