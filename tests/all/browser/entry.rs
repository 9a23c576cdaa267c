//! From an empty browser to an account and back, with the keyboard alone and without scripts; and with a passkey.

use serde_json::{Value, json};

use super::{address_after, chromium::Browser, examine, in_a_browser, keep_picture, sign_in};
use crate::{
    browser::chromium::{ENTER, PHONE, TAB},
    city::{City, START},
};

const PASSWORD: &str = "soup at noon, always";

/// Where the keyboard is: the name of a field, or the words of a link or button.
const AT: &str = "const at = document.activeElement;
    return at.matches('button') ? at.textContent.trim() : at.name || at.textContent.trim()";

/// Presses Tab until it is there.
pub async fn tab_to(browser: &Browser, name: &str) {
    let mut seen = Vec::new();
    for _ in 0..60 {
        browser.press(&[TAB]).await;
        let at = browser.run(AT, json!([])).await;
        if at == name {
            return;
        }
        seen.push(at);
    }
    panic!("the keyboard does not come to {name}: {seen:?}");
}

pub async fn write(browser: &Browser, name: &str, text: &str) {
    tab_to(browser, name).await;
    browser.press(&text.chars().collect::<Vec<_>>()).await;
}

/// Presses the button, and waits for the page after it.
pub async fn push(browser: &Browser, name: &str) {
    tab_to(browser, name).await;
    enter(browser, name).await;
}

