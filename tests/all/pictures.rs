//! Pictures from a file to the Fediverse and back out of the world: given, kept, shown, said, replaced, deleted, swept.

mod bucket;

use std::{collections::BTreeSet, fs, io::Cursor, path::Path, time::Duration};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use image::{DynamicImage, ImageFormat};
use plaza::{
    announcements, city,
    config::MediaPlace,
    db::schema::activities,
    media::{self, Fresh, Kept},
    meetings,
    pictures::Shape,
    replies::{
        self,
        reply::{Reply, State},
    },
    worker,
};
use serde_json::{Value, json};

use crate::{
    city::{City, START, on_each_database},
    commands::Terminal,
};

/// A photograph of one colour, as a camera would write it.
fn photo(width: u32, height: u32, grey: u8) -> Vec<u8> {
    let mut pixels = DynamicImage::new_rgb8(width, height).into_rgb8();
    pixels.pixels_mut().for_each(|pixel| pixel.0 = [grey, 90, 30]);
    let mut jpeg = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels).write_to(&mut jpeg, ImageFormat::Jpeg).expect("a JPEG");
    let jpeg = jpeg.into_inner();
    // one entry: who made it
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04Ana\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, exif, &jpeg[2..]].concat()
}

fn files_in(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect()
}

fn folder(city: &City) -> &Path {
    match &city.app.config.media {
        MediaPlace::Folder(folder) => folder,
        MediaPlace::S3 { .. } => panic!("tests keep pictures on disk"),
    }
}

fn names<'a>(fresh: impl IntoIterator<Item = &'a Fresh>) -> BTreeSet<String> {
    fresh.into_iter().flat_map(|fresh| fresh.kept.names()).map(str::to_owned).collect()
}

pub async fn kept(city: &City, grey: u8, alt: &str) -> Fresh {
    let fresh = media::take_in(photo(800, 400, grey), Shape::Whole, alt).await.expect("a picture");
    city.app.media.keep(std::slice::from_ref(&fresh)).await.expect("kept");
    fresh
}

/// All that was said, the last first.
async fn said(city: &City) -> Vec<Value> {
    let read = |conn: &mut plaza::db::Conn| {
        Ok(activities::table.select(activities::body).order(activities::sequence.desc()).load(conn)?)
    };
    let bodies: Vec<String> = city.app.db.read(read).await.expect("activities");
    bodies.iter().map(|body| serde_json::from_str(body).expect("JSON")).collect()
}

async fn last_said(city: &City) -> Value {
    said(city).await.remove(0)
}

