//! Crowds that sign up: cleared by whoever looks after the place in a few taps, and what nobody uses goes by itself.

use plaza::{
    groups,
    members::{self, member::Member},
    powers::deed::{Deed, Kind, Reason},
};

use super::deeds;
use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

/// Whoever signed up and was not welcomed by anybody, with a group that waits.
async fn sign_up(city: &City, handle: &'static str, group: Option<&'static str>) -> Phone {
    let phone = match group {
        Some(group) => {
            city.waiting_group(group).await;
            city.organizer(handle, group).await
        }
        None => city.member(handle).await,
    };
    let member = Member { welcomed: None, ..phone.member.clone().expect("signed in") };
    city.app.db.write(move |conn| Ok(members::store::save(conn, &member)?)).await.expect("saved");
    phone
}

/// What is ticked on a page.
fn ticked(page: &str, name: &'static str) -> Vec<(&'static str, String)> {
    let begin = format!("type=\"checkbox\" name=\"{name}\" value=\"");
    let checked = page
        .split(&begin)
        .skip(1)
        .filter(|rest| rest.split('>').next().is_some_and(|tag| tag.contains("form=\"ticked\" checked")));
    checked.map(|rest| (name, rest.split('"').next().unwrap_or_default().to_owned())).collect()
}

fn as_fields<'a>(fields: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect()
}

async fn handles(city: &City) -> Vec<String> {
    let all = city.app.db.read(|conn| Ok(members::store::all(conn)?)).await.expect("reading");
    all.into_iter().map(|member| member.handle).collect()
}

async fn waiting(city: &City) -> Vec<String> {
    let all = city.app.db.read(|conn| Ok(groups::store::waiting(conn)?)).await.expect("reading");
    all.into_iter().map(|group| group.handle).collect()
}

#[test]
fn twenty_sign_ups_with_a_group_each_are_cleared_in_five_taps() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("garden").await;
        city.organizer("friend", "garden").await;
        // names that are there for as long as the test
        let names: Vec<&'static str> = (0..20).map(|number| &*format!("troll{number:02}").leak()).collect();
        for name in &names {
            sign_up(&city, name, Some(name)).await;
        }
        assert_eq!(waiting(&city).await.len(), 20);

        assert!(cy.page("/care").await.contains("href=\"/care/members\""), "the first tap");
        let everybody = cy.page("/care/members").await;
        let tick = everybody.split("href=\"/care/members?new=yes&#38;ticked=yes\"").count();
        assert!(tick == 2 && ticked(&everybody, "member").is_empty(), "the second: {everybody}");
        let page = cy.page("/care/members?new=yes&ticked=yes").await;
        let chosen = ticked(&page, "member");
        assert!(chosen.len() == 20 && !page.contains("friend"), "{page}");
        let asked = cy.send("/care/members/delete", &as_fields(&chosen, &[])).await;
        assert_eq!(asked.status(), 200);
        let asked = asked.text().await.expect("a page");
        assert!(
            names.iter().all(|name| asked.contains(&format!("</bdi> (<bdi dir=\"ltr\">@{name}</bdi>)</li>"))),
            "the third asks and names them: {asked}"
        );
        assert_eq!(asked.matches("name=\"member\"").count(), 20);
        assert_eq!(handles(&city).await.len(), 22, "asking deletes nobody");
        // the fourth says why, and the fifth that it is meant
        let sure = as_fields(&chosen, &[("reason", "spam"), ("sure", "yes")]);
        assert_eq!(cy.send("/care/members/delete", &sure).await.status(), 303);

        assert_eq!(handles(&city).await, ["cy", "friend"]);
        assert!(waiting(&city).await.is_empty(), "what waited and had nobody else ended");
        assert_eq!(city.get("/@garden", "text/html").await.status(), 200);
        let noted = deeds(&city).await;
        let spam = |deed: &&Deed| deed.kind == Kind::AccountDeleted && deed.reason == Reason::Spam;
        assert_eq!(noted.iter().filter(spam).count(), 20, "each is noted");

        // the last caretaker goes with nobody
        sign_up(&city, "late", None).await;
        let both = [("member", "late"), ("member", "cy"), ("reason", "spam"), ("sure", "yes")];
        assert_eq!(cy.send("/care/members/delete", &both).await.status(), 403);
        assert_eq!(handles(&city).await, ["cy", "friend", "late"], "all of them or none");
        let nothing = cy.send("/care/members/delete", &[("reason", "spam"), ("sure", "yes")]).await;
        assert_eq!(nothing.status(), 422);
        let nothing = nothing.text().await.expect("a page");
        assert!(nothing.contains("Nothing is ticked") && nothing.contains("value=\"late\""), "the list once more: {nothing}");
        let nothing = cy.send("/care/members/delete?new=yes&lang=es", &[]).await.text().await.expect("a page");
        assert!(nothing.contains("No hay nada marcado") && nothing.contains("/care/members/delete?new=yes"), "{nothing}");
    });
}

