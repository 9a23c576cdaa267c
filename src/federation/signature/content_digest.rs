//! The `Content-Digest` header (RFC 9530), read strictly.

use base64::{Engine, engine::general_purpose::STANDARD};
use sfv::{Dictionary, ListEntry};

use super::{Digests, Flaw, Head, rfc9421::strict};

/// What the one header there must be says of the body. Algorithms we do not know are passed over where one we know is there.
pub fn read(head: &Head<'_>) -> Result<Digests, Flaw> {
    let text = head.only("content-digest").ok_or(Flaw("there must be one Content-Digest header"))?;
    let given: Dictionary = strict(text).ok_or(Flaw("the Content-Digest header cannot be read"))?;
    let digests = Digests { sha256: bytes(&given, "sha-256", 32)?, sha512: bytes(&given, "sha-512", 64)? };
    if digests == Digests::default() {
        return Err(Flaw("the Content-Digest header must give sha-256 or sha-512"));
    }
    Ok(digests)
}

/// The digest of that name, of that length, in base64.
fn bytes(given: &Dictionary, name: &str, length: usize) -> Result<Option<String>, Flaw> {
    match given.get(name) {
        None => Ok(None),
        Some(ListEntry::Item(item)) => {
            let bytes = item.bare_item.as_byte_sequence().filter(|bytes| bytes.len() == length);
            bytes.map(|bytes| Some(STANDARD.encode(bytes))).ok_or(Flaw("the Content-Digest has another length"))
        }
        Some(ListEntry::InnerList(_)) => Err(Flaw("the Content-Digest header cannot be read")),
    }
}
