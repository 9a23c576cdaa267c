//! Joining, signing in, coming back and leaving, as people and as those who want in do it.

use std::time::Duration;

use diesel::{QueryDsl, RunQueryDsl};
use plaza::{
    db::schema::{members, sessions, ways_in},
    members::{joining, recovery, store, token::Token},
    powers, worker,
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    coming::on_disk,
    phone::Phone,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const PASSWORD: &str = "soup at noon, always";
const OTHER: &str = "the pots are blue today";

/// What stands between two words on a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split_once(after).map(|(found, _)| found).expect("an end")
}

fn proposed(page: &str) -> &str {
    between(page, "id=\"handle\" name=\"handle\" type=\"text\" value=\"", "\"")
}

impl City {
    /// Somebody who joined as people do; their phone.
    async fn joined(&self, name: &str) -> Phone {
        let mut phone = Phone::of(self);
        let handle = plaza::members::handle::latin(name);
        let answer = phone.send("/join", &[("name", name), ("handle", &handle), ("password", PASSWORD)]).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        self.with_member(phone, &handle).await
    }

    async fn with_member(&self, phone: Phone, handle: &str) -> Phone {
        let handle = handle.to_owned();
        let member = self.app.db.read(move |conn| Ok(store::by_handle(conn, &handle)?)).await.unwrap();
        Phone { member, ..phone }
    }

    async fn sign_in_as(&self, handle: &str, password: &str) -> (Phone, StatusCode) {
        let mut phone = Phone::of(self);
        let status = phone.send("/sign-in", &[("handle", handle), ("password", password)]).await.status();
        (phone, status)
    }
}

fn id(phone: &Phone) -> uuid::Uuid {
    phone.member.as_ref().unwrap().id
}

#[test]
fn a_name_is_enough_to_join_and_a_password_to_come_back() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = Phone::of(&city);
        let page = ana.page("/join?then=/groups%3Fa%3Db").await;
        assert!(page.contains("name=\"name\"") && !page.contains("name=\"password\""), "{page}");
        let page = ana.send("/join", &[("name", "محمد علي"), ("then", "/groups?a=b")]).await.text().await.unwrap();
        let handle = proposed(&page);
        assert!(handle.starts_with("mhmd_ly") && handle.len() == 9, "{handle}");
        assert!(page.contains("autocomplete=\"new-password\"") && page.contains("محمد علي"), "{page}");
        let all = [("name", "محمد علي"), ("handle", "@MHMD_ly "), ("password", PASSWORD), ("then", "/groups?a=b")];
        let answer = ana.send("/join", &all).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["location"]),
            (303, &"/me/codes?then=%2Fgroups%3Fa%3Db&done=joined".parse().unwrap())
        );
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(ana.page("/me").await.contains("value=\"محمد علي\""));

        let answer = ana.send("/sign-out", &[]).await;
        assert_eq!(answer.status(), 303);
        let answer = ana.send("/sign-in", &[("handle", "mhmd_ly"), ("password", PASSWORD), ("then", "/me?lang=es")]).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/me?lang=es".parse().unwrap()));
        assert_eq!(ana.get("/me").await.status(), 200);
    });
}

#[test]
fn a_proposed_name_is_nobodys_and_no_groups() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.joined("Ana").await;
        for (name, start) in [("Ana", "ana"), ("Kitchen", "kitchen"), ("Admin", "admin"), ("Plaza", "plaza")] {
            let page = Phone::of(&city).send("/join", &[("name", name)]).await.text().await.unwrap();
            let handle = proposed(&page);
            assert!(handle.starts_with(start) && handle != start, "{name}: {handle}");
        }
        let refused = [
            ("Ben", "ana", PASSWORD, "cannot be your name for signing in"),
            ("Ben", "kitchen", PASSWORD, "cannot be your name for signing in"),
            ("Ben", "caretaker", PASSWORD, "cannot be your name for signing in"),
            ("Ben", "bén", PASSWORD, "does not fit"),
            ("Ben", "", PASSWORD, "does not fit"),
            ("Ben", "ben", "soup", "at least 10"),
            ("Ben", "ben", "password123", "first that anybody"),
            ("", "ben", PASSWORD, "1 to 60"),
        ];
        for (name, handle, password, why) in refused {
            let all = [("name", name), ("handle", handle), ("password", password)];
            let answer = Phone::of(&city).send("/join", &all).await;
            assert_eq!(answer.status(), 422, "{handle} {password}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(why) && page.contains(&format!("value=\"{name}\"")), "{why}: {page}");
            assert!(!page.contains(PASSWORD), "a password is never written into a page");
        }
        assert_eq!(city.app.db.read(|conn| Ok(store::count(conn)?)).await.unwrap(), 1);
    });
}

#[test]
fn a_place_is_joined_as_it_chose() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.app.act(|conn, _| joining::choose(conn, joining::Mode::Invited)).await.unwrap();
        let page = Phone::of(&city).page("/join").await;
        assert!(page.contains("joined by invitation") && !page.contains("name=\"name\""), "{page}");
        assert!(!Phone::of(&city).page("/sign-in").await.contains("href=\"/join\""));
        let all = [("name", "Ben"), ("handle", "ben"), ("password", PASSWORD)];
        assert_eq!(Phone::of(&city).send("/join", &all).await.status(), 403);
        let token = Token::new().unwrap();
        let link = token.clone();
        city.app.act(move |conn, here| joining::invite(conn, here, &link)).await.unwrap();
        let page = Phone::of(&city).page(&format!("/join?invitation={}", token.reveal())).await;
        assert!(page.contains(&format!("name=\"invitation\" value=\"{}\"", token.reveal())), "{page}");
        let invited = [&all[..], &[("invitation", token.reveal())]].concat();
        assert_eq!(Phone::of(&city).send("/join", &invited).await.status(), 303);
        let again = [("name", "Eve"), ("handle", "eve"), ("password", PASSWORD), ("invitation", token.reveal())];
        assert_eq!(Phone::of(&city).send("/join", &again).await.status(), 403, "once");
        let mut cy = city.caretaker("cy").await;
        assert!(cy.page("/me").await.contains("href=\"/me/invite\"") && cy.page("/me/invite").await.contains("Show the code"));
        let page = cy.send("/me/invite", &[]).await.text().await.unwrap();
        let link = format!("/join?invitation={}", between(&page, "/join?invitation=", "<"));
        assert!(page.contains("<svg class=\"qr\"") && Phone::of(&city).page(&link).await.contains("name=\"name\""));
        city.advance(8 * DAY);
        assert!(!Phone::of(&city).page(&link).await.contains("name=\"name\""), "too old");
        let mut new = city.sign_in_as("ben", PASSWORD).await.0;
        assert_eq!(
            (new.get("/me/invite").await.status(), new.send("/me/invite", &[]).await.status()),
            (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN)
        );
        city.app.act(|conn, _| joining::choose(conn, joining::Mode::Open)).await.unwrap();
        assert_eq!(Phone::of(&city).send("/join", &again).await.status(), 303);
    });
}

