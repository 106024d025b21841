//! What an execution runs in: a clock, the functions it calls, and whoever watches.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::clock::Clock;
use super::execution::Execution;
use super::history::HistoryEvent;

/// Everything outside the interpreter.
#[derive(Clone)]
pub struct Environment {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The functions.
    pub invoke: Arc<dyn Invoke>,
    /// Who is told of every event.
    pub observer: Arc<dyn Observer>,
}

impl Environment {
    /// An environment that nobody watches.
    pub fn new(clock: Arc<dyn Clock>, invoke: Arc<dyn Invoke>) -> Self {
        Self {
            clock,
            invoke,
            observer: Arc::new(()),
        }
    }

    /// The same environment, watched.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }
}

/// Calls functions.
pub trait Invoke: Send + Sync {
    /// Calls a function and gives what it returns.
    ///
    /// The future is dropped when the Task times out or the execution is stopped.
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>>;
}

/// One call of a function by a Task.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// What `Arguments.FunctionName` evaluated to: a name or an ARN.
    pub function_name: String,
    /// What `Arguments.Payload` evaluated to.
    pub payload: Value,
    /// The execution that calls.
    pub execution_arn: String,
    /// The Task's name.
    pub state: String,
    /// 0 for the first attempt, then the number of the retry.
    pub retry: u32,
    /// The Task's own time limit.
    pub timeout: Option<Duration>,
}

/// A failed call, as `States.TaskFailed` and the retriers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// The name that `ErrorEquals` matches: the function's `errorType`, or Lambda's own, as `Lambda.Unknown`.
    pub error: String,
    /// What explains it; for a function's error the JSON with `errorMessage` and `errorType`.
    pub cause: String,
}

/// Watches executions.
pub trait Observer: Send + Sync {
    /// Called after each event with the record as it stands then, for progress and for persistence.
    ///
    /// The record is locked meanwhile: do not call back into its [`super::Run`].
    fn on_event(&self, event: &HistoryEvent, execution: &Execution);
}

/// Nobody.
impl Observer for () {
    fn on_event(&self, _: &HistoryEvent, _: &Execution) {}
}
