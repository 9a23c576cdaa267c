//! Who still meets: as everybody sees it, without anybody setting it.

use std::time::Duration;

use plaza::{
    groups::{self, group::Group},
    living::{self, liveness::Liveness},
    meetings::{self, meeting::Meeting},
    people,
};

use crate::{
    city::{City, on_each_database},
    commands::Terminal,
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

impl City {
    async fn liveness(&self, handle: &str) -> Liveness {
        let (handle, now) = (handle.to_owned(), self.clock.now());
        let signs = self.app.db.read(move |conn| {
            let group = groups::store::even_waiting(conn, &handle)?.expect("a group");
            Ok(living::store::of(conn, now, &group)?)
        });
        signs.await.expect("reading").liveness(now)
    }

    /// Schedules a meeting like the one of every test, but so long from now.
    pub async fn meeting_in(&self, group: &str, title: &str, away: Duration) -> Meeting {
        let now = self.clock.now();
        let meeting = self.app.here().new_id();
        let like = Meeting { id: meeting, title: title.to_owned(), ..self.like(group) };
        let meeting = Meeting { starts: now + away, ends: now + away + 2 * HOUR, published: now, ..like };
        let new = meeting.clone();
        self.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("a meeting");
        meeting
    }

    fn like(&self, group: &str) -> Meeting {
        let (zone, language) = (chrono_tz::Tz::America__New_York, "en".into());
        Meeting { zone, language, place: Some("The square".into()), ..Meeting::blank(uuid::Uuid::nil(), group, self.clock.now()) }
    }

    async fn change(&self, meeting: uuid::Uuid, change: impl Fn(&mut Meeting) + Send + 'static) {
        let changed = self.app.act(move |conn, here| {
            meetings::actions::change(conn, here, meeting, &|meeting| {
                change(meeting);
                Ok(())
            })
        });
        changed.await.expect("changed");
    }

    async fn described(&self, handle: &'static str, change: impl Fn(&mut Group) + Send + 'static) {
        self.app.act(move |conn, here| groups::actions::edit(conn, here, handle, &change)).await.expect("edited");
    }
}

/// Where each stands in a text; all of them do, and in this order.
fn stand_in_order(text: &str, parts: &[&str]) -> bool {
    let places: Vec<Option<usize>> = parts.iter().map(|part| text.find(part)).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[test]
fn a_group_meets_grows_quiet_falls_asleep_and_one_meeting_wakes_it() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let nobody = Phone::of(&city);
        city.group("kitchen").await;
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet);
        assert!(nobody.page("/@kitchen").await.contains("is new here. Its first meeting is not on the agenda yet."));
        city.meeting("kitchen", "Weekly").await;
        assert_eq!(city.liveness("kitchen").await, Liveness::Meets);
        let page = nobody.page("/groups").await;
        assert!(page.contains("They meet") && page.contains("Tuesday 1 December, 18:00"), "{page}");

        city.advance(9 * DAY);
        assert_eq!(city.liveness("kitchen").await, Liveness::Meets);
        let page = nobody.page("/@kitchen").await;
        assert!(page.contains("met on Tuesday 1 December. Its next meeting is not on the agenda yet."), "{page}");
        city.advance(19 * DAY);
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet);
        let page = nobody.page("/groups").await;
        assert!(page.contains("Quiet at the moment; last met on Tuesday 1 December") && !page.contains("They meet"), "{page}");
        assert!(nobody.page("/@kitchen").await.contains("It is quiet around the group at the moment."));

        // word of it keeps it from falling asleep, for as long
        city.advance(20 * DAY);
        let note = city.announce("kitchen", "We look for pots").await;
        city.advance(59 * DAY);
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet);
        city.advance(DAY);
        assert_eq!(city.liveness("kitchen").await, Liveness::Asleep);
        let page = nobody.page("/@kitchen").await;
        assert!(page.contains("seems to be asleep: it has not met since December 2026."), "{page}");
        assert!(page.contains("Do you know whether it still meets?") && page.contains("/suggest?group=kitchen"), "{page}");
        assert!(page.contains("Whoever speaks for it wakes it up") && page.contains(&note.text), "nothing is hidden: {page}");
        let spanish = nobody.page("/groups?lang=es").await;
        assert!(spanish.contains("Dormido; se reunió por última vez en diciembre de 2026"), "{spanish}");

        let meeting = city.meeting_in("kitchen", "Again", 3 * DAY).await;
        assert_eq!(city.liveness("kitchen").await, Liveness::Meets);
        let page = nobody.page("/groups").await;
        assert!(page.contains("They meet") && !page.contains("Asleep"), "{page}");
        // one that is called off is no meeting, but word of it
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, meeting.id)).await.expect("cancelled");
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet);
        let page = nobody.page("/@kitchen").await;
        assert!(page.contains("It is quiet around the group") && page.contains("Again"), "{page}");
    });
}

