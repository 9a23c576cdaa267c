//! Places where groups meet, kept once and offered again to every group.

pub mod access;
pub mod actions;
pub mod pages;
pub mod place;
pub mod store;
