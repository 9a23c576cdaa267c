//! Two cities: one follows a group of the other, and receives all it says, in order.

use std::time::Duration;

use plaza::{announcements, meetings, meetings::meeting::Meeting};

use crate::city::{City, on_each_database};

async fn two_cities(database: &str) -> (City, City) {
    let (here, there) = (City::start(database).await, City::start(database).await);
    here.group("kitchen").await;
    there.group("trees").await;
    there.hears("trees", &here, "kitchen").await;
    assert_eq!(here.followers("kitchen").await, 1);
    (here, there)
}

async fn change(city: &City, meeting: &Meeting, change: impl Fn(&mut Meeting) + Send + 'static) {
    let id = meeting.id;
    let outcome = city.app.act(move |conn, here| {
        meetings::actions::change(conn, here, id, &|meeting| {
            change(meeting);
            Ok(())
        })
    });
    outcome.await.expect("changed");
}

async fn cancel(city: &City, meeting: &Meeting) {
    let id = meeting.id;
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
}

#[test]
fn a_follower_in_another_city_receives_a_meeting_its_move_and_its_cancellation() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        assert_eq!(here.work().await, 1);
        let heard = there.heard("trees").await;
        assert_eq!(
            (heard[0].kind.as_str(), heard[0].title.as_deref(), heard[0].starts),
            ("Event", Some("Weekly meeting"), Some(meeting.starts))
        );
        assert_eq!(heard[0].place.as_deref(), Some("The square, Broadway & Liberty St"));

        let later = meeting.starts + Duration::from_secs(3_600);
        change(&here, &meeting, move |meeting| {
            meeting.ends = meeting.ends + Duration::from_secs(3_600);
            meeting.starts = later;
        })
        .await;
        assert_eq!(here.work().await, 2, "the Update and its companion note");
        let heard = there.heard("trees").await;
        let event = heard.iter().find(|heard| heard.kind == "Event").expect("the meeting");
        let note = heard.iter().find(|heard| heard.kind == "Note").expect("the note");
        assert_eq!(event.starts, Some(later));
        assert_eq!(note.in_reply_to.as_deref(), Some(event.uri.as_str()));
        assert!(note.content.contains("Moved: Weekly meeting is now Tue 1 Dec 2026, 19:00–21:00 EST"), "{}", note.content);

        cancel(&here, &meeting).await;
        assert_eq!(here.work().await, 2);
        let heard = there.heard("trees").await;
        let event = heard.iter().find(|heard| heard.kind == "Event").expect("the meeting");
        assert!(event.cancelled);
        assert_eq!(event.title.as_deref(), Some("CANCELLED: Weekly meeting"));
        assert_eq!(here.work().await, 0, "nothing is left");
    });
}

#[test]
fn an_announcement_its_edit_and_its_deletion_arrive() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let announcement = here.announce("kitchen", "We need **pots**").await;
        here.work().await;
        assert_eq!(there.heard("trees").await[0].content, "<p>We need <strong>pots</strong></p>");

        here.advance(Duration::from_secs(60));
        let id = announcement.id;
        let edit =
            here.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "No more pots".into()));
        edit.await.expect("edited");
        here.work().await;
        assert_eq!(there.heard("trees").await[0].content, "<p>No more pots</p>");

        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        let path = format!("/ap/notes/{id}");
        assert_eq!(here.get(&path, "application/activity+json").await.status(), 410, "gone before the Delete is sent");
        here.work().await;
        assert!(there.heard("trees").await.is_empty());
    });
}

#[test]
fn what_was_said_while_the_other_side_was_down_arrives_in_order() {
    on_each_database(|database| async move {
        let (here, mut there) = two_cities(database).await;
        there.go_down().await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        assert_eq!(here.work().await, 0);
        cancel(&here, &meeting).await;
        let kept = here.announce("kitchen", "first").await;
        let id = kept.id;
        let edit = here.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "second".into()));
        edit.await.expect("edited");
        assert_eq!(here.work().await, 0, "the host is being left alone");

        there.come_back().await;
        for city in [&here, &there] {
            city.advance(Duration::from_secs(120));
        }
        assert_eq!(here.work().await, 5);
        let heard = there.heard("trees").await;
        let event = heard.iter().find(|heard| heard.kind == "Event").expect("the meeting");
        assert!(event.cancelled, "the last word counts");
        assert!(heard.iter().any(|heard| heard.content == "<p>second</p>"));
        assert_eq!(heard.len(), 3, "a meeting, its note, an announcement");
    });
}

