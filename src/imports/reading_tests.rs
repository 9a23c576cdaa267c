//! What each program writes, and what it becomes here.

use super::{
    super::found::{Found, Once},
    *,
};
use crate::words::Words;

/// Tuesday 24 November 2026, 12:00 UTC.
const NOW: Timestamp = Timestamp::from_seconds(1_795_521_600);

fn ways() -> Ways {
    Ways { zone: Tz::America__New_York, now: NOW, whole_days: None }
}

fn taken(file: &[u8]) -> Reading {
    read(file, &ways()).expect("a calendar")
}

/// `2026-12-01T18:00 120 Europe/Berlin Title · place | address · position · online · kind !cancelled`
fn once(once: &Once) -> String {
    let mut said = format!("{} +{} {}", once.start.format("%Y-%m-%dT%H:%M"), once.minutes, once.title);
    let mut add = |sign: &str, value: Option<String>| {
        if let Some(value) = value {
            said.push_str(&format!(" {sign}{value}"));
        }
    };
    add("at ", once.place.clone());
    add("in ", once.address.clone());
    add("geo ", once.position.map(|(latitude, longitude)| format!("{latitude},{longitude}")));
    add("on ", once.online.clone().map(String::from));
    add("as ", (once.kind != crate::meetings::meeting::Kind::Meeting).then(|| once.kind.name().to_owned()));
    add("!", once.cancelled.then(|| "cancelled".to_owned()));
    add("?", once.tentative.then(|| "tentative".to_owned()));
    said
}

fn found(found: &Found) -> Vec<String> {
    let part = found.part.map(|at| format!(" part {}", at.format("%m-%d"))).unwrap_or_default();
    let mut lines = vec![format!("{} [{}]{part}", once(&found.once), found.zone.name())];
    if let Some(rhythm) = &found.rhythm {
        let except: Vec<String> = rhythm.except.iter().map(|day| day.format("%m-%dT%H:%M").to_string()).collect();
        lines.push(format!("  {} except {}", rhythm.rule, except.join(" ")));
        lines.extend(rhythm.differing.iter().map(|one| format!("  {} -> {}", one.at.format("%m-%dT%H:%M"), once(&one.once))));
    }
    lines
}

fn told(file: &[u8]) -> Vec<String> {
    let reading = taken(file);
    let remarks = reading.remarks.iter().map(|remark| {
        let sign = if remark.left_out { "-" } else { "~" };
        format!("{sign}{} {} {}", remark.line, remark.message(), remark.title.clone().unwrap_or_default())
    });
    reading.found.iter().flat_map(found).chain(remarks).chain([format!("past {} far {}", reading.past, reading.far)]).collect()
}

#[track_caller]
fn becomes(file: &[u8], expected: &[&str]) {
    assert_eq!(told(file), expected);
}

fn agenda(file: &[u8], title: &str) -> String {
    let reading = taken(file);
    reading.found.iter().find(|found| found.once.title == title).expect(title).once.agenda.clone().expect("an agenda")
}

const GOOGLE: &[u8] = include_bytes!("../../tests/all/imports/google.ics");
const NEXTCLOUD: &[u8] = include_bytes!("../../tests/all/imports/nextcloud.ics");
const OUTLOOK: &[u8] = include_bytes!("../../tests/all/imports/outlook.ics");
const APPLE: &[u8] = include_bytes!("../../tests/all/imports/apple.ics");
const MOBILIZON: &[u8] = include_bytes!("../../tests/all/imports/mobilizon.ics");
const GANCIO: &[u8] = include_bytes!("../../tests/all/imports/gancio.ics");
const THUNDERBIRD: &[u8] = include_bytes!("../../tests/all/imports/thunderbird.ics");

#[test]
fn what_google_writes_is_read() {
    becomes(
        GOOGLE,
        &[
            "2026-09-01T18:00 +120 Cocina de los martes at Dewey Square, Boston, MA 02111, USA on https://meet.google.com/abc-defg-hij [America/New_York]",
            "  FREQ=WEEKLY;BYDAY=TU except 12-22T18:00 12-29T18:00",
            "  12-01T18:00 -> 2026-12-02T19:00 +120 Cocina del miércoles",
            "  12-15T18:00 -> 2026-12-15T18:00 +120 Cocina de los martes !cancelled",
            "2026-12-05T10:00 +120 Mercado, puesto 4 ?tentative [America/New_York]",
            "-99 import-whole-day Fin de semana de limpieza",
            "-114 import-private ",
            "past 1 far 0",
        ],
    );
    assert_eq!(
        agenda(GOOGLE, "Cocina de los martes"),
        "**Cocinamos juntas**\nTrae un cuchillo y [las recetas](https://kitchen.example/recetas).\n\n- sopa\n- pan\n\n#comida"
    );
    assert_eq!(taken(GOOGLE).name.as_deref(), Some("Cocina abierta"));
}

