//! What everyone can do without an account beside coming: follow from their own server, suggest, report.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use plaza::worker;
use serde_json::{Value, json};

use crate::{
    city::{City, PATIENCE, on_each_database},
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Another server, which answers every question about an account as it was told to.
pub struct There {
    pub host: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl There {
    pub async fn start(answer: impl Fn() -> HttpResponse + Clone + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let server = HttpServer::new(move || {
            let (answer, seen) = (answer.clone(), seen.clone());
            let take = move |request: HttpRequest| {
                seen.lock().unwrap().push(request.uri().to_string());
                std::future::ready(answer())
            };
            actix_web::App::new().default_service(web::to(take))
        });
        actix_web::rt::spawn(
            server
                .workers(1)
                .keep_alive(PATIENCE)
                .client_request_timeout(PATIENCE)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run(),
        );
        Self { host, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn descriptor(links: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/jrd+json").body(json!({ "subject": "acct:a@b", "links": links }).to_string())
}

pub fn subscribing(template: &str) -> impl Fn() -> HttpResponse + Clone + Send + use<> {
    let links = json!([{ "rel": "http://ostatus.org/schema/1.0/subscribe", "template": template }]);
    move || descriptor(&links)
}

#[test]
fn whoever_has_an_account_elsewhere_is_led_there() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let there = There::start(subscribing("https://far.example/authorize_interaction?uri={uri}")).await;
        let mut ana = Phone::of(&city);
        let group = ana.page("/@kitchen").await;
        assert!(group.contains("action=\"/@kitchen/follow\"") && group.contains("name=\"account\""), "{group}");
        for path in ["/@kitchen/follow", "/@kitchen/follow?account=ana@127.0.0.1", "/@kitchen/follow?lang=es"] {
            assert!(ana.page(path).await.contains("name=\"account\""));
        }
        assert_eq!(there.asked(), Vec::<String>::new(), "whoever only looks makes us ask nobody");

        let account = format!("@ana@{}", there.host);
        let led = ana.send("/@kitchen/follow", &[("account", &account)]).await;
        assert_eq!(led.status(), 200);
        assert_eq!(led.headers()["cache-control"], "no-store");
        let led = led.text().await.unwrap();
        let id = format!("{}/ap/groups/kitchen", city.origin).replace(':', "%3A").replace('/', "%2F");
        assert!(led.contains(&format!("href=\"https://far.example/authorize_interaction?uri={id}\"")), "{led}");
        assert!(led.contains("Go on to far.example") && led.contains("@kitchen@"), "{led}");
        let asked = there.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].starts_with("/.well-known/webfinger?resource=acct%3Aana%40127.0.0.1"), "{asked:?}");

        let spanish = ana.send("/@kitchen/follow?lang=es", &[("account", &there.host)]).await.text().await.unwrap();
        assert!(spanish.contains("Continuar en far.example") && spanish.contains("/@kitchen?lang=es"), "{spanish}");

        // nothing of it is sent from another site, or for a group that is not there
        let foreign = ana.send_bare("/@kitchen/follow", &[("account", &account)], &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(foreign.status(), 403);
        assert_eq!(ana.send("/@nobody/follow", &[("account", &account)]).await.status(), 404);
        assert_eq!(there.asked().len(), 2);
    });
}

#[test]
fn a_server_that_would_lead_astray_leads_nowhere_and_what_was_typed_is_kept() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = Phone::of(&city);
        let own = city.origin.clone();
        for template in [
            "javascript:alert('{uri}')".to_owned(),
            "data:text/html,{uri}".into(),
            "https://{uri}.evil.example/".into(),
            "https://ana:secret@evil.example/{uri}".into(),
            "https://10.0.0.1/{uri}".into(),
            "//evil.example/{uri}".into(),
            format!("{own}/sign-out?{{uri}}"),
            "https://far.example/\"><script>alert(1)</script>".into(),
        ] {
            let there = There::start(subscribing(&template)).await;
            let account = format!("ana@{}", there.host);
            let led = ana.send("/@kitchen/follow", &[("account", &account)]).await;
            assert_eq!(led.status(), 422, "{template}");
            let led = led.text().await.unwrap();
            assert!(led.contains("does not say how to follow"), "{template}: {led}");
            assert!(led.contains(&format!("value=\"{account}\"")) && led.contains("aria-invalid"), "{template}: {led}");
            assert!(!led.contains("evil.example") && !led.contains("<script>alert"), "{led}");
        }
        let huge = There::start(|| HttpResponse::Ok().content_type("application/jrd+json").body("x".repeat(3_000_000))).await;
        let other = There::start(|| HttpResponse::Ok().content_type("text/html").body("<p>hello")).await;
        let nobody = There::start(|| HttpResponse::NotFound().finish()).await;
        let inward =
            There::start(|| HttpResponse::Found().insert_header(("location", "https://10.0.0.1/.well-known/webfinger")).finish())
                .await;
        let round = There::start(|| HttpResponse::Found().insert_header(("location", "/again")).finish()).await;
        for (there, says) in [
            (&huge, "did not answer"),
            (&other, "did not answer"),
            (&nobody, "knows nobody of that name"),
            (&inward, "did not answer"),
            (&round, "did not answer"),
        ] {
            let led = ana.send("/@kitchen/follow", &[("account", &format!("ana@{}", there.host))]).await;
            assert_eq!(led.status(), 422);
            let led = led.text().await.unwrap();
            assert!(led.contains(says), "{says}: {led}");
        }
        assert!(round.asked().len() <= 4, "{:?}", round.asked());
        for typed in ["", "ana", "ana@10.0.0.1", "ana@localhost", "a&resource=acct:b@c.example", "<script>@x.example", &own] {
            let led = ana.send("/@kitchen/follow", &[("account", typed)]).await;
            assert_eq!(led.status(), 422, "{typed}");
            assert!(!led.text().await.unwrap().contains("<script>@"));
        }
    });
}

