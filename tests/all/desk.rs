//! The desk of a group: what is written there, kept, looked at, put off, said, and who may not.

use std::{
    io::{BufRead, BufReader, Write},
    time::Duration,
};

use actix_web::rt::spawn;
use plaza::{
    announcements::{self, announcement::Announcement},
    desk,
    meetings::{self, meeting::Meeting},
    members, notices,
    replies::{
        self,
        reply::{Attached, Reply, State},
    },
    suggestions::{self, suggestion::Suggestion},
    web::address::{Access, addresses},
    worker,
};
use reqwest::{Response, StatusCode, header};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

/// Between the parts of a form with files.
const EDGE: &str = "edge-of-a-part";
const HOUR: Duration = Duration::from_secs(3_600);

/// A file of a form: field and bytes.
pub type File<'a> = (&'a str, Vec<u8>);

impl Phone {
    /// Sends a form with files as a page of ours would.
    pub async fn send_files(&self, path: &str, fields: &[(&str, &str)], files: Vec<File<'_>>) -> Response {
        let mut body = Vec::new();
        for (name, value) in fields.iter().copied().chain([("csrf", self.csrf.as_str())]) {
            body.extend(format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, bytes) in files {
            let about = format!("form-data; name=\"{name}\"; filename=\"photo.svg\"\r\nContent-Type: image/svg+xml");
            body.extend(format!("--{EDGE}\r\nContent-Disposition: {about}\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{EDGE}--\r\n").bytes());
        let request = self.http.post(format!("{}{path}", self.origin)).header("accept", "text/html").body(body);
        let request = request.header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
        let cookie = self.cookie.clone().unwrap_or_default();
        request.header("sec-fetch-site", "same-origin").header(header::COOKIE, cookie).send().await.expect("an answer")
    }

    /// Sends a form that answers with a page to go to; the address of that page.
    pub async fn goes_on(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(path, fields).await;
        let status = answer.status();
        let to = answer.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {}", answer.text().await.expect("a body"));
        to.expect("an address")
    }
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let after = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {page}")).1;
    after.split('"').next().unwrap_or_default().to_owned()
}

async fn news(city: &City, group: &'static str) -> Vec<Announcement> {
    city.app.db.read(move |conn| Ok(announcements::store::latest(conn, Some(group), 100)?)).await.expect("reading")
}

async fn planned(city: &City, group: &'static str) -> Vec<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::of_group(conn, group, 100)?)).await.expect("reading")
}

async fn drafts(city: &City, group: &'static str) -> Vec<desk::draft::Draft> {
    city.app.db.read(move |conn| Ok(desk::store::of_group(conn, group)?)).await.expect("reading")
}

/// A photograph of one colour.
pub fn photo(grey: u8) -> Vec<u8> {
    let mut pixels = image::DynamicImage::new_rgb8(800, 400).into_rgb8();
    pixels.pixels_mut().for_each(|pixel| pixel.0 = [grey, 90, 30]);
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(pixels).write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("a JPEG");
    jpeg.into_inner()
}

pub async fn kitchen(database: &'static str) -> (City, Phone) {
    let city = City::start(database).await;
    city.group("kitchen").await;
    let ana = city.organizer("ana", "kitchen").await;
    (city, ana)
}

const SOUP: [(&str, &str); 3] = [("title", "Soup"), ("text", "We **cook** at six. #food"), ("language", "en")];

#[test]
fn news_is_written_looked_at_and_published_once_it_was_said_who_hears_it() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let desk = ana.page("/ours/@kitchen").await;
        assert!(desk.contains("The group has announced nothing yet."), "{desk}");
        assert!(ana.page("/ours").await.contains("href=\"/ours/@kitchen\""));
        ana.page("/ours/@kitchen/news/new").await;

        let draft = ana.goes_on("/ours/@kitchen/news/new", &[&SOUP[..], &[("do", "preview")]].concat()).await;
        let draft = draft.trim_end_matches("#preview").to_owned();
        let page = ana.page(&draft).await;
        assert!(page.contains("We <strong>cook</strong> at six.") && page.contains("value=\"Soup\""), "{page}");
        assert!(news(&city, "kitchen").await.is_empty(), "nobody hears of a draft");
        assert!(!Phone::of(&city).page("/@kitchen").await.contains("Soup"));

        let revision = hidden(&page, "revision");
        let fields = [("title", "Soup!"), ("text", "We **cook** at seven."), ("language", "en"), ("urgent", "true")];
        let to = ana.goes_on(&draft, &[&fields[..], &[("do", "next"), ("revision", &revision)]].concat()).await;
        assert_eq!(to, format!("{draft}/send"));
        let page = ana.page(&to).await;
        assert!(page.contains("Nobody follows the group yet."), "{page}");
        let revision = hidden(&page, "revision");
        let desk = ana.goes_on(&to, &[("revision", &revision)]).await;
        assert_eq!(desk, "/ours/@kitchen?done=published", "nobody else is there to confirm that it is urgent");
        let said = news(&city, "kitchen").await;
        assert_eq!((said.len(), said[0].title.as_deref(), said[0].urgent), (1, Some("Soup!"), true));
        assert_eq!(said[0].text, "We **cook** at seven.");
        assert_eq!(ana.goes_on(&to, &[("revision", &revision)]).await, desk, "sent twice, said once");
        city.advance(Duration::from_secs(10));
        let again = ana.goes_on(&to, &[("revision", &revision)]).await;
        assert_eq!(again, "/ours/@kitchen?done=already-published", "by somebody else, later");
        assert!(drafts(&city, "kitchen").await.is_empty() && news(&city, "kitchen").await.len() == 1);
    });
}

#[test]
fn who_will_hear_it_is_counted_as_it_is_delivered() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        city.app
            .act(|conn, _| {
                use diesel::connection::SimpleConnection;
                let mut rows = String::new();
                for number in 0..5 {
                    let (host, actor) = (number % 3, format!("https://h{}.example/{number}", number % 3));
                    rows.push_str(&format!(
                        "INSERT INTO follows VALUES ('kitchen', '{actor}', 'f{number}', 'h{host}.example', '{actor}/inbox', NULL);"
                    ));
                }
                rows.push_str("INSERT INTO follows VALUES ('kitchen', 'https://bad.example/1', 'b', 'bad.example', 'https://bad.example/inbox', NULL);");
                rows.push_str("INSERT INTO blocks (target, created) VALUES ('bad.example', 1);");
                Ok(conn.batch_execute(&rows)?)
            })
            .await
            .expect("followers");
        let to = ana.goes_on("/ours/@kitchen/news/new", &[&SOUP[..], &[("do", "next")]].concat()).await;
        let page = ana.page(&to).await;
        assert!(page.contains("5 followers on 3 servers."), "{page}");
        assert!(ana.page(&format!("{to}?lang=es")).await.contains("5 seguidores en 3 servidores."));
    });
}

