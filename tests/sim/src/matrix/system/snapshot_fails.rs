//! The snapshot fails, goes, hangs, or is not what it should be.

use super::SystemCell;
use super::deeds::{
    again, exported, judged, manifest, nothing, play, prepared, put_caches, run_with, snapshots_made,
    source_is,
};
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::matrix::rdb::sealed_rdb;
use crate::matrix::system::look;
use crate::world::elasticache::shapes::{CreateServerlessCacheSnapshotRequest, CreateSnapshotRequest};
use crate::world::{FixedContent, SnapshotFault, When, World};
use jiff::{SignedDuration, Timestamp};

const GROUP: &str = "snapshot fails";

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for scene in ["group", "sharded", "serverless"] {
        cells.push(ends(scene, "ends failed", SnapshotFault::Fails, Some("failed")));
        cells.push(ends(
            scene,
            "vanishes when it should be available",
            SnapshotFault::Vanishes,
            None,
        ));
        cells.push(quota_used_up(scene));
        cells.push(late(scene));
        cells.push(holds(scene, "without keys", 0));
        cells.push(holds(scene, "a third of the keys gone", 26));
        cells.push(holds(scene, "two thirds of the keys gone", 13));
        cells.push(deleted(scene, "CopyToS3"));
        cells.push(deleted(scene, "VerifyObject"));
    }
    cells.extend([
        stuck(),
        odd_for_a_while(),
        odd_for_good(),
        deleted_while_looked_at(),
        undeletable(),
    ]);
    cells.extend([
        one_shard_empty(),
        empty_from_the_beginning(),
        shrunk_twice(),
        automatic_too_old(),
        automatic_backed_up(),
    ]);
    cells
}

fn arm(act: &Act, fault: SnapshotFault) {
    act.stage
        .person(|world, _| world.faults.arm_snapshot(fault, When::next(1)));
}

fn named(scene: &str, what: &str) -> String {
    if scene == "group" {
        what.to_owned()
    } else {
        format!("{scene}, {what}")
    }
}

fn ends(scene: &'static str, what: &str, fault: SnapshotFault, left: Option<&'static str>) -> SystemCell {
    SystemCell::new(GROUP, named(scene, what), move || {
        let fault = fault.clone();
        play(scene, nothing, |act| async move {
            arm(&act, fault);
            let run = act.spawn("run").ended().await;
            snapshots_made(&act, 1);
            exported(&act, 0);
            source_is(&act, left);
            run
        })
    })
}

/// Longer than the run may take; the snapshot is finished in the meantime, and the re-drive goes on with it.
fn late(scene: &'static str) -> SystemCell {
    SystemCell::new(GROUP, named(scene, "takes 14 h"), move || {
        Act::on(prepared(scene), |act| async move {
            arm(&act, SnapshotFault::Takes(SignedDuration::from_hours(14)));
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            source_is(&act, Some("creating"));
            again(&act, &run, 1, "").await;
            (run, end)
        })
    })
}

/// Somebody at AWS gives it up after the run did.
fn stuck() -> SystemCell {
    fn given_up(world: &mut World, now: Timestamp) {
        put_caches(world, now);
        for (name, status) in world.snapshot_statuses() {
            if status == "creating" {
                world.force_snapshot_status(&name, "failed");
            }
        }
    }
    SystemCell::new(GROUP, "stuck in creating", || {
        play("group", given_up, |act| async move {
            arm(&act, SnapshotFault::Takes(SignedDuration::from_hours(10_000)));
            act.spawn("run").ended().await
        })
    })
}

fn usable(world: &mut World, _: Timestamp) {
    for (name, status) in world.snapshot_statuses() {
        if status == "hibernating" {
            world.force_snapshot_status(&name, "available");
        }
    }
}

/// What nobody knows is waited for.
fn odd_for_a_while() -> SystemCell {
    SystemCell::new(GROUP, "unknown status for 2 h", || {
        play("group", nothing, |act| async move {
            arm(&act, SnapshotFault::Reads("hibernating".to_owned()));
            let going = act.spawn("run");
            act.pass(SignedDuration::from_hours(2)).await;
            exported(&act, 0);
            act.stage.person(usable);
            going.ended().await
        })
    })
}

