//! Signatures that are missing, too small, too old, someone else's, doubled, replayed or made with the wrong thing.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{
    keys::unsigned_padding,
    letters::{Letter, Request, activity, digest, http_date, new_id, now},
    town::{Row, Same, Town, WITH_OTHERS, at_once, row},
    world::{Host, Person, Reply, key},
};

pub struct Scene {
    pub town: Town,
    pub good: Host,
    pub evil: Host,
    pub ana: Person,
    pub ben: Person,
    pub eve: Person,
}

impl Scene {
    pub fn set() -> Self {
        let (town, good, evil) = (Town::open(), Host::open("127.0.0.2"), Host::open("127.0.0.3"));
        let (ana, ben, eve) = (good.person("ana", key(0)), good.person("ben", key(2)), evil.person("eve", key(1)));
        Self { town, good, evil, ana, ben, eve }
    }

    /// Ana's Follow, made wrong before it is signed.
    fn signed(&self, change: impl FnOnce(&mut Letter)) -> Vec<u8> {
        let mut letter = self.town.follow(&self.ana);
        change(&mut letter);
        letter.signed().bytes()
    }

    /// Ana's Follow, changed after it was signed.
    fn tampered(&self, change: impl FnOnce(&mut Request)) -> Vec<u8> {
        let mut request = self.town.follow(&self.ana).signed();
        change(&mut request);
        request.bytes()
    }

    /// The table is tried while Ana is unknown (without anybody being asked, where the head shows that it is wrong) and
    /// once more when she is known; between them a right letter shows that only the wrong thing was wrong.
    pub fn withstands(&self, asks_nobody: bool, table: impl Fn() -> Vec<Row>) {
        self.town.withstands(Same::Everything, WITH_OTHERS, table());
        if asks_nobody {
            assert_eq!((self.good.connections(), self.evil.connections()), (0, 0), "asked before the cheap checks");
        }
        assert_eq!(self.town.send(&self.signed(|_| {})).status, 202);
        assert_eq!(self.town.count("follows"), 1);
        self.town.settle();
        let asked = self.good.questions();
        self.town.withstands(Same::Everything, at_once(), table());
        if asks_nobody {
            assert_eq!((self.good.questions(), self.evil.questions()), (asked, 0), "asked before the cheap checks");
        }
    }
}

#[test]
fn no_signature_and_signatures_that_cover_too_little() {
    let scene = Scene::set();
    scene.withstands(true, || {
        let covering =
            |what: &str, names: Option<&str>| row(what, &[401], scene.signed(|letter| letter.covered = names.map(str::to_owned)));
        vec![
            row("no signature", &[401], scene.tampered(|it| it.remove("Signature"))),
            row("empty", &[401], scene.tampered(|it| it.set("Signature", ""))),
            row("spaces", &[401], scene.tampered(|it| it.set("Signature", "   "))),
            row("a word", &[401], scene.tampered(|it| it.set("Signature", "foo"))),
            row("only a key", &[401], scene.tampered(|it| it.set("Signature", format!("keyId=\"{}\"", scene.ana.key_id)))),
            row("not text", &[400, 401], {
                let mut bytes = scene.tampered(|it| it.set("Signature", "@"));
                let at = bytes.windows(4).position(|four| four == b": @\r").expect("there") + 2;
                bytes[at] = 0xff;
                bytes
            }),
            row("in Authorization instead", &[401], {
                scene.tampered(|it| {
                    let signature = it.header("Signature");
                    it.remove("Signature");
                    it.set("Authorization", format!("Signature {signature}"));
                })
            }),
            row("in Authorization too", &[401], {
                scene.tampered(|it| it.set("Authorization", format!("Signature {}", it.header("Signature"))))
            }),
            row("another Authorization", &[401], scene.tampered(|it| it.set("Authorization", "Bearer x"))),
            covering("only the digest", Some("digest")),
            covering("only the date", Some("date")),
            covering("no digest", Some("(request-target) host date")),
            covering("no host", Some("(request-target) date digest")),
            covering("no target", Some("host date digest")),
            covering("no time", Some("(request-target) host digest")),
            covering("nothing", Some("")),
            covering("no list", None),
            covering("twice the digest", Some("(request-target) host date digest digest")),
            covering("what is not there", Some("(request-target) host date digest x-missing")),
            covering("a made-up name", Some("(request-target) (response-status) host date digest")),
            covering("a hundred names", Some(&["(request-target) host date digest", &" x".repeat(100)].concat())),
        ]
    });
}

