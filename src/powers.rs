//! How power was used here: noted by whoever uses it, counted in public, explained to the group.

pub mod deed;
pub mod pages;
pub mod store;
