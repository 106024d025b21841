use super::*;
use crate::world::{NAME, World, group, payload};
use serde_json::{Value, json};

/// The status, or the error's name.
fn told(judged: Result<Value, Error>) -> String {
    match judged {
        Ok(output) => output["status"].as_str().unwrap().to_owned(),
        Err(error) => {
            assert!(
                error.message.contains(NAME) || error.source.is_some(),
                "{}",
                error.message
            );
            error.name.to_string()
        }
    }
}

#[test]
fn a_ready_snapshot_is_carried_as_the_states_need_it() {
    let output = World::default().snapshot_after(2).unwrap();
    let golden = r#"{"snapshot":{"arn":"arn:s","clusterMode":false,"createTime":"2026-11-20T03:06:00Z","engine":"valkey","engineVersion":"8.0.1","name":"orders-202611200304","nodeGroups":[{"id":"0001"}],"readyAt":"2026-11-20T03:07:00Z","sourceNode":"orders-002","tags":[{"key":"snapkeep:run","value":"replication-group/orders/20261120t0304z"},{"key":"snapkeep:owner","value":"main/nightly"}]},"status":"ready"}"#;
    assert_eq!(output, serde_json::from_str::<Value>(golden).unwrap());
}

#[test]
fn every_status_is_ready_pending_or_final() {
    let cases = [
        ("available", "ready"),
        ("creating", "pending"),
        ("exporting", "pending"),
        ("copying", "pending"),
        ("restoring", "pending"),
        ("a status of tomorrow", "pending"),
        ("failed", "Backup.SnapshotFailed"),
        ("deleting", "Backup.SnapshotVanished"),
        ("gone", "Backup.SnapshotVanished"),
    ];
    for (status, want) in cases {
        assert_eq!(
            told(World::in_status(status).snapshot_after(30)),
            want,
            "{status}"
        );
    }
}

#[test]
fn a_young_snapshot_may_stay_out_of_sight() {
    let gone = World::in_status("gone");
    assert_eq!(told(gone.snapshot_after(0)), "pending");
    assert_eq!(told(gone.snapshot_after(4)), "pending");
    assert_eq!(told(gone.snapshot_after(5)), "Backup.SnapshotVanished");
}

#[test]
fn what_elasticache_tells_in_part_is_looked_at_again() {
    let groups = |ids: &[&str]| World::with(|s| s.node_groups = ids.iter().map(|id| group(id)).collect());
    let cases = [
        (World::with(|s| s.create_time = None), "pending", "no create time"),
        (World::with(|s| s.arn = None), "pending", "no ARN"),
        (World::with(|s| s.node_groups.clear()), "ready", "a single node"),
        (groups(&["0001", "1"]), "pending", "the same group twice"),
        (groups(&["00001"]), "Backup.Unexpected", "five digits"),
    ];
    for (world, want, why) in cases {
        assert_eq!(told(world.snapshot_after(30)), want, "{why}");
    }
}

#[test]
fn node_groups_are_those_that_an_export_writes() {
    let seen = |change: &dyn Fn(&mut Snapshot)| {
        let output = World::with(change).snapshot_after(30).unwrap();
        let seen = &output["snapshot"];
        (seen["clusterMode"].clone(), seen["nodeGroups"].clone())
    };
    let disabled = seen(&|snapshot| snapshot.node_groups.clear());
    assert_eq!(
        disabled,
        (json!(false), json!([{"id": "0001"}])),
        "the only shard's id"
    );
    let enabled = seen(&|snapshot| {
        snapshot.replication_group_id = Some("orders".into());
        snapshot.cache_cluster_id = None;
        snapshot.node_groups = vec![group("3"), group("0001")];
        snapshot.node_groups[0].slots = Some("0-16383".into());
    });
    let want = json!([{"id": "3", "slots": "0-16383"}, {"id": "0001"}]);
    assert_eq!(enabled, (json!(true), want), "ids and order as given");
    let unlisted = World::with(|snapshot| {
        snapshot.replication_group_id = Some("orders".into());
        snapshot.cache_cluster_id = None;
        snapshot.node_groups.clear();
    });
    assert_eq!(
        told(unlisted.snapshot_after(30)),
        "pending",
        "cluster mode enabled needs them all"
    );
}

