//! A group that waits to be welcomed is seen by whoever has its link, and heard of by nobody.

use plaza::{
    powers::{
        self,
        deed::{Deed, Kind, Role},
    },
    welcome::actions::{unwelcome, welcome},
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const ACTIVITY: &str = "application/activity+json";

impl City {
    async fn welcomes(&self, handle: &'static str) {
        self.app.act(move |conn, here| welcome(conn, here, handle)).await.expect("welcomed");
    }

    async fn takes_welcome_back(&self, handle: &'static str) {
        let deed = Deed::of(Kind::Unwelcomed, Role::Caretaker, self.clock.now());
        self.app.act(move |conn, here| unwelcome(conn, here, handle, &deed)).await.expect("taken back");
    }

    /// How many activities were said, and how many deliveries wait.
    async fn said(&self) -> (i64, i64) {
        use diesel::{QueryDsl, RunQueryDsl};
        use plaza::db::schema::{activities, deliveries};
        let counted = self
            .app
            .db
            .read(|conn| Ok((activities::table.count().get_result(conn)?, deliveries::table.count().get_result(conn)?)));
        counted.await.expect("reading")
    }
}

/// Whatever everyone may ask for without knowing of the group.
const PUBLIC: [&str; 24] = [
    "/",
    "/groups",
    "/groups?tag=occupy",
    "/meetings",
    "/meetings?month=2026-12",
    "/meetings?tag=food",
    "/meetings?tag=occupy",
    "/meetings?place=square",
    "/meetings?kind=meeting",
    "/meetings.ics",
    "/meetings.ics?tag=food",
    "/meetings.atom",
    "/announcements",
    "/announcements.atom",
    "/tags/food",
    "/tags/occupy",
    "/@plaza",
    "/today.txt",
    "/week.txt",
    "/poster/week",
    "/wall",
    "/embed/meetings",
    "/about",
    "/nodeinfo/2.1",
];

/// What knows it by name: it is as if it were not there.
const BY_NAME: [&str; 11] = [
    "/@medics2.ics",
    "/@medics2.atom",
    "/meetings.ics?group=medics2",
    "/meetings.atom?group=medics2",
    "/poster/@medics2",
    "/embed/@medics2",
    "/ap/groups/medics2",
    "/ap/groups/medics2/outbox",
    "/ap/groups/medics2/outbox?page=1",
    "/ap/groups/medics2/featured",
    "/ap/groups/medics2/followers",
];

#[test]
fn a_group_that_waits_is_seen_by_its_link_and_stands_nowhere_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        let before = city.said().await;
        let mut empty = Vec::new();
        for path in PUBLIC {
            let answer = city.get(path, "*/*").await;
            empty.push((answer.status(), answer.text().await.unwrap()));
        }
        city.waiting_group("medics2").await;
        let meeting = city.meeting("medics2", "Zebra practice").await;
        let note = city.announce("medics2", "Zebra bandages #food").await;
        assert_eq!(city.said().await, before, "nothing was said and nothing is queued");

        for (path, (status, text)) in PUBLIC.iter().zip(&empty) {
            let answer = city.get(path, "*/*").await;
            assert_eq!(answer.status(), *status, "{path}");
            let page = answer.text().await.unwrap();
            assert!(!page.contains("Zebra") && !page.contains("medics2"), "{path}: {page}");
            assert_eq!(page.len(), text.len(), "{path} is as it was");
        }
        for path in BY_NAME {
            assert_eq!(city.get(path, ACTIVITY).await.status(), 404, "{path}");
        }
        for id in [format!("/ap/events/{}", meeting.id), format!("/ap/notes/{}", note.id)] {
            for path in [id.clone(), format!("{id}/replies")] {
                assert_eq!(city.get(&path, ACTIVITY).await.status(), 404, "{path}");
            }
        }
        let host = city.origin.trim_start_matches("http://");
        for resource in [format!("acct:medics2@{host}"), format!("{}/@medics2", city.origin)] {
            let path = format!("/.well-known/webfinger?resource={resource}");
            assert_eq!(city.get(&path, "*/*").await.status(), 404, "{path}");
        }
        let inbox = city.http.post(format!("{}/ap/groups/medics2/inbox", city.origin)).body("{}").send().await.unwrap();
        assert_eq!(inbox.status(), 404);

        // whoever has the link sees it, and search engines are asked not to keep it
        let nobody = Phone::of(&city);
        let page = nobody.page("/@medics2").await;
        assert!(page.contains("Zebra practice") && page.contains("Zebra bandages"), "{page}");
        assert!(page.contains("waits to be welcomed") && page.contains("noindex") && !page.contains("/@medics2.ics"), "{page}");
        assert!(nobody.page(&format!("/meetings/{}", meeting.id)).await.contains("noindex"));
        assert!(nobody.page(&format!("/announcements/{}", note.id)).await.contains("noindex"));
    });
}

