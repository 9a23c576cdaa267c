//! Who comes in: sessions, forms of other sites, and that nobody keeps what one person saw.

use std::time::Duration;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[test]
fn whoever_is_not_signed_in_is_sent_to_sign_in_and_back() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut nobody = Phone::of(&city);
        let answer = nobody.get("/ours?a=b%2Fc").await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], "/sign-in?then=%2Fours%3Fa%3Db%252Fc");
        assert_eq!(answer.headers()["cache-control"], "no-store");

        // in the language that they chose
        for (page, to) in [
            ("/ours?lang=es", "/sign-in?then=%2Fours&lang=es"),
            ("/start?lang=es&done=saved", "/sign-in?then=%2Fstart&lang=es"),
            ("/me?a=b&lang=es", "/sign-in?then=%2Fme%3Fa%3Db&lang=es"),
            ("/care?lang=%22%26x", "/sign-in?then=%2Fcare&lang=%22%26x"),
        ] {
            assert_eq!(nobody.get(page).await.headers()["location"], to);
        }
        let page = nobody.page("/sign-in?then=%2Fours&lang=es").await;
        assert!(page.contains("<html lang=\"es\"") && page.contains("name=\"then\" value=\"/ours\""), "{page}");
        let answer = nobody.send("/start?lang=es", &[("step", "1"), ("name", "Ollas")]).await;
        assert_eq!(answer.status(), 401);
        let page = answer.text().await.unwrap();
        assert!(page.contains("<html lang=\"es\"") && page.contains("action=\"/sign-in?lang=es\""), "{page}");
        assert!(page.contains("name=\"kept.name\" value=\"Ollas\""), "{page}");
    });
}

#[test]
fn a_page_for_one_person_is_kept_by_nobody() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        let answer = ana.get("/ours").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-robots-tag"], "noindex, nofollow");
        assert!(answer.headers().get("etag").is_none());
        let page = answer.text().await.unwrap();
        assert!(page.contains("The kitchen group") && page.contains("My account"), "{page}");
        // a public page tells her that she can change it, and nobody else that anybody can
        let (hers, everybodys) = (ana.get("/@kitchen").await, Phone::of(&city).get("/@kitchen").await);
        assert_eq!(hers.headers()["cache-control"], "no-store");
        assert_ne!(everybodys.headers()["cache-control"], "no-store");
        assert!(hers.text().await.unwrap().contains("href=\"/ours/@kitchen\""));
        assert!(!everybodys.text().await.unwrap().contains("/ours/@kitchen"));
    });
}

#[test]
fn a_session_ends_after_30_days_unused_after_90_days_and_when_it_is_ended() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.member("ana").await;
        let other = city.sign_in(ana.member.clone().unwrap()).await;
        for _ in 0..4 {
            city.advance(20 * DAY);
            assert_eq!(ana.get("/ours").await.status(), 200);
        }
        assert_eq!(other.get("/ours").await.status(), 303, "80 days unused");
        city.advance(11 * DAY);
        assert_eq!(ana.get("/ours").await.status(), 303, "91 days old");

        ana = city.sign_in(ana.member.clone().unwrap()).await;
        let stolen = ana.cookie.clone();
        assert_eq!(ana.send("/sign-out", &[]).await.status(), 303);
        assert_eq!(ana.cookie, None);
        ana.cookie = stolen;
        assert_eq!(ana.get("/ours").await.status(), 303, "ended at the server, too");
    });
}

#[test]
fn a_form_of_another_site_or_of_another_session_does_nothing() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let ana = city.member("ana").await;
        let other = city.sign_in(ana.member.clone().unwrap()).await;
        let ours = city.origin.clone();
        let right = ana.csrf.clone();
        let same = ("sec-fetch-site", "same-origin");
        type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);
        let table: Vec<Case<'_>> = vec![
            ("no token", "", vec![same]),
            ("another session's token", &other.csrf, vec![same]),
            ("cross-site", &right, vec![("sec-fetch-site", "cross-site")]),
            ("same-site is not same origin", &right, vec![("sec-fetch-site", "same-site")]),
            ("typed in", &right, vec![("sec-fetch-site", "none")]),
            ("twice", &right, vec![same, ("sec-fetch-site", "cross-site")]),
            ("null", &right, vec![("origin", "null")]),
            ("foreign", &right, vec![("origin", "https://evil.example")]),
            ("foreign beside a good word", &right, vec![same, ("origin", "https://evil.example")]),
            ("ours with more behind", &right, vec![("origin", "http://127.0.0.1.evil.example")]),
        ];
        for (what, token, headers) in &table {
            let answer = ana.send_bare("/sign-out", &[("csrf", token)], headers).await;
            assert_eq!(answer.status(), 403, "{what}");
            assert_eq!(ana.get("/ours").await.status(), 200, "{what}: still signed in");
        }
        for method in ["PUT", "DELETE", "PATCH"] {
            let request = ana.http.request(method.parse().unwrap(), format!("{ours}/sign-out"));
            let answer = request.header("cookie", ana.cookie.clone().unwrap()).body("").send().await.unwrap();
            assert!([403, 405, 415].contains(&answer.status().as_u16()), "{method}: {}", answer.status());
        }
        assert_eq!(ana.get("/sign-out").await.status(), 405, "reading changes nothing");
        let json = ana.http.post(format!("{ours}/sign-out")).header("cookie", ana.cookie.clone().unwrap());
        let json = json.header("content-type", "text/plain").body(format!("{{\"csrf\":\"{right}\"}}")).send().await.unwrap();
        assert_eq!(json.status(), 415);
        assert_eq!(ana.get("/ours").await.status(), 200);
        let answer = ana.send_bare("/sign-out", &[("csrf", &right)], &[("origin", &ours)]).await;
        assert_eq!(answer.status(), 303, "an older browser");
        assert_eq!(ana.get("/ours").await.status(), 303);
    });
}

#[test]
fn a_form_has_limits() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let ana = city.member("ana").await;
        let long = "x".repeat(300_000);
        let answer = ana.send_bare("/sign-out", &[("csrf", &ana.csrf), ("long", &long)], &[]).await;
        assert_eq!(answer.status(), 413);
        let many: Vec<(&str, &str)> = std::iter::repeat_n(("a", ""), 600).chain([("csrf", ana.csrf.as_str())]).collect();
        assert_eq!(ana.send_bare("/sign-out", &many, &[]).await.status(), 413);
        assert_eq!(ana.get("/ours").await.status(), 200);
    });
}

#[test]
fn only_the_hash_of_a_session_is_kept() {
    on_each_database(|database| async move {
        use diesel::{QueryDsl, RunQueryDsl};
        use plaza::db::schema::sessions;
        let city = City::start(database).await;
        let ana = city.member("ana").await;
        let kept: Vec<(String, String)> =
            city.app.db.read(|conn| Ok(sessions::table.select((sessions::hash, sessions::id)).load(conn)?)).await.unwrap();
        let secret = ana.cookie.as_deref().unwrap().trim_start_matches("plaza=").to_owned();
        assert_eq!(kept.len(), 1);
        assert!(kept.iter().all(|(hash, id)| *hash != secret && *id != secret));
        for stolen in [&kept[0].0, &kept[0].1] {
            let thief = Phone { cookie: Some(format!("plaza={stolen}")), ..Phone::of(&city) };
            assert_eq!(thief.get("/ours").await.status(), 303);
        }
    });
}
