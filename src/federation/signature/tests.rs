//! The rules of signatures, one table for each class of attack.

use super::*;
use crate::{
    federation::draft::{ANA, Draft, NOW, date, follow},
    keys::{
        RsaPublic,
        testing::{ana, eve, public},
    },
};

fn check(draft: &Draft) -> Result<Proof, Flaw> {
    draft.lend(|head, body| examine(head, NOW)?.with_body(body))
}

/// Is it taken, and with the right key only?
fn holds(draft: &Draft) -> bool {
    check(draft).is_ok_and(|proof| proof.holds(&public(ana())) && !proof.holds(&public(eve())))
}

fn post(change: impl FnOnce(&mut Draft)) -> Draft {
    Draft::post(&follow()).with(change).signed()
}

fn covering(names: &str) -> Draft {
    post(|draft| draft.covered = Some(names.into()))
}

#[test]
fn the_dialects_of_peers_are_taken() {
    let hs2019 = |draft: &mut Draft| draft.algorithm = Some("hs2019".into());
    for (who, draft) in [
        ("Mastodon", post(|_| ())),
        (
            "GoToSocial",
            post(|draft| {
                hs2019(draft);
                draft.key_id = format!("{ANA}/main-key");
            }),
        ),
        ("Mobilizon", covering("(request-target) content-length date digest host")),
        ("Pleroma", covering("(request-target) content-length date digest host")),
        ("Misskey", covering("(request-target) date host digest")),
        ("no algorithm", post(|draft| draft.algorithm = None)),
        (
            "created only",
            post(|draft| {
                hs2019(draft);
                draft.created = Some(NOW.seconds());
                draft.expires = Some(NOW.seconds() + 300);
                draft.covered = Some("(request-target) (created) (expires) host digest".into());
            }),
        ),
        ("upper case names", covering("(request-target) Host Date Digest")),
        (
            "lower case digest",
            post(|draft| {
                let digest = BodyDigest::of(&draft.body).digest().replace("SHA", "sha");
                draft.set("digest", Some(&digest));
            }),
        ),
    ] {
        assert!(holds(&draft), "{who}: {:?}", check(&draft));
    }
}

#[test]
fn what_we_send_is_taken_and_says_so() {
    let url = Url::parse("https://us.example:8443/ap/inbox?x=1").unwrap();
    let body = b"{}";
    let sent =
        sign_post(Scheme::Cavage, "https://good.example/ap/groups/g#main-key", ana(), &url, &BodyDigest::of(body), NOW).unwrap();
    let shown: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = Head { method: "POST", is_https: true, target: "/ap/inbox?x=1", headers: &shown };
    assert_eq!(head.only("host"), Some("us.example:8443"));
    assert_eq!(head.only("date"), Some("Tue, 24 Nov 2026 18:00:00 GMT"));
    assert!(head.only("signature").unwrap().starts_with(
        r#"keyId="https://good.example/ap/groups/g#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature=""#
    ));
    let proof = examine(&head, NOW).unwrap().with_body(body).unwrap();
    assert!(proof.holds(&public(ana())) && !proof.holds(&public(eve())));

    for (query, target) in [(Query::Covered, "/ap/inbox?x=1"), (Query::LeftOut, "/ap/inbox?x=1"), (Query::LeftOut, "/ap/inbox")] {
        let sent =
            sign_get((Scheme::Cavage, query), "https://good.example/ap/instance#main-key", ana(), &url, NOW, "*/*").unwrap();
        let shown: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let proof = examine(&Head { method: "GET", is_https: true, target, headers: &shown }, NOW).unwrap().without_body();
        assert!(proof.holds(&public(ana())), "{query:?} {target}");
    }
}

/// Row 35: what a stranger's address holds stays in its line.
#[test]
fn no_address_breaks_out_of_the_request_line() {
    let url = address::parse("https://us.example/%0d%0aHost:%20evil.example?q=%0d%0aX:%201").unwrap();
    for (name, value) in sign_post(Scheme::Cavage, "https://good.example/#k", ana(), &url, &BodyDigest::of(b""), NOW).unwrap() {
        assert!(value.as_bytes().iter().all(|byte| !byte.is_ascii_control()), "{name}");
    }
    assert_eq!(target(&url, Query::Covered), "/%0d%0aHost:%20evil.example?q=%0d%0aX:%201");
    assert!(sign_get((Scheme::Cavage, Query::Covered), "https://good.example/\r\nX: 1", ana(), &url, NOW, "*/*").is_err());
}