#[test]
fn a_snapshot_that_cannot_be_exported_is_refused_before_the_export() {
    let tiered = World::with(|snapshot| snapshot.data_tiering = true);
    let keyed = World::with(|snapshot| snapshot.kms_key_id = Some("alias/mine".into()));
    for world in [tiered, keyed] {
        assert_eq!(told(world.snapshot_after(30)), "Backup.Unsupported");
    }
}

fn with_tags(tags: &[(&str, &str)]) -> World {
    World {
        tags: Ok(tags.iter().map(|(key, value)| Tag::new(*key, *value)).collect()),
        ..World::default()
    }
}

#[test]
fn only_the_tags_of_run_and_owner_make_a_snapshot_ours() {
    const RUN: (&str, &str) = ("snapkeep:run", "replication-group/orders/20261120t0304z");
    const OWNER: (&str, &str) = ("snapkeep:owner", "main/nightly");
    let owner = |owner| ("snapkeep:owner", owner);
    let foreign = "Backup.SnapshotForeign";
    let cases = [
        (vec![RUN, OWNER], "ready", "ours"),
        (vec![("team", "shop"), OWNER, RUN], "ready", "among others"),
        (vec![RUN, owner("main/weekly")], foreign, "another plan"),
        (vec![RUN, owner("test/nightly")], foreign, "another deployment"),
        (vec![("snapkeep:run", "another"), OWNER], foreign, "another run"),
        (vec![RUN], foreign, "no owner"),
        (vec![OWNER], foreign, "no run"),
        (vec![("team", "shop")], foreign, "made by hand"),
    ];
    for (tags, want, why) in cases {
        assert_eq!(told(with_tags(&tags).snapshot_after(30)), want, "{why}");
    }
    assert_eq!(told(with_tags(&[]).snapshot_after(4)), "pending", "tags may lag");
    assert_eq!(
        told(with_tags(&[RUN]).snapshot_after(4)),
        foreign,
        "half of them do not lag"
    );
}

#[test]
fn a_snapshot_of_another_source_is_foreign_whatever_its_status() {
    for status in ["creating", "available", "failed"] {
        let mut world = World::in_status(status);
        world.snapshot.as_mut().unwrap().cache_cluster_id = Some("shop-001".into());
        assert_eq!(
            told(world.snapshot_after(30)),
            "Backup.SnapshotForeign",
            "{status}"
        );
    }
}

#[test]
fn unreadable_tags_are_waited_for_only_where_waiting_helps() {
    use CallErrorKind as Kind;
    let cases = [
        (Kind::InvalidCacheState, 30, "pending", "snapshotting"),
        (Kind::InvalidSnapshotState, 30, "pending", "as refused"),
        (Kind::SnapshotNotFound, 4, "pending", "lag"),
        (Kind::NotFound, 4, "pending", "lag"),
        (Kind::SnapshotNotFound, 5, "Backup.SnapshotVanished", "gone"),
        (Kind::AccessDenied, 4, "Backup.AccessDenied", "as it is"),
        (Kind::Throttled, 4, "Backup.Throttled", "as it is"),
        (Kind::Unexpected, 4, "Backup.Unexpected", "as it is"),
    ];
    for (kind, minutes, want, why) in cases {
        let world = World {
            tags: Err(kind),
            ..World::default()
        };
        assert_eq!(told(world.snapshot_after(minutes)), want, "{kind:?}: {why}");
    }
}

#[test]
fn automatic_snapshots_have_no_tags_of_ours() {
    let world = World {
        tags: Err(CallErrorKind::AccessDenied),
        ..World::default()
    };
    let mut payload = payload("snapshot", 30);
    payload["run"]["source"] = json!("latestAutomatic");
    let output = world.handle(payload).unwrap();
    assert_eq!(
        (&output["status"], &output["snapshot"]["tags"]),
        (&json!("ready"), &json!([]))
    );
}
