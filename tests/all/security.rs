//! What strangers may try, and what they get: always against the program itself, so that a release build can be attacked too.

mod alike;
mod arguments;
mod assembly;
mod authority;
mod crowds;
mod guesses;
pub mod guest;
mod http;
mod json;
mod keys;
pub mod letters;
mod messages;
mod outbound;
mod pace;
mod signatures;
pub mod town;
pub mod world;