#[test]
fn what_somebody_suggests_waits_for_the_group_and_is_seen_nowhere() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = Phone::of(&city);
        assert!(ana.page("/@kitchen").await.contains("/suggest?group=kitchen"));
        let form = ana.page("/suggest?group=kitchen&lang=es").await;
        assert!(form.contains("value=\"kitchen\" selected") && form.contains("action=\"/suggest?lang=es\""), "{form}");
        let text = "Soup <script>alert(1)</script> at noon\nhttps://evil.example/";
        let fields =
            [("group", "kitchen"), ("text", text), ("moment", "Saturday"), ("place", "the park"), ("link", "soup.example/x")];
        for _ in 0..2 {
            let sent = ana.send("/suggest?lang=es", &fields).await;
            assert_eq!(sent.status(), 303);
            let to = sent.headers()["location"].to_str().unwrap().to_owned();
            assert_eq!(to, "/suggest?group=kitchen&sent=yes&lang=es");
            assert!(ana.page(&to).await.contains("Gracias, ya lo tiene el grupo"));
        }
        let waiting = waiting(&city).await;
        assert_eq!(waiting.len(), 1, "sent twice is said once");
        assert_eq!(waiting[0].text, text);
        assert_eq!(waiting[0].link.as_ref().unwrap().as_str(), "https://soup.example/x");
        assert_eq!(waiting[0].received, city.clock.now().day());
        for path in ["/", "/@kitchen", "/announcements", "/meetings", "/suggest?group=kitchen"] {
            assert!(!ana.page(path).await.contains("Soup"), "{path}");
        }
        city.advance(29 * DAY);
        worker::forget_once(&city.app).await.unwrap();
        assert_eq!(self::waiting(&city).await.len(), 1);
        city.advance(3 * DAY);
        worker::forget_once(&city.app).await.unwrap();
        assert_eq!(self::waiting(&city).await.len(), 0);
    });
}

async fn waiting(city: &City) -> Vec<plaza::suggestions::suggestion::Suggestion> {
    city.app.db.read(|conn| Ok(plaza::suggestions::store::waiting(conn, "kitchen")?)).await.unwrap()
}