#[test]
fn a_welcome_lets_everyone_hear_what_was_said_so_far() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        let meeting = city.meeting("medics2", "Zebra practice").await;
        let note = city.announce("medics2", "Zebra bandages #food").await;
        city.welcomes("medics2").await;

        for path in ["/", "/groups", "/meetings", "/meetings.ics", "/@medics2.ics", "/announcements.atom", "/tags/food"] {
            assert!(city.get(path, "*/*").await.text().await.unwrap().contains("ebra") || path == "/groups", "{path}");
        }
        assert!(city.get("/groups", "*/*").await.text().await.unwrap().contains("/@medics2"));
        city.document("/ap/groups/medics2").await;
        city.document(&format!("/ap/events/{}", meeting.id)).await;
        let outbox = city.document("/ap/groups/medics2/outbox?page=1").await;
        let items = outbox["orderedItems"].as_array().unwrap();
        let objects: Vec<&str> = items.iter().map(|item| item["object"]["id"].as_str().unwrap()).collect();
        // the newest first
        assert_eq!(objects.len(), 2, "{outbox}");
        assert!(objects[0].ends_with(&note.id.to_string()) && objects[1].ends_with(&meeting.id.to_string()));
        assert!(items.iter().all(|item| item["type"] == "Create"));
        // a second welcome says nothing anew
        let said = city.said().await;
        city.welcomes("medics2").await;
        assert_eq!(city.said().await, said);
    });
}

#[test]
fn a_welcome_can_be_taken_back_and_given_again() {
    on_each_database(|database| async move {
        let (city, there) = (City::start(database).await, City::start(database).await);
        city.group("kitchen").await;
        there.group("cooks").await;
        there.hears("cooks", &city, "kitchen").await;
        assert_eq!(city.followers("kitchen").await, 1);
        let old = city.announce("kitchen", "Zebra soup at six").await;
        city.work().await;
        assert_eq!(there.heard("cooks").await.len(), 1);
        let create = city.document("/ap/groups/kitchen/outbox?page=1").await["orderedItems"][0]["id"].clone();

        city.takes_welcome_back("kitchen").await;
        assert_eq!(city.get("/ap/groups/kitchen", ACTIVITY).await.status(), 404);
        let create = create.as_str().unwrap().trim_start_matches(&city.origin).to_owned();
        assert_eq!(city.get(&create, ACTIVITY).await.status(), 404, "what it said is not served any more");
        assert!(!city.get("/announcements.atom", "*/*").await.text().await.unwrap().contains("Zebra"));
        city.advance(std::time::Duration::from_secs(60));
        let new = city.announce("kitchen", "Zebra bread at noon").await;
        let edited = old.id;
        city.app
            .act(move |conn, here| {
                plaza::announcements::actions::edit(conn, here, edited, &|note| note.text = "Zebra soup at seven".into())
            })
            .await
            .unwrap();
        city.work().await;
        assert_eq!(there.heard("cooks").await.len(), 1, "nobody hears what it says now");

        city.welcomes("kitchen").await;
        city.work().await;
        let heard = there.heard("cooks").await;
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard.iter().any(|heard| heard.content.contains("at noon")));
        assert!(heard.iter().any(|heard| heard.content.contains("at seven")), "{heard:?}");

        // what others may hold is taken back for them even while the group waits
        city.takes_welcome_back("kitchen").await;
        let taken = new.id;
        city.app.act(move |conn, here| plaza::announcements::actions::delete(conn, here, taken)).await.unwrap();
        city.work().await;
        assert_eq!(there.heard("cooks").await.len(), 1);
    });
}

