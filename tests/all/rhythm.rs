//! Meetings that recur, as people say so on the desk, and as everybody sees them.

use plaza::{
    desk,
    meetings::{self, meeting::Meeting},
    series::{self, series::Series},
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    desk::hidden,
    phone::Phone,
};

async fn kitchen(database: &'static str) -> (City, Phone) {
    let city = City::start(database).await;
    city.group("kitchen").await;
    let ana = city.organizer("ana", "kitchen").await;
    (city, ana)
}

async fn all_series(city: &City) -> Vec<Series> {
    let mut all = city.app.db.read(|conn| Ok(series::store::of_group(conn, "kitchen")?)).await.expect("reading");
    // ids made at the same moment of a stopped clock are in no order
    all.sort_by_key(|series| series.pattern.starts);
    all
}

async fn rows(city: &City, series: &Series) -> Vec<Meeting> {
    let id = series.id;
    city.app.db.read(move |conn| Ok(meetings::store::of_series(conn, id)?)).await.expect("reading")
}

/// `2026-12-01T18:00` of each, by the clock there.
fn clocks(rows: &[Meeting]) -> Vec<String> {
    rows.iter().map(|row| row.local_start().format("%Y-%m-%dT%H:%M").to_string()).collect()
}

/// A meeting on Tuesdays, with `more`.
fn tuesdays<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("title", "Cooking"),
        ("kind", "meeting"),
        ("day", "2026-12-01"),
        ("from", "18:00"),
        ("until", "20:00"),
        ("zone", "America/New_York"),
        ("place", "The square"),
        ("language", "en"),
    ];
    fields.into_iter().chain(more.iter().copied()).collect()
}

/// Types it in, says yes, and gives the series that there is then.
async fn begun(city: &City, ana: &mut Phone, more: &[(&str, &str)]) -> Series {
    let fields = tuesdays(&[more, &[("do", "next")]].concat());
    let to = ana.goes_on("/ours/@kitchen/meetings/new", &fields).await;
    let page = ana.page(&to).await;
    ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
    all_series(city).await.pop().expect("a series")
}

/// Changes a meeting of a series, from the form as it is shown.
async fn changed(ana: &mut Phone, meeting: &Meeting, fields: &[(&str, &str)]) {
    let edit = format!("/ours/@kitchen/meetings/{}/edit", meeting.id);
    let scope = fields.iter().find(|(name, _)| *name == "scope").map_or("one", |(_, scope)| *scope);
    let form = ana.page(&format!("{edit}?scope={scope}")).await;
    let kept = ["rule", "was", "slot"].map(|name| (name, hidden(&form, name)));
    let kept = kept.iter().map(|(name, value)| (*name, value.as_str()));
    let all: Vec<(&str, &str)> = fields.iter().copied().chain(kept).chain([("do", "next")]).collect();
    let to = ana.goes_on(&edit, &all).await;
    let page = ana.page(&to).await;
    ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
}

#[test]
fn a_series_is_chosen_looked_at_and_put_on_the_agenda() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let form = ana.page("/ours/@kitchen/meetings/new").await;
        assert!(form.contains("<option value=\"once\" selected>Once</option>"), "{form}");
        let more = [("often", "week"), ("on", "TU"), ("on", "TH"), ("ends", "open"), ("except", "2026-12-24, 2026-12-31")];
        let to = ana.goes_on("/ours/@kitchen/meetings/new", &tuesdays(&[&more[..], &[("do", "preview")]].concat())).await;
        let path = to.trim_end_matches("#preview").to_owned();

        // whoever is signed out meanwhile finds everything as it was typed
        ana.send("/sign-out", &[]).await;
        let mut ana = city.sign_in(ana.member.clone().unwrap()).await;
        let page = ana.page(&path).await;
        for part in [
            "Every Tuesday and Thursday, 18:00",
            "<li>Tuesday 1 December</li>",
            "<li>Thursday 3 December</li>",
            "id=\"on-TU\" name=\"on\" value=\"TU\" checked",
            "id=\"on-TH\" name=\"on\" value=\"TH\" checked",
            "value=\"2026-12-24, 2026-12-31\"",
            "<option value=\"weekday\">The first Tuesday of each month</option>",
            "<option value=\"year\">Every year on 1 December</option>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<option value=\"last\""), "the first Tuesday is not the last one: {page}");
        assert!(ana.page(&format!("{path}?lang=es")).await.contains("Cada martes y jueves, 18:00"));
        assert!(all_series(&city).await.is_empty(), "nothing is said yet");

        let revision = hidden(&page, "revision");
        let fields = tuesdays(&[&more[..], &[("do", "next"), ("revision", &revision)]].concat());
        let to = ana.goes_on(&path, &fields).await;
        let page = ana.page(&to).await;
        assert!(page.contains("Every Tuesday and Thursday, 18:00"), "{page}");
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        let series = all_series(&city).await.pop().expect("a series");
        assert_eq!(series.rule.to_string(), "FREQ=WEEKLY;BYDAY=TU,TH");
        let days = clocks(&rows(&city, &series).await);
        assert_eq!(days[..3], ["2026-12-01T18:00", "2026-12-03T18:00", "2026-12-08T18:00"]);
        assert!(!days.contains(&"2026-12-24T18:00".to_owned()) && days.len() > 100);
    });
}

