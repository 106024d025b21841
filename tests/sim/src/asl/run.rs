//! Drives an execution: a handle that many may hold, and the loop over one strand's states.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::definition::{Scope, StateMachine};
use super::environment::Environment;
use super::error::{DefinitionError, NotRedrivable};
use super::execution::{Ending, Execution, MAX_EVENTS, Status};
use super::history::{Details, EventType, Why};

/// A handle on one execution: to run it, watch it, stop it and redrive it. Clones share the execution.
#[derive(Clone)]
pub struct Run {
    shared: Arc<Shared>,
}

struct Shared {
    execution: Mutex<Execution>,
    machine: StateMachine,
    /// The number of the redrive under which a stop was asked for, and why.
    stop: watch::Sender<Option<(u32, Why)>>,
}

impl Run {
    /// A handle on a new or a stored execution, under the definition it was started with.
    pub fn new(execution: Execution) -> Result<Self, DefinitionError> {
        let machine = StateMachine::parse(&execution.definition)?;
        let shared = Shared {
            execution: Mutex::new(execution),
            machine,
            stop: watch::Sender::new(None),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Runs the execution until it ends, and gives how; one that has ended already is left alone.
    ///
    /// A stored execution that was running when its process ended goes on at the state it was in.
    pub async fn run(&self, environment: &Environment) -> Status {
        if self.status() == Status::Running {
            let runner = Runner {
                shared: &self.shared,
                environment,
            };
            let ending = runner.ending().await;
            runner.finish(ending);
        }
        self.status()
    }

    /// Asks a running execution to end as `ABORTED`; what is in flight is cancelled. Ended ones stay as they are.
    ///
    /// It takes effect when [`Run::run`] is next polled; an execution that nobody runs is stopped by
    /// [`Execution::stop`].
    pub fn stop(&self, why: Why) {
        let redrive = self.with(|execution| execution.redrive_count);
        self.shared.stop.send_replace(Some((redrive, why)));
    }

    /// Sets an ended execution running again from where it failed; [`Run::run`] then drives it.
    pub fn redrive(&self, now: Timestamp) -> Result<(), NotRedrivable> {
        self.shared.lock().redrive(now)
    }

    /// A copy of the record as it stands, also while it runs.
    pub fn snapshot(&self) -> Execution {
        self.shared.lock().clone()
    }

    /// Reads the record without copying it; it is locked meanwhile.
    pub fn with<R>(&self, read: impl FnOnce(&Execution) -> R) -> R {
        read(&self.shared.lock())
    }

    /// Where the execution stands.
    pub fn status(&self) -> Status {
        self.with(|execution| execution.status)
    }
}

impl Shared {
    /// The record is consistent between any two changes, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Execution> {
        self.execution.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a state failed, and the event that told of it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) cause: Option<String>,
    pub(super) event: u64,
}

/// One drive of an execution, from a start or a redrive to an end.
pub(super) struct Runner<'a> {
    shared: &'a Shared,
    pub(super) environment: &'a Environment,
}

/// The indexes of the Map iterations that lead to a strand; empty for the top level.
pub(super) type Path<'p> = &'p [usize];

