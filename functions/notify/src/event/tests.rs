use super::*;
use serde_json::json;

const EXECUTION: &str = "arn:aws:states:us-east-1:012345678912:execution:state-machine-name:execution-name";

/// The developer guide's example of a failed execution, of the time before re-drives.
fn documented() -> Value {
    json!({
        "version": "0", "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "account": "012345678912", "time": "2019-02-26T19:42:21Z", "region": "us-east-1",
        "resources": [EXECUTION],
        "detail": {
            "executionArn": EXECUTION,
            "stateMachineArn": "arn:aws:states:us-east-1:012345678912:stateMachine:state-machine",
            "name": "execution-name", "status": "FAILED", "startDate": 1_551_225_146_847_u64,
            "stopDate": 1_551_225_151_881_u64, "input": "{}", "output": null
        }
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut event = documented();
    *event.pointer_mut(path).unwrap() = value;
    event
}

#[test]
fn the_documented_event() {
    let event = StatusEvent::read(&documented()).unwrap();
    let want = StatusEvent {
        status: "FAILED".into(),
        time: "2019-02-26T19:42:21Z".parse().unwrap(),
        execution_arn: EXECUTION.into(),
        state_machine_arn: "arn:aws:states:us-east-1:012345678912:stateMachine:state-machine".into(),
        started_at: "2019-02-26T23:52:26.847Z".parse().ok(),
        stopped_at: "2019-02-26T23:52:31.881Z".parse().ok(),
        has_input: true,
        input: Some(json!({})),
        redrive_count: None,
        redrive_status: None,
        redrive_reason: None,
        error: None,
        cause: None,
    };
    assert_eq!(event, want);
    assert_eq!(event.execution_name(), "execution-name");
}

#[test]
fn a_gap_hides_nothing_else() {
    let derived = "arn:aws:states:us-east-1:012345678912:stateMachine:state-machine-name";
    let read = |path, value| StatusEvent::read(&with(path, value)).unwrap();
    assert_eq!(
        read("/detail/executionArn", json!(5)).execution_arn,
        EXECUTION,
        "from `resources`"
    );
    assert_eq!(
        read("/detail/stateMachineArn", json!(null)).state_machine_arn,
        derived
    );
    for (input, has_input, why) in [
        (
            json!("{oops"),
            true,
            "not JSON, and nothing else will tell it better",
        ),
        (json!({"cache": 1}), false, "JSON, but no string"),
        (json!(null), false, "left out, as under a customer managed key"),
    ] {
        let event = read("/detail/input", input);
        assert_eq!((event.input, event.has_input), (None, has_input), "{why}");
    }
    assert_eq!(read("/detail/startDate", json!("today")).started_at, None);
    assert_eq!(
        read("/detail/output", json!({"new": []})).status,
        "FAILED",
        "not even looked at"
    );
    let late = read("/time", json!(7));
    assert_eq!(Some(late.time), late.stopped_at, "the next best time");
}

#[test]
fn what_only_newer_events_have() {
    let mut event = documented();
    for (field, value) in [
        ("redriveCount", json!(3)),
        ("redriveStatus", json!("NOT_REDRIVABLE")),
        ("redriveStatusReason", json!("too\nold")),
        ("error", json!("Backup.Corrupt")),
        ("cause", json!("")),
    ] {
        event["detail"][field] = value;
    }
    let read = StatusEvent::read(&event).unwrap();
    assert_eq!(read.redrive_count, Some(3));
    assert_eq!(read.not_redrivable().as_deref(), Some("too old"));
    assert_eq!(
        (read.error.as_deref(), read.cause),
        (Some("Backup.Corrupt"), None)
    );
    event["detail"]["redriveStatus"] = json!("REDRIVABLE_BY_MAP_RUN");
    event["detail"]["redriveCount"] = json!(-1);
    let read = StatusEvent::read(&event).unwrap();
    assert_eq!((read.not_redrivable(), read.redrive_count), (None, None));
}

#[test]
fn only_what_nothing_can_be_told_without_is_refused() {
    let mut timeless = with("/time", json!(null));
    timeless["detail"]["startDate"] = json!(null);
    timeless["detail"]["stopDate"] = json!(null);
    let mut nameless = with("/detail/executionArn", json!("orders"));
    nameless["resources"] = json!([]);
    let cases = [
        (
            with("/detail-type", json!("EC2 Instance State-change Notification")),
            "`detail-type` is `EC2",
            "another event",
        ),
        (
            with("/detail/status", json!(null)),
            "`detail.status` is `null`",
            "no status",
        ),
        (
            with("/detail", json!([])),
            "`detail.status` is `null`",
            "no detail",
        ),
        (timeless, "`time` is `null`", "no time at all"),
        (nameless, "`detail.executionArn` is `\"orders\"`", "no execution"),
    ];
    for (event, part, why) in cases {
        let error = StatusEvent::read(&event).unwrap_err();
        assert_eq!(error.name, backup_core::ErrorName::InvalidInput, "{why}");
        assert!(error.message.contains(part), "{why}: {}", error.message);
    }
}

#[test]
fn three_statuses_are_failures() {
    for ending in [Ending::Failed, Ending::TimedOut, Ending::Aborted] {
        assert_eq!(Ending::of(ending.as_str()), Some(ending));
    }
    for status in ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE", "failed", ""] {
        assert_eq!(Ending::of(status), None, "{status}");
    }
}
