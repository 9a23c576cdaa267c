//! Calendars brought in from elsewhere: looked through, taken in once, changed, called off, looked at again; and what is refused.

use std::{
    io::Write,
    net::TcpListener,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    db::schema::activities,
    imports::{
        actions::{self, Taking},
        known::{Report, Watched},
        store, watching,
    },
    meetings::{self, meeting::Meeting},
    series::{self, series::Series},
};
use reqwest::header;

use crate::{
    city::{City, on_each_database},
    commands::Terminal,
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const GOOGLE: &str = include_str!("imports/google.ics");
const APPLE: &str = include_str!("imports/apple.ics");

async fn take_from(city: &City, calendar: &str, source: Option<uuid::Uuid>) -> Report {
    let reading = watching::read(&city.app, calendar.to_owned().into(), None).await.expect("a calendar");
    let taking = Taking { group: "kitchen".into(), speaker: None, source };
    actions::take_in(&city.app, &taking, &reading).await.expect("taken in")
}

async fn take(city: &City, calendar: &str) -> Report {
    take_from(city, calendar, None).await
}

async fn planned(city: &City) -> Vec<Meeting> {
    let mut all = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 1_000)?)).await.expect("reading");
    all.reverse();
    all
}

async fn all_series(city: &City) -> Vec<Series> {
    city.app.db.read(|conn| Ok(series::store::of_group(conn, "kitchen")?)).await.expect("reading")
}

/// Kinds of what was said of meetings.
async fn said(city: &City) -> Vec<String> {
    let said = |conn: &mut plaza::db::Conn| {
        let of_meetings = activities::table.filter(diesel::TextExpressionMethods::like(activities::object, "/ap/events/%"));
        Ok(of_meetings.order(activities::sequence).select(activities::kind).load(conn)?)
    };
    city.app.db.read(said).await.expect("reading")
}

/// `2026-12-02T19:00 Title`, marked where it is cancelled.
fn line(meeting: &Meeting) -> String {
    let cancelled = if meeting.cancelled.is_some() { " !" } else { "" };
    format!("{} {}{cancelled}", meeting.local_start().format("%Y-%m-%dT%H:%M"), meeting.title)
}

async fn lines(city: &City, first: usize) -> Vec<String> {
    planned(city).await.iter().take(first).map(line).collect()
}

/// A calendar of one meeting on 27 November 2026, within what a group looks ahead.
fn one(title: &str, more: &str) -> String {
    calendar(&format!("UID:one@far.example\r\nSUMMARY:{title}\r\nDTSTART:20261127T180000\r\nDURATION:PT2H\r\n{more}"))
}

fn calendar(event: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n")
}

async fn kitchen(database: &str) -> City {
    let city = City::start(database).await;
    city.group("kitchen").await;
    city
}

#[test]
fn a_calendar_that_is_taken_in_three_times_is_there_once_and_followers_hear_of_what_is_near() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let first = take(&city, GOOGLE).await;
        assert_eq!((first.meetings, first.series, first.past, first.left_out()), (1, 1, 1, 2), "{first:?}");
        assert_eq!(
            lines(&city, 5).await,
            [
                "2026-11-24T18:00 Cocina de los martes",
                "2026-12-02T19:00 Cocina del miércoles",
                "2026-12-05T10:00 Mercado, puesto 4",
                "2026-12-08T18:00 Cocina de los martes",
                "2026-12-15T18:00 Cocina de los martes !",
            ]
        );
        let all = planned(&city).await;
        assert!(!all.iter().any(|meeting| line(meeting).starts_with("2026-12-22")), "a day that is left out");
        assert!(all.len() > 70 && all.iter().skip(1).all(|meeting| meeting.opens.is_some()), "later ones are said later");
        assert_eq!(said(&city).await, ["Create"]);
        let tentative = all[2].agenda.clone().unwrap_or_default();
        assert!(tentative.contains("*Not sure yet.*"), "{tentative}");
        for _ in 0..2 {
            city.advance(HOUR);
            let again = take(&city, GOOGLE).await;
            assert_eq!((again.meetings, again.series, again.changed, again.same), (0, 0, 0, 2), "{again:?}");
        }
        assert_eq!(planned(&city).await, all);
        assert_eq!(said(&city).await, ["Create"]);
    });
}

