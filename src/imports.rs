//! Calendars kept elsewhere that become meetings and series here: read, looked through, taken in, looked at again.

mod event;
pub mod found;
pub mod lines;
mod prose;
mod property;
pub mod reading;
mod recurring;
pub mod zones;

