//! Anyone starts a group in a minute, from a browser without scripts.

use plaza::{
    groups,
    members::{self, member::Member},
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// The fields of a page as a browser sends them: hidden ones as they are, and `typed` over them.
fn fields(page: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let unescaped = |text: &str| {
        text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
    };
    let mut fields = Vec::new();
    for input in page.split("<input type=\"hidden\" ").skip(1) {
        let part = |name: &str| input.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let (name, value) = (part("name").expect("a name"), part("value").expect("a value"));
        if name != "csrf" {
            fields.push((name.to_owned(), unescaped(value)));
        }
    }
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

impl Phone {
    /// Fills in a page and goes on; what comes back.
    async fn goes_to_the_next(&mut self, page: &str, typed: &[(&str, &str)]) -> (StatusCode, String, String) {
        let fields = fields(page, typed);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.send("/start", &fields).await;
        let place = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status(), place, answer.text().await.unwrap())
    }
}

impl City {
    /// Somebody with an account of whom no group was welcomed yet.
    async fn newcomer(&self, handle: &str) -> Phone {
        let phone = self.member(handle).await;
        let stranger = Member { welcomed: None, ..phone.member.clone().unwrap() };
        self.app.db.write(move |conn| Ok(members::store::save(conn, &stranger)?)).await.unwrap();
        phone
    }

    async fn known(&self, handle: &str) -> Member {
        let handle = handle.to_owned();
        self.app.db.read(move |conn| Ok(members::store::by_handle(conn, &handle)?.unwrap())).await.unwrap()
    }
}

#[test]
fn a_group_is_started_on_four_pages_shared_welcomed_and_heard_of() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.newcomer("ana").await;
        let first = ana.page("/start").await;
        let (status, _, page) = ana.goes_to_the_next(&first, &[("name", "  ")]).await;
        assert_eq!(status, 422, "a name is needed");
        let (status, _, page) = ana.goes_to_the_next(&page, &[("name", "Comité \"Sopa\" & pan")]).await;
        assert!(status == 200 && page.contains("value=\"comite_sopa_pan\""), "{page}");
        let typed = [("mission", "Soup for <everyone>. #Soup"), ("handle", "sopa")];
        let (_, _, third) = ana.goes_to_the_next(&page, &typed).await;
        let (status, _, _) = ana.goes_to_the_next(&third, &[("contact", "call 617 555 0123")]).await;
        assert_eq!(status, 422, "nothing leads away before the welcome");
        let (_, _, fourth) = ana.goes_to_the_next(&third, &[("contact", "At the blue tent")]).await;
        let (_, _, back) = ana.goes_to_the_next(&fourth, &[("go", "back")]).await;
        assert!(back.contains("value=\"At the blue tent\""), "what was typed is still there: {back}");
        let (status, _, again) =
            ana.goes_to_the_next(&fourth, &[("day", "2026-11-20"), ("from", "18:00"), ("place", "Tent")]).await;
        assert!(status == 422 && again.contains("are over"), "{again}");
        assert!(fourth.contains("name=\"until\"") && fourth.contains("it lasts two hours"), "{fourth}");
        let (status, _, wrong) = ana
            .goes_to_the_next(&fourth, &[("day", "2026-11-26"), ("from", "18:00"), ("until", "late"), ("place", "Tent")])
            .await;
        assert!(status == 422 && wrong.contains("id=\"until-problem\""), "{wrong}");
        let typed = [("day", "2026-11-26"), ("from", "18:00"), ("until", "19:15"), ("often", "week"), ("place", "The blue tent")];
        let (status, place, text) = ana.goes_to_the_next(&fourth, &typed).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/ours/@sopa/share"), "{text}");

        let share = ana.page("/ours/@sopa/share").await;
        assert!(share.contains("<svg") && share.contains(&format!("{}/@sopa", city.origin)), "{share}");
        assert!(share.contains("Every Thursday, 18:00") && share.contains("18:00–19:15"), "{share}");
        assert!(share.contains("The blue tent") && share.contains("waits to be welcomed"), "{share}");
        let nobody = Phone::of(&city);
        let page = nobody.page("/@sopa").await;
        assert!(page.contains("Comité") && page.contains("pan: meeting"), "{page}");
        assert!(page.contains("One person speaks for this group") && !page.contains("<bdi>ana</bdi>"), "{page}");
        assert!(!nobody.page("/groups").await.contains("sopa"));

        // whoever is a stranger welcomes nobody; one who is known does, in one tap
        assert!(!ana.page("/groups/welcome").await.contains("sopa"));
        assert_eq!(ana.send("/groups/welcome", &[("group", "sopa")]).await.status(), 403);
        let mut bo = city.member("bo").await;
        city.advance(13 * DAY);
        assert_eq!(bo.send("/groups/welcome", &[("group", "sopa")]).await.status(), 403, "13 days");
        city.advance(DAY);
        assert!(bo.page("/groups/welcome").await.contains("Comité"));
        let welcomed = bo.send("/groups/welcome", &[("group", "sopa")]).await;
        assert_eq!(welcomed.headers()["location"], "/groups/welcome?done=welcomed");
        assert!(bo.page("/groups/welcome?done=welcomed").await.contains("The group is welcomed."));
        // nothing that is kept leads to whoever it was: neither a name nor a role that one alone may hold
        let kept: Vec<(String, Option<String>, Option<String>)> = city
            .app
            .db
            .read(|conn| {
                use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
                use plaza::db::schema::deeds;
                let all = deeds::table.filter(deeds::kind.eq("welcomed"));
                Ok(all.select((deeds::role, deeds::member, deeds::about)).load(conn)?)
            })
            .await
            .unwrap();
        assert_eq!(kept, [("unsaid".to_owned(), None, None)]);
        city.advance(5 * DAY);
        let counted = nobody.page("/about/powers").await;
        assert!(counted.contains("A group was welcomed") && counted.contains("whose it was is not kept"), "{counted}");
        assert!(nobody.page("/groups").await.contains("sopa"));
        city.document("/ap/groups/sopa").await;
        assert!(city.known("ana").await.welcomed.is_some(), "ana is no stranger from today on");
    });
}