/// Row 1.
#[test]
fn a_missing_or_unreadable_header_is_a_flaw() {
    let right = post(|_| ()).headers.pop().unwrap().1;
    for wrong in [
        None,
        Some(String::new()),
        Some("foo".into()),
        Some("=".into()),
        Some(",".into()),
        Some(format!("Signature {right}")),
        Some(format!("{right},")),
        Some(format!("{right};x")),
        Some(format!("{right} x")),
        Some(format!("{right},x=\"1\"")),
        Some(format!("{right},{}", "x".repeat(10_000))),
        Some(right.replace("keyId=\"", "keyId=")),
        Some(right.replace("keyId=", "keyid=")),
        Some(right.replace("keyId=", "keyId =")),
        Some(right.replace("#main-key", "\\\"#main-key")),
        Some(right.replace(ANA, &"a".repeat(3_000))),
        Some(right.trim_end_matches('"').into()),
    ] {
        let draft = Draft::post(&follow()).with(|draft| draft.set("signature", wrong.as_deref()));
        assert!(check(&draft).is_err(), "{wrong:?}");
    }
}

/// Row 2.
#[test]
fn what_covers_too_little_is_a_flaw_even_with_the_right_key() {
    for names in [
        "",
        " ",
        "digest",
        "date",
        "(request-target) host date",
        "(request-target) date digest",
        "host date digest",
        "(request-target) host digest",
        "(request-target) host digest content-type",
        "(created) host digest",
        "(request-target)  host date digest",
        "(request-target) host date digest digest",
        "(request-target) host date digest Digest",
        "(request-target) host date digest (nonsense)",
        "(request-target) host date digest x-absent",
        "(request-target) host date digest da\u{e9}te",
    ] {
        assert!(check(&covering(names)).is_err(), "{names:?}");
    }
    assert!(check(&post(|draft| draft.covered = None)).is_err());
    let many = (0..40).map(|number| format!(" x-{number}")).collect::<String>();
    assert!(check(&covering(&format!("(request-target) host date digest{many}"))).is_err());
}

/// Row 4.
#[test]
fn old_and_future_signatures_are_flaws() {
    for (seconds, right) in [
        (0, true),
        (-3_600, true),
        (-3_601, false),
        (-3_660, false),
        (300, true),
        (301, false),
        (360, false),
        (31_536_000, false),
    ] {
        assert_eq!(holds(&post(|draft| draft.set("date", Some(&date(seconds))))), right, "date {seconds}");
        let created = post(|draft| {
            draft.algorithm = Some("hs2019".into());
            draft.created = Some(NOW.seconds() + seconds);
            draft.covered = Some("(request-target) (created) host digest".into());
        });
        assert_eq!(holds(&created), right, "created {seconds}");
    }
    for garbage in [
        "garbage",
        "Tue, 99 Foo",
        "",
        "2026-11-24T18:00:00Z",
        "1795543200",
        "Tue, 24 Nov 2026 18:00:00 +0100",
        "Thu, 01 Jan 1000 00:00:00 GMT",
    ] {
        assert!(check(&post(|draft| draft.set("date", Some(garbage)))).is_err(), "{garbage}");
    }
    assert!(check(&post(|draft| draft.set("date", None))).is_err());
}

/// Row 4, the times of the signature itself.
#[test]
fn times_that_expired_disagree_or_are_no_numbers_are_flaws() {
    let with = |created: Option<i64>, expires: Option<i64>, covered: &str| {
        post(|draft| {
            draft.algorithm = Some("hs2019".into());
            draft.created = created.map(|seconds| NOW.seconds() + seconds);
            draft.expires = expires.map(|seconds| NOW.seconds() + seconds);
            draft.covered = Some(covered.into());
        })
    };
    let both = "(request-target) (created) host date digest";
    assert!(holds(&with(Some(-300), None, both)));
    assert!(holds(&with(Some(0), Some(0), both)));
    for (created, expires) in [
        (Some(0), Some(-1)),
        (Some(0), Some(-7_200)),
        (Some(-301), None),
        (Some(-3_000), None),
        (Some(-7_200), None),
        (None, None),
    ] {
        assert!(check(&with(created, expires, both)).is_err(), "{created:?} {expires:?}");
    }
    assert!(check(&with(Some(-7_200), None, "(request-target) host date digest")).is_err(), "given without being covered");
    assert!(
        check(&with(Some(0), None, "(request-target) (created) (expires) host digest")).is_err(),
        "covered without being given"
    );
    let classic = with(Some(0), None, both).with(|draft| {
        let value = draft.headers.pop().unwrap().1.replace("hs2019", "rsa-sha256");
        draft.add("signature", &value);
    });
    assert!(check(&classic).is_err(), "(created) does not go with rsa-sha256");
    for wrong in ["-1", "+1", "1e9", "0x10", "", "9999999999999", "now", "\"17955\"5"] {
        let draft = with(Some(0), None, both).with(|draft| {
            let value =
                draft.headers.pop().unwrap().1.replace(&format!("created={}", NOW.seconds()), &format!("created={wrong}"));
            draft.add("signature", &value);
        });
        assert!(check(&draft).is_err(), "{wrong}");
    }
}

