//! The interpreter against an independent one: the same machines with the same answers through moto's Step Functions.
//! Both run on virtual time, so what is compared is every state, argument, output, variable, error, retry and instant.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic is how a test fails, and a skipped test says why"
)]

mod cases;
mod libraries;
mod ours;
mod peer;
mod random;
mod script;
#[path = "../workflow/stage.rs"]
#[allow(dead_code, reason = "the workflow's own tests use the rest")]
mod stage;
mod sweeps;
mod trace;
