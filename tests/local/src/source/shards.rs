//! A cluster's shards: a server each, with even slot ranges, that do not know each other. Nothing moves between them, so
//! what a shard has is decided by whoever fills it.

use crate::source::{Program, Server, Setup, SourceError};
use std::thread::sleep;
use std::time::Duration;

/// Hash slots of a cluster.
pub const SLOTS: u32 = 16_384;

/// How long a node may take to call its cluster usable: it waits two seconds by itself (`CLUSTER_WRITABLE_DELAY`).
const PATIENCE: u32 = 400;
const STEP: Duration = Duration::from_millis(25);

/// First and last slot of a shard, as `ElastiCache` spreads them evenly.
pub fn bounds(shard: u32, shards: u32) -> (u32, u32) {
    (SLOTS * shard / shards, SLOTS * (shard + 1) / shards - 1)
}

/// The shard that owns a slot.
pub fn owner_of(slot: u32, shards: u32) -> u32 {
    let later = (0..shards).rev().find(|shard| bounds(*shard, shards).0 <= slot);
    later.unwrap_or_default()
}

/// Starts a cluster of that many shards and waits until each takes its keys.
pub fn start_shards(program: &Program, shards: u32) -> Result<Vec<Server>, SourceError> {
    let servers: Vec<Server> = (0..shards)
        .map(|_| Server::start(program, Setup::Cluster))
        .collect::<Result<_, _>>()?;
    for (shard, server) in (0..shards).zip(&servers) {
        let (first, last) = bounds(shard, shards);
        let range = redis::cmd("CLUSTER")
            .arg("ADDSLOTSRANGE")
            .arg(first)
            .arg(last)
            .to_owned();
        server.ask::<()>(&mut server.connect()?, &range)?;
    }
    for server in &servers {
        wait_until_usable(server)?;
    }
    Ok(servers)
}

fn wait_until_usable(server: &Server) -> Result<(), SourceError> {
    let mut connection = server.connect()?;
    for _ in 0..PATIENCE {
        let info: String = server.ask(&mut connection, redis::cmd("CLUSTER").arg("INFO"))?;
        if info.contains("cluster_state:ok") {
            return Ok(());
        }
        sleep(STEP);
    }
    Err(server.refused((redis::ErrorKind::Client, "the cluster does not become usable").into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim::world::elasticache::{Group, Profile};

    #[test]
    fn every_slot_has_the_owner_in_whose_bounds_it_lies() {
        for shards in [1, 2, 3, 7, 500] {
            assert_eq!(bounds(0, shards).0, 0);
            assert_eq!(bounds(shards - 1, shards).1, SLOTS - 1);
            for slot in 0..SLOTS {
                let (first, last) = bounds(owner_of(slot, shards), shards);
                assert!((first..=last).contains(&slot), "slot {slot} of {shards} shards");
            }
        }
    }

    #[test]
    fn the_ranges_are_those_of_the_fake_cache() {
        let group = Group::enabled("c", 3, &["a"], Profile::default());
        let theirs: Vec<&str> = group.shards.iter().map(|shard| shard.slots.as_str()).collect();
        let ours: Vec<String> = (0..3)
            .map(|shard| bounds(shard, 3))
            .map(|(a, b)| format!("{a}-{b}"))
            .collect();
        assert_eq!(
            theirs, ours,
            "a key lies in the shard that the snapshot says it is in"
        );
    }
}
