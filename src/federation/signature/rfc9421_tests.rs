//! The rules of RFC 9421, one table for each class of attack.

use super::*;
use crate::{
    federation::draft::{ANA, Draft, NOW, date, follow},
    keys::{
        Ed25519, Ed25519Public,
        testing::{ana, eve, public},
    },
};

fn check(draft: &Draft) -> Result<Proof, Flaw> {
    draft.lend(|head, body| examine(head, NOW)?.with_body(body))
}

/// Is it taken, and with the right key only?
fn holds(draft: &Draft) -> bool {
    check(draft).is_ok_and(|proof| proof.scheme == Scheme::Rfc9421 && proof.holds(&public(ana())) && !proof.holds(&public(eve())))
}

fn post(change: impl FnOnce(&mut Draft)) -> Draft {
    Draft::newer(&follow()).with(change).signed_newer()
}

fn covering(names: &str) -> Draft {
    post(|draft| draft.covered = Some(names.into()))
}

/// Ours and the header's value changed after signing.
fn with_header(name: &str, change: impl Fn(&str) -> String) -> Draft {
    post(|_| ()).with(|draft| {
        let value = draft.headers.iter().find(|(found, _)| found == name).map(|(_, value)| change(value)).unwrap();
        draft.set(name, Some(&value));
    })
}

