//! What leaves the screen: text, paper, the wall, frames on other sites; and what the place says about itself.

use std::time::Duration;

use plaza::{
    clock::Timestamp,
    groups,
    meetings::{self, meeting::Meeting},
};

use crate::city::{City, START, on_each_database};

/// A title with all that a page, a picture, a terminal or a chat could obey.
const EVIL: &str = "Soup <script>alert(1)</script> & \"pots\" ' {{7*7}}";

struct Got {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }
}

async fn get(city: &City, path: &str) -> Got {
    ask(city, path, &[("accept", "text/html"), ("accept-language", "en")]).await
}

async fn ask(city: &City, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = city.http.get(format!("{}{path}", city.origin));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Got { status, headers, body: answer.text().await.expect("text") }
}

/// A meeting so many hours after the start, two hours long.
async fn meeting(city: &City, group: &str, title: &str, hours: u64, change: impl Fn(&mut Meeting)) -> Meeting {
    let mut meeting = city.meeting(group, "Placeholder").await;
    meeting.id = city.app.here().new_id();
    meeting.title = title.to_owned();
    meeting.starts = START + Duration::from_secs(hours * 3_600);
    meeting.ends = meeting.starts + Duration::from_secs(7_200);
    change(&mut meeting);
    let new = meeting.clone();
    city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("a meeting");
    meeting
}

async fn cancel(city: &City, meeting: &Meeting) {
    let id = meeting.id;
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
}

/// Past what a rule would let through: a row as it may come out of a backup of another program.
async fn retitle(city: &City, meeting: &Meeting, title: &'static str) {
    let mut meeting = meeting.clone();
    meeting.title = title.into();
    city.app.act(move |conn, _| Ok(meetings::store::save(conn, &meeting)?)).await.expect("kept");
}

#[test]
fn text_for_chats_says_day_time_place_and_link() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        let empty = get(&city, "/today.txt").await;
        assert_eq!(empty.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            empty.body.contains("No meeting is planned for the rest of today.") && !empty.body.contains("Next:"),
            "{}",
            empty.body
        );
        assert!(get(&city, "/week.txt").await.body.contains("No meeting is planned for these seven days."));

        city.group("kitchen").await;
        // 12:00 UTC is 07:00 in New York
        let soup = meeting(&city, "kitchen", "Soup", 11, |_| {}).await;
        let off = meeting(&city, "kitchen", "Washing up", 13, |_| {}).await;
        cancel(&city, &off).await;
        let call = meeting(&city, "kitchen", "A call", 35, |meeting| {
            (meeting.place, meeting.address) = (None, None);
            meeting.online = "https://meet.example/a".parse().ok();
        })
        .await;
        let page = |meeting: &Meeting| format!("{}/meetings/{}", city.origin, meeting.id);
        let today = get(&city, "/today.txt").await;
        let expected = format!(
            "What's on in Riverside: Tuesday 24 November\n\nTimes: America/New York (EST)\n\n\
             18:00–20:00\nSoup\nThe kitchen group\nThe square, Broadway & Liberty St\n{}\n\n\
             CANCELLED (20:00–22:00)\nWashing up\nThe kitchen group\nThe square, Broadway & Liberty St\n{}\n\n\
             Everything that is on: {}/\n",
            page(&soup),
            page(&off),
            city.origin
        );
        assert_eq!(today.body, expected);
        let week = get(&city, "/week.txt").await;
        let tomorrow = format!(
            "WEDNESDAY 25 NOVEMBER\n\n18:00–20:00 EST\nA call\nThe kitchen group\nOnline: https://meet.example/a\n{}",
            page(&call)
        );
        assert!(week.body.contains(&tomorrow) && week.body.contains("24–30 November"), "{}", week.body);
        // the placeholders are a week away
        assert!(!week.body.contains("Placeholder"));
        let later = get(&city, "/week.txt?from=2026-12-01").await;
        assert!(later.body.contains("Placeholder") && !later.body.contains("Soup") && later.body.contains("1–7 December"));

        let spanish = ask(&city, "/today.txt", &[("accept-language", "es-MX,es")]).await;
        assert!(spanish.body.contains("Agenda de Riverside: martes 24 de noviembre") && spanish.body.contains("CANCELADA"));
        assert_eq!(get(&city, "/today.txt?lang=es").await.body, spanish.body);
        assert_eq!(spanish.header("vary"), "Accept, Accept-Language");
        let known = ask(&city, "/today.txt", &[("accept-language", "en"), ("if-none-match", today.header("etag"))]).await;
        assert_eq!((known.status, known.body.as_str()), (304, ""));

        // at 20:30 the soup is eaten
        city.advance(Duration::from_secs(13 * 3_600 + 1_800));
        let night = get(&city, "/today.txt").await;
        assert!(!night.body.contains("Soup") && night.body.contains("Washing up"), "{}", night.body);
        city.advance(Duration::from_secs(2 * 3_600));
        let night = get(&city, "/today.txt").await;
        assert!(night.body.contains("Next: Tomorrow, Wednesday 25 November\n18:00–20:00 EST\nA call\n"), "{}", night.body);
    });
}

