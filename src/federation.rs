//! How servers speak with each other: signatures, the inbox's guard, fetching and reading their documents.

pub mod json;
pub mod media_type;
pub mod signature;
pub mod guard;
pub mod fetch;
pub mod webfinger;
pub mod flights;
pub mod actor_document;
#[cfg(test)]
mod draft;
