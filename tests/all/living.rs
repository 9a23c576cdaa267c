//! Who still meets: as everybody sees it, without anybody setting it.

use std::{collections::BTreeSet, time::Duration};

use plaza::{
    groups::{self, group::Group},
    living::{self, liveness::Liveness},
    meetings::{self, meeting::Meeting},
    people,
    series::{self, rule::Rule, series::Series},
    worker,
};

use crate::{
    city::{City, START, on_each_database},
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
        city.advance(20 * DAY);
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
        let mission = [
            ("step", "2"),
            ("name", "Puppets"),
            ("mission", "Contra los desahucios, por la vivienda digna"),
            ("handle", "puppets"),
        ];
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
            city.described(handle, |group| group.tags = vec!["video".into()]).await;
        }
        city.described("kitchen", |group| group.tags = vec![]).await;
        city.described("garden", |group| group.tags = vec!["food".into()]).await;
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

/// Meetings of a series as everybody sees them, and what was said of them.
impl City {
    /// A meeting each Tuesday at 18:00 in New York, from 1 December on.
    pub async fn weekly(&self, group: &str, title: &str) -> Series {
        let (starts, now) = (START + 7 * DAY + 11 * HOUR, self.clock.now());
        let title = title.to_owned();
        let first = Meeting { id: self.app.here().new_id(), title, starts, ends: starts + 2 * HOUR, ..self.like(group) };
        let clock = first.local_start().naive_local();
        let rule = Rule::parse("FREQ=WEEKLY", clock, first.zone).expect("a rule");
        let series = Series::new(first, clock, rule, BTreeSet::new(), now);
        let new = series.clone();
        self.app.act(move |conn, here| series::actions::begin(conn, here, &new)).await.expect("a series");
        series
    }

    /// The meeting of that number, from 0.
    pub async fn of_series(&self, series: &Series, number: usize) -> Meeting {
        let id = series.id;
        let all = self.app.db.read(move |conn| Ok(meetings::store::of_series(conn, id)?)).await.expect("reading");
        all.into_iter().nth(number).expect("a meeting")
    }

    /// Days go by, and what happens by itself happens.
    pub async fn days_go_by(&self, days: u32) {
        for _ in 0..days {
            self.advance(DAY);
            worker::open_meetings_once(&self.app).await.expect("opened");
        }
    }

    pub async fn doubts(&self) -> usize {
        living::actions::doubt_what_nobody_confirmed(&self.app).await.expect("looked at")
    }

    /// How often others were told that something changed.
    async fn updates(&self, path: &str) -> i64 {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use plaza::db::schema::activities;
        let object = path.to_owned();
        let counted = self.app.db.read(move |conn| {
            let said = activities::table.filter(activities::object.eq(object)).filter(activities::kind.eq("Update"));
            Ok(said.count().get_result(conn)?)
        });
        counted.await.expect("counted")
    }
}

