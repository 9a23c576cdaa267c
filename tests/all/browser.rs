//! Every page in a real browser: whether it can be read, touched and walked through by whoever comes, and stays at home.
//! Where `PLAZA_SCREENSHOTS` names a folder, a picture of each page is left there.

mod care;
mod chromium;
mod entry;
mod group;
mod living;
mod places;
mod rhythm;
mod sisters;
mod square;
mod taps;
mod waking;

use std::{collections::BTreeSet, future::Future, io::Write, path::Path};

use chromium::{Browser, DESK, ENTER, PHONE, SHIFT, Size, TAB};
use plaza::meetings::meeting::Kind;
use serde_json::{Value, json};
use square::{Page, Square};

use crate::phone::Phone;

const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

const COLOURS: &str = include_str!("browser/colours.js");
const EXAMINE: &str = include_str!("browser/examine.js");
const FOCUS: &str = include_str!("browser/focus.js");
/// What stands on the page, without the button that scripts put beside a text to be copied.
const TEXT: &str = "document.querySelectorAll('.copier').forEach(line => line.remove()); return document.body.innerText";

/// Not through `eprintln`, which is kept back for tests that pass.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a test with a browser, whose reader has these languages. Without a browser nothing is tested, which is said,
/// and is a failure where everything must be checked.
fn in_a_browser<F: Future<Output = ()>>(languages: &'static str, test: impl FnOnce(Browser) -> F) {
    let Some(driver) = chromium::driver() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no chromedriver, and nothing may be skipped here");
        return say("SKIPPED in a browser: there is no chromedriver (apt-get install chromium chromium-driver)");
    };
    actix_web::rt::System::new().block_on(async { test(Browser::open(driver, languages).await).await });
}

async fn examine(browser: &Browser, size: Size, language: &str) -> Vec<String> {
    let faults = browser.run(&format!("{COLOURS}{EXAMINE}"), json!([size.width, language])).await;
    serde_json::from_value(faults).expect("a list of faults")
}

/// What the console says beyond the status of a page that is meant to fail.
async fn complaints(browser: &Browser, page: &Page, address: &str) -> Vec<String> {
    let meant = format!("{address} - Failed to load resource: the server responded with a status of {}", page.status);
    let console = browser.console().await;
    console.into_iter().filter(|line| page.status == 200 || !line.contains(&meant)).collect()
}

/// From now on the browser is this person's.
async fn sign_in(browser: &Browser, phone: &Phone) {
    let secret = phone.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("a cookie").1;
    let cookie = json!({ "name": "plaza", "value": secret, "url": phone.origin, "httpOnly": true });
    browser.devtools("Network.setCookie", cookie).await;
}

async fn keep_picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("PLAZA_SCREENSHOTS") {
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), browser.picture().await).expect("a picture kept");
    }
}

#[test]
fn every_page_is_sound_on_a_phone_and_a_desk_by_day_and_night() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        let mut faults = Vec::new();
        for (place, size) in [("phone", PHONE), ("desk", DESK)] {
            browser.resize(size).await;
            for page in &square.pages {
                let address = square.address(page);
                browser.go(&address).await;
                for scheme in ["light", "dark"] {
                    browser.prefer(scheme).await;
                    let name = format!("{}-{place}-{scheme}", page.name);
                    faults.extend(examine(&browser, size, "en").await.into_iter().map(|fault| format!("{name}: {fault}")));
                    keep_picture(&browser, &name).await;
                }
                faults.extend(complaints(&browser, page, &address).await);
                let requests = browser.requests().await;
                assert!(requests.contains(&address) && requests.iter().any(|url| url.contains("/style/")), "{requests:?}");
                let strange = requests.iter().filter(|url| !url.starts_with(&format!("{}/", square.city.origin)));
                faults.extend(strange.map(|url| format!("{}: asks for {url}", page.name)));
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    });
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    in_a_browser("en", |browser| async move {
        browser.resize(PHONE).await;
        let html = include_str!("browser/faulty.html");
        let show = "document.body.innerHTML = arguments[0];
            return Promise.allSettled([...document.images].map(image => image.decode())).then(() => null)";
        browser.run(show, json!([html])).await;
        let faults = examine(&browser, PHONE, "en").await;
        let kinds: BTreeSet<&str> = faults.iter().filter_map(|fault| fault.split(": ").next()).collect();
        let all = [
            "contrast",
            "direction",
            "footer",
            "h1",
            "heading level skipped",
            "heading without text",
            "id twice",
            "language",
            "link without address",
            "link without text",
            "not in the window",
            "picture not shown",
            "picture without alt",
            "script",
            "text on a picture",
            "title",
            "too low to be touched",
            "wider than the window",
        ];
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all, "{faults:#?}");
        assert_eq!(faults.iter().filter(|fault| fault.starts_with("contrast")).count(), 2, "{faults:#?}");
    });
}

