//! `record-backup` over a bucket in memory.

mod common;
mod manifest;
mod measured;
mod record;
