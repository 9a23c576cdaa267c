//! How a city behaves, seen from outside: real servers on free ports, each with its own database.

mod access;
mod architecture;
mod authorisation;
mod browser;
mod calendars;
mod care;
mod city;
mod coming;
mod commands;
mod context;
mod demo;
mod discovery;
mod doctor;
mod following;
mod install;
mod logs;
mod metrics;
mod phone;
mod pictures;
mod plaza;
mod posters;
mod process;
mod proofs;
mod security;
mod shapes;
mod wire;
