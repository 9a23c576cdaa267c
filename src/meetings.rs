//! Meetings: when, where and what about.

pub mod actions;
pub mod meeting;
pub mod store;
pub mod wire;