#[test]
fn the_dialects_of_peers_are_taken() {
    for (who, draft) in [
        ("Mastodon asks for", post(|_| ())),
        ("Fedify", covering(r#""@method" "@target-uri" "@authority" "host" "date" "content-digest""#)),
        ("tootik", covering(r#""@method" "@target-uri" "content-type" "content-digest""#)),
        ("no algorithm", post(|draft| draft.algorithm = None)),
        ("in parts", covering(r#""@method" "@authority" "@path" "content-digest""#)),
        ("in other parts", covering(r#""content-digest" "@scheme" "@request-target" "@authority" "@method""#)),
        (
            "with a query",
            post(|draft| {
                draft.target = "/ap/inbox?a=%2F".into();
                draft.covered = Some(r#""@method" "@authority" "@path" "@query" "content-digest""#.into());
            }),
        ),
        ("with an end", post(|draft| draft.expires = Some(NOW.seconds()))),
        (
            "host in capitals",
            post(|draft| draft.set("host", Some("us.example"))).with(|draft| draft.set("host", Some("US.example:443"))),
        ),
        ("spaces", with_header("signature-input", |input| input.replace(" \"", "   \"").replace(";created", "; created"))),
        (
            "sha-512",
            post(|draft| {
                let sum = STANDARD.encode(digest(&SHA512, &draft.body));
                draft.set("content-digest", Some(&format!("sha-512=:{sum}:")));
            }),
        ),
        (
            "two digests and one that we do not know",
            post(|draft| {
                let (two, sum) = (BodyDigest::of(&draft.body).content_digest(), STANDARD.encode(digest(&SHA512, &draft.body)));
                draft.set("content-digest", Some(&format!("unixsum=:AAAA:, {two}, sha-512=:{sum}:")));
            }),
        ),
    ] {
        assert!(holds(&draft), "{who}: {:?}", check(&draft));
    }
}

#[test]
fn what_we_send_is_taken_and_says_so() {
    let url = Url::parse("https://us.example:8443/ap/inbox?x=1#y").unwrap();
    let body = b"{}";
    let key_id = "https://good.example/ap/groups/g#main-key";
    let sent = sign_post(Scheme::Rfc9421, key_id, ana(), &url, &BodyDigest::of(body), NOW).unwrap();
    let shown: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = Head { method: "POST", is_https: true, target: "/ap/inbox?x=1", headers: &shown };
    assert_eq!(
        head.only("signature-input"),
        Some(
            "sig1=(\"@method\" \"@target-uri\" \"@query\" \"content-type\" \"content-digest\");created=1795543200;\
             keyid=\"https://good.example/ap/groups/g#main-key\";alg=\"rsa-v1_5-sha256\""
        )
    );
    assert_eq!(head.only("content-digest"), Some("sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"));
    assert_eq!((head.only("host"), head.only("digest")), (Some("us.example:8443"), None));
    let proof = examine(&head, NOW).unwrap().with_body(body).unwrap();
    assert!(proof.holds(&public(ana())) && !proof.holds(&public(eve())));

    let sent = sign_get((Scheme::Rfc9421, Query::Covered), key_id, ana(), &url, NOW, "*/*").unwrap();
    let shown: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let get = Head { method: "GET", is_https: true, target: "/ap/inbox?x=1", headers: &shown };
    assert!(examine(&get, NOW).unwrap().without_body().holds(&public(ana())));
    assert!(examine(&Head { method: "POST", ..get }, NOW).is_err(), "a GET sent as POST");
    let http = examine(&Head { is_https: false, ..get }, NOW).unwrap().without_body();
    assert!(!http.holds(&public(ana())), "signed for https");
}

/// Row 1.
#[test]
fn missing_and_unreadable_headers_are_flaws() {
    for name in ["signature-input", "signature", "content-digest", "host"] {
        assert!(check(&post(|_| ()).with(|draft| draft.set(name, None))).is_err(), "no {name}");
        let changes: [fn(&str) -> String; 8] = [
            |_| String::new(),
            |_| "foo".into(),
            |_| "=".into(),
            |text| format!("{text},"),
            |text| format!("{text} x"),
            |text| format!("{text};é"),
            |text| format!("{text}{}", ";x".repeat(5_000)),
            |text| text.replacen('s', "S", 1),
        ];
        for (number, change) in changes.iter().enumerate() {
            // a host is the same in capitals
            let right = name == "host" && number == 7;
            assert_eq!(holds(&with_header(name, change)), right, "{name} {number}");
        }
    }
    for (name, from, to) in [
        ("signature-input", "sig1=", "sig2="),
        ("signature-input", "sig1=(", "sig1=\"("),
        ("signature-input", "\"@method\"", "@method"),
        ("signature-input", "\"@method\"", ":QUFB:"),
        ("signature-input", "created=", "created=\""),
        ("signature", "=:", "=\""),
        ("signature", "sig1=:", "sig1=("),
    ] {
        assert!(check(&with_header(name, |text| text.replacen(from, to, 1))).is_err(), "{name} {from} {to}");
    }
}

/// Row 2.
#[test]
fn what_covers_too_little_or_oddly_is_a_flaw_even_with_the_right_key() {
    for names in [
        "",
        r#""content-digest""#,
        r#""@method" "@target-uri""#,
        r#""@method" "content-digest""#,
        r#""@target-uri" "content-digest""#,
        r#""@method" "@path" "content-digest""#,
        r#""@method" "@authority" "content-digest""#,
        r#""@method" "@request-target" "content-digest""#,
        r#""@method" "@target-uri" "content-digest" "content-digest""#,
        r#""@method" "@target-uri" "content-digest" "@method""#,
        r#""@method" "@target-uri" "content-digest" "x-absent""#,
        r#""@method" "@target-uri" "Content-Digest""#,
        r#""@method" "@target-uri" "content-digest";sf"#,
        r#""@method" "@target-uri" "content-digest";bs"#,
        r#""@method" "@target-uri" "content-digest";tr"#,
        r#""@method" "@target-uri" "content-digest";req"#,
        r#""@method";req "@target-uri" "content-digest""#,
        r#""@method" "@target-uri" "content-digest" "content-digest";key="sha-256""#,
        r#""@method" "@target-uri" "content-digest" "@status""#,
        r#""@method" "@target-uri" "content-digest" "@query-param";name="a""#,
        r#""@method" "@target-uri" "content-digest" "@signature-params""#,
        r#""@method" "@target-uri" "content-digest" "@nonsense""#,
        r#""@method" "@target-uri" "content-digest" "x y""#,
    ] {
        assert!(check(&covering(names)).is_err(), "{names}");
    }
    let unsigned_query = post(|draft| {
        draft.target = "/ap/inbox?a=1".into();
        draft.covered = Some(r#""@method" "@authority" "@path" "content-digest""#.into());
    });
    assert!(check(&unsigned_query).is_err());
    let many: String = (0..40).map(|number| format!(" \"x-{number}\"")).collect();
    let crowded = Draft::newer(&follow()).with(|draft| {
        (0..40).for_each(|number| draft.add(&format!("x-{number}"), "x"));
        draft.covered = Some(format!(r#""@method" "@target-uri" "content-digest"{many}"#));
    });
    assert!(check(&crowded.signed_newer()).is_err());
}

/// Row 4.
#[test]
fn old_future_and_expired_signatures_are_flaws() {
    for (seconds, right) in [(0, true), (-3_600, true), (-3_601, false), (300, true), (301, false), (31_536_000, false)] {
        assert_eq!(holds(&post(|draft| draft.created = Some(NOW.seconds() + seconds))), right, "created {seconds}");
    }
    assert!(check(&post(|draft| draft.created = None)).is_err(), "no time");
    for seconds in [-1, -7_200, i64::MIN / 4_000_000] {
        assert!(check(&post(|draft| draft.expires = Some(NOW.seconds() + seconds))).is_err(), "expires {seconds}");
    }
    let dated = |seconds: i64, covered: &str| {
        post(|draft| {
            draft.set("date", Some(&date(seconds)));
            draft.covered = Some(covered.into());
        })
    };
    let (with, without) = (r#""@method" "@target-uri" "date" "content-digest""#, r#""@method" "@target-uri" "content-digest""#);
    assert!(holds(&dated(-299, with)));
    assert!(check(&dated(-301, with)).is_err(), "they disagree");
    assert!(holds(&dated(-7_200, without)), "a Date that nobody signed says nothing");
    for wrong in ["-1", "1.5", "\"1795543200\"", "?1", "soon", "9999999999999999", "01795543200", ":AAAA:"] {
        let draft = with_header("signature-input", |input| input.replace("=1795543200", &format!("={wrong}")));
        assert!(check(&draft).is_err(), "{wrong}");
    }
}

/// Row 5.
#[test]
fn a_digest_that_is_not_the_bodys_is_a_flaw() {
    let good = BodyDigest::of(&Draft::newer(&follow()).body).content_digest();
    let bad = BodyDigest::of(b"something else").content_digest();
    let long = format!("sha-512=:{}:", STANDARD.encode(digest(&SHA512, b"something else")));
    for wrong in [
        "",
        "sha-256",
        "sha-256=::",
        "sha-256=:AAAA:",
        &bad,
        "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:",
        "sha=:2jmj7l5rSw0yVb/vlWAYkK/YBwk=:",
        &good.replace("sha-256", "sha-512"),
        &good.replace("sha-256", "SHA-256"),
        &good.replace(':', "\""),
        &good.replace(':', ""),
        &good.replace("=:", "=(:").replace("=:", "=:)"),
        &format!("{good}, {bad}"),
        &format!("{bad}, {good}"),
        &format!("{good}, {good}"),
        &format!("{good}, {long}"),
        &BodyDigest::of(&Draft::newer(&follow()).body).digest(),
    ] {
        assert!(check(&post(|draft| draft.set("content-digest", Some(wrong)))).is_err(), "{wrong}");
    }
    for at in [0, 10, 60] {
        assert!(check(&post(|_| ()).with(|draft| draft.body[at] ^= 1)).is_err(), "byte {at}");
    }
    assert!(check(&post(|_| ()).with(|draft| draft.body.push(b' '))).is_err());
}

/// Row 6.
#[test]
fn nothing_may_be_said_twice() {
    let forged = BodyDigest::of(b"forged").content_digest();
    for name in ["content-digest", "host", "signature", "signature-input"] {
        for first in [true, false] {
            let draft = post(|_| ()).with(|draft| {
                let own = draft.headers.iter().find(|(n, _)| n == name).unwrap().1.clone();
                let value = if name == "content-digest" { forged.clone() } else { own };
                let at = if first { 0 } else { draft.headers.len() };
                draft.headers.insert(at, (name.to_owned(), value));
            });
            assert!(check(&draft).is_err(), "{name} {first}");
        }
    }
    let eves = ";keyid=\"https://evil.example/e#main-key\"";
    let inputs: [&dyn Fn(&str) -> String; 8] = [
        &|text| format!("{text}{eves}"),
        &|text| text.replace(";keyid", &format!("{eves};keyid")),
        &|text| format!("{text};created=1795543200"),
        &|text| format!("{text};alg=\"rsa-v1_5-sha256\""),
        &|text| format!("{text}, sig2=(\"@method\");created=1795543200;keyid=\"{ANA}\""),
        &|text| format!("sig0=(\"@method\");created=1795543200;keyid=\"{ANA}\", {text}"),
        &|text| format!("{text}, {text}"),
        &|text| format!("{text};extension=1"),
    ];
    for (number, change) in inputs.iter().enumerate() {
        assert!(check(&with_header("signature-input", change)).is_err(), "input {number}");
    }
    let signatures: [&dyn Fn(&str) -> String; 5] = [
        &|text| format!("{text}, sig2=:AAAA:"),
        &|text| format!("sig1=:AAAA:, {text}"),
        &|text| format!("{text}, {text}"),
        &|text| format!("{text};x=1"),
        &|text| text.trim_end_matches("=:").to_owned() + ":",
    ];
    for (number, change) in signatures.iter().enumerate() {
        assert!(check(&with_header("signature", change)).is_err(), "signature {number}");
    }
}

/// Row 8, and rows 3 and 9 as far as the key goes.
#[test]
fn what_was_signed_for_another_request_or_with_another_key_does_not_hold() {
    let moved: [fn(&mut Draft); 9] = [
        |draft| draft.target = "/ap/groups/other/inbox".into(),
        |draft| draft.target = "/ap/inbox/".into(),
        |draft| draft.target = "/ap/inbox?".into(),
        |draft| draft.target = "/ap/inbox?a".into(),
        |draft| draft.target = "/AP/inbox".into(),
        |draft| draft.target = "/ap/%69nbox".into(),
        |draft| draft.target = "/ap//inbox".into(),
        |draft| draft.method = "PUT".into(),
        |draft| draft.set("host", Some("us.example:8443")),
    ];
    let all = r#""@method" "@target-uri" "content-digest""#;
    let parts = r#""@method" "@authority" "@path" "content-digest""#;
    for (number, change) in moved.into_iter().enumerate() {
        for covered in [all, parts] {
            let held = check(&covering(covered).with(change)).is_ok_and(|proof| proof.holds(&public(ana())));
            // that there is a query, though an empty one, says nothing to whoever signs the path alone
            assert!(!held, "{number} {covered}");
        }
    }
    let proof = check(&Draft::newer(&follow()).signed_newer_by(|base| eve().sign_sha256(base).unwrap())).unwrap();
    assert!(!proof.holds(&public(ana())), "another key");
    let get = post(|draft| draft.method = "GET".into()).with(|draft| draft.method = "POST".into());
    assert!(!holds(&get), "a GET's signature");
}

/// Row 9: what it is made with must be what it says it is made with.
#[test]
fn algorithms_are_not_mixed_up() {
    for name in ["hmac-sha256", "none", "rsa-pss-sha512", "ecdsa-p256-sha256", "rsa-sha256", "hs2019", "ED25519", ""] {
        assert!(check(&post(|draft| draft.algorithm = Some(name.into()))).is_err(), "{name}");
    }
    let pair = Ed25519::from_pkcs8(&Ed25519::generate().unwrap()).unwrap();
    let edwards = PublicKey::Ed25519(Ed25519Public::from_multibase(&pair.public_multibase()).unwrap());
    let signed = |name: Option<&str>| {
        let draft = Draft::newer(&follow()).with(|draft| draft.algorithm = name.map(str::to_owned));
        check(&draft.signed_newer_by(|base| pair.sign(base))).unwrap()
    };
    for name in [Some("ed25519"), None] {
        assert!(signed(name).holds(&edwards) && !signed(name).holds(&public(ana())), "{name:?}");
    }
    assert!(!signed(Some("rsa-v1_5-sha256")).holds(&edwards), "Ed25519 named RSA");
    let rsa_as_edwards = check(&post(|draft| draft.algorithm = Some("ed25519".into()))).unwrap();
    assert!(!rsa_as_edwards.holds(&public(ana())) && !rsa_as_edwards.holds(&edwards), "RSA named Ed25519");
    let mac = |base: &[u8]| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, ana().public_pem().as_bytes());
        aws_lc_rs::hmac::sign(&key, base).as_ref().to_vec()
    };
    let forged = Draft::newer(&follow()).with(|draft| draft.algorithm = None).signed_newer_by(mac);
    assert!(check(&forged).is_ok_and(|proof| !proof.holds(&public(ana())) && !proof.holds(&edwards)), "an HMAC");
    for bytes in [0, 1_025, 5_000] {
        assert!(check(&Draft::newer(&follow()).signed_newer_by(|_| vec![0; bytes])).is_err(), "{bytes} bytes");
    }
}

/// One of them decides, not both.
#[test]
fn a_signature_input_makes_it_rfc_9421() {
    let both = |newer: Draft| {
        newer.with(|draft| {
            let cavage = Draft::post(&follow()).signed();
            draft.set("digest", cavage.headers.iter().find(|(name, _)| name == "digest").map(|(_, value)| value.as_str()));
        })
    };
    assert!(holds(&both(post(|_| ()))));
    let cavage_signature = Draft::post(&follow()).signed().headers.pop().unwrap().1;
    let mixed = both(post(|_| ())).with(|draft| draft.set("signature", Some(&cavage_signature)));
    assert!(check(&mixed).is_err(), "the signature of one, the list of the other");
    let empty = Draft::post(&follow()).signed().with(|draft| draft.add("signature-input", ""));
    assert!(check(&empty).is_err());
}

#[test]
fn a_proof_survives_being_stored() {
    let proof = check(&post(|_| ())).unwrap();
    let back: Proof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
    assert_eq!(back, proof);
    assert!(back.holds(&public(ana())));
}

proptest::proptest! {
    #[test]
    fn no_header_makes_the_reader_panic(
        text in "\\PC*|sig1=\\(((\"[@a-z-]{0,10}\"|:[A-Za-z=]{0,8}:|[a-z0-9]{0,5})(;[a-z]{1,3}(=[0-9]{1,4})?)? ?){0,4}\\)(;(created|expires|keyid|alg)=\"?[a-z0-9:/]{0,9}\"?){0,5}",
        name in "signature|signature-input|content-digest|host|date",
    ) {
        let _ = check(&post(|_| ()).with(|draft| draft.set(&name, Some(&text))));
    }
}
