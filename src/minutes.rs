//! Minutes: what a meeting recorded, with its decisions and what stayed open.

pub mod actions;
pub mod agreed;
pub mod feed;
mod numbers;
pub mod pages;
pub mod record;
pub mod rolling;
pub mod sections;
pub mod store;
pub mod template;
pub mod wire;
