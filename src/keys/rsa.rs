//! RSA keys, private and public, and the PEM forms in which peers publish them; knows nothing of HTTP.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::error::{Error, Result};

/// Longest PEM text that is looked at, in bytes: a key of 8192 bits takes 1.5 kB.
const LONGEST_PEM: usize = 8_000;

/// `AlgorithmIdentifier` of rsaEncryption (RFC 8017 A.1), with its NULL, as the content of its sequence.
const RSA_ENCRYPTION: [u8; 13] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A key of ours, parsed. Clones share it.
#[derive(Clone)]
pub struct RsaPrivate {
    pair: Arc<KeyPair>,
    public_pem: Arc<str>,
}

impl RsaPrivate {
    /// A new key of 2048 bits, as PKCS#8 DER.
    pub fn generate() -> Result<Vec<u8>> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| Error::broken("no RSA key could be made"))?;
        let der = AsDer::<Pkcs8V1Der>::as_der(&pair).map_err(|_| Error::broken("an RSA key could not be written"))?;
        Ok(der.as_ref().to_vec())
    }

    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| Error::broken("an RSA key of ours cannot be read"))?;
        let public = AsDer::<PublicKeyX509Der>::as_der(pair.public_key())
            .map_err(|_| Error::broken("the public half of an RSA key cannot be written"))?;
        Ok(Self { public_pem: spki_pem(public.as_ref()).into(), pair: Arc::new(pair) })
    }

    /// PKCS#1 v1.5 with SHA-256 (RFC 8017 8.2). About a millisecond of processor time.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::broken("an RSA key could not sign"))?;
        Ok(signature)
    }

    /// SPKI, `BEGIN PUBLIC KEY`, lines of 64, newline at the end.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }
}

impl fmt::Debug for RsaPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPrivate(…)")
    }
}

/// Why someone's public key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongKey {
    #[error("the key's text is longer than {LONGEST_PEM} bytes")]
    TooLong,
    #[error("the key is not PEM of the kind PUBLIC KEY or RSA PUBLIC KEY")]
    NotPem,
    #[error("the key is not an RSA key")]
    NotRsa,
    #[error("an RSA key must have 2048 to 8192 bits")]
    Size,
    #[error("the key's public exponent is too small or even")]
    Exponent,
}

/// A peer's key, checked. Clones share it.
#[derive(Clone)]
pub struct RsaPublic {
    key: Arc<ParsedPublicKey>,
    spki_pem: Arc<str>,
}

impl RsaPublic {
    /// Reads SPKI or PKCS#1 (Mobilizon), with any line ends and blank lines around. Size and exponent are
    /// checked before any arithmetic is done with the key.
    pub fn from_pem(text: &str) -> Result<Self, WrongKey> {
        if text.len() > LONGEST_PEM {
            return Err(WrongKey::TooLong);
        }
        let (label, der) = read_pem(text).ok_or(WrongKey::NotPem)?;
        let pkcs1 = match label {
            "RSA PUBLIC KEY" => der.as_slice(),
            "PUBLIC KEY" => inside_spki(&der).ok_or(WrongKey::NotRsa)?,
            _ => return Err(WrongKey::NotPem),
        };
        let (modulus, exponent) = numbers(pkcs1).ok_or(WrongKey::NotRsa)?;
        if !(2048..=8192).contains(&bits(modulus)) {
            return Err(WrongKey::Size);
        }
        let even = exponent.last().is_none_or(|byte| byte % 2 == 0);
        if even || matches!(exponent, [1] | [3]) {
            return Err(WrongKey::Exponent);
        }
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pkcs1).map_err(|_| WrongKey::NotRsa)?;
        let spki = AsDer::<PublicKeyX509Der>::as_der(&key).map_err(|_| WrongKey::NotRsa)?;
        Ok(Self { spki_pem: spki_pem(spki.as_ref()).into(), key: Arc::new(key) })
    }

    /// The one form in which keys are kept, whatever form they came in.
    pub fn to_spki_pem(&self) -> &str {
        &self.spki_pem
    }

    /// PKCS#1 v1.5 with SHA-256.
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for RsaPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RsaPublic").field(&self.spki_pem).finish()
    }
}

impl PartialEq for RsaPublic {
    fn eq(&self, other: &Self) -> bool {
        self.spki_pem == other.spki_pem
    }
}

impl Eq for RsaPublic {}

fn spki_pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = String::with_capacity(encoded.len() + encoded.len() / 64 + 56);
    pem.push_str("-----BEGIN PUBLIC KEY-----\n");
    for (at, letter) in encoded.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    pem
}