#[test]
fn a_series_that_nobody_confirms_three_times_is_unconfirmed_until_somebody_does() {
    on_each_database(|database| async move {
        let (city, there) = (City::start(database).await, City::start(database).await);
        city.group("kitchen").await;
        there.group("choir").await;
        there.hears("choir", &city, "kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let series = city.weekly("kitchen", "Cooking together").await;
        let nobody = Phone::of(&city);
        city.days_go_by(21).await;
        assert_eq!(city.doubts().await, 0, "two are over, and the third is about to begin");
        assert!(ana.page("/ours/@kitchen").await.contains("Did it take place?"));
        city.days_go_by(1).await;
        there.advance(22 * DAY);
        let next = city.of_series(&series, 3).await;
        let path = format!("/ap/events/{}", next.id);
        assert_eq!((next.is_said(), city.updates(&path).await), (true, 0));
        assert_eq!(city.document(&path).await["status"], "CONFIRMED");
        assert_eq!(city.liveness("kitchen").await, Liveness::Meets);

        assert_eq!(city.doubts().await, 1);
        assert_eq!(city.doubts().await, 0, "whoever looks again finds nothing to do");
        assert_eq!(city.updates(&path).await, 1, "whoever heard of it hears of it once");
        let later = city.of_series(&series, 4).await;
        assert_eq!((later.is_said(), later.unconfirmed), (false, true));
        assert_eq!(city.updates(&format!("/ap/events/{}", later.id)).await, 0, "nobody heard of this one yet");
        let event = city.document(&path).await;
        assert_eq!((&event["eventStatus"], &event["status"]), (&"EventTentative".into(), &"TENTATIVE".into()));
        assert_eq!((&event["ical:status"], &event["name"]), (&"TENTATIVE".into(), &"Unconfirmed: Cooking together".into()));
        let warning = "Nobody has said of its last three meetings that they took place.";
        for page in [
            format!("/meetings/{}", next.id),
            format!("/meetings/{}", later.id),
            format!("/meetings/{}.txt", next.id),
            format!("/series/{}", series.id),
        ] {
            assert!(nobody.page(&page).await.contains(warning), "{page}");
        }
        for page in ["/meetings", "/@kitchen", "/embed/@kitchen", "/poster/@kitchen", "/meetings.atom"] {
            assert!(nobody.page(page).await.contains("Unconfirmed"), "{page}");
        }
        let calendar = nobody.page(&format!("/meetings/{}.ics", next.id)).await;
        assert!(calendar.contains("STATUS:TENTATIVE") && calendar.contains("SEQUENCE:1"), "{calendar}");
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet, "a meeting of which nobody knows is no sign of life");
        assert!(nobody.page("/groups").await.contains("On the agenda, but nobody has said lately that it still meets"));
        city.work().await;
        let heard = there.heard("choir").await;
        let heard = heard.iter().find(|heard| heard.uri.ends_with(&path)).expect("heard of");
        assert_eq!(heard.title.as_deref(), Some("Unconfirmed: Cooking together"), "the other city is warned");
        assert!(heard.content.contains(warning), "{}", heard.content);

        // what opens from now on says so from the start
        city.days_go_by(7).await;
        there.advance(7 * DAY);
        let opened = city.document(&format!("/ap/events/{}", later.id)).await;
        assert_eq!((&opened["status"], city.updates(&format!("/ap/events/{}", later.id)).await), (&"TENTATIVE".into(), 0));

        // one tap, and all of it is as before
        let last = city.of_series(&series, 3).await;
        let answer = format!("/ours/@kitchen/meetings/{}/met", last.id);
        assert!(ana.page("/ours/@kitchen/waiting").await.contains(&answer));
        let sent = ana.send(&answer, &[("met", "yes")]).await;
        assert_eq!(sent.headers()["location"].to_str().expect("text"), "/ours/@kitchen?done=met");
        let path = format!("/ap/events/{}", later.id);
        assert_eq!(city.updates(&path).await, 1);
        let event = city.document(&path).await;
        assert_eq!((&event["eventStatus"], &event["status"]), (&"EventScheduled".into(), &"CONFIRMED".into()));
        assert!(!nobody.page("/meetings").await.contains("Unconfirmed"));
        assert!(!ana.page("/ours/@kitchen").await.contains(&answer), "it was answered");
        assert_eq!((city.liveness("kitchen").await, city.doubts().await), (Liveness::Meets, 0));
        city.work().await;
        let heard = there.heard("choir").await;
        assert!(heard.iter().any(|heard| heard.uri.ends_with(&path) && heard.title.as_deref() == Some("Cooking together")));
        ana.send(&answer, &[("met", "yes")]).await;
        assert_eq!(city.updates(&path).await, 1, "said again, it is nothing new");
    });
}

#[test]
fn whoever_changes_a_series_means_it_and_counting_begins_anew() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = city.weekly("kitchen", "Cooking").await;
        city.days_go_by(22).await;
        assert_eq!(city.doubts().await, 1);
        let (id, next) = (series.id, city.of_series(&series, 3).await);
        let path = format!("/ap/events/{}", next.id);
        assert_eq!(city.updates(&path).await, 1);
        let renamed = city.app.act(move |conn, here| {
            series::actions::change(conn, here, id, None, &|series| {
                series.pattern.title = "Cooking together".into();
                Ok(())
            })
        });
        let renamed = renamed.await.expect("changed");
        assert!(!renamed.unconfirmed);
        assert_eq!(renamed.pattern.sequence, 2, "calendars take the other state only with another number");
        assert_eq!(city.of_series(&series, 3).await.sequence, next.sequence + 1);
        assert_eq!(city.updates(&path).await, 2, "name and state change in one");
        let event = city.document(&path).await;
        assert_eq!((&event["name"], &event["status"]), (&"Cooking together".into(), &"CONFIRMED".into()));
        assert!(!city.of_series(&series, 9).await.unconfirmed);
        city.days_go_by(14).await;
        assert_eq!(city.doubts().await, 0, "two since");
        city.days_go_by(7).await;
        assert_eq!(city.doubts().await, 1, "three since");
        // a series whose group ended is nobody's concern
        let other = city.group("choir").await;
        city.weekly("choir", "Rehearsal").await;
        city.app.act(move |conn, here| groups::actions::close(conn, here, &other.handle)).await.expect("closed");
        city.days_go_by(40).await;
        assert_eq!(city.doubts().await, 0);
    });
}

