//! A meeting that stands becomes a series; how far ahead others hear of it; and what else is on at the time of its meetings.

use plaza::{
    meetings::{self, meeting::Meeting},
    series::{self, rule::Rule, series::Series},
    worker,
};
use uuid::Uuid;

use crate::{
    city::{City, on_each_database},
    commands::Terminal,
    desk::hidden,
    phone::Phone,
};

async fn rows(city: &City, id: Uuid) -> Vec<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::of_series(conn, id)?)).await.expect("reading")
}

async fn all_series(city: &City) -> Vec<Series> {
    city.app.db.read(|conn| Ok(series::store::of_group(conn, "kitchen")?)).await.expect("reading")
}

async fn begin_with(city: &City, id: Uuid, rule: &'static str) -> plaza::error::Result<Series> {
    let recurring = move |first: Meeting| -> plaza::error::Result<Series> {
        let clock = first.local_start().naive_local();
        let (rule, now) = (Rule::parse(rule, clock, first.zone)?, first.published);
        Ok(Series::new(first, clock, rule, Default::default(), now))
    };
    city.app.act(move |conn, here| series::actions::begin_with(conn, here, id, &recurring)).await
}

/// What stands in a calendar under a name, line by line.
fn lines<'a>(calendar: &'a str, name: &'a str) -> Vec<&'a str> {
    calendar.lines().filter(|line| line.starts_with(name)).collect()
}

#[test]
fn a_meeting_becomes_the_first_of_a_series_and_stays_what_it_is() {
    on_each_database(|database| async move {
        let (city, there) = (City::start(database).await, City::start(database).await);
        city.group("kitchen").await;
        there.group("choir").await;
        there.hears("choir", &city, "kitchen").await;
        let meeting = city.meeting("kitchen", "Cooking").await;
        let nobody = Phone::of(&city);
        for _ in 0..5 {
            Phone::of(&city).send(&format!("/meetings/{}/coming", meeting.id), &[("answer", "coming")]).await;
        }
        let uid = format!("UID:{}", meeting.id);
        let alone = nobody.page("/@kitchen.ics").await;
        assert_eq!(lines(&alone, "UID:"), [&uid]);

        let series = begin_with(&city, meeting.id, "FREQ=WEEKLY;BYDAY=TU").await.expect("a series");
        let all = rows(&city, series.id).await;
        assert_eq!((all.len(), all[0].id), (78, meeting.id));
        assert!(all[0].is_said() && all[1].opens.is_some(), "others hear of the next one when it comes near");
        assert!(all.iter().all(|row| row.title == "Cooking" && row.place.as_deref() == Some("The square")));
        assert!(nobody.page(&format!("/meetings/{}", meeting.id)).await.contains("5 to 9 people"), "who comes still comes");

        // whoever has it in a calendar sees that it comes again
        let calendar = nobody.page("/@kitchen.ics").await;
        assert_eq!(lines(&calendar, "UID:"), [&uid]);
        assert!(lines(&calendar, "RRULE:").contains(&"RRULE:FREQ=WEEKLY;BYDAY=TU"), "{calendar}");
        assert_eq!(lines(&calendar, "SEQUENCE:"), ["SEQUENCE:1"], "and takes it for newer");

        // followers hear of the change, and of no other meeting
        city.work().await;
        let event = city.document(&format!("/ap/events/{}", meeting.id)).await;
        assert_eq!(event["eventSchedule"]["rrule"], "FREQ=WEEKLY;BYDAY=TU");
        let heard = there.heard("choir").await;
        assert_eq!(heard.iter().filter(|heard| heard.kind == "Event").count(), 1);

        let again = begin_with(&city, meeting.id, "FREQ=DAILY").await.expect_err("it is one already");
        assert!(again.to_string().contains("belongs to a series already"), "{again}");

        // by another rhythm the first one is history, and no calendar finds two under one name
        city.advance(std::time::Duration::from_secs(8 * 24 * 3_600));
        worker::open_meetings_once(&city.app).await.expect("opened");
        let id = series.id;
        let change = |series: &mut Series| -> plaza::error::Result<()> {
            series.rule = Rule::parse("FREQ=WEEKLY;BYDAY=TU,TH", series.first, series.zone())?;
            Ok(())
        };
        city.app.act(move |conn, here| series::actions::change(conn, here, id, None, &change)).await.expect("changed");
        let calendar = nobody.page("/@kitchen.ics").await;
        let masters = calendar.split("BEGIN:VEVENT").skip(1).filter(|event| !event.contains("RECURRENCE-ID"));
        let mut uids: Vec<&str> = masters.flat_map(|event| lines(event, "UID:")).collect();
        uids.sort();
        uids.dedup();
        assert_eq!(uids.len(), 2, "{calendar}");
        assert!(uids.contains(&&*uid), "{calendar}");
    });
}

