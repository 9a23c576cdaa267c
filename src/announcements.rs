//! Announcements: what a group says, and the notes that accompany changes of a meeting.

pub mod announcement;
