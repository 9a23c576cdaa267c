//! Notes of meetings: written on the desk or typed as a command, read here and in another city, rolled on, and agreed by.

use std::time::Duration;

use plaza::{
    meetings::{
        self,
        agreement::Agreement,
        meeting::{Kind, Meeting},
    },
    minutes::{
        self,
        record::{Minutes, read_band},
    },
};
use serde_json::Value;

use crate::{
    city::{City, on_each_database},
    commands::Terminal,
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

const TEXT: &str = "## Report-backs

Kitchen: 400 meals.

## Decisions

- We **cook** on Tuesday
- No plastic

## Open items

- who keeps the keys?
- pots #food

## Next meeting
";

async fn edit(city: &City, minutes: &Minutes, text: &str) -> Minutes {
    let (id, text) = (minutes.id, text.to_owned());
    let edited = city.app.act(move |conn, here| minutes::actions::edit(conn, here, id, &|it| it.text.clone_from(&text)));
    edited.await.expect("edited")
}

async fn delete(city: &City, minutes: &Minutes) {
    let id = minutes.id;
    city.app.act(move |conn, here| minutes::actions::delete(conn, here, id)).await.expect("deleted");
}

async fn found(city: &City, meeting: &Meeting) -> Meeting {
    let id = meeting.id;
    city.app.db.read(move |conn| meetings::actions::find(conn, id)).await.expect("the meeting")
}

async fn agenda(city: &City, meeting: &Meeting) -> String {
    found(city, meeting).await.agenda.unwrap_or_default()
}

async fn call_agreed(city: &City, meeting: &Meeting, link: &str) -> Result<Meeting, plaza::error::Error> {
    let (id, link) = (meeting.id, link.to_owned());
    let changed = city.app.act(move |conn, here| {
        let agreed = minutes::agreed::read(conn, here, &link)?;
        meetings::actions::change(conn, here, id, &|meeting| {
            meeting.agreed.clone_from(&agreed);
            Ok(())
        })
    });
    changed.await
}

#[test]
fn notes_have_a_page_that_names_the_next_meeting_whichever_that_is() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let minutes = city.note(&meeting, TEXT).await;
        let path = format!("/minutes/{}", minutes.id);
        let nobody = Phone::of(&city);
        let page = nobody.page(&path).await;
        assert!(page.contains("None is planned yet.") && page.contains("2 decisions"), "{page}");
        assert!(page.contains("<li id=\"decision-1\">We <strong>cook</strong> on Tuesday</li>"), "{page}");
        assert!(!page.contains("<h2>Next meeting</h2>"), "an empty heading is left out: {page}");

        let next = city.meeting("kitchen", "Weekly meeting").await;
        let page = nobody.page(&path).await;
        assert!(page.contains(&format!("/meetings/{}", next.id)) && page.contains("Tuesday 1 December, 18:00"), "{page}");
        let (id, later) = (next.id, next.starts + DAY);
        let moved = city.app.act(move |conn, here| {
            meetings::actions::change(conn, here, id, &|meeting| {
                (meeting.starts, meeting.ends) = (later, later + HOUR);
                Ok(())
            })
        });
        moved.await.expect("moved");
        let page = nobody.page(&path).await;
        assert!(page.contains("Wednesday 2 December, 18:00"), "{page}");
        let plain = nobody.page(&format!("{path}.txt")).await;
        assert!(plain.contains("Next meeting: Wed 2 Dec 2026, 18:00–19:00 EST") && plain.contains("- No plastic"), "{plain}");

        let meetings_page = nobody.page(&format!("/meetings/{}", meeting.id)).await;
        assert!(meetings_page.contains(&path), "{meetings_page}");
        let group = nobody.page("/@kitchen").await;
        assert!(group.contains(&path) && group.contains("/@kitchen/decisions"), "{group}");
        let feed = city.get("/@kitchen.atom", "*/*").await.text().await.unwrap();
        assert!(feed.contains("Notes: Weekly meeting") && feed.contains(&format!("/ap/minutes/{}", minutes.id)), "{feed}");

        delete(&city, &minutes).await;
        assert_eq!(nobody.get(&path).await.status(), 410);
        assert_eq!(nobody.get(&format!("{path}.txt")).await.status(), 410);
        assert!(!nobody.page("/@kitchen").await.contains(&path));
        let feed = city.get("/@kitchen.atom", "*/*").await.text().await.unwrap();
        assert!(!feed.contains("Notes: Weekly meeting"), "{feed}");
        let again = city.note(&meeting, TEXT).await;
        assert_ne!(again.id, minutes.id, "what was deleted can be written anew");
    });
}

