//! The cache is busy when its run is due, for longer or shorter than a run waits.

use super::GROUP;
use crate::matrix::act::Act;
use crate::matrix::system::SystemCell;
use crate::matrix::system::deeds::{again, judged, nothing, play, prepared, put_caches, snapshots_made};
use crate::world::World;
use crate::world::elasticache::Role;
use jiff::{SignedDuration, Timestamp};

/// Name, scene, status, how long in minutes.
type Busy = (&'static str, &'static str, &'static str, i64);

const SHORTER: [Busy; 6] = [
    ("modifying for 1 h", "group", "modifying", 60),
    ("sharded, modifying for 3 h", "sharded", "modifying", 180),
    (
        "stand-alone, rebooting for 10 min",
        "stand-alone",
        "rebooting cluster nodes",
        10,
    ),
    ("serverless, modifying for 1 h", "serverless", "MODIFYING", 60),
    ("being created for 1 h", "group", "creating", 60),
    (
        "snapshotting for somebody else for 1 h",
        "group",
        "snapshotting",
        60,
    ),
];

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = SHORTER.iter().map(shorter).collect();
    cells.extend([replicas_busy(), longer(), modified_while_snapshotted()]);
    cells
}

/// Sets the status of every cache of the world.
fn set(world: &mut World, status: &str) {
    for id in ["orders", "sessions"] {
        if let Some(group) = world.group_mut(id) {
            status.clone_into(&mut group.status);
        }
    }
    if let Some(cluster) = world.cluster_mut("lonely") {
        status.clone_into(&mut cluster.status);
    }
    if let Some(cache) = world.serverless_mut("catalog") {
        status.clone_into(&mut cache.status);
    }
}

fn shorter((name, scene, status, minutes): &'static Busy) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play(scene, nothing, |act| async move {
            act.stage.person(|world, _| set(world, status));
            let going = act.spawn("run");
            act.pass(SignedDuration::from_mins(*minutes)).await;
            snapshots_made(&act, 0);
            act.stage.person(|world, _| set(world, "available"));
            going.ended().await
        })
    })
}

/// The primary is spared while there are replicas, however long they are busy.
fn replicas_busy() -> SystemCell {
    SystemCell::new(GROUP, "all replicas modifying for 1 h", || {
        fn replicas(world: &mut World, status: &str) {
            let nodes = world
                .group_mut("orders")
                .into_iter()
                .flat_map(|group| &mut group.shards)
                .flat_map(|shard| &mut shard.nodes);
            for node in nodes.filter(|node| node.role == Role::Replica) {
                status.clone_into(&mut node.status);
            }
        }
        play("group", nothing, |act| async move {
            act.stage.person(|world, _| replicas(world, "modifying"));
            let going = act.spawn("run");
            act.pass(SignedDuration::from_hours(1)).await;
            snapshots_made(&act, 0);
            act.stage.person(|world, _| replicas(world, "available"));
            going.ended().await
        })
    })
}

/// A run gives up after some 3.6 hours; its re-drive waits as long again.
fn longer() -> SystemCell {
    SystemCell::new(GROUP, "modifying for 5 h", || {
        Act::on(prepared("group"), |act| async move {
            act.stage.person(|world, _| set(world, "modifying"));
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            let waited = act.stage.ports.clock.now().duration_since(act.due);
            let hours = waited.as_secs_f64() / 3600.0;
            act.must(
                (3.5..4.0).contains(&hours),
                "busy for hours",
                format!("{hours} h"),
            );
            snapshots_made(&act, 0);
            let mended = act.clone();
            let mend = async move {
                mended.pass(SignedDuration::from_mins(85)).await;
                mended.stage.person(|world, _| set(world, "available"));
            };
            futures_util::future::join(mend, again(&act, &run, 1, "")).await;
            (run, end)
        })
    })
}

/// A change of the cache that begins under the snapshot does not touch it.
fn modified_while_snapshotted() -> SystemCell {
    fn modify(world: &mut World, _: Timestamp) {
        set(world, "modifying");
    }
    SystemCell::new(GROUP, "modifying from CheckSnapshot on", || {
        play("group", put_caches, |act| async move {
            super::run_with(&act, nothing, ("CheckSnapshot", 1), modify).await
        })
    })
}
