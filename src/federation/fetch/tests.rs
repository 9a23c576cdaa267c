//! Fetching against servers that answer rightly, wrongly and with malice.

use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::*;
use crate::{
    federation::{
        draft::NOW,
        signature::{Head, examine},
    },
    keys::testing::{ana, public},
    net::testing::{Asked, Server, answer, client, redirect},
};

const AS: &str = "application/activity+json";

fn signer() -> Signer {
    Signer::new("https://us.example/ap/instance#main-key".into(), ana().clone())
}

async fn fetch(url: &str) -> Result<Fetched, FetchError> {
    document(&client(&["127.0.0.0/8"]), &signer(), NOW, url).await
}

/// A document whose id is the address it is asked by.
fn right(asked: &Asked) -> String {
    let id = format!("http://{}{}", asked.header("host").unwrap(), asked.target);
    answer(200, AS, &json!({"id": id, "type": "Note"}).to_string())
}

async fn outcome_of(status: u16, kind: &'static str, body: &'static str) -> Result<Fetched, FetchError> {
    let server = Server::start(move |_| answer(status, kind, body)).await;
    fetch(&server.url("/x")).await
}

fn signature_holds(asked: &Asked, target: &str) -> bool {
    let headers: Vec<(&str, &[u8])> = asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let proof = examine(&Head { method: &asked.method, is_https: false, target, headers: &headers }, NOW)
        .map(|examined| examined.without_body());
    proof.is_ok_and(|proof| proof.holds(&public(ana())))
}

#[tokio::test]
async fn what_lives_where_it_says_is_fetched_and_the_request_is_signed() {
    let server = Server::start(right).await;
    let fetched = fetch(&server.url("/notes/1?a=b#c")).await.unwrap();
    assert_eq!(fetched.id.as_str(), server.url("/notes/1?a=b"));
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert!(signature_holds(&asked[0], "/notes/1?a=b"));
    assert!(asked[0].header("signature").unwrap().contains("https://us.example/ap/instance#main-key"));
    assert_eq!(asked[0].header("accept"), Some(ACCEPT_ACTIVITY));
}

#[tokio::test]
async fn who_answers_401_is_asked_in_every_other_way_to_sign() {
    let server = Server::start(|asked| {
        let with_query = signature_holds(&Asked { target: "/x".into(), ..asked.clone() }, "/x");
        if with_query { right(asked) } else { answer(401, AS, "{}") }
    })
    .await;
    assert!(fetch(&server.url("/x?page=1")).await.is_ok());
    assert_eq!(server.asked().len(), 2);
    let stubborn = Server::start(|_| answer(401, AS, "{}")).await;
    assert!(matches!(fetch(&stubborn.url("/x?page=1")).await, Err(FetchError::Unacceptable(_))));
    assert!(matches!(fetch(&stubborn.url("/x")).await, Err(FetchError::Unacceptable(_))));
    assert_eq!(stubborn.asked().len(), 3 + 2);
}

#[tokio::test]
async fn who_wants_rfc_9421_is_asked_so_from_then_on_and_not_for_ever() {
    let newer = |asked: &Asked| asked.header("signature-input").is_some();
    let server = Server::start(move |asked| if newer(asked) { right(asked) } else { answer(401, AS, "{}") }).await;
    let (client, signer) = (client(&["127.0.0.0/8"]), signer());
    let ask = async |now| document(&client, &signer, now, &server.url("/x?page=1")).await.map(|_| server.asked().len());
    assert_eq!(ask(NOW).await, Ok(3));
    assert!(signature_holds(&server.asked()[2], "/x?page=1"));
    assert_eq!(ask(NOW).await, Ok(4));
    assert!(newer(&server.asked()[3]));
    assert_eq!(ask(NOW + HABIT_LASTS).await, Ok(7), "a day later it is asked in the usual way again");
}

#[tokio::test]
async fn each_status_means_something() {
    assert_eq!(outcome_of(410, AS, "{}").await, Err(FetchError::Gone));
    assert_eq!(outcome_of(404, "text/html", "").await, Err(FetchError::NotFound));
    for status in [408, 429, 500, 502, 503] {
        assert!(matches!(outcome_of(status, AS, "{}").await, Err(FetchError::Unreachable(_))), "{status}");
    }
    for status in [201, 204, 206, 300, 304, 400, 401, 403, 451] {
        assert!(matches!(outcome_of(status, AS, "").await, Err(FetchError::Unacceptable(_))), "{status}");
    }
    let moved_without_status = Server::start(|_| "HTTP/1.1 200 X\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n".into()).await;
    assert!(fetch(&moved_without_status.url("/x")).await.is_err());
    assert_eq!(moved_without_status.asked().len(), 1);
}

/// Row 15.
#[tokio::test]
async fn other_content_types_are_not_documents() {
    for kind in [
        "text/html",
        "application/json",
        "image/png",
        "text/plain",
        "",
        "application/activity+json; garbage",
        "application/ld+json",
    ] {
        let server = Server::start(move |asked| right(asked).replace(AS, kind)).await;
        assert!(matches!(fetch(&server.url("/x")).await, Err(FetchError::Unacceptable(_))), "{kind}");
    }
    for kind in
        ["application/activity+json;charset=utf-8", "Application/LD+json; profile=\"https://www.w3.org/ns/activitystreams\""]
    {
        let server = Server::start(move |asked| right(asked).replace(AS, kind)).await;
        assert!(fetch(&server.url("/x")).await.is_ok(), "{kind}");
    }
    let twice = Server::start(|asked| right(asked).replace("Connection:", "Content-Type: text/html\r\nConnection:")).await;
    assert!(fetch(&twice.url("/x")).await.is_err());
}

