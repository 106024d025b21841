//! The cache is not what it was: roles move, nodes go, shards come, engines are upgraded, ids are spelled otherwise.

mod busy;
mod others;
mod says;

use super::SystemCell;
use super::deeds::{Deed, judged, manifest, nothing, play, prepared, put_caches, run_with, snapshots_made};
use crate::matrix::act::Act;
use crate::matrix::rdb::sound_rdb;
use crate::world::FixedContent;
use crate::world::elasticache::{Group, Profile};
use backup_core::manifest::Manifest;
use others::{
    alone, busy_replica, customer_key, deleting, enable, fail_over, four_shards, misplaced, never_made,
    replica_gone, tier, two_shards, upgrade,
};
use says::{
    has_cluster_mode, has_four_shards, has_three_shards, has_two_shards, is_not_upgraded, is_upgraded, never,
    of_primary, of_replica_2, of_replica_3,
};
use serde_json::json;

pub(super) const GROUP: &str = "cache changes";
const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = CHANGES.iter().map(changed).collect();
    cells.extend(RACES.iter().map(raced));
    cells.extend(busy::cells());
    cells.extend([mixed_case(), member_of_a_group(), longest_ids()]);
    cells
}

/// Name, scene, the state in which it happens (before the run where there is none), what happens, and what the
/// manifest then says; a run that fails has none.
type Change = (
    &'static str,
    &'static str,
    &'static str,
    Deed,
    fn(&Manifest) -> bool,
);

const CHANGES: [Change; 20] = [
    ("failover before the run", "group", "", fail_over, of_replica_2),
    (
        "failover in WaitForSnapshot",
        "group",
        "WaitForSnapshot",
        fail_over,
        of_replica_3,
    ),
    (
        "replica gone before the run",
        "group",
        "",
        replica_gone,
        of_replica_2,
    ),
    (
        "replica gone in WaitForSnapshot",
        "group",
        "WaitForSnapshot",
        replica_gone,
        of_replica_3,
    ),
    (
        "replica gone in CopyToS3",
        "group",
        "CopyToS3",
        replica_gone,
        of_replica_3,
    ),
    ("all replicas gone before the run", "group", "", alone, of_primary),
    (
        "one of two replicas modifying",
        "group",
        "",
        busy_replica,
        of_replica_2,
    ),
    (
        "shards added between runs",
        "sharded",
        "",
        four_shards,
        has_four_shards,
    ),
    (
        "shards added in WaitForSnapshot",
        "sharded",
        "WaitForSnapshot",
        four_shards,
        has_three_shards,
    ),
    (
        "shards added in CopyToS3",
        "sharded",
        "CopyToS3",
        four_shards,
        has_three_shards,
    ),
    (
        "shards removed between runs",
        "sharded",
        "",
        two_shards,
        has_two_shards,
    ),
    (
        "cluster mode enabled between runs",
        "group",
        "",
        enable,
        has_cluster_mode,
    ),
    ("engine upgraded between runs", "group", "", upgrade, is_upgraded),
    (
        "engine upgraded in CopyToS3",
        "group",
        "CopyToS3",
        upgrade,
        is_not_upgraded,
    ),
    ("data tiering since the last run", "group", "", tier, never),
    (
        "a customer's key since the last run",
        "group",
        "",
        customer_key,
        never,
    ),
    (
        "serverless, a customer's key since the last run",
        "serverless",
        "",
        customer_key,
        never,
    ),
    ("group that is being deleted", "group", "", deleting, never),
    ("group whose creation failed", "group", "", never_made, never),
    (
        "stand-alone node in a network that does not fit",
        "stand-alone",
        "",
        misplaced,
        never,
    ),
];

fn changed((name, scene, state, deed, says): &'static Change) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play(scene, put_caches, |act| async move {
            let run = if state.is_empty() {
                act.stage.person(deed);
                act.spawn("run").ended().await
            } else {
                run_with(&act, nothing, (state, 1), *deed).await
            };
            match manifest(&act) {
                Some(manifest) => act.must(says(&manifest), name, format!("{manifest:?}")),
                None => snapshots_made(&act, 0),
            }
            run
        })
    })
}

/// Between the choice of the node and the request for its snapshot.
const RACES: [Change; 6] = [
    (
        "failover between choice and request",
        "group",
        "",
        fail_over,
        of_replica_3,
    ),
    (
        "replica gone between choice and request",
        "group",
        "",
        replica_gone,
        of_replica_2,
    ),
    (
        "all replicas gone between choice and request",
        "group",
        "",
        alone,
        of_primary,
    ),
    (
        "group turns deleting between choice and request",
        "group",
        "",
        deleting,
        never,
    ),
    (
        "shards added between choice and request",
        "sharded",
        "",
        four_shards,
        has_four_shards,
    ),
    (
        "data tiering between choice and request",
        "group",
        "",
        tier,
        never,
    ),
];

fn raced((name, scene, _, deed, says): &'static Change) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play(scene, put_caches, |act| async move {
            let run = act.just_before("CreateSnapshot", deed).spawn("run").ended().await;
            if let Some(manifest) = manifest(&act) {
                act.must(says(&manifest), name, format!("{manifest:?}"));
            } else {
                let asked = run.with(|execution| execution.entries("CopyToS3"));
                act.must(asked == 0, "no export is asked for", format!("{asked} are"));
            }
            run
        })
    })
}

/// The id as people spell it; `ElastiCache` and every name of ours has it in lower case.
fn mixed_case() -> SystemCell {
    SystemCell::new(GROUP, "id given in mixed case", || {
        play("group", nothing, |act| async move {
            let mut input = act.input();
            input["cache"]["id"] = json!("Orders");
            act.spawn_with("run", input).ended().await
        })
    })
}

/// A group's node given as a cache of its own, whose backups would lie where nobody looks for the group's.
fn member_of_a_group() -> SystemCell {
    SystemCell::new(GROUP, "a group's node given as a cache that stands alone", || {
        play("group", nothing, |act| async move {
            let mut input = act.input();
            input["cache"] = json!({ "kind": "cache-cluster", "id": "orders-002" });
            let run = act.spawn_with("run", input).ended().await;
            snapshots_made(&act, 0);
            run
        })
    })
}

/// Two groups whose ids of 40 characters differ in the last one only, at the same minute.
fn longest_ids() -> SystemCell {
    SystemCell::new(GROUP, "two ids of 40 characters with the same beginning", || {
        Act::on(prepared("group"), |act| async move {
            let ids = ["a", "b"].map(|last| format!("orders-of-all-customers-in-all-regions-{last}"));
            assert!(ids.iter().all(|id| id.len() == 40), "the longest there is");
            let goings = ids.each_ref().map(|id| {
                act.stage.person(|world, _| {
                    let group = Group::disabled(id, &ZONES, Profile::default());
                    let content = FixedContent::shared(&sound_rdb(40));
                    world.contents.attach(&format!("{id}/0001"), content);
                    world.put_group(group);
                });
                let mut input = act.input();
                input["cache"]["id"] = json!(id);
                input["notify"] = json!("failure");
                act.spawn_with(id, input)
            });
            for going in goings {
                going.ended().await;
            }
            let names = act.stage.ports.world().snapshot_statuses();
            let made = names.iter().filter(|(name, _)| name.starts_with("orders-of-"));
            let lengths: Vec<usize> = made.map(|(name, _)| name.len()).collect();
            act.must(lengths == [40, 40], "a snapshot each", format!("{names:?}"));
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            (run, end)
        })
    })
}
