//! What strangers write stays within its line (rows 28, 40 and 42 of the hostile inputs, with siblings).

use plaza::{
    groups::group::Group,
    meetings::{
        meeting::{Meeting, Position},
        store,
    },
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{calendar, schedule};
use crate::city::{City, on_each_database};

/// What is typed, and how it is read again where it may have several lines.
fn payloads() -> Vec<(String, String)> {
    let same = |text: &str| (text.to_owned(), text.to_owned());
    let table = [
        ("a\r\nBEGIN:VALARM\r\nEND:VALARM", "a\nBEGIN:VALARM\nEND:VALARM"),
        ("a\nEND:VEVENT\nBEGIN:VEVENT", "a\nEND:VEVENT\nBEGIN:VEVENT"),
        ("a\rBEGIN:VALARM\rb", "a\nBEGIN:VALARM\nb"),
        ("a\r\n END:VCALENDAR", "a\n END:VCALENDAR"),
        ("a\u{2028}BEGIN:VALARM\u{2029}b", "a\nBEGIN:VALARM\nb"),
        ("a\u{85}ATTACH:file:///etc/passwd", "a\nATTACH:file:///etc/passwd"),
        ("a\u{b}b\u{c}c\td", "a b c d"),
        ("a\0b\u{1}c\u{8}d\u{1b}[31me\u{1f}f\u{7f}g\u{9b}h", "abcd[31mefgh"),
        ("\u{feff}BOM", "BOM"),
    ];
    let mut all: Vec<_> = table.map(|(typed, read)| (typed.to_owned(), read.to_owned())).into();
    all.extend(
        [
            "semi;colon, comma: colon\\ backslash",
            "\\n is no line, \\\\n neither, \\; nor \\, this",
            "ends in a backslash\\",
            "\"quoted\" ^n ^^ 'single'",
            ";VALUE=URI:https://evil.example/",
            "=HYPERLINK(1)",
            "مرحبا ومطبخ 厨房 🍲",
            "e\u{301}👩‍👩‍👧‍👦🇨🇺",
        ]
        .map(same),
    );
    all.push(same(&"x".repeat(10_000)));
    all.push(same(&"厨".repeat(3_000)));
    all.push(same(&"🍲".repeat(2_500)));
    all.push(same(&",;\\".repeat(3_000)));
    // folding meets every place within a character and within an escape
    all.extend((55..80).map(|length| same(&format!("{}é🍲,\\;ü", "y".repeat(length)))));
    all
}

/// As it lies in the database: rules that would refuse it are not asked, for there are other ways in.
async fn put(city: &City, meeting: &Meeting) {
    let meeting = meeting.clone();
    city.app.act(move |conn, _| Ok(store::save(conn, &meeting)?)).await.expect("saved");
}

async fn put_group(city: &City, group: &Group) {
    let group = group.clone();
    city.app.act(move |conn, _| Ok(plaza::groups::store::save(conn, &group)?)).await.expect("saved");
}

#[test]
fn whatever_is_written_stays_in_its_line_and_is_read_as_it_was_meant() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut group = city.group("kitchen").await;
        let mut meeting = schedule(&city, "kitchen", |_| {}).await;
        meeting.position = Some(Position { latitude: -0.000_000_04, longitude: 179.999_999_9 });
        for (typed, read) in payloads() {
            // a database of PostgreSQL takes no NUL
            let typed = if database == "postgres" { typed.replace('\0', "") } else { typed };
            (meeting.title, meeting.place, meeting.address) = (typed.clone(), Some(typed.clone()), Some(typed.clone()));
            meeting.agenda = Some(typed.clone());
            meeting.online = format!("https://meet.example/{typed}?{typed}").parse().ok();
            (group.name, group.contact) = (typed.clone(), Some(typed.clone()));
            put(&city, &meeting).await;
            put_group(&city, &group).await;
            for path in [format!("/meetings/{}.ics", meeting.id), "/@kitchen.ics".into()] {
                // both readers take it, and find no more than one event without anything inside
                let calendar = calendar(&city, &path).await;
                assert_eq!(calendar.events.len(), 1, "{typed:?}");
                let event = &calendar.events[0];
                assert_eq!(event.fields().len(), 16, "{typed:?}: {:?}", event.fields());
                assert_eq!(event.field("SUMMARY"), read, "{typed:?}");
                assert_eq!(event.field("LOCATION"), format!("{read}, {read}"), "{typed:?}");
                assert!(event.field("DESCRIPTION").contains(&format!("Assembly of {read}\n\n")), "{typed:?}");
                assert_eq!(event.field("URL"), format!("{}/meetings/{}", city.origin, meeting.id));
                assert!(event.field("GEO") == "-0;180" || event.field("GEO") == "0;180", "{}", event.field("GEO"));
                let online: url::Url = event.field("CONFERENCE").parse().expect("an address");
                assert_eq!(online.host_str(), Some("meet.example"), "{typed:?}");
                assert!(!event.field("CONFERENCE").contains(['\\', ';', ',', '"', ' ']), "{typed:?}");
                assert!(calendar.field("NAME").ends_with(read.as_str()), "{typed:?}");
            }
        }
    });
}