#[test]
fn whoever_sleeps_can_be_picked_up_and_whoever_meets_cannot() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.organizer("ana", "kitchen").await;
        let bo = city.member("bo").await;
        city.advance(60 * DAY);
        let mut bo = city.sign_in(bo.member.clone().expect("a member")).await;
        let page = Phone::of(&city).page("/@kitchen").await;
        assert!(page.contains("Want to bring it back?") && page.contains("/@kitchen/pick-up"), "{page}");
        assert_eq!(bo.get("/@kitchen/pick-up").await.status(), 200);
        // one definition: what wakes the group ends that it can be picked up
        city.meeting_in("kitchen", "Again", DAY).await;
        assert!(!Phone::of(&city).page("/@kitchen").await.contains("/@kitchen/pick-up"));
        assert_eq!(bo.send("/@kitchen/pick-up", &[]).await.status(), 403);
    });
}

#[test]
fn groups_are_listed_by_whether_they_meet_and_those_that_ended_last() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let nobody = Phone::of(&city);
        for handle in ["asleep", "closed", "finished"] {
            city.group(handle).await;
        }
        let mut ana = city.organizer("ana", "finished").await;
        let ends = [("words", ""), ("sure", "yes")];
        assert_eq!(ana.send("/ours/@finished/people/end", &ends).await.status(), 303);
        city.app.act(|conn, here| groups::actions::close(conn, here, "closed")).await.expect("closed");
        city.advance(8 * DAY);
        city.app.act(people::ending::settle).await.expect("settled");
        city.advance(60 * DAY);
        for handle in ["quiet", "later", "sooner"] {
            city.group(handle).await;
        }
        city.described("quiet", |group| group.tags = vec!["soup".into()]).await;
        city.meeting_in("later", "Later", 5 * DAY).await;
        city.meeting_in("sooner", "Sooner", DAY).await;
        let page = nobody.page("/groups").await;
        let order = [
            "They meet",
            "The sooner group",
            "The later group",
            "<h2 id=\"quiet\">",
            "The quiet group",
            "Asleep",
            "The asleep group",
            "<h2 id=\"ended\">",
            "The finished group",
            "Ended on Wednesday 2 December",
        ];
        assert!(stand_in_order(&page, &order), "{page}");
        assert!(!page.contains("The closed group") && !page.contains("/@finished"), "what others closed is not named: {page}");
        let page = nobody.page("/groups?tag=soup").await;
        assert!(page.contains("The quiet group") && !page.contains("The sooner group") && !page.contains("Asleep"), "{page}");
        assert!(stand_in_order(&nobody.page("/tags/occupy").await, &["The sooner group", "The later group", "The asleep group"]));
        city.advance(365 * DAY);
        assert!(!nobody.page("/groups").await.contains("The finished group"), "after a year it is no longer named");
    });
}

#[test]
fn whoever_starts_a_group_is_shown_those_that_sound_alike_and_may_go_on() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        for handle in ["kitchen", "vivienda", "media"] {
            city.group(handle).await;
        }
        city.described("vivienda", |group| {
            group.name = "Vivienda digna".into();
            group.mission = "Contra los desahucios.".into();
        })
        .await;
        city.waiting_group("kitchens_two").await;
        let mut ana = city.member("ana").await;
        let named = |name: &'static str| [("step", "1"), ("name", name)];
        let page = ana.send("/start", &named("Cocina y VIVIENDAS")).await.text().await.expect("a page");
        assert!(page.contains("These groups may already do this"), "{page}");
        assert!(stand_in_order(&page, &["/@vivienda\"", "name=\"mission\""]) && !page.contains("/@kitchen"), "{page}");
        let page = ana.send("/start?lang=es", &named("Kitchens")).await.text().await.expect("a page");
        assert!(page.contains("Quizá estos grupos ya hacen esto") && page.contains("/@kitchen?lang=es"), "{page}");
        assert!(!page.contains("kitchens_two"), "of one that waits nobody hears: {page}");
        let page = ana.send("/start", &named("Puppets")).await.text().await.expect("a page");
        assert!(!page.contains("These groups may already do this"), "{page}");
        let mission = [("step", "2"), ("name", "Puppets"), ("mission", "Stop desahucios"), ("handle", "puppets")];
        let page = ana.send("/start", &mission).await.text().await.expect("a page");
        assert!(page.contains("/@vivienda") && page.contains("name=\"contact\""), "{page}");
        let all = [("step", "4"), ("name", "Kitchen"), ("mission", "Soup"), ("handle", "soup"), ("go", "skip")];
        assert_eq!(ana.send("/start", &all).await.status(), 303, "nobody is kept from starting one");
    });
}

/// The form of a meeting of the kitchen, on the day on which those of other tests are.
const MEETING: [(&str, &str); 9] = [
    ("title", "Cooking"),
    ("kind", "meeting"),
    ("day", "2026-12-01"),
    ("from", "19:30"),
    ("until", "21:00"),
    ("zone", "America/New_York"),
    ("agenda", "* pots #Food"),
    ("language", "en"),
    ("do", "preview"),
];