#[test]
fn every_choice_becomes_its_rule() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let table: [(&[(&str, &str)], &str); 9] = [
            (&[("often", "day"), ("ends", "times"), ("ends-times", "3")], "FREQ=DAILY;COUNT=3"),
            (&[("often", "week"), ("ends", "day"), ("ends-day", "2026-12-31")], "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231"),
            (&[("often", "week-2"), ("on", "TU")], "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
            (&[("often", "week-3")], "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU"),
            (&[("often", "week-4")], "FREQ=WEEKLY;INTERVAL=4;BYDAY=TU"),
            (&[("often", "date"), ("on", "FR")], "FREQ=MONTHLY;BYMONTHDAY=1"),
            (&[("often", "weekday")], "FREQ=MONTHLY;BYDAY=1TU"),
            (&[("often", "last"), ("day", "2026-12-29")], "FREQ=MONTHLY;BYDAY=-1TU"),
            (&[("often", "year")], "FREQ=YEARLY"),
        ];
        for (typed, rule) in table {
            let to = {
                let mut fields = tuesdays(&[("do", "next")]);
                fields.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
                fields.extend(typed);
                ana.goes_on("/ours/@kitchen/meetings/new", &fields).await
            };
            ana.goes_on(&to, &[("revision", "1")]).await;
            let found: Vec<String> = all_series(&city).await.iter().map(|series| series.rule.to_string()).collect();
            assert!(found.contains(&rule.to_owned()), "{rule}: {found:?}");
        }
        let to = ana.goes_on("/ours/@kitchen/meetings/new", &tuesdays(&[("often", "once"), ("on", "TU"), ("do", "next")])).await;
        ana.goes_on(&to, &[("revision", "1")]).await;
        assert_eq!(all_series(&city).await.len(), table.len(), "once is once");
    });
}

#[test]
fn what_makes_no_sense_is_said_beside_its_field_and_changes_nothing() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let table: [(&[(&str, &str)], &str); 9] = [
            (&[("often", "sometimes")], "often"),
            (&[("often", "kept")], "often"),
            (&[("often", "week"), ("on", "WE")], "day"),
            (&[("often", "week"), ("ends", "day"), ("ends-day", "soon")], "ends-day"),
            (&[("often", "week"), ("ends", "day"), ("ends-day", "2026-11-30")], "ends-day"),
            (&[("often", "week"), ("ends", "times"), ("ends-times", "many")], "ends-times"),
            (&[("often", "week"), ("ends", "times"), ("ends-times", "0")], "ends-times"),
            (&[("often", "week"), ("except", "24.12.2026")], "except"),
            (&[("often", "week"), ("except", "2026-12-24")], "except"),
        ];
        for (typed, field) in table {
            let answer = ana.send("/ours/@kitchen/meetings/new", &tuesdays(&[typed, &[("do", "next")]].concat())).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{typed:?}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(&format!("href=\"#{field}\"")), "{typed:?}: {page}");
        }
        assert!(all_series(&city).await.is_empty());
        assert_eq!(city.app.db.read(|conn| Ok(desk::store::of_group(conn, "kitchen")?)).await.unwrap().len(), table.len());
    });
}

