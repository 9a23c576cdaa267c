//! Public keys that nobody should take, and the signature that anyone can make for the worst of them.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use plaza::keys::Ed25519;
use serde_json::json;

use super::{
    letters::sha256,
    town::{Same, Town, WITH_OTHERS, row},
    world::{Host, Person, Reply, key},
};

/// The padding of RFC 8017 9.2 as it is: what "signs" for an exponent of 1.
pub fn unsigned_padding(message: &[u8], _: &Person) -> Vec<u8> {
    let prefix =
        [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
    let hash = STANDARD.decode(sha256(message)).expect("base64");
    let tail = [&[0][..], &prefix, &hash].concat();
    [&[0, 1][..], &vec![0xff; 256 - 2 - tail.len()], &tail].concat()
}

/// An Ed25519 pair and its multikey, made once.
pub fn edwards() -> &'static (Ed25519, String) {
    static PAIR: OnceLock<(Ed25519, String)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let pair = Ed25519::from_pkcs8(&Ed25519::generate().expect("a key")).expect("its own form");
        let public = pair.public_multibase();
        (pair, public)
    })
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

/// PKCS#1 of a modulus of so many bits with this exponent.
fn rsa_pem(bits: usize, exponent: &[u8]) -> String {
    let mut modulus = vec![0xff; bits / 8];
    modulus.insert(0, 0);
    let key = der(0x30, &[der(0x02, &modulus), der(0x02, exponent)].concat());
    format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", STANDARD.encode(key))
}

/// Its signatures of exponent 1 verify anywhere where such keys are taken: anyone can make them.
#[test]
fn keys_that_are_weak_huge_or_no_keys() {
    let (town, host) = (Town::open(), Host::open("127.0.0.2"));
    let ed25519 =
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let usual = [1, 0, 1];
    let keys = [
        ("512 bits", rsa_pem(512, &usual)),
        ("1024 bits", rsa_pem(1024, &usual)),
        ("exponent 1", rsa_pem(2048, &[1])),
        ("exponent 3", rsa_pem(2048, &[3])),
        ("an even exponent", rsa_pem(2048, &[2])),
        ("16,384 bits", rsa_pem(16_384, &usual)),
        ("Ed25519", ed25519.to_owned()),
        ("500 kB of PEM", format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", "A".repeat(500_000))),
        ("2 MB of PEM", "A".repeat(2_000_000)),
        ("no PEM", "hello".into()),
        ("nothing", String::new()),
    ];
    let rows = keys.iter().enumerate().map(|(number, (what, pem))| {
        let mallory = host.person(&format!("mallory{number}"), key(1));
        let public = json!({ "id": mallory.key_id, "owner": mallory.id, "publicKeyPem": pem });
        host.reply(&format!("/users/mallory{number}"), Reply::document(&mallory.document_with(json!({ "publicKey": public }))));
        let mut letter = town.follow(&mallory);
        letter.signer = Some(unsigned_padding);
        row(*what, &[401], letter.signed().bytes())
    });
    town.withstands(Same::Everything, WITH_OTHERS, rows.collect());
    assert_eq!(town.count("remote_actors"), 0);
}
