//! How somebody hears that something waits: browsers that are woken, for how long and by whom; and what is said on the way.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use plaza::{
    members::{self, member::Organizer},
    notices::{actions::tell_all, push, store},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    city::{City, on_each_database},
    desk::{kitchen, reply},
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Answers as many requests with these statuses, and says what they were.
pub fn push_server(statuses: &'static [u16]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}/wake/abc", listener.local_addr().expect("an address"));
    let answer = move |status: &u16| {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("reading") > 0 {
            seen.push(byte[0]);
        }
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("answered");
        String::from_utf8(seen).expect("text")
    };
    let asked = std::thread::spawn(move || statuses.iter().map(answer).collect());
    (endpoint, asked)
}

async fn told(city: &City) -> usize {
    tell_all(&city.app).await.expect("told")
}

/// Where somebody's browsers are woken, each by the end of its address.
async fn woken(city: &City, who: &Phone) -> Vec<String> {
    let id = who.member.as_ref().expect("signed in").id;
    let found = city.app.db.read(move |conn| Ok(store::endpoints(conn, id)?)).await.expect("reading");
    found.iter().map(|endpoint| endpoint.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

async fn wake(phone: &mut Phone, name: &str) {
    phone.goes_on("/ours/notices/push", &[("endpoint", &format!("http://127.0.0.1:9/{name}"))]).await;
}

#[test]
fn a_browser_is_woken_without_a_word_and_forgotten_when_it_is_gone() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        assert!(!ana.page("/ours/notices").await.contains("data-push"), "not before there is a key");
        push::make_key(&city.app).await.expect("a key");
        let answer = ana.get("/ours/notices").await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("/ours/notices.js; worker-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(answer.text().await.unwrap().contains("data-push=\"B"));
        for wrong in ["", "nonsense", "file:///etc/passwd", "https://169.254.169.254/latest", "https://10.0.0.1/x"] {
            let answer = ana.send("/ours/notices/push?lang=es", &[("endpoint", wrong)]).await;
            assert_eq!(answer.status(), 400, "{wrong}");
            let page = answer.text().await.unwrap();
            assert!(page.contains("no se le puede despertar") && !page.contains("no browser"), "{page}");
        }
        for (number, (statuses, left)) in [(&[201], true), (&[410], false)].into_iter().enumerate() {
            let (endpoint, asked) = push_server(statuses);
            ana.goes_on("/ours/notices/push", &[("endpoint", &endpoint)]).await;
            reply(&city, "friend", &format!("a-secret-word{number}")).await;
            city.advance(2 * HOUR);
            assert_eq!(told(&city).await, usize::from(left), "whose only browser is gone was told nothing");
            let asked = asked.join().expect("asked").remove(0);
            assert!(asked.starts_with("POST /wake/abc ") && asked.contains("authorization: vapid t="), "{asked}");
            assert!(asked.contains("content-length: 0") && !asked.contains("secret"), "{asked}");
            assert!(asked.contains("ttl: 604800\r\n") && asked.contains("topic: awaiting\r\n"), "for a week, once: {asked}");
            assert_eq!(ana.page("/ours/notices").await.contains("A browser of yours is woken"), left);
            ana.goes_on("/ours/notices/end", &[("what", "push")]).await;
        }
    });
}

#[test]
fn whom_no_push_reached_is_tried_again_when_the_hour_is_over() {
    on_each_database(|database| async move {
        for statuses in [&[400, 201], &[403, 201], &[429, 201], &[500, 202]] {
            let (city, mut ana) = kitchen(database).await;
            push::make_key(&city.app).await.expect("a key");
            let (endpoint, asked) = push_server(statuses);
            ana.goes_on("/ours/notices/push", &[("endpoint", &endpoint)]).await;
            reply(&city, "friend", "a-secret-word").await;
            assert_eq!(told(&city).await, 0, "{statuses:?}");
            city.advance(HOUR / 2);
            assert_eq!(told(&city).await, 0, "not within the hour");
            city.advance(HOUR / 2 + Duration::from_secs(60));
            assert_eq!(told(&city).await, 1, "{statuses:?}");
            city.advance(10 * HOUR);
            assert_eq!(told(&city).await, 0, "and then not of the same again");
            assert_eq!(asked.join().expect("asked").len(), 2);
        }
    });
}

#[test]
fn servers_that_never_answer_keep_nobody_waiting() {
    actix_web::rt::System::new().block_on(async {
        let (city, ana) = kitchen("sqlite").await;
        push::make_key(&city.app).await.expect("a key");
        // takes connections, and says nothing
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("an address");
        for who in ["ana", "bo", "cy", "dora"] {
            let member = if who == "ana" { ana.member.clone() } else { city.organizer(who, "kitchen").await.member };
            for number in 0..3 {
                let mut phone = city.sign_in(member.clone().expect("signed in")).await;
                phone.goes_on("/ours/notices/push", &[("endpoint", &format!("http://{address}/{who}{number}"))]).await;
            }
        }
        let mut last = city.organizer("eva", "kitchen").await;
        let (endpoint, asked) = push_server(&[201]);
        last.goes_on("/ours/notices/push", &[("endpoint", &endpoint)]).await;
        reply(&city, "friend", "hello").await;
        let begun = Instant::now();
        assert_eq!(told(&city).await, 1);
        assert!(begun.elapsed() < Duration::from_secs(25), "twelve times five seconds, at once: {:?}", begun.elapsed());
        asked.join().expect("asked");
    });
}