#[test]
fn what_a_group_decided_stands_on_one_page_with_its_day_and_a_link_that_lasts() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut all = Vec::new();
        for week in 1..=22 {
            let meeting = city.held("kitchen", "Weekly meeting", Kind::Meeting, week * 7 * DAY).await;
            all.push(city.note(&meeting, &format!("## Decisions\n\n- in week {week} before\n- nothing else")).await);
        }
        let quiet = city.held("kitchen", "Without decisions", Kind::Meeting, DAY).await;
        let silent = city.note(&quiet, "We talked.").await;
        let nobody = Phone::of(&city);
        let page = nobody.page("/@kitchen/decisions").await;
        assert!(page.contains("in week 1 before") && page.contains("in week 20 before") && !page.contains("in week 21 before"));
        assert!(!page.contains(&silent.id.to_string()), "{page}");
        assert!(page.contains("Tuesday 17 November"), "{page}");
        assert!(page.contains(&format!("href=\"/minutes/{}#decision-2\"", all[0].id)));
        let older = page.split("/@kitchen/decisions?after=").nth(1).expect("older ones").split('"').next().unwrap();
        let page = nobody.page(&format!("/@kitchen/decisions?after={older}")).await;
        assert!(page.contains("in week 21 before") && page.contains("in week 22 before") && !page.contains("in week 20 before"));
        assert_eq!(nobody.get("/@nobody/decisions").await.status(), 404);

        let changed = edit(&city, &all[0], "## Decisions\n\n- a new one\n- another one\n- in week 1 before!").await;
        let numbers: Vec<i64> = changed.decisions.iter().map(|decision| decision.number).collect();
        assert_eq!(numbers, [3, 4, 1], "a decision keeps its number");
        let page = nobody.page(&format!("/minutes/{}", changed.id)).await;
        assert!(page.contains("<li id=\"decision-1\">in week 1 before!</li>") && page.contains("Changed"), "{page}");
    });
}

#[test]
fn notes_are_written_once_a_meeting_has_begun_and_only_once() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let past = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let running = city.held("kitchen", "Now", Kind::Meeting, HOUR).await;
        let coming = city.meeting("kitchen", "Weekly meeting").await;
        let called_off = city.meeting("kitchen", "Never").await;
        let id = called_off.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        let (first, _) = (city.note(&past, TEXT).await, city.note(&running, TEXT).await);
        let table = [
            (Minutes { meeting: past.id, ..first.clone() }, "already"),
            (Minutes { meeting: coming.id, ..first.clone() }, "to come"),
            (Minutes { meeting: called_off.id, ..first.clone() }, "cancelled"),
            (Minutes { group: "trees".into(), ..first.clone() }, "no such meeting"),
            (Minutes { text: "## Decisions\n\n-\n".into(), ..first.clone() }, "say something"),
        ];
        for (minutes, why) in table {
            let new = Minutes { id: city.app.here().new_id(), ..minutes };
            let refused = city.app.act(move |conn, here| minutes::actions::publish(conn, here, &new)).await;
            let sentence = refused.expect_err(why).to_string();
            assert!(sentence.contains(why), "{sentence}");
        }
        let id = first.id;
        delete(&city, &first).await;
        let refused = city.app.act(move |conn, here| minutes::actions::delete(conn, here, id)).await;
        assert!(refused.expect_err("deleted once").to_string().contains("deleted"));
    });
}

