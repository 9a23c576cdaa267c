//! Parses the command line and does what it says.

use std::process::ExitCode;

use rustix::{
    fs::Mode,
    process::{DumpableBehavior, set_dumpable_behavior, umask},
};

fn main() -> ExitCode {
    keep_to_ourselves();
    plaza::cli::run()
}

/// Files we make are for our user alone, and our memory, which holds keys, is not written to disk when we crash.
fn keep_to_ourselves() {
    umask(Mode::RWXG | Mode::RWXO);
    // refused only by kernels that know nothing of it
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