#[test]
fn a_draft_outlives_the_session_and_any_of_the_group_goes_on_with_it() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut ben = city.organizer("ben", "kitchen").await;
        ana.goes_on("/ours/@kitchen/news/new", &[&SOUP[..], &[("do", "later")]].concat()).await;
        ana.send("/sign-out", &[]).await;
        assert_eq!(ana.get("/ours/@kitchen").await.status(), 303);
        let id = drafts(&city, "kitchen").await[0].id;
        let path = format!("/ours/@kitchen/drafts/{id}");
        assert!(ben.page("/ours/@kitchen").await.contains(&path));
        let page = ben.page(&path).await;
        assert!(page.contains("We **cook** at six. #food"), "{page}");

        // two at once: the second one sees that, and loses nothing
        let mut ana = city.sign_in(ana.member.clone().unwrap()).await;
        let seen = hidden(&page, "revision");
        let of = |text: &'static str| [("text", text), ("language", "en"), ("do", "later")];
        ben.goes_on(&path, &[&of("Ben's")[..], &[("revision", &seen)]].concat()).await;
        let answer = ana.send(&path, &[&of("Ana's")[..], &[("revision", &seen)]].concat()).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("Somebody else of your group") && page.contains("Ana&#39;s"), "{page}");
        let ana_saw = hidden(&page, "revision");
        ana.goes_on(&path, &[&of("Ana's")[..], &[("revision", &ana_saw)]].concat()).await;
        assert_eq!(drafts(&city, "kitchen").await[0].text(), "Ana's");

        // what was looked at is what is published
        let old = ana.send(&format!("{path}/send"), &[("revision", &seen)]).await;
        assert_eq!(old.status(), 422);
        assert!(news(&city, "kitchen").await.is_empty());

        assert!(ana.page(&format!("{path}/discard")).await.contains("What was typed is deleted."));
        ana.goes_on(&format!("{path}/discard"), &[]).await;
        assert!(drafts(&city, "kitchen").await.is_empty());

        ana.goes_on("/ours/@kitchen/news/new", &[&SOUP[..], &[("do", "later")]].concat()).await;
        for (days, left) in [(29, 1), (3, 0)] {
            city.advance(days * 24 * HOUR);
            worker::forget_once(&city.app).await.expect("forgetting");
            assert_eq!(drafts(&city, "kitchen").await.len(), left);
        }
    });
}

#[test]
fn the_description_of_a_picture_stays_where_its_file_did_not_arrive() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        // as after a lost session, with which files go but nothing that was typed
        let fields = [("text", ""), ("language", "en"), ("do", "later"), ("alt-1", "Six people cook"), ("alt-2", "A pot")];
        assert_eq!(ana.send_files("/ours/@kitchen/news/new", &fields, vec![]).await.status(), 303);
        let draft = drafts(&city, "kitchen").await.remove(0);
        assert_eq!((draft.missing.len(), draft.pictures.len()), (2, 0));
        let path = format!("/ours/@kitchen/drafts/{}", draft.id);
        let page = ana.page(&path).await;
        assert!(page.contains("Six people cook</textarea>") && page.contains("A pot</textarea>"), "{page}");
        let fields = [
            ("text", "Look"),
            ("language", "en"),
            ("do", "later"),
            ("revision", "1"),
            ("alt-1", "Six people cook"),
            ("alt-2", "A pot"),
        ];
        assert_eq!(ana.send_files(&path, &fields, vec![("picture-1", photo(10))]).await.status(), 303);
        let draft = drafts(&city, "kitchen").await.remove(0);
        assert_eq!((draft.missing, draft.pictures[0].alt.as_str()), (vec!["A pot".to_owned()], "Six people cook"));
        let without = [("text", "Look"), ("language", "en"), ("do", "next"), ("revision", "2"), ("alt-1", "Six people cook")];
        assert_eq!(ana.send_files(&path, &without, vec![]).await.status(), 303);
        assert!(drafts(&city, "kitchen").await.remove(0).missing.is_empty());
    });
}

#[test]
fn pictures_are_kept_with_the_draft_described_and_published() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let fields =
            [("text", "Look"), ("language", "en"), ("do", "preview"), ("alt-1", "A pot"), ("alt-3", "No file"), ("alt-4", "SVG")];
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
        let files = vec![("picture-1", photo(10)), ("picture-2", photo(200)), ("picture-4", svg)];
        let answer = ana.send_files("/ours/@kitchen/news/new", &fields, files).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        let (problems, form) = page.split_once("</ul>").expect("a list of problems");
        for link in ["#picture-3", "#picture-4", "#alt-2"] {
            assert!(problems.contains(link), "{link}: {problems}");
        }
        assert!(form.contains("No file") && form.contains("SVG") && form.contains("A pot"), "nothing typed is lost: {form}");
        let draft = drafts(&city, "kitchen").await.remove(0);
        assert_eq!(draft.pictures.len(), 2);
        let path = format!("/ours/@kitchen/drafts/{}", draft.id);
        assert!(page.contains(&format!("action=\"{path}\"")));
        worker::forget_once(&city.app).await.expect("sweeping");
        assert_eq!(ana.get(&draft.pictures[1].large.path()).await.status(), 200, "kept as long as the draft");

        let fields =
            [("text", "Look"), ("language", "en"), ("do", "next"), ("revision", "1"), ("alt-1", "A big pot"), ("alt-2", "Soup")];
        let answer = ana.send_files(&path, &fields, vec![]).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let revision = hidden(&ana.page(&format!("{path}/send")).await, "revision");
        ana.goes_on(&format!("{path}/send"), &[("revision", &revision)]).await;
        let said = news(&city, "kitchen").await.remove(0);
        let alts: Vec<&str> = said.pictures.iter().map(|picture| picture.alt.as_str()).collect();
        assert_eq!(alts, ["A big pot", "Soup"]);

        // one of them goes away again
        let edit = format!("/ours/@kitchen/news/{}/edit", said.id);
        assert!(ana.page(&edit).await.contains("A big pot"));
        let fields = [
            ("text", "Look"),
            ("language", "en"),
            ("do", "next"),
            ("alt-1", "A big pot"),
            ("remove-1", "true"),
            ("alt-2", "Soup"),
        ];
        let to = ana.goes_on(&edit, &fields).await;
        assert_eq!(news(&city, "kitchen").await[0].pictures.len(), 2, "not before it is confirmed");
        ana.goes_on(&to, &[("revision", "1")]).await;
        assert_eq!(news(&city, "kitchen").await[0].pictures.len(), 1);
        assert_eq!(ana.get(&said.pictures[0].large.path()).await.status(), 404);
        assert_eq!(ana.get(&said.pictures[1].large.path()).await.status(), 200);
    });
}