#[test]
fn the_first_account_looks_after_the_place_and_its_link_works_once() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let offer = async || {
            let token = Token::new().unwrap();
            let link = token.clone();
            let offered = city.app.act(move |conn, here| joining::offer_start(conn, here, &link)).await.unwrap();
            (format!("/welcome/{}", token.reveal()), offered)
        };
        let (old, _) = offer().await;
        let (link, offered) = offer().await;
        assert!(offered);
        let all = [("name", "Cy"), ("handle", "cy"), ("password", PASSWORD)];
        for wrong in [&old, "/welcome/x", &format!("/welcome/{}", Token::new().unwrap().reveal())] {
            assert_eq!(Phone::of(&city).get(wrong).await.status(), 403, "{wrong}");
            assert_eq!(Phone::of(&city).send(wrong, &all).await.status(), 403, "{wrong}");
        }
        city.advance(DAY + MINUTE);
        assert_eq!(Phone::of(&city).get(&link).await.status(), 403, "too old");
        // a stranger who is quicker takes nothing away
        city.joined("Eve").await;
        let (link, offered) = offer().await;
        assert!(offered);
        assert!(Phone::of(&city).page(&link).await.contains("look after this place"));
        let mut cy = Phone::of(&city);
        assert_eq!(cy.send(&link, &all).await.status(), 303);
        let page = cy.page("/care").await;
        assert!(page.contains("alone"), "a second one is asked for: {page}");
        let again = [("name", "Eva"), ("handle", "eva"), ("password", PASSWORD)];
        assert_eq!(Phone::of(&city).send(&link, &again).await.status(), 403, "once");
        assert!(!offer().await.1, "there is somebody");
    });
}

#[test]
fn wrong_names_and_wrong_passwords_are_answered_alike() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.joined("Ana").await;
        let ask = async |handle: &str, password: &str| {
            let answer = Phone::of(&city).send("/sign-in", &[("handle", handle), ("password", password)]).await;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let names: Vec<String> = headers.keys().map(ToString::to_string).collect();
            (status, names, answer.text().await.unwrap().replace(handle, "—"))
        };
        let (there, not_there) = (ask("ana", "wrong wrong wrong").await, ask("eva", "wrong wrong wrong").await);
        assert_eq!(there.0, 422);
        assert_eq!(there, not_there);
        for _ in 0..4 {
            ask("ana", "wrong wrong wrong").await;
            ask("eva", "wrong wrong wrong").await;
        }
        let (there, not_there) = (ask("ana", "wrong wrong wrong").await, ask("eva", "wrong wrong wrong").await);
        assert_eq!(there.0, 429);
        assert_eq!(there, not_there);
        assert_eq!(ask("ana", "k7m2-9fqx-3tbn-w4hd").await, ask("eva", "k7m2-9fqx-3tbn-w4hd").await);
    });
}

#[test]
fn whoever_guesses_waits_and_shuts_nobody_out() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        let page = ana.send("/me/codes", &[]).await.text().await.unwrap();
        let code = between(&page, "<li><code dir=\"ltr\">", "</code>").to_owned();
        let (mut wrong, mut waits) = (0, 0);
        for number in 0..40 {
            let guess = [("handle", "ana"), ("password", &*format!("guess number {number}"))];
            // where it says it comes from means nothing
            let from = format!("10.0.0.{number}");
            let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-for", &*from)];
            let answer = Phone::of(&city).send_bare("/sign-in", &guess, &headers).await;
            match answer.status().as_u16() {
                422 => wrong += 1,
                429 => {
                    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
                    assert!((1..=60).contains(&seconds), "{seconds}");
                    waits += 1;
                }
                other => panic!("{other}"),
            }
        }
        assert_eq!((wrong, waits), (5, 35));
        assert_eq!(city.sign_in_as("ana", PASSWORD).await.1, 429);
        assert_eq!(ana.get("/me").await.status(), 200, "who is in stays in");
        let ben = city.joined("Ben").await;
        assert_eq!(ben.get("/me").await.status(), 200, "others do not wait");
        assert_eq!(city.sign_in_as("ana", &code).await.1, 200, "who has a code does not wait");
        city.advance(MINUTE);
        assert_eq!(city.sign_in_as("ana", PASSWORD).await.1, 303, "nor anybody for longer than a minute");
        for _ in 0..5 {
            assert_eq!(city.sign_in_as("ana", "wrong again, again").await.1, 422, "all is forgotten");
        }
    });
}

#[test]
fn a_session_begins_under_a_new_secret_and_the_one_before_ends() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.joined("Ana").await;
        let planted = Token::new().unwrap();
        let mut victim = Phone { cookie: Some(format!("plaza={}", planted.reveal())), ..Phone::of(&city) };
        assert_eq!(victim.send("/sign-in", &[("handle", "ana"), ("password", PASSWORD)]).await.status(), 303);
        assert_ne!(victim.cookie.as_deref(), Some(format!("plaza={}", planted.reveal()).as_str()));
        let attacker = Phone { cookie: Some(format!("plaza={}", planted.reveal())), ..Phone::of(&city) };
        assert_eq!(attacker.get("/me").await.status(), 303);
        let before = victim.cookie.clone();
        assert_eq!(victim.send("/sign-in", &[("handle", "ana"), ("password", PASSWORD)]).await.status(), 303);
        assert_ne!(victim.cookie, before);
        let old = Phone { cookie: before, ..Phone::of(&city) };
        assert_eq!(old.get("/me").await.status(), 303, "the one before has ended");
    });
}