#[test]
fn groups_that_wait_are_ended_together_and_others_are_not() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        city.group("garden").await;
        for (name, group) in [("ann", "buynow"), ("bob", "buysoon"), ("cleo", "cooks")] {
            sign_up(&city, name, Some(group)).await;
        }
        let page = cy.page("/care/groups?ticked=yes").await;
        assert_eq!(ticked(&page, "group").len(), 3, "{page}");
        let two = [("group", "buynow"), ("group", "buysoon")];
        let asked = cy.send("/care/groups/end", &two).await.text().await.expect("a page");
        assert!(
            asked.contains(">@buynow</bdi>") && asked.contains(">@buysoon</bdi>") && asked.contains("name=\"reason\""),
            "{asked}"
        );
        assert_eq!(waiting(&city).await.len(), 3, "asking ends nothing");
        let nothing = cy.send("/care/groups/end", &[]).await;
        assert_eq!(nothing.status(), 422);
        let nothing = nothing.text().await.expect("a page");
        assert!(nothing.contains("Nothing is ticked") && nothing.contains("value=\"cooks\""), "the list once more: {nothing}");
        let sure = [("reason", "spam"), ("sure", "yes")];
        let with_welcomed = [&two[..1], &[("group", "garden")], &sure].concat();
        assert_eq!(cy.send("/care/groups/end", &with_welcomed).await.status(), 403, "that one waits for nothing");
        assert_eq!(waiting(&city).await.len(), 3);
        assert_eq!(cy.send("/care/groups/end", &[&two[..], &sure].concat()).await.status(), 303);
        assert_eq!(waiting(&city).await, ["cooks"]);
        assert!(matches!(city.get("/@buynow", "text/html").await.status().as_u16(), 404 | 410));
        let noted = deeds(&city).await;
        let ended: Vec<_> = noted.iter().filter(|deed| deed.kind == Kind::Ended).collect();
        assert!(ended.len() == 2 && ended.iter().all(|deed| deed.reason == Reason::Spam), "each is noted: {noted:?}");
        assert_eq!(handles(&city).await, ["ann", "bob", "cleo", "cy"], "whoever started them keeps their account");
    });
}

#[test]
fn a_telephone_in_other_hands_does_not_take_the_place_from_everybody() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let cy = city.caretaker("cy").await;
        city.caretaker("dee").await;
        sign_up(&city, "friend", None).await;
        sign_up(&city, "troll", None).await;
        city.advance(std::time::Duration::from_secs(24 * 3_600));
        let mut cy = cy;
        let off = [("member", "dee"), ("on", "no"), ("reason", "other"), ("sure", "yes")];
        let on = [("member", "friend"), ("on", "yes"), ("sure", "yes")];
        let gone = [("member", "dee"), ("reason", "other"), ("sure", "yes")];
        for (path, fields) in
            [("/care/members/caretaker", &off[..]), ("/care/members/caretaker", &on[..]), ("/care/members/delete", &gone[..])]
        {
            let refused = cy.send(path, fields).await;
            assert_eq!(refused.status(), 422, "{path}");
            assert!(refused.text().await.expect("a page").contains("first show that you can sign in"), "{path}");
        }
        let troll = [("member", "troll"), ("reason", "spam"), ("sure", "yes")];
        assert_eq!(cy.send("/care/members/delete", &troll).await.status(), 303, "of others nothing more is asked");
        let mut cy = city.sign_in(cy.member.take().expect("cy")).await;
        assert_eq!(cy.send("/care/members/caretaker", &off).await.status(), 303);
        assert_eq!(handles(&city).await, ["cy", "dee", "friend"]);
    });
}