#[test]
fn pictures_that_are_none_or_too_much_are_refused_by_name() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0".to_vec();
        bomb.extend([0; 64]);
        let mut polyglot = b"GIF89a".to_vec();
        polyglot.extend(b"<script>alert(1)</script>PK\x03\x04");
        let truncated = photo(30)[..200].to_vec();
        for (what, bytes) in
            [("bomb", bomb), ("polyglot", polyglot), ("truncated", truncated), ("large", vec![0xFF; 11 * 1024 * 1024])]
        {
            let fields = [("text", "Look"), ("language", "en"), ("do", "preview"), ("alt-1", "A pot")];
            let answer = ana.send_files("/ours/@kitchen/news/new", &fields, vec![("picture-1", bytes)]).await;
            assert_eq!(answer.status(), 422, "{what}");
            assert!(answer.text().await.unwrap().contains("href=\"#picture-1\""), "{what}");
        }
        assert!(drafts(&city, "kitchen").await.iter().all(|draft| draft.pictures.is_empty()));
        let fields = [("text", "Look"), ("language", "en"), ("do", "preview")];
        let many = (1..=5).map(|_| ("picture-1", vec![0xFF; 9 * 1024 * 1024])).collect();
        assert_eq!(ana.send_files("/ours/@kitchen/news/new", &fields, many).await.status(), 413);
    });
}

#[test]
fn what_is_put_off_is_said_once_by_whichever_process_comes_first() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        // Tuesday, 07:00 in New York
        let of = |hour: &'static str| {
            [&SOUP[..], &[("later", "true"), ("day", "2026-11-24"), ("hour", hour), ("do", "next")]].concat()
        };
        let answer = ana.send("/ours/@kitchen/news/new", &of("06:00")).await;
        assert_eq!(answer.status(), 422, "that is over");
        assert!(answer.text().await.unwrap().contains("href=\"#publish-day\""));
        let id = drafts(&city, "kitchen").await[0].id;
        let path = format!("/ours/@kitchen/drafts/{id}");
        let to = ana.goes_on(&path, &[&of("09:30")[..], &[("revision", "1")]].concat()).await;
        let page = ana.page(&to).await;
        assert!(page.contains("To be published: Tuesday 24 November, 09:30 EST"), "{page}");
        ana.goes_on(&to, &[("revision", &hidden(&page, "revision"))]).await;
        assert!(ana.page("/ours/@kitchen").await.contains("Tuesday 24 November, 09:30 EST"));

        city.advance(2 * HOUR);
        assert_eq!(desk::actions::say_what_is_due(&city.app).await.expect("nothing is due"), 0);
        city.advance(HOUR / 2);
        let tries: Vec<_> = (0..4)
            .map(|_| {
                let app = city.app.clone();
                spawn(async move { desk::actions::say_what_is_due(&app).await.expect("said") })
            })
            .collect();
        let mut said = 0;
        for attempt in tries {
            said += attempt.await.expect("it ends");
        }
        assert_eq!(said, 1);
        assert_eq!(news(&city, "kitchen").await.len(), 1);
        assert!(drafts(&city, "kitchen").await.is_empty());
    });
}

#[test]
fn what_is_put_off_can_be_stopped_and_is_not_said_for_whoever_speaks_no_more() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let ben = city.organizer("ben", "kitchen").await;
        let fields = [&SOUP[..], &[("later", "true"), ("day", "2026-11-24"), ("hour", "09:30"), ("do", "next")]].concat();
        let mut paths = Vec::new();
        for _ in 0..3 {
            let to = ana.goes_on("/ours/@kitchen/news/new", &fields).await;
            ana.goes_on(&to, &[("revision", "1")]).await;
            paths.push(to.trim_end_matches("/send").to_owned());
        }
        assert!(ana.page(&format!("{}/stop", paths[0])).await.contains("Tuesday 24 November, 09:30 EST"));
        ana.goes_on(&format!("{}/stop", paths[0]), &[]).await;
        // a change waits to be confirmed again
        ana.goes_on(&paths[1], &[&fields[..], &[("revision", "2"), ("do", "later")]].concat()).await;
        let member = ana.member.clone().unwrap().id;
        city.app.db.write(move |conn| Ok(members::store::remove_organizer(conn, "kitchen", member)?)).await.unwrap();
        city.advance(3 * HOUR);
        assert_eq!(desk::actions::say_what_is_due(&city.app).await.expect("asked"), 0);
        assert!(news(&city, "kitchen").await.is_empty());
        let page = ben.page(&paths[2]).await;
        assert!(
            page.contains("This was not published at its time.") && page.contains("does not speak for the group now."),
            "{page}"
        );
        assert_eq!(drafts(&city, "kitchen").await.iter().filter(|draft| draft.due.is_some()).count(), 0);
    });
}

const MEETING: [(&str, &str); 9] = [
    ("title", "Weekly meeting"),
    ("kind", "assembly"),
    ("day", "2026-11-24"),
    ("from", "18:00"),
    ("until", "20:00"),
    ("zone", "America/New_York"),
    ("place", "Under the red sculpture"),
    ("agenda", "* pots"),
    ("language", "en"),
];

#[test]
fn a_meeting_is_said_back_in_words_then_scheduled_moved_and_called_off() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        assert!(ana.page("/ours/@kitchen/meetings/new").await.contains("value=\"America/New_York\""));
        let draft = ana.goes_on("/ours/@kitchen/meetings/new", &[&MEETING[..], &[("do", "preview")]].concat()).await;
        let draft = draft.trim_end_matches("#preview").to_owned();
        let page = ana.page(&draft).await;
        assert!(page.contains("Today, Tuesday 24 November, 18:00–20:00 EST"), "{page}");
        assert!(ana.page(&format!("{draft}?lang=es")).await.contains("Hoy, martes 24 de noviembre, 18:00–20:00 EST"));
        let to = ana.goes_on(&draft, &[&MEETING[..], &[("revision", "1"), ("do", "next")]].concat()).await;
        ana.goes_on(&to, &[("revision", "2")]).await;
        let meeting = planned(&city, "kitchen").await.remove(0);
        assert_eq!(meeting.starts.rfc3339(), "2026-11-24T23:00:00Z");

        let edit = format!("/ours/@kitchen/meetings/{}/edit", meeting.id);
        let page = ana.page(&edit).await;
        assert!(page.contains("value=\"2026-11-24\"") && page.contains("value=\"18:00\""), "{page}");
        let moved: Vec<(&str, &str)> =
            MEETING.iter().map(|(name, value)| (*name, if *name == "from" { "19:00" } else { value })).collect();
        let to = ana.goes_on(&edit, &[&moved[..], &[("do", "next")]].concat()).await;
        let page = ana.page(&to).await;
        assert!(page.contains("Before, it was: Today, Tuesday 24 November, 18:00–20:00 EST."), "{page}");
        assert_eq!(ana.goes_on(&to, &[("revision", "1")]).await, "/ours/@kitchen?done=changed");
        assert_eq!(planned(&city, "kitchen").await[0].starts.rfc3339(), "2026-11-25T00:00:00Z");

        let cancel = format!("/ours/@kitchen/meetings/{}/cancel", meeting.id);
        assert!(ana.page(&cancel).await.contains("marked as cancelled"));
        assert_eq!(ana.send(&cancel, &[]).await.status(), 422, "not without a tick");
        assert!(planned(&city, "kitchen").await[0].cancelled.is_none());
        ana.goes_on(&cancel, &[("sure", "true")]).await;
        assert!(planned(&city, "kitchen").await[0].cancelled.is_some());
        assert_eq!(ana.get(&cancel).await.status(), 403, "once");
    });
}

