//! Working groups.

pub mod actions;
pub mod erasing;
pub mod group;
pub mod habits;
pub mod media;
pub mod pages;
pub mod store;
pub mod wire;
