use crate::world::{GROUP, NAME, World, snapshot};
use backup_core::{ErrorName, Owner};
use expect_test::expect;
use serde_json::{Value, json};

/// A manifest as another execution wrote it.
pub(crate) fn manifest(owner: &str, instant: &str, snapshot_arn: &str) -> Vec<u8> {
    let timings: serde_json::Map<String, Value> = [
        "startedAt",
        "snapshotRequestedAt",
        "snapshotReadyAt",
        "exportRequestedAt",
        "exportReadyAt",
        "recordedAt",
    ]
    .map(|step| (step.to_owned(), json!("2026-11-20T04:00:00Z")))
    .into_iter()
    .collect();
    let manifest = json!({
        "formatVersion": 1,
        "toolVersion": "snapkeep 0.1.0",
        "owner": Owner::try_from(owner.to_owned()).unwrap(),
        "cache": {"kind": GROUP, "id": "orders", "clusterMode": false, "nodeGroups": [], "tags": []},
        "run": {
            "executionArn": "arn:other",
            "redriveCount": 0,
            "instant": instant,
            "source": "newSnapshot",
            "timings": timings
        },
        "snapshot": {"name": "any", "arn": snapshot_arn, "createTime": "2026-11-20T03:10:00Z"},
        "objects": [],
        "restore": {"minimumEngine": "valkey 7.2", "minimumNodeMemoryBytes": 1}
    });
    serde_json::to_vec(&manifest).unwrap()
}

pub(crate) fn manifest_key(instant: &str) -> String {
    format!("backups/replication-group/orders/{instant}/manifest.json")
}

#[test]
fn the_output_is_what_the_states_carry() {
    let output = World::default().run(GROUP).unwrap();
    expect![[r#"{"run":{"anomaly":{"maxByteShrinkPercent":50,"maxKeyShrinkPercent":50},"cache":{"id":"orders","kind":"replication-group"},"deadlineSeconds":43200,"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:backup:a","instant":"20261120t0304z","notify":"recovery","owner":"main/on-demand","snapshotName":"orders-202611200304","source":"newSnapshot","startedAt":"2026-11-20T03:04:05Z"},"snapshot":{"requestedAt":"2026-11-20T03:04:30Z","sourceNode":"orders-002","sourceRole":"replica"},"status":"created"}"#]].assert_eq(&output.to_string());
}

#[test]
fn bad_input_is_refused_before_any_call() {
    let cases = [
        (json!({}), "missing field `cache`", "no cache"),
        (
            json!({"cache": {"kind": GROUP, "id": "or--ders"}}),
            "no cache id",
            "an illegal id",
        ),
        (
            json!({"cache": {"kind": GROUP, "id": "orders"}, "keep": 3}),
            "unknown field `keep`",
            "an unknown field",
        ),
        (
            json!({"cache": {"kind": GROUP, "id": "orders"}, "scheduledTime": "2026-11-21T03:04:00Z"}),
            "at most one hour ahead",
            "tomorrow",
        ),
    ];
    for (input, part, why) in cases {
        let world = World::default();
        let error = world.handle(input).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{why}");
        assert!(error.message.contains(part), "{why}: {}", error.message);
        assert_eq!(world.calls(), Vec::<&str>::new(), "{why}");
    }
}

#[test]
fn a_recorded_backup_ends_the_run_before_a_snapshot() {
    let mut world = World::default();
    let body = manifest("main/on-demand", "20261120t0304z", "arn:s");
    world.objects.insert(manifest_key("20261120t0304z"), body);
    let output = world.run(GROUP).unwrap();
    assert_eq!(output["status"], "recorded");
    assert!(output.get("snapshot").is_none());
    assert_eq!(
        world.calls(),
        ["GetObject"],
        "nothing else is asked, nothing is made"
    );
}

#[test]
fn another_backup_at_the_same_key_is_a_conflict() {
    let cases = [
        ("main/nightly", "20261120t0304z", "another plan"),
        ("test/on-demand", "20261120t0304z", "another deployment"),
        ("main/on-demand", "20261119t0304z", "a copy of another instant's"),
    ];
    for (owner, instant, why) in cases {
        let mut world = World::default();
        let body = manifest(owner, instant, "arn:s");
        world.objects.insert(manifest_key("20261120t0304z"), body);
        let error = world.run(GROUP).unwrap_err();
        assert_eq!(error.name, ErrorName::ManifestConflict, "{why}");
        assert!(
            error.message.contains(owner) && error.message.contains(instant),
            "{}",
            error.message
        );
        assert_eq!(world.calls(), ["GetObject"], "{why}");
    }
}

#[test]
fn an_unreadable_manifest_is_not_taken_for_absent() {
    let mut world = World::default();
    world
        .objects
        .insert(manifest_key("20261120t0304z"), b"{".to_vec());
    assert_eq!(world.run(GROUP).unwrap_err().name, ErrorName::Unexpected);
}

#[test]
fn a_bucket_in_another_region_is_refused_before_a_snapshot() {
    let world = World {
        region: "us-east-1",
        ..World::default()
    };
    let error = world.run(GROUP).unwrap_err();
    assert_eq!(error.name, ErrorName::BucketWrongRegion);
    expect!["bucket `snapkeep-backups` is in `us-east-1`, the caches are in `eu-west-1`, and ElastiCache exports within one Region only; deploy with a bucket in `eu-west-1`"]
        .assert_eq(&error.message);
    assert_eq!(world.calls(), ["GetObject", "GetBucketLocation"]);
}

#[test]
fn a_duplicate_finds_the_first_ones_snapshot() {
    let world = World::default();
    assert_eq!(world.run(GROUP).unwrap()["status"], "created");
    assert_eq!(world.run(GROUP).unwrap()["status"], "adopted");
    assert_eq!(world.created.borrow().len(), 1);
    assert_eq!(*world.snapshots.borrow(), [snapshot(NAME)]);
}