/// Row 5.
#[test]
fn a_digest_that_is_not_the_bodys_is_a_flaw() {
    let good = BodyDigest::of(&Draft::post(&follow()).body).digest();
    let bad = BodyDigest::of(b"something else").digest();
    let value = good.trim_start_matches("SHA-256=").to_owned();
    for wrong in [
        "",
        "SHA-256=",
        "SHA-256",
        &value,
        &bad,
        &format!("MD5={value}"),
        &format!("SHA-512={value}"),
        &format!("{good},{bad}"),
        &format!("{bad},{good}"),
        &format!("{good},{good}"),
        &format!("{good}="),
        &good.replace('=', " ="),
    ] {
        assert!(check(&post(|draft| draft.set("digest", Some(wrong)))).is_err(), "{wrong}");
    }
    for change in [0, 10, 60] {
        assert!(check(&post(|_| ()).with(|draft| draft.body[change] ^= 1)).is_err(), "byte {change}");
    }
    assert!(check(&post(|_| ()).with(|draft| draft.body.clear())).is_err());
    assert!(check(&post(|_| ()).with(|draft| draft.body.push(b' '))).is_err());
    assert!(check(&post(|draft| draft.set("digest", None))).is_err());
}

/// Row 6.
#[test]
fn nothing_may_be_said_twice() {
    let forged = BodyDigest::of(b"forged").digest();
    for name in ["digest", "date", "host", "signature", "content-type"] {
        for first in [true, false] {
            let draft = post(|_| ()).with(|draft| {
                let value = if name == "digest" {
                    forged.clone()
                } else {
                    draft.headers.iter().find(|(n, _)| n == name).unwrap().1.clone()
                };
                let at = if first { 0 } else { draft.headers.len() };
                draft.headers.insert(at, (name.to_owned(), value));
            });
            assert!(check(&draft).is_err(), "{name} {first}");
        }
    }
    let right = post(|_| ()).headers.pop().unwrap().1;
    for extra in ["keyId=\"https://evil.example/e#main-key\"", "signature=\"AAAA\"", "headers=\"date\"", "algorithm=\"none\""] {
        for value in [format!("{extra},{right}"), format!("{right},{extra}"), format!("{right} , {extra}")] {
            assert!(check(&Draft::post(&follow()).with(|draft| draft.add("signature", &value))).is_err(), "{value}");
        }
    }
}

/// Row 8, and rows 3 and 9 as far as the key goes.
#[test]
fn what_was_signed_for_another_request_or_with_another_key_does_not_hold() {
    let moved: [fn(&mut Draft); 6] = [
        |draft| draft.target = "/ap/groups/other/inbox".into(),
        |draft| draft.target = "/ap/inbox/".into(),
        |draft| draft.method = "PUT".into(),
        |draft| draft.set("host", Some("evil.example")),
        |draft| draft.set("date", Some(&date(1))),
        |draft| draft.set("content-type", Some("application/ld+json")),
    ];
    for (number, change) in moved.into_iter().enumerate() {
        let proof = check(&post(|_| ()).with(change)).unwrap();
        assert!(!proof.holds(&public(ana())), "{number}");
    }
    let proof = check(&Draft::post(&follow()).signed_by(eve())).unwrap();
    assert!(!proof.holds(&public(ana())), "another key");
    let get =
        sign_get((Scheme::Cavage, Query::Covered), ANA, ana(), &Url::parse("https://us.example/ap/inbox").unwrap(), NOW, "*/*")
            .unwrap();
    let shown: Vec<(&str, &[u8])> = get.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert!(
        examine(&Head { method: "POST", is_https: true, target: "/ap/inbox", headers: &shown }, NOW).is_err(),
        "a GET sent as POST"
    );
}

