//! What people without an account tell a group; its organizers take it or throw it away.

pub mod actions;
pub mod pages;
pub mod store;
pub mod suggestion;