#[test]
fn a_key_that_is_not_the_actors() {
    let scene = Scene::set();
    let third = Host::open("127.0.0.4");
    let lying = third.url("/key");
    let owner = json!({ "id": lying, "owner": scene.ana.id, "publicKeyPem": key(1).public_pem() });
    third.reply("/key", Reply::document(&owner));
    scene.withstands(false, || {
        vec![
            row("hers named, ours used", &[401], scene.signed(|letter| letter.person.key = scene.eve.key)),
            row("a stranger's key, named as such", &[401], {
                scene.signed(|letter| {
                    letter.person.key = scene.eve.key;
                    letter.key_id = scene.eve.key_id.clone();
                })
            }),
            row("a stranger's key named, hers used", &[401], scene.signed(|letter| letter.key_id = scene.eve.key_id.clone())),
            row("a neighbour's key", &[401], {
                scene.signed(|letter| {
                    letter.person.key = scene.ben.key;
                    letter.key_id = scene.ben.key_id.clone();
                })
            }),
            row("a key elsewhere that says it is hers", &[401], {
                scene.signed(|letter| {
                    letter.person.key = key(1);
                    letter.key_id = lying.clone();
                })
            }),
            row("a key of hers that is not there", &[401], {
                scene.signed(|letter| letter.key_id = letter.key_id.replace("main", "other"))
            }),
            row("no address", &[401], scene.signed(|letter| letter.key_id = "main-key".into())),
            row("an empty one", &[401], scene.signed(|letter| letter.key_id = String::new())),
            row("her host with a user's name", &[401], {
                scene.signed(|letter| letter.key_id = letter.key_id.replace("http://", "http://x@"))
            }),
            row("another port", &[401], {
                scene.signed(|letter| letter.key_id = letter.key_id.replace(&scene.good.name, "127.0.0.2:1"))
            }),
            row("an endless one", &[401], scene.signed(|letter| letter.key_id.push_str(&"x".repeat(3_000)))),
            row("two actors", &[400], {
                scene.signed(|letter| {
                    let mut follow = activity(&scene.ana, "Follow", scene.town.group("kitchen").into());
                    follow["actor"] = json!([scene.ana.id, scene.eve.id]);
                    letter.say(follow.to_string());
                })
            }),
            row("no actor", &[400], {
                scene.signed(|letter| {
                    let mut follow = activity(&scene.ana, "Follow", scene.town.group("kitchen").into());
                    follow["actor"] = Value::Null;
                    letter.say(follow.to_string());
                })
            }),
            row("one of our own actors", &[401, 403], {
                scene.signed(|letter| {
                    let mut follow = activity(&scene.ana, "Follow", scene.town.group("kitchen").into());
                    let ours = scene.town.group("trees");
                    follow["actor"] = json!(ours);
                    follow["id"] = json!(format!("{ours}/1"));
                    letter.key_id = format!("{ours}#main-key");
                    letter.say(follow.to_string());
                })
            }),
        ]
    });
    assert_eq!(third.connections(), 0);
}

