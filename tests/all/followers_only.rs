//! What is for followers only reaches them and nobody else: no page, feed, document or list of ours shows it.

use std::time::Duration;

use plaza::{
    announcements::{self, announcement::Announcement},
    db::schema::{activities, deliveries},
    federation::signature::Scheme,
    follows, sisters,
    web::address::{Access, addresses},
};
use serde_json::{Value, json};

use crate::{
    city::{City, on_each_database},
    fetches::{ask, block},
    phone::Phone,
};

const SECRET: &str = "umbrellas behind the library";

async fn announce(city: &City, followers_only: bool, text: &str) -> Announcement {
    let here = city.app.here();
    let mut new = city.announce("kitchen", "Something else").await;
    new.id = here.new_id();
    new.title = Some(format!("Title: {text}"));
    new.text = format!("{text} #umbrella");
    new.urgent = true;
    new.followers_only = followers_only;
    let said = new.clone();
    city.app.act(move |conn, here| announcements::actions::publish(conn, here, &said)).await.expect("said");
    new
}

/// Every address that anybody may read, with what is there in its blanks.
fn public_addresses(note: &Announcement) -> Vec<String> {
    let id = note.id.to_string();
    let mut found = vec![
        "/ap/groups/plaza/outbox?page=1".to_owned(),
        "/ap/groups/kitchen/outbox?page=1".into(),
        "/tags/umbrella".into(),
        "/@plaza".into(),
        "/meetings?q=umbrellas".into(),
        "/announcements?q=umbrellas".into(),
        format!("/report?what=/announcements/{id}"),
    ];
    for (path, listed) in addresses() {
        if !listed.shows || !matches!(listed.access, Access::Anyone | Access::Nameless) {
            continue;
        }
        for collection in ["outbox", "featured", "replies", "likes", "upcoming"] {
            let mut address = path.clone();
            for (blank, value) in [
                ("{id}", id.as_str()),
                ("{handle}", "kitchen"),
                ("{collection}", collection),
                ("{tag}", "umbrella"),
                ("{topic}", "published"),
            ] {
                address = address.replace(blank, value);
            }
            if !address.contains('{') && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

async fn where_it_shows(city: &City, note: &Announcement, words: &str) -> Vec<String> {
    let mut shows = Vec::new();
    for address in public_addresses(note) {
        for accept in ["text/html", "application/activity+json", "*/*"] {
            let answer = city.get(&address, accept).await;
            let text = String::from_utf8_lossy(&answer.bytes().await.expect("a body")).into_owned();
            if text.contains(words) {
                shows.push(format!("{address} ({accept})"));
            }
        }
    }
    shows
}

#[test]
fn its_text_is_nowhere_that_everybody_may_look() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let choose =
            city.app.act(|conn, here| plaza::plaza::actions::choose(conn, here, plaza::plaza::pass_on::PassOn::All, "en"));
        choose.await.expect("a plaza");
        let open = announce(&city, false, "parasols for everybody").await;
        assert!(where_it_shows(&city, &open, "parasols for everybody").await.len() > 10, "the search finds what is there");
        let note = announce(&city, true, SECRET).await;
        // the next morning
        city.advance(Duration::from_secs(24 * 3_600));
        plaza::worker::post_digest_once(&city.app).await.expect("a morning");
        assert_eq!(where_it_shows(&city, &note, SECRET).await, Vec::<String>::new());
        assert_eq!(where_it_shows(&city, &note, &format!("/ap/notes/{}\"", note.id)).await, Vec::<String>::new());
        for path in [format!("/announcements/{}", note.id), format!("/announcements/{}.txt", note.id)] {
            assert_eq!(city.get(&path, "text/html").await.status(), 404, "{path}");
        }
        for path in [format!("/ap/notes/{}", note.id), format!("/ap/notes/{}/replies", note.id)] {
            assert_eq!(city.get(&path, "application/activity+json").await.status(), 404, "{path}");
        }
        // nor what was said of it
        let said: Vec<String> = city
            .app
            .db
            .read(|conn| {
                use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
                Ok(activities::table.filter(activities::public.eq(false)).select(activities::id).load(conn)?)
            })
            .await
            .expect("reading");
        assert!(!said.is_empty());
        for id in said {
            assert_eq!(city.get(&format!("/ap/activities/{id}"), "application/activity+json").await.status(), 404);
        }
    });
}

