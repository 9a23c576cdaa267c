//! Every page of a small city, as a reader without scripts gets it.

use std::time::Duration;

use actix_web::{
    App as Web,
    body::to_bytes,
    http::header::HeaderMap,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
};
use chrono::TimeZone;
use chrono_tz::Tz;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    actors,
    clock::{Clock, Timestamp},
    config::Settings,
    media,
    meetings::meeting::{Kind, Position},
    origin::Local,
    pictures::Shape,
    web::door,
};

struct City {
    app: App,
    clock: Clock,
    _folder: TempDir,
}

fn boston(day: u32, hour: u32) -> Timestamp {
    Timestamp::from(Tz::America__New_York.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap().to_utc())
}

/// What a reader gets: status, headers, and the whole document.
struct Got {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn html(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// What stands in the middle of the page, as text without empty lines.
    fn text(&self) -> String {
        let html = self.html();
        let (_, main) = html.split_once("<main id=\"main\">").unwrap();
        let (main, _) = main.split_once("</main>").unwrap();
        let text = crate::text::plain_of_html(&main.replace("</dt>", "<br>").replace("</dd>", "<br>"));
        let lines = text.lines().filter(|line| !matches!(line.trim(), "" | "-"));
        lines.map(without_id).collect::<Vec<_>>().join("\n")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl City {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: Some(folder.path().join("data").to_str().unwrap().into()),
            origin: Some("https://boston.example".into()),
            city: Some("Boston".into()),
            time_zone: Some("America/New_York".into()),
            ..Settings::default()
        };
        let clock = Clock::stopped_at(boston(23, 12));
        let app = App::open(settings.check().unwrap(), clock.clone()).await.unwrap();
        Self { app, clock, _folder: folder }
    }

    async fn get(&self, path: &str) -> Got {
        self.ask(TestRequest::get().uri(path).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")))
            .await
    }

    async fn ask(&self, request: TestRequest) -> Got {
        let app = Web::new().app_data(Data::new(self.app.clone())).app_data(Data::new(Front::of(&self.app))).wrap(from_fn(door));
        let app = app.configure(crate::web::routes).configure(routes).configure(groups::media::routes);
        let app = app.configure(groups::pages::routes).configure(meetings::pages::routes).configure(announcements::pages::routes);
        let app = init_service(app).await;
        let answer = call_service(&app, request.insert_header(("Host", "boston.example")).to_request()).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Got { status, headers, body: to_bytes(answer.into_body()).await.unwrap().to_vec() }
    }

    async fn group(&self, handle: &str, change: impl Fn(&mut Group)) -> Group {
        let now = self.clock.now();
        let mut group = Group {
            name: "Kitchen".into(),
            mission: "We feed **everyone**.".into(),
            language: "en".into(),
            welcomed: Some(now),
            ..Group::blank(handle, now)
        };
        change(&mut group);
        let kept = group.clone();
        let keys = actors::make_keys(&self.app, &Local::Group(handle.into())).await.unwrap();
        let act = self.app.act(move |conn, here| groups::actions::start(conn, here, &kept, &keys));
        act.await.unwrap();
        group
    }

    async fn meeting(&self, group: &str, change: impl Fn(&mut Meeting)) -> String {
        let mut meeting = Meeting {
            title: "Weekly meeting".into(),
            kind: Kind::Assembly,
            starts: boston(24, 18),
            ends: boston(24, 20),
            zone: Tz::America__New_York,
            language: "en".into(),
            ..Meeting::blank(self.app.here().new_id(), group, self.clock.now())
        };
        change(&mut meeting);
        let id = meeting.id;
        self.app.act(move |conn, here| meetings::actions::schedule(conn, here, &meeting)).await.unwrap();
        format!("/meetings/{id}")
    }

    async fn announce(&self, group: &str, change: impl Fn(&mut Announcement)) -> String {
        let mut announcement = Announcement {
            id: self.app.here().new_id(),
            group: group.into(),
            meeting: None,
            answers: None,
            title: None,
            text: "Bring *pots*\n\n#Soup".into(),
            language: "en".into(),
            urgent: false,
            followers_only: false,
            mentions: vec![],
            pictures: vec![],
            published: self.clock.now(),
            updated: None,
            deleted: None,
        };
        change(&mut announcement);
        let id = announcement.id;
        self.app.act(move |conn, here| announcements::actions::publish(conn, here, &announcement)).await.unwrap();
        format!("/announcements/{id}")
    }
}

/// Ids are other ones each time.
fn without_id(line: &str) -> String {
    match line.rsplit_once('/') {
        Some((page, id)) if id.parse::<Uuid>().is_ok() => format!("{page}/…"),
        _ => line.to_owned(),
    }
}

fn id_of(page: &str) -> Uuid {
    page.rsplit('/').next().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn empty_pages_say_what_to_do_next() {
    let city = City::start().await;
    insta::assert_snapshot!(city.get("/").await.text(), @r#"
        Working groups in Boston, what they do, and when they meet. Everyone is welcome to take part.
        No group has started here yet.
        Anyone can start the first one, from a phone.
        Start a group
        "#);
    city.group("kitchen", |_| {}).await;
    insta::assert_snapshot!(city.get("/").await.text(), @r"
        Working groups in Boston, what they do, and when they meet. Everyone is welcome to take part.
        What's on
        No meeting is planned at the moment. Look at the groups below: they say how to reach them.
        News
        No group has announced anything yet.
        All news
        Groups
        Kitchen
        No meeting planned at the moment
        All groups
        Start a group
        Follow the whole square
        One name for everything: urgent news at once, and each morning what is on.
        @plaza@boston.example
        - Copy this name.
        - Paste it where your app searches: Mastodon, Friendica, Mobilizon or any other of the Fediverse.
        - Press Follow.
        Follow from your own server
        Go to my server
        - Into your calendar, with every change
        - Once, as a calendar file
        - A poster of this week, to print
        ");
    insta::assert_snapshot!(city.get("/@kitchen").await.text(), @r"
        Kitchen
        We feed everyone.
        What's on
        Kitchen is new here. Its first meeting is not on the agenda yet. Follow the group to hear when there is one.
        News
        Kitchen has announced nothing yet.
        Follow this group
        @kitchen@boston.example
        - Copy this name.
        - Paste it where your app searches: Mastodon, Friendica, Mobilizon or any other of the Fediverse.
        - Press Follow.
        Follow from your own server
        Go to my server
        - Into your calendar, with every change
        - Once, as a calendar file
        - As a feed, for feed readers (Atom)
        - A poster of this group, to print
        Tell this group about something
        ");
    city.group("library", |group| group.contact = Some("the green tent".into())).await;
    assert!(city.get("/@library").await.text().contains("Ask when they meet next: the green tent"));
    insta::assert_snapshot!(city.get("/tags/soup").await.text(), @"
        #soup
        Nothing here is about #soup at the moment.
        Look at everything that is on in Boston.
        ");
}

#[actix_web::test]
async fn the_front_page_and_a_groups_page_show_what_is_on() {
    let city = City::start().await;
    city.group("kitchen", |group| group.tags = vec!["food".into()]).await;
    city.group("khubz", |group| (group.name, group.language) = ("خبز".into(), "ar".into())).await;
    let today = |meeting: &mut Meeting| (meeting.starts, meeting.ends) = (boston(23, 22), boston(24, 1));
    city.meeting("kitchen", |meeting| {
        today(meeting);
        meeting.place = Some("Dewey Square".into())
    })
    .await;
    city.meeting("khubz", |meeting| meeting.online = Some("https://meet.example/x".parse().unwrap())).await;
    let news = city.announce("kitchen", |note| (note.title, note.urgent) = (Some("Pots!".into()), true)).await;
    insta::assert_snapshot!(city.get("/").await.text(), @r"
        Working groups in Boston, what they do, and when they meet. Everyone is welcome to take part.
        Urgent Pots!
        Bring pots
        Kitchen · Monday 23 November, 12:00 EST
        What's on
        Today Monday 23 November
        22:00–01:00
        Weekly meeting
        Dewey Square
        Kitchen
        Tomorrow Tuesday 24 November
        18:00–20:00
        Weekly meeting
        Online
        خبز
        Times are those of New York (EST).
        Everything that is on
        News
        All news
        Groups
        Kitchen
        Today, Monday 23 November, 22:00
        خبز
        Tomorrow, Tuesday 24 November, 18:00
        All groups
        Start a group
        Follow the whole square
        One name for everything: urgent news at once, and each morning what is on.
        @plaza@boston.example
        - Copy this name.
        - Paste it where your app searches: Mastodon, Friendica, Mobilizon or any other of the Fediverse.
        - Press Follow.
        Follow from your own server
        Go to my server
        - Into your calendar, with every change
        - Once, as a calendar file
        - A poster of this week, to print
        ");
    insta::assert_snapshot!(city.get("/@kitchen?lang=es").await.text(), @r"
        Kitchen
        We feed everyone.
        Agenda
        Hoy lunes 23 de noviembre
        22:00–01:00
        Weekly meeting
        Dewey Square
        Las horas son las de New York (EST).
        Noticias
        Urgente Pots!
        Bring pots
        Lunes 23 de noviembre, 12:00 EST
        Sigue a este grupo
        @kitchen@boston.example
        - Copia este nombre.
        - Pégalo donde busca tu aplicación: Mastodon, Friendica, Mobilizon o cualquier otra del Fediverso.
        - Pulsa Seguir.
        Seguir desde tu propio servidor
        Ir a mi servidor
        - En tu calendario, con cada cambio
        - Una sola vez, como archivo de calendario
        - Como canal de noticias, para lectores (Atom)
        - Un cartel de este grupo, para imprimir
        Contarle algo a este grupo
        Temas
        - #food
        ");
    insta::assert_snapshot!(city.get(&news).await.text(), @r"
        Urgent
        Pots!
        Kitchen · Monday 23 November, 12:00 EST
        Bring pots
        #Soup
        How to reply
        With an account on Mastodon or another Fediverse server, look for this address there and reply in public. A first reply is shown here as soon as the group has let it through.
        https://boston.example/ap/notes/…
        Pass it on
        Tap the text to select all of it, copy it, and paste it into any chat. Only the text
        URGENT: Pots!
        Kitchen, Boston · Monday 23 November 2026
        Bring pots
        #Soup
        https://boston.example/announcements/…
        Everything about Kitchen
        ");
    let home = city.get("/").await.html();
    assert!(home.contains("<span class=\"p-name\" lang=\"ar\" dir=\"rtl\">خبز</span>"), "{home}");
    assert!(home.contains("datetime=\"2026-11-23T22:00:00-05:00\""));
    let group = city.get("/@Kitchen").await.html();
    assert!(group.contains(
        "<link rel=\"alternate\" type=\"application/activity+json\" href=\"https://boston.example/ap/groups/kitchen\">"
    ));
    assert!(group.contains("<meta property=\"og:image\" content=\"https://boston.example/media/header/kitchen.png?v=made\">"));
    assert!(group.contains("<meta property=\"og:description\" content=\"We feed everyone.\">"));
}

#[actix_web::test]
async fn a_topic_gathers_what_carries_it() {
    let city = City::start().await;
    city.group("kitchen", |group| group.tags = vec!["soup".into()]).await;
    city.group("library", |group| group.name = "Library".into()).await;
    city.meeting("library", |meeting| meeting.agenda = Some("#SOUP and books".into())).await;
    city.meeting("library", |meeting| (meeting.title, meeting.agenda) = ("Souper".into(), Some("#soups".into()))).await;
    city.announce("library", |_| {}).await;
    let page = city.get("/tags/Soup").await.text();
    assert!(city.get("/groups?tag=soup").await.text().contains("Kitchen"));
    assert!(!city.get("/groups?tag=soup").await.text().contains("Library"));
    for part in ["#soup", "Kitchen", "Weekly meeting", "Bring pots"] {
        assert!(page.contains(part), "{page}");
    }
    assert!(!page.contains("Souper") && !page.contains("@library"), "{page}");
    assert_eq!(city.get("/tags/2026").await.status, 404);
}

#[actix_web::test]
async fn a_meetings_page_says_when_and_where_and_whether_it_changed() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let page = city
        .meeting("kitchen", |meeting| {
            (meeting.place, meeting.address) = (Some("Dewey Square".into()), Some("Summer St".into()));
            meeting.position = Some(Position { latitude: 42.353, longitude: -71.0552 });
            meeting.agenda = Some("1. Flour\n2. Salt".into());
        })
        .await;
    insta::assert_snapshot!(city.get(&page).await.text(), @r"
        Kitchen · Assembly
        Weekly meeting
        When · Tomorrow
        Tuesday 24 November
        18:00–20:00 EST
        Time of New York
        Where
        Dewey Square
        Summer St
        Open in a map app
        Add to calendar Add it, and hear of changes
        Are you coming?
        So far, fewer than 5 people have said that they are coming.
        I'm coming
        Maybe
        I can't
        No name, no account. We count only about how many, and an hour after the meeting every answer is erased.
        Agenda
        - Flour
        - Salt
        How to reply
        With an account on Mastodon or another Fediverse server, look for this address there and reply in public. A first reply is shown here as soon as the group has let it through.
        https://boston.example/ap/events/…
        Pass it on
        Tap the text to select all of it, copy it, and paste it into any chat. Only the text
        Weekly meeting
        Tuesday 24 November 2026, 18:00–20:00 EST (New York)
        Dewey Square, Summer St
        geo:42.353,-71.0552
        Kitchen, Boston
        https://boston.example/meetings/…
        Everything about Kitchen
        ");
    let id = id_of(&page);
    let later = |meeting: &mut Meeting| {
        (meeting.starts, meeting.ends) = (boston(25, 9), boston(25, 11));
        Ok(())
    };
    city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &later)).await.unwrap();
    insta::assert_snapshot!(city.get(&format!("{page}?lang=es")).await.text(), @r"
        Kitchen · Asamblea
        Weekly meeting
        Esta reunión ha cambiado de fecha u hora. Antes empezaba el martes 24 de noviembre, 18:00 EST.
        Cuándo · en 2 días
        Miércoles 25 de noviembre
        09:00–11:00 EST
        Hora de New York
        Dónde
        Dewey Square
        Summer St
        Abrir en una aplicación de mapas
        Añadir al calendario Añadir y enterarte de los cambios
        ¿Vienes?
        Por ahora, menos de 5 personas han dicho que vienen.
        Voy
        Quizá
        No puedo
        Sin nombre y sin cuenta. Solo contamos cuánta gente hay más o menos, y una hora después de la reunión se borran todas las respuestas.
        Orden del día
        - Flour
        - Salt
        Qué ha cambiado
        Moved: Weekly meeting is now Wed 25 Nov 2026, 09:00–11:00 EST · Dewey Square, Summer St (it was Tue 24 Nov 2026, 18:00–20:00 EST · Dewey Square, Summer St).
        Lunes 23 de noviembre, 12:00 EST
        Cómo responder
        Con una cuenta de Mastodon o de otro servidor del Fediverso, busca allí esta dirección y responde en público. Una primera respuesta se muestra aquí en cuanto el grupo la deja pasar.
        https://boston.example/ap/events/…
        Pásalo
        Toca el texto para seleccionarlo entero, cópialo y pégalo en cualquier chat. Solo el texto
        Weekly meeting
        Miércoles 25 de noviembre de 2026, 09:00–11:00 EST (New York)
        Cambio de fecha u hora; antes: Martes 24 de noviembre de 2026, 18:00–20:00 EST (New York)
        Dewey Square, Summer St
        geo:42.353,-71.0552
        Kitchen, Boston
        https://boston.example/meetings/…
        Todo sobre Kitchen
        ");
    city.clock.advance(Duration::from_secs(3_600));
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.unwrap();
    let cancelled = city.get(&page).await;
    assert!(cancelled.text().contains("This meeting is cancelled.") && !cancelled.text().contains("was moved"));
    assert!(cancelled.html().contains("<title>Cancelled: Weekly meeting · Boston</title>"));
    assert!(city.get("/").await.text().contains("Cancelled"));

    let over = city.meeting("kitchen", |_| {}).await;
    city.clock.advance(Duration::from_secs(2 * 24 * 3_600));
    assert!(city.get(&over).await.text().contains("This meeting is over."));
    assert!(!city.get("/").await.html().contains(&over));
}

#[actix_web::test]
async fn what_was_taken_back_is_gone() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let (meeting, note, deleted) =
        (city.meeting("kitchen", |_| {}).await, city.announce("kitchen", |_| {}).await, city.announce("kitchen", |_| {}).await);
    let id = id_of(&deleted);
    city.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.unwrap();
    let gone = city.get(&deleted).await;
    assert_eq!((gone.status, gone.header("cache-control")), (410, "no-store"));
    assert!(gone.text().contains("This announcement was deleted") && !gone.text().contains("pots"));
    assert_eq!(city.get(&note).await.status, 200);
    city.app.act(|conn, here| groups::actions::close(conn, here, "kitchen")).await.unwrap();
    for page in ["/@kitchen", &meeting, &note, &deleted] {
        let got = city.get(page).await;
        assert_eq!((got.status, got.header("content-type")), (410, "text/html; charset=utf-8"), "{page}");
        assert!(!got.text().contains("pots") && !got.text().contains("Weekly"), "{page}");
    }
    let home = city.get("/").await.text();
    assert!(!home.contains("Weekly") && !home.contains("pots") && !home.contains("kitchen@"), "{home}");
}

#[actix_web::test]
async fn words_of_people_never_become_markup_and_nothing_is_loaded_from_elsewhere() {
    let city = City::start().await;
    let nasty = "\"'><script>alert(1)</script><img src=x onerror=y><!--";
    let line = || Some(format!("{nasty} https://evil.example/"));
    let text = format!("{nasty}\n\n![x](https://evil.example/x.png) [y](javascript:alert(1)) #soup");
    city.group("kitchen", |group| {
        (group.name, group.mission, group.contact, group.tags) = (nasty.into(), text.clone(), line(), vec!["soup".into()])
    })
    .await;
    let meeting = city
        .meeting("kitchen", |meeting| {
            (meeting.title, meeting.place, meeting.address, meeting.agenda) = (nasty.into(), line(), line(), Some(text.clone()));
            meeting.online = Some(format!("https://evil.example/{nasty}").parse().unwrap());
        })
        .await;
    let titled = city.announce("kitchen", |note| (note.title, note.text) = (Some(nasty.into()), text.clone())).await;
    let untitled = city.announce("kitchen", |note| note.text = text.clone()).await;
    for page in [
        "/",
        "/groups",
        "/meetings",
        "/announcements",
        "/@kitchen",
        &meeting,
        &titled,
        &untitled,
        "/tags/soup",
        "/none",
        "/tags/%22%3E%3Cscript%3E",
        "/@%3Cscript%3E",
    ] {
        let got = city.get(page).await;
        let html = got.html();
        for sign in
            ["<script>", "</script><", "<img src=x", "onerror=y>", "javascript:", "<!--", "style=", "Unknown localization"]
        {
            let ours = ["<script type=\"application/ld+json\">", "<script src=\"/script/"];
            assert_eq!(
                html.matches("<script").count(),
                ours.map(|ours| html.matches(ours).count()).iter().sum::<usize>(),
                "{page}"
            );
            let shown = html.replace("onerror=y&#62;", "").replace("[y](javascript:", "").replace("\\u003c", "");
            let shown = shown.replace("onerror=y\\u003e", "");
            assert!(!shown.contains(sign), "{sign} in {page}: {html}");
        }
        for loaded in html.split("src=\"").skip(1).chain(html.split("rel=\"stylesheet\" href=\"").skip(1)) {
            assert!(loaded.starts_with('/') || loaded.starts_with("https://boston.example/"), "{page}: {loaded}");
        }
        assert!(html.len() < 20_000 && !html.contains("<iframe"), "{page}: {}", html.len());
        assert!(got.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[actix_web::test]
async fn other_servers_are_led_to_the_document_and_pages_are_only_read() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let (meeting, note) = (city.meeting("kitchen", |_| {}).await, city.announce("kitchen", |_| {}).await);
    let table = [
        ("/", "/ap/instance".to_owned()),
        ("/@kitchen", "/ap/groups/kitchen".into()),
        (&meeting, meeting.replace("meetings", "ap/events")),
        (&note, note.replace("announcements", "ap/notes")),
    ];
    for (page, document) in table {
        let got = city.ask(TestRequest::get().uri(page).insert_header(("Accept", "application/activity+json"))).await;
        assert_eq!((got.status, got.header("location")), (302, format!("https://boston.example{document}").as_str()));
        assert!(got.header("vary").contains("Accept"));
        let tag = city.get(page).await.header("etag").to_owned();
        let again = TestRequest::get().uri(page).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"));
        let again = city.ask(again.insert_header(("If-None-Match", tag))).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"] {
            let got = city.ask(TestRequest::default().method(method.parse().unwrap()).uri(page)).await;
            assert_eq!((got.status, got.header("allow")), (405, "GET, HEAD"), "{method} {page}");
        }
    }
    let odd = [
        "/@nobody",
        "/@..%2f",
        "/@",
        "/meetings/x",
        "/meetings/%00",
        "/announcements/{00000000-0000-0000-0000-000000000000}",
        "/tags/",
        "/media/icon/..%2fx.png",
    ];
    for page in odd
        .into_iter()
        .map(str::to_owned)
        .chain([meeting.to_uppercase().replace("/MEETINGS", "/meetings"), note.replace("announcements", "meetings")])
    {
        assert_eq!(city.get(&page).await.status, 404, "{page}");
    }
}

#[actix_web::test]
async fn pictures_are_only_pictures() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let photo = image::DynamicImage::new_rgb8(400, 400);
    let mut bytes = std::io::Cursor::new(Vec::new());
    photo.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    let fresh = media::take_in(bytes.into_inner(), Shape::Icon, "A book").await.unwrap();
    city.app.media.keep(std::slice::from_ref(&fresh)).await.unwrap();
    let (kept, small) = (fresh.kept.large.path(), fresh.kept.small.path());
    city.group("library", |group| group.icon = Some(fresh.kept.clone())).await;
    let outside = media::File { name: "../secret".into(), ..fresh.kept.large.clone() };
    city.group("escape", |group| group.icon = Some(media::Kept { large: outside.clone(), ..fresh.kept.clone() })).await;
    let table = [
        ("/media/city.png", "image/png", "public, max-age=86400"),
        ("/media/icon/kitchen.png", "image/png", "public, max-age=86400"),
        ("/media/header/kitchen.png?v=made", "image/png", "public, max-age=86400"),
        (&kept, "image/jpeg", "public, max-age=31536000, immutable"),
        (&small, "image/jpeg", "public, max-age=31536000, immutable"),
        ("/media/icon/library.png", "image/jpeg", "public, max-age=3600"),
    ];
    for (path, kind, cache) in table {
        let got = city.ask(TestRequest::get().uri(path).insert_header(("Accept", "application/activity+json, text/html"))).await;
        assert_eq!((got.status, got.header("content-type"), got.header("cache-control")), (200, kind, cache), "{path}");
        assert_eq!(got.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(image::load_from_memory(&got.body).is_ok());
    }
    assert!(small != kept && city.get("/@library").await.html().contains("alt=\"A book\""));
    for path in ["/media/icon/escape.png", "/media/pictures/..%2fsecret", "/media/pictures/secret", "/media/pictures/0.png"] {
        assert_eq!(city.get(path).await.status, 404, "{path}");
    }
    assert_eq!(city.get("/media/icon/nobody.png").await.status, 404);
}

#[actix_web::test]
async fn the_agenda_shows_what_is_looked_for_and_says_what_it_does_not_understand() {
    let city = City::start().await;
    city.group("kitchen", |group| group.tags = vec!["food".into()]).await;
    city.group("library", |group| group.name = "Library".into()).await;
    let supper = city.meeting("kitchen", |meeting| meeting.title = "Supper".into()).await;
    let reading = city.meeting("library", |meeting| (meeting.title, meeting.kind) = ("Reading".into(), Kind::Social)).await;
    let table = [
        ("/meetings", true, true),
        ("/meetings?group=library", false, true),
        ("/meetings?tag=food&lang=es", true, false),
        ("/meetings?kind=social&place=", false, true),
        ("/meetings?day=2026-11-24", true, true),
        ("/meetings?day=2026-11-25", false, false),
        ("/meetings?month=2026-11", true, true),
        ("/meetings?month=2026-12", false, false),
    ];
    for (address, first, second) in table {
        let got = city.get(address).await;
        assert_eq!(got.status, 200, "{address}");
        assert_eq!((got.html().contains(&supper), got.html().contains(&reading)), (first, second), "{address}");
    }
    let spanish = city.get("/meetings?lang=es&tag=food").await.html();
    assert!(spanish.contains("href=\"?tag=food&#38;lang=en\""), "the filter goes along: {spanish}");
    assert!(spanish.contains("<link rel=\"canonical\" href=\"https://boston.example/meetings?tag=food&#38;lang=es\">"));
    assert!(spanish.contains("href=\"/meetings.ics?tag=food\"") && spanish.contains("name=\"lang\" value=\"es\""));
    for wrong in ["month=2026-13", "day=x", "kind=party", "group=a/b", "after=x", "online=maybe"] {
        assert_eq!(city.get(&format!("/meetings?{wrong}")).await.status, 400, "{wrong}");
    }
    let month = city.get("/meetings?month=2026-11").await.html();
    assert!(month.contains("aria-label=\"Tuesday 24 November. Meetings: 2\""), "{month}");
}

#[actix_web::test]
async fn long_lists_are_turned_page_by_page() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let mut pages = Vec::new();
    for _ in 0..65 {
        pages.push(city.meeting("kitchen", |_| {}).await);
        city.announce("kitchen", |_| {}).await;
    }
    for (first, count) in [("/meetings", 65), ("/announcements", 65)] {
        let (mut address, mut seen) = (first.to_owned(), 0);
        loop {
            let html = city.get(&address).await.html();
            assert!(html.len() < 60_000, "{}", html.len());
            seen += html.matches("class=\"what u-url\"").count();
            let Some((before, _)) = html.split_once("\" rel=\"next\"") else { break };
            address = before.rsplit('"').next().unwrap().replace("&#38;", "&");
        }
        assert_eq!(seen, count, "{first}");
    }
    assert!(city.get("/").await.html().len() + crate::web::style_size() < 20_000);
}

#[actix_web::test]
async fn texts_are_whole_in_any_chat() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let page = city
        .meeting("kitchen", |meeting| {
            (meeting.place, meeting.address) = (Some("Dewey Square".into()), Some("Summer St".into()));
            meeting.online = "https://meet.example/x".parse().ok();
        })
        .await;
    let text = city.get(&format!("{page}.txt")).await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        text.html(),
        format!(
            "Weekly meeting\nTuesday 24 November 2026, 18:00–20:00 EST (New York)\nDewey Square, Summer St\n\
             Online: https://meet.example/x\nKitchen, Boston\nhttps://boston.example{page}\n"
        )
    );
    let spanish = city.get(&format!("{page}.txt?lang=es")).await;
    assert!(spanish.html().contains("Martes 24 de noviembre de 2026") && spanish.header("content-language") == "es");
    let shown = city.get(&page).await;
    assert!(shown.html().contains("Dewey Square, Summer St\nOnline:"));
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("script-src https://boston.example/script/") && !policy.contains("unsafe"), "{policy}");
    assert!(!city.get("/").await.header("content-security-policy").contains("script-src"));
    let id = id_of(&page);
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.unwrap();
    assert!(city.get(&format!("{page}.txt")).await.html().starts_with("CANCELLED: Weekly meeting\n"));
    let note = city.announce("kitchen", |note| (note.title, note.urgent) = (Some("Pots!".into()), true)).await;
    let text = city.get(&format!("{note}.txt")).await.html();
    assert_eq!(
        text,
        format!(
            "URGENT: Pots!\nKitchen, Boston · Monday 23 November 2026\n\nBring pots\n\n#Soup\n\nhttps://boston.example{note}\n"
        )
    );
}

#[actix_web::test]
async fn other_programs_are_told_what_a_meeting_is() {
    let city = City::start().await;
    city.group("kitchen", |_| {}).await;
    let page = city
        .meeting("kitchen", |meeting| {
            (meeting.title, meeting.place) = ("</script><b>".into(), Some("Dewey Square".into()));
            meeting.position = Some(Position { latitude: 42.353, longitude: -71.0552 });
        })
        .await;
    let html = city.get(&page).await.html();
    let (_, data) = html.split_once("<script type=\"application/ld+json\">").unwrap();
    let data: serde_json::Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert_eq!((&data["@type"], &data["name"]), (&"Event".into(), &"</script><b>".into()));
    assert_eq!(data["startDate"], "2026-11-24T18:00:00-05:00");
    assert_eq!(data["eventStatus"], "https://schema.org/EventScheduled");
    assert_eq!(data["location"][0]["geo"]["latitude"], 42.353);
    for tag in [
        "<meta name=\"fediverse:creator\" content=\"@kitchen@boston.example\">",
        "<meta property=\"og:image:alt\" content=\"Kitchen\">",
        "<meta property=\"og:image:width\" content=\"1500\">",
        "<meta property=\"og:locale\" content=\"en_US\">",
        "class=\"dt-start\" datetime=\"2026-11-24T18:00:00-05:00\"",
    ] {
        assert!(html.contains(tag), "{tag} in {html}");
    }
}
