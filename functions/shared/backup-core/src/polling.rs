//! How long to wait before looking again.

use jiff::Timestamp;

/// Shortest wait, in seconds.
pub const FLOOR_SECONDS: i64 = 15;
/// Longest wait, in seconds.
pub const CAP_SECONDS: i64 = 300;
/// The wait grows with the time already waited: this share of it, in percent.
pub const SHARE_PERCENT: i64 = 15;

/// Seconds until the next look at something that began at `since`: 15 % of the time already waited, 15 to 300.
///
/// What is ready is seen within 15 % of its duration and 5 minutes at most, and a 2 h snapshot with a
/// 30 min export stays under 250 state transitions (Standard executions are billed by transition).
pub fn next_wait(since: Timestamp, now: Timestamp) -> u32 {
    let waited = now.duration_since(since).as_secs();
    let share = waited.saturating_mul(SHARE_PERCENT) / 100;
    u32::try_from(share.clamp(FLOOR_SECONDS, CAP_SECONDS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    #[test]
    fn grows_between_floor_and_cap() {
        for (waited, want, why) in [
            (0, 15, "the first wait"),
            (-60, 15, "a clock that went back"),
            (100, 15, "the floor's end"),
            (200, 30, "15 %"),
            (2000, 300, "the cap's start"),
            (7 * 86_400, 300, "a re-drive days later"),
        ] {
            assert_eq!(
                next_wait(second(1_000_000), second(1_000_000 + waited)),
                want,
                "{why}"
            );
        }
    }

    #[test]
    fn two_hours_and_thirty_minutes_fit_the_budget() {
        let polls = |duration: i64| {
            let (mut waited, mut polls) = (0, 0);
            while waited < duration {
                waited += i64::from(next_wait(second(0), second(waited)));
                polls += 1;
            }
            polls
        };
        // Three transitions a poll: Wait, Task, Choice.
        assert!(
            3 * (polls(7200) + polls(1800)) <= 225,
            "{} + {}",
            polls(7200),
            polls(1800)
        );
    }

    proptest! {
        #[test]
        fn never_later_than_a_share_or_the_floor(waited in 0_i64..1_000_000) {
            let wait = i64::from(next_wait(second(0), second(waited)));
            prop_assert!(wait <= (waited * SHARE_PERCENT / 100).max(FLOOR_SECONDS) && wait <= CAP_SECONDS);
        }
    }
}
