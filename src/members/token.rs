//! Secrets that a browser or a piece of paper carries, and what of them is kept here: never themselves.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hmac, rand,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::error::{Error, Result};

/// 256 random bits, as text that may stand in an address or a cookie.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn new() -> Result<Self> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| Error::broken("there is no randomness"))?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Anything that is not written as we write tokens is none.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// To be given to whoever it belongs to, and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.as_bytes()))
    }

    /// Another secret that follows from this one; this one does not follow from it.
    fn derived(&self, purpose: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, purpose.as_bytes()))
    }

    /// Stands in every form that is shown to this session: a page of another site cannot know it.
    pub fn for_forms(&self) -> String {
        self.derived("forms")
    }

    pub fn is_for_forms(&self, given: &str) -> bool {
        verify_slices_are_equal(self.for_forms().as_bytes(), given.as_bytes()).is_ok()
    }
}

/// What is kept of another text, only to be known again.
pub fn hash_of(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// The secret itself never reaches a log.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
