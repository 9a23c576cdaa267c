//! How servers speak with each other: signatures, the inbox's guard, fetching and reading their documents.

pub mod signature;