#[test]
fn a_file_name_cannot_be_steered() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut group = city.group("kitchen").await;
        group.name = "../../x\"\r\nSet-Cookie: a=b".into();
        put_group(&city, &group).await;
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        let one = format!("/meetings/{}.ics", meeting.id);
        let table = [
            ("/meetings.ics", "meetings.ics".to_owned()),
            ("/@kitchen.ics", "kitchen.ics".into()),
            (&one, format!("{}.ics", meeting.id)),
        ];
        for (path, file) in table {
            let answer = city.get(path, "*/*").await;
            assert_eq!(answer.headers()["content-disposition"], format!("inline; filename=\"{file}\""), "{path}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert!(!answer.headers().contains_key("set-cookie"));
        }
    });
}

#[test]
fn readers_who_stop_reading_keep_nobody_waiting() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        // more than the buffers of a connection hold
        for _ in 0..60 {
            let mut meeting = schedule(&city, "kitchen", |_| {}).await;
            meeting.agenda = Some("🍲".repeat(20_000));
            put(&city, &meeting).await;
        }
        let address = city.origin.trim_start_matches("http://").to_owned();
        let mut stuck = vec![];
        // twice as many as there are connections to the database
        for _ in 0..16 {
            let mut reader = tokio::net::TcpStream::connect(&address).await.expect("connected");
            let request = format!("GET /meetings.ics HTTP/1.1\r\nHost: {address}\r\n\r\n");
            reader.write_all(request.as_bytes()).await.expect("sent");
            let mut first = [0; 64];
            reader.read_exact(&mut first).await.expect("an answer begins");
            assert!(first.starts_with(b"HTTP/1.1 200"));
            stuck.push(reader);
        }
        for path in ["/", "/@kitchen", "/meetings.atom", "/@kitchen.atom"] {
            assert_eq!(city.get(path, "*/*").await.status(), 200, "{path}");
        }
        let whole = calendar(&city, "/@kitchen.ics").await;
        assert_eq!(whole.events.len(), 60);
        drop(stuck);
        assert_eq!(city.get("/", "*/*").await.status(), 200);
    });
}

#[test]
fn whatever_is_written_of_a_series_stays_in_its_line_too() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut series = super::series::weekly(&city).await;
        for (typed, read) in payloads() {
            let typed = if database == "postgres" { typed.replace('\0', "") } else { typed };
            (series.pattern.title, series.pattern.place, series.pattern.agenda) =
                (typed.clone(), Some(typed.clone()), Some(typed.clone()));
            let (id, saved) = (series.id, series.clone());
            // one row is as the series has it, the others are exceptions
            let put = move |conn: &mut plaza::db::Conn, _: &plaza::app::Here| {
                plaza::series::store::save(conn, &saved)?;
                let first = store::of_series(conn, id)?.remove(0);
                let (title, place, agenda) = (typed.clone(), Some(typed.clone()), Some(typed.clone()));
                Ok(store::save(conn, &Meeting { title, place, agenda, ..first })?)
            };
            city.app.act(put).await.expect("saved");
            let calendar = calendar(&city, &format!("/series/{id}.ics")).await;
            assert!(calendar.events.len() > 70, "{read:?}");
            let master = &calendar.events[0];
            assert_eq!((master.field("SUMMARY"), master.field("LOCATION")), (read.clone(), read.clone()));
            assert_eq!(calendar.field("NAME"), read);
            assert_eq!(master.field("RRULE"), "FREQ=WEEKLY;BYDAY=TU");
        }
    });
}
