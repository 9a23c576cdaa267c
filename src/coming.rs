//! Who says they are coming to a meeting: counted in steps, never named, erased soon after.

pub mod accounts;
pub mod actions;
pub mod answer;
pub mod pages;
pub mod said;
pub mod store;
pub mod wire;
