//! What stands on the shelf, and when it no longer does.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::{
    App,
    body::to_bytes,
    http::StatusCode,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web::{self, Data},
};
use diesel::{RunQueryDsl, sql_query};
use unic_langid::langid;

use super::*;
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        pool::{self, Use},
        trial::Trial,
    },
    error::Error as Wrong,
    origin::Origin,
    web::{Answer, Cache, door, read, respond},
};

/// How often something was made for a reader.
#[derive(Default)]
struct Times(AtomicUsize);

async fn make(request: HttpRequest, times: Data<Times>, how: web::Path<String>) -> Answer {
    let times = times.0.fetch_add(1, Ordering::SeqCst) + 1;
    let text = format!("{} {times}", how.as_str());
    let mut answer = match how.as_str() {
        "missing" => return Err(Wrong::not_found("nobody").into()),
        "now" => respond(&request, "text/html; charset=utf-8", text, Cache::Public(0)),
        "mine" => respond(&request, "text/html; charset=utf-8", text, Cache::NoStore),
        "for-ever" => respond(&request, "text/css", text, Cache::Immutable),
        "long" => respond(&request, "text/plain", "a".repeat(MOST + 1), Cache::Public(30)),
        "wide" => respond(&request, "text/plain", "a".repeat(MOST), Cache::Public(30)),
        // what a page for members may do with the frame of a public one
        "signed-in" | "cookie" | "by-cookie" => respond(&request, "text/html; charset=utf-8", text, Cache::Public(30)),
        "other" => return Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")).body(text)),
        _ => respond(&request, "text/html; charset=utf-8", text, Cache::Public(30)),
    };
    let (name, value) = match how.as_str() {
        "signed-in" => (header::CACHE_CONTROL, "no-store"),
        "cookie" => (header::SET_COOKIE, "a=b"),
        "by-cookie" => (header::VARY, "Accept, Cookie"),
        _ => (header::CONTENT_LANGUAGE, "en"),
    };
    answer.headers_mut().insert(name, header::HeaderValue::from_static(value));
    Ok(answer)
}

/// A small city whose pages are counted, and another connection to its database.
struct Town {
    shelf: Data<Shelf>,
    times: Data<Times>,
    clock: Clock,
    other: Conn,
    _trial: Trial,
}

impl Town {
    fn new() -> Self {
        let trial = Trial::sqlite();
        let mut other = pool::open(&trial.url, Use::Write).unwrap();
        sql_query("CREATE TABLE words (word TEXT)").execute(&mut other).unwrap();
        let clock = Clock::stopped_at(Timestamp::from_seconds(1_795_521_600));
        let shelf = Data::new(Shelf::new(Watch::open(&trial.url).unwrap().unwrap(), clock.clone()));
        Self { shelf, times: Data::default(), clock, other, _trial: trial }
    }

    async fn ask(&self, request: TestRequest) -> (StatusCode, HeaderMap, String) {
        let origin = Origin::parse("https://plaza.example").unwrap();
        let front = Front { origin, city: "Boston".into(), languages: vec![langid!("en")], zone: chrono_tz::Tz::UTC };
        let app = App::new().app_data(Data::new(front)).app_data(self.shelf.clone()).app_data(self.times.clone());
        let app = init_service(app.wrap(from_fn(door)).route("/{how}", read().to(make))).await;
        let answer = call_service(&app, request.insert_header(("Host", "plaza.example")).to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap())
    }

    /// Is `path` made anew for the second one who asks?
    async fn makes_again(&self, path: &str) -> bool {
        let before = self.times.0.load(Ordering::SeqCst);
        let (first, second) = (self.ask(get(path)).await, self.ask(get(path)).await);
        assert_eq!((first.0, first.1.len()), (second.0, second.1.len()), "{path}");
        self.times.0.load(Ordering::SeqCst) - before == 2
    }