#[test]
fn what_changed_there_changes_here_and_what_was_changed_here_stays() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        take(&city, &one("Soup", "LOCATION:Square\r\n")).await;
        let id = planned(&city).await[0].id;
        city.app
            .act(move |conn, here| {
                meetings::actions::change(conn, here, id, &|meeting| {
                    meeting.title = "Our soup".into();
                    Ok(())
                })
            })
            .await
            .expect("changed here");
        let report = take(&city, &one("Soup", "LOCATION:Park\r\nSEQUENCE:1\r\n")).await;
        assert_eq!(report.changed, 1, "{report:?}");
        let meeting = planned(&city).await.remove(0);
        assert_eq!((meeting.id, meeting.title.as_str(), meeting.place.as_deref()), (id, "Our soup", Some("Park")));
        let report = take(&city, &one("Soup and bread", "LOCATION:Park\r\nSEQUENCE:2\r\n")).await;
        assert_eq!((report.changed, planned(&city).await[0].title.as_str()), (1, "Soup and bread"));
        // an older copy of the same calendar changes nothing
        let older = take(&city, &one("Soup", "SEQUENCE:1\r\n")).await;
        assert_eq!((older.changed, older.left_out(), planned(&city).await[0].title.as_str()), (0, 1, "Soup and bread"));
        let report = take(&city, &one("Soup and bread", "LOCATION:Park\r\nSEQUENCE:3\r\nSTATUS:CANCELLED\r\n")).await;
        assert_eq!(report.cancelled, 1);
        assert_eq!(lines(&city, 9).await, ["2026-11-27T18:00 Soup and bread !"]);
        // called off and held after all: nobody un-cancels a meeting, so there is another one
        let report = take(&city, &one("Soup and bread", "SEQUENCE:4\r\n")).await;
        assert_eq!(report.meetings, 1, "{report:?}");
        assert_eq!(planned(&city).await.iter().filter(|meeting| meeting.cancelled.is_none()).count(), 1);
        let cancelled =
            calendar("UID:never\r\nSUMMARY:Never was\r\nDTSTART:20261128T180000\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n");
        let report = take(&city, &cancelled).await;
        assert_eq!((report.left_out(), planned(&city).await.len()), (1, 2), "{report:?}");
    });
}

#[test]
fn exceptions_of_a_series_come_go_and_move() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let series = |more: &str| {
            let head = "UID:weekly\r\nSUMMARY:Weekly\r\nDTSTART;TZID=America/New_York:20261127T180000\r\nDURATION:PT1H\r\n";
            calendar(&format!("{head}RRULE:FREQ=WEEKLY;COUNT=4\r\n{more}"))
        };
        take(&city, &series("")).await;
        let ids: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(ids.len(), 4);
        let moved = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nRECURRENCE-ID:20261204T230000Z\r\nSUMMARY:Weekly, late\r\nDTSTART;TZID=America/New_York:20261205T200000\r\nDURATION:PT1H\r\n";
        assert_eq!(take(&city, &series(moved)).await.changed, 1);
        let now =
            ["2026-11-27T18:00 Weekly", "2026-12-05T20:00 Weekly, late", "2026-12-11T18:00 Weekly", "2026-12-18T18:00 Weekly"];
        assert_eq!(lines(&city, 9).await, now);
        assert_eq!(take(&city, &series("")).await.changed, 1);
        let now = ["2026-11-27T18:00 Weekly", "2026-12-04T18:00 Weekly", "2026-12-11T18:00 Weekly", "2026-12-18T18:00 Weekly"];
        assert_eq!(lines(&city, 9).await, now);
        let without = series("EXDATE;TZID=America/New_York:20261211T180000\r\n");
        assert_eq!(take(&city, &without).await.changed, 1);
        assert_eq!(lines(&city, 9).await, [now[0], now[1], now[3]]);
        let later = without.replace("SUMMARY:Weekly", "SUMMARY:Fridays").replace("T180000", "T190000");
        assert_eq!(take(&city, &later).await.changed, 1);
        let now = ["2026-11-27T19:00 Fridays", "2026-12-04T19:00 Fridays", "2026-12-18T19:00 Fridays"];
        assert_eq!(lines(&city, 9).await, now);
        let kept: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(kept, [ids[0], ids[1], ids[3]], "meetings stay the ones they are");
        let gone = later.replace("RRULE", "STATUS:CANCELLED\r\nRRULE");
        assert_eq!(take(&city, &gone).await.cancelled, 1);
        assert_eq!(lines(&city, 9).await, ["2026-11-27T19:00 Fridays !"], "nobody heard of the others");
    });
}

