//! Proofs, right and wrong; FEP-8b32's own example among them.

use super::*;
use crate::keys::Ed25519Public;

/// 2026-11-24T18:00:00Z
const NOW: Timestamp = Timestamp::from_seconds(1_795_543_200);
const ALICE: &str = "https://server.example/users/alice";
const KEY: &str = "https://server.example/users/alice#ed25519-key";

/// The example of FEP-8b32, `fep-8b32.feature`.
const SECRET: &str = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
const PUBLIC: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
const VALUE: &str = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL";

/// PKCS#8 around a seed in the form of a multikey (codec 0x1300).
fn opened(secret: &str) -> Ed25519 {
    let bytes = bs58::decode(&secret[1..]).into_vec().unwrap();
    let seed = bytes.strip_prefix(&[0x80, 0x26]).unwrap();
    let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    Ed25519::from_pkcs8(&[&head, seed].concat()).unwrap()
}

fn actor(id: &str, key_id: &str, key: &str) -> RemoteActor {
    let inbox: Url = format!("{id}/inbox").parse().unwrap();
    RemoteActor {
        uri: id.parse().unwrap(),
        kind: "Person".into(),
        name: "alice".into(),
        inbox,
        shared_inbox: None,
        public_keys: vec![],
        assertion_keys: vec![(key_id.into(), key.into())],
        fetched: NOW,
        key_checked: NOW,
    }
}

fn alice() -> RemoteActor {
    actor(ALICE, KEY, PUBLIC)
}

fn example() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
        "id": "https://server.example/activities/1",
        "type": "Create",
        "actor": ALICE,
        "object": {
            "id": "https://server.example/objects/1",
            "type": "Note",
            "attributedTo": ALICE,
            "content": "Hello world",
            "location": { "type": "Place", "longitude": -71.184902, "latitude": 25.273962 },
        },
    })
}

/// 2023-02-24T23:36:38Z
const THEN: Timestamp = Timestamp::from_seconds(1_677_281_798);

fn proven(document: Value) -> Value {
    prove(document, &opened(SECRET), KEY, THEN).unwrap()
}

fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let fields = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(fields.remove(name)),
        value => drop(fields.insert(name.to_owned(), value)),
    }
    document
}

#[test]
fn the_example_of_the_fep_is_made_byte_for_byte_and_holds() {
    let proven = proven(example());
    assert_eq!(proven["proof"]["proofValue"], VALUE);
    assert_eq!(proven["proof"]["@context"], example()["@context"]);
    assert_eq!(proven["proof"]["created"], "2023-02-24T23:36:38Z");
    assert_eq!(verify(&proven, &alice(), NOW), Ok(()));
    assert_eq!(Ed25519Public::from_multibase(PUBLIC).unwrap().to_multibase(), opened(SECRET).public_multibase());
}

#[test]
fn what_was_changed_does_not_hold() {
    let proven = proven(example());
    for (pointer, value) in [
        ("/object/content", json!("Hello worlds")),
        ("/object/location/latitude", json!(25.273_963)),
        ("/object/summary", json!("")),
        ("/to", json!(["https://www.w3.org/ns/activitystreams#Public"])),
        ("/type", json!("Update")),
        ("/id", json!("https://server.example/activities/2")),
        ("/@context", json!(["https://www.w3.org/ns/activitystreams"])),
        ("/@context", json!(["https://w3id.org/security/data-integrity/v2", "https://www.w3.org/ns/activitystreams"])),
        ("/@context", Value::Null),
        ("/proof/@context", Value::Null),
        ("/proof/@context", json!([])),
        ("/proof/created", json!("2023-02-24T23:36:39Z")),
        ("/proof/created", Value::Null),
        ("/proof/nonce", json!("x")),
    ] {
        assert_eq!(
            verify(&with(proven.clone(), pointer, value.clone()), &alice(), NOW),
            Err(Unproven::False),
            "{pointer} {value}"
        );
    }
    // what comes after the proof is no part of it
    let longer = json!(["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2", {"x": "y:"}]);
    for (pointer, value) in [("/@context", longer), ("/signature", json!({"type": "RsaSignature2017"}))] {
        assert_eq!(verify(&with(proven.clone(), pointer, value), &alice(), NOW), Ok(()), "{pointer}");
    }
    let reordered: Value = serde_json::from_str(&serde_json::to_string_pretty(&proven).unwrap()).unwrap();
    assert_eq!(verify(&reordered, &alice(), NOW), Ok(()));
}

#[test]
fn only_the_owner_with_a_key_of_theirs_proves_anything() {
    let proven = proven(example());
    let other = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let eve = "https://evil.example/eve";
    for (who, actor, why) in [
        ("another key under that id", actor(ALICE, KEY, other), Unproven::False),
        ("another id of that key", actor(ALICE, &format!("{ALICE}#old"), PUBLIC), Unproven::UnknownKey),
        ("somebody else who has that key", actor(eve, KEY, PUBLIC), Unproven::Foreign),
        ("a neighbour who has that key", actor("https://server.example/users/ben", KEY, PUBLIC), Unproven::Foreign),
        ("no multikey", actor(ALICE, KEY, "z6Mk"), Unproven::UnknownKey),
    ] {
        assert_eq!(verify(&proven, &actor, NOW), Err(why), "{who}");
    }
    let by_eve = |changes: Value| {
        let mut document = example();
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        let method = format!("{eve}#key");
        let document = prove(document, &opened(SECRET), &method, THEN).unwrap();
        verify(&document, &actor(eve, &method, PUBLIC), NOW)
    };
    assert_eq!(by_eve(json!({"actor": eve, "id": "https://evil.example/1"})), Ok(()));
    for foreign in [
        json!({}),
        json!({"actor": eve}),
        json!({"actor": [eve, ALICE], "id": "https://evil.example/1"}),
        json!({"actor": [ALICE, eve], "id": "https://evil.example/1"}),
        json!({"actor": eve, "attributedTo": ALICE, "id": "https://evil.example/1"}),
        json!({"actor": null, "id": "https://evil.example/1"}),
        json!({"actor": eve, "id": "https://evil.example:8443/1"}),
        json!({"actor": eve, "id": 7}),
    ] {
        assert_eq!(by_eve(foreign.clone()), Err(Unproven::Foreign), "{foreign}");
    }
}