#[test]
fn pictures_are_shown_and_said_with_what_they_were_given_to() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (pots, flyer) = (kept(&city, 10, "Two \"pots\" & a <ladle>").await, kept(&city, 200, "A flyer").await);
        let note = city.announce("kitchen", "We cook").await;
        assert_eq!(last_said(&city).await["object"]["attachment"], json!([]));

        let both = vec![pots.kept.clone(), flyer.kept.clone()];
        let edit =
            move |conn: &mut _, here: &_| announcements::actions::edit(conn, here, note.id, &|note| note.pictures = both.clone());
        let edited = city.app.act(edit.clone()).await.expect("edited");
        city.app.act(edit).await.expect("the same again says nothing");
        let said = last_said(&city).await;
        assert_eq!((&said["type"], self::said(&city).await.len()), (&json!("Update"), 2));
        let url = |fresh: &Fresh| format!("{}{}", city.origin, fresh.kept.large.path());
        let document = |kind: &str, fresh: &Fresh| json!({ "type": kind, "mediaType": "image/jpeg", "url": url(fresh), "name": fresh.kept.alt, "width": 800, "height": 400 });
        assert_eq!(said["object"]["attachment"], json!([document("Document", &pots), document("Document", &flyer)]));
        let note_path = format!("/ap/notes/{}", note.id);
        assert_eq!(city.document(&note_path).await["attachment"], said["object"]["attachment"]);

        let html = city.get(&format!("/announcements/{}", note.id), "text/html").await.text().await.expect("a page");
        let images: Vec<&str> = html.lines().filter(|line| line.contains("<figure")).collect();
        let [first, second] = images.as_slice() else { panic!("{images:?}") };
        for part in ["640w", "800w", "width=\"800\" height=\"400\"", "alt=\"Two &#34;pots&#34; &#38; a &#60;ladle&#62;\""] {
            assert!(first.contains(part), "{part}: {first}");
        }
        assert!(!first.contains("lazy") && second.contains("loading=\"lazy\"") && second.contains("alt=\"A flyer\""));
        assert!(html.contains(&format!("property=\"og:image\" content=\"{}\"", url(&pots))));

        let meeting = city.meeting("kitchen", "Weekly").await;
        assert_eq!(last_said(&city).await["object"]["attachment"], json!([]));
        let shown = flyer.kept.clone();
        let change = move |conn: &mut _, here: &_| {
            meetings::actions::change(conn, here, meeting.id, &|meeting| {
                meeting.pictures = vec![shown.clone()];
                Ok(())
            })
        };
        city.app.act(change).await.expect("changed");
        let said = last_said(&city).await;
        assert_eq!((&said["type"], &said["object"]["type"]), (&json!("Update"), &json!("Event")));
        assert_eq!(said["object"]["attachment"], json!([document("Image", &flyer)]));

        // whatever one asks for, it is a picture, for ever, and nothing else
        for accept in ["image/*", "text/html", "application/activity+json"] {
            let got = city.get(&flyer.kept.small.path(), accept).await;
            let header =
                |name: &str| got.headers().get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default();
            assert_eq!((got.status().as_u16(), header("content-type").as_str()), (200, "image/jpeg"));
            assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
            assert_eq!(
                (header("x-content-type-options").as_str(), header("content-disposition").as_str()),
                ("nosniff", "inline")
            );
            assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
            let bytes = got.bytes().await.expect("a body");
            assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&bytes)).is_err());
        }

        // what the meeting shows stays when the announcement goes
        city.app.act(move |conn, here| announcements::actions::delete(conn, here, note.id)).await.expect("deleted");
        city::pictures::let_go(&city.app, &edited.pictures).await;
        assert_eq!(city.get(&pots.kept.large.path(), "image/*").await.status(), 404);
        assert_eq!(city.get(&pots.kept.small.path(), "image/*").await.status(), 404);
        assert_eq!(city.get(&flyer.kept.large.path(), "image/*").await.status(), 200);
        assert_eq!(files_in(folder(&city)), names([&flyer]));
    });
}

#[test]
fn what_nothing_shows_is_swept_after_a_day_and_nothing_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let note = city.announce("kitchen", "We cook").await;
        let [shown, icon, old, young] =
            [kept(&city, 1, "a").await, kept(&city, 80, "b").await, kept(&city, 150, "c").await, kept(&city, 220, "d").await];
        let picture = shown.kept.clone();
        let edit = move |conn: &mut _, here: &_| {
            announcements::actions::edit(conn, here, note.id, &|note| note.pictures = vec![picture.clone()])
        };
        city.app.act(edit).await.expect("edited");
        let picture = icon.kept.clone();
        let edit = move |conn: &mut _, here: &_| {
            plaza::groups::actions::edit(conn, here, "kitchen", &|group| group.icon = Some(picture.clone()))
        };
        city.app.act(edit).await.expect("edited");

        let folder = folder(&city);
        fs::write(folder.join("holiday.jpg"), "somebody's own").expect("written");
        let now = std::time::UNIX_EPOCH + Duration::from_secs(u64::try_from(START.seconds()).expect("after 1970"));
        let hour = Duration::from_secs(3_600);
        for name in files_in(folder) {
            let young = names([&young]).contains(&name);
            let file = fs::File::options().write(true).open(folder.join(&name)).expect("a file");
            file.set_modified(now - if young { hour * 23 } else { hour * 25 }).expect("a time");
        }
        worker::forget_once(&city.app).await.expect("forgotten");
        let mut expected = names([&shown, &icon, &young]);
        expected.insert("holiday.jpg".into());
        assert_eq!(files_in(folder), expected, "all but {:?}", names([&old]));

        // a group that ended shows nothing any more
        city.app.act(|conn, here| plaza::groups::actions::close(conn, here, "kitchen")).await.expect("closed");
        city.advance(hour * 24 * 30);
        worker::forget_once(&city.app).await.expect("forgotten");
        assert_eq!(files_in(folder), BTreeSet::from(["holiday.jpg".to_owned()]));
    });
}

