//! Feeds of news and of meetings.

use atom_syndication::Feed;
use plaza::{announcements, groups, meetings};

use super::{DAY, HOUR, cancel, close, schedule};
use crate::city::{City, on_each_database};

/// The feed at this path, without a character that XML cannot hold.
async fn feed(city: &City, path: &str) -> Feed {
    let answer = city.get(path, "application/atom+xml").await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/atom+xml; charset=utf-8");
    let text = answer.text().await.expect("text");
    assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{text:?}");
    let feed: Feed = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(feed.id(), format!("{}{path}", city.origin));
    let links: Vec<(&str, &str)> = feed.links().iter().map(|link| (link.rel(), link.href())).collect();
    assert_eq!(links[0], ("self", feed.id()));
    assert_eq!((links.len(), links[1].0), (2, "alternate"));
    feed
}

fn titles(feed: &Feed) -> Vec<&str> {
    feed.entries().iter().map(|entry| entry.title().as_str()).collect()
}

#[test]
fn news_come_as_a_feed_of_the_city_and_of_each_group() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        let pots = city.announce("kitchen", "Bring **pots** & pans\n\nto the square #Food").await;
        city.advance(HOUR);
        let change = |note: &mut announcements::announcement::Announcement| {
            (note.title, note.urgent, note.language) = (Some("¡Ollas!".into()), true, "es".into())
        };
        let id = pots.id;
        city.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &change)).await.expect("edited");
        city.advance(HOUR);
        let books = city.announce("library", "Bring books").await;
        // what is said beside a meeting stands with the meetings
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        cancel(&city, &meeting).await;

        let whole = feed(&city, "/announcements.atom").await;
        assert_eq!(titles(&whole), ["Bring books", "Urgente: ¡Ollas!"]);
        assert_eq!((whole.title().as_str(), whole.lang()), ("News from Riverside", Some("en")));
        assert_eq!(whole.updated().to_rfc3339(), "2026-11-24T14:00:00+00:00");
        let kitchen = feed(&city, "/@Kitchen.atom".to_lowercase().as_str()).await;
        assert_eq!(titles(&kitchen), ["Urgente: ¡Ollas!"]);
        assert_eq!(kitchen.title().as_str(), "News from The kitchen group");
        assert_eq!(kitchen.links()[1].href(), format!("{}/@kitchen", city.origin));
        let entry = &kitchen.entries()[0];
        assert_eq!(entry.id(), format!("{}/ap/notes/{}", city.origin, pots.id));
        assert_eq!(entry.links()[0].href(), format!("{}/announcements/{}", city.origin, pots.id));
        assert_eq!(entry.published().map(|time| time.to_rfc3339()).as_deref(), Some("2026-11-24T12:00:00+00:00"));
        assert_eq!(entry.updated().to_rfc3339(), "2026-11-24T13:00:00+00:00");
        assert_eq!(entry.authors()[0].name(), "The kitchen group");
        assert_eq!(entry.authors()[0].uri(), Some(format!("{}/@kitchen", city.origin).as_str()));
        assert_eq!(entry.categories()[0].term(), "food");
        let content = entry.content().expect("content");
        assert_eq!((content.content_type(), content.lang()), (Some("html"), Some("es")));
        let page = format!("{}/tags/food", city.origin);
        assert_eq!(
            content.value(),
            Some(
                format!(
                    "<p>Bring <strong>pots</strong> &amp; pans</p><p>to the square <a href=\"{page}\" class=\"mention hashtag\" \
                     rel=\"tag\">#<span>Food</span></a></p>"
                )
                .as_str()
            )
        );
        city.app.act(move |conn, here| announcements::actions::delete(conn, here, books.id)).await.expect("deleted");
        assert_eq!(titles(&feed(&city, "/announcements.atom").await), ["Urgente: ¡Ollas!"]);
        let empty = feed(&city, "/@library.atom").await;
        assert_eq!((empty.entries().len(), empty.updated().to_rfc3339().as_str()), (0, "2026-11-24T14:00:00+00:00"));
    });
}