#[test]
fn nobody_who_is_invited_or_invites_is_read() {
    for file in [GOOGLE, NEXTCLOUD, MOBILIZON] {
        let kept = serde_json::to_string(&taken(file)).expect("JSON");
        for name in ["mailto", "Ana", "Pérez", "kim@", "lou@", "PARTSTAT", "soulevements", "234-567", "123456789"] {
            assert!(!kept.contains(name), "{name} in {kept}");
        }
    }
}

#[test]
fn what_nextcloud_writes_is_read() {
    becomes(
        NEXTCLOUD,
        &[
            "2026-10-05T19:00 +150 Plenum im Kiezladen on https://cloud.kiez.example/call/8xz5v3k2 as assembly [Europe/Berlin]",
            "  FREQ=MONTHLY;BYDAY=1MO;UNTIL=20270630 except 01-04T19:00",
            "  12-07T19:00 -> 2026-12-08T18:00 +150 Plenum mit Essen at Kiezladen in Lange Straße 5, 10115 Berlin as assembly",
            "-59 import-task ",
            "past 0 far 0",
        ],
    );
    assert_eq!(
        agenda(NEXTCLOUD, "Plenum im Kiezladen"),
        "Tagesordnung:\n- Berichte\n- Geld\n\nBitte _pünktlich_ sein.\n\n#plenum #öffentlich #kiez_stadt"
    );
}

#[test]
fn what_outlook_writes_is_read() {
    becomes(
        OUTLOOK,
        &[
            "2026-12-01T18:00 +120 Reparaturabend at Werkstatt as workshop [Europe/Berlin]",
            "  FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10 except ",
            "2026-12-10T10:00 +60 Call with Portland on https://meet.example/portland [America/Los_Angeles]",
            "-81 import-zone Anderswo",
            "past 0 far 0",
        ],
    );
    assert_eq!(agenda(OUTLOOK, "Reparaturabend"), "Wir **reparieren**.\n\nMehr: https://werk.example/\n\n#workshop");
    assert_eq!(taken(OUTLOOK).found[0].once.language.as_deref(), Some("de"));
}

#[test]
fn what_apple_writes_is_read_and_this_and_future_splits_a_series() {
    becomes(
        APPLE,
        &[
            "2026-11-28T10:00 +180 Digging morning at Walworth Garden in 206 Manor Place, London, SE17 3BN, England geo 51.48724,-0.10005 [Europe/London]",
            "  FREQ=WEEKLY;BYDAY=SA;UNTIL=20270101 except 12-26T10:00",
            "2027-01-03T11:00 +180 Digging on Sundays [Europe/London] part 01-02",
            "  FREQ=WEEKLY;BYDAY=SU except ",
            "2026-12-03T18:00 +90 Seeds [Europe/London]",
            "past 0 far 0",
        ],
    );
    assert_eq!(agenda(APPLE, "Digging morning"), "https://garden.example/digging");
}

#[test]
fn what_mobilizon_and_gancio_write_is_read() {
    becomes(
        MOBILIZON,
        &[
            "2026-12-06T08:00 +180 Plantation at Place Bellecour, Lyon, France geo 45.764,4.8357 as action [America/New_York]",
            "2026-12-13T08:00 +180 Fête !cancelled [America/New_York]",
            "past 0 far 0",
        ],
    );
    assert_eq!(
        agenda(MOBILIZON, "Plantation"),
        "Venez avec des **gants** !\n\nOn plante des arbres.\n\nhttps://mobilizon.example/events/5f3f0b6e-2b7a-4c1e-9c5d-7a8b9c0d1e2f\n\n#écologie #movements_politics"
    );
    becomes(
        GANCIO,
        &[
            "2026-12-04T15:00 +180 Concerto benefit at CSOA Gabrio - Via Millio 42, Torino geo 45.0703,7.6869 as social [America/New_York]",
            "2026-12-09T13:00 +120 Assemblea at online - as assembly [America/New_York]",
            "past 0 far 0",
        ],
    );
    assert_eq!(
        agenda(GANCIO, "Concerto benefit"),
        "Due band, *una* causa.\n\nIngresso libero\n\nhttps://gancio.example/event/concerto-benefit\n\n#concert #benefit #musica_dal_vivo"
    );
}

