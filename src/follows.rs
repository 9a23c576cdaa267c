//! Who follows our groups.

pub mod actions;
pub mod pages;
pub mod store;
pub mod wire;
