//! The workflow as a whole, on virtual time: the file that is deployed, the libraries that are deployed, a fake world.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod adoption;
mod budget;
mod duplicates;
mod frozen;
mod nights;
mod refusals;
mod stage;
mod sweeps;
mod unsound;
mod verification;
mod watched;