#[test]
fn without_scripts_the_same_is_there() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        let mut with_scripts = Vec::new();
        for off in [false, true] {
            browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": off })).await;
            browser.go("data:text/html,<title>off</title><script>document.title='on'</script>").await;
            assert_eq!(browser.run("return document.title", json!([])).await, if off { "off" } else { "on" });
            for (number, page) in square.pages.iter().enumerate() {
                browser.go(&square.address(page)).await;
                let text = browser.run(TEXT, json!([])).await;
                if off {
                    assert_eq!(text, with_scripts[number], "{}", page.name);
                } else {
                    assert!(text.as_str().is_some_and(|text| text.contains("Riverside")), "{text}");
                    with_scripts.push(text);
                }
            }
        }
    });
}

async fn focus(browser: &Browser) -> Value {
    browser.run(&format!("{COLOURS}{FOCUS}"), json!([])).await
}

/// The address after a key was pressed, when it is no longer this one.
async fn address_after(browser: &Browser, before: &str) -> String {
    for _ in 0..200 {
        let address = browser.address().await;
        if address != before {
            return address;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("still at {before}");
}

#[test]
fn a_keyboard_is_enough() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        for (size, scheme) in [(PHONE, "light"), (DESK, "dark")] {
            browser.resize(size).await;
            browser.prefer(scheme).await;
            for page in &square.pages {
                browser.go(&square.address(page)).await;
                let count = focus(&browser).await["count"].as_i64().expect("a number");
                assert!(count >= 3, "{}: at least the way to the text, home and the languages", page.name);
                for place in 0..count {
                    browser.press(&[TAB]).await;
                    let focus = focus(&browser).await;
                    assert_eq!(focus["place"], place, "{}: {focus}", page.name);
                    assert_eq!(
                        (&focus["hasOutline"], &focus["inWindow"]),
                        (&json!(true), &json!(true)),
                        "{}: {focus}",
                        page.name
                    );
                    assert!(focus["contrast"].as_f64().is_some_and(|ratio| ratio >= 3.0), "{}: {focus}", page.name);
                }
                browser.press(&[SHIFT, TAB]).await;
                assert_eq!(focus(&browser).await["place"], count - 2, "{}: and back", page.name);
            }
        }
        let home = square.address(square.page("home"));
        browser.go(&home).await;
        browser.press(&[TAB]).await;
        browser.press(&[ENTER]).await;
        assert_eq!(address_after(&browser, &home).await, format!("{home}#main"));
        browser.press(&[TAB]).await;
        let first = focus(&browser).await["href"].as_str().expect("a link").to_owned();
        assert!(first.contains("/announcements/"), "the header is passed over: {first}");
        browser.press(&[ENTER]).await;
        assert_eq!(address_after(&browser, &format!("{home}#main")).await, first);
    });
}

#[test]
fn a_reader_of_spanish_is_answered_in_spanish() {
    in_a_browser("es-MX,es", |browser| async move {
        let square = Square::build().await;
        browser.resize(PHONE).await;
        let words = [
            ("home", "Grupos"),
            ("group", "Contacto"),
            ("groups", "Grupos"),
            ("agenda", "Agenda"),
            ("agenda-month", "Mes siguiente"),
            ("meeting", "Cuándo"),
            ("meeting-cancelled", "cancelada"),
            ("announcement", "Urgente"),
            ("about", "Qué defendemos"),
            ("safety", "Qué no se guarda"),
            ("poster-week", "Agenda"),
            ("poster-group", "Próximas reuniones"),
            ("embed", "Todo en"),
            ("missing", "Aquí no hay nada"),
        ];
        for (name, word) in words {
            let page = square.page(name);
            browser.go(&square.address(page)).await;
            assert_eq!(examine(&browser, PHONE, "es").await, [""; 0], "{name}");
            let text = browser.run(TEXT, json!([])).await;
            assert!(text.as_str().is_some_and(|text| text.contains(word)), "{name}: {text}");
            keep_picture(&browser, &format!("{name}-spanish")).await;
        }
    });
}

#[test]
fn an_empty_city_is_sound_too() {
    in_a_browser("en", |browser| async move {
        let city = crate::city::City::start("sqlite").await;
        browser.resize(PHONE).await;
        browser.go(&city.origin).await;
        assert_eq!(examine(&browser, PHONE, "en").await, [""; 0]);
        keep_picture(&browser, "home-empty").await;
    });
}

