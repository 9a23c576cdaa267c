//! Meetings that several groups call together: one holds the meeting, the others were invited and show it as theirs.

pub mod actions;
pub mod call;
pub mod change;
pub mod leaving;
pub mod pace;
pub mod pages;
pub mod store;
pub mod taking_part;
pub mod wire;