#[test]
fn a_title_is_obeyed_nowhere() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let soup = meeting(&city, "kitchen", "Soup", 11, |_| {}).await;
        let paths = ["/poster/week", "/poster/@kitchen", "/wall", "/embed/meetings", "/embed/@kitchen"];
        retitle(&city, &soup, EVIL).await;
        for path in paths {
            let got = get(&city, path).await;
            assert_eq!((got.status, got.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
            assert!(got.body.contains("&#60;script&#62;alert(1)") && !got.body.contains("<script"), "{path}: {}", got.body);
            assert!(got.body.contains("{{7*7}}") && !got.body.contains("\"pots\""), "{path}");
        }
        assert!(get(&city, "/today.txt").await.body.contains(EVIL), "plain text has nothing to escape");
        retitle(&city, &soup, "\u{1b}]0;gone\u{7}\u{1b}[2JSoup\r\nhttps://evil.example\u{202e}\u{9b}31m").await;
        for path in paths.into_iter().chain(["/today.txt", "/week.txt"]) {
            let body = get(&city, path).await.body;
            let wrong = body.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}'));
            assert_eq!(wrong, None, "{path}");
            assert!(!body.contains("\nhttps://evil.example"), "{path}: a title stays in its line");
        }
    });
}

#[test]
fn only_what_is_made_for_frames_can_be_framed() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let soup = meeting(&city, "kitchen", "Soup", 11, |meeting| meeting.agenda = Some("* #food".into())).await;
        let id = format!("/meetings/{}", soup.id);
        let pages = ["/", "/@kitchen", &id, "/about", "/about/safety", "/poster/week", "/poster/@kitchen", "/wall", "/today.txt"];
        for path in
            pages.into_iter().chain(["/embed/@nobody", "/embed/meetings?group=nobody", "/embed/meetings?tag=%3Cb%3E", "/embed"])
        {
            let got = get(&city, path).await;
            assert!(got.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(got.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(got.status, if path.starts_with("/embed") { 404 } else { 200 }, "{path}");
        }
        for path in
            ["/embed/meetings", "/embed/@kitchen", "/embed/meetings?group=kitchen", "/embed/meetings?tag=Food", "/embed/@Kitchen"]
        {
            let got = get(&city, path).await;
            assert_eq!(got.status, 200, "{path}");
            let policy = got.header("content-security-policy");
            assert!(policy.contains("frame-ancestors *") && policy.contains("default-src 'none'"), "{path}: {policy}");
            assert!(!got.headers.contains_key("x-frame-options"), "{path}");
            assert!(got.body.contains("Soup") && got.body.len() < 6_000, "{path}");
            let links = got.body.matches("<a ").count();
            assert!(
                links >= 3 && got.body.matches("target=\"_blank\" rel=\"noopener\"").count() == links,
                "{path}: {}",
                got.body
            );
            let again =
                ask(&city, path, &[("accept", "text/html"), ("accept-language", "en"), ("if-none-match", got.header("etag"))])
                    .await;
            assert!(again.status == 304 && again.header("content-security-policy").contains("frame-ancestors *"), "{path}");
        }
        let other = get(&city, "/embed/meetings?tag=water").await;
        assert!(
            other.status == 200 && !other.body.contains("Soup") && other.body.contains("No meeting is planned"),
            "{}",
            other.body
        );
    });
}

