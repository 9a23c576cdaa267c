//! Plaza: one city of working groups, federated. This file is the map: a module uses only what stands above it.

// Ground: knows none of the city's nouns.
pub mod clock;
pub mod error;
pub mod origin;
pub mod text;
pub mod words;
pub mod pictures;
pub mod config;
pub mod keys;
pub mod net;
pub mod federation;
pub mod db;
pub mod web;
