//! What is measured of a backup that was recorded.

use crate::{Input, Output};
use backup_core::Owner;
use backup_core::metrics::{Metric, Metrics};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How long the run took, in seconds. Nothing where it was re-driven: its start stays what it was, so the time since
/// then has in it how long a person let it lie.
pub(crate) fn took(input: &Input) -> Option<f64> {
    let took = input.now.duration_since(input.run.started_at);
    (input.redrive_count == 0).then(|| took.max(SignedDuration::ZERO).as_secs_f64())
}

/// The figures of one recorded backup, whose run took `took` seconds.
pub(crate) fn recorded(output: &Output, owner: &Owner, took: Option<f64>, now: Timestamp) -> Metrics {
    let metrics = Metrics::of_cache(now, owner, &output.cache)
        .with_total(Metric::VerifiedBackups, 1)
        .with_total(Metric::SuspiciousBackups, u64::from(output.suspicion.is_some()))
        .with_count(Metric::BackupBytes, output.bytes)
        .with_count(Metric::BackupKeys, output.keys);
    let metrics = match took {
        Some(seconds) => metrics.with_of_plan(Metric::BackupDuration, seconds),
        None => metrics,
    };
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
