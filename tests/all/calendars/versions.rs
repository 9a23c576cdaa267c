//! When a calendar or a feed has to be fetched again, and when not.

use plaza::{announcements, groups, meetings};
use reqwest::{Response, StatusCode};

use super::{DAY, HOUR, cancel, close, schedule};
use crate::city::{City, on_each_database};

const ALL: [&str; 5] = ["/meetings.ics", "/@kitchen.ics", "/meetings.atom", "/announcements.atom", "/@kitchen.atom"];

async fn ask(city: &City, path: &str, known: &str) -> Response {
    let request = city.http.get(format!("{}{path}", city.origin)).header("if-none-match", known);
    request.send().await.expect("an answer")
}

/// The version of each, after a look that it is what is asked for again.
async fn versions(city: &City) -> Vec<String> {
    let mut versions = vec![];
    for path in ALL {
        let answer = city.get(path, "*/*").await;
        let version = answer.headers()["etag"].to_str().expect("ascii").to_owned();
        assert!(answer.headers().contains_key("last-modified"));
        assert_eq!(answer.headers()["cache-control"], "public, max-age=60");
        for known in [version.clone(), format!("W/{version}"), format!("\"x\", {version}"), "*".into()] {
            let again = ask(city, path, &known).await;
            assert_eq!((again.status(), again.headers()["etag"].to_str().ok()), (StatusCode::NOT_MODIFIED, Some(&*version)));
            assert_eq!(again.text().await.expect("text"), "");
        }
        versions.push(version);
    }
    versions
}

#[test]
fn a_version_lasts_until_something_is_said_or_the_day_ends() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        let mut before = versions(&city).await;
        assert_eq!(versions(&city).await, before);
        // the clock stands still: it is not the time that makes the difference
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        let note = city.announce("kitchen", "Bring pots").await;
        let (id, note) = (meeting.id, note.id);
        for step in 0..8 {
            match step {
                0 => {}
                1 => {
                    let retitle = |meeting: &mut meetings::meeting::Meeting| {
                        meeting.title = "Another title".into();
                        Ok(())
                    };
                    city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &retitle)).await.expect("changed");
                }
                2 => cancel(&city, &meeting).await,
                3 => {
                    let rename = |group: &mut groups::group::Group| group.name = "Cooks".into();
                    city.app.act(move |conn, here| groups::actions::edit(conn, here, "kitchen", &rename)).await.expect("edited");
                }
                4 => {
                    let change = |note: &mut announcements::announcement::Announcement| note.text = "Bring pans".into();
                    city.app
                        .act(move |conn, here| announcements::actions::edit(conn, here, note, &change))
                        .await
                        .expect("edited");
                }
                5 => {
                    drop(city.app.act(move |conn, here| announcements::actions::delete(conn, here, note)).await.expect("deleted"))
                }
                6 => close(&city, "library").await,
                _ => drop(schedule(&city, "kitchen", |_| {}).await),
            }
            let after = versions(&city).await;
            for ((path, before), after) in ALL.iter().zip(&before).zip(&after) {
                assert_ne!(before, after, "{path} after step {step}");
                assert_eq!(ask(&city, path, before).await.status(), StatusCode::OK, "{path} after step {step}");
            }
            before = after;
        }
        city.advance(11 * HOUR);
        assert_eq!(versions(&city).await, before);
        city.advance(2 * HOUR);
        let tomorrow = versions(&city).await;
        for (path, (before, after)) in ALL.iter().zip(before.iter().zip(&tomorrow)) {
            // what is shown of meetings moves with the days
            assert_eq!(path.contains("announcements") || path.contains("@kitchen.atom"), before == after, "{path}");
        }
        close(&city, "kitchen").await;
        assert_eq!(ask(&city, "/@kitchen.ics", &tomorrow[1]).await.status(), StatusCode::GONE);
        assert_eq!(ask(&city, "/@kitchen.atom", &tomorrow[4]).await.status(), StatusCode::GONE);
    });
}

#[test]
fn one_meetings_calendar_changes_with_the_meeting_alone() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        let path = format!("/meetings/{}.ics", meeting.id);
        let tag = async || city.get(&path, "*/*").await.headers()["etag"].to_str().expect("ascii").to_owned();
        let before = tag().await;
        city.announce("kitchen", "Bring pots").await;
        city.advance(HOUR);
        assert_eq!(ask(&city, &path, &before).await.status(), StatusCode::NOT_MODIFIED);
        cancel(&city, &meeting).await;
        assert_ne!(tag().await, before);
        city.advance(400 * DAY);
        assert_eq!(ask(&city, &path, &before).await.status(), StatusCode::OK);
    });
}

#[test]
fn whoever_asks_for_the_head_only_gets_the_same_head() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        city.announce("kitchen", "Bring pots").await;
        let one = format!("/meetings/{}.ics", meeting.id);
        for path in ALL.into_iter().chain([one.as_str()]) {
            let whole = city.get(path, "*/*").await;
            let head = city.http.head(format!("{}{path}", city.origin)).send().await.expect("an answer");
            let told = |answer: &Response| {
                let mut headers = answer.headers().clone();
                headers.remove("date");
                (answer.status(), headers)
            };
            assert_eq!(told(&head), told(&whole), "{path}");
            assert_eq!(head.text().await.expect("text"), "");
            assert!(whole.text().await.expect("text").len() > 100);
        }
    });
}
