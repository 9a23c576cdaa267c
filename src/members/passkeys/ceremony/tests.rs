//! Against the specification's own example, and against a device made of three keys.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};

use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// SubjectPublicKeyInfo of P-256, up to the point.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
/// Of Ed25519, up to the key.
const ED25519_PREFIX: &str = "302a300506032b6570032100";

/// Web Authentication, Level 3, section 16.2: ES256 credential with no attestation.
#[test]
fn the_example_of_the_specification_is_read() {
    let id = hex("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4");
    let made = hex(concat!(
        "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020",
        "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4",
        "a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61",
        "225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"
    ));
    let device = read_device(&made, "example.org").unwrap();
    assert_eq!((device.key, device.uses, device.flags), (Some(&*id), 0, 0x59));
    assert!(read_device(&made, "example.com").is_err());

    let used = hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000");
    let client_data = hex(concat!(
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a55585430",
        "49393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c",
        "2263726f73734f726967696e223a66616c73657d"
    ));
    let challenge = hex("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408");
    assert_eq!(read_client_data(&client_data, Deed::Use, "https://example.org"), Ok(challenge));
    assert!(read_client_data(&client_data, Deed::Make, "https://example.org").is_err());
    assert!(read_client_data(&client_data, Deed::Use, "https://example.org.evil.example").is_err());
    let device = read_device(&used, "example.org").unwrap();
    assert_eq!((device.key, device.uses), (None, 0));
    assert!(must_be_verified(&device).is_err(), "in this example nobody was asked for a finger");
    let key = hex(&format!(
        "{P256}04afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61\
         930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"
    ));
    let signature = hex(concat!(
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78",
        "c6e486013f937295ea13653e331e87"
    ));
    let key = read_key(&key).unwrap();
    assert_eq!(key.signed(&signed(&used, &client_data), &signature), Ok(()));
    assert_eq!(key.signed(&signed(&used, b"{}"), &signature), Err(Wrong("signature")));
}

const NOON: Timestamp = Timestamp::from_seconds(1_795_521_600);

enum Signer {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Signer {
    fn each() -> [Self; 3] {
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        [Self::new(), Self::Ed25519(Ed25519KeyPair::generate().unwrap()), Self::Rsa(rsa)]
    }

    fn new() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn public_key(&self) -> String {
        let spki = match self {
            Self::P256(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
                der.as_ref().to_vec()
            }
            Self::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
                der.as_ref().to_vec()
            }
            Self::Ed25519(pair) => [hex(ED25519_PREFIX), pair.public_key().as_ref().to_vec()].concat(),
        };
        BASE64_URL_SAFE_NO_PAD.encode(spki)
    }

    fn sign(&self, message: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        })
    }
}

/// What a device and a browser answer.
struct Answer<'a> {
    challenge: &'a str,
    deed: &'a str,
    origin: &'a str,
    host: &'a str,
    flags: u8,
    uses: u32,
}

impl Answer<'_> {
    fn client_data(&self) -> Vec<u8> {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(self.challenge);
        let Self { deed, origin, .. } = self;
        format!(r#"{{"type":"{deed}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false,"more":1}}"#).into_bytes()
    }

    fn device(&self, id: &[u8]) -> Vec<u8> {
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(self.flags);
        data.extend(self.uses.to_be_bytes());
        if self.flags & HAS_KEY != 0 {
            data.extend([0; 16]);
            data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
            data.extend(id);
        }
        data
    }

    fn made(&self, signer: &Signer) -> Made {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let (id, client_data) = (text(b"an id"), text(&self.client_data()));
        Made { id, client_data, device: text(&self.device(b"an id")), public_key: signer.public_key() }
    }

    fn used(&self, signer: &Signer) -> Used {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let (client_data, device) = (self.client_data(), self.device(b""));
        let signature = signer.sign(&signed(&device, &client_data));
        Used { id: text(b"an id"), client_data: text(&client_data), device: text(&device), signature, user: String::new() }
    }
}

