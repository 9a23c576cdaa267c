//! Meetings that recur: their rule, what they share, and the rows of `meetings` that are laid out ahead.

pub mod actions;
pub mod calendar;
pub mod pages;
pub mod places;
pub mod rule;
#[expect(clippy::module_inception, reason = "the file of a noun that says what it is has its name")]
pub mod series;
pub mod store;
pub mod wire;
pub mod wording;