#[test]
fn dates_on_which_the_clock_is_set_are_pointed_out() {
    on_each_database(|database| async move {
        let (_city, mut ana) = kitchen(database).await;
        let fields = [
            ("title", "Night watch"),
            ("kind", "meeting"),
            ("day", "2026-11-29"),
            ("from", "02:30"),
            ("until", "04:00"),
            ("zone", "America/New_York"),
            ("language", "en"),
            ("often", "week"),
            ("do", "preview"),
        ];
        let to = ana.goes_on("/ours/@kitchen/meetings/new", &fields).await;
        let page = ana.page(to.trim_end_matches("#preview")).await;
        assert!(page.contains("set forward over 02:30") && page.contains("Sunday 14 March 2027, 03:30 EDT"), "{page}");
    });
}

#[test]
fn one_meeting_this_and_all_that_follow_or_all_to_come_are_changed() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let series = begun(&city, &mut ana, &[("often", "week"), ("ends", "times"), ("ends-times", "10")]).await;
        let all = rows(&city, &series).await;
        assert_eq!(all.len(), 10);

        // only one: it moves to Wednesday
        let moved =
            [("day", "2026-12-09"), ("scope", "one"), ("often", "week"), ("on", "TU"), ("ends", "times"), ("ends-times", "9")];
        let mut fields = tuesdays(&moved);
        fields.retain(|field| *field != ("day", "2026-12-01"));
        changed(&mut ana, &all[1], &fields).await;
        let now = rows(&city, &series).await;
        assert_eq!(clocks(&now)[..3], ["2026-12-01T18:00", "2026-12-09T18:00", "2026-12-15T18:00"]);

        // all to come, from the third on the form: at seven, the moved one stays where it is
        let later = [("day", "2026-12-15"), ("from", "19:00"), ("until", "21:00"), ("place", "The tent")];
        let mut fields = tuesdays(&[("scope", "all"), ("often", "week"), ("on", "TU"), ("ends", "times"), ("ends-times", "8")]);
        fields.retain(|(name, _)| !later.iter().any(|(later, _)| later == name));
        fields.extend(later);
        changed(&mut ana, &now[2], &fields).await;
        let now = rows(&city, &series).await;
        assert_eq!(clocks(&now)[..3], ["2026-12-01T19:00", "2026-12-09T18:00", "2026-12-15T19:00"]);
        assert_eq!(now.len(), 10, "as many as before: {:?}", clocks(&now));
        assert!(now.iter().all(|row| row.place.as_deref() == Some("The tent")));
        assert_eq!(now.iter().map(|row| row.id).collect::<Vec<_>>(), all.iter().map(|row| row.id).collect::<Vec<_>>());

        // this one and all that follow: on Thursdays
        let thursday = [("day", "2026-12-31"), ("from", "19:00"), ("until", "21:00"), ("place", "The tent"), ("title", "Baking")];
        let mut fields = tuesdays(&[("scope", "following"), ("often", "week"), ("on", "TH"), ("ends", "open")]);
        fields.retain(|(name, _)| !thursday.iter().any(|(thursday, _)| thursday == name));
        fields.extend(thursday);
        changed(&mut ana, &now[4], &fields).await;
        let both = all_series(&city).await;
        assert_eq!(both.len(), 2);
        let before = rows(&city, &both[0]).await;
        assert_eq!(clocks(&before), ["2026-12-01T19:00", "2026-12-09T18:00", "2026-12-15T19:00", "2026-12-22T19:00"]);
        let after = rows(&city, &both[1]).await;
        assert_eq!(clocks(&after)[..2], ["2026-12-31T19:00", "2027-01-07T19:00"]);
        assert_eq!((after[0].id, after[0].title.as_str()), (now[4].id, "Baking"));
        assert_eq!((before[3].title.as_str(), both[1].rule.to_string()), ("Cooking", "FREQ=WEEKLY;BYDAY=TH".to_owned()));
        assert!(after.len() > 60, "open-ended now: {}", after.len());

        // and from one of these on two days earlier
        let tuesday = [("day", "2027-01-19"), ("from", "19:00"), ("until", "21:00"), ("place", "The tent"), ("title", "Baking")];
        let mut fields = tuesdays(&[("scope", "following"), ("often", "week-2"), ("on", "TU"), ("ends", "open")]);
        fields.retain(|(name, _)| !tuesday.iter().any(|(tuesday, _)| tuesday == name));
        fields.extend(tuesday);
        changed(&mut ana, &after[3], &fields).await;
        let third = all_series(&city).await.pop().expect("a series");
        let last = rows(&city, &third).await;
        assert_eq!(clocks(&last)[..2], ["2027-01-19T19:00", "2027-02-02T19:00"]);
        assert_eq!(last[0].id, after[3].id);
    });
}