#[test]
fn times_that_are_old_or_ahead_or_disagree() {
    let scene = Scene::set();
    let dated = |what: &str, date: String| row(what, &[401], scene.signed(|letter| letter.date = date));
    let created = |what: &str, created: i64, expires: Option<i64>| {
        row(what, &[401], {
            scene.signed(|letter| {
                letter.algorithm = Some("hs2019".into());
                letter.covered = Some("(request-target) (created) host date digest".into());
                (letter.created, letter.expires) = (Some(created), expires);
            })
        })
    };
    scene.withstands(true, || {
        vec![
            dated("61 minutes old", http_date(now() - 3_660)),
            dated("a day old", http_date(now() - 86_400)),
            dated("from 1970", http_date(0)),
            dated("6 minutes ahead", http_date(now() + 360)),
            dated("a year ahead", http_date(now() + 31_536_000)),
            dated("from 9999", "Fri, 31 Dec 9999 23:59:59 GMT".into()),
            dated("no date", "garbage".into()),
            dated("nearly a date", "Tue, 99 Foo".into()),
            dated("an impossible day", "Mon, 32 Jan 2026 00:00:00 GMT".into()),
            dated("another form", plaza::clock::Timestamp::from_seconds(now()).rfc3339()),
            dated("a number", now().to_string()),
            dated("nothing", String::new()),
            row("no header", &[401], scene.tampered(|it| it.remove("Date"))),
            created("made in a year", now() + 31_536_000, None),
            created("made 2 hours ago, dated now", now() - 7_200, None),
            created("made 30 minutes ago, dated now", now() - 1_800, None),
            created("expired", now(), Some(now() - 1)),
            created("before 1970", -1, None),
            created("at the end of time", i64::MAX, None),
            row("covered, not given", &[401], {
                scene.signed(|letter| {
                    letter.algorithm = Some("hs2019".into());
                    letter.covered = Some("(request-target) (created) host digest".into());
                })
            }),
            row("given as text", &[401], {
                scene.tampered(|it| it.set("Signature", format!("{},created=\"soon\"", it.header("Signature"))))
            }),
        ]
    });
    for (what, seconds) in [("59 minutes old", -3_540), ("4 minutes ahead", 240)] {
        let answer = scene.town.send(&scene.signed(|letter| letter.date = http_date(now() + seconds)));
        assert_eq!(answer.status, 202, "{what}");
    }
}

