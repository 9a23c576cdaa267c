//! Groups of other cities that a group of ours hears, and what they said.

pub mod actions;
pub mod pages;
pub mod rhythm;
pub mod sister;
pub mod store;
pub mod wire;
