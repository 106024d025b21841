//! Golden files: every kind of message as people read it. `UPDATE_EXPECT=1` rewrites them.
use crate::world::{World, encrypted, event, manifest, notify, success, suspicion};
use expect_test::expect_file;
use serde_json::{Value, json};

/// Lays the one message of a world out as `golden/<name>.txt` (mail) and `golden/<name>.json` (chat). An event that
/// leaves out what a customer managed key hides must give the very same one.
fn check(name: &str, world: &World, input: Value) {
    if let Some(detail) = input.get("detail") {
        world.describe(detail);
        let before = world.objects.lock().unwrap().clone();
        check_form(name, world, input.clone());
        assert_eq!(
            world.count("DescribeExecution"),
            0,
            "{name}: the event has everything"
        );
        world.published.lock().unwrap().clear();
        *world.objects.lock().unwrap() = before;
        check_form(name, world, encrypted(input));
        assert_eq!(world.count("DescribeExecution"), 1, "{name}: asked once");
    } else {
        check_form(name, world, input);
    }
}

fn check_form(name: &str, world: &World, input: Value) {
    let output = notify(world, input).unwrap();
    assert!(output.published, "{name}: {output:?}");
    let messages = world.messages();
    let [message] = messages.as_slice() else {
        panic!("{name}: {} messages", messages.len());
    };
    let mail = format!("Subject: {}\n\n{}", message.subject, message.email);
    expect_file![format!("../golden/{name}.txt")].assert_eq(&mail);
    let chat: Value = serde_json::from_str(&message.default).unwrap();
    let pretty = serde_json::to_string_pretty(&sorted(&chat)).unwrap();
    expect_file![format!("../golden/{name}.json")].assert_eq(&format!("{pretty}\n"));
}

/// The value with the fields of its objects in order: a workspace build keeps them as they were written.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: std::collections::BTreeMap<_, _> = fields.iter().collect();
            fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn with_good_backup(world: World) -> World {
    world.with_manifest(&manifest("prod/nightly", "20261119t0300z"))
}

#[test]
fn a_failure_that_only_time_mends() {
    let world = World::failed_in(
        "CreateSnapshot",
        "Backup.Throttled",
        "CreateSnapshot answered `Throttling`: Rate exceeded",
    );
    check("failure-wait", &with_good_backup(world), event(&json!({})));
}

#[test]
fn a_failure_that_a_redrive_mends() {
    let cause = "CopySnapshot answered `InvalidParameterValue`: ElastiCache has not been granted WRITE \
                 permissions on the S3 Bucket prod-backups";
    let world = World::failed_in("CopyToS3", "Backup.BucketNotGranted", cause);
    check(
        "failure-redrive",
        &with_good_backup(world),
        event(&json!({"redriveCount": 1})),
    );
}

#[test]
fn a_failure_that_needs_a_new_run() {
    let world = World::failed_in(
        "CheckSnapshot",
        "Backup.SnapshotFailed",
        "snapshot `orders-202611200300` is `failed`",
    );
    check("failure-new-run", &with_good_backup(world), event(&json!({})));
}

