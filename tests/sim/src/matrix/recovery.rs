//! What comes after the faults: what the alert says to do is done, until there is a verified backup.

use super::scene::Scene;
use crate::asl::{Run, Status};
use crate::stage::Stage;
use backup_core::{ErrorName, Mend};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What was done, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What was done, in order: `re-drive`, `new run`.
    pub steps: Vec<&'static str>,
    /// Whether the last run succeeded.
    pub succeeded: bool,
    /// How it ended instead.
    pub error: Option<String>,
}

/// As often a person tries before calling it lost.
const PATIENCE: usize = 6;

/// Does what mends the run's error until it succeeds: waits an hour and re-drives it, or starts a new one the next night.
pub async fn recover(stage: &Stage, run: &Arc<Run>, scene: &Scene, due: Timestamp) -> Recovered {
    let mut run = Arc::clone(run);
    let mut steps = Vec::new();
    while run.status() != Status::Succeeded && steps.len() < PATIENCE {
        let error = run.with(|e| e.error.clone()).unwrap_or_default();
        let mend = ErrorName::parse(&error).map_or(Mend::Redrive, ErrorName::mend);
        if mend == Mend::NewRun {
            steps.push("new run");
            let night = i64::try_from(steps.len()).unwrap_or(1);
            let at = due + SignedDuration::from_hours(24 * night);
            let wait = at.duration_since(stage.ports.clock.now());
            stage
                .ports
                .clock
                .sleep(wait.try_into().unwrap_or(Duration::ZERO))
                .await;
            run = stage.start(&format!("again-{night}"), scene.input(at)).await;
        } else {
            steps.push("re-drive");
            // The day's snapshots come back after a day, all else is mended within an hour.
            let wait = if error.ends_with("QuotaExceeded") { 24 } else { 1 };
            stage.ports.clock.sleep(Duration::from_hours(wait)).await;
            if stage.redrive(&run).await.is_err() {
                break;
            }
        }
    }
    Recovered {
        steps,
        succeeded: run.status() == Status::Succeeded,
        error: run.with(|e| e.error.clone()),
    }
}