#[test]
fn another_city_hears_the_article_its_change_and_its_deletion() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        there.group("trees").await;
        there.hears("trees", &here, "kitchen").await;
        let meeting = here.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        here.meeting("kitchen", "Weekly meeting").await;
        here.work().await;
        let minutes = here.note(&meeting, TEXT).await;
        here.work().await;
        let uri = format!("{}/ap/minutes/{}", here.origin, minutes.id);
        let article = |heard: Vec<plaza::sisters::sister::Heard>| heard.into_iter().find(|heard| heard.kind == "Article");
        let heard = article(there.heard("trees").await).expect("the article");
        assert_eq!((heard.uri.as_str(), heard.title.as_deref()), (uri.as_str(), Some("Notes: Weekly meeting")));
        assert!(
            heard.content.contains("<li>No plastic</li>") && heard.content.contains("Next meeting: Tue 1 Dec"),
            "{}",
            heard.content
        );

        let document = here.document(&uri).await;
        assert_eq!(document["type"], "Article");
        assert_eq!(document["context"], format!("{}/ap/events/{}", here.origin, meeting.id));
        assert_eq!((&document["actor"], &document["inReplyTo"]), (&document["attributedTo"], &Value::Null));
        let summary = document["summary"].as_str().expect("a summary");
        assert_eq!(
            summary,
            "Mon 23 Nov 2026 · 2 decisions · Next meeting: Tue 1 Dec 2026, 18:00–20:00 EST · The square, Broadway & Liberty St"
        );
        for collection in ["replies", "likes", "shares"] {
            let id = document[collection]["id"].as_str().expect("an id").to_owned();
            here.document(&id).await;
        }
        let outbox = here.document("/ap/groups/kitchen/outbox?page=1").await;
        assert!(outbox["orderedItems"].as_array().unwrap().iter().any(|item| item["object"]["id"] == uri.as_str()), "{outbox}");
        let opened = here.get(&format!("/ap/minutes/{}", minutes.id), "text/html").await;
        assert_eq!(opened.headers()["location"].to_str().unwrap(), format!("{}/minutes/{}", here.origin, minutes.id));

        here.advance(Duration::from_secs(60));
        edit(&here, &minutes, "## Decisions\n\n- No plastic").await;
        here.work().await;
        let heard = article(there.heard("trees").await).expect("the article");
        assert!(!heard.content.contains("cook") && heard.updated.is_some(), "{}", heard.content);

        delete(&here, &minutes).await;
        let gone = here.get(&format!("/ap/minutes/{}", minutes.id), "application/activity+json").await;
        assert_eq!(gone.status(), 410);
        assert_eq!(gone.json::<Value>().await.unwrap()["formerType"], "Article");
        here.work().await;
        assert!(article(there.heard("trees").await).is_none());
        assert_eq!(here.work().await, 0);
    });
}

#[test]
fn what_stays_open_rolls_onto_the_next_agenda_once() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let past = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let next = city.meeting("kitchen", "Weekly meeting").await;
        let minutes = city.note(&past, TEXT).await;
        let before = "* menu\n* pots #food";
        let block = "## Still open from Monday 23 November 2026\n\n- who keeps the keys?\n- pots #food";
        assert_eq!(agenda(&city, &next).await, format!("{before}\n\n{block}"));

        // said again, nothing doubles; changed, it changes there; what the group wrote itself stays
        edit(&city, &minutes, &format!("Hello.\n\n{TEXT}")).await;
        assert_eq!(agenda(&city, &next).await, format!("{before}\n\n{block}"));
        let minutes = edit(&city, &minutes, "## Open items\n\n- pots #food\n- spoons").await;
        let block = "## Still open from Monday 23 November 2026\n\n- pots #food\n- spoons";
        assert_eq!(agenda(&city, &next).await, format!("{before}\n\n{block}"));

        // that meeting does not take place: they go on to the one after it
        let after = city.held("kitchen", "Later", Kind::Meeting, DAY).await;
        let (id, starts) = (after.id, next.starts + 7 * DAY);
        let moved = city.app.act(move |conn, _| {
            let mut later = meetings::actions::find(conn, id)?;
            (later.starts, later.ends) = (starts, starts + HOUR);
            Ok(meetings::store::save(conn, &later)?)
        });
        moved.await.expect("a later meeting");
        let id = next.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        assert_eq!(agenda(&city, &after).await, format!("{before}\n\n{block}"));

        delete(&city, &minutes).await;
        assert_eq!(agenda(&city, &after).await, before, "what is taken back stands on no agenda");
    });
}

