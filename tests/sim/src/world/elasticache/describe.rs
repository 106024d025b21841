//! Describing caches: `DescribeReplicationGroups`, `DescribeCacheClusters`, `DescribeServerlessCaches`.

use crate::world::elasticache::caches::{
    AVAILABLE, ClusterMode, Group, Node, Profile, Role, SNAPSHOTTING, Serverless, Shard,
};
use crate::world::elasticache::paging::page;
use crate::world::elasticache::serverless::cache_not_found;
use crate::world::elasticache::shapes::{
    CacheCluster, CacheNode, CacheParameterGroupStatus, DescribeCacheClustersRequest,
    DescribeCacheClustersResponse, DescribeReplicationGroupsRequest, DescribeReplicationGroupsResponse,
    DescribeServerlessCachesRequest, DescribeServerlessCachesResponse, Endpoint, NodeGroup, NodeGroupMember,
    PendingModifiedValues, ReplicationGroup, SecurityGroupMembership, ServerlessCache,
};
use crate::world::elasticache::source::{ONLY, cluster_not_found};
use crate::world::error::CallError;
use crate::world::operation::Operation;
use crate::world::{Call, World};
use jiff::Timestamp;
use std::ops::RangeInclusive;

/// Bounds of `MaxRecords` where caches are described.
const PAGE: RangeInclusive<u32> = 20..=100;

/// Whether a parameter group is applied: always.
const IN_SYNC: &str = "in-sync";

/// Where something is reached: nowhere, for no such name can be looked up.
fn endpoint(name: &str) -> Endpoint {
    Endpoint {
        address: format!("{name}.000000.0001.local.cache.invalid"),
        port: 6379,
    }
}

/// Whether the filter names this id, or none.
fn named(wanted: Option<&String>, id: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(id))
}

impl World {
    /// `DescribeReplicationGroups`.
    pub fn describe_replication_groups(
        &mut self,
        request: &DescribeReplicationGroupsRequest,
        now: Timestamp,
    ) -> Result<DescribeReplicationGroupsResponse, CallError> {
        let wanted = request.replication_group_id.as_ref();
        let argument = wanted.map_or("", String::as_str);
        let call = Call {
            operation: Operation::DescribeReplicationGroups,
            argument,
            now,
        };
        self.call(&call, |world| {
            if let Some(id) = wanted {
                world.group(&id.to_ascii_lowercase())?;
            }
            let groups = world
                .elasticache
                .groups
                .values()
                .filter(|group| named(wanted, &group.id));
            let items = groups
                .map(|group| (group.id.clone(), world.shown_group(group)))
                .collect();
            let (replication_groups, marker) = page(
                items,
                request.marker.as_deref(),
                request.max_records,
                &PAGE,
                "MaxRecords",
            )?;
            Ok(DescribeReplicationGroupsResponse {
                marker,
                replication_groups,
            })
        })
    }

    fn shown_group(&self, group: &Group) -> ReplicationGroup {
        let enabled = group.mode == ClusterMode::Enabled;
        let several_nodes = group.nodes().count() > group.shards.len();
        let word = |yes: bool| if yes { "enabled" } else { "disabled" }.to_owned();
        let last_replica = group.nodes().filter(|node| node.role == Role::Replica).last();
        let snapshots_itself = !enabled && group.profile.retention_days > 0;
        ReplicationGroup {
            replication_group_id: group.id.clone(),
            description: group.id.clone(),
            status: group.status.clone(),
            pending_modified_values: PendingModifiedValues::default(),
            member_clusters: group.nodes().map(|node| node.cluster_id.clone()).collect(),
            node_groups: group
                .shards
                .iter()
                .map(|shard| shown_shard(group, shard))
                .collect(),
            snapshotting_cluster_id: last_replica
                .filter(|_| snapshots_itself)
                .map(|node| node.cluster_id.clone()),
            automatic_failover: word(enabled || several_nodes),
            multi_az: word(several_nodes),
            configuration_endpoint: enabled.then(|| endpoint(&format!("clustercfg.{}", group.id))),
            snapshot_retention_limit: group.profile.retention_days,
            snapshot_window: "08:00-09:00".to_owned(),
            cluster_enabled: enabled,
            cluster_mode: word(enabled),
            cache_node_type: group.profile.node_type.clone(),
            auth_token_enabled: false,
            transit_encryption_enabled: false,
            kms_key_id: group.profile.kms_key_id.clone(),
            at_rest_encryption_enabled: true,
            log_delivery_configurations: Vec::new(),
            data_tiering: word(group.profile.data_tiering),
            engine: group.profile.engine.clone(),
            arn: self.arn("elasticache", &format!("replicationgroup:{}", group.id)),
        }
    }

