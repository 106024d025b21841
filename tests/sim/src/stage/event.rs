//! The EventBridge event that tells of an execution's status.

use crate::asl::Execution;
use jiff::Timestamp;
use serde_json::{Value, json};

/// How much the event tells of the execution's data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EventForm {
    /// Neither input nor output, error or cause: the state machine is encrypted with a customer managed key, as the
    /// deployed one is (Step Functions guide, "Data at rest encryption").
    #[default]
    Encrypted,
    /// Everything, as under AWS's own key.
    Full,
    /// Everything but the input: input and output together are larger than 248 KB, under AWS's own key (Step Functions
    /// guide, "Automating event delivery with EventBridge").
    Large,
}

/// "Step Functions Execution Status Change" of an execution as it stands (Step Functions guide, "Automating event delivery with EventBridge").
pub fn status_change(execution: &Execution, form: EventForm, id: &str, now: Timestamp) -> Value {
    let mut arn = execution.execution_arn.split(':');
    let region = arn.nth(3).unwrap_or_default();
    let account = arn.next().unwrap_or_default();
    let (redrive_status, reason) = execution.redrive_status(now);
    let (tells_input, tells_rest) = (form == EventForm::Full, form != EventForm::Encrypted);
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
            "input": tells_input.then(|| execution.input.to_string()),
            "inputDetails": {"included": tells_input},
            "output": execution.output.as_ref().filter(|_| tells_rest).map(Value::to_string),
            "outputDetails": succeeded.then(|| json!({"included": tells_rest})),
            "error": execution.error.as_ref().filter(|_| tells_rest),
            "cause": execution.cause.as_ref().filter(|_| tells_rest),
            "redriveCount": execution.redrive_count,
            "redriveDate": execution.redrive_date.map(Timestamp::as_millisecond),
            "redriveStatus": redrive_status,
            "redriveStatusReason": reason,
        },
    })
}