/// Rows 12, 18, 19.
#[tokio::test]
async fn documents_without_an_id_too_large_or_no_json_are_refused() {
    for body in [
        "",
        "[]",
        "{",
        "{}",
        "{\"id\":7}",
        "{\"id\":\"\"}",
        "{\"id\":\"x\"}",
        "{\"id\":\"urn:x\"}",
        "{\"id\":[\"https://a.example/\"]}",
    ] {
        assert!(matches!(outcome_of(200, AS, body).await, Err(FetchError::Unacceptable(_))), "{body}");
    }
    let large = Server::start(|asked| {
        let body = json!({"id": format!("http://{}/x", asked.header("host").unwrap()), "content": "x".repeat(json::LONGEST)})
            .to_string();
        format!("HTTP/1.1 200 X\r\nContent-Type: {AS}\r\nConnection: close\r\n\r\n{body}")
    })
    .await;
    assert!(matches!(fetch(&large.url("/x")).await, Err(FetchError::Unacceptable(_))));
    let deep = Server::start(|asked| {
        let id = format!("http://{}/x", asked.header("host").unwrap());
        answer(200, AS, &format!("{{\"id\":\"{id}\",\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)))
    })
    .await;
    assert!(matches!(fetch(&deep.url("/x")).await, Err(FetchError::Unacceptable(_))));
}

/// Row 12: what evil says of good is asked of good.
#[tokio::test]
async fn what_claims_to_live_elsewhere_is_fetched_from_there() {
    let good = Server::start(|asked| {
        let id = format!("http://{}/users/ana", asked.header("host").unwrap());
        match asked.target.as_str() {
            "/users/ana" | "/users/ana/main-key" => answer(200, AS, &json!({"id": id, "name": "the real one"}).to_string()),
            "/liar" => answer(200, AS, &json!({"id": format!("{id}/other"), "name": "forged"}).to_string()),
            _ => answer(404, AS, "{}"),
        }
    })
    .await;
    let real = good.url("/users/ana");
    let key = fetch(&good.url("/users/ana/main-key")).await.unwrap();
    assert_eq!((key.id.as_str(), good.asked().len()), (real.as_str(), 2), "GoToSocial's key leads to its actor");

    let claiming = |id: String| Server::start(move |_| answer(200, AS, &json!({"id": id, "name": "forged"}).to_string()));
    let evil = claiming(real.clone()).await;
    let fetched = fetch(&evil.url("/x")).await.unwrap();
    assert_eq!((fetched.id.as_str(), &fetched.document["name"]), (real.as_str(), &json!("the real one")));
    for (id, why) in [
        (good.url("/liar"), "whose document names yet another"),
        (good.url("/nowhere"), "which does not exist"),
        ("https://us.example/ap/groups/kitchen".into(), "our own"),
        ("http://10.0.0.1/users/a".into(), "behind the wall"),
        ("http://169.254.169.254/latest".into(), "behind the wall"),
    ] {
        let evil = claiming(id).await;
        assert!(fetch(&evil.url("/x")).await.is_err(), "{why}");
        assert_eq!(evil.asked().len(), 1);
    }
}

#[tokio::test]
async fn three_redirects_are_followed_each_past_the_wall() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/1" => redirect(301, "/2"),
        "/2" => redirect(308, &format!("http://{}/3", asked.header("host").unwrap())),
        "/3" => redirect(302, "4"),
        "/4" => right(asked),
        "/0" => redirect(307, "/1"),
        "/loop" => redirect(303, "/loop"),
        "/inside" => redirect(302, "http://10.0.0.1/"),
        "/metadata" => redirect(302, "http://169.254.169.254/latest/meta-data"),
        "/ours" => redirect(302, "https://us.example/"),
        "/file" => redirect(302, "file:///etc/passwd"),
        "/user" => redirect(302, "http://us.example@127.0.0.1/"),
        _ => "HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n".into(),
    })
    .await;
    let fetched = fetch(&server.url("/1")).await.unwrap();
    assert_eq!(fetched.id.as_str(), server.url("/4"));
    let asked = server.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|request| signature_holds(request, &request.target)), "each is signed anew");
    for (path, requests) in
        [("/0", 4), ("/loop", 4), ("/inside", 1), ("/metadata", 1), ("/ours", 1), ("/file", 1), ("/user", 1), ("/nothing", 1)]
    {
        let before = server.asked().len();
        assert!(matches!(fetch(&server.url(path)).await, Err(FetchError::Unacceptable(_))), "{path}");
        assert_eq!(server.asked().len() - before, requests, "{path}");
    }
}

/// A chain of documents each of which names the next ends after one step.
#[tokio::test]
async fn nobody_is_led_on_for_ever() {
    let place: Arc<OnceLock<String>> = Arc::default();
    let known = place.clone();
    let server = Server::start(move |asked| {
        let next = format!("{}{}x", known.get().unwrap(), asked.target);
        answer(200, AS, &json!({"id": next}).to_string())
    })
    .await;
    place.set(server.url("")).unwrap();
    assert!(matches!(fetch(&server.url("/x")).await, Err(FetchError::Unacceptable(_))));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_reached_may_be_tried_again_and_what_is_barred_not() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(matches!(fetch(&format!("http://127.0.0.1:{port}/")).await, Err(FetchError::Unreachable(_))));
    for url in ["http://10.0.0.1/", "ftp://127.0.0.1/", "", "http://127.0.0.1:22@evil.example/", "https://us.example/x"] {
        assert!(matches!(fetch(url).await, Err(FetchError::Unacceptable(_))), "{url}");
    }
}
