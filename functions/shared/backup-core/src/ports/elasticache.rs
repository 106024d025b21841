//! Ports to ElastiCache, node-based and serverless behind the same traits.

use super::CallError;
use crate::names::SnapshotName;
use crate::run::Tag;
use crate::snapshot::Snapshot;
use crate::{CacheKind, CacheRef};

/// A member of a replication group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its cache cluster id, such as `orders-002`.
    pub cache_cluster_id: String,
    /// `primary` or `replica`; ElastiCache tells it only with cluster mode disabled.
    pub role: Option<String>,
    /// Its Availability Zone.
    pub zone: Option<String>,
}

/// A cache as the describe calls give it, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Its ARN, under which its tags are read.
    pub arn: Option<String>,
    /// Its status as ElastiCache spells it, lower case.
    pub status: String,
    /// `valkey`, `redis` or `memcached`; absent where ElastiCache does not tell.
    pub engine: Option<String>,
    /// Whether cluster mode is enabled; false for everything but replication groups.
    pub cluster_mode: bool,
    /// Whether data lie partly on SSD: such a snapshot cannot be exported.
    pub data_tiering: bool,
    /// A customer's key, where there is one: its snapshots cannot be exported.
    pub kms_key_id: Option<String>,
    /// The replication group that a node belongs to; set only for a node that does not stand alone.
    pub replication_group_id: Option<String>,
    /// The members of a replication group with cluster mode disabled; empty for everything else.
    pub members: Vec<Member>,
}

/// Describes a cache (`DescribeReplicationGroups`, `DescribeCacheClusters`, `DescribeServerlessCaches`).
pub trait DescribeCache {
    /// The cache, or `None` where ElastiCache knows none of that kind and id.
    async fn describe_cache(&self, cache: &CacheRef) -> Result<Option<Cache>, CallError>;

    /// The status of one member node, lower case, or `None` where there is no such node.
    async fn node_status(&self, cache_cluster_id: &str) -> Result<Option<String>, CallError>;
}

/// Reads tags (`ListTagsForResource`). ElastiCache refuses while the resource is not available.
pub trait ListTags {
    /// All tags of the resource behind an ARN.
    async fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, CallError>;
}

/// Describes one snapshot by name (`DescribeSnapshots`, `DescribeServerlessCacheSnapshots`).
pub trait DescribeSnapshot {
    /// The snapshot with its node groups and slots; an empty list and a not-found fault are both `None`.
    async fn describe_snapshot(
        &self,
        kind: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError>;
}

/// Which snapshots of a cache to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotOrigin {
    /// Made by callers (`SnapshotSource=user`).
    Manual,
    /// Made by ElastiCache (`SnapshotSource=system`).
    Automatic,
}

/// Lists the snapshots of one cache.
pub trait ListSnapshots {
    /// All pages. For a replication group both the group and each of `members` are asked for, because
    /// ElastiCache files a snapshot with cluster mode disabled under its node; a member that is gone has
    /// none. None where there is none.
    async fn list_snapshots(
        &self,
        cache: &CacheRef,
        members: &[String],
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError>;
}

/// What to take a snapshot of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotSource {
    /// A replication group with cluster mode enabled, by id.
    ReplicationGroup(String),
    /// A node, by cache cluster id.
    CacheCluster(String),
    /// A serverless cache, by name.
    ServerlessCache(String),
}

/// A snapshot to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSnapshotParams {
    /// Its name.
    pub name: SnapshotName,
    /// What it is taken of.
    pub source: SnapshotSource,
    /// Its tags, at most 50.
    pub tags: Vec<Tag>,
}

/// Makes snapshots (`CreateSnapshot`, `CreateServerlessCacheSnapshot`). Never retried inside: no client token.
pub trait CreateSnapshot {
    /// Starts one; success says only that ElastiCache accepted it.
    async fn create_snapshot(&self, params: &CreateSnapshotParams) -> Result<(), CallError>;
}

/// An export to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSnapshotParams {
    /// The kind of the cache behind the snapshot.
    pub kind: CacheKind,
    /// The snapshot.
    pub snapshot: SnapshotName,
    /// `TargetSnapshotName`; a serverless export takes none and ignores it.
    pub target: String,
}

/// Exports snapshots to the backup bucket (`CopySnapshot` with `TargetBucket`, `ExportServerlessCacheSnapshot`).
/// Never retried inside: no client token.
pub trait ExportSnapshot {
    /// Starts an export; the answer's content is undocumented and passed over.
    async fn export_snapshot(&self, params: &ExportSnapshotParams) -> Result<(), CallError>;
}

/// Deletes snapshots (`DeleteSnapshot`, `DeleteServerlessCacheSnapshot`). Never retried inside.
pub trait DeleteSnapshot {
    /// Deletes a manual snapshot; one that is gone already is [`super::CallErrorKind::SnapshotNotFound`].
    async fn delete_snapshot(&self, kind: CacheKind, name: &SnapshotName) -> Result<(), CallError>;
}
