//! The keys an actor signs with and the secret that wraps them at rest; knows neither actors nor the database.

mod ed25519;
mod rsa;
mod secret;
mod stock;

pub use ed25519::{Ed25519, Ed25519Public};
pub use rsa::{RsaPrivate, RsaPublic, WrongKey};
pub use secret::Secret;
pub use stock::Stock;

use crate::error::Result;

/// Somebody's public key, of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    Rsa(RsaPublic),
    Ed25519(Ed25519Public),
}

/// Both key pairs of an actor that has no name yet: PKCS#8 in the clear, for memory only.
#[derive(Clone, PartialEq, Eq)]
pub struct Pairs {
    rsa: Vec<u8>,
    ed25519: Vec<u8>,
}

impl Pairs {
    /// Takes a tenth of a second or more of processor time: not for the thread that answers requests.
    pub fn make() -> Result<Self> {
        Ok(Self { rsa: RsaPrivate::generate()?, ed25519: Ed25519::generate()? })
    }

    /// As they are kept for the actor with this path, such as `/ap/groups/kitchen`.
    pub fn wrapped(&self, secret: &Secret, path: &str) -> Result<NewKeys> {
        Ok(NewKeys {
            rsa_public: RsaPrivate::from_pkcs8(&self.rsa)?.public_pem().to_owned(),
            rsa_private: secret.wrap(&self.rsa, &rsa_context(path))?,
            ed25519_public: Ed25519::from_pkcs8(&self.ed25519)?.public_multibase(),
            ed25519_private: secret.wrap(&self.ed25519, &ed25519_context(path))?,
        })
    }
}

/// Both key pairs of a new actor, in the form in which its row keeps them: private halves wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKeys {
    /// Wrapped PKCS#8.
    pub rsa_private: String,
    /// SPKI PEM.
    pub rsa_public: String,
    /// Wrapped PKCS#8.
    pub ed25519_private: String,
    /// Multibase, `z6Mk…`.
    pub ed25519_public: String,
}

/// The RSA key of the actor with this path, from its row. Parsing costs about as much as signing: keep the result.
pub fn open_rsa(secret: &Secret, wrapped: &str, path: &str) -> Result<RsaPrivate> {
    RsaPrivate::from_pkcs8(&secret.unwrap(wrapped, &rsa_context(path))?)
}

/// The Ed25519 key of the actor with this path, from its row.
pub fn open_ed25519(secret: &Secret, wrapped: &str, path: &str) -> Result<Ed25519> {
    Ed25519::from_pkcs8(&secret.unwrap(wrapped, &ed25519_context(path))?)
}

fn rsa_context(path: &str) -> String {
    format!("{path} rsa")
}

fn ed25519_context(path: &str) -> String {
    format!("{path} ed25519")
}

/// Keys for tests, made once.
#[cfg(test)]
pub(crate) mod testing {
    use std::sync::OnceLock;

    use super::{PublicKey, RsaPrivate, RsaPublic};

    fn make() -> RsaPrivate {
        RsaPrivate::from_pkcs8(&RsaPrivate::generate().unwrap()).unwrap()
    }

    pub fn ana() -> &'static RsaPrivate {
        static KEY: OnceLock<RsaPrivate> = OnceLock::new();
        KEY.get_or_init(make)
    }

    pub fn eve() -> &'static RsaPrivate {
        static KEY: OnceLock<RsaPrivate> = OnceLock::new();
        KEY.get_or_init(make)
    }

    pub fn public(key: &RsaPrivate) -> PublicKey {
        PublicKey::Rsa(RsaPublic::from_pem(key.public_pem()).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_an_actor_open_for_that_actor_only() {
        let secret = Secret::random().unwrap();
        let keys = Pairs::make().unwrap().wrapped(&secret, "/ap/groups/kitchen").unwrap();
        let rsa = open_rsa(&secret, &keys.rsa_private, "/ap/groups/kitchen").unwrap();
        assert_eq!(rsa.public_pem(), keys.rsa_public);
        let ed25519 = open_ed25519(&secret, &keys.ed25519_private, "/ap/groups/kitchen").unwrap();
        assert_eq!(ed25519.public_multibase(), keys.ed25519_public);

        assert!(open_rsa(&secret, &keys.rsa_private, "/ap/groups/library").is_err(), "another actor");
        assert!(open_rsa(&secret, &keys.ed25519_private, "/ap/groups/kitchen").is_err(), "another kind");
        assert!(open_rsa(&Secret::random().unwrap(), &keys.rsa_private, "/ap/groups/kitchen").is_err(), "another secret");
    }
}