#[test]
fn meetings_come_as_a_feed_with_what_changed_last_at_the_top() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        let named = |title: &'static str| {
            move |meeting: &mut meetings::meeting::Meeting| {
                (meeting.title, meeting.place) = (title.into(), Some("Dewey Square".into()));
                meeting.agenda = Some("Bring a chair #soup".into());
            }
        };
        let first = schedule(&city, "kitchen", named("The first")).await;
        city.advance(HOUR);
        let second = schedule(&city, "library", named("The second")).await;
        city.advance(HOUR);
        schedule(&city, "kitchen", named("The third")).await;
        city.advance(HOUR);
        cancel(&city, &first).await;
        let when = "Wed 25 Nov 2026, 07:00–09:00 EST";
        let whole = feed(&city, "/meetings.atom").await;
        let expected = ["Cancelled: The first", "The third", "The second"].map(|title| format!("{title} · {when}"));
        assert_eq!(titles(&whole), expected);
        let entry = &whole.entries()[0];
        assert_eq!(entry.id(), format!("{}/ap/events/{}", city.origin, first.id));
        assert_eq!(entry.updated().to_rfc3339(), "2026-11-24T15:00:00+00:00");
        assert_eq!(entry.categories()[0].term(), "soup");
        let content = entry.content().and_then(|content| content.value()).expect("content");
        for part in ["Wednesday 25 November 2026, 07:00–09:00 (America/New_York)", "Where: Dewey Square", "Bring a chair"] {
            assert!(content.contains(part), "{content}");
        }
        let id = second.id;
        let later = |meeting: &mut meetings::meeting::Meeting| {
            (meeting.starts, meeting.ends) = (meeting.starts + HOUR, meeting.ends + HOUR);
            Ok(())
        };
        city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &later)).await.expect("moved");
        let moved = "Moved: The second · Wed 25 Nov 2026, 08:00–10:00 EST";
        assert_eq!(titles(&feed(&city, "/meetings.atom").await), [moved, &expected[0], &expected[1]]);
        close(&city, "kitchen").await;
        assert_eq!(titles(&feed(&city, "/meetings.atom").await), [moved]);
        // it was on the day before yesterday
        city.advance(2 * DAY);
        assert!(feed(&city, "/meetings.atom").await.entries().is_empty());
    });
}

#[test]
fn a_feed_has_an_end_and_a_group_that_ended_crowds_nobody_out() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("library").await;
        for number in 0..55 {
            city.announce("library", &format!("Book {number}")).await;
            city.announce("kitchen", &format!("Pot {number}")).await;
            city.advance(HOUR / 60);
        }
        let whole = feed(&city, "/announcements.atom").await;
        assert_eq!((whole.entries().len(), titles(&whole)[0]), (50, "Pot 54"));
        close(&city, "kitchen").await;
        let whole = feed(&city, "/announcements.atom").await;
        assert_eq!((whole.entries().len(), titles(&whole)[49]), (50, "Book 5"));
    });
}

#[test]
fn what_strangers_write_stays_text_in_a_feed() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut group = city.group("kitchen").await;
        let nasty = [
            "]]></content></entry><entry>",
            "<script>alert(1)</script>",
            "&amp;lt;b&gt; &#0; &unknown; &#xD;",
            "\"' xmlns:x=\"y\" <!-- --> <?xml?> <![CDATA[",
            "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![x](https://evil.example/x.png)",
        ];
        for text in nasty {
            let mut note = city.announce("kitchen", text).await;
            note.title = Some(text.into());
            group.name = text.into();
            let (saved, named) = (note.clone(), group.clone());
            let store = move |conn: &mut plaza::db::Conn, _: &plaza::app::Here| {
                groups::store::save(conn, &named)?;
                Ok(announcements::store::save(conn, &saved)?)
            };
            city.app.act(store).await.expect("saved");
            let feed = feed(&city, "/@kitchen.atom").await;
            let entry = &feed.entries()[0];
            assert_eq!((entry.title().as_str(), entry.authors()[0].name()), (text, text));
            assert!(feed.title().as_str().ends_with(text));
            let html = entry.content().and_then(|content| content.value()).expect("content").to_owned();
            for sign in ["<script", "<img", "href=\"javascript", "<!--", "<?xml", "<![CDATA"] {
                assert!(!html.contains(sign), "{sign} in {html}");
            }
        }
        // control characters, which a database may hold
        let mut note = city.announce("kitchen", "x").await;
        note.text = "a\u{1}b\u{8}c\u{b}d\u{1b}e\u{7f}f\u{9b}g\u{fffe}h\u{ffff}i".into();
        let saved = note.clone();
        city.app.act(move |conn, _| Ok(announcements::store::save(conn, &saved)?)).await.expect("saved");
        let feed = feed(&city, "/@kitchen.atom").await;
        assert!(feed.entries().iter().any(|entry| entry.title().as_str() == "abcdefghi"), "{:?}", titles(&feed));
    });
}

