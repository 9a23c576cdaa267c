//! How servers speak with each other: signatures, the inbox's guard, fetching and reading documents, delivering.

pub mod json;
pub mod media_type;
pub mod synchronization;
pub mod signature;
pub mod guard;
pub mod fetch;
pub mod webfinger;
pub mod flights;
pub mod actor_document;
pub mod reading;
pub mod wording;
pub mod effect;
pub mod integrity;
pub mod delivery;
pub mod say;
pub mod outbox;
pub mod permission;
pub mod arrivals;
pub mod fetches;
pub mod reader;
#[cfg(test)]
mod draft;
