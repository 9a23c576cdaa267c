//! What the guard lets through and with which status it turns the rest away.

use serde_json::json;

use super::*;
use crate::{
    federation::draft::{ANA, Draft, NOW, date, follow},
    federation::signature::BodyDigest,
    keys::testing::{ana, eve, public},
};

fn us() -> Origin {
    Origin::parse("https://us.example").unwrap()
}

fn check_at(origin: &str, draft: &Draft) -> Result<Claim, Rejection> {
    draft.lend(|head, body| inspect(head, body, &Origin::parse(origin).unwrap(), NOW))
}

fn check(draft: &Draft) -> Result<Claim, Rejection> {
    check_at("https://us.example", draft)
}

fn status(draft: &Draft) -> u16 {
    check(draft).map_or_else(|rejection| rejection.status, |claim| if claim.holds(&public(ana())) { 202 } else { 401 })
}

fn post(change: impl FnOnce(&mut Draft)) -> Draft {
    Draft::post(&follow()).with(change).signed()
}

fn saying(activity: &Value) -> Draft {
    Draft::post(activity).signed()
}

/// The activity with some fields replaced, or taken away by null.
fn altered(changes: Value) -> Value {
    let mut activity = follow();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => activity.as_object_mut().unwrap().remove(name),
            value => activity.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    activity
}

#[test]
fn a_right_request_becomes_a_claim_of_its_actor() {
    let claim = check(&post(|_| ())).unwrap();
    assert_eq!(
        (claim.kind.as_str(), claim.actor.as_str(), claim.id.as_str()),
        ("Follow", ANA, "https://good.example/activities/1")
    );
    assert_eq!(claim.key_id.as_str(), "https://good.example/users/ana#main-key");
    assert_eq!(claim.activity, follow());
    assert!(claim.holds(&public(ana())) && !claim.holds(&public(eve())));
    assert!(!claim.is_actor_delete());
}

#[test]
fn methods_and_content_types_are_looked_at_first() {
    for method in ["GET", "PUT", "DELETE", "post", "FOO"] {
        assert_eq!(status(&post(|draft| draft.method = method.into())), 405, "{method}");
    }
    for wrong in [
        Some("text/plain"),
        Some("application/json"),
        Some("text/html"),
        Some("application/ld+json"),
        Some("application/activity+json; charset=latin1"),
        Some(""),
        None,
    ] {
        assert_eq!(status(&post(|draft| draft.set("content-type", wrong))), 415, "{wrong:?}");
    }
    for right in
        ["application/activity+json; charset=utf-8", "Application/ld+json;profile=\"https://www.w3.org/ns/activitystreams\""]
    {
        assert_eq!(status(&post(|draft| draft.set("content-type", Some(right)))), 202, "{right}");
    }
    for encoding in ["gzip", "br", "identity", ""] {
        assert_eq!(status(&post(|draft| draft.set("content-encoding", Some(encoding)))), 415, "{encoding}");
    }
}

/// Rows 8 and 39.
#[test]
fn only_our_own_host_is_answered() {
    for right in ["us.example", "US.example", "us.example:443", "us.example."] {
        assert_eq!(status(&post(|draft| draft.set("host", Some(right)))), 202, "{right}");
    }
    for wrong in [
        Some("evil.example"),
        Some("us.example:80"),
        Some("us.example:8443"),
        Some("us.example.evil.example"),
        Some("u@us.example"),
        Some("us.example/"),
        Some("us.example/x"),
        Some("us.example?x"),
        Some("us.example#x"),
        Some("us.example\\x"),
        Some("us.example us.example"),
        Some("us.example,evil.example"),
        Some("localhost"),
        Some("127.0.0.1"),
        Some(""),
        None,
    ] {
        assert_eq!(status(&post(|draft| draft.set("host", wrong))), 421, "{wrong:?}");
    }
}