#[test]
fn a_picture_that_somebody_lets_go_of_while_another_shows_it_is_there_in_the_end() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let fresh = kept(&city, 9, "A pot").await;
        // somebody else deletes the last announcement with this picture before the row of ours commits
        city::pictures::let_go(&city.app, std::slice::from_ref(&fresh.kept)).await;
        assert_eq!(files_in(folder(&city)).len(), 0);
        city.app.media.keep(std::slice::from_ref(&fresh)).await.expect("kept again after the commit");
        assert_eq!(files_in(folder(&city)), names([&fresh]));
    });
}

/// What somebody at `host` replied, shown to everyone with these pictures.
async fn replied(city: &City, host: &'static str, pictures: Vec<Kept>) -> Vec<Reply> {
    let here = city.app.here();
    let replies: Vec<Reply> = pictures.into_iter().map(|picture| shown(here.new_id(), host, picture, here.now)).collect();
    let new = replies.clone();
    let add = move |conn: &mut plaza::db::Conn| Ok(new.iter().try_for_each(|reply| replies::store::add(conn, reply))?);
    city.app.db.write(add).await.expect("replies");
    replies
}

fn shown(id: uuid::Uuid, host: &str, picture: Kept, now: plaza::clock::Timestamp) -> Reply {
    let uri = format!("https://{host}/notes/{id}");
    Reply {
        id,
        url: uri.clone(),
        uri,
        group: "kitchen".into(),
        root: "/ap/notes/0".into(),
        parent: "/ap/notes/0".into(),
        depth: 1,
        actor: format!("https://{host}/users/troll"),
        handle: format!("troll@{host}"),
        host: host.into(),
        content: "<p>look</p>".into(),
        warning: None,
        language: None,
        pictures: 1,
        attached: vec![],
        kept: vec![picture],
        state: State::Shown,
        published: now,
        updated: None,
        received: now,
    }
}

#[test]
fn what_is_blocked_is_served_no_more_from_that_moment() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut cy = city.caretaker("cy").await;
        let mut served = Vec::new();
        for (grey, host) in [(10, "one.example"), (120, "two.example"), (230, "calm.example")] {
            let fresh = kept(&city, grey, "Boo").await;
            served.push(fresh.kept.large.path());
            replied(&city, host, vec![fresh.kept]).await;
        }
        for path in &served {
            assert_eq!(cy.get(path).await.status(), 200);
        }
        assert_eq!(cy.send("/care/blocks", &[("target", "one.example"), ("sure", "yes")]).await.status(), 303);
        assert_eq!(cy.get(&served[0]).await.status(), 404, "by name");
        assert_eq!(cy.get(&served[1]).await.status(), 200);
        assert_eq!(cy.send_files("/care/blocks/list", &[("block", "two.example"), ("sure", "yes")], vec![]).await.status(), 303);
        assert_eq!(cy.get(&served[1]).await.status(), 404, "by a list");
        assert_eq!(cy.get(&served[2]).await.status(), 200, "what others showed stays");
    });
}

#[test]
fn hiding_one_of_a_thousand_replies_with_pictures_takes_no_longer_than_reading_them() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let fresh = kept(&city, 5, "Boo").await;
        let others = (0..1_000).map(|number| {
            let mut other = fresh.kept.clone();
            other.large.name = format!("{number:064x}.jpg");
            other.small.name = format!("a{number:063x}.jpg");
            other
        });
        replied(&city, "far.example", others.collect()).await;
        let hidden = replied(&city, "far.example", vec![fresh.kept.clone()]).await;
        let begun = std::time::Instant::now();
        let fields = [("id", hidden[0].id.to_string()), ("do", "hide".into())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(ana.send("/ours/@kitchen/waiting", &fields).await.status(), 303);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?}, without optimisation");
        assert_eq!(files_in(folder(&city)).len(), 0);
    });
}