#[test]
fn the_cookie_is_for_us_alone() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = Phone::of(&city);
        let answer = ana.send("/join", &[("name", "Ana"), ("handle", "ana"), ("password", PASSWORD)]).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    });
}

#[test]
fn one_goes_on_at_a_page_of_ours_only() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.joined("Ana").await;
        let evil = [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "https:evil",
            "/..//evil.example",
            "javascript:alert(1)",
        ];
        for then in evil {
            let answer = Phone::of(&city).send("/sign-in", &[("handle", "ana"), ("password", PASSWORD), ("then", then)]).await;
            assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/ours".parse().unwrap()), "{then}");
            let query = url::form_urlencoded::byte_serialize(then.as_bytes()).collect::<String>();
            for path in ["/sign-in", "/join"] {
                assert!(!Phone::of(&city).page(&format!("{path}?then={query}")).await.contains("name=\"then\""), "{then}");
            }
            let all = [("handle", "ana"), ("password", PASSWORD), ("to", then), ("kept.a", "b")];
            let answer = Phone::of(&city).send("/sign-in", &all).await;
            assert_eq!(answer.status(), 303, "{then}");
        }
    });
}

#[test]
fn what_was_typed_survives_a_session_that_ended() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        assert_eq!(ana.send("/sign-out", &[]).await.status(), 303);
        let typed = [("name", "Ana \"of\" the <kitchen>"), ("language", "es"), ("csrf", "an old one")];
        let answer = ana.send("/me?lang=en", &typed).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let page = answer.text().await.unwrap();
        assert!(page.contains("What you typed is kept") && page.contains("name=\"to\" value=\"/me?lang=en\""), "{page}");
        assert!(page.contains("name=\"kept.name\" value=\"Ana &#34;of&#34; the &#60;kitchen&#62;\""), "{page}");
        assert!(!page.contains("an old one"));
        let carried = [("to", "/me?lang=en"), ("kept.name", typed[0].1), ("kept.language", "es"), ("handle", "ana")];
        let wrong = ana.send("/sign-in", &[&carried[..], &[("password", "not this one, no")]].concat()).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().await.unwrap().contains("name=\"kept.name\""), "also after a wrong password");
        let answer = ana.send("/sign-in", &[&carried[..], &[("password", PASSWORD)]].concat()).await;
        assert_eq!(answer.status(), 200);
        let page = answer.text().await.unwrap();
        assert!(page.contains("action=\"/me?lang=en\"") && page.contains(&format!("value=\"{}\"", ana.csrf)), "{page}");
        assert_eq!(ana.send("/me?lang=en", &typed[..2]).await.status(), 303);
        assert!(ana.page("/me").await.contains("value=\"Ana &#34;of&#34; the &#60;kitchen&#62;\""));
    });
}

#[test]
fn a_new_password_ends_every_session() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        let other = city.sign_in_as("ana", PASSWORD).await.0;
        let before = ana.cookie.clone();
        let wrong = ana.send("/me/password", &[("old_password", "not this one, no"), ("password", OTHER)]).await;
        assert_eq!(wrong.status(), 422);
        assert_eq!(other.get("/me").await.status(), 200);
        assert!(ana.page("/me/password").await.contains("codes on paper and passkeys from before work no more"));
        let page = ana.send("/me/codes", &[]).await.text().await.unwrap();
        let code = between(&page, "<li><code dir=\"ltr\">", "</code>").to_owned();
        let done = ana.send("/me/password", &[("old_password", PASSWORD), ("password", OTHER)]).await;
        assert_eq!(done.headers()["location"], "/me?done=password");
        assert_eq!(ana.get("/me").await.status(), 200);
        assert_eq!(city.sign_in_as("ana", &code).await.1, 422, "codes that somebody else may have made work no more");
        for old in [other, Phone { cookie: before, ..Phone::of(&city) }] {
            assert_eq!(old.get("/me").await.status(), 303);
        }
        assert_eq!(city.sign_in_as("ana", PASSWORD).await.1, 422);
        assert_eq!(city.sign_in_as("ana", OTHER).await.1, 303);
    });
}

#[test]
fn sessions_are_seen_and_ended() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        let mut ben = city.joined("Ben").await;
        city.advance(DAY);
        let (stolen, third) = (city.sign_in_as("ana", PASSWORD).await.0, city.sign_in_as("ana", PASSWORD).await.0);
        let page = ana.page("/me").await;
        assert_eq!(page.matches("Since ").count(), 3, "{page}");
        assert_eq!(page.matches("This one.").count(), 1);
        let session = between(&page, "name=\"session\" value=\"", "\"").to_owned();
        ben.send("/me/sessions/end", &[("session", &session)]).await;
        assert_eq!(
            (stolen.get("/me").await.status(), third.get("/me").await.status()),
            (StatusCode::OK, StatusCode::OK),
            "not theirs"
        );
        assert_eq!(ana.send("/me/sessions/end", &[("session", &session)]).await.status(), 303);
        assert_eq!(ana.page("/me").await.matches("Since ").count(), 2);
        assert_eq!(ana.send("/me/sessions/end-others", &[]).await.status(), 303);
        assert_eq!(
            (stolen.get("/me").await.status(), third.get("/me").await.status()),
            (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
        );
        assert_eq!(ana.get("/me").await.status(), 200);
    });
}

