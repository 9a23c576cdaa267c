//! The desk of whoever looks after the place.

mod crowds;

use plaza::powers::{
    self,
    deed::{Deed, Kind, Reason},
};

use crate::{
    city::{City, on_each_database},
    commands::Terminal,
};

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
        let page = cy.page("/care").await;
        assert!(page.contains("has to be paid for by") && page.contains("20 December 2026"), "{page}");
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
        assert!(cy.page("/care").await.contains("Waiting to be looked at: 1."));
        let page = cy.page("/care/reports").await;
        assert!(page.contains(&format!("{}{about}", city.origin)) && page.contains("This is &#60;b&#62;not"), "{page}");
        assert!(page.contains("Reported here"));
        let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(cy.send("/care/reports/close", &[("id", &id), ("times", "1")]).await.status(), 303);
        assert!(cy.page("/care/reports").await.contains("Nothing waits to be looked at"));
    });
}

#[test]
fn what_was_reported_last_is_read_whatever_was_said_before_it_and_in_the_language_of_who_reads() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("kitchen").await;
        let report = async |path: &str, kind: &str, words: &str| {
            let fields = [("what", "/@kitchen"), ("kind", kind), ("words", words)];
            crate::phone::Phone::of(&city).send(path, &fields).await.status()
        };
        let first = "They took my picture.\n\nI want it gone.";
        assert_eq!(report("/report", "danger", first).await, 303);
        for number in 0..10 {
            assert_eq!(report("/report", "spam", &format!("{number}{}", "x".repeat(1_900))).await, 303);
        }
        let honest = format!("Está aquí la policía. {}", "y".repeat(1_500));
        assert_eq!(report("/report?lang=es", "danger", &honest).await, 303);
        let page = cy.page("/care/reports").await;
        assert!(page.contains("12 times") && page.contains(&honest), "the newest stands whole: {page}");
        let kind = "It puts somebody in danger, or shows where they are or who they are";
        assert!(page.matches(kind).count() == 2 && !page.contains("Pone a alguien en peligro"), "{page}");
        assert!(page.contains("They took my picture.") && page.contains("I want it gone."), "and what is short: {page}");
        assert!((0..10).all(|number| page.contains(&format!("{number}xxxxxxxxxxxxxxxx"))) && page.contains("xx…"), "{page}");
        let spanish = cy.page("/care/reports?lang=es").await;
        assert_eq!(spanish.matches("Pone a alguien en peligro, o muestra dónde está o quién es").count(), 2, "{spanish}");
        assert!(!spanish.contains(kind) && !spanish.contains("[danger]"), "{spanish}");

        // whoever has not read all of it is not done with it
        let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(report("/report", "other", "And another one").await, 303);
        let refused = cy.send("/care/reports/close", &[("id", &id), ("times", "12")]).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(
            refused.contains("Somebody reported the same again meanwhile") && refused.contains("And another one"),
            "{refused}"
        );
        assert!(refused.contains("name=\"times\" value=\"13\""), "{refused}");
        assert_eq!(cy.send("/care/reports/close", &[("id", &id), ("times", "13")]).await.status(), 303);
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

/// What was noted of the place as a whole, the last first where days differ.
async fn deeds(city: &City) -> Vec<Deed> {
    let now = city.clock.now();
    city.app.db.read(move |conn| Ok(powers::store::of_group(conn, None, now)?)).await.expect("reading")
}

fn kinds(deeds: &[Deed]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = deeds.iter().map(|deed| deed.kind).collect();
    kinds.sort();
    kinds
}

#[test]
fn words_that_make_a_reply_wait_are_added_and_taken_away() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        assert!(cy.page("/care/words").await.contains("No word makes a reply wait"));
        let answer = cy.send("/care/words?lang=es", &[("word", "!!!")]).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("id=\"word-problem\"") && page.contains("letras o cifras"), "{page}");
        assert_eq!(cy.send("/care/words", &[("word", "Go  HOME <b>")]).await.status(), 303);
        assert!(cy.page("/care/words").await.contains("<bdi>go home b</bdi>"));
        assert!(cy.page("/care").await.contains("because of which replies wait: 1."));
        assert_eq!(cy.send("/care/words/remove", &[("word", "go home b")]).await.status(), 303);
        assert!(cy.page("/care/words").await.contains("No word makes a reply wait"));
        assert_eq!(kinds(&deeds(&city).await), [Kind::Blocked, Kind::Unblocked]);
    });
}

