//! One cache's night: its schedule fires, its runs end, and by day a person does what the alerts say.

use super::Setup;
use super::fleet::{Cache, Kind};
use crate::asl::{Run, Status};
use crate::matrix::mend_of;
use crate::stage::Stage;
use backup_core::Mend;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

/// Hours after the runs are due at which a person looks at what failed.
const LOOKS: [i64; 6] = [6, 8, 10, 13, 16, 19];

/// What came of one cache's night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightEnd {
    /// The cache's id.
    pub cache: String,
    /// Its kind.
    pub kind: Kind,
    /// Whether a run of it succeeded, by itself or after it was mended.
    pub succeeded: bool,
    /// Whether one succeeded before a person looked.
    pub by_itself: bool,
    /// Executions that were begun.
    pub executions: u64,
    /// Names of executions of which an attempt failed, once for each attempt.
    pub failed: Vec<String>,
    /// Attempts that failed, by error.
    pub errors: Vec<String>,
    /// Re-drives and new runs by a person.
    pub mended: u64,
    /// State transitions of all of them.
    pub transitions: u64,
    /// History events of each of them.
    pub events: Vec<usize>,
}

/// The input that the schedule sends.
pub(super) fn input(cache: &Cache, due: Timestamp) -> Value {
    json!({
        "cache": cache.reference(),
        "plan": "nightly",
        "scheduledTime": due.to_string(),
        "retention": {"keepDaily": super::promise::DAYS, "keepWeekly": super::promise::WEEKS},
        "notify": "recovery",
    })
}

struct Night<'a> {
    stage: Stage,
    cache: &'a Cache,
    due: Timestamp,
    runs: Vec<Arc<Run>>,
    end: NightEnd,
}

/// Waits until a moment that may be past.
pub(super) async fn until(stage: &Stage, at: Timestamp) {
    let wait = at.duration_since(stage.ports.clock.now());
    if wait.is_positive() {
        stage.ports.clock.sleep(wait.unsigned_abs()).await;
    }
}

/// Plays the night of a cache that is due at `due`; `stage` has a seed of its own, so that no two runs draw the same
/// jitter.
pub(super) async fn play(setup: &Setup, stage: Stage, cache: &Cache, due: Timestamp) -> NightEnd {
    let mut rng = fastrand::Rng::with_seed(stage.seed);
    let offset = SignedDuration::from_mins(i64::from(rng.u32(0..=setup.window_minutes)));
    until(&stage, due + offset).await;
    let fired = stage.fire(&cache.id, &input(cache, due), due).await;
    let runs = fired.ended().await;
    let mut night = Night {
        stage,
        cache,
        due,
        runs,
        end: NightEnd {
            cache: cache.id.clone(),
            kind: cache.kind,
            succeeded: false,
            by_itself: false,
            executions: 0,
            failed: Vec::new(),
            errors: Vec::new(),
            mended: 0,
            transitions: 0,
            events: Vec::new(),
        },
    };
    let runs = night.runs.clone();
    for run in &runs {
        night.note(run);
    }
    night.end.by_itself = night.end.succeeded;
    night.mend().await;
    night.conclude()
}

impl Night<'_> {
    /// Notes how an attempt ended.
    fn note(&mut self, run: &Run) {
        let (status, name, error) = run.with(|e| (e.status, e.name.clone(), e.error.clone()));
        if status == Status::Succeeded {
            self.end.succeeded = true;
        } else {
            self.end.failed.push(name);
            self.end.errors.push(error.unwrap_or_else(|| status.to_string()));
        }
    }

    /// What a person does by day: re-drives every execution whose alert says so, also beside one that succeeded, and
    /// starts a new run where none is left to re-drive and there is no backup.
    async fn mend(&mut self) {
        for hours in LOOKS {
            let failed: Vec<Arc<Run>> = self.runs.iter().filter(|run| is_mendable(run)).cloned().collect();
            if failed.is_empty() && self.end.succeeded {
                return;
            }
            until(&self.stage, self.due + SignedDuration::from_hours(hours)).await;
            let mut redriven = Vec::new();
            for run in failed {
                if self.stage.redrive(&run).await.is_ok() {
                    redriven.push(run);
                }
            }
            if redriven.is_empty() && !self.end.succeeded {
                redriven.push(self.start_anew().await);
            }
            self.end.mended += redriven.len() as u64;
            for run in &redriven {
                self.note(run);
            }
        }
    }

    async fn start_anew(&mut self) -> Arc<Run> {
        let now = self.stage.ports.clock.now();
        let name = format!("{}-{}-anew", self.cache.id, now.strftime("%Y%m%d%H%M"));
        let run = self.stage.start(&name, input(self.cache, now)).await;
        self.runs.push(Arc::clone(&run));
        run
    }

    fn conclude(mut self) -> NightEnd {
        for run in &self.runs {
            let (transitions, events) = run.with(|e| (e.transitions, e.history.len()));
            self.end.transitions += transitions;
            self.end.events.push(events);
            self.end.executions += 1;
            self.stage.forget(run);
        }
        self.end
    }
}

/// Whether it failed and its alert says to re-drive it.
fn is_mendable(run: &Run) -> bool {
    run.with(|e| {
        e.status != Status::Succeeded && mend_of(e.error.as_deref().unwrap_or_default()) != Mend::NewRun
    })
}
