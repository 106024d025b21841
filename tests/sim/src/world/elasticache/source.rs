//! What a `CreateSnapshot` is taken of: the rules for group and node ids, and the shape of the result.

use crate::world::World;
use crate::world::elasticache::caches::{
    AVAILABLE, ClusterMode, Group, Node, Profile, Role, Shard, StandAlone,
};
use crate::world::elasticache::shapes::{
    CreateSnapshotRequest, NodeGroupConfiguration, NodeSnapshot, Snapshot,
};
use crate::world::error::AwsError;
use jiff::Timestamp;

/// Id of the only node of a cluster and of the only shard of an unsharded export.
pub(crate) const ONLY: &str = "0001";

/// The source of a snapshot, resolved.
pub(crate) struct Source {
    /// What describes will answer, save name, status, times and sizes.
    pub(crate) shape: Snapshot,
    pub(crate) profile: Profile,
    /// Content id of each shard, under the id that names its object.
    pub(crate) contents: Vec<(String, String)>,
    /// Nodes whose quota it counts against.
    pub(crate) quota_keys: Vec<String>,
    /// Caches that are busy meanwhile.
    pub(crate) occupies: Vec<String>,
    /// Why it cannot be taken now.
    pub(crate) busy: Option<AwsError>,
}

/// Ids are stored in lower case and looked up so.
fn lowered(id: Option<&String>) -> Option<String> {
    id.map(|id| id.to_ascii_lowercase())
}

impl World {
    pub(crate) fn snapshot_source(&self, request: &CreateSnapshotRequest) -> Result<Source, AwsError> {
        let group_id = lowered(request.replication_group_id.as_ref());
        let cluster_id = lowered(request.cache_cluster_id.as_ref());
        let wrong = |text: &str| AwsError::bad_request(&self.config.assumptions.wrong_source_code, text);
        let group = group_id.map(|id| self.group(&id)).transpose()?;
        let Some(cluster_id) = cluster_id else {
            return match group {
                None => Err(wrong(
                    "Must specify either a replication group or a cache cluster.",
                )),
                Some(group) if group.mode == ClusterMode::Enabled => Ok(of_group(group)),
                Some(_) => Err(wrong(
                    "Cannot snapshot a replication group with cluster-mode disabled. Please specify a cache cluster instead.",
                )),
            };
        };
        if let Some(cluster) = self
            .elasticache
            .clusters
            .get(&cluster_id)
            .filter(|_| group.is_none())
        {
            return of_cluster(cluster);
        }
        let (owner, shard, node) = self.member(&cluster_id)?;
        if group.is_some_and(|group| group.id != owner.id) {
            return Err(wrong(
                "The cache cluster is not a member of the replication group.",
            ));
        }
        if owner.mode == ClusterMode::Enabled {
            return Err(wrong(
                "Cannot snapshot a node of a replication group with cluster-mode enabled. Please specify the replication group instead.",
            ));
        }
        Ok(of_node(owner, shard, node))
    }

    pub(crate) fn group(&self, id: &str) -> Result<&Group, AwsError> {
        self.elasticache.groups.get(id).ok_or_else(|| {
            AwsError::not_found(
                "ReplicationGroupNotFoundFault",
                format!("ReplicationGroup {id} not found."),
            )
        })
    }

    fn member(&self, id: &str) -> Result<(&Group, &Shard, &Node), AwsError> {
        let all = self.elasticache.groups.values().flat_map(|group| {
            group
                .shards
                .iter()
                .flat_map(move |shard| shard.nodes.iter().map(move |node| (group, shard, node)))
        });
        all.into_iter()
            .find(|(_, _, node)| node.cluster_id == id)
            .ok_or_else(|| cluster_not_found(id))
    }
}

pub(crate) fn cluster_not_found(id: &str) -> AwsError {
    AwsError::not_found("CacheClusterNotFound", format!("CacheCluster not found: {id}"))
}

fn group_busy(group: &Group) -> Option<AwsError> {
    let text = format!(
        "Replication group must be in available state, but {} is {}.",
        group.id, group.status
    );
    (group.status != AVAILABLE).then(|| AwsError::bad_request("InvalidReplicationGroupState", text))
}

fn cluster_busy(id: &str, status: &str) -> Option<AwsError> {
    let text = format!("Cache cluster must be in available state, but {id} is {status}.");
    (status != AVAILABLE).then(|| AwsError::bad_request("InvalidCacheClusterState", text))
}

