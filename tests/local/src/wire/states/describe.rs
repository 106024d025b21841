//! Executions and the state machine as the API shows them.

use crate::engine::Executions;
use jiff::Timestamp;
use serde_json::{Value, json};
use sim::asl::Execution;

/// Seconds since 1970 with milliseconds: the form of timestamps in the JSON protocol.
pub(crate) fn seconds(at: Timestamp) -> Value {
    let millis = at.as_millisecond();
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 fit 53 bits for a quarter million years"
    )]
    let seconds = millis as f64 / 1000.0;
    json!(seconds)
}

/// The answer of `DescribeExecution`.
pub(crate) fn description(execution: &Execution, now: Timestamp) -> Value {
    let (redrive_status, reason) = execution.redrive_status(now);
    let mut shown = json!({
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status.to_string(),
        "startDate": seconds(execution.start_date),
        "input": execution.input.to_string(),
        "inputDetails": {"included": true},
        "redriveCount": execution.redrive_count,
        "redriveStatus": redrive_status,
    });
    let optional = [
        ("stopDate", execution.stop_date.map(seconds)),
        ("redriveDate", execution.redrive_date.map(seconds)),
        ("redriveStatusReason", reason.map(|reason| json!(reason))),
        (
            "output",
            execution.output.as_ref().map(|output| json!(output.to_string())),
        ),
        (
            "outputDetails",
            execution.output.as_ref().map(|_| json!({"included": true})),
        ),
        ("error", execution.error.as_ref().map(|error| json!(error))),
        ("cause", execution.cause.as_ref().map(|cause| json!(cause))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            shown[name] = value;
        }
    }
    shown
}

/// An item of `ListExecutions`.
pub(crate) fn listed(execution: &Execution) -> Value {
    let mut item = json!({
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status.to_string(),
        "startDate": seconds(execution.start_date),
        "redriveCount": execution.redrive_count,
    });
    if let Some(stopped) = execution.stop_date {
        item["stopDate"] = seconds(stopped);
    }
    if let Some(redriven) = execution.redrive_date {
        item["redriveDate"] = seconds(redriven);
    }
    item
}

/// The one state machine, with or without its definition.
pub(crate) fn state_machine(executions: &Executions, with_definition: bool) -> Value {
    let arn = executions.state_machine_arn();
    let mut shown = json!({
        "stateMachineArn": arn,
        "name": arn.rsplit(':').next(),
        "type": "STANDARD",
        "creationDate": seconds(executions.created()),
    });
    if with_definition {
        shown["status"] = json!("ACTIVE");
        shown["definition"] = json!(executions.definition());
        shown["roleArn"] = json!("arn:aws:iam::000000000000:role/local");
    }
    shown
}
