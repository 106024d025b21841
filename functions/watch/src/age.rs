//! The age that counts.

use crate::marker::Marker;
use jiff::Timestamp;
use std::time::Duration;

/// An age in whole seconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age(u64);

impl Age {
    /// From `at` to `now`; 0 where `at` lies ahead.
    pub(crate) fn since(at: Timestamp, now: Timestamp) -> Self {
        Self(u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0))
    }

    /// The age that counts of a cache whose newest good backup's data were taken at `backup`.
    ///
    /// A pause has none. After one it counts from its end, or from the backup where that is younger. Before the first
    /// backup it counts from the first look. Otherwise it is the backup's own, however lately `watch` came to know the
    /// cache.
    pub(crate) fn of(marker: &Marker, backup: Option<Timestamp>, now: Timestamp) -> Self {
        let from = match backup {
            _ if marker.paused => now,
            None => marker.since,
            Some(at) if marker.resumed => at.max(marker.since),
            Some(at) => at,
        };
        Self::since(from, now)
    }

    /// In seconds.
    pub(crate) fn seconds(self) -> u64 {
        self.0
    }

    /// By the age allowed, which is at least 1.
    pub(crate) fn ratio(self, max_age: u32) -> f64 {
        Duration::from_secs(self.0).as_secs_f64() / f64::from(max_age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3600;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_795_100_000 + hour * HOUR).unwrap()
    }

    fn marker(since: i64, paused: bool, resumed: bool) -> Marker {
        Marker {
            format_version: 1,
            since: at(since),
            paused,
            resumed,
        }
    }

    #[test]
    fn what_the_age_counts_from() {
        for (marker, backup, want, why) in [
            (
                marker(90, false, false),
                Some(40),
                60,
                "known since lately, and the backup is as old as it is",
            ),
            (marker(10, false, false), Some(40), 60, "known for long"),
            (marker(10, false, false), None, 90, "no backup yet"),
            (marker(90, false, true), Some(40), 10, "after a pause"),
            (marker(30, false, true), Some(40), 60, "a backup since the pause"),
            (marker(90, false, true), None, 10, "no backup yet, after a pause"),
            (marker(10, true, false), Some(20), 0, "paused"),
            (marker(10, true, false), None, 0, "paused before the first backup"),
            (marker(10, false, false), Some(200), 0, "a clock that was ahead"),
            (marker(200, false, false), None, 0, "a look that was ahead"),
        ] {
            let age = Age::of(&marker, backup.map(at), at(100));
            assert_eq!(age.seconds(), want * 3600, "{why}");
        }
    }

    #[test]
    fn the_ratio_passes_one_a_second_after_the_age_allowed() {
        for (seconds, overdue) in [(0, false), (108_000, false), (108_001, true), (u64::MAX, true)] {
            assert_eq!(Age(seconds).ratio(108_000) > 1.0, overdue, "{seconds}");
        }
        assert!(Age(u64::MAX).ratio(1).is_finite());
    }

    fn any_marker() -> impl Strategy<Value = Marker> {
        (-500..500_i64, any::<bool>(), any::<bool>())
            .prop_map(|(since, paused, resumed)| marker(since, paused, resumed))
    }

    fn any_backup() -> impl Strategy<Value = Option<i64>> {
        proptest::option::of(-500..500_i64)
    }

    proptest! {
        #[test]
        fn the_ratio_never_falls_by_itself(
            marker in any_marker(), backup in any_backup(), now in -500..500_i64, later in 0..500_i64, max_age in 1..u32::MAX,
        ) {
            let ratio = |now| Age::of(&marker, backup.map(at), at(now)).ratio(max_age);
            prop_assert!(ratio(now) <= ratio(now + later));
        }

        #[test]
        fn a_newer_backup_never_raises_the_age(marker in any_marker(), backup in any_backup(), newer in 0..500_i64, now in -500..500_i64) {
            let age = |backup| Age::of(&marker, backup, at(now));
            let first = at(backup.unwrap_or(-500) + newer);
            if backup.is_some() {
                prop_assert!(age(Some(first)) <= age(backup.map(at)));
            }
        }

        #[test]
        fn a_pause_is_never_overdue(since in -500..500_i64, resumed in any::<bool>(), backup in any_backup(), now in -500..500_i64) {
            let age = Age::of(&marker(since, true, resumed), backup.map(at), at(now));
            prop_assert_eq!(age.ratio(1).to_bits(), 0.0_f64.to_bits());
        }

        #[test]
        fn only_the_end_of_a_pause_makes_a_backup_look_younger(since in -500..500_i64, backup in -500..500_i64, now in -500..500_i64) {
            let age = Age::of(&marker(since, false, false), Some(at(backup)), at(now));
            prop_assert_eq!(age, Age::since(at(backup), at(now)));
        }
    }
}
