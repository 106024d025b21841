//! Attempts at a Task or a Map, and what the retriers make of their failures.

use std::time::Duration;

use super::definition::{MapState, Retrier, Task, Transform};
use super::run::{Failure, Path, Runner};
use super::step::Outcome;

/// What can be attempted more than once.
#[derive(Clone, Copy)]
pub(super) enum Work<'w> {
    Task {
        name: &'w str,
        task: &'w Task,
        result: &'w Transform,
    },
    Map {
        name: &'w str,
        map: &'w MapState,
        result: &'w Transform,
    },
}

impl Runner<'_> {
    /// Attempts `work` until it succeeds or no retrier wants another attempt. Each retry is a state transition.
    pub(super) async fn attempts(
        &self,
        path: Path<'_>,
        retry: &[Retrier],
        work: Work<'_>,
    ) -> Result<Outcome, Failure> {
        let mut used = vec![0; retry.len()];
        loop {
            let attempt = match work {
                Work::Task { name, task, result } => self.attempt_task(path, name, task, result).await,
                Work::Map { name, map, result } => self.attempt_map(path, name, map, result).await,
            };
            let failure = match attempt {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => failure,
            };
            let Some(delay) = self.delay(retry, &mut used, &failure.error) else {
                return Err(failure);
            };
            self.environment.clock.sleep(delay).await;
            self.change(|execution| {
                execution.transitions += 1;
                if let Some(cursor) = execution.cursor_mut(path) {
                    cursor.retries += 1;
                    cursor.iterations = None;
                }
            });
        }
    }

    /// How long the first retrier that knows the error waits, unless it has no attempts left. Later ones are not asked.
    fn delay(&self, retry: &[Retrier], used: &mut [u32], error: &str) -> Option<Duration> {
        let (retrier, used) = retry
            .iter()
            .zip(used)
            .find(|(retrier, _)| retrier.matches(error))?;
        if *used >= retrier.max_attempts {
            return None;
        }
        let delay = retrier.nominal_delay(*used);
        *used += 1;
        if retrier.full_jitter {
            Some(self.change(|execution| execution.draws.jitter(delay)))
        } else {
            Some(delay)
        }
    }
}

impl Retrier {
    /// `States.Runtime` is never retried; the wildcards know neither it nor `States.DataLimitExceeded`, and
    /// `States.TaskFailed` does not know `States.Timeout` (guide, "Handling errors in Step Functions workflows").
    pub(super) fn matches(&self, error: &str) -> bool {
        error != "States.Runtime"
            && self.error_equals.iter().any(|name| match name.as_str() {
                "States.ALL" => error != "States.DataLimitExceeded",
                "States.TaskFailed" => error != "States.DataLimitExceeded" && error != "States.Timeout",
                name => name == error,
            })
    }

    /// The delay before retry number `attempt` (from 0), without jitter.
    pub(super) fn nominal_delay(&self, attempt: u32) -> Duration {
        let exponent = i32::try_from(attempt).unwrap_or(i32::MAX);
        let seconds = self.interval_seconds * self.backoff_rate.powi(exponent);
        let capped = self.max_delay_seconds.map_or(seconds, |most| seconds.min(most));
        Duration::try_from_secs_f64(capped).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier(names: &[&str]) -> Retrier {
        Retrier {
            error_equals: names.iter().map(|name| (*name).to_owned()).collect(),
            interval_seconds: 2.0,
            max_attempts: 6,
            backoff_rate: 2.0,
            max_delay_seconds: Some(20.0),
            full_jitter: false,
        }
    }

    #[test]
    fn delays_grow_to_their_cap() {
        let delays: Vec<_> = (0..6)
            .map(|attempt| retrier(&[]).nominal_delay(attempt).as_secs())
            .collect();
        assert_eq!(delays, [2, 4, 8, 16, 20, 20]);
        assert_eq!(
            retrier(&[]).nominal_delay(u32::MAX).as_secs(),
            20,
            "the cap holds for every attempt"
        );
    }

    #[test]
    fn wildcards_know_what_the_guide_says() {
        for (names, error, matches) in [
            (&["States.ALL"][..], "Backup.Throttled", true),
            (&["States.ALL"], "States.Timeout", true),
            (&["States.ALL"], "States.QueryEvaluationError", true),
            (&["States.ALL"], "States.DataLimitExceeded", false),
            (&["States.ALL"], "States.Runtime", false),
            (&["States.TaskFailed"], "Backup.Throttled", true),
            (&["States.TaskFailed"], "States.Timeout", false),
            (&["States.TaskFailed"], "States.DataLimitExceeded", false),
            (&["States.DataLimitExceeded"], "States.DataLimitExceeded", true),
            (&["States.Runtime"], "States.Runtime", false),
            (&["Backup.Throttled"], "backup.throttled", false),
            (&["A", "B"], "B", true),
        ] {
            assert_eq!(retrier(names).matches(error), matches, "{names:?} on `{error}`");
        }
    }
}
