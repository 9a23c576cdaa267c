//! What strangers may try, and what they get: always against the program itself, so that a release build can be attacked too.

mod arguments;
mod authority;
mod crowds;
mod http;
mod json;
mod keys;
pub mod letters;
mod messages;
mod outbound;
mod signatures;
pub mod town;
pub mod world;
