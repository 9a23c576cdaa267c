//! Public answers are kept for whoever asks next; what was written since is seen all the same, at once.

use std::time::Duration;

use plaza::{app::App, groups, meetings};

use crate::city::{City, on_each_database};

async fn text(city: &City, path: &str, accept: &str) -> String {
    let answer = city.get(path, accept).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("text")
}

/// Everything that names a meeting of the kitchen, asked for twice: the second time it may have been kept.
async fn says(city: &City, meeting: &str, words: &str) -> Vec<bool> {
    let mut said = Vec::new();
    for (path, accept) in [
        ("/", "text/html"),
        ("/meetings", "text/html"),
        ("/@kitchen", "text/html"),
        (&format!("/meetings/{meeting}"), "text/html"),
        (&format!("/ap/events/{meeting}"), "application/activity+json"),
        (&format!("/meetings/{meeting}.ics"), "*/*"),
        ("/meetings.atom", "*/*"),
        ("/embed/@kitchen", "*/*"),
    ] {
        let (first, second) = (text(city, path, accept).await, text(city, path, accept).await);
        assert_eq!(first, second, "{path}");
        said.push(second.contains(words));
    }
    said
}

#[test]
fn an_answered_deed_is_seen_by_the_next_reader() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut meeting = city.meeting("kitchen", "Meeting").await;
        let id = meeting.id.to_string();
        for turn in 0..15 {
            meeting.title = format!("Meeting {turn}");
            let new = meeting.clone();
            let done = city.app.act(move |conn, here| {
                meetings::actions::change(conn, here, new.id, &|meeting| {
                    meeting.title = new.title.clone();
                    Ok(())
                })
            });
            done.await.expect("changed");
            assert_eq!(says(&city, &id, &meeting.title).await, [true; 8], "{turn}");
        }
    });
}

#[test]
fn a_deed_of_another_process_is_seen_as_well() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let other = App::open(city.app.config.clone(), city.clock.clone()).await.expect("the same city");
        for turn in 0..5 {
            let name = format!("Kitchen {turn}");
            let new = name.clone();
            let done = other.act(move |conn, here| {
                let group = groups::store::by_handle(conn, "kitchen")?.expect("it is there");
                Ok(groups::store::save(conn, &groups::group::Group { name: new.clone(), updated: here.now, ..group })?)
            });
            done.await.expect("changed");
            for path in ["/", "/groups", "/@kitchen"] {
                for _ in 0..2 {
                    assert!(text(&city, path, "text/html").await.contains(&name), "{path}");
                }
            }
        }
    });
}

#[test]
fn what_is_over_leaves_the_agenda_though_nothing_was_written() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        let until = meeting.ends.since(city.clock.now());
        city.advance(until - Duration::from_secs(1));
        for _ in 0..2 {
            assert!(text(&city, "/meetings", "text/html").await.contains("Weekly meeting"));
        }
        city.advance(Duration::from_secs(1));
        for _ in 0..2 {
            assert!(!text(&city, "/meetings", "text/html").await.contains("Weekly meeting"));
        }
    });
}