#[test]
fn dates_are_left_out_and_a_series_ends_after_one_of_its_meetings() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let series = begun(&city, &mut ana, &[("often", "week")]).await;
        let desk = ana.page("/ours/@kitchen").await;
        let dates = format!("/ours/@kitchen/series/{}/dates", series.id);
        assert!(desk.contains(&dates) && desk.contains("Every Tuesday, 18:00"), "{desk}");
        let form = ana.page(&dates).await;
        assert!(form.contains("value=\"2026-12-22\"> Tuesday 22 December"), "{form}");
        let seen = [("seen", "2026-12-01"), ("seen", "2026-12-22"), ("seen", "2026-12-29")];
        ana.goes_on(&dates, &[&seen[..], &[("day", "2026-12-22"), ("day", "2026-12-29")]].concat()).await;
        let now = clocks(&rows(&city, &series).await);
        assert_eq!(now[2..5], ["2026-12-15T18:00", "2027-01-05T18:00", "2027-01-12T18:00"]);
        assert!(ana.page(&dates).await.contains("value=\"2026-12-22\" checked"));
        ana.goes_on(&dates, &[&seen[..], &[("day", "2026-12-22")]].concat()).await;
        assert!(clocks(&rows(&city, &series).await).contains(&"2026-12-29T18:00".to_owned()), "there is one again");
        assert_eq!(ana.send(&dates, &[("day", "soon")]).await.status(), 400);

        let end = format!("/ours/@kitchen/series/{}/end", series.id);
        assert_eq!(ana.send(&end, &[("day", "2026-12-15")]).await.status(), 422, "not without being sure");
        ana.goes_on(&end, &[("day", "2026-12-15"), ("sure", "true")]).await;
        let now = clocks(&rows(&city, &series).await);
        assert_eq!(now, ["2026-12-01T18:00", "2026-12-08T18:00", "2026-12-15T18:00"]);

        // of another group, and not to be seen by another one
        city.group("trees").await;
        let mut ben = city.organizer("ben", "trees").await;
        assert_eq!(ben.get(&end).await.status(), 403);
        assert_eq!(ben.get(&end.replace("@kitchen", "@trees")).await.status(), 404);
        assert_eq!(ben.send(&end.replace("@kitchen", "@trees"), &[("sure", "true")]).await.status(), 404);
    });
}

#[test]
fn everybody_sees_how_often_a_group_meets_and_on_which_dates() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let series = begun(&city, &mut ana, &[("often", "week"), ("except", "2026-12-29")]).await;
        let all = rows(&city, &series).await;
        let (id, second) = (all[2].id, all[1].id);
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        city.app
            .act(move |conn, here| {
                meetings::actions::change(conn, here, second, &|meeting| {
                    meeting.starts = meeting.starts + std::time::Duration::from_secs(24 * 3_600);
                    meeting.ends = meeting.ends + std::time::Duration::from_secs(24 * 3_600);
                    Ok(())
                })
            })
            .await
            .expect("moved");
        let reader = Phone::of(&city);
        let page = reader.page(&format!("/series/{}", series.id)).await;
        for part in [
            "Every Tuesday, 18:00",
            "Tuesday 1 December, 18:00–20:00 EST",
            "Moved</strong> By its rhythm: Tuesday 8 December, 18:00 EST",
            "Cancelled",
            "No meeting on Tuesday 29 December",
            "href=\"webcal://",
            &format!("/meetings/{}", all[0].id),
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(reader.page(&format!("/series/{}?lang=es", series.id)).await.contains("Cada martes, 18:00"));
        let meeting = reader.page(&format!("/meetings/{}", all[0].id)).await;
        assert!(meeting.contains(&format!("href=\"/series/{}\">Every Tuesday, 18:00</a>", series.id)), "{meeting}");
        let group = reader.page("/@kitchen").await;
        assert!(group.contains(&format!("href=\"/series/{}\">Every Tuesday, 18:00</a>", series.id)), "{group}");
        assert!(reader.page("/meetings").await.contains("Recurring"));
        assert_eq!(reader.get("/series/01890000-0000-7000-8000-000000000000").await.status(), 404);
    });
}

