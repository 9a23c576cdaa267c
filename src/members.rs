//! People with an account: their names, the browsers in which they are signed in, and which groups they speak for.

pub mod access;
pub mod actions;
pub mod member;
pub mod pages;
pub mod store;
pub mod token;