#[test]
fn whoever_is_known_starts_groups_that_need_no_welcome_but_for_names_of_trust() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.member("ana").await;
        city.advance(14 * DAY);
        for (handle, waits) in [("kitchen", false), ("legal2", true)] {
            let typed = [("step", "4"), ("name", "A group"), ("mission", "Help"), ("handle", handle)];
            let answer = ana.send("/start", &typed).await;
            assert_eq!(answer.status(), 303, "{handle}");
            assert_eq!(city.get(&format!("/ap/groups/{handle}"), "application/activity+json").await.status() == 404, waits);
        }
        assert_eq!(ana.send("/groups/welcome", &[("group", "legal2")]).await.status(), 403);
        let mut cy = city.caretaker("cy").await;
        assert_eq!(cy.send("/groups/welcome", &[("group", "legal2")]).await.status(), 303);
        city.document("/ap/groups/legal2").await;
    });
}

#[test]
fn the_name_of_a_group_that_nobody_heard_of_is_free_again_and_nothing_of_it_stays() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cy = city.caretaker("cy").await;
        let mut troll = city.newcomer("troll").await;
        let typed = [("step", "4"), ("name", "Buy"), ("mission", "Bargains"), ("handle", "housing")];
        let meeting = [("day", "2026-12-01"), ("from", "18:00"), ("place", "The tent"), ("often", "week")];
        let all = [&typed[..], &meeting[..]].concat();
        assert_eq!(troll.send("/start", &all).await.status(), 303);
        let news = [("text", "Come and buy"), ("language", "en"), ("do", "later")];
        assert_eq!(troll.send("/ours/@housing/news/new", &news).await.status(), 303);
        let end = [("group", "housing"), ("sure", "yes"), ("reason", "spam")];
        assert_eq!(cy.send("/care/groups/end", &end).await.status(), 303);
        assert_eq!(city.get("/@housing", "text/html").await.status(), 404);
        let mut ana = city.newcomer("ana").await;
        let hers = [("step", "4"), ("name", "Housing"), ("mission", "Roofs"), ("handle", "housing")];
        assert_eq!(ana.send("/start", &hers).await.status(), 303, "somebody else takes the name");
        assert_eq!(troll.get("/ours/@housing").await.status(), 403);
        let desk = ana.page("/ours/@housing").await;
        assert!(!desk.contains("Sale") && !desk.contains("Come and buy") && !desk.contains("The tent"), "{desk}");
        assert_eq!(cy.send("/groups/welcome", &[("group", "housing")]).await.status(), 303);
        // what was heard of once keeps its name, also when its welcome was taken back
        city.document("/ap/groups/housing").await;
        let back = [("group", "housing"), ("sure", "yes")];
        assert_eq!(cy.send("/care/groups/unwelcome", &back).await.status(), 303);
        city.advance(std::time::Duration::from_secs(60));
        assert_eq!(cy.send("/care/groups/end", &end).await.status(), 303);
        let mut ben = city.newcomer("ben").await;
        assert_eq!(ben.send("/start", &hers).await.status(), 422, "the name stays theirs");
    });
}

#[test]
fn names_of_others_are_not_taken_and_nobody_piles_up_groups() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.newcomer("ana").await;
        for taken in ["kitchen", "admin", "Ñ", "_x"] {
            let typed = [("step", "2"), ("name", "A group"), ("mission", "Help"), ("handle", taken)];
            let answer = ana.send("/start", &typed).await;
            assert_eq!(answer.status(), 422, "{taken}");
            assert!(answer.text().await.unwrap().contains("id=\"handle-problem\""), "{taken}");
        }
        for number in 0..4 {
            let handle = format!("soup{number}");
            let typed = [("step", "4"), ("name", "Soup"), ("mission", "Help"), ("handle", handle.as_str())];
            assert_eq!(ana.send("/start", &typed).await.status(), if number < 3 { 303 } else { 422 });
        }
        let waiting = city.app.db.read(|conn| Ok(groups::store::waiting(conn)?.len())).await.unwrap();
        assert_eq!(waiting, 3);
        // told before anything is typed
        let page = ana.page("/start").await;
        assert!(page.contains("Three of your groups wait") && !page.contains("name=\"name\""), "{page}");
        assert_eq!(ana.send("/start", &[("step", "1"), ("name", "Soup")]).await.status(), 422);
    });
}
