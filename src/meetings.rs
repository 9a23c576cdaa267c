//! Meetings: when, where and what about.

pub mod meeting;