/// Paper in millimetres, and what asks for it.
const PAPERS: [(&str, f64, f64); 2] = [("a4", 210.0, 297.0), ("letter", 215.9, 279.4)];

#[test]
fn a_poster_is_one_sheet() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        for number in 0..12 {
            square
                .city
                .meeting("khubz", &format!("A meeting with a long name, so long that it needs two lines, number {number}"))
                .await;
        }
        for (paper, width, height) in PAPERS {
            for path in ["/poster/week", "/poster/week?from=2026-12-01", "/poster/@kitchen", "/poster/@khubz", "/poster/@quiet"] {
                let sign = if path.contains('?') { '&' } else { '?' };
                browser.go(&format!("{}{path}{sign}paper={paper}", square.city.origin)).await;
                let paper_of_the_page = json!({ "preferCSSPageSize": true, "printBackground": false });
                let printed = browser.print(paper_of_the_page).await;
                let text = String::from_utf8_lossy(&printed);
                let pages = text.matches("/Type /Page").count() - text.matches("/Type /Pages").count();
                assert_eq!(pages, 1, "{path} on {paper}");
                let (_, size) = text.split_once("/MediaBox [0 0 ").expect("the size of a page");
                let points: Vec<f64> = size.split([' ', ']']).take(2).map(|number| number.parse().expect("points")).collect();
                for (points, millimetres) in points.iter().zip([width, height]) {
                    assert!((points / 72.0 * 25.4 - millimetres).abs() < 1.0, "{points} for {millimetres} on {paper}");
                }
                let cut = "const sheet = document.querySelector('.sheet');
                    return sheet.scrollHeight > sheet.clientHeight + 1 || sheet.scrollWidth > sheet.clientWidth + 1";
                browser.resize(DESK).await;
                assert_eq!(browser.run(cut, json!([])).await, false, "{path} on {paper}: something stands outside the sheet");
            }
        }
    });
}

#[test]
fn the_wall_fits_its_screen() {
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        let wall = format!("{}/wall", square.city.origin);
        // a week later there is more on today than fits
        for (name, days) in [("empty", 0), ("full", 7)] {
            square.city.advance(std::time::Duration::from_secs(days * 86_400));
            for _ in 0..days {
                square.city.meeting("kitchen", "Cooking together, and planning what is to be cooked in December and later").await;
            }
            for (width, height) in [(1280, 720), (1920, 1080), (1024, 768), (1080, 1920)] {
                browser.resize(Size { width, height, is_phone: false }).await;
                browser.go(&wall).await;
                assert_eq!(examine(&browser, Size { width, height, is_phone: false }, "en").await, [""; 0], "{name} {width}");
                let high = browser.run("return document.documentElement.scrollHeight", json!([])).await;
                assert!(high.as_i64().is_some_and(|high| high <= i64::from(height)), "{name} {width}: {high}");
                keep_picture(&browser, &format!("wall-{name}-{width}")).await;
            }
            browser.resize(PHONE).await;
            browser.go(&wall).await;
            assert_eq!(examine(&browser, PHONE, "en").await, [""; 0], "{name} on a phone");
            keep_picture(&browser, &format!("wall-{name}-phone")).await;
        }
    });
}

/// `PLAZA_AXE` names the file `axe.min.js` of the package `axe-core`.
#[test]
fn axe_finds_nothing() {
    let Some(axe) = std::env::var_os("PLAZA_AXE") else {
        return say("SKIPPED axe-core: PLAZA_AXE names no file");
    };
    let axe = std::fs::read_to_string(axe).expect("axe");
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        browser.resize(PHONE).await;
        for page in &square.pages {
            browser.go(&square.address(page)).await;
            for scheme in ["light", "dark"] {
                browser.prefer(scheme).await;
                assert_eq!(axe_finds(&browser, &axe).await, json!([]), "{} {scheme}", page.name);
            }
        }
    });
}