#[test]
fn a_code_from_paper_works_once_and_asks_for_a_new_password() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        let page = ana.send("/me/codes", &[]).await.text().await.unwrap();
        let codes: Vec<String> =
            page.split("<li><code dir=\"ltr\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        assert_eq!(codes.len(), 8);
        assert!(!ana.page("/me/codes").await.contains(&codes[0]), "shown once");

        let mut again = Phone::of(&city);
        let typed = codes[0].to_uppercase().replace('-', " ");
        let answer =
            again.send("/sign-in", &[("handle", "ana"), ("password", &typed), ("to", "/me"), ("kept.name", "Ana B")]).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(again.cookie, None, "not before there is a password");
        let page = answer.text().await.unwrap();
        assert!(page.contains("used up") && page.contains("name=\"kept.name\" value=\"Ana B\""), "{page}");
        let link = format!("/recover/{}", between(&page, "action=\"/recover/", "\""));
        assert_eq!(again.send(&link, &[("password", "short")]).await.status(), 422);
        assert_eq!(again.send(&link, &[("password", OTHER), ("to", "/me"), ("kept.name", "Ana B")]).await.status(), 200);
        assert_eq!(again.get("/me").await.status(), 200);
        assert_eq!(ana.get("/me").await.status(), 303, "signed out everywhere else");
        assert_eq!(city.sign_in_as("ana", PASSWORD).await.1, 422);
        assert_eq!(city.sign_in_as("ana", &codes[0]).await.1, 422, "once");
        assert_eq!(city.sign_in_as("ana", &codes[1]).await.1, 200, "the others stay");
        city.joined("Ben").await;
        assert_eq!(city.sign_in_as("ben", &codes[2]).await.1, 422, "nobody else's");
        again.send("/me/codes", &[]).await;
        assert_eq!(city.sign_in_as("ana", &codes[2]).await.1, 422, "new ones make the old ones useless");
    });
}

#[test]
fn leaving_asks_twice_and_deletes() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.caretaker("cy").await;
        let other = city.sign_in(ana.member.clone().unwrap()).await;
        assert!(ana.page("/me/leave").await.contains("Nobody can bring the account back"));
        let page = ana.send("/me/leave", &[("sure", "once")]).await.text().await.unwrap();
        assert!(page.contains("value=\"twice\"") && ana.get("/me").await.status() == 200, "{page}");
        // what was sent when the session had ended is asked about from the beginning
        let lost = Phone::of(&city).send("/me/leave", &[("sure", "twice")]).await.text().await.unwrap();
        assert!(!lost.contains("twice"), "{lost}");
        let answer = ana.send("/me/leave", &[("sure", "twice")]).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/?done=left".parse().unwrap()));
        assert_eq!(other.get("/me").await.status(), 303);
        let left: (i64, i64) = city
            .app
            .db
            .read(|conn| Ok((members::table.count().get_result(conn)?, sessions::table.count().get_result(conn)?)))
            .await
            .unwrap();
        assert_eq!(left, (1, 1), "only the caretaker and their session");
        assert!(Phone::of(&city).page("/@kitchen").await.contains("kitchen"), "the group goes on");
    });
}

#[test]
fn who_left_is_nowhere_on_the_disk() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Zebedeia").await;
        assert_eq!(on_disk(&city, "zebedeia"), database == "sqlite", "PostgreSQL keeps its files to itself");
        assert_eq!(ana.send("/me/leave", &[("sure", "twice")]).await.status(), 303);
        assert!(!on_disk(&city, "zebedeia") && !on_disk(&city, "Zebedeia"));
    });
}

#[test]
fn forms_are_looked_at_and_sent_and_nothing_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        for (path, allowed) in [("/join", "GET, HEAD, POST"), ("/me/password", "GET, HEAD, POST"), ("/sign-out", "POST")] {
            for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
                let answer = city.http.request(method.clone(), format!("{}{path}", city.origin)).body("x").send().await.unwrap();
                assert_eq!(
                    (answer.status().as_u16(), &answer.headers()["allow"]),
                    (405, &allowed.parse().unwrap()),
                    "{method} {path}"
                );
            }
        }
    });
}

#[test]
fn one_tap_too_many_joins_once_and_lets_in() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let all = [("name", "Ana"), ("handle", "ana"), ("password", PASSWORD)];
        let (mut one, mut two) = (Phone::of(&city), Phone::of(&city));
        let (first, second) = tokio::join!(one.send("/join", &all), two.send("/join", &all));
        assert_eq!((first.status(), second.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(two.get("/me").await.status(), 200, "the answer that is seen has the session");
        assert_eq!(city.app.db.read(|conn| Ok(store::count(conn)?)).await.unwrap(), 1);
        city.advance(Duration::from_secs(10));
        assert_eq!(Phone::of(&city).send("/join", &all).await.status(), 422, "somebody else, later");
    });
}

#[test]
fn whoever_comes_to_speak_for_a_group_brings_nobody_else_where_one_is_invited() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.app.act(|conn, _| joining::choose(conn, joining::Mode::Invited)).await.unwrap();
        let mut cy = city.organizer("cy", "kitchen").await;
        let page = cy.send("/ours/@kitchen/people/invite", &[]).await.text().await.unwrap();
        let link = format!("/invited/{}", between(&page, "/invited/", "<"));
        let join = async |name: &str, handle: &str| {
            let mut phone = Phone::of(&city);
            let all = [("name", name), ("handle", handle), ("password", PASSWORD), ("then", &*link)];
            let answer = phone.send("/join", &all).await;
            (phone, answer.status().as_u16())
        };
        let (mut ana, status) = join("Ana", "ana").await;
        assert_eq!(status, 303);
        assert_eq!(join("Ben", "ben").await.1, 403, "the link is hers now");
        let page = ana.page("/invited").await;
        assert!(page.contains("The kitchen group"), "{page}");
        let offer = between(&page, "name=\"id\" value=\"", "\"").to_owned();
        assert_eq!(ana.send("/invited", &[("id", &offer), ("answer", "yes")]).await.status(), 303);
        assert_eq!(ana.get("/ours/@kitchen").await.status(), 200);
    });
}

