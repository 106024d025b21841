//! Requests and answers as the service model has them (`elasticache` 2015-02-02), in Rust case.
//!
//! They serialize under AWS's own member names, so that the wire layer can write any of them; absent members are
//! `null`, which the Query protocol leaves out (an empty integer breaks clients).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
            pub struct $name {
                $(
                    $(#[$field_meta])*
                    #[doc = concat!("Member `", stringify!($field), "` of the model's `", stringify!($name), "`.")]
                    pub $field: $type,
                )*
            }
        )+
    };
}

shapes! {
    /// One tag.
    Tag { key: String, value: String, }

    /// A node-based snapshot.
    Snapshot {
        snapshot_name: String,
        replication_group_id: Option<String>,
        replication_group_description: Option<String>,
        cache_cluster_id: Option<String>,
        snapshot_status: String,
        snapshot_source: String,
        cache_node_type: String,
        engine: String,
        engine_version: String,
        num_cache_nodes: Option<u32>,
        preferred_availability_zone: Option<String>,
        cache_cluster_create_time: Option<Timestamp>,
        preferred_maintenance_window: String,
        port: u16,
        cache_parameter_group_name: String,
        cache_subnet_group_name: String,
        vpc_id: String,
        auto_minor_version_upgrade: bool,
        snapshot_retention_limit: u32,
        snapshot_window: String,
        num_node_groups: Option<u32>,
        automatic_failover: Option<String>,
        node_snapshots: Vec<NodeSnapshot>,
        kms_key_id: Option<String>,
        #[serde(rename = "ARN")]
        arn: String,
        data_tiering: String,
    }

    /// One shard of a snapshot.
    NodeSnapshot {
        cache_cluster_id: Option<String>,
        node_group_id: Option<String>,
        cache_node_id: Option<String>,
        node_group_configuration: Option<NodeGroupConfiguration>,
        /// Size in memory as text, such as `4 MB`; empty while creating.
        cache_size: String,
        cache_node_create_time: Option<Timestamp>,
        /// Whole seconds.
        snapshot_create_time: Option<Timestamp>,
    }

    /// The layout of one shard.
    NodeGroupConfiguration {
        node_group_id: String,
        slots: String,
        replica_count: u32,
        primary_availability_zone: Option<String>,
        replica_availability_zones: Vec<String>,
    }

    /// `CreateSnapshot`.
    CreateSnapshotRequest {
        replication_group_id: Option<String>,
        cache_cluster_id: Option<String>,
        snapshot_name: String,
        kms_key_id: Option<String>,
        tags: Vec<Tag>,
    }

    /// `DescribeSnapshots`.
    DescribeSnapshotsRequest {
        replication_group_id: Option<String>,
        cache_cluster_id: Option<String>,
        snapshot_name: Option<String>,
        /// `system` (automatic) or `user` (manual).
        snapshot_source: Option<String>,
        marker: Option<String>,
        /// 20 to 50, 50 unless given.
        max_records: Option<u32>,
        show_node_group_config: Option<bool>,
    }

    /// Answer of `DescribeSnapshots`.
    DescribeSnapshotsResponse { marker: Option<String>, snapshots: Vec<Snapshot>, }

    /// `CopySnapshot`: a copy inside the service, or with a bucket an export.
    CopySnapshotRequest {
        source_snapshot_name: String,
        target_snapshot_name: String,
        target_bucket: Option<String>,
        kms_key_id: Option<String>,
        tags: Vec<Tag>,
    }

    /// `DescribeReplicationGroups` and `DescribeCacheClusters`, whose paging is the same.
    DescribeReplicationGroupsRequest {
        replication_group_id: Option<String>,
        /// 20 to 100, 100 unless given.
        max_records: Option<u32>,
        marker: Option<String>,
    }

    /// Answer of `DescribeReplicationGroups`.
    DescribeReplicationGroupsResponse { marker: Option<String>, replication_groups: Vec<ReplicationGroup>, }

    /// A replication group.
    ReplicationGroup {
        replication_group_id: String,
        description: String,
        status: String,
        pending_modified_values: PendingModifiedValues,
        member_clusters: Vec<String>,
        node_groups: Vec<NodeGroup>,
        snapshotting_cluster_id: Option<String>,
        automatic_failover: String,
        #[serde(rename = "MultiAZ")]
        multi_az: String,
        /// Absent with cluster mode disabled.
        configuration_endpoint: Option<Endpoint>,
        snapshot_retention_limit: u32,
        snapshot_window: String,
        cluster_enabled: bool,
        cluster_mode: String,
        cache_node_type: String,
        auth_token_enabled: bool,
        transit_encryption_enabled: bool,
        kms_key_id: Option<String>,
        at_rest_encryption_enabled: bool,
        /// Always empty.
        log_delivery_configurations: Vec<String>,
        data_tiering: String,
        engine: String,
        #[serde(rename = "ARN")]
        arn: String,
    }

    /// Changes that wait for the maintenance window: never any.
    PendingModifiedValues {}

    /// A shard of a replication group.
    NodeGroup {
        node_group_id: String,
        status: String,
        slots: Option<String>,
        primary_endpoint: Option<Endpoint>,
        reader_endpoint: Option<Endpoint>,
        node_group_members: Vec<NodeGroupMember>,
    }

    /// A node of a shard.
    NodeGroupMember {
        cache_cluster_id: String,
        cache_node_id: String,
        /// Absent with cluster mode enabled, as the role.
        read_endpoint: Option<Endpoint>,
        preferred_availability_zone: String,
        /// Absent with cluster mode enabled.
        current_role: Option<String>,
    }

    /// Where a node is reached.
    Endpoint { address: String, port: u16, }

    /// `DescribeCacheClusters`.
    DescribeCacheClustersRequest {
        cache_cluster_id: Option<String>,
        /// 20 to 100, 100 unless given.
        max_records: Option<u32>,
        marker: Option<String>,
        show_cache_node_info: Option<bool>,
        show_cache_clusters_not_in_replication_groups: Option<bool>,
    }

    /// Answer of `DescribeCacheClusters`.
    DescribeCacheClustersResponse { marker: Option<String>, cache_clusters: Vec<CacheCluster>, }

    /// A cache cluster: stand-alone, or a node of a replication group.
    CacheCluster {
        cache_cluster_id: String,
        client_download_landing_page: String,
        cache_cluster_status: String,
        cache_node_type: String,
        engine: String,
        engine_version: String,
        num_cache_nodes: u32,
        preferred_availability_zone: String,
        cache_cluster_create_time: Option<Timestamp>,
        preferred_maintenance_window: String,
        pending_modified_values: PendingModifiedValues,
        /// Always empty: those of EC2-Classic.
        cache_security_groups: Vec<String>,
        cache_parameter_group: CacheParameterGroupStatus,
        cache_subnet_group_name: String,
        cache_nodes: Option<Vec<CacheNode>>,
        auto_minor_version_upgrade: bool,
        security_groups: Vec<SecurityGroupMembership>,
        replication_group_id: Option<String>,
        snapshot_retention_limit: u32,
        snapshot_window: String,
        auth_token_enabled: bool,
        transit_encryption_enabled: bool,
        at_rest_encryption_enabled: bool,
        replication_group_log_delivery_enabled: bool,
        /// Always empty.
        log_delivery_configurations: Vec<String>,
        #[serde(rename = "ARN")]
        arn: String,
    }

    /// The parameter group of a cluster.
    CacheParameterGroupStatus {
        cache_parameter_group_name: String,
        parameter_apply_status: String,
        /// Always empty.
        cache_node_ids_to_reboot: Vec<String>,
    }

    /// A security group of a cluster.
    SecurityGroupMembership { security_group_id: String, status: String, }

    /// A node of a cache cluster.
    CacheNode {
        cache_node_id: String,
        cache_node_status: String,
        cache_node_create_time: Option<Timestamp>,
        endpoint: Endpoint,
        parameter_group_status: String,
        customer_availability_zone: String,
    }

    /// `DescribeServerlessCaches`.
    DescribeServerlessCachesRequest {
        serverless_cache_name: Option<String>,
        /// 1 to 50, 50 unless given.
        max_results: Option<u32>,
        next_token: Option<String>,
    }

    /// Answer of `DescribeServerlessCaches`.
    DescribeServerlessCachesResponse { next_token: Option<String>, serverless_caches: Vec<ServerlessCache>, }

    /// A serverless cache.
    ServerlessCache {
        serverless_cache_name: String,
        status: String,
        engine: String,
        major_engine_version: String,
        full_engine_version: Option<String>,
        kms_key_id: Option<String>,
        create_time: Option<Timestamp>,
        #[serde(rename = "ARN")]
        arn: String,
    }

    /// `CreateServerlessCacheSnapshot`.
    CreateServerlessCacheSnapshotRequest {
        serverless_cache_snapshot_name: String,
        serverless_cache_name: String,
        kms_key_id: Option<String>,
        tags: Vec<Tag>,
    }

    /// `DescribeServerlessCacheSnapshots`.
    DescribeServerlessCacheSnapshotsRequest {
        serverless_cache_name: Option<String>,
        serverless_cache_snapshot_name: Option<String>,
        /// `manual` or `automated`.
        snapshot_type: Option<String>,
        next_token: Option<String>,
        /// 1 to 50, 50 unless given.
        max_results: Option<u32>,
    }

    /// Answer of `DescribeServerlessCacheSnapshots`.
    DescribeServerlessCacheSnapshotsResponse {
        next_token: Option<String>,
        serverless_cache_snapshots: Vec<ServerlessCacheSnapshot>,
    }

    /// `ExportServerlessCacheSnapshot`: the service chooses the object names.
    ExportServerlessCacheSnapshotRequest {
        serverless_cache_snapshot_name: String,
        #[serde(rename = "S3BucketName")]
        s3_bucket_name: String,
    }

    /// A serverless snapshot.
    ServerlessCacheSnapshot {
        serverless_cache_snapshot_name: String,
        #[serde(rename = "ARN")]
        arn: String,
        kms_key_id: Option<String>,
        snapshot_type: String,
        status: String,
        create_time: Option<Timestamp>,
        expiry_time: Option<Timestamp>,
        /// Bytes, as text.
        bytes_used_for_cache: Option<String>,
        serverless_cache_configuration: ServerlessCacheConfiguration,
    }

    /// The cache that a serverless snapshot was taken of.
    ServerlessCacheConfiguration { serverless_cache_name: String, engine: String, major_engine_version: String, }

    /// `AddTagsToResource`.
    AddTagsToResourceRequest { resource_name: String, tags: Vec<Tag>, }

    /// `DescribeEvents`.
    DescribeEventsRequest {
        source_identifier: Option<String>,
        source_type: Option<String>,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
        /// Minutes.
        duration: Option<u32>,
        /// 20 to 100, 100 unless given.
        max_records: Option<u32>,
        marker: Option<String>,
    }

    /// Answer of `DescribeEvents`.
    DescribeEventsResponse { marker: Option<String>, events: Vec<Event>, }

    /// Something that happened to a cache.
    Event { source_identifier: String, source_type: String, message: String, date: Timestamp, }
}