#[test]
fn a_suggestion_has_limits_that_are_said_beside_its_fields() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = Phone::of(&city);
        let long = "x".repeat(2_001);
        for (field, value, says) in [
            ("group", "nobody", "Choose a group"),
            ("group", "plaza", "Choose a group"),
            ("group", "", "Choose a group"),
            ("text", "", "Say in 1 to 2,000 characters"),
            ("text", " \n ", "Say in 1 to 2,000 characters"),
            ("text", &long, "Say in 1 to 2,000 characters"),
            ("moment", &long, "at most 200 characters"),
            ("place", &long, "at most 200 characters"),
            ("link", "javascript:alert(1)", "A link begins with https://"),
        ] {
            let right = [("group", "kitchen"), ("text", "Pots to give"), ("moment", ""), ("place", ""), ("link", "")];
            let fields: Vec<(&str, &str)> =
                right.into_iter().map(|(name, right)| (name, if name == field { value } else { right })).collect();
            let sent = ana.send("/suggest", &fields).await;
            assert_eq!(sent.status(), 422, "{field}");
            let page = sent.text().await.unwrap();
            assert!(page.contains(says) && page.contains(&format!("href=\"#{field}\"")), "{field}: {page}");
            assert!(field == "text" || page.contains("Pots to give"), "what was typed is kept");
        }
        assert_eq!(waiting(&city).await.len(), 0);
        for number in 0..100 {
            let text = format!("Pot {number}");
            assert_eq!(ana.send("/suggest", &[("group", "kitchen"), ("text", &text)]).await.status(), 303);
        }
        let full = ana.send("/suggest", &[("group", "kitchen"), ("text", "one more")]).await;
        assert_eq!(full.status(), 422);
        assert!(full.text().await.unwrap().contains("Very many suggestions wait"));
        let dropped = city.app.db.write(|conn| plaza::suggestions::actions::drop_all(conn, "kitchen")).await.unwrap();
        assert_eq!(dropped, 100, "in one tap");
        assert_eq!(ana.send("/suggest", &[("group", "kitchen"), ("text", "one more")]).await.status(), 303);
    });
}

#[test]
fn anybody_asks_the_caretakers_to_look_at_something() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let note = city.announce("kitchen", "Come and eat").await;
        let mut ana = Phone::of(&city);
        let page = format!("/meetings/{}", meeting.id);
        let footer = format!("/report?what=%2Fmeetings%2F{}", meeting.id);
        assert!(ana.page(&page).await.contains(&footer));
        assert!(ana.page(&footer).await.contains("<bdi>Soup</bdi>"));
        for (what, about) in [
            ("/@kitchen".to_owned(), "/ap/groups/kitchen".to_owned()),
            (format!("{page}?lang=es"), format!("/ap/events/{}", meeting.id)),
            (format!("/announcements/{}", note.id), format!("/ap/notes/{}", note.id)),
            ("/meetings".into(), "/".into()),
            ("https://evil.example/@kitchen".into(), "/".into()),
            ("//evil.example/".into(), "/".into()),
            ("/@nobody".into(), "/".into()),
        ] {
            let fields = [("what", what.as_str()), ("kind", "danger"), ("words", "It names <b>me</b>")];
            let sent = ana.send("/report?lang=es", &fields).await;
            assert_eq!(sent.status(), 303, "{what}");
            assert!(ana.page(sent.headers()["location"].to_str().unwrap()).await.contains("Gracias por avisar"));
            let open = open(&city).await;
            let report = open.iter().find(|report| report.about == about).unwrap_or_else(|| panic!("{what}: {open:?}"));
            assert!(report.host.is_empty() && report.reason.starts_with("[danger]"), "{report:?}");
            assert!(report.reason.contains("<b>me</b>"));
        }
        let before = open(&city).await;
        assert_eq!(before.len(), 4, "many about the same are one");
        let long = "x".repeat(2_001);
        for (kind, words, says) in [
            ("", "x", "Choose what is wrong."),
            ("nonsense", "x", "Choose what is wrong."),
            ("other", "", "Say in at most 2,000 characters"),
            ("spam", &long, "Say in at most 2,000 characters"),
        ] {
            let sent = ana.send("/report", &[("what", &page), ("kind", kind), ("words", words)]).await;
            assert_eq!(sent.status(), 422, "{kind}");
            let page = sent.text().await.unwrap();
            assert!(page.contains(says) && page.contains("<bdi>Soup</bdi>"), "{kind}: {page}");
        }
        assert_eq!(open(&city).await, before);
    });
}

async fn open(city: &City) -> Vec<plaza::reports::report::Report> {
    city.app.db.read(|conn| Ok(plaza::reports::store::open(conn, 100)?)).await.unwrap()
}

#[test]
fn who_is_signed_in_is_not_looked_at_where_it_does_not_matter() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let ana = city.organizer("ana", "kitchen").await;
        let same = [("sec-fetch-site", "same-origin")];
        // the page is the same for everybody, so its buttons carry no token
        let coming = ana.send_bare(&format!("/meetings/{}/coming", meeting.id), &[("answer", "coming")], &same).await;
        assert_eq!(coming.status(), 303);
        let suggested = ana.send_bare("/suggest", &[("group", "kitchen"), ("text", "Pots")], &same).await;
        assert_eq!(suggested.status(), 303);
        let shown = ana.page("/suggest").await;
        assert!(!shown.contains("<bdi>ana</bdi>") && !shown.contains("csrf"), "{shown}");
        assert_eq!(shown, Phone::of(&city).page("/suggest").await);
    });
}