#[test]
fn the_first_meeting_of_a_new_group_can_be_each_week() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut ana = city.member("ana").await;
        let fourth = [("name", "Kitchen"), ("mission", "Soup"), ("handle", "kitchen"), ("contact", ""), ("step", "4")];
        let meeting = [("day", "2026-12-01"), ("from", "18:00"), ("place", "The tent"), ("often", "week")];
        let answer = ana.send("/start", &[&fourth[..], &meeting[..]].concat()).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let series = all_series(&city).await.pop().expect("a series");
        assert_eq!(series.rule.to_string(), "FREQ=WEEKLY;BYDAY=TU");
        assert!(rows(&city, &series).await.len() > 70);
    });
}

#[test]
fn what_of_a_series_is_changed_is_chosen_first_and_said_until_the_end() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let series = begun(&city, &mut ana, &[("often", "week"), ("on", "TU"), ("ends", "open")]).await;
        let all = rows(&city, &series).await;
        let edit = format!("/ours/@kitchen/meetings/{}/edit", all[1].id);
        let choice = ana.page(&edit).await;
        assert!(choice.contains("It is one of a series: Every Tuesday, 18:00.") && !choice.contains("<textarea"), "{choice}");
        for scope in ["one", "following", "all"] {
            assert!(choice.contains(&format!("href=\"{edit}?scope={scope}\"")), "{scope}: {choice}");
        }
        assert!(ana.page(&format!("{edit}?scope=everything")).await.contains("scope=following"), "that is no choice");
        assert!(ana.page(&format!("{edit}?scope=all&lang=es")).await.contains("Cambian todas las reuniones"));

        // with one alone it is not asked how often it comes again, and nothing that is sent all the same goes by unseen
        let form = ana.page(&format!("{edit}?scope=one")).await;
        assert!(form.contains("Only this one meeting is changed.") && !form.contains("name=\"often\""), "{form}");
        assert!(!form.contains("name=\"on\""), "{form}");
        let kept = ["rule", "was", "slot"].map(|name| (name, hidden(&form, name)));
        let kept: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut typed = tuesdays(&[("scope", "one"), ("often", "week-2"), ("on", "FR"), ("do", "next")]);
        typed.retain(|field| *field != ("day", "2026-12-01"));
        typed.extend([("day", "2026-12-09")]);
        typed.extend(&kept);
        let refused = ana.send(&edit, &typed).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.expect("a page");
        assert!(page.contains("how often the series meets stays as it was") && page.contains("value=\"2026-12-09\""), "{page}");
        let draft = page.split("/drafts/").nth(1).and_then(|rest| rest.split('"').next()).expect("a draft").to_owned();
        let draft = format!("/ours/@kitchen/drafts/{}", draft.split('/').next().unwrap_or_default());
        assert!(page.contains("discard this change and begin again"), "{page}");
        assert_eq!(ana.get(&edit).await.status(), StatusCode::SEE_OTHER, "it is kept");

        let mut typed = tuesdays(&[("scope", "one"), ("do", "next")]);
        typed.retain(|field| *field != ("day", "2026-12-01"));
        let revision = hidden(&page, "revision");
        typed.extend([("day", "2026-12-09"), ("revision", revision.as_str())]);
        typed.extend(&kept);
        let to = ana.goes_on(&draft, &typed).await;
        let page = ana.page(&to).await;
        assert!(page.contains("Only this one meeting is changed."), "{page}");
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        let now = rows(&city, &series).await;
        assert_eq!(clocks(&now)[..3], ["2026-12-01T18:00", "2026-12-09T18:00", "2026-12-15T18:00"]);
        assert_eq!(all_series(&city).await.pop().expect("a series").rule.to_string(), "FREQ=WEEKLY;BYDAY=TU");
    });
}
