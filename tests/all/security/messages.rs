//! The siblings of `signatures` under RFC 9421: message signatures that are missing, too small, too old, someone else's, doubled or
//! made for something else.

use serde_json::json;

use super::{
    keys::{edwards, unsigned_padding},
    letters::{Letter, Request, content_digest, http_date, now},
    signatures::{Scene, hmac_by_pem},
    town::{Row, Same, WITH_OTHERS, at_once, row},
    world::Reply,
};

/// Ana's Follow, made wrong before it is signed.
fn signed(scene: &Scene, change: impl FnOnce(&mut Letter)) -> Vec<u8> {
    let mut letter = scene.town.follow(&scene.ana).newer();
    change(&mut letter);
    letter.signed_newer().bytes()
}

/// Ana's Follow, changed after it was signed.
fn tampered(scene: &Scene, change: impl FnOnce(&mut Request)) -> Vec<u8> {
    let mut request = scene.town.follow(&scene.ana).newer().signed_newer();
    change(&mut request);
    request.bytes()
}

fn covering(scene: &Scene, names: &str) -> Row {
    row(names, &[401], signed(scene, |letter| letter.covered = Some(names.to_owned())))
}

/// Rows 1 and 2.
#[test]
fn no_signature_and_signatures_that_cover_too_little() {
    let scene = Scene::set();
    scene.withstands(true, || {
        let header = |name: &'static str, value: &str| {
            let what = format!("{name} {}", value.chars().take(20).collect::<String>());
            row(what, &[400, 401], tampered(&scene, |it| it.set(name, value)))
        };
        let raw = |name: &str| {
            let mut bytes = tampered(&scene, |it| it.set(name, "@"));
            let at = bytes.windows(4).position(|four| four == b": @\r").expect("there") + 2;
            bytes[at] = 0xff;
            row(format!("{name} not text"), &[400, 401], bytes)
        };
        let mut rows = vec![
            row("no Signature", &[401], tampered(&scene, |it| it.remove("Signature"))),
            row("no Signature-Input", &[401], tampered(&scene, |it| it.remove("Signature-Input"))),
            row("no Content-Digest", &[401], tampered(&scene, |it| it.remove("Content-Digest"))),
            row("in Authorization too", &[401], tampered(&scene, |it| it.set("Authorization", it.header("Signature")))),
            row("the other scheme's list", &[401], {
                tampered(&scene, |it| it.set("Signature", scene.town.follow(&scene.ana).signed().header("Signature")))
            }),
            row("labels that differ", &[401], {
                tampered(&scene, |it| it.set("Signature", it.header("Signature").replace("sig1", "sig2")))
            }),
            row("no created", &[401], signed(&scene, |letter| letter.created = None)),
        ];
        for name in ["Signature", "Signature-Input", "Content-Digest"] {
            rows.extend(
                ["", "   ", "foo", "=", "sig1", "sig1=", "sig1=:", "sig1=(", "sig1=()", "sig1=?1"].map(|it| header(name, it)),
            );
            rows.push(header(name, &format!("sig1=:{}:", "A".repeat(50_000))));
            rows.push(header(name, &"(".repeat(20_000)));
            rows.push(raw(name));
        }
        rows.extend(
            [
                "",
                r#""content-digest""#,
                r#""@method" "@target-uri""#,
                r#""@target-uri" "content-digest""#,
                r#""@method" "content-digest""#,
                r#""@method" "@path" "content-digest""#,
                r#""@method" "@authority" "content-digest""#,
                r#""@method" "@target-uri" "content-digest" "content-digest""#,
                r#""@method" "@target-uri" "content-digest" "x-missing""#,
                r#""@method" "@target-uri" "content-digest";sf"#,
                r#""@method" "@target-uri" "content-digest";bs"#,
                r#""@method" "@target-uri" "content-digest";tr"#,
                r#""@method" "@target-uri" "content-digest";key="sha-256""#,
                r#""@method" "@target-uri" "content-digest" "@status""#,
                r#""@METHOD" "@target-uri" "content-digest""#,
            ]
            .map(|names| covering(&scene, names)),
        );
        rows
    });
}

/// Row 3.
#[test]
fn a_key_that_is_not_the_actors() {
    let scene = Scene::set();
    scene.withstands(false, || {
        let with = |what: &str, change: &dyn Fn(&mut Letter)| row(what, &[401], signed(&scene, |letter| change(letter)));
        vec![
            with("hers named, ours used", &|letter| letter.person.key = scene.eve.key),
            with("a stranger's key, named as such", &|letter| {
                letter.person.key = scene.eve.key;
                letter.key_id = scene.eve.key_id.clone();
            }),
            with("a stranger's key named, hers used", &|letter| letter.key_id = scene.eve.key_id.clone()),
            with("a neighbour's key", &|letter| {
                letter.person.key = scene.ben.key;
                letter.key_id = scene.ben.key_id.clone();
            }),
            with("a key of hers that is not there", &|letter| letter.key_id = letter.key_id.replace("main", "other")),
            with("no address", &|letter| letter.key_id = "main-key".into()),
            with("an empty one", &|letter| letter.key_id = String::new()),
            with("a quote in it", &|letter| letter.key_id.push_str("\\\"")),
            with("an endless one", &|letter| letter.key_id.push_str(&"x".repeat(3_000))),
            row("two of them", &[401], {
                tampered(&scene, |it| {
                    it.set("Signature-Input", format!("{};keyid=\"{}\"", it.header("Signature-Input"), scene.eve.key_id))
                })
            }),
        ]
    });
}