#[test]
fn what_stays_open_is_offered_when_the_next_meeting_is_planned() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let past = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let minutes = city.note(&past, TEXT).await;
        let form = ana.page("/ours/@kitchen/meetings/new").await;
        let block = "## Still open from Monday 23 November 2026\n\n- who keeps the keys?\n- pots #food";
        assert!(form.contains(block), "{form}");
        let typed = [
            ("title", "Weekly meeting"),
            ("kind", "meeting"),
            ("day", "2026-12-01"),
            ("from", "18:00"),
            ("until", "20:00"),
            ("zone", "America/New_York"),
            ("agenda", block),
            ("language", "en"),
            ("do", "next"),
        ];
        let to = goes_on(&mut ana, "/ours/@kitchen/meetings/new", &typed).await;
        let revision = hidden(&ana.page(&to).await, "revision");
        goes_on(&mut ana, &to, &[("revision", &revision)]).await;
        assert!(!ana.page("/ours/@kitchen/meetings/new").await.contains("Still open"), "offered once");
        edit(&city, &minutes, "## Open items\n\n- spoons").await;
        let planned = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 1)?)).await.expect("reading");
        assert_eq!(planned[0].agenda.as_deref(), Some("## Still open from Monday 23 November 2026\n\n- spoons"));
    });
}

#[test]
fn a_meeting_is_called_agreed_by_a_decision_of_an_assembly_and_by_nothing_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("assembly_group").await;
        let assembly = city.held("assembly_group", "General assembly", Kind::Assembly, 7 * DAY).await;
        let decided = city.note(&assembly, "## Decisions\n\n- We march on Tuesday\n- We cook together").await;
        let weekly = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let only_talked = city.note(&weekly, "## Decisions\n\n- We march on Tuesday").await;
        let march = city.meeting("kitchen", "March").await;
        let nobody = Phone::of(&city);
        assert!(!nobody.page(&format!("/meetings/{}", march.id)).await.contains("Agreed"), "nothing is said");

        let link = format!("{}/minutes/{}", city.origin, decided.id);
        for wrong in [
            link.clone(),
            format!("{link}#decision-3"),
            format!("{link}#decision-x"),
            format!("{}/minutes/{}#decision-1", city.origin, only_talked.id),
            format!("{}/minutes/01890000-0000-7000-8000-000000000000#decision-1", city.origin),
            format!("{}/@kitchen", city.origin),
            "/minutes/#decision-1".into(),
        ] {
            let refused = call_agreed(&city, &march, &wrong).await.expect_err(&wrong).to_string();
            assert!(refused.contains("no decision of an assembly"), "{wrong}: {refused}");
        }
        for wrong in ["http://boston.example/notes#1", "javascript:alert(1)", "the assembly", "https://a:b@boston.example/"] {
            let refused = call_agreed(&city, &march, wrong).await.expect_err(wrong).to_string();
            assert!(refused.contains("no address of a decision"), "{wrong}: {refused}");
        }
        assert_eq!(found(&city, &march).await.agreed, None, "a refusal changes nothing");

        call_agreed(&city, &march, &format!("{link}?lang=es#decision-1")).await.expect("agreed");
        let stored = format!("/minutes/{}#decision-1", decided.id);
        let said = "Agreed by the assembly on Tuesday 17 November";
        for page in [format!("/meetings/{}", march.id), "/meetings".into(), "/@kitchen".into()] {
            let page = nobody.page(&page).await;
            assert!(page.contains(said) && page.contains(&format!("href=\"{stored}\"")), "{page}");
        }
        let calendar = city.get(&format!("/meetings/{}.ics", march.id), "*/*").await.text().await.unwrap();
        let calendar = calendar.replace("\r\n ", "");
        assert!(calendar.contains(&format!("{said} 2026")) && calendar.contains(&format!("{link}#decision-1")), "{calendar}");
        let event = city.document(&format!("/ap/events/{}", march.id)).await;
        assert!(event["content"].as_str().unwrap().contains(said), "{event}");

        // the decision is mended, then taken out; the notes are deleted
        edit(&city, &decided, "## Decisions\n\n- We all march on Tuesday\n- We cook together").await;
        assert!(nobody.page(&format!("/meetings/{}", march.id)).await.contains(said));
        edit(&city, &decided, "## Decisions\n\n- We cook together").await;
        assert!(!nobody.page(&format!("/meetings/{}", march.id)).await.contains("Agreed by"));
        let changed = call_agreed(&city, &march, &format!("/minutes/{}#decision-2", decided.id)).await.expect("agreed again");
        assert!(matches!(changed.agreed, Some(Agreement::Here { number: 2, .. })));
        delete(&city, &decided).await;
        assert_eq!(found(&city, &march).await.agreed, None);

        let other = call_agreed(&city, &march, "https://boston.example/notes/7#4").await.expect("agreed elsewhere");
        assert_eq!(other.agreed.map(|agreed| agreed.to_string()).as_deref(), Some("https://boston.example/notes/7#4"));
        let page = nobody.page(&format!("/meetings/{}", march.id)).await;
        assert!(page.contains("Agreed by an assembly of another place") && page.contains("https://boston.example/notes/7#4"));
    });
}

