//! Ed25519 keys as FEP-521a publishes them; knows nothing of documents or proofs.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};

use crate::error::{Error, Result};

/// Multicodec `ed25519-pub` as a varint: what the bytes of a multibase key begin with.
const CODEC: [u8; 2] = [0xed, 0x01];

/// Longest multibase text that is looked at: a right one has 48 characters.
const LONGEST_MULTIBASE: usize = 100;

/// A key pair of ours.
pub struct Ed25519(Ed25519KeyPair);

impl Ed25519 {
    /// A new key, as PKCS#8 DER.
    pub fn generate() -> Result<Vec<u8>> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        document.map(|der| der.as_ref().to_vec()).map_err(|_| Error::broken("no Ed25519 key could be made"))
    }

    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        Ed25519KeyPair::from_pkcs8(der).map(Self).map_err(|_| Error::broken("an Ed25519 key of ours cannot be read"))
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// `z6Mk…`
    pub fn public_multibase(&self) -> String {
        multibase(self.0.public_key().as_ref())
    }
}

impl fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519(…)")
    }
}

/// Someone's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ed25519Public([u8; 32]);

impl Ed25519Public {
    /// Reads `z6Mk…`; `None` for other bases, other kinds of key and other lengths.
    pub fn from_multibase(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix('z').filter(|encoded| encoded.len() < LONGEST_MULTIBASE)?;
        let bytes = bs58::decode(encoded).into_vec().ok()?;
        bytes.strip_prefix(&CODEC)?.try_into().ok().map(Self)
    }

    pub fn to_multibase(&self) -> String {
        multibase(&self.0)
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

fn multibase(key: &[u8]) -> String {
    format!("z{}", bs58::encode([&CODEC, key].concat()).into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_sign_verifies_with_the_published_key() {
        let pair = Ed25519::from_pkcs8(&Ed25519::generate().unwrap()).unwrap();
        let published = pair.public_multibase();
        assert!(published.starts_with("z6Mk"), "{published}");
        let public = Ed25519Public::from_multibase(&published).unwrap();
        assert_eq!(public.to_multibase(), published);
        assert!(public.verify(b"agreed", &pair.sign(b"agreed")));
        assert!(!public.verify(b"refused", &pair.sign(b"agreed")));
        assert_eq!(format!("{pair:?}"), "Ed25519(…)");
    }

    /// The example of FEP-521a and of the did:key test vectors.
    #[test]
    fn known_keys_are_read() {
        let known = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        assert_eq!(Ed25519Public::from_multibase(known).map(|key| key.to_multibase()).as_deref(), Some(known));
    }

    #[test]
    fn other_bases_kinds_and_lengths_are_not_keys() {
        let p256 = format!("z{}", bs58::encode([&[0x80, 0x24][..], &[2; 33]].concat()).into_string());
        let short = format!("z{}", bs58::encode([&CODEC[..], &[2; 31]].concat()).into_string());
        for wrong in ["", "z", "z0OIl", "f6Mk", "mAAAA", &p256, &short, &format!("z{}", "1".repeat(1_000_000)), "z6Mké"] {
            assert_eq!(Ed25519Public::from_multibase(wrong), None, "{}", wrong.chars().take(60).collect::<String>());
        }
    }
}