/// Row 4.
#[test]
fn times_that_are_old_or_ahead_or_disagree() {
    let scene = Scene::set();
    scene.withstands(true, || {
        let created = |what: &str, seconds: i64| {
            row(what, &[401], signed(&scene, |letter| letter.created = Some(now().saturating_add(seconds))))
        };
        let given = |value: &str| {
            let change = |it: &mut Request| {
                let input = it.header("Signature-Input");
                let (head, tail) = input.split_once("created=").expect("there");
                it.set("Signature-Input", format!("{head}created={value}{}", &tail[10..]));
            };
            row(format!("created {value}"), &[401], tampered(&scene, change))
        };
        let mut rows = vec![
            created("61 minutes old", -3_660),
            created("a day old", -86_400),
            created("6 minutes ahead", 360),
            created("a year ahead", 31_536_000),
            created("at the end of time", i64::MAX),
            row("expired", &[401], signed(&scene, |letter| letter.expires = Some(now() - 1))),
            row("signed date of yesterday", &[401], {
                signed(&scene, |letter| {
                    letter.date = http_date(now() - 86_400);
                    letter.covered = Some(r#""@method" "@target-uri" "date" "content-digest""#.into());
                })
            }),
        ];
        rows.extend(["", "soon", "\"1795543200\"", "1.5", "-1", "01795543200", "?1", "99999999999999999999"].map(given));
        rows
    });
    for seconds in [-3_540, 240] {
        let bytes = signed(&scene, |letter| letter.created = Some(now() + seconds));
        assert_eq!(scene.town.send(&bytes).status, 202, "{seconds}");
    }
}

/// Rows 5 and 6.
#[test]
fn digests_and_headers_that_are_wrong_or_many() {
    let scene = Scene::set();
    let other = content_digest(b"{}");
    scene.withstands(true, || {
        let signed_as = |what: &str, digest: &dyn Fn(&str) -> String| {
            row(what, &[401], signed(&scene, |letter| letter.digest = digest(&letter.digest)))
        };
        let mut rows = vec![
            row("one byte of the body", &[401], tampered(&scene, |it| *it.body.last_mut().expect("a byte") = b' ')),
            signed_as("nothing", &|_| String::new()),
            signed_as("md5", &|_| "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:".into()),
            signed_as("sha-512 of the wrong length", &|good| good.replace("256", "512")),
            signed_as("that of another body", &|_| other.clone()),
            signed_as("good, bad", &|good| format!("{good}, {other}")),
            signed_as("bad, good", &|good| format!("{other}, {good}")),
            signed_as("good, and a wrong sha-512", &|good| format!("{good}, sha-512=:{}==:", "A".repeat(86))),
            signed_as("as it was before RFC 9530", &|good| format!("SHA-256={}", &good[9..good.len() - 1])),
        ];
        let right = scene.town.follow(&scene.ana).newer().signed_newer();
        for (name, other) in [
            ("Signature-Input", right.header("Signature-Input")),
            ("Signature-Input", "sig2=()".into()),
            ("Signature", right.header("Signature")),
            ("Signature", "sig2=:AAAA:".into()),
            ("Content-Digest", other.clone()),
            ("Content-Digest", "sha-512=:AAAA:".into()),
            ("Host", "evil.example".into()),
        ] {
            rows.push(row(format!("{name} before"), &[400, 401], tampered(&scene, |it| it.before(name, other.clone()))));
            rows.push(row(format!("{name} after"), &[400, 401], tampered(&scene, |it| it.after(name, other.clone()))));
        }
        for more in
            [";created=1", ";alg=\"ed25519\";alg=\"ed25519\"", ";x=1", ", sig2=(\"@method\");created=1;keyid=\"x\"", ", ", ";"]
        {
            let change = |it: &mut Request| it.set("Signature-Input", format!("{}{more}", it.header("Signature-Input")));
            rows.push(row(format!("and {more}"), &[401], tampered(&scene, change)));
        }
        rows
    });
}

/// Row 8, with everything that names an address in other letters.
#[test]
fn what_was_signed_for_elsewhere() {
    let scene = Scene::set();
    let ours = scene.town.name.clone();
    let parts = r#""@method" "@authority" "@path" "@query" "content-digest""#;
    scene.withstands(true, || {
        let absolute = |host: &str| {
            let target = format!("http://{host}/ap/inbox");
            row(format!("to the whole address {target}"), &[400, 421], tampered(&scene, |it| it.target = target))
        };
        vec![
            row("for evil.example, sent as such", &[421], signed(&scene, |letter| letter.host = "evil.example".into())),
            absolute("evil.example"),
            absolute("127.0.0.3"),
        ]
    });
    scene.withstands(false, || {
        let moved = |what: &str, covered: Option<&str>, change: &dyn Fn(&mut Letter), to: &dyn Fn(&mut Request)| {
            let mut letter = scene.town.follow(&scene.ana).newer();
            letter.covered = covered.map(str::to_owned).or(letter.covered);
            change(&mut letter);
            let mut request = letter.signed_newer();
            to(&mut request);
            row(format!("{what} {}", covered.is_some()), &[401, 404], request.bytes())
        };
        let elsewhere = |letter: &mut Letter| letter.host = "evil.example".into();
        let home = |it: &mut Request| it.set("Host", ours.clone());
        let mut rows = Vec::new();
        for covered in [None, Some(parts)] {
            rows.push(moved("for evil.example, sent to us", covered, &elsewhere, &home));
            for (from, to) in [
                ("/ap/groups/kitchen/inbox", "/ap/inbox"),
                ("/ap/inbox", "/ap/groups/kitchen/inbox"),
                ("/ap/groups/kitchen/inbox", "/ap/groups/trees/inbox"),
                ("/ap/inbox?a", "/ap/inbox?b"),
                ("/ap/inbox", "/ap/inbox?a"),
                ("/ap/%69nbox", "/ap/inbox"),
                ("/ap/inbox", "/ap/%69nbox"),
                ("/AP/inbox", "/ap/inbox"),
                ("/ap//inbox", "/ap/inbox"),
            ] {
                let (from, to) = (from.to_owned(), to.to_owned());
                let set = move |letter: &mut Letter| letter.target.clone_from(&from);
                rows.push(moved(&format!("sent to {to}"), covered, &set, &move |it| it.target.clone_from(&to)));
            }
            let get = |letter: &mut Letter| letter.method = "GET".into();
            rows.push(moved("a GET's", covered, &get, &|it| it.method = "POST".into()));
        }
        rows
    });
}

/// Row 9, and that a key of the other kind is hers only when her document says so.
#[test]
fn algorithms_that_are_not_what_they_say() {
    let scene = Scene::set();
    let (pair, public) = edwards();
    let keyed = json!([{ "id": format!("{}#ed25519", scene.ana.id), "type": "Multikey", "controller": scene.ana.id, "publicKeyMultibase": public }]);
    scene.good.reply("/users/ana", Reply::document(&scene.ana.document_with(json!({ "assertionMethod": keyed }))));
    let by_edwards = |letter: &mut Letter| {
        letter.key_id = format!("{}#ed25519", letter.person.id);
        letter.signer = Some(|message, _| edwards().0.sign(message));
    };
    assert_eq!(pair.public_multibase(), *public);
    scene.withstands(false, || {
        let mut rows: Vec<Row> = ["hmac-sha256", "none", "rsa-pss-sha512", "ecdsa-p256-sha256", "rsa-sha256", "hs2019", ""]
            .map(|name| row(name, &[401], signed(&scene, |letter| letter.algorithm = Some(name.into()))))
            .into();
        let with = |what: &str, change: &dyn Fn(&mut Letter)| row(what, &[401], signed(&scene, |letter| change(letter)));
        rows.extend([
            with("RSA named Ed25519", &|letter| letter.algorithm = Some("ed25519".into())),
            with("Ed25519 named RSA", &by_edwards),
            with("Ed25519 under the RSA key's name", &|letter| {
                by_edwards(letter);
                letter.algorithm = None;
                letter.key_id = scene.ana.key_id.clone();
            }),
            with("HMAC with the public key", &|letter| {
                letter.algorithm = None;
                letter.signer = Some(hmac_by_pem);
            }),
            with("padding alone", &|letter| letter.signer = Some(unsigned_padding)),
            with("zeros", &|letter| letter.signer = Some(|_, _| vec![0; 256])),
            with("one byte", &|letter| letter.signer = Some(|_, _| vec![1])),
            with("5 kB", &|letter| letter.signer = Some(|_, _| vec![1; 5_000])),
        ]);
        rows
    });
    for name in [None, Some("ed25519".to_owned())] {
        let bytes = signed(&scene, |letter| {
            by_edwards(letter);
            letter.algorithm = name;
        });
        assert_eq!(scene.town.send(&bytes).status, 202, "her own Ed25519 key, as her document names it");
    }
}

/// Row 7.
#[test]
fn what_is_sent_again() {
    let mut scene = Scene::set();
    let said = signed(&scene, |_| {});
    assert_eq!(scene.town.send(&said).status, 202);
    scene.town.execute("DELETE FROM follows");
    scene.town.settle();
    let rows = |times: usize| (0..times).map(|_| row("again", &[202], said.clone())).collect();
    scene.town.withstands(Same::Everything, at_once(), rows(50));
    scene.town.restart();
    scene.town.withstands(Same::Everything, WITH_OTHERS, rows(3));
    assert_eq!(scene.town.count("follows"), 0);
}
