//! EventBridge Scheduler as the deployment sets it up: what starts the runs, and what calls `watch`.

use super::Stage;
use crate::asl::{Run, Status};
use crate::ports::{Asked, Effect, Strike};
use crate::trace::Caller;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Attempts after the first (`infra/lib/backup-plan.ts`, `START_RETRIES`).
pub const START_RETRIES: u32 = 20;
/// How late a run may start (`infra/lib/backup-plan.ts`, `START_MAX_AGE`).
pub const START_MAX_AGE: SignedDuration = SignedDuration::from_hours(1);
/// The first wait of the exponential backoff; its figures are not documented (Scheduler API, `RetryPolicy`).
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What came of one firing of a schedule.
#[derive(Default)]
pub struct Fired {
    /// The executions that it began, also those whose answer was lost, in order; they go on by themselves.
    pub runs: Vec<Arc<Run>>,
    /// Attempts that it took.
    pub attempts: u32,
    /// Whether Scheduler knows that it delivered.
    pub delivered: bool,
    tasks: Vec<JoinHandle<Status>>,
}

impl Fired {
    /// Waits for the ends of all executions that were begun, and for the messages about them.
    ///
    /// # Panics
    ///
    /// Where the task of one panicked.
    pub async fn ended(self) -> Vec<Arc<Run>> {
        for task in self.tasks {
            let ended = task.await;
            assert!(ended.is_ok(), "{ended:?}");
        }
        self.runs
    }
}

impl Stage {
    /// Fires the schedule of a cache at `scheduled`: it asks Step Functions to start an execution until it hears that one
    /// was started, [`START_RETRIES`] times more and for [`START_MAX_AGE`], then lays the firing into the queue of what
    /// was not delivered.
    ///
    /// Which errors are not worth another attempt is not documented, so every one gets it. Each attempt has a name of its
    /// own (`<aws.scheduler.execution-id>` differs per attempt) and the same input.
    pub async fn fire(&self, id: &str, input: &Value, scheduled: Timestamp) -> Fired {
        let mut fired = Fired::default();
        let mut wait = FIRST_WAIT;
        let name = format!("{id}-{}", scheduled.strftime("%Y%m%d%H%M"));
        loop {
            fired.attempts += 1;
            let name = format!("{name}-{}", fired.attempts);
            fired.delivered = self.start_once(&name, input, &mut fired).await;
            let too_late = scheduled + START_MAX_AGE < self.ports.clock.now() + wait;
            if fired.delivered {
                return fired;
            }
            if fired.attempts > START_RETRIES || too_late {
                self.undelivered(&name);
                return fired;
            }
            self.ports.clock.sleep(wait).await;
            wait *= 2;
        }
    }

    /// One attempt; whether its answer says that the execution was started.
    async fn start_once(&self, name: &str, input: &Value, fired: &mut Fired) -> bool {
        let caller = Caller::of("scheduler");
        let asked = Asked {
            caller: &caller,
            operation: "StartExecution",
            argument: name,
        };
        let (effect, wait, is_told) = match self.ports.disturb.strike(&asked) {
            Strike::Answer(_, effect) => (effect, Duration::ZERO, false),
            Strike::NoAnswer(effect, wait) => (effect, wait, false),
            // What befalls a process of ours does not befall Scheduler, and starting reads nothing that could lag.
            _ => (Effect::Done, Duration::ZERO, true),
        };
        if effect == Effect::Done {
            let run = self.begin(name, input.clone());
            let (stage, driven) = (self.clone(), Arc::clone(&run));
            fired.runs.push(run);
            fired
                .tasks
                .push(tokio::spawn(async move { stage.drive(&driven).await }));
        }
        self.ports.clock.sleep(wait).await;
        is_told
    }

    /// Lets the hourly schedule call `watch`; gives whether it answered, at the first call or at one of two more.
    pub async fn watch(&self, input: Value) -> bool {
        self.call_later(Caller::of("watch"), input, "watch").await
    }
}