#[test]
fn times_at_a_change_of_the_clock_are_named_and_chosen() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let on = |day: &'static str, from: &'static str| {
            let value = |(name, value): &(&'static str, &'static str)| match *name {
                "day" => (*name, day),
                "from" => (*name, from),
                "until" => (*name, "05:00"),
                _ => (*name, *value),
            };
            MEETING.iter().map(value).chain([("do", "next")]).collect::<Vec<_>>()
        };
        let answer = ana.send("/ours/@kitchen/meetings/new?lang=es", &on("2027-03-14", "02:30")).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("Ese día no hay 02:30 en America/New_York") && page.contains("href=\"#from\""), "{page}");
        let answer = ana.send("/ours/@kitchen/meetings/new", &on("2027-11-07", "01:30")).await;
        let page = answer.text().await.unwrap();
        assert!(page.contains("The second, an hour later (UTC-05:00)"), "{page}");
        let action = page.split_once("action=\"/ours/@kitchen/drafts/").unwrap().1.split('"').next().unwrap().to_owned();
        let chosen = [&on("2027-11-07", "01:30")[..], &[("reading", "second"), ("revision", "1")]].concat();
        let to = ana.goes_on(&format!("/ours/@kitchen/drafts/{action}"), &chosen).await;
        ana.goes_on(&to, &[("revision", "2")]).await;
        assert_eq!(planned(&city, "kitchen").await[0].starts.rfc3339(), "2027-11-07T06:30:00Z");
    });
}

#[test]
fn news_is_changed_and_deleted_after_asking_twice() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let note = city.announce("kitchen", "We cook").await;
        let edit = format!("/ours/@kitchen/news/{}/edit", note.id);
        let to = ana.goes_on(&edit, &[("text", "We bake"), ("language", "en"), ("do", "next")]).await;
        let again = ana.get(&edit).await;
        assert_eq!(again.headers()["location"].to_str().unwrap(), to.trim_end_matches("/send"), "one draft for one change");
        ana.goes_on(&to, &[("revision", "1")]).await;
        assert_eq!(news(&city, "kitchen").await[0].text, "We bake");
        let delete = format!("/ours/@kitchen/news/{}/delete", note.id);
        assert!(ana.page(&delete).await.contains("Other servers are asked to delete it, too."));
        assert_eq!(ana.send(&delete, &[]).await.status(), 422);
        assert_eq!(news(&city, "kitchen").await.len(), 1);
        ana.goes_on(&delete, &[("sure", "true")]).await;
        assert!(news(&city, "kitchen").await.is_empty());
        assert_eq!(ana.get(&delete).await.status(), 404);
    });
}

#[test]
fn hostile_values_are_refused_by_field_and_shown_as_what_they_are() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let long = "x".repeat(20_001);
        let hostile = "\"><script>alert(1)</script>";
        for (field, value) in [
            ("title", "two\nlines"),
            ("title", "a\u{202e}b"),
            ("text", ""),
            ("text", "a\0b"),
            ("text", &long),
            ("language", "not a language"),
            ("language", hostile),
        ] {
            let fields: Vec<(&str, &str)> = SOUP
                .iter()
                .map(|(name, old)| (*name, if *name == field { value } else { old }))
                .chain([("do", "next")])
                .collect();
            let answer = ana.send("/ours/@kitchen/news/new", &fields).await;
            assert_eq!(answer.status(), 422, "{field} {value:.20}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(&format!("href=\"#{field}\"")), "{field}: {page:.3000}");
            assert!(!page.contains("<script>alert"), "{field}");
        }
        for (field, value) in [
            ("title", "ab"),
            ("kind", hostile),
            ("day", hostile),
            ("day", "99999-01-01"),
            ("from", hostile),
            ("until", "24:00"),
            ("last", "2020-01-01"),
            ("zone", hostile),
            ("place", "two\nlines"),
            ("address", "a\u{2028}b"),
            ("geo", "999,999"),
            ("online", "javascript:alert(1)"),
            ("online", "https://user:secret@meet.example/"),
            ("agenda", &long),
        ] {
            let mut fields: Vec<(&str, &str)> = MEETING.iter().filter(|(name, _)| *name != field).copied().collect();
            fields.extend([(field, value), ("do", "next")]);
            let answer = ana.send("/ours/@kitchen/meetings/new", &fields).await;
            assert_eq!(answer.status(), 422, "{field} {value:.20}");
            let page = answer.text().await.unwrap();
            let named = if field == "last" { "until" } else { field };
            assert!(page.contains(&format!("href=\"#{named}\"")), "{field}: {page:.3000}");
            assert!(!page.contains("<script>alert"), "{field}");
        }
        assert!(news(&city, "kitchen").await.is_empty() && planned(&city, "kitchen").await.is_empty());
    });
}

#[test]
fn a_group_says_of_itself_what_its_people_type() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        assert!(ana.page("/ours/@kitchen/about").await.contains("The kitchen group"));
        let fields = [("name", "Cocina"), ("mission", "Sopa"), ("contact", ""), ("tags", "#Soup, bread"), ("language", "es")];
        let answer = ana.send_files("/ours/@kitchen/about", &fields, vec![("icon", photo(7))]).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("href=\"#icon-alt\"") && page.contains("value=\"Cocina\""), "{page}");
        let described = [&fields[..], &[("icon-alt", "A pot")]].concat();
        let answer = ana.send_files("/ours/@kitchen/about", &described, vec![("icon", photo(7))]).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let group = city.app.db.read(|conn| Ok(plaza::groups::store::by_handle(conn, "kitchen")?)).await.unwrap().unwrap();
        assert_eq!(
            (group.name.as_str(), group.tags.join(" "), group.icon.unwrap().alt),
            ("Cocina", "soup bread".into(), "A pot".into())
        );
        // the picture goes, and the one made from the name is back
        assert!(ana.page("/ours/@kitchen/about").await.contains("name=\"no-icon\""));
        let gone = [&fields[..], &[("icon-alt", "A pot"), ("no-icon", "yes")]].concat();
        assert_eq!(ana.send_files("/ours/@kitchen/about", &gone, vec![]).await.status(), 303);
        let group = city.app.db.read(|conn| Ok(plaza::groups::store::by_handle(conn, "kitchen")?)).await.unwrap().unwrap();
        assert_eq!(group.icon, None);
        let page = ana.page("/ours/@kitchen/about").await;
        assert!(!page.contains("name=\"no-icon\"") && !page.contains("A pot"), "{page}");
        let answer = ana.send("/ours/@kitchen/about", &[("name", ""), ("mission", ""), ("tags", "1 2"), ("language", "")]).await;
        let page = answer.text().await.unwrap();
        for field in ["name", "mission", "tags", "language"] {
            assert!(page.contains(&format!("href=\"#{field}\"")), "{field}: {page}");
        }
    });
}