#[test]
fn a_city_on_this_machine_has_the_names_of_this_machine() {
    let at = |host: &str| {
        let draft = post(|draft| draft.set("host", Some(host)));
        check_at("http://localhost:8080", &draft).map_or_else(|rejection| rejection.status, |_| 202)
    };
    for right in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"] {
        assert_eq!(at(right), 202, "{right}");
    }
    for wrong in
        ["localhost", "localhost:8081", "127.0.0.1", "192.168.0.1:8080", "us.example:8080", "localhost.evil.example:8080"]
    {
        assert_eq!(at(wrong), 421, "{wrong}");
    }
}

/// Rows 1 and 6.
#[test]
fn what_comes_twice_or_by_another_header_is_refused_before_the_body_is_read() {
    for name in ["host", "date", "digest", "signature", "content-type", "content-length"] {
        for first in [true, false] {
            let draft = post(|_| ()).with(|draft| {
                let value = draft.headers.iter().find(|(found, _)| found == name).unwrap().1.clone();
                let at = if first { 0 } else { draft.headers.len() };
                draft.headers.insert(at, (name.into(), value));
                draft.body = b"not even JSON".to_vec();
            });
            assert_eq!(status(&draft), 400, "{name}");
        }
    }
    let signature = post(|_| ()).headers.pop().unwrap().1;
    for draft in [
        Draft::post(&follow()),
        Draft::post(&follow()).with(|draft| draft.add("authorization", &format!("Signature {signature}"))),
        post(|draft| draft.add("authorization", "Bearer x")),
        post(|draft| draft.add("authorization", "")),
        Draft::post(&follow()).with(|draft| draft.add("signature", "")),
        Draft::post(&follow()).with(|draft| draft.add("signature", "foo")),
    ] {
        assert_eq!(status(&draft), 401);
    }
}

/// Row 19.
#[test]
fn bodies_are_measured_before_and_after_reading() {
    for (length, expected) in [
        ("1048577", 413),
        ("10485760", 413),
        ("99999999999999999999999", 413),
        ("+5", 400),
        ("5, 5", 400),
        ("-1", 400),
        ("", 400),
        ("0x5", 400),
    ] {
        let refused =
            post(|draft| draft.set("content-length", Some(length))).lend(|head, _| inspect_head(head, &us(), NOW).map(|_| ()));
        assert_eq!(refused.map_err(|rejection| rejection.status), Err(expected), "{length}");
    }
    let long = saying(&altered(json!({"content": "x".repeat(LONGEST)}))).with(|draft| draft.set("content-length", None));
    assert_eq!(status(&long), 413, "chunked");
    let empty = post(|draft| {
        draft.body.clear();
        let digest = BodyDigest::of(b"").digest();
        draft.set("digest", Some(&digest));
    });
    assert_eq!(status(&empty), 400);
}

/// Rows 4, 5, 2: flaws of the signature are 401.
#[test]
fn flaws_of_the_signature_are_401() {
    for draft in [
        post(|draft| draft.set("date", Some(&date(-3_660)))),
        post(|draft| draft.set("date", Some(&date(360)))),
        post(|draft| draft.set("date", None)),
        post(|draft| draft.set("digest", None)),
        post(|draft| draft.covered = Some("digest".into())),
        post(|draft| draft.algorithm = Some("none".into())),
        post(|_| ()).with(|draft| draft.body[3] ^= 1),
        post(|_| ()).with(|draft| draft.target = "/ap/groups/x/inbox".into()),
        Draft::post(&follow()).signed_by(eve()),
    ] {
        assert_eq!(status(&draft), 401);
    }
}

