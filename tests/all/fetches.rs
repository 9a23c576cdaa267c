//! Where the place chose so, documents are only for servers that sign what they ask for and are not blocked; pages are everybody's.

use plaza::{
    actors,
    federation::{
        fetches::{self, Fetches},
        signature::{Query, Scheme, sign_get},
    },
};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const JSON: &str = "application/activity+json";

/// How another city asks for something here: signed as its instance actor. `altered` is what it sends otherwise than it signed.
pub async fn ask(from: &City, scheme: Scheme, to: &City, path: &str, altered: Option<(&str, &str)>) -> reqwest::Response {
    let url: url::Url = format!("{}{path}", to.origin).parse().expect("an address");
    let signer = actors::signer(&from.app).await.expect("a key");
    let headers = sign_get((scheme, Query::Covered), &signer.key_id, &signer.key, &url, to.clock.now(), JSON).expect("signed");
    let mut request = to.http.get(url);
    for (name, value) in &headers {
        let value = value.to_str().expect("text");
        let sent = altered.filter(|(other, _)| name == other).map_or(value, |(_, other)| other);
        request = request.header(name, sent);
    }
    request.send().await.expect("an answer")
}

pub async fn choose(city: &City, choice: Fetches) {
    city.app.act(move |conn, _| Ok(fetches::keep_choice(conn, choice)?)).await.expect("chosen");
}

pub async fn block(city: &City, other: &City) {
    let actor = format!("{}/ap/instance", other.origin);
    city.app.act(move |conn, here| plaza::blocks::actions::block(conn, here, &actor)).await.expect("blocked");
}

#[test]
fn documents_are_for_servers_that_sign_and_pages_for_everybody() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        let (note, meeting) = (here.announce("kitchen", "We need pots").await, here.meeting("kitchen", "Soup").await);
        let kept = [
            format!("/ap/notes/{}", note.id),
            format!("/ap/notes/{}/replies", note.id),
            format!("/ap/events/{}", meeting.id),
            format!("/ap/events/{}/organizers", meeting.id),
            "/ap/groups/kitchen/outbox".into(),
            "/ap/groups/kitchen/outbox?page=1".into(),
            "/ap/groups/kitchen/featured".into(),
            "/ap/groups/kitchen/followers".into(),
        ];
        let open = ["/ap/groups/kitchen".to_owned(), "/ap/instance".into(), "/nodeinfo/2.1".into()];
        for path in kept.iter().chain(&open) {
            // twice: the second one may have been kept
            for _ in 0..2 {
                assert_eq!(here.get(path, JSON).await.status(), 200, "{path}");
            }
        }
        choose(&here, Fetches::Signed).await;
        for path in &kept {
            assert_eq!(here.get(path, JSON).await.status(), 404, "{path}");
            let page = here.get(path, "text/html").await;
            assert!(page.status() == 404 || page.status() == 303, "{path}: people get the page, and no document");
            for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
                let answer = ask(&there, scheme, &here, path, None).await;
                assert_eq!(answer.status(), 200, "{path} {scheme:?}");
                let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
                assert_eq!(header("cache-control"), "private, no-store", "{path}");
                assert!(header("vary").contains("Signature"), "{path}");
                assert_eq!(here.get(path, JSON).await.status(), 404, "{path}: what one server got is no other's");
            }
            let date = ("date", "Tue, 24 Nov 2026 12:00:07 GMT");
            assert_eq!(ask(&there, Scheme::Cavage, &here, path, Some(date)).await.status(), 404, "{path}: forged");
        }
        for path in &open {
            assert_eq!(here.get(path, JSON).await.status(), 200, "{path}");
        }
        let finger = format!("/.well-known/webfinger?resource=acct:kitchen@{}", here.app.origin.authority());
        assert_eq!(here.get(&finger, "application/jrd+json").await.status(), 200);
        for path in [format!("/announcements/{}", note.id), format!("/meetings/{}", meeting.id), "/".into()] {
            assert_eq!(here.get(&path, "text/html").await.status(), 200, "{path}");
        }

        // another city hears it as before: it signs whatever it asks for
        there.group("trees").await;
        there.hears("trees", &here, "kitchen").await;
        assert_eq!(here.followers("kitchen").await, 1);

        block(&here, &there).await;
        for path in &kept {
            assert_eq!(ask(&there, Scheme::Cavage, &here, path, None).await.status(), 404, "{path}: blocked");
        }
        choose(&here, Fetches::Open).await;
        for path in &kept {
            assert_eq!(ask(&there, Scheme::Cavage, &here, path, None).await.status(), 403, "{path}: blocked");
            assert_eq!(here.get(path, JSON).await.status(), 200, "{path}");
        }
    });
}

#[test]
fn caretakers_choose_which_servers_get_documents() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut cleo = city.caretaker("cleo").await;
        assert!(cleo.page("/care/settings").await.contains("name=\"fetches\""));
        let fields =
            [("principles", ""), ("contact", ""), ("source", ""), ("pass_on", "urgent"), ("domain", ""), ("fetches", "signed")];
        assert_eq!(cleo.send("/care/settings", &fields).await.status(), 303);
        assert_eq!(city.get("/ap/groups/kitchen/outbox", JSON).await.status(), 404);
        assert!(Phone::of(&city).page("/@kitchen").await.contains("The kitchen group"));
    });
}
