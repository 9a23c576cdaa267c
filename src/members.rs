//! People with an account: their names, the browsers in which they are signed in, and which groups they speak for.

pub mod access;
pub mod account;
pub mod actions;
pub mod codes;
pub mod device;
pub mod handle;
pub mod joining;
pub mod member;
pub mod oneself;
pub mod pages;
pub mod passkeys;
pub mod password;
pub mod recovery;
pub mod sign_in;
pub mod store;
pub mod taps;
pub mod token;
pub mod ways;