    fn write(&mut self) {
        sql_query("INSERT INTO words VALUES ('soup')").execute(&mut self.other).unwrap();
    }
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[actix_web::test]
async fn only_what_everyone_may_keep_is_kept() {
    let town = Town::new();
    for path in ["/page", "/page?tag=soup", "/wide"] {
        assert!(!town.makes_again(path).await, "{path}");
    }
    for path in ["/missing", "/now", "/mine", "/for-ever", "/long", "/signed-in", "/cookie", "/by-cookie", "/other"] {
        assert!(town.makes_again(path).await, "{path}");
    }
    let secretly = || get("/page?secret").insert_header(("Authorization", "Bearer x"));
    let (one, other) = (town.ask(secretly()).await, town.ask(secretly()).await);
    assert_ne!(one.2, other.2);
}

#[actix_web::test]
async fn each_question_has_its_own_answer() {
    let town = Town::new();
    let of = |name: &'static str, value: &'static str| get("/page").insert_header((name, value));
    let asked = [
        get("/page"),
        get("/page?lang=es"),
        get("/other-page"),
        of("Accept-Language", "es"),
        of("Accept", "text/html"),
        of("Accept", "application/activity+json"),
    ];
    for (number, request) in asked.into_iter().enumerate() {
        assert!(town.ask(request).await.2.ends_with(&format!(" {}", number + 1)));
    }
    // said in another way
    for (name, value) in [("Accept-Language", "es-MX, en;q=0.1"), ("Accept-Language", "eu, es")] {
        assert_eq!(town.ask(of(name, value)).await.2, "page 4", "{value}");
    }
    assert_eq!(town.ask(of("Accept", "text/html, */*;q=0.8")).await.2, "page 5");
    // whoever is signed in may see more of it, and so may a server that signs
    for name in ["Cookie", "Signature"] {
        let answers = [town.ask(of(name, "x")).await.2, town.ask(of(name, "x")).await.2];
        assert_ne!(answers[0], answers[1], "{name}");
    }
    assert_eq!(town.ask(get("/page")).await.2, "page 1", "what they were told is told to nobody else");
}

#[test]
fn a_picture_is_the_same_under_whatever_query() {
    let origin = Origin::parse("https://plaza.example").unwrap();
    let front = Front { origin, city: "Boston".into(), languages: vec![langid!("en")], zone: chrono_tz::Tz::UTC };
    let asked = |path: &str| Asked::of(&front, &TestRequest::get().uri(path).to_http_request()).unwrap();
    assert!(asked("/media/icon/kitchen.png?v=made") == asked("/media/icon/kitchen.png?v=junk&x=1"));
    assert!(asked("/media/icon/kitchen.png") != asked("/media/icon/trees.png"));
    assert!(asked("/groups?v=1") != asked("/groups?v=2"), "a page may say something else");
}

#[actix_web::test]
async fn what_was_written_is_seen_at_once() {
    let mut town = Town::new();
    for times in 1..4 {
        for _ in 0..3 {
            assert_eq!(town.ask(get("/page")).await.2, format!("page {times}"));
        }
        town.write();
    }
    // nothing was written after all
    sql_query("DELETE FROM words WHERE word = 'bread'").execute(&mut town.other).unwrap();
    assert_eq!(town.ask(get("/page")).await.2, "page 4");
    town.clock.advance(Duration::from_secs(59));
    assert_eq!(town.ask(get("/page")).await.2, "page 4");
    town.clock.advance(Duration::from_secs(1));
    assert_eq!(town.ask(get("/page")).await.2, "page 5");
}

#[actix_web::test]
async fn what_was_made_before_a_deed_does_not_stand_for_what_came_after() {
    let mut town = Town::new();
    let before = town.shelf.moment().unwrap();
    let asked = Asked { path: "/page".into(), activity: false, page: false, language: "en".into() };
    let whole = Whole { content_type: "text/html".into(), bytes: "old".into() };
    town.write();
    town.shelf.put(asked, before, Made { headers: HeaderMap::new(), whole });
    assert_eq!(town.ask(get("/page")).await.2, "page 1");
}

#[actix_web::test]
async fn what_is_known_is_not_sent_again_from_the_shelf_either() {
    let town = Town::new();
    let (_, first, _) = town.ask(get("/page")).await;
    let tag = first.get("etag").unwrap().to_str().unwrap().to_owned();
    town.clock.advance(Duration::from_secs(60));
    // the first to ask in this minute knows it; what is then kept is whole all the same
    let known = || get("/page").insert_header(("If-None-Match", "*"));
    for _ in 0..2 {
        let (status, headers, body) = town.ask(known()).await;
        assert_eq!((status.as_u16(), body.as_str()), (304, ""));
        assert!(headers.contains_key("etag") && headers.contains_key("vary") && headers.contains_key("content-security-policy"));
        assert!(!headers.contains_key("content-type"));
    }
    let (status, second, body) = town.ask(get("/page")).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "page 2"));
    assert_ne!(second.get("etag").unwrap(), tag.as_str());
    assert_eq!(second.get("content-type"), first.get("content-type"));
    assert_eq!(town.ask(get("/page").insert_header(("If-None-Match", tag))).await.0, 200);
    let head = town.ask(TestRequest::default().method(Method::HEAD).uri("/page")).await;
    assert_eq!((head.0.as_u16(), head.1.get("etag")), (200, second.get("etag")));
    assert_eq!(town.times.0.load(Ordering::SeqCst), 2);
}

#[actix_web::test]
async fn the_oldest_makes_room() {
    let town = Town::new();
    let fit = ROOM / (MOST + FRAME);
    for number in 0..fit + 3 {
        town.ask(get(&format!("/wide?{number}"))).await;
    }
    let bytes = town.shelf.kept.lock().unwrap().bytes;
    assert!(bytes <= ROOM && bytes > ROOM - 2 * (MOST + FRAME), "{bytes}");
    let made = || town.times.0.load(Ordering::SeqCst);
    let before = made();
    town.ask(get(&format!("/wide?{}", fit + 2))).await;
    assert_eq!(made(), before);
    town.ask(get("/wide?0")).await;
    assert_eq!(made(), before + 1);
}
