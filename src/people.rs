//! Who speaks for a group, and how that changes: all are equal, nobody owns it.

pub mod actions;
