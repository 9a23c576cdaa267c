//! Announcements: what a group says, and the notes that accompany changes of a meeting.

pub mod actions;
pub mod alarms;
pub mod announcement;
pub mod feed;
pub mod pages;
pub mod store;
pub mod wire;