#[test]
fn what_thunderbird_writes_is_read_and_meetings_beside_the_rule_stand_alone() {
    becomes(
        THUNDERBIRD,
        &[
            "2026-11-30T19:00 +120 Roda de conversa at Sala 2 [America/Sao_Paulo]",
            "  FREQ=MONTHLY;BYMONTHDAY=-1 except ",
            "2026-12-20T19:00 +120 Roda de conversa at Sala 2 [America/Sao_Paulo] part 12-20",
            "2026-11-30T09:00 +30 Kaffee [Europe/Vienna]",
            "-53 refused-series-part Toutes les heures",
            "past 0 far 0",
        ],
    );
}

/// A calendar with these lines in one event.
fn event(lines: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
        .into_bytes()
}

#[test]
fn times_are_read_as_people_meant_them() {
    let table = [
        // what says no zone is on the clock of the place
        ("DTSTART:20261201T180000\nDTEND:20261201T190000", "2026-12-01T18:00 +60 A talk [America/New_York]"),
        ("DTSTART:20261201T230000Z\nDTEND:20261202T003000Z", "2026-12-01T18:00 +90 A talk [America/New_York]"),
        ("DTSTART;TZID=europe/madrid:20261201T180000\nDURATION:PT45M", "2026-12-01T18:00 +45 A talk [Europe/Madrid]"),
        ("DTSTART;TZID=Romance Standard Time:20261201T180000\nDURATION:P1W", "2026-12-01T18:00 +10080 A talk [Europe/Paris]"),
        (
            "DTSTART;TZID=\"/freeassociation.sourceforge.net/Tzfile/Europe/Rome\":20261201T180000\nDURATION:PT1H",
            "2026-12-01T18:00 +60 A talk [Europe/Rome]",
        ),
        (
            "DTSTART;TZID=\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\":20261201T180000\nDURATION:PT1H",
            "2026-12-01T18:00 +60 A talk [Europe/Berlin]",
        ),
        // of an end in another zone the moment counts
        (
            "DTSTART;TZID=Europe/Berlin:20261201T180000\nDTEND;TZID=Europe/London:20261201T180000",
            "2026-12-01T18:00 +60 A talk [Europe/Berlin]",
        ),
        ("DTSTART;TZID=Europe/Berlin:20261201T180000\nDTEND:20261201T173000Z", "2026-12-01T18:00 +30 A talk [Europe/Berlin]"),
        // an hour that a clock shows twice is told apart by UTC alone
        ("DTSTART:20271107T063000Z\nDTEND:20271107T073000Z", "2027-11-07T06:30 +60 A talk [UTC]"),
        ("DTSTART:20261201T180030\nDURATION:PT1H", "2026-12-01T18:00 +60 A talk [America/New_York]"),
    ];
    for (lines, expected) in table {
        let file = event(&format!("SUMMARY:A talk\r\n{lines}"));
        assert_eq!(told(&file), [expected, "past 0 far 0"], "{lines}");
    }
    for lines in
        ["DTSTART:20261201T180000", "DTSTART:20261201T180000\nDTEND:20261201T170000", "DTSTART:20261201T180000\nDURATION:PT0S"]
    {
        let file = event(&format!("SUMMARY:A talk\r\n{lines}"));
        assert_eq!(told(&file), ["2026-12-01T18:00 +120 A talk [America/New_York]", "~3 import-no-end A talk", "past 0 far 0"]);
    }
}

#[test]
fn days_without_a_time_are_taken_only_with_the_hours_somebody_gave() {
    let file = event("SUMMARY:Camp\nDTSTART;VALUE=DATE:20261205\nDTEND;VALUE=DATE:20261208");
    assert_eq!(told(&file), ["-6 import-whole-day Camp", "past 0 far 0"]);
    let hours = (NaiveTime::from_hms_opt(10, 0, 0).unwrap(), NaiveTime::from_hms_opt(18, 0, 0).unwrap());
    let ways = Ways { whole_days: Some(hours), ..ways() };
    let reading = read(&file, &ways).unwrap();
    assert_eq!(found(&reading.found[0]), ["2026-12-05T10:00 +3360 Camp [America/New_York]"]);
    let file = event("SUMMARY:Sundays\nDTSTART;VALUE=DATE:20261206\nRRULE:FREQ=WEEKLY\nEXDATE;VALUE=DATE:20261213");
    let reading = read(&file, &ways).unwrap();
    assert_eq!(
        found(&reading.found[0]),
        ["2026-12-06T10:00 +480 Sundays [America/New_York]", "  FREQ=WEEKLY;BYDAY=SU except 12-13T10:00"]
    );
}

