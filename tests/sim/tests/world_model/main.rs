//! The fake AWS world against what is known of the real one: one file per subject, tables where a rule has cases.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(
    clippy::needless_raw_string_hashes,
    reason = "`expect-test` writes them when it updates a value"
)]

mod caches;
mod copies;
mod exports;
mod faults;
mod listing;
mod names;
mod persistence;
mod policies;
mod quotas;
mod s3_listing;
mod s3_model;
mod s3_objects;
mod serverless;
mod snapshots;
mod sns;
mod support;
mod tags;