#[test]
fn from_then_on_a_series_is_another_and_its_meetings_stay_the_ones_they_are() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let events: Vec<&str> = APPLE.split("BEGIN:VEVENT").collect();
        let before = [events[0], events[1], events[3]].join("BEGIN:VEVENT");
        assert_eq!(take(&city, &before).await.series, 1);
        let ids: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        let report = take(&city, APPLE).await;
        assert_eq!((report.series, report.changed, report.same), (1, 1, 1), "{report:?}");
        assert_eq!(
            lines(&city, 7).await,
            [
                "2026-11-28T10:00 Digging morning",
                "2026-12-03T18:00 Seeds",
                "2026-12-05T10:00 Digging morning",
                "2026-12-12T10:00 Digging morning",
                "2026-12-19T10:00 Digging morning",
                "2027-01-03T11:00 Digging on Sundays",
                "2027-01-10T11:00 Digging on Sundays",
            ]
        );
        let now: Vec<_> = planned(&city).await.iter().map(|meeting| meeting.id).collect();
        assert_eq!(now[..20], ids[..20]);
        assert_eq!(all_series(&city).await.len(), 2);
        let again = take(&city, APPLE).await;
        assert_eq!((again.series, again.changed, again.same), (0, 0, 3), "{again:?}");
    });
}

#[test]
fn our_own_calendar_comes_back_as_our_own() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        city.meeting("kitchen", "Assembly").await;
        take(&city, GOOGLE).await;
        let before = (planned(&city).await, all_series(&city).await, said(&city).await);
        let calendar = city.get("/@kitchen.ics", "text/calendar").await.text().await.expect("text");
        let report = take(&city, &calendar).await;
        assert!(report.own > 0 && report.meetings + report.series + report.changed + report.cancelled == 0, "{report:?}");
        assert_eq!((planned(&city).await, all_series(&city).await, said(&city).await), before);
    });
}

#[test]
fn of_a_group_that_waits_nothing_leads_elsewhere() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("kitchen").await;
        let report = take(&city, &one("Soup", "URL:https://far.example/soup\r\n")).await;
        assert_eq!((report.meetings, report.left_out()), (0, 1), "{report:?}");
        let many: String = (1..=20)
            .map(|n| format!("BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:Soup {n}\r\nDTSTART:202612{n:02}T180000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"))
            .collect();
        let report = take(&city, &format!("BEGIN:VCALENDAR\r\n{many}END:VCALENDAR\r\n")).await;
        let most = usize::try_from(plaza::groups::group::WAITING_MEETINGS).expect("few");
        assert_eq!((report.meetings, report.left_out(), planned(&city).await.len()), (most, 20 - most, most), "{report:?}");
    });
}

