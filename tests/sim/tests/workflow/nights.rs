//! Many nights in a row: retention, suspicion, recovery, several owners in one bucket.

use crate::stage::{Look, input, is_shard, on_stage, pass, rdb, succeeded};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::stage::Stage;
use sim::world::elasticache::Profile;
use sim::world::{FixedContent, SnapshotFault, When};

/// The input of a night's run of a plan.
fn night(stage: &Stage, id: &str, plan: &str, retention: &Value) -> Value {
    let mut input = input("replication-group", id);
    input["plan"] = json!(plan);
    input["scheduledTime"] = json!(stage.ports.clock.now().to_string());
    input["retention"] = retention.clone();
    input["notify"] = json!("recovery");
    input
}

fn instants(stage: &Stage, owner: &str) -> Vec<String> {
    let manifests = stage.manifests().into_iter().filter(|m| m["owner"] == owner);
    manifests
        .map(|m| m["run"]["instant"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn retention_keeps_what_the_plan_says_and_one_snapshot() {
    on_stage(|stage| async move {
        let retention = json!({"keepLast": 3, "minimum": 2});
        for n in 0..6 {
            let run = stage
                .start(
                    &format!("night-{n}"),
                    night(&stage, "orders", "nightly", &retention),
                )
                .await;
            succeeded(&run);
            pass(&stage, SignedDuration::from_hours(24)).await;
        }
        assert_eq!(instants(&stage, "main/nightly").len(), 3);
        let (now, mut world) = (stage.ports.clock.now(), stage.ports.world());
        world.advance(now);
        assert_eq!(
            world.snapshot_statuses().len(),
            1,
            "{:?}",
            world.snapshot_statuses()
        );
        drop(world);
        assert_eq!(stage.snapshots_made(), 6);
        assert_eq!(stage.subjects().len(), 0, "ordinary nights are quiet");
        let shards = stage.keys().into_iter().filter(|key| is_shard(key)).count();
        assert_eq!(shards, 3, "objects go with their manifests");
    });
}

#[test]
fn prune_never_touches_another_owner_or_a_sibling() {
    on_stage(|stage| async move {
        {
            let zones = ["eu-west-1a", "eu-west-1b"];
            let mut world = stage.ports.world();
            let group = sim::world::elasticache::Group::disabled("orders-2", &zones, Profile::default());
            world.put_group(group);
            world
                .contents
                .attach("orders-2/0001", FixedContent::shared(&rdb(7)));
        }
        let other = stage.deployment("blue");
        let (many, one) = (json!({"keepLast": 10}), json!({"keepLast": 1}));
        for n in 0..3 {
            for (who, stage, id, plan, retention) in [
                ("hourly", &stage, "orders", "hourly", &many),
                ("sibling", &stage, "orders-2", "nightly", &many),
                ("blue", &other, "orders", "nightly", &many),
                ("ours", &stage, "orders", "nightly", &one),
            ] {
                succeeded(
                    &*stage
                        .start(&format!("{who}-{n}"), night(stage, id, plan, retention))
                        .await,
                );
                pass(stage, SignedDuration::from_hours(6)).await;
            }
        }
        assert_eq!(
            instants(&stage, "main/nightly").len(),
            3 + 1,
            "the sibling's three and our newest"
        );
        assert_eq!(instants(&stage, "main/hourly").len(), 3);
        assert_eq!(instants(&stage, "blue/nightly").len(), 3);
    });
}

#[test]
fn a_suspicious_night_is_told_and_licenses_no_pruning() {
    on_stage(|stage| async move {
        let retention = json!({"keepLast": 2});
        for n in 0..2 {
            succeeded(
                &*stage
                    .start(
                        &format!("good-{n}"),
                        night(&stage, "orders", "nightly", &retention),
                    )
                    .await,
            );
            pass(&stage, SignedDuration::from_hours(24)).await;
        }
        let good = instants(&stage, "main/nightly");
        stage
            .ports
            .world()
            .contents
            .attach("orders/0001", FixedContent::shared(&rdb(3)));
        for n in 0..3 {
            succeeded(
                &*stage
                    .start(
                        &format!("odd-{n}"),
                        night(&stage, "orders", "nightly", &retention),
                    )
                    .await,
            );
            pass(&stage, SignedDuration::from_hours(24)).await;
        }
        let all = instants(&stage, "main/nightly");
        assert_eq!(all.len(), 5, "nothing was pruned by the suspicious nights");
        assert_eq!(all[..2], good, "the good ones stay");
        assert_eq!(
            stage.subjects().len(),
            3,
            "each suspicious night is told: {:?}",
            stage.subjects()
        );
    });
}

#[test]
fn a_recovery_is_told_once() {
    on_stage(|stage| async move {
        let retention = json!({"keepLast": 7});
        stage
            .ports
            .world()
            .faults
            .arm_snapshot(SnapshotFault::Fails, When::next(2));
        for n in 0..4 {
            stage
                .start(
                    &format!("night-{n}"),
                    night(&stage, "orders", "nightly", &retention),
                )
                .await;
            pass(&stage, SignedDuration::from_hours(24)).await;
        }
        let subjects = stage.subjects();
        assert_eq!(subjects.len(), 3, "two failures and the recovery: {subjects:?}");
        assert!(subjects[2].to_lowercase().contains("works again"), "{subjects:?}");
    });
}

#[test]
fn the_newest_automatic_snapshot_is_exported_once_and_never_deleted() {
    on_stage(|stage| async move {
        let at = stage.ports.clock.now() - SignedDuration::from_hours(1);
        let name = stage
            .ports
            .world()
            .put_automatic_snapshot("orders-002", at)
            .unwrap();
        for n in 0..2 {
            let mut input = night(
                &stage,
                "orders",
                "nightly",
                &json!({"keepLast": 1, "keepSnapshots": 0}),
            );
            input["source"] = json!("latestAutomatic");
            succeeded(&*stage.start(&format!("night-{n}"), input).await);
            pass(&stage, SignedDuration::from_hours(2)).await;
        }
        assert_eq!(
            instants(&stage, "main/nightly").len(),
            1,
            "the second run finds it recorded"
        );
        assert_eq!(stage.snapshots_made(), 0);
        let statuses = stage.ports.world().snapshot_statuses();
        assert!(statuses.iter().any(|(n, _)| *n == name), "{statuses:?}");
    });
}