/// A city with a kitchen, and files to give.
fn desk() -> Terminal {
    let at = Terminal::new();
    at.json(&["group", "create", "kitchen", "--name", "Kitchen", "--mission", "We feed the assembly."]);
    for (name, bytes) in [("photo.jpg", photo(800, 400, 7)), ("flyer.jpg", photo(200, 100, 99))] {
        fs::write(at.folder.path().join(name), bytes).expect("written");
    }
    at
}

fn kept_at(at: &Terminal) -> usize {
    files_in(&at.folder.path().join("plaza-data/media")).len()
}

#[test]
fn pictures_are_given_replaced_and_taken_away_on_the_command_line() {
    let at = desk();
    let two = ["--image", "photo.jpg", "--alt", " A pot ", "--alt", "A flyer", "--image", "flyer.jpg"];
    let note = at.json(&[&["announce", "kitchen", "--text", "Soup"], &two[..]].concat());
    let id = note["id"].as_str().expect("an id");
    let alts = |said: &Value| -> Vec<String> {
        said["pictures"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|picture| picture["alt"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!((alts(&note), kept_at(&at)), (vec!["A pot".to_owned(), "A flyer".to_owned()], 3));
    let (large, small) = (&note["pictures"][0]["large"], &note["pictures"][0]["small"]);
    assert_eq!((&large["width"], &small["width"], &small["mediaType"]), (&json!(800), &json!(640), &json!("image/jpeg")));
    let shown = String::from_utf8(at.type_(&["announcement", "show", id]).stdout).expect("text");
    assert!(shown.contains(&format!("Picture: {} (A pot)", large["url"].as_str().expect("a url"))), "{shown}");

    let texted = at.json(&["announcement", "edit", id, "--text", "More soup"]);
    assert_eq!(texted["pictures"], note["pictures"], "what is not spoken of stays");
    let described = at.json(&["announcement", "edit", id, "--alt", "Two pots", "--alt", "A poster"]);
    assert_eq!((alts(&described), kept_at(&at)), (vec!["Two pots".to_owned(), "A poster".to_owned()], 3), "other words only");
    let (status, why) = at.refusal(&["announcement", "edit", id, "--alt", "Two pots"]);
    assert!(status == 1 && why.contains("there are 2 pictures"), "{why}");
    let replaced = at.json(&["announcement", "edit", id, "--image", "flyer.jpg", "--alt", "The flyer"]);
    assert_eq!((alts(&replaced), kept_at(&at)), (vec!["The flyer".to_owned()], 1));
    let bare = at.json(&["announcement", "edit", id, "--no-images"]);
    assert_eq!((alts(&bare), kept_at(&at)), (vec![], 0));

    let schedule = ["meeting", "schedule", "kitchen", "--title", "Weekly", "--starts", "2030-11-26T18:00"];
    let meeting = at.json(&[&schedule[..], &two[..]].concat());
    let id = meeting["id"].as_str().expect("an id");
    assert_eq!((alts(&meeting).len(), kept_at(&at)), (2, 3));
    let note = at.json(&["announce", "kitchen", "--text", "Look", "--image", "photo.jpg", "--alt", "The same pot"]);
    assert_eq!(alts(&at.json(&["meeting", "edit", id, "--no-images"])), Vec::<String>::new());
    assert_eq!(kept_at(&at), 2, "one file, shown elsewhere still");
    at.json(&["announcement", "delete", note["id"].as_str().expect("an id")]);
    assert_eq!(kept_at(&at), 0);

    let look = at.json(&["group", "edit", "kitchen", "--icon", "photo.jpg", "--icon-alt", "A pot", "--header", "photo.jpg"]);
    assert_eq!((&look["icon"]["alt"], &look["icon"]["large"]["width"]), (&json!("A pot"), &json!(400)));
    assert_eq!((&look["header"]["alt"], kept_at(&at)), (&json!(""), 4), "a header of 800×266, and of 750×249");
    let look = at.json(&["group", "edit", "kitchen", "--header-alt", "A long table"]);
    assert_eq!((&look["icon"]["alt"], &look["header"]["alt"], kept_at(&at)), (&json!("A pot"), &json!("A long table"), 4));
    at.json(&["group", "close", "kitchen"]);
    assert_eq!(kept_at(&at), 0);
    let create = ["group", "create", "trees", "--name", "Trees", "--mission", "Shade", "--icon-alt", "A tree"];
    let (status, why) = at.refusal(&create);
    assert!(status == 2 && why.contains("no picture to describe"), "{why}");
}

#[test]
fn hostile_files_and_undescribed_pictures_are_refused_in_words_and_nothing_is_kept() {
    let at = desk();
    let png = |width: u32, height: u32| {
        let header = [&b"IHDR"[..], &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        let sum = !header.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
        });
        [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &header, &sum.to_be_bytes(), b"\0\0\0\0IDAT\x35\xaf\x06\x1e"].concat()
    };
    let whole = photo(100, 100, 3);
    let segments =
        |kind: u8| [&whole[..2], &[&[0xFF, kind, 0xFF, 0xFF][..], &[b'x'; 65_533]].concat().repeat(256), &whole[2..]].concat();
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("actor.png", br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}"#.to_vec(), "PNG, JPEG or WebP"),
        ("page.jpg", b"<html>\x89PNG".to_vec(), "PNG, JPEG or WebP"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>".to_vec(), "PNG, JPEG or WebP"),
        ("film.gif", b"GIF89a\x01\0\x01\0PK\x03\x04".to_vec(), "PNG, JPEG or WebP"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "PNG, JPEG or WebP"),
        ("new.avif", b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "PNG, JPEG or WebP"),
        ("scan.tiff", b"MM\0*\0\0\0\x08".to_vec(), "PNG, JPEG or WebP"),
        ("old.bmp", b"BM\x9a\0\0\0".to_vec(), "PNG, JPEG or WebP"),
        ("tiny.ico", b"\0\0\x01\0\x01\0".to_vec(), "PNG, JPEG or WebP"),
        ("paper.png", b"%PDF-1.4\n\x89PNG\r\n\x1a\n".to_vec(), "PNG, JPEG or WebP"),
        ("empty.png", vec![], "PNG, JPEG or WebP"),
        ("square.png", png(65_535, 65_535), "has 65535×65535"),
        ("line.png", png(1, 1_000_000), "has 1×1000000"),
        ("deep.png", png(5_000, 5_000), "memory"),
        ("half.jpg", whole[..whole.len() / 3].to_vec(), "damaged"),
        ("exif.jpg", segments(0xE1), "10 MB"),
        ("comment.jpg", segments(0xFE), "10 MB"),
    ];
    for (name, bytes, part) in &files {
        fs::write(at.folder.path().join(name), bytes).expect("written");
        for words in [
            vec!["announce", "kitchen", "--text", "x", "--image", name, "--alt", "A pot"],
            vec![
                "meeting",
                "schedule",
                "kitchen",
                "--title",
                "Weekly",
                "--starts",
                "2030-11-26T18:00",
                "--image",
                name,
                "--alt",
                "A pot",
            ],
            vec!["group", "edit", "kitchen", "--icon", name],
        ] {
            let (status, why) = at.refusal(&words);
            assert!(status == 1 && why.contains(part) && why.contains(name), "{words:?}: {status} {why}");
        }
    }
    let long = "x".repeat(1_501);
    let table: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["--image", "photo.jpg"], 1, "--alt \""),
        (vec!["--image", "photo.jpg", "--alt", " "], 1, "--alt \""),
        (vec!["--image", "photo.jpg", "--alt", "A pot", "--image", "flyer.jpg"], 1, "--alt \""),
        (vec!["--image", "photo.jpg", "--alt", &long], 1, "1 to 1,500 characters"),
        (vec!["--alt", "A pot"], 2, "--image FILE"),
        (vec!["--image", "/no/such/file", "--alt", "A pot"], 2, "cannot be read"),
        (["--image", "photo.jpg", "--alt", "A pot"].repeat(5), 1, "at most 4"),
    ];
    for (rest, status, part) in table {
        let (found, why) = at.refusal(&[vec!["announce", "kitchen", "--text", "x"], rest].concat());
        assert!(found == status && why.contains(part), "{found} {why}");
    }
    assert_eq!((at.json(&["announcement", "list"]), at.json(&["meeting", "list"]), kept_at(&at)), (json!([]), json!([]), 0));
}