/// Rows 3 and 12.
#[test]
fn key_actor_and_activity_live_on_one_server() {
    for key in [
        "https://evil.example/e#main-key",
        "https://good.example:8443/users/ana#main-key",
        "http://good.example/users/ana#main-key",
        "https://sub.good.example/users/ana#main-key",
        "https://good.example@evil.example/#main-key",
        "acct:ana@good.example",
        "#main-key",
        "good.example",
        "https://127.0.0.1/users/ana",
    ] {
        assert_eq!(status(&post(|draft| draft.key_id = key.into())), 401, "{key}");
    }
    for id in
        ["https://evil.example/1", "https://good.example:8443/1", "http://good.example/1", "https://good.example.evil.example/1"]
    {
        assert_eq!(status(&saying(&altered(json!({"id": id})))), 403, "{id}");
    }
    for id in ["https://good.example./1", "https://GOOD.example:443/1"] {
        assert_eq!(status(&saying(&altered(json!({"id": id})))), 202, "{id}");
    }
    assert_eq!(status(&saying(&altered(json!({"actor": "https://evil.example/e"})))), 401, "another server's actor");
    let ourselves =
        saying(&json!({"id": "https://us.example/ap/activities/1", "type": "Follow", "actor": "https://us.example/ap/instance"}));
    assert_eq!(status(&ourselves), 401);
    let with_our_key =
        Draft::post(&json!({"id": "https://us.example/1", "type": "Follow", "actor": "https://us.example/ap/instance"}))
            .with(|draft| draft.key_id = "https://us.example/ap/instance#main-key".into())
            .signed();
    assert_eq!(status(&with_our_key), 401, "our own actors do not come from outside");
}

#[test]
fn what_somebody_else_forwards_is_told_from_what_they_say_themselves() {
    let forwarder = "https://far.example/users/bo";
    let inner = |creator: &str| json!({ "type": "RsaSignature2017", "creator": creator, "signatureValue": "x" });
    let table = [
        // Ana's words in Bo's envelope, with Ana's signature inside
        (
            json!({ "actor": forwarder, "id": "https://far.example/1", "signature": inner("https://far.example/users/bo#main-key") }),
            202,
            "dropped",
        ),
        // no signature inside: a forgery
        (json!({ "actor": forwarder, "id": "https://far.example/1" }), 401, "not hers"),
        // a signature inside by somebody else again
        (
            json!({ "actor": forwarder, "id": "https://far.example/1", "signature": inner("https://evil.example/users/e#main-key") }),
            401,
            "not hers",
        ),
        (json!({ "actor": forwarder, "id": "https://far.example/1", "signature": "x" }), 401, "no signature"),
    ];
    for (changes, expected, why) in table {
        let outcome = check(&saying(&altered(changes.clone())));
        let status = outcome.map_or_else(|rejection| rejection.status, |claim| if claim.forwarded { 202 } else { 0 });
        assert_eq!(status, expected, "{why}: {changes}");
    }
    let proof = |maker: &str| json!({ "type": "DataIntegrityProof", "verificationMethod": maker });
    for (maker, expected) in [("https://far.example/users/bo#ed25519", 202), ("https://evil.example/users/e#key", 401)] {
        let passed_on = altered(json!({ "actor": forwarder, "id": "https://far.example/1", "proof": proof(maker) }));
        let outcome = check(&saying(&passed_on));
        let status = outcome.map_or_else(|rejection| rejection.status, |claim| if claim.forwarded { 202 } else { 0 });
        assert_eq!(status, expected, "{maker}");
    }
    let own_proof = altered(json!({ "proof": proof(&format!("{ANA}#ed25519")) }));
    assert!(check(&saying(&own_proof)).is_ok());
    // her own words with her own signature inside are hers
    let own = altered(json!({ "signature": inner(&format!("{ANA}#main-key")) }));
    assert_eq!(status(&saying(&own)), 202);
    let claim = check(&saying(&own)).unwrap();
    assert!(!claim.forwarded);
    assert_eq!(claim.sealed.map(|body| serde_json::from_str::<Value>(&body).unwrap()), Some(own));
    assert_eq!(check(&saying(&follow())).unwrap().sealed, None, "nothing inside tells others whose it is");
}

