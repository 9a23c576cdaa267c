//! How a city is found and read: WebFinger, NodeInfo, actors, collections, objects, and what each Accept gets.

use serde_json::{Value, json};

use crate::city::{City, on_each_database};

const AS: &str = "application/activity+json";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

#[test]
fn webfinger_names_who_is_here_and_nobody_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let host = city.origin.trim_start_matches("http://").to_owned();
        let ask = async |resource: String| {
            let url = url::Url::parse_with_params(&format!("{}/.well-known/webfinger", city.origin), [("resource", resource)])
                .expect("a url");
            city.http.get(url).send().await.expect("an answer")
        };
        for right in [
            format!("acct:kitchen@{host}"),
            format!("acct:KITCHEN@{host}"),
            format!("{}/ap/groups/kitchen", city.origin),
            format!("{}/@kitchen", city.origin),
        ] {
            let response = ask(right.clone()).await;
            assert_eq!(response.status(), 200, "{right}");
            assert_eq!(response.headers()["content-type"], "application/jrd+json");
            assert_eq!(response.headers()["access-control-allow-origin"], "*");
            let answer: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
            assert_eq!(answer["subject"], format!("acct:kitchen@{host}"));
            let own = answer["links"].as_array().expect("links").iter().find(|link| link["rel"] == "self").expect("self");
            assert_eq!((&own["type"], &own["href"]), (&json!(AS), &json!(format!("{}/ap/groups/kitchen", city.origin))));
        }
        let instance = ask(format!("acct:{host}@{host}")).await;
        assert_eq!(instance.status(), 200);
        for (wrong, status) in [
            (format!("acct:nobody@{host}"), 404),
            ("acct:kitchen@evil.example".to_owned(), 404),
            (format!("acct:../../etc@{host}"), 404),
            (format!("acct:%00@{host}"), 404),
            (format!("acct:' OR 1=1 --@{host}"), 404),
            (format!("acct:k\r\nX: y@{host}"), 404),
            (format!("acct:{}@{host}", "k".repeat(3_000)), 404),
            (format!("{}/ap/groups/nobody", city.origin), 404),
            ("mailto:kitchen".to_owned(), 404),
            (String::new(), 400),
        ] {
            assert_eq!(ask(wrong.clone()).await.status(), status, "{wrong}");
        }
        assert_eq!(city.get("/.well-known/webfinger", "*/*").await.status(), 400);
    });
}

#[test]
fn a_group_is_an_actor_that_others_can_read() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let id = format!("{}/ap/groups/kitchen", city.origin);
        for accept in [
            AS,
            "application/ld+json",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/activity+json, application/ld+json",
            "*/*",
        ] {
            let response = city.get("/ap/groups/kitchen", accept).await;
            assert_eq!(response.status(), 200, "{accept}");
            assert_eq!(response.headers()["content-type"], "application/activity+json; charset=utf-8", "{accept}");
            assert_eq!(response.headers()["vary"], "Accept");
        }
        let actor = city.document("/ap/groups/kitchen").await;
        assert_eq!(actor["id"], id);
        assert_eq!(actor["type"], "Group");
        assert_eq!(actor["publicKey"]["owner"], id);
        assert_eq!(actor["publicKey"]["id"], format!("{id}#main-key"));
        assert!(actor["publicKey"]["publicKeyPem"].as_str().expect("a key").starts_with("-----BEGIN PUBLIC KEY-----\n"));
        assert!(actor["assertionMethod"][0]["publicKeyMultibase"].as_str().expect("a key").starts_with("z6Mk"));
        assert_eq!(actor["@context"][0], "https://www.w3.org/ns/activitystreams");
        assert_eq!(actor["endpoints"]["sharedInbox"], format!("{}/ap/inbox", city.origin));
        assert!(actor["attachment"].is_array());
        for collection in ["outbox", "followers", "following", "featured", "featuredTags", "upcomingEvents", "attributedTo"] {
            let document = city.document(actor[collection].as_str().expect("an address")).await;
            assert_eq!(document["id"], actor[collection], "{collection}");
        }
        let own = plaza::federation::actor_document::read(&actor).expect("we can read ourselves");
        assert_eq!(own.id.as_str(), id);
    });
}

#[test]
fn browsers_get_pages_and_servers_get_documents() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let to_page = city.get(&format!("/ap/events/{}", meeting.id), browser).await;
        assert_eq!(to_page.status(), 303);
        assert_eq!(to_page.headers()["location"], format!("{}/meetings/{}", city.origin, meeting.id));
        let to_document = city.get(&format!("/meetings/{}", meeting.id), AS).await;
        assert_eq!(to_document.status(), 302);
        assert_eq!(to_document.headers()["location"], format!("{}/ap/events/{}", city.origin, meeting.id));
        assert!(to_document.headers()["vary"].to_str().expect("text").contains("Accept"));
        for page in ["/", "/@kitchen", &format!("/meetings/{}", meeting.id)] {
            let response = city.get(page, browser).await;
            assert_eq!(response.status(), 200, "{page}");
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        }
    });
}