#[test]
fn the_last_way_into_an_account_is_not_thrown_away() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.member("ana").await;
        let member = id(&ana);
        let today = city.clock.now().day();
        let keep = move |conn: &mut plaza::db::Conn| {
            for name in ["one", "two"] {
                let key = plaza::members::passkeys::Passkey {
                    id: name.into(),
                    member,
                    public_key: "key".into(),
                    uses: 0,
                    added: today,
                };
                plaza::members::passkeys::add(conn, &key)?;
            }
            Ok(())
        };
        city.app.db.write(keep).await.unwrap();
        assert_eq!(ana.send("/me/passkeys/remove", &[("id", "one")]).await.status(), 303);
        let refused = ana.send("/me/passkeys/remove", &[("id", "two")]).await;
        assert_eq!(refused.status(), 403);
        assert!(refused.text().await.unwrap().contains("no way into your account"));
        ana.send("/me/codes", &[]).await;
        assert_eq!(ana.send("/me/passkeys/remove", &[("id", "two")]).await.status(), 303, "a code is one");
    });
}

#[test]
fn the_last_caretaker_stays_while_others_are_here() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.joined("Ana").await;
        assert_eq!(cy.get("/me/leave").await.status(), 403);
        assert_eq!(cy.send("/me/leave", &[("sure", "twice")]).await.status(), 403);
        city.caretaker("dee").await;
        assert_eq!(cy.send("/me/leave", &[("sure", "twice")]).await.status(), 303);
    });
}

#[test]
fn accounts_that_nobody_uses_go_after_thirty_days() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        for number in 0..20 {
            city.joined(&format!("Troll {number}")).await;
        }
        let welcomed = city.member("welcomed").await;
        let organizer = city.joined("Organizer").await;
        let (group, new) = (organizer.member.clone().unwrap(), city.clock.now());
        city.app
            .db
            .write(move |conn| {
                let member = group.id;
                let organizer = plaza::members::member::Organizer {
                    group: "kitchen".into(),
                    member,
                    since: new,
                    founder: true,
                    shown: false,
                    paused: None,
                };
                Ok(store::add_organizer(conn, &organizer)?)
            })
            .await
            .unwrap();
        let mut quiet = city.joined("Quiet").await;
        city.joined("Away").await;
        city.advance(20 * DAY);
        assert_eq!(quiet.get("/ours").await.status(), 200);
        let mut away = city.sign_in_as("away", PASSWORD).await.0;
        assert_eq!(away.send("/sign-out", &[]).await.status(), 303);
        city.advance(12 * DAY);
        worker::forget_once(&city.app).await.unwrap();
        let names = async || {
            let all = city.app.db.read(|conn| Ok(store::all(conn)?)).await.unwrap();
            all.into_iter().map(|member| member.handle).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["away", "organizer", "quiet", "welcomed"]);
        quiet.send("/sign-out", &[]).await;
        city.advance(32 * DAY);
        worker::forget_once(&city.app).await.unwrap();
        assert_eq!(names().await, ["organizer", "welcomed"]);
        drop(welcomed);
    });
}

/// `show` made a link; its path.
fn way(page: &str) -> String {
    format!("/recover/{}", between(page, "/recover/", "<"))
}

#[test]
fn a_fellow_organizer_shows_a_way_in_once_and_for_a_quarter_of_an_hour() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let ben = city.organizer("ben", "kitchen").await;
        let path = "/ours/@kitchen/people/ben/recover";
        assert!(ana.page(path).await.contains("Show the code"));
        let page = ana.send(path, &[]).await.text().await.unwrap();
        assert!(page.contains("<svg class=\"qr\"") && page.contains("15 minutes"), "{page}");
        let first = way(&page);
        let second = way(&ana.send(path, &[]).await.text().await.unwrap());
        let mut new = Phone::of(&city);
        assert_eq!(new.get(&first).await.status(), 403, "the newer one replaced it");
        assert!(new.page(&second).await.contains("value=\"ben\" autocomplete=\"username\""));
        assert_eq!(new.send(&second, &[("password", "short")]).await.status(), 422, "does not use it up");
        let answer = new.send(&second, &[("password", PASSWORD)]).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/ours?done=recovered".parse().unwrap()));
        assert!(new.page("/ours?done=recovered").await.contains("You are back in"));
        assert_eq!(new.get("/me").await.status(), 200);
        assert_eq!(ben.get("/me").await.status(), 303, "signed out where they were");
        assert_eq!(city.sign_in_as("ben", PASSWORD).await.1, 303);
        assert_eq!(Phone::of(&city).send(&second, &[("password", OTHER)]).await.status(), 403, "once");

        let late = way(&ana.send(path, &[]).await.text().await.unwrap());
        city.advance(16 * MINUTE);
        assert_eq!(Phone::of(&city).send(&late, &[("password", OTHER)]).await.status(), 403, "too late");

        let third = way(&ana.send(path, &[]).await.text().await.unwrap());
        let gone = id(&ana);
        city.app.db.write(move |conn| Ok(store::remove_organizer(conn, "kitchen", gone)?)).await.unwrap();
        assert_eq!(Phone::of(&city).send(&third, &[("password", OTHER)]).await.status(), 403, "it ends with their powers");
    });
}

#[test]
fn not_everybody_shows_everybody_a_way_in() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.organizer("tom", "trees").await;
        let cy = city.caretaker("cy").await;
        let (new, today) = (city.organizer("new", "kitchen").await, city.clock.now());
        let (cy_id, new_id) = (id(&cy), id(&new));
        city.app
            .db
            .write(move |conn| {
                let mut organizer = store::organizer(conn, "kitchen", new_id)?.unwrap();
                organizer.founder = false;
                store::save_organizer(conn, &organizer)?;
                organizer.member = cy_id;
                organizer.since = today;
                Ok(store::add_organizer(conn, &organizer)?)
            })
            .await
            .unwrap();
        let mut new = new;
        let refused = async |phone: &mut Phone, whom: &str| {
            let path = format!("/ours/@kitchen/people/{whom}/recover");
            (phone.get(&path).await.status().as_u16(), phone.send(&path, &[]).await.status().as_u16())
        };
        assert_eq!(refused(&mut ana, "tom").await, (403, 403), "of another group");
        assert_eq!(refused(&mut ana, "nobody").await, (403, 403));
        assert_eq!(refused(&mut ana, "ana").await, (403, 403), "oneself");
        assert_eq!(refused(&mut ana, "cy").await, (403, 403), "who looks after the place");
        assert_eq!(refused(&mut new, "ana").await, (403, 403), "who came lately");
        assert_eq!(refused(&mut ana, "new").await, (200, 200));
        city.advance(14 * DAY);
        assert_eq!(refused(&mut new, "ana").await, (200, 200));
    });
}