#[test]
fn what_cannot_be_understood_is_named_by_its_line_and_left_out() {
    let start = "DTSTART:20261201T180000\nDURATION:PT1H";
    let table = [
        ("SUMMARY:A talk".to_owned(), "-3 import-no-start A talk"),
        ("SUMMARY:A talk\nDTSTART:tomorrow".into(), "-6 import-no-time A talk"),
        ("SUMMARY:A talk\nDTSTART:20261301T180000".into(), "-6 import-no-time A talk"),
        ("SUMMARY:A talk\nDTSTART:20260230T180000".into(), "-6 import-no-time A talk"),
        ("SUMMARY:A talk\nDTSTART;TZID=Mars/Olympus:20261201T180000".into(), "-6 import-zone A talk"),
        ("SUMMARY:A talk\nDTSTART:20261201T180000\nDURATION:P5W".into(), "-3 import-too-long A talk"),
        (format!("SUMMARY:A talk\nCLASS:CONFIDENTIAL\n{start}"), "-3 import-private "),
        (format!("SUMMARY:ok\n{start}"), "-5 import-no-title ok"),
        (start.into(), "-3 import-no-title "),
        (format!("SUMMARY:A talk\nRRULE:FREQ=SECONDLY\n{start}"), "-6 refused-series-part A talk"),
        (format!("SUMMARY:A talk\nRRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY\n{start}"), "-7 import-two-rules A talk"),
        (format!("SUMMARY:A talk\nRRULE:FREQ=WEEKLY\nEXRULE:FREQ=DAILY\n{start}"), "-7 import-exrule A talk"),
    ];
    for (lines, expected) in table {
        assert_eq!(told(&event(&lines.replace('\n', "\r\n"))), [expected, "past 0 far 0"], "{lines}");
    }
    let odd = event(&format!("SUMMARY:A talk\nnonsense\n{start}"));
    assert_eq!(told(&odd), ["2026-12-01T18:00 +60 A talk [America/New_York]", "-6 import-odd-line ", "past 0 far 0"]);
}

#[test]
fn every_remark_has_a_sentence_in_every_language() {
    let mut remarks = Vec::new();
    for file in [GOOGLE, NEXTCLOUD, OUTLOOK, THUNDERBIRD] {
        remarks.extend(taken(file).remarks);
    }
    assert!(remarks.len() >= 5);
    for remark in remarks {
        for language in ["en", "es"] {
            let why = remark.why(&Words::of(language));
            assert!(why.ends_with('.') && !why.contains(remark.message()), "{language}: {why}");
        }
    }
}

#[test]
fn what_is_kept_between_looking_and_doing_is_the_same_afterwards() {
    for file in [GOOGLE, NEXTCLOUD, OUTLOOK, APPLE, THUNDERBIRD] {
        let reading = taken(file);
        assert_eq!(serde_json::from_str::<Reading>(&serde_json::to_string(&reading).unwrap()).unwrap(), reading);
    }
}

#[test]
fn a_series_keeps_only_what_concerns_its_own_days() {
    let lines = "SUMMARY:A talk\nDTSTART;TZID=Europe/Berlin:20261201T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEXDATE:20261208T170000Z,20261215T170000Z\nEXDATE;VALUE=DATE:20261222";
    assert_eq!(
        told(&event(lines)),
        [
            "2026-12-01T18:00 +60 A talk [Europe/Berlin]",
            "  FREQ=WEEKLY;BYDAY=TU except 12-08T18:00 12-15T18:00 12-22T18:00",
            "past 0 far 0"
        ]
    );
    // of a first day that is none of the rule's, a meeting of its own is made
    let lines = "SUMMARY:A talk\nDTSTART;TZID=Europe/Berlin:20261201T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=WE";
    assert_eq!(
        told(&event(lines)),
        [
            "2026-12-02T18:00 +60 A talk [Europe/Berlin]",
            "  FREQ=WEEKLY;BYDAY=WE except ",
            "2026-12-01T18:00 +60 A talk [Europe/Berlin] part 12-01",
            "past 0 far 0"
        ]
    );
    let over = "SUMMARY:A talk\nDTSTART:20250101T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20250601T000000";
    assert_eq!(told(&event(over)), ["past 1 far 0"]);
    let far = "SUMMARY:A talk\nDTSTART:20301201T180000\nDURATION:PT1H";
    assert_eq!(told(&event(far)), ["past 0 far 1"]);
}
