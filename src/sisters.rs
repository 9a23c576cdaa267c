//! Groups of other cities that a group of ours hears, what they said, and what of it is passed on.

pub mod actions;
pub mod backfill;
pub mod news;
pub mod pages;
pub mod passing;
pub mod rhythm;
mod said;
pub mod sister;
pub mod store;
pub mod wire;
