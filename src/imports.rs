//! Calendars kept elsewhere that become meetings and series here: read, looked through, taken in, looked at again.

pub mod actions;
mod event;
pub mod fetching;
pub mod found;
mod gone;
pub mod known;
pub mod lines;
mod merge;
mod occurrences;
pub mod pages;
mod property;
mod prose;
pub mod reading;
mod recurring;
pub mod store;
pub mod watching;
pub mod zones;