/// Presses Enter where the keyboard is, and waits for the page after it.
async fn enter(browser: &Browser, name: &str) {
    browser.run("document.documentElement.dataset.before = 'yes'", json!([])).await;
    browser.press(&[ENTER]).await;
    let after = "return document.readyState === 'complete' && !document.documentElement.dataset.before";
    for _ in 0..300 {
        if browser.run(after, json!([])).await == Value::Bool(true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing came after {name}");
}

pub async fn text(browser: &Browser) -> String {
    browser.run("return document.body.innerText", json!([])).await.as_str().expect("text").to_owned()
}

/// Waits until the page says so by itself.
pub async fn says(browser: &Browser, sentence: &str) {
    for _ in 0..500 {
        if text(browser).await.contains(sentence) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it does not say {sentence:?}: {}", text(browser).await);
}

#[test]
fn somebody_joins_signs_out_and_comes_back_with_a_keyboard_and_without_scripts() {
    for scripts in [true, false] {
        in_a_browser("en", |browser| async move {
            let city = City::start("sqlite").await;
            browser.resize(PHONE).await;
            browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
            browser.go(&format!("{}/join", city.origin)).await;
            write(&browser, "name", "Ana de los Ríos").await;
            push(&browser, "Go on").await;
            let handle = browser.run("return document.getElementById('handle').value", json!([])).await;
            // always with digits: whether somebody has the bare name is nobody's business
            let handle = handle.as_str().expect("a handle").to_owned();
            let digits = handle.strip_prefix("ana_de_los_rios").unwrap_or_else(|| panic!("{handle}"));
            assert!(!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()), "{handle}");
            assert_eq!(examine(&browser, PHONE, "en").await, [""; 0]);
            keep_picture(&browser, "entry-join").await;
            write(&browser, "password", "short").await;
            push(&browser, "Join").await;
            assert!(text(&browser).await.contains("at least 10 characters"));
            assert_eq!(examine(&browser, PHONE, "en").await, [""; 0]);
            keep_picture(&browser, "entry-join-wrong").await;
            write(&browser, "password", PASSWORD).await;
            push(&browser, "Join").await;
            push(&browser, "Show eight codes").await;
            assert_eq!(examine(&browser, PHONE, "en").await, [""; 0]);
            keep_picture(&browser, "entry-codes").await;
            push(&browser, "I have written them down").await;
            assert!(browser.address().await.ends_with("/ours"));
            push(&browser, "My account").await;
            assert!(browser.address().await.ends_with("/me"));
            push(&browser, "Sign out").await;
            browser.go(&format!("{}/me", city.origin)).await;
            assert!(browser.address().await.ends_with("/sign-in?then=%2Fme"));
            write(&browser, "handle", &handle).await;
            write(&browser, "password", "not this one, no").await;
            push(&browser, "Sign in").await;
            assert!(text(&browser).await.contains("do not belong together"));
            keep_picture(&browser, "entry-sign-in-wrong").await;
            write(&browser, "password", PASSWORD).await;
            push(&browser, "Sign in").await;
            assert!(browser.address().await.ends_with("/me"));
        });
    }
}

/// What the page is called, and in which language it is.
async fn heading(browser: &Browser) -> String {
    let read = "return `${document.documentElement.lang}: ${document.querySelector('h1').innerText} ${document.querySelector('.quiet')?.innerText ?? ''}`";
    browser.run(read, json!([])).await.as_str().expect("text").trim().to_owned()
}

#[test]
fn enter_in_a_field_goes_on_and_keeps_the_language() {
    for scripts in [true, false] {
        in_a_browser("en", |browser| async move {
            let city = City::start("sqlite").await;
            browser.resize(PHONE).await;
            browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
            browser.go(&format!("{}/join?lang=es", city.origin)).await;
            write(&browser, "name", "Ana").await;
            enter(&browser, "name").await;
            write(&browser, "password", PASSWORD).await;
            enter(&browser, "password").await;
            let address = browser.address().await;
            assert!(address.ends_with("/me/codes?done=joined&lang=es"), "{address}");

            browser.go(&format!("{}/start?lang=es", city.origin)).await;
            assert_eq!(heading(&browser).await, "es: Empezar un grupo Página 1 de 4");
            write(&browser, "name", "Ollas").await;
            enter(&browser, "name").await;
            assert_eq!(heading(&browser).await, "es: Empezar un grupo Página 2 de 4");
            write(&browser, "mission", "Lavamos ollas.").await;
            tab_to(&browser, "handle").await;
            enter(&browser, "handle").await;
            assert_eq!(heading(&browser).await, "es: Empezar un grupo Página 3 de 4");
            write(&browser, "contact", "La carpa azul").await;
            enter(&browser, "contact").await;
            assert_eq!(heading(&browser).await, "es: Empezar un grupo Página 4 de 4");
            tab_to(&browser, "place").await;
            enter(&browser, "place").await;
            let address = browser.address().await;
            assert!(address.ends_with("/ours/@ollas/share?lang=es"), "{address}");
        });
    }
}

#[test]
fn whoever_is_locked_out_is_shown_a_way_in() {
    in_a_browser("es", |browser| async move {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        city.organizer("ben", "kitchen").await;
        browser.resize(PHONE).await;
        browser.prefer("dark").await;
        sign_in(&browser, &ana).await;
        for (page, name) in [("phone-taken", "taken"), ("recover", "ask")] {
            browser.go(&format!("{}/ours/@kitchen/people/ben/{page}", city.origin)).await;
            assert_eq!(examine(&browser, PHONE, "es").await, [""; 0]);
            keep_picture(&browser, &format!("entry-way-{name}")).await;
        }
        push(&browser, "Mostrar el código").await;
        assert_eq!(examine(&browser, PHONE, "es").await, [""; 0]);
        keep_picture(&browser, "entry-way-shown").await;
        let link = browser.run("return document.querySelector('.secret').textContent.trim()", json!([])).await;
        browser.devtools("Network.clearBrowserCookies", json!({})).await;
        browser.go(link.as_str().expect("a link")).await;
        assert_eq!(examine(&browser, PHONE, "es").await, [""; 0]);
        keep_picture(&browser, "entry-way-back").await;
        write(&browser, "password", PASSWORD).await;
        push(&browser, "Guardar y seguir").await;
        assert!(browser.address().await.ends_with("/ours?done=recovered"));
    });
}

#[test]
fn a_passkey_signs_in_without_a_password() {
    in_a_browser("en", |browser| async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://localhost:{}", listener.local_addr().expect("bound").port());
        let city = City::called("sqlite", listener, origin.clone(), START).await;
        let ana = city.member("ana").await;
        browser.resize(PHONE).await;
        browser.devtools("WebAuthn.enable", json!({})).await;
        let device = json!({ "options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        } });
        browser.devtools("WebAuthn.addVirtualAuthenticator", device).await;
        sign_in(&browser, &ana).await;
        browser.go(&format!("{origin}/me/passkeys")).await;
        push(&browser, "Add a passkey of this device").await;
        let page = text(&browser).await;
        assert!(page.contains("Added on") && page.contains("The passkey is added."), "{page}");
        tab_to(&browser, "Add a passkey of this device").await;
        browser.press(&[ENTER]).await;
        says(&browser, "This device has a passkey for this place already.").await;
        assert_eq!(text(&browser).await.matches("Added on").count(), 1);
        keep_picture(&browser, "entry-passkeys").await;
        for _ in 0..2 {
            browser.devtools("Network.clearBrowserCookies", json!({})).await;
            let page = format!("{origin}/sign-in?then=%2Fme");
            browser.go(&page).await;
            keep_picture(&browser, "entry-sign-in-passkey").await;
            tab_to(&browser, "Sign in with a passkey").await;
            browser.press(&[ENTER]).await;
            assert_eq!(address_after(&browser, &page).await, format!("{origin}/me"));
        }
        browser.devtools("Network.clearBrowserCookies", json!({})).await;
        let page = format!("{origin}/join");
        browser.go(&page).await;
        write(&browser, "name", "Ben").await;
        push(&browser, "Go on").await;
        keep_picture(&browser, "entry-join-passkey").await;
        push(&browser, "Join with a passkey").await;
        assert_eq!(browser.address().await, format!("{origin}/me/codes?done=joined"), "{}", text(&browser).await);
        browser.go(&format!("{origin}/me")).await;
        assert!(text(&browser).await.contains("You have no password."));
        assert_eq!(browser.console().await, [""; 0]);
    });
}
