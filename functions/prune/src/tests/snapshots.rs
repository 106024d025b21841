//! Our manual snapshots in ElastiCache.

use super::scene::{Scene, TONIGHT, instant, nights_ago};
use super::world::World;
use crate::Status;
use backup_core::ErrorName;
use backup_core::names::SnapshotName;
use backup_core::ports::CallErrorKind;
use backup_core::run::Tag;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use serde_json::{Value, json};

fn keep(snapshots: u32) -> Value {
    json!({"keepLast": 10, "keepSnapshots": snapshots})
}

fn suspicious(manifest: &mut Value) {
    manifest["suspicion"] = json!({"reasons": ["it holds no keys"], "comparedWith": null});
}

fn by_hand() -> SnapshotName {
    SnapshotName::from_service("prod-before-upgrade")
}

/// How many nights ago the snapshots were made that are still there.
fn left(world: &World) -> Vec<i64> {
    let nights = (0..60).filter(|days| {
        let name = format!("prod-{}", nights_ago(*days).compact());
        world.snapshot_names().contains(&name)
    });
    nights.collect()
}

#[test]
fn those_of_sound_backups_count_newest_first() {
    for (keep_snapshots, want) in [(0, vec![]), (1, vec![0]), (2, vec![0, 1]), (20, vec![0, 1, 2, 3])] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(4);
        let output = scene.prune(keep(keep_snapshots)).unwrap();
        assert_eq!(left(&world), want, "keepSnapshots {keep_snapshots}");
        assert_eq!(output.snapshots_deleted, 4 - want.len());
    }
}

#[test]
fn a_failed_runs_snapshot_stays_until_a_later_sound_backup_stands() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.backup(instant(TONIGHT), suspicious);
    scene.snapshot(nights_ago(1), SnapshotStatus::Available);
    scene.backup(nights_ago(2), suspicious);
    scene.backup(nights_ago(3), |_| ());
    scene.snapshot(nights_ago(4), SnapshotStatus::Available);
    scene.backup(nights_ago(5), suspicious);
    scene.prune(keep(1)).unwrap();
    assert_eq!(
        left(&world),
        [0, 1, 2, 3],
        "only what is older than the sound one is of no use"
    );
}

#[test]
fn a_backup_from_an_automatic_snapshot_supersedes_only_earlier_ones() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.snapshot(nights_ago(1), SnapshotStatus::Available);
    scene.backup(instant(TONIGHT), |manifest| {
        manifest["snapshot"]["name"] = json!("automatic.prod-001-2026-11-20-02-00");
    });
    scene.prune(keep(1)).unwrap();
    assert_eq!(
        left(&world),
        [0],
        "a manual one of the same minute is not behind it, and not before it"
    );
}

#[test]
fn a_deleted_backups_snapshot_goes_with_it() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(3);
    let output = scene.prune(json!({"keepLast": 1, "keepSnapshots": 20})).unwrap();
    assert_eq!((output.deleted, left(&world)), (2, vec![0]));
}

type Change = fn(&mut Snapshot, &mut Vec<Tag>);

#[test]
fn what_is_not_ours_is_never_touched() {
    let cases: [(Change, &str); 8] = [
        (|_, tags| tags.clear(), "no tags"),
        (|_, tags| tags[0].value = "x".into(), "another run"),
        (|_, tags| tags[1].value = "main/weekly".into(), "another plan"),
        (
            |_, tags| tags[1].value = "test/nightly".into(),
            "another deployment",
        ),
        (
            |_, tags| tags[2].value = "cache-cluster/prod".into(),
            "another kind",
        ),
        (|snapshot, _| snapshot.automatic = true, "ElastiCache's own"),
        (|snapshot, _| snapshot.name = by_hand(), "made by hand"),
        (
            |snapshot, _| snapshot.cache_cluster_id = Some("prod".into()),
            "a lone node's",
        ),
    ];
    for (change, why) in cases {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.snapshot(nights_ago(9), SnapshotStatus::Available);
        scene.nights(1);
        world.change_first(change);
        scene.prune(keep(1)).unwrap();
        assert_eq!(world.snapshots.borrow().len(), 2, "{why}");
    }
}