#[test]
fn every_id_we_say_can_be_looked_up() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        city.announce("kitchen", "Bring #pots, see https://example.org").await;
        let outbox = city.document("/ap/groups/kitchen/outbox").await;
        assert_eq!(outbox["totalItems"], 2);
        let page = city.document(outbox["first"].as_str().expect("a page")).await;
        let items = page["orderedItems"].as_array().expect("items");
        assert_eq!(items.iter().map(|item| &item["object"]["type"]).collect::<Vec<_>>(), ["Note", "Event"], "the newest first");
        for item in items {
            let activity = city.document(item["id"].as_str().expect("an id")).await;
            assert_eq!(activity["id"], item["id"]);
            let object = city.document(item["object"]["id"].as_str().expect("an id")).await;
            assert_eq!(object["id"], item["object"]["id"]);
            assert_eq!(object["to"], json!([PUBLIC]));
            assert_eq!(object["attributedTo"], activity["actor"]);
            let replies = match &object["replies"] {
                Value::String(id) => id.clone(),
                embedded => embedded["id"].as_str().expect("an id").to_owned(),
            };
            assert_eq!(city.document(&replies).await["id"], replies);
        }
        let event = city.document(&format!("/ap/events/{}", meeting.id)).await;
        assert_eq!(event["name"], "Weekly meeting");
        assert_eq!(event["summary"], "Tue 1 Dec 2026, 18:00–20:00 EST · The square, Broadway & Liberty St");
        assert_eq!(event["startTime"], "2026-12-01T18:00:00-05:00");
        assert_eq!(event["joinMode"], "free");
        assert_eq!(event["contentMap"]["en"], event["content"]);
        assert!(event["content"].as_str().expect("html").starts_with("<p><strong>Weekly meeting</strong></p><p>When: Tuesday 1 December 2026, 18:00–20:00 (America/New_York)<br>Where: The square"));
        assert_eq!(event["organizers"]["items"], json!([event["attributedTo"]]));
        assert!(event["location"].is_object() && event["attachment"].is_array() && event["tag"].is_array());
        assert!(event.get("interactionPolicy").is_none(), "only what is answered");
        let featured = city.document("/ap/groups/kitchen/featured").await;
        assert_eq!(featured["orderedItems"], json!([event["id"]]));
        let note = &items[0]["object"];
        assert!(note.get("name").is_none() && note.get("summary").is_none());
        assert_eq!(note["tag"][0]["name"], "#pots");
    });
}

#[test]
fn nodeinfo_and_host_meta_say_who_we_are() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let read = async |path: &str| -> Value {
            let response = city.get(path, "application/json").await;
            assert_eq!(response.status(), 200, "{path}");
            serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
        };
        let links = read("/.well-known/nodeinfo").await;
        let application = links["links"]
            .as_array()
            .expect("links")
            .iter()
            .find(|link| link["rel"] == "https://www.w3.org/ns/activitystreams#Application");
        assert_eq!(application.expect("FEP-2677")["href"], format!("{}/ap/instance", city.origin));
        for version in ["2.0", "2.1"] {
            let info = read(&format!("/nodeinfo/{version}")).await;
            assert_eq!(
                (&info["software"]["name"], &info["usage"]["users"]["total"], &info["version"]),
                (&json!("plaza"), &json!(1), &json!(version))
            );
        }
        assert_eq!(city.get("/nodeinfo/1.0", "*/*").await.status(), 404);
        let meta = city.get("/.well-known/host-meta", "application/xrd+xml").await;
        assert!(meta.text().await.expect("text").contains("/.well-known/webfinger?resource={uri}"));
    });
}

#[test]
fn documents_are_conditional_and_head_is_answered() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let first = city.get("/ap/groups/kitchen", AS).await;
        let etag = first.headers()["etag"].clone();
        let length = first.headers()["content-length"].clone();
        let url = format!("{}/ap/groups/kitchen", city.origin);
        let again = city.http.get(&url).header("accept", AS).header("if-none-match", &etag).send().await.expect("an answer");
        assert_eq!((again.status().as_u16(), again.headers().get("etag")), (304, Some(&etag)));
        let head = city.http.head(&url).header("accept", AS).send().await.expect("an answer");
        assert_eq!((head.status().as_u16(), head.headers().get("content-length")), (200, Some(&length)));
        let put = city.http.put(&url).send().await.expect("an answer");
        assert!([404, 405].contains(&put.status().as_u16()), "{}", put.status());
    });
}

#[test]
fn what_is_not_there_is_404_everywhere() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let nobody = "01900000-0000-7000-8000-000000000000";
        for path in [
            "/ap/groups/nobody",
            "/ap/groups/nobody/outbox",
            "/ap/groups/kitchen/secrets",
            "/ap/events/1",
            &format!("/ap/events/{nobody}"),
            &format!("/ap/notes/{nobody}"),
            &format!("/ap/activities/{nobody}"),
            "/ap/events/' OR 1=1 --",
            "/ap/unknown",
            "/@nobody",
            &format!("/meetings/{nobody}"),
            &format!("/announcements/{nobody}"),
        ] {
            for accept in [AS, "text/html", "*/*"] {
                let status = city.get(path, accept).await.status().as_u16();
                assert!(
                    status == 404 || (status == 303 && accept == "text/html") || (status == 302 && accept == AS),
                    "{path} {accept}: {status}"
                );
            }
        }
    });
}