#[test]
fn followers_get_it_with_its_changes_and_may_ask_for_it_by_its_id() {
    on_each_database(|database| async move {
        let (here, there, other) = (City::start(database).await, City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        there.group("trees").await;
        there.hears("trees", &here, "kitchen").await;
        let note = announce(&here, true, SECRET).await;
        here.work().await;
        let path = format!("/ap/notes/{}", note.id);
        let answer = ask(&there, Scheme::Cavage, &here, &path, None).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let document: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert_eq!(document["to"], json!([format!("{}/ap/groups/kitchen/followers", here.origin)]));
        assert_eq!(document["cc"], json!([]));
        assert!(document["content"].as_str().expect("text").contains(SECRET));
        assert_eq!(document.get("proof"), None, "nobody can prove to others what was said to few");
        assert_eq!(ask(&other, Scheme::Cavage, &here, &path, None).await.status(), 404, "nobody there follows");
        assert_eq!(here.get(&path, "application/activity+json").await.status(), 404);
        assert_eq!(
            there.heard("trees").await.iter().filter(|heard| heard.content.contains(SECRET)).count(),
            0,
            "not for a page there"
        );

        let id = note.id;
        let edit = here.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &|it| it.text = "changed".into()));
        edit.await.expect("edited");
        assert_eq!(here.work().await, 1, "the Update");
        let about = path.clone();
        let said = here.app.db.read(move |conn| {
            use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
            let of = activities::table.filter(activities::object.eq(about)).order(activities::sequence);
            Ok(of.select((activities::kind, activities::public, activities::body)).load::<(String, bool, String)>(conn)?)
        });
        for (kind, public, body) in said.await.expect("reading") {
            assert!(!public && !body.contains("#Public"), "{kind}: {body}");
        }
        here.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
        assert_eq!(ask(&there, Scheme::Cavage, &here, &path, None).await.status(), 410);
        assert_eq!(here.get(&path, "application/activity+json").await.status(), 404);
        assert_eq!(here.work().await, 1, "the Delete");

        block(&here, &there).await;
        let another = announce(&here, true, SECRET).await;
        // whatever it is that they ask for
        assert_eq!(ask(&there, Scheme::Cavage, &here, &format!("/ap/notes/{}", another.id), None).await.status(), 403);
    });
}

#[test]
fn two_cities_that_disagree_on_who_follows_agree_again() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        for group in ["trees", "soup", "bees"] {
            there.group(group).await;
            there.hears(group, &here, "kitchen").await;
        }
        let part = "/ap/groups/kitchen/followers_synchronization";
        assert_eq!(here.get(part, "application/activity+json").await.status(), 404);
        let listed = ask(&there, Scheme::Cavage, &here, part, None).await;
        let listed: Value = serde_json::from_slice(&listed.bytes().await.expect("a body")).expect("JSON");
        assert_eq!(listed["totalItems"], 3);

        let sister = format!("{}/ap/groups/kitchen", here.origin);
        let states = || async {
            let mut states = Vec::new();
            for group in ["trees", "soup", "bees"] {
                let (group, actor) = (group.to_owned(), sister.clone());
                let found =
                    there.app.db.read(move |conn| Ok(sisters::store::find(conn, &group, &actor)?)).await.expect("reading");
                states.push(found.map(|sister| sister.state.name()));
            }
            states
        };
        announce(&here, true, SECRET).await;
        here.work().await;
        assert_eq!(states().await, [Some("accepted"); 3], "nothing to do where both agree");
        assert_eq!(here.followers("kitchen").await, 3);

        // one side forgot a follower, the other a sister
        let lost: url::Url = format!("{}/ap/groups/trees", there.origin).parse().expect("an address");
        here.app.db.write(move |conn| Ok(follows::store::forget(conn, "kitchen", &lost)?)).await.expect("forgotten");
        let actor = sister.clone();
        there.app.db.write(move |conn| Ok(sisters::store::remove(conn, "bees", &actor)?)).await.expect("forgotten");
        announce(&here, true, SECRET).await;
        here.work().await;
        for _ in 0..200 {
            there.work().await;
            if states().await == [Some("refused"), Some("accepted"), None] && here.followers("kitchen").await == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert_eq!(states().await, [Some("refused"), Some("accepted"), None]);
        assert_eq!(here.followers("kitchen").await, 1);
    });
}

#[test]
fn whoever_speaks_for_a_group_says_so_where_it_is_written() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let form = ana.page("/ours/@kitchen/news/new").await;
        assert!(form.contains("name=\"followers\"") && form.contains("neither on the square nor on a page"), "{form}");
        let fields = [("text", SECRET), ("language", "en"), ("followers", "true"), ("do", "next")];
        let sent = ana.send("/ours/@kitchen/news/new", &fields).await;
        assert_eq!(sent.status(), 303);
        let path = sent.headers()["location"].to_str().expect("an address").to_owned();
        let ask = ana.page(&path).await;
        assert!(ask.contains("neither on the square nor on a page") && ask.contains(SECRET), "{ask}");
        let revision =
            ask.split("name=\"revision\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a revision");
        let sent = ana.send(&format!("{path}/send").replace("/send/send", "/send"), &[("revision", revision)]).await;
        assert_eq!(sent.status(), 303);
        let desk = ana.page("/ours/@kitchen").await;
        assert!(desk.contains(SECRET) && desk.contains("For followers only"), "{desk}");
        assert!(!Phone::of(&city).page("/@kitchen").await.contains(SECRET));
        let waiting: i64 = city
            .app
            .db
            .read(|conn| {
                use diesel::{QueryDsl, RunQueryDsl};
                Ok(deliveries::table.count().get_result(conn)?)
            })
            .await
            .expect("reading");
        assert_eq!(waiting, 0, "nobody follows");
    });
}