#[test]
fn a_poster_shows_as_much_as_one_sheet_holds() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let empty = get(&city, "/poster/week").await;
        assert!(empty.body.contains("No meeting is planned for these seven days.") && empty.body.contains("class=\"qr\""));
        for number in 0..40 {
            meeting(&city, "kitchen", &format!("Meeting number {number}"), 11 + number, |_| {}).await;
        }
        let full = get(&city, "/poster/week").await;
        let shown = full.body.matches("Meeting number").count();
        assert!((12..40).contains(&shown), "{shown}");
        let more = format!("And {} more at {}", 40 - shown, city.origin.trim_start_matches("http://"));
        assert!(full.body.contains(&more) && full.body.contains("class=\"days t10\""), "{}", full.body);
        assert!(full.body.contains("/style/a4-") && !full.body.contains("/style/letter-"));
        let letter = get(&city, "/poster/week?paper=letter&lang=es").await;
        assert!(letter.body.contains("/style/letter-") && letter.body.contains("Y 2"), "smaller paper, fewer meetings");
        let group = get(&city, "/poster/@Kitchen?paper=Letter").await;
        assert_eq!(group.body.matches("Meeting number").count(), 4);
        let address = city.origin.trim_start_matches("http://").to_owned();
        assert!(group.body.contains(&format!("@kitchen@{address}")) && group.body.contains(&format!("{address}/@kitchen")));
        for (path, status) in
            [("/poster/@nobody", 404), ("/poster/@..%2F", 404), ("/poster", 404), ("/poster/week?from=x&paper=%00", 200)]
        {
            assert_eq!(get(&city, path).await.status, status, "{path}");
        }
        city.app.act(|conn, here| groups::actions::close(conn, here, "kitchen")).await.expect("closed");
        assert_eq!(get(&city, "/poster/@kitchen").await.status, 410);
        assert_eq!(get(&city, "/embed/@kitchen").await.status, 410);
        for path in ["/poster/week", "/week.txt", "/wall", "/embed/meetings"] {
            assert!(!get(&city, path).await.body.contains("Meeting number"), "{path}: what has ended is not shown");
        }
    });
}

#[test]
fn the_wall_shows_the_minute_it_was_asked_in() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        city.group("kitchen").await;
        meeting(&city, "kitchen", "Soup", 1, |_| {}).await;
        meeting(&city, "kitchen", "Bread", 25, |_| {}).await;
        city.advance(Duration::from_secs(45));
        let wall = get(&city, "/wall").await;
        assert!(
            wall.body.contains("<time>07:00</time>") && wall.body.contains("http-equiv=\"refresh\" content=\"16\""),
            "{}",
            wall.body
        );
        assert_eq!(wall.header("cache-control"), "public, max-age=0");
        assert!(wall.body.contains("Today, Tuesday 24 November") && wall.body.contains("Wed 25 Nov"), "{}", wall.body);
        assert!(!wall.body.contains("class=\"on\""));
        city.advance(Duration::from_secs(2 * 3_600));
        let wall = get(&city, "/wall").await;
        assert!(wall.body.contains("class=\"on\"") && wall.body.contains(">now<"), "{}", wall.body);
        city.advance(Duration::from_secs(3_600));
        assert!(get(&city, "/wall").await.body.contains("No meeting is planned for the rest of today."));
    });
}

