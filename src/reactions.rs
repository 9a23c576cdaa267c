//! What people on other servers like, pass on or react to: counted, and not shown by name.

pub mod store;
pub mod wire;