#[test]
fn a_crowd_at_a_silent_server_delays_nobody_longer_than_one_of_them() {
    actix_web::rt::System::new().block_on(async {
        let (city, _) = kitchen("sqlite").await;
        push::make_key(&city.app).await.expect("a key");
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("an address");
        // names that are there for as long as the test
        let names: Vec<&'static str> = (0..100).map(|number| &*format!("troll{number}").leak()).collect();
        for name in names {
            let mut troll = city.organizer(name, "kitchen").await;
            troll.goes_on("/ours/notices/push", &[("endpoint", &format!("http://{address}/{name}"))]).await;
        }
        let mut last = city.organizer("eva", "kitchen").await;
        let (endpoint, asked) = push_server(&[201]);
        last.goes_on("/ours/notices/push", &[("endpoint", &endpoint)]).await;
        reply(&city, "friend", "hello").await;
        let begun = Instant::now();
        assert_eq!(told(&city).await, 1);
        // 32 at a time, they would keep all others waiting for four rounds of four seconds
        assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
        asked.join().expect("asked");
    });
}

#[test]
fn a_browser_is_woken_no_more_once_it_is_signed_out_in_whatever_way() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut ben = city.organizer("ben", "kitchen").await;
        let member = ana.member.clone().expect("signed in");
        let her = || member.clone();
        let (mut phone, mut laptop, mut tablet) =
            (city.sign_in(her()).await, city.sign_in(her()).await, city.sign_in(her()).await);
        wake(&mut phone, "phone").await;
        wake(&mut laptop, "laptop").await;
        wake(&mut tablet, "tablet").await;
        wake(&mut ana, "first").await;
        tablet.send("/sign-out", &[]).await;
        assert_eq!(woken(&city, &ana).await.len(), 3);
        assert!(!woken(&city, &ana).await.contains(&"tablet".to_owned()), "signed out");
        phone.goes_on("/me/sessions/end-others", &[]).await;
        assert_eq!(woken(&city, &phone).await, ["phone"], "other sessions were ended");
        ben.goes_on("/ours/@kitchen/people/ana/phone-taken", &[("sure", "yes")]).await;
        assert_eq!(woken(&city, &phone).await, [""; 0], "the telephone was taken");

        let mut found = city.sign_in(her()).await;
        wake(&mut found, "found").await;
        let shown = ben.send("/ours/@kitchen/people/ana/recover", &[]).await.text().await.unwrap();
        let way = shown.split_once("/recover/").expect("a way in").1.split('<').next().unwrap().to_owned();
        let mut back = Phone { member: ana.member.clone(), ..Phone::of(&city) };
        back.goes_on(&format!("/recover/{way}"), &[("password", "soup at noon, always")]).await;
        assert_eq!(woken(&city, &back).await, [""; 0], "let in again elsewhere");
        wake(&mut back, "back").await;
        let new = [("old_password", "soup at noon, always"), ("password", "bread at six, always")];
        assert_eq!(back.send("/me/password", &new).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(woken(&city, &back).await, [""; 0], "a new password");
    });
}

#[test]
fn of_too_many_browsers_only_the_one_goes_that_was_not_used_for_longest() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let her = || ana.member.clone().expect("signed in");
        let mut phones = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            let mut phone = city.sign_in(her()).await;
            wake(&mut phone, name).await;
            phones.push(phone);
            city.advance(DAY);
        }
        wake(&mut phones[4], "e").await;
        wake(&mut phones[4], "e2").await;
        assert_eq!(woken(&city, &ana).await, ["a", "b", "c", "d", "e2"], "one address for each browser");
        let mut sixth = city.sign_in(her()).await;
        wake(&mut sixth, "f").await;
        assert_eq!(woken(&city, &ana).await, ["b", "c", "d", "e2", "f"]);
        // the same browser is another person's now
        let mut ben = city.organizer("ben", "kitchen").await;
        wake(&mut ben, "b").await;
        assert_eq!((woken(&city, &ana).await.len(), woken(&city, &ben).await), (4, vec!["b".to_owned()]));
    });
}

#[test]
fn a_browser_that_is_not_woken_says_so_where_another_is() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        push::make_key(&city.app).await.expect("a key");
        let mut other = city.sign_in(ana.member.clone().expect("signed in")).await;
        let asleep = "<p data-asleep>This browser itself is not woken.</p>";
        assert!(!ana.page("/ours/notices").await.contains(asleep), "none is");
        wake(&mut other, "other").await;
        let page = ana.page("/ours/notices").await;
        assert!(page.contains(asleep) && page.contains("A browser of yours is woken") && !page.contains("data-woken"), "{page}");
        let page = other.page("/ours/notices").await;
        assert!(!page.contains(asleep) && page.contains(" data-woken hidden>"), "{page}");
        let said = other.goes_on("/ours/notices/end", &[("what", "push")]).await;
        assert!(other.page(&said).await.contains("That is done."));
        assert!(!ana.page("/ours/notices").await.contains("A browser of yours is woken"));
    });
}

