//! What a browser says when a passkey is made or used, checked as Web Authentication, Level 2 asks (sections 7.1 and 7.2).
//!
//! We ask for no attestation: which device it is does not concern us. Then nothing signs the new key, and it may as well be
//! read as the browser gives it (`getPublicKey()`), without CBOR.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use x509_parser::{prelude::FromDer, x509::SubjectPublicKeyInfo};

use crate::{
    clock::Timestamp,
    error::{Error, Result, Said},
    keys::Secret,
    origin::Origin,
};

/// Why a passkey is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this passkey does not fit: {0}")]
    Wrong(&'static str),
    #[error("this passkey belongs to nobody here")]
    Unknown,
    #[error("this was answered already: open the page again")]
    Again,
    #[error("this is one passkey too many: take another one away first")]
    TooMany,
    #[error("without this passkey there would be no way into the account: set a password first")]
    Last,
}

use Refusal::Wrong;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = Said::new(match refusal {
            Refusal::Wrong(_) => "passkey-refused",
            Refusal::Unknown => "passkey-refused-unknown",
            Refusal::Again => "passkey-refused-again",
            Refusal::TooMany => "passkey-refused-many",
            Refusal::Last => "passkey-refused-last",
        });
        Error::refused_in_words(refusal, said)
    }
}

/// What is asked of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Make,
    Use,
}

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Self::Make => "webauthn.create",
            Self::Use => "webauthn.get",
        }
    }
}

/// So long somebody may take to touch their device.
const FRESH: std::time::Duration = std::time::Duration::from_secs(600);

/// Something that only we can have asked, not long ago, and for this purpose: no row is needed to know it again.
pub fn challenge(secret: &Secret, purpose: &str, now: Timestamp) -> Result<String> {
    secret.wrap(now.micros().to_string().as_bytes(), &format!("passkey {purpose}"))
}

fn was_asked(secret: &Secret, purpose: &str, now: Timestamp, challenge: &[u8]) -> Option<()> {
    let plain = secret.unwrap(std::str::from_utf8(challenge).ok()?, &format!("passkey {purpose}")).ok()?;
    let asked: i64 = std::str::from_utf8(&plain).ok()?.parse().ok()?;
    let asked = Timestamp::from_micros(asked);
    (asked <= now && now.since(asked) <= FRESH).then_some(())
}

/// The part of it that we read (5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Wrong("not base64url"))
}

/// Checks the client data; gives the challenge.
fn read_client_data(json: &[u8], deed: Deed, origin: &str) -> Result<Vec<u8>, Refusal> {
    let said: ClientData = serde_json::from_slice(json).map_err(|_| Wrong("client data"))?;
    if said.r#type != deed.name() {
        return Err(Wrong("type"));
    }
    if said.origin != origin || said.cross_origin {
        return Err(Wrong("origin"));
    }
    decode(&said.challenge)
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_KEY: u8 = 0x40;

/// Authenticator data (6.1).
struct Device<'a> {
    flags: u8,
    uses: u32,
    /// Id of the new key, where one was made.
    key: Option<&'a [u8]>,
}

fn read_device<'a>(data: &'a [u8], host: &str) -> Result<Device<'a>, Refusal> {
    let short = Wrong("authenticator data");
    let (hash, rest) = data.split_at_checked(32).ok_or(short.clone())?;
    if hash != digest(&SHA256, host.as_bytes()).as_ref() {
        return Err(Wrong("relying party"));
    }
    let [flags, a, b, c, d, rest @ ..] = rest else { return Err(short) };
    let key = match flags & HAS_KEY {
        0 => None,
        _ => {
            // after the AAGUID, which says what kind of device it is
            let rest = rest.get(16..).ok_or(short.clone())?;
            let [high, low, rest @ ..] = rest else { return Err(short) };
            Some(rest.get(..usize::from(u16::from_be_bytes([*high, *low]))).ok_or(short)?)
        }
    };
    Ok(Device { flags: *flags, uses: u32::from_be_bytes([*a, *b, *c, *d]), key })
}

