//! Meetings: when, where and what about.

pub mod actions;
pub mod calendar;
pub mod feed;
pub mod filter;
pub mod meeting;
pub mod pages;
pub mod store;
pub mod wire;
