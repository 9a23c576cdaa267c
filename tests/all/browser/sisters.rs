//! What cities hear of each other, and where that is decided, on a telephone and a desk and in both languages.

use plaza::sisters::{actions, sister::Policy};
use serde_json::json;

use super::{
    chromium::{Browser, DESK, PHONE},
    examine, in_a_browser, keep_picture, sign_in,
};
use crate::{
    city::City,
    joint::{find, invite, talk},
};

async fn look(browser: &Browser, city: &City, path: &str, name: &str, language: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, size) in [("phone", PHONE), ("desk", DESK)] {
        browser.resize(size).await;
        browser.go(&format!("{}{path}", city.origin)).await;
        let found = examine(browser, size, language).await;
        faults.extend(found.into_iter().map(|fault| format!("{name}-{place}-{language}: {fault}")));
        keep_picture(browser, &format!("sisters-{name}-{place}-{language}")).await;
    }
    faults
}

#[test]
fn what_cities_hear_of_each_other_can_be_read_and_decided() {
    for language in ["en", "es"] {
        in_a_browser(language, |browser| async move {
            let (city, other) = (City::start("sqlite").await, City::start("sqlite").await);
            city.group("kitchen").await;
            city.group("trees").await;
            other.group("cocina").await;
            city.hears("kitchen", &other, "cocina").await;
            city.hears("trees", &other, "cocina").await;
            let actor = format!("{}/ap/groups/cocina", other.origin);
            city.app.act(move |conn, _| actions::choose(conn, "kitchen", &actor, Policy::Ask)).await.expect("chosen");
            other.announce("cocina", "Mañana cocinamos para todo el barrio. #comida").await;
            let theirs = other.meeting("cocina", "Cocina abierta").await;
            talk(&[&city, &other]).await;
            // one meeting that both call, and one about which the other one is asked
            let [ours, asked] = [city.meeting("kitchen", "Long table").await, city.meeting("kitchen", "March").await];
            for meeting in [&ours, &asked] {
                invite(&city, meeting, find(&city, &other, "cocina").await).await;
            }
            talk(&[&city, &other]).await;
            let mut bea = other.organizer("bea", "cocina").await;
            let event = format!("{}/ap/events/{}", city.origin, ours.id);
            let accepted = bea.send("/ours/@cocina/together/answer", &[("event", &event), ("do", "accept")]).await;
            assert_eq!(accepted.status(), 303);
            talk(&[&city, &other]).await;

            let mut faults = Vec::new();
            for (path, name) in [("/elsewhere", "elsewhere"), ("/@kitchen", "group"), ("/meetings", "agenda")] {
                faults.extend(look(&browser, &city, path, name, language).await);
                let shown = browser.run(super::TEXT, json!([])).await.to_string();
                assert!(shown.contains(&theirs.title), "{name}: {shown}");
            }
            faults.extend(look(&browser, &city, &format!("/meetings/{}", ours.id), "joint", language).await);
            let (cy, ana) = (city.caretaker("cy").await, city.organizer("ana", "kitchen").await);
            sign_in(&browser, &cy).await;
            faults.extend(look(&browser, &city, "/care/sisters", "care", language).await);
            sign_in(&browser, &ana).await;
            for page in ["sisters", "together", "moving", "waiting"] {
                faults.extend(look(&browser, &city, &format!("/ours/@kitchen/{page}"), page, language).await);
            }
            sign_in(&browser, &bea).await;
            faults.extend(look(&browser, &other, "/ours/@cocina/together", "asked", language).await);
            assert!(faults.is_empty(), "{faults:#?}");
        });
    }
}
