//! Working groups.

pub mod group;