#[test]
fn a_meeting_is_no_longer_agreed_when_the_group_that_decided_ends() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("elders").await;
        let assembly = city.held("elders", "Assembly", Kind::Assembly, 7 * DAY).await;
        let decided = city.note(&assembly, "## Decisions\n\n- We cook together").await;
        let soup = city.meeting("kitchen", "Soup").await;
        call_agreed(&city, &soup, &format!("/minutes/{}#decision-1", decided.id)).await.expect("agreed");
        city.app.act(|conn, here| plaza::groups::actions::close(conn, here, "elders")).await.expect("ended");
        assert_eq!(found(&city, &soup).await.agreed, None);
        let path = format!("/minutes/{}", decided.id);
        assert_eq!(Phone::of(&city).get(&path).await.status(), 410);
        assert_eq!(city.get(&format!("/ap{path}"), "application/activity+json").await.status(), 410);
        assert_eq!(Phone::of(&city).get("/@elders/decisions").await.status(), 410);
    });
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let after = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {page}")).1;
    after.split('"').next().unwrap_or_default().to_owned()
}

/// Sends a form that answers with a page to go to; the address of that page.
async fn goes_on(phone: &mut Phone, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = phone.send(path, fields).await;
    let (status, to) = (answer.status(), answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()));
    to.unwrap_or_else(|| panic!("{path}: {status}"))
}