#[test]
fn what_makes_no_series_changes_nothing() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Cooking").await;
        for rule in ["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;COUNT=1", "FREQ=WEEKLY;UNTIL=20261101"] {
            begin_with(&city, meeting.id, rule).await.expect_err(rule);
        }
        assert!(all_series(&city).await.is_empty());
        let id = meeting.id;
        let known = city.app.db.read(move |conn| Ok(meetings::store::by_id(conn, id)?)).await.expect("reading").expect("there");
        assert_eq!((known.recurrence, known.sequence, known.updated), (None, 0, None));
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        begin_with(&city, meeting.id, "FREQ=WEEKLY").await.expect_err("it does not take place");
    });
}

#[test]
fn the_form_of_one_meeting_lets_it_come_again() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let meeting = city.meeting("kitchen", "Cooking").await;
        let edit = format!("/ours/@kitchen/meetings/{}/edit", meeting.id);
        let form = ana.page(&edit).await;
        assert!(form.contains("<option value=\"once\" selected>Once</option>"), "{form}");
        let fields = [
            ("title", "Cooking together"),
            ("kind", "meeting"),
            ("day", "2026-12-01"),
            ("from", "18:00"),
            ("until", "20:00"),
            ("zone", "America/New_York"),
            ("place", "The square"),
            ("language", "en"),
            ("often", "week"),
            ("ends", "times"),
            ("ends-times", "4"),
            ("do", "next"),
        ];
        let to = ana.goes_on(&edit, &fields).await;
        let page = ana.page(&to).await;
        assert!(page.contains("Every Tuesday, 18:00, 4 times") && page.contains("Tuesday 8 December"), "{page}");
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        let series = all_series(&city).await.pop().expect("a series");
        let all = rows(&city, series.id).await;
        assert_eq!((all.len(), all[0].id), (4, meeting.id));
        assert!(all.iter().all(|row| row.title == "Cooking together"));
        // from now on it is edited as one of a series
        let form = ana.page(&edit).await;
        assert!(form.contains("scope=following") && !form.contains("<option value=\"once\""), "{form}");
    });
}

#[test]
fn a_group_says_in_its_form_how_far_ahead_others_hear() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let meeting = city.meeting("kitchen", "Cooking").await;
        let series = begin_with(&city, meeting.id, "FREQ=WEEKLY").await.expect("a series");
        let form = ana.page("/ours/@kitchen/about").await;
        assert!(form.contains("name=\"horizon\" type=\"number\" value=\"8\""), "{form}");
        let typed = |days: &'static str| {
            [
                ("name", "Kitchen"),
                ("mission", "Soup"),
                ("language", "en"),
                ("positions", "exact"),
                ("remind", "0"),
                ("horizon", days),
            ]
        };
        for (days, language, why) in [
            ("61", "", "Followers hear of meetings 0 to 60 days ahead."),
            ("soon", "", "Followers hear of meetings 0 to 60 days ahead."),
            ("-1", "?lang=es", "entre 0 y 60 días antes"),
        ] {
            let answer = ana.send(&format!("/ours/@kitchen/about{language}"), &typed(days)).await;
            assert_eq!(answer.status(), 422, "{days}");
            let page = answer.text().await.expect("a page");
            assert!(page.contains(why) && page.contains("id=\"horizon-problem\""), "{days}: {page}");
        }
        let opens = rows(&city, series.id).await[1].opens;
        assert_eq!(ana.send("/ours/@kitchen/about", &typed("15")).await.status(), 303);
        let after = rows(&city, series.id).await[1].opens;
        assert_eq!(opens.zip(after).map(|(before, after)| before.since(after).as_secs()), Some(7 * 24 * 3_600));
        assert!(ana.page("/ours/@kitchen/about").await.contains("name=\"horizon\" type=\"number\" value=\"15\""));
        // whoever does not say it leaves it as it is
        assert_eq!(ana.send("/ours/@kitchen/about", &typed("")).await.status(), 303);
        assert_eq!(rows(&city, series.id).await[1].opens, after);
    });
}