    /// `DescribeCacheClusters`: stand-alone clusters and the nodes of replication groups.
    pub fn describe_cache_clusters(
        &mut self,
        request: &DescribeCacheClustersRequest,
        now: Timestamp,
    ) -> Result<DescribeCacheClustersResponse, CallError> {
        let wanted = request.cache_cluster_id.as_ref();
        let argument = wanted.map_or("", String::as_str);
        let call = Call {
            operation: Operation::DescribeCacheClusters,
            argument,
            now,
        };
        self.call(&call, |world| {
            let mut clusters = world.clusters(wanted, request.show_cache_node_info == Some(true));
            if let (Some(id), true) = (wanted, clusters.is_empty()) {
                return Err(cluster_not_found(id));
            }
            if request.show_cache_clusters_not_in_replication_groups == Some(true) {
                clusters.retain(|cluster| cluster.replication_group_id.is_none());
            }
            clusters.sort_by(|a, b| a.cache_cluster_id.cmp(&b.cache_cluster_id));
            let items = clusters
                .into_iter()
                .map(|cluster| (cluster.cache_cluster_id.clone(), cluster))
                .collect();
            let (cache_clusters, marker) = page(
                items,
                request.marker.as_deref(),
                request.max_records,
                &PAGE,
                "MaxRecords",
            )?;
            Ok(DescribeCacheClustersResponse {
                marker,
                cache_clusters,
            })
        })
    }

    /// Those that the filter names: showing one takes long enough to be felt where there are thousands.
    fn clusters(&self, wanted: Option<&String>, with_nodes: bool) -> Vec<CacheCluster> {
        let state = &self.elasticache;
        let members = state.groups.values().flat_map(|group| {
            let nodes = group.nodes().filter(|node| named(wanted, &node.cluster_id));
            nodes.map(move |node| {
                let Node {
                    cluster_id,
                    status,
                    zone,
                    ..
                } = node;
                let shown = self.shown_cluster(cluster_id, status, zone, &group.profile, with_nodes);
                CacheCluster {
                    replication_group_id: Some(group.id.clone()),
                    ..shown
                }
            })
        });
        let alone = state
            .clusters
            .values()
            .filter(|cluster| named(wanted, &cluster.id));
        let alone = alone.map(|cluster| {
            self.shown_cluster(
                &cluster.id,
                &cluster.status,
                &cluster.zone,
                &cluster.profile,
                with_nodes,
            )
        });
        members.chain(alone).collect()
    }

