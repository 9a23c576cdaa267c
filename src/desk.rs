//! Where whoever speaks for a group works: what waits, what is being written, and what is to be said later.

pub mod actions;
pub mod audience;
pub mod draft;
pub mod invitation;
pub mod mentions;
pub mod pages;
pub mod places;
pub mod rhythm;
pub mod store;
pub mod waiting;
