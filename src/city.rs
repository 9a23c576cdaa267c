//! The city as a whole.

pub mod actions;
pub mod pages;
pub mod pictures;
