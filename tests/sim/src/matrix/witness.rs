//! Who watches a cell: what was told, what the judge says, and the timeline that a person reads.

use super::cell::Finding;
use crate::model::{Model, Setting};
use crate::stage::{BUCKET, DEPLOYMENT, Stage};
use crate::trace::{By, Judge, Step, What};
use crate::world::operation::reads;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was told so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Alerts of failures.
    pub failures: usize,
    /// Alerts that begin by saying that the backup is recorded and safe.
    pub safe: usize,
    /// Messages of successes, those with warnings included.
    pub successes: usize,
    /// Messages of successes with warnings.
    pub warnings: usize,
    /// Events that lie in the queue of what was not delivered.
    pub undelivered: usize,
}

impl Told {
    /// What was told since then.
    #[must_use]
    pub const fn since(&self, then: &Self) -> Self {
        Self {
            failures: self.failures.saturating_sub(then.failures),
            safe: self.safe.saturating_sub(then.safe),
            successes: self.successes.saturating_sub(then.successes),
            warnings: self.warnings.saturating_sub(then.warnings),
            undelivered: self.undelivered.saturating_sub(then.undelivered),
        }
    }
}

#[derive(Default)]
struct Seen {
    begin: Option<Timestamp>,
    told: Told,
    lines: Vec<String>,
    log: Sha256,
}

/// Watches one stage.
#[derive(Clone)]
pub(super) struct Witness {
    seen: Arc<Mutex<Seen>>,
    model: Model,
}

impl Default for Witness {
    fn default() -> Self {
        Self {
            seen: Arc::default(),
            model: Model::new(Setting::new(DEPLOYMENT, BUCKET)),
        }
    }
}

impl Witness {
    /// Watches from now on.
    pub(super) fn watch(&self, stage: &Stage) {
        let now = stage.ports.clock.now();
        self.seen().begin = Some(now);
        let world = stage.ports.world();
        stage.ports.trace.judge(&world, now, self.clone());
        stage.ports.trace.judge(&world, now, self.model.clone());
    }

    /// The judge.
    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    /// What was told so far.
    pub(super) fn told(&self) -> Told {
        self.seen().told.clone()
    }

    /// What must not be, once nothing is under way.
    pub(super) async fn findings(&self, stage: &Stage) -> Vec<Finding> {
        // Deletions that were asked for last come to their end.
        stage.ports.clock.sleep(std::time::Duration::from_hours(1)).await;
        stage.ports.settle();
        self.model.at_rest(stage.ports.clock.now());
        let violations = self.model.violations().into_iter();
        violations
            .map(|found| Finding::new(&format!("{:?}", found.invariant), found.text))
            .collect()
    }

    /// What happened, line by line, each with the time since the run was due.
    pub(super) fn timeline(&self) -> Vec<String> {
        self.seen().lines.clone()
    }

    /// The SHA-256 of every step's line of text: equal for two runs that are equal byte for byte.
    pub(super) fn log_digest(&self) -> String {
        base16ct::lower::encode_string(&self.seen().log.clone().finalize())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        locked(&self.seen)
    }
}

impl Judge for Witness {
    fn step(&mut self, step: &Step) {
        let mut seen = self.seen();
        seen.log.update(step.to_string());
        if step.by == By::Past {
            return;
        }
        match &step.what {
            What::Published(message) => {
                let told = &mut seen.told;
                if message.subject.contains("FAILED")
                    || message.subject.contains("ABORTED")
                    || message.subject.contains("TIMED")
                {
                    told.failures += 1;
                    told.safe += usize::from(message.email.contains("recorded and safe"));
                } else {
                    told.successes += 1;
                    told.warnings += usize::from(message.subject.to_lowercase().contains("warning"));
                }
            }
            What::Undelivered { .. } => seen.told.undelivered += 1,
            _ => {}
        }
        if is_worth_a_line(step) {
            let since = seen
                .begin
                .map_or_else(Default::default, |begin| step.at.duration_since(begin));
            let line = format!("{:>9}  {}: {}", clock_text(since.as_secs()), step.by, step.what);
            seen.lines.push(line.chars().take(240).collect());
        }
    }
}

fn clock_text(seconds: i64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Everything that changes something or goes wrong; calls that read and are answered are passed over.
fn is_worth_a_line(step: &Step) -> bool {
    match &step.what {
        What::Called {
            operation, answer, ..
        } => answer != "ok" || !reads(operation),
        What::Read { .. } | What::Invoked { .. } | What::Measured(_) => false,
        What::Returned { result } => result.is_err(),
        _ => true,
    }
}

/// What is shared, also after a panic elsewhere: every change of it is whole.
pub(super) fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
