//! The EventBridge rule: an execution that ended without success has `notify` called, as Lambda does asynchronously.

use jiff::Timestamp;
use serde_json::{Value, json};
use sim::asl::{Clock, Execution, Invocation, Invoke, Status, TaskError};
use std::time::Duration;
use uuid::Builder;

/// The function that the rule calls.
pub(crate) const TARGET: &str = "notify";

/// What stands for a state where tampering goes by names.
pub(crate) const RULE: &str = "EventBridgeRule";

/// Waits before Lambda's two asynchronous retries (Lambda guide, "Error handling for asynchronous invocation").
const RETRIES: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// Whether the rule's pattern matches.
pub(crate) fn matches(status: Status) -> bool {
    matches!(status, Status::Failed | Status::TimedOut | Status::Aborted)
}

/// Calls the target with the event until it takes it, at most three times; an error is the last attempt's.
pub(crate) async fn deliver(
    invoke: &dyn Invoke,
    clock: &dyn Clock,
    function_arn: &str,
    execution: &Execution,
) -> Result<(), TaskError> {
    let event = event(execution, clock.now());
    let mut waits = RETRIES.iter();
    for retry in 0.. {
        let call = Invocation {
            function_name: function_arn.to_owned(),
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

/// "Step Functions Execution Status Change" (Step Functions guide, "Automating event delivery with EventBridge").
fn event(execution: &Execution, now: Timestamp) -> Value {
    let mut arn = execution.execution_arn.split(':');
    let region = arn.nth(3).unwrap_or_default();
    let account = arn.next().unwrap_or_default();
    let redrivable = execution.redrivable(now);
    let status = if redrivable.is_ok() {
        "REDRIVABLE"
    } else {
        "NOT_REDRIVABLE"
    };
    let succeeded = execution.output.is_some();
    json!({
        "version": "0",
        "id": Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": account,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": region,
        "resources": [execution.execution_arn],
        "detail": {
            "executionArn": execution.execution_arn,
            "stateMachineArn": execution.state_machine_arn,
            "stateMachineVersionArn": null,
            "stateMachineAliasArn": null,
            "name": execution.name,
            "status": execution.status.to_string(),
            "startDate": execution.start_date.as_millisecond(),
            "stopDate": execution.stop_date.map(Timestamp::as_millisecond),
            "input": execution.input.to_string(),
            "inputDetails": {"included": true},
            "output": execution.output.as_ref().map(Value::to_string),
            "outputDetails": succeeded.then(|| json!({"included": true})),
            "error": execution.error,
            "cause": execution.cause,
            "redriveCount": execution.redrive_count,
            "redriveDate": execution.redrive_date.map(Timestamp::as_millisecond),
            "redriveStatus": status,
            "redriveStatusReason": redrivable.err().map(|reason| reason.to_string()),
        },
    })
}
