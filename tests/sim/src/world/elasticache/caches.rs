//! The caches of the world, as a test or the local endpoint sets them up.

use crate::world::Tags;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Status of whatever can be used.
pub(crate) const AVAILABLE: &str = "available";
/// Status of a cache while a snapshot of it is made.
pub(crate) const SNAPSHOTTING: &str = "snapshotting";

/// What every self-designed cache has, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `CacheNodeType`.
    pub node_type: String,
    /// `valkey`, `redis` or `memcached`.
    pub engine: String,
    /// `EngineVersion`.
    pub engine_version: String,
    /// `CacheParameterGroupName`.
    pub parameter_group: String,
    /// A customer-managed key, which forbids exports.
    pub kms_key_id: Option<String>,
    /// Whether cold values lie on disks, which forbids exports.
    pub data_tiering: bool,
    /// `SnapshotRetentionLimit` in days; 0 means no automatic snapshots.
    pub retention_days: u32,
    /// `CacheClusterCreateTime`.
    pub created: Timestamp,
    /// Tags of the cache.
    pub tags: Tags,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            node_type: "cache.r7g.large".to_owned(),
            engine: "valkey".to_owned(),
            engine_version: "8.0.1".to_owned(),
            parameter_group: "default.valkey8".to_owned(),
            kms_key_id: None,
            data_tiering: false,
            retention_days: 0,
            created: Timestamp::UNIX_EPOCH,
            tags: Tags::new(),
        }
    }
}

/// Role of a node; roles move on failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Takes the writes.
    Primary,
    /// Follows the primary.
    Replica,
}

/// A node of a replication group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `CacheClusterId`.
    pub cluster_id: String,
    /// `PreferredAvailabilityZone`.
    pub zone: String,
    /// Role at present.
    pub role: Role,
    /// `CacheClusterStatus`.
    pub status: String,
}

/// A shard of a replication group; with cluster mode disabled there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// `NodeGroupId`, one to four digits.
    pub node_group_id: String,
    /// `Slots`, for example `0-5460`; empty with cluster mode disabled.
    pub slots: String,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Content id of its data.
    pub content: String,
}

/// Whether data are spread over shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClusterMode {
    /// One shard; snapshots are taken of a node.
    Disabled,
    /// Shards by slot; snapshots are taken of the group.
    Enabled,
}

/// A replication group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `ReplicationGroupId`.
    pub id: String,
    /// `Status`.
    pub status: String,
    /// Cluster mode.
    pub mode: ClusterMode,
    /// Its shards.
    pub shards: Vec<Shard>,
    /// What it shares with every cache.
    pub profile: Profile,
}

impl Group {
    /// A group with cluster mode disabled: the first zone has the primary, each further zone one replica. Nodes are
    /// `<id>-001`, …; the content id is `<id>/0001`.
    pub fn disabled(id: &str, zones: &[&str], profile: Profile) -> Self {
        let nodes = nodes(zones, |number| format!("{id}-{number:03}"));
        let shard = Shard {
            node_group_id: "0001".to_owned(),
            slots: String::new(),
            nodes,
            content: format!("{id}/0001"),
        };
        Self::new(id, ClusterMode::Disabled, vec![shard], profile)
    }

    /// A group with cluster mode enabled and even slots: nodes are `<id>-0001-001`, …; content ids `<id>/0001`, ….
    pub fn enabled(id: &str, shards: u32, zones: &[&str], profile: Profile) -> Self {
        let bound = |index: u32| 16_384 * index / shards;
        let shards = (0..shards).map(|index| {
            let node_group_id = format!("{:04}", index + 1);
            Shard {
                slots: format!("{}-{}", bound(index), bound(index + 1) - 1),
                nodes: nodes(zones, |number| format!("{id}-{node_group_id}-{number:03}")),
                content: format!("{id}/{node_group_id}"),
                node_group_id,
            }
        });
        Self::new(id, ClusterMode::Enabled, shards.collect(), profile)
    }

    fn new(id: &str, mode: ClusterMode, shards: Vec<Shard>, profile: Profile) -> Self {
        Self {
            id: id.to_owned(),
            status: AVAILABLE.to_owned(),
            mode,
            shards,
            profile,
        }
    }

    /// All nodes, shard by shard.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.shards.iter().flat_map(|shard| &shard.nodes)
    }

    pub(crate) fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.shards.iter_mut().flat_map(|shard| &mut shard.nodes)
    }

    /// Makes the node the primary of its shard.
    pub fn fail_over_to(&mut self, cluster_id: &str) {
        let shard = self
            .shards
            .iter_mut()
            .find(|shard| shard.nodes.iter().any(|node| node.cluster_id == cluster_id));
        for node in shard.into_iter().flat_map(|shard| &mut shard.nodes) {
            node.role = if node.cluster_id == cluster_id {
                Role::Primary
            } else {
                Role::Replica
            };
        }
    }
}

fn nodes(zones: &[&str], id: impl Fn(usize) -> String) -> Vec<Node> {
    let node = |(index, zone): (usize, &&str)| Node {
        cluster_id: id(index + 1),
        zone: (*zone).to_owned(),
        role: if index == 0 { Role::Primary } else { Role::Replica },
        status: AVAILABLE.to_owned(),
    };
    zones.iter().enumerate().map(node).collect()
}

/// A cache cluster of its own: one node with Valkey or Redis OSS, or a Memcached cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandAlone {
    /// `CacheClusterId`.
    pub id: String,
    /// `CacheClusterStatus`.
    pub status: String,
    /// `PreferredAvailabilityZone`.
    pub zone: String,
    /// Content id of its data.
    pub content: String,
    /// What it shares with every cache.
    pub profile: Profile,
}

impl StandAlone {
    /// An available cluster with one node; the content id is `<id>/0001`.
    pub fn new(id: &str, zone: &str, profile: Profile) -> Self {
        Self {
            id: id.to_owned(),
            status: AVAILABLE.to_owned(),
            zone: zone.to_owned(),
            content: format!("{id}/0001"),
            profile,
        }
    }
}

/// A serverless cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serverless {
    /// `ServerlessCacheName`.
    pub name: String,
    /// `Status`; compared without regard to case.
    pub status: String,
    /// `valkey`, `redis` or `memcached`.
    pub engine: String,
    /// `MajorEngineVersion`.
    pub major_version: String,
    /// A customer-managed key, which forbids exports.
    pub kms_key_id: Option<String>,
    /// Content id of its data.
    pub content: String,
    /// `CreateTime`.
    pub created: Timestamp,
    /// Tags of the cache.
    pub tags: Tags,
}

impl Serverless {
    /// An available Valkey 8 cache; the content id is `<name>/0001`.
    pub fn new(name: &str, created: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            status: AVAILABLE.to_owned(),
            engine: "valkey".to_owned(),
            major_version: "8".to_owned(),
            kms_key_id: None,
            content: format!("{name}/0001"),
            created,
            tags: Tags::new(),
        }
    }
}