#[test]
fn only_what_we_asked_for_here_and_now_is_taken() {
    let (secret, origin) = (Secret::random().unwrap(), Origin::parse("https://plaza.example").unwrap());
    let asked = Asked { origin: &origin, secret: &secret, purpose: "sign-in", now: NOON };
    let right = challenge(&secret, "sign-in", NOON).unwrap();
    let other_purpose = challenge(&secret, "of somebody", NOON).unwrap();
    let other_city = challenge(&Secret::random().unwrap(), "sign-in", NOON).unwrap();
    let old = challenge(&secret, "sign-in", NOON - FRESH - std::time::Duration::from_secs(1)).unwrap();
    let later = challenge(&secret, "sign-in", NOON + FRESH).unwrap();
    for signer in Signer::each() {
        let good = || Answer {
            challenge: &right,
            deed: "webauthn.get",
            origin: "https://plaza.example",
            host: "plaza.example",
            flags: PRESENT | VERIFIED,
            uses: 8,
        };
        let key = signer.public_key();
        assert_eq!(asked.used(&good().used(&signer), &key, 7), Ok(8));
        assert_eq!(asked.used(&Answer { uses: 0, ..good() }.used(&signer), &key, 0), Ok(0), "some devices do not count");
        let table = [
            ("type", Answer { deed: "webauthn.create", ..good() }),
            ("origin", Answer { origin: "https://evil.example", ..good() }),
            ("origin", Answer { origin: "http://plaza.example", ..good() }),
            ("relying party", Answer { host: "example", ..good() }),
            ("nobody was there", Answer { flags: PRESENT, ..good() }),
            ("nobody was there", Answer { flags: VERIFIED, ..good() }),
            ("count", Answer { uses: 7, ..good() }),
            ("count", Answer { uses: 0, ..good() }),
            ("challenge", Answer { challenge: &other_purpose, ..good() }),
            ("challenge", Answer { challenge: &other_city, ..good() }),
            ("challenge", Answer { challenge: &old, ..good() }),
            ("challenge", Answer { challenge: &later, ..good() }),
            ("challenge", Answer { challenge: "", ..good() }),
        ];
        for (why, answer) in table {
            assert_eq!(asked.used(&answer.used(&signer), &key, 7), Err(Wrong(why)));
        }
        let stranger = Signer::new();
        assert_eq!(asked.used(&good().used(&stranger), &key, 7), Err(Wrong("signature")));
        let changed = Used { device: good().made(&signer).device, ..good().used(&signer) };
        assert!(asked.used(&Used { signature: String::new(), ..changed }, &key, 7).is_err());

        let new = || Answer { deed: "webauthn.create", flags: PRESENT | VERIFIED | HAS_KEY, uses: 0, ..good() };
        assert_eq!(asked.made(&new().made(&signer)), Ok(0));
        assert_eq!(asked.made(&Made { id: "AAAA".into(), ..new().made(&signer) }), Err(Wrong("id")));
        assert_eq!(asked.made(&Made { public_key: "AAAA".into(), ..new().made(&signer) }), Err(Wrong("kind of key")));
        assert_eq!(asked.made(&Answer { deed: "webauthn.get", ..new() }.made(&signer)), Err(Wrong("type")));
        assert_eq!(asked.made(&Answer { flags: PRESENT | VERIFIED, ..new() }.made(&signer)), Err(Wrong("id")));
    }
}

#[test]
fn nothing_that_is_cut_short_ends_a_thread() {
    let whole = Answer { challenge: "", deed: "", origin: "", host: "plaza.example", flags: 0xff, uses: 1 }.device(b"an id");
    for length in 0..whole.len() {
        assert!(read_device(&whole[..length], "plaza.example").is_err(), "{length}");
        assert!(read_key(&whole[..length]).is_err());
    }
    assert!(read_device(&whole, "plaza.example").is_ok());
}