#[test]
fn nobody_looks_again_what_waits_for_who_was_told_within_the_hour() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        push::make_key(&city.app).await.expect("a key");
        let (endpoint, asked) = push_server(&[201]);
        ana.goes_on("/ours/notices/push", &[("endpoint", &endpoint)]).await;
        reply(&city, "friend", "hello").await;
        let looked_at = || {
            let now = city.clock.now();
            city.app.db.read(move |conn| Ok(store::to_be_told(conn, now)?))
        };
        assert_eq!(looked_at().await.expect("reading").len(), 1);
        assert_eq!(told(&city).await, 1);
        assert!(looked_at().await.expect("reading").is_empty());
        city.advance(HOUR + Duration::from_secs(60));
        assert_eq!(looked_at().await.expect("reading").len(), 1);
        asked.join().expect("asked");
    });
}

#[test]
fn whose_powers_rest_hears_nothing_of_what_they_cannot_look_at() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let mut ben = city.organizer("ben", "kitchen").await;
        reply(&city, "friend", "hello").await;
        ben.goes_on("/ours/@kitchen/people/ana/phone-taken", &[("sure", "yes")]).await;
        let mut ana = city.sign_in(ana.member.expect("signed in")).await;
        let page = ana.send("/ours/notices/feed", &[]).await.text().await.unwrap();
        assert!(page.contains("role=\"status\">Your feed is made."), "{page}");
        let feed = page.split_once("/ours/notices.atom?key=").expect("an address").1;
        let feed = format!("/ours/notices.atom?key={}", feed.split('"').next().unwrap());
        assert!(ben.page("/ours").await.contains("Something waits"));
        for path in ["/ours", &feed] {
            let page = ana.page(path).await;
            assert!(!page.contains("Something waits"), "{path}: {page}");
        }
        // where nobody else could look, their powers come back after some days
        let id = ben.member.as_ref().expect("signed in").id;
        let lay_down = move |conn: &mut plaza::db::Conn| {
            let ben = members::store::organizer(conn, "kitchen", id)?.expect("speaks");
            let paused = Some(ben.since.day());
            Ok(members::store::save_organizer(conn, &Organizer { paused, ..ben })?)
        };
        city.app.db.write(lay_down).await.expect("saved");
        assert!(!ana.page(&feed).await.contains("Something waits"));
        city.advance(4 * DAY);
        city.app.act(plaza::people::ending::settle).await.expect("settled");
        for path in ["/ours", &feed] {
            assert!(ana.page(path).await.contains("Something waits"), "{path}");
        }
    });
}

#[test]
fn who_writes_no_name_is_told_to_write_one() {
    on_each_database(|database| async move {
        let (_city, mut ana) = kitchen(database).await;
        for (language, sentence) in [("en", "Write the name of your account there"), ("es", "Escribe el nombre de tu cuenta")] {
            for nothing in ["", "  ", "@", " @@ "] {
                let answer = ana.send(&format!("/ours/notices?lang={language}"), &[("account", nothing)]).await;
                assert_eq!(answer.status(), 422, "{nothing:?}");
                let page = answer.text().await.unwrap();
                assert!(page.contains(sentence) && !page.contains("Nobody was found"), "{page}");
            }
        }
    });
}

#[test]
fn a_telephone_can_put_the_place_on_its_first_screen() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let nobody = Phone::of(&city);
        let link = "<link rel=\"manifest\" href=\"/manifest.webmanifest";
        for (who, path, expected) in [
            (&nobody, "/", format!("{link}\">")),
            (&nobody, "/?lang=es", format!("{link}?lang=es\">")),
            (&ana, "/ours/notices", format!("{link}\">")),
        ] {
            let page = who.page(path).await;
            assert!(page.contains(&expected), "{path}: {page}");
        }
        assert!(!nobody.page("/groups").await.contains("manifest"), "other pages stay as small as they are");
        for (query, language, start) in [("", "en", "/ours"), ("?lang=es", "es", "/ours?lang=es")] {
            let answer = nobody.get(&format!("/manifest.webmanifest{query}")).await;
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "application/manifest+json");
            assert!(header("vary").contains("Accept-Language"));
            assert!(header("content-security-policy").contains("manifest-src 'self'"));
            let manifest: Value = answer.json().await.expect("JSON");
            let expected = json!({
                "id": "/", "name": "Riverside", "lang": language, "start_url": start, "scope": "/", "display": "standalone",
                "icons": [{ "src": "/media/city.png", "type": "image/png", "sizes": "400x400" }],
            });
            assert_eq!(manifest, expected);
        }
        let icon = city.http.get(format!("{}/media/city.png", city.origin)).send().await.expect("a picture");
        let icon = image::load_from_memory(&icon.bytes().await.expect("bytes")).expect("a picture");
        assert_eq!((icon.width(), icon.height()), (400, 400));
    });
}