/// The label and the bytes of the one section there must be.
fn read_pem(text: &str) -> Option<(&str, Vec<u8>)> {
    let rest = text.trim().strip_prefix("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, end) = rest.split_once("-----END ")?;
    if end.strip_suffix("-----")? != label {
        return None;
    }
    let body: String = body.split_ascii_whitespace().collect();
    Some((label, STANDARD.decode(body).ok()?))
}

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo` (RFC 5280 4.1).
fn inside_spki(der: &[u8]) -> Option<&[u8]> {
    let (mut info, []) = element(der, 0x30)? else { return None };
    let (algorithm, rest) = element(info, 0x30)?;
    info = rest;
    let (bit_string, []) = element(info, 0x03)? else { return None };
    let (unused_bits, key) = bit_string.split_first()?;
    (algorithm == RSA_ENCRYPTION && *unused_bits == 0).then_some(key)
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 A.1.1), without leading zeros.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inner, []) = element(der, 0x30)? else { return None };
    let (modulus, rest) = element(inner, 0x02)?;
    let (exponent, []) = element(rest, 0x02)? else { return None };
    Some((without_zeros(modulus), without_zeros(exponent)))
}

/// The content of the element with this tag that `der` begins with, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => rest.split_first_chunk::<2>().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn without_zeros(number: &[u8]) -> &[u8] {
    number.get(number.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default()
}

/// Length of a number that has no leading zero bytes.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len() * 8 - unused
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::keys::testing::ana as ours;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], content].concat()
    }

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    /// A made-up key with a modulus of this many bits (odd, leading one).
    fn made_up(modulus_bits: usize, exponent: &[u8]) -> Vec<u8> {
        let mut modulus = vec![0; modulus_bits.div_ceil(8)];
        modulus[0] = 1 << ((modulus_bits - 1) % 8);
        *modulus.last_mut().unwrap() |= 1;
        modulus.insert(0, 0);
        der(0x30, &[der(0x02, &modulus), der(0x02, exponent)].concat())
    }

    fn pkcs1_of(key: &RsaPublic) -> Vec<u8> {
        let (_, spki) = read_pem(key.to_spki_pem()).unwrap();
        inside_spki(&spki).unwrap().to_vec()
    }

    #[test]
    fn what_we_sign_verifies_and_nothing_else() {
        let public = RsaPublic::from_pem(ours().public_pem()).unwrap();
        let signature = ours().sign_sha256(b"meet at six").unwrap();
        assert!(public.verify_sha256(b"meet at six", &signature));
        assert!(!public.verify_sha256(b"meet at ten", &signature));
        assert!(!public.verify_sha256(b"meet at six", &signature[1..]));
        assert!(!public.verify_sha256(b"meet at six", &[]));
    }

    #[test]
    fn the_pem_is_spki_in_lines_of_64() {
        let text = ours().public_pem();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines.last().copied()), ("-----BEGIN PUBLIC KEY-----", Some("-----END PUBLIC KEY-----")));
        assert!(lines[1..lines.len() - 2].iter().all(|line| line.len() == 64));
        assert!(text.ends_with("-----\n"));
    }

    #[test]
    fn every_form_peers_publish_is_stored_as_one() {
        let normal = ours().public_pem();
        let public = RsaPublic::from_pem(normal).unwrap();
        let mobilizon = format!("{}\n\n", pem("RSA PUBLIC KEY", &pkcs1_of(&public)));
        for form in [mobilizon, format!("\n\n{normal}\n"), normal.replace('\n', "\r\n"), normal.trim_end().to_owned()] {
            assert_eq!(RsaPublic::from_pem(&form).map(|key| key.to_spki_pem().to_owned()).as_deref(), Ok(normal), "{form}");
        }
    }

    #[test]
    fn keys_that_are_weak_huge_or_of_another_kind_are_refused_at_once() {
        let usual: &[u8] = &[1, 0, 1];
        let ed25519 = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..], &[9; 32]].concat();
        let rsa = |bits, exponent| pem("RSA PUBLIC KEY", &made_up(bits, exponent));
        let table = [
            (rsa(512, usual), WrongKey::Size),
            (rsa(1024, usual), WrongKey::Size),
            (rsa(2047, usual), WrongKey::Size),
            (rsa(8193, usual), WrongKey::Size),
            (rsa(16_384, usual), WrongKey::Size),
            (rsa(2048, &[1]), WrongKey::Exponent),
            (rsa(2048, &[3]), WrongKey::Exponent),
            (rsa(2048, &[0, 3]), WrongKey::Exponent),
            (rsa(2048, &[1, 0]), WrongKey::Exponent),
            (rsa(2048, &[0]), WrongKey::Exponent),
            (pem("PUBLIC KEY", &ed25519), WrongKey::NotRsa),
            (pem("RSA PUBLIC KEY", b"hello"), WrongKey::NotRsa),
            (pem("PUBLIC KEY", &[0x30, 0x82, 0xff, 0xff]), WrongKey::NotRsa),
            (pem("PRIVATE KEY", &made_up(2048, usual)), WrongKey::NotPem),
            ("-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----".into(), WrongKey::NotPem),
            ("-----BEGIN PUBLIC KEY-----".into(), WrongKey::NotPem),
            (String::new(), WrongKey::NotPem),
            ("A".repeat(1_000_000), WrongKey::TooLong),
            (pem("RSA PUBLIC KEY", &made_up(60_000, usual)), WrongKey::TooLong),
        ];
        for (text, why) in table {
            let start = Instant::now();
            assert_eq!(RsaPublic::from_pem(&text).err(), Some(why), "{}", &text[..text.len().min(80)]);
            assert!(start.elapsed() < Duration::from_millis(50), "{why}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?}", ours()), "RsaPrivate(…)");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_of_keys_panic(text in "\\PC*", der in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = RsaPublic::from_pem(&text);
            let _ = RsaPublic::from_pem(&pem("PUBLIC KEY", &der));
            let _ = RsaPublic::from_pem(&pem("RSA PUBLIC KEY", &der));
        }
    }
}
