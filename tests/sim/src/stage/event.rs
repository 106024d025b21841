//! The EventBridge event that tells of an execution's status.

use crate::asl::Execution;
use jiff::Timestamp;
use serde_json::{Value, json};

/// "Step Functions Execution Status Change" of an execution as it stands (Step Functions guide, "Automating event delivery with EventBridge").
pub fn status_change(execution: &Execution, id: &str, now: Timestamp) -> Value {
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
        "id": id,
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