fn odd_for_good() -> SystemCell {
    SystemCell::new(GROUP, "unknown status beyond the deadline", || {
        Act::on(prepared("group"), |act| async move {
            arm(&act, SnapshotFault::Reads("hibernating".to_owned()));
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            exported(&act, 0);
            source_is(&act, Some("hibernating"));
            act.stage.person(usable);
            again(&act, &run, 1, "").await;
            (run, end)
        })
    })
}

/// A person deletes whatever snapshot of tonight there is, if `ElastiCache` lets them.
fn delete(world: &mut World, now: Timestamp) {
    let tonight = now.strftime("%Y%m%d").to_string();
    for (name, _) in world.snapshot_statuses() {
        if name.contains(&tonight) {
            let _ = world.delete_snapshot(&name, now);
            let _ = world.delete_serverless_cache_snapshot(&name, now);
        }
    }
}

fn deleted(scene: &'static str, state: &'static str) -> SystemCell {
    let name = format!("deleted by a person in {state}");
    SystemCell::new(GROUP, named(scene, &name), move || {
        play(scene, nothing, |act| async move {
            let run = run_with(&act, nothing, (state, 1), delete).await;
            act.pass(SignedDuration::from_mins(1)).await;
            source_is(&act, None);
            run
        })
    })
}

/// Its status was seen `available`; when its tags are to be read it is on its way out.
fn deleted_while_looked_at() -> SystemCell {
    SystemCell::new(GROUP, "deleted by a person between status and tags", || {
        play("group", nothing, |act| async move {
            let run = act.just_before("ListTagsForResource", delete).spawn("run");
            let run = run.ended().await;
            exported(&act, 0);
            run
        })
    })
}

/// `ElastiCache` deletes nothing that it is making or exporting.
fn undeletable() -> SystemCell {
    SystemCell::new(
        GROUP,
        "deletion refused in WaitForSnapshot and WaitForExport",
        || {
            play("group", nothing, |act| async move {
                let going = act.spawn("run");
                for state in ["WaitForSnapshot", "WaitForExport"] {
                    act.until(&going.run, state, 1).await;
                    act.stage.person(delete);
                }
                let run = going.ended().await;
                source_is(&act, Some("available"));
                run
            })
        },
    )
}

/// All caches of the world hold so many keys, or the third of it in each of three shards.
fn fill(world: &mut World, keys: u16) {
    let third = FixedContent::shared(&sealed_rdb(keys / 3));
    for shard in ["sessions/0001", "sessions/0002", "sessions/0003"] {
        world.contents.attach(shard, std::sync::Arc::clone(&third));
    }
    world
        .contents
        .attach("orders/0001", FixedContent::shared(&sealed_rdb(keys)));
    // Half as many as in `orders`, as it is in every scene.
    world
        .contents
        .attach("catalog/0001", FixedContent::shared(&sealed_rdb(keys / 2)));
}

/// A sound file that holds less than last night's is recorded; if it is much less, it is told and licenses no pruning.
fn holds(scene: &'static str, what: &str, keys: u16) -> SystemCell {
    SystemCell::new(GROUP, named(scene, what), move || {
        play(scene, nothing, |act| async move {
            act.stage.person(|world, _| fill(world, keys));
            let run = act.spawn("run").ended().await;
            let suspicious = manifest(&act).map(|manifest| manifest.suspicion.is_some());
            let text = format!("{suspicious:?} with {keys} keys");
            act.must(suspicious == Some(keys < 20), "suspicion", text);
            source_is(&act, Some("available"));
            run
        })
    })
}

/// One shard may be empty where the others are not.
fn one_shard_empty() -> SystemCell {
    SystemCell::new(GROUP, "sharded, one of three shards without keys", || {
        play("sharded", nothing, |act| async move {
            act.stage.person(|world, _| {
                let empty = FixedContent::shared(&sealed_rdb(0));
                world.contents.attach("sessions/0002", empty);
            });
            let run = act.spawn("run").ended().await;
            let keys: Vec<u64> = manifest(&act)
                .iter()
                .flat_map(|manifest| &manifest.objects)
                .map(|object| object.verdict.keys)
                .collect();
            act.must(keys == [10, 0, 12], "keys by shard", format!("{keys:?}"));
            run
        })
    })
}

