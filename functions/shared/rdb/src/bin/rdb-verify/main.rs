//! `rdb-verify`: tells of RDB files whether they are whole, and what is in them.
//!
//! ```text
//! args ─> files (paths become inputs) ─> run ─> order (threads; outcomes in the order of the inputs)
//!                                         │       └─> scan (reads one input into `rdb::Scanner`) ─> progress
//!                                         └─> report or json (pure: outcome to text) ─> standard output
//! ```

mod args;
mod clock;
mod files;
mod json;
mod name;
mod order;
mod outcome;
mod problem;
mod progress;
mod report;
mod run;
mod scan;
mod units;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    run::run(&args::Args::parse())
}