#[test]
fn a_sister_is_asked_and_left() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let there = City::start("sqlite").await;
        there.group("cocina").await;
        let theirs = format!("{}/ap/groups/cocina", there.origin);
        let to = ana.goes_on("/ours/@kitchen/sisters", &[("handle", &theirs)]).await;
        assert_eq!(to, "/ours/@kitchen/sisters");
        city.work().await;
        there.work().await;
        assert!(ana.page(&to).await.contains("Heard."));
        ana.goes_on("/ours/@kitchen/sisters/do", &[("do", "remove"), ("actor", &theirs)]).await;
        assert!(!ana.page(&to).await.contains("Heard."));
        for wrong in ["", "nonsense", "@nobody@127.0.0.1:1", &format!("{}/ap/groups/kitchen", city.origin)] {
            let answer = ana.send("/ours/@kitchen/sisters", &[("handle", wrong)]).await;
            assert_eq!(answer.status(), 422, "{wrong}");
            assert!(answer.text().await.unwrap().contains("href=\"#handle\""), "{wrong}");
        }
    });
}

/// Whoever speaks for another group reaches nothing of this one, under either name: asked of every address there is.
#[test]
fn nothing_of_another_group_is_reached_through_ones_own() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        city.group("library").await;
        let mut eve = city.organizer("eve", "library").await;
        let (note, meeting) = (city.announce("kitchen", "We cook").await, city.meeting("kitchen", "Weekly meeting").await);
        ana.goes_on("/ours/@kitchen/news/new", &[&SOUP[..], &[("do", "later")]].concat()).await;
        let draft = drafts(&city, "kitchen").await.remove(0);
        let mut seen = 0;
        for (path, listed) in addresses() {
            if !path.starts_with("/ours/@{handle}") {
                continue;
            }
            assert_eq!(listed.access, Access::Organizer, "{path}");
            let theirs = if path.contains("/news/") {
                note.id
            } else if path.contains("/meetings/") {
                meeting.id
            } else if path.contains("/drafts/") {
                draft.id
            } else {
                uuid::Uuid::nil()
            };
            let filled = |handle: &str| path.replace("{handle}", handle).replace("{id}", &theirs.to_string());
            let (wrong_group, own_group) = (filled("kitchen"), filled("library"));
            for fields in [&[][..], &[("sure", "true"), ("revision", "1"), ("text", "Mine"), ("language", "en"), ("do", "next")]]
            {
                if listed.shows {
                    assert_eq!(eve.get(&wrong_group).await.status(), 403, "{wrong_group}");
                }
                if listed.takes {
                    assert_eq!(eve.send(&wrong_group, fields).await.status(), 403, "{wrong_group}");
                }
                if path.contains("{id}") && (path.contains("/news/") || path.contains("/meetings/") || path.contains("/drafts/"))
                {
                    seen += 1;
                    // what is not there to be sent is said on the desk, like what somebody else sent or threw away
                    let is_not_there = |answer: &reqwest::Response| match own_group.ends_with("/send") {
                        true => answer.headers().get("location").is_some_and(|to| to == "/ours/@library?done=already-gone"),
                        false => answer.status() == 404,
                    };
                    if listed.shows {
                        assert!(is_not_there(&eve.get(&own_group).await), "{own_group}");
                    }
                    if listed.takes {
                        assert!(is_not_there(&eve.send(&own_group, fields).await), "{own_group}");
                    }
                }
            }
        }
        assert!(seen >= 16, "{seen}");
        assert_eq!(news(&city, "kitchen").await[0].text, "We cook");
        assert!(planned(&city, "kitchen").await[0].cancelled.is_none());
        assert_eq!(drafts(&city, "kitchen").await, vec![draft]);
        assert!(news(&city, "library").await.is_empty() && drafts(&city, "library").await.is_empty());
    });
}

/// Somebody on another server replied in public to the kitchen.
pub async fn reply(city: &City, who: &str, words: &str) -> Reply {
    let here = city.app.here();
    let reply = Reply {
        id: here.new_id(),
        uri: format!("https://far.example/{who}/{words}"),
        group: "kitchen".into(),
        root: "/ap/notes/0".into(),
        parent: "/ap/notes/0".into(),
        depth: 1,
        actor: format!("https://far.example/u/{who}"),
        handle: format!("{who}@far.example"),
        host: "far.example".into(),
        content: format!("<p>{words}</p>"),
        warning: None,
        language: None,
        url: format!("https://far.example/{who}/{words}"),
        pictures: 0,
        attached: vec![],
        kept: vec![],
        state: State::Waiting,
        published: here.now,
        updated: None,
        received: here.now,
    };
    let new = reply.clone();
    city.app.db.write(move |conn| Ok(replies::store::add(conn, &new)?)).await.expect("a reply");
    reply
}

async fn state_of(city: &City, reply: &Reply) -> Option<State> {
    let id = reply.id;
    city.app.db.read(move |conn| Ok(replies::store::by_id(conn, id)?.map(|reply| reply.state))).await.expect("reading")
}

#[test]
fn a_flood_of_one_person_is_refused_in_one_tap_and_a_friend_let_through() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        assert!(ana.page("/ours/@kitchen/waiting").await.contains("Nothing waits for you."));
        let mut flood = Vec::new();
        for number in 0..10 {
            flood.push(reply(&city, "troll", &format!("boo{number}")).await);
        }
        let kind = reply(&city, "friend", "thanks").await;
        assert!(ana.page("/ours/@kitchen").await.contains("11 replies wait to be let through."));
        assert!(ana.page("/ours").await.contains("Something waits"));
        let page = ana.page("/ours/@kitchen/waiting").await;
        assert!(page.contains("boo2") && !page.contains("boo3") && page.contains("not shown here: 7."), "{page}");
        ana.goes_on("/ours/@kitchen/waiting", &[("actor", "https://far.example/u/troll"), ("do", "refuse")]).await;
        for troll in &flood {
            assert_eq!(state_of(&city, troll).await, None);
        }
        ana.goes_on("/ours/@kitchen/waiting", &[("id", &kind.id.to_string()), ("do", "through")]).await;
        assert_eq!(state_of(&city, &kind).await, Some(State::Shown));
        ana.goes_on("/ours/@kitchen/waiting", &[("id", &kind.id.to_string()), ("do", "hide")]).await;
        assert_eq!(state_of(&city, &kind).await, Some(State::Hidden));
        let page = ana.page("/ours/@kitchen/waiting").await;
        assert!(page.contains("https://far.example/u/troll") && page.contains("Hear them again"), "{page}");
        ana.goes_on("/ours/@kitchen/waiting", &[("actor", "https://far.example/u/troll"), ("do", "hear")]).await;
        assert_eq!(ana.send("/ours/@kitchen/waiting", &[("do", "nonsense")]).await.status(), 400);

        // another group decides about none of it
        city.group("library").await;
        let mut eve = city.organizer("eve", "library").await;
        let id = kind.id.to_string();
        assert_eq!(eve.send("/ours/@library/waiting", &[("id", &id), ("do", "through")]).await.status(), 404);
        assert_eq!(eve.get(&format!("/ours/@library/waiting/replies/{id}")).await.status(), 404);
        assert_eq!(eve.send(&format!("/ours/@library/waiting/replies/{id}"), &[("text", "Mine")]).await.status(), 404);
        assert_eq!(state_of(&city, &kind).await, Some(State::Hidden));
    });
}