fn base(profile: &Profile) -> Snapshot {
    Snapshot {
        snapshot_source: "manual".to_owned(),
        cache_node_type: profile.node_type.clone(),
        engine: profile.engine.clone(),
        engine_version: profile.engine_version.clone(),
        cache_cluster_create_time: Some(profile.created),
        preferred_maintenance_window: "fri:10:00-fri:11:00".to_owned(),
        port: 6379,
        cache_parameter_group_name: profile.parameter_group.clone(),
        cache_subnet_group_name: "default".to_owned(),
        vpc_id: "vpc-00000000".to_owned(),
        auto_minor_version_upgrade: true,
        snapshot_retention_limit: profile.retention_days,
        snapshot_window: "08:00-09:00".to_owned(),
        kms_key_id: profile.kms_key_id.clone(),
        data_tiering: if profile.data_tiering {
            "enabled"
        } else {
            "disabled"
        }
        .to_owned(),
        ..Snapshot::default()
    }
}

/// Top level names the node; one entry without a node group id (recorded answers).
fn of_single_node(profile: &Profile, cluster_id: &str, zone: &str) -> Snapshot {
    Snapshot {
        cache_cluster_id: Some(cluster_id.to_owned()),
        num_cache_nodes: Some(1),
        preferred_availability_zone: Some(zone.to_owned()),
        node_snapshots: vec![NodeSnapshot {
            cache_node_id: Some(ONLY.to_owned()),
            cache_node_create_time: Some(profile.created),
            ..NodeSnapshot::default()
        }],
        ..base(profile)
    }
}

fn of_node(group: &Group, shard: &Shard, node: &Node) -> Source {
    Source {
        shape: of_single_node(&group.profile, &node.cluster_id, &node.zone),
        profile: group.profile.clone(),
        contents: vec![(ONLY.to_owned(), shard.content.clone())],
        quota_keys: vec![node.cluster_id.clone()],
        occupies: vec![group.id.clone(), node.cluster_id.clone()],
        busy: cluster_busy(&node.cluster_id, &node.status).or_else(|| group_busy(group)),
    }
}

fn of_cluster(cluster: &StandAlone) -> Result<Source, AwsError> {
    if cluster.profile.engine == "memcached" || cluster.profile.node_type == "cache.t1.micro" {
        let text = "Snapshots are not supported for Memcached clusters and cache.t1.micro nodes.";
        return Err(AwsError::bad_request("SnapshotFeatureNotSupportedFault", text));
    }
    Ok(Source {
        shape: of_single_node(&cluster.profile, &cluster.id, &cluster.zone),
        profile: cluster.profile.clone(),
        contents: vec![(ONLY.to_owned(), cluster.content.clone())],
        quota_keys: vec![cluster.id.clone()],
        occupies: vec![cluster.id.clone()],
        busy: cluster_busy(&cluster.id, &cluster.status),
    })
}

/// The service picks a node of each shard: the last replica, as recorded answers show.
fn snapshotted_node(shard: &Shard) -> Option<&Node> {
    let replica = shard.nodes.iter().rev().find(|node| node.role == Role::Replica);
    replica.or(shard.nodes.last())
}

fn of_group(group: &Group) -> Source {
    let node_snapshots = group
        .shards
        .iter()
        .map(|shard| node_snapshot(shard, group.profile.created))
        .collect();
    let nodes = group
        .shards
        .iter()
        .filter_map(snapshotted_node)
        .map(|node| node.cluster_id.clone());
    let shape = Snapshot {
        replication_group_id: Some(group.id.clone()),
        replication_group_description: Some(group.id.clone()),
        num_node_groups: u32::try_from(group.shards.len()).ok(),
        automatic_failover: Some("enabled".to_owned()),
        node_snapshots,
        ..base(&group.profile)
    };
    let quota_keys: Vec<String> = nodes.collect();
    let occupied = std::iter::once(&group.id).chain(&quota_keys).cloned().collect();
    Source {
        shape,
        profile: group.profile.clone(),
        contents: group
            .shards
            .iter()
            .map(|shard| (shard.node_group_id.clone(), shard.content.clone()))
            .collect(),
        quota_keys,
        occupies: occupied,
        busy: group_busy(group),
    }
}

fn node_snapshot(shard: &Shard, created: Timestamp) -> NodeSnapshot {
    let zones = |role| {
        shard
            .nodes
            .iter()
            .filter(move |node| node.role == role)
            .map(|node| node.zone.clone())
    };
    let replicas: Vec<String> = zones(Role::Replica).collect();
    NodeSnapshot {
        cache_cluster_id: snapshotted_node(shard).map(|node| node.cluster_id.clone()),
        node_group_id: Some(shard.node_group_id.clone()),
        cache_node_id: Some(ONLY.to_owned()),
        node_group_configuration: Some(NodeGroupConfiguration {
            node_group_id: shard.node_group_id.clone(),
            slots: shard.slots.clone(),
            replica_count: u32::try_from(replicas.len()).unwrap_or(u32::MAX),
            primary_availability_zone: zones(Role::Primary).next(),
            replica_availability_zones: replicas,
        }),
        cache_size: String::new(),
        cache_node_create_time: Some(created),
        snapshot_create_time: None,
    }
}
