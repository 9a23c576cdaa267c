//! How a group comes to be heard of: somebody starts it, somebody else welcomes it.

pub mod actions;
pub mod naming;
pub mod newcomer;
pub mod pages;
mod start;
