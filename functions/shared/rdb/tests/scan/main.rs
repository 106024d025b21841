//! The scanner from outside: every row of the format, real files, damage, pieces and cursors.

#![cfg(test)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the writer cuts numbers into bytes all the time"
)]

mod accepted;
mod corpus;
mod cursors;
mod damage;
mod depth;
mod found;
mod models;
mod notes;
mod pieces;
mod refused;
mod rows;
mod samples;
mod verdicts;
mod writer;

use rdb::{Broken, Options, Scanner, Verdict};

/// 2026-01-01T00:00:00Z in ms.
const NOW_MS: i64 = 1_767_225_600_000;

/// Scans a file fed as one piece.
fn scan(file: &[u8]) -> Result<Verdict, Broken> {
    scan_with(Options::new(NOW_MS), [file])
}

/// Scans a file fed piece by piece; what a refusal says is that of the first call that gives one.
fn scan_with<'a>(options: Options, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Verdict, Broken> {
    let mut scanner = Scanner::new(options);
    for piece in pieces {
        scanner.feed(piece)?;
    }
    scanner.finish()
}
