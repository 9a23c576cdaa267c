//! What people do without an account, with the keyboard alone and scripts switched off.

use actix_web::HttpResponse;

use super::*;
use crate::strangers::{There, subscribing};

/// Walks to the thing that says this, and presses it.
async fn press_what_says(browser: &Browser, text: &str) {
    for _ in 0..120 {
        browser.press(&[TAB]).await;
        if browser.run("return document.activeElement.textContent.trim()", json!([])).await == text {
            return browser.press(&[ENTER]).await;
        }
    }
    panic!("nothing here says {text:?}");
}

/// Walks to the field of that name.
async fn press_until_named(browser: &Browser, name: &str) {
    for _ in 0..120 {
        browser.press(&[TAB]).await;
        if browser.run("return document.activeElement.name", json!([])).await == name {
            return;
        }
    }
    panic!("there is no field {name:?} on {}", browser.address().await);
}

/// Waits until the page has this heading.
async fn headed(browser: &Browser, heading: &str) {
    let mut last = Value::Null;
    for _ in 0..200 {
        last = browser.run("return document.querySelector('h1')?.textContent", json!([])).await;
        if last == heading {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{last} instead of {heading:?}");
}

#[test]
fn a_keyboard_without_scripts_is_enough_to_say_that_one_comes_and_to_change_it() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        let meeting = square.address(square.page("meeting"));
        browser.go(&meeting).await;
        press_what_says(&browser, "I'm coming").await;
        let mine = address_after(&browser, &meeting).await;
        assert!(mine.starts_with(&format!("{meeting}/coming/")), "{mine}");
        headed(&browser, "You are coming").await;
        press_what_says(&browser, "Maybe").await;
        headed(&browser, "Maybe you are coming").await;
        assert_eq!(browser.address().await, mine);
        // as a bookmark, in a browser that knows nothing else
        browser.devtools("Network.clearBrowserCookies", json!({})).await;
        browser.go(&format!("{mine}?lang=es")).await;
        headed(&browser, "Quizá vengas").await;
        press_what_says(&browser, "No puedo").await;
        headed(&browser, "No puedes venir").await;
        assert_eq!(browser.run("return document.cookie", json!([])).await, "");
        assert_eq!(browser.console().await, Vec::<String>::new());
    });
}

#[test]
fn a_keyboard_without_scripts_is_enough_to_follow_from_ones_own_server() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        let far =
            There::start(|| HttpResponse::Ok().content_type("text/html").body("<title>far</title><h1>Follow here</h1>")).await;
        let there = There::start(subscribing(&format!("http://{}/authorize?uri={{uri}}", far.host))).await;
        plaza::plaza::actions::open(&square.city.app).await.expect("the plaza");
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        for page in ["/@kitchen", "/@plaza", "/"] {
            let before = format!("{}{page}", square.city.origin);
            browser.go(&before).await;
            press_until_named(&browser, "account").await;
            for letter in format!("@ana@{}", there.host).chars() {
                browser.press(&[letter]).await;
            }
            browser.press(&[ENTER]).await;
            let between = address_after(&browser, &before).await;
            assert!(between.ends_with("/follow"), "{between}");
            press_what_says(&browser, &format!("Go on to {}", far.host)).await;
            let arrived = address_after(&browser, &between).await;
            assert!(arrived.starts_with(&format!("http://{}/authorize?uri=http%3A%2F%2F", far.host)), "{arrived}");
            headed(&browser, "Follow here").await;
        }
    });
}