#[test]
fn digests_that_are_wrong_weak_or_many() {
    let scene = Scene::set();
    let other = digest(b"{}");
    scene.withstands(true, || {
        let signed_as = |what: &str, digest: &dyn Fn(&str) -> String| {
            row(what, &[401], scene.signed(|letter| letter.digest = digest(&letter.digest)))
        };
        vec![
            row("one byte of the body", &[401], scene.tampered(|it| *it.body.last_mut().expect("a byte") = b' ')),
            row("one byte more", &[400, 401], {
                scene.tampered(|it| {
                    it.body.push(b' ');
                    it.set("Content-Length", it.body.len().to_string());
                })
            }),
            signed_as("nothing after the name", &|_| "SHA-256=".into()),
            signed_as("nothing at all", &|_| String::new()),
            signed_as("MD5", &|_| "MD5=1B2M2Y8AsgTpgAmY7PhCfg==".into()),
            signed_as("SHA-1", &|_| "SHA=2jmj7l5rSw0yVb/vlWAYkK/YBwk=".into()),
            signed_as("SHA-512 only", &|good| good.replace("SHA-256", "SHA-512")),
            signed_as("that of another body", &|_| other.clone()),
            signed_as("good, bad", &|good| format!("{good},{other}")),
            signed_as("bad, good", &|good| format!("{other},{good}")),
            signed_as("good, another kind", &|good| format!("{good},SHA-512=AAAA")),
            signed_as("hexadecimal", &|_| "SHA-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into()),
            signed_as("another alphabet", &|good| format!("SHA-256=-_{}", &good[10..])),
            signed_as("in colons", &|good| format!("sha-256=:{}:", &good[8..])),
            row("not sent", &[401], scene.tampered(|it| it.remove("Digest"))),
        ]
    });
    // only its key can tell that this one is wrong
    scene.withstands(false, || vec![row("another body with its digest", &[401], scene.tampered(|it| forge(it, &scene)))]);
    let lower = scene.signed(|letter| letter.digest = letter.digest.replace("SHA", "sha"));
    assert_eq!(scene.town.send(&lower).status, 202, "names of algorithms are the same in lower case");
}

/// Another body, and the digest that fits it.
fn forge(request: &mut Request, scene: &Scene) {
    let mut forged: Value = serde_json::from_slice(&request.body).expect("JSON");
    forged["object"] = json!(scene.town.group("trees"));
    request.body = forged.to_string().into_bytes();
    request.set("Digest", digest(&request.body));
    request.set("Content-Length", request.body.len().to_string());
}

/// Two readers of one header would see two values: the first trap of the federation crate among them.
#[test]
fn headers_that_come_twice() {
    let scene = Scene::set();
    scene.withstands(true, || {
        let twice = |what: &str, name: &str, value: &str| {
            [
                row(format!("{what}, first"), &[400, 401], scene.tampered(|it| it.before(name, value))),
                row(format!("{what}, last"), &[400, 401], scene.tampered(|it| it.after(name, value))),
            ]
        };
        let forged = |signed_first: bool| {
            scene.tampered(|it| {
                let signed = it.header("Digest");
                forge(it, &scene);
                if signed_first { it.before("Digest", signed) } else { it.after("Digest", signed) }
            })
        };
        let signature =
            |change: &dyn Fn(&str) -> String| scene.tampered(|it| it.set("Signature", change(&it.header("Signature"))));
        let eves = format!("keyId=\"{}\",", scene.eve.key_id);
        let mut rows = vec![
            row("a forged digest, then the signed one", &[400, 401], forged(false)),
            row("the signed digest, then a forged one", &[400, 401], forged(true)),
            row("two keyIds", &[400, 401], signature(&|text| format!("{eves}{text}"))),
            row("two keyIds, hers first", &[400, 401], signature(&|text| format!("{text},{}", eves.trim_end_matches(',')))),
            row("two lists", &[400, 401], signature(&|text| format!("{text},headers=\"date\""))),
            row("two signatures in one", &[400, 401], signature(&|text| format!("{text},signature=\"AAAA\""))),
            row("two algorithms", &[400, 401], signature(&|text| format!("{text},algorithm=\"hs2019\""))),
            row("a parameter nobody knows", &[400, 401], signature(&|text| format!("{text},opaque=\"x\""))),
            row("a name in other letters", &[400, 401], signature(&|text| text.replace("keyId", "keyid"))),
            row("a quote in a value", &[400, 401], signature(&|text| text.replace("main-key", "main\\\"key"))),
            row("an open quote", &[400, 401], signature(&|text| text.trim_end_matches('"').to_owned())),
            row("something after it", &[400, 401], signature(&|text| format!("{text} x"))),
            row("a comma after it", &[400, 401], signature(&|text| format!("{text},"))),
        ];
        let right = scene.town.follow(&scene.ana).signed();
        for (name, other) in [
            ("Date", http_date(now())),
            ("Host", scene.town.name.clone()),
            ("Host", "evil.example".into()),
            ("Signature", right.header("Signature")),
            ("Signature", "foo".into()),
            ("Content-Type", "text/html".into()),
            ("Content-Length", "5".into()),
            ("Digest", digest(b"{}")),
        ] {
            rows.extend(twice(&format!("{name} {}", &other[..other.len().min(20)]), name, &other));
        }
        rows
    });
}

#[test]
fn what_was_signed_for_elsewhere() {
    let scene = Scene::set();
    let (ours, inbox) = (scene.town.name.clone(), "/ap/groups/kitchen/inbox");
    scene.withstands(true, || {
        vec![row("for evil.example, sent as such", &[421], scene.signed(|letter| letter.host = "evil.example".into()))]
    });
    scene.withstands(false, || {
        let to = |from: &str, to: &str| {
            let mut request = {
                let mut letter = scene.town.follow(&scene.ana);
                letter.target = from.into();
                letter.signed()
            };
            request.target = to.into();
            request.bytes()
        };
        vec![
            row("for evil.example, sent to us", &[401], {
                let mut request = {
                    let mut letter = scene.town.follow(&scene.ana);
                    letter.host = "evil.example".into();
                    letter.signed()
                };
                request.set("Host", ours.clone());
                request.bytes()
            }),
            row("for a group, sent to everyone", &[401], to(inbox, "/ap/inbox")),
            row("for everyone, sent to a group", &[401], to("/ap/inbox", inbox)),
            row("for one group, sent to another", &[401], to(inbox, "/ap/groups/trees/inbox")),
            row("for another path", &[401], to("/inbox", "/ap/inbox")),
            row("without the query that is sent", &[401], to("/ap/inbox?a", "/ap/inbox?b")),
            row("a GET's signature", &[401], {
                let mut request = {
                    let mut letter = scene.town.follow(&scene.ana);
                    letter.method = "GET".into();
                    letter.signed()
                };
                request.method = "POST".into();
                request.bytes()
            }),
        ]
    });
}

pub fn hmac_by_pem(message: &[u8], person: &Person) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, person.key.public_pem().as_bytes());
    hmac::sign(&key, message).as_ref().to_vec()
}