#[test]
fn meetings_about_the_same_at_the_same_time_are_pointed_out_and_stand_in_nobodys_way() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        for handle in ["kitchen", "bakery", "garden", "media"] {
            city.group(handle).await;
            city.described(handle, |group| group.tags = vec!["occupy".into()]).await;
        }
        city.described("garden", |group| group.tags = vec!["occupy".into(), "food".into()]).await;
        city.meeting("bakery", "Bread for all").await;
        let garden = city.meeting("garden", "Seeds").await;
        city.change(garden.id, |meeting| meeting.agenda = None).await;
        let media = city.meeting("media", "Filming").await;
        city.change(media.id, |meeting| meeting.agenda = Some("#video".into())).await;
        let off = city.meeting("bakery", "Cancelled bread").await;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, off.id)).await.expect("cancelled");
        let earlier = city.meeting("bakery", "Early bread").await;
        city.change(earlier.id, |meeting| {
            meeting.ends = meeting.starts + HOUR;
        })
        .await;
        let own = city.meeting("kitchen", "Washing up").await;
        city.waiting_group("hidden").await;
        city.meeting("hidden", "Nobody knows").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let to = ana.send("/ours/@kitchen/meetings/new", &MEETING).await.headers()["location"].to_str().expect("text").to_owned();
        let draft = to.trim_end_matches("#preview");
        let page = ana.page(draft).await;
        let order = [
            "At the same time",
            "Washing up",
            "this group&#39;s own",
            "The bakery group: Bread for all",
            "about #food as well",
            "The garden group: Seeds",
            "Some people may want to be at both.",
        ];
        assert!(stand_in_order(&page, &order), "{page}");
        for other in ["Filming", "Cancelled bread", "Early bread", "Nobody knows"] {
            assert!(!page.contains(other), "{other}: {page}");
        }
        let spanish = ana.page(&format!("{draft}?lang=es")).await;
        assert!(spanish.contains("A la misma hora") && spanish.contains("también sobre #food"), "{spanish}");
        let page = ana.page(&format!("{draft}/send")).await;
        assert!(page.contains("Washing up"), "and where it is confirmed: {page}");
        assert_eq!(ana.send(&format!("{draft}/send"), &[("revision", "1")]).await.status(), 303, "nothing is refused");
        // a meeting does not clash with itself
        let page = ana.page(&format!("/ours/@kitchen/meetings/{}/edit", own.id)).await;
        assert!(page.contains("The bakery group: Bread for all") && page.contains("Cooking"), "{page}");
        assert!(!page.contains("The kitchen group: Washing up"), "{page}");
    });
}

#[test]
fn commands_say_who_meets_what_sounds_alike_and_what_clashes() {
    let at = Terminal::new();
    let create = |handle, name, tag| {
        let group = ["group", "create", handle, "--name", name, "--mission", "Soup for all", "--tag", tag];
        at.json(&group)
    };
    assert_eq!(create("kitchen", "Kitchen", "food")["alike"], serde_json::json!([]));
    let alike = create("kitchen2", "The kitchens", "bread");
    assert_eq!(alike["alike"][0]["id"], "kitchen");
    let said = at.type_(&["group", "create", "kitchen3", "--name", "Kitchen", "--mission", "x", "--tag", "food"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("These groups may already do this:\nKitchen  http://localhost:8080/@kitchen"), "{said}");
    let schedule = |handle, title| {
        ["meeting", "schedule", handle, "--title", title, "--starts", "2030-11-26T18:00", "--zone", "America/New_York"]
    };
    assert_eq!(at.json(&schedule("kitchen2", "Bread"))["clashes"], serde_json::json!([]));
    let first = at.json(&schedule("kitchen3", "Peeling"));
    let beside = at.json(&schedule("kitchen", "Cooking"));
    assert_eq!((&beside["clashes"][0]["id"], &beside["clashes"][0]["topics"][0]), (&first["id"], &"food".into()));
    assert!(beside["clashes"].as_array().is_some_and(|clashes| clashes.len() == 1), "{beside}");
    let said = at.type_(&schedule("kitchen", "Cooking again"));
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("At the same time:\nKitchen: Cooking, ") && said.contains("\nKitchen: Peeling, "), "{said}");
    let shown = at.json(&["group", "show", "kitchen"]);
    assert_eq!((&shown["liveness"], &shown["next"]), (&"meets".into(), &"2030-11-26T23:00:00Z".into()));
    create("new", "New", "news");
    let listed = at.type_(&["group", "list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.ends_with("@new@localhost:8080  New  (quiet)\n") && listed.contains("Kitchen  (meets)"), "{listed}");
    let said = at.type_(&["group", "show", "new"]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("New is new here. Its first meeting is not on the agenda yet."));
}
