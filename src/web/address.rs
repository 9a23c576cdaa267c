//! Who may come to an address of ours, and a list of all addresses that take something: so that none is forgotten.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Everyone, and who they are is not even looked at: for forms on pages that are the same for everybody.
    Nameless,
    /// Everyone, signed in or not.
    Anyone,
    /// Whoever has an account.
    Member,
    /// Whoever speaks for the group `{handle}` of the address.
    Organizer,
    /// Whoever looks after the place.
    Caretaker,
}

/// One address, as it was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub access: Access,
    /// Answers GET and HEAD.
    pub shows: bool,
    /// Answers POST.
    pub takes: bool,
}

static ADDRESSES: Mutex<BTreeMap<String, Listed>> = Mutex::new(BTreeMap::new());

/// Notes an address that is being registered.
pub fn list(path: &str, listed: Listed) {
    ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), listed);
}

/// Every address of a page or form that was registered in this process, with its blanks in braces.
pub fn addresses() -> BTreeMap<String, Listed> {
    ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
