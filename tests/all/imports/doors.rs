//! The page of the desk and the command by which calendars come in, and addresses that lead inside.

use std::{io::Write, net::TcpListener, process::Stdio};

use reqwest::header;

use super::{
    looking::{Elsewhere, watched},
    *,
};
use crate::{commands::Terminal, phone::Phone};

/// Between the parts of a form with files.
const EDGE: &str = "edge-of-a-part";

async fn give(phone: &Phone, fields: &[(&str, &str)], calendar: &str) -> reqwest::Response {
    let mut body = String::new();
    for (name, value) in fields.iter().copied().chain([("csrf", phone.csrf.as_str())]) {
        body.push_str(&format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let about = "form-data; name=\"file\"; filename=\"k.ics\"\r\nContent-Type: text/calendar";
    body.push_str(&format!("--{EDGE}\r\nContent-Disposition: {about}\r\n\r\n{calendar}\r\n--{EDGE}--\r\n"));
    let request = phone.http.post(format!("{}/ours/@kitchen/import", phone.origin)).header("accept", "text/html").body(body);
    let request = request.header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
    let cookie = phone.cookie.clone().unwrap_or_default();
    request.header("sec-fetch-site", "same-origin").header(header::COOKIE, cookie).send().await.expect("an answer")
}

fn place(answer: &reqwest::Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().expect("text").to_owned()
}

#[test]
fn an_organizer_sees_what_will_come_in_before_it_does() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let ben = city.organizer("ben", "kitchen").await;
        assert!(ana.page("/ours/@kitchen").await.contains("/ours/@kitchen/import"));
        let page = ana.page("/ours/@kitchen/import").await;
        assert!(page.contains("Bring in a calendar"), "{page}");
        let look = place(&give(&ana, &[], GOOGLE).await);
        let page = ana.page(&look).await;
        for odd in [
            "Not on: Tuesday 22 December; Tuesday 29 December",
            "Instead of Tuesday 1 December: Wednesday 2 December, 19:00–",
            "Tuesday 15 December",
        ] {
            assert!(page.contains(odd), "{odd}: {page}");
        }
        for words in ["1 new meeting.", "1 new series.", "Cocina abierta", "Every Tuesday", "Line 99", "It is marked as private"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        for name in ["Médico", "Ana Pérez", "mailto"] {
            assert!(!page.contains(name), "{name}: {page}");
        }
        assert!(planned(&city).await.is_empty(), "nothing was taken in yet");
        assert_eq!(place(&ana.send(&look, &[]).await), look);
        let page = ana.page(&look).await;
        assert!(page.contains("1 meeting came in.") && page.contains("1 series came in."), "{page}");
        let all = planned(&city).await;
        assert!(all.len() > 70);
        assert_eq!(place(&ana.send(&look, &[]).await), look, "twice does it once");
        let again = place(&give(&ben, &[], GOOGLE).await);
        assert!(ben.page(&again).await.contains("2 are here already."));
        assert_eq!(planned(&city).await, all);
        // with hours, days come in, too
        let days = place(&give(&ana, &[("from", "10:00"), ("until", "18:00")], GOOGLE).await);
        assert!(ana.page(&days).await.contains("Fin de semana de limpieza"));
        for (fields, calendar, why) in [
            (&[("from", "18:00"), ("until", "10:00")][..], GOOGLE, "are no hours"),
            (&[], "<html>", "This is a page for people"),
            (&[], "", "Choose a file or give an address"),
            (&[("address", "kitchen.ics")], "", "is not an address such as"),
            (&[("address", "https://kitchen.invalid:22/x")], "", "The calendar cannot be fetched"),
            (&[("watch", "true")], GOOGLE, "Only an address can be looked at again"),
        ] {
            let answer = give(&ana, fields, calendar).await;
            assert_eq!(answer.status(), 422, "{why}");
            let page = answer.text().await.expect("a page");
            assert!(page.contains(why), "{why}: {page}");
        }
        city.advance(2 * DAY);
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        assert_eq!(ana.get(&look).await.status(), 404);
    });
}

#[test]
fn an_address_given_on_the_page_is_looked_at_until_it_is_stopped() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let elsewhere = Elsewhere::start(&one("Soup", ""));
        let address = elsewhere.url.replace("calendar.ics", "away");
        let look = place(&give(&ana, &[("address", &address), ("watch", "true")], "").await);
        assert!(ana.page(&look).await.contains("This address will be looked at again"));
        ana.send(&look, &[]).await;
        assert_eq!(planned(&city).await.len(), 1);
        let page = ana.page("/ours/@kitchen/import").await;
        assert!(page.contains(&address) && page.contains("1 meeting came in."), "{page}");
        elsewhere.has(Some(&one("Soup and bread", "SEQUENCE:1\r\n")));
        assert_eq!(look_again(&city).await.changed, 1);
        let id = watched(&city).await.id.to_string();
        assert_eq!(ana.send("/ours/@kitchen/import/stop", &[("id", &id)]).await.status(), 303);
        assert!(!ana.page("/ours/@kitchen/import").await.contains(&address));
        // what leads round in circles ends
        elsewhere.has(Some("/round"));
        let answer = give(&ana, &[("address", &elsewhere.url.replace("calendar.ics", "round"))], "").await;
        assert!(answer.text().await.expect("a page").contains("it redirects too often"));
    });
}