#[test]
fn a_list_of_mastodons_is_looked_at_before_it_is_taken_in_and_written_out_again() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        assert_eq!(cy.send("/care/blocks", &[("target", "old.example"), ("sure", "yes")]).await.status(), 303);
        let csv = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
            troll.example,suspend,true,true,\"spam, <b>\",false\r\nold.example,suspend,false,false,,false\r\n\
            loud.example,silence,false,false,,false\r\nexa***.example,suspend,false,false,,false\r\n\
            a.example,<i>,false,false,,false\r\n";
        let nothing = cy.send_files("/care/blocks/list?lang=es", &[], vec![]).await;
        assert_eq!(nothing.status(), 422);
        assert!(nothing.text().await.unwrap().contains("Elige antes un archivo"));
        let asked = cy.send_files("/care/blocks/list", &[], vec![("list", csv.as_bytes().to_vec())]).await;
        assert_eq!(asked.status(), 200);
        let page = asked.text().await.unwrap();
        for words in [
            "Blocked from now on: 1.",
            "Looked at first from now on: 1.",
            "There already: 1.",
            "Lines left out: 2.",
            "Line 5: the name is made unreadable",
            "&#60;i&#62;",
            "name=\"block\" value=\"troll.example\"",
            "name=\"hold\" value=\"loud.example\"",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!cy.page("/care/blocks").await.contains(">troll.example</bdi>"), "looking blocks nobody");

        let sure = [("block", "troll.example"), ("hold", "loud.example"), ("sure", "yes"), ("reason", "spam")];
        assert_eq!(cy.send_files("/care/blocks/list", &sure, vec![]).await.status(), 303);
        assert!(cy.page("/care/blocks").await.contains(">troll.example</bdi>"));
        assert!(cy.page("/care/strangers").await.contains(">loud.example</bdi>"));
        let noted = deeds(&city).await;
        assert_eq!(kinds(&noted), [Kind::Blocked, Kind::ListTaken]);
        assert!(noted.iter().any(|deed| deed.kind == Kind::ListTaken && deed.reason == Reason::Spam));
        let again = cy.send_files("/care/blocks/list", &[], vec![("list", csv.as_bytes().to_vec())]).await;
        assert!(again.text().await.unwrap().contains("Nothing would change"));

        let domains = cy.get("/care/blocks/domains.csv").await;
        assert_eq!(domains.headers()["content-disposition"], "attachment; filename=\"plaza-domains.csv\"");
        assert_eq!(domains.headers()["cache-control"], "no-store");
        let domains = domains.text().await.unwrap();
        assert!(domains.contains("troll.example,suspend,") && domains.contains("loud.example,silence,"), "{domains}");
        assert_eq!(
            cy.send("/care/blocks", &[("target", "https://far.example/u/y"), ("sure", "yes")]).await.status(),
            303,
            "one account"
        );
        assert_eq!(cy.get("/care/blocks/accounts.csv").await.text().await.unwrap().trim(), "https://far.example/u/y");
        assert!(cy.page("/care/blocks?find=TROLL").await.contains(">troll.example</bdi>"));
        assert!(!cy.page("/care/blocks?find=troll").await.contains(">old.example</bdi>"));
        // what is no list changes nothing
        let wrong = cy.send_files("/care/blocks/list", &[], vec![("list", vec![0xff, 0xfe, 0x00])]).await;
        assert_eq!(wrong.status(), 422);
        let forged = cy.send_files("/care/blocks/list", &[("block", "no host"), ("sure", "yes")], vec![]).await;
        assert_eq!(forged.status(), 400);
    });
}

#[test]
fn a_welcome_is_taken_back_after_asking_twice_and_given_again() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("kitchen").await;
        assert!(cy.page("/care/groups").await.contains("@kitchen</bdi>"));
        let asked = cy.send("/care/groups/unwelcome", &[("group", "kitchen")]).await;
        assert_eq!(asked.status(), 200);
        assert!(asked.text().await.unwrap().contains("name=\"reason\" value=\"harm\""));
        assert!(city.get("/groups", "text/html").await.text().await.unwrap().contains("/@kitchen"));
        let sure = [("group", "kitchen"), ("sure", "yes"), ("reason", "harm")];
        assert_eq!(cy.send("/care/groups/unwelcome", &sure).await.status(), 303);
        assert!(!city.get("/groups", "text/html").await.text().await.unwrap().contains("/@kitchen"));
        city.advance(std::time::Duration::from_secs(10));
        assert_eq!(cy.send("/care/groups/unwelcome", &sure).await.status(), 404, "it is not welcomed");
        assert_eq!(cy.send("/care/groups/unwelcome", &[("group", "plaza"), ("sure", "yes")]).await.status(), 404);
        let listed = cy.page("/care/groups").await;
        assert!(
            listed.contains("<p>What kitchen is there for.") && listed.contains("Waits since "),
            "what it is for, and since when: {listed}"
        );
        let asked = cy.send("/care/groups/welcome", &[("group", "kitchen")]).await;
        assert_eq!(asked.status(), 200);
        let asked = asked.text().await.unwrap();
        assert!(asked.contains("published at once") && asked.contains("@kitchen</bdi>"), "{asked}");
        assert!(!city.get("/groups", "text/html").await.text().await.unwrap().contains("/@kitchen"), "asking welcomes nobody");
        assert_eq!(cy.send("/care/groups/welcome", &[("group", "kitchen"), ("sure", "yes")]).await.status(), 303);
        assert!(city.get("/groups", "text/html").await.text().await.unwrap().contains("/@kitchen"));
        city.advance(std::time::Duration::from_secs(5 * 24 * 3_600));
        let counted = city.get("/about/powers", "text/html").await.text().await.unwrap();
        assert!(counted.contains("The welcome of a group was taken back"), "{counted}");
        assert!(counted.contains("somebody was hurt or threatened"), "{counted}");
    });
}

