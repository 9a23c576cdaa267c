//! From an empty browser to a group that says something, invites, hears and answers: with the keyboard alone, without scripts in
//! English, and with them in Spanish.

use plaza::{
    groups,
    replies::{
        self,
        reply::{Reply, State},
    },
    welcome,
};
use serde_json::json;

use super::{
    chromium::{Browser, PHONE},
    entry::{push, text, write},
    examine, in_a_browser, keep_picture,
};
use crate::{city::City, phone::Phone};

/// What buttons and links say.
struct Words {
    language: &'static str,
    go_on: &'static str,
    join: &'static str,
    codes: &'static str,
    noted: &'static str,
    next: &'static str,
    start: &'static str,
    preview: &'static str,
    who_hears: &'static str,
    publish: &'static str,
    put: &'static str,
    look: &'static str,
    through: &'static str,
    answer: &'static str,
    say_it: &'static str,
    invite: &'static str,
    only_now: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    go_on: "Go on",
    join: "Join",
    codes: "Show eight codes",
    noted: "I have written them down",
    next: "Next",
    start: "Start the group",
    preview: "Show how it will look",
    who_hears: "Go on: who will hear it",
    publish: "Publish",
    put: "Put it on the agenda",
    look: "Look at it",
    through: "Let through",
    answer: "Answer",
    say_it: "Answer in public",
    invite: "Make an invitation",
    only_now: "shown only now",
};

const SPANISH: Words = Words {
    language: "es",
    go_on: "Seguir",
    join: "Unirse",
    codes: "Mostrar ocho códigos",
    noted: "Ya los apunté",
    next: "Siguiente",
    start: "Empezar el grupo",
    preview: "Ver cómo quedará",
    who_hears: "Seguir: a quién llegará",
    publish: "Publicar",
    put: "Ponerla en la agenda",
    look: "Mirarlo",
    through: "Dejar pasar",
    answer: "Contestar",
    say_it: "Contestar en público",
    invite: "Crear una invitación",
    only_now: "Solo se muestra ahora",
};

/// Types a day as this browser asks for it: in the order of its own language.
async fn write_day(browser: &Browser, name: &str, [year, month, day]: [&str; 3]) {
    let order = browser.run("return new Intl.DateTimeFormat().formatToParts().map(part => part.type)", json!([])).await;
    let parts = order.as_array().expect("parts").iter().filter_map(|part| match part.as_str()? {
        "year" => Some(year),
        "month" => Some(month),
        "day" => Some(day),
        _ => None,
    });
    // a year may have six digits there, so one goes on to what comes after it
    let typed: String = parts.map(|part| if part == year { format!("{part}\u{E014}") } else { part.to_owned() }).collect();
    write(browser, name, &typed).await;
    let value = browser.run("return document.activeElement.value", json!([])).await;
    assert_eq!(value, format!("{year}-{month}-{day}"), "{typed:?}");
}

async fn write_time(browser: &Browser, name: &str, hour: u32) {
    let half =
        browser.run("return new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12", json!([])).await;
    let typed = if half == true { format!("{:02}00{}", hour - 12, "P") } else { format!("{hour}00") };
    write(browser, name, &typed).await;
    let value = browser.run("return document.activeElement.value", json!([])).await;
    assert_eq!(value, format!("{hour}:00"), "{typed:?}");
}

/// Is the page as sound as every other one?
async fn sound(browser: &Browser, words: &Words, name: &str) {
    assert_eq!(examine(browser, PHONE, words.language).await, [""; 0], "{name}");
    keep_picture(browser, &format!("group-{name}-{}", words.language)).await;
}

/// Somebody on another server answered.
async fn is_answered(city: &City) {
    let note = city
        .app
        .db
        .read(|conn| Ok(plaza::announcements::store::latest(conn, Some("sopa"), 1)?))
        .await
        .expect("reading")
        .remove(0);
    let path = format!("/ap/notes/{}", note.id);
    let here = city.app.here();
    let said = |number: usize| Reply {
        id: here.new_id(),
        uri: format!("https://far.example/notes/{number}"),
        group: "sopa".into(),
        root: path.clone(),
        parent: path.clone(),
        depth: 1,
        actor: format!("https://far.example/users/eva{number}"),
        handle: format!("eva{number}@far.example"),
        host: "far.example".into(),
        content: format!("<p>I bring {number} pots</p>"),
        warning: None,
        language: None,
        url: format!("https://far.example/notes/{number}"),
        pictures: 0,
        attached: vec![],
        kept: vec![],
        state: State::Waiting,
        published: here.now,
        updated: None,
        received: here.now,
    };
    let all = [said(2), said(3)];
    city.app.db.write(move |conn| all.iter().try_for_each(|reply| Ok(replies::store::add(conn, reply)?))).await.expect("replies");
}

