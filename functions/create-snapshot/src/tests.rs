use crate::world::{GROUP, NAME, World, snapshot};
use backup_core::ErrorName;
use expect_test::expect;
use serde_json::{Value, json};

/// A manifest as another execution wrote it.
pub(crate) fn manifest(owner: &str, instant: &str, snapshot_arn: &str) -> Vec<u8> {
    let at = "2026-11-20T04:00:00Z";
    let manifest = json!({
        "formatVersion": 1,
        "toolVersion": "snapkeep 0.1.0",
        "owner": owner,
        "cache": {"kind": GROUP, "id": "orders", "clusterMode": false, "nodeGroups": [], "tags": []},
        "run": {
            "executionArn": "arn:other", "redriveCount": 0, "instant": instant, "source": "newSnapshot",
            "timings": {
                "startedAt": at, "snapshotRequestedAt": at, "snapshotReadyAt": at,
                "exportRequestedAt": at, "exportReadyAt": at, "recordedAt": at
            }
        },
        "snapshot": {"name": "any", "arn": snapshot_arn, "createTime": at},
        "objects": [],
        "restore": {"minimumEngine": "valkey 7.2", "minimumNodeMemoryBytes": 1}
    });
    manifest.to_string().into_bytes()
}

pub(crate) fn manifest_key(instant: &str) -> String {
    format!("backups/replication-group/orders/{instant}/manifest.json")
}

/// The key of the manifest that the runs of these tests would write.
fn key() -> String {
    manifest_key("20261120t0304z")
}

#[test]
fn the_output_is_what_the_states_carry() {
    let output = World::default().run(GROUP).unwrap();
    let golden = r#"{"run":{"anomaly":{"maxByteShrinkPercent":50,"maxKeyShrinkPercent":50},"cache":{"id":"orders","kind":"replication-group"},"deadlineSeconds":43200,"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:backup:a","instant":"20261120t0304z","notify":"recovery","owner":"main/on-demand","snapshotName":"orders-202611200304","source":"newSnapshot","startedAt":"2026-11-20T03:04:05Z"},"snapshot":{"requestedAt":"2026-11-20T03:04:30Z","sourceNode":"orders-002","sourceRole":"replica"},"status":"created"}"#;
    assert_eq!(output, serde_json::from_str::<Value>(golden).unwrap());
}

#[test]
fn bad_input_is_refused_before_any_call() {
    let bad_id = json!({"kind": GROUP, "id": "a--b"});
    let tomorrow = json!("2026-11-21T03:04:00Z");
    let cases = [
        ("cache", json!(null), "`cache` is not valid", "no cache"),
        ("cache", bad_id, "no cache id", "an illegal id"),
        ("keep", json!(3), "unknown field `keep`", "an unknown field"),
        ("scheduledTime", tomorrow, "one hour ahead", "tomorrow"),
    ];
    for (field, value, part, why) in cases {
        let mut input = json!({"cache": {"kind": GROUP, "id": "orders"}});
        input[field] = value;
        let world = World::default();
        let error = world.handle(input).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{why}");
        assert!(error.message.contains(part), "{why}: {}", error.message);
        assert!(world.calls.borrow().is_empty(), "{why}");
    }
}

#[test]
fn a_recorded_backup_ends_the_run_before_a_snapshot() {
    let manifest = manifest("main/on-demand", "20261120t0304z", "arn:s");
    let world = World::default().holding(key(), manifest);
    let output = world.run(GROUP).unwrap();
    assert_eq!(
        (&output["status"], output.get("snapshot")),
        (&json!("recorded"), None)
    );
    assert_eq!(*world.calls.borrow(), ["GetObject"], "nothing else is asked");
}

#[test]
fn another_backup_at_the_same_key_is_a_conflict() {
    let cases = [
        ("main/nightly", "20261120t0304z", "another plan"),
        ("test/on-demand", "20261120t0304z", "another deployment"),
        ("main/on-demand", "20261119t0304z", "a copy of another instant's"),
    ];
    for (owner, instant, why) in cases {
        let world = World::default().holding(key(), manifest(owner, instant, "arn:s"));
        let (name, message) = world.told(GROUP);
        assert_eq!(name, "ManifestConflict", "{why}");
        assert!(message.contains(owner) && message.contains(instant), "{message}");
        assert_eq!(*world.calls.borrow(), ["GetObject"], "{why}");
    }
    let unreadable = World::default().holding(key(), "{");
    assert_eq!(unreadable.told(GROUP).0, "Unexpected", "not taken for absent");
}

#[test]
fn a_bucket_in_another_region_is_refused_before_a_snapshot() {
    let world = World {
        region: "us-east-1",
        ..World::default()
    };
    let (name, message) = world.told(GROUP);
    assert_eq!(name, "BucketWrongRegion");
    expect!["bucket `snapkeep-backups` is in `us-east-1`, the caches are in `eu-west-1`, and ElastiCache exports within one Region only; deploy with a bucket in `eu-west-1`"]
        .assert_eq(&message);
    assert_eq!(*world.calls.borrow(), ["GetObject", "GetBucketLocation"]);
}

#[test]
fn a_duplicate_finds_the_first_ones_snapshot() {
    let world = World::default();
    assert_eq!(world.told(GROUP).0, "created");
    assert_eq!(world.told(GROUP).0, "adopted");
    assert_eq!(*world.snapshots.borrow(), [snapshot(NAME)]);
}