#[test]
fn a_place_says_what_it_stands_for_and_whom_to_reach() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        let empty = get(&city, "/about").await;
        for said in
            ["Nobody has written down the principles", "It is not said yet how to reach", "ask whoever looks after this site"]
        {
            assert!(empty.body.contains(said), "{said}");
        }
        assert!(!empty.body.contains("plaza city set"), "what is typed into a terminal is for those who have one");
        city.app
            .act(|conn, _| {
                let charter = plaza::city::charter::Charter {
                    principles: "## We share\n\n* **all** <script>alert(1)</script>\n* [x](javascript:alert(1))".into(),
                    contact: "The blue tent".into(),
                    source: "https://code.example/plaza?a=1&b=2".into(),
                };
                plaza::city::charter::save(conn, &charter)
            })
            .await
            .expect("kept");
        let about = get(&city, "/about").await;
        assert!(about.body.contains("<strong>all</strong>") && about.body.contains("The blue tent"), "{}", about.body);
        assert!(!about.body.contains("<script") && !about.body.contains("javascript:") && !about.body.contains("plaza city set"));
        assert!(about.body.contains("href=\"https://code.example/plaza?a=1&#38;b=2\""), "{}", about.body);
        assert!(about.body.contains(env!("CARGO_PKG_VERSION")) && about.body.contains("GNU Affero General Public License"));
        let frame = format!("&#60;iframe src=&#34;{}/embed/meetings&#34;", city.origin);
        assert!(about.body.contains(&frame), "{}", about.body);
        assert!(get(&city, "/about?lang=es").await.body.contains("Qué defendemos"));
    });
}

#[test]
fn every_column_of_the_database_is_explained() {
    on_each_database(async |database| {
        let city = City::start(database).await;
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema.rs")).expect("the tables");
        let columns: Vec<&str> = schema.lines().filter_map(|line| line.trim().split_once(" -> ")).map(|(name, _)| name).collect();
        assert!(columns.len() > 100);
        for language in ["en", "es"] {
            let page = get(&city, &format!("/about/safety?lang={language}")).await;
            assert!(page.status == 200 && page.body.len() < 60_000, "{}", page.body.len());
            let mut explained = 0;
            let links = page.body.split("href=\"/about/safety/").skip(1).map(|rest| rest.split('"').next().expect("an end"));
            let mut bodies = String::new();
            for link in links {
                let page = get(&city, &format!("/about/safety/{link}")).await;
                assert!(page.status == 200 && page.body.len() < 60_000, "{}", page.body.len());
                assert!(!page.body.contains("Unknown localization"), "{}", page.body);
                explained += page.body.matches("<th scope=\"row\">").count();
                bodies.push_str(&page.body);
            }
            assert_eq!(explained, columns.len());
            for column in &columns {
                assert!(bodies.contains(&format!("<code>{column}</code>")), "{column}");
            }
            assert_eq!(get(&city, "/about/safety/nothing").await.status, 404);
        }
    });
}

#[test]
fn an_hour_that_comes_twice_is_told_apart_by_nothing_but_its_order() {
    on_each_database(async |database| {
        // 1 November 2026: at 02:00 the clock is set back to 01:00 in New York
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        let now = Timestamp::from_seconds(1_793_505_600);
        let city = City::called(database, listener, origin, now).await;
        city.group("kitchen").await;
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        for (title, start) in [("First", at(5_400)), ("Second", at(9_000))] {
            meeting(&city, "kitchen", title, 0, |meeting| {
                meeting.starts = start;
                meeting.ends = start + Duration::from_secs(1_200);
            })
            .await;
        }
        let week = get(&city, "/week.txt").await.body;
        let (first, second) = (week.find("First").expect("there"), week.find("Second").expect("there"));
        assert!(first < second && week.matches("SUNDAY 1 NOVEMBER").count() == 1, "{week}");
    });
}
