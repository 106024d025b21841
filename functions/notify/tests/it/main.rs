//! What people read and when: the function as a whole, on raw JSON, against a fake AWS.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails, also in its helpers"
)]

mod handle;
mod hidden;
mod messages;
mod properties;
mod world;
