//! The reference model: for every invariant a trace in which it holds and several in which it does not.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a panic is how a test fails, and a table of cases is as long as it has cases"
)]

mod bounds;
mod bucket;
mod proof;
mod runs;
mod snapshots;
mod states;
mod story;
mod telling;
