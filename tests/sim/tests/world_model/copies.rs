//! What becomes of a snapshot once it is there: copies inside the service, deletion, the end of its cache.

use crate::support::{
    at, code, content, copy_to, described, export_to, keys, of_node, read, status, with_snapshot, world,
};
use sim::world::{ExportFault, When};

#[test]
fn a_copy_inside_the_service_is_a_snapshot_of_its_own() {
    let mut world = with_snapshot();
    let copy = world.copy_snapshot(&copy_to("bk", "kept"), at(200)).unwrap();
    assert_eq!(
        (copy.snapshot_name.as_str(), copy.snapshot_status.as_str()),
        ("kept", "creating")
    );
    assert_eq!(status(&mut world, "bk", at(201)), "copying");
    assert_eq!(
        code(&world.copy_snapshot(&copy_to("bk", "other"), at(202))),
        "InvalidSnapshotState"
    );
    assert_eq!(
        (
            status(&mut world, "bk", at(260)),
            status(&mut world, "kept", at(260))
        ),
        ("available".into(), "available".into())
    );
    world.delete_snapshot("bk", at(261)).unwrap();
    world.copy_snapshot(&export_to("kept", "x"), at(300)).unwrap();
    assert_eq!(read(&mut world, "x-0001.rdb", at(420)), content("orders/0001"));
}

#[test]
fn copies_are_refused_by_name() {
    let cases = [
        (
            "unknown source",
            copy_to("nobody", "kept"),
            "SnapshotNotFoundFault",
        ),
        ("taken target", copy_to("bk", "bk"), "SnapshotAlreadyExistsFault"),
        (
            "target names follow the rules",
            copy_to("bk", "automatic.kept"),
            "InvalidParameterValue",
        ),
    ];
    for (reason, request, expected) in cases {
        assert_eq!(
            code(&with_snapshot().copy_snapshot(&request, at(200))),
            expected,
            "{reason}"
        );
    }
}

#[test]
fn snapshots_outlive_their_cache_but_automatic_ones_do_not() {
    let mut world = with_snapshot();
    let automatic = world.put_automatic_snapshot("orders-002", at(190)).unwrap();
    assert_eq!(automatic, "automatic.orders-002-2026-03-01-02-03");
    assert_eq!(
        described(&mut world, &automatic, at(191))
            .unwrap()
            .snapshot_source,
        "automated"
    );
    world.remove_cache("orders");
    assert_eq!(status(&mut world, "bk", at(200)), "available");
    assert_eq!(status(&mut world, &automatic, at(200)), "gone");
}

#[test]
fn deleting_needs_available_or_failed_and_takes_a_while() {
    let mut world = with_snapshot();
    assert_eq!(
        world.delete_snapshot("BK", at(200)).unwrap().snapshot_status,
        "deleting"
    );
    assert_eq!(
        code(&world.delete_snapshot("bk", at(201))),
        "InvalidSnapshotState"
    );
    assert_eq!(status(&mut world, "bk", at(229)), "deleting");
    assert_eq!(status(&mut world, "bk", at(230)), "gone");
    assert_eq!(
        code(&world.delete_snapshot("bk", at(231))),
        "SnapshotNotFoundFault"
    );
}

#[test]
fn what_is_creating_or_exporting_cannot_be_deleted() {
    let mut world = world();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    assert_eq!(code(&world.delete_snapshot("bk", at(1))), "InvalidSnapshotState");
    world.copy_snapshot(&export_to("bk", "x"), at(180)).unwrap();
    assert_eq!(
        code(&world.delete_snapshot("bk", at(181))),
        "InvalidSnapshotState"
    );
}

#[test]
fn a_name_can_be_used_again_and_old_jobs_leave_the_new_snapshot_alone() {
    let mut world = with_snapshot();
    world.faults.arm_export(
        ExportFault::ObjectsAfter(jiff::SignedDuration::from_secs(60)),
        When::next(1),
    );
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    world.delete_snapshot("bk", at(320)).unwrap();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(350))
        .unwrap();
    assert_eq!(status(&mut world, "bk", at(400)), "creating");
    assert!(
        keys(&mut world, at(400)).is_empty(),
        "the deleted snapshot's objects never appear"
    );
}
