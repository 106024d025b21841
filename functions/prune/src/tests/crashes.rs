//! Whatever fails or dies, the next call finishes the same plan.

use super::scene::{Scene, nights_ago};
use super::world::{Fault, World};
use backup_core::snapshot::SnapshotStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn rules() -> Value {
    json!({"keepLast": 2, "keepSnapshots": 1, "maxDeletions": 10})
}

/// Everything at once: backups old enough to be swept when their deletion is cut short, failed runs, snapshots.
fn laid(kind: &str, id: &str) -> World {
    let world = World::new();
    let scene = Scene::of(&world, kind, id, "main/nightly");
    scene.nights(2);
    (20..22).for_each(|days| scene.backup(nights_ago(days), |_| ()));
    scene.failed(nights_ago(30));
    scene.snapshot(nights_ago(5), SnapshotStatus::Available);
    Scene::of(&world, kind, id, "main/weekly").backup(nights_ago(25), |_| ());
    world
}

fn state(world: &World) -> (Vec<String>, Vec<String>) {
    (world.keys(), world.snapshot_names())
}

/// Fails every call of a prune once, in three ways, and prunes again.
fn check(kind: &str, id: &str) {
    let prune = |world: &World| Scene::of(world, kind, id, "main/nightly").prune(rules());
    let clean = laid(kind, id);
    let before = state(&clean);
    prune(&clean).unwrap();
    let calls = clean.log.borrow().len();
    let want = state(&clean);
    assert!(
        want.0.len() < before.0.len() && want.1.len() < before.1.len(),
        "the plan deletes both"
    );
    prune(&clean).unwrap();
    assert_eq!(state(&clean), want, "a second call has nothing to do");
    for at in 0..calls {
        for fault in [Fault::Once(at), Fault::AnswerLost(at), Fault::From(at)] {
            let world = laid(kind, id);
            world.fault.set(fault);
            prune(&world).unwrap_err();
            world.fault.set(Fault::Never);
            prune(&world).unwrap();
            assert_eq!(state(&world), want, "{kind}, {fault:?}");
        }
    }
}

#[test]
fn every_call_may_fail_once_node_based() {
    check("replication-group", "prod");
}

#[test]
fn every_call_may_fail_once_serverless() {
    check("serverless-cache", "catalog");
}

#[test]
fn a_young_backup_whose_deletion_was_cut_short_is_finished_when_it_is_old() {
    let prune = |world: &World, days: i64| {
        let now = nights_ago(0).timestamp() + SignedDuration::from_hours(24 * days + 1);
        Scene::prod(world).prune_at(rules(), now)
    };
    let laid = || {
        let world = World::new();
        Scene::prod(&world).nights(4);
        world
    };
    let clean = laid();
    prune(&clean, 0).unwrap();
    let first = clean
        .log
        .borrow()
        .iter()
        .position(|call| call.starts_with("DeleteObject"))
        .unwrap();
    let last = first + 6;
    for at in first..last {
        let world = laid();
        world.fault.set(Fault::From(at));
        prune(&world, 0).unwrap_err();
        world.fault.set(Fault::Never);
        prune(&world, 0).unwrap();
        assert_eq!(
            Scene::prod(&world).manifests(),
            [0, 1],
            "the catalogue is right at once"
        );
        prune(&world, 16).unwrap();
        assert_eq!(world.keys(), clean.keys(), "died at call {at}");
    }
}
