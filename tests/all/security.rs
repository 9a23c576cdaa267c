//! What strangers may try, and what they get: always against the program itself, so that a release build can be attacked too.

mod arguments;
mod authority;
mod crowds;
mod http;
mod json;
mod keys;
mod letters;
mod messages;
mod outbound;
mod signatures;
mod town;
mod world;
