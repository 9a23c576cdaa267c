//! Who says they are coming to a meeting: counted in steps, never named, erased soon after.

pub mod actions;
pub mod answer;
pub mod pages;
pub mod store;
