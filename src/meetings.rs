//! Meetings: when, where and what about.

pub mod abroad;
pub mod actions;
pub mod agenda;
pub mod agreement;
pub mod calendar;
pub mod clashes;
pub mod feed;
pub mod filter;
pub mod meeting;
mod month;
pub mod pages;
pub mod places;
pub mod plain;
mod programme;
pub mod reminders;
pub mod store;
pub mod veil;
pub mod vevent;
pub mod wire;
