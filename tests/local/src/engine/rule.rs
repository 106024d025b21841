//! The EventBridge rule: an execution that ended without success has `notify` called, as Lambda does asynchronously.

use sim::asl::{Clock, Execution, Invocation, Invoke, Status, TaskError};
use sim::stage::{EventForm, status_change};
use std::time::Duration;
use uuid::Builder;

/// The function that the rule calls.
pub(crate) const TARGET: &str = "notify";

/// What stands for a state where tampering goes by names.
pub(crate) const RULE: &str = "EventBridgeRule";

/// Waits before Lambda's two asynchronous retries (Lambda guide, "Error handling for asynchronous invocation").
const RETRIES: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// What the rule calls, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The function.
    pub(crate) function_arn: String,
    /// How much the event tells.
    pub(crate) form: EventForm,
}

/// Whether the rule's pattern matches.
pub(crate) fn matches(status: Status) -> bool {
    matches!(status, Status::Failed | Status::TimedOut | Status::Aborted)
}

/// Calls the target with the event until it takes it, at most three times; an error is the last attempt's.
pub(crate) async fn deliver(
    invoke: &dyn Invoke,
    clock: &dyn Clock,
    target: &Target,
    execution: &Execution,
) -> Result<(), TaskError> {
    let id = Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    let event = status_change(execution, target.form, &id.to_string(), clock.now());
    let mut waits = RETRIES.iter();
    for retry in 0.. {
        let call = Invocation {
            function_name: target.function_arn.clone(),
            payload: event.clone(),
            execution_arn: execution.execution_arn.clone(),
            state: RULE.to_owned(),
            retry,
            timeout: None,
        };
        let Err(error) = invoke.invoke(call).await else {
            return Ok(());
        };
        match waits.next() {
            Some(wait) => clock.sleep(*wait).await,
            None => return Err(error),
        }
    }
    Ok(())
}
