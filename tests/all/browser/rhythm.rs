//! How often a group meets: chosen on the desk with the keyboard alone, and what everybody sees of it.

use serde_json::json;

use super::{
    chromium::{Browser, DESK, Size},
    examine, in_a_browser, keep_picture, sign_in,
};
use crate::{browser::chromium::PHONE, city::City, desk::hidden};

const FIELDS: [(&str, &str); 12] = [
    ("title", "Cooking for everybody"),
    ("kind", "meeting"),
    ("day", "2026-12-01"),
    ("from", "18:00"),
    ("until", "20:00"),
    ("zone", "America/New_York"),
    ("place", "Under the red sculpture"),
    ("language", "en"),
    ("often", "week"),
    ("on", "TU"),
    ("on", "TH"),
    ("except", "2026-12-24 2026-12-31"),
];

async fn look(browser: &Browser, address: &str, name: &str, size: Size, language: &str) {
    browser.resize(size).await;
    browser.go(address).await;
    assert_eq!(examine(browser, size, language).await, [""; 0], "{name}");
    keep_picture(browser, name).await;
}

async fn meetings(city: &City) -> Vec<plaza::meetings::meeting::Meeting> {
    let now = city.app.clock.now();
    city.app.db.read(move |conn| Ok(plaza::meetings::store::coming_of(conn, now, "kitchen", 100)?)).await.expect("meetings")
}

#[test]
fn every_page_about_what_recurs_is_sound_in_both_languages() {
    for (language, size, sort) in [("en", PHONE, "phone"), ("es", DESK, "desk")] {
        in_a_browser(language, |browser| async move {
            let city = City::start("sqlite").await;
            city.group("kitchen").await;
            let mut ana = city.organizer("ana", "kitchen").await;
            sign_in(&browser, &ana).await;
            browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": language == "es" })).await;
            let address = |path: &str| format!("{}{path}", city.origin);
            let name = |page: &str| format!("rhythm-{page}-{sort}");
            look(&browser, &address("/ours/@kitchen/meetings/new"), &name("new"), size, language).await;
            let typed = [&FIELDS[..], &[("do", "preview")]].concat();
            let to = ana.goes_on("/ours/@kitchen/meetings/new", &typed).await;
            let draft = to.trim_end_matches("#preview").to_owned();
            look(&browser, &address(&draft), &name("draft"), size, language).await;
            look(&browser, &address(&format!("{draft}/send")), &name("confirm"), size, language).await;
            let revision = hidden(&ana.page(&format!("{draft}/send")).await, "revision");
            ana.goes_on(&format!("{draft}/send"), &[("revision", &revision)]).await;
            let all = meetings(&city).await;
            let (first, series) = (all[0].id, all[0].recurrence.expect("one of a series").series);
            let third = all[2].id;
            city.app.act(move |conn, here| plaza::meetings::actions::cancel(conn, here, third)).await.expect("cancelled");
            let pages = [
                ("desk", "/ours/@kitchen".to_owned()),
                ("scope", format!("/ours/@kitchen/meetings/{first}/edit")),
                ("one", format!("/ours/@kitchen/meetings/{first}/edit?scope=one")),
                ("edit", format!("/ours/@kitchen/meetings/{first}/edit?scope=following")),
                ("cancel", format!("/ours/@kitchen/meetings/{first}/cancel")),
                ("dates", format!("/ours/@kitchen/series/{series}/dates")),
                ("end", format!("/ours/@kitchen/series/{series}/end")),
                ("series", format!("/series/{series}")),
                ("meeting", format!("/meetings/{first}")),
                ("group", "/@kitchen".to_owned()),
                ("agenda", "/meetings".to_owned()),
            ];
            for (page, path) in pages {
                look(&browser, &address(&path), &name(page), size, language).await;
            }
        });
    }
}
