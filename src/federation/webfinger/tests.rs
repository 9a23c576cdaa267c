//! Handles right and wrong, and servers that answer for each other.

use serde_json::json;

use super::*;
use crate::net::testing::{Asked, Server, answer, client};

const JRD: &str = "application/jrd+json";

async fn find_at(server: &Server, user: &str) -> Result<Url, FetchError> {
    find(&client(&["127.0.0.0/8"]), &format!("{user}@127.0.0.1:{}", server.port)).await
}

fn describing(subject: &str, kind: &str, href: &str) -> String {
    json!({
        "subject": subject,
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://good.example/@kitchen"},
            {"rel": "self", "type": kind, "href": href},
        ],
    })
    .to_string()
}

fn right(asked: &Asked) -> String {
    let host = asked.header("host").unwrap();
    answer(200, JRD, &describing(&format!("acct:kitchen@{host}"), "application/activity+json", &format!("http://{host}/kitchen")))
}

#[tokio::test]
async fn a_handle_leads_to_its_actor() {
    let server = Server::start(right).await;
    assert_eq!(find_at(&server, "kitchen").await.unwrap().as_str(), server.url("/kitchen"));
    assert_eq!(find_at(&server, "@Kitchen").await.unwrap().as_str(), server.url("/kitchen"), "case does not matter");
    let asked = server.asked();
    assert_eq!(asked[0].target, format!("/.well-known/webfinger?resource=acct%3Akitchen%40127.0.0.1%3A{}", server.port));
    assert_eq!(asked[0].header("accept"), Some("application/jrd+json, application/json"));
    assert_eq!(asked[0].header("signature"), None);
}

/// Row 37: nothing of what someone typed reaches the request unescaped.
#[tokio::test]
async fn what_is_no_handle_asks_nobody() {
    let server = Server::start(right).await;
    let port = server.port;
    for wrong in [
        "",
        "@",
        "kitchen",
        "kitchen@",
        "@127.0.0.1",
        "a&resource=acct:b@127.0.0.1",
        "a#@127.0.0.1",
        "a/../@127.0.0.1",
        "a b@127.0.0.1",
        "a%00@127.0.0.1",
        "é@127.0.0.1",
        "a@b@127.0.0.1",
        "a@127.0.0.1/evil",
        "a@127.0.0.1?x",
        "a@127.0.0.1#x",
        "a@u:p@127.0.0.1",
        "a@[::1]",
        "a@127.0.0.1:",
        "a@127.0.0.1:x",
        "a@127.0.0.1:0",
        "a@127.0.0.1:65536",
        "a@127.0.0.1:080",
        "a@127.0.0.1\r\nX: 1",
        "a@..",
        "a@-:1:2",
        "a@\u{202e}x",
        &format!("{}@127.0.0.1", "a".repeat(65)),
    ] {
        let with_port = if wrong.ends_with("127.0.0.1") { format!("{wrong}:{port}") } else { wrong.to_owned() };
        let got = find(&client(&["127.0.0.0/8"]), &with_port).await;
        assert!(matches!(got, Err(FetchError::Unacceptable(_))), "{with_port:?}: {got:?}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn hosts_with_a_port_and_machines_nearby_need_to_be_allowed() {
    let server = Server::start(right).await;
    for handle in [
        format!("kitchen@127.0.0.1:{}", server.port),
        "a@good.example:8080".into(),
        "a@localhost".into(),
        "a@us.example".into(),
        "a@10.0.0.1".into(),
    ] {
        let got = find(&client(&[]), &handle).await;
        assert!(matches!(got, Err(FetchError::Unacceptable(_))), "{handle}: {got:?}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn answers_without_a_link_to_an_actor_are_refused() {
    let actor = "http://127.0.0.1:1/kitchen";
    for (kind, body) in [
        ("text/html", None),
        ("application/activity+json", None),
        (JRD, Some("{}".to_owned())),
        (JRD, Some("[]".to_owned())),
        (JRD, Some("<html>".to_owned())),
        (JRD, Some(describing("SUBJECT", "text/html", actor))),
        (JRD, Some(describing("SUBJECT", "application/json", actor))),
        (JRD, Some(describing("SUBJECT", "application/activity+json", "javascript:alert(1)"))),
        (JRD, Some(describing("SUBJECT", "application/activity+json", "data:text/html,x"))),
        (JRD, Some(describing("https://127.0.0.1/kitchen", "application/activity+json", actor))),
        (JRD, Some(describing("", "application/activity+json", actor))),
    ] {
        let server = Server::start(move |asked| match &body {
            None => right(asked).replace(JRD, kind),
            Some(body) => answer(200, kind, &body.replace("SUBJECT", &format!("acct:kitchen@{}", asked.header("host").unwrap()))),
        })
        .await;
        assert!(matches!(find_at(&server, "kitchen").await, Err(FetchError::Unacceptable(_))), "{kind}");
    }
    let json = Server::start(|asked| right(asked).replace(JRD, "application/json; charset=utf-8")).await;
    assert!(find_at(&json, "kitchen").await.is_ok());
    let profile = Server::start(|asked| {
        let host = asked.header("host").unwrap();
        let kind = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
        answer(200, JRD, &describing(&format!("acct:kitchen@{host}"), kind, "https://good.example/kitchen"))
    })
    .await;
    assert!(find_at(&profile, "kitchen").await.is_ok());
    for (status, error) in [(404, FetchError::NotFound), (410, FetchError::Gone)] {
        let server = Server::start(move |_| answer(status, JRD, "{}")).await;
        assert_eq!(find_at(&server, "kitchen").await, Err(error));
    }
}

/// Row 37: who names another handle as the right one must be confirmed by that handle's server.
#[tokio::test]
async fn another_handle_counts_only_when_its_own_server_agrees() {
    let good = Server::start(right).await;
    let (port, real) = (good.port, good.url("/kitchen"));
    let saying = |subject: String, href: String| {
        Server::start(move |_| answer(200, JRD, &describing(&subject, "application/activity+json", &href)))
    };
    let alias = saying(format!("acct:kitchen@127.0.0.1:{port}"), real.clone()).await;
    assert_eq!(find_at(&alias, "cook").await.unwrap().as_str(), real);

    let elsewhere = saying(format!("acct:kitchen@127.0.0.1:{port}"), "https://evil.example/e".into()).await;
    assert!(matches!(find_at(&elsewhere, "cook").await, Err(FetchError::Unacceptable(_))));
    let stranger = saying(format!("acct:library@127.0.0.1:{port}"), real).await;
    assert!(matches!(find_at(&stranger, "cook").await, Err(FetchError::Unacceptable(_))));
    let inside = saying("acct:kitchen@10.0.0.1".into(), "https://evil.example/e".into()).await;
    assert!(matches!(find_at(&inside, "cook").await, Err(FetchError::Unacceptable(_))));
    assert_eq!(inside.asked().len(), 1);
}

proptest::proptest! {
    #[test]
    fn a_handle_that_is_read_needs_no_escaping(text in "\\PC*|[@a-zA-Z0-9.:_/#?&%-]{0,30}") {
        if let Some(handle) = Handle::parse(&text) {
            assert!(handle.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@._-:".contains(&byte)), "{handle}");
            assert!(handle.url("https").is_some_and(|url| url.path() == "/.well-known/webfinger"));
        }
    }
}
