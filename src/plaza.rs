//! The plaza: one follow for everything. It passes on what cannot wait, and posts what is on each morning.

pub mod actions;
pub mod digest;
pub mod pages;
pub mod pass_on;
pub mod store;
pub mod wire;