#[test]
fn notes_are_written_on_the_desk_from_a_template_and_outlive_the_session() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let assembly = city.held("kitchen", "Assembly", Kind::Assembly, DAY).await;
        city.meeting("kitchen", "Weekly meeting").await;
        let desk = ana.page("/ours/@kitchen").await;
        let form = format!("/ours/@kitchen/meetings/{}/notes", assembly.id);
        assert!(desk.contains(&form), "{desk}");
        let page = ana.page(&form).await;
        assert!(page.contains("## Agenda\n\n- menu\n- pots #food\n\n## Report-backs\n\n## Decisions\n\n-"), "{page}");
        assert!(page.contains("Never write down who was there") && page.contains("10 to 19 people"), "{page}");

        let typed = |text: &'static str, present: &'static str| {
            [("text", text), ("present", present), ("language", "en"), ("title", "Something else")]
        };
        let draft =
            goes_on(&mut ana, &form, &[&typed("## Decisions\n\n- soup", "10-19")[..], &[("do", "preview")]].concat()).await;
        let draft = draft.trim_end_matches("#preview").to_owned();
        let page = ana.page(&draft).await;
        assert!(page.contains("<li>soup</li>") && page.contains("Notes: Assembly"), "{page}");
        assert!(city.get(&format!("/meetings/{}", assembly.id), "text/html").await.text().await.unwrap().contains("Assembly"));
        ana.send("/sign-out", &[]).await;
        let mut ana = city.sign_in(ana.member.clone().unwrap()).await;
        assert_eq!(ana.get(&form).await.headers()["location"], draft.as_str(), "the draft is there still");
        // the headings are the group's, and the page says so in the reader's language; days are words
        let spanish = ana.page(&format!("{draft}?lang=es")).await;
        assert!(
            spanish.contains("la lengua en la que el grupo publica esta acta: English")
                && spanish.contains("de noviembre de 2026")
        );
        assert!(!spanish.contains("· 2026-") && !page.contains("Headings are in"), "{spanish}");

        let revision = hidden(&page, "revision");
        let wrong = [&typed("## Decisions\n\n-", "Ana, Ben")[..], &[("do", "next"), ("revision", &revision)]].concat();
        let refused = ana.send(&draft, &wrong).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        assert!(page.contains("#present") && page.contains("#text") && page.contains("Choose about how many"), "{page}");
        let revision = hidden(&page, "revision");
        let right = [&typed(TEXT, "10-19")[..], &[("do", "next"), ("revision", &revision)]].concat();
        let to = goes_on(&mut ana, &draft, &right).await;
        let page = ana.page(&to).await;
        assert!(page.contains("Publish these notes?") && page.contains("goes onto the agenda of the next meeting"), "{page}");
        let revision = hidden(&page, "revision");
        assert_eq!(goes_on(&mut ana, &to, &[("revision", &revision)]).await, "/ours/@kitchen?done=minutes");
        let id = assembly.id;
        let minutes = city.app.db.read(move |conn| Ok(minutes::store::of_meeting(conn, id)?)).await.unwrap().expect("notes");
        assert_eq!((minutes.present, minutes.decisions.len()), (read_band("10-19").unwrap(), 2));
        let desk = ana.page("/ours/@kitchen").await;
        let edit = format!("/ours/@kitchen/minutes/{}/edit", minutes.id);
        assert!(desk.contains(&edit) && !desk.contains(&form) && desk.contains("Change the notes"), "{desk}");
        assert_eq!(ana.get(&form).await.headers()["location"], edit.as_str(), "what is there is changed");
        assert!(ana.page("/ours/@kitchen/minutes").await.contains(&edit));

        let to = goes_on(&mut ana, &edit, &[&typed("## Decisions\n\n- No plastic", "")[..], &[("do", "next")]].concat()).await;
        let revision = hidden(&ana.page(&to).await, "revision");
        goes_on(&mut ana, &to, &[("revision", &revision)]).await;
        let page = Phone::of(&city).page(&format!("/minutes/{}", minutes.id)).await;
        assert!(page.contains("1 decision") && page.contains("<li id=\"decision-2\">No plastic</li>"), "{page}");

        // the meeting is called agreed on its form
        let next = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 1)?)).await.unwrap().remove(0);
        let form = format!("/ours/@kitchen/meetings/{}/edit", next.id);
        let fields = |agreed: &str| -> Vec<(String, String)> {
            let (start, end) = (next.local_start(), next.local_end());
            let all = [
                ("title", next.title.clone()),
                ("kind", "meeting".into()),
                ("day", start.date_naive().to_string()),
                ("from", start.format("%H:%M").to_string()),
                ("until", end.format("%H:%M").to_string()),
                ("zone", next.zone.name().into()),
                ("language", "en".into()),
                ("agreed", agreed.into()),
                ("do", "next".into()),
            ];
            all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let borrowed = |fields: &[(String, String)]| -> Vec<(&'static str, String)> {
            fields.iter().map(|(name, value)| (&*name.clone().leak(), value.clone())).collect()
        };
        let wrong = borrowed(&fields("/minutes/none#decision-1"));
        let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = ana.send(&form, &wrong).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        assert!(page.contains("#agreed") && page.contains("This leads to no decision of an assembly"), "{page}");
        let draft = page.split("action=\"").find(|part| part.starts_with("/ours/@kitchen/drafts/")).expect("a form");
        let draft = draft.split('"').next().unwrap().to_owned();
        let revision = hidden(&page, "revision");
        let link = format!("{}/minutes/{}#decision-2", city.origin, minutes.id);
        let mut right = borrowed(&fields(&link));
        right.push(("revision", revision));
        let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let to = goes_on(&mut ana, &draft, &right).await;
        let revision = hidden(&ana.page(&to).await, "revision");
        goes_on(&mut ana, &to, &[("revision", &revision)]).await;
        assert!(Phone::of(&city).page(&format!("/meetings/{}", next.id)).await.contains("Agreed by the assembly on"));

        let delete = format!("/ours/@kitchen/minutes/{}/delete", minutes.id);
        assert_eq!(ana.send(&delete, &[]).await.status(), 422, "not by accident");
        goes_on(&mut ana, &delete, &[("sure", "true")]).await;
        assert_eq!(Phone::of(&city).get(&format!("/minutes/{}", minutes.id)).await.status(), 410);
        assert!(!Phone::of(&city).page(&format!("/meetings/{}", next.id)).await.contains("Agreed by the assembly"));
    });
}

