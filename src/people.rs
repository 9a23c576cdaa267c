//! Who speaks for a group, and how that changes: all are equal, nobody owns it.

pub mod actions;
pub mod asks;
mod desk;
pub mod ending;
pub mod fellows;
pub mod invitations;
pub mod pages;
pub mod proposal;
pub mod sleeping;
pub mod unwelcomed;
pub mod store;
pub mod voice;