/// Present, and known to the device by finger, face or number: the passkey stands for a password.
fn must_be_verified(device: &Device<'_>) -> Result<(), Refusal> {
    if device.flags & (PRESENT | VERIFIED) == PRESENT | VERIFIED { Ok(()) } else { Err(Wrong("nobody was there")) }
}

/// A public key as it signs: ES256, EdDSA, or RS256, which is all that some older computers know.
enum Key<'a> {
    P256(&'a [u8]),
    Ed25519(&'a [u8]),
    /// PKCS#1.
    Rsa(&'a [u8]),
}

fn read_key(spki: &[u8]) -> Result<Key<'_>, Refusal> {
    let wrong = || Wrong("kind of key");
    let (rest, key) = SubjectPublicKeyInfo::from_der(spki).map_err(|_| wrong())?;
    let bytes = key.subject_public_key.data;
    let std::borrow::Cow::Borrowed(bytes) = bytes else { return Err(wrong()) };
    let curve = key.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let curve = curve.map(|curve| curve.to_id_string());
    match (key.algorithm.algorithm.to_id_string().as_str(), curve.as_deref(), bytes.len()) {
        _ if !rest.is_empty() => Err(wrong()),
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7"), 65) => Ok(Key::P256(bytes)),
        // 2,048 to 4,096 bits
        ("1.2.840.113549.1.1.1", _, 256..=600) => Ok(Key::Rsa(bytes)),
        ("1.3.101.112", None, 32) => Ok(Key::Ed25519(bytes)),
        _ => Err(wrong()),
    }
}

impl Key<'_> {
    fn signed(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let outcome = match self {
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature),
            Self::Rsa(key) => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        };
        outcome.map_err(|_| Wrong("signature"))
    }
}

/// What the page sends after a passkey was made; everything in base64url.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Made {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub client_data: String,
    #[serde(default)]
    pub device: String,
    #[serde(default)]
    pub public_key: String,
}

/// What the page sends after a passkey was used.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Used {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub client_data: String,
    #[serde(default)]
    pub device: String,
    #[serde(default)]
    pub signature: String,
    /// Whom the device takes for the owner.
    #[serde(default)]
    pub user: String,
}

/// Where and when: what a challenge and an answer must fit.
pub struct Asked<'a> {
    pub origin: &'a Origin,
    pub secret: &'a Secret,
    pub purpose: &'a str,
    pub now: Timestamp,
}

impl Asked<'_> {
    fn read(&self, client_data: &[u8], deed: Deed) -> Result<(), Refusal> {
        let challenge = read_client_data(client_data, deed, &self.origin.to_string())?;
        was_asked(self.secret, self.purpose, self.now, &challenge).ok_or(Wrong("challenge"))
    }

    /// How often the new key was used: mostly not at all.
    pub fn made(&self, made: &Made) -> Result<i64, Refusal> {
        self.read(&decode(&made.client_data)?, Deed::Make)?;
        let (id, data) = (decode(&made.id)?, decode(&made.device)?);
        let device = read_device(&data, self.origin.host())?;
        must_be_verified(&device)?;
        if device.key != Some(&id) || !(1..=1_023).contains(&id.len()) {
            return Err(Wrong("id"));
        }
        read_key(&decode(&made.public_key)?)?;
        Ok(device.uses.into())
    }

    /// How often the device says that the key was used; `uses` is what it said last.
    pub fn used(&self, used: &Used, public_key: &str, uses: i64) -> Result<i64, Refusal> {
        let (client_data, data) = (decode(&used.client_data)?, decode(&used.device)?);
        self.read(&client_data, Deed::Use)?;
        let device = read_device(&data, self.origin.host())?;
        must_be_verified(&device)?;
        let key = decode(public_key)?;
        read_key(&key)?.signed(&signed(&data, &client_data), &decode(&used.signature)?)?;
        let says = i64::from(device.uses);
        // a key that counts and stands still was copied
        if (says != 0 || uses != 0) && says <= uses { Err(Wrong("count")) } else { Ok(says) }
    }
}

/// What the device signs: its own data, then the hash of the client's (7.2, steps 19 and 20).
fn signed(device: &[u8], client_data: &[u8]) -> Vec<u8> {
    [device, digest(&SHA256, client_data).as_ref()].concat()
}

#[cfg(test)]
mod tests;