#[test]
fn whoever_lost_the_welcome_does_not_give_it_to_themselves() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("spam").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut troll = city.organizer("troll", "spam").await;
        city.advance(std::time::Duration::from_secs(20 * 24 * 3_600));
        city.takes_welcome_back("spam").await;
        assert_eq!(troll.send("/groups/welcome", &[("group", "spam")]).await.status(), 403);
        assert_eq!(ana.send("/groups/welcome", &[("group", "spam")]).await.status(), 303, "somebody who is known does");
    });
}

#[test]
fn a_group_that_waits_leads_nobody_away_and_puts_up_little() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        let here = city.app.here();
        let mut note = city.announce("medics2", "One").await;
        note.text = "Call 617 555 0123".into();
        note.id = here.new_id();
        let refused = note.clone();
        let publish = move |note: plaza::announcements::announcement::Announcement| {
            let app = city.app.clone();
            async move { app.act(move |conn, here| plaza::announcements::actions::publish(conn, here, &note)).await }
        };
        let why = publish(refused).await.unwrap_err().to_string();
        assert!(why.contains("telephone numbers"), "{why}");
        for number in 0..12 {
            let more = plaza::announcements::announcement::Announcement {
                id: here.new_id(),
                text: format!("News {number}"),
                ..note.clone()
            };
            assert_eq!(publish(more).await.is_ok(), number < 11, "{number}");
        }
    });
}

#[test]
fn a_welcome_is_counted_and_nobody_knows_whose_it_was() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        city.welcomes("medics2").await;
        let now = city.clock.now();
        let deeds = city.app.db.read(move |conn| Ok(powers::store::of_group(conn, Some("medics2"), now)?)).await.unwrap();
        assert_eq!(deeds.len(), 1);
        assert_eq!((deeds[0].kind, deeds[0].member, deeds[0].about), (Kind::Welcomed, None, None));
    });
}

#[test]
fn whoever_asks_for_a_group_that_waits_hears_what_is_said_of_one_that_is_not_there() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        let absent = city.get("/ap/groups/nobody", ACTIVITY).await;
        let waiting = city.get("/ap/groups/medics2", ACTIVITY).await;
        assert_eq!(absent.status(), StatusCode::NOT_FOUND);
        assert_eq!(absent.status(), waiting.status());
        let same = |text: String| text.replace("nobody", "…").replace("medics2", "…");
        assert_eq!(same(absent.text().await.unwrap()), same(waiting.text().await.unwrap()));
    });
}

#[test]
fn whoever_speaks_for_a_group_that_waits_reads_so_before_they_say_something() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        city.waiting_group("medics2").await;
        let mut ana = city.organizer("ana", "medics2").await;
        let desk = ana.page("/ours/@medics2").await;
        assert!(desk.contains("Your group waits to be welcomed") && desk.contains("passed on after the welcome"), "{desk}");
        let to = ana.goes_on("/ours/@medics2/news/new", &[("text", "Bandages"), ("language", "en"), ("do", "next")]).await;
        let asks = ana.page(&to).await;
        assert!(asks.contains("The group waits to be welcomed; after that this goes on"), "{asks}");
        assert!(!asks.contains("digest") && !asks.contains("Nobody follows"), "{asks}");
        city.welcomes("medics2").await;
        let asks = ana.page(&to).await;
        assert!(asks.contains("in the digest") && !asks.contains("waits to be welcomed"), "{asks}");
        assert!(!ana.page("/ours/@medics2").await.contains("waits to be welcomed"));
    });
}

