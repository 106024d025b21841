//! The interpreter of Amazon States Language, feature by feature, on small machines in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, also in its helpers"
)]
#![allow(clippy::needless_pass_by_value, reason = "cases are written as literals")]

mod definition;
mod events;
mod limits;
mod map;
mod redrive;
mod restart;
mod retry;
mod states;
mod support;
