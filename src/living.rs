//! Who still meets: told from meetings, news and what groups say about themselves, kept nowhere; which groups sound alike; and
//! whether meetings took place, as far as anybody said so.

pub mod actions;
pub mod alike;
pub mod confirmation;
pub mod liveness;
pub mod store;
pub mod wording;