impl Runner<'_> {
    async fn ending(&self) -> Ending {
        let work = Box::pin(self.strand(&self.shared.machine.scope, Vec::new()));
        let interrupted = Box::pin(async {
            match select(Box::pin(self.stopped()), Box::pin(self.expired())).await {
                Either::Left((why, _)) => Ending::Aborted(why),
                Either::Right(((), _)) => Ending::TimedOut,
            }
        });
        match select(work, interrupted).await {
            Either::Left((Ok(output), _)) => Ending::Succeeded(output),
            Either::Left((Err(failure), _)) => {
                let why = Why {
                    error: Some(failure.error),
                    cause: failure.cause,
                };
                Ending::Failed(why, failure.event)
            }
            Either::Right((ending, _)) => ending,
        }
    }

    fn finish(&self, ending: Ending) {
        let now = self.now();
        self.change(|execution| {
            if matches!(ending, Ending::TimedOut | Ending::Aborted(_)) {
                execution.abort_strands(now);
            }
            execution.end(ending, now);
        });
    }

    /// Completes when a stop is asked for that belongs to this drive.
    async fn stopped(&self) -> Why {
        let mut stop = self.shared.stop.subscribe();
        let redrive = self.read(|execution| execution.redrive_count);
        let asked = stop
            .wait_for(|asked| asked.as_ref().is_some_and(|(of, _)| *of == redrive))
            .await;
        match asked.ok().and_then(|asked| asked.clone()) {
            Some((_, why)) => why,
            // The sender lives in what `self` borrows, so this is never reached.
            None => std::future::pending().await,
        }
    }

    /// Completes when the state machine's own timeout strikes, counted from the start or the latest redrive.
    async fn expired(&self) {
        let Some(timeout) = self.shared.machine.timeout else {
            return std::future::pending().await;
        };
        let deadline = self.read(|execution| execution.deadline(timeout));
        let left = Duration::try_from(deadline.duration_since(self.now())).unwrap_or(Duration::ZERO);
        self.environment.clock.sleep(left).await;
    }

    /// Runs the states of `scope` from where the strand stands, to the strand's output.
    pub(super) fn strand<'s>(
        &'s self,
        scope: &'s Scope,
        path: Vec<usize>,
    ) -> BoxFuture<'s, Result<Value, Failure>> {
        Box::pin(async move {
            loop {
                let name = self.read(|execution| execution.cursor(&path).map(|cursor| cursor.state.clone()));
                // Both exist: the definition was checked, and the cursor is made before its strand runs.
                let Some((name, state)) = name.and_then(|name| scope.states.get_key_value(&name)) else {
                    return Err(self.failure(
                        &path,
                        "States.Runtime",
                        "the strand has no state to go on with",
                    ));
                };
                if let Some(output) = self.step(name, state, &path).await? {
                    return Ok(output);
                }
            }
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.environment.clock.now()
    }

    pub(super) fn read<R>(&self, read: impl FnOnce(&Execution) -> R) -> R {
        read(&self.shared.lock())
    }

    /// Changes the record and tells the observer of the events that this made.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Execution) -> R) -> R {
        let mut execution = self.shared.lock();
        let told = execution.history.len();
        let result = change(&mut execution);
        for event in &execution.history[told..] {
            self.environment.observer.on_event(event, &execution);
        }
        result
    }

    /// Appends an event to the strand's chain; a history that is full fails the execution.
    pub(super) fn emit(
        &self,
        path: Path<'_>,
        event_type: EventType,
        details: Option<Details>,
    ) -> Result<u64, Failure> {
        self.emit_and(path, event_type, details, |_, _| ())
    }

    /// Appends an event and makes the change that it tells of, so that no stored record has one without the other.
    pub(super) fn emit_and(
        &self,
        path: Path<'_>,
        event_type: EventType,
        details: Option<Details>,
        change: impl FnOnce(&mut Execution, u64),
    ) -> Result<u64, Failure> {
        let now = self.now();
        self.change(|execution| {
            let previous = execution.cursor(path).map_or(0, |cursor| cursor.last_event);
            if execution.history.len() >= MAX_EVENTS - 1 {
                return Err(Failure {
                    error: "States.Runtime".to_owned(),
                    cause: Some(format!(
                        "The execution reached the maximum number of history events ({MAX_EVENTS})."
                    )),
                    event: previous,
                });
            }
            let id = execution.push(event_type, previous, details, now);
            if let Some(cursor) = execution.cursor_mut(path) {
                cursor.last_event = id;
            }
            change(execution, id);
            Ok(id)
        })
    }

    /// A failure without an event of its own.
    pub(super) fn failure(&self, path: Path<'_>, error: &str, cause: impl Into<String>) -> Failure {
        let event = self.read(|execution| execution.cursor(path).map_or(0, |cursor| cursor.last_event));
        Failure {
            error: error.to_owned(),
            cause: Some(cause.into()),
            event,
        }
    }
}