#[test]
fn what_caretakers_do_is_noted_for_them_and_counted_for_all() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.member("bo").await;
        let fields = [("member", "bo"), ("on", "yes"), ("sure", "yes")];
        assert_eq!(cy.send("/care/members/caretaker", &fields).await.status(), 303);
        let fields = [("member", "bo"), ("on", "no"), ("sure", "yes"), ("reason", "asked")];
        assert_eq!(cy.send("/care/members/caretaker", &fields).await.status(), 303);
        assert_eq!(cy.send("/care/members/delete", &[("member", "bo"), ("sure", "yes"), ("reason", "law")]).await.status(), 303);
        let settings =
            [("principles", ""), ("contact", "Tent"), ("source", ""), ("pass_on", "all"), ("domain", ""), ("joining", "open")];
        assert_eq!(cy.send("/care/settings", &settings).await.status(), 303);
        assert_eq!(cy.send("/care/settings", &settings).await.status(), 303, "the same again changes nothing");
        assert_eq!(cy.send("/care/strangers/hold", &[("host", "loud.example")]).await.status(), 303);
        assert_eq!(cy.send("/care/strangers/hold", &[("host", "no host")]).await.status(), 422);
        assert_eq!(cy.send("/care/strangers/forget", &[("host", "loud.example")]).await.status(), 200, "asks first");
        assert_eq!(cy.send("/care/strangers/forget", &[("host", "loud.example"), ("sure", "yes")]).await.status(), 303);
        let noted = deeds(&city).await;
        let expected =
            [Kind::Caretaker, Kind::NoCaretaker, Kind::Quarantine, Kind::Quarantine, Kind::Settings, Kind::AccountDeleted];
        assert_eq!(kinds(&noted), expected);
        let own = cy.member.as_ref().unwrap().id;
        assert!(noted.iter().all(|deed| deed.member == Some(own)), "{noted:?}");
        let log = cy.page("/care/log?lang=es").await;
        assert!(log.contains("Se borró la cuenta de otra persona") && log.contains("cy"), "{log}");

        // nobody reads who it was, and nothing at once
        let counted = || async { city.get("/about/powers", "text/html").await.text().await.unwrap() };
        assert!(!counted().await.contains("account of somebody else"));
        city.advance(std::time::Duration::from_secs(5 * 24 * 3_600));
        let page = counted().await;
        assert!(page.contains("The account of somebody else was deleted") && page.contains("the law leaves no choice"), "{page}");
        city.advance(std::time::Duration::from_secs(180 * 24 * 3_600));
        assert!(!counted().await.contains("account of somebody else"));
        assert!(deeds(&city).await.is_empty());
    });
}

#[test]
fn the_command_line_notes_the_same_deeds() {
    on_each_database(|database| async move {
        if database != "sqlite" {
            return;
        }
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut terminal = Terminal::new();
        terminal.settings = vec![("PLAZA_DATA_DIR".into(), city.app.config.data_dir.display().to_string())];
        terminal.json(&["block", "troll.example", "--reason", "spam"]);
        terminal.json(&["block", "troll.example", "--remove"]);
        terminal.json(&["block", "word", "nonsense"]);
        terminal.json(&["set", "--pass-on", "all"]);
        terminal.json(&["set", "--pass-on", "all"]);
        terminal.json(&["city", "set", "--contact", "The tent"]);
        terminal.json(&["host", "hold", "loud.example"]);
        let found = city.app.db.read(|conn| {
            use diesel::{QueryDsl, RunQueryDsl};
            use plaza::db::schema::deeds;
            let columns = (deeds::kind, deeds::role, deeds::reason, deeds::member);
            Ok(deeds::table.select(columns).order(deeds::kind).load::<(String, String, String, Option<String>)>(conn)?)
        });
        let found = found.await.unwrap();
        let kinds: Vec<&str> = found.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["blocked", "blocked", "quarantine", "settings", "settings", "unblocked"], "{found:?}");
        assert!(found.iter().all(|(_, role, _, member)| role == "caretaker" && member.is_none()), "{found:?}");
        assert!(found.iter().any(|(kind, _, reason, _)| kind == "blocked" && reason == "spam"), "{found:?}");
    });
}

#[test]
fn how_the_place_is_is_said_in_the_readers_language() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        // only one looks at a time in a process, and other cities are in this one
        while cy.page("/care").await.contains("Nobody has looked yet") {
            assert_eq!(cy.send("/care/look", &[]).await.status(), 303);
        }
        let (english, spanish) = (cy.page("/care").await, cy.page("/care?lang=es").await);
        assert!(english.contains("<dt><span class=\"flag\">!</span> caretakers</dt>"), "{english}");
        assert!(english.contains("not checked: this city is on loopback"), "{english}");
        assert!(spanish.contains("no se miró: esta ciudad está solo en esta máquina"), "{spanish}");
        assert!(spanish.contains("una sola persona") && !spanish.contains("one person alone"), "{spanish}");
    });
}
