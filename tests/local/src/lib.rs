//! The fake AWS on this machine: real wire protocols in front of the world, the real function binaries behind a Lambda
//! Runtime API, the real state machine file interpreted, and a folder that keeps it all.
//!
//! ```text
//! aws, boto3, the functions ─> wire ─> home::SharedWorld (sim::world) ─> a folder
//!                                └──> engine (sim::asl) ─> lambda ─> processes of the real binaries
//! ```
//!
//! It cannot be pointed at the real thing: it listens on loopback only, its account is `000000000000` and it lets in no
//! credentials but `test`.

pub mod cli;
pub mod demo;
pub mod engine;
pub mod home;
pub mod lambda;
pub mod source;
pub mod view;
pub mod wire;
