//! Rows 43 and 44 at every form that takes pictures: what is none, what only looks like one, and what is more than it seems.

use std::time::Duration;

use crate::{city::City, desk::photo, phone::Phone};

/// A PNG that says it is so large, of one colour.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend(b"\x08\x02\0\0\0\0\0\0\0\0\0\0\x20IDAT");
    head.extend([0; 64]);
    head
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let boxed =
        |brand: &str| [b"\0\0\0\x18ftyp".as_slice(), brand.as_bytes(), b"\0\0\0\0mif1", brand.as_bytes(), &[0; 64]].concat();
    let jpeg = photo(10);
    vec![
        ("nothing of a picture", b"just words".to_vec()),
        ("an actor", br#"{"type":"Person","id":"https://evil.example/"}"#.to_vec()),
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec()),
        ("SVG after a line", b"<?xml version=\"1.0\"?>\n<!-- --><svg onload=\"alert(1)\"/>".to_vec()),
        ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("GIF and JavaScript", b"GIF89a/*\0\0\0\0\0*/=1;alert(1);//".to_vec()),
        ("PDF", b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>".to_vec()),
        ("BMP", [b"BM".as_slice(), &[0; 128]].concat()),
        ("ICO", [b"\0\0\x01\0\x01\0".as_slice(), &[0; 128]].concat()),
        ("TIFF", [b"II*\0\x08\0\0\0".as_slice(), &[0; 128]].concat()),
        ("HEIC", boxed("heic")),
        ("AVIF", boxed("avif")),
        ("a wide bomb", png(65_535, 65_535)),
        ("a tall bomb", png(1, 1_000_000)),
        ("a picture of no size", png(0, 0)),
        ("truncated", jpeg[..200].to_vec()),
        ("only a beginning", jpeg[..3].to_vec()),
        (
            "WebP of lies",
            [b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff".as_slice(), &[0; 32]].concat(),
        ),
    ]
}

fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[test]
fn whoever_sends_nothing_keeps_nobody_waiting() {
    actix_web::rt::System::new().block_on(async {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let slow = city.organizer("slow", "kitchen").await;
        let address = city.origin.trim_start_matches("http://").to_owned();
        let head = format!(
            "POST /ours/@kitchen/news/new HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000000\r\n\r\n--x",
            slow.cookie.as_deref().expect("signed in")
        );
        let mut open = Vec::new();
        for _ in 0..120 {
            let mut stream = tokio::net::TcpStream::connect(&address).await.expect("a connection");
            tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.expect("sent");
            open.push(stream);
        }
        let news = [("text", "We cook"), ("language", "en"), ("do", "later")];
        let sent = tokio::time::timeout(Duration::from_secs(30), ana.send("/ours/@kitchen/news/new", &news)).await;
        assert_eq!(sent.expect("an answer").status(), 303);
        let picture = ana.send_files(
            "/ours/@kitchen/news/new",
            &[("text", "Look"), ("language", "en"), ("do", "later"), ("alt-1", "A pot")],
            vec![("picture-1", photo(10))],
        );
        let sent = tokio::time::timeout(Duration::from_secs(30), picture).await;
        assert_eq!(sent.expect("an answer").status(), 303);
    });
}

async fn answers(ana: &Phone, path: &str, fields: &[(&str, &str)], field: &str, bytes: Vec<u8>) -> (u16, String) {
    let answer = ana.send_files(path, fields, vec![(field, bytes)]).await;
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// Where, what else is filled in, and which field takes the file.
type Form<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn what_is_no_picture_is_refused_by_name_at_every_form_and_kept_nowhere() {
    actix_web::rt::System::new().block_on(async {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        let news = [("text", "Look"), ("language", "en"), ("do", "preview"), ("alt-1", "A pot")];
        let event = [
            ("title", "Soup"),
            ("kind", "meeting"),
            ("day", "2026-12-24"),
            ("from", "18:00"),
            ("until", "20:00"),
            ("zone", "America/New_York"),
            ("place", "The square"),
            ("language", "en"),
            ("do", "preview"),
            ("alt-1", "A pot"),
        ];
        let about =
            [("name", "Kitchen"), ("mission", "Soup"), ("language", "en"), ("icon-alt", "A pot"), ("header-alt", "A pot")];
        let forms: [Form<'_>; 6] = [
            ("/ours/@kitchen/news/new", &news, "picture-1"),
            ("/ours/@kitchen/news/{id}/edit", &news, "picture-1"),
            ("/ours/@kitchen/meetings/new", &event, "picture-1"),
            ("/ours/@kitchen/meetings/{id}/edit", &event, "picture-1"),
            ("/ours/@kitchen/about", &about, "icon"),
            ("/ours/@kitchen/about", &about, "header"),
        ];
        let kept = files(&city.app.config.data_dir.join("media"));
        for (path, fields, field) in forms {
            for (what, bytes) in hostile() {
                let begun = std::time::Instant::now();
                // a change that was begun is gone on with, so each is of something else
                let id = match path.contains("/news/{id}") {
                    true => city.announce("kitchen", "We cook").await.id,
                    false => city.meeting("kitchen", "Soup").await.id,
                };
                let (status, page) = answers(&ana, &path.replace("{id}", &id.to_string()), fields, field, bytes).await;
                assert_eq!(status, 422, "{path}, {what}: {page}");
                assert!(page.contains(&format!("href=\"#{field}\"")), "{path}, {what}: {page}");
                assert!(begun.elapsed() < Duration::from_secs(10), "{path}, {what}: {:?}", begun.elapsed());
            }
        }
        assert_eq!(files(&city.app.config.data_dir.join("media")), kept, "nothing of it is kept");
        let drafts = city.app.db.read(|conn| Ok(plaza::desk::store::of_group(conn, "kitchen")?)).await.expect("reading");
        assert!(drafts.iter().all(|draft| draft.pictures.is_empty()));

        // a picture with more behind it becomes a picture and nothing else
        let more = [photo(10), b"<script>alert(1)</script>PK\x03\x04".to_vec()].concat();
        let (status, page) = answers(&ana, "/ours/@kitchen/about", &about, "icon", more).await;
        assert_eq!(status, 303, "{page}");
        let group = city.app.db.read(|conn| Ok(plaza::groups::store::by_handle(conn, "kitchen")?)).await.expect("reading");
        let icon = group.and_then(|group| group.icon).expect("an icon").large.path();
        let answer = ana.get(&icon).await;
        let said = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert!(said("content-type").starts_with("image/") && said("x-content-type-options") == "nosniff");
        assert!(said("content-security-policy").contains("sandbox"), "{}", said("content-security-policy"));
        let bytes = answer.bytes().await.expect("bytes");
        assert!(!bytes.windows(7).any(|part| part == b"<script" || part.starts_with(b"PK\x03\x04")));
    });
}
