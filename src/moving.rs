//! Groups that move to another server or come from one, and actors of other servers that move.

pub mod actions;
pub mod destination;
pub mod pages;
pub mod rule;
pub mod store;
pub mod wire;