#[test]
fn a_flood_of_many_people_is_refused_by_their_server_or_hidden_at_once() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut flood = Vec::new();
        for number in 0..50 {
            flood.push(reply(&city, &format!("troll{number}"), "boo").await);
        }
        let kind = reply(&city, "friend", "thanks").await;
        let (id, other) = (kind.id, Reply { host: "near.example".into(), ..kind.clone() });
        let elsewhere = move |conn: &mut plaza::db::Conn| Ok(replies::store::save(conn, &other)?);
        city.app.db.write(elsewhere).await.expect("from another server");
        let page = ana.page("/ours/@kitchen/waiting").await;
        assert!(page.len() < 60_000, "{}", page.len());
        assert!(page.contains("50 people on far.example wait.") && page.contains("And 31 more people."), "{page}");
        let until = hidden(&page, "until");
        city.advance(Duration::from_secs(1));
        let late = reply(&city, "troll99", "and boo").await;
        let asks = [("do", "refuse-server"), ("host", "far.example"), ("until", until.as_str())];
        let question = ana.send("/ours/@kitchen/waiting", &asks).await.text().await.unwrap();
        assert!(question.contains("goes for good") && question.contains("name=\"sure\""), "{question}");
        assert!(question.contains("\u{2068}@troll0") && question.contains("and 30 more"), "they are named: {question}");
        assert!(!question.contains("troll99") && question.contains(&format!("name=\"until\" value=\"{until}\"")), "{question}");
        assert_eq!(state_of(&city, &flood[0]).await, Some(State::Waiting), "asking does nothing");
        ana.goes_on("/ours/@kitchen/waiting", &[&asks[..], &[("sure", "yes")]].concat()).await;
        for troll in &flood {
            assert_eq!(state_of(&city, troll).await, None);
        }
        assert_eq!(state_of(&city, &kind).await, Some(State::Waiting), "others are not touched");
        assert_eq!(state_of(&city, &late).await, Some(State::Waiting), "nor what came after the page was read");
        let until = hidden(&ana.page("/ours/@kitchen/waiting").await, "until");
        city.advance(Duration::from_secs(1));
        let later = reply(&city, "another", "hm").await;
        ana.goes_on("/ours/@kitchen/waiting", &[("do", "hide-all"), ("sure", "yes"), ("until", &until)]).await;
        assert_eq!(state_of(&city, &kind).await, Some(State::Hidden));
        assert_eq!(state_of(&city, &later).await, Some(State::Waiting));
        ana.goes_on("/ours/@kitchen/waiting", &[("id", &id.to_string()), ("do", "through")]).await;
        assert_eq!(state_of(&city, &kind).await, Some(State::Shown));
    });
}

#[test]
fn what_waits_stays_light_however_much_of_it_came() {
    on_each_database(|database| async move {
        let (city, ana) = kitchen(database).await;
        let fill = city.app.act(|conn, here| {
            for number in 0..200 {
                let host = format!("crowd{}.example", number % 20);
                let letter = plaza::replies::letters::Letter {
                    id: here.new_id().to_string(),
                    uri: format!("https://{host}/notes/{number}"),
                    group_handle: "kitchen".into(),
                    actor: format!("https://{host}/users/troll"),
                    handle: format!("troll@{host}"),
                    content: format!("<p>{}</p>", "boo ".repeat(50)),
                    received: here.now,
                };
                plaza::replies::letters::add(conn, &letter)?;
            }
            Ok(())
        });
        fill.await.expect("filled");
        let page = ana.page("/ours/@kitchen/waiting").await;
        assert_eq!(page.matches("troll@crowd").count(), 20);
        assert!(page.contains("And 180 more.") && page.len() < 60_000, "{} bytes", page.len());
    });
}

#[test]
fn a_suggestion_becomes_a_draft_or_goes() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let suggest = |text: &'static str| {
            let suggestion = Suggestion {
                id: uuid::Uuid::new_v4(),
                group: "kitchen".into(),
                text: text.into(),
                moment: Some("Friday at six".into()),
                place: Some("The park".into()),
                link: None,
                received: city.clock.now().day(),
            };
            let id = suggestion.id.to_string();
            let kept = city.app.db.write(move |conn| suggestions::actions::suggest(conn, &suggestion));
            async move {
                kept.await.expect("a suggestion");
                id
            }
        };
        let (soup, _, _) = (suggest("Soup <b>day</b>").await, suggest("Spam").await, suggest("More spam").await);
        assert!(ana.page("/ours/@kitchen").await.contains("3 suggestions wait."));
        assert!(ana.page("/ours/@kitchen/waiting").await.contains("Soup &#60;b&#62;day"));
        let way = "/ours/@kitchen/waiting/suggestions";
        city.group("library").await;
        let mut eve = city.organizer("eve", "library").await;
        assert_eq!(eve.send("/ours/@library/waiting/suggestions", &[("id", &soup), ("do", "news")]).await.status(), 404);
        let draft = ana.goes_on(way, &[("id", &soup), ("do", "meeting")]).await;
        let page = ana.page(&draft).await;
        assert!(page.contains("value=\"The park\"") && page.contains("Friday at six"), "{page}");
        let question = ana.send(way, &[("do", "drop-all")]).await;
        assert_eq!(question.status(), 200);
        let question = question.text().await.unwrap();
        assert!(question.contains("They cannot be brought back.") && question.contains("name=\"sure\""), "{question}");
        assert!(ana.page("/ours/@kitchen/waiting").await.contains("More spam"), "asking throws nothing away");
        let page = ana.page("/ours/@kitchen/waiting").await;
        let those: Vec<&str> = page.split("name=\"one\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(those.len(), 2, "{page}");
        let late = suggest("Come to the garden").await;
        let those: Vec<(&str, &str)> = those.into_iter().map(|id| ("one", id)).collect();
        ana.goes_on(way, &[&[("do", "drop-all"), ("sure", "yes")], &those[..]].concat()).await;
        let page = ana.page("/ours/@kitchen/waiting").await;
        assert!(page.contains("Come to the garden") && !page.contains("More spam"), "what nobody read stays: {page}");
        ana.goes_on(way, &[("id", late.as_str()), ("do", "drop")]).await;
        assert!(ana.page("/ours/@kitchen/waiting").await.contains("Nothing waits for you."));
    });
}

/// What the city wrote to one account alone, the last first.
async fn letters(city: &City) -> Vec<String> {
    use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
    use plaza::db::schema::activities;
    let read = |conn: &mut plaza::db::Conn| {
        let query = activities::table.filter(activities::public.eq(false)).filter(activities::kind.eq("Create"));
        Ok(query.order(activities::sequence.desc()).select(activities::body).load(conn)?)
    };
    city.app.db.read(read).await.expect("reading")
}

