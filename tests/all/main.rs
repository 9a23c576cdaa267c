//! How a city behaves, seen from outside: real servers on free ports, each with its own database.

mod access;
mod architecture;
mod browser;
mod calendars;
mod city;
mod commands;
mod context;
mod demo;
mod desk;
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