    fn shown_cluster(
        &self,
        id: &str,
        status: &str,
        zone: &str,
        profile: &Profile,
        with_nodes: bool,
    ) -> CacheCluster {
        let node = CacheNode {
            cache_node_id: ONLY.to_owned(),
            cache_node_status: AVAILABLE.to_owned(),
            cache_node_create_time: Some(profile.created),
            endpoint: endpoint(id),
            parameter_group_status: IN_SYNC.to_owned(),
            customer_availability_zone: zone.to_owned(),
        };
        CacheCluster {
            cache_cluster_id: id.to_owned(),
            client_download_landing_page: "https://console.aws.amazon.com/elasticache/home#client-download:"
                .to_owned(),
            cache_cluster_status: status.to_owned(),
            cache_node_type: profile.node_type.clone(),
            engine: profile.engine.clone(),
            engine_version: profile.engine_version.clone(),
            num_cache_nodes: 1,
            preferred_availability_zone: zone.to_owned(),
            cache_cluster_create_time: Some(profile.created),
            preferred_maintenance_window: "fri:10:00-fri:11:00".to_owned(),
            pending_modified_values: PendingModifiedValues::default(),
            cache_security_groups: Vec::new(),
            cache_parameter_group: CacheParameterGroupStatus {
                cache_parameter_group_name: profile.parameter_group.clone(),
                parameter_apply_status: IN_SYNC.to_owned(),
                cache_node_ids_to_reboot: Vec::new(),
            },
            cache_subnet_group_name: "default".to_owned(),
            cache_nodes: with_nodes.then(|| vec![node]),
            auto_minor_version_upgrade: true,
            security_groups: vec![SecurityGroupMembership {
                security_group_id: "sg-00000000".to_owned(),
                status: "active".to_owned(),
            }],
            replication_group_id: None,
            snapshot_retention_limit: profile.retention_days,
            snapshot_window: "08:00-09:00".to_owned(),
            auth_token_enabled: false,
            transit_encryption_enabled: false,
            at_rest_encryption_enabled: true,
            replication_group_log_delivery_enabled: false,
            log_delivery_configurations: Vec::new(),
            arn: self.arn("elasticache", &format!("cluster:{id}")),
        }
    }

    /// `DescribeServerlessCaches`.
    pub fn describe_serverless_caches(
        &mut self,
        request: &DescribeServerlessCachesRequest,
        now: Timestamp,
    ) -> Result<DescribeServerlessCachesResponse, CallError> {
        let wanted = request.serverless_cache_name.as_ref();
        let argument = wanted.map_or("", String::as_str);
        let call = Call {
            operation: Operation::DescribeServerlessCaches,
            argument,
            now,
        };
        self.call(&call, |world| {
            let caches = world
                .elasticache
                .serverless
                .values()
                .filter(|cache| named(wanted, &cache.name));
            let items: Vec<_> = caches
                .map(|cache| (cache.name.clone(), world.shown_serverless(cache)))
                .collect();
            if let (Some(name), true) = (wanted, items.is_empty()) {
                return Err(cache_not_found(name));
            }
            let (token, size) = (request.next_token.as_deref(), request.max_results);
            let (serverless_caches, next_token) = page(items, token, size, &(1..=50), "MaxResults")?;
            Ok(DescribeServerlessCachesResponse {
                next_token,
                serverless_caches,
            })
        })
    }

    fn shown_serverless(&self, cache: &Serverless) -> ServerlessCache {
        ServerlessCache {
            serverless_cache_name: cache.name.clone(),
            status: cache.status.clone(),
            engine: cache.engine.clone(),
            major_engine_version: cache.major_version.clone(),
            full_engine_version: None,
            kms_key_id: cache.kms_key_id.clone(),
            create_time: Some(cache.created),
            arn: self.arn("elasticache", &format!("serverlesscache:{}", cache.name)),
        }
    }
}

fn shown_shard(group: &Group, shard: &Shard) -> NodeGroup {
    let disabled = group.mode == ClusterMode::Disabled;
    let role = |node: &Node| match node.role {
        Role::Primary => "primary".to_owned(),
        Role::Replica => "replica".to_owned(),
    };
    let member = |node: &Node| NodeGroupMember {
        cache_cluster_id: node.cluster_id.clone(),
        cache_node_id: ONLY.to_owned(),
        read_endpoint: disabled.then(|| endpoint(&node.cluster_id)),
        preferred_availability_zone: node.zone.clone(),
        current_role: disabled.then(|| role(node)),
    };
    // The model's text lists what a shard's status can be, and `snapshotting` is not among it.
    let status = if group.status == SNAPSHOTTING {
        AVAILABLE
    } else {
        &group.status
    };
    NodeGroup {
        node_group_id: shard.node_group_id.clone(),
        status: status.to_owned(),
        slots: (!disabled).then(|| shard.slots.clone()),
        primary_endpoint: disabled.then(|| endpoint(&group.id)),
        reader_endpoint: disabled.then(|| endpoint(&format!("{}-ro", group.id))),
        node_group_members: shard.nodes.iter().map(member).collect(),
    }
}
