//! The cache is deleted while its run is under way. Manual snapshots outlive their caches.

use super::SystemCell;
use super::deeds::{nothing, play, put_caches, run_with, snapshots_made, source_is};
use crate::matrix::act::Act;
use crate::world::{SnapshotFault, When, World};
use jiff::Timestamp;

const GROUP: &str = "cache deleted";

/// Every state in which a run can be, and those where other kinds of caches take another way than a group.
const IN: [(&str, &[&str]); 5] = [
    (
        "group",
        &[
            "CreateSnapshot",
            "WaitForSnapshot",
            "CheckSnapshot",
            "CopyToS3",
            "WaitForExport",
            "CheckExport",
            "VerifyObject",
            "RecordBackup",
            "Prune",
            "NotifySuccess",
        ],
    ),
    (
        "sharded",
        &["CreateSnapshot", "WaitForSnapshot", "CopyToS3", "Prune"],
    ),
    (
        "stand-alone",
        &["CreateSnapshot", "WaitForSnapshot", "CopyToS3", "Prune"],
    ),
    (
        "serverless",
        &["CreateSnapshot", "WaitForSnapshot", "CopyToS3", "Prune"],
    ),
    ("automatic", &["CheckSnapshot", "WaitForExport", "VerifyObject"]),
];

pub(super) fn cells() -> Vec<SystemCell> {
    let in_states = IN
        .into_iter()
        .flat_map(|(scene, states)| states.iter().map(move |state| in_state(scene, state)));
    let mut cells: Vec<SystemCell> = in_states.collect();
    for scene in ["group", "stand-alone", "serverless"] {
        cells.push(between_look_and_request(scene));
    }
    for scene in ["group", "serverless"] {
        cells.push(with_its_snapshot(
            scene,
            "which vanishes",
            SnapshotFault::Vanishes,
        ));
        cells.push(with_its_snapshot(scene, "which fails", SnapshotFault::Fails));
    }
    cells.push(made_anew());
    cells
}

fn gone(world: &mut World, _: Timestamp) {
    for id in ["orders", "sessions", "lonely", "catalog"] {
        world.remove_cache(id);
    }
}

fn in_state(scene: &'static str, state: &'static str) -> SystemCell {
    SystemCell::new(GROUP, format!("{scene}, in {state}"), move || {
        play(scene, put_caches, |act| async move {
            let run = run_with(&act, nothing, (state, 1), gone).await;
            if state == "CreateSnapshot" {
                snapshots_made(&act, 0);
            }
            run
        })
    })
}

/// The first look sees the cache; the request for a snapshot does not.
fn between_look_and_request(scene: &'static str) -> SystemCell {
    let name = format!("{scene}, between the look and the request");
    SystemCell::new(GROUP, name, move || {
        play(scene, put_caches, |act| async move {
            let operation = create(&act);
            let run = act.just_before(operation, gone).spawn("run").ended().await;
            snapshots_made(&act, 0);
            run
        })
    })
}

/// The operation that makes a snapshot of the scene's cache.
fn create(act: &Act) -> &'static str {
    match act.scene.kind {
        "serverless-cache" => "CreateServerlessCacheSnapshot",
        _ => "CreateSnapshot",
    }
}

/// The snapshot that was being made goes down with its cache.
fn with_its_snapshot(scene: &'static str, how: &'static str, fault: SnapshotFault) -> SystemCell {
    SystemCell::new(
        GROUP,
        format!("{scene}, with its unfinished snapshot, {how}"),
        move || {
            let fault = fault.clone();
            play(scene, put_caches, |act| async move {
                let left = (fault == SnapshotFault::Fails).then_some("failed");
                act.stage
                    .person(|world, _| world.faults.arm_snapshot(fault, When::next(1)));
                let run = run_with(&act, nothing, ("WaitForSnapshot", 1), gone).await;
                source_is(&act, left);
                run
            })
        },
    )
}

/// Deleted and made again under its id, as stacks do it, while its snapshot is made.
fn made_anew() -> SystemCell {
    SystemCell::new(GROUP, "group, made again in WaitForSnapshot", || {
        play("group", nothing, |act| async move {
            run_with(&act, nothing, ("WaitForSnapshot", 1), |world, now| {
                gone(world, now);
                put_caches(world, now);
            })
            .await
        })
    })
}