#[test]
fn every_page_with_meetings_offers_to_subscribe_to_their_calendar() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |meeting| {
            (meeting.agenda, meeting.place) = (Some("#soup".into()), Some("The square".into()));
        })
        .await;
        let table = [
            ("/".to_owned(), "/meetings.ics".to_owned()),
            ("/meetings".into(), "/meetings.ics".into()),
            ("/meetings?tag=soup&online=no".into(), "/meetings.ics?tag=soup&online=no".into()),
            ("/tags/soup".into(), "/meetings.ics?tag=soup".into()),
            ("/@kitchen".into(), "/@kitchen.ics".into()),
            ("/@plaza".into(), "/@plaza.ics".into()),
            (format!("/meetings/{}", meeting.id), format!("/meetings/{}.ics", meeting.id)),
        ];
        for (page, calendar) in table {
            let html = city.get(&page, "text/html").await.text().await.expect("text");
            let address = format!("{}{calendar}", city.origin.replace("http:", "webcal:")).replace('&', "&#38;");
            assert!(html.contains(&format!("href=\"{address}\"")), "{address} on {page}: {html}");
            let told = city.get(&calendar, "text/calendar").await.text().await.expect("text");
            assert!(told.contains("SUMMARY;LANGUAGE=en:Weekly meeting"), "{calendar}: {told}");
        }
    });
}

#[test]
fn pages_name_their_feeds_and_calendars() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = schedule(&city, "kitchen", |_| {}).await;
        let note = city.announce("kitchen", "Bring pots").await;
        let one = format!("/meetings/{}.ics", meeting.id);
        let table = [
            ("/".to_owned(), vec!["/announcements.atom", "/meetings.atom", "/meetings.ics"]),
            ("/tags/food".into(), vec!["/meetings.atom?tag=food", "/meetings.ics?tag=food"]),
            ("/@kitchen".into(), vec!["/@kitchen.atom", "/meetings.atom?group=kitchen", "/@kitchen.ics"]),
            (format!("/meetings/{}", meeting.id), vec![one.as_str(), "/@kitchen.ics"]),
            (format!("/announcements/{}", note.id), vec!["/@kitchen.atom"]),
        ];
        for (page, expected) in table {
            let html = city.get(&page, "text/html").await.text().await.expect("text");
            let mut named = vec![];
            for line in html.lines().filter(|line| line.starts_with("<link rel=\"alternate\" type=\"")) {
                let part = |name: &str| {
                    line.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap_or_default())
                };
                let kind = part("type").expect("a type");
                if kind == "application/activity+json" {
                    continue;
                }
                assert!(!part("title").expect("a title").is_empty());
                let address = part("href").expect("an address");
                let answer = city.get(address, "*/*").await;
                let given = answer.headers()["content-type"].to_str().expect("ascii").to_owned();
                assert_eq!((answer.status().as_u16(), given.split(';').next()), (200, Some(kind)), "{address}");
                named.push(address.to_owned());
            }
            assert_eq!(named, expected, "{page}");
        }
    });
}