#[test]
fn fifteen_who_lost_their_passwords_are_back_with_one_form_each() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut one = city.organizer("one", "kitchen").await;
        for number in 0..15 {
            city.organizer(&format!("lost{number}"), "kitchen").await;
        }
        let began = std::time::Instant::now();
        for number in 0..15 {
            let shown = one.send(&format!("/ours/@kitchen/people/lost{number}/recover"), &[]).await.text().await.unwrap();
            let mut phone = Phone::of(&city);
            assert_eq!(phone.send(&way(&shown), &[("password", PASSWORD)]).await.status(), 303);
            assert_eq!(phone.get("/ours").await.status(), 200);
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the machine is not what takes ten minutes: {:?}", began.elapsed());
    });
}

#[test]
fn a_taken_telephone_is_signed_out_and_rests() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let taken = city.organizer("ben", "kitchen").await;
        let ben = id(&taken);
        let tom = id(&city.organizer("tom", "trees").await);
        city.app
            .db
            .write(move |conn| {
                let mut organizer = store::organizer(conn, "kitchen", ben)?.unwrap();
                organizer.group = "trees".into();
                Ok(store::add_organizer(conn, &organizer)?)
            })
            .await
            .unwrap();
        let paused = async || {
            let all = city.app.db.read(move |conn| Ok(store::groups_of(conn, ben)?)).await.unwrap();
            all.into_iter().map(|organizer| organizer.paused.is_some()).collect::<Vec<_>>()
        };
        let mut taken = taken;
        let shown = way(&taken.send("/ours/@kitchen/people/ana/recover", &[]).await.text().await.unwrap());
        assert!(ana.page("/ours/@kitchen/people/ben/phone-taken").await.contains("signed out everywhere"));
        assert_eq!(taken.get("/me").await.status(), 200, "asking does nothing");
        assert_eq!(ana.send("/ours/@kitchen/people/ben/phone-taken", &[]).await.status(), 303);
        assert_eq!(taken.get("/me").await.status(), 303);
        assert_eq!(paused().await, [true, false]);
        assert_eq!(Phone::of(&city).send(&shown, &[("password", OTHER)]).await.status(), 403, "what it showed ended");
        // whoever has the telephone comes in again, and can do nothing for the group
        let again = city.sign_in(taken.member.clone().unwrap()).await;
        assert_eq!(again.get("/ours/@kitchen/people/ana/recover").await.status(), 403);
        assert_eq!(ana.send("/ours/@kitchen/people/ben/give-back", &[]).await.status(), 303);
        assert_eq!(paused().await, [false, false]);
        // and back with a fellow: in the groups they share at once, elsewhere when somebody there says so
        ana.send("/ours/@kitchen/people/ben/phone-taken", &[]).await;
        let link = way(&ana.send("/ours/@kitchen/people/ben/recover", &[]).await.text().await.unwrap());
        assert_eq!(Phone::of(&city).send(&link, &[("password", PASSWORD)]).await.status(), 303);
        assert_eq!(paused().await, [false, true]);
        let told = async |group: &'static str| {
            let now = city.clock.now();
            let deeds = city.app.db.read(move |conn| Ok(powers::store::of_group(conn, Some(group), now)?)).await.unwrap();
            let mut told: Vec<_> =
                deeds.into_iter().map(|deed| (deed.kind.name(), deed.role.name(), deed.reason.name())).collect();
            told.sort_unstable();
            told
        };
        let (taken, resumed) = (("paused", "organizer", "stolen"), ("resumed", "organizer", ""));
        assert_eq!(told("kitchen").await, [taken, taken, ("recovered", "organizer", ""), resumed]);
        assert_eq!(told("trees").await, [("paused", "rule", "")]);
        // when nobody is left who could give them back, they come back by themselves after some days
        let (tom, ana) = (tom, id(&ana));
        city.app
            .db
            .write(move |conn| {
                store::remove_organizer(conn, "trees", tom)?;
                Ok(store::remove_organizer(conn, "kitchen", ana)?)
            })
            .await
            .unwrap();
        let may = async || {
            let may = city.app.db.read(move |conn| Ok(plaza::members::actions::may_speak(conn, ben, "trees").is_ok()));
            may.await.unwrap()
        };
        city.app.act(plaza::people::ending::settle).await.unwrap();
        assert!(!may().await);
        city.advance(4 * DAY);
        city.app.act(plaza::people::ending::settle).await.unwrap();
        assert!(may().await);
    });
}