#[test]
fn a_third_change_of_a_day_rewrites_the_last_note_instead_of_adding_one() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        for place in ["The church", "The library"] {
            change(&here, &meeting, move |meeting| meeting.place = Some(place.into())).await;
            here.advance(Duration::from_secs(60));
        }
        cancel(&here, &meeting).await;
        here.work().await;
        let notes: Vec<_> = there.heard("trees").await.into_iter().filter(|heard| heard.kind == "Note").collect();
        assert_eq!(notes.len(), 2);
        assert!(notes.iter().any(|note| note.content.contains("Cancelled: Weekly meeting")), "{notes:?}");
    });
}

#[test]
fn a_new_link_is_named_in_the_note() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        change(&here, &meeting, |meeting| meeting.online = "https://meet.example/new".parse().ok()).await;
        here.work().await;
        let heard = there.heard("trees").await;
        let note = heard.iter().find(|heard| heard.kind == "Note").expect("the note");
        assert!(note.content.contains("https://meet.example/new"), "{}", note.content);
    });
}

#[test]
fn a_change_of_words_alone_causes_no_note() {
    on_each_database(|database| async move {
        let (here, _there) = two_cities(database).await;
        let meeting = here.meeting("kitchen", "Weekly meeting").await;
        here.work().await;
        change(&here, &meeting, |meeting| meeting.agenda = Some("another agenda".into())).await;
        assert_eq!(here.work().await, 1);
        change(&here, &meeting, |_| {}).await;
        assert_eq!(here.work().await, 0, "nothing changed, nothing said");
    });
}

#[test]
fn whoever_leaves_hears_of_deletions_but_of_nothing_new() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let announcement = here.announce("kitchen", "Here today").await;
        here.work().await;
        let uri = format!("{}/ap/groups/kitchen", here.origin);
        there.app.act(move |conn, here| plaza::sisters::actions::leave(conn, here, "trees", &uri)).await.expect("left");
        there.work().await;
        assert_eq!(here.followers("kitchen").await, 0);
        here.advance(Duration::from_secs(60));
        let after = here.announce("kitchen", "Not for you").await;
        assert_eq!(here.work().await, 0);
        let id = after.id;
        let edit =
            here.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "Nor this".into()));
        edit.await.expect("edited");
        assert_eq!(here.work().await, 0, "nor a change of what came later");
        let id = announcement.id;
        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        assert_eq!(here.work().await, 1);
    });
}

#[test]
fn a_blocked_host_neither_follows_nor_hears() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        here.app.act(|conn, here| plaza::blocks::actions::block(conn, here, "127.0.0.1")).await.expect("blocked");
        assert_eq!(here.followers("kitchen").await, 0);
        here.announce("kitchen", "Not for you").await;
        assert_eq!(here.work().await, 0);
        let actor =
            plaza::actors::discovery::find(&there.app, &format!("{}/ap/groups/kitchen", here.origin)).await.expect("public");
        there.app.act(move |conn, here| plaza::sisters::actions::ask(conn, here, "trees", &actor, None)).await.expect("asked");
        there.work().await;
        assert_eq!(here.followers("kitchen").await, 0, "403");
    });
}

#[test]
fn a_closed_group_is_gone_for_everyone() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        here.announce("kitchen", "Farewell").await;
        here.work().await;
        assert_eq!(there.heard("trees").await.len(), 1);
        here.app.act(|conn, here| plaza::groups::actions::close(conn, here, "kitchen")).await.expect("closed");
        for path in ["/ap/groups/kitchen", "/ap/groups/kitchen/outbox", "/.well-known/webfinger?resource=acct:kitchen@"] {
            let path =
                if path.ends_with('@') { format!("{path}{}", here.origin.trim_start_matches("http://")) } else { path.into() };
            assert_eq!(here.get(&path, "application/activity+json").await.status(), 410, "{path}");
        }
        assert_eq!(here.work().await, 1);
        assert!(there.heard("trees").await.is_empty());
    });
}