#[test]
fn an_activity_has_an_address_a_type_and_one_actor() {
    for wrong in [
        json!({"id": null}),
        json!({"id": 7}),
        json!({"id": ""}),
        json!({"id": "x"}),
        json!({"id": "urn:x"}),
        json!({"id": ["https://good.example/1"]}),
        json!({"id": format!("https://good.example/{}", "x".repeat(3_000))}),
        json!({"type": null}),
        json!({"type": 7}),
        json!({"type": ""}),
        json!({"type": []}),
        json!({"type": "x".repeat(101)}),
        json!({"actor": null}),
        json!({"actor": 7}),
        json!({"actor": []}),
        json!({"actor": [ANA, ANA]}),
        json!({"actor": [ANA, "https://evil.example/e"]}),
        json!({"actor": {"id": 7}}),
        json!({"actor": {}}),
        json!({"actor": "ana"}),
        json!({"actor": "javascript:alert(1)"}),
        json!({"to": vec!["x"; 100_000]}),
        json!({"object": {"cc": vec!["x"; 257]}}),
    ] {
        assert_eq!(status(&saying(&altered(wrong.clone()))), 400, "{}", wrong.to_string().chars().take(80).collect::<String>());
    }
    for right in [
        json!({"actor": {"id": ANA, "type": "Person"}}),
        json!({"actor": [ANA]}),
        json!({"actor": [{"id": ANA}]}),
        json!({"type": ["Follow"]}),
        json!({"type": "EmojiReact"}),
    ] {
        let claim = check(&saying(&altered(right.clone()))).unwrap_or_else(|rejection| panic!("{right}: {rejection:?}"));
        assert_eq!(claim.actor.as_str(), ANA);
    }
}

/// Rows 18 and 20.
#[test]
fn json_that_is_none_or_too_much_is_400() {
    let with_body = |body: Vec<u8>| {
        status(&post(|draft| {
            let digest = BodyDigest::of(&body).digest();
            draft.set("digest", Some(&digest));
            draft.set("content-length", Some(&body.len().to_string()));
            draft.body = body;
        }))
    };
    for body in ["[", "null", "[]", "\"x\"", "{", "{}", "\u{0}", "<html>"] {
        assert_eq!(with_body(body.into()), 400, "{body}");
    }
    assert_eq!(with_body("[".repeat(129).into()), 400);
    assert_eq!(with_body("{\"a\":".repeat(10_000).into()), 400);
    assert_eq!(with_body("[".repeat(1_000_000).into()), 400);
    assert_eq!(with_body(vec![b'{', 0xff, b'}']), 400);
    let claim = check(&saying(&altered(json!({"tag": vec!["x"; 100_000], "attachment": vec!["x"; 10_000]})))).unwrap();
    assert_eq!(
        (claim.activity["tag"].as_array().unwrap().len(), claim.activity["attachment"].as_array().unwrap().len()),
        (64, 16)
    );
}

#[test]
fn a_request_of_an_unknown_actor_is_kept_and_believed_later() {
    let draft = post(|_| ());
    let claim = check(&draft).unwrap();
    let kept = serde_json::to_string(&claim.to_stored()).unwrap();
    let again = serde_json::from_str::<StoredRequest>(&kept).unwrap().claim(&draft.body).unwrap();
    assert_eq!(again, claim);
    assert!(again.holds(&public(ana())) && !again.holds(&public(eve())));
    assert_eq!(again.replay_hash(), claim.replay_hash());
}

#[test]
fn an_actor_that_is_gone_is_recognised() {
    for (object, yes) in [
        (json!(ANA), true),
        (json!({"id": ANA, "type": "Tombstone"}), true),
        (json!("https://good.example/notes/1"), false),
        (json!({"id": "https://good.example/users/ben"}), false),
        (json!(null), false),
    ] {
        let claim = check(&saying(&altered(json!({"type": "Delete", "object": object})))).unwrap();
        assert_eq!(claim.is_actor_delete(), yes, "{object}");
    }
    assert!(!check(&saying(&altered(json!({"type": "Update", "object": ANA})))).unwrap().is_actor_delete());
}

proptest::proptest! {
    #[test]
    fn no_request_makes_the_guard_panic(body in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9/.]{0,60}", host in "\\PC{0,20}", length in "[0-9+ -]{0,25}") {
        let draft = post(|draft| {
            draft.body = body.clone().into_bytes();
            let digest = BodyDigest::of(&draft.body).digest();
            draft.set("digest", Some(&digest));
            draft.set("content-length", Some(&length));
        });
        let _ = check(&draft);
        let _ = check(&post(|draft| draft.set("host", Some(&host))));
    }
}