#[test]
fn a_caretakers_link_is_public_waits_two_days_and_can_be_stopped() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        let mut ana = city.joined("Ana").await;
        let path = "/care/members/recover";
        let page = cy.send(path, &[("member", "ana")]).await.text().await.unwrap();
        assert!(page.contains("48 hours") && page.contains("name=\"sure\""), "{page}");
        assert!(!Phone::of(&city).page("/about").await.contains("way back in"));
        let link = way(&cy.send(path, &[("member", "ana"), ("sure", "yes")]).await.text().await.unwrap());
        let about = Phone::of(&city).page("/about").await;
        assert!(about.contains("a way back in: 1.") && !about.contains("Ana"), "{about}");
        let early = Phone::of(&city).get(&link).await;
        assert_eq!(early.status(), 403);
        let early = early.text().await.unwrap();
        assert!(early.contains("does not work yet") && early.contains("It opens on Thursday 26 November, "), "{early}");
        city.advance(47 * HOUR);
        assert_eq!(Phone::of(&city).send(&link, &[("password", OTHER)]).await.status(), 403, "not yet");
        assert!(ana.page("/ours").await.contains("Somebody asked for a way into your account"));
        assert!(ana.page("/me").await.contains("A caretaker asked for a way into your account"));
        let stopped = ana.send("/me/stop-recovery", &[]).await;
        assert_eq!(stopped.headers()["location"], "/me?done=way-stopped");
        city.advance(2 * HOUR);
        assert_eq!(Phone::of(&city).send(&link, &[("password", OTHER)]).await.status(), 403, "stopped");
        assert!(!Phone::of(&city).page("/about").await.contains("way back in"));

        // whoever else looks after the place sees it, and who asked, and can stop it
        let mut dan = city.caretaker("dan").await;
        cy.send(path, &[("member", "ana"), ("sure", "yes")]).await;
        assert!(dan.page("/care").await.contains("A caretaker asked for a way back in for somebody."));
        assert!(dan.page("/care/log").await.contains("A way back in was asked for somebody, by cy → Ana"));
        assert!(dan.page("/care/members").await.contains("A way back into this account was asked for."));
        assert_eq!(dan.send("/care/members/stop-way", &[("member", "ana")]).await.status(), 303);
        assert!(!dan.page("/care/members").await.contains("was asked for."));
        assert!(!dan.page("/care").await.contains("asked for a way back in"));
        assert!(dan.page("/care/log").await.contains("A way back in was stopped before it was used, by dan → Ana"));
        assert!(!dan.page("/care/log").await.contains("was let in again"), "nobody came in");

        let link = way(&cy.send(path, &[("member", "ana"), ("sure", "yes")]).await.text().await.unwrap());
        city.advance(48 * HOUR);
        assert_eq!(Phone::of(&city).send(&link, &[("password", OTHER)]).await.status(), 303);
        assert_eq!(ana.get("/me").await.status(), 303);
        assert!(dan.page("/care/log").await.contains("Somebody was let in again"), "now they are");
        assert_eq!(city.sign_in_as("ana", OTHER).await.1, 303);
        let link = way(&cy.send(path, &[("member", "ana"), ("sure", "yes")]).await.text().await.unwrap());
        city.advance(9 * DAY + MINUTE);
        assert_eq!(Phone::of(&city).get(&link).await.status(), 403, "too late");
    });
}

#[test]
fn no_secret_is_at_rest() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.organizer("ben", "kitchen").await;
        let link = way(&ana.send("/ours/@kitchen/people/ben/recover", &[]).await.text().await.unwrap());
        let secret = link.trim_start_matches("/recover/").to_owned();
        let kept: Vec<String> = city.app.db.read(|conn| Ok(ways_in::table.select(ways_in::hash).load(conn)?)).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_ne!(kept[0], secret);
        assert_eq!(Phone::of(&city).get(&format!("/recover/{}", kept[0])).await.status(), 403, "the row opens nothing");
        let ben = city.app.db.read(|conn| Ok(store::by_handle(conn, "ben")?)).await.unwrap().unwrap();
        let token = Token::new().unwrap();
        let (new, member) = (token.clone(), ben.clone());
        city.app.act(move |conn, here| recovery::ask(conn, here, None, &member, &new)).await.unwrap();
        assert_eq!(Phone::of(&city).get(&format!("/recover/{}", token.reveal())).await.status(), 403);
    });
}

#[test]
fn a_crowd_behind_one_address_joins() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let all = (0..60).map(|number| {
            let mut phone = Phone::of(&city);
            async move {
                let (name, handle) = (format!("Person {number}"), format!("person{number}"));
                let all = [("name", &*name), ("handle", &handle), ("password", PASSWORD)];
                phone.send("/join", &all).await.status().as_u16()
            }
        });
        let statuses = futures_util::future::join_all(all).await;
        assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    });
}

#[test]
fn who_has_an_account_is_told_to_nobody_who_only_asks() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.joined("Ana").await;
        let send = async |fields: &[(&str, &str)]| {
            let answer = Phone::of(&city).send("/join", fields).await;
            (answer.status(), answer.text().await.unwrap())
        };
        // what is proposed looks the same for a name that somebody has and for one that nobody has
        for name in ["Ana", "Eva"] {
            let (_, page) = send(&[("name", name)]).await;
            let handle = proposed(&page).to_owned();
            let (letters, digits) = handle.split_at(3);
            assert!(letters.eq_ignore_ascii_case(name) && digits.len() == 2 && digits.parse::<u32>().is_ok(), "{handle}");
        }
        // with anything else amiss the name is not looked up
        let wrong = async |handle: &str| {
            let (status, page) = send(&[("name", "Me"), ("handle", handle), ("password", "short")]).await;
            (status, page.replace(handle, "…"), page.matches("class=\"problem\"").count())
        };
        let strip = |(status, page, count): (StatusCode, String, usize)| {
            // challenges and numbers of accounts are new each time
            (status, page.split("data-passkey").next().unwrap_or_default().to_owned(), count)
        };
        assert_eq!(strip(wrong("ana").await), strip(wrong("eva").await));
        // a name that cannot be had is refused in the same words, whoever has it, and another one stands there
        for (handle, stem) in [("ana", "ana"), ("caretaker", "caretaker")] {
            let (status, page) = send(&[("name", "Me"), ("handle", handle), ("password", PASSWORD)]).await;
            assert_eq!(status, 422, "{handle}");
            assert!(page.contains("cannot be your name for signing in here") && !page.contains("taken"), "{page}");
            let another = proposed(&page);
            assert!(another.starts_with(stem) && another != handle, "{another}");
            let (status, _) = send(&[("name", "Me"), ("handle", another), ("password", PASSWORD)]).await;
            assert_eq!(status, 303, "{another} is free");
        }
    });
}

