//! Groups without owners: who is heard of, who speaks for a group, and how power is counted.

mod fellows;
mod people;
mod start;
mod welcome;
