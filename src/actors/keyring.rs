//! The Ed25519 keys with which our actors prove what they say: opened once, kept in memory only.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::store;
use crate::{
    db::Conn,
    error::{Error, Result},
    keys::{self, Ed25519, Secret},
    origin::Local,
};

/// Opened keys kept at hand.
const MOST: usize = 256;

/// Opens keys with the city's secret; clones share what is open.
#[derive(Clone)]
pub struct Keyring {
    secret: Secret,
    /// By what stands in the row, so that another key of the same actor is never taken for it.
    open: Arc<Mutex<HashMap<String, Arc<Ed25519>>>>,
}

impl Keyring {
    pub fn new(secret: Secret) -> Self {
        Self { secret, open: Arc::default() }
    }

    /// What the keys are wrapped with.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The key of an actor of ours.
    pub fn ed25519(&self, conn: &mut Conn, local: &Local) -> Result<Arc<Ed25519>> {
        let missing = || Error::broken(format!("{} has no key to prove things with", local.path()));
        let wrapped = store::ed25519_private(conn, local)?.ok_or_else(missing)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = open.get(&wrapped) {
            return Ok(key.clone());
        }
        let key = Arc::new(keys::open_ed25519(&self.secret, &wrapped, &local.path())?);
        if open.len() >= MOST {
            open.clear();
        }
        open.insert(wrapped, key.clone());
        Ok(key)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}