#[test]
fn notes_of_a_group_that_waits_are_said_when_it_is_welcomed() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("kitchen").await;
        let meeting = city.held("kitchen", "Weekly meeting", Kind::Meeting, DAY).await;
        let minutes = city.note(&meeting, TEXT).await;
        let uri = format!("/ap/minutes/{}", minutes.id);
        assert_eq!(city.get(&uri, "application/activity+json").await.status(), 404);
        let id = minutes.id;
        let leads_away = city.app.act(move |conn, here| {
            minutes::actions::edit(conn, here, id, &|it| it.text = "See https://elsewhere.example/".into())
        });
        assert!(leads_away.await.is_err(), "it leads nobody away");
        city.app.act(|conn, here| plaza::welcome::actions::welcome(conn, here, "kitchen")).await.expect("welcomed");
        assert_eq!(city.document(&uri).await["type"], "Article");
        let outbox = city.document("/ap/groups/kitchen/outbox?page=1").await;
        assert!(outbox["orderedItems"].as_array().unwrap().iter().any(|item| item["object"]["type"] == "Article"), "{outbox}");
    });
}

#[test]
fn commands_print_the_template_and_take_it_back_filled_in() {
    actix_web::rt::System::new().block_on(async {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        // commands go by the clock on the wall
        let now = plaza::clock::Clock::system().now();
        let mut meeting = city.held("kitchen", "Assembly", Kind::Assembly, DAY).await;
        let mut next = city.meeting("kitchen", "Weekly meeting").await;
        (meeting.starts, meeting.ends) = (now - DAY, now - HOUR);
        (next.starts, next.ends) = (now + DAY, now + DAY + HOUR);
        let both = [meeting.clone(), next.clone()];
        let saved = city.app.db.write(move |conn| {
            both.iter().try_for_each(|meeting| meetings::store::save(conn, meeting))?;
            Ok(())
        });
        saved.await.expect("saved");
        let mut at = Terminal::new();
        at.settings = vec![("PLAZA_DATA_DIR".into(), city.app.config.data_dir.display().to_string())];
        let id = meeting.id.to_string();
        let template = at.json(&["minutes", "template", &id])["text"].as_str().unwrap().to_owned();
        for line in ["When: ", "Where: The square", "How many were there", "## Agenda\n\n- menu", "## Next meeting"] {
            assert!(template.contains(line), "{line}: {template}");
        }
        let early = at.refusal(&["minutes", "publish", &next.id.to_string(), "--text", "## Decisions\n\n- soup"]);
        assert_eq!(early.0, 1, "{}", early.1);
        let (status, why) = at.refusal(&["minutes", "publish", &id, "--text", "soup", "--present", "Ana"]);
        assert!(status == 1 && why.contains("no band"), "{why}");
        let (status, why) = at.refusal(&["minutes", "publish", &id, "--text", "## Decisions\n\n-\n"]);
        assert!(status == 1 && why.contains("say something"), "{why}");
        let filled = template.replace("1000+):", "1000+): 20-49").replace("## Decisions\n\n-", "## Decisions\n\n- We march");
        let file = at.folder.path().join("notes.md");
        std::fs::write(&file, filled).expect("a file");
        let minutes = at.json(&["minutes", "publish", &id, "--file", file.to_str().unwrap()]);
        assert_eq!((&minutes["present"], &minutes["decisions"][0]["text"]), (&"20-49".into(), &"We march".into()));
        assert!(minutes["text"].as_str().unwrap().starts_with("## Agenda"), "{minutes}");
        let link = minutes["decisions"][0]["url"].as_str().unwrap();
        let agreed = at.json(&["meeting", "edit", &next.id.to_string(), "--agreed", link]);
        assert_eq!(agreed["agreed"], link);
        let (status, why) = at.refusal(&["meeting", "edit", &next.id.to_string(), "--agreed", &format!("{link}7")]);
        assert!(status == 1 && why.contains("no decision of an assembly"), "{why}");
        let edited = at.json(&["minutes", "edit", minutes["url"].as_str().unwrap(), "--present", "5-9", "--text", "Nothing"]);
        assert_eq!((&edited["present"], edited["decisions"].as_array().unwrap().len()), (&"5-9".into(), 0));
        assert_eq!(at.json(&["meeting", "show", &next.id.to_string()])["agreed"], Value::Null);
        assert_eq!(at.json(&["minutes", "list", "kitchen"]).as_array().unwrap().len(), 1);
    });
}
