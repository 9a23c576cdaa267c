//! What people on other servers answer to what a group said: held, let through, hidden, answered; and what they write to it alone.

pub mod actions;
pub mod answering;
pub mod arrival;
pub mod forwarding;
pub mod letters;
pub mod pages;
pub mod pictures;
pub mod reply;
pub mod store;
pub mod thread;
pub mod wire;