#[test]
fn long_lists_of_accounts_are_read_page_by_page() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let cy = city.caretaker("cy").await;
        let day = city.clock.now().day();
        let add = move |conn: &mut plaza::db::Conn| {
            for number in 0..120 {
                let handle = format!("new{number:03}");
                let id = uuid::Uuid::new_v4();
                let member = Member {
                    id,
                    name: handle.clone(),
                    handle,
                    language: "en".into(),
                    caretaker: false,
                    welcomed: None,
                    created: day,
                };
                members::store::add(conn, &member, None)?;
            }
            Ok(())
        };
        city.app.db.write(add).await.expect("added");
        let first = cy.page("/care/members").await;
        assert_eq!(first.matches("form=\"ticked\"").count(), 39, "forty, and nobody ticks themselves");
        assert!(first.contains("href=\"/care/members?after=new038\" rel=\"next\""), "{first}");
        let last = cy.page("/care/members?after=new098").await;
        assert!(last.matches("form=\"ticked\"").count() == 21 && !last.contains("rel=\"next\""), "{last}");
        assert!(first.len() < 60_000, "{} bytes", first.len());
        let new = cy.page("/care/members?new=yes&ticked=yes").await;
        assert_eq!(ticked(&new, "member").len(), 40);
        assert!(new.contains("href=\"/care/members?new=yes&#38;after=new039\" rel=\"next\""), "{new}");
    });
}

#[test]
fn what_waits_and_nobody_uses_ends_by_itself() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        sign_up(&city, "gone", Some("forgotten")).await;
        let stays = sign_up(&city, "stays", Some("cooks")).await;
        let mut leaves = sign_up(&city, "leaves", Some("short")).await;
        assert_eq!(leaves.send("/me/leave", &[("sure", "twice")]).await.status(), 303);
        assert_eq!(waiting(&city).await, ["cooks", "forgotten"], "with the account of whoever was alone");
        city.advance(std::time::Duration::from_secs(20 * 24 * 3_600));
        city.sign_in(stays.member.clone().expect("signed in")).await;
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        assert_eq!(waiting(&city).await.len(), 2, "not yet");
        city.advance(std::time::Duration::from_secs(12 * 24 * 3_600));
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        assert_eq!(waiting(&city).await, ["cooks"]);
    });
}

#[test]
fn no_crowd_of_unused_accounts_stops_the_forgetting() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("garden").await;
        city.member("friend").await;
        let alone = sign_up(&city, "alone", Some("waits")).await;
        let speaks = sign_up(&city, "speaks", None).await;
        let id = speaks.member.as_ref().expect("signed in").id;
        let since = city.clock.now();
        let fill = move |conn: &mut plaza::db::Conn| {
            use diesel::RunQueryDsl;
            let speaker = members::member::Organizer {
                group: "garden".into(),
                member: id,
                since,
                founder: false,
                shown: false,
                paused: None,
            };
            members::store::add_organizer(conn, &speaker)?;
            // more than SQLite takes in one statement
            diesel::sql_query(
                "INSERT INTO members (id, handle, name, language, caretaker, created) \
                 WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 33000) \
                 SELECT 'unused-' || n, 'unused-' || n, 'x', 'en', FALSE, 0 FROM numbers",
            )
            .execute(conn)?;
            Ok(())
        };
        city.app.db.write(fill).await.expect("filled");
        for phone in [&alone, &speaks] {
            let id = phone.member.as_ref().expect("signed in").id;
            let sign_out = move |conn: &mut plaza::db::Conn| Ok(members::store::end_sessions(conn, id, None)?);
            city.app.db.write(sign_out).await.expect("signed out");
        }
        city.advance(std::time::Duration::from_secs(40 * 24 * 3_600));
        let now = city.clock.now();
        let mut goes = Vec::new();
        while goes.last() != Some(&0) && goes.len() < 20 {
            let gone = city.app.db.write(move |conn| members::joining::forget_unused(conn, now)).await.expect("forgotten");
            goes.push(gone);
        }
        assert_eq!(goes, [5_000, 5_000, 5_000, 5_000, 5_000, 5_000, 3_001, 0], "in goes, and whoever only has what waits, too");
        assert_eq!(handles(&city).await, ["friend", "speaks"]);
        assert_eq!(waiting(&city).await, ["waits"]);
        plaza::worker::forget_once(&city.app).await.expect("forgotten");
        assert!(waiting(&city).await.is_empty(), "nobody is left of it");
    });
}
