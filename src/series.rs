//! Series: meetings that come again by a rule.

pub mod rule;
pub mod wording;
