//! The cache is not what it was: roles move, nodes go, shards come, engines are upgraded, ids are spelled otherwise.

mod busy;

use super::SystemCell;
use super::deeds::{
    Deed, caches_again, exported, judged, manifest, nothing, play, prepared, run_with, snapshots_made,
};
use crate::matrix::act::Act;
use crate::matrix::rdb::sound_rdb;
use crate::world::elasticache::{Group, Profile};
use crate::world::{FixedContent, World};
use backup_core::manifest::Manifest;
use jiff::Timestamp;
use serde_json::json;

pub(super) const GROUP: &str = "cache changes";
const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = CHANGES.iter().map(changed).collect();
    cells.extend(RACES.iter().map(raced));
    cells.extend(busy::cells());
    cells.extend([mixed_case(), longest_ids()]);
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

const CHANGES: [Change; 19] = [
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
        play(scene, caches_again, |act| async move {
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
        play(scene, caches_again, |act| async move {
            let run = act.just_before("CreateSnapshot", deed).spawn("run").ended().await;
            if let Some(manifest) = manifest(&act) {
                act.must(says(&manifest), name, format!("{manifest:?}"));
            }
            run
        })
    })
}

fn orders(world: &mut World, change: impl FnOnce(&mut Group)) {
    if let Some(group) = world.group_mut("orders") {
        change(group);
    }
}

fn fail_over(world: &mut World, _: Timestamp) {
    orders(world, |group| group.fail_over_to("orders-003"));
}

fn replica_gone(world: &mut World, _: Timestamp) {
    orders(world, |group| lose(group, &["orders-003"]));
}

fn alone(world: &mut World, _: Timestamp) {
    orders(world, |group| lose(group, &["orders-002", "orders-003"]));
}

fn lose(group: &mut Group, nodes: &[&str]) {
    for shard in &mut group.shards {
        shard
            .nodes
            .retain(|node| !nodes.contains(&node.cluster_id.as_str()));
    }
}

fn four_shards(world: &mut World, _: Timestamp) {
    reshard(world, 4);
}

fn two_shards(world: &mut World, _: Timestamp) {
    reshard(world, 2);
}

/// The same keys in another number of shards; a snapshot under way goes on.
fn reshard(world: &mut World, shards: u32) {
    let status = world
        .group_mut("sessions")
        .map_or_else(String::new, |group| group.status.clone());
    let group = Group::enabled("sessions", shards, &ZONES, Profile::default());
    world.put_group(Group { status, ..group });
    for shard in 1..=shards {
        let content = FixedContent::shared(&sound_rdb(8 * 4 / u16::try_from(shards).unwrap_or(1)));
        world.contents.attach(&format!("sessions/{shard:04}"), content);
    }
}

fn enable(world: &mut World, _: Timestamp) {
    world.put_group(Group::enabled("orders", 1, &ZONES, Profile::default()));
}

/// The new engine writes a newer format.
fn upgrade(world: &mut World, _: Timestamp) {
    orders(world, |group| {
        group.profile.engine_version = "9.0.0".to_owned();
        group.profile.parameter_group = "default.valkey9".to_owned();
    });
    let mut bytes = sound_rdb(40);
    bytes[..9].copy_from_slice(b"VALKEY080");
    world.contents.attach("orders/0001", FixedContent::shared(&bytes));
}

fn tier(world: &mut World, _: Timestamp) {
    orders(world, |group| {
        group.profile.data_tiering = true;
        group.profile.node_type = "cache.r6gd.xlarge".to_owned();
    });
}

fn customer_key(world: &mut World, _: Timestamp) {
    let key = Some("arn:aws:kms:eu-west-1:000000000000:key/a".to_owned());
    orders(world, |group| group.profile.kms_key_id.clone_from(&key));
    if let Some(cache) = world.serverless_mut("catalog") {
        cache.kms_key_id = key;
    }
}

fn deleting(world: &mut World, _: Timestamp) {
    orders(world, |group| "deleting".clone_into(&mut group.status));
}

fn never_made(world: &mut World, _: Timestamp) {
    orders(world, |group| "create-failed".clone_into(&mut group.status));
}

fn misplaced(world: &mut World, _: Timestamp) {
    if let Some(cluster) = world.cluster_mut("lonely") {
        "incompatible-network".clone_into(&mut cluster.status);
    }
}

fn source(manifest: &Manifest) -> (Option<&str>, Option<&str>) {
    let snapshot = &manifest.snapshot;
    (snapshot.source_node.as_deref(), snapshot.source_role.as_deref())
}

fn of_replica_2(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-002"), Some("replica"))
}

fn of_replica_3(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-003"), Some("replica"))
}

fn of_primary(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-001"), Some("primary"))
}

/// Every shard is there with the slots that it had when the snapshot was taken.
fn has_shards(manifest: &Manifest, shards: usize) -> bool {
    let slots = |at: usize| format!("{}-{}", 16_384 * at / shards, 16_384 * (at + 1) / shards - 1);
    let as_it_was = |(at, object): (usize, &backup_core::manifest::ManifestObject)| {
        object.slots.as_deref() == Some(slots(at).as_str())
    };
    manifest.objects.len() == shards && manifest.objects.iter().enumerate().all(as_it_was)
}

fn has_two_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 2)
}

fn has_three_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 3)
}

fn has_four_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 4)
}

fn has_cluster_mode(manifest: &Manifest) -> bool {
    manifest.cache.cluster_mode && manifest.objects.len() == 1
}

fn is_upgraded(manifest: &Manifest) -> bool {
    let versions = manifest.objects.iter().map(|object| object.verdict.rdb_version);
    manifest.cache.engine_version.as_deref() == Some("9.0.0") && versions.eq([80])
}

fn is_not_upgraded(manifest: &Manifest) -> bool {
    let versions = manifest.objects.iter().map(|object| object.verdict.rdb_version);
    manifest.cache.engine_version.as_deref() == Some("8.0.1") && versions.eq([11])
}

/// Such a run records nothing.
fn never(_: &Manifest) -> bool {
    false
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
            let world = act.stage.ports.world();
            let names = world.snapshot_statuses();
            let made = names.iter().filter(|(name, _)| name.starts_with("orders-of-"));
            let lengths: Vec<usize> = made.map(|(name, _)| name.len()).collect();
            act.must(lengths == [40, 40], "a snapshot each", format!("{names:?}"));
            drop(world);
            let run = act.spawn("run").ended().await;
            exported(&act, 1);
            let end = judged(&act, &run);
            (run, end)
        })
    })
}
