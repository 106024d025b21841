//! What goes on while an execution runs: it is watched, saved, and told about at its end.

use crate::engine::clock::PacedClock;
use crate::engine::executions::Executions;
use crate::engine::notice::Notice;
use crate::engine::rule;
use futures_util::future::BoxFuture;
use serde_json::Value;
use sim::asl::{Environment, Execution, HistoryEvent, Invocation, Invoke, Observer, Run, TaskError};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// The shortest time between two writes of a running execution's record.
const SAVE_PAUSE: Duration = Duration::from_millis(50);

/// Counts one more thing that is under way, until it is dropped.
pub(crate) struct Busy(watch::Sender<usize>);

impl Busy {
    pub(crate) fn new(count: watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Drives one execution from a start or a redrive to its end, and to the alert about it.
pub(crate) struct Driver {
    executions: Weak<Executions>,
    /// Told of each event.
    changed: Arc<Notify>,
}

impl Driver {
    /// A driver of one of these executions.
    pub(crate) fn new(executions: Weak<Executions>) -> Self {
        Self {
            executions,
            changed: Arc::default(),
        }
    }

    /// Drives the run; `driving` is dropped once it has ended and is saved.
    pub(crate) async fn drive(&self, run: &Run, environment: &Environment, driving: Busy) {
        let watcher = Watcher {
            executions: self.executions.clone(),
            changed: Arc::clone(&self.changed),
        };
        let observed = environment.clone().observed_by(Arc::new(watcher));
        let status = tokio::select! {
            status = run.run(&observed) => status,
            never = self.keep_saving(run) => match never {},
        };
        let execution = run.snapshot();
        let Some(executions) = self.executions.upgrade() else {
            return;
        };
        executions.save(run);
        drop(driving);
        executions.tell(Notice::Ended {
            execution: execution.name.clone(),
            status,
        });
        let target = executions.rule_target().clone();
        // The engine may be dropped while the alert is delivered.
        drop(executions);
        if rule::matches(status) {
            self.alert(&execution, environment, &target).await;
        }
    }

    async fn alert(&self, execution: &Execution, environment: &Environment, target: &rule::Target) {
        let delivered = rule::deliver(&*environment.invoke, &*environment.clock, target, execution).await;
        let name = execution.name.clone();
        let notice = match delivered {
            Ok(()) => Notice::Alerted { execution: name },
            Err(TaskError { error, cause }) => Notice::AlertLost {
                execution: name,
                reason: format!("{error}: {cause}"),
            },
        };
        if let Some(executions) = self.executions.upgrade() {
            executions.tell(notice);
        }
    }

    /// Saves the record soon after each event, but spends at most a tenth of the time on it: long histories are large.
    async fn keep_saving(&self, run: &Run) -> std::convert::Infallible {
        loop {
            self.changed.notified().await;
            let before = tokio::time::Instant::now();
            if let Some(executions) = self.executions.upgrade() {
                executions.save(run);
            }
            tokio::time::sleep(SAVE_PAUSE.max(before.elapsed() * 10)).await;
        }
    }
}

struct Watcher {
    executions: Weak<Executions>,
    changed: Arc<Notify>,
}

impl Observer for Watcher {
    fn on_event(&self, event: &HistoryEvent, execution: &Execution) {
        self.changed.notify_one();
        if let Some(executions) = self.executions.upgrade() {
            let event = Arc::new(event.clone());
            executions.tell(Notice::Event {
                execution: execution.name.clone(),
                event,
            });
        }
    }
}

/// Keeps the clock at the machine's pace while a function works.
pub(crate) struct Paced {
    /// The clock.
    pub(crate) clock: Arc<PacedClock>,
    /// Who calls the function.
    pub(crate) invoke: Arc<dyn Invoke>,
}

impl Invoke for Paced {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move {
            let _working = self.clock.work();
            self.invoke.invoke(call).await
        })
    }
}