#[test]
fn a_private_feed_says_that_something_waits_until_its_key_is_taken_back() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let page = ana.send("/ours/notices/feed", &[]).await.text().await.unwrap();
        let address = page.split_once("/ours/notices.atom?key=").expect("an address").1;
        let path = format!("/ours/notices.atom?key={}", address.split('"').next().unwrap());
        let nobody = Phone::of(&city);
        assert!(!nobody.page(&path).await.contains("<entry>"));
        reply(&city, "friend", "a-secret-word").await;
        let answer = nobody.get(&path).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let feed = answer.text().await.unwrap();
        assert!(feed.contains("Something waits for The kitchen group") && feed.contains("/ours/@kitchen/waiting"), "{feed}");
        assert!(!feed.contains("a-secret-word") && !feed.contains("friend") && !feed.contains("key="), "{feed}");
        for wrong in ["/ours/notices.atom", "/ours/notices.atom?key=x", &format!("{path}x")] {
            assert_eq!(nobody.get(wrong).await.status(), 404, "{wrong}");
        }
        assert!(!ana.page("/ours/notices").await.contains("notices.atom?key="), "shown once");
        ana.send("/ours/notices/feed", &[]).await;
        assert_eq!(nobody.get(&path).await.status(), 404, "another one ends it");
        ana.goes_on("/ours/notices/end", &[("what", "feed")]).await;
        assert!(ana.page("/ours/notices").await.contains("Make a feed"));
    });
}

#[test]
fn an_own_account_is_confirmed_and_told_once_an_hour_at_most_and_only_of_something_new() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let there = City::start("sqlite").await;
        there.group("cocina").await;
        let account = format!("@cocina@{}", there.origin.trim_start_matches("http://"));
        for wrong in ["", "ana", "https://127.0.0.1/ana", "@nobody@127.0.0.1:1"] {
            assert_eq!(ana.send("/ours/notices", &[("account", wrong)]).await.status(), 422, "{wrong}");
        }
        ana.goes_on("/ours/notices", &[("account", &account)]).await;
        assert_eq!(city.work().await, 1, "the code went out");
        let letter = letters(&city).await.remove(0);
        assert!(letter.contains("/ours/notices") && letter.contains("\"to\":["), "{letter}");
        let code = letter.split_once("/a>: ").expect("a code").1.get(..6).expect("six digits").to_owned();
        assert!(code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        reply(&city, "friend", "a-secret-word").await;
        assert_eq!(notices::actions::tell_all(&city.app).await.expect("asked"), 0, "not before it is confirmed");
        assert_eq!(ana.send("/ours/notices/code", &[("code", "nonsense")]).await.status(), 422);
        ana.goes_on("/ours/notices/code", &[("code", &code)]).await;

        assert_eq!(notices::actions::tell_all(&city.app).await.expect("told"), 1);
        assert_eq!(city.work().await, 1);
        let letter = letters(&city).await.remove(0);
        assert!(
            letter.contains("Something waits at") && !letter.contains("a-secret-word") && !letter.contains("kitchen"),
            "{letter}"
        );
        let tell = |minutes: u32| {
            city.advance(Duration::from_secs(60) * minutes);
            notices::actions::tell_all(&city.app)
        };
        assert_eq!(tell(0).await.expect("told"), 0);
        reply(&city, "friend", "again").await;
        assert_eq!(tell(30).await.expect("told"), 0, "an hour at most");
        assert_eq!(tell(32).await.expect("told"), 1);
        assert_eq!(tell(600).await.expect("told"), 0, "nothing new");
        ana.goes_on("/ours/notices/end", &[("what", "account")]).await;
        reply(&city, "friend", "more").await;
        assert_eq!(tell(600).await.expect("told"), 0);
    });
}

#[test]
fn a_code_is_good_for_five_tries_one_day_and_one_letter_an_hour() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let there = City::start("sqlite").await;
        there.group("cocina").await;
        let account = format!("@cocina@{}", there.origin.trim_start_matches("http://"));
        ana.goes_on("/ours/notices", &[("account", &account)]).await;
        let code = letters(&city).await[0].split_once("/a>: ").expect("a code").1.get(..6).expect("six digits").to_owned();
        city.advance(Duration::from_secs(10));
        assert_eq!(ana.send("/ours/notices", &[("account", &account)]).await.status(), 422, "too soon");
        for _ in 0..5 {
            assert_eq!(ana.send("/ours/notices/code", &[("code", "wrong")]).await.status(), 422);
        }
        assert_eq!(ana.send("/ours/notices/code", &[("code", &code)]).await.status(), 422, "guessed too often");
        assert_eq!(ana.send("/ours/notices", &[("account", &account)]).await.status(), 422, "and no other one at once");
        city.advance(2 * HOUR);
        ana.goes_on("/ours/notices", &[("account", &account)]).await;
        let code = letters(&city).await[0].split_once("/a>: ").expect("a code").1.get(..6).expect("six digits").to_owned();
        city.advance(25 * HOUR);
        assert_eq!(ana.send("/ours/notices/code", &[("code", &code)]).await.status(), 422, "too old");
        // several together write to nobody again and again
        let mut statuses = Vec::new();
        for name in ["ben", "cleo", "dan"] {
            let answer = city.member(name).await.send("/ours/notices", &[("account", &account)]).await;
            statuses.push(answer.status().as_u16());
        }
        assert_eq!(statuses, [303, 422, 422], "two wait there with the first one's");
        // nor those who think better of it, or guess until nothing is left to guess
        for (guesses, names) in [(false, ["eva", "flo", "gil", "hal"]), (true, ["ines", "jan", "kim", "leo"])] {
            city.advance(25 * HOUR);
            plaza::worker::forget_once(&city.app).await.expect("forgotten");
            let [first, second, third, fourth] = names;
            city.member(first).await.goes_on("/ours/notices", &[("account", &account)]).await;
            let mut eva = city.member(second).await;
            eva.goes_on("/ours/notices", &[("account", &account)]).await;
            for _ in 0..5 {
                match guesses {
                    true => assert_eq!(eva.send("/ours/notices/code", &[("code", "wrong")]).await.status(), 422),
                    false => drop(eva.goes_on("/ours/notices/end", &[("what", "account")]).await),
                }
                city.advance(Duration::from_secs(10));
            }
            assert!(!eva.page("/ours/notices").await.contains("cocina"), "nothing of it is on");
            let answer = eva.send("/ours/notices/code", &[("code", "")]).await;
            assert_eq!(answer.status(), 422, "and no code is good");
            let answer = city.member(third).await.send("/ours/notices", &[("account", &account)]).await;
            assert_eq!(answer.status(), 422, "not a third letter");
            city.advance(25 * HOUR);
            plaza::worker::forget_once(&city.app).await.expect("forgotten");
            let answer = city.member(fourth).await.send("/ours/notices", &[("account", &account)]).await;
            assert_eq!(answer.status(), 303, "until a day is over");
        }
    });
}

