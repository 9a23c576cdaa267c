//! Addresses that are looked at again, and a server of another place to look at.

use std::{
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use plaza::imports::known::Watched;

use super::*;

/// A server of another place that has one calendar, or something worse.
pub struct Elsewhere {
    pub url: String,
    /// What it has; nothing: it breaks.
    calendar: Arc<Mutex<Option<String>>>,
    /// How often the whole of it was sent.
    sent: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Elsewhere {
    pub fn start(calendar: &str) -> Self {
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

    pub fn has(&self, calendar: Option<&str>) {
        *self.calendar.lock().expect("a lock") = calendar.map(str::to_owned);
    }
}

pub async fn watched(city: &City) -> Watched {
    city.app.db.read(|conn| Ok(store::watched_by(conn, "kitchen")?)).await.expect("reading").remove(0)
}

/// Why a look failed.
fn why(report: &Report) -> String {
    report.failure.as_ref().map(|failure| failure.why(&plaza::words::Words::of("en"))).unwrap_or_default()
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
        assert!(why(&failed).contains("500"));
        assert_eq!(watched(&city).await.failures, 1);
        elsewhere.has(Some("<html>Sign in</html>"));
        assert!(look(&city).await.failure.is_some());
        elsewhere.has(Some(&two(bread).replace("END:VCALENDAR\r\n", "")));
        assert!(why(&look(&city).await).contains("stops in the middle"));
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