#[test]
fn siblings_and_other_owners_keep_theirs() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(1);
    Scene::of(&world, "replication-group", "prod-2", "main/nightly").nights(4);
    let weekly = Scene::of(&world, "replication-group", "prod", "main/weekly");
    weekly.backup(nights_ago(8), |_| ());
    weekly.snapshot(nights_ago(15), SnapshotStatus::Available);
    scene.prune(keep(1)).unwrap();
    assert_eq!(world.snapshots.borrow().len(), 7);
    let log = world.log.borrow();
    let read: Vec<_> = log.iter().filter(|call| call.starts_with("ListTags")).collect();
    assert_eq!(
        read.len(),
        1,
        "the weekly plan's manifest says whose the other one is: {read:?}"
    );
}

#[test]
fn one_that_is_busy_is_a_warning() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.snapshot(nights_ago(3), SnapshotStatus::InProgress("exporting".into()));
    scene.snapshot(nights_ago(4), SnapshotStatus::Failed);
    scene.snapshot(nights_ago(5), SnapshotStatus::Deleting);
    scene.nights(2);
    let output = scene.prune(keep(1)).unwrap();
    assert_eq!(
        output.warnings,
        ["snapshot `prod-202611170304` could not be deleted: it is `exporting`, the next run tries again"],
        "a failed one whose tags nobody can read stays without a word: it would warn every night"
    );
    let stays = output.plan.iter().find(|line| line.contains("prod-202611160304"));
    assert!(
        stays.is_some_and(|line| line.contains("tags cannot be read")),
        "{:?}",
        output.plan
    );
    assert_eq!((output.status, output.snapshots_deleted), (Status::Done, 1));
}

#[test]
fn what_a_deletion_answers_decides() {
    use CallErrorKind as K;
    for (kind, want, why) in [
        (K::SnapshotNotFound, Ok(0), "gone by now"),
        (K::InvalidSnapshotState, Ok(1), "busy by now"),
        (K::AccessDenied, Err(ErrorName::AccessDenied), "not allowed"),
        (K::Throttled, Err(ErrorName::Throttled), "too often"),
    ] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(3);
        world.fail("DeleteSnapshot", "prod-202611190304", kind);
        let answer = scene.prune(keep(1));
        assert_eq!(
            answer.map(|o| o.warnings.len()).map_err(|e| e.name),
            want,
            "{why}"
        );
        assert_eq!(left(&world), [0, 1], "{why}: the other one was still deleted");
    }
}

#[test]
fn a_look_that_fails_keeps_the_objects_from_nothing() {
    for operation in [
        "DescribeReplicationGroups",
        "DescribeSnapshots",
        "ListTagsForResource",
    ] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(3);
        world.fail(operation, "", CallErrorKind::AccessDenied);
        for dry in [true, false] {
            let error = scene.prune(json!({"keepLast": 2, "dryRun": dry})).unwrap_err();
            assert_eq!(error.name, ErrorName::AccessDenied, "{operation}");
        }
        let there = (scene.manifests(), left(&world));
        assert_eq!(there, (vec![0, 1], vec![0, 1, 2]), "{operation}");
    }
}

#[test]
fn a_cache_that_is_gone_is_no_trouble() {
    let mut world = World::new();
    world.cache_gone = true;
    let scene = Scene::prod(&world);
    scene.nights(3);
    assert_eq!(scene.prune(keep(1)).unwrap().status, Status::Done);
    world.fail("DescribeSnapshots", "", CallErrorKind::CacheNotFound);
    assert_eq!(Scene::prod(&world).prune(keep(1)).unwrap().status, Status::Done);
}

#[test]
fn tags_are_read_only_of_what_should_go() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(4);
    scene.prune(keep(3)).unwrap();
    let log = world.log.borrow();
    let read: Vec<_> = log.iter().filter(|call| call.starts_with("ListTags")).collect();
    assert_eq!(
        read,
        ["ListTagsForResource arn:aws:elasticache:eu-west-1:000000000000:snapshot:prod-202611170304"]
    );
}