#[test]
fn algorithms_and_encodings_that_are_not_what_they_say() {
    let scene = Scene::set();
    scene.withstands(true, || {
        let named = |name: &str| {
            let name = name.to_owned();
            row(name.clone(), &[401], scene.signed(|letter| letter.algorithm = Some(name)))
        };
        let encoded = |what: &str, change: &dyn Fn(&str) -> String| {
            row(what, &[400, 401], {
                scene.tampered(|it| {
                    let header = it.header("Signature");
                    let (head, signature) = header.split_once("signature=\"").expect("there");
                    it.set("Signature", format!("{head}signature=\"{}\"", change(signature.trim_end_matches('"'))));
                })
            })
        };
        vec![
            row("HMAC with the public key", &[401], {
                scene.signed(|letter| {
                    letter.algorithm = Some("hmac-sha256".into());
                    letter.signer = Some(hmac_by_pem);
                })
            }),
            named("hmac-sha256"),
            named("none"),
            named("rsa-sha1"),
            named("rsa-sha512"),
            named("ed25519"),
            named(""),
            named("RSA-SHA256"),
            encoded("nothing", &|_| String::new()),
            encoded("spaces inside", &|text| format!("{} {}", &text[..10], &text[10..])),
            encoded("a tab inside", &|text| format!("{}\t{}", &text[..10], &text[10..])),
            encoded("100 kB", &|_| "A".repeat(100_000)),
            encoded("2 kB", &|_| "A".repeat(2_000)),
            encoded("no base64", &|_| "!!!!".into()),
            encoded("without its padding", &|text| text.trim_end_matches('=').to_owned()),
        ]
    });
    scene.withstands(false, || {
        vec![
            row("HMAC named hs2019", &[401], {
                scene.signed(|letter| {
                    letter.algorithm = Some("hs2019".into());
                    letter.signer = Some(hmac_by_pem);
                })
            }),
            row("zeros", &[401], scene.signed(|letter| letter.signer = Some(|_, _| vec![0; 256]))),
            row("one byte", &[401], scene.signed(|letter| letter.signer = Some(|_, _| vec![1]))),
            row("padding alone", &[401], scene.signed(|letter| letter.signer = Some(unsigned_padding))),
        ]
    });
    for name in [None, Some("hs2019".to_owned())] {
        assert_eq!(scene.town.send(&scene.signed(|letter| letter.algorithm = name)).status, 202);
    }
}

/// The same bytes have their effect once, also after a restart, and in the end they are too old.
#[test]
fn what_is_sent_again() {
    let mut scene = Scene::set();
    let said = scene.signed(|_| {});
    assert_eq!(scene.town.send(&said).status, 202);
    let undo = scene
        .town
        .letter(&scene.ana, &activity(&scene.ana, "Undo", json!({ "type": "Follow", "object": scene.town.group("kitchen") })));
    assert_eq!(scene.town.send(&undo.signed().bytes()).status, 202);
    assert_eq!(scene.town.count("follows"), 0);
    scene.town.settle();
    let again = |town: &Town, times: usize| {
        let rows = (0..times).map(|_| row("again", &[202], said.clone()));
        town.withstands(Same::Everything, at_once(), rows.collect());
    };
    again(&scene.town, 100);
    scene.town.restart();
    again(&scene.town, 3);
    // what was forgotten of it is forgotten because it is refused by then
    scene.town.execute("DELETE FROM seen_signatures");
    let late = scene.signed(|letter| letter.date = http_date(now() - 3_601));
    scene.town.withstands(Same::Everything, at_once(), vec![row("an hour later", &[401], late)]);
}

/// One activity id, two contents: the first one stays.
#[test]
fn an_id_that_is_used_again() {
    let scene = Scene::set();
    assert_eq!(scene.town.send(&scene.signed(|_| {})).status, 202);
    scene.town.settle();
    let id = new_id(&scene.ana);
    let update = |name: &str| {
        let document = scene.ana.document_with(json!({ "preferredUsername": name }));
        json!({ "id": id, "type": "Update", "actor": scene.ana.id, "object": document })
    };
    assert_eq!(scene.town.post(&scene.ana, &update("first")), 202);
    assert_eq!(scene.town.rows("SELECT handle AS line FROM remote_actors"), ["first"]);
    let rows = vec![row("another content", &[202], scene.town.letter(&scene.ana, &update("second")).signed().bytes())];
    scene.town.withstands(Same::Meaning, at_once(), rows);
}
