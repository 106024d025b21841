//! What people do to caches.

use super::ZONES;
use crate::matrix::rdb::sound_rdb;
use crate::world::elasticache::{Group, Profile};
use crate::world::{FixedContent, World};
use jiff::Timestamp;

fn orders(world: &mut World, change: impl FnOnce(&mut Group)) {
    if let Some(group) = world.group_mut("orders") {
        change(group);
    }
}

pub(super) fn fail_over(world: &mut World, _: Timestamp) {
    orders(world, |group| group.fail_over_to("orders-003"));
}

pub(super) fn replica_gone(world: &mut World, _: Timestamp) {
    orders(world, |group| lose(group, &["orders-003"]));
}

pub(super) fn alone(world: &mut World, _: Timestamp) {
    orders(world, |group| lose(group, &["orders-002", "orders-003"]));
}

/// The one that a run would choose.
pub(super) fn busy_replica(world: &mut World, _: Timestamp) {
    orders(world, |group| {
        let nodes = group.shards.iter_mut().flat_map(|shard| &mut shard.nodes);
        for node in nodes.filter(|node| node.cluster_id == "orders-003") {
            "modifying".clone_into(&mut node.status);
        }
    });
}

fn lose(group: &mut Group, nodes: &[&str]) {
    for shard in &mut group.shards {
        shard
            .nodes
            .retain(|node| !nodes.contains(&node.cluster_id.as_str()));
    }
}

pub(super) fn four_shards(world: &mut World, _: Timestamp) {
    reshard(world, 4);
}

pub(super) fn two_shards(world: &mut World, _: Timestamp) {
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

pub(super) fn enable(world: &mut World, _: Timestamp) {
    world.put_group(Group::enabled("orders", 1, &ZONES, Profile::default()));
}

/// The new engine writes a newer format.
pub(super) fn upgrade(world: &mut World, _: Timestamp) {
    orders(world, |group| {
        "9.0.0".clone_into(&mut group.profile.engine_version);
        "default.valkey9".clone_into(&mut group.profile.parameter_group);
    });
    let mut bytes = sound_rdb(40);
    bytes[..9].copy_from_slice(b"VALKEY080");
    world.contents.attach("orders/0001", FixedContent::shared(&bytes));
}

pub(super) fn tier(world: &mut World, _: Timestamp) {
    orders(world, |group| {
        group.profile.data_tiering = true;
        "cache.r6gd.xlarge".clone_into(&mut group.profile.node_type);
    });
}

pub(super) fn customer_key(world: &mut World, _: Timestamp) {
    let key = Some("arn:aws:kms:eu-west-1:000000000000:key/a".to_owned());
    orders(world, |group| group.profile.kms_key_id.clone_from(&key));
    if let Some(cache) = world.serverless_mut("catalog") {
        cache.kms_key_id = key;
    }
}

pub(super) fn deleting(world: &mut World, _: Timestamp) {
    orders(world, |group| "deleting".clone_into(&mut group.status));
}

pub(super) fn never_made(world: &mut World, _: Timestamp) {
    orders(world, |group| "create-failed".clone_into(&mut group.status));
}

pub(super) fn misplaced(world: &mut World, _: Timestamp) {
    if let Some(cluster) = world.cluster_mut("lonely") {
        "incompatible-network".clone_into(&mut cluster.status);
    }
}
