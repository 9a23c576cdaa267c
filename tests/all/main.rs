//! How a city behaves, seen from outside: real servers on free ports, each with its own database.

mod architecture;
mod browser;
mod calendars;
mod city;
mod commands;
mod context;
mod discovery;
mod following;
mod process;
mod security;
mod shapes;
mod wire;