#[test]
fn what_has_served_its_purpose_is_forgotten() {
    on_each_database(|database| async move {
        let (here, there) = two_cities(database).await;
        let kept = here.announce("kitchen", "stays").await;
        let deleted = here.announce("kitchen", "a name that must go").await;
        let id = deleted.id;
        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        here.work().await;
        let uri = format!("{}/ap/groups/kitchen", here.origin);
        there.app.act(move |conn, here| plaza::sisters::actions::leave(conn, here, "trees", &uri)).await.expect("left");
        there.work().await;

        here.advance(Duration::from_secs(100 * 24 * 3_600));
        plaza::worker::forget_once(&here.app).await.expect("forgotten");
        let left: Vec<(String, String)> = here
            .app
            .db
            .read(|conn| {
                use diesel::{QueryDsl, RunQueryDsl};
                use plaza::db::schema::{activities, former_inboxes, handled, remote_actors, seen_signatures};
                let counts: [i64; 4] = [
                    remote_actors::table.count().get_result(conn)?,
                    former_inboxes::table.count().get_result(conn)?,
                    handled::table.count().get_result(conn)?,
                    seen_signatures::table.count().get_result(conn)?,
                ];
                assert_eq!(counts, [0; 4], "nothing of whoever left");
                Ok(activities::table.order(activities::sequence).select((activities::kind, activities::body)).load(conn)?)
            })
            .await
            .expect("reading");
        let kinds: Vec<&str> = left.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["Create", "Create", "Delete"], "the Accept is gone");
        assert!(left.iter().all(|(_, body)| !body.contains("a name that must go")));
        assert!(left[0].1.contains("stays"));
        assert_eq!(here.document(&format!("/ap/notes/{}", kept.id)).await["content"], "<p>stays</p>");
    });
}

#[test]
fn whoever_is_mentioned_hears_of_it_and_of_its_deletion() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        there.group("trees").await;
        let host = there.origin.trim_start_matches("http://");
        let mention = plaza::actors::discovery::resolve(&here.app, &format!("trees@{host}")).await.expect("found by WebFinger");
        assert_eq!(mention.uri.as_str(), format!("{}/ap/groups/trees", there.origin));
        let now = here.app.here();
        let announcement = announcements::announcement::Announcement {
            id: now.new_id(),
            group: "kitchen".into(),
            meeting: None,
            answers: None,
            title: None,
            text: format!("Come, @trees@{host}, and bring shade"),
            language: "en".into(),
            urgent: false,
            followers_only: false,
            mentions: vec![mention],
            pictures: vec![],
            published: now.now,
            updated: None,
            deleted: None,
        };
        let (new, id) = (announcement.clone(), announcement.id);
        here.app.act(move |conn, here| announcements::actions::publish(conn, here, &new)).await.expect("published");
        assert_eq!(here.work().await, 1, "nobody follows, one is mentioned");
        let note = here.document(&format!("/ap/notes/{id}")).await;
        assert_eq!(note["tag"][0]["type"], "Mention");
        assert_eq!(note["cc"][1], format!("{}/ap/groups/trees", there.origin));
        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        assert_eq!(here.work().await, 1);
    });
}

#[test]
fn what_an_unreachable_stranger_sent_is_checked_when_their_server_answers() {
    on_each_database(|database| async move {
        let (here, mut there) = (City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        there.group("trees").await;
        let actor =
            plaza::actors::discovery::find(&there.app, &format!("{}/ap/groups/kitchen", here.origin)).await.expect("public");
        there.app.act(move |conn, here| plaza::sisters::actions::ask(conn, here, "trees", &actor, None)).await.expect("asked");
        there.go_down().await;
        assert_eq!(
            plaza::worker::delivery_worker(&there.app).expect("a worker").drain().await.expect("sent").delivered,
            1,
            "202"
        );
        assert_eq!(here.followers("kitchen").await, 0, "not believed yet");
        there.come_back().await;
        for _ in 0..3 {
            here.advance(Duration::from_secs(300));
            there.advance(Duration::from_secs(300));
            here.work().await;
        }
        assert_eq!(here.followers("kitchen").await, 1);
    });
}
