//! What is measured of a backup that was recorded.

use crate::Output;
use backup_core::Owner;
use backup_core::metrics::{Metric, Metrics};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The figures of one recorded backup; the run of it started at `started_at`.
pub(crate) fn recorded(output: &Output, owner: &Owner, started_at: Timestamp, now: Timestamp) -> Metrics {
    let took = now.duration_since(started_at).max(SignedDuration::ZERO);
    let metrics = Metrics::of_cache(now, owner, &output.cache)
        .with_total(Metric::VerifiedBackups, 1)
        .with_total(Metric::SuspiciousBackups, u64::from(output.suspicion.is_some()))
        .with_count(Metric::BackupBytes, output.bytes)
        .with_count(Metric::BackupKeys, output.keys)
        .with_of_plan(Metric::BackupDuration, took.as_secs_f64());
    match megabytes_per_second(output.bytes, output.verify_millis) {
        Some(speed) => metrics.with(Metric::VerifyThroughput, speed),
        None => metrics,
    }
}

/// Nothing where no time passed: a shard that is read in less than a millisecond says nothing of speed.
fn megabytes_per_second(bytes: u64, millis: u64) -> Option<f64> {
    if millis == 0 {
        return None;
    }
    // A megabyte is a million bytes, so bytes as microseconds are megabytes as seconds.
    let megabytes = Duration::from_micros(bytes).as_secs_f64();
    Some(megabytes / Duration::from_millis(millis).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_in_millions_of_bytes_a_second() {
        for (bytes, millis, want, why) in [
            (3_000_000, 10, Some(300.0), "300 MB/s"),
            (1500, 1000, Some(0.0015), "a small object"),
            (0, 5, Some(0.0), "nothing was read"),
            (1000, 0, None, "no time passed"),
        ] {
            assert_eq!(megabytes_per_second(bytes, millis), want, "{why}");
        }
    }
}
