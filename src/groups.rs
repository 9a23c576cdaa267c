//! Working groups.

pub mod actions;
pub mod group;
pub mod store;
pub mod wire;
