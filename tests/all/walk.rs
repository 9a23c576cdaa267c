//! What a walk through the pages showed: what is said before, after and instead of a deed.

use std::time::Duration;

use plaza::{
    desk, meetings,
    members::{joining, token::Token},
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    desk::hidden,
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const NEWS: [(&str, &str); 3] = [("text", "Bring pots"), ("language", "en"), ("do", "next")];

async fn kitchen(database: &'static str) -> (City, Phone) {
    let city = City::start(database).await;
    city.group("kitchen").await;
    let ana = city.organizer("ana", "kitchen").await;
    (city, ana)
}

/// What the page says that asks whether it is to be published, and its address.
async fn asked(phone: &mut Phone, group: &str, more: &[(&str, &str)]) -> (String, String) {
    let to = phone.goes_on(&format!("/ours/@{group}/news/new"), &[&NEWS[..], more].concat()).await;
    (phone.page(&to).await, to)
}

#[test]
fn who_hears_of_news_is_said_as_it_will_be() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        let later = [("later", "true"), ("day", "2026-12-20"), ("hour", "09:00")];
        let (page, _) = asked(&mut ana, "kitchen", &later).await;
        assert!(page.contains("On the square the morning after that") && !page.contains("tomorrow morning"), "{page}");
        let (page, _) = asked(&mut ana, "kitchen", &[]).await;
        assert!(page.contains("On the square tomorrow morning"), "{page}");

        // nobody follows: nobody gets it, and no other city passes it on
        let both = [("followers", "true"), ("urgent", "true")];
        let (page, to) = asked(&mut ana, "kitchen", &both).await;
        assert!(page.contains("Nobody follows the group yet: nobody will get it."), "{page}");
        assert!(!page.contains("other cities") && !page.contains("On the square"), "{page}");
        let revision = hidden(&page, "revision");
        let desk = ana.goes_on(&to, &[("revision", &revision)]).await;
        assert!(ana.page(&desk).await.contains("Nobody follows your group yet, so nobody got it"), "{desk}");

        // alone, nobody else could confirm it
        let (page, to) = asked(&mut ana, "kitchen", &[("urgent", "true")]).await;
        assert!(page.contains("You speak for this group alone") && !page.contains("second one of you"), "{page}");
        city.organizer("ben", "kitchen").await;
        let page = ana.page(&to).await;
        assert!(page.contains("second one of you") && !page.contains("You speak for this group alone"), "{page}");

        let follow = |conn: &mut plaza::db::Conn, _: &_| {
            use diesel::connection::SimpleConnection;
            let row =
                "INSERT INTO follows VALUES ('kitchen', 'https://h.example/1', 'f', 'h.example', 'https://h.example/i', NULL)";
            Ok(conn.batch_execute(row)?)
        };
        city.app.act(follow).await.expect("a follower");
        let (page, to) = asked(&mut ana, "kitchen", &[("followers", "true")]).await;
        assert!(page.contains("One follower on another server."), "{page}");
        let desk = ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        assert_eq!(desk, "/ours/@kitchen?done=published-followers");
        assert!(ana.page(&desk).await.contains("Whoever follows your group gets it; it stands on no page."));
    });
}

#[test]
fn what_was_not_published_at_its_time_waits_and_what_was_published_is_not_published_twice() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut ben = city.organizer("ben", "kitchen").await;
        let later = [("later", "true"), ("day", "2026-11-24"), ("hour", "09:30")];
        let (page, to) = asked(&mut ana, "kitchen", &later).await;
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        ana.goes_on("/ours/@kitchen/people/lay-down", &[("sure", "yes")]).await;
        city.advance(3 * HOUR);
        assert_eq!(desk::actions::say_what_is_due(&city.app).await.expect("asked"), 0);
        assert!(ben.page("/ours").await.contains("Something waits"));
        assert!(ben.page("/ours/@kitchen").await.contains("A text was not published at its time."));
        let page = ben.page("/ours/@kitchen/waiting").await;
        let draft = to.trim_end_matches("/send");
        assert!(page.contains("Not published at its time") && page.contains(&format!("href=\"{draft}\"")), "{page}");
        let page = ben.page(draft).await;
        assert!(page.contains("Whoever put it off does not speak for the group now."), "{page}");
        let stop = ben.get(&format!("{draft}/stop")).await;
        assert_eq!(
            (stop.status().as_u16(), stop.headers()["location"].to_str().unwrap()),
            (303, draft),
            "there is nothing to stop"
        );

        ben.goes_on(draft, &[&NEWS[..], &[("revision", &hidden(&page, "revision"))]].concat()).await;
        let revision = hidden(&ben.page(&to).await, "revision");
        assert_eq!(ben.goes_on(&to, &[("revision", &revision)]).await, "/ours/@kitchen?done=published");
        city.advance(Duration::from_secs(10));
        let again = ben.goes_on(&to, &[("revision", &revision)]).await;
        assert_eq!(again, "/ours/@kitchen?done=already-published");
        assert!(ben.page(&again).await.contains("This was published already."));
        assert_eq!(ben.get(&to).await.headers()["location"], "/ours/@kitchen?done=already-published");
        assert!(ben.page("/ours/@kitchen/waiting").await.contains("Nothing waits for you."));

        let (_, to) = asked(&mut ben, "kitchen", &[]).await;
        ben.goes_on(&to.replace("/send", "/discard"), &[]).await;
        assert_eq!(ben.goes_on(&to, &[("revision", "1")]).await, "/ours/@kitchen?done=already-gone");
    });
}

