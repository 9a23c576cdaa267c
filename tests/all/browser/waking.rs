//! A browser that asks to be woken, and is: with the push service of its makers left out, for they are not ours to ask.

use plaza::notices::{actions::tell_all, push as pushes, store};
use serde_json::{Value, json};

use super::{
    HOUR, axe_finds,
    chromium::{Browser, ENTER, PHONE},
    entry::{push, says, tab_to, text},
    examine, in_a_browser, keep_picture, sign_in,
};
use crate::{
    desk::{kitchen, reply},
    notices::push_server,
};

/// Stands for the makers' service: gives this address, to a script that is running already and has given the one of before back.
const SERVICE: &str = "const endpoint = arguments[0];
    const register = ServiceWorkerContainer.prototype.register;
    let registered, there = arguments[1] ? { unsubscribe: async () => { sessionStorage.back = 'yes'; there = null } } : null;
    ServiceWorkerContainer.prototype.register = async function (...all) { return registered = await register.apply(this, all) };
    PushManager.prototype.getSubscription = async () => there;
    PushManager.prototype.subscribe = async wanted => {
      if (!registered.active || there || !wanted.userVisibleOnly) throw 'too soon';
      return { endpoint };
    };";

/// What is shown to whoever has the telephone in their pocket.
const SHOWN: &str = "const done = arguments[0];
    navigator.serviceWorker.getRegistration('/ours/').then(worker => worker.getNotifications())
      .then(shown => done(shown.map(it => [it.title, it.tag])))";

/// What a script said last, and what before it; 20 seconds pass in 20 ms.
const LISTEN: &str = "const later = window.setTimeout, answer = document.querySelector('[data-push] [role=status]');
    window.setTimeout = (deed, time) => later(deed, time / 1000);
    window.heard = [];
    new MutationObserver(() => heard.push(answer.textContent)).observe(answer, { childList: true });
    PushManager.prototype.subscribe = () => new Promise(() => {})";

async fn is_hidden(browser: &Browser, what: &str) -> Value {
    browser.run("return document.querySelector(arguments[0]).offsetParent === null", json!([what])).await
}

#[test]
fn a_browser_is_woken_in_its_own_language_as_often_as_something_waits() {
    in_a_browser("en", |browser| async move {
        let (city, ana) = kitchen("sqlite").await;
        pushes::make_key(&city.app).await.expect("a key");
        let id = ana.member.as_ref().expect("signed in").id;
        browser.resize(PHONE).await;
        sign_in(&browser, &ana).await;
        let granted = json!({ "origin": city.origin, "permissions": ["notifications"] });
        browser.devtools("Browser.grantPermissions", granted).await;
        let page = format!("{}/ours/notices?lang=es", city.origin);

        // nobody answers: that is said, before and after
        browser.go(&page).await;
        browser.run(LISTEN, json!([])).await;
        tab_to(&browser, "Despertar este navegador").await;
        browser.press(&[ENTER]).await;
        says(&browser, "Este navegador no quiere que lo despierten").await;
        let heard = browser.run("return heard", json!([])).await;
        assert!(heard[0].as_str().is_some_and(|first| first.starts_with("Un momento.")), "{heard}");
        assert_eq!(browser.address().await, page);

        for (number, has_old) in [false, true].into_iter().enumerate() {
            let (endpoint, asked) = push_server(&[201]);
            browser.go(&page).await;
            browser.run(SERVICE, json!([endpoint, has_old])).await;
            push(&browser, "Despertar este navegador").await;
            let after = format!("{}/ours/notices?done=woken&lang=es#push", city.origin);
            assert_eq!(browser.address().await, after, "{}", text(&browser).await);
            assert!(text(&browser).await.contains("Desde ahora se despierta a este navegador"));
            let woken = city.app.db.read(move |conn| Ok(store::endpoints(conn, id)?)).await.expect("reading");
            assert_eq!(woken, [endpoint], "another address of the same browser takes the place of the one before");
            assert_eq!(browser.run("return sessionStorage.back ?? ''", json!([])).await, if has_old { "yes" } else { "" });
            // the browser knows nothing of it, since its makers were left out
            says(&browser, "A este navegador en sí no se le despierta.").await;
            assert_eq!(examine(&browser, PHONE, "es").await, [""; 0]);
            keep_picture(&browser, "waking").await;

            reply(&city, "friend", &format!("a-secret-word{number}")).await;
            city.advance(2 * HOUR);
            assert_eq!(tell_all(&city.app).await.expect("told"), 1);
            asked.join().expect("asked");
            browser.devtools("ServiceWorker.enable", json!({})).await;
            let carried = json!({ "origin": city.origin, "registrationId": "0", "data": "" });
            let mut shown = json!([]);
            for turn in 0..1_000 {
                // one that comes before the browser is ready for it is lost; two are shown as one
                if turn % 50 == 0 {
                    browser.devtools("ServiceWorker.deliverPushMessage", carried.clone()).await;
                }
                shown = browser.run_until_called(SHOWN, json!([])).await;
                if shown != json!([]) {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            assert_eq!(shown, json!([["Algo espera", "waits"]]));
        }
        let leads = "const done = arguments[0]; navigator.serviceWorker.getRegistration('/ours/')
            .then(worker => done(new URL(worker.active.scriptURL).searchParams.get('to')))";
        assert_eq!(browser.run_until_called(leads, json!([])).await, "/ours?lang=es", "in the language of the notification");

        browser.go(&page).await;
        browser.run(&format!("delete sessionStorage.back; {SERVICE}"), json!(["", true])).await;
        push(&browser, "No despertar más a ningún navegador mío").await;
        assert_eq!(browser.run("return sessionStorage.back", json!([])).await, "yes", "the browser gave its address back, too");
        assert!(city.app.db.read(move |conn| Ok(store::endpoints(conn, id)?)).await.expect("reading").is_empty());
        assert_eq!(browser.console().await, [""; 0]);
    });
}

#[test]
fn a_browser_that_cannot_be_woken_says_what_to_do() {
    let axe = std::env::var_os("PLAZA_AXE").map(|axe| std::fs::read_to_string(axe).expect("axe"));
    in_a_browser("en", |browser| async move {
        let (city, ana) = kitchen("sqlite").await;
        pushes::make_key(&city.app).await.expect("a key");
        browser.resize(PHONE).await;
        sign_in(&browser, &ana).await;
        let page = format!("{}/ours/notices", city.origin);
        browser.go(&page).await;
        assert_eq!(
            (is_hidden(&browser, "[data-push]").await, is_hidden(&browser, "[data-unable]").await),
            (false.into(), true.into())
        );
        let like_a_telephone = json!({ "source": "delete window.PushManager" });
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", like_a_telephone).await;
        browser.go(&page).await;
        assert_eq!(
            (is_hidden(&browser, "[data-push]").await, is_hidden(&browser, "[data-unable]").await),
            (true.into(), false.into())
        );
        assert!(text(&browser).await.contains("first add this place to the Home Screen"));
        assert_eq!(examine(&browser, PHONE, "en").await, [""; 0]);
        if let Some(axe) = &axe {
            assert_eq!(axe_finds(&browser, axe).await, json!([]));
        }
        keep_picture(&browser, "waking-unable").await;
        assert_eq!(browser.console().await, [""; 0]);
    });
}