#[test]
fn a_failure_after_the_last_redrive() {
    let world = World::failed_in("CheckExport", "Backup.ExportFailed", "nothing was written");
    let reason = "Execution redrivable period exceeded";
    let detail = json!({"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason});
    check("failure-not-redrivable", &with_good_backup(world), event(&detail));
}

#[test]
fn a_failure_in_prune() {
    let world = World::failed_in(
        "Prune",
        "Backup.PruneRefused",
        "the plan would delete `12` backups, allowed are `10`",
    );
    let world = world.with_manifest(&manifest("prod/nightly", "20261120t0300z"));
    check("failure-in-prune", &world, event(&json!({})));
}

#[test]
fn a_failure_in_prune_that_no_redrive_mends() {
    let world = World::failed_in("Prune", "States.QueryEvaluationError", "no such field");
    check(
        "failure-in-prune-final",
        &with_good_backup(world),
        event(&json!({})),
    );
}

#[test]
fn a_failure_by_bad_input() {
    let input =
        json!({"cache": {"kind": "replication-group", "id": "orders"}, "retention": {"keepDaily": "seven"}});
    let world = World::failed_in(
        "CreateSnapshot",
        "Backup.InvalidInput",
        "`retention.keepDaily` is not valid: invalid type: string \"seven\", expected u32",
    );
    check(
        "failure-invalid-input",
        &world,
        event(&json!({"input": input.to_string()})),
    );
}

#[test]
fn a_failure_of_an_unknown_cache() {
    let world = World::failed_in("CreateSnapshot", "Backup.InvalidInput", "missing field `cache`");
    check("failure-unknown-cache", &world, event(&json!({"input": "{oops"})));
}

#[test]
fn a_failure_of_which_nothing_can_be_looked_up() {
    let world =
        World::default().breaking(&["GetExecutionHistory", "ListObjectsV2", "GetObject", "PutObject"]);
    let message = "RequestId: 7 Error: Task timed out after 60.00 seconds";
    let cause = json!({"errorType": "Sandbox.Timedout", "errorMessage": message}).to_string();
    let detail = json!({"error": "Sandbox.Timedout", "cause": cause});
    check("failure-blind", &world, event(&detail));
}

#[test]
fn a_failure_of_which_not_even_the_input_can_be_read() {
    let world = World::failed_in("CopyToS3", "Backup.AccessDenied", "no").breaking(&["DescribeExecution"]);
    check_form("failure-unread", &world, encrypted(event(&json!({}))));
}

#[test]
fn a_failure_that_was_redriven_before_it_was_told() {
    let world = World::failed_in("CheckExport", "Backup.ExportFailed", "nothing was written");
    world.describe(
        &json!({"status": "RUNNING", "input": event(&json!({}))["detail"]["input"], "redriveCount": 1}),
    );
    check_form(
        "failure-redriven",
        &with_good_backup(world),
        encrypted(event(&json!({}))),
    );
}

#[test]
fn a_failure_with_a_hostile_cause() {
    let cause = format!(
        "first line\r\n\u{1b}[31mred\u{7}\u{202e} <!channel> *`code`* {}",
        "all work and no play ".repeat(100)
    );
    let world = World::failed_in("VerifyObject", "Odd.Name", &cause);
    check(
        "failure-hostile-cause",
        &with_good_backup(world),
        event(&json!({})),
    );
}

#[test]
fn a_time_out() {
    let world = World::failed_in(
        "WaitForExport",
        "Backup.SnapshotBusy",
        "snapshot `orders-202611200300` is `exporting`",
    );
    check(
        "timed-out",
        &with_good_backup(world),
        event(&json!({"status": "TIMED_OUT", "error": "States.Timeout"})),
    );
}

#[test]
fn an_abort() {
    let world = World {
        history: backup_core::ports::FailedState {
            state: Some("WaitForSnapshot".into()),
            ..Default::default()
        },
        ..World::default()
    };
    check(
        "aborted",
        &with_good_backup(world),
        event(&json!({"status": "ABORTED"})),
    );
}

#[test]
fn a_success() {
    check(
        "success",
        &World::default(),
        success("always", json!({"firstBackup": true}), json!({})),
    );
}

#[test]
fn a_first_success_after_failures() {
    let told = |execution: &str| {
        json!({"formatVersion": 1, "owner": "prod/nightly", "executionArn": execution,
        "redriveCount": 0, "status": "FAILED", "time": "2026-11-19T04:00:00Z"})
        .to_string()
    };
    let world = World::default()
        .with_object(
            "backups/replication-group/orders/20261119t0300z/alert-0.json",
            &told("a"),
        )
        .with_object(
            "backups/replication-group/orders/20261119t0300z/alert-1.json",
            &told("a"),
        )
        .with_object(
            "backups/replication-group/orders/20261120t0300z/alert-0.json",
            &told("b"),
        );
    check("recovery", &world, success("recovery", json!({}), json!({})));
}

#[test]
fn a_suspicious_success() {
    let backup = json!({"keys": 24, "bytes": 1800, "suspicion": suspicion()});
    check(
        "warning-suspicious",
        &World::default(),
        success("failure", backup, json!({})),
    );
}

#[test]
fn a_success_with_warnings_of_prune() {
    let warnings: Vec<String> = (1..=12)
        .map(|n| format!("snapshot `orders-{n}` is exporting and stays until the next run"))
        .collect();
    check(
        "warning-prune",
        &World::default(),
        success("failure", json!({}), json!({"warnings": warnings})),
    );
}