#[test]
fn other_kinds_and_purposes_and_shapes_are_told_apart() {
    let proven = proven(example());
    let kinds = [
        ("/proof/type", json!("Ed25519Signature2020")),
        ("/proof/cryptosuite", json!("eddsa-rdfc-2022")),
        ("/proof/cryptosuite", json!("jcs-eddsa-2022")),
        ("/proof/cryptosuite", json!(["eddsa-jcs-2022"])),
        ("/proof/cryptosuite", Value::Null),
        ("/proof/proofPurpose", json!("authentication")),
        ("/proof/proofPurpose", Value::Null),
        ("/proof", json!([proven["proof"], proven["proof"]])),
    ];
    for (pointer, value) in kinds {
        assert_eq!(verify(&with(proven.clone(), pointer, value.clone()), &alice(), NOW), Err(Unproven::OfAnotherKind), "{value}");
    }
    for (pointer, value) in [
        ("/proof", json!("x")),
        ("/proof/verificationMethod", json!({"id": KEY})),
        ("/proof/proofValue", json!("")),
        ("/proof/proofValue", json!(&VALUE[1..])),
        ("/proof/proofValue", json!(VALUE.replace('z', "m"))),
        ("/proof/proofValue", json!(&VALUE[..60])),
        ("/proof/proofValue", json!(format!("z{}", "1".repeat(1_000_000)))),
        ("/proof/created", json!("yesterday")),
        ("/proof/created", json!(7)),
        ("/proof/expires", json!("never")),
    ] {
        assert_eq!(verify(&with(proven.clone(), pointer, value), &alice(), NOW), Err(Unproven::Malformed), "{pointer}");
    }
    for absent in [json!({}), with(proven.clone(), "/proof", Value::Null), with(proven.clone(), "/proof", json!([]))] {
        assert_eq!(verify(&absent, &alice(), NOW), Err(Unproven::Absent));
    }
    assert_eq!(verify(&with(proven.clone(), "/proof", json!([proven["proof"]])), &alice(), NOW), Ok(()), "a list of one");
}

#[test]
fn a_proof_ages_but_is_not_from_the_future_and_may_expire() {
    let made = |created: i64| prove(example(), &opened(SECRET), KEY, Timestamp::from_seconds(NOW.seconds() + created)).unwrap();
    for (seconds, right) in [(0, Ok(())), (300, Ok(())), (301, Err(Unproven::Untimely)), (-1_000_000_000, Ok(()))] {
        assert_eq!(verify(&made(seconds), &alice(), NOW), right, "{seconds}");
    }
    for (expires, why) in [("2026-11-24T17:59:59Z", Unproven::Untimely), ("2026-11-24T18:00:01Z", Unproven::False)] {
        assert_eq!(verify(&with(made(0), "/proof/expires", json!(expires)), &alice(), NOW), Err(why), "{expires}");
    }
}

#[test]
fn a_document_without_a_context_is_proven_without_one() {
    let bare = with(example(), "/@context", Value::Null);
    let proven = proven(bare);
    assert_eq!(proven["proof"].get("@context"), None);
    assert_eq!(verify(&proven, &alice(), NOW), Ok(()));
    assert!(verify(&with(proven, "/@context", json!("https://www.w3.org/ns/activitystreams")), &alice(), NOW).is_err());
}

/// What Fedify 2.3 sent; its times have nine digits, its context another order.
#[test]
fn what_fedify_proved_holds() {
    let text =
        |name: &str| std::fs::read_to_string(format!("{}/tests/all/wire/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let document: Value = serde_json::from_str(&text("fedify_actor")).unwrap();
    let fred = RemoteActor::from_document(crate::federation::actor_document::read(&document).unwrap(), NOW);
    for name in ["accept", "follow", "create_note", "create_event", "update_note", "delete_note", "announce", "undo"] {
        let recording: Value = serde_json::from_str(&text(&format!("fedify_{name}"))).unwrap();
        let activity: Value = serde_json::from_str(recording["body"].as_str().unwrap()).unwrap();
        assert_eq!(verify(&activity, &fred, NOW), Ok(()), "{name}");
        assert_eq!(verify(&with(activity, "/type", json!("Like")), &fred, NOW), Err(Unproven::False), "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn no_proof_makes_the_reader_panic(
        field in "@context|type|cryptosuite|created|expires|verificationMethod|proofPurpose|proofValue",
        text in "\\PC{0,40}|z[1-9A-HJ-NP-Za-km-z]{0,90}",
        number in proptest::num::f64::ANY,
    ) {
        for value in [json!(text), json!([text]), json!({ "id": text }), json!(number)] {
            let _ = verify(&with(proven(example()), &format!("/proof/{field}"), value.clone()), &alice(), NOW);
            let _ = verify(&with(proven(example()), "/proof", value), &alice(), NOW);
        }
    }
}