/// A server of another place that has one calendar, or something worse.
struct Elsewhere {
    url: String,
    /// What it has; nothing: it breaks.
    calendar: Arc<Mutex<Option<String>>>,
    /// How often the whole of it was sent.
    sent: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn start(calendar: &str) -> Self {
        let calendar = Arc::new(Mutex::new(Some(calendar.to_owned())));
        let (sent, asked) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let shared = (calendar.clone(), sent.clone(), asked.clone());
        let server = HttpServer::new(move || {
            let (calendar, sent, asked) = shared.clone();
            let answer = move |request: HttpRequest| {
                asked.fetch_add(1, Ordering::SeqCst);
                let calendar = calendar.lock().expect("a lock").clone();
                let known = request.headers().get("if-none-match").map(|mark| mark.to_str().expect("text").to_owned());
                let answer = match calendar {
                    None => HttpResponse::InternalServerError().finish(),
                    _ if request.path() == "/away" => HttpResponse::Found().insert_header(("location", "/calendar.ics")).finish(),
                    Some(place) if request.path() == "/round" => {
                        HttpResponse::Found().insert_header(("location", place)).finish()
                    }
                    Some(text) => {
                        let mark = format!("\"{}-{}\"", text.len(), text.bytes().map(usize::from).sum::<usize>());
                        if known.as_deref() == Some(&mark) {
                            HttpResponse::NotModified().finish()
                        } else {
                            sent.fetch_add(1, Ordering::SeqCst);
                            HttpResponse::Ok().insert_header(("etag", mark)).content_type("text/calendar").body(text)
                        }
                    }
                };
                async move { answer }
            };
            actix_web::App::new().default_service(web::to(answer))
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/calendar.ics", listener.local_addr().expect("bound"));
        let server = server.workers(1).disable_signals().listen(listener).expect("a server").run();
        actix_web::rt::spawn(server);
        Self { url, calendar, sent, asked }
    }

    fn has(&self, calendar: Option<&str>) {
        *self.calendar.lock().expect("a lock") = calendar.map(str::to_owned);
    }
}

async fn watched(city: &City) -> Watched {
    city.app.db.read(|conn| Ok(store::watched_by(conn, "kitchen")?)).await.expect("reading").remove(0)
}

async fn look(city: &City) -> Report {
    city.advance(25 * HOUR);
    assert_eq!(watching::look_at_what_is_due(&city.app).await.expect("looked"), 1);
    watched(city).await.report.expect("a report")
}

#[test]
fn an_address_is_looked_at_again_and_what_stays_away_is_called_off_after_a_day() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let two = |second: &str| one("Soup", "").replace("END:VCALENDAR\r\n", "") + second + "END:VCALENDAR\r\n";
        let bread = "BEGIN:VEVENT\r\nUID:two\r\nSUMMARY:Bread\r\nDTSTART:20261215T180000\r\nDURATION:PT2H\r\nEND:VEVENT\r\n";
        let elsewhere = Elsewhere::start(&two(bread));
        let url: url::Url = elsewhere.url.parse().expect("an address");
        city.app.act(move |conn, here| watching::begin(conn, here, "kitchen", &url, None, true)).await.expect("begun");
        assert_eq!(watching::look_at_what_is_due(&city.app).await.expect("looked"), 1);
        assert_eq!(watching::look_at_what_is_due(&city.app).await.expect("looked"), 0, "not again before its turn");
        let first = watched(&city).await;
        assert_eq!(first.report.as_ref().map(|report| report.meetings), Some(2));
        assert!(first.next_look > city.app.clock.now() + 3 * HOUR);
        // the same as last time is not sent, nor taken in
        look(&city).await;
        assert_eq!((elsewhere.sent.load(Ordering::SeqCst), elsewhere.asked.load(Ordering::SeqCst)), (1, 2));
        // a server that fails takes nothing away
        elsewhere.has(None);
        let failed = look(&city).await;
        assert!(failed.failure.is_some_and(|why| why.contains("500")));
        assert_eq!(watched(&city).await.failures, 1);
        elsewhere.has(Some("<html>Sign in</html>"));
        assert!(look(&city).await.failure.is_some());
        elsewhere.has(Some(&two(bread).replace("END:VCALENDAR\r\n", "")));
        assert!(look(&city).await.failure.is_some_and(|why| why.contains("stops in the middle")));
        // what is there but cannot be understood any more is not gone
        elsewhere.has(Some(&two(&bread.replace("20261215T180000", "someday"))));
        look(&city).await;
        look(&city).await;
        let is_on = |meetings: &[Meeting]| meetings.iter().any(|meeting| meeting.title == "Bread" && meeting.cancelled.is_none());
        assert!(is_on(&planned(&city).await));
        // gone once is not gone; gone for a day is
        elsewhere.has(Some(&two("")));
        assert_eq!(look(&city).await.cancelled, 0);
        assert!(is_on(&planned(&city).await));
        elsewhere.has(Some(&two(bread)));
        assert_eq!(look(&city).await.cancelled, 0);
        elsewhere.has(Some(&two("")));
        assert_eq!(look(&city).await.cancelled, 0);
        look(&city).await;
        assert!(!is_on(&planned(&city).await));
        // nobody looks at what was stopped
        let id = watched(&city).await.id;
        city.app.act(move |conn, _| watching::stop(conn, "kitchen", id)).await.expect("stopped");
        city.advance(30 * DAY);
        assert_eq!(watching::look_at_what_is_due(&city.app).await.expect("looked"), 0);
        assert_eq!(planned(&city).await.len(), 2, "what came from there stays");
    });
}

#[test]
fn one_process_looks_at_an_address_and_a_group_has_few() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        let elsewhere = Elsewhere::start(&one("Soup", ""));
        for n in 0..5 {
            let url: url::Url = format!("{}?{n}", elsewhere.url).parse().expect("an address");
            city.app.act(move |conn, here| watching::begin(conn, here, "kitchen", &url, None, true)).await.expect("begun");
        }
        let url: url::Url = elsewhere.url.parse().expect("an address");
        let sixth = city.app.act(move |conn, here| watching::begin(conn, here, "kitchen", &url, None, true)).await;
        assert!(sixth.expect_err("refused").to_string().contains("no more than 5"));
        let id = watched(&city).await.id;
        let looks = futures_util::future::join_all((0..4).map(|_| watching::look(&city.app, id))).await;
        assert_eq!(looks.into_iter().filter(|look| matches!(look, Ok(Some(_)))).count(), 1);
        assert_eq!((elsewhere.asked.load(Ordering::SeqCst), planned(&city).await.len()), (1, 1));
    });
}

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
    let day = (chrono::Utc::now() + chrono::TimeDelta::days(30)).format("%Y%m%d");
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
