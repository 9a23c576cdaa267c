//! Who is not heard and not spoken to: hosts and single actors; and words that make a reply wait.

pub mod actions;
pub mod list;
pub mod store;
pub mod words;
