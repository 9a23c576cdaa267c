//! Servers that nobody here knows yet: what they say is kept aside until a caretaker lets them in, where the place chose so.

pub mod actions;
pub mod store;
