//! The desk of whoever looks after the place.

use crate::city::{City, on_each_database};

#[test]
fn a_caretaker_sees_how_the_place_is() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let cy = city.caretaker("cy").await;
        let page = cy.page("/care").await;
        assert!(page.contains("You look after this place alone"), "{page}");
        assert!(page.contains("Nobody has noted when the domain"), "{page}");
        city.caretaker("bo").await;
        assert!(!cy.page("/care").await.contains("alone"));
        let spanish = cy.page("/care?lang=es").await;
        assert!(spanish.contains("Cuidar este sitio") && spanish.contains("/care/servers?lang=es"), "{spanish}");
    });
}

#[test]
fn blocking_asks_twice_and_names_what_is_no_server() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        let answer = cy.send("/care/blocks", &[("target", "not a host")]).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("value=\"not a host\"") && page.contains("is neither a server"), "{page}");

        let asked = cy.send("/care/blocks", &[("target", "troll.example")]).await;
        assert_eq!(asked.status(), 200);
        assert!(asked.text().await.unwrap().contains("troll.example will neither be heard"));
        assert!(cy.page("/care/blocks").await.contains("Nobody is blocked"), "asking blocks nobody");

        assert_eq!(cy.send("/care/blocks", &[("target", "troll.example"), ("sure", "yes")]).await.status(), 303);
        assert!(cy.page("/care/blocks").await.contains(">troll.example</bdi>"));
        assert_eq!(cy.send("/care/blocks/remove", &[("target", "troll.example")]).await.status(), 303);
        assert!(cy.page("/care/blocks").await.contains("Nobody is blocked"));
    });
}

#[test]
fn the_place_is_never_left_without_a_caretaker() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        for (path, fields) in [
            ("/care/members/caretaker", vec![("member", "cy"), ("on", "no"), ("sure", "yes")]),
            ("/care/members/delete", vec![("member", "cy"), ("sure", "yes")]),
        ] {
            let answer = cy.send(&format!("{path}?lang=es"), &fields).await;
            assert_eq!(answer.status(), 403, "{path}");
            let page = answer.text().await.unwrap();
            assert!(page.contains("Alguien tiene que cuidar el sitio"), "{page}");
        }
        city.member("bo").await;
        let fields = [("member", "bo"), ("on", "yes")];
        assert_eq!(cy.send("/care/members/caretaker", &fields).await.status(), 200, "asks first");
        let sure = [("member", "bo"), ("on", "yes"), ("sure", "yes")];
        assert_eq!(cy.send("/care/members/caretaker", &sure).await.status(), 303);
        assert_eq!(cy.send("/care/members/caretaker", &[("member", "cy"), ("on", "no"), ("sure", "yes")]).await.status(), 303);
        assert_eq!(cy.get("/care").await.status(), 403, "at once");
    });
}

#[test]
fn settings_are_kept_whole_or_not_at_all() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        let typed = |domain, source| {
            vec![
                ("principles", "We *share*."),
                ("contact", "The green tent"),
                ("source", source),
                ("pass_on", "all"),
                ("domain", domain),
            ]
        };
        let answer = cy.send("/care/settings", &typed("soon", "javascript:alert(1)")).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("id=\"domain-problem\"") && page.contains("id=\"source-problem\""), "{page}");
        assert!(page.contains("We *share*."), "what was typed is kept");
        assert!(!cy.page("/about").await.contains("green tent"), "nothing changed");

        assert_eq!(cy.send("/care/settings", &typed("2026-12-20", "https://code.example/plaza")).await.status(), 303);
        assert!(cy.page("/about").await.contains("green tent"));
        assert!(cy.page("/care").await.contains("has to be paid for by 2026-12-20"));
        assert_eq!(cy.send("/care/settings", &typed("2028-12-20", "")).await.status(), 303);
        assert!(!cy.page("/care").await.contains("has to be paid"));
    });
}

#[test]
fn what_waits_for_a_server_can_be_tried_or_given_up() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut there = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("kitchen").await;
        there.group("trees").await;
        there.hears("trees", &city, "kitchen").await;
        assert!(cy.page("/care/servers").await.contains("has been delivered"));
        there.go_down().await;
        city.announce("kitchen", "Soup at noon").await;
        city.work().await;
        let page = cy.page("/care/servers").await;
        assert!(page.contains("Messages waiting: 1.") && page.contains("Not reached since Today"), "{page}");
        let host = page.split("name=\"host\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();

        there.come_back().await;
        assert_eq!(cy.send("/care/servers/retry", &[("host", &host)]).await.status(), 303);
        city.work().await;
        assert_eq!(there.heard("trees").await.len(), 1, "tried at once");

        there.go_down().await;
        city.announce("kitchen", "Bread at one").await;
        city.work().await;
        assert_eq!(cy.send("/care/servers/give-up", &[("host", &host)]).await.status(), 200, "asks first");
        assert!(cy.page("/care/servers").await.contains("Messages waiting: 1."));
        assert_eq!(cy.send("/care/servers/give-up", &[("host", &host), ("sure", "yes")]).await.status(), 303);
        assert!(!cy.page("/care/servers").await.contains("Messages waiting"));
    });
}

#[test]
fn a_report_made_on_a_page_waits_for_a_caretaker() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("kitchen").await;
        let note = city.announce("kitchen", "Soup at noon").await;
        let about = format!("/announcements/{}", note.id);
        let fields = [("what", about.as_str()), ("kind", "wrong"), ("words", "This is <b>not</b> soup")];
        let sent = crate::phone::Phone::of(&city).send("/report", &fields).await;
        assert!(sent.status().is_success() || sent.status().is_redirection(), "{}", sent.status());
        assert!(cy.page("/care").await.contains("1 wait to be looked at"));
        let page = cy.page("/care/reports").await;
        assert!(page.contains(&format!("{}{about}", city.origin)) && page.contains("This is &#60;b&#62;not"), "{page}");
        assert!(page.contains("Reported here"));
        let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(cy.send("/care/reports/close", &[("id", &id)]).await.status(), 303);
        assert!(cy.page("/care/reports").await.contains("Nothing waits to be looked at"));
    });
}

#[test]
fn unknown_servers_are_held_as_a_caretaker_chooses() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        assert!(cy.page("/care/strangers").await.contains("are heard like all others"));
        assert_eq!(cy.send("/care/strangers/choose", &[("choice", "quarantine")]).await.status(), 303);
        assert!(cy.page("/care/strangers").await.contains("is held until you let them in"));
        assert_eq!(cy.send("/care/strangers/choose", &[("choice", "nonsense")]).await.status(), 400);
        assert_eq!(cy.send("/care/strangers/let-in", &[("host", "not a host")]).await.status(), 400);
        assert_eq!(cy.send("/care/strangers/let-in", &[("host", "far.example")]).await.status(), 303);
        assert_eq!(cy.send("/care/strangers/choose", &[("choice", "welcome")]).await.status(), 303);
        assert!(cy.page("/care/strangers").await.contains("are heard like all others"));
    });
}
