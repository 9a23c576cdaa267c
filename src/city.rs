//! The city as a whole.

pub mod about;
pub mod actions;
pub mod charter;
pub mod pages;
pub mod pictures;
pub mod safety;
