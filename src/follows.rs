//! Who follows our groups.

pub mod actions;
pub mod store;
pub mod wire;