#[test]
fn whoever_wants_to_start_a_group_reads_why_they_are_asked_who_they_are() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = Phone::of(&city);
        assert_eq!(ana.get("/start").await.headers()["location"], "/sign-in?then=%2Fstart");
        let page = ana.page("/sign-in?then=%2Fstart").await;
        assert!(page.contains("To start a group you need an account here. It takes one minute and no e-mail."), "{page}");
        assert!(page.contains("href=\"/join?then=%2Fstart\""), "{page}");
        assert!(page.find("href=\"/join?then=%2Fstart\"") < page.find("name=\"password\""), "Join comes first: {page}");
        assert!(!ana.page("/sign-in").await.contains("To start a group"));
        let all = [("name", "Ana"), ("handle", "ana"), ("password", PASSWORD), ("then", "/start")];
        let to = ana.send("/join", &all).await.headers()["location"].to_str().unwrap().to_owned();
        let page = ana.page(&to).await;
        assert!(
            page.contains("Your account is made, and you are signed in.") && page.contains("<bdi dir=\"ltr\">ana</bdi>"),
            "{page}"
        );
        assert!(page.contains("href=\"/start\">Go on: start the group"), "{page}");
        assert!(ana.page("/start").await.contains("What is the group called?"));
        for elsewhere in ["//evil.example/start", "https://evil.example/start"] {
            let page = ana.page(&format!("/sign-in?then={elsewhere}")).await;
            // it stands in the address of the page in other languages, and leads nowhere from there
            assert!(
                page.contains("href=\"/join\"") && !page.contains("value=\"//") && !page.contains("value=\"https:"),
                "{page}"
            );
            assert!(!page.contains("\"//evil.example") && !page.contains("\"https://evil.example"), "{page}");
        }
    });
}

#[test]
fn what_was_done_is_said_in_our_words_and_never_in_those_of_an_address() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.joined("Ana").await;
        let gone = ana.send("/sign-out", &[]).await;
        let to = gone.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(to, "/?done=signed-out");
        let page = Phone::of(&city).page(&to).await;
        assert!(page.contains("<p class=\"notice\" role=\"status\">You are signed out.</p>"), "{page}");
        for forged in ["/?done=Pay+here", "/?done=joined", "/groups?done=signed-out"] {
            let page = Phone::of(&city).page(forged).await;
            assert!(!page.contains("role=\"status\"") && !page.contains("Pay here"), "{forged}");
        }
        let (ben, _) = city.sign_in_as("ana", PASSWORD).await;
        assert!(ben.page("/me?done=saved").await.contains("That is kept."));
        assert!(!ben.page("/me?done=signed-out").await.contains("You are signed out."));
    });
}

#[test]
fn whoever_is_signed_in_sees_so_on_public_pages_and_nobody_else_does() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (ana, ben) = (city.organizer("ana", "kitchen").await, city.member("ben").await);
        let nobody = Phone::of(&city);
        // twice each: what is kept for the next reader is nobody's
        for _ in 0..2 {
            for path in ["/", "/@kitchen"] {
                let answer = nobody.get(path).await;
                assert_eq!(answer.headers()["cache-control"], "public, max-age=30", "{path}");
                let page = answer.text().await.unwrap();
                assert!(!page.contains("/sign-out") && !page.contains("You speak for this group"), "{path}: {page}");
                for (phone, speaks) in [(&ana, path == "/@kitchen"), (&ben, false)] {
                    let answer = phone.get(path).await;
                    assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
                    assert!(answer.headers().get("etag").is_none(), "{path}");
                    let page = answer.text().await.unwrap();
                    assert!(page.contains("action=\"/sign-out\"") && page.contains("href=\"/me\""), "{path}: {page}");
                    assert_eq!(page.contains("You speak for this group.") && page.contains("href=\"/ours/@kitchen\""), speaks);
                }
            }
        }
    });
}

#[test]
fn a_browser_that_was_theirs_opens_while_somebody_guesses() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.joined("Ana").await;
        let all = [("handle", "ana"), ("password", PASSWORD)];
        let headers = [("sec-fetch-site", "same-origin")];
        let answer = Phone::of(&city).send_bare("/sign-in", &all, &headers).await;
        let browser = answer.headers().get_all("set-cookie").iter().filter_map(|set| set.to_str().ok());
        let browser = browser.filter_map(|set| set.split(';').next()).find(|set| set.starts_with("plaza-browser="));
        let browser = browser.expect("it is known again").to_owned();
        assert!(!browser.contains("ana"), "{browser}");
        for number in 0..8 {
            city.sign_in_as("ana", &format!("guess number {number}")).await;
        }
        assert_eq!(city.sign_in_as("ana", PASSWORD).await.1, 429, "somebody guesses");
        for (cookie, handle, status) in [(&*browser, "ana", 303), (&*browser, "eva", 422), ("plaza-browser=x", "ana", 429)] {
            let all = [("handle", handle), ("password", PASSWORD)];
            let headers = [("sec-fetch-site", "same-origin"), ("cookie", cookie)];
            let answer = Phone::of(&city).send_bare("/sign-in", &all, &headers).await;
            assert_eq!(answer.status(), status, "{handle} {cookie}");
        }
        // it is no way in by itself
        let thief = Phone { cookie: Some(browser), ..Phone::of(&city) };
        assert_eq!(thief.get("/me").await.status(), 303);
    });
}

#[test]
fn a_second_tap_is_answered_as_the_first_also_when_that_ended_the_session() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.member("ana").await;
        let (cookie, csrf) = (ana.cookie.clone().expect("signed in"), ana.csrf.clone());
        let headers = [("sec-fetch-site", "same-origin"), ("cookie", cookie.as_str())];
        let fields = [("sure", "twice"), ("csrf", csrf.as_str())];
        let first = ana.send("/me/leave", &[("sure", "twice")]).await;
        assert_eq!(first.status(), 303);
        let second = ana.send_bare("/me/leave", &fields, &headers).await;
        assert_eq!(second.status(), 303);
        assert_eq!(second.headers()["location"], first.headers()["location"]);
        city.advance(Duration::from_secs(10));
        assert_eq!(ana.send_bare("/me/leave", &fields, &headers).await.status(), 401, "nobody of that name is here");
    });
}