async fn look_again(city: &City) -> Report {
    city.advance(5 * HOUR);
    watching::look_at_what_is_due(&city.app).await.expect("looked");
    watched(city).await.report.expect("a report")
}

fn terminal() -> Terminal {
    let at = Terminal::new();
    at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "We feed the assembly."]);
    at
}

/// A calendar on the day that the machine's own clock shows in a month.
fn next_month() -> String {
    let day = (plaza::clock::Clock::system().now().utc() + chrono::TimeDelta::days(30)).format("%Y%m%d");
    calendar(&format!("UID:one\r\nSUMMARY:Soup\r\nDTSTART:{day}T180000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n"))
}

#[test]
fn the_command_line_takes_files_and_standard_input_and_says_what_it_left_out() {
    let at = terminal();
    let file = at.folder.path().join("k.ics");
    let text = next_month().replace("END:VCALENDAR", "BEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR");
    std::fs::write(&file, &text).expect("written");
    let dry = at.json(&["import", "kitchen", "k.ics", "--dry-run"]);
    assert_eq!((&dry["series"], &dry["left_out"], &dry["remarks"][0]["line"]), (&1.into(), &1.into(), &10.into()));
    assert_eq!(at.json(&["meeting", "list", "kitchen"]).as_array().map(Vec::len), Some(0));
    assert_eq!(at.json(&["import", "kitchen", "k.ics"])["series"], 1);
    let mut child =
        at.command(&["import", "kitchen", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("runs");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("an answer");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")["same"], 1);
    assert_eq!(at.json(&["meeting", "list", "kitchen"]).as_array().map(Vec::len), Some(3));
    let said = String::from_utf8(at.type_(&["import", "kitchen", "k.ics"]).stdout).expect("text");
    assert_eq!(said.trim(), "1 is here already.\n1 line is left out.\nline 10: A task is no meeting.");
    assert_eq!(at.json(&["import", "list", "kitchen"]), serde_json::json!([]));
    for (words, status) in [
        (&["import", "kitchen", "nothing.ics"][..], 2),
        (&["import", "nobody", "k.ics"], 1),
        (&["import", "kitchen", "k.ics", "--watch"], 1),
        (&["import", "kitchen", "k.ics", "--whole-days", "late"], 1),
        (&["import", "stop", "kitchen"], 1),
        (&["import", "kitchen"], 2),
        (&["import"], 2),
    ] {
        assert_eq!(at.refusal(words).0, status, "{words:?}: {}", at.refusal(words).1);
    }
    for hostile in
        ["", "\0", "PK\x03\x04", "<html>", "BEGIN:VCALENDAR\r\n", &"BEGIN:VCALENDAR\r\n".repeat(100), &"a".repeat(3_000_000)]
    {
        std::fs::write(&file, hostile).expect("written");
        let (status, why) = at.refusal(&["import", "kitchen", "k.ics"]);
        assert!(status == 1 && !why.contains("panicked"), "{why}");
    }
    assert_eq!(at.json(&["meeting", "list", "kitchen"]).as_array().map(Vec::len), Some(3));
}

#[test]
fn no_address_of_a_calendar_leads_inside() {
    let mut at = Terminal::new();
    let trap = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = trap.local_addr().expect("bound").port();
    at.settings.push(("PLAZA_ORIGIN".into(), "https://us.example".into()));
    at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "We feed the assembly."]);
    for address in [
        format!("http://127.0.0.1:{port}/k.ics"),
        format!("https://127.0.0.1:{port}/k.ics"),
        format!("webcal://127.0.0.1:{port}/k.ics"),
        format!("https://localhost:{port}/k.ics"),
        format!("https://[::1]:{port}/k.ics"),
        format!("https://2130706433:{port}/k.ics"),
        format!("https://[::ffff:127.0.0.1]:{port}/k.ics"),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://10.0.0.1/k.ics".into(),
        "https://us.example/@kitchen.ics".into(),
        "https://printer.local/k.ics".into(),
        "https://db.internal/k.ics".into(),
        "http://calendar.example/k.ics".into(),
        "https://u:p@calendar.example/k.ics".into(),
        "file:///etc/passwd".into(),
        "gopher://calendar.example/".into(),
    ] {
        for more in [&[][..], &["--watch"]] {
            let words = [&["import", "kitchen", address.as_str()], more].concat();
            let (status, why) = at.refusal(&words);
            assert_eq!(status, 1, "{words:?}: {why}");
        }
    }
    trap.set_nonblocking(true).expect("a listener");
    assert!(trap.accept().is_err(), "somebody knocked");
}