#[test]
fn the_query_may_be_signed_or_not_and_no_other() {
    let sent_to = |signed: &str, sent: &str| {
        let draft = Draft::post(&follow()).with(|draft| draft.target = signed.into()).signed();
        holds(&draft.with(|draft| draft.target = sent.into()))
    };
    assert!(sent_to("/ap/inbox?a=1", "/ap/inbox?a=1"));
    assert!(sent_to("/ap/inbox", "/ap/inbox?a=1"));
    assert!(!sent_to("/ap/inbox?a=1", "/ap/inbox"));
    assert!(!sent_to("/ap/inbox?a=1", "/ap/inbox?a=2"));
}

/// Row 9.
#[test]
fn other_algorithms_and_encodings_are_flaws() {
    for algorithm in ["hmac-sha256", "none", "rsa-sha1", "rsa-sha512", "ed25519", "RSA-SHA256", ""] {
        assert!(check(&post(|draft| draft.algorithm = Some(algorithm.into()))).is_err(), "{algorithm}");
    }
    let pem = ana().public_pem();
    let mac = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, pem.as_bytes()),
        Draft::post(&follow()).signing_string().as_bytes(),
    );
    let forged = Draft::post(&follow()).with(|draft| {
        let value = draft.signature_header(&STANDARD.encode(mac.as_ref()));
        draft.add("signature", &value);
    });
    assert!(check(&forged).is_ok_and(|proof| !proof.holds(&public(ana()))), "an HMAC under the public key");
    for wrong in ["", " ", "A AA", "AAA", "AA==\n", "*", "AAAA AAAA", &"A".repeat(100_000), &"A".repeat(1_372)] {
        let draft = Draft::post(&follow()).with(|draft| {
            let value = draft.signature_header(wrong);
            draft.add("signature", &value);
        });
        assert!(check(&draft).is_err(), "{}", &wrong[..wrong.len().min(40)]);
    }
}

/// Row 7, the part that is ours: a repeat is recognised however it is sent.
#[test]
fn a_repeat_has_the_same_hash_and_another_request_another() {
    let (one, other) = (post(|_| ()), post(|draft| draft.set("date", Some(&date(1)))));
    let hash = |draft: &Draft| check(draft).unwrap().replay_hash();
    assert_eq!(hash(&one), hash(&one));
    assert_eq!(hash(&one).len(), 64);
    assert_ne!(hash(&one), hash(&other));
    let reordered = post(|_| ()).with(|draft| draft.headers.reverse());
    assert_eq!(hash(&one), hash(&reordered), "RSA PKCS#1 v1.5 signatures do not vary");
}

#[test]
fn a_proof_survives_being_stored() {
    let proof = check(&post(|_| ())).unwrap();
    let text = serde_json::to_string(&proof).unwrap();
    let back: Proof = serde_json::from_str(&text).unwrap();
    assert_eq!(back, proof);
    assert!(back.holds(&public(ana())));
}

proptest::proptest! {
    #[test]
    fn no_header_makes_the_reader_panic(
        text in "\\PC*|((keyId|algorithm|created|expires|headers|signature)=\"?[a-z0-9#:/()=+ \\\\-]{0,20}\"?,? ?){0,8}",
        name in "[a-z()-]{0,10}",
    ) {
        let draft = Draft::post(&follow()).with(|draft| {
            draft.set("signature", Some(&text));
            draft.add(&name, &text);
        });
        let _ = check(&draft);
    }
}

/// Signed by a library we did not write, with a key in both forms.
#[test]
fn what_another_implementation_signed_holds() {
    let given: serde_json::Value = serde_json::from_str(include_str!("httpsig.json")).unwrap();
    let text = |name: &str| given[name].as_str().unwrap();
    let headers: Vec<(&str, &[u8])> = given["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap().as_bytes()))
        .collect();
    let head = Head { method: "POST", is_https: true, target: text("target"), headers: &headers };
    let proof = examine(&head, NOW).unwrap().with_body(text("body").as_bytes()).unwrap();
    for form in ["public_key", "public_key_pkcs1"] {
        assert!(proof.holds(&PublicKey::Rsa(RsaPublic::from_pem(text(form)).unwrap())), "{form}");
    }
    assert!(!proof.holds(&public(ana())));
    assert!(examine(&head, NOW).unwrap().with_body(format!("{} ", text("body")).as_bytes()).is_err());
}