#[test]
fn whether_a_meeting_took_place_is_the_groups_own_to_say_and_nobody_sees_that_it_did_not() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        for handle in ["kitchen", "choir"] {
            city.group(handle).await;
        }
        let (mut ana, mut bo) = (city.organizer("ana", "kitchen").await, city.organizer("bo", "choir").await);
        let meeting = city.meeting("kitchen", "Weekly").await;
        let answer = |group: &str| format!("/ours/@{group}/meetings/{}/met", meeting.id);
        assert_eq!(ana.send(&answer("kitchen"), &[("met", "yes")]).await.status(), 403, "it is not over yet");
        city.advance(8 * DAY);
        assert_eq!(bo.send(&answer("kitchen"), &[("met", "yes")]).await.status(), 403);
        assert_eq!(bo.send(&answer("choir"), &[("met", "yes")]).await.status(), 404, "it is no meeting of theirs");
        let public = [format!("/meetings/{}", meeting.id), "/@kitchen.atom".into(), format!("/meetings/{}.ics", meeting.id)];
        let mut before = Vec::new();
        for page in &public {
            before.push(Phone::of(&city).page(page).await);
        }
        assert!(ana.page("/ours/@kitchen").await.contains(&answer("kitchen")));
        assert_eq!(ana.send(&answer("kitchen"), &[("met", "perhaps")]).await.status(), 400);
        assert_eq!(ana.send(&answer("kitchen"), &[("met", "no")]).await.status(), 303);
        for (page, before) in public.iter().zip(&before) {
            assert_eq!(&Phone::of(&city).page(page).await, before, "{page} shows nothing of it");
        }
        assert!(!ana.page("/ours/@kitchen").await.contains(&answer("kitchen")), "it is asked once");
        assert_eq!(city.liveness("kitchen").await, Liveness::Quiet, "but it was no meeting");
        assert_eq!(ana.send(&answer("kitchen"), &[("met", "yes")]).await.status(), 303, "it was a mistake");
        assert_eq!(city.liveness("kitchen").await, Liveness::Meets);
        let off = city.meeting_in("kitchen", "Off", DAY).await;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, off.id)).await.expect("cancelled");
        city.advance(2 * DAY);
        let off = format!("/ours/@kitchen/meetings/{}/met", off.id);
        assert!(!ana.page("/ours/@kitchen/waiting").await.contains(&off));
        assert_eq!(ana.send(&off, &[("met", "yes")]).await.status(), 403, "it was called off");
        let asked = city.meeting_in("kitchen", "Alone", DAY).await;
        city.advance(2 * DAY);
        let asked = format!("/ours/@kitchen/meetings/{}/met", asked.id);
        assert!(ana.page("/ours/@kitchen").await.contains(&asked));
        city.advance(14 * DAY);
        assert!(!ana.page("/ours/@kitchen").await.contains(&asked), "after two weeks nobody asks any more");
    });
}

#[test]
fn notes_of_a_meeting_confirm_its_series_too() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let series = city.weekly("kitchen", "Cooking").await;
        city.days_go_by(22).await;
        assert_eq!(city.doubts().await, 1);
        let last = city.of_series(&series, 2).await;
        city.note(&last, "We cooked soup.").await;
        assert_eq!(city.document(&format!("/ap/events/{}", city.of_series(&series, 3).await.id)).await["status"], "CONFIRMED");
        assert!(city.of_series(&series, 2).await.met.is_some());
        assert_eq!((city.liveness("kitchen").await, city.doubts().await), (Liveness::Meets, 0));
    });
}