#[test]
fn a_meeting_needs_no_end_says_how_long_a_night_is_and_by_whose_clock_it_recurs() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let of = |from: &'static str, until: &'static str| {
            vec![
                ("title", "Soup for all"),
                ("kind", "meeting"),
                ("day", "2026-12-01"),
                ("from", from),
                ("until", until),
                ("zone", "Europe/Madrid"),
                ("place", "The square"),
                ("language", "en"),
                ("do", "next"),
            ]
        };
        let night = ana.goes_on("/ours/@kitchen/meetings/new", &of("18:00", "17:00")).await;
        let page = ana.page(&night).await;
        assert!(page.contains("It ends on Wednesday 2 December, 17:00 CET, after 23 hours."), "{page}");
        let page = ana.page(&format!("{night}?lang=es")).await;
        assert!(page.contains("Termina el miércoles 2 de diciembre, 17:00 CET, después de 23 horas."), "{page}");

        let daily = [of("18:00", ""), vec![("often", "day")]].concat();
        let to = ana.goes_on("/ours/@kitchen/meetings/new", &daily).await;
        let page = ana.page(&to).await;
        assert!(page.contains("18:00–20:00 CET") && page.contains("(Madrid)") && !page.contains("It ends on"), "{page}");
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        for path in ["/@kitchen", "/ours/@kitchen"] {
            assert!(
                Phone { cookie: ana.cookie.clone(), ..Phone::of(&city) }.page(path).await.contains("18:00 (Madrid)"),
                "{path}"
            );
        }

        // a page at a time, to the last one and back
        let mut path = "/ours/@kitchen/meetings".to_owned();
        let (mut pages, mut seen) = (0, std::collections::BTreeSet::new());
        let turn = |page: &str, rel: &str| {
            let link =
                page.split("<nav class=\"turn\"").nth(1)?.split("<a ").find(|link| link.contains(&format!("rel=\"{rel}\"")))?;
            Some(link.split("href=\"").nth(1)?.split('"').next()?.replace("&#38;", "&"))
        };
        loop {
            let page = ana.page(&path).await;
            assert!(page.len() < 60_000, "{path}: {}", page.len());
            pages += 1;
            for rest in page.split("class=\"what\" href=\"/meetings/").skip(1) {
                assert!(seen.insert(rest[..36].to_owned()), "none twice");
            }
            match turn(&page, "next") {
                Some(next) => path = next,
                None => {
                    assert!(turn(&page, "prev").is_some());
                    break;
                }
            }
        }
        let all = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 1_000)?.len())).await.expect("reading");
        assert!(all > 300 && pages > 10, "{all} {pages}");
        assert_eq!(seen.len(), all);
        assert_eq!(ana.get("/ours/@kitchen/meetings?after=nonsense").await.status(), 400);
    });
}

