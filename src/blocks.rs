//! Who is not heard and not spoken to: hosts and single actors.

pub mod actions;
pub mod store;