async fn joins_and_starts(browser: &Browser, city: &City, words: &Words) {
    browser.go(&format!("{}/join", city.origin)).await;
    write(browser, "name", "Ana de los Ríos").await;
    push(browser, words.go_on).await;
    write(browser, "password", "soup at noon, always").await;
    push(browser, words.join).await;
    push(browser, words.codes).await;
    push(browser, words.noted).await;
    browser.go(&format!("{}/start", city.origin)).await;
    write(browser, "name", "Sopa").await;
    push(browser, words.next).await;
    write(browser, "mission", "Soup for everyone").await;
    push(browser, words.next).await;
    push(browser, words.next).await;
    sound(browser, words, "first-meeting").await;
    write_day(browser, "day", ["2026", "11", "26"]).await;
    write_time(browser, "from", 18).await;
    write(browser, "place", "The blue tent").await;
    push(browser, words.start).await;
    assert!(browser.address().await.contains("/ours/@sopa/share"), "{}", text(browser).await);
    sound(browser, words, "share").await;
}

async fn says_and_invites(browser: &Browser, city: &City, words: &Words) {
    browser.go(&format!("{}/ours/@sopa/news/new", city.origin)).await;
    write(browser, "text", "We cook at six").await;
    push(browser, words.preview).await;
    assert!(text(browser).await.contains("We cook at six"));
    sound(browser, words, "preview").await;
    push(browser, words.who_hears).await;
    sound(browser, words, "who-hears").await;
    push(browser, words.publish).await;
    browser.go(&format!("{}/ours/@sopa/meetings/new", city.origin)).await;
    write(browser, "title", "Cooking together").await;
    write_day(browser, "day", ["2026", "12", "03"]).await;
    write_time(browser, "from", 18).await;
    write_time(browser, "until", 20).await;
    write(browser, "place", "Under the red sculpture").await;
    push(browser, words.who_hears).await;
    push(browser, words.put).await;
    assert!(text(browser).await.contains("Cooking together"), "{}", text(browser).await);
}

async fn hears_and_answers(browser: &Browser, city: &City, words: &Words) {
    is_answered(city).await;
    browser.go(&format!("{}/ours/@sopa", city.origin)).await;
    push(browser, words.look).await;
    sound(browser, words, "waiting").await;
    push(browser, words.through).await;
    push(browser, words.answer).await;
    write(browser, "text", "Thank you").await;
    push(browser, words.say_it).await;
    browser.go(&format!("{}/ours/@sopa/people", city.origin)).await;
    push(browser, words.invite).await;
    let shown = text(browser).await;
    assert!(shown.contains("/invited/") && shown.contains(words.only_now), "{shown}");
    sound(browser, words, "invitation").await;
}

#[test]
fn a_keyboard_is_enough_to_start_a_group_and_speak_for_it_with_and_without_scripts() {
    for (words, languages, scripts) in [(ENGLISH, "en", false), (SPANISH, "es-MX,es", true)] {
        in_a_browser(languages, |browser| async move {
            let city = City::start("sqlite").await;
            browser.resize(PHONE).await;
            browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
            joins_and_starts(&browser, &city, &words).await;
            let welcomed = city.app.act(|conn, here| welcome::actions::welcome(conn, here, "sopa"));
            welcomed.await.expect("welcomed");
            says_and_invites(&browser, &city, &words).await;
            hears_and_answers(&browser, &city, &words).await;
            assert_eq!(browser.console().await, [""; 0]);

            let group = city.app.db.read(|conn| Ok(groups::store::by_handle(conn, "sopa")?)).await.expect("reading");
            assert_eq!(group.map(|group| group.name), Some("Sopa".into()));
            let nobody = Phone::of(&city);
            let page = nobody.page("/@sopa").await;
            for said in ["We cook at six", "Cooking together", "Soup for everyone"] {
                assert!(page.contains(said), "{said}: {page}");
            }
            let note = page.split("href=\"/announcements/").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
            let talk = nobody.page(&format!("/announcements/{note}")).await;
            assert!(talk.contains("I bring 2 pots") && talk.contains("I bring 3 pots") && talk.contains("Thank you"), "{talk}");
        });
    }
}
