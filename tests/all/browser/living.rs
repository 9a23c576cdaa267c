//! Groups that meet, are quiet, sleep and ended, and what sounds like a new one, in a real browser.

use std::time::Duration;

use plaza::{groups, people};
use serde_json::json;

use super::{
    chromium::{Browser, DESK, PHONE},
    examine, in_a_browser, keep_picture, sign_in,
};
use crate::city::City;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Looks at a page on a phone and a desk, by day and night.
async fn look(browser: &Browser, city: &City, path: &str, name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, size) in [("phone", PHONE), ("desk", DESK)] {
        browser.resize(size).await;
        browser.go(&format!("{}{path}", city.origin)).await;
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            let language = if path.contains("lang=es") { "es" } else { "en" };
            let found = examine(browser, size, language).await;
            faults.extend(found.into_iter().map(|fault| format!("{name}-{place}-{scheme}: {fault}")));
            keep_picture(browser, &format!("living-{name}-{place}-{scheme}")).await;
        }
    }
    faults
}

#[test]
fn groups_of_every_liveness_are_sound_and_so_is_what_sounds_like_a_new_one() {
    in_a_browser("en", |browser| async move {
        let city = City::start("sqlite").await;
        for handle in ["library", "choir", "finished"] {
            city.group(handle).await;
        }
        let mut ana = city.organizer("ana", "finished").await;
        ana.send("/ours/@finished/people/end", &[("words", ""), ("sure", "yes")]).await;
        city.meeting("choir", "Rehearsal").await;
        city.advance(40 * DAY);
        city.app.act(people::ending::settle).await.expect("settled");
        city.group("garden").await;
        city.announce("garden", "We look for spades").await;
        city.advance(28 * DAY);
        city.group("workshop").await;
        for handle in ["kitchen", "free_kitchen"] {
            city.group(handle).await;
            city.meeting_in(handle, "Cooking together", 2 * DAY).await;
        }
        let edited = city.app.act(|conn, here| {
            groups::actions::edit(conn, here, "free_kitchen", &|group| {
                group.name = "خبز للجميع kitchen".into();
                group.language = "ar".into();
            })
        });
        edited.await.expect("edited");
        let mut faults = Vec::new();
        for (path, name) in [
            ("/groups", "groups"),
            ("/groups?lang=es", "groups-es"),
            ("/@kitchen", "meets"),
            ("/@garden", "quiet"),
            ("/@workshop", "new"),
            ("/@library", "asleep"),
            ("/@choir?lang=es", "asleep-es"),
        ] {
            faults.extend(look(&browser, &city, path, name).await);
        }
        let ana = city.sign_in(ana.member.clone().expect("a member")).await;
        sign_in(&browser, &ana).await;
        browser.resize(PHONE).await;
        browser.prefer("light").await;
        browser.go(&format!("{}/start", city.origin)).await;
        let typed = "document.querySelector('[name=name]').value = 'Kitchens'; document.querySelector('form.form').submit()";
        browser.run(typed, json!([])).await;
        let there = "return document.readyState === 'complete' && !!document.getElementById('alike')";
        for _ in 0..300 {
            if browser.run(there, json!([])).await == json!(true) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        faults.extend(examine(&browser, PHONE, "en").await);
        keep_picture(&browser, "living-start-alike").await;
        assert_eq!(browser.run(there, json!([])).await, true, "what sounds alike is shown");
        // a series that nobody confirms, as everybody and as its own people see it
        let series = city.weekly("workshop", "Mending bicycles").await;
        city.days_go_by(22).await;
        assert_eq!(city.doubts().await, 1);
        let next = city.of_series(&series, 3).await;
        faults.extend(look(&browser, &city, "/@workshop?lang=es", "unconfirmed-es").await);
        faults.extend(look(&browser, &city, &format!("/meetings/{}?lang=es", next.id), "meeting-unconfirmed-es").await);
        let bo = city.organizer("bo", "workshop").await;
        sign_in(&browser, &bo).await;
        faults.extend(look(&browser, &city, "/ours/@workshop", "desk-met").await);
        faults.extend(look(&browser, &city, "/ours/@workshop/waiting?lang=es", "waiting-met-es").await);
        assert!(faults.is_empty(), "{faults:#?}");
    });
}
