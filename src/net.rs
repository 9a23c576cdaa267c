//! The only way out to other servers: what may be dialled, how long and how much; knows nothing of ActivityPub.

pub mod address;
mod client;
mod mirror;
mod wall;
#[cfg(test)]
pub(crate) mod testing;

pub use client::{Answer, Client, NetError, Request, Response};
pub use mirror::{Mirror, Seen};
pub use wall::{Admitted, Barred, Wall, is_public};
