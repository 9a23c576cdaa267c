//! What somebody asks the caretakers to look at, here or on another server; and what we ask others to look at.

pub mod actions;
pub mod pages;
pub mod report;
pub mod store;
pub mod wire;
