//! The queue and the worker against servers on loopback, with a clock that stands still.

mod city;
mod queue;
mod rounds;
mod schemes;
mod sink;
mod workers;