#[test]
fn a_group_under_whose_name_people_look_for_help_is_welcomed_by_a_caretaker() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        city.waiting_group("soup").await;
        let (ana, cy) = (city.organizer("ana", "medics2").await, city.caretaker("cy").await);
        city.organizer("eve", "soup").await;
        for path in ["/ours/@medics2", "/ours/@medics2/share"] {
            let page = ana.page(path).await;
            assert!(page.contains("one of those who look after this place has to welcome it"), "{path}: {page}");
            assert!(!page.contains("One welcome is enough") && !page.contains("after one welcome"), "{path}: {page}");
        }
        let page = cy.page("/groups/welcome").await;
        assert!(page.contains("@medics2</bdi>") && page.contains("under the name @medics2, and believe"), "{page}");
        assert!(page.contains("@soup</bdi>") && !page.contains("under the name @soup"), "{page}");

        // the way to welcome it is shown to whoever may
        let bo = city.member("bo").await;
        assert!(!bo.page("/@soup").await.contains("Welcome it"), "known for less than 14 days");
        city.advance(std::time::Duration::from_secs(15 * 24 * 3_600));
        // whoever was not here for two weeks signs in again
        let again = async |phone: Phone| city.sign_in(phone.member.expect("somebody")).await;
        let (bo, cy, ana) = (again(bo).await, again(cy).await, again(ana).await);
        let page = bo.page("/@soup").await;
        assert!(page.contains("href=\"/groups/welcome\">Welcome it, if you know them"), "{page}");
        assert!(page.contains("This group waits to be welcomed.") && !page.contains("This group is new"), "{page}");
        assert!(!bo.page("/@medics2").await.contains("Welcome it"), "not this one");
        assert!(cy.page("/@medics2").await.contains("Welcome it"));
        assert!(!ana.page("/@medics2").await.contains("Welcome it"), "not one's own");
        assert!(!Phone::of(&city).page("/@soup").await.contains("Welcome it"));
    });
}

#[test]
fn what_a_group_that_waits_may_not_say_is_told_where_it_is_written() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        let mut ana = city.organizer("ana", "medics2").await;
        let refused = async |ana: &mut Phone, path: &str, fields: &[(&str, &str)]| {
            let answer = ana.send(path, &[fields, &[("language", "en"), ("do", "next")]].concat()).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            answer.text().await.unwrap()
        };
        let meeting = |place: &'static str| {
            let day = [("title", "First aid"), ("kind", "meeting"), ("day", "2026-12-01"), ("from", "18:00")];
            [&day[..], &[("zone", "America/New_York"), ("place", place)]].concat()
        };
        let (news, held) = ("/ours/@medics2/news/new", "/ours/@medics2/meetings/new");
        let page = refused(&mut ana, news, &[("text", "Look at https://evil.example")]).await;
        assert!(page.contains("Until a group is welcomed, it names no telephone numbers"), "{page}");
        let page = refused(&mut ana, held, &meeting("call 617-555-0123")).await;
        assert!(page.contains("Until a group is welcomed, it names no telephone numbers"), "{page}");
        for _ in 0..12 {
            let to = ana.goes_on(news, &[("text", "Bandages"), ("language", "en"), ("do", "next")]).await;
            ana.goes_on(&to, &[("revision", "1")]).await;
            let to = ana.goes_on(held, &[&meeting("The tent")[..], &[("language", "en"), ("do", "next")]].concat()).await;
            ana.goes_on(&to, &[("revision", "1")]).await;
        }
        assert!(refused(&mut ana, news, &[("text", "Bandages")]).await.contains("at most 12 announcements"));
        assert!(refused(&mut ana, held, &meeting("The tent")).await.contains("at most 12 meetings"));
    });
}

#[test]
fn the_agenda_of_a_group_that_waits_is_for_no_search_engine() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("medics2").await;
        city.group("kitchen").await;
        let robots = async |path: &str| Phone::of(&city).page(path).await.contains("content=\"noindex, nofollow\"");
        assert!(robots("/@medics2").await && robots("/meetings?group=medics2").await);
        assert!(!robots("/meetings?group=kitchen").await && !robots("/meetings").await);
    });
}
