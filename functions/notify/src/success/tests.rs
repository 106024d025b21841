use super::*;
use serde_json::{Value, json};

#[test]
fn what_the_plan_wants() {
    use NotifyOn::{Always, Failure, Recovery};
    let cases = [
        (Failure, 0, 0, None, "nothing to tell"),
        (Failure, 0, 3, None, "recoveries are not wanted"),
        (
            Failure,
            1,
            0,
            Some(Tone::Warning),
            "warnings are told whatever the plan says",
        ),
        (Recovery, 0, 0, None, "no failure before"),
        (Recovery, 0, 3, Some(Tone::Recovery(3)), "the default"),
        (Recovery, 2, 3, Some(Tone::Warning), "a warning weighs more"),
        (Always, 0, 0, Some(Tone::Plain), "every success"),
        (Always, 0, 1, Some(Tone::Recovery(1)), "the better news"),
        (Always, 1, 0, Some(Tone::Warning), "a warning weighs more"),
    ];
    for (wanted, warnings, failures, want, why) in cases {
        assert_eq!(tone(wanted, warnings, failures), want, "{why}");
    }
}

fn input() -> Value {
    json!({
        "kind": "success",
        "run": {"cache": {"kind": "replication-group", "id": "orders"}, "owner": "prod/nightly",
            "instant": "20261120t0300z", "executionArn": "arn", "startedAt": "2026-11-20T03:00:04Z",
            "source": "newSnapshot", "snapshotName": "orders-202611200300", "deadlineSeconds": 43200},
        "backup": {"keys": 5, "somethingNew": [1]}, "prune": {"somethingNew": 1},
        "redriveCount": 0, "now": "2026-11-20T04:02:03Z"
    })
}

#[test]
fn nested_answers_may_grow() {
    let read: SuccessInput = backup_core::input::read(input()).unwrap();
    assert!(read.backup.recorded && read.backup.manifest_key.is_none() && read.prune.warnings.is_empty());
    assert_eq!((read.backup.keys, read.run.notify), (5, NotifyOn::Recovery));
}

#[test]
fn bad_input_is_refused_by_field() {
    let with = |field: &str, value: Value| {
        let mut input = input();
        input[field] = value;
        backup_core::input::read::<crate::Input>(input)
            .unwrap_err()
            .message
    };
    for (message, part, why) in [
        (with("extra", json!(1)), "unknown field `extra`", "misspelt"),
        (
            with("kind", json!("failure")),
            "`kind` is not valid",
            "failures come as events",
        ),
        (with("now", json!("noon")), "`now` is not valid", "no time"),
        (with("run", json!({})), "missing field `cache`", "no run"),
        (
            with("backup", json!({"keys": "many"})),
            "`backup.keys` is not valid",
            "mistyped",
        ),
        (
            with("prune", json!({"warnings": 3})),
            "`prune.warnings` is not valid",
            "mistyped",
        ),
        (
            with("detail-type", json!("X")),
            "`detail-type` is `X`",
            "another event",
        ),
    ] {
        assert!(message.contains(part), "{why}: {message}");
    }
}