/// What axe-core finds wrong with the page as it is shown.
async fn axe_finds(browser: &Browser, axe: &str) -> Value {
    browser.run(&format!("if (!window.axe) {{ {axe}; window.axe = axe }}"), json!([])).await;
    let check = "const done = arguments[0];
        const said = violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' ')}`;
        axe.run().then(outcome => done({ passed: outcome.passes.length, found: outcome.violations.map(said) }))";
    let outcome = browser.run_until_called(check, json!([])).await;
    assert!(outcome["passed"].as_u64().is_some_and(|rules| rules > 10), "{outcome}");
    outcome["found"].clone()
}

/// A draft of the kitchen, with much in it.
async fn begun(city: &crate::city::City) -> uuid::Uuid {
    use plaza::desk::{draft::Draft, draft::News, draft::Typed, store};
    let here = city.app.here();
    let group = city.app.db.read(|conn| Ok(plaza::groups::store::by_handle(conn, "kitchen")?)).await.expect("reading");
    let news = News {
        title: "Soup tonight".into(),
        text: "We need **pots**, *large* ones.\n\n- rice\n- beans #food".into(),
        language: "en".into(),
        urgent: true,
        ..News::default()
    };
    let blank = Draft::blank(&group.expect("a group"), Typed::News(news));
    let draft = Draft { revision: 1, touched: here.now.day(), ..blank };
    let new = draft.clone();
    city.app.db.write(move |conn| Ok(store::save(conn, &new)?)).await.expect("a draft");
    draft.id
}

/// Every page that is registered for some or with a form, as somebody sees it who speaks for a group and looks after the place.
#[test]
fn what_members_see_is_as_sound_as_what_everybody_sees() {
    let axe = std::env::var_os("PLAZA_AXE").map(|axe| std::fs::read_to_string(axe).expect("axe"));
    in_a_browser("en", |browser| async move {
        let square = Square::build().await;
        let meeting = square.page("meeting").path.trim_start_matches("/meetings/").to_owned();
        let phone = square.city.organizer("ana_de_los_rios", "kitchen").await;
        let mut member = phone.member.clone().expect("signed in");
        member.caretaker = true;
        member.name = "Ana de los Ríos y de la Plaza Mayor".into();
        square.city.app.db.write(move |conn| Ok(plaza::members::store::save(conn, &member)?)).await.expect("saved");
        let secret = phone.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("a cookie").1;
        let cookie = json!({ "name": "plaza", "value": secret, "url": square.city.origin, "httpOnly": true });
        let said = Phone::of(&square.city).send(&format!("/meetings/{meeting}/coming"), &[("answer", "maybe")]).await;
        let mine = said.headers()["location"].to_str().expect("an address").rsplit('/').next().expect("a secret").to_owned();
        let (note, draft) = (square.city.announce("kitchen", "Bring a **spoon**").await, begun(&square.city).await);
        let look = crate::imports::looked_through(&square.city).await;
        let (assembly, hours) = (square.city.held("kitchen", "Assembly", Kind::Assembly, 3 * HOUR).await, 5 * HOUR);
        let notes = square.city.note(&assembly, "## Decisions\n\n- We **cook** at six #food").await;
        let unwritten = square.city.held("kitchen", "Planning", Kind::Meeting, hours).await;
        let mut faults = Vec::new();
        let mut seen = 0;
        for (path, listed) in plaza::web::address::addresses() {
            use plaza::web::address::Access;
            let is_public = matches!(listed.access, Access::Anyone | Access::Nameless);
            // files are no pages
            if !listed.shows || (is_public && !listed.takes) || path.ends_with(".csv") {
                continue;
            }
            let path = path.replace("{handle}", "kitchen").replace("/minutes/{id}", &format!("/minutes/{}", notes.id));
            let path = path.replace("/meetings/{id}/notes", &format!("/meetings/{}/notes", unwritten.id));
            let path = path.replace("/meetings/{id}", &format!("/meetings/{meeting}"));
            let path =
                path.replace("/news/{id}", &format!("/news/{}", note.id)).replace("/drafts/{id}", &format!("/drafts/{draft}"));
            let path = path
                .replace("/import/{id}", &format!("/import/{look}"))
                .replace("/coming/{id}", &format!("/coming/{meeting}"))
                .replace("/coming/{secret}", &format!("/coming/{mine}"));
            for (place, size, language) in [("phone", PHONE, "en"), ("desk", DESK, "en"), ("phone-es", PHONE, "es")] {
                browser.resize(size).await;
                if is_public {
                    browser.devtools("Network.clearBrowserCookies", json!({})).await;
                } else {
                    browser.devtools("Network.setCookie", cookie.clone()).await;
                }
                let name = format!("member{}-{place}", path.replace(['/', '@', '{', '}', '.'], "_"));
                browser.go(&format!("{}{path}?lang={language}", square.city.origin)).await;
                seen += 1;
                for scheme in ["light", "dark"] {
                    browser.prefer(scheme).await;
                    faults.extend(examine(&browser, size, language).await.into_iter().map(|fault| format!("{name}: {fault}")));
                    // what it looks at is the same at a desk and in another language
                    if let Some(axe) = axe.as_ref().filter(|_| place == "phone") {
                        let found = axe_finds(&browser, axe).await;
                        faults.extend(found.as_array().into_iter().flatten().map(|fault| format!("{name} {scheme}: {fault}")));
                    }
                    keep_picture(&browser, &format!("{name}-{scheme}")).await;
                }
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(seen >= 15, "{seen}");
    });
}
