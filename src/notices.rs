//! How somebody hears that something waits for a group of theirs: only that, and only as they chose.

pub mod actions;
pub mod feed;
pub mod notice;
pub mod pages;
pub mod push;
pub mod store;
pub mod telling;