#[test]
fn what_is_asked_about_people_waits_where_everything_waits_and_is_answered_there() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut ben = city.organizer("ben", "kitchen").await;
        let cleo = city.organizer("cleo", "kitchen").await;
        city.advance(20 * 24 * HOUR);
        let asked = [("member", "cleo"), ("reason", "absent")];
        ana.goes_on("/ours/@kitchen/people/remove", &asked).await;
        // whoever asked has nothing to look at; the others have, and she of whom it is
        assert!(ana.page("/ours/@kitchen").await.contains("Nothing waits for you."));
        let line = "A request that somebody no longer speaks for the group.";
        assert!(cleo.page("/ours/@kitchen").await.contains(line));
        assert!(ben.page("/ours/@kitchen").await.contains(line));
        assert!(ben.page("/ours").await.contains("Something waits"));
        let page = ben.page("/ours/@kitchen/waiting").await;
        assert!(page.contains("asks that cleo no longer speaks") && page.contains("/people/confirm"), "{page}");
        let hers = cleo.page("/ours/@kitchen/waiting").await;
        assert!(!hers.contains("/people/confirm") && hers.contains("/people/freeze"), "{hers}");
        let spanish = ben.page("/ours/@kitchen/waiting?lang=es").await;
        assert!(spanish.contains("Congelarlo hasta que decida"), "{spanish}");
        let id = hidden(&page, "id");
        let sure = ben.send("/ours/@kitchen/people/confirm", &[("id", &id), ("back", "waiting")]).await;
        let sure = sure.text().await.unwrap();
        assert!(sure.contains("name=\"back\" value=\"waiting\""), "comes back from the question, too");
        assert!(sure.contains("cleo (@cleo) no longer speaks for the group. ana asked for it"), "{sure}");
        let fields = [("id", id.as_str()), ("back", "waiting"), ("sure", "yes")];
        assert_eq!(ben.goes_on("/ours/@kitchen/people/confirm", &fields).await, "/ours/@kitchen/waiting?done=removed");
        assert_eq!(cleo.get("/ours/@kitchen").await.status(), 403);

        // a telephone was taken: until somebody gives the powers back, that waits
        ben.goes_on("/ours/@kitchen/people/ana/phone-taken", &[("sure", "yes")]).await;
        assert!(ben.page("/ours/@kitchen").await.contains("The powers of one person rest"));
        let back = ben.goes_on("/ours/@kitchen/people/ana/give-back", &[("back", "waiting")]).await;
        assert_eq!(back, "/ours/@kitchen/waiting?done=given-back");
        assert!(ben.page(&back).await.contains("Nothing waits for you."));

        // the end of the group is set: any of them calls it off
        ben.goes_on("/ours/@kitchen/people/end", &[("sure", "yes")]).await;
        assert!(ben.page("/ours/@kitchen").await.contains("The end of this group is set."));
        ben.goes_on("/ours/@kitchen/people/go-on", &[("back", "waiting")]).await;
        assert!(ben.page("/ours/@kitchen/waiting").await.contains("Nothing waits for you."));
    });
}

#[test]
fn who_is_asked_to_speak_for_a_group_hears_it_and_answers_on_the_first_page() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let mut bo = city.member("bo").await;
        let page = bo.send("/ours/notices/feed", &[]).await.text().await.unwrap();
        let address = page.split_once("/ours/notices.atom?key=").expect("an address").1;
        let path = format!("/ours/notices.atom?key={}", address.split('"').next().unwrap());
        assert!(!bo.page("/ours").await.contains("The kitchen group"));
        ana.goes_on("/ours/@kitchen/people/offer", &[("member", "bo")]).await;
        let page = bo.page("/ours").await;
        assert!(page.contains("You are asked to speak for The kitchen group."), "{page}");
        let feed = Phone::of(&city).get(&path).await.text().await.unwrap();
        assert!(feed.contains("Something waits for you") && feed.contains("/invited"), "{feed}");
        assert!(!feed.contains("kitchen"), "{feed}");
        let fields = [("id", hidden(&page, "id")), ("answer", "yes".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(bo.goes_on("/invited", &fields).await, "/ours/@kitchen/people?done=speaks");
        assert!(!Phone::of(&city).get(&path).await.text().await.unwrap().contains("Something waits for you"));
    });
}

/// A server elsewhere that gives the same to whoever asks for a path that ends so; everything else is not there.
fn gallery(files: Vec<(&'static str, &'static str, Vec<u8>)>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let asked = lines.next().unwrap_or_default();
            if lines.find(|line| line.is_empty()).is_none() {
                continue;
            }
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            let found = files.iter().find(|(name, ..)| path.ends_with(name));
            let (head, body) = match found {
                Some((_, kind, bytes)) => (format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}"), bytes.clone()),
                None => ("HTTP/1.1 404 Not Found".to_owned(), vec![]),
            };
            let head = format!("{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = (&stream).write_all(&[head.into_bytes(), body].concat());
        }
    });
    address
}

#[test]
fn pictures_of_a_reply_come_when_it_is_let_through_and_go_when_it_is_hidden() {
    on_each_database(|database| async move {
        let (city, mut ana) = kitchen(database).await;
        let note = city.announce("kitchen", "Soup at noon").await;
        let there = gallery(vec![
            ("/pot.jpg", "image/jpeg", photo(9)),
            ("/text.png", "text/html", photo(9)),
            ("/broken.png", "image/png", b"no picture".to_vec()),
        ]);
        let attached = |name: &str, alt: &str| Attached { url: format!("{there}/{name}"), alt: alt.into() };
        let waiting = Reply {
            root: format!("/ap/notes/{}", note.id),
            parent: format!("/ap/notes/{}", note.id),
            pictures: 4,
            attached: vec![
                attached("pot.jpg", "A \"pot\" <b>"),
                attached("text.png", ""),
                attached("broken.png", ""),
                Attached { url: "http://169.254.169.254/latest".into(), alt: String::new() },
            ],
            ..reply(&city, "friend", "look").await
        };
        let changed = waiting.clone();
        city.app.db.write(move |conn| Ok(replies::store::save(conn, &changed)?)).await.expect("saved");
        assert_eq!(replies::pictures::bring(&city.app).await.expect("tried"), 0, "nobody let it through");
        assert!(ana.page("/ours/@kitchen/waiting").await.contains("Pictures: 4."));
        ana.goes_on("/ours/@kitchen/waiting", &[("id", &waiting.id.to_string()), ("do", "through")]).await;
        let path = format!("/announcements/{}", note.id);
        assert!(!ana.page(&path).await.contains("/media/pictures/"));
        assert_eq!(replies::pictures::bring(&city.app).await.expect("brought"), 1);
        assert_eq!(replies::pictures::bring(&city.app).await.expect("tried"), 0, "once");
        let page = ana.page(&path).await;
        assert!(page.contains("alt=\"A &#34;pot&#34; &#60;b&#62;\"") && !page.contains(&there), "{page}");
        assert_eq!(page.matches("<img src=\"/media/pictures/").count(), 1, "only what is a picture");
        let file = page.split_once("src=\"/media/pictures/").expect("a picture").1.split('"').next().unwrap().to_owned();
        let file = format!("/media/pictures/{file}");
        let answer = ana.get(&file).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));

        ana.goes_on("/ours/@kitchen/waiting", &[("id", &waiting.id.to_string()), ("do", "hide")]).await;
        assert!(!ana.page(&path).await.contains("/media/pictures/"));
        assert_eq!(ana.get(&file).await.status(), 404, "nothing shows it any more");
    });
}
