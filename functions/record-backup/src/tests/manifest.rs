//! What the manifest says, per kind, and what is refused before it is written.

use super::common::{Bucket, catalog, input, ledger, orders, sessions, verdict};
use backup_core::ErrorName;
use expect_test::{ExpectFile, expect_file};
use futures_executor::block_on;
use serde_json::{Value, json};

fn written(payload: Value) -> (Value, String) {
    let bucket = Bucket::new();
    let output = block_on(crate::handle(&bucket, &bucket, input(payload))).unwrap();
    let objects = bucket.objects.borrow();
    let (key, body) = objects.iter().next().unwrap();
    assert_eq!((objects.len(), key.as_str()), (1, output.manifest_key.as_str()));
    (
        serde_json::to_value(&output).unwrap(),
        String::from_utf8(body.clone()).unwrap(),
    )
}

#[test]
fn manifests_stand_as_people_read_them() {
    let check = |payload: Value, want: ExpectFile| want.assert_eq(&written(payload).1);
    check(
        orders("20261120t0304z"),
        expect_file!["../../tests/golden/cluster-mode-disabled.json"],
    );
    check(
        sessions(),
        expect_file!["../../tests/golden/cluster-mode-enabled.json"],
    );
    check(ledger(), expect_file!["../../tests/golden/stand-alone.json"]);
    check(catalog(), expect_file!["../../tests/golden/serverless.json"]);
}

#[test]
fn the_answer_carries_what_the_message_tells() {
    let want = json!({
        "recorded": true,
        "manifestKey": "backups/replication-group/sessions/20261120t0304z/manifest.json",
        "cache": {"kind": "replication-group", "id": "sessions"},
        "instant": "20261120t0304z",
        "shards": 3, "keys": 300, "expires": 30, "bytes": 7000,
        "snapshotCreateTime": "2026-11-20T03:05:00Z",
        "verifyMillis": 21,
        "firstBackup": true
    });
    assert_eq!(written(sessions()).0, want);
}

#[test]
fn shard_numbers_meet_however_many_zeros_they_have() {
    let mut payload = sessions();
    payload["snapshot"]["nodeGroups"][2]["id"] = json!("3");
    let manifest: Value = serde_json::from_str(&written(payload).1).unwrap();
    assert_eq!(manifest["objects"][2]["slots"], "10923-16383");
}

#[test]
fn the_node_that_was_asked_goes_before_the_one_that_is_told() {
    let mut payload = orders("20261120t0304z");
    payload["snapshot"]["sourceNode"] = json!("orders-003");
    let manifest: Value = serde_json::from_str(&written(payload).1).unwrap();
    assert_eq!(manifest["snapshot"]["sourceNode"], "orders-002");
}

fn with(base: fn() -> Value, path: &str, value: Value) -> Value {
    let mut payload = base();
    *payload.pointer_mut(path).unwrap() = value;
    payload
}

/// Checks that a payload with one value replaced is refused with this in its text, before anything is written.
fn refused(base: fn() -> Value, path: &str, value: Value, part: &str) {
    let (bucket, why) = (Bucket::new(), format!("{path} as {value}"));
    let payload = with(base, path, value);
    let error = block_on(crate::handle(&bucket, &bucket, input(payload))).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput, "{why}");
    assert!(error.message.contains(part), "{why}: {error}");
    assert!(bucket.objects.borrow().is_empty(), "{why}");
}

#[test]
fn verdicts_are_one_per_shard() {
    let shards = |shards: &[&str]| -> Value { shards.iter().map(|shard| verdict(shard)).collect() };
    let all = "/objects";
    let second = "/objects/1/shard";
    // None at all; a gap; twice; twice, spelled differently; one too high; one too many.
    refused(sessions, all, json!([]), "no verdict of shard `0001`");
    refused(
        sessions,
        all,
        shards(&["0001", "0003"]),
        "no verdict of shard `0002`",
    );
    refused(
        sessions,
        "/objects/1",
        verdict("0002"),
        "two verdicts of shard `0002`",
    );
    refused(sessions, second, json!("2"), "two verdicts of shard `0002`");
    refused(sessions, second, json!("0004"), "no verdict of shard `0001`");
    let four = shards(&["0001", "0002", "0003", "0004"]);
    let part = "has a verdict of shard `0004`, which snapshot `sessions-202611200304` does not have";
    refused(sessions, all, four, part);
    // A serverless cache's shards, which nobody tells, begin at 1 and have no gap.
    refused(catalog, all, json!([]), "no verdict of shard `0001`");
    refused(catalog, second, json!("0003"), "no verdict of shard `0002`");
    refused(
        catalog,
        "/objects/0/shard",
        json!("0000"),
        "no verdict of shard `0001`",
    );
}

#[test]
fn what_no_run_can_carry_is_refused_by_field() {
    let part = "`objects[1].shard` is `a`, allowed is 1 to 4 digits";
    refused(sessions, "/objects/1/shard", json!("a"), part);
    refused(sessions, "/objects/1/shard", json!("+1"), "`objects[1].shard`");
    refused(sessions, "/objects/1/size", json!(0), "`objects[1].size` is `0`");
    let groups = "/snapshot/nodeGroups";
    refused(
        sessions,
        "/snapshot/nodeGroups/0/id",
        json!(""),
        "`snapshot.nodeGroups[0].id`",
    );
    // Only serverless may have none.
    refused(sessions, groups, json!([]), "`snapshot.nodeGroups` is empty");
    // Another run's snapshot, and a sibling's folder.
    refused(
        sessions,
        "/snapshot/name",
        json!("sessions-202611190304"),
        "`snapshot.name`",
    );
    let stem = "backups/replication-group/sessions-2/20261120t0304z/sessions-2-";
    refused(sessions, "/exported/stem", json!(stem), "`exported.stem` is");
}

#[test]
fn an_rdb_version_of_no_known_engine_is_an_error_that_says_so() {
    let payload = with(catalog, "/objects/1/rdbVersion", json!(81));
    let bucket = Bucket::new();
    let error = block_on(crate::handle(&bucket, &bucket, input(payload))).unwrap_err();
    assert_eq!(error.name, ErrorName::Unexpected);
    assert!(
        error
            .message
            .starts_with("RDB version `81` is of no engine known here"),
        "{error}"
    );
}

#[test]
fn unknown_fields_are_refused() {
    for (path, why) in [
        ("", "the payload"),
        ("/export", "the export"),
        ("/exported", "what was found"),
        ("/run", "the run"),
    ] {
        let mut payload = ledger();
        payload.pointer_mut(path).unwrap()["surprise"] = json!(1);
        let error = backup_core::input::read::<crate::Input>(payload).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput);
        assert!(
            error.message.contains("unknown field `surprise`"),
            "{why}: {error}"
        );
    }
}
