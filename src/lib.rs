//! Plaza: one city of working groups, federated. This file is the map: a module uses only what stands above it.

#![forbid(unsafe_code)]
// whatever a stranger sends, it must not end a thread
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

// Ground: knows none of the city's nouns.
pub mod clock;
pub mod error;
pub mod origin;
pub mod text;
pub mod words;
pub mod pictures;
pub mod config;
pub mod logs;
pub mod metrics;
pub mod media;
pub mod keys;
pub mod net;
pub mod db;
pub mod app;
pub mod web;
pub mod actors;
pub mod blocks;
pub mod federation;
pub mod follows;
pub mod quarantine;

// Nouns: what a city is about.
pub mod powers;
pub mod members;
pub mod groups;
pub mod announcements;
pub mod places;
pub mod meetings;
pub mod series;
pub mod living;
pub mod imports;
pub mod coming;
pub mod minutes;
pub mod suggestions;
pub mod plaza;
pub mod sisters;
pub mod joint;
pub mod welcome;
pub mod people;
pub mod moving;
pub mod reactions;
pub mod replies;
pub mod reports;
pub mod desk;
pub mod notices;
pub mod city;
pub mod posters;

// Doors: where the outside comes in, and what follows from what was said.
pub mod consequences;
pub mod inbox;
pub mod documents;
pub mod routes;
pub mod worker;
pub mod backup;
pub mod doctor;
pub mod care;
pub mod cli;
