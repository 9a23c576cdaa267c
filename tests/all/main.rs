//! How a city behaves, seen from outside: real servers on free ports, each with its own database.

mod architecture;
mod browser;
mod city;
mod commands;
mod context;
mod discovery;
mod following;
mod logs;
mod metrics;
mod pictures;
mod plaza;
mod process;
mod proofs;
mod security;
mod shapes;
mod wire;
