//! The clock, in one place; everything else is given its instants.

use jiff::Timestamp;
use std::time::Instant;

/// Now, where no `--now` says otherwise.
#[expect(
    clippy::disallowed_methods,
    reason = "a command has a clock, and this is its one place"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Starts to measure how long something takes.
#[expect(
    clippy::disallowed_methods,
    reason = "a command has a clock, and this is its one place"
)]
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}
