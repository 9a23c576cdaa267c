//! Who still meets: told from meetings, news and what groups say about themselves, kept nowhere; and which groups sound alike.

pub mod alike;
pub mod liveness;
pub mod store;
pub mod wording;