#[test]
fn commands_make_a_meeting_recur_and_say_what_clashes_with_a_series() {
    let at = Terminal::new();
    for (handle, tag) in [("kitchen", "food"), ("bakery", "food"), ("choir", "songs")] {
        at.json(&["group", "create", handle, "--name", handle, "--mission", "We meet.", "--tag", tag]);
    }
    // the program goes by the clock of this machine
    let today = plaza::clock::Clock::system().now().utc().date_naive();
    let day = |days: u64| today.checked_add_days(chrono::Days::new(days)).expect("a day");
    let schedule = |handle, title, days, time, more: &[&'static str]| {
        let starts = format!("{}T{time}", day(days));
        let typed = ["meeting", "schedule", handle, "--title", title, "--starts", &starts, "--zone", "UTC"];
        at.json(&[&typed[..], more].concat())
    };
    let third = schedule("bakery", "Bread", 24, "18:30", &[]);
    schedule("choir", "Singing", 17, "18:30", &[]);
    let weekly = schedule("kitchen", "Cooking", 10, "18:00", &["--every", "FREQ=WEEKLY"]);
    assert_eq!(weekly["clashes"].as_array().map(Vec::len), Some(1), "{weekly}");
    assert_eq!((&weekly["clashes"][0]["id"], &weekly["clashes"][0]["topics"][0]), (&third["id"], &"food".into()));

    let single = schedule("bakery", "Yeast", 12, "18:00", &[]);
    let id = single["id"].as_str().expect("an id");
    let except = day(19).to_string();
    let series = at.json(&["series", "begin", "--from", id, "--every", "FREQ=WEEKLY;COUNT=3", "--except", &except]);
    let meetings = series["meetings"].as_array().expect("meetings");
    let days: Vec<&str> = meetings.iter().filter_map(|meeting| meeting["starts"].as_str()).collect();
    assert_eq!(days, [format!("{}T18:00:00+00:00", day(12)), format!("{}T18:00:00+00:00", day(26))]);
    assert_eq!((&series["meetings"][0]["id"], &series["clashes"]), (&single["id"], &serde_json::json!([])));
    let (status, why) = at.refusal(&["series", "begin", "--from", id, "--every", "FREQ=WEEKLY"]);
    assert!(status == 1 && why.contains("belongs to a series already"), "{why}");
}

#[test]
fn what_recurs_fills_no_page_and_is_changed_in_one_step() {
    on_each_database(|database| async move {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use plaza::db::schema::activities;
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = city.weekly("kitchen", "Soup").await;
        let all = rows(&city, series.id).await;
        assert!(all.len() > 20, "{}", all.len());
        for (path, few) in [("/", 1), ("/@kitchen", 3)] {
            let page = Phone::of(&city).page(path).await;
            let shown = all.iter().filter(|row| page.contains(&format!("/meetings/{}\"", row.id))).count();
            assert_eq!(shown, few, "{path}");
        }
        let stirred = || async {
            let of_group = city.app.db.read(|conn| {
                let said = activities::table.filter(activities::object.eq("/ap/groups/kitchen"));
                Ok(said.filter(activities::kind.eq("Update")).count().get_result::<i64>(conn)?)
            });
            of_group.await.expect("reading")
        };
        let before = stirred().await;
        let moved = city.app.act(move |conn, here| {
            series::actions::change(conn, here, series.id, None, &|series| {
                series.pattern.place = Some("The hall".into());
                Ok(())
            })
        });
        moved.await.expect("changed");
        assert!(rows(&city, series.id).await.iter().all(|row| row.place.as_deref() == Some("The hall")));
        assert_eq!(stirred().await - before, 1, "its group is said to have changed but once");
    });
}

#[test]
fn of_a_series_that_was_parted_it_is_said_which_part_is_changed() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        let series = city.weekly("kitchen", "Soup").await;
        let all = rows(&city, series.id).await;
        let page = ana.page(&format!("/ours/@kitchen/meetings/{}/edit", all[0].id)).await;
        assert!(page.contains(">All to come</a>") && !page.contains("a series of its own"), "{page}");
        let from = Some(all[3].recurrence.expect("one of a series").starts);
        let parted = city.app.act(move |conn, here| {
            series::actions::change(conn, here, series.id, from, &|series| {
                series.pattern.place = Some("The hall".into());
                Ok(())
            })
        });
        parted.await.expect("parted");
        let day = |meeting: &Meeting| {
            plaza::web::Day::of(&meeting.local_start(), city.clock.now()).date(&plaza::words::Words::of("en"))
        };
        let page = ana.page(&format!("/ours/@kitchen/meetings/{}/edit", all[0].id)).await;
        assert!(page.contains(&format!("All to come, the last of them on {}<", day(&all[2]))), "{page}");
        assert!(page.contains(&format!("From {} on it goes on as a series of its own", day(&all[3]))), "{page}");
        let page = ana.page(&format!("/ours/@kitchen/meetings/{}/edit", all[3].id)).await;
        assert!(page.contains(">All to come</a>") && !page.contains("a series of its own"), "{page}");
    });
}