/// There is nothing to compare the first backup with.
fn empty_from_the_beginning() -> SystemCell {
    look::cell(
        GROUP,
        "without keys, the first backup",
        &look::NO_NIGHT,
        |act| async move {
            act.hold(0);
            let ended = act.night(act.input()).await;
            must_be_suspicious(&act);
            ended
        },
    )
}

/// The second such night is compared with the last good one, and not with the first of them.
fn shrunk_twice() -> SystemCell {
    let name = "two thirds of the keys gone, for two nights";
    look::cell(GROUP, name, &look::TWO_NIGHTS, |mut act| async move {
        act.hold(13);
        act.quietly("before", act.input()).await;
        must_be_suspicious(&act);
        act.due = look::nights_before(act.due, -1);
        act.wait_until(act.due).await;
        let ended = act.night(act.input()).await;
        must_be_suspicious(&act);
        ended
    })
}

fn must_be_suspicious(act: &Act) {
    let suspicious = manifest(act).map(|manifest| manifest.suspicion.is_some());
    act.must(suspicious == Some(true), "suspicion", format!("{suspicious:?}"));
}

/// `ElastiCache` makes one a day, so one of the day before yesterday means that it has stopped.
fn automatic_too_old() -> SystemCell {
    SystemCell::new(GROUP, "automatic, the newest is 28 h old", || {
        Act::on(prepared("automatic"), |mut act| async move {
            act.due += SignedDuration::from_hours(27);
            act.wait_until(act.due).await;
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            exported(&act, 0);
            act.stage.person(put_caches);
            (run, end)
        })
    })
}

/// Two hours later there is no newer automatic snapshot.
fn automatic_backed_up() -> SystemCell {
    SystemCell::new(GROUP, "automatic, backed up two hours ago", || {
        Act::on(prepared("automatic"), |mut act| async move {
            act.quietly("before", act.input()).await;
            let (before, told) = (act.manifests(), act.told());
            act.due += SignedDuration::from_hours(2);
            act.wait_until(act.due).await;
            let run = act.spawn("run").ended().await;
            let end = act.end_since(&told, &run, false);
            exported(&act, 1);
            let after = act.manifests();
            let is_no_op = end == End::Recovers && after == before && act.told() == told;
            (run, if is_no_op { End::NoOp } else { end })
        })
    })
}

/// Others have taken as many snapshots as the day allows of the very node that the run takes its own of.
fn quota_used_up(scene: &'static str) -> SystemCell {
    SystemCell::new(
        GROUP,
        named(scene, "the day's snapshots used up by others"),
        move || {
            play(scene, nothing, |act| async move {
                // Last night's snapshot of the run itself counts no longer.
                act.pass(SignedDuration::from_mins(1)).await;
                act.stage.person(use_up);
                let run = act.spawn("run").ended().await;
                snapshots_made(&act, 0);
                let world = act.stage.ports.world();
                let theirs = world.snapshot_statuses();
                let left = theirs.iter().filter(|(name, _)| name.starts_with("theirs-"));
                let left = left.count();
                act.must(left >= 60, "others' snapshots are left alone", format!("{left}"));
                drop(world);
                run
            })
        },
    )
}

/// Until there is none left.
fn use_up(world: &mut World, now: Timestamp) {
    let usual = std::mem::replace(&mut world.config.timings.snapshot, SignedDuration::ZERO);
    let all = 0..24;
    for number in all {
        let of_node = CreateSnapshotRequest {
            snapshot_name: format!("theirs-of-orders-{number}"),
            cache_cluster_id: Some("orders-003".to_owned()),
            ..Default::default()
        };
        let of_group = CreateSnapshotRequest {
            snapshot_name: format!("theirs-of-sessions-{number}"),
            replication_group_id: Some("sessions".to_owned()),
            ..Default::default()
        };
        let of_serverless = CreateServerlessCacheSnapshotRequest {
            serverless_cache_snapshot_name: format!("theirs-of-catalog-{number}"),
            serverless_cache_name: "catalog".to_owned(),
            ..Default::default()
        };
        // The last ones are refused.
        let _ = world.create_snapshot(&of_node, now);
        let _ = world.create_snapshot(&of_group, now);
        let _ = world.create_serverless_cache_snapshot(&of_serverless, now);
    }
    world.advance(now);
    world.config.timings.snapshot = usual;
}
