//! The pages of those who look after the place, and what waits for a group, on a telephone and in both languages.

use serde_json::json;

use super::{examine, in_a_browser, keep_picture, sign_in};
use crate::{browser::chromium::PHONE, city::City};

#[test]
fn what_caretakers_and_organizers_look_after_can_be_read_and_touched() {
    for language in ["en", "es"] {
        in_a_browser(language, |browser| async move {
            let city = City::start("sqlite").await;
            city.group("kitchen").await;
            city.waiting_group("medics2").await;
            let mut cy = city.caretaker("cy").await;
            let mut ana = city.organizer("ana", "kitchen").await;
            let ben = city.organizer("ben", "kitchen").await;
            city.organizer("cleo", "kitchen").await;
            city.advance(std::time::Duration::from_secs(20 * 24 * 3_600));
            for (path, fields) in [
                ("/care/blocks", [("target", "troll.example"), ("sure", "yes")]),
                ("/care/words", [("word", "go home"), ("sure", "yes")]),
                ("/care/strangers/hold", [("host", "loud.example"), ("sure", "yes")]),
                ("/care/look", [("", ""), ("sure", "yes")]),
            ] {
                assert_eq!(cy.send(path, &fields).await.status(), 303, "{path}");
            }
            let asked = [("member", "cleo"), ("reason", "absent")];
            assert_eq!(ana.send("/ours/@kitchen/people/remove", &asked).await.status(), 303);
            browser.resize(PHONE).await;
            sign_in(&browser, &cy).await;
            for page in ["", "/blocks", "/words", "/blocks/list", "/groups", "/strangers", "/log", "/settings", "/members"] {
                browser.go(&format!("{}/care{page}", city.origin)).await;
                assert_eq!(examine(&browser, PHONE, language).await, [""; 0], "/care{page}");
                keep_picture(&browser, &format!("care{}-{language}", page.replace('/', "-"))).await;
            }
            // the question before a deed that hurts, and what a list would do
            let press = "document.querySelector('form[action*=unwelcome] button').click()";
            browser.go(&format!("{}/care/groups", city.origin)).await;
            browser.run(press, json!([])).await;
            super::address_after(&browser, &format!("{}/care/groups", city.origin)).await;
            assert_eq!(examine(&browser, PHONE, language).await, [""; 0], "the question");
            keep_picture(&browser, &format!("care-sure-{language}")).await;
            let choose = "const list = new DataTransfer();
                list.items.add(new File(['#domain,#severity\\nnew.example,suspend\\nbad.example,silence\\nx***.example,suspend\\n'], 'a.csv'));
                document.getElementById('list').files = list.files;
                document.documentElement.dataset.before = 'yes';
                document.getElementById('list').form.submit()";
            browser.go(&format!("{}/care/blocks/list", city.origin)).await;
            browser.run(choose, json!([])).await;
            let after = "return document.readyState === 'complete' && !document.documentElement.dataset.before";
            while browser.run(after, json!([])).await != json!(true) {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            browser.run("document.querySelectorAll('details').forEach(more => more.open = true)", json!([])).await;
            assert_eq!(examine(&browser, PHONE, language).await, [""; 0], "the preview");
            keep_picture(&browser, &format!("care-list-sure-{language}")).await;

            browser.devtools("Network.clearBrowserCookies", json!({})).await;
            sign_in(&browser, &ben).await;
            for (page, name) in [("/waiting", "waiting"), ("/about", "about")] {
                browser.go(&format!("{}/ours/@kitchen{page}", city.origin)).await;
                assert_eq!(examine(&browser, PHONE, language).await, [""; 0], "{page}");
                keep_picture(&browser, &format!("desk-{name}-{language}")).await;
            }
        });
    }
}
