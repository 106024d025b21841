//! The EventBridge event that tells of an execution's status.

use crate::asl::{Execution, Status};
use jiff::Timestamp;
use serde_json::{Value, json};

/// "Step Functions Execution Status Change" of an execution as it stands (Step Functions guide, "Automating Step
/// Functions event delivery with EventBridge").
pub fn status_change(execution: &Execution, now: Timestamp) -> Value {
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    let field = |n: usize| execution.execution_arn.split(':').nth(n).unwrap_or_default();
    let redrivable = match execution.status {
        Status::Failed | Status::TimedOut | Status::Aborted => "REDRIVABLE",
        Status::Running | Status::Succeeded => "NOT_REDRIVABLE",
    };
    json!({
        "version": "0",
        "id": format!("{}-{}", execution.name, execution.redrive_count),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": field(4),
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": field(3),
        "resources": [execution.execution_arn],
        "detail": {
            "executionArn": execution.execution_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status.to_string(),
            "startDate": execution.start_date.as_millisecond(),
            "stopDate": millis(execution.stop_date),
            "input": execution.input.to_string(),
            "inputDetails": {"included": true},
            "output": execution.output.as_ref().map(ToString::to_string),
            "outputDetails": {"included": true},
            "stateMachineVersionArn": null,
            "stateMachineAliasArn": null,
            "redriveCount": execution.redrive_count,
            "redriveDate": millis(execution.redrive_date),
            "redriveStatus": redrivable,
            "redriveStatusReason": null,
            "error": execution.error,
            "cause": execution.cause,
        },
    })
}