#[test]
fn another_language_keeps_what_was_typed_and_is_not_offered_where_it_could_not() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let first = ana.page("/start").await;
        assert!(first.contains("form=\"start\" formaction=\"?lang=es\"") && !first.contains("hreflang=\"es\" rel"), "{first}");
        let typed =
            [("step", "3"), ("name", "Night watch"), ("mission", "We stay awake"), ("handle", "night"), ("contact", "The tent")];
        let spanish = ana.send("/start?lang=es", &[&typed[..], &[("go", "stay")]].concat()).await;
        assert_eq!(spanish.status(), StatusCode::OK);
        let spanish = spanish.text().await.unwrap();
        assert!(spanish.contains("<html lang=\"es\"") && spanish.contains("name=\"step\" value=\"3\""), "{spanish}");
        assert!(
            spanish.contains("value=\"The tent\"") && spanish.contains("name=\"mission\" value=\"We stay awake\""),
            "{spanish}"
        );
        assert!(spanish.contains("formaction=\"?lang=en\""), "and back: {spanish}");

        let mut new = Phone::of(&city);
        let second = new.send("/join", &[("name", "Zoë")]).await.text().await.unwrap();
        assert!(second.contains("form=\"join\" formaction=\"?lang=es\""), "{second}");
        let typed = [("name", "Zoë"), ("handle", "zoe_7"), ("password", ""), ("go", "stay")];
        let spanish = new.send("/join?lang=es", &typed).await.text().await.unwrap();
        assert!(
            spanish.contains("<html lang=\"es\"") && spanish.contains("value=\"zoe_7\"") && spanish.contains("value=\"Zoë\"")
        );
        assert!(!spanish.contains("-problem\""), "nothing is wrong yet: {spanish}");

        // shown once: by another address it would be gone
        let shown = ana.send("/ours/@kitchen/people/invite", &[]).await.text().await.unwrap();
        assert!(shown.contains("/invited/") && !shown.contains("lang=es"), "{shown}");
        assert!(ana.page("/me").await.contains("href=\"?lang=es\""));
    });
}

#[test]
fn whoever_is_refused_is_led_on() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let bo = city.member("bo").await;
        let refused = async |phone: &Phone, path: &str| {
            let answer = phone.get(path).await;
            assert_eq!(answer.status(), 403, "{path}");
            answer.text().await.unwrap()
        };
        let page = refused(&bo, "/ours/@kitchen/waiting").await;
        assert!(
            page.contains("class=\"button\" href=\"/ours\"") && page.contains("class=\"button\" href=\"/@kitchen\""),
            "{page}"
        );
        assert!(page.contains("action=\"/sign-out\""), "they are signed in: {page}");
        let page = refused(&bo, "/care?lang=es").await;
        assert!(page.contains("class=\"button\" href=\"/ours?lang=es\"") && !page.contains("/@kitchen"), "{page}");
        let page = refused(&ana, "/ours/@kitchen/people/ana/recover").await;
        assert!(page.contains("class=\"button\" href=\"/ours/@kitchen\""), "{page}");
        let page = refused(&bo, "/@kitchen/pick-up").await;
        assert!(page.contains("class=\"button\" href=\"/@kitchen\""), "{page}");
        assert!(bo.page("/ours").await.contains("You speak for no group."));
    });
}

#[test]
fn whoever_was_invited_reads_why_they_are_asked_who_they_are_and_that_a_link_was_used() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let page = Phone::of(&city).page(&format!("/sign-in?then=/invited/{}", Token::new().unwrap().reveal())).await;
        let sentence = plaza::words::Words::of("en").say("sign-in-to-speak", &[]);
        assert!(page.contains(&plaza::text::escape(&sentence)) && page.contains("href=\"/join?then="), "{page}");

        let token = Token::new().unwrap();
        let link = token.clone();
        city.app.act(move |conn, here| joining::invite(conn, here, &link)).await.unwrap();
        let path = format!("/join?invitation={}", token.reveal());
        assert!(!Phone::of(&city).page(&path).await.contains("was used already"));
        let all = [("name", "Ben"), ("handle", "ben"), ("password", "soup at noon, always"), ("invitation", token.reveal())];
        assert_eq!(Phone::of(&city).send("/join", &all).await.status(), 303);
        for mode in [joining::Mode::Invited, joining::Mode::Open] {
            city.app.act(move |conn, _| joining::choose(conn, mode)).await.unwrap();
            assert!(Phone::of(&city).page(&path).await.contains("The invitation with which you came was used already"));
        }
        assert!(!Phone::of(&city).page("/join").await.contains("was used already"));
    });
}

#[test]
fn a_name_that_shows_nothing_is_none() {
    on_each_database(|database| async move {
        let (_city, mut ana) = kitchen(database).await;
        for nothing in ["\u{200b}", "\u{2800}\u{3164}", " \u{feff}\u{301} "] {
            assert_eq!(ana.send("/me", &[("name", nothing), ("language", "en")]).await.status(), 422, "{nothing:?}");
            assert_eq!(ana.send("/start", &[("step", "1"), ("name", nothing)]).await.status(), 422, "{nothing:?}");
        }
        assert_eq!(ana.send("/me", &[("name", "Ana ❤\u{fe0f}"), ("language", "en")]).await.status(), 303);
    });
}
